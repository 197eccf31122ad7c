//! Weights of `pallet_quorum`, measured: `make weights` writes this file.
//!
//! 2026-11-22, AMD EPYC, 50 steps of 20 repetitions, on the compiled WASM runtime. The execution
//! time is in picoseconds; the proof size, in bytes, is the estimate of the largest.

#![allow(clippy::arithmetic_side_effects, unused_variables)]

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

/// The weight of each call and of each unit of work in hooks.
pub trait WeightInfo {
    /// See the benchmark `register_evaluator`.
    fn register_evaluator() -> Weight;

    /// See the benchmark `deregister_evaluator`.
    fn deregister_evaluator() -> Weight;

    /// See the benchmark `withdraw_evaluator_bond`.
    fn withdraw_evaluator_bond() -> Weight;

    /// See the benchmark `commit_vote`.
    fn commit_vote() -> Weight;

    /// See the benchmark `reveal_vote`.
    fn reveal_vote() -> Weight;

    /// See the benchmark `on_initialize`.
    fn on_initialize() -> Weight;

    /// See the benchmark `close_commits`. `a` is from 0 to 30.
    fn close_commits(a: u32) -> Weight;

    /// See the benchmark `close_reveals`. `w` is from 0 to 31.
    fn close_reveals(w: u32) -> Weight;

    /// See the benchmark `end_round`. `s` is from 0 to 31.
    fn end_round(s: u32) -> Weight;

    /// See the benchmark `extend_unbonding`. `a` is from 0 to 62.
    fn extend_unbonding(a: u32) -> Weight;

    /// See the benchmark `draw`.
    fn draw() -> Weight;

    /// See the benchmark `commit_replay`.
    fn commit_replay() -> Weight;

    /// See the benchmark `reveal_replay`.
    fn reveal_replay() -> Weight;

    /// See the benchmark `draw_audits`.
    fn draw_audits() -> Weight;

    /// See the benchmark `close_replay_commits`. `a` is from 0 to 31.
    fn close_replay_commits(a: u32) -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Registrations` (r:1 w:1)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    // Storage: `Quorum::EvaluatorBond` (r:1 w:0)
    // Proof: `Quorum::EvaluatorBond` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:1)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    fn register_evaluator() -> Weight {
        // Measured proof: `12639` bytes. Least time: 135_651_000 ps.
        Weight::from_parts(189_051_000, 11671)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Storage: `Quorum::Registrations` (r:1 w:1)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    // Storage: `Quorum::UnbondingPeriod` (r:1 w:0)
    // Proof: `Quorum::UnbondingPeriod` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ChallengeWindow` (r:1 w:0)
    // Proof: `Optimae::ChallengeWindow` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:1)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    fn deregister_evaluator() -> Weight {
        // Measured proof: `9468` bytes. Least time: 67_029_000 ps.
        Weight::from_parts(116_473_000, 11671)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `Quorum::Registrations` (r:1 w:1)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:0)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:1 w:0)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:0)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Challenges` (r:1 w:0)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:16 w:0)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    fn withdraw_evaluator_bond() -> Weight {
        // Measured proof: `49991` bytes. Least time: 182_411_000 ps.
        Weight::from_parts(212_686_000, 62014)
            .saturating_add(T::DbWeight::get().reads(24_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn commit_vote() -> Weight {
        // Measured proof: `9988` bytes. Least time: 32_608_000 ps.
        Weight::from_parts(37_956_000, 10711)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:0)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn reveal_vote() -> Weight {
        // Measured proof: `18707` bytes. Least time: 59_649_000 ps.
        Weight::from_parts(76_183_000, 26152)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:0)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn on_initialize() -> Weight {
        // Measured proof: `5259` bytes. Least time: 5_709_000 ps.
        Weight::from_parts(6_510_000, 6607).saturating_add(T::DbWeight::get().reads(2_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:30 w:30)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::MinimumAuditRate` (r:1 w:0)
    // Proof: `Quorum::MinimumAuditRate` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:0 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    fn close_commits(a: u32) -> Weight {
        // Measured proof: `8669 + a * 64` bytes. Least time: 34_511_000 ps.
        Weight::from_parts(58_167_066, 6607)
            // Standard error: 49_492.
            .saturating_add(Weight::from_parts(13_468_717, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:31 w:31)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:0)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:1 w:0)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:0 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    fn close_reveals(w: u32) -> Weight {
        // Measured proof: `8652 + w * 63` bytes. Least time: 96_644_000 ps.
        Weight::from_parts(136_426_368, 26152)
            // Standard error: 137_418.
            .saturating_add(Weight::from_parts(17_007_833, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(w.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(w.into()))
    }
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:1)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Registrations` (r:31 w:31)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:31 w:31)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:31 w:31)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Quorum::EvaluatorBond` (r:1 w:0)
    // Proof: `Quorum::EvaluatorBond` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Quorum::UnbondingPeriod` (r:1 w:0)
    // Proof: `Quorum::UnbondingPeriod` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ChallengeWindow` (r:1 w:0)
    // Proof: `Optimae::ChallengeWindow` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:1)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:62 w:62)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:1 w:0)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:0 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    fn end_round(s: u32) -> Weight {
        // Measured proof: `30527 + s * 767` bytes. Least time: 754_680_000 ps.
        Weight::from_parts(1_014_720_781, 79947)
            // Standard error: 1_965_135.
            .saturating_add(Weight::from_parts(99_549_302, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(41_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(36_u64))
            .saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 2650).saturating_mul(s.into()))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ChallengeWindow` (r:1 w:0)
    // Proof: `Optimae::ChallengeWindow` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Registrations` (r:62 w:62)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    fn extend_unbonding(a: u32) -> Weight {
        // Measured proof: `247 + a * 91` bytes. Least time: 1_792_000 ps.
        Weight::from_parts(4_013_415, 1493)
            // Standard error: 93_804.
            .saturating_add(Weight::from_parts(12_843_410, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2560).saturating_mul(a.into()))
    }
    // Storage: `Quorum::Evaluators` (r:1 w:0)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:0)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:0 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    fn draw() -> Weight {
        // Measured proof: `33894` bytes. Least time: 1_429_411_000 ps.
        Weight::from_parts(1_643_058_000, 653022)
            .saturating_add(T::DbWeight::get().reads(261_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `Quorum::Rounds` (r:1 w:0)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:1)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn commit_replay() -> Weight {
        // Measured proof: `20283` bytes. Least time: 68_291_000 ps.
        Weight::from_parts(81_461_000, 26152)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `Quorum::Rounds` (r:1 w:0)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:1)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn reveal_replay() -> Weight {
        // Measured proof: `27821` bytes. Least time: 87_931_000 ps.
        Weight::from_parts(108_902_000, 26152)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:1)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:0)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:0)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:0 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    fn draw_audits() -> Weight {
        // Measured proof: `43677` bytes. Least time: 2_726_556_000 ps.
        Weight::from_parts(2_982_826_000, 653022)
            .saturating_add(T::DbWeight::get().reads(263_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Audits` (r:1 w:1)
    // Proof: `Quorum::Audits` (`max_values`: None, `max_size`: Some(22687), added: 25162, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:31 w:31)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:0 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    fn close_replay_commits(a: u32) -> Weight {
        // Measured proof: `12626 + a * 48` bytes. Least time: 54_320_000 ps.
        Weight::from_parts(94_713_859, 26152)
            // Standard error: 81_181.
            .saturating_add(Weight::from_parts(13_704_227, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
}

impl WeightInfo for () {
    fn register_evaluator() -> Weight {
        Weight::from_parts(189_051_000, 11671)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn deregister_evaluator() -> Weight {
        Weight::from_parts(116_473_000, 11671)
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn withdraw_evaluator_bond() -> Weight {
        Weight::from_parts(212_686_000, 62014)
            .saturating_add(RocksDbWeight::get().reads(24_u64))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
    }
    fn commit_vote() -> Weight {
        Weight::from_parts(37_956_000, 10711)
            .saturating_add(RocksDbWeight::get().reads(3_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn reveal_vote() -> Weight {
        Weight::from_parts(76_183_000, 26152)
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn on_initialize() -> Weight {
        Weight::from_parts(6_510_000, 6607).saturating_add(RocksDbWeight::get().reads(2_u64))
    }
    fn close_commits(a: u32) -> Weight {
        Weight::from_parts(58_167_066, 6607)
            .saturating_add(Weight::from_parts(13_468_717, 0).saturating_mul(a.into()))
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
    fn close_reveals(w: u32) -> Weight {
        Weight::from_parts(136_426_368, 26152)
            .saturating_add(Weight::from_parts(17_007_833, 0).saturating_mul(w.into()))
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(w.into())))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(w.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(w.into()))
    }
    fn end_round(s: u32) -> Weight {
        Weight::from_parts(1_014_720_781, 79947)
            .saturating_add(Weight::from_parts(99_549_302, 0).saturating_mul(s.into()))
            .saturating_add(RocksDbWeight::get().reads(41_u64))
            .saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(RocksDbWeight::get().writes(36_u64))
            .saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 2650).saturating_mul(s.into()))
    }
    fn extend_unbonding(a: u32) -> Weight {
        Weight::from_parts(4_013_415, 1493)
            .saturating_add(Weight::from_parts(12_843_410, 0).saturating_mul(a.into()))
            .saturating_add(RocksDbWeight::get().reads(2_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2560).saturating_mul(a.into()))
    }
    fn draw() -> Weight {
        Weight::from_parts(1_643_058_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(261_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn commit_replay() -> Weight {
        Weight::from_parts(81_461_000, 26152)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn reveal_replay() -> Weight {
        Weight::from_parts(108_902_000, 26152)
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn draw_audits() -> Weight {
        Weight::from_parts(2_982_826_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(263_u64))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
    }
    fn close_replay_commits(a: u32) -> Weight {
        Weight::from_parts(94_713_859, 26152)
            .saturating_add(Weight::from_parts(13_704_227, 0).saturating_mul(a.into()))
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
}

//! Weights of `pallet_optimae`, measured: `make weights` writes this file.
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
    /// See the benchmark `commit`. `e` is from 0 to 10.
    fn commit(e: u32) -> Weight;

    /// See the benchmark `reveal`.
    fn reveal() -> Weight;

    /// See the benchmark `prune`.
    fn prune() -> Weight;

    /// See the benchmark `on_initialize`.
    fn on_initialize() -> Weight;

    /// See the benchmark `expire_commit`.
    fn expire_commit() -> Weight;

    /// See the benchmark `work_off_head`.
    fn work_off_head() -> Weight;

    /// See the benchmark `work_off_challenge`.
    fn work_off_challenge() -> Weight;

    /// See the benchmark `on_verdict`. `p` is from 1 to 31.
    fn on_verdict(p: u32) -> Weight;

    /// See the benchmark `challenge`.
    fn challenge() -> Weight;

    /// See the benchmark `release_bond`.
    fn release_bond() -> Weight;

    /// See the benchmark `close_window`.
    fn close_window() -> Weight;

    /// See the benchmark `on_challenge_verdict`. `p` is from 1 to 31.
    fn on_challenge_verdict(p: u32) -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:150 w:11)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn commit(e: u32) -> Weight {
        // Measured proof: `6144 + e * 176` bytes. Least time: 84_846_000 ps.
        Weight::from_parts(86_171_934, 5882)
            // Standard error: 167_612.
            .saturating_add(Weight::from_parts(113_958_253, 0).saturating_mul(e.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads((15_u64).saturating_mul(e.into())))
            .saturating_add(T::DbWeight::get().writes(7_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(e.into())))
            .saturating_add(Weight::from_parts(0, 38678).saturating_mul(e.into()))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:15 w:1)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Places` (r:1 w:1)
    // Proof: `Optimae::Places` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:1 w:0)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Threshold` (r:1 w:0)
    // Proof: `ProofOfOptimization::Threshold` (`max_values`: Some(1), `max_size`: Some(109), added: 604, mode: `MaxEncodedLen`)
    // Storage: `Coin::LastHeight` (r:1 w:0)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:0)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::MinimumAuditRate` (r:1 w:0)
    // Proof: `Quorum::MinimumAuditRate` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextOptimum` (r:1 w:1)
    // Proof: `Optimae::NextOptimum` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:1)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Challenges` (r:1 w:0)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Optimae` (r:0 w:1)
    // Proof: `Optimae::Optimae` (`max_values`: None, `max_size`: Some(958), added: 3433, mode: `MaxEncodedLen`)
    fn reveal() -> Weight {
        // Measured proof: `38647` bytes. Least time: 1_501_798_000 ps.
        Weight::from_parts(2_373_873_000, 653022)
            .saturating_add(T::DbWeight::get().reads(290_u64))
            .saturating_add(T::DbWeight::get().writes(11_u64))
    }
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:15 w:1)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn prune() -> Weight {
        // Measured proof: `4784` bytes. Least time: 143_644_000 ps.
        Weight::from_parts(164_183_000, 39615)
            .saturating_add(T::DbWeight::get().reads(23_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:0)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:0)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WindowRange` (r:1 w:0)
    // Proof: `Optimae::WindowRange` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Windows` (r:1 w:0)
    // Proof: `Optimae::Windows` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:1 w:0)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    fn on_initialize() -> Weight {
        // Measured proof: `4387` bytes. Least time: 29_815_000 ps.
        Weight::from_parts(58_086_000, 4815).saturating_add(T::DbWeight::get().reads(6_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:16 w:1)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn expire_commit() -> Weight {
        // Measured proof: `4845` bytes. Least time: 141_851_000 ps.
        Weight::from_parts(186_567_000, 42190)
            .saturating_add(T::DbWeight::get().reads(24_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Challenges` (r:1 w:0)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Optimae` (r:1 w:1)
    // Proof: `Optimae::Optimae` (`max_values`: None, `max_size`: Some(958), added: 3433, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:1 w:0)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RecentAuthors` (r:1 w:0)
    // Proof: `ProofOfOptimization::RecentAuthors` (`max_values`: Some(1), `max_size`: Some(2306), added: 2801, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:0)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:0)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    fn work_off_head() -> Weight {
        // Measured proof: `33722` bytes. Least time: 1_406_507_000 ps.
        Weight::from_parts(1_618_952_000, 653022)
            .saturating_add(T::DbWeight::get().reads(270_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Challenges` (r:1 w:0)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:1 w:1)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RecentAuthors` (r:1 w:0)
    // Proof: `ProofOfOptimization::RecentAuthors` (`max_values`: Some(1), `max_size`: Some(2306), added: 2801, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(7246), added: 9721, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:0)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:0)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    fn work_off_challenge() -> Weight {
        // Measured proof: `34131` bytes. Least time: 1_438_455_000 ps.
        Weight::from_parts(1_558_463_000, 653022)
            .saturating_add(T::DbWeight::get().reads(268_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Storage: `Optimae::Optimae` (r:1 w:1)
    // Proof: `Optimae::Optimae` (`max_values`: None, `max_size`: Some(958), added: 3433, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:1 w:1)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:32 w:32)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Reputation::AcceptedWork` (r:1 w:1)
    // Proof: `Reputation::AcceptedWork` (`max_values`: Some(1), `max_size`: Some(24), added: 519, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Threshold` (r:1 w:0)
    // Proof: `ProofOfOptimization::Threshold` (`max_values`: Some(1), `max_size`: Some(109), added: 604, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pending` (r:1 w:1)
    // Proof: `Coin::Pending` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
    // Storage: `Coin::LastHeight` (r:1 w:0)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:32 w:32)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Accumulated` (r:1 w:1)
    // Proof: `ProofOfOptimization::Accumulated` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ChallengeWindow` (r:1 w:0)
    // Proof: `Optimae::ChallengeWindow` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WindowRange` (r:1 w:1)
    // Proof: `Optimae::WindowRange` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:32 w:32)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:1)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Challenges` (r:1 w:0)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::RecentlyEnded` (r:1 w:1)
    // Proof: `Optimae::RecentlyEnded` (`max_values`: None, `max_size`: Some(269), added: 2744, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Places` (r:0 w:1)
    // Proof: `Optimae::Places` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ContestablesOf` (r:0 w:1)
    // Proof: `Optimae::ContestablesOf` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:0 w:1)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Windows` (r:0 w:1)
    // Proof: `Optimae::Windows` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Ended` (r:0 w:2)
    // Proof: `Optimae::Ended` (`max_values`: None, `max_size`: Some(1137), added: 3612, mode: `MaxEncodedLen`)
    // Storage: `Optimae::SmallQuorumFactor` (r:1 w:0)
    // Proof: `Optimae::SmallQuorumFactor` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn on_verdict(p: u32) -> Weight {
        // Measured proof: `9112 + p * 449` bytes. Least time: 309_479_000 ps.
        Weight::from_parts(322_450_943, 5882)
            // Standard error: 1_206_032.
            .saturating_add(Weight::from_parts(70_270_627, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(19_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
    // Storage: `Optimae::Contestables` (r:1 w:1)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Quorum::MinimumAuditRate` (r:1 w:0)
    // Proof: `Quorum::MinimumAuditRate` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Challenges` (r:1 w:1)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:32 w:32)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    fn challenge() -> Weight {
        // Measured proof: `9291` bytes. Least time: 374_596_000 ps.
        Weight::from_parts(422_857_000, 83422)
            .saturating_add(T::DbWeight::get().reads(41_u64))
            .saturating_add(T::DbWeight::get().writes(37_u64))
    }
    // Storage: `Optimae::Contestables` (r:1 w:1)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ContestablesOf` (r:0 w:1)
    // Proof: `Optimae::ContestablesOf` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn release_bond() -> Weight {
        // Measured proof: `2582` bytes. Least time: 91_856_000 ps.
        Weight::from_parts(113_959_000, 4804)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WindowRange` (r:1 w:1)
    // Proof: `Optimae::WindowRange` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Windows` (r:1 w:1)
    // Proof: `Optimae::Windows` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Contestables` (r:1 w:1)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ContestablesOf` (r:0 w:1)
    // Proof: `Optimae::ContestablesOf` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn close_window() -> Weight {
        // Measured proof: `2651` bytes. Least time: 85_998_000 ps.
        Weight::from_parts(161_270_000, 4804)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    // Storage: `Optimae::Contestables` (r:1 w:1)
    // Proof: `Optimae::Contestables` (`max_values`: None, `max_size`: Some(1339), added: 3814, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:33 w:33)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:65 w:65)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:1 w:1)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:32 w:32)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `Coin::LastHeight` (r:1 w:0)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pots` (r:1 w:1)
    // Proof: `Coin::Pots` (`max_values`: None, `max_size`: Some(200), added: 2675, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Unclaimed` (r:1 w:1)
    // Proof: `Coin::Unclaimed` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:32 w:32)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Registrations` (r:31 w:31)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
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
    // Storage: `Optimae::Challenges` (r:1 w:1)
    // Proof: `Optimae::Challenges` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Ended` (r:1 w:1)
    // Proof: `Optimae::Ended` (`max_values`: None, `max_size`: Some(1137), added: 3612, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ContestablesOf` (r:0 w:1)
    // Proof: `Optimae::ContestablesOf` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn on_challenge_verdict(p: u32) -> Weight {
        // Measured proof: `46916 + p * 121` bytes. Least time: 3_642_555_000 ps.
        Weight::from_parts(3_988_194_841, 89492)
            // Standard error: 3_418_222.
            .saturating_add(Weight::from_parts(118_064_891, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(179_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(172_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
}

impl WeightInfo for () {
    fn commit(e: u32) -> Weight {
        Weight::from_parts(86_171_934, 5882)
            .saturating_add(Weight::from_parts(113_958_253, 0).saturating_mul(e.into()))
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().reads((15_u64).saturating_mul(e.into())))
            .saturating_add(RocksDbWeight::get().writes(7_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(e.into())))
            .saturating_add(Weight::from_parts(0, 38678).saturating_mul(e.into()))
    }
    fn reveal() -> Weight {
        Weight::from_parts(2_373_873_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(290_u64))
            .saturating_add(RocksDbWeight::get().writes(11_u64))
    }
    fn prune() -> Weight {
        Weight::from_parts(164_183_000, 39615)
            .saturating_add(RocksDbWeight::get().reads(23_u64))
            .saturating_add(RocksDbWeight::get().writes(7_u64))
    }
    fn on_initialize() -> Weight {
        Weight::from_parts(58_086_000, 4815).saturating_add(RocksDbWeight::get().reads(6_u64))
    }
    fn expire_commit() -> Weight {
        Weight::from_parts(186_567_000, 42190)
            .saturating_add(RocksDbWeight::get().reads(24_u64))
            .saturating_add(RocksDbWeight::get().writes(7_u64))
    }
    fn work_off_head() -> Weight {
        Weight::from_parts(1_618_952_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(270_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn work_off_challenge() -> Weight {
        Weight::from_parts(1_558_463_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(268_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn on_verdict(p: u32) -> Weight {
        Weight::from_parts(322_450_943, 5882)
            .saturating_add(Weight::from_parts(70_270_627, 0).saturating_mul(p.into()))
            .saturating_add(RocksDbWeight::get().reads(20_u64))
            .saturating_add(RocksDbWeight::get().reads((3_u64).saturating_mul(p.into())))
            .saturating_add(RocksDbWeight::get().writes(19_u64))
            .saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
    fn challenge() -> Weight {
        Weight::from_parts(422_857_000, 83422)
            .saturating_add(RocksDbWeight::get().reads(41_u64))
            .saturating_add(RocksDbWeight::get().writes(37_u64))
    }
    fn release_bond() -> Weight {
        Weight::from_parts(113_959_000, 4804)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn close_window() -> Weight {
        Weight::from_parts(161_270_000, 4804)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
    }
    fn on_challenge_verdict(p: u32) -> Weight {
        Weight::from_parts(3_988_194_841, 89492)
            .saturating_add(Weight::from_parts(118_064_891, 0).saturating_mul(p.into()))
            .saturating_add(RocksDbWeight::get().reads(179_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(RocksDbWeight::get().writes(172_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
}

//! Weights of `pallet_quorum`, measured: `make weights` writes this file.
//!
//! 2026-11-21, Intel(R) Xeon(R) Processor, 50 steps of 20 repetitions, on the compiled WASM runtime. The execution
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
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    fn register_evaluator() -> Weight {
        // Measured proof: `12612` bytes. Least time: 133_069_000 ps.
        Weight::from_parts(146_068_000, 11671)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Storage: `Quorum::Registrations` (r:1 w:1)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::UnbondingPeriod` (r:1 w:0)
    // Proof: `Quorum::UnbondingPeriod` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:1)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    fn deregister_evaluator() -> Weight {
        // Measured proof: `9441` bytes. Least time: 63_125_000 ps.
        Weight::from_parts(74_840_000, 11671)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `Quorum::Registrations` (r:1 w:1)
    // Proof: `Quorum::Registrations` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:0)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:1 w:0)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(6220), added: 8695, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    fn withdraw_evaluator_bond() -> Weight {
        // Not measured yet: counted by hand.
        Weight::from_parts(400_000_000, 60000)
            .saturating_add(T::DbWeight::get().reads(24_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(6220), added: 8695, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn commit_vote() -> Weight {
        // Measured proof: `8933` bytes. Least time: 31_842_000 ps.
        Weight::from_parts(37_837_000, 9685)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(6220), added: 8695, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn reveal_vote() -> Weight {
        // Measured proof: `11449` bytes. Least time: 38_060_000 ps.
        Weight::from_parts(58_347_000, 31000)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Active` (r:1 w:0)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    fn on_initialize() -> Weight {
        // Measured proof: `5232` bytes. Least time: 5_796_000 ps.
        Weight::from_parts(6_701_000, 6607).saturating_add(T::DbWeight::get().reads(2_u64))
    }
    // Not measured yet: counted by hand.
    fn close_commits(a: u32) -> Weight {
        Weight::from_parts(100_000_000, 31000)
            .saturating_add(Weight::from_parts(13_581_397, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
    // Not measured yet: counted by hand.
    fn close_reveals(w: u32) -> Weight {
        Weight::from_parts(60_000_000, 31000)
            .saturating_add(Weight::from_parts(13_581_397, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(w.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(w.into()))
    }
    // Not measured yet: counted by hand.
    fn end_round(s: u32) -> Weight {
        Weight::from_parts(220_000_000, 31000)
            .saturating_add(Weight::from_parts(110_000_000, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(40_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(36_u64))
            .saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 8000).saturating_mul(s.into()))
    }
    // Not measured yet: counted by hand.
    fn extend_unbonding(a: u32) -> Weight {
        Weight::from_parts(10_000_000, 3000)
            .saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
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
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(6220), added: 8695, mode: `MaxEncodedLen`)
    fn draw() -> Weight {
        // Measured proof: `33867` bytes. Least time: 1_455_499_000 ps.
        Weight::from_parts(1_572_388_000, 653022)
            .saturating_add(T::DbWeight::get().reads(261_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Not measured yet: counted by hand.
    fn commit_replay() -> Weight {
        Weight::from_parts(70_000_000, 31000)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Not measured yet: counted by hand.
    fn reveal_replay() -> Weight {
        Weight::from_parts(80_000_000, 31000)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Not measured yet: counted by hand.
    fn draw_audits() -> Weight {
        Weight::from_parts(4_000_000_000, 684022)
            .saturating_add(T::DbWeight::get().reads(265_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    // Not measured yet: counted by hand.
    fn close_replay_commits(a: u32) -> Weight {
        Weight::from_parts(110_000_000, 31000)
            .saturating_add(Weight::from_parts(13_581_397, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
}

impl WeightInfo for () {
    fn register_evaluator() -> Weight {
        Weight::from_parts(146_068_000, 11671)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn deregister_evaluator() -> Weight {
        Weight::from_parts(74_840_000, 11671)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn withdraw_evaluator_bond() -> Weight {
        Weight::from_parts(400_000_000, 60000)
            .saturating_add(RocksDbWeight::get().reads(24_u64))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
    }
    fn commit_vote() -> Weight {
        Weight::from_parts(37_837_000, 9685)
            .saturating_add(RocksDbWeight::get().reads(3_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn reveal_vote() -> Weight {
        Weight::from_parts(58_347_000, 31000)
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn on_initialize() -> Weight {
        Weight::from_parts(6_701_000, 6607).saturating_add(RocksDbWeight::get().reads(2_u64))
    }
    fn close_commits(a: u32) -> Weight {
        Weight::from_parts(100_000_000, 31000)
            .saturating_add(Weight::from_parts(13_581_397, 0).saturating_mul(a.into()))
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
    fn close_reveals(w: u32) -> Weight {
        Weight::from_parts(60_000_000, 31000)
            .saturating_add(Weight::from_parts(13_581_397, 0).saturating_mul(w.into()))
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(w.into())))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(w.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(w.into()))
    }
    fn end_round(s: u32) -> Weight {
        Weight::from_parts(220_000_000, 31000)
            .saturating_add(Weight::from_parts(110_000_000, 0).saturating_mul(s.into()))
            .saturating_add(RocksDbWeight::get().reads(40_u64))
            .saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(RocksDbWeight::get().writes(36_u64))
            .saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 8000).saturating_mul(s.into()))
    }
    fn extend_unbonding(a: u32) -> Weight {
        Weight::from_parts(10_000_000, 3000)
            .saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(a.into()))
            .saturating_add(RocksDbWeight::get().reads(3_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2560).saturating_mul(a.into()))
    }
    fn draw() -> Weight {
        Weight::from_parts(1_572_388_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(261_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn commit_replay() -> Weight {
        Weight::from_parts(70_000_000, 31000)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn reveal_replay() -> Weight {
        Weight::from_parts(80_000_000, 31000)
            .saturating_add(RocksDbWeight::get().reads(5_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn draw_audits() -> Weight {
        Weight::from_parts(4_000_000_000, 684022)
            .saturating_add(RocksDbWeight::get().reads(265_u64))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
    }
    fn close_replay_commits(a: u32) -> Weight {
        Weight::from_parts(110_000_000, 31000)
            .saturating_add(Weight::from_parts(13_581_397, 0).saturating_mul(a.into()))
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(a.into())))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(a.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(a.into()))
    }
}

//! Weights of `pallet_optimae`, measured: `make weights` writes this file.
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
    // Storage: `Optimae::Expiries` (r:9 w:10)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn commit(e: u32) -> Weight {
        // Measured proof: `2930 + e * 176` bytes. Least time: 80_701_000 ps.
        Weight::from_parts(95_487_752, 5882)
            // Standard error: 80_859.
            .saturating_add(Weight::from_parts(75_671_456, 0).saturating_mul(e.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(e.into())))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(e.into())))
            .saturating_add(Weight::from_parts(0, 2324).saturating_mul(e.into()))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
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
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextOptimum` (r:1 w:1)
    // Proof: `Optimae::NextOptimum` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:1)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Optimae` (r:0 w:1)
    // Proof: `Optimae::Optimae` (`max_values`: None, `max_size`: Some(958), added: 3433, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:0 w:1)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    fn reveal() -> Weight {
        // Measured proof: `34225` bytes. Least time: 1_490_425_000 ps.
        Weight::from_parts(1_712_206_000, 653022)
            .saturating_add(T::DbWeight::get().reads(272_u64))
            .saturating_add(T::DbWeight::get().writes(10_u64))
    }
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:0 w:1)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    fn prune() -> Weight {
        // Measured proof: `474` bytes. Least time: 83_097_000 ps.
        Weight::from_parts(100_395_000, 4559)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:0)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:0)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    fn on_initialize() -> Weight {
        // Measured proof: `0` bytes. Least time: 2_542_000 ps.
        Weight::from_parts(3_228_000, 9000).saturating_add(T::DbWeight::get().reads(6_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::NextExpiries` (r:1 w:1)
    // Proof: `Optimae::NextExpiries` (`max_values`: Some(1), `max_size`: Some(3074), added: 3569, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:1)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Expiries` (r:1 w:1)
    // Proof: `Optimae::Expiries` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Commits` (r:1 w:1)
    // Proof: `Optimae::Commits` (`max_values`: None, `max_size`: Some(849), added: 3324, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn expire_commit() -> Weight {
        // Measured proof: `565` bytes. Least time: 86_023_000 ps.
        Weight::from_parts(104_854_000, 4559)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
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
    // Storage: `Quorum::Active` (r:1 w:1)
    // Proof: `Quorum::Active` (`max_values`: Some(1), `max_size`: Some(5122), added: 5617, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Rounds` (r:1 w:1)
    // Proof: `Quorum::Rounds` (`max_values`: None, `max_size`: Some(6220), added: 8695, mode: `MaxEncodedLen`)
    // Storage: `Quorum::Evaluators` (r:1 w:0)
    // Proof: `Quorum::Evaluators` (`max_values`: None, `max_size`: Some(8206), added: 10681, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:0)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    fn work_off_head() -> Weight {
        // Measured proof: `32424` bytes. Least time: 1_333_299_000 ps.
        Weight::from_parts(1_559_158_000, 653022)
            .saturating_add(T::DbWeight::get().reads(268_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Not measured yet: counted by hand.
    fn work_off_challenge() -> Weight {
        Weight::from_parts(2_000_000_000, 653022)
            .saturating_add(T::DbWeight::get().reads(268_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Storage: `Optimae::Optimae` (r:1 w:1)
    // Proof: `Optimae::Optimae` (`max_values`: None, `max_size`: Some(958), added: 3433, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:1 w:1)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Reputation::AcceptedWork` (r:1 w:1)
    // Proof: `Reputation::AcceptedWork` (`max_values`: Some(1), `max_size`: Some(24), added: 519, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Threshold` (r:1 w:0)
    // Proof: `ProofOfOptimization::Threshold` (`max_values`: Some(1), `max_size`: Some(109), added: 604, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:32 w:32)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pending` (r:1 w:1)
    // Proof: `Coin::Pending` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `Coin::LastHeight` (r:1 w:0)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:32 w:32)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Accumulated` (r:1 w:1)
    // Proof: `ProofOfOptimization::Accumulated` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:32 w:32)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:1)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1)
    // Proof: `Optimae::WaitingHeads` (`max_values`: Some(1), `max_size`: Some(3330), added: 3825, mode: `MaxEncodedLen`)
    // Storage: `Optimae::RecentlyEnded` (r:1 w:1)
    // Proof: `Optimae::RecentlyEnded` (`max_values`: None, `max_size`: Some(269), added: 2744, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Places` (r:0 w:1)
    // Proof: `Optimae::Places` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Ended` (r:0 w:1)
    // Proof: `Optimae::Ended` (`max_values`: None, `max_size`: Some(1135), added: 3610, mode: `MaxEncodedLen`)
    // Storage: `Optimae::SmallQuorumFactor` (r:1 w:0)
    // Proof: `Optimae::SmallQuorumFactor` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn on_verdict(p: u32) -> Weight {
        // Measured proof: `7549 + p * 386` bytes. Least time: 312_080_000 ps.
        Weight::from_parts(251_203_020, 5882)
            // Standard error: 249_177.
            .saturating_add(Weight::from_parts(55_163_008, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(18_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
    // Counted, to be measured.
    // Storage: `Optimae::Contestables` (r:1 w:1), `ProofOfOptimization::CurrentSlot` (r:1 w:0), `Domains::Domains` (r:1 w:0)
    // Storage: `System::Account` (r:1 w:1), `Balances::Holds` (r:1 w:1), `Optimae::Challenges` (r:1 w:1)
    // Storage: `Optimae::WaitingHeads` (r:1 w:1), `Optimae::Queues` (r:1 w:0), `Coin::Shares` (r:32 w:32)
    fn challenge() -> Weight {
        Weight::from_parts(300_000_000, 90000)
            .saturating_add(T::DbWeight::get().reads(42_u64))
            .saturating_add(T::DbWeight::get().writes(37_u64))
    }
    // Counted, to be measured.
    // Storage: `Optimae::Contestables` (r:1 w:1), `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Storage: `Optimae::ContestablesOf` (r:0 w:1), `System::Account` (r:1 w:1), `Balances::Holds` (r:1 w:1)
    fn release_bond() -> Weight {
        Weight::from_parts(60_000_000, 5000)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    // Counted, to be measured.
    // Storage: as `release_bond`, and `Optimae::WindowRange` (r:1 w:1), `Optimae::Windows` (r:1 w:1)
    fn close_window() -> Weight {
        Weight::from_parts(70_000_000, 9000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    // Counted, to be measured: an optimum is overturned for which 31 have voted.
    // Storage: `Optimae::Contestables` (r:1 w:1), `Optimae::ContestablesOf` (r:0 w:1), `Optimae::Challenges` (r:1 w:1)
    // Storage: `Optimae::Ended` (r:1 w:1), `Optimae::WaitingHeads` (r:1 w:1), `Optimae::Queues` (r:1 w:0)
    // Storage: `Optimae::VerdictWeight` (r:1 w:1), `Domains::Domains` (r:1 w:0), `Domains::Bests` (r:1 w:1)
    // Storage: `Coin::Shares` (r:32 w:32), `Coin::Pots` (r:1 w:1), `Coin::LastHeight` (r:1 w:0), `Coin::Unclaimed` (r:1 w:1)
    // Storage: `Coin::Burned` (r:1 w:1), `Reputation::Records` (r:32 w:32), `Quorum::Registrations` (r:31 w:31)
    // Storage: `Quorum::Evaluators` (r:1 w:1), `Quorum::EvaluatorBond` (r:1 w:0), `ProofOfOptimization` (r:4 w:0)
    // Storage: `System::Account` (r:34 + p w:34 + p), `Balances::Holds` (r:33 w:33)
    fn on_challenge_verdict(p: u32) -> Weight {
        Weight::from_parts(4_500_000_000, 200000)
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(180_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(173_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
}

impl WeightInfo for () {
    fn commit(e: u32) -> Weight {
        Weight::from_parts(95_487_752, 5882)
            .saturating_add(Weight::from_parts(75_671_456, 0).saturating_mul(e.into()))
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(e.into())))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(e.into())))
            .saturating_add(Weight::from_parts(0, 2324).saturating_mul(e.into()))
    }
    fn reveal() -> Weight {
        Weight::from_parts(1_712_206_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(272_u64))
            .saturating_add(RocksDbWeight::get().writes(10_u64))
    }
    fn prune() -> Weight {
        Weight::from_parts(100_395_000, 4559)
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().writes(7_u64))
    }
    fn on_initialize() -> Weight {
        Weight::from_parts(3_228_000, 9000).saturating_add(RocksDbWeight::get().reads(6_u64))
    }
    fn expire_commit() -> Weight {
        Weight::from_parts(104_854_000, 4559)
            .saturating_add(RocksDbWeight::get().reads(9_u64))
            .saturating_add(RocksDbWeight::get().writes(7_u64))
    }
    fn work_off_head() -> Weight {
        Weight::from_parts(1_559_158_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(268_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    // Not measured yet: counted by hand.
    fn work_off_challenge() -> Weight {
        Weight::from_parts(2_000_000_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(268_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn on_verdict(p: u32) -> Weight {
        Weight::from_parts(251_203_020, 5882)
            .saturating_add(Weight::from_parts(55_163_008, 0).saturating_mul(p.into()))
            .saturating_add(RocksDbWeight::get().reads(20_u64))
            .saturating_add(RocksDbWeight::get().reads((3_u64).saturating_mul(p.into())))
            .saturating_add(RocksDbWeight::get().writes(18_u64))
            .saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
    fn challenge() -> Weight {
        Weight::from_parts(300_000_000, 90000)
            .saturating_add(RocksDbWeight::get().reads(42_u64))
            .saturating_add(RocksDbWeight::get().writes(37_u64))
    }
    fn release_bond() -> Weight {
        Weight::from_parts(60_000_000, 5000)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(4_u64))
    }
    fn close_window() -> Weight {
        Weight::from_parts(70_000_000, 9000)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
    }
    fn on_challenge_verdict(p: u32) -> Weight {
        Weight::from_parts(4_500_000_000, 200000)
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(p.into()))
            .saturating_add(RocksDbWeight::get().reads(180_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(RocksDbWeight::get().writes(173_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
}

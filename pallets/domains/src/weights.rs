//! Weights of `pallet_domains`, measured: `make weights` writes this file.
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
    /// See the benchmark `register`.
    fn register() -> Weight;

    /// See the benchmark `approve`.
    fn approve() -> Weight;

    /// See the benchmark `replace_baseline`.
    fn replace_baseline() -> Weight;

    /// See the benchmark `close`.
    fn close() -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Domains::Names` (r:1 w:1)
    // Proof: `Domains::Names` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
    // Storage: `Domains::CounterForDomains` (r:1 w:1)
    // Proof: `Domains::CounterForDomains` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Domains::NextDomain` (r:1 w:1)
    // Proof: `Domains::NextDomain` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Domains::Domains` (r:1 w:1)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:0 w:1)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    fn register() -> Weight {
        // Measured proof: `331` bytes. Least time: 69_934_000 ps.
        Weight::from_parts(92_938_000, 5882)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    // Storage: `Domains::Domains` (r:1 w:1)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    fn approve() -> Weight {
        // Measured proof: `2599` bytes. Least time: 13_700_000 ps.
        Weight::from_parts(23_635_000, 5882)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    // Storage: `Domains::Domains` (r:1 w:0)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:1 w:1)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    fn replace_baseline() -> Weight {
        // Measured proof: `2700` bytes. Least time: 17_987_000 ps.
        Weight::from_parts(31_617_000, 5882)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    // Storage: `Domains::Domains` (r:1 w:1)
    // Proof: `Domains::Domains` (`max_values`: None, `max_size`: Some(2417), added: 4892, mode: `MaxEncodedLen`)
    // Storage: `Optimae::Queues` (r:1 w:0)
    // Proof: `Optimae::Queues` (`max_values`: None, `max_size`: Some(526), added: 3001, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ExpiryRanges` (r:1 w:0)
    // Proof: `Optimae::ExpiryRanges` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Optimae::ContestablesOf` (r:1 w:0)
    // Proof: `Optimae::ContestablesOf` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Domains::CounterForDomains` (r:1 w:1)
    // Proof: `Domains::CounterForDomains` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `Domains::Names` (r:0 w:1)
    // Proof: `Domains::Names` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
    // Storage: `Domains::Bests` (r:0 w:1)
    // Proof: `Domains::Bests` (`max_values`: None, `max_size`: Some(703), added: 3178, mode: `MaxEncodedLen`)
    fn close() -> Weight {
        // Measured proof: `2763` bytes. Least time: 64_306_000 ps.
        Weight::from_parts(93_909_000, 5882)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
}

impl WeightInfo for () {
    fn register() -> Weight {
        Weight::from_parts(92_938_000, 5882)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
    }
    fn approve() -> Weight {
        Weight::from_parts(23_635_000, 5882)
            .saturating_add(RocksDbWeight::get().reads(1_u64))
            .saturating_add(RocksDbWeight::get().writes(1_u64))
    }
    fn replace_baseline() -> Weight {
        Weight::from_parts(31_617_000, 5882)
            .saturating_add(RocksDbWeight::get().reads(3_u64))
            .saturating_add(RocksDbWeight::get().writes(1_u64))
    }
    fn close() -> Weight {
        Weight::from_parts(93_909_000, 5882)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(5_u64))
    }
}

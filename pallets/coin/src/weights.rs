//! Weights of `pallet_coin`, measured: `make weights` writes this file.
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
    /// See the benchmark `claim`.
    fn claim() -> Weight;
    /// See the benchmark `credit`.
    fn credit() -> Weight;
    /// See the benchmark `void`.
    fn void() -> Weight;
    /// See the benchmark `unfreeze`.
    fn unfreeze() -> Weight;
    /// See the benchmark `on_optimization_block`.
    fn on_optimization_block() -> Weight;
    /// See the benchmark `note_burned`.
    fn note_burned() -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Coin::LastHeight` (r:1 w:0)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:1 w:1)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pots` (r:1 w:1)
    // Proof: `Coin::Pots` (`max_values`: None, `max_size`: Some(200), added: 2675, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Coin::Unclaimed` (r:1 w:1)
    // Proof: `Coin::Unclaimed` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn claim() -> Weight {
        // Measured proof: `569` bytes. Least time: 104_876_000 ps.
        Weight::from_parts(127_992_000, 8799)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    // Storage: `Coin::Pending` (r:1 w:1)
    // Proof: `Coin::Pending` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `Coin::LastHeight` (r:1 w:0)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:1 w:1)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
    fn credit() -> Weight {
        // Measured proof: `42` bytes. Least time: 6_022_000 ps.
        Weight::from_parts(7_630_000, 3562)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Counted, to be measured.
    // Storage: `Coin::Shares` (r:1 w:1), `Coin::LastHeight` (r:1 w:0), `Coin::Pots` (r:1 w:1), `System::Account` (r:2 w:2)
    // Storage: `Coin::Burned` (r:1 w:1), `Coin::Unclaimed` (r:1 w:1)
    fn void() -> Weight {
        Weight::from_parts(120_000_000, 8799)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    // Counted, to be measured.
    // Storage: `Coin::Shares` (r:1 w:1)
    fn unfreeze() -> Weight {
        Weight::from_parts(8_000_000, 3562)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    // Storage: `Coin::LastHeight` (r:1 w:1)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pending` (r:1 w:1)
    // Proof: `Coin::Pending` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:1 w:1)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
    // Storage: `Coin::Minted` (r:1 w:1)
    // Proof: `Coin::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Unclaimed` (r:1 w:1)
    // Proof: `Coin::Unclaimed` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pots` (r:0 w:1)
    // Proof: `Coin::Pots` (`max_values`: None, `max_size`: Some(200), added: 2675, mode: `MaxEncodedLen`)
    fn on_optimization_block() -> Weight {
        // Counted, to be measured: the burning of void points adds `Coin::Burned` and a second change of the pots' account.
        Weight::from_parts(90_000_000, 3593)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(8_u64))
    }
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn note_burned() -> Weight {
        // Measured proof: `42` bytes. Least time: 2_427_000 ps.
        Weight::from_parts(3_079_000, 1501)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
}

impl WeightInfo for () {
    fn claim() -> Weight {
        Weight::from_parts(127_992_000, 8799)
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
    }
    fn credit() -> Weight {
        Weight::from_parts(7_630_000, 3562)
            .saturating_add(RocksDbWeight::get().reads(3_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn void() -> Weight {
        Weight::from_parts(120_000_000, 8799)
            .saturating_add(RocksDbWeight::get().reads(7_u64))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
    }
    fn unfreeze() -> Weight {
        Weight::from_parts(8_000_000, 3562)
            .saturating_add(RocksDbWeight::get().reads(1_u64))
            .saturating_add(RocksDbWeight::get().writes(1_u64))
    }
    fn on_optimization_block() -> Weight {
        Weight::from_parts(90_000_000, 3593)
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().writes(8_u64))
    }
    fn note_burned() -> Weight {
        Weight::from_parts(3_079_000, 1501)
            .saturating_add(RocksDbWeight::get().reads(1_u64))
            .saturating_add(RocksDbWeight::get().writes(1_u64))
    }
}

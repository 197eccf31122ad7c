//! Weights of `pallet_reputation`, measured: `make weights` writes this file.
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
    /// See the benchmark `prune`.
    fn prune() -> Weight;
    /// See the benchmark `on_accepted`. `n` is from 0 to 15.
    fn on_accepted(n: u32) -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Reputation::Records` (r:1 w:1)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn prune() -> Weight {
        // Measured proof: `284` bytes. Least time: 14_413_000 ps.
        Weight::from_parts(17_700_000, 3537)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Reputation::AcceptedWork` (r:1 w:1)
    // Proof: `Reputation::AcceptedWork` (`max_values`: Some(1), `max_size`: Some(24), added: 519, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Threshold` (r:1 w:0)
    // Proof: `ProofOfOptimization::Threshold` (`max_values`: Some(1), `max_size`: Some(109), added: 604, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:16 w:16)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    fn on_accepted(n: u32) -> Weight {
        // Measured proof: `446 + n * 80` bytes. Least time: 18_009_000 ps.
        Weight::from_parts(23_271_802, 3537)
            // Standard error: 5_596.
            .saturating_add(Weight::from_parts(9_708_012, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(n.into()))
    }
}

impl WeightInfo for () {
    fn prune() -> Weight {
        Weight::from_parts(17_700_000, 3537)
            .saturating_add(RocksDbWeight::get().reads(2_u64))
            .saturating_add(RocksDbWeight::get().writes(1_u64))
    }
    fn on_accepted(n: u32) -> Weight {
        Weight::from_parts(23_271_802, 3537)
            .saturating_add(Weight::from_parts(9_708_012, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
            .saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(n.into()))
    }
}

//! Weights of `pallet_proof_of_optimization`, measured: `make weights` writes this file.
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
    /// See the benchmark `on_initialize`.
    fn on_initialize() -> Weight;

    /// See the benchmark `on_finalize`.
    fn on_finalize() -> Weight;

    /// See the benchmark `first_block`. `n` is from 1 to 100.
    fn first_block(n: u32) -> Weight;

    /// See the benchmark `plan_session`. `c` is from 1 to 256.
    fn plan_session(c: u32) -> Weight;

    /// See the benchmark `bond_authority`.
    fn bond_authority() -> Weight;

    /// See the benchmark `unbond_authority`.
    fn unbond_authority() -> Weight;

    /// See the benchmark `withdraw_authority_bond`.
    fn withdraw_authority_bond() -> Weight;

    /// See the benchmark `report_equivocation`. `v` is from 1 to 100.
    fn report_equivocation(v: u32) -> Weight;

    /// See the benchmark `authorize_report_equivocation`. `v` is from 1 to 100.
    fn authorize_report_equivocation(v: u32) -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `ProofOfOptimization::GenesisSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:1)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::PrimaryBlocks` (r:1 w:1)
    // Proof: `ProofOfOptimization::PrimaryBlocks` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::EpochIndex` (r:1 w:0)
    // Proof: `ProofOfOptimization::EpochIndex` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RecentAuthors` (r:1 w:1)
    // Proof: `ProofOfOptimization::RecentAuthors` (`max_values`: Some(1), `max_size`: Some(2306), added: 2801, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:0 w:1)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::LastSeen` (r:0 w:1)
    // Proof: `ProofOfOptimization::LastSeen` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    fn on_initialize() -> Weight {
        // Measured proof: `9641` bytes. Least time: 43_094_000 ps.
        Weight::from_parts(55_452_000, 8687)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    // Storage: `ProofOfOptimization::EpochAccumulator` (r:1 w:1)
    // Proof: `ProofOfOptimization::EpochAccumulator` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Accumulated` (r:1 w:1)
    // Proof: `ProofOfOptimization::Accumulated` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Threshold` (r:1 w:1)
    // Proof: `ProofOfOptimization::Threshold` (`max_values`: Some(1), `max_size`: Some(109), added: 604, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:1)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::LastHeight` (r:1 w:1)
    // Proof: `Coin::LastHeight` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pending` (r:1 w:0)
    // Proof: `Coin::Pending` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:1 w:1)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
    // Storage: `Coin::Minted` (r:1 w:1)
    // Proof: `Coin::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Unclaimed` (r:1 w:1)
    // Proof: `Coin::Unclaimed` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pots` (r:0 w:1)
    // Proof: `Coin::Pots` (`max_values`: None, `max_size`: Some(200), added: 2675, mode: `MaxEncodedLen`)
    fn on_finalize() -> Weight {
        // Measured proof: `514` bytes. Least time: 102_939_000 ps.
        Weight::from_parts(116_573_000, 3593)
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().writes(10_u64))
    }
    // Storage: `ProofOfOptimization::GenesisSlot` (r:1 w:1)
    // Proof: `ProofOfOptimization::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Session::CurrentIndex` (r:1 w:0)
    // Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Threshold` (r:1 w:1)
    // Proof: `ProofOfOptimization::Threshold` (`max_values`: Some(1), `max_size`: Some(109), added: 604, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NextAuthorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::NextAuthorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NextRandomness` (r:1 w:0)
    // Proof: `ProofOfOptimization::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Candidates` (r:1 w:0)
    // Proof: `ProofOfOptimization::Candidates` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:100 w:100)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:100 w:100)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RollingRandomness` (r:1 w:1)
    // Proof: `ProofOfOptimization::RollingRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::PrimaryBlocks` (r:1 w:1)
    // Proof: `ProofOfOptimization::PrimaryBlocks` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::EpochIndex` (r:1 w:0)
    // Proof: `ProofOfOptimization::EpochIndex` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::RecentAuthors` (r:1 w:1)
    // Proof: `ProofOfOptimization::RecentAuthors` (`max_values`: Some(1), `max_size`: Some(2306), added: 2801, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:0 w:1)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::LastSeen` (r:0 w:1)
    // Proof: `ProofOfOptimization::LastSeen` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::SessionEpochs` (r:0 w:1)
    // Proof: `ProofOfOptimization::SessionEpochs` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    fn first_block(n: u32) -> Weight {
        // Measured proof: `1145 + n * 192` bytes. Least time: 94_229_000 ps.
        Weight::from_parts(51_840_399, 9679)
            // Standard error: 122_688.
            .saturating_add(Weight::from_parts(49_786_218, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2632).saturating_mul(n.into()))
    }
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:1)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::PrimaryBlocks` (r:1 w:0)
    // Proof: `ProofOfOptimization::PrimaryBlocks` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::LastSeen` (r:100 w:0)
    // Proof: `ProofOfOptimization::LastSeen` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NextAuthorities` (r:1 w:1)
    // Proof: `ProofOfOptimization::NextAuthorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Candidates` (r:1 w:0)
    // Proof: `ProofOfOptimization::Candidates` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
    // Storage: `Session::NextKeys` (r:256 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::GenesisSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Session::CurrentIndex` (r:1 w:0)
    // Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `ProofOfOptimization::NextRandomness` (r:1 w:1)
    // Proof: `ProofOfOptimization::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::EpochAccumulator` (r:1 w:0)
    // Proof: `ProofOfOptimization::EpochAccumulator` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::EpochIndex` (r:0 w:1)
    // Proof: `ProofOfOptimization::EpochIndex` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::EpochRandomness` (r:0 w:1)
    // Proof: `ProofOfOptimization::EpochRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::SessionEpochs` (r:0 w:1)
    // Proof: `ProofOfOptimization::SessionEpochs` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    fn plan_session(c: u32) -> Weight {
        // Measured proof: `7223 + c * 256` bytes. Least time: 56_587_000 ps.
        Weight::from_parts(211_283_290, 92812)
            // Standard error: 123_713.
            .saturating_add(Weight::from_parts(14_932_099, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(47_u64))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(Weight::from_parts(0, 2741).saturating_mul(c.into()))
    }
    // Storage: `Session::NextKeys` (r:1 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `Reputation::Records` (r:256 w:0)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Bonds` (r:2 w:2)
    // Proof: `ProofOfOptimization::Bonds` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Candidates` (r:1 w:1)
    // Proof: `ProofOfOptimization::Candidates` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NextAuthorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::NextAuthorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    fn bond_authority() -> Weight {
        // Measured proof: `31455` bytes. Least time: 1_380_575_000 ps.
        Weight::from_parts(1_650_558_000, 653022)
            .saturating_add(T::DbWeight::get().reads(266_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    // Storage: `ProofOfOptimization::Bonds` (r:1 w:1)
    // Proof: `ProofOfOptimization::Bonds` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Candidates` (r:1 w:1)
    // Proof: `ProofOfOptimization::Candidates` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    fn unbond_authority() -> Weight {
        // Measured proof: `9259` bytes. Least time: 75_116_000 ps.
        Weight::from_parts(88_190_000, 9679)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    // Storage: `ProofOfOptimization::Bonds` (r:1 w:1)
    // Proof: `ProofOfOptimization::Bonds` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Authorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::Authorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NextAuthorities` (r:1 w:0)
    // Proof: `ProofOfOptimization::NextAuthorities` (`max_values`: Some(1), `max_size`: Some(7202), added: 7697, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn withdraw_authority_bond() -> Weight {
        // Measured proof: `8437` bytes. Least time: 107_130_000 ps.
        Weight::from_parts(123_783_000, 8687)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Session::CurrentIndex` (r:1 w:0)
    // Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `ProofOfOptimization::GenesisSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::SessionEpochs` (r:2 w:0)
    // Proof: `ProofOfOptimization::SessionEpochs` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Session::Validators` (r:1 w:0)
    // Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Session::NextKeys` (r:100 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `ProofOfOptimization::Offences` (r:1 w:1)
    // Proof: `ProofOfOptimization::Offences` (`max_values`: None, `max_size`: Some(593), added: 3068, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Reputation::Records` (r:1 w:1)
    // Proof: `Reputation::Records` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::OptimizationBlockCount` (r:1 w:0)
    // Proof: `ProofOfOptimization::OptimizationBlockCount` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Bonds` (r:1 w:1)
    // Proof: `ProofOfOptimization::Bonds` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::Candidates` (r:1 w:1)
    // Proof: `ProofOfOptimization::Candidates` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
    fn report_equivocation(v: u32) -> Weight {
        // Measured proof: `2054 + v * 152` bytes. Least time: 241_732_000 ps.
        Weight::from_parts(273_542_680, 9679)
            // Standard error: 37_367.
            .saturating_add(Weight::from_parts(14_217_381, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(Weight::from_parts(0, 2633).saturating_mul(v.into()))
    }
    // Storage: `ProofOfOptimization::CurrentSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Session::CurrentIndex` (r:1 w:0)
    // Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `ProofOfOptimization::GenesisSlot` (r:1 w:0)
    // Proof: `ProofOfOptimization::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::NetworkParameters` (r:1 w:0)
    // Proof: `ProofOfOptimization::NetworkParameters` (`max_values`: Some(1), `max_size`: Some(76), added: 571, mode: `MaxEncodedLen`)
    // Storage: `ProofOfOptimization::SessionEpochs` (r:2 w:0)
    // Proof: `ProofOfOptimization::SessionEpochs` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Session::Validators` (r:1 w:0)
    // Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Session::NextKeys` (r:100 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `ProofOfOptimization::Offences` (r:1 w:0)
    // Proof: `ProofOfOptimization::Offences` (`max_values`: None, `max_size`: Some(593), added: 3068, mode: `MaxEncodedLen`)
    fn authorize_report_equivocation(v: u32) -> Weight {
        // Measured proof: `778 + v * 144` bytes. Least time: 162_074_000 ps.
        Weight::from_parts(158_296_869, 5980)
            // Standard error: 31_500.
            .saturating_add(Weight::from_parts(13_822_711, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(Weight::from_parts(0, 2621).saturating_mul(v.into()))
    }
}

impl WeightInfo for () {
    fn on_initialize() -> Weight {
        Weight::from_parts(55_452_000, 8687)
            .saturating_add(RocksDbWeight::get().reads(7_u64))
            .saturating_add(RocksDbWeight::get().writes(5_u64))
    }
    fn on_finalize() -> Weight {
        Weight::from_parts(116_573_000, 3593)
            .saturating_add(RocksDbWeight::get().reads(12_u64))
            .saturating_add(RocksDbWeight::get().writes(10_u64))
    }
    fn first_block(n: u32) -> Weight {
        Weight::from_parts(51_840_399, 9679)
            .saturating_add(Weight::from_parts(49_786_218, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(12_u64))
            .saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(8_u64))
            .saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2632).saturating_mul(n.into()))
    }
    fn plan_session(c: u32) -> Weight {
        Weight::from_parts(211_283_290, 92812)
            .saturating_add(Weight::from_parts(14_932_099, 0).saturating_mul(c.into()))
            .saturating_add(RocksDbWeight::get().reads(47_u64))
            .saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(c.into())))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
            .saturating_add(Weight::from_parts(0, 2741).saturating_mul(c.into()))
    }
    fn bond_authority() -> Weight {
        Weight::from_parts(1_650_558_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(266_u64))
            .saturating_add(RocksDbWeight::get().writes(5_u64))
    }
    fn unbond_authority() -> Weight {
        Weight::from_parts(88_190_000, 9679)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn withdraw_authority_bond() -> Weight {
        Weight::from_parts(123_783_000, 8687)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
    }
    fn report_equivocation(v: u32) -> Weight {
        Weight::from_parts(273_542_680, 9679)
            .saturating_add(Weight::from_parts(14_217_381, 0).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(14_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
            .saturating_add(Weight::from_parts(0, 2633).saturating_mul(v.into()))
    }
    fn authorize_report_equivocation(v: u32) -> Weight {
        Weight::from_parts(158_296_869, 5980)
            .saturating_add(Weight::from_parts(13_822_711, 0).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(Weight::from_parts(0, 2621).saturating_mul(v.into()))
    }
}

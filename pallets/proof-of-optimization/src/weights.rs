//! Weights of `pallet_proof_of_optimization`, measured: `make weights` writes this file.
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
        // Measured proof: `9641` bytes. Least time: 69_453_000 ps.
        Weight::from_parts(100_439_000, 8687)
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
    // Storage: `Coin::Pending` (r:1 w:1)
    // Proof: `Coin::Pending` (`max_values`: Some(1), `max_size`: Some(72), added: 567, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Coin::Shares` (r:1 w:1)
    // Proof: `Coin::Shares` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `Coin::Minted` (r:1 w:1)
    // Proof: `Coin::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Unclaimed` (r:1 w:1)
    // Proof: `Coin::Unclaimed` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Burned` (r:1 w:1)
    // Proof: `Coin::Burned` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Coin::Pots` (r:0 w:1)
    // Proof: `Coin::Pots` (`max_values`: None, `max_size`: Some(200), added: 2675, mode: `MaxEncodedLen`)
    fn on_finalize() -> Weight {
        // Measured proof: `657` bytes. Least time: 152_677_000 ps.
        Weight::from_parts(240_707_000, 3593)
            .saturating_add(T::DbWeight::get().reads(13_u64))
            .saturating_add(T::DbWeight::get().writes(12_u64))
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
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
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
        // Measured proof: `1145 + n * 192` bytes. Least time: 99_258_000 ps.
        Weight::from_parts(322_128_693, 9679)
            // Standard error: 790_455.
            .saturating_add(Weight::from_parts(65_902_643, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2650).saturating_mul(n.into()))
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
        // Measured proof: `7223 + c * 256` bytes. Least time: 58_126_000 ps.
        Weight::from_parts(523_109_577, 92812)
            // Standard error: 267_944.
            .saturating_add(Weight::from_parts(15_633_127, 0).saturating_mul(c.into()))
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
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
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
        // Measured proof: `31455` bytes. Least time: 1_537_030_000 ps.
        Weight::from_parts(1_673_062_000, 653022)
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
        // Measured proof: `9259` bytes. Least time: 75_202_000 ps.
        Weight::from_parts(88_411_000, 9679)
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
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn withdraw_authority_bond() -> Weight {
        // Measured proof: `8437` bytes. Least time: 115_041_000 ps.
        Weight::from_parts(178_766_000, 8687)
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
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
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
        // Measured proof: `2054 + v * 152` bytes. Least time: 264_112_000 ps.
        Weight::from_parts(432_972_343, 9679)
            // Standard error: 178_671.
            .saturating_add(Weight::from_parts(11_778_094, 0).saturating_mul(v.into()))
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
        // Measured proof: `778 + v * 144` bytes. Least time: 162_281_000 ps.
        Weight::from_parts(132_623_116, 5980)
            // Standard error: 262_427.
            .saturating_add(Weight::from_parts(17_613_937, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(Weight::from_parts(0, 2621).saturating_mul(v.into()))
    }
}

impl WeightInfo for () {
    fn on_initialize() -> Weight {
        Weight::from_parts(100_439_000, 8687)
            .saturating_add(RocksDbWeight::get().reads(7_u64))
            .saturating_add(RocksDbWeight::get().writes(5_u64))
    }
    fn on_finalize() -> Weight {
        Weight::from_parts(240_707_000, 3593)
            .saturating_add(RocksDbWeight::get().reads(13_u64))
            .saturating_add(RocksDbWeight::get().writes(12_u64))
    }
    fn first_block(n: u32) -> Weight {
        Weight::from_parts(322_128_693, 9679)
            .saturating_add(Weight::from_parts(65_902_643, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(12_u64))
            .saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(8_u64))
            .saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2650).saturating_mul(n.into()))
    }
    fn plan_session(c: u32) -> Weight {
        Weight::from_parts(523_109_577, 92812)
            .saturating_add(Weight::from_parts(15_633_127, 0).saturating_mul(c.into()))
            .saturating_add(RocksDbWeight::get().reads(47_u64))
            .saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(c.into())))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
            .saturating_add(Weight::from_parts(0, 2741).saturating_mul(c.into()))
    }
    fn bond_authority() -> Weight {
        Weight::from_parts(1_673_062_000, 653022)
            .saturating_add(RocksDbWeight::get().reads(266_u64))
            .saturating_add(RocksDbWeight::get().writes(5_u64))
    }
    fn unbond_authority() -> Weight {
        Weight::from_parts(88_411_000, 9679)
            .saturating_add(RocksDbWeight::get().reads(4_u64))
            .saturating_add(RocksDbWeight::get().writes(2_u64))
    }
    fn withdraw_authority_bond() -> Weight {
        Weight::from_parts(178_766_000, 8687)
            .saturating_add(RocksDbWeight::get().reads(6_u64))
            .saturating_add(RocksDbWeight::get().writes(3_u64))
    }
    fn report_equivocation(v: u32) -> Weight {
        Weight::from_parts(432_972_343, 9679)
            .saturating_add(Weight::from_parts(11_778_094, 0).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(14_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(RocksDbWeight::get().writes(6_u64))
            .saturating_add(Weight::from_parts(0, 2633).saturating_mul(v.into()))
    }
    fn authorize_report_equivocation(v: u32) -> Weight {
        Weight::from_parts(132_623_116, 5980)
            .saturating_add(Weight::from_parts(17_613_937, 0).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(8_u64))
            .saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
            .saturating_add(Weight::from_parts(0, 2621).saturating_mul(v.into()))
    }
}

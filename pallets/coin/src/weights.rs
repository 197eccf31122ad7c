//! Weights of the coin pallet. Regenerate by benchmark: until then they are the database accesses counted from the
//! code, with the execution time of a small call.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

/// The weight of each call, and of what other pallets ask for.
pub trait WeightInfo {
    /// [`crate::Pallet::claim`], with the payment of a remainder.
    fn claim() -> Weight;
    /// One credit through `RewardLedger`.
    fn credit() -> Weight;
    /// The pot of an optimization block.
    fn on_optimization_block() -> Weight;
    /// One amount noted as burned.
    fn note_burned() -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn claim() -> Weight {
        Weight::from_parts(80_000_000, 8_800).saturating_add(T::DbWeight::get().reads_writes(7, 6))
    }
    fn credit() -> Weight {
        Weight::from_parts(10_000_000, 3_600).saturating_add(T::DbWeight::get().reads_writes(3, 2))
    }
    fn on_optimization_block() -> Weight {
        Weight::from_parts(40_000_000, 6_200).saturating_add(T::DbWeight::get().reads_writes(7, 7))
    }
    fn note_burned() -> Weight {
        Weight::from_parts(2_000_000, 1_500).saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }
}

impl WeightInfo for () {
    fn claim() -> Weight {
        Weight::from_parts(80_000_000, 8_800).saturating_add(RocksDbWeight::get().reads_writes(7, 6))
    }
    fn credit() -> Weight {
        Weight::from_parts(10_000_000, 3_600).saturating_add(RocksDbWeight::get().reads_writes(3, 2))
    }
    fn on_optimization_block() -> Weight {
        Weight::from_parts(40_000_000, 6_200).saturating_add(RocksDbWeight::get().reads_writes(7, 7))
    }
    fn note_burned() -> Weight {
        Weight::from_parts(2_000_000, 1_500).saturating_add(RocksDbWeight::get().reads_writes(1, 1))
    }
}

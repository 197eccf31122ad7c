//! Weights of the domains pallet. Regenerate by benchmark: until then
//! they are the database accesses counted from the code, with the execution time of a small call for each.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

/// The weight of each call and of each unit of work in hooks.
pub trait WeightInfo {
    /// [`crate::Pallet::register`].
    fn register() -> Weight;
    /// [`crate::Pallet::approve`].
    fn approve() -> Weight;
    /// [`crate::Pallet::replace_baseline`].
    fn replace_baseline() -> Weight;
    /// [`crate::Pallet::close`].
    fn close() -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Reads: name, counter, next number, slot, account, holds. Writes: domain, counter, name, best, next number, account,
    // holds.
    fn register() -> Weight {
        Weight::from_parts(100_000_000, 10_000).saturating_add(T::DbWeight::get().reads_writes(6, 7))
    }
    // Reads and writes the domain.
    fn approve() -> Weight {
        Weight::from_parts(30_000_000, 6_000).saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }
    // Reads: domain, best, slot. Writes: best.
    fn replace_baseline() -> Weight {
        Weight::from_parts(30_000_000, 8_000).saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }
    // Reads: domain, counter, activity (two), account, holds. Writes: domain, counter, name, best, account, holds.
    fn close() -> Weight {
        Weight::from_parts(80_000_000, 12_000).saturating_add(T::DbWeight::get().reads_writes(6, 6))
    }
}

impl WeightInfo for () {
    fn register() -> Weight {
        Weight::from_parts(100_000_000, 10_000).saturating_add(RocksDbWeight::get().reads_writes(6, 7))
    }
    fn approve() -> Weight {
        Weight::from_parts(30_000_000, 6_000).saturating_add(RocksDbWeight::get().reads_writes(1, 1))
    }
    fn replace_baseline() -> Weight {
        Weight::from_parts(30_000_000, 8_000).saturating_add(RocksDbWeight::get().reads_writes(3, 1))
    }
    fn close() -> Weight {
        Weight::from_parts(80_000_000, 12_000).saturating_add(RocksDbWeight::get().reads_writes(6, 6))
    }
}

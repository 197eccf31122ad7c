//! Weights of the reputation pallet. Regenerate by benchmark: until then they are the database accesses counted from
//! the code, with the execution time of a small call.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

/// The weight of each call, and of what verdicts ask for.
pub trait WeightInfo {
    /// [`crate::Pallet::prune`].
    fn prune() -> Weight;
    /// The rewards of an accepted optimum on which `n` evaluators agreed.
    fn on_accepted(n: u32) -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn prune() -> Weight {
        Weight::from_parts(15_000_000, 3_600).saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }
    fn on_accepted(n: u32) -> Weight {
        Weight::from_parts(15_000_000, 3_600)
            .saturating_mul(u64::from(n).saturating_add(1))
            .saturating_add(
                T::DbWeight::get().reads_writes(u64::from(n).saturating_add(4), u64::from(n).saturating_add(2)),
            )
    }
}

impl WeightInfo for () {
    fn prune() -> Weight {
        Weight::from_parts(15_000_000, 3_600).saturating_add(RocksDbWeight::get().reads_writes(2, 1))
    }
    fn on_accepted(n: u32) -> Weight {
        Weight::from_parts(15_000_000, 3_600)
            .saturating_mul(u64::from(n).saturating_add(1))
            .saturating_add(
                RocksDbWeight::get().reads_writes(u64::from(n).saturating_add(4), u64::from(n).saturating_add(2)),
            )
    }
}

//! Weights of the calls, from the storage items that each reads and writes. Regenerate by benchmark.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// The weight of each call.
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

fn database(reads: u64, writes: u64) -> Weight {
    RocksDbWeight::get().reads_writes(reads, writes)
}

impl WeightInfo for () {
    /// Reads: names, the counter, the next number, slot, account, holds. Writes: domain, counter, name, best, next
    /// number, account, holds.
    fn register() -> Weight {
        database(6, 7)
    }

    /// Reads and writes the domain.
    fn approve() -> Weight {
        database(1, 1)
    }

    /// Reads: domain, best, slot. Writes: best.
    fn replace_baseline() -> Weight {
        database(3, 1)
    }

    /// Reads: domain, counter, activity (two), account, holds. Writes: domain, counter, name, best, account, holds.
    fn close() -> Weight {
        database(6, 6)
    }
}

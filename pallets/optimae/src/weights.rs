//! Weights of the optimae pallet. Regenerate by benchmark: until then
//! they are the database accesses counted from the code, with the execution time of a small call for each.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

/// The weight of each call and of each unit of work in hooks.
pub trait WeightInfo {
    /// [`crate::Pallet::commit`] that prunes `e` expired commits of its signer first.
    fn commit(e: u32) -> Weight;
    /// [`crate::Pallet::reveal`].
    fn reveal() -> Weight;
    /// [`crate::Pallet::prune`].
    fn prune() -> Weight;
    /// The hook when nothing is due.
    fn on_initialize() -> Weight;
    /// The expiry of one commit.
    fn expire_commit() -> Weight;
    /// One head of a queue: drawn, ended or left to wait.
    fn work_off_head() -> Weight;
    /// One verdict that concerns `p` evaluators.
    fn on_verdict(p: u32) -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Reads: specification, slot, base fee, block number, commits, expiry range, next expiries, account, holds. Writes:
    // commits, expiry, expiry range, next expiries, account, holds.
    fn commit(e: u32) -> Weight {
        Weight::from_parts(100_000_000, 20_000)
            .saturating_add(T::DbWeight::get().reads_writes(9, 6))
            .saturating_add(Self::expire_commit().saturating_mul(e.into()))
    }
    // Reads: commits, slot, block number, genesis hash, specification, weight, best (two), threshold, pool, base fee,
    // queue, place, next number, expiry range with up to 16 gaps, next expiries, waiting heads, account, holds; and the
    // quorum size: evaluators of the domain and up to 256 reputations. Writes: commits, expiry, expiry range, next expiries,
    // optimum, queue, place, next number, waiting heads, account, holds.
    fn reveal() -> Weight {
        Weight::from_parts(300_000_000, 700_000).saturating_add(T::DbWeight::get().reads_writes(292, 11))
    }
    // What an expiry reads and writes, and the slot.
    fn prune() -> Weight {
        Weight::from_parts(100_000_000, 80_000).saturating_add(T::DbWeight::get().reads_writes(23, 7))
    }
    // Reads: slot, waiting heads, next expiries, the verdicts' weight. Writes: the verdicts' weight.
    fn on_initialize() -> Weight {
        Weight::from_parts(10_000_000, 10_000).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }
    // Reads: expiry range with up to 16 gaps, expiry, commits, queue, account, holds, burned. Writes: expiry range, expiry,
    // next expiries, commits, account, holds, burned.
    fn expire_commit() -> Weight {
        Weight::from_parts(80_000_000, 80_000).saturating_add(T::DbWeight::get().reads_writes(22, 7))
    }
    // Reads: queue, optimum, specification, best (two), authors (up to 64), authorities; and the draw: evaluators of the
    // domain, up to 256 reputations. Writes: optimum, waiting heads, round, active rounds.
    fn work_off_head() -> Weight {
        Weight::from_parts(600_000_000, 800_000).saturating_add(T::DbWeight::get().reads_writes(330, 4))
    }
    // Reads: optimum, specification, weight, reputation, mean threshold, factor, share, accumulated work, best, account, holds,
    // burned, queue, ended ones; writes most of them. For each evaluator: account, reputation, share.
    fn on_verdict(p: u32) -> Weight {
        Weight::from_parts(200_000_000, 30_000)
            .saturating_add(T::DbWeight::get().reads_writes(18, 16))
            .saturating_add(T::DbWeight::get().reads_writes(3, 3).saturating_mul(p.into()))
    }
}

impl WeightInfo for () {
    fn commit(e: u32) -> Weight {
        Weight::from_parts(100_000_000, 20_000)
            .saturating_add(RocksDbWeight::get().reads_writes(9, 6))
            .saturating_add(Self::expire_commit().saturating_mul(e.into()))
    }
    fn reveal() -> Weight {
        Weight::from_parts(300_000_000, 700_000).saturating_add(RocksDbWeight::get().reads_writes(292, 11))
    }
    fn prune() -> Weight {
        Weight::from_parts(100_000_000, 80_000).saturating_add(RocksDbWeight::get().reads_writes(23, 7))
    }
    fn on_initialize() -> Weight {
        Weight::from_parts(10_000_000, 10_000).saturating_add(RocksDbWeight::get().reads_writes(4, 1))
    }
    fn expire_commit() -> Weight {
        Weight::from_parts(80_000_000, 80_000).saturating_add(RocksDbWeight::get().reads_writes(22, 7))
    }
    fn work_off_head() -> Weight {
        Weight::from_parts(600_000_000, 800_000).saturating_add(RocksDbWeight::get().reads_writes(330, 4))
    }
    fn on_verdict(p: u32) -> Weight {
        Weight::from_parts(200_000_000, 30_000)
            .saturating_add(RocksDbWeight::get().reads_writes(18, 16))
            .saturating_add(RocksDbWeight::get().reads_writes(3, 3).saturating_mul(p.into()))
    }
}

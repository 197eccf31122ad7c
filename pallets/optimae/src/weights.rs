//! Weights of the calls and of the units of the hooks, from the storage items that each reads and writes. Regenerate
//! by benchmark.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// The weight of each call and of each unit of work in hooks.
pub trait WeightInfo {
    /// [`crate::Pallet::commit`] that prunes `expired` commits of its signer first.
    fn commit(expired: u32) -> Weight;
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
    /// One verdict with `paid` evaluators in it.
    fn on_verdict(paid: u32) -> Weight;
}

fn database(reads: u64, writes: u64) -> Weight {
    RocksDbWeight::get().reads_writes(reads, writes)
}

impl WeightInfo for () {
    /// Reads: specification, slot, base fee, block number, commits, expiry range, next expiries, account, holds.
    /// Writes: commits, expiry, expiry range, next expiries, account, holds. And the expired ones.
    fn commit(expired: u32) -> Weight {
        database(9, 6).saturating_add(Self::expire_commit().saturating_mul(expired.into()))
    }

    /// Reads: commits, slot, block number, genesis hash, specification, weight, best (two), quorum size (the domain's
    /// up to 256 evaluators and their reputations), threshold, pool, base fee, queue, place, next number, expiry range
    /// with up to 16 gaps, next expiries, waiting heads, account, holds. Writes: commits, expiry, expiry range, next
    /// expiries, optimum, queue, place, next number, waiting heads, account, holds.
    fn reveal() -> Weight {
        database(292, 11)
    }

    /// The slot, and the expiry.
    fn prune() -> Weight {
        database(1, 0).saturating_add(Self::expire_commit())
    }

    /// Reads: slot, waiting heads, next expiries, the verdicts' weight. Writes: the verdicts' weight.
    fn on_initialize() -> Weight {
        database(4, 1)
    }

    /// Reads: expiry range with up to 16 gaps, expiry, commits, queue, account, holds, burned. Writes: expiry range,
    /// expiry, next expiries, commits, account, holds, burned.
    fn expire_commit() -> Weight {
        database(22, 7)
    }

    /// Reads: queue, optimum, specification, best (two), authors (up to 64) and authorities, and the draw: the domain's
    /// up to 256 evaluators with their reputations. Writes: optimum, waiting heads, round, active rounds.
    fn work_off_head() -> Weight {
        database(585, 4)
    }

    /// Reads: optimum, specification, weight, reputation and mean threshold, factor, shares, Σ, best, account, holds,
    /// burned, queue, ended ones; writes most of them. For each evaluator account, reputation and share.
    fn on_verdict(paid: u32) -> Weight {
        database(18, 16).saturating_add(database(3, 3).saturating_mul(paid.into()))
    }
}

//! Weights of the pallet. Regenerate by benchmark: these are counted from the code (reads and writes of storage, and
//! a generous time for what computes), until the benchmarks have run on the runtime.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// A weight for every call and every unit of the hooks.
pub trait WeightInfo {
    /// Reading the claim of a block that does not begin the chain.
    fn on_initialize() -> Weight;
    /// Finishing a block that is an optimization block.
    fn on_finalize() -> Weight;
    /// Beginning the chain with `n` authorities.
    fn first_block(n: u32) -> Weight;
    /// Planning a session with `c` candidates, and beginning an epoch.
    fn plan_session(c: u32) -> Weight;
    /// `bond_authority` with a full list of candidates.
    fn bond_authority() -> Weight;
    /// `unbond_authority`.
    fn unbond_authority() -> Weight;
    /// `withdraw_authority_bond`.
    fn withdraw_authority_bond() -> Weight;
    /// `report_equivocation` with a proof of a session of `v` authorities.
    fn report_equivocation(v: u32) -> Weight;
    /// Checking such a report before it enters a block.
    fn authorize_report_equivocation(v: u32) -> Weight;
}

/// Two sr25519 signatures and two hashes of headers.
const CHECK_SIGNATURES: u64 = 140_000_000;
/// Per authority: its part of the trie of the session's keys.
const CHECK_MEMBERSHIP: u64 = 20_000_000;
/// A fold of the rolling hashes, decoding of the lists of authorities, and the arithmetic of the threshold.
const BLOCK: u64 = 30_000_000;

impl WeightInfo for () {
    fn on_initialize() -> Weight {
        Weight::from_parts(BLOCK, 0).saturating_add(RocksDbWeight::get().reads_writes(9, 6))
    }
    fn on_finalize() -> Weight {
        Weight::from_parts(BLOCK, 0).saturating_add(RocksDbWeight::get().reads_writes(9, 8))
    }
    fn first_block(n: u32) -> Weight {
        Weight::from_parts(BLOCK, 0)
            .saturating_add(RocksDbWeight::get().reads_writes(8, 3))
            .saturating_add(RocksDbWeight::get().reads_writes(2, 2).saturating_mul(n.into()))
    }
    fn plan_session(c: u32) -> Weight {
        Weight::from_parts(BLOCK, 0)
            .saturating_add(RocksDbWeight::get().reads_writes(20, 16))
            .saturating_add(RocksDbWeight::get().reads_writes(6, 3).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(CHECK_MEMBERSHIP, 0).saturating_mul(c.into()))
    }
    fn bond_authority() -> Weight {
        // Reads two values of each candidate, four hundred at most.
        Weight::from_parts(BLOCK, 0).saturating_add(RocksDbWeight::get().reads_writes(810, 6))
    }
    fn unbond_authority() -> Weight {
        Weight::from_parts(BLOCK, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 2))
    }
    fn withdraw_authority_bond() -> Weight {
        Weight::from_parts(BLOCK, 0).saturating_add(RocksDbWeight::get().reads_writes(6, 3))
    }
    fn report_equivocation(v: u32) -> Weight {
        Weight::from_parts(CHECK_SIGNATURES, 0)
            .saturating_add(Weight::from_parts(CHECK_MEMBERSHIP, 0).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(1).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads_writes(16, 7))
    }
    fn authorize_report_equivocation(v: u32) -> Weight {
        Weight::from_parts(CHECK_SIGNATURES, 0)
            .saturating_add(Weight::from_parts(CHECK_MEMBERSHIP, 0).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(1).saturating_mul(v.into()))
            .saturating_add(RocksDbWeight::get().reads(9))
    }
}

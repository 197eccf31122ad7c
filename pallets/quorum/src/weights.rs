//! Weights of the quorum pallet. Regenerate by benchmark: until then they are the database accesses counted from the
//! code, at the largest domain (256 evaluators), list (256 rounds) and round (31 seats), with the execution time of
//! that many steps.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// The weight of each call and of each item of the hook.
pub trait WeightInfo {
    /// [`crate::Pallet::register_evaluator`].
    fn register_evaluator() -> Weight;
    /// [`crate::Pallet::deregister_evaluator`].
    fn deregister_evaluator() -> Weight;
    /// [`crate::Pallet::withdraw_evaluator_bond`].
    fn withdraw_evaluator_bond() -> Weight;
    /// [`crate::Pallet::commit_vote`].
    fn commit_vote() -> Weight;
    /// [`crate::Pallet::reveal_vote`].
    fn reveal_vote() -> Weight;
    /// The hook when nothing is due.
    fn on_initialize() -> Weight;
    /// The end of a commit phase in which all but one did not show up.
    fn close_commits() -> Weight;
    /// The decision of a round, and the verdict but for what its handler does: that it weighs itself.
    fn end_round() -> Weight;
    /// The draw of a round.
    fn draw() -> Weight;
}

/// Weights with the runtime's own database weights.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// The counted accesses, by the database's weight.
macro_rules! counted_weights {
    ($database:expr) => {
        fn register_evaluator() -> Weight {
            counted($database, 60_000_000, 12_000, 6, 4)
        }
        fn deregister_evaluator() -> Weight {
            counted($database, 40_000_000, 12_000, 4, 2)
        }
        fn withdraw_evaluator_bond() -> Weight {
            counted($database, 60_000_000, 20_000, 6, 3)
        }
        fn commit_vote() -> Weight {
            counted($database, 40_000_000, 16_000, 3, 2)
        }
        fn reveal_vote() -> Weight {
            counted($database, 45_000_000, 16_000, 4, 2)
        }
        fn on_initialize() -> Weight {
            counted($database, 10_000_000, 6_000, 2, 0)
        }
        fn close_commits() -> Weight {
            counted($database, 350_000_000, 100_000, 34, 32)
        }
        fn end_round() -> Weight {
            counted($database, 400_000_000, 30_000, 4, 2)
        }
        fn draw() -> Weight {
            counted($database, 2_000_000_000, 700_000, 262, 2)
        }
    };
}

/// Execution time in picoseconds, size of the proof in bytes, reads and writes.
fn counted(database: RuntimeDbWeight, time: u64, proof: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(time, proof).saturating_add(database.reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    counted_weights!(T::DbWeight::get());
}

impl WeightInfo for () {
    counted_weights!(RocksDbWeight::get());
}

//! Removing faded records.

use super::*;
use crate::{Error, Records};
use frame_support::{assert_noop, dispatch::Pays};
use sp_runtime::DispatchError;

/// Prunes and checks that record and nothing else went, free of charge.
fn assert_prune(caller: AccountId, who: AccountId) {
    let before = Records::<Test>::iter_keys().count();
    let info = ReputationPallet::prune(RuntimeOrigin::signed(caller), who).expect("prunes");
    assert_eq!(info.pays_fee, Pays::No);
    assert!(!Records::<Test>::contains_key(who));
    assert_eq!(Records::<Test>::iter_keys().count(), before - 1);
    System::assert_last_event(Event::Pruned { who }.into());
}

#[test]
fn a_faded_record_can_be_pruned_by_anybody() {
    Builder::default()
        .with(1, milli(2))
        .with(2, milli(10_000))
        .build_and_execute(|| {
            // 0.002 points are exactly 0.001 after one half-life: still a record. One optimization block later they are not.
            Height::set(&1_008);
            assert_noop!(
                ReputationPallet::prune(RuntimeOrigin::signed(9), 1),
                Error::<Test>::NotNegligible
            );
            Height::set(&1_009);
            assert_eq!(points(1), milli(0));
            assert_prune(9, 1);
            assert_noop!(
                ReputationPallet::prune(RuntimeOrigin::signed(9), 1),
                Error::<Test>::NoRecord
            );
        });
}

#[test]
fn nobody_can_prune_what_counts_or_without_signing() {
    Builder::default().with(1, milli(10_000)).build_and_execute(|| {
        assert_noop!(
            ReputationPallet::prune(RuntimeOrigin::signed(9), 1),
            Error::<Test>::NotNegligible
        );
        assert_noop!(
            ReputationPallet::prune(RuntimeOrigin::none(), 1),
            DispatchError::BadOrigin
        );
    });
}

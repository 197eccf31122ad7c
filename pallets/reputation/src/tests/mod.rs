//! Tests of the reputation pallet.

mod changes;
mod properties;
mod prune;

use crate::{mock::*, Event, Reason};
use doin_primitives::{traits::ReputationLedger, Reputation};
use sp_runtime::FixedU128;

/// Points from thousandths.
pub fn milli(points: u128) -> Reputation {
    FixedU128::from_rational(points, 1_000)
}

/// An account's points now.
pub fn points(who: AccountId) -> Reputation {
    ReputationPallet::reputation(&who)
}

/// Makes a change and checks the points before and after it, and its event.
pub fn assert_change(who: AccountId, reason: Reason, before: Reputation, after: Reputation, change: impl FnOnce()) {
    assert_eq!(points(who), before);
    System::reset_events();
    change();
    assert_eq!(points(who), after);
    let events: Vec<_> = System::events().into_iter().map(|record| record.event).collect();
    assert_eq!(
        events,
        vec![RuntimeEvent::ReputationPallet(Event::Changed {
            who,
            reason,
            before,
            after
        })]
    );
}

//! The ledger behind [`ReputationLedger`], and its invariants.

use crate::{AcceptedWork, Config, Event, Pallet, Reason, Record, Records};
use doin_primitives::{
    reputation as rules,
    traits::{ReputationLedger, WorkSink},
    Increment, Reputation,
};
use frame_support::ensure;
use sp_runtime::{
    traits::{Saturating, Zero},
    TryRuntimeError,
};

impl<T: Config> Pallet<T> {
    /// Gives a member of the first session its 10 points, unless it has a record already.
    pub fn initialize_member(who: &T::AccountId) {
        if !Records::<T>::contains_key(who) {
            Self::change(who, Reason::Genesis, |_| rules::GENESIS);
        }
    }

    /// What a full penalty shrinks to for this work.
    fn fraction(work: Increment) -> Reputation {
        rules::fraction(work, T::Work::mean_threshold())
    }

    /// Applies `change` to the decayed points, stores the result and tells of it. Returns the points after it.
    /// A change of nothing leaves storage as it is and makes no event.
    fn change(who: &T::AccountId, reason: Reason, change: impl FnOnce(Reputation) -> Reputation) -> Reputation {
        let before = Self::reputation(who);
        let after = change(before);
        if after == before {
            return before;
        }
        let after = Self::write(who, after);
        if after != before {
            Self::deposit_event(Event::Changed {
                who: who.clone(),
                reason,
                before,
                after,
            });
        }
        after
    }

    /// Stores the points as of now; negligible ones leave no record and count as none. Returns what counts.
    pub(crate) fn write(who: &T::AccountId, points: Reputation) -> Reputation {
        if points < rules::NEGLIGIBLE {
            Records::<T>::remove(who);
            return Reputation::zero();
        }
        Records::<T>::insert(
            who,
            Record {
                points,
                updated_at: T::Work::optimization_height(),
            },
        );
        points
    }

    /// What must hold between blocks: no stored record is negligible as of its change, and none comes from the future.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let now = T::Work::optimization_height();
        for (_, record) in Records::<T>::iter() {
            ensure!(record.points >= rules::NEGLIGIBLE, "a negligible reputation is stored");
            ensure!(
                record.updated_at <= now,
                "a reputation was updated at a height that is still to come"
            );
        }
        ensure!(
            AcceptedWork::<T>::get().0 <= now,
            "work was accepted at a height that is still to come"
        );
        Ok(())
    }
}

impl<T: Config> ReputationLedger<T::AccountId> for Pallet<T> {
    fn reputation(who: &T::AccountId) -> Reputation {
        let Some(record) = Records::<T>::get(who) else {
            return Reputation::zero();
        };
        let elapsed = T::Work::optimization_height().saturating_sub(record.updated_at);
        let points = rules::decay(record.points, elapsed);
        // As after pruning, so that it makes no difference when a faded record is removed.
        if points < rules::NEGLIGIBLE {
            Reputation::zero()
        } else {
            points
        }
    }

    fn on_accepted(optimizer: &T::AccountId, agreeing: &[T::AccountId], work: Increment) -> Reputation {
        let now = T::Work::optimization_height();
        let already = match AcceptedWork::<T>::get() {
            (height, already) if height == now => already,
            _ => Increment::zero(),
        };
        AcceptedWork::<T>::put((now, already.saturating_add(work)));
        let earned = rules::earned(already, work, T::Work::mean_threshold());

        let reputation = Self::change(optimizer, Reason::Accepted, |points| points.saturating_add(earned));
        let earned = rules::AGREED.saturating_mul(earned);
        for evaluator in agreeing {
            Self::change(evaluator, Reason::Agreed, |points| points.saturating_add(earned));
        }
        reputation
    }

    fn on_diverged(who: &T::AccountId, work: Increment) {
        let loss = rules::DIVERGED.saturating_mul(Self::fraction(work));
        Self::change(who, Reason::Diverged, |points| points.saturating_sub(loss));
    }

    fn on_refuted(who: &T::AccountId) {
        Self::change(who, Reason::Refuted, |points| points.saturating_sub(rules::REFUTED));
    }

    fn on_overturned(who: &T::AccountId, earned: Reputation, at_fault: bool) {
        let loss = match at_fault {
            true => rules::REFUTED.saturating_add(earned),
            false => earned,
        };
        Self::change(who, Reason::Overturned, |points| points.saturating_sub(loss));
    }

    fn on_discredited(who: &T::AccountId) {
        Self::change(who, Reason::Discredited, |points| {
            points.saturating_sub(rules::DISCREDITED)
        });
    }

    fn on_no_show(who: &T::AccountId) {
        Self::change(who, Reason::NoShow, |points| points.saturating_sub(rules::NO_SHOW));
    }

    fn on_equivocation(who: &T::AccountId) {
        Self::change(who, Reason::Equivocation, |points| {
            points.saturating_sub(rules::EQUIVOCATION)
        });
    }

    fn on_genesis_member(who: &T::AccountId) {
        Self::initialize_member(who);
    }
}

//! Challenge windows: how long an accepted optimum answers for what it has earned.
//!
//! All windows have the same length, so that the order of the acceptances is the order in which they end. What is over is
//! worked off lazily, in blocks that come anyway: nothing waits for it but the optimizer's bond, which anybody may have
//! released by a free call.

use crate::{
    ChallengeWindow, Config, Contestable, Contestables, ContestablesOf, Error, Event, HoldReason, Pallet, WindowRange,
    Windows,
};
use doin_primitives::{
    optimum::OptimumId,
    traits::{RewardLedger, SlotClock},
    SlotNumber,
};
use frame_support::ensure;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// The last slot in which an optimum can be challenged that is accepted now.
    pub(crate) fn window_end() -> SlotNumber {
        T::Clock::current_slot().saturating_add(ChallengeWindow::<T>::get().into())
    }

    /// Remembers an accepted optimum until nobody can challenge it any more; until then its pot is not paid out.
    pub(crate) fn open_window(id: OptimumId, record: Contestable<T::AccountId>) {
        T::Rewards::claim_from(record.window_ends.saturating_add(1));
        ContestablesOf::<T>::insert(record.domain, id, ());
        Contestables::<T>::insert(id, record);
        let place = WindowRange::<T>::mutate(|range| {
            let place = range.next;
            range.next = place.saturating_add(1);
            place
        });
        Windows::<T>::insert(place, id);
    }

    /// Works off windows that are over, oldest first. Returns how many items it worked off.
    pub(crate) fn close_windows(slot: SlotNumber, budget: u32) -> u32 {
        let mut range = WindowRange::<T>::get();
        let begin = range.first;
        while range.first < range.next && range.first.saturating_sub(begin) < u64::from(budget) {
            let id = Windows::<T>::get(range.first);
            let record = id.and_then(|id| Contestables::<T>::get(id).map(|record| (id, record)));
            match record {
                Some((_, record)) if record.window_ends >= slot => break,
                // The end of the challenge sees that the window is over.
                Some((_, record)) if record.challenge.is_some() => {}
                Some((id, record)) => Self::close_window(id, &record),
                // Released by a call or a challenge.
                None => {}
            }
            Windows::<T>::remove(range.first);
            range.first = range.first.saturating_add(1);
        }
        if range.first != begin {
            WindowRange::<T>::put(range);
        }
        u32::try_from(range.first.saturating_sub(begin)).unwrap_or(u32::MAX)
    }

    /// Nobody can challenge the optimum any more: its bond returns.
    pub(crate) fn close_window(id: OptimumId, record: &Contestable<T::AccountId>) {
        Self::forget_contestable(id, record);
        let amount = Self::release(HoldReason::Bond, &record.optimizer, record.bond);
        Self::deposit_event(Event::BondReleased {
            optimum: id,
            optimizer: record.optimizer.clone(),
            amount,
        });
    }

    pub(crate) fn forget_contestable(id: OptimumId, record: &Contestable<T::AccountId>) {
        Contestables::<T>::remove(id);
        ContestablesOf::<T>::remove(record.domain, id);
    }

    pub(crate) fn do_release_bond(id: OptimumId) -> DispatchResult {
        let record = Contestables::<T>::get(id).ok_or(Error::<T>::NotContestable)?;
        ensure!(record.challenge.is_none(), Error::<T>::AlreadyChallenged);
        ensure!(T::Clock::current_slot() > record.window_ends, Error::<T>::WindowOpen);
        Self::close_window(id, &record);
        Ok(())
    }
}

//! The registry of authorities: who stands for the set, who is chosen, who is dropped.

use crate::{
    Authorities, BondStatus, Bonds, Candidates, Config, CurrentSlot, Error, Event, GenesisSlot, HoldReason, LastSeen,
    NetworkParameters, NextAuthorities, Pallet, PrimaryBlocks, Seat, SuspensionReason,
};
use alloc::vec::Vec;
use core::cmp::Reverse;
use doin_primitives::{engine::AuthorityWeight, traits::ReputationLedger, Balance, Reputation};
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Get},
    traits::{
        fungible::hold::{Inspect, Mutate},
        tokens::Precision,
        ValidatorRegistration,
    },
};
use pallet_session::historical;
use sp_runtime::TryRuntimeError;
use sp_staking::SessionIndex;

/// From this reputation on a candidate enters the set.
pub(crate) const ENTER: Reputation = Reputation::from_u32(2);
/// Below this reputation an authority leaves the set.
pub(crate) const STAY: Reputation = Reputation::from_u32(1);
/// An authority is dropped when its weight share times the primary blocks since its own last block exceeds this: by
/// bad luck alone that happens once in e¹⁰ ≈ 22 000 times.
pub(crate) const MISSED_BLOCKS: u128 = 10;
/// A milli-point of reputation, in units of 10⁻¹⁸.
const MILLI_POINT: u128 = 1_000_000_000_000_000;

impl<T: Config> Pallet<T> {
    /// The weight of a member of the genesis set: 10 points, which is what the reputation ledger gives it.
    pub(crate) const GENESIS_WEIGHT: AuthorityWeight = 10_000;

    /// max(1, milli-points of reputation); at most 2³² − 1, so that no sum of weights overflows 64 bits.
    pub(crate) fn reputation_weight(who: &T::AccountId) -> AuthorityWeight {
        let milli_points = T::Reputation::reputation(who)
            .into_inner()
            .checked_div(MILLI_POINT)
            .unwrap_or(0);
        u32::try_from(milli_points).unwrap_or(u32::MAX).max(1).into()
    }

    /// What the account has on hold as an authority.
    pub fn bond_of(who: &T::AccountId) -> Balance {
        T::Currency::balance_on_hold(&HoldReason::AuthorityBond.into(), who)
    }

    /// Whether the account is an authority of this epoch or the next.
    pub fn is_seated(who: &T::AccountId) -> bool {
        let sits = |seats: crate::Seats<T>| seats.iter().any(|seat| seat.account == *who);
        sits(Authorities::<T>::get()) || sits(NextAuthorities::<T>::get())
    }

    /// Members of the genesis set stand for it without a call. Genesis is built on a developer's machine: a list that
    /// does not fit must not become a chain.
    pub(crate) fn seat_at_genesis(seats: &[Seat<T::AccountId>]) {
        for seat in seats {
            let who = &seat.account;
            T::Reputation::on_genesis_member(who);
            assert!(
                Candidates::<T>::try_append(who.clone()).is_ok(),
                "more session keys than MaxCandidates"
            );
            Bonds::<T>::insert(who, BondStatus::Candidate);
            LastSeen::<T>::insert(who, 0);
        }
    }

    /// Puts the bonds of the genesis set on hold, in the first block. An account that the genesis gave too little
    /// stays without a bond: the event says 0. Returns how many there are.
    pub(crate) fn hold_genesis_bonds() -> u32 {
        let candidates = Candidates::<T>::get();
        let bond = NetworkParameters::<T>::get().authority_bond;
        for who in candidates.iter() {
            let held = T::Currency::hold(&HoldReason::AuthorityBond.into(), who, bond).map_or(0, |()| bond);
            Self::deposit_event(Event::AuthorityBonded {
                who: who.clone(),
                bond: held,
            });
        }
        candidates.len() as u32
    }

    pub(crate) fn do_bond(who: &T::AccountId) -> DispatchResult {
        ensure!(T::Sessions::is_registered(who), Error::<T>::NoSessionKeys);
        let reputation = T::Reputation::reputation(who);
        ensure!(reputation >= ENTER, Error::<T>::ReputationTooLow);
        let bond = NetworkParameters::<T>::get().authority_bond;
        let missing = bond.saturating_sub(Self::bond_of(who));
        let stands = Bonds::<T>::get(who) == Some(BondStatus::Candidate);
        ensure!(!stands || missing > 0, Error::<T>::AlreadyBonded);

        T::Currency::hold(&HoldReason::AuthorityBond.into(), who, missing)?;
        if !stands {
            Self::make_room(reputation)?;
            Candidates::<T>::try_append(who.clone()).map_err(|_| Error::<T>::TooManyCandidates)?;
            Bonds::<T>::insert(who, BondStatus::Candidate);
        }
        Self::deposit_event(Event::AuthorityBonded {
            who: who.clone(),
            bond: Self::bond_of(who),
        });
        Ok(())
    }

    /// When the list is full the worst-ranked candidate without a seat goes, if the newcomer has more reputation:
    /// money alone cannot keep the list full.
    fn make_room(reputation: Reputation) -> DispatchResult {
        let candidates = Candidates::<T>::get();
        if (candidates.len() as u32) < T::MaxCandidates::get() {
            return Ok(());
        }
        let seated: Vec<_> = Authorities::<T>::get()
            .into_iter()
            .chain(NextAuthorities::<T>::get())
            .map(|seat| seat.account)
            .collect();
        let worst = candidates
            .iter()
            .filter(|who| !seated.contains(who))
            .map(|who| (T::Reputation::reputation(who), who))
            .min();
        match worst {
            Some((least, who)) if least < reputation => {
                Self::suspend(who, SuspensionReason::Outranked);
                Ok(())
            }
            _ => Err(Error::<T>::TooManyCandidates.into()),
        }
    }

    pub(crate) fn do_unbond(who: &T::AccountId) -> DispatchResult {
        match Bonds::<T>::get(who) {
            None => return Err(Error::<T>::NotBonded.into()),
            Some(BondStatus::Unbonding { .. }) => return Err(Error::<T>::AlreadyUnbonding.into()),
            Some(BondStatus::Candidate | BondStatus::Suspended) => {}
        }
        Candidates::<T>::mutate(|candidates| candidates.retain(|candidate| candidate != who));
        let until = Self::unbonded_from_now();
        Bonds::<T>::insert(who, BondStatus::Unbonding { until });
        Self::deposit_event(Event::AuthorityUnbonding {
            who: who.clone(),
            until,
        });
        Ok(())
    }

    pub(crate) fn do_withdraw(who: &T::AccountId) -> DispatchResult {
        let until = match Bonds::<T>::get(who) {
            None => return Err(Error::<T>::NotBonded.into()),
            Some(BondStatus::Candidate | BondStatus::Suspended) => return Err(Error::<T>::NotUnbonding.into()),
            Some(BondStatus::Unbonding { until }) => until,
        };
        ensure!(!Self::is_seated(who), Error::<T>::StillSeated);
        ensure!(CurrentSlot::<T>::get() >= until, Error::<T>::StillUnbonding);
        let bond = T::Currency::release_all(&HoldReason::AuthorityBond.into(), who, Precision::BestEffort)?;
        Bonds::<T>::remove(who);
        Self::deposit_event(Event::AuthorityBondWithdrawn { who: who.clone(), bond });
        Ok(())
    }

    fn unbonded_from_now() -> u64 {
        CurrentSlot::<T>::get().saturating_add(NetworkParameters::<T>::get().unbonding_period)
    }

    /// The candidate no longer stands for the set. Who is leaving already goes on leaving.
    pub(crate) fn suspend(who: &T::AccountId, reason: SuspensionReason) {
        if Bonds::<T>::get(who) != Some(BondStatus::Candidate) {
            return;
        }
        Candidates::<T>::mutate(|candidates| candidates.retain(|candidate| candidate != who));
        Bonds::<T>::insert(who, BondStatus::Suspended);
        Self::deposit_event(Event::AuthoritySuspended {
            who: who.clone(),
            reason,
        });
    }

    /// The set has changed from `left` to `seats`: absence counts from now for those who are new, and the unbonding
    /// period for those who have left it.
    pub(crate) fn reseat(left: &[Seat<T::AccountId>], seats: &[Seat<T::AccountId>]) {
        let primary_blocks = PrimaryBlocks::<T>::get();
        for seat in seats {
            if !LastSeen::<T>::contains_key(&seat.account) {
                LastSeen::<T>::insert(&seat.account, primary_blocks);
            }
        }
        for Seat { account, .. } in left
            .iter()
            .filter(|old| !seats.iter().any(|seat| seat.account == old.account))
        {
            LastSeen::<T>::remove(account);
            if let Some(BondStatus::Unbonding { .. }) = Bonds::<T>::get(account) {
                Bonds::<T>::insert(
                    account,
                    BondStatus::Unbonding {
                        until: Self::unbonded_from_now(),
                    },
                );
            }
        }
    }

    /// Suspends the authorities of the ending epoch that are absent: weight/total · primary blocks since its own last
    /// block > 10, in integers.
    pub(crate) fn suspend_the_absent() {
        let seats = Authorities::<T>::get();
        let total = seats
            .iter()
            .fold(0u128, |total, seat| total.saturating_add(seat.weight.into()));
        let primary_blocks = PrimaryBlocks::<T>::get();
        for seat in seats.iter() {
            let missed = primary_blocks.saturating_sub(LastSeen::<T>::get(&seat.account).unwrap_or(primary_blocks));
            if u128::from(seat.weight).saturating_mul(missed.into()) > total.saturating_mul(MISSED_BLOCKS) {
                Self::suspend(&seat.account, SuspensionReason::Absence);
            }
        }
    }

    /// The best candidates: those who may enter or stay, by reputation (then by account), at most MaxAuthorities; when
    /// there are fewer than the minimum the next best of the others.
    pub(crate) fn best_candidates() -> Vec<T::AccountId> {
        let seats = NextAuthorities::<T>::get();
        let mut ranked: Vec<_> = Candidates::<T>::get()
            .into_iter()
            .filter(T::Sessions::is_registered)
            .map(|who| {
                let reputation = T::Reputation::reputation(&who);
                let required = if seats.iter().any(|seat| seat.account == who) {
                    STAY
                } else {
                    ENTER
                };
                (Reverse(reputation >= required), Reverse(reputation), who)
            })
            .collect();
        ranked.sort();
        let eligible = ranked.iter().filter(|(Reverse(eligible), ..)| *eligible).count();
        let minimum = usize::try_from(NetworkParameters::<T>::get().minimum_authorities).unwrap_or(usize::MAX);
        let maximum = usize::try_from(T::MaxAuthorities::get()).unwrap_or(usize::MAX);
        ranked
            .into_iter()
            .take(eligible.max(minimum).min(maximum))
            .map(|(_, _, who)| who)
            .collect()
    }

    /// The accounts of the session after the next: the best candidates; when nobody is left those who sit already and
    /// still have keys.
    pub(crate) fn plan_accounts() -> Vec<T::AccountId> {
        Self::suspend_the_absent();
        let best = Self::best_candidates();
        if !best.is_empty() {
            return best;
        }
        let seated = NextAuthorities::<T>::get().into_iter().map(|seat| seat.account);
        seated.filter(T::Sessions::is_registered).collect()
    }

    pub(crate) fn try_state_of_authorities() -> Result<(), TryRuntimeError> {
        let candidates = Candidates::<T>::get();
        let mut distinct = candidates.clone().into_inner();
        distinct.sort();
        distinct.dedup();
        ensure!(
            distinct.len() == candidates.len(),
            "an account stands for the set twice"
        );
        for who in candidates.iter() {
            ensure!(
                Bonds::<T>::get(who) == Some(BondStatus::Candidate),
                "a candidate's bond says otherwise"
            );
        }
        let standing = Bonds::<T>::iter()
            .filter(|(_, status)| *status == BondStatus::Candidate)
            .count();
        ensure!(
            standing == candidates.len(),
            "a bond says candidate and the list does not"
        );

        let seats = Authorities::<T>::get();
        for seat in seats.iter().chain(NextAuthorities::<T>::get().iter()) {
            ensure!(
                Bonds::<T>::contains_key(&seat.account),
                "an authority has withdrawn its bond"
            );
        }
        // A key of the map that is not seated would stay for ever.
        ensure!(
            LastSeen::<T>::iter_keys().count() == seats.len(),
            "presence is noted of others than authorities"
        );
        ensure!(
            seats.iter().all(|seat| LastSeen::<T>::contains_key(&seat.account)),
            "presence is not noted"
        );
        ensure!(
            LastSeen::<T>::iter_values().all(|seen| seen <= PrimaryBlocks::<T>::get()),
            "an authority was seen in the future"
        );
        Ok(())
    }
}

/// Sessions and epochs are the same: the accounts of each are planned here.
impl<T> pallet_session::SessionManager<T::AccountId> for Pallet<T>
where
    T: Config + pallet_session::Config<ValidatorId = <T as frame_system::Config>::AccountId> + historical::Config,
{
    /// `None` unless accounts or keys change: the session pallet takes any list for a change of identities.
    ///
    /// Changed keys count, because only a list returned makes the historical root of the new keys: without it a key
    /// changed by its owner could never be shown to be that owner's, and equivocations under it would go unpunished.
    fn new_session(_index: SessionIndex) -> Option<Vec<T::AccountId>> {
        let planned = Self::plan_accounts();
        let queued = pallet_session::QueuedKeys::<T>::get();
        let unchanged = planned.len() == queued.len()
            && queued.iter().all(|(who, keys)| {
                planned.contains(who) && pallet_session::Pallet::<T>::load_keys(who).as_ref() == Some(keys)
            });
        (!unchanged && !planned.is_empty()).then_some(planned)
    }

    /// The genesis set is all who have session keys at genesis, in order of accounts. It is returned rather than left
    /// to the session pallet so that the historical roots of sessions 0 and 1 exist.
    fn new_session_genesis(_index: SessionIndex) -> Option<Vec<T::AccountId>> {
        let mut accounts: Vec<_> = pallet_session::NextKeys::<T>::iter_keys().collect();
        accounts.sort();
        Some(accounts)
    }

    /// Forgets the roots of sessions whose equivocations are no longer punished.
    fn start_session(index: SessionIndex) {
        if GenesisSlot::<T>::get().is_some() {
            let remembered = NetworkParameters::<T>::get().remembered_sessions();
            historical::Pallet::<T>::prune_up_to(index.saturating_sub(remembered));
        }
    }

    fn end_session(_: SessionIndex) {}
}

impl<T> historical::SessionManager<T::AccountId, ()> for Pallet<T>
where
    T: Config
        + pallet_session::Config<ValidatorId = <T as frame_system::Config>::AccountId>
        + historical::Config<FullIdentification = ()>,
{
    fn new_session(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session(index).map(identified)
    }

    fn new_session_genesis(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session_genesis(index).map(identified)
    }

    fn start_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::start_session(index)
    }

    fn end_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::end_session(index)
    }
}

fn identified<AccountId>(accounts: Vec<AccountId>) -> Vec<(AccountId, ())> {
    accounts.into_iter().map(|who| (who, ())).collect()
}

//! The invariants of the storage.

use crate::{
    Challenges, Commits, Config, Contestables, ContestablesOf, Ended, Expiries, ExpiryRanges, HoldReason, NextExpiries,
    NextOptimum, Optimae, Pallet, Places, Queues, RecentlyEnded, Stage, WaitingHeads, WindowRange, Windows,
};
use alloc::collections::{BTreeMap, BTreeSet};
use doin_primitives::{
    domain::DomainId,
    optimum::OptimumId,
    traits::{DomainRegistry, QuorumManager},
    Balance,
};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::TryRuntimeError;

type Sums<AccountId> = BTreeMap<AccountId, Balance>;

impl<T: Config> Pallet<T> {
    /// Checks every invariant. Read-only.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut bonds = Sums::<T::AccountId>::new();
        let mut escrows = Sums::<T::AccountId>::new();
        let mut deterrents = Sums::<T::AccountId>::new();
        Self::check_commits(&mut bonds)?;
        Self::check_queues(&mut bonds, &mut escrows)?;
        Self::check_contestables(&mut bonds)?;
        Self::check_challenges(&mut escrows, &mut deterrents)?;
        Self::check_waiting()?;
        Self::check_ended()?;
        Self::check_holds(HoldReason::Bond, bonds)?;
        Self::check_holds(HoldReason::Escrow, escrows)?;
        Self::check_holds(HoldReason::Challenge, deterrents)
    }

    /// Every open commit has its place among the expiries, and every place its commit.
    fn check_commits(bonds: &mut Sums<T::AccountId>) -> Result<(), TryRuntimeError> {
        let mut count = 0usize;
        for (who, commits) in Commits::<T>::iter() {
            ensure!(!commits.is_empty(), "optimae: an empty list of commits");
            for commit in commits {
                count = count.saturating_add(1);
                let expiry = Expiries::<T>::get(commit.domain, commit.expiry);
                let matches = expiry.is_some_and(|expiry| {
                    expiry.who == who
                        && expiry.commitment == commit.commitment
                        && expiry.deadline == commit.reveal_deadline
                });
                ensure!(matches, "optimae: a commit without its expiry");
                add(bonds, &who, commit.bond);
            }
        }
        ensure!(
            Expiries::<T>::iter().count() == count,
            "optimae: an expiry without its commit"
        );
        for (domain, place, expiry) in Expiries::<T>::iter() {
            let range = ExpiryRanges::<T>::get(domain);
            ensure!(
                place >= range.first && place < range.next,
                "optimae: an expiry out of its range"
            );
            let next = NextExpiries::<T>::get();
            let noted = next
                .iter()
                .any(|next| next.domain == domain && next.deadline <= expiry.deadline);
            ensure!(noted, "optimae: an expiry that is not noted as next, or too late");
        }
        let ranges = ExpiryRanges::<T>::iter().map(|(domain, range)| {
            ensure!(range.first < range.next, "optimae: an empty range of expiries");
            let noted = NextExpiries::<T>::get()
                .iter()
                .filter(|next| next.domain == domain)
                .count();
            ensure!(noted == 1, "optimae: a range of expiries that is not noted once");
            Ok(())
        });
        let ranges = ranges.collect::<Result<alloc::vec::Vec<()>, TryRuntimeError>>()?.len();
        ensure!(
            NextExpiries::<T>::get().len() == ranges,
            "optimae: a next expiry of a domain without any"
        );
        Ok(())
    }

    /// Every open optimum is in its domain's queue once and in its account's place; only the head is judged.
    fn check_queues(bonds: &mut Sums<T::AccountId>, escrows: &mut Sums<T::AccountId>) -> Result<(), TryRuntimeError> {
        let mut count = 0usize;
        for (domain, queue) in Queues::<T>::iter() {
            ensure!(!queue.is_empty(), "optimae: an empty queue");
            for (position, id) in queue.into_iter().enumerate() {
                count = count.saturating_add(1);
                let optimum = Optimae::<T>::get(id).ok_or("optimae: a queued optimum that is not open")?;
                ensure!(
                    optimum.domain == domain,
                    "optimae: an optimum in the queue of another domain"
                );
                ensure!(id < NextOptimum::<T>::get(), "optimae: a number that was not given yet");
                let place = Places::<T>::get(domain, &optimum.optimizer);
                ensure!(
                    place == Some(id),
                    "optimae: an optimum that is not in its account's place"
                );
                let judging = optimum.stage == Stage::Judging;
                ensure!(
                    position == 0 || !judging,
                    "optimae: an optimum behind the head is judged"
                );
                ensure!(
                    judging == T::Quorum::is_judging(id),
                    "optimae: the quorum sees another stage"
                );
                add(bonds, &optimum.optimizer, optimum.bond);
                add(escrows, &optimum.optimizer, optimum.escrow);
            }
        }
        ensure!(
            Optimae::<T>::iter_keys().count() == count,
            "optimae: an open optimum in no queue"
        );
        ensure!(
            Places::<T>::iter_keys().count() == count,
            "optimae: a place without an open optimum"
        );
        Ok(())
    }

    /// Every accepted optimum that can be challenged has ended, is listed by its domain, which is there, and has its place
    /// among the windows unless its window is over and a challenge of it open; the windows end in their order.
    fn check_contestables(bonds: &mut Sums<T::AccountId>) -> Result<(), TryRuntimeError> {
        let range = WindowRange::<T>::get();
        let mut places = BTreeSet::<OptimumId>::new();
        let mut latest = 0;
        for place in range.first..range.next {
            let id = Windows::<T>::get(place).ok_or("optimae: a gap among the windows")?;
            ensure!(places.insert(id), "optimae: an optimum has two windows");
            if let Some(record) = Contestables::<T>::get(id) {
                ensure!(record.window_ends >= latest, "optimae: windows out of order");
                latest = record.window_ends;
            }
        }
        ensure!(
            Windows::<T>::iter_keys().count() == places.len(),
            "optimae: a window out of its range"
        );
        let mut count = 0usize;
        for (id, record) in Contestables::<T>::iter() {
            count = count.saturating_add(1);
            ensure!(
                !Optimae::<T>::contains_key(id),
                "optimae: an optimum that can be challenged and is open"
            );
            ensure!(
                ContestablesOf::<T>::contains_key(record.domain, id),
                "optimae: an accepted optimum that its domain does not list"
            );
            ensure!(
                T::Domains::specification(record.domain).is_some(),
                "optimae: an accepted optimum of a domain that is gone"
            );
            ensure!(
                places.contains(&id) || (record.challenge.is_some() && record.window_ends < Self::now()),
                "optimae: an accepted optimum without its window"
            );
            ensure!(
                record.votes <= record.answerable && record.answerable as usize <= record.voters.len(),
                "optimae: others answer for an accepted optimum than those who are credited"
            );
            add(bonds, &record.optimizer, record.bond);
        }
        ensure!(
            ContestablesOf::<T>::iter_keys().count() == count,
            "optimae: a listed accepted optimum that is not there"
        );
        Ok(())
    }

    /// Every open challenge is in its domain's list once; only the first is judged, and is no optimizer's own.
    fn check_challenges(
        escrows: &mut Sums<T::AccountId>,
        deterrents: &mut Sums<T::AccountId>,
    ) -> Result<(), TryRuntimeError> {
        let mut listed = BTreeSet::<OptimumId>::new();
        for (domain, list) in Challenges::<T>::iter() {
            ensure!(!list.is_empty(), "optimae: an empty list of challenges");
            for (position, id) in list.into_iter().enumerate() {
                ensure!(listed.insert(id), "optimae: an optimum is challenged twice");
                let record = Contestables::<T>::get(id).ok_or("optimae: a challenge of nothing")?;
                ensure!(record.domain == domain, "optimae: a challenge in another domain's list");
                let challenge = record.challenge.ok_or("optimae: a listed challenge that is not open")?;
                ensure!(
                    challenge.challenger != record.optimizer,
                    "optimae: an optimizer challenges itself"
                );
                let judging = challenge.stage == Stage::Judging;
                ensure!(
                    position == 0 || !judging,
                    "optimae: a challenge behind the first is judged"
                );
                ensure!(
                    judging == T::Quorum::is_judging(id),
                    "optimae: the quorum sees another stage of a challenge"
                );
                add(escrows, &challenge.challenger, challenge.escrow);
                add(deterrents, &challenge.challenger, challenge.deterrent);
            }
        }
        let open = Contestables::<T>::iter_values().filter(|record| record.challenge.is_some());
        ensure!(
            open.count() == listed.len(),
            "optimae: an open challenge that is not listed"
        );
        Ok(())
    }

    /// How many optimae and challenges of the domain are judged.
    fn judged_in(domain: DomainId) -> usize {
        let optimum = Queues::<T>::get(domain).first().and_then(Optimae::<T>::get);
        let challenge = Self::first_challenge(domain).map(|(_, _, challenge)| challenge.stage);
        let stages = [optimum.map(|optimum| optimum.stage), challenge];
        stages
            .into_iter()
            .flatten()
            .filter(|stage| *stage == Stage::Judging)
            .count()
    }

    /// In every domain with something queued either one is judged or the domain waits; it is noted once, and no other is.
    fn check_waiting() -> Result<(), TryRuntimeError> {
        let heads = WaitingHeads::<T>::get();
        let queued: BTreeSet<DomainId> = Queues::<T>::iter_keys().chain(Challenges::<T>::iter_keys()).collect();
        for domain in &queued {
            let waits = heads.iter().any(|head| head.domain == *domain);
            let judged = Self::judged_in(*domain);
            ensure!(judged <= 1, "optimae: two are judged at a time in a domain");
            ensure!(waits == (judged == 0), "optimae: a head must either be judged or wait");
        }
        for head in &heads {
            ensure!(queued.contains(&head.domain), "optimae: a waiting head without a queue");
            let noted = heads.iter().filter(|other| other.domain == head.domain).count();
            ensure!(noted == 1, "optimae: a waiting head twice");
        }
        Ok(())
    }

    /// What is kept of ended optimae is listed, and none of them is open.
    fn check_ended() -> Result<(), TryRuntimeError> {
        let mut count = 0usize;
        for (domain, recent) in RecentlyEnded::<T>::iter() {
            for id in recent {
                count = count.saturating_add(1);
                let ended = Ended::<T>::get(id).ok_or("optimae: a listed ended optimum that is not kept")?;
                ensure!(
                    ended.optimum.domain == domain,
                    "optimae: an ended optimum in another domain's list"
                );
                ensure!(
                    !Optimae::<T>::contains_key(id),
                    "optimae: an optimum that has ended and is open"
                );
            }
        }
        ensure!(
            Ended::<T>::iter_keys().count() == count,
            "optimae: an ended optimum that is not listed"
        );
        Ok(())
    }

    /// What is on hold is what the records say, for every account.
    fn check_holds(reason: HoldReason, mut sums: Sums<T::AccountId>) -> Result<(), TryRuntimeError> {
        let reason = reason.into();
        for who in frame_system::Account::<T>::iter_keys() {
            let held = T::Currency::balance_on_hold(&reason, &who);
            ensure!(
                held == sums.remove(&who).unwrap_or(0),
                "optimae: coin on hold differs from the records"
            );
        }
        ensure!(
            sums.values().all(|sum| *sum == 0),
            "optimae: coin of an account that is gone"
        );
        Ok(())
    }
}

fn add<AccountId: Ord + Clone>(sums: &mut Sums<AccountId>, who: &AccountId, amount: Balance) {
    let sum = sums.entry(who.clone()).or_default();
    *sum = sum.saturating_add(amount);
}

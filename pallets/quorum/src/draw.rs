//! The registry of evaluators and the draw from it.

use crate::{
    types::{ActiveRound, Audit, FirstRound, Registration, Round, Seat, Seats},
    Active, Audits, Config, Error, EvaluatorBond, Evaluators, Event, HoldReason, Pallet, Registrations, Rounds,
    UnbondingPeriod,
};
use alloc::vec::Vec;
use codec::Encode;
use core::cmp::Reverse;
use doin_primitives::{
    challenge,
    commitment::{data_seed, draw_seed, Seed},
    domain::{DomainId, DomainSpecification},
    optimum::Assignment,
    quorum::{
        draw, evaluator_weight, first_round_size, second_round_size, RoundPhase, MAX_EVALUATORS, MINIMUM_REPUTATION,
    },
    traits::{DomainRegistry, Liability, ReputationLedger, RollingRandomness, SlotClock},
    Reputation, SlotNumber,
};
use frame_support::{
    ensure,
    traits::{fungible::hold::Mutate as _, tokens::Precision},
    BoundedVec,
};
use sp_io::hashing::blake2_256;
use sp_runtime::DispatchResult;

/// Those who may judge an optimum: its domain's evaluators without the optimizer, with their reputation.
pub(crate) struct Candidates<AccountId> {
    /// Reputation [`MINIMUM_REPUTATION`] or more.
    pub eligible: Vec<(AccountId, Reputation)>,
    /// Less.
    pub others: Vec<(AccountId, Reputation)>,
}

impl<AccountId> Candidates<AccountId> {
    /// How many are eligible.
    pub fn eligible_count(&self) -> u32 {
        u32::try_from(self.eligible.len()).unwrap_or(u32::MAX)
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.others.len())
            .unwrap_or(u32::MAX)
            .saturating_add(self.eligible_count())
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_register(domain: DomainId, who: &T::AccountId) -> DispatchResult {
        ensure!(T::Domains::specification(domain).is_some(), Error::<T>::UnknownDomain);
        let held = match Registrations::<T>::get(who, domain) {
            Some(Registration {
                withdrawable_at: None, ..
            }) => return Err(Error::<T>::AlreadyRegistered.into()),
            Some(Registration { bond, .. }) => bond,
            None => 0,
        };
        let bond = EvaluatorBond::<T>::get().max(held);
        let mut list = Evaluators::<T>::get(domain);
        list.try_push(who.clone()).map_err(|_| Error::<T>::TooManyEvaluators)?;
        T::Currency::hold(&HoldReason::EvaluatorBond.into(), who, bond.saturating_sub(held))
            .map_err(|_| Error::<T>::InsufficientBalance)?;
        Evaluators::<T>::insert(domain, list);
        Registrations::<T>::insert(
            who,
            domain,
            Registration {
                bond,
                withdrawable_at: None,
            },
        );
        Self::deposit_event(Event::EvaluatorRegistered {
            domain,
            who: who.clone(),
            bond,
        });
        Ok(())
    }

    pub(crate) fn do_deregister(domain: DomainId, who: &T::AccountId) -> DispatchResult {
        let registration = Registrations::<T>::get(who, domain).ok_or(Error::<T>::NotRegistered)?;
        ensure!(registration.withdrawable_at.is_none(), Error::<T>::NotRegistered);
        let period = UnbondingPeriod::<T>::get().into();
        let withdrawable_at = T::Clock::current_slot().saturating_add(period);
        // What was accepted by now can be challenged so long.
        let withdrawable_at = withdrawable_at.max(T::Liability::ends_at());
        Evaluators::<T>::mutate(domain, |list| list.retain(|evaluator| evaluator != who));
        let registration = Registration {
            withdrawable_at: Some(withdrawable_at),
            ..registration
        };
        Registrations::<T>::insert(who, domain, registration);
        Self::deposit_event(Event::EvaluatorDeregistered {
            domain,
            who: who.clone(),
            withdrawable_at,
        });
        Ok(())
    }

    pub(crate) fn do_withdraw(domain: DomainId, who: &T::AccountId) -> DispatchResult {
        let registration = Registrations::<T>::get(who, domain).ok_or(Error::<T>::NotRegistered)?;
        let withdrawable_at = registration.withdrawable_at.ok_or(Error::<T>::StillRegistered)?;
        ensure!(T::Clock::current_slot() >= withdrawable_at, Error::<T>::StillUnbonding);
        ensure!(!Self::is_seated(domain, who), Error::<T>::StillSeated);
        ensure!(!T::Liability::is_challenged(domain, who), Error::<T>::StillAnswerable);
        let reason = HoldReason::EvaluatorBond.into();
        let amount = T::Currency::release(&reason, who, registration.bond, Precision::BestEffort)?;
        Registrations::<T>::remove(who, domain);
        Self::deposit_event(Event::EvaluatorBondWithdrawn {
            domain,
            who: who.clone(),
            amount,
        });
        Ok(())
    }

    /// Keeps the bonds of evaluators that have deregistered since they voted or audited until what is accepted now on
    /// their finding cannot be challenged any more.
    pub(crate) fn extend_unbonding<'a>(domain: DomainId, accountable: impl Iterator<Item = &'a T::AccountId>)
    where
        T::AccountId: 'a,
    {
        let withdrawable_at = T::Liability::ends_at();
        for who in accountable {
            let leaves_earlier = |at: SlotNumber| at < withdrawable_at;
            let Some(registration) = Registrations::<T>::get(who, domain)
                .filter(|registration| registration.withdrawable_at.is_some_and(leaves_earlier))
            else {
                continue;
            };
            let registration = Registration {
                withdrawable_at: Some(withdrawable_at),
                ..registration
            };
            Registrations::<T>::insert(who, domain, registration);
            Self::deposit_event(Event::UnbondingExtended {
                domain,
                who: who.clone(),
                withdrawable_at,
            });
        }
    }

    /// Whether the account sits or audits, or sat in round one, in the domain's open evaluation.
    fn is_seated(domain: DomainId, who: &T::AccountId) -> bool {
        let Some(active) = Active::<T>::get().into_iter().find(|active| active.domain == domain) else {
            return false;
        };
        let sits = Rounds::<T>::get(active.optimum).is_some_and(|round| {
            round.seats.iter().any(|seat| seat.evaluator == *who)
                || round.first.iter().any(|(evaluator, _)| evaluator == who)
        });
        let audits = |audit: &Audit<T::AccountId>| audit.auditors.iter().any(|auditor| auditor.auditor == *who);
        sits || Audits::<T>::get(active.optimum).open.iter().any(audits)
    }

    /// Those who may judge in the domain without being one of `excluded`.
    pub(crate) fn candidates(domain: DomainId, excluded: &[&T::AccountId]) -> Candidates<T::AccountId> {
        let (eligible, others) = Evaluators::<T>::get(domain)
            .into_iter()
            .filter(|evaluator| !excluded.contains(&evaluator))
            .map(|evaluator| {
                let reputation = T::Reputation::reputation(&evaluator);
                (evaluator, reputation)
            })
            .partition(|(_, reputation)| *reputation >= MINIMUM_REPUTATION);
        Candidates { eligible, others }
    }

    /// Those who may be drawn for the assignment, and how many for its first round.
    ///
    /// In a challenge those who voted for the optimum are not among them, if there are enough others.
    fn candidates_of(
        assignment: &Assignment<T::AccountId>,
        specification: &DomainSpecification,
    ) -> (Candidates<T::AccountId>, u32) {
        let Some(brief) = &assignment.challenge else {
            let candidates = Self::candidates(assignment.domain, &[&assignment.optimizer]);
            let size = first_round_size(specification.quorum, candidates.eligible_count(), candidates.count());
            return (candidates, size);
        };
        let excluded = [&assignment.optimizer, &brief.challenger];
        let mut candidates = Self::candidates(assignment.domain, &excluded);
        let usual = first_round_size(specification.quorum, candidates.eligible_count(), candidates.count());
        let is_voter = |(who, _): &(T::AccountId, Reputation)| brief.voters.contains(who);
        let (voters, unbiased): (Vec<_>, Vec<_>) = candidates.eligible.into_iter().partition(is_voter);
        let count = u32::try_from(unbiased.len()).unwrap_or(u32::MAX);
        let size = challenge::quorum_size(usual, count);
        candidates.eligible = unbiased;
        if count < size {
            candidates.eligible.extend(voters);
        } else {
            candidates.others.clear();
        }
        (candidates, size)
    }

    /// Those of good standing who may be drawn for the assignment: who audits has to meet what who judges has to.
    pub(crate) fn eligible_for(assignment: &Assignment<T::AccountId>) -> Vec<(T::AccountId, Reputation)> {
        T::Domains::specification(assignment.domain).map_or(Vec::new(), |specification| {
            Self::candidates_of(assignment, &specification).0.eligible
        })
    }

    /// Draws the first round. See `QuorumManager::draw`.
    pub(crate) fn draw_first(assignment: Assignment<T::AccountId>) -> DispatchResult {
        let specification = T::Domains::specification(assignment.domain).ok_or(Error::<T>::UnknownDomain)?;
        let active = Active::<T>::get();
        ensure!(
            !Rounds::<T>::contains_key(assignment.optimum),
            Error::<T>::AlreadyJudging
        );
        ensure!(
            active.iter().all(|active| active.domain != assignment.domain),
            Error::<T>::DomainBusy
        );
        ensure!(!active.is_full(), Error::<T>::TooManyRounds);
        let (candidates, size) = Self::candidates_of(&assignment, &specification);
        ensure!(size > 0, Error::<T>::NoEvaluators);
        let number = assignment.first_round();
        Self::open_round(
            assignment,
            &specification,
            number,
            candidates,
            size,
            FirstRound::default(),
        )
    }

    /// Draws the second round after a first one without a quorum; `false` when too few are there.
    ///
    /// Its size is min(2K + 1, eligible), odd; where round one had to be filled up it is as large as round one.
    pub(crate) fn draw_second(
        assignment: &Assignment<T::AccountId>,
        specification: &DomainSpecification,
        first: FirstRound<T::AccountId>,
    ) -> bool {
        let size_of_first = u32::try_from(first.len()).unwrap_or(u32::MAX);
        let (candidates, _) = Self::candidates_of(assignment, specification);
        let available = candidates.eligible_count().max(size_of_first.min(candidates.count()));
        let number = assignment.first_round().saturating_add(1);
        second_round_size(size_of_first, available).is_some_and(|size| {
            Self::open_round(assignment.clone(), specification, number, candidates, size, first).is_ok()
        })
    }

    /// Seats `size` evaluators and opens the commits.
    fn open_round(
        assignment: Assignment<T::AccountId>,
        specification: &DomainSpecification,
        number: u8,
        candidates: Candidates<T::AccountId>,
        size: u32,
        first: FirstRound<T::AccountId>,
    ) -> DispatchResult {
        let randomness = T::Randomness::rolling_randomness();
        let voters = assignment.challenge.iter().flat_map(|brief| brief.voters.iter());
        let seated_before: Vec<&T::AccountId> = first.iter().map(|(evaluator, _)| evaluator).chain(voters).collect();
        let seed = draw_seed(&randomness, assignment.optimum, number);
        let evaluators = Self::select(candidates, size, &seed, &seated_before);
        let seats = (0u32..).zip(evaluators.iter().cloned()).map(|(seat, evaluator)| Seat {
            evaluator,
            seed: data_seed(&randomness, assignment.optimum, number, seat),
            commitment: None,
            vote: None,
        });
        let seats: Seats<T::AccountId> = BoundedVec::truncate_from(seats.take(MAX_EVALUATORS as usize).collect());
        let slot = T::Clock::current_slot();
        let commit_deadline = slot.saturating_add(specification.deadlines.vote_commit.into());
        let due = commit_deadline.saturating_add(1);
        let (optimum, domain) = (assignment.optimum, assignment.domain);
        Self::set_due(ActiveRound { optimum, domain, due })?;
        Rounds::<T>::insert(
            optimum,
            Round {
                assignment,
                number,
                phase: RoundPhase::Commit,
                seats,
                commit_deadline,
                reveal_deadline: due.saturating_add(specification.deadlines.vote_reveal.into()),
                first,
            },
        );
        Self::deposit_event(Event::Drawn {
            optimum,
            domain,
            round: number,
            evaluators,
            commit_deadline,
        });
        Ok(())
    }

    /// Picks `size` of the candidates: the eligible by a weighted draw, then, where they are too few, the others by
    /// rank, equal ranks by lot; in either group those who did not sit in round one first.
    ///
    /// By lot, not by age: else the oldest three that are gone would hold a domain where nobody has reputation.
    fn select(
        candidates: Candidates<T::AccountId>,
        size: u32,
        seed: &Seed,
        seated_before: &[&T::AccountId],
    ) -> Vec<T::AccountId> {
        let size = size as usize;
        let is_fresh = |(who, _): &(T::AccountId, Reputation)| !seated_before.contains(&who);
        let (fresh, stale): (Vec<_>, Vec<_>) = candidates.eligible.into_iter().partition(is_fresh);
        let mut selected = Vec::new();
        // A seed of its own for each draw.
        for (group, list) in [fresh, stale].into_iter().enumerate() {
            let weights: Vec<u64> = list
                .iter()
                .map(|(_, reputation)| evaluator_weight(*reputation))
                .collect();
            let count = u32::try_from(size.saturating_sub(selected.len())).unwrap_or(u32::MAX);
            let seed = if group == 0 {
                *seed
            } else {
                blake2_256(&(seed, b"again").encode())
            };
            let drawn = draw(&weights, count, &seed);
            selected.extend(
                drawn
                    .into_iter()
                    .filter_map(|index| list.get(index))
                    .map(|(who, _)| who.clone()),
            );
        }
        let missing = size.saturating_sub(selected.len());
        if missing > 0 {
            let mut others = candidates.others;
            others.sort_by_cached_key(|candidate| {
                (
                    !is_fresh(candidate),
                    Reverse(candidate.1),
                    blake2_256(&(seed, &candidate.0).encode()),
                )
            });
            selected.extend(others.into_iter().take(missing).map(|(who, _)| who));
        }
        selected
    }

    /// Enters the round into the list of those in progress, or changes when it needs a block.
    pub(crate) fn set_due(entry: ActiveRound) -> DispatchResult {
        Active::<T>::try_mutate(|active| {
            match active.iter_mut().find(|active| active.optimum == entry.optimum) {
                Some(active) => *active = entry,
                None => active.try_push(entry).map_err(|_| Error::<T>::TooManyRounds)?,
            }
            Ok(())
        })
    }

    /// The slot after `slot`: the first block after an event sees its consequences.
    pub(crate) fn next(slot: SlotNumber) -> SlotNumber {
        slot.saturating_add(1)
    }
}

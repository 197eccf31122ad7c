//! Challenges of accepted optimae (design, section 3, step 12): the rules are in [`doin_primitives::challenge`].
//!
//! A challenge stands in its domain's queue before all optimae, behind what is judged already. While it is open, nobody can
//! claim what he has earned by the optimum. It ends in exactly one [`ChallengeOutcome`]; a challenge that was decided is the
//! only one that an optimum can have, since one that found no quorum has shown nothing.

use crate::{
    queue::Draw, Challenges, Config, Contestable, Contestables, Ended, Error, Event, HoldReason, OpenChallenge, Pallet,
    Queues, Stage, WaitingHead, WaitingHeads, WeightInfo,
};
use alloc::vec::Vec;
use doin_primitives::{
    challenge::{self, Acceptance},
    domain::DomainId,
    optimum::{Assignment, ChallengeBrief, ChallengeOutcome, OptimumId},
    quorum::{required_agreement, Decision},
    reputation,
    traits::{
        DomainRegistry, EvaluatorBonds, Liability, QuorumManager, ReputationLedger, RewardLedger, SlotClock, Verdict,
    },
    Balance, Increment, SlotNumber,
};
use frame_support::ensure;
use sp_runtime::{
    traits::{Saturating, Zero},
    DispatchResult,
};

/// Evaluators answer with their bonds until nobody can challenge any more what was accepted on their finding, and no
/// challenge of it is open.
impl<T: Config> Liability<T::AccountId> for Pallet<T> {
    fn ends_at() -> SlotNumber {
        Self::window_end().saturating_add(1)
    }

    fn is_challenged(domain: DomainId, who: &T::AccountId) -> bool {
        let mut challenged = Challenges::<T>::get(domain)
            .into_iter()
            .filter_map(Contestables::<T>::get);
        challenged.any(|record| record.answerable().any(|voter| voter == who))
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_challenge(challenger: T::AccountId, id: OptimumId) -> DispatchResult {
        let mut record = Contestables::<T>::get(id).ok_or(Error::<T>::NotContestable)?;
        let (domain, slot) = (record.domain, T::Clock::current_slot());
        ensure!(record.challenge.is_none(), Error::<T>::AlreadyChallenged);
        ensure!(slot <= record.window_ends, Error::<T>::NotContestable);
        ensure!(record.optimizer != challenger, Error::<T>::OwnOptimum);
        let (deterrent, escrow) = Self::challenge_cost(&record).ok_or(Error::<T>::UnknownDomain)?;
        Self::hold(HoldReason::Challenge, &challenger, deterrent)?;
        Self::hold(HoldReason::Escrow, &challenger, escrow)?;

        let is_first = !Challenges::<T>::contains_key(domain);
        Challenges::<T>::try_mutate(domain, |list| list.try_push(id)).map_err(|_| Error::<T>::TooManyChallenges)?;
        if is_first {
            Self::go_first(domain)?;
        }
        record.challenge = Some(OpenChallenge {
            challenger: challenger.clone(),
            challenged_at: slot,
            challenged_in: Self::block_number(),
            deterrent,
            escrow,
            stage: Stage::Queued,
        });
        Self::for_each_share(&record, |who, _, _| T::Rewards::freeze(record.height, who));
        Contestables::<T>::insert(id, record);
        Self::deposit_event(Event::OptimumChallenged {
            optimum: id,
            domain,
            challenger,
            deterrent,
            escrow,
        });
        Ok(())
    }

    /// The first challenge of a domain takes the place of an optimum that waits to be drawn. An optimum that is judged ends
    /// first.
    fn go_first(domain: DomainId) -> Result<(), Error<T>> {
        let waits = WaitingHeads::<T>::mutate(|heads| match heads.iter_mut().find(|head| head.domain == domain) {
            Some(head) => {
                head.expires = None;
                true
            }
            None => false,
        });
        if waits || Queues::<T>::contains_key(domain) {
            return Ok(());
        }
        Self::wait(domain)
    }

    /// Each account that was credited for the optimum, with its points in the optimizers' and in the evaluators' pool. None
    /// where it has earned nothing: then there is nothing to hold back or to take.
    fn for_each_share(record: &Contestable<T::AccountId>, mut act: impl FnMut(&T::AccountId, Increment, Increment)) {
        let (effective, work) = (record.reward.effective, record.reward.work);
        if work.is_zero() {
            return;
        }
        act(&record.optimizer, effective, Increment::zero());
        for voter in &record.voters {
            act(voter, Increment::zero(), work);
        }
    }

    /// The challenge of a domain that is judged or drawn first.
    #[allow(clippy::type_complexity)]
    pub(crate) fn first_challenge(
        domain: DomainId,
    ) -> Option<(OptimumId, Contestable<T::AccountId>, OpenChallenge<T::AccountId>)> {
        let id = *Challenges::<T>::get(domain).first()?;
        let record = Contestables::<T>::get(id)?;
        let challenge = record.challenge.clone()?;
        Some((id, record, challenge))
    }

    /// Draws, ends or leaves waiting the first challenge of a domain. Returns the next head if it has ended.
    pub(crate) fn work_off_challenge(
        head: WaitingHead,
        id: OptimumId,
        mut record: Contestable<T::AccountId>,
        challenge: OpenChallenge<T::AccountId>,
        slot: SlotNumber,
    ) -> Option<WaitingHead> {
        let domain = record.domain;
        let Some(specification) = T::Domains::specification(domain) else {
            // The registry closes no domain in which an optimum can be challenged; were there one, nobody would lose.
            return Self::give_up(id, record, challenge);
        };
        if !Self::is_drawable(challenge.challenged_at, challenge.challenged_in, slot) {
            Self::set_waiting(domain, Some(head));
            return None;
        }
        let assignment = Assignment {
            optimum: id,
            domain,
            optimizer: record.optimizer.clone(),
            candidate: record.candidate,
            incumbent: record.incumbent,
            reported: record.value,
            season: record.season,
            challenge: Some(ChallengeBrief {
                challenger: challenge.challenger.clone(),
                voters: record.voters.clone(),
            }),
        };
        match Self::try_draw(head, assignment, &specification, slot) {
            Draw::Done => {
                let stage = Stage::Judging;
                record.challenge = Some(OpenChallenge { stage, ..challenge });
                Contestables::<T>::insert(id, record);
                Self::deposit_event(Event::ChallengeDrawn { optimum: id, domain });
                None
            }
            Draw::Waits => None,
            Draw::GivenUp => Self::give_up(id, record, challenge),
        }
    }

    /// Ends a challenge that nobody has judged. Returns the next head of the domain.
    fn give_up(
        id: OptimumId,
        record: Contestable<T::AccountId>,
        challenge: OpenChallenge<T::AccountId>,
    ) -> Option<WaitingHead> {
        // More work than that of a head: the shares of all voters.
        Self::add_weight(T::WeightInfo::on_challenge_verdict(0));
        Self::end_challenge(id, record, challenge, ChallengeOutcome::Undecided, None, &[])
    }

    /// Ends a challenge that was judged. A verdict on anything else changes nothing.
    pub(crate) fn on_challenge_verdict(verdict: Verdict<T::AccountId>) {
        Self::add_weight(T::WeightInfo::on_challenge_verdict(Self::involved(&verdict)));

        let id = verdict.assignment.optimum;
        let Some(record) = Contestables::<T>::get(id) else {
            return;
        };
        let judged = record.challenge.clone().filter(|open| open.stage == Stage::Judging);
        let Some(challenge) = judged else { return };

        let acceptance = Acceptance {
            increment: record.reward.increment,
            voters: record.votes,
        };
        // Who withheld a vote in the other round counted for the medians, and is not among those who agree.
        let agreeing = u32::try_from(verdict.agreeing.len()).unwrap_or(u32::MAX);
        let agreeing = agreeing.max(required_agreement(verdict.evaluators_drawn));
        let outcome = challenge::judge(acceptance, &verdict.decision, agreeing);
        Self::punish(&verdict, record.reward.work);
        let paid = Self::paid(&verdict);
        Self::end_challenge(id, record, challenge, outcome, Some(verdict.decision), &paid);
    }

    /// Ends a challenge: escrow, bonds, points, best, event. Returns the next head of the domain.
    fn end_challenge(
        id: OptimumId,
        mut record: Contestable<T::AccountId>,
        challenge: OpenChallenge<T::AccountId>,
        outcome: ChallengeOutcome,
        decision: Option<Decision>,
        paid: &[T::AccountId],
    ) -> Option<WaitingHead> {
        let (domain, challenger) = (record.domain, challenge.challenger);
        let price = T::Domains::specification(domain).map_or(0, |specification| specification.price);
        let (paid, mut returned) = Self::settle_escrow(&challenger, challenge.escrow, price, paid);
        let mut burned = match outcome {
            ChallengeOutcome::Upheld => Self::burn(HoldReason::Challenge, &challenger, challenge.deterrent),
            _ => 0,
        };
        let rest = challenge.deterrent.saturating_sub(burned);
        returned = returned.saturating_add(Self::release(HoldReason::Challenge, &challenger, rest));

        record.challenge = None;
        let mut bounty = 0;
        match outcome {
            ChallengeOutcome::Overturned | ChallengeOutcome::OverturnedByAbsence => {
                Self::overturn(id, &record, outcome == ChallengeOutcome::Overturned);
                let due = challenge::bounty(record.bond, paid);
                let (won, lost) = Self::forfeit_bond(&record.optimizer, record.bond, &challenger, due);
                bounty = won;
                burned = burned.saturating_add(lost);
            }
            ChallengeOutcome::Upheld | ChallengeOutcome::Undecided => {}
        }
        Self::for_each_share(&record, |who, _, _| T::Rewards::unfreeze(record.height, who));
        match outcome {
            ChallengeOutcome::Overturned | ChallengeOutcome::OverturnedByAbsence => {
                Self::forget_contestable(id, &record);
            }
            ChallengeOutcome::Upheld => Self::close_window(id, &record),
            ChallengeOutcome::Undecided if Self::now() > record.window_ends => Self::close_window(id, &record),
            ChallengeOutcome::Undecided => Contestables::<T>::insert(id, record),
        }
        Challenges::<T>::mutate_exists(domain, |stored| {
            if let Some(list) = stored {
                list.retain(|challenged| *challenged != id);
                if list.is_empty() {
                    *stored = None;
                }
            }
        });
        let next = Self::turn_to_next(domain);
        Ended::<T>::mutate(id, |ended| {
            if let Some(ended) = ended {
                ended.challenge = Some(outcome);
            }
        });
        Self::deposit_event(Event::ChallengeEnded {
            optimum: id,
            domain,
            challenger,
            outcome,
            decision,
            paid,
            returned,
            burned,
            bounty,
        });
        next
    }

    /// Undoes what a false acceptance has brought. `is_shown_false`: those who have found what it says answer for it; else
    /// nobody can check any more what they have found.
    fn overturn(id: OptimumId, record: &Contestable<T::AccountId>, is_shown_false: bool) {
        let domain = record.domain;
        let at_fault: Vec<&T::AccountId> = record.answerable().filter(|_| is_shown_false).collect();
        T::Domains::revoke(domain, id);
        Self::for_each_share(record, |who, effective, work| {
            T::Rewards::void(record.height, who, effective, work);
        });
        // As for a refuted claim: where nobody can earn reputation, nobody loses any.
        if !T::Domains::weight(domain).is_zero() || !record.reward.work.is_zero() {
            let earned = reputation::AGREED.saturating_mul(record.reputation);
            T::Reputation::on_overturned(&record.optimizer, record.reputation, true);
            for voter in &record.voters {
                T::Reputation::on_overturned(voter, earned, at_fault.contains(&voter));
            }
        }
        for voter in at_fault {
            T::Evaluators::slash(domain, voter, challenge::EVALUATOR_SLASH);
        }
    }

    /// What a challenge of the optimum takes: the deterrent and the escrow.
    pub(crate) fn challenge_cost(record: &Contestable<T::AccountId>) -> Option<(Balance, Balance)> {
        let specification = T::Domains::specification(record.domain)?;
        Some((
            challenge::deterrent(record.bond, Self::least_bond(&specification)),
            specification
                .price
                .saturating_mul(T::Quorum::paid_evaluations(challenge::QUORUM).into()),
        ))
    }
}

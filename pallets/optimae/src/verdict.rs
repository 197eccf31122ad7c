//! What a verdict does (design, section 3, steps 7 and 8).

use crate::{
    money::Fault, queue::Ending, Config, Contestable, OpenOptimum, Optimae, Pallet, Reward, SmallQuorumFactor, Stage,
    VerdictWeight, WeightInfo,
};
use alloc::vec::Vec;
use doin_primitives::{
    domain::DomainSpecification,
    incentive, math,
    optimum::{Outcome, Voters},
    quorum::{Decision, QuorumVerdict},
    reputation,
    traits::{DomainRegistry, ReputationLedger, RewardLedger, Verdict, VerdictHandler, WorkSink},
    Increment, Metric,
};
use frame_support::weights::Weight;
use sp_runtime::{
    traits::{Saturating, Zero},
    FixedI128, FixedU128,
};

/// Quorums up to this size are small: their work counts by [`SmallQuorumFactor`].
const SMALL_QUORUM: u32 = 3;

impl<T: Config> VerdictHandler<T::AccountId> for Pallet<T> {
    /// Ends the optimum, or the challenge of it. A verdict on anything that is not being judged changes nothing.
    fn on_verdict(verdict: Verdict<T::AccountId>) {
        if verdict.assignment.challenge.is_some() {
            return Self::on_challenge_verdict(verdict);
        }
        Self::add_weight(T::WeightInfo::on_verdict(Self::involved(&verdict)));

        let id = verdict.assignment.optimum;
        let Some(optimum) = Optimae::<T>::get(id).filter(|optimum| optimum.stage == Stage::Judging) else {
            return;
        };
        let (outcome, reward) = match T::Domains::specification(optimum.domain) {
            Some(specification) => Self::judge(&optimum, &specification, &verdict),
            None => (Outcome::Expired, Reward::default()),
        };
        let fault = match outcome {
            Outcome::Accepted => Fault::Contestable,
            Outcome::Refuted | Outcome::RefutedByAbsence => Fault::Refuted,
            _ => Fault::None,
        };
        let paid = Self::paid(&verdict);
        let ending = Ending {
            outcome,
            decision: Some(verdict.decision),
            incumbent: Some(verdict.assignment.incumbent),
            reward,
            fault,
            paid: &paid,
        };
        Self::end(id, optimum, ending, Self::now());
    }
}

impl<T: Config> Pallet<T> {
    /// How many accounts and replays a verdict pays or punishes, at most.
    pub(crate) fn involved(verdict: &Verdict<T::AccountId>) -> u32 {
        let voters = verdict.agreeing.len().saturating_add(verdict.divergent.len());
        let involved = voters
            .max(verdict.revealed.len())
            .saturating_add(verdict.auditors.len());
        u32::try_from(involved).unwrap_or(u32::MAX)
    }

    /// Counts work that this block's hook has to be charged for.
    pub(crate) fn add_weight(weight: Weight) {
        VerdictWeight::<T>::mutate(|sum| *sum = sum.saturating_add(weight));
    }

    /// Reputations, shares, work and the best: all effects of a verdict but those on coin.
    fn judge(
        optimum: &OpenOptimum<T::AccountId>,
        specification: &DomainSpecification,
        verdict: &Verdict<T::AccountId>,
    ) -> (Outcome, Reward) {
        let factor = match verdict.evaluators_drawn <= SMALL_QUORUM {
            true => SmallQuorumFactor::<T>::get(),
            false => FixedU128::from_u32(1),
        };
        let none = Reward::default();
        match verdict.decision {
            Decision::Agreed {
                candidate,
                improvement,
                verdict: QuorumVerdict::Accepted,
                ..
            } => (
                Outcome::Accepted,
                Self::accept(optimum, specification, verdict, candidate, improvement, factor),
            ),
            Decision::Agreed {
                incumbent,
                verdict: QuorumVerdict::Unproven,
                ..
            } => {
                Self::remeasure(optimum, verdict, incumbent);
                (Outcome::Unproven, none)
            }
            Decision::Agreed {
                incumbent,
                verdict: QuorumVerdict::Refuted,
                ..
            } => {
                Self::remeasure(optimum, verdict, incumbent);
                // What the claim would have been worth, on the incumbent's value that was measured beside it.
                let claimed = Self::claimed_work(optimum.domain, specification, optimum.reported, Some(incumbent));
                Self::punish(verdict, claimed.saturating_mul(factor));
                Self::discredit(optimum);
                (Outcome::Refuted, none)
            }
            Decision::CandidateAbsent => {
                Self::punish(verdict, optimum.claimed.saturating_mul(factor));
                Self::discredit(optimum);
                (Outcome::RefutedByAbsence, none)
            }
            // The optimum ends with the incumbent that nobody could get: a verdict comes once an optimum, and its pairs
            // were drawn against that incumbent. Its optimizer loses the price of the evaluation, not the bond, and
            // may claim again against the predecessor at once.
            Decision::IncumbentAbsent => {
                T::Domains::fall_back(optimum.domain, verdict.assignment.incumbent);
                Self::punish(verdict, optimum.claimed.saturating_mul(factor));
                (Outcome::Expired, none)
            }
            // No vote was told right or wrong; divergent are those who withheld theirs.
            Decision::Undecided => {
                Self::punish(verdict, optimum.claimed.saturating_mul(factor));
                (Outcome::Expired, none)
            }
        }
    }

    fn accept(
        optimum: &OpenOptimum<T::AccountId>,
        specification: &DomainSpecification,
        verdict: &Verdict<T::AccountId>,
        candidate: Metric,
        improvement: FixedI128,
        factor: FixedU128,
    ) -> Reward {
        let domain = optimum.domain;
        let increment: Increment = math::to_unsigned(improvement);
        let fraction = incentive::reward_fraction(
            &specification.incentive,
            specification.direction,
            specification.absolute_tolerance,
            optimum.reported,
            candidate,
        );
        let work = increment
            .saturating_mul(T::Domains::weight(domain))
            .saturating_mul(fraction)
            .saturating_mul(factor);
        // It fails only for a domain that is gone, and a domain with an open optimum does not go.
        let season = verdict.assignment.season;
        let _ = T::Domains::set_best(domain, verdict.assignment.optimum, optimum.artifact, candidate, season);

        // Who audited has verified the increment as well. Once, however many votes: points and shares are for the increment.
        // All of them lose that should it be overturned, and so many can be remembered. Only those who found what it was
        // accepted with answer for it: who has discredited a vote for it, or reproduced one against it, was right.
        let mut verifiers = Voters::truncate_from(verdict.agreeing.clone());
        add_distinct(&mut verifiers, &verdict.confirming);
        let answerable = u32::try_from(verifiers.len()).unwrap_or(u32::MAX);
        add_distinct(&mut verifiers, &verdict.auditors);
        // The reputation after its reward: so that a newcomer's first optimum counts.
        let before = T::Reputation::reputation(&optimum.optimizer);
        let points = T::Reputation::on_accepted(&optimum.optimizer, &verifiers, work);
        let effective = work.saturating_mul(reputation::factor(points));
        T::Rewards::credit_optimizer(&optimum.optimizer, effective);
        for evaluator in &verifiers {
            T::Rewards::credit_evaluator(evaluator, work);
        }
        Self::punish(verdict, work);
        T::Work::add_work(effective);
        let reward = Reward {
            increment,
            fraction,
            work,
            effective,
        };
        Self::open_window(
            verdict.assignment.optimum,
            Contestable {
                domain,
                optimizer: optimum.optimizer.clone(),
                candidate: optimum.artifact,
                incumbent: verdict.assignment.incumbent,
                season,
                value: candidate,
                votes: u32::try_from(verdict.agreeing.len()).unwrap_or(u32::MAX),
                voters: verifiers,
                answerable,
                reward,
                reputation: points.saturating_sub(before),
                height: T::Rewards::pending_height(),
                bond: optimum.bond,
                window_ends: Self::window_end(),
                challenge: None,
            },
        );
        reward
    }

    /// Whom the escrow pays, once for each vote or replay. Where no vote could be told right, all who revealed one have done
    /// their work.
    pub(crate) fn paid(verdict: &Verdict<T::AccountId>) -> Vec<T::AccountId> {
        let voters = match verdict.decision {
            Decision::Agreed { .. } => &verdict.agreeing,
            _ => &verdict.revealed,
        };
        voters.iter().chain(&verdict.auditors).cloned().collect()
    }

    /// The optimizer of a refuted claim loses reputation, but not in a domain without weight: nobody earns any there,
    /// and anybody can register one, with evaluators of his own.
    fn discredit(optimum: &OpenOptimum<T::AccountId>) {
        if !T::Domains::weight(optimum.domain).is_zero() {
            T::Reputation::on_refuted(&optimum.optimizer);
        }
    }

    pub(crate) fn punish(verdict: &Verdict<T::AccountId>, work: Increment) {
        for evaluator in &verdict.divergent {
            T::Reputation::on_diverged(evaluator, work);
        }
    }

    /// The quorum agreed and has measured the incumbent too: its value is known again.
    fn remeasure(optimum: &OpenOptimum<T::AccountId>, verdict: &Verdict<T::AccountId>, incumbent: Metric) {
        let assignment = &verdict.assignment;
        T::Domains::remeasure(optimum.domain, assignment.incumbent, incumbent, assignment.season);
    }
}

/// Appends those who are not listed yet, as many as fit.
fn add_distinct<AccountId: Clone + PartialEq>(list: &mut Voters<AccountId>, others: &[AccountId]) {
    for who in others {
        if !list.contains(who) && list.try_push(who.clone()).is_err() {
            break;
        }
    }
}

//! The wires to other pallets, and what the runtime API reads.

use crate::{
    types::{AuditRecord, Round},
    Active, Audits, Config, EvaluatorBond, Evaluators, Event, HoldReason, MinimumAuditRate, Pallet, Registrations,
    Rounds, UnbondingPeriod,
};
use alloc::vec::Vec;
use doin_primitives::{
    api::{AuditInfo, AuditorInfo, RoundInfo, SeatInfo, Stage},
    audit,
    domain::DomainId,
    optimum::{Assignment, OptimumId},
    quorum::{first_round_size, RoundPhase},
    traits::{BurnCounter, DomainActivity, DomainRegistry, DueWork, EvaluatorBonds, EvaluatorRegistry, QuorumManager},
    AccountId, Balance, SlotNumber,
};
use frame_support::traits::{
    fungible::hold::Mutate as _,
    tokens::{Fortitude, Precision},
};
use sp_runtime::{DispatchError, DispatchResult, Permill};

impl<T: Config> QuorumManager<T::AccountId> for Pallet<T> {
    fn quorum_size(domain: DomainId, optimizer: &T::AccountId) -> u32 {
        T::Domains::specification(domain).map_or(0, |specification| {
            let candidates = Self::candidates(domain, &[optimizer]);
            first_round_size(specification.quorum, candidates.eligible_count(), candidates.count())
        })
    }

    fn draw(assignment: Assignment<T::AccountId>) -> DispatchResult {
        Self::draw_first(assignment)
    }

    fn is_judging(optimum: OptimumId) -> bool {
        Rounds::<T>::contains_key(optimum)
    }

    fn paid_evaluations(seats: u32) -> u32 {
        audit::paid_evaluations(MinimumAuditRate::<T>::get(), seats)
    }
}

impl<T: Config> EvaluatorRegistry<T::AccountId> for Pallet<T> {
    fn is_evaluator(domain: DomainId, who: &T::AccountId) -> bool {
        Registrations::<T>::get(who, domain).is_some_and(|registration| registration.withdrawable_at.is_none())
    }

    fn register(domain: DomainId, who: &T::AccountId) -> Result<(), DispatchError> {
        Self::do_register(domain, who)
    }
}

impl<T: Config> EvaluatorBonds<T::AccountId> for Pallet<T> {
    fn slash(domain: DomainId, who: &T::AccountId, part: Permill) -> Balance {
        Self::slash_bond(domain, who, part)
    }

    fn unbonding_period() -> u32 {
        UnbondingPeriod::<T>::get()
    }
}

impl<T: Config> DueWork for Pallet<T> {
    fn has_due_work(slot: SlotNumber) -> bool {
        Active::<T>::get().iter().any(|active| active.due <= slot)
    }
}

impl<T: Config> DomainActivity for Pallet<T> {
    fn is_active(domain: DomainId) -> bool {
        Active::<T>::get().iter().any(|active| active.domain == domain)
    }
}

impl<T: Config> Pallet<T> {
    /// See [`EvaluatorBonds::slash`]. A bond that waits for its withdrawal can be slashed too: leaving saves nothing.
    pub(crate) fn slash_bond(domain: DomainId, who: &T::AccountId, part: Permill) -> Balance {
        let Some(mut registration) = Registrations::<T>::get(who, domain) else {
            return 0;
        };
        let amount = part.mul_ceil(registration.bond);
        let reason = HoldReason::EvaluatorBond.into();
        let result = T::Currency::burn_held(&reason, who, amount, Precision::BestEffort, Fortitude::Force);
        let burned = result.unwrap_or_default();
        T::Burns::note_burned(burned);
        registration.bond = registration.bond.saturating_sub(burned);
        let left = registration.bond;
        let drawable = registration.withdrawable_at.is_none();
        Registrations::<T>::insert(who, domain, registration);
        Self::deposit_event(Event::EvaluatorSlashed {
            domain,
            who: who.clone(),
            amount: burned,
            left,
        });
        // It fails only for an account without registration, and this one has its own.
        if drawable && left < EvaluatorBond::<T>::get() {
            let _ = Self::do_deregister(domain, who);
        }
        burned
    }

    /// The domain's evaluators that may be drawn, in order of registration.
    pub fn evaluators(domain: DomainId) -> Vec<T::AccountId> {
        Evaluators::<T>::get(domain).into_inner()
    }

    /// The stage of an optimum that is being judged.
    pub fn stage(optimum: OptimumId) -> Option<Stage> {
        Rounds::<T>::get(optimum).map(|round| match round.phase {
            RoundPhase::Commit => Stage::VoteCommit,
            RoundPhase::AuditCommit => Stage::AuditCommit,
            RoundPhase::Reveal => Stage::VoteReveal,
            RoundPhase::DisputeCommit | RoundPhase::DisputeReveal => Stage::Dispute,
        })
    }
}

impl<T: Config + frame_system::Config<AccountId = AccountId>> Pallet<T> {
    /// The optimum's round in progress.
    pub fn round(optimum: OptimumId) -> Option<RoundInfo> {
        Rounds::<T>::get(optimum).map(|round| round_info(round, Audits::<T>::get(optimum)))
    }

    /// The rounds in progress in which the account sits, or audits.
    pub fn duties(evaluator: &AccountId) -> Vec<RoundInfo> {
        let sits = |round: &RoundInfo| round.seats.iter().any(|seat| seat.evaluator == *evaluator);
        let audits = |round: &RoundInfo| {
            let mut auditors = round.audits.iter().flat_map(|audit| audit.auditors.iter());
            auditors.any(|auditor| auditor.auditor == *evaluator)
        };
        Active::<T>::get()
            .iter()
            .filter_map(|active| Self::round(active.optimum))
            .filter(|round| sits(round) || audits(round))
            .collect()
    }
}

fn round_info(round: Round<AccountId>, record: AuditRecord<AccountId>) -> RoundInfo {
    let seats = round.seats.into_iter().map(|seat| SeatInfo {
        evaluator: seat.evaluator,
        seed: seat.seed,
        commitment: seat.commitment,
        vote: seat.vote,
    });
    let audits = record.open.into_iter().map(|audit| {
        let auditors = audit.auditors.into_iter().map(|auditor| AuditorInfo {
            auditor: auditor.auditor,
            commitment: auditor.commitment,
            replay: auditor.replay,
        });
        AuditInfo {
            seat: audit.seat,
            auditors: auditors.collect(),
        }
    });
    RoundInfo {
        round: round.number,
        phase: round.phase,
        seats: seats.collect(),
        commit_deadline: round.commit_deadline,
        reveal_deadline: round.reveal_deadline,
        audits: audits.collect(),
        audit_deadline: record.deadline,
        assignment: round.assignment,
    }
}

//! What always holds.

use crate::{
    types::{AuditRecord, Round},
    Active, Audits, Conduct, Config, Evaluators, HoldReason, Pallet, Registrations, Rounds,
};
use alloc::collections::{BTreeMap, BTreeSet};
use doin_primitives::{quorum::RoundPhase, Balance};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every invariant of the pallet: registry against holds, list of rounds against rounds, and each round.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_registry()?;
        Self::check_rounds()
    }

    /// Each bond is on hold, and the lists hold exactly those who have not deregistered, each once.
    fn check_registry() -> Result<(), TryRuntimeError> {
        let mut bonds: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
        let mut may_be_drawn: BTreeSet<(u32, T::AccountId)> = BTreeSet::new();
        for (who, domain, registration) in Registrations::<T>::iter() {
            let bond = bonds.entry(who.clone()).or_default();
            *bond = bond.saturating_add(registration.bond);
            if registration.withdrawable_at.is_none() {
                may_be_drawn.insert((domain, who));
            }
        }
        for (who, bond) in bonds {
            let held = T::Currency::balance_on_hold(&HoldReason::EvaluatorBond.into(), &who);
            ensure!(held == bond, "quorum: an evaluator's hold differs from its bonds");
        }
        let mut listed = 0usize;
        for (domain, list) in Evaluators::<T>::iter() {
            listed = listed.saturating_add(list.len());
            let known = list.into_iter().all(|who| may_be_drawn.contains(&(domain, who)));
            ensure!(known, "quorum: an evaluator without registration is on a list");
        }
        // As many entries as registrations, each of them registered: none is missing and, below, none is twice.
        ensure!(listed == may_be_drawn.len(), "quorum: lists and registrations differ");
        for (_, list) in Evaluators::<T>::iter() {
            let distinct: BTreeSet<_> = list.iter().collect();
            ensure!(distinct.len() == list.len(), "quorum: an evaluator is twice on a list");
        }
        Ok(())
    }

    /// Rounds and their list agree; a domain has one round; seats are distinct, odd in number, without the optimizer,
    /// and hold nothing that their phase does not allow.
    fn check_rounds() -> Result<(), TryRuntimeError> {
        let active = Active::<T>::get();
        let optimae: BTreeSet<_> = active.iter().map(|entry| entry.optimum).collect();
        let domains: BTreeSet<_> = active.iter().map(|entry| entry.domain).collect();
        ensure!(optimae.len() == active.len(), "quorum: an optimum is twice in progress");
        ensure!(
            domains.len() == active.len(),
            "quorum: two optimae of a domain are in progress"
        );
        ensure!(
            Rounds::<T>::iter_keys().count() == active.len(),
            "quorum: a round is not on the list"
        );
        for entry in active {
            let round = Rounds::<T>::get(entry.optimum).ok_or("quorum: the list names a round that is not there")?;
            let assignment = &round.assignment;
            ensure!(
                assignment.optimum == entry.optimum,
                "quorum: a round is stored under another optimum"
            );
            ensure!(
                assignment.domain == entry.domain,
                "quorum: a round is listed under another domain"
            );
            let seated: BTreeSet<_> = round.seats.iter().map(|seat| &seat.evaluator).collect();
            ensure!(seated.len() == round.seats.len(), "quorum: an evaluator has two seats");
            ensure!(
                !seated.contains(&assignment.optimizer),
                "quorum: an optimizer judges itself"
            );
            ensure!(
                !assignment
                    .challenge
                    .as_ref()
                    .is_some_and(|brief| seated.contains(&brief.challenger)),
                "quorum: a challenger judges its challenge"
            );
            ensure!(seated.len() % 2 == 1, "quorum: the number of seats is even");
            ensure!(
                matches!(round.number.checked_sub(assignment.first_round()), Some(0 | 1)),
                "quorum: a round that is neither the first nor the second"
            );
            ensure!(
                round.first.is_empty() == round.is_first(),
                "quorum: round one is remembered wrongly"
            );
            ensure!(
                round.first.len() <= seated.len(),
                "quorum: round two is smaller than round one"
            );
            let acted = |conduct: Conduct| round.seats.iter().filter(move |seat| seat.conduct() == conduct).count();
            let hollow = round
                .seats
                .iter()
                .any(|seat| seat.vote.is_some() && seat.commitment.is_none());
            ensure!(!hollow, "quorum: a vote without a commitment");
            match round.phase {
                RoundPhase::Commit | RoundPhase::AuditCommit => ensure!(
                    acted(Conduct::Revealed) == 0,
                    "quorum: a vote was revealed while votes or replays are committed"
                ),
                _ => ensure!(
                    acted(Conduct::NoShow) < seated.len(),
                    "quorum: reveals are open, but nobody committed"
                ),
            }
            let record = Audits::<T>::get(entry.optimum);
            Self::check_audits(&round, &record)?;
            let deadline = match round.phase {
                RoundPhase::Commit => round.commit_deadline,
                RoundPhase::Reveal => round.reveal_deadline,
                _ => record.deadline,
            };
            let latest = Self::next(deadline);
            let timely = match round.is_phase_over(&record) {
                true => entry.due <= latest,
                false => entry.due == latest,
            };
            ensure!(timely, "quorum: a round is due at the wrong slot");
        }
        let orphaned = Audits::<T>::iter_keys().any(|optimum| !Rounds::<T>::contains_key(optimum));
        ensure!(!orphaned, "quorum: audits without a round");
        Ok(())
    }

    /// Audits are of committed votes, by others than author and optimizer, each by one auditor until it is disputed; and
    /// they hold nothing that the phase does not allow.
    fn check_audits(round: &Round<T::AccountId>, record: &AuditRecord<T::AccountId>) -> Result<(), TryRuntimeError> {
        let places: BTreeSet<u32> = record.open.iter().map(|audit| audit.seat).collect();
        ensure!(places.len() == record.open.len(), "quorum: a vote has two audits");
        ensure!(
            round.phase != RoundPhase::Commit || places.is_empty(),
            "quorum: an audit before the commits are closed"
        );
        ensure!(
            round.phase != RoundPhase::AuditCommit || !places.is_empty(),
            "quorum: auditors are waited for, but there is none"
        );
        for audit in &record.open {
            let seat = round.seats.get(audit.seat as usize);
            let seat = seat.ok_or("quorum: an audit of a seat that is not there")?;
            ensure!(
                seat.commitment.is_some(),
                "quorum: an audit of a vote that was not made"
            );
            let auditors: BTreeSet<_> = audit.auditors.iter().map(|auditor| &auditor.auditor).collect();
            ensure!(
                auditors.len() == audit.auditors.len() && !auditors.is_empty(),
                "quorum: an auditor twice, or none"
            );
            ensure!(
                !auditors.contains(&seat.evaluator) && !auditors.contains(&round.assignment.optimizer),
                "quorum: an author or an optimizer audits itself"
            );
            let brief = round.assignment.challenge.as_ref();
            ensure!(
                !brief.is_some_and(|brief| auditors.contains(&brief.challenger)),
                "quorum: a challenger audits votes on its challenge"
            );
            let disputed = matches!(round.phase, RoundPhase::DisputeCommit | RoundPhase::DisputeReveal);
            ensure!(
                auditors.len() == 1 || disputed,
                "quorum: too many auditors before a dispute"
            );
            let hollow =
                |auditor: &crate::Auditor<T::AccountId>| auditor.replay.is_some() && auditor.commitment.is_none();
            ensure!(
                !audit.auditors.iter().any(hollow),
                "quorum: a replay without a commitment"
            );
            let (commits, replays) = match round.phase {
                RoundPhase::AuditCommit => (true, false),
                RoundPhase::DisputeCommit => (true, true),
                _ => (false, true),
            };
            ensure!(
                commits || !audit.awaits_commitment(),
                "quorum: an auditor who did not commit is kept"
            );
            ensure!(
                replays || audit.auditors.iter().all(|auditor| auditor.replay.is_none()),
                "quorum: a replay was revealed while replays are committed"
            );
        }
        Ok(())
    }
}

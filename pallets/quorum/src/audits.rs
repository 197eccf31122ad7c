//! Audits: committed votes are replayed by others who have not seen them (the rules: [`doin_primitives::audit`]).
//!
//! A small state of its own beside the seats. When the vote commits are closed, votes are drawn, and an auditor for each
//! ([`RoundPhase::AuditCommit`]); all of the round's votes are fixed by then, and none is known. Replays are revealed with
//! the votes. Where one differs, two more auditors replay the vote ([`RoundPhase::DisputeCommit`],
//! [`RoundPhase::DisputeReveal`]). Then each audit is concluded, and only then the round decided.

use crate::{
    types::{Audit, AuditRecord, Auditor, Round},
    Audits, Config, Error, Event, MinimumAuditRate, Pallet, Rounds,
};
use alloc::vec::Vec;
use codec::Encode;
use doin_primitives::{
    audit::{self, Finding, DISPUTE_AUDITORS},
    commitment::{audit_seed, replay_commitment, Salt, Seed},
    domain::DomainSpecification,
    optimum::OptimumId,
    quorum::{draw, evaluator_weight, RoundPhase, Standing, VoteValues},
    traits::{Claims, ReputationLedger, RollingRandomness, SlotClock},
    Hash, Reputation, SlotNumber,
};
use frame_support::{ensure, BoundedVec};
use sp_io::hashing::blake2_256;
use sp_runtime::DispatchResult;

/// What the audits of a round have come to.
pub(crate) struct Conclusion<AccountId> {
    /// The seats whose votes do not count.
    pub discredited: Vec<u32>,
    /// Whose vote, by its seat, was reproduced by whom.
    pub reproduced: Vec<(u32, AccountId)>,
}

impl<AccountId> Default for Conclusion<AccountId> {
    fn default() -> Self {
        Self {
            discredited: Vec::new(),
            reproduced: Vec::new(),
        }
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_commit_replay(
        who: &T::AccountId,
        optimum: OptimumId,
        number: u8,
        seat: u32,
        commitment: Hash,
    ) -> DispatchResult {
        let round = Rounds::<T>::get(optimum).ok_or(Error::<T>::UnknownOptimum)?;
        ensure!(round.number == number, Error::<T>::WrongRound);
        let mut record = Audits::<T>::get(optimum);
        let slot = T::Clock::current_slot();
        let phase = matches!(round.phase, RoundPhase::AuditCommit | RoundPhase::DisputeCommit);
        let open = phase && slot <= record.deadline;
        let auditor = record
            .open
            .iter_mut()
            .filter(|audit| audit.seat == seat)
            .find_map(|audit| audit.auditors.iter_mut().find(|auditor| auditor.auditor == *who))
            .ok_or(Error::<T>::NotAuditor)?;
        ensure!(auditor.commitment.is_none(), Error::<T>::AlreadyCommitted);
        ensure!(open, Error::<T>::CommitTooLate);
        auditor.commitment = Some(commitment);
        Self::note_act(&round, &record, slot)?;
        Audits::<T>::insert(optimum, record);
        Self::deposit_event(Event::ReplayCommitted {
            optimum,
            round: number,
            seat,
            auditor: who.clone(),
            commitment,
        });
        Ok(())
    }

    pub(crate) fn do_reveal_replay(
        who: &T::AccountId,
        optimum: OptimumId,
        seat: u32,
        replay: VoteValues,
        salt: &Salt,
    ) -> DispatchResult {
        let round = Rounds::<T>::get(optimum).ok_or(Error::<T>::UnknownOptimum)?;
        let (number, phase) = (round.number, round.phase);
        let mut record = Audits::<T>::get(optimum);
        let deadline = match phase {
            RoundPhase::Reveal => round.reveal_deadline,
            _ => record.deadline,
        };
        let audit = record.open.iter_mut().find(|audit| audit.seat == seat);
        let audit = audit.ok_or(Error::<T>::NotAuditor)?;
        let due_in = audit.reveal_phase();
        let auditor = audit.auditors.iter_mut().find(|auditor| auditor.auditor == *who);
        let auditor = auditor.ok_or(Error::<T>::NotAuditor)?;
        let commitment = auditor.commitment.ok_or(Error::<T>::NotCommitted)?;
        ensure!(auditor.replay.is_none(), Error::<T>::AlreadyRevealed);
        let early = match due_in {
            RoundPhase::DisputeReveal => phase == RoundPhase::DisputeCommit,
            _ => phase == RoundPhase::AuditCommit,
        };
        ensure!(!early, Error::<T>::RevealTooEarly);
        let slot = T::Clock::current_slot();
        ensure!(phase == due_in && slot <= deadline, Error::<T>::RevealTooLate);
        let opened = replay_commitment(Self::genesis_hash(), optimum, number, seat, who, &replay, salt);
        ensure!(opened == commitment, Error::<T>::CommitmentMismatch);
        auditor.replay = Some(replay);
        Self::note_act(&round, &record, slot)?;
        Audits::<T>::insert(optimum, record);
        Self::deposit_event(Event::ReplayRevealed {
            optimum,
            round: number,
            seat,
            auditor: who.clone(),
            replay,
        });
        Ok(())
    }

    /// Draws votes of a round whose commits are closed for audits, and an auditor for each. Returns how many are audited:
    /// none where audits are switched off, or where nobody eligible but author and optimizer is there.
    pub(crate) fn draw_audits(round: &Round<T::AccountId>, deadline: SlotNumber) -> u32 {
        let minimum = MinimumAuditRate::<T>::get();
        if minimum.is_zero() {
            return 0;
        }
        let (optimum, number) = (round.assignment.optimum, round.number);
        let probability = audit::probability(minimum, T::Claims::claimed_part(optimum));
        let randomness = T::Randomness::rolling_randomness();
        let drawn: Vec<(u32, Seed, &T::AccountId)> = (0u32..)
            .zip(round.seats.iter())
            .filter(|(_, place)| place.commitment.is_some())
            .map(|(seat, place)| {
                let seed = audit_seed(&randomness, optimum, number, seat, 0);
                (seat, seed, &place.evaluator)
            })
            .filter(|(_, seed, _)| audit::is_audited(probability, seed))
            .collect();
        if drawn.is_empty() {
            return 0;
        }
        let eligible = Self::eligible_for(&round.assignment);
        let mut record = AuditRecord {
            deadline,
            ..Audits::<T>::get(optimum)
        };
        let mut busy = Vec::new();
        for (seat, seed, author) in drawn {
            let selected = Self::draw_auditors(&eligible, round, &busy, &[author], 1, &seed);
            let Some(auditor) = selected.first().cloned() else {
                continue;
            };
            busy.push(auditor.clone());
            let auditors = BoundedVec::truncate_from(alloc::vec![unheard(auditor.clone())]);
            // As many audits as seats fit.
            if record.open.try_push(Audit { seat, auditors }).is_ok() {
                Self::deposit_event(Event::AuditDrawn {
                    optimum,
                    round: number,
                    seat,
                    auditor,
                    commit_deadline: deadline,
                });
            }
        }
        let count = u32::try_from(record.open.len()).unwrap_or(u32::MAX);
        if count > 0 {
            Audits::<T>::insert(optimum, record);
        }
        count
    }

    /// Picks up to `count` auditors: those who do not sit in the round first, and of these who do not audit in it yet; by
    /// a weighted draw within each group.
    fn draw_auditors(
        eligible: &[(T::AccountId, Reputation)],
        round: &Round<T::AccountId>,
        busy: &[T::AccountId],
        excluded: &[&T::AccountId],
        count: u32,
        seed: &Seed,
    ) -> Vec<T::AccountId> {
        let is_seated = |who: &T::AccountId| round.seats.iter().any(|seat| seat.evaluator == *who);
        let grouped: Vec<_> = eligible
            .iter()
            .filter(|(who, _)| !excluded.contains(&who))
            .map(|candidate| ((is_seated(&candidate.0), busy.contains(&candidate.0)), candidate))
            .collect();
        let mut selected: Vec<T::AccountId> = Vec::new();
        for group in [(false, false), (false, true), (true, false), (true, true)] {
            let list: Vec<&(T::AccountId, Reputation)> = grouped
                .iter()
                .filter(|(of, _)| *of == group)
                .map(|(_, candidate)| *candidate)
                .collect();
            let weights: Vec<u64> = list
                .iter()
                .map(|(_, reputation)| evaluator_weight(*reputation))
                .collect();
            let missing = count.saturating_sub(u32::try_from(selected.len()).unwrap_or(u32::MAX));
            let places = draw(&weights, missing, &blake2_256(&(seed, group).encode()));
            let drawn = places.into_iter().filter_map(|place| list.get(place));
            selected.extend(drawn.map(|(who, _)| who.clone()));
        }
        selected
    }

    /// Ends a commit phase of audits: who has not committed is a no-show, and its audit lapses. Returns how many did not.
    pub(crate) fn close_replay_commits(round: &Round<T::AccountId>) -> u32 {
        let optimum = round.assignment.optimum;
        let mut record = Audits::<T>::get(optimum);
        let mut absent: Vec<(u32, T::AccountId)> = Vec::new();
        for audit in record.open.iter_mut() {
            let seat = audit.seat;
            audit.auditors.retain(|auditor| {
                let is_there = auditor.commitment.is_some();
                if !is_there {
                    absent.push((seat, auditor.auditor.clone()));
                }
                is_there
            });
        }
        record.open.retain(|audit| !audit.auditors.is_empty());
        Audits::<T>::insert(optimum, record);
        Self::note_absent_auditors(round, absent)
    }

    /// The seats whose votes replays differ from.
    pub(crate) fn disputed_seats(round: &Round<T::AccountId>, specification: &DomainSpecification) -> Vec<u32> {
        let is_disputed = |audit: &Audit<T::AccountId>| {
            let vote = round.seats.get(audit.seat as usize).and_then(|seat| seat.vote);
            audit::conclude(specification, vote, &replays(audit)).0 == Finding::Disputed
        };
        let audits = Audits::<T>::get(round.assignment.optimum).open.into_iter();
        audits.filter(is_disputed).map(|audit| audit.seat).collect()
    }

    /// Draws further auditors for the disputed votes. Returns for how many there are enough.
    pub(crate) fn open_disputes(round: &Round<T::AccountId>, disputed: &[u32], deadline: SlotNumber) -> u32 {
        let (optimum, number) = (round.assignment.optimum, round.number);
        let mut record = Audits::<T>::get(optimum);
        let randomness = T::Randomness::rolling_randomness();
        let eligible = Self::eligible_for(&round.assignment);
        let mut busy: Vec<T::AccountId> = Vec::new();
        let mut opened = 0u32;
        for audit in record.open.iter_mut().filter(|audit| disputed.contains(&audit.seat)) {
            let seat = audit.seat;
            let Some(author) = round.seats.get(seat as usize).map(|seat| &seat.evaluator) else {
                continue;
            };
            let mut excluded = alloc::vec![author];
            let first: Vec<T::AccountId> = audit.auditors.iter().map(|auditor| auditor.auditor.clone()).collect();
            excluded.extend(first.iter());
            let seed = audit_seed(&randomness, optimum, number, seat, 1);
            let auditors = Self::draw_auditors(&eligible, round, &busy, &excluded, DISPUTE_AUDITORS, &seed);
            if auditors.len() < DISPUTE_AUDITORS as usize {
                // Fewer could settle nothing: it takes three to discredit a vote, and two to uphold it.
                continue;
            }
            busy.extend(auditors.iter().cloned());
            for auditor in &auditors {
                // Three fit.
                let _ = audit.auditors.try_push(unheard(auditor.clone()));
            }
            opened = opened.saturating_add(1);
            Self::deposit_event(Event::VoteDisputed {
                optimum,
                round: number,
                seat,
                auditors,
                commit_deadline: deadline,
            });
        }
        record.deadline = deadline;
        Audits::<T>::insert(optimum, record);
        opened
    }

    /// Whether replays of disputed votes are to be revealed; opens the reveals up to the deadline.
    pub(crate) fn open_dispute_reveals(round: &Round<T::AccountId>, deadline: SlotNumber) -> bool {
        let optimum = round.assignment.optimum;
        let mut record = Audits::<T>::get(optimum);
        let wanted = record
            .open
            .iter()
            .any(|audit| audit.awaits_replay(RoundPhase::DisputeReveal));
        if wanted {
            record.deadline = deadline;
            Audits::<T>::insert(optimum, record);
            Self::deposit_event(Event::DisputeRevealsOpened {
                optimum,
                round: round.number,
                reveal_deadline: deadline,
            });
        }
        wanted
    }

    /// Concludes the audits of a round: who withheld a replay is a no-show, and the authors of discredited votes are
    /// slashed. What auditors are due is kept for the verdict.
    pub(crate) fn conclude_audits(
        round: &Round<T::AccountId>,
        specification: &DomainSpecification,
    ) -> Conclusion<T::AccountId> {
        let (optimum, number) = (round.assignment.optimum, round.number);
        let mut conclusion = Conclusion::default();
        if !Audits::<T>::contains_key(optimum) {
            return conclusion;
        }
        let mut record = Audits::<T>::get(optimum);
        let mut silent = Vec::new();
        for audit in core::mem::take(&mut record.open) {
            let seat = audit.seat;
            let Some(place) = round.seats.get(seat as usize) else {
                continue;
            };
            let (finding, standings) = audit::conclude(specification, place.vote, &replays(&audit));
            for (auditor, standing) in audit.auditors.into_iter().zip(standings) {
                if auditor.replay.is_none() {
                    silent.push((seat, auditor.auditor.clone()));
                }
                if (finding, standing) == (Finding::Reproduced, Standing::Agreeing) {
                    conclusion.reproduced.push((seat, auditor.auditor.clone()));
                }
                // As many fit as two rounds have replays.
                let _ = match standing {
                    Standing::Agreeing => record.earned.try_push(auditor.auditor),
                    Standing::Divergent => record.divergent.try_push(auditor.auditor),
                    Standing::Neutral => Ok(()),
                };
            }
            Self::deposit_event(Event::AuditConcluded {
                optimum,
                round: number,
                seat,
                evaluator: place.evaluator.clone(),
                finding,
            });
            if finding == Finding::Discredited {
                Self::slash_bond(round.assignment.domain, &place.evaluator, audit::SLASH);
                if Self::takes_reputation(&round.assignment) {
                    T::Reputation::on_discredited(&place.evaluator);
                }
                conclusion.discredited.push(seat);
            }
        }
        Audits::<T>::insert(optimum, record);
        Self::note_absent_auditors(round, silent);
        conclusion
    }

    /// Auditors who did not act lose what an empty seat costs: each once, however many votes it was to replay, so that
    /// a small network does not lose its spare evaluators at once. Returns how many replays are missing.
    fn note_absent_auditors(round: &Round<T::AccountId>, absent: Vec<(u32, T::AccountId)>) -> u32 {
        let count = u32::try_from(absent.len()).unwrap_or(u32::MAX);
        let mut punished: Vec<T::AccountId> = Vec::new();
        for (seat, auditor) in absent {
            if !punished.contains(&auditor) {
                Self::punish_no_show(&round.assignment, &auditor);
                punished.push(auditor.clone());
            }
            Self::deposit_event(Event::AuditorNoShow {
                optimum: round.assignment.optimum,
                round: round.number,
                seat,
                auditor,
            });
        }
        count
    }
}

/// An auditor who has done nothing yet.
fn unheard<AccountId>(auditor: AccountId) -> Auditor<AccountId> {
    Auditor {
        auditor,
        commitment: None,
        replay: None,
    }
}

/// What the auditors of a vote have revealed.
fn replays<AccountId>(audit: &Audit<AccountId>) -> Vec<Option<VoteValues>> {
    audit.auditors.iter().map(|auditor| auditor.replay).collect()
}

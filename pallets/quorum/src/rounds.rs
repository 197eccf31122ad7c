//! Rounds in progress: votes, ended phases, decisions.

use crate::{
    audits::Conclusion,
    types::{ActiveRound, AuditRecord, Conduct, FirstRound, Round},
    Active, Audits, Config, Error, Event, Pallet, Rounds, WeightInfo, MAX_ITEMS_PER_BLOCK,
};
use alloc::vec::Vec;
use doin_primitives::{
    commitment::{vote_commitment, Salt},
    domain::Deadlines,
    optimum::{Assignment, OptimumId},
    quorum::{decide, Decision, QuorumVerdict, RoundPhase, Standing, VoteValues},
    traits::{DomainRegistry, ReputationLedger, SlotClock, Verdict, VerdictHandler},
    Hash, SlotNumber,
};
use frame_support::{ensure, traits::Get, weights::Weight, BoundedVec};
use sp_runtime::{traits::Zero, DispatchResult};

impl<T: Config> Pallet<T> {
    /// The hash of the genesis block, which binds commitments to this chain.
    pub(crate) fn genesis_hash() -> Hash {
        let hash = frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::zero());
        <[u8; 32]>::try_from(hash.as_ref()).map(Hash::from).unwrap_or_default()
    }

    pub(crate) fn do_commit_vote(
        who: &T::AccountId,
        optimum: OptimumId,
        number: u8,
        commitment: Hash,
    ) -> DispatchResult {
        let mut round = Rounds::<T>::get(optimum).ok_or(Error::<T>::UnknownOptimum)?;
        let slot = T::Clock::current_slot();
        ensure!(round.number == number, Error::<T>::WrongRound);
        let seat = round
            .seats
            .iter_mut()
            .find(|seat| seat.evaluator == *who)
            .ok_or(Error::<T>::NotDrawn)?;
        ensure!(seat.commitment.is_none(), Error::<T>::AlreadyCommitted);
        let open = round.phase == RoundPhase::Commit && slot <= round.commit_deadline;
        ensure!(open, Error::<T>::CommitTooLate);
        seat.commitment = Some(commitment);
        Self::note_act(&round, &AuditRecord::default(), slot)?;
        Rounds::<T>::insert(optimum, round);
        Self::deposit_event(Event::VoteCommitted {
            optimum,
            round: number,
            evaluator: who.clone(),
            commitment,
        });
        Ok(())
    }

    pub(crate) fn do_reveal_vote(
        who: &T::AccountId,
        optimum: OptimumId,
        vote: VoteValues,
        salt: &Salt,
    ) -> DispatchResult {
        let mut round = Rounds::<T>::get(optimum).ok_or(Error::<T>::UnknownOptimum)?;
        let slot = T::Clock::current_slot();
        let number = round.number;
        let seat = round
            .seats
            .iter_mut()
            .find(|seat| seat.evaluator == *who)
            .ok_or(Error::<T>::NotDrawn)?;
        let early = matches!(round.phase, RoundPhase::Commit | RoundPhase::AuditCommit);
        ensure!(!early, Error::<T>::RevealTooEarly);
        let open = round.phase == RoundPhase::Reveal && slot <= round.reveal_deadline;
        ensure!(open, Error::<T>::RevealTooLate);
        let commitment = seat.commitment.ok_or(Error::<T>::NotCommitted)?;
        ensure!(seat.vote.is_none(), Error::<T>::AlreadyRevealed);
        let opened = vote_commitment(Self::genesis_hash(), optimum, number, who, &vote, salt);
        ensure!(opened == commitment, Error::<T>::CommitmentMismatch);
        seat.vote = Some(vote);
        Self::note_act(&round, &Audits::<T>::get(optimum), slot)?;
        Rounds::<T>::insert(optimum, round);
        Self::deposit_event(Event::VoteRevealed {
            optimum,
            round: number,
            evaluator: who.clone(),
            vote,
        });
        Ok(())
    }

    /// Makes the round due when all who have to act in its phase have acted.
    pub(crate) fn note_act(
        round: &Round<T::AccountId>,
        record: &AuditRecord<T::AccountId>,
        slot: SlotNumber,
    ) -> DispatchResult {
        match round.is_phase_over(record) {
            true => Self::set_due(Self::entry(round, Self::next(slot))),
            false => Ok(()),
        }
    }

    /// The round's entry in the list of those in progress.
    pub(crate) fn entry(round: &Round<T::AccountId>, due: SlotNumber) -> ActiveRound {
        ActiveRound {
            optimum: round.assignment.optimum,
            domain: round.assignment.domain,
            due,
        }
    }

    /// Works off the phases that have ended by `slot`: those that fell due first, first, so that a crowd delays
    /// everybody alike.
    pub(crate) fn work_off(slot: SlotNumber) -> Weight {
        let mut due: Vec<ActiveRound> = Active::<T>::get()
            .into_iter()
            .filter(|active| active.due <= slot)
            .collect();
        due.sort_unstable_by_key(|active| (active.due, active.optimum));
        due.into_iter()
            .take(MAX_ITEMS_PER_BLOCK)
            .fold(T::WeightInfo::on_initialize(), |weight, active| {
                // The benchmarks of the phases get the round handed in.
                let weight = weight.saturating_add(T::DbWeight::get().reads(1));
                weight.saturating_add(match Rounds::<T>::get(active.optimum) {
                    Some(round) => Self::end_phase(round, slot),
                    None => {
                        frame_support::defensive!("an active entry without its round");
                        Active::<T>::mutate(|list| list.retain(|entry| entry.optimum != active.optimum));
                        Weight::zero()
                    }
                })
            })
    }

    /// Ends the phase that a round is in.
    pub(crate) fn end_phase(round: Round<T::AccountId>, slot: SlotNumber) -> Weight {
        match round.phase {
            RoundPhase::Commit => Self::close_commits(round, slot),
            RoundPhase::AuditCommit => {
                let absent = Self::close_replay_commits(&round);
                Self::open_reveals(round, slot);
                T::WeightInfo::close_replay_commits(absent)
            }
            RoundPhase::Reveal => Self::close_reveals(round, slot),
            RoundPhase::DisputeCommit => {
                let absent = Self::close_replay_commits(&round);
                let weight = T::WeightInfo::close_replay_commits(absent);
                let deadline = slot.saturating_add(Self::deadlines(&round).vote_reveal.into());
                if Self::open_dispute_reveals(&round, deadline) {
                    Self::begin(round, RoundPhase::DisputeReveal, deadline);
                    return weight;
                }
                weight.saturating_add(Self::end_round(round))
            }
            RoundPhase::DisputeReveal => Self::end_round(round),
        }
    }

    /// Ends a commit phase: who has not committed is a no-show; of the others' votes some are drawn for audits, and where
    /// none is the reveals open.
    ///
    /// All votes of the round are fixed by their commitments here, and none is known. Audits drawn with this block's rolling
    /// randomness hit votes that their authors can neither change nor prepare for; auditors who commit before
    /// `RoundPhase::Reveal` begins have seen no vote.
    pub(crate) fn close_commits(round: Round<T::AccountId>, slot: SlotNumber) -> Weight {
        let (optimum, number) = (round.assignment.optimum, round.number);
        let mut absent = 0u32;
        for seat in round.seats.iter().filter(|seat| seat.commitment.is_none()) {
            absent = absent.saturating_add(1);
            Self::punish_no_show(&round.assignment, &seat.evaluator);
            let evaluator = seat.evaluator.clone();
            Self::deposit_event(Event::NoShow {
                optimum,
                round: number,
                evaluator,
            });
        }
        let weight = T::WeightInfo::close_commits(absent);
        if round.seats.iter().all(|seat| seat.commitment.is_none()) {
            // Nobody has anything to reveal.
            return weight.saturating_add(Self::end_round(round));
        }
        let deadline = slot.saturating_add(Self::deadlines(&round).vote_commit.into());
        match Self::draw_audits(&round, deadline) {
            0 => Self::open_reveals(round, slot),
            _ => Self::begin(round, RoundPhase::AuditCommit, deadline),
        }
        weight.saturating_add(T::WeightInfo::draw_audits())
    }

    /// Opens the reveals, from this block on, so that a chain that stood still does not cost anybody the time to reveal.
    fn open_reveals(mut round: Round<T::AccountId>, slot: SlotNumber) {
        let committed = round.seats.iter().filter(|seat| seat.commitment.is_some()).count();
        round.reveal_deadline = slot.saturating_add(Self::deadlines(&round).vote_reveal.into());
        Self::deposit_event(Event::RevealsOpened {
            optimum: round.assignment.optimum,
            round: round.number,
            committed: u32::try_from(committed).unwrap_or(u32::MAX),
            reveal_deadline: round.reveal_deadline,
        });
        let deadline = round.reveal_deadline;
        Self::begin(round, RoundPhase::Reveal, deadline);
    }

    /// Ends the reveals: who has not revealed has withheld its vote. Where replays differ from votes the audits go on;
    /// else the round is decided.
    pub(crate) fn close_reveals(round: Round<T::AccountId>, slot: SlotNumber) -> Weight {
        let mut withheld = 0u32;
        for seat in round.seats.iter().filter(|seat| seat.conduct() == Conduct::Withheld) {
            withheld = withheld.saturating_add(1);
            // Beside what a divergent vote costs, which may be nothing: silence must not be cheaper after a commit.
            Self::punish_no_show(&round.assignment, &seat.evaluator);
            let evaluator = seat.evaluator.clone();
            Self::deposit_event(Event::VoteWithheld {
                optimum: round.assignment.optimum,
                round: round.number,
                evaluator,
            });
        }
        let mut weight = T::WeightInfo::close_reveals(withheld);
        if let Some(specification) = T::Domains::specification(round.assignment.domain) {
            let disputed = Self::disputed_seats(&round, &specification);
            if !disputed.is_empty() {
                weight = weight.saturating_add(T::WeightInfo::draw_audits());
                let deadline = slot.saturating_add(specification.deadlines.vote_commit.into());
                if Self::open_disputes(&round, &disputed, deadline) > 0 {
                    Self::begin(round, RoundPhase::DisputeCommit, deadline);
                    return weight;
                }
            }
        }
        weight.saturating_add(Self::end_round(round))
    }

    /// Begins a phase of a round, which is due after the deadline.
    fn begin(mut round: Round<T::AccountId>, phase: RoundPhase, deadline: SlotNumber) {
        round.phase = phase;
        if phase == RoundPhase::AuditCommit {
            let length = Self::deadlines(&round).vote_reveal;
            round.reveal_deadline = Self::next(deadline).saturating_add(length.into());
        }
        if Self::set_due(Self::entry(&round, Self::next(deadline))).is_err() {
            frame_support::defensive!("a round in progress without its active entry");
        }
        Rounds::<T>::insert(round.assignment.optimum, round);
    }

    /// The deadlines of the round's domain. Those of audits are those of votes: a replay takes as long as a vote.
    fn deadlines(round: &Round<T::AccountId>) -> Deadlines {
        let specification = T::Domains::specification(round.assignment.domain);
        specification.map_or(Deadlines::default(), |specification| specification.deadlines)
    }

    /// Who was drawn and has not acted loses reputation, where any is to be lost.
    pub(crate) fn punish_no_show(assignment: &Assignment<T::AccountId>, evaluator: &T::AccountId) {
        if Self::takes_reputation(assignment) {
            T::Reputation::on_no_show(evaluator);
        }
    }

    /// Whether faults cost reputation: not in a domain without weight, where nobody earns any, and which anybody can
    /// register.
    pub(crate) fn takes_reputation(assignment: &Assignment<T::AccountId>) -> bool {
        !T::Domains::weight(assignment.domain).is_zero()
    }

    /// Decides a round. Without a quorum in round one, round two is drawn; else the evaluation ends with a verdict.
    ///
    /// Absence is decided in the last round only: two of three who say that they could not get the parameters are no
    /// proof against an optimizer yet.
    pub(crate) fn end_round(round: Round<T::AccountId>) -> Weight {
        let (optimum, number) = (round.assignment.optimum, round.number);
        let Some(specification) = T::Domains::specification(round.assignment.domain) else {
            frame_support::defensive!("a domain was closed under an open round");
            let standings = round.seats.iter().map(|_| Standing::Neutral).collect();
            let weight = Self::finish(round, Conclusion::default(), Decision::Undecided, standings);
            return weight.saturating_add(T::WeightInfo::end_round(0));
        };
        let audits = Self::conclude_audits(&round, &specification);
        let discredited = &audits.discredited;
        let weight = T::WeightInfo::end_round(u32::try_from(discredited.len()).unwrap_or(u32::MAX));
        // A discredited vote is as good as none, and its seat counts among the drawn: who loses his evaluators to audits
        // must not need fewer that agree.
        let votes: Vec<Option<VoteValues>> = (0u32..)
            .zip(round.seats.iter())
            .map(|(place, seat)| seat.vote.filter(|_| !discredited.contains(&place)))
            .collect();
        let (decision, standings) = decide(&specification, round.assignment.reported, &votes);
        let agreed = matches!(decision, Decision::Agreed { .. });
        if !agreed && round.is_first() {
            let first: FirstRound<T::AccountId> = BoundedVec::truncate_from(conducts(&round, discredited));
            let revealed = u32::try_from(votes.iter().flatten().count()).unwrap_or(u32::MAX);
            Self::deposit_event(Event::RoundUndecided {
                optimum,
                round: number,
                revealed,
            });
            if Self::draw_second(&round.assignment, &specification, first) {
                return weight.saturating_add(T::WeightInfo::draw());
            }
        }
        weight.saturating_add(Self::finish(round, audits, decision, standings))
    }

    /// Removes the round's data and hands over the verdict. Returns what that takes beside `end_round`.
    fn finish(
        round: Round<T::AccountId>,
        conclusion: Conclusion<T::AccountId>,
        decision: Decision,
        standings: Vec<Standing>,
    ) -> Weight {
        let last = conducts(&round, &conclusion.discredited);
        let is_first = round.is_first();
        let Round {
            assignment,
            number,
            first,
            ..
        } = round;
        let optimum = assignment.optimum;
        // Removed first: the handler may draw the domain's next optimum.
        Rounds::<T>::remove(optimum);
        let audits = Audits::<T>::take(optimum);
        Active::<T>::mutate(|active| active.retain(|entry| entry.optimum != optimum));

        let drawn = if is_first { last.len() } else { first.len() };
        let of_conduct = |wanted: Conduct| {
            let both = first.iter().chain(last.iter());
            let those = both.filter(|(_, conduct)| *conduct == wanted);
            distinct(those.map(|(who, _)| who.clone()))
        };
        let of_standing = |wanted: Standing| {
            let places = last.iter().zip(standings.iter());
            let those = places.filter(move |(_, standing)| **standing == wanted);
            those.map(|((who, _), _)| who.clone())
        };
        let (withheld, discredited) = (of_conduct(Conduct::Withheld), of_conduct(Conduct::Discredited));
        // Who withheld a vote in one round, or was shown wrong, earns nothing by being right in another place.
        let is_faultless = |who: &T::AccountId| {
            !(withheld.contains(who) || discredited.contains(who) || audits.divergent.contains(who))
        };
        let agreeing: Vec<_> = of_standing(Standing::Agreeing).filter(is_faultless).collect();
        let divergent = of_standing(Standing::Divergent).chain(withheld.iter().cloned());
        let divergent = distinct(divergent.chain(audits.divergent.iter().cloned()));
        let mut revealed = of_conduct(Conduct::Revealed);
        revealed.retain(|who| !discredited.contains(who));
        let agrees = |place: &u32| standings.get(*place as usize) == Some(&Standing::Agreeing);
        let reproduced = conclusion.reproduced.into_iter();
        let confirming = reproduced.filter(|(place, who)| agrees(place) && is_faultless(who));
        let confirming = distinct(confirming.map(|(_, who)| who));
        let auditors = audits.earned.iter().filter(|who| is_faultless(who)).cloned().collect();
        let is_accepted = matches!(
            decision,
            Decision::Agreed {
                verdict: QuorumVerdict::Accepted,
                ..
            }
        );
        let mut weight = Weight::zero();
        if is_accepted && assignment.challenge.is_none() {
            Self::extend_unbonding(assignment.domain, agreeing.iter().chain(&confirming));
            let accountable = agreeing.len().saturating_add(confirming.len());
            weight = T::WeightInfo::extend_unbonding(u32::try_from(accountable).unwrap_or(u32::MAX));
        }
        Self::deposit_event(Event::Decided {
            optimum,
            domain: assignment.domain,
            round: number,
            decision,
            agreeing: agreeing.clone(),
            divergent: divergent.clone(),
        });
        T::Verdicts::on_verdict(Verdict {
            assignment,
            decision,
            evaluators_drawn: u32::try_from(drawn).unwrap_or(u32::MAX),
            agreeing,
            divergent,
            revealed,
            auditors,
            confirming,
        });
        weight
    }
}

/// How each of a round has behaved, given the seats whose votes were discredited.
fn conducts<AccountId: Clone>(round: &Round<AccountId>, discredited: &[u32]) -> Vec<(AccountId, Conduct)> {
    let of = |(place, seat): (u32, &crate::Seat<AccountId>)| {
        let conduct = match discredited.contains(&place) {
            true => Conduct::Discredited,
            false => seat.conduct(),
        };
        (seat.evaluator.clone(), conduct)
    };
    (0u32..).zip(round.seats.iter()).map(of).collect()
}

/// Each account once, in order of its first appearance.
fn distinct<AccountId: PartialEq>(accounts: impl Iterator<Item = AccountId>) -> Vec<AccountId> {
    accounts.fold(Vec::new(), |mut list, who| {
        if !list.contains(&who) {
            list.push(who);
        }
        list
    })
}

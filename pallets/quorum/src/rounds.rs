//! Rounds in progress: votes, ended phases, decisions.

use crate::{
    types::{ActiveRound, Conduct, FirstRound, Round},
    Active, Config, Error, Event, Pallet, Rounds, WeightInfo, MAX_ITEMS_PER_BLOCK,
};
use alloc::vec::Vec;
use doin_primitives::{
    commitment::{vote_commitment, Salt},
    optimum::{Assignment, OptimumId},
    quorum::{decide, Decision, RoundPhase, Standing, VoteValues},
    traits::{DomainRegistry, ReputationLedger, SlotClock, Verdict, VerdictHandler},
    Hash, SlotNumber,
};
use frame_support::{ensure, weights::Weight, BoundedVec};
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
        if round.seats.iter().all(|seat| seat.commitment.is_some()) {
            Self::set_due(Self::entry(&round, Self::next(slot)))?;
        }
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
        ensure!(round.phase == RoundPhase::Reveal, Error::<T>::RevealTooEarly);
        ensure!(slot <= round.reveal_deadline, Error::<T>::RevealTooLate);
        let commitment = seat.commitment.ok_or(Error::<T>::NotCommitted)?;
        ensure!(seat.vote.is_none(), Error::<T>::AlreadyRevealed);
        let opened = vote_commitment(Self::genesis_hash(), optimum, number, who, &vote, salt);
        ensure!(opened == commitment, Error::<T>::CommitmentMismatch);
        seat.vote = Some(vote);
        if round.seats.iter().all(|seat| seat.conduct() != Conduct::Withheld) {
            Self::set_due(Self::entry(&round, Self::next(slot)))?;
        }
        Rounds::<T>::insert(optimum, round);
        Self::deposit_event(Event::VoteRevealed {
            optimum,
            round: number,
            evaluator: who.clone(),
            vote,
        });
        Ok(())
    }

    /// The round's entry in the list of those in progress.
    fn entry(round: &Round<T::AccountId>, due: SlotNumber) -> ActiveRound {
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
                weight.saturating_add(match Rounds::<T>::get(active.optimum) {
                    Some(round) if round.phase == RoundPhase::Commit => Self::close_commits(round, slot),
                    Some(round) => Self::end_round(round),
                    None => {
                        frame_support::defensive!("an active entry without its round");
                        Active::<T>::mutate(|list| list.retain(|entry| entry.optimum != active.optimum));
                        Weight::zero()
                    }
                })
            })
    }

    /// Ends a commit phase: who has not committed is a no-show; the others may reveal from now on.
    ///
    /// The place of audits is here: all votes of the round are fixed by their commitments, and none is known. Audits
    /// drawn now, with this block's rolling randomness, hit votes that their authors can neither change nor prepare
    /// for; auditors who commit before `RoundPhase::Reveal` begins have seen no vote. They come as a phase of their
    /// own between the two.
    pub(crate) fn close_commits(mut round: Round<T::AccountId>, slot: SlotNumber) -> Weight {
        let (optimum, number) = (round.assignment.optimum, round.number);
        let mut committed = 0u32;
        for seat in &round.seats {
            if seat.commitment.is_some() {
                committed = committed.saturating_add(1);
            } else {
                Self::punish_no_show(&round.assignment, &seat.evaluator);
                let evaluator = seat.evaluator.clone();
                Self::deposit_event(Event::NoShow {
                    optimum,
                    round: number,
                    evaluator,
                });
            }
        }
        let weight = T::WeightInfo::close_commits();
        if committed == 0 {
            // Nobody has anything to reveal.
            return weight.saturating_add(Self::end_round(round));
        }
        let deadlines = T::Domains::specification(round.assignment.domain).map(|specification| specification.deadlines);
        let length = deadlines.map_or(0, |deadlines| deadlines.vote_reveal);
        // From this block on, so that a chain that stood still does not cost anybody the time to reveal.
        round.phase = RoundPhase::Reveal;
        round.reveal_deadline = slot.saturating_add(length.into());
        let reveal_deadline = round.reveal_deadline;
        let entry = Self::entry(&round, Self::next(reveal_deadline));
        if Self::set_due(entry).is_err() {
            frame_support::defensive!("a round in progress without its active entry");
        }
        Rounds::<T>::insert(optimum, round);
        Self::deposit_event(Event::RevealsOpened {
            optimum,
            round: number,
            committed,
            reveal_deadline,
        });
        weight
    }

    /// Who was drawn and has not acted loses reputation, but not in a domain without weight: nobody earns any there, and
    /// anybody can register one.
    fn punish_no_show(assignment: &Assignment<T::AccountId>, evaluator: &T::AccountId) {
        if !T::Domains::weight(assignment.domain).is_zero() {
            T::Reputation::on_no_show(evaluator);
        }
    }

    /// Decides a round. Without a quorum in round one, round two is drawn; else the evaluation ends with a verdict.
    ///
    /// Absence is decided in the last round only: two of three who say that they could not get the parameters are no
    /// proof against an optimizer yet.
    pub(crate) fn end_round(round: Round<T::AccountId>) -> Weight {
        let (optimum, number) = (round.assignment.optimum, round.number);
        let mut withheld = 0u32;
        for seat in round.seats.iter().filter(|seat| seat.conduct() == Conduct::Withheld) {
            withheld = withheld.saturating_add(1);
            // Beside what a divergent vote costs, which may be nothing: silence must not be cheaper after a commit.
            Self::punish_no_show(&round.assignment, &seat.evaluator);
            let evaluator = seat.evaluator.clone();
            Self::deposit_event(Event::VoteWithheld {
                optimum,
                round: number,
                evaluator,
            });
        }
        let weight = T::WeightInfo::end_round(withheld);
        let votes: Vec<Option<VoteValues>> = round.seats.iter().map(|seat| seat.vote).collect();
        let Some(specification) = T::Domains::specification(round.assignment.domain) else {
            frame_support::defensive!("a domain was closed under an open round");
            let standings = votes.iter().map(|_| Standing::Neutral).collect();
            Self::finish(round, Decision::Undecided, standings);
            return weight;
        };
        let (decision, standings) = decide(&specification, round.assignment.reported, &votes);
        let agreed = matches!(decision, Decision::Agreed { .. });
        if !agreed && round.is_first() {
            let conducts = round
                .seats
                .iter()
                .map(|seat| (seat.evaluator.clone(), seat.conduct()))
                .collect();
            let first: FirstRound<T::AccountId> = BoundedVec::truncate_from(conducts);
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
        Self::finish(round, decision, standings);
        weight
    }

    /// Removes the round's data and hands over the verdict.
    fn finish(round: Round<T::AccountId>, decision: Decision, standings: Vec<Standing>) {
        let is_first = round.is_first();
        let Round {
            assignment,
            number,
            seats,
            first,
            ..
        } = round;
        let optimum = assignment.optimum;
        // Removed first: the handler may draw the domain's next optimum.
        Rounds::<T>::remove(optimum);
        Active::<T>::mutate(|active| active.retain(|entry| entry.optimum != optimum));

        let drawn = if is_first { seats.len() } else { first.len() };
        let conducts = || {
            let now = seats.iter().map(|seat| (&seat.evaluator, seat.conduct()));
            first
                .iter()
                .map(|(evaluator, conduct)| (evaluator, *conduct))
                .chain(now)
        };
        let withheld: Vec<T::AccountId> = distinct(with_conduct(conducts(), Conduct::Withheld));
        let of_standing = |wanted: Standing| {
            let places = seats
                .iter()
                .zip(standings.iter())
                .filter(move |(_, standing)| **standing == wanted);
            places.map(|(seat, _)| seat.evaluator.clone())
        };
        // Who withheld a vote in one round earns nothing by agreeing in the other.
        let agreeing: Vec<_> = of_standing(Standing::Agreeing)
            .filter(|who| !withheld.contains(who))
            .collect();
        let divergent = distinct(of_standing(Standing::Divergent).chain(withheld.iter().cloned()));
        let revealed = distinct(with_conduct(conducts(), Conduct::Revealed));
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
        });
    }
}

/// Those of a conduct.
fn with_conduct<'a, AccountId: Clone + 'a>(
    conducts: impl Iterator<Item = (&'a AccountId, Conduct)> + 'a,
    wanted: Conduct,
) -> impl Iterator<Item = AccountId> + 'a {
    conducts
        .filter(move |(_, conduct)| *conduct == wanted)
        .map(|(who, _)| who.clone())
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

//! Phases end, rounds are decided, verdicts are handed over.

use super::*;
use crate::{types::Conduct, Active, MAX_ITEMS_PER_BLOCK};
use doin_primitives::{
    quorum::{Decision, Missing, QuorumVerdict},
    traits::DueWork,
};

fn quorum_verdict(decision: Decision) -> QuorumVerdict {
    match decision {
        Decision::Agreed { verdict, .. } => verdict,
        other => panic!("no quorum: {other:?}"),
    }
}

/// Nothing is left of an evaluation that has ended.
fn assert_nothing_left() {
    assert_eq!(Rounds::<Test>::iter().count(), 0);
    assert!(Active::<Test>::get().is_empty());
}

/// The whole bond of each is on hold and registered: nothing was taken, nothing was given back.
fn assert_bonds_untouched(evaluators: &[AccountId]) {
    for who in evaluators {
        assert_eq!(held(who), BOND);
        assert_eq!(Registrations::<Test>::get(who, 0).unwrap().bond, BOND);
    }
}

#[test]
fn an_optimum_is_accepted_in_three_slots() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        let start = Slot::get();
        for who in &evaluators {
            assert_commit_vote(who, 1, &good());
        }
        next_block();
        for who in &evaluators {
            assert_reveal_vote(who, 1, &good());
        }
        next_block();
        assert_eq!(Slot::get(), start + 2);
        let verdicts = verdicts();
        let [verdict] = &verdicts[..] else {
            panic!("one verdict")
        };
        assert_eq!(verdict.assignment, assignment(1, 0));
        assert_eq!(quorum_verdict(verdict.decision), QuorumVerdict::Accepted);
        assert_eq!(verdict.evaluators_drawn, 3);
        assert_eq!((&verdict.agreeing, &verdict.revealed), (&evaluators, &evaluators));
        assert!(verdict.divergent.is_empty());
        let event = Event::Decided {
            optimum: 1,
            domain: 0,
            round: 1,
            decision: verdict.decision,
            agreeing: evaluators.clone(),
            divergent: vec![],
        };
        assert_eq!(take_events(), [event]);
        assert!(NoShows::get().is_empty());
        assert_nothing_left();
        // The domain is free for the next one.
        assert_draw(2, 0);
    });
}

#[test]
fn a_claim_that_is_not_borne_out_is_refuted() {
    Builder::with_evaluators(3).build_and_execute(|| {
        assert_draw(1, 0);
        play_round(1, |_, _| Some(measured(-1_500, -2_000)));
        assert_eq!(quorum_verdict(verdicts()[0].decision), QuorumVerdict::Refuted);
    });
}

#[test]
fn the_same_parameters_again_are_unproven() {
    Builder::with_evaluators(3).build_and_execute(|| {
        assert_draw(1, 0);
        play_round(1, |_, _| Some(measured(-1_000, -1_000)));
        assert_eq!(quorum_verdict(verdicts()[0].decision), QuorumVerdict::Unproven);
    });
}

#[test]
fn who_is_off_the_median_diverges() {
    Builder::with_evaluators(10).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        assert_eq!(evaluators.len(), 7);
        // Five of seven agree; one votes the moon, one says it could not get the parameters.
        play_round(1, |seat, _| {
            Some(match seat {
                0 => measured(1_000_000, -2_000),
                1 => absent(Missing::Candidate),
                _ => good(),
            })
        });
        let verdict = &verdicts()[0];
        assert_eq!(quorum_verdict(verdict.decision), QuorumVerdict::Accepted);
        assert_eq!(verdict.divergent, evaluators[..1]);
        assert_eq!(verdict.agreeing, evaluators[2..]);
        assert_eq!(verdict.revealed, evaluators);
    });
}

#[test]
fn a_no_show_costs_its_deadline_and_nothing_else() {
    Builder::with_evaluators(10).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        assert_bonds_untouched(&evaluators);
        let start = Slot::get();
        for who in &evaluators[1..] {
            assert_commit_vote(who, 1, &good());
        }
        block_in(start + u64::from(COMMIT_SLOTS));
        assert!(take_events().is_empty());
        next_block();
        let no_show = Event::NoShow {
            optimum: 1,
            round: 1,
            evaluator: evaluators[0].clone(),
        };
        let reveal_deadline = Slot::get() + u64::from(REVEAL_SLOTS);
        let opened = Event::RevealsOpened {
            optimum: 1,
            round: 1,
            committed: 6,
            reveal_deadline,
        };
        assert_eq!(take_events(), [no_show, opened]);
        assert_eq!(NoShows::get(), evaluators[..1]);
        for who in &evaluators[1..] {
            assert_reveal_vote(who, 1, &good());
        }
        // All that committed have revealed: no waiting for the deadline.
        assert!(Quorum::has_due_work(Slot::get() + 1));
        next_block();
        let verdict = &verdicts()[0];
        assert_eq!(quorum_verdict(verdict.decision), QuorumVerdict::Accepted);
        assert!(verdict.divergent.is_empty());
        assert_eq!(verdict.agreeing, evaluators[1..]);
        assert_bonds_untouched(&evaluators);
    });
}

#[test]
fn a_withheld_vote_is_divergent() {
    Builder::with_evaluators(10).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        assert_bonds_untouched(&evaluators);
        for who in &evaluators {
            assert_commit_vote(who, 1, &good());
        }
        next_block();
        for who in &evaluators[1..] {
            assert_reveal_vote(who, 1, &good());
        }
        assert_eq!(conducts(1)[0], Conduct::Withheld);
        let deadline = Rounds::<Test>::get(1).unwrap().reveal_deadline;
        block_in(deadline);
        assert!(verdicts().is_empty());
        next_block();
        let withheld = Event::VoteWithheld {
            optimum: 1,
            round: 1,
            evaluator: evaluators[0].clone(),
        };
        assert_eq!(take_events()[0], withheld);
        let verdict = &verdicts()[0];
        assert_eq!(verdict.divergent, evaluators[..1]);
        assert_eq!(verdict.revealed, evaluators[1..]);
        // Silence costs as much as an empty seat, beside what the verdict takes from the divergent.
        assert_eq!(NoShows::get(), evaluators[..1]);
        // It costs reputation, elsewhere; no bond.
        assert_bonds_untouched(&evaluators);
    });
}

#[test]
fn round_two_is_larger_fresh_and_judges_alone() {
    Builder::with_evaluators(9).build_and_execute(|| {
        let first = assert_draw(1, 0);
        let old_seeds: Vec<_> = Rounds::<Test>::get(1)
            .unwrap()
            .seats
            .iter()
            .map(|seat| seat.seed)
            .collect();
        // One of three sees it otherwise: with K = 3 that is no quorum.
        play_round(1, |seat, _| {
            Some(if seat == 0 { measured(-1_900, -2_000) } else { good() })
        });
        assert!(verdicts().is_empty());
        let second = seated(1);
        let events = take_events();
        assert_eq!(
            events[0],
            Event::RoundUndecided {
                optimum: 1,
                round: 1,
                revealed: 3
            }
        );
        assert!(matches!(&events[1], Event::Drawn { round: 2, evaluators, .. } if *evaluators == second));
        // 2K + 1 = 7 of 9: the six fresh ones first.
        assert_eq!(second.len(), 7);
        assert!(second[..6].iter().all(|who| !first.contains(who)));
        assert!(first.contains(&second[6]));
        let round = Rounds::<Test>::get(1).unwrap();
        assert!(round.seats.iter().all(|seat| !old_seeds.contains(&seat.seed)));
        play_round(1, |_, _| Some(good()));
        let verdict = &verdicts()[0];
        assert_eq!(quorum_verdict(verdict.decision), QuorumVerdict::Accepted);
        // Judging alone: whoever was off in round one has diverged from nothing.
        assert!(verdict.divergent.is_empty());
        assert_eq!(verdict.agreeing, second);
        assert_eq!(verdict.evaluators_drawn, 3);
        assert_eq!(verdict.revealed.len(), 9);
        assert_nothing_left();
    });
}

#[test]
fn a_vote_withheld_in_round_one_diverges_though_round_two_decides() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        for who in &evaluators {
            assert_commit_vote(who, 1, &good());
        }
        next_block();
        for who in &evaluators[1..] {
            assert_reveal_vote(who, 1, &good());
        }
        block_in(Rounds::<Test>::get(1).unwrap().reveal_deadline + 1);
        // The same three again, in another order perhaps; now all reveal.
        play_round(1, |_, _| Some(good()));
        let verdict = &verdicts()[0];
        assert_eq!(quorum_verdict(verdict.decision), QuorumVerdict::Accepted);
        assert_eq!(verdict.divergent, evaluators[..1]);
        assert_eq!(verdict.agreeing.len(), 2);
        assert!(!verdict.agreeing.contains(&evaluators[0]));
    });
}

#[test]
fn without_a_quorum_in_two_rounds_it_ends_undecided() {
    Builder::with_evaluators(9).build_and_execute(|| {
        assert_draw(1, 0);
        // Everybody sees something else.
        let scattered = |seat: usize, _: &AccountId| Some(measured(-1_000 * (seat as i128 + 1), -20_000));
        play_round(1, scattered);
        assert!(verdicts().is_empty());
        play_round(1, scattered);
        let verdict = &verdicts()[0];
        assert_eq!(verdict.decision, Decision::Undecided);
        assert!(verdict.agreeing.is_empty() && verdict.divergent.is_empty());
        assert_eq!(verdict.revealed.len(), 9);
        assert_nothing_left();
    });
}

#[test]
fn nobody_comes_at_all_and_the_domain_is_free_after_two_deadlines() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let start = Slot::get();
        assert_draw(1, 0);
        block_in(start + u64::from(COMMIT_SLOTS) + 1);
        // No reveals to wait for.
        assert_eq!(Rounds::<Test>::get(1).unwrap().number, 2);
        block_in(start + 2 * (u64::from(COMMIT_SLOTS) + 1));
        assert_eq!(verdicts()[0].decision, Decision::Undecided);
        assert_eq!(NoShows::get().len(), 6);
        assert_nothing_left();
    });
}

#[test]
fn an_unavailable_artifact_ends_as_absence_after_round_two() {
    for (missing, decision) in [
        (Missing::Candidate, Decision::CandidateAbsent),
        (Missing::Incumbent, Decision::IncumbentAbsent),
    ] {
        Builder::with_evaluators(9).build_and_execute(|| {
            assert_draw(1, 0);
            play_round(1, |_, _| Some(absent(missing)));
            // Three who say so are no proof yet.
            assert!(verdicts().is_empty());
            play_round(1, |seat, _| Some(if seat < 2 { good() } else { absent(missing) }));
            let verdict = &verdicts()[0];
            assert_eq!(verdict.decision, decision);
            assert!(verdict.agreeing.is_empty() && verdict.divergent.is_empty());
        });
    }
}

#[test]
fn three_liars_cannot_make_parameters_disappear() {
    Builder::with_evaluators(9).build_and_execute(|| {
        let liars = assert_draw(1, 0);
        play_round(1, |_, _| Some(absent(Missing::Candidate)));
        play_round(1, |_, who| {
            Some(if liars.contains(who) {
                absent(Missing::Candidate)
            } else {
                good()
            })
        });
        assert_eq!(quorum_verdict(verdicts()[0].decision), QuorumVerdict::Accepted);
    });
}

#[test]
fn when_too_few_are_left_for_round_two_the_evaluation_ends() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        assert_deregister(&evaluators[0], 0);
        play_round(1, |seat, _| (seat > 0).then(good));
        let verdict = &verdicts()[0];
        assert_eq!(verdict.decision, Decision::Undecided);
        assert_eq!(verdict.revealed, evaluators[1..]);
        assert_nothing_left();
    });
}

#[test]
fn with_nobody_eligible_round_two_takes_fresh_ones_of_the_others() {
    Builder { evaluators: vec![0; 6] }.build_and_execute(|| {
        let first = assert_draw(1, 0);
        block_in(Slot::get() + u64::from(COMMIT_SLOTS) + 1);
        let second = seated(1);
        assert_eq!(second.len(), 3);
        assert!(second.iter().all(|who| !first.contains(who)));
    });
}

#[test]
fn a_chain_that_stood_still_leaves_the_time_to_reveal() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        for who in &evaluators {
            assert_commit_vote(who, 1, &good());
        }
        let late = Slot::get() + 100_000;
        block_in(late);
        assert_eq!(
            Rounds::<Test>::get(1).unwrap().reveal_deadline,
            late + u64::from(REVEAL_SLOTS)
        );
        for who in &evaluators {
            assert_reveal_vote(who, 1, &good());
        }
        next_block();
        assert_eq!(quorum_verdict(verdicts()[0].decision), QuorumVerdict::Accepted);
    });
}

#[test]
fn a_block_works_off_sixteen_phases_and_the_rest_stays_due() {
    Builder::with_evaluators(1).build_and_execute(|| {
        let count = MaxActive::get();
        for domain in 0..count {
            if domain > 0 {
                assert_register(&account(domain as u8), domain);
            }
            assert_draw(domain.into(), domain);
        }
        // All run out of time to commit at once.
        let slot = Slot::get() + 1_000;
        block_in(slot);
        let ended = |events: Vec<Event<Test>>| {
            events
                .iter()
                .filter(|event| matches!(event, Event::NoShow { .. }))
                .count()
        };
        assert_eq!(ended(take_events()), MAX_ITEMS_PER_BLOCK);
        assert!(Quorum::has_due_work(slot + 1));
        next_block();
        assert_eq!(ended(take_events()), count as usize - MAX_ITEMS_PER_BLOCK);
        assert!(!Quorum::has_due_work(slot + 2));
        for _ in 0..4 {
            block_in(Slot::get() + 1_000);
        }
        assert_eq!(verdicts().len(), count as usize);
        assert_nothing_left();
    });
}

#[test]
fn the_invariants_see_what_is_wrong() {
    let broken = |test: fn()| {
        Builder::with_evaluators(9).build().execute_with(|| {
            assert_draw(1, 0);
            assert_eq!(Quorum::do_try_state(), Ok(()));
            test();
            assert!(Quorum::do_try_state().is_err());
        })
    };
    broken(Active::<Test>::kill);
    broken(|| Active::<Test>::mutate(|active| active[0].due += 1));
    broken(|| Rounds::<Test>::remove(1));
    broken(|| Rounds::<Test>::mutate(1, |round| round.as_mut().unwrap().seats[0].evaluator = optimizer()));
    broken(|| {
        Rounds::<Test>::mutate(1, |round| {
            let seats = &mut round.as_mut().unwrap().seats;
            seats[0].evaluator = seats[1].evaluator.clone();
        })
    });
    broken(|| Rounds::<Test>::mutate(1, |round| round.as_mut().unwrap().seats[0].vote = Some(good())));
    broken(|| Rounds::<Test>::mutate(1, |round| round.as_mut().unwrap().number = 2));
    broken(|| crate::Evaluators::<Test>::remove(0));
    broken(|| Registrations::<Test>::remove(account(1), 0));
    broken(|| crate::Evaluators::<Test>::mutate(0, |list| list[0] = list[1].clone()));
    broken(|| Registrations::<Test>::mutate(account(1), 0, |registration| registration.as_mut().unwrap().bond += 1));
}

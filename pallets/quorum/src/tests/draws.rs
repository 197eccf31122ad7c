//! Who is drawn, and what cannot influence it.

use super::*;
use crate::{Active, Error};
use doin_primitives::{
    commitment::{data_seed, optimum_commitment},
    domain::QuorumSize,
    optimum::{Assignment, ChallengeBrief, OptimumId, Voters},
    quorum::Decision,
    traits::DomainActivity,
    Hash,
};
use frame_support::assert_noop;

/// Draws anew, from an empty state of rounds, and says who.
fn drawn(assignment: Assignment<AccountId>) -> Vec<AccountId> {
    let optimum = assignment.optimum;
    assert_ok!(Quorum::draw(assignment));
    let evaluators = seated(optimum);
    Rounds::<Test>::remove(optimum);
    Active::<Test>::kill();
    evaluators
}

#[test]
fn sizes_follow_the_number_of_eligible_evaluators() {
    for (evaluators, size) in [(1, 1), (2, 1), (3, 3), (9, 3), (10, 7), (15, 7), (32, 9)] {
        Builder::with_evaluators(evaluators).build_and_execute(|| {
            assert_eq!(Quorum::quorum_size(0, &optimizer()), size, "{evaluators}");
            assert_eq!(assert_draw(1, 0).len() as u32, size);
        });
    }
    Builder::with_evaluators(20).build_and_execute(|| {
        Size::set(&QuorumSize::Fixed(5));
        assert_eq!(assert_draw(1, 0).len(), 5);
        assert_eq!(Quorum::quorum_size(DOMAINS, &optimizer()), 0);
    });
}

#[test]
fn the_optimizer_is_never_among_its_evaluators() {
    // It is registered and by far the heaviest.
    Builder::with_evaluators(4).build_and_execute(|| {
        set_points(&optimizer(), 4_000_000);
        for number in 0..=255 {
            Randomness::set(&[number; 32]);
            assert!(!drawn(assignment(1, 0)).contains(&optimizer()));
        }
        // Nor when it is the only evaluator.
        assert_register(&optimizer(), 1);
        assert_eq!(Quorum::quorum_size(1, &optimizer()), 0);
        assert_noop!(Quorum::draw(assignment(1, 1)), Error::<Test>::NoEvaluators);
    });
}

#[test]
fn a_domain_judges_one_optimum_at_a_time() {
    Builder::with_evaluators(3).build_and_execute(|| {
        assert!(!Quorum::is_active(0));
        assert_draw(1, 0);
        assert!(Quorum::is_active(0) && !Quorum::is_active(1));
        assert_noop!(Quorum::draw(assignment(1, 0)), Error::<Test>::AlreadyJudging);
        assert_noop!(Quorum::draw(assignment(2, 0)), Error::<Test>::DomainBusy);
        assert_noop!(Quorum::draw(assignment(2, DOMAINS)), Error::<Test>::UnknownDomain);
    });
}

#[test]
fn only_so_many_rounds_are_open() {
    Builder::with_evaluators(1).build_and_execute(|| {
        for domain in 0..MaxActive::get() {
            if domain > 0 {
                assert_register(&account(domain as u8), domain);
            }
            assert_draw(domain.into(), domain);
        }
        assert_register(&account(200), 26);
        assert_noop!(Quorum::draw(assignment(100, 26)), Error::<Test>::TooManyRounds);
    });
}

#[test]
fn grinding_the_nonce_for_a_friendly_draw_is_in_vain() {
    Builder::with_evaluators(39).build_and_execute(|| {
        // What the optimizer chooses: nonce, hence commitment; parameters; claim. None of it enters.
        let reference = drawn(assignment(1, 0));
        for nonce in 0..200u8 {
            let root = Hash::repeat_byte(nonce);
            let mut ground = assignment(1, 0);
            ground.candidate.root = root;
            ground.reported = metric(-i128::from(nonce));
            // The nonce has no way in but the commitment, and no commitment is part of an assignment.
            let commitment = optimum_commitment(root, 0, &optimizer(), ground.candidate, ground.reported, &[nonce; 32]);
            System::set_block_number(u64::from(nonce) + 1);
            frame_support::storage::unhashed::put(b"the commitment in other pallets' state", &commitment);
            assert_eq!(drawn(ground), reference);
        }
        // Randomness of the authors after the reveal, and the optimum's number, are what decides.
        Randomness::set(&[2; 32]);
        assert_ne!(drawn(assignment(1, 0)), reference);
        Randomness::set(&[1; 32]);
        assert_ne!(drawn(assignment(2, 0)), reference);
    });
}

#[test]
fn every_seat_has_a_seed_of_its_own() {
    Builder::with_evaluators(39).build_and_execute(|| {
        assert_draw(5, 0);
        let round = Rounds::<Test>::get(5).unwrap();
        for (index, seat) in round.seats.iter().enumerate() {
            assert_eq!(seat.seed, data_seed(&Randomness::get(), 5, 1, index as u32));
        }
    });
}

#[test]
fn only_eligible_evaluators_are_drawn_where_there_are_enough() {
    // Ten of 2.0 and more, twenty just below.
    let points = (0..30).map(|number| if number < 10 { 2_000 } else { 1_999 }).collect();
    Builder { evaluators: points }.build_and_execute(|| {
        for number in 0..100 {
            Randomness::set(&[number; 32]);
            let evaluators = drawn(assignment(1, 0));
            assert_eq!(evaluators.len(), 7);
            assert!(evaluators.iter().all(|who| *who <= account(10)));
        }
    });
}

#[test]
fn too_few_are_filled_up_with_the_best_ranked() {
    Builder {
        evaluators: vec![0, 500, 1_900, 10_000, 0, 0],
    }
    .build_and_execute(|| {
        for number in 0..100 {
            Randomness::set(&[number; 32]);
            let mut evaluators = drawn(assignment(1, 0));
            evaluators.sort();
            assert_eq!(evaluators, [account(2), account(3), account(4)]);
        }
    });
}

#[test]
fn nobody_is_left_out_where_nobody_has_reputation() {
    // A new network: equal ranks go by lot, so that three that are gone do not hold the domain.
    Builder { evaluators: vec![0; 9] }.build_and_execute(|| {
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..60 {
            Randomness::set(&[number; 32]);
            seen.extend(drawn(assignment(1, 0)));
        }
        assert_eq!(seen.len(), 9);
    });
}

#[test]
fn weight_is_linear_in_reputation() {
    // 3 of 30 points against 27: the three light ones together are drawn as often as one of 3.
    Builder {
        evaluators: vec![3_000, 27_000],
    }
    .build_and_execute(|| {
        let mut light = 0;
        for number in 0..2_000u64 {
            light += u32::from(drawn(assignment(number, 0)) == [account(1)]);
        }
        assert!((140..260).contains(&light), "{light} of 2000");
    });
}

/// A challenge of an optimum that `voters` have accepted.
fn challenge_of(optimum: OptimumId, challenger: AccountId, voters: &[AccountId]) -> Assignment<AccountId> {
    Assignment {
        challenge: Some(ChallengeBrief {
            challenger,
            voters: Voters::truncate_from(voters.to_vec()),
        }),
        ..assignment(optimum, 0)
    }
}

fn accounts(numbers: core::ops::RangeInclusive<u8>) -> Vec<AccountId> {
    numbers.map(account).collect()
}

#[test]
fn a_challenge_is_judged_by_as_many_strangers_as_there_are() {
    for (evaluators, voters, size) in [(39, 7, 15), (18, 3, 15), (17, 3, 13), (6, 3, 3), (8, 3, 5)] {
        Builder::with_evaluators(evaluators).build_and_execute(|| {
            let voters = accounts(1..=voters);
            for number in 0..=40 {
                Randomness::set(&[number; 32]);
                let judges = drawn(challenge_of(1, account(200), &voters));
                assert_eq!(judges.len(), size, "{evaluators}");
                assert!(judges.iter().all(|judge| !voters.contains(judge)));
            }
        });
    }
}

#[test]
fn voters_fill_up_where_there_are_too_few_strangers() {
    Builder::with_evaluators(4).build_and_execute(|| {
        let voters = accounts(1..=3);
        for number in 0..=40 {
            Randomness::set(&[number; 32]);
            let judges = drawn(challenge_of(1, account(200), &voters));
            assert_eq!(judges.len(), 3);
            assert!(judges.contains(&account(4)), "the only stranger is always drawn");
        }
        // Where nobody has reputation, strangers come first as well, by rank.
        accounts(1..=4).iter().for_each(|who| set_points(who, 0));
        assert!(drawn(challenge_of(1, account(200), &voters)).contains(&account(4)));
    });
}

#[test]
fn neither_optimizer_nor_challenger_judge_a_challenge() {
    Builder::with_evaluators(6).build_and_execute(|| {
        let challenger = account(6);
        set_points(&challenger, 4_000_000);
        set_points(&optimizer(), 4_000_000);
        for number in 0..=100 {
            Randomness::set(&[number; 32]);
            let judges = drawn(challenge_of(1, challenger.clone(), &accounts(1..=3)));
            assert!(!judges.contains(&challenger) && !judges.contains(&optimizer()));
        }
        // Two strangers and three voters: three, of whom two are strangers.
        let judges = drawn(challenge_of(1, challenger, &accounts(1..=3)));
        assert!(judges.contains(&account(4)) && judges.contains(&account(5)) && judges.len() == 3);
    });
}

#[test]
fn a_challenge_has_rounds_and_seeds_of_its_own() {
    Builder::with_evaluators(9).build_and_execute(|| {
        assert_ok!(Quorum::draw(assignment(1, 0)));
        let first = Rounds::<Test>::take(1).unwrap();
        Active::<Test>::kill();
        assert_ok!(Quorum::draw(challenge_of(1, account(200), &accounts(1..=3))));
        let round = Rounds::<Test>::get(1).unwrap();
        assert_eq!((first.number, round.number), (1, 3));
        let seeds: Vec<_> = first.seats.iter().map(|seat| seat.seed).collect();
        assert!(round.seats.iter().all(|seat| !seeds.contains(&seat.seed)));
        // A commitment that was delayed from the optimum's own evaluation binds nobody here.
        let who = round.seats[0].evaluator.clone();
        let late = commitment(1, 1, &who, &measured(-1_000, -2_000));
        assert_noop!(Quorum::commit_vote(origin(&who), 1, 1, late), Error::<Test>::WrongRound);
        Quorum::do_try_state().unwrap();
    });
}

#[test]
fn a_challenge_without_a_quorum_has_a_second_round() {
    Builder::with_evaluators(14).build_and_execute(|| {
        let voters = accounts(1..=3);
        assert_ok!(Quorum::draw(challenge_of(1, account(200), &voters)));
        assert_eq!(seated(1).len(), 11);
        // Nobody commits.
        block_in(Slot::get() + u64::from(COMMIT_SLOTS) + 1);
        let round = Rounds::<Test>::get(1).unwrap();
        assert_eq!((round.number, round.seats.len()), (4, 11));
        assert!(seated(1).iter().all(|judge| !voters.contains(judge)));
        Quorum::do_try_state().unwrap();
        block_in(Slot::get() + u64::from(COMMIT_SLOTS) + 1);
        assert!(!Quorum::is_judging(1));
        let verdict = verdicts().pop().unwrap();
        assert!(verdict.assignment.challenge.is_some());
        assert_eq!((verdict.decision, verdict.evaluators_drawn), (Decision::Undecided, 11));
    });
}

//! Who is drawn, and what cannot influence it.

use super::*;
use crate::{Active, Error};
use doin_primitives::{
    commitment::{data_seed, optimum_commitment},
    domain::QuorumSize,
    optimum::Assignment,
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

//! Evaluators register, leave and withdraw.

use super::*;
use crate::{Error, EvaluatorBond, GenesisConfig};
use doin_primitives::traits::{EvaluatorBonds, EvaluatorRegistry};
use frame_support::assert_noop;
use sp_runtime::{traits::Zero, Permill, Perquintill};

#[test]
fn genesis_registers_with_bonds() {
    Builder::with_evaluators(3).build_and_execute(|| {
        assert_eq!(Quorum::evaluators(0), [account(1), account(2), account(3), optimizer()]);
        assert_eq!(held(&account(1)), BOND);
        assert!(Quorum::is_evaluator(0, &account(1)));
        assert!(!Quorum::is_evaluator(1, &account(1)));
    });
}

#[test]
#[should_panic(expected = "quorum.evaluators of genesis")]
fn genesis_refuses_a_domain_that_is_not_there() {
    use sp_runtime::BuildStorage;
    let genesis = RuntimeGenesisConfig {
        quorum: GenesisConfig {
            evaluators: vec![(DOMAINS, account(1))],
            ..Default::default()
        },
        ..Default::default()
    };
    let _ = genesis.build_storage();
}

#[test]
fn the_defaults_are_those_of_the_design() {
    let genesis = GenesisConfig::<Test>::default();
    assert_eq!(
        (genesis.bond, genesis.unbonding_period),
        (20_000_000_000_000, 7 * 24 * 600)
    );
    assert_eq!(genesis.minimum_audit_rate, Perquintill::from_percent(10));
}

#[test]
fn register_holds_the_bond_per_domain() {
    Builder::with_evaluators(0).build_and_execute(|| {
        assert_register(&account(1), 0);
        assert_register(&account(1), 1);
        assert_eq!(held(&account(1)), 2 * BOND);
        assert_noop!(
            Quorum::register_evaluator(origin(&account(1)), 0),
            Error::<Test>::AlreadyRegistered
        );
        assert_noop!(
            Quorum::register_evaluator(origin(&account(1)), DOMAINS),
            Error::<Test>::UnknownDomain
        );
    });
}

#[test]
fn who_cannot_pay_is_told_so() {
    Builder::with_evaluators(0).build_and_execute(|| {
        for domain in 0..4 {
            assert_register(&account(1), domain);
        }
        assert_noop!(
            Quorum::register_evaluator(origin(&account(1)), 4),
            Error::<Test>::InsufficientBalance
        );
        assert!(!Quorum::evaluators(4).contains(&account(1)));
    });
}

#[test]
fn a_domain_has_a_largest_number_of_evaluators() {
    Builder::with_evaluators(39).build_and_execute(|| {
        assert_eq!(Quorum::evaluators(0).len() as u32, MaxEvaluatorsPerDomain::get());
        assert_noop!(
            Quorum::register_evaluator(origin(&account(50)), 0),
            Error::<Test>::TooManyEvaluators
        );
        assert_eq!(held(&account(50)), 0);
        assert_deregister(&account(1), 0);
        assert_register(&account(50), 0);
    });
}

#[test]
fn the_bond_returns_after_the_unbonding_period() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let who = account(1);
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&who), 0),
            Error::<Test>::StillRegistered
        );
        assert_deregister(&who, 0);
        assert_noop!(
            Quorum::deregister_evaluator(origin(&who), 0),
            Error::<Test>::NotRegistered
        );
        let end = Slot::get() + u64::from(UNBONDING);
        block_in(end - 1);
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&who), 0),
            Error::<Test>::StillUnbonding
        );
        block_in(end);
        assert_withdraw(&who, 0);
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&who), 0),
            Error::<Test>::NotRegistered
        );
        assert_noop!(
            Quorum::deregister_evaluator(origin(&who), 0),
            Error::<Test>::NotRegistered
        );
        assert_eq!(Balances::free_balance(&who), FUNDS);
    });
}

#[test]
fn who_returns_while_unbonding_tops_its_bond_up() {
    Builder::with_evaluators(1).build_and_execute(|| {
        let who = account(1);
        assert_deregister(&who, 0);
        EvaluatorBond::<Test>::put(BOND + 5);
        assert_ok!(Quorum::register_evaluator(origin(&who), 0));
        assert_eq!(held(&who), BOND + 5);
        // A bond that has become smaller since does not shrink what is held.
        assert_ok!(Quorum::deregister_evaluator(origin(&who), 0));
        EvaluatorBond::<Test>::put(1);
        assert_ok!(Quorum::register_evaluator(origin(&who), 0));
        assert_eq!(held(&who), BOND + 5);
    });
}

#[test]
fn a_seat_is_kept_and_its_bond_stays_until_the_verdict() {
    Builder::with_evaluators(3).build_and_execute(|| {
        crate::UnbondingPeriod::<Test>::put(0);
        let evaluators = assert_draw(1, 0);
        let who = &evaluators[0];
        assert_ok!(Quorum::deregister_evaluator(origin(who), 0));
        next_block();
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(who), 0),
            Error::<Test>::StillSeated
        );
        // It still votes, and is counted.
        play_round(1, |_, _| Some(good()));
        assert!(verdicts()[0].agreeing.contains(who));
        assert_withdraw(who, 0);
        assert!(held(who).is_zero());
    });
}

#[test]
fn who_sat_in_round_one_is_bound_in_round_two() {
    Builder::with_evaluators(9).build_and_execute(|| {
        crate::UnbondingPeriod::<Test>::put(0);
        let first = assert_draw(1, 0);
        play_round(1, |seat, _| (seat > 0).then(good));
        let second = seated(1);
        let who = first
            .iter()
            .find(|who| !second.contains(who))
            .expect("a fresh round leaves somebody out");
        assert_ok!(Quorum::deregister_evaluator(origin(who), 0));
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(who), 0),
            Error::<Test>::StillSeated
        );
    });
}

#[test]
fn a_slashed_bond_is_burned_and_counted_and_must_be_made_whole() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let who = account(1);
        let issuance = Balances::total_issuance();
        assert_eq!(Quorum::slash(0, &who, Permill::from_percent(25)), BOND / 4);
        assert_eq!(held(&who), BOND * 3 / 4);
        assert_eq!(Balances::total_issuance(), issuance - BOND / 4);
        assert_eq!(Burned::get(), BOND / 4);
        // Not to be drawn any more, and the bond waits like that of one who has left.
        assert!(!Quorum::is_evaluator(0, &who));
        assert!(!Quorum::evaluators(0).contains(&who));
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&who), 0),
            Error::<Test>::StillUnbonding
        );
        // What waits for its withdrawal is slashed all the same.
        let left = BOND * 3 / 4;
        assert_eq!(Quorum::slash(0, &who, Permill::from_percent(100)), left);
        assert!(held(&who).is_zero());
        assert_eq!(Quorum::slash(0, &who, Permill::from_percent(100)), 0);
        // Another domain's bond is another's.
        assert_eq!(Quorum::slash(1, &who, Permill::from_percent(100)), 0);
        assert_ok!(Quorum::register_evaluator(origin(&who), 0));
        assert_eq!(held(&who), BOND);
        assert_eq!(Burned::get(), BOND);
    });
}

#[test]
fn a_bond_outlasts_the_challenge_window_whatever_genesis_says_of_unbonding() {
    Builder::with_evaluators(3).build_and_execute(|| {
        crate::UnbondingPeriod::<Test>::put(5);
        ChallengeWindow::set(&200);
        let who = account(1);
        assert_ok!(Quorum::deregister_evaluator(origin(&who), 0));
        let end = Slot::get() + 200;
        block_in(end - 1);
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&who), 0),
            Error::<Test>::StillUnbonding
        );
        block_in(end);
        assert_withdraw(&who, 0);
    });
}

#[test]
fn who_leaves_between_vote_and_acceptance_answers_for_the_whole_window() {
    Builder::with_evaluators(3).build_and_execute(|| {
        crate::UnbondingPeriod::<Test>::put(5);
        ChallengeWindow::set(&200);
        let evaluators = assert_draw(1, 0);
        let who = &evaluators[0];
        // With its vote still to come: the period would be over long before the window.
        assert_ok!(Quorum::deregister_evaluator(origin(who), 0));
        block_in(Slot::get() + 4);
        play_round(1, |_, _| Some(good()));
        let end = Slot::get() + 200;
        assert!(take_events().contains(&Event::UnbondingExtended {
            domain: 0,
            who: who.clone(),
            withdrawable_at: end,
        }));
        block_in(end - 1);
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(who), 0),
            Error::<Test>::StillUnbonding
        );
        block_in(end);
        assert_withdraw(who, 0);
        // The others stay, and nothing of theirs has changed.
        assert!(evaluators[1..].iter().all(|other| Quorum::is_evaluator(0, other)));
    });
}

#[test]
fn what_was_not_accepted_keeps_nobody() {
    Builder::with_evaluators(3).build_and_execute(|| {
        crate::UnbondingPeriod::<Test>::put(5);
        ChallengeWindow::set(&200);
        let evaluators = assert_draw(1, 0);
        assert_ok!(Quorum::deregister_evaluator(origin(&evaluators[0]), 0));
        let leaves_at = crate::Registrations::<Test>::get(&evaluators[0], 0)
            .unwrap()
            .withdrawable_at;
        block_in(Slot::get() + 4);
        play_round(1, |_, _| Some(measured(-2_000, -2_000)));
        let after = crate::Registrations::<Test>::get(&evaluators[0], 0)
            .unwrap()
            .withdrawable_at;
        assert_eq!(leaves_at, after);
    });
}

#[test]
fn who_answers_for_what_is_challenged_does_not_withdraw() {
    Builder::with_evaluators(3).build_and_execute(|| {
        let (voter, other) = (account(1), account(2));
        assert_deregister(&voter, 0);
        assert_deregister(&other, 0);
        Challenged::set(&vec![(0, voter.clone()), (1, other.clone())]);
        block_in(Slot::get() + u64::from(UNBONDING));
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&voter), 0),
            Error::<Test>::StillAnswerable
        );
        assert_withdraw(&other, 0);
        Challenged::set(&vec![]);
        assert_withdraw(&voter, 0);
    });
}

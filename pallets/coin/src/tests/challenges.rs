//! Points of challenged and of overturned optimae.

use super::*;
use crate::{Burned, Error, Pending};
use doin_primitives::{DOIN, MILLI_DOIN};
use frame_support::assert_noop;

fn claim(height: OptimizationHeight, who: AccountId) -> frame_support::dispatch::DispatchResultWithPostInfo {
    Coin::claim(RuntimeOrigin::signed(RICH), height, who)
}

/// Voids points and checks that exactly `amount` is burned at once.
fn assert_void(height: OptimizationHeight, who: AccountId, effective: u128, verified: u128, amount: Balance) {
    let (issuance, burned) = (Balances::total_issuance(), Burned::<Test>::get());
    assert_eq!(Coin::void(height, &who, units(effective), units(verified)), amount);
    assert_eq!(Balances::total_issuance(), issuance - amount);
    assert_eq!(Burned::<Test>::get(), burned + amount);
    Coin::do_try_state().expect("the invariants hold");
}

#[test]
fn a_challenge_holds_back_the_claims_of_those_it_concerns() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        Coin::credit_optimizer(&3, units(1));
        Coin::freeze(1, &2);
        let height = assert_pot(AUTHOR);
        Coin::freeze(height, &2);
        for _ in 0..2 {
            assert_noop!(claim(height, 2), Error::<Test>::Challenged);
            assert!(Coin::claimable(&2, 10).is_empty());
            Coin::do_try_state().expect("the invariants hold");
            Coin::unfreeze(height, &2);
        }
        assert_claim(height, 3, 16_250 * MILLI_DOIN);
        assert_eq!(Coin::claimable(&2, 10), vec![height]);
        assert_claim(height, 2, 16_250 * MILLI_DOIN);
    });
}

#[test]
fn each_challenge_takes_back_its_own_freezing_only() {
    Builder.build_and_execute(|| {
        // The first optimum was worth nothing to the account; the second, challenged later, was.
        Coin::freeze(1, &2);
        Coin::do_try_state().expect("the invariants hold");
        Coin::credit_optimizer(&2, units(1));
        Coin::freeze(1, &2);
        let height = assert_pot(AUTHOR);
        Coin::unfreeze(height, &2);
        assert_noop!(claim(height, 2), Error::<Test>::Challenged);
        Coin::unfreeze(height, &2);
        assert_claim(height, 2, 32_500 * MILLI_DOIN);
        // Nothing stays behind of one that never got any points, though its pot is gone.
        Coin::freeze(height, &9);
        assert_claim(height, AUTHOR, 17_500 * MILLI_DOIN);
        Coin::do_try_state().expect("the invariants hold");
        Coin::unfreeze(height, &9);
        Coin::unfreeze(height, &9);
        assert_eq!(Shares::<Test>::iter().count(), 0);
    });
}

#[test]
fn void_points_of_a_minted_pot_are_burned_and_nobody_gains() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        Coin::credit_optimizer(&3, units(1));
        Coin::credit_evaluator(&4, units(1));
        Coin::credit_evaluator(&5, units(2));
        let height = assert_pot(AUTHOR);
        assert_void(height, 2, 1, 0, 16_250 * MILLI_DOIN);
        assert_void(height, 4, 0, 1, 5 * DOIN);
        // Once only, and never more than there is.
        assert_void(height, 2, 1, 1, 0);
        assert_void(height, 9, 1, 1, 0);
        assert_void(99, 3, 1, 0, 0);
        assert_noop!(claim(height, 2), Error::<Test>::NothingToClaim);
        assert_claim(height, 3, 16_250 * MILLI_DOIN);
        assert_claim(height, 5, 10 * DOIN);
        assert_claim(height, AUTHOR, 2_500 * MILLI_DOIN);
        assert_eq!(Unclaimed::<Test>::get(), 0);
        assert_eq!(Pots::<Test>::iter().count(), 0);
    });
}

#[test]
fn void_points_of_a_pot_to_come_are_burned_when_it_is_minted() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(3));
        Coin::credit_optimizer(&3, units(1));
        Coin::credit_evaluator(&4, units(1));
        assert_void(1, 2, 3, 0, 0);
        assert_void(1, 4, 0, 1, 0);
        assert!(!Shares::<Test>::contains_key(2, 1));
        let (issuance, unclaimed) = (Balances::total_issuance(), Unclaimed::<Test>::get());
        assert_eq!(Coin::on_optimization_block(1, &AUTHOR), 50 * DOIN);
        let void = 32_500 * MILLI_DOIN * 3 / 4 + 15 * DOIN;
        assert_eq!(Balances::total_issuance(), issuance + 50 * DOIN - void);
        assert_eq!(Unclaimed::<Test>::get(), unclaimed + 50 * DOIN - void);
        assert_eq!(Coin::supply().burned, void);
        System::assert_last_event(
            Event::VoidBurned {
                height: 1,
                amount: void,
            }
            .into(),
        );
        Coin::do_try_state().expect("the invariants hold");
        // The author gets no more for it, though nobody is left in the evaluators' pool.
        assert_claim(1, AUTHOR, 2_500 * MILLI_DOIN);
        assert_claim(1, 3, 32_500 * MILLI_DOIN / 4);
        assert_eq!(Pending::<Test>::get(), Default::default());
        assert_eq!(Unclaimed::<Test>::get(), 0);
    });
}

#[test]
fn only_the_points_of_the_overturned_optimum_are_void() {
    Builder.build_and_execute(|| {
        // Two optimae of one account at one height, another one in the evaluators' pool.
        Coin::credit_optimizer(&2, units(3));
        Coin::credit_optimizer(&2, units(5));
        Coin::credit_evaluator(&2, units(1));
        let height = assert_pot(AUTHOR);
        assert_void(height, 2, 3, 0, 32_500 * MILLI_DOIN * 3 / 8);
        assert_claim(height, 2, 32_500 * MILLI_DOIN * 5 / 8 + 15 * DOIN);
    });
}

#[test]
fn the_last_void_share_pays_the_remainder_of_its_pot() {
    Builder.build_and_execute(|| {
        (2..5).for_each(|who| Coin::credit_optimizer(&who, units(1)));
        Coin::credit_evaluator(&2, units(1));
        let height = assert_pot(AUTHOR);
        let third = 32_500 * MILLI_DOIN / 3;
        assert_claim(height, AUTHOR, 2_500 * MILLI_DOIN);
        assert_claim(height, 2, third + 15 * DOIN);
        assert_claim(height, 3, third);
        let before = Balances::balance(&AUTHOR);
        assert_void(height, 4, 1, 0, third);
        assert_eq!(Balances::balance(&AUTHOR), before + 32_500 * MILLI_DOIN - 3 * third);
        assert_eq!(Pots::<Test>::iter().count(), 0);
        assert_eq!(Unclaimed::<Test>::get(), 0);
    });
}

#[test]
fn points_that_were_frozen_can_be_voided() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        Coin::freeze(1, &2);
        let height = assert_pot(AUTHOR);
        assert_void(height, 2, 1, 0, 32_500 * MILLI_DOIN);
        Coin::unfreeze(height, &2);
        assert_eq!(Shares::<Test>::iter_prefix(2).count(), 0);
        assert_claim(height, AUTHOR, 17_500 * MILLI_DOIN);
    });
}

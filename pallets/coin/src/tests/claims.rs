//! Claims, and attacks on them.

use super::*;
use crate::Error;
use doin_primitives::{DOIN, MILLI_DOIN};
use frame_support::assert_noop;
use sp_runtime::DispatchError;

fn claim(height: OptimizationHeight, who: AccountId) -> frame_support::dispatch::DispatchResultWithPostInfo {
    Coin::claim(RuntimeOrigin::signed(RICH), height, who)
}

#[test]
fn a_share_is_paid_once() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        Coin::credit_optimizer(&3, units(1));
        let height = assert_pot(AUTHOR);
        assert_claim(height, 2, 16_250 * MILLI_DOIN);
        assert_noop!(claim(height, 2), Error::<Test>::NothingToClaim);
        // Also after the pot is gone.
        assert_claim(height, 3, 16_250 * MILLI_DOIN);
        assert_claim(height, AUTHOR, 17_500 * MILLI_DOIN);
        assert_noop!(claim(height, 2), Error::<Test>::NothingToClaim);
        assert_noop!(claim(height, AUTHOR), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn nobody_claims_what_it_has_no_share_in() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        let height = assert_pot(AUTHOR);
        assert_noop!(claim(height, 9), Error::<Test>::NothingToClaim);
        assert_noop!(claim(height, Coin::account_id()), Error::<Test>::NothingToClaim);
        assert_noop!(claim(0, 2), Error::<Test>::NothingToClaim);
        let other = assert_pot(AUTHOR);
        assert_noop!(claim(other, 2), Error::<Test>::NothingToClaim);
        assert_noop!(Coin::claim(RuntimeOrigin::none(), height, 2), DispatchError::BadOrigin);
        assert_noop!(Coin::claim(RuntimeOrigin::root(), height, 2), DispatchError::BadOrigin);
    });
}

#[test]
fn a_pot_to_come_cannot_be_claimed() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        assert_noop!(claim(1, 2), Error::<Test>::HeightNotReached);
        assert_noop!(claim(u64::MAX, 2), Error::<Test>::HeightNotReached);
        assert!(Coin::claimable(&2, 10).is_empty());
        assert_eq!(Coin::claim_value(1, &2), None);
        let height = assert_pot(AUTHOR);
        assert_claim(height, 2, 32_500 * MILLI_DOIN);
    });
}

#[test]
fn the_challenge_window_holds_a_claim_back() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        Coin::claim_from(1_000 + 14_400);
        // An earlier end does not shorten it: it is the window of the latest optimum that counts.
        Coin::claim_from(1_000);
        let height = assert_pot(AUTHOR);
        Slot::set(&(1_000 + 14_399));
        assert_noop!(claim(height, 2), Error::<Test>::InChallengeWindow);
        assert!(Coin::claimable(&2, 10).is_empty());
        Slot::set(&(1_000 + 14_400));
        assert_eq!(Coin::claimable(&2, 10), vec![height]);
        assert_claim(height, 2, 32_500 * MILLI_DOIN);
        // The next pot has nothing to wait for.
        Coin::credit_optimizer(&2, units(1));
        let next = assert_pot(AUTHOR);
        assert_claim(next, 2, 32_500 * MILLI_DOIN);
    });
}

#[test]
fn all_roles_of_an_account_are_paid_in_one_claim() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&AUTHOR, units(3));
        Coin::credit_evaluator(&AUTHOR, units(4));
        Coin::credit_evaluator(&2, units(4));
        let height = assert_pot(AUTHOR);
        assert_claim(height, AUTHOR, (32_500 + 7_500 + 2_500) * MILLI_DOIN);
        assert_claim(height, 2, 7_500 * MILLI_DOIN);
    });
}

#[test]
fn rounding_remainders_go_to_the_author_with_the_last_claim() {
    Builder.build_and_execute(|| {
        // Thirds of 32.5 DOIN and sevenths of 15 DOIN do not come out even.
        (2..5).for_each(|who| Coin::credit_optimizer(&who, units(1)));
        (2..9).for_each(|who| Coin::credit_evaluator(&who, units(1)));
        let height = assert_pot(AUTHOR);
        assert_claim(height, AUTHOR, 2_500 * MILLI_DOIN);
        let third = 32_500 * MILLI_DOIN / 3;
        let seventh = 15_000 * MILLI_DOIN / 7;
        (2..5).for_each(|who| assert_claim(height, who, third + seventh));
        (5..9).for_each(|who| assert_claim(height, who, seventh));
        let remainder = 47_500 * MILLI_DOIN - 3 * third - 7 * seventh;
        assert!(remainder > 0);
        assert_eq!(Balances::balance(&AUTHOR), 2_500 * MILLI_DOIN + remainder);
        assert_eq!(Unclaimed::<Test>::get(), 0);
    });
}

#[test]
fn a_remainder_that_the_author_cannot_receive_is_burned_and_counted() {
    Builder.build_and_execute(|| {
        (2..5).for_each(|who| Coin::credit_optimizer(&who, units(1)));
        Coin::credit_evaluator(&2, units(1));
        let height = assert_pot(AUTHOR);
        assert_claim(height, AUTHOR, 2_500 * MILLI_DOIN);
        // The author leaves before the last claim.
        Balances::transfer_all(RuntimeOrigin::signed(AUTHOR), RICH, false).expect("leaves");
        assert_claim(height, 2, 15_000 * MILLI_DOIN + 32_500 * MILLI_DOIN / 3);
        assert_claim(height, 3, 32_500 * MILLI_DOIN / 3);
        let issuance = Balances::total_issuance();
        claim(height, 4).expect("claims");
        let remainder = 32_500 * MILLI_DOIN - 3 * (32_500 * MILLI_DOIN / 3);
        assert_eq!(Balances::total_issuance(), issuance - remainder);
        assert_eq!(Coin::supply().burned, remainder);
        assert_eq!(Balances::balance(&AUTHOR), 0);
        assert_eq!(Unclaimed::<Test>::get(), 0);
    });
}

#[test]
fn one_improvement_in_a_hundred_slices_is_paid_as_the_whole() {
    Builder.build_and_execute(|| {
        let whole = 123_456_789_012_345_678_900;
        Coin::credit_optimizer(&2, units(whole));
        (0..100).for_each(|_| Coin::credit_optimizer(&3, units(whole / 100)));
        (0..100).for_each(|_| Coin::credit_evaluator(&4, units(whole / 100)));
        Coin::credit_evaluator(&5, units(whole));
        let height = assert_pot(AUTHOR);
        assert_eq!(Coin::claim_value(height, &2), Coin::claim_value(height, &3));
        assert_eq!(Coin::claim_value(height, &4), Coin::claim_value(height, &5));
        assert_claim(height, 2, 16_250 * MILLI_DOIN);
        assert_claim(height, 3, 16_250 * MILLI_DOIN);
        assert_claim(height, 4, 7_500 * MILLI_DOIN);
        assert_claim(height, 5, 7_500 * MILLI_DOIN);
    });
}

#[test]
fn less_than_the_existential_deposit_is_kept_for_a_new_account() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1_000_000));
        Coin::credit_optimizer(&3, units(1));
        let height = assert_pot(AUTHOR);
        let small = 32_500 * MILLI_DOIN / 1_000_001;
        assert!(small > 0 && small < EXISTENTIAL_DEPOSIT);
        assert_noop!(claim(height, 3), Error::<Test>::BelowExistentialDeposit);
        // The others are not held up, and nothing is lost: once the account exists it is paid.
        assert_claim(height, AUTHOR, 17_500 * MILLI_DOIN);
        assert_claim(height, 2, 32_500 * MILLI_DOIN * 1_000_000 / 1_000_001);
        assert_noop!(claim(height, 3), Error::<Test>::BelowExistentialDeposit);
        Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), 3, DOIN).expect("transfers");
        assert_claim(height, 3, small);
    });
}

#[test]
fn a_share_worth_nothing_clears_from_storage() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(u128::MAX / 2));
        Coin::credit_optimizer(&3, units(1));
        let height = assert_pot(AUTHOR);
        assert_claim(height, 3, 0);
        assert_claim(height, AUTHOR, 17_500 * MILLI_DOIN);
        assert_claim(height, 2, 32_500 * MILLI_DOIN - 1);
    });
}

#[test]
fn points_beyond_the_largest_number_cannot_break_a_pool() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(u128::MAX - 1));
        Coin::credit_optimizer(&3, units(u128::MAX));
        Coin::credit_optimizer(&4, units(u128::MAX));
        assert!(!Shares::<Test>::contains_key(4, 1));
        Coin::do_try_state().expect("the total is the sum of the shares");
        let height = assert_pot(AUTHOR);
        assert_claim(height, 3, 0);
        assert_claim(height, 2, 32_500 * MILLI_DOIN - 1);
    });
}

#[test]
fn coin_sent_to_the_account_of_the_pots_disturbs_nothing() {
    Builder.build_and_execute(|| {
        Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), Coin::account_id(), DOIN).expect("transfers");
        Coin::credit_optimizer(&2, units(1));
        let height = assert_pot(AUTHOR);
        assert_claim(height, 2, 32_500 * MILLI_DOIN);
        assert_claim(height, AUTHOR, 17_500 * MILLI_DOIN);
        assert_eq!(Balances::balance(&Coin::account_id()), DOIN + EXISTENTIAL_DEPOSIT);
    });
}

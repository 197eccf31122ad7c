//! What is burned is counted.

use super::*;
use crate::{BurnFeesAndTipAuthor, BurnImbalance, Burned};
use doin_primitives::{traits::BurnCounter, DOIN};
use frame_support::traits::{fungible::Balanced, OnUnbalanced};

type Fees = BurnFeesAndTipAuthor<Test, TipAuthor>;

fn withdraw(amount: Balance) -> frame_support::traits::fungible::Credit<AccountId, Balances> {
    use frame_support::traits::tokens::{Fortitude::Polite, Precision::Exact, Preservation::Preserve};
    Balances::withdraw(&RICH, amount, Exact, Preserve, Polite).expect("is rich")
}

/// Checks that `burning` burns exactly `amount`, counted.
fn assert_burned(amount: Balance, burning: impl FnOnce()) {
    let (issuance, burned) = (Balances::total_issuance(), Burned::<Test>::get());
    burning();
    assert_eq!(Balances::total_issuance(), issuance - amount);
    assert_eq!(Burned::<Test>::get(), burned + amount);
    Coin::do_try_state().expect("the burn is counted");
}

#[test]
fn slashes_and_fees_are_burned_and_counted() {
    Builder.build_and_execute(|| {
        assert_burned(7, || BurnImbalance::<Test>::on_unbalanced(withdraw(7)));
        assert_burned(0, || BurnImbalance::<Test>::on_unbalanced(withdraw(0)));
        assert_burned(5, || {
            BurnImbalance::<Test>::on_unbalanceds([withdraw(2), withdraw(3)].into_iter())
        });
        assert_burned(9, || Fees::on_unbalanced(withdraw(9)));
    });
}

#[test]
fn the_fee_is_burned_and_the_tip_goes_to_the_author() {
    Builder.build_and_execute(|| {
        TipAuthor::set(&Some(AUTHOR));
        Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), AUTHOR, DOIN).expect("transfers");
        assert_burned(40, || Fees::on_unbalanceds([withdraw(40), withdraw(2)].into_iter()));
        assert_eq!(Balances::balance(&AUTHOR), DOIN + 2);
        assert_burned(40, || Fees::on_unbalanceds([withdraw(40)].into_iter()));
        assert_burned(0, || Fees::on_unbalanceds([withdraw(0), withdraw(8)].into_iter()));
        assert_eq!(Balances::balance(&AUTHOR), DOIN + 10);
        assert_burned(0, || Fees::on_unbalanceds(core::iter::empty()));
    });
}

#[test]
fn a_tip_that_nobody_can_receive_is_burned() {
    Builder.build_and_execute(|| {
        assert_burned(42, || Fees::on_unbalanceds([withdraw(40), withdraw(2)].into_iter()));
        // The author has no account, and the tip is too small to open one.
        TipAuthor::set(&Some(77));
        assert_burned(42, || Fees::on_unbalanceds([withdraw(40), withdraw(2)].into_iter()));
        assert_eq!(Balances::balance(&77), 0);
    });
}

#[test]
fn dust_is_counted() {
    Builder.build_and_execute(|| {
        Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), 3, DOIN).expect("transfers");
        assert_burned(EXISTENTIAL_DEPOSIT - 1, || {
            Balances::transfer_allow_death(RuntimeOrigin::signed(3), RICH, DOIN - EXISTENTIAL_DEPOSIT + 1)
                .expect("transfers")
        });
        assert_eq!(Balances::balance(&3), 0);
    });
}

#[test]
fn a_burn_that_is_not_counted_is_found() {
    Builder.build().execute_with(|| {
        drop(withdraw(1));
        assert!(Coin::do_try_state().is_err());
        Coin::note_burned(1);
        Coin::do_try_state().expect("now it is counted");
        Coin::note_burned(0);
        Coin::note_burned(1);
        assert!(Coin::do_try_state().is_err());
    });
}

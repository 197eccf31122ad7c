//! Tests of the coin pallet.

mod burning;
mod challenges;
mod claims;
mod pots;
mod properties;

use crate::{mock::*, Event, LastHeight, Pots, Shares, Unclaimed};
use doin_primitives::{
    subsidy,
    traits::{OptimizationBlockHandler, RewardLedger},
    Balance, Increment, OptimizationHeight,
};
use frame_support::{
    dispatch::Pays,
    traits::fungible::{Inspect, Mutate},
};

/// The author of the blocks in tests.
pub const AUTHOR: AccountId = 1;

/// An increment in smallest units.
pub fn units(inner: u128) -> Increment {
    Increment::from_inner(inner)
}

/// Makes the next optimization block and checks what it mints. Returns its height.
pub fn assert_pot(author: AccountId) -> OptimizationHeight {
    let height = LastHeight::<Test>::get() + 1;
    let (issuance, unclaimed) = (Balances::total_issuance(), Unclaimed::<Test>::get());
    let held = Balances::balance(&Coin::account_id());
    let reward = subsidy::reward(height);

    assert_eq!(Coin::on_optimization_block(height, &author), reward);

    assert_eq!(LastHeight::<Test>::get(), height);
    assert_eq!(Balances::total_issuance(), issuance + reward);
    assert_eq!(Unclaimed::<Test>::get(), unclaimed + reward);
    assert_eq!(Balances::balance(&Coin::account_id()), held + reward);
    let last = System::events().pop().expect("an event").event;
    let RuntimeEvent::Coin(Event::PotMinted {
        height: of,
        reward: minted,
        optimizers,
        evaluators,
        author_part,
        author: by,
    }) = last
    else {
        panic!("{last:?} is not the event of a pot")
    };
    assert_eq!((of, minted, by), (height, reward, author));
    assert_eq!(optimizers + evaluators + author_part, reward);
    height
}

/// Claims and checks that exactly `amount` went from the pots to `who`, free of charge, and that the share is gone.
pub fn assert_claim(height: OptimizationHeight, who: AccountId, amount: Balance) {
    let (issuance, before) = (Balances::total_issuance(), Balances::balance(&who));
    let (unclaimed, remainder) = (Unclaimed::<Test>::get(), remainder_of_last_claim(height, who));
    assert_eq!(Coin::claim_value(height, &who), Some(amount));

    let info = Coin::claim(RuntimeOrigin::signed(RICH), height, who).expect("claims");

    assert_eq!(info.pays_fee, Pays::No);
    let own_remainder = remainder
        .filter(|(author, _)| *author == who)
        .map_or(0, |(_, amount)| amount);
    assert_eq!(Balances::balance(&who), before + amount + own_remainder);
    assert_eq!(
        Unclaimed::<Test>::get(),
        unclaimed - amount - remainder.map_or(0, |(_, amount)| amount)
    );
    assert_eq!(Balances::total_issuance(), issuance);
    assert!(!Shares::<Test>::contains_key(who, height));
    System::assert_has_event(Event::Claimed { height, who, amount }.into());
    if let Some((author, amount)) = remainder.filter(|(_, amount)| *amount > 0) {
        System::assert_last_event(Event::RemainderPaid { height, author, amount }.into());
    }
    assert_eq!(remainder.is_some(), !Pots::<Test>::contains_key(height));
}

/// Who gets which remainder when the claim is the last of its pot.
fn remainder_of_last_claim(height: OptimizationHeight, who: AccountId) -> Option<(AccountId, Balance)> {
    let mut pot = Pots::<Test>::get(height)?;
    let share = Shares::<Test>::get(who, height)?;
    pot.optimizers.claim(share.optimizer);
    pot.evaluators.claim(share.evaluator);
    if share.author {
        pot.author_unpaid = 0;
    }
    pot.is_exhausted().then(|| (pot.author, pot.unpaid()))
}

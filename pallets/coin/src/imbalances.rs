//! Where imbalances go that other pallets create: everything burned is counted.

use crate::{Config, Pallet};
use core::marker::PhantomData;
use doin_primitives::traits::BurnCounter;
use frame_support::traits::{
    fungible::{Balanced, Credit},
    Get, Imbalance, OnUnbalanced,
};

/// Burns an imbalance and counts it. For `DustRemoval` of balances, and for slashed bonds.
pub struct BurnImbalance<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<Credit<T::AccountId, T::Currency>> for BurnImbalance<T> {
    fn on_nonzero_unbalanced(amount: Credit<T::AccountId, T::Currency>) {
        Pallet::<T>::note_burned(amount.peek());
        // A credit that is dropped leaves the issuance.
        drop(amount);
    }
}

/// Burns the base fee, counted, and pays the tip to the author of the block. For the fungible adapter of
/// transaction-payment. A tip without an author, or that the author's account cannot receive, is burned too.
///
/// `Author` gives the account of the author of the block in execution.
pub struct BurnFeesAndTipAuthor<T, Author>(PhantomData<(T, Author)>);

impl<T: Config, Author: Get<Option<T::AccountId>>> OnUnbalanced<Credit<T::AccountId, T::Currency>>
    for BurnFeesAndTipAuthor<T, Author>
{
    fn on_unbalanceds(mut fees_then_tips: impl Iterator<Item = Credit<T::AccountId, T::Currency>>) {
        if let Some(fees) = fees_then_tips.next() {
            Self::on_unbalanced(fees);
        }
        for tip in fees_then_tips {
            let rest = match Author::get() {
                Some(author) => T::Currency::resolve(&author, tip).err(),
                None => Some(tip),
            };
            if let Some(rest) = rest {
                Self::on_unbalanced(rest);
            }
        }
    }

    fn on_nonzero_unbalanced(amount: Credit<T::AccountId, T::Currency>) {
        BurnImbalance::<T>::on_nonzero_unbalanced(amount);
    }
}

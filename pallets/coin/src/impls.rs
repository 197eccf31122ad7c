//! Credits, pots, claims, and their invariants.

use crate::{
    types::Points, Burned, Config, Error, Event, GenesisIssuance, LastHeight, Minted, Pallet, Pending, Pool, Pot, Pots,
    Shares, Unclaimed,
};
use alloc::{collections::BTreeMap, vec::Vec};
use doin_primitives::{
    api::Supply,
    subsidy,
    traits::{BurnCounter, OptimizationBlockHandler, OptimizerPool, RewardLedger, SlotClock},
    Balance, Increment, OptimizationHeight,
};
use frame_support::{
    ensure,
    storage::{with_transaction, TransactionOutcome},
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{DepositConsequence, Fortitude, Precision, Preservation, Provenance},
        Get,
    },
};
use sp_runtime::{traits::Zero, DispatchError, TryRuntimeError};

impl<T: Config> Pallet<T> {
    /// The state of issuance.
    pub fn supply() -> Supply {
        Supply {
            issuance: T::Currency::total_issuance(),
            genesis: GenesisIssuance::<T>::get(),
            minted: Minted::<T>::get(),
            burned: Burned::<T>::get(),
            unclaimed: Unclaimed::<T>::get(),
            next_reward: subsidy::reward(Self::pending_height()),
        }
    }

    /// The optimization heights at which the account has a share that can be claimed now, oldest first, at most `limit`.
    /// Reads every unclaimed share of the account: for the RPC, not for calls.
    pub fn claimable(who: &T::AccountId, limit: u32) -> Vec<OptimizationHeight> {
        let now = T::Clock::current_slot();
        let mut heights: Vec<_> = Shares::<T>::iter_key_prefix(who)
            .filter(|height| Pots::<T>::get(height).is_some_and(|pot| pot.claimable_from <= now))
            .collect();
        heights.sort_unstable();
        heights.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        heights
    }

    /// What a claim of the share would pay now; `None` when there is no such share or its pot does not exist yet.
    pub fn claim_value(height: OptimizationHeight, who: &T::AccountId) -> Option<Balance> {
        let share = Shares::<T>::get(who, height)?;
        let pot = Pots::<T>::get(height)?;
        let author = if share.author { pot.author_unpaid } else { 0 };
        let points = pot
            .optimizers
            .worth(share.optimizer)
            .saturating_add(pot.evaluators.worth(share.evaluator));
        Some(author.saturating_add(points))
    }

    /// The height of the pot to come.
    fn pending_height() -> OptimizationHeight {
        LastHeight::<T>::get().saturating_add(1)
    }

    /// Pays out a share. See [`crate::Call::claim`].
    ///
    /// This is where challenges will act: an optimum that is overturned within the window has its points taken out of
    /// `Shares` and of the pool's `unclaimed_points`, and their worth burned, before anybody can claim them.
    pub(crate) fn do_claim(height: OptimizationHeight, who: &T::AccountId) -> Result<(), DispatchError> {
        ensure!(height < Self::pending_height(), Error::<T>::HeightNotReached);
        let share = Shares::<T>::get(who, height).ok_or(Error::<T>::NothingToClaim)?;
        let mut pot = Pots::<T>::get(height).ok_or(Error::<T>::NothingToClaim)?;
        ensure!(
            pot.claimable_from <= T::Clock::current_slot(),
            Error::<T>::InChallengeWindow
        );

        let mut amount = pot
            .optimizers
            .claim(share.optimizer)
            .saturating_add(pot.evaluators.claim(share.evaluator));
        if share.author {
            amount = amount.saturating_add(core::mem::take(&mut pot.author_unpaid));
        }
        // A share so small that it is worth nothing leaves storage all the same.
        if !amount.is_zero() {
            match T::Currency::can_deposit(who, amount, Provenance::Extant) {
                DepositConsequence::Success => (),
                DepositConsequence::BelowMinimum => return Err(Error::<T>::BelowExistentialDeposit.into()),
                _ => return Err(Error::<T>::CannotReceive.into()),
            }
            T::Currency::transfer(&Self::account_id(), who, amount, Preservation::Preserve)?;
            Unclaimed::<T>::mutate(|unclaimed| *unclaimed = unclaimed.saturating_sub(amount));
        }
        Shares::<T>::remove(who, height);
        Self::deposit_event(Event::Claimed {
            height,
            who: who.clone(),
            amount,
        });

        if pot.is_exhausted() {
            Self::pay_remainder(height, &pot);
            Pots::<T>::remove(height);
        } else {
            Pots::<T>::insert(height, pot);
        }
        Ok(())
    }

    /// Pays what the roundings of an exhausted pot left to its author, or burns it where the author cannot receive it.
    fn pay_remainder(height: OptimizationHeight, pot: &Pot<T::AccountId>) {
        let amount = pot.unpaid();
        if amount.is_zero() {
            return;
        }
        let account = Self::account_id();
        if T::Currency::transfer(&account, &pot.author, amount, Preservation::Preserve).is_err() {
            let burned = T::Currency::burn_from(
                &account,
                amount,
                Preservation::Preserve,
                Precision::BestEffort,
                Fortitude::Force,
            );
            Self::note_burned(burned.unwrap_or_default());
        }
        Unclaimed::<T>::mutate(|unclaimed| *unclaimed = unclaimed.saturating_sub(amount));
        Self::deposit_event(Event::RemainderPaid {
            height,
            author: pot.author.clone(),
            amount,
        });
    }

    /// Adds points to an account's share in the pot to come, and to the total that `total` chooses.
    ///
    /// Points are increments with 18 decimals: 3·10²⁰ units of φ would be needed to overflow. Where they would, only
    /// what fits is credited, so that the total stays the sum of the shares.
    fn credit(
        who: &T::AccountId,
        increment: Increment,
        total: impl FnOnce(&mut crate::PendingPoints) -> &mut Points,
        part: impl FnOnce(&mut crate::Share) -> &mut Points,
    ) {
        let credited = Pending::<T>::mutate(|pending| {
            let total = total(pending);
            let credited = increment.into_inner().min(Points::MAX.saturating_sub(*total));
            *total = total.saturating_add(credited);
            credited
        });
        if credited.is_zero() {
            return;
        }
        Shares::<T>::mutate(who, Self::pending_height(), |share| {
            let points = part(share.get_or_insert_with(Default::default));
            *points = points.saturating_add(credited);
        });
    }

    /// Mints the pot of the next height.
    fn mint(height: OptimizationHeight, author: &T::AccountId) -> Result<Balance, DispatchError> {
        ensure!(
            height == Self::pending_height(),
            DispatchError::Other("the height does not follow the last")
        );
        let reward = subsidy::reward(height);
        let points = Pending::<T>::take();
        let mut parts = subsidy::split(reward);
        // A pool in which nobody has points goes to the author.
        if points.optimizers.is_zero() {
            parts.author = parts.author.saturating_add(core::mem::take(&mut parts.optimizers));
        }
        if points.evaluators.is_zero() {
            parts.author = parts.author.saturating_add(core::mem::take(&mut parts.evaluators));
        }
        if !reward.is_zero() {
            T::Currency::mint_into(&Self::account_id(), reward)?;
        }
        let pot = Pot {
            author: author.clone(),
            author_unpaid: parts.author,
            optimizers: Pool::new(parts.optimizers, points.optimizers),
            evaluators: Pool::new(parts.evaluators, points.evaluators),
            claimable_from: T::Clock::current_slot().saturating_add(T::ChallengeWindow::get()),
        };
        // After the last halving a pot is empty; its shares are claimed for nothing, which clears them from storage.
        if !parts.author.is_zero() {
            Shares::<T>::mutate(author, height, |share| {
                share.get_or_insert_with(Default::default).author = true
            });
        }
        if !pot.is_exhausted() {
            Pots::<T>::insert(height, pot);
        }
        LastHeight::<T>::put(height);
        Minted::<T>::mutate(|minted| *minted = minted.saturating_add(reward));
        Unclaimed::<T>::mutate(|unclaimed| *unclaimed = unclaimed.saturating_add(reward));
        Self::deposit_event(Event::PotMinted {
            height,
            reward,
            optimizers: parts.optimizers,
            evaluators: parts.evaluators,
            author_part: parts.author,
            author: author.clone(),
        });
        Ok(reward)
    }

    /// What must hold between blocks. `issuance = genesis + minted − burned`; what is minted is what the heights so far
    /// mint; the pots hold what is unclaimed; every point of a pool belongs to a share.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let last = LastHeight::<T>::get();
        let minted = Minted::<T>::get();
        ensure!(
            minted == subsidy::minted_until(last),
            "minted is not the sum of the pots up to the last height"
        );
        let created = GenesisIssuance::<T>::get()
            .checked_add(minted)
            .ok_or("genesis + minted overflows")?;
        let issuance = created
            .checked_sub(Burned::<T>::get())
            .ok_or("more was burned than created")?;
        ensure!(
            T::Currency::total_issuance() == issuance,
            "issuance is not genesis + minted − burned"
        );

        // Coin that somebody sends to the account of the pots stays there: it can hold more, never less.
        let unclaimed = Unclaimed::<T>::get();
        let held = T::Currency::total_balance(&Self::account_id());
        let needed = unclaimed
            .checked_add(T::Currency::minimum_balance())
            .ok_or("unclaimed overflows")?;
        ensure!(
            held >= needed,
            "the account of the pots holds less than what is unclaimed"
        );

        let mut points: BTreeMap<OptimizationHeight, (Points, Points)> = BTreeMap::new();
        for (who, height, share) in Shares::<T>::iter() {
            ensure!(height <= Self::pending_height(), "a share in a pot after the next");
            ensure!(
                share.author || !share.optimizer.is_zero() || !share.evaluator.is_zero(),
                "a share without points"
            );
            let sums = points.entry(height).or_default();
            sums.0 = sums
                .0
                .checked_add(share.optimizer)
                .ok_or("optimizers' points overflow")?;
            sums.1 = sums
                .1
                .checked_add(share.evaluator)
                .ok_or("evaluators' points overflow")?;
            if share.author {
                let pot = Pots::<T>::get(height).ok_or("an author's share without a pot")?;
                ensure!(
                    pot.author == who && !pot.author_unpaid.is_zero(),
                    "an author's share of another or of nothing"
                );
            }
        }
        let pending = Pending::<T>::get();
        let sums = points.remove(&Self::pending_height()).unwrap_or_default();
        ensure!(
            sums == (pending.optimizers, pending.evaluators),
            "the points to come are not those of the shares"
        );

        let mut unpaid: Balance = 0;
        for (height, pot) in Pots::<T>::iter() {
            ensure!(height <= last, "a pot of a height still to come");
            ensure!(!pot.is_exhausted(), "an exhausted pot is stored");
            unpaid = unpaid.checked_add(pot.unpaid()).ok_or("unpaid overflows")?;
            let sums = points.remove(&height).unwrap_or_default();
            let stored = (pot.optimizers.unclaimed_points, pot.evaluators.unclaimed_points);
            ensure!(
                sums == stored,
                "the unclaimed points of a pot are not those of its shares"
            );
            for pool in [pot.optimizers, pot.evaluators] {
                ensure!(
                    pool.unpaid >= pool.worth(pool.unclaimed_points),
                    "a pool cannot pay its shares"
                );
            }
        }
        ensure!(points.is_empty(), "shares in a pot that does not exist");
        ensure!(unpaid == unclaimed, "unclaimed is not the sum of the pots");
        Ok(())
    }
}

impl<T: Config> RewardLedger<T::AccountId> for Pallet<T> {
    fn credit_optimizer(who: &T::AccountId, effective: Increment) {
        Self::credit(
            who,
            effective,
            |pending| &mut pending.optimizers,
            |share| &mut share.optimizer,
        );
    }

    fn credit_evaluator(who: &T::AccountId, verified: Increment) {
        Self::credit(
            who,
            verified,
            |pending| &mut pending.evaluators,
            |share| &mut share.evaluator,
        );
    }
}

impl<T: Config> OptimizationBlockHandler<T::AccountId> for Pallet<T> {
    fn on_optimization_block(height: OptimizationHeight, author: &T::AccountId) -> Balance {
        // All or nothing: a pot that cannot be minted leaves the points where they are, for the next one.
        let minted = with_transaction(|| match Self::mint(height, author) {
            Ok(reward) => TransactionOutcome::Commit(Ok(reward)),
            Err(error) => TransactionOutcome::Rollback(Err::<Balance, DispatchError>(error)),
        });
        minted.unwrap_or_else(|_| {
            Self::deposit_event(Event::PotRefused { height });
            0
        })
    }
}

impl<T: Config> BurnCounter for Pallet<T> {
    fn note_burned(amount: Balance) {
        if !amount.is_zero() {
            Burned::<T>::mutate(|burned| *burned = burned.saturating_add(amount));
        }
    }
}

impl<T: Config> OptimizerPool for Pallet<T> {
    fn next_optimizer_pool() -> Balance {
        subsidy::split(subsidy::reward(Self::pending_height())).optimizers
    }
}

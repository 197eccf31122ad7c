//! Credits, pots, claims, and their invariants.

use crate::{
    types::Points, Burned, Config, Error, Event, GenesisIssuance, LastHeight, Minted, Pallet, Pending, Pool, Pot, Pots,
    Share, Shares, Unclaimed,
};
use alloc::{collections::BTreeMap, vec::Vec};
use doin_primitives::{
    api::Supply,
    subsidy,
    traits::{BurnCounter, OptimizationBlockHandler, OptimizerPool, RewardLedger, SlotClock},
    Balance, Increment, OptimizationHeight, SlotNumber,
};
use frame_support::{
    ensure,
    storage::{with_transaction, TransactionOutcome},
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{DepositConsequence, Fortitude, Precision, Preservation, Provenance},
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
            next_reward: subsidy::reward(<Self as RewardLedger<T::AccountId>>::pending_height()),
        }
    }

    /// The optimization heights at which the account has a share that can be claimed now, oldest first, at most `limit`.
    /// Reads every unclaimed share of the account: for the RPC, not for calls.
    pub fn claimable(who: &T::AccountId, limit: u32) -> Vec<OptimizationHeight> {
        let now = T::Clock::current_slot();
        let mut heights: Vec<_> = Shares::<T>::iter_prefix(who)
            .filter(|(_, share)| share.challenges == 0)
            .map(|(height, _)| height)
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

    /// Pays out a share. See [`crate::Call::claim`].
    pub(crate) fn do_claim(height: OptimizationHeight, who: &T::AccountId) -> Result<(), DispatchError> {
        ensure!(
            height < <Self as RewardLedger<T::AccountId>>::pending_height(),
            Error::<T>::HeightNotReached
        );
        let share = Shares::<T>::get(who, height).ok_or(Error::<T>::NothingToClaim)?;
        let mut pot = Pots::<T>::get(height).ok_or(Error::<T>::NothingToClaim)?;
        ensure!(
            pot.claimable_from <= T::Clock::current_slot(),
            Error::<T>::InChallengeWindow
        );
        ensure!(share.challenges == 0, Error::<T>::Challenged);

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

        Self::put_pot(height, pot);
        Ok(())
    }

    /// Stores a pot after a change; with its last share its remainder is paid and it is gone.
    fn put_pot(height: OptimizationHeight, pot: Pot<T::AccountId>) {
        if pot.is_exhausted() {
            Self::pay_remainder(height, &pot);
            Pots::<T>::remove(height);
        } else {
            Pots::<T>::insert(height, pot);
        }
    }

    /// Burns minted coin out of the pots, counted.
    fn burn_unclaimed(amount: Balance) {
        if amount.is_zero() {
            return;
        }
        let burned = T::Currency::burn_from(
            &Self::account_id(),
            amount,
            Preservation::Preserve,
            Precision::BestEffort,
            Fortitude::Force,
        );
        Self::note_burned(burned.unwrap_or_default());
        Unclaimed::<T>::mutate(|unclaimed| *unclaimed = unclaimed.saturating_sub(amount));
    }

    /// See [`RewardLedger::void`]. Takes no more than the account has.
    fn do_void(height: OptimizationHeight, who: &T::AccountId, optimizer: Points, evaluator: Points) -> Balance {
        let Some(mut share) = Shares::<T>::get(who, height) else {
            return 0;
        };
        let (optimizer, evaluator) = (optimizer.min(share.optimizer), evaluator.min(share.evaluator));
        if optimizer.is_zero() && evaluator.is_zero() {
            return 0;
        }
        share.optimizer = share.optimizer.saturating_sub(optimizer);
        share.evaluator = share.evaluator.saturating_sub(evaluator);
        Self::put_share(height, who, share);
        let burned = if height == <Self as RewardLedger<T::AccountId>>::pending_height() {
            Pending::<T>::mutate(|pending| {
                pending.void_optimizers = pending.void_optimizers.saturating_add(optimizer);
                pending.void_evaluators = pending.void_evaluators.saturating_add(evaluator);
            });
            0
        } else {
            Pots::<T>::get(height).map_or(0, |mut pot| {
                let amount = pot
                    .optimizers
                    .claim(optimizer)
                    .saturating_add(pot.evaluators.claim(evaluator));
                Self::burn_unclaimed(amount);
                Self::put_pot(height, pot);
                amount
            })
        };
        Self::deposit_event(Event::PointsVoided {
            height,
            who: who.clone(),
            optimizer,
            evaluator,
            burned,
        });
        burned
    }

    /// Stores a share after a change; an empty one is gone.
    fn put_share(height: OptimizationHeight, who: &T::AccountId, share: Share) {
        if share.is_empty() {
            Shares::<T>::remove(who, height);
        } else {
            Shares::<T>::insert(who, height, share);
        }
    }

    /// Pays what the roundings of an exhausted pot left to its author, or burns it where the author cannot receive it.
    fn pay_remainder(height: OptimizationHeight, pot: &Pot<T::AccountId>) {
        let amount = pot.unpaid();
        if amount.is_zero() {
            return;
        }
        match T::Currency::transfer(&Self::account_id(), &pot.author, amount, Preservation::Preserve) {
            Ok(_) => Unclaimed::<T>::mutate(|unclaimed| *unclaimed = unclaimed.saturating_sub(amount)),
            Err(_) => Self::burn_unclaimed(amount),
        }
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
        Shares::<T>::mutate(who, <Self as RewardLedger<T::AccountId>>::pending_height(), |share| {
            let points = part(share.get_or_insert_with(Default::default));
            *points = points.saturating_add(credited);
        });
    }

    /// Mints the pot of the next height.
    fn mint(height: OptimizationHeight, author: &T::AccountId) -> Result<Balance, DispatchError> {
        ensure!(
            height == <Self as RewardLedger<T::AccountId>>::pending_height(),
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
        let mut pot = Pot {
            author: author.clone(),
            author_unpaid: parts.author,
            optimizers: Pool::new(parts.optimizers, points.optimizers),
            evaluators: Pool::new(parts.evaluators, points.evaluators),
            claimable_from: points.claimable_from,
        };
        let void = pot
            .optimizers
            .claim(points.void_optimizers)
            .saturating_add(pot.evaluators.claim(points.void_evaluators));
        // After the last halving a pot is empty; its shares are claimed for nothing, which clears them from storage.
        if !parts.author.is_zero() {
            Shares::<T>::mutate(author, height, |share| {
                share.get_or_insert_with(Default::default).author = true
            });
        }
        LastHeight::<T>::put(height);
        Minted::<T>::mutate(|minted| *minted = minted.saturating_add(reward));
        Unclaimed::<T>::mutate(|unclaimed| *unclaimed = unclaimed.saturating_add(reward));
        Self::put_pot(height, pot);
        Self::deposit_event(Event::PotMinted {
            height,
            reward,
            optimizers: parts.optimizers,
            evaluators: parts.evaluators,
            author_part: parts.author,
            author: author.clone(),
        });
        if !void.is_zero() {
            Self::burn_unclaimed(void);
            Self::deposit_event(Event::VoidBurned { height, amount: void });
        }
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
            ensure!(
                height <= <Self as RewardLedger<T::AccountId>>::pending_height(),
                "a share in a pot after the next"
            );
            ensure!(!share.is_empty(), "an empty share");
            if share.optimizer.is_zero() && share.evaluator.is_zero() && !share.author {
                // Only the trace of a challenge: the pot may be paid out already.
                continue;
            }
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
        let sums = points
            .remove(&<Self as RewardLedger<T::AccountId>>::pending_height())
            .unwrap_or_default();
        let valid = (
            pending
                .optimizers
                .checked_sub(pending.void_optimizers)
                .ok_or("more points to come are void than there are")?,
            pending
                .evaluators
                .checked_sub(pending.void_evaluators)
                .ok_or("more points to come are void than there are")?,
        );
        ensure!(sums == valid, "the points to come are not those of the shares");

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

    fn pending_height() -> OptimizationHeight {
        LastHeight::<T>::get().saturating_add(1)
    }

    fn claim_from(slot: SlotNumber) {
        Pending::<T>::mutate(|pending| pending.claimable_from = pending.claimable_from.max(slot));
    }

    fn freeze(height: OptimizationHeight, who: &T::AccountId) {
        // Also where the account has no points of it, so that each unfreezing takes back its own freezing.
        Shares::<T>::mutate(who, height, |share| {
            let share = share.get_or_insert_with(Default::default);
            share.challenges = share.challenges.saturating_add(1);
        });
    }

    fn unfreeze(height: OptimizationHeight, who: &T::AccountId) {
        if let Some(mut share) = Shares::<T>::get(who, height) {
            share.challenges = share.challenges.saturating_sub(1);
            Self::put_share(height, who, share);
        }
    }

    fn void(height: OptimizationHeight, who: &T::AccountId, effective: Increment, verified: Increment) -> Balance {
        Self::do_void(height, who, effective.into_inner(), verified.into_inner())
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
        subsidy::split(subsidy::reward(<Self as RewardLedger<T::AccountId>>::pending_height())).optimizers
    }
}

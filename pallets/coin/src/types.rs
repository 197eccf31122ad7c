//! The types of coin.

use codec::{Decode, Encode, MaxEncodedLen};
use doin_primitives::{subsidy, Balance, SlotNumber};
use scale_info::TypeInfo;

/// Increments with 18 decimals, as an integer: what a pool is divided by.
pub type Points = u128;

/// The points in the pot to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingPoints {
    /// Of all optimizers: effective increments.
    #[codec(compact)]
    pub optimizers: Points,
    /// Of all agreeing evaluators: increments verified.
    #[codec(compact)]
    pub evaluators: Points,
    /// Those of the optimizers that are nobody's any more: their optima were overturned. Their worth is burned when the pot
    /// is minted.
    #[codec(compact)]
    pub void_optimizers: Points,
    /// Those of the evaluators that are nobody's any more.
    #[codec(compact)]
    pub void_evaluators: Points,
    /// The first slot in which no optimum behind the points can be challenged any more.
    #[codec(compact)]
    pub claimable_from: SlotNumber,
}

/// A part of a pot that is divided by points.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pool {
    /// What is divided.
    #[codec(compact)]
    pub amount: Balance,
    /// All points in it.
    #[codec(compact)]
    pub points: Points,
    /// The points that are not claimed yet.
    #[codec(compact)]
    pub unclaimed_points: Points,
    /// What is not paid yet.
    #[codec(compact)]
    pub unpaid: Balance,
}

impl Pool {
    /// A pool of which nothing is claimed.
    pub fn new(amount: Balance, points: Points) -> Self {
        Self {
            amount,
            points,
            unclaimed_points: points,
            unpaid: amount,
        }
    }

    /// What `points` are worth, rounded down: the same in whatever order the claims come.
    pub fn worth(&self, points: Points) -> Balance {
        subsidy::worth(self.amount, points, self.points)
    }

    /// Takes the points out and returns what they are worth.
    pub fn claim(&mut self, points: Points) -> Balance {
        let amount = self.worth(points).min(self.unpaid);
        self.unclaimed_points = self.unclaimed_points.saturating_sub(points);
        self.unpaid = self.unpaid.saturating_sub(amount);
        amount
    }
}

/// The pot of an optimization block.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pot<AccountId> {
    /// The author of the optimization block.
    pub author: AccountId,
    /// The author's part, as long as it is not claimed; then 0.
    #[codec(compact)]
    pub author_unpaid: Balance,
    /// The optimizers' part.
    pub optimizers: Pool,
    /// The evaluators' part.
    pub evaluators: Pool,
    /// The first slot in which it can be claimed.
    #[codec(compact)]
    pub claimable_from: SlotNumber,
}

impl<AccountId> Pot<AccountId> {
    /// What is not paid yet, rounding remainders included.
    pub fn unpaid(&self) -> Balance {
        self.author_unpaid
            .saturating_add(self.optimizers.unpaid)
            .saturating_add(self.evaluators.unpaid)
    }

    /// Whether all shares are claimed: what is unpaid now is what the roundings left.
    pub fn is_exhausted(&self) -> bool {
        self.author_unpaid == 0 && self.optimizers.unclaimed_points == 0 && self.evaluators.unclaimed_points == 0
    }
}

/// An account's share in a pot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Share {
    /// Points in the optimizers' pool.
    #[codec(compact)]
    pub optimizer: Points,
    /// Points in the evaluators' pool.
    #[codec(compact)]
    pub evaluator: Points,
    /// Whether the author's part is this account's.
    pub author: bool,
    /// How many optima are challenged in which the account has points of this height: claimed is when there is none.
    #[codec(compact)]
    pub challenges: u32,
}

impl Share {
    /// Whether nothing is left of it that storage has to remember.
    pub fn is_empty(&self) -> bool {
        self.optimizer == 0 && self.evaluator == 0 && !self.author && self.challenges == 0
    }
}

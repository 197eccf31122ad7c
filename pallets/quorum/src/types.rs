//! What the quorum pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use doin_primitives::{
    commitment::Seed,
    domain::DomainId,
    optimum::{Assignment, OptimumId},
    quorum::{RoundPhase, VoteValues, MAX_EVALUATORS, MAX_FIRST_ROUND},
    Balance, Hash, SlotNumber,
};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// An evaluator's bond for one domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Registration {
    /// What is on hold.
    pub bond: Balance,
    /// `None` while the account may be drawn; after it has deregistered, the first slot in which it may withdraw.
    pub withdrawable_at: Option<SlotNumber>,
}

/// A drawn evaluator's seat.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Seat<AccountId> {
    /// Who sits there.
    pub evaluator: AccountId,
    /// The seed of its data.
    pub seed: Seed,
    /// Its vote commitment, once made.
    pub commitment: Option<Hash>,
    /// Its vote, once revealed. Never without a commitment.
    pub vote: Option<VoteValues>,
}

/// How an evaluator behaved in a round that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Conduct {
    /// It did not commit.
    NoShow,
    /// It committed and did not reveal: it diverges, whatever is decided.
    Withheld,
    /// It revealed a vote.
    Revealed,
}

impl<AccountId> Seat<AccountId> {
    /// How the evaluator has behaved, were the round over now.
    pub fn conduct(&self) -> Conduct {
        match (&self.commitment, &self.vote) {
            (None, _) => Conduct::NoShow,
            (Some(_), None) => Conduct::Withheld,
            (Some(_), Some(_)) => Conduct::Revealed,
        }
    }
}

/// The seats of a round.
pub type Seats<AccountId> = BoundedVec<Seat<AccountId>, ConstU32<MAX_EVALUATORS>>;
/// Who sat in round one, and how each behaved.
pub type FirstRound<AccountId> = BoundedVec<(AccountId, Conduct), ConstU32<MAX_FIRST_ROUND>>;

/// A round of evaluation in progress.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Round<AccountId> {
    /// What is measured against what.
    pub assignment: Assignment<AccountId>,
    /// 1 or 2; in a challenge 3 or 4.
    pub number: u8,
    /// Whether votes are committed or revealed now.
    pub phase: RoundPhase,
    /// The seats, in order of the draw.
    pub seats: Seats<AccountId>,
    /// The last slot in which votes may be committed.
    pub commit_deadline: SlotNumber,
    /// The last slot in which votes may be revealed; an estimate until the commits are closed.
    pub reveal_deadline: SlotNumber,
    /// What is left of the first round, in the second. Empty in the first.
    pub first: FirstRound<AccountId>,
}

impl<AccountId> Round<AccountId> {
    /// Whether a second round may follow this one.
    pub fn is_first(&self) -> bool {
        self.number == self.assignment.first_round()
    }
}

/// An entry of the list of rounds in progress: when the hook has to look at which.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ActiveRound {
    /// The optimum.
    pub optimum: OptimumId,
    /// Its domain: one optimum of a domain is judged at a time.
    pub domain: DomainId,
    /// The first slot in which a block has to end the phase.
    pub due: SlotNumber,
}

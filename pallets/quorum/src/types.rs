//! What the quorum pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use doin_primitives::{
    audit::MAX_AUDITORS,
    commitment::Seed,
    domain::DomainId,
    optimum::{Assignment, OptimumId},
    quorum::{RoundPhase, VoteValues, MAX_EVALUATORS, MAX_FIRST_ROUND},
    Balance, Hash, SlotNumber,
};
use frame_support::{traits::ConstU32, BoundedVec, DefaultNoBound};
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
    /// An audit has discredited its vote: it does not count, and its bond is gone.
    Discredited,
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
    /// What is done now.
    pub phase: RoundPhase,
    /// The seats, in order of the draw.
    pub seats: Seats<AccountId>,
    /// The last slot in which votes may be committed.
    pub commit_deadline: SlotNumber,
    /// The last slot in which votes may be revealed; an estimate until the reveals are open.
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

/// Who replays a vote.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Auditor<AccountId> {
    /// Who it is: neither the optimizer nor the vote's author.
    pub auditor: AccountId,
    /// The commitment to its replay, once made.
    pub commitment: Option<Hash>,
    /// Its replay, once revealed. Never without a commitment.
    pub replay: Option<VoteValues>,
}

/// The audit of a vote.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Audit<AccountId> {
    /// The place of the vote's seat.
    pub seat: u32,
    /// One, and further ones in a dispute; those who do not commit in time are taken off.
    pub auditors: BoundedVec<Auditor<AccountId>, ConstU32<MAX_AUDITORS>>,
}

impl<AccountId> Audit<AccountId> {
    /// Whether an auditor has yet to commit.
    pub fn awaits_commitment(&self) -> bool {
        self.auditors.iter().any(|auditor| auditor.commitment.is_none())
    }

    /// When its replays are revealed: that of a single auditor with the votes, those of more in a dispute.
    pub fn reveal_phase(&self) -> RoundPhase {
        match self.auditors.len() {
            0 | 1 => RoundPhase::Reveal,
            _ => RoundPhase::DisputeReveal,
        }
    }

    /// Whether an auditor has yet to reveal in the phase.
    pub fn awaits_replay(&self, phase: RoundPhase) -> bool {
        phase == self.reveal_phase() && self.auditors.iter().any(|auditor| auditor.replay.is_none())
    }
}

/// The most replays that both rounds of an evaluation can have.
pub const MAX_REPLAYS: u32 = (MAX_EVALUATORS + MAX_FIRST_ROUND) * MAX_AUDITORS;

impl<AccountId> Round<AccountId> {
    /// Whether all who have to act in the phase have acted.
    pub fn is_phase_over(&self, record: &AuditRecord<AccountId>) -> bool {
        let none = |conduct: Conduct| self.seats.iter().all(|seat| seat.conduct() != conduct);
        let no_replay = !record.open.iter().any(|audit| audit.awaits_replay(self.phase));
        match self.phase {
            RoundPhase::Commit => none(Conduct::NoShow),
            RoundPhase::Reveal => none(Conduct::Withheld) && no_replay,
            RoundPhase::AuditCommit | RoundPhase::DisputeCommit => !record.open.iter().any(Audit::awaits_commitment),
            RoundPhase::DisputeReveal => no_replay,
        }
    }
}

/// The audits of an evaluation.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, DefaultNoBound,
)]
pub struct AuditRecord<AccountId> {
    /// The last slot in which replays may be committed, or revealed in a dispute.
    pub deadline: SlotNumber,
    /// The audits of the round in progress, in order of the seats.
    pub open: BoundedVec<Audit<AccountId>, ConstU32<MAX_EVALUATORS>>,
    /// Who is to be paid for a replay: once for each.
    pub earned: BoundedVec<AccountId, ConstU32<MAX_REPLAYS>>,
    /// Who differed from a vote that two others reproduced.
    pub divergent: BoundedVec<AccountId, ConstU32<MAX_REPLAYS>>,
}

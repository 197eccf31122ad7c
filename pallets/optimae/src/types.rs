//! What is stored of commits and optimae.
//!
//! An optimum's way: committed ([`OpenCommit`]) → revealed and [`Stage::Queued`] in its domain's queue → at the head
//! drawn and [`Stage::Judging`] → ended ([`EndedOptimum`]) with exactly one outcome.
//!
//! The place of challenges (design, section 3, step 12): a challenge enters its domain's queue at the head as one more
//! [`Stage`] of an optimum that has ended as accepted. All it needs to repeat the paired test is kept in
//! [`EndedOptimum`] (parameters, incumbent, season, decision, work), the predecessor to restore is kept by domains, and
//! coin pays shares only after its challenge window.

use codec::{Decode, Encode, MaxEncodedLen};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::DomainId,
    optimum::{Experiment, Outcome},
    quorum::Decision,
    Balance, BlockNumber, Hash, Increment, Metric, SlotNumber,
};
use scale_info::TypeInfo;

/// A commit that is neither revealed nor expired.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OpenCommit {
    /// The domain.
    pub domain: DomainId,
    /// The commitment to the optimum.
    pub commitment: Hash,
    /// What is on hold for it.
    pub bond: Balance,
    /// The slot of the commit.
    pub committed_at: SlotNumber,
    /// The number of its block: a reveal must come in a later one.
    pub committed_in: BlockNumber,
    /// The last slot in which it may be revealed.
    pub reveal_deadline: SlotNumber,
    /// Its place among the domain's expiries.
    pub expiry: u64,
}

/// The expiry of a commit, in its domain's order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Expiry<AccountId> {
    /// Who committed.
    pub who: AccountId,
    /// To what.
    pub commitment: Hash,
    /// The last slot in which it may be revealed.
    pub deadline: SlotNumber,
}

/// Which places among a domain's expiries may be taken. All commits of a domain have the same time to be revealed, so
/// that their order is the order of their deadlines. Revealed commits leave gaps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ExpiryRange {
    /// The first that may be taken.
    pub first: u64,
    /// The next to give.
    pub next: u64,
}

/// When the first expiry of a domain is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct NextExpiry {
    /// The domain.
    pub domain: DomainId,
    /// The last slot before it is due; no later than that of any open commit of the domain.
    pub deadline: SlotNumber,
}

/// Where an open optimum stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Stage {
    /// Revealed; waits in its domain's queue.
    Queued,
    /// At the head; evaluators are drawn and judge it.
    Judging,
}

/// A revealed optimum that has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OpenOptimum<AccountId> {
    /// Its domain.
    pub domain: DomainId,
    /// Whose it is.
    pub optimizer: AccountId,
    /// Its parameters.
    pub artifact: ArtifactReference,
    /// The metric that the optimizer claims.
    pub reported: Metric,
    /// What the optimizer published beside it.
    pub experiment: Experiment,
    /// The season of its commit, about whose data the claim is.
    pub season: u64,
    /// The slot of its reveal.
    pub revealed_at: SlotNumber,
    /// The number of the block of its reveal: only authors of later ones count for its draw.
    pub revealed_in: BlockNumber,
    /// The work that the claim would be worth: claimed increment × domain weight.
    pub claimed: Increment,
    /// The bond on hold.
    pub bond: Balance,
    /// The escrow for its evaluators, on hold.
    pub escrow: Balance,
    /// Where it stands.
    pub stage: Stage,
}

/// A domain whose head is not drawn yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct WaitingHead {
    /// The domain.
    pub domain: DomainId,
    /// Once nobody could be drawn: the last slot in which the head waits for somebody to judge it.
    pub expires: Option<SlotNumber>,
}

/// An optimum that has ended; the last ones of each domain are kept.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EndedOptimum<AccountId> {
    /// What it was.
    pub optimum: OpenOptimum<AccountId>,
    /// What it was measured against; `None`: it was never drawn.
    pub incumbent: Option<ArtifactReference>,
    /// The slot in which it ended.
    pub ended_at: SlotNumber,
    /// How.
    pub outcome: Outcome,
    /// What its quorum found; `None`: it was never drawn.
    pub decision: Option<Decision>,
    /// What it earned.
    pub reward: Reward,
}

/// What an accepted optimum is worth, step by step; 0 throughout for every other.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, codec::DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reward {
    /// The verified increment: the median of d.
    pub increment: Increment,
    /// The fraction of it that the gap between claim and median leaves.
    pub fraction: Increment,
    /// Increment × domain weight × fraction × quorum factor: earns reputation, and pays evaluators.
    pub work: Increment,
    /// Work × the optimizer's reputation factor: counts towards the threshold, and pays the optimizer.
    pub effective: Increment,
}

//! What is stored of commits and optimae.
//!
//! An optimum's way: committed ([`OpenCommit`]) → revealed and [`Stage::Queued`] in its domain's queue → at the head
//! drawn and [`Stage::Judging`] → ended ([`EndedOptimum`]) with exactly one outcome.
//!
//! An optimum that has ended as accepted is [`Contestable`] until its challenge window is over and no challenge is open.

use codec::{Decode, Encode, MaxEncodedLen};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::DomainId,
    optimum::{ChallengeOutcome, Experiment, Outcome, Voters},
    quorum::Decision,
    Balance, BlockNumber, Hash, Increment, Metric, OptimizationHeight, Reputation, SlotNumber,
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

/// Which places of a list in storage may be taken.
///
/// Of a domain's expiries: all commits of a domain have the same time to be revealed, so
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

/// Where an open optimum or challenge stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Stage {
    /// Waits in its domain's queue.
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

/// A domain whose head, its first challenge or else its first optimum, is not drawn yet.
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
    /// How a challenge of it ended.
    pub challenge: Option<ChallengeOutcome>,
}

/// An accepted optimum that can be challenged, or is: all that it takes to repeat its test, and to undo what it has earned.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Contestable<AccountId> {
    /// Its domain.
    pub domain: DomainId,
    /// Whose it is.
    pub optimizer: AccountId,
    /// Its parameters.
    pub candidate: ArtifactReference,
    /// Those of the best that it replaced.
    pub incumbent: ArtifactReference,
    /// The season on whose data both were measured.
    pub season: u64,
    /// The metric that it was accepted with.
    pub value: Metric,
    /// How many votes agreed.
    pub votes: u32,
    /// Those who voted for it and those who audited votes; each was credited the work.
    pub voters: Voters<AccountId>,
    /// How many of them, the first ones, found what it was accepted with: by a vote, or by reproducing one. The others'
    /// replays did not bear it out, and were right all the same.
    pub answerable: u32,
    /// What it earned; the optimizer was credited the effective increment.
    pub reward: Reward,
    /// The points of reputation that the optimizer earned with it.
    pub reputation: Reputation,
    /// The height of the pot in which it was credited.
    pub height: OptimizationHeight,
    /// Its bond, on hold as long as this record is there.
    pub bond: Balance,
    /// The last slot in which it can be challenged.
    pub window_ends: SlotNumber,
    /// The challenge that is open.
    pub challenge: Option<OpenChallenge<AccountId>>,
}

impl<AccountId> Contestable<AccountId> {
    /// Those on whose finding it was accepted.
    pub fn answerable(&self) -> impl Iterator<Item = &AccountId> {
        self.voters.iter().take(self.answerable as usize)
    }
}

/// A challenge that has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OpenChallenge<AccountId> {
    /// Who challenges.
    pub challenger: AccountId,
    /// The slot of the challenge.
    pub challenged_at: SlotNumber,
    /// The number of its block: only authors of later ones count for its draw.
    pub challenged_in: BlockNumber,
    /// What is on hold for it and burned if the acceptance stands.
    pub deterrent: Balance,
    /// The escrow for its evaluators, on hold.
    pub escrow: Balance,
    /// Where it stands.
    pub stage: Stage,
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

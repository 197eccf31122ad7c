//! The wires between pallets. Each pallet names those it needs in its `Config`; the runtime connects them. Pallets
//! never depend on one another.

use crate::{
    artifact::ArtifactReference,
    commitment::Seed,
    domain::{DomainId, DomainSpecification},
    optimum::{Assignment, OptimumId},
    quorum::Decision,
    Balance, BlockNumber, Increment, Metric, OptimizationHeight, Reputation, SlotNumber,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, FixedU128, Permill};

/// Consensus time. Implemented by proof-of-optimization.
pub trait SlotClock {
    /// The slot of the block in execution (of the last block, between blocks).
    fn current_slot() -> SlotNumber;
}

/// Unpredictable randomness of several authors. Implemented by proof-of-optimization.
pub trait RollingRandomness {
    /// The rolling hash over the VRF outputs of all authors up to and including this block's.
    fn rolling_randomness() -> Seed;
    /// How many distinct authors have authored blocks with a number strictly above `block`, this block's included.
    /// Looks back 64 blocks at most.
    fn distinct_authors_since(block: BlockNumber) -> u32;
    /// How many authorities the current set has.
    fn authority_count() -> u32;
}

/// Work that a block has to do although no transaction asks for it. Must depend on state and `slot` only.
pub trait DueWork {
    /// Whether a block in `slot` on top of the present state would find work.
    fn has_due_work(slot: SlotNumber) -> bool;
}

/// The current best of a domain.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Incumbent {
    /// The optimum that it was accepted as; `None`: the baseline that the domain was registered with.
    pub optimum: Option<OptimumId>,
    /// Its parameters.
    pub artifact: ArtifactReference,
    /// Its verified metric; `None` when a new season has begun since it was measured.
    pub metric: Option<Metric>,
}

/// The registered domains and their bests. Implemented by domains.
pub trait DomainRegistry {
    /// The domain's specification.
    fn specification(domain: DomainId) -> Option<DomainSpecification>;
    /// The domain's weight: 0 until it is approved, and without synthetic data.
    fn weight(domain: DomainId) -> FixedU128;
    /// The best at `slot`.
    fn incumbent(domain: DomainId, slot: SlotNumber) -> Option<Incumbent>;
    /// Makes an accepted optimum the best.
    fn set_best(
        domain: DomainId,
        optimum: OptimumId,
        artifact: ArtifactReference,
        metric: Metric,
        season: u64,
    ) -> DispatchResult;
    /// Updates the verified metric of the incumbent, if it is still `artifact` (a pair has measured it again).
    fn remeasure(domain: DomainId, artifact: ArtifactReference, metric: Metric, season: u64);
    /// The best's parameters are lost: falls back to its predecessor, at last the baseline.
    fn fall_back(domain: DomainId, artifact: ArtifactReference);
    /// An accepted optimum was overturned: nothing falls back to it any more, and if it is the best, its predecessor
    /// takes its place. A best that was accepted on top of it stays.
    fn revoke(domain: DomainId, optimum: OptimumId);
}

/// Draws evaluators and judges. Implemented by quorum; called by optimae.
pub trait QuorumManager<AccountId> {
    /// How many evaluators an optimum of the domain is judged by in round one, were it drawn now, given that
    /// `optimizer` may not judge it. 0: nobody is there to judge.
    fn quorum_size(domain: DomainId, optimizer: &AccountId) -> u32;
    /// Draws the first round of the assignment. Fails with a named error when nobody can judge. A challenge is judged by
    /// 15, or as many as are eligible (odd, and no fewer than the domain's usual number), without the challenger and, if
    /// there are enough others, without those who voted for the optimum.
    fn draw(assignment: Assignment<AccountId>) -> DispatchResult;
    /// Whether the optimum is being judged now.
    fn is_judging(optimum: OptimumId) -> bool;
    /// How many evaluations the escrow of an optimum is for when round one draws `seats`: more than `seats` where votes
    /// are audited.
    fn paid_evaluations(seats: u32) -> u32;
}

/// What open optimae claim. Implemented by optimae; asked by quorum for the rate of audits.
pub trait Claims {
    /// The claimed work of an optimum as a part of T; 0 for one that is not open.
    fn claimed_part(optimum: OptimumId) -> FixedU128;
}

/// What a quorum found. See [`Decision`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict<AccountId> {
    /// What was judged.
    pub assignment: Assignment<AccountId>,
    /// The decision and the medians behind it.
    pub decision: Decision,
    /// How many evaluators round one drew.
    pub evaluators_drawn: u32,
    /// Those who agreed with the median (of the round that decided).
    pub agreeing: Vec<AccountId>,
    /// Those who diverged: revealed a value off the median, committed and did not reveal, or differed as auditors from a
    /// vote that two others reproduced.
    pub divergent: Vec<AccountId>,
    /// All who revealed a vote in any round that no audit discredited (paid when the optimum expires).
    pub revealed: Vec<AccountId>,
    /// Those whose replays audits were right by, in any round: one entry for each replay, as each is paid.
    pub auditors: Vec<AccountId>,
    /// Those of them who reproduced a vote that agrees, each once: the decision stands on them, too. The others have found
    /// something else, or in a round that decided nothing.
    pub confirming: Vec<AccountId>,
}

/// Receives verdicts. Implemented by optimae; called by quorum, once for each assignment drawn.
pub trait VerdictHandler<AccountId> {
    /// The optimum's evaluation has ended.
    fn on_verdict(verdict: Verdict<AccountId>);
}

/// Reputation. Implemented by reputation. `work` is increment × domain weight × reward fraction × quorum factor.
pub trait ReputationLedger<AccountId> {
    /// The account's reputation, decayed to the present optimization height.
    fn reputation(who: &AccountId) -> Reputation;
    /// An optimum of `optimizer` was accepted: the optimizer earns what the work adds to the points of this optimization
    /// height, and each evaluator who agreed 0.4 times as much. Returns the optimizer's reputation after it.
    fn on_accepted(optimizer: &AccountId, agreeing: &[AccountId], work: Increment) -> Reputation;
    /// The account diverged on an optimum of that (claimed or verified) work: −2·f, f = min(1, work/(0.1·T̄)).
    fn on_diverged(who: &AccountId, work: Increment);
    /// An optimum of the account was refuted: −3.
    fn on_refuted(who: &AccountId);
    /// An accepted optimum was overturned that the account made or voted for: it loses what it had `earned` with it, and 3
    /// points more if it is at fault.
    fn on_overturned(who: &AccountId, earned: Reputation, at_fault: bool);
    /// A vote of the account could not be reproduced by those who audited it: −10.
    fn on_discredited(who: &AccountId);
    /// The account was drawn and did not act: −0.5.
    fn on_no_show(who: &AccountId);
    /// The account equivocated: −10.
    fn on_equivocation(who: &AccountId);
    /// The account's keys are in the first session's list: it starts with the genesis points unless it has a record.
    /// Called while genesis is built, by proof-of-optimization's `on_genesis_session`. Ledgers without genesis need none.
    fn on_genesis_member(_who: &AccountId) {}
}

/// Shares in the pot of the optimization block to come. Implemented by coin.
pub trait RewardLedger<AccountId> {
    /// The optimizer's effective increment.
    fn credit_optimizer(who: &AccountId, effective: Increment);
    /// The increment that an agreeing evaluator verified.
    fn credit_evaluator(who: &AccountId, verified: Increment);
    /// The optimization height of the pot to come.
    fn pending_height() -> OptimizationHeight;
    /// The pot to come may not be claimed before `slot`: an optimum credited in it can be challenged until then.
    fn claim_from(slot: SlotNumber);
    /// An optimum is challenged in which the account has points of the pot of `height`: they cannot be claimed until as
    /// many [`Self::unfreeze`] have come.
    fn freeze(height: OptimizationHeight, who: &AccountId);
    /// A challenge has ended.
    fn unfreeze(height: OptimizationHeight, who: &AccountId);
    /// Takes points of an overturned optimum from the account. What they are worth is burned and counted: at once when
    /// the pot is minted already, else when it is. Returns what was burned at once.
    fn void(height: OptimizationHeight, who: &AccountId, effective: Increment, verified: Increment) -> Balance;
}

/// Accumulated work and the threshold. Implemented by proof-of-optimization.
pub trait WorkSink {
    /// Adds an effective increment to Σ.
    fn add_work(effective: Increment);
    /// T, the threshold in force (without the anti-stall discount).
    fn threshold() -> FixedU128;
    /// T̄: the mean threshold of the last finished epoch of 100 optimization blocks, at least 0.02.
    fn mean_threshold() -> FixedU128;
    /// How many optimization blocks there are.
    fn optimization_height() -> OptimizationHeight;
}

/// Told of each optimization block. Implemented by coin, which fixes the block's pot.
pub trait OptimizationBlockHandler<AccountId> {
    /// Optimization block `height` (the first is 1) was made by `author`. Returns the pot, in coin.
    fn on_optimization_block(height: OptimizationHeight, author: &AccountId) -> Balance;
}

/// Counts burned coin, so that issuance can be checked. Implemented by coin.
pub trait BurnCounter {
    /// `amount` has left the total issuance.
    fn note_burned(amount: Balance);
}

/// The present base fee of a transaction, for bonds that follow it. Implemented by the runtime.
pub trait BaseFee {
    /// The fee of an empty transaction now.
    fn base_fee() -> Balance;
}

/// The optimizers' pool of the next optimization block, for bonds that follow it. Implemented by coin.
pub trait OptimizerPool {
    /// 65 % of the next pot.
    fn next_optimizer_pool() -> Balance;
}

/// Whether an account takes part with a bond: used where an error must name what is missing.
pub trait EvaluatorRegistry<AccountId> {
    /// Whether the account is a bonded evaluator of the domain.
    fn is_evaluator(domain: DomainId, who: &AccountId) -> bool;
    /// Registers an evaluator at genesis or in benchmarks, with its bond.
    fn register(domain: DomainId, who: &AccountId) -> Result<(), DispatchError>;
}

/// Takes coin from the bonds of evaluators that were shown to be wrong. Implemented by quorum.
pub trait EvaluatorBonds<AccountId> {
    /// Burns `part` of the account's bond for the domain, counted as burned. An evaluator whose bond does not suffice
    /// any more is taken off the list of those who can be drawn, and may register again with a whole bond. Returns what
    /// was burned: 0 where the account has no bond there.
    fn slash(domain: DomainId, who: &AccountId, part: Permill) -> Balance;
    /// For how many slots a bond stays after its evaluator has deregistered, whatever that one answers for.
    fn unbonding_period() -> u32;
}

/// What evaluators answer for with their bonds after a verdict. Implemented by optimae; asked by quorum, so that no bond
/// leaves before its owner can be held to account.
pub trait Liability<AccountId> {
    /// The first slot in which an optimum that is accepted now cannot be challenged any more.
    fn ends_at() -> SlotNumber;
    /// Whether a challenge is open of an optimum of the domain that was accepted on the account's finding.
    fn is_challenged(domain: DomainId, who: &AccountId) -> bool;
}

/// Whether anything of a domain is open, so that it must not be closed. Implemented by optimae; a tuple asks both.
pub trait DomainActivity {
    /// Whether a commit, an optimum or an evaluation of the domain is open, or an accepted optimum can be challenged.
    fn is_active(domain: DomainId) -> bool;
}

impl DomainActivity for () {
    fn is_active(_: DomainId) -> bool {
        false
    }
}

impl<A: DomainActivity, B: DomainActivity> DomainActivity for (A, B) {
    fn is_active(domain: DomainId) -> bool {
        A::is_active(domain) || B::is_active(domain)
    }
}

//! The runtime API behind the `doin_*` RPC and the workers: what the chain knows about optimization.

use crate::{
    artifact::ArtifactReference,
    commitment::Seed,
    domain::{DomainId, DomainSpecification},
    optimum::{Assignment, ChallengeOutcome, Experiment, OptimumId, Outcome},
    quorum::{Decision, RoundPhase, VoteValues},
    AccountId, Balance, Hash, Increment, Metric, OptimizationHeight, Reputation, SlotNumber,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::FixedU128;

/// The state of Proof of Optimization.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct NetworkStatus {
    /// The slot of the block.
    pub slot: SlotNumber,
    /// How many optimization blocks there are.
    pub optimization_height: OptimizationHeight,
    /// T.
    pub threshold: FixedU128,
    /// T with the anti-stall discount at `slot`.
    pub effective_threshold: FixedU128,
    /// Σ, the verified work since the last optimization block.
    pub accumulated: FixedU128,
    /// Credits to make optimization blocks: one is spent on each.
    pub credits: FixedU128,
    /// The time of the last optimization block, in milliseconds since the Unix epoch.
    pub last_optimization_block: u64,
    /// The target interval of optimization blocks, in milliseconds.
    pub target_interval: u64,
    /// The number of the session (= epoch).
    pub epoch: u64,
    /// The authorities' accounts with their weights.
    pub authorities: Vec<(AccountId, u64)>,
}

/// A domain with its best.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct DomainInfo {
    /// Its number.
    pub id: DomainId,
    /// Who registered it.
    pub owner: AccountId,
    /// What every node agrees on.
    pub specification: DomainSpecification,
    /// Its weight: 0 mints nothing.
    pub weight: FixedU128,
    /// The season at the block.
    pub season: u64,
    /// The best's optimum; `None`: the baseline.
    pub best_optimum: Option<OptimumId>,
    /// The best's parameters.
    pub best_artifact: ArtifactReference,
    /// The best's verified metric; `None` when a season began since it was measured.
    pub best_metric: Option<Metric>,
    /// The bonded evaluators.
    pub evaluators: Vec<AccountId>,
    /// The open optimae in order: the first is at the head.
    pub queue: Vec<OptimumId>,
}

/// Where an optimum stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub enum Stage {
    /// Revealed, waiting in its domain's queue.
    Queued,
    /// Drawn; the evaluators commit votes.
    VoteCommit,
    /// Votes were drawn for audits; the auditors commit replays.
    AuditCommit,
    /// The evaluators reveal votes, and the auditors replays.
    VoteReveal,
    /// Replays differ from votes; further auditors commit and reveal replays.
    Dispute,
    /// Ended.
    Ended(Outcome),
}

/// A drawn evaluator's seat.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct SeatInfo {
    /// Who sits there.
    pub evaluator: AccountId,
    /// The seed of its data.
    pub seed: Seed,
    /// Its vote commitment, once made.
    pub commitment: Option<Hash>,
    /// Its vote, once revealed.
    pub vote: Option<VoteValues>,
}

/// An auditor of a vote.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct AuditorInfo {
    /// Who it is.
    pub auditor: AccountId,
    /// The commitment to its replay, once made.
    pub commitment: Option<Hash>,
    /// Its replay, once revealed.
    pub replay: Option<VoteValues>,
}

/// The audit of a vote.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct AuditInfo {
    /// Which seat's vote, by its place among the seats: its seed is the one to replay with.
    pub seat: u32,
    /// Who audits it.
    pub auditors: Vec<AuditorInfo>,
}

/// A round of evaluation.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RoundInfo {
    /// 1 or 2; in a challenge 3 or 4.
    pub round: u8,
    /// Whether votes are committed or revealed now.
    pub phase: RoundPhase,
    /// The seats, in order of the draw.
    pub seats: Vec<SeatInfo>,
    /// The last slot in which votes may be committed.
    pub commit_deadline: SlotNumber,
    /// The last slot in which votes may be revealed: an estimate until the reveals are open.
    pub reveal_deadline: SlotNumber,
    /// The audits of its votes.
    pub audits: Vec<AuditInfo>,
    /// The last slot in which replays may be committed, or revealed in a dispute; 0 before there are audits.
    pub audit_deadline: SlotNumber,
    /// What is measured against what.
    pub assignment: Assignment<AccountId>,
}

/// An optimum.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct OptimumInfo {
    /// Its number.
    pub id: OptimumId,
    /// Its domain.
    pub domain: DomainId,
    /// Whose it is.
    pub optimizer: AccountId,
    /// Its parameters.
    pub artifact: ArtifactReference,
    /// What the optimizer claimed.
    pub reported: Metric,
    /// What the optimizer published beside it.
    pub experiment: Experiment,
    /// The slot of its reveal.
    pub revealed_at: SlotNumber,
    /// Its bond.
    pub bond: Balance,
    /// Where it stands.
    pub stage: Stage,
    /// The round in progress.
    pub round: Option<RoundInfo>,
    /// What the quorum found, once it ended (kept for the last optimae of each domain).
    pub decision: Option<Decision>,
    /// Whether, until when and how it can be challenged, once it is accepted.
    pub contest: Option<ContestInfo>,
    /// How the last challenge of it ended.
    pub challenge: Option<ChallengeOutcome>,
}

/// An accepted optimum that can be challenged, or is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ContestInfo {
    /// Its number.
    pub optimum: OptimumId,
    /// Its domain.
    pub domain: DomainId,
    /// Whose it is.
    pub optimizer: AccountId,
    /// Its parameters.
    pub candidate: ArtifactReference,
    /// Those of the best that it replaced.
    pub incumbent: ArtifactReference,
    /// The season on whose data both were measured, and would be again.
    pub season: u64,
    /// The metric that it was accepted with.
    pub value: Metric,
    /// The increment that it was accepted with.
    pub increment: Increment,
    /// Those who voted for it and who audited votes: each earned with it, and has a stake in a challenge.
    pub voters: Vec<AccountId>,
    /// The optimization height at which it is rewarded.
    pub height: OptimizationHeight,
    /// The bond on hold for it.
    pub bond: Balance,
    /// The last slot in which it can be challenged.
    pub window_ends: SlotNumber,
    /// What a challenger puts at stake.
    pub deterrent: Balance,
    /// What a challenger puts into escrow for the evaluators.
    pub escrow: Balance,
    /// The challenge that is open.
    pub challenge: Option<ChallengeInfo>,
}

/// A challenge that has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ChallengeInfo {
    /// Who challenges.
    pub challenger: AccountId,
    /// The slot of the challenge.
    pub challenged_at: SlotNumber,
    /// What the challenger loses if the acceptance stands.
    pub deterrent: Balance,
    /// The escrow for the evaluators.
    pub escrow: Balance,
    /// Where it stands; never ended.
    pub stage: Stage,
}

/// A commit that is not revealed yet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct CommitInfo {
    /// The domain.
    pub domain: DomainId,
    /// The commitment.
    pub commitment: Hash,
    /// The slot and the number of the block it is in.
    pub committed_at: SlotNumber,
    /// The last slot in which it may be revealed.
    pub reveal_deadline: SlotNumber,
    /// What is on hold for it.
    pub bond: Balance,
}

/// The state of issuance.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Supply {
    /// All coin there is.
    pub issuance: Balance,
    /// The issuance at genesis.
    pub genesis: Balance,
    /// Minted by optimization blocks.
    pub minted: Balance,
    /// Burned: fees, bonds, void shares, dust. `issuance = genesis + minted − burned`.
    pub burned: Balance,
    /// Minted and not claimed yet.
    pub unclaimed: Balance,
    /// The pot of the next optimization block.
    pub next_reward: Balance,
}

sp_api::decl_runtime_apis! {
    /// What the chain knows about optimization.
    pub trait DoinApi {
        /// The state of Proof of Optimization.
        fn status() -> NetworkStatus;
        /// All domains, by number.
        fn domains() -> Vec<DomainInfo>;
        /// One domain.
        fn domain(domain: DomainId) -> Option<DomainInfo>;
        /// One optimum: an open one, or one of the last of its domain.
        fn optimum(optimum: OptimumId) -> Option<OptimumInfo>;
        /// The open optimae of a domain in queue order, then the ended ones that are kept, newest first.
        fn optimae(domain: DomainId) -> Vec<OptimumInfo>;
        /// An accepted optimum that can be challenged, or is, however many have ended since.
        fn contest(optimum: OptimumId) -> Option<ContestInfo>;
        /// The accepted optimae of a domain that can be challenged: those with an open challenge, then the newest 64.
        fn contests(domain: DomainId) -> Vec<ContestInfo>;
        /// The parameters that nodes of a domain should keep: the best's, those that it may fall back to, those of open
        /// optimae, and those that a challenge would be judged on.
        fn kept_artifacts(domain: DomainId) -> Vec<ArtifactReference>;
        /// The open rounds in which the account sits or audits: what it has to evaluate, commit or reveal.
        fn duties(evaluator: AccountId) -> Vec<RoundInfo>;
        /// The account's open commits.
        fn commits(who: AccountId) -> Vec<CommitInfo>;
        /// The account's reputation, decayed to the block.
        fn reputation(who: AccountId) -> Reputation;
        /// The optimization heights at which the account has shares to claim, oldest first, at most `limit`.
        fn claimable(who: AccountId, limit: u32) -> Vec<OptimizationHeight>;
        /// The state of issuance.
        fn supply() -> Supply;
    }
}

//! What the roles ask of the chain: a port, so that they are tested without a node.
//!
//! Everything is read at a named block, so that one look at the chain is consistent in itself. The roles are driven by
//! *state*: on each new best block they compare what the chain says with what they have in their journal, and do what
//! is missing. No event needs to be caught, so that none can be missed, be it for a restart or a change of forks.

use async_trait::async_trait;
use codec::Encode;
use doin_primitives::{
    api::{CommitInfo, ContestInfo, DomainInfo, NetworkStatus, OptimumInfo, RoundInfo, Supply},
    artifact::ArtifactReference,
    commitment::Salt,
    domain::DomainId,
    optimum::{Experiment, OptimumId},
    quorum::VoteValues,
    AccountId, Balance, BlockNumber, Hash, Metric, OptimizationHeight, SlotNumber,
};
use futures::stream::BoxStream;
use std::time::Duration;

/// How many blocks a transaction of the worker stays valid. A transaction that was lost can be signed anew at once, as
/// the nonce lets only one of the two in; but only after so many blocks is it certain that a commit which was given up
/// will never turn up in a block.
pub const MORTALITY: BlockNumber = 64;

/// A block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BlockReference {
    /// Its hash.
    pub hash: Hash,
    /// Its number.
    pub number: BlockNumber,
    /// Its slot; 0 for genesis.
    pub slot: SlotNumber,
}

/// What an operator has the chain do.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub enum Operation {
    /// Commits to an optimum.
    Commit {
        /// The domain.
        domain: DomainId,
        /// The commitment.
        commitment: Hash,
    },
    /// Reveals a committed optimum.
    Reveal {
        /// The commitment.
        commitment: Hash,
        /// The parameters.
        artifact: ArtifactReference,
        /// The claim.
        reported: Metric,
        /// What is published beside it.
        experiment: Experiment,
        /// What hid the commitment.
        nonce: Salt,
    },
    /// Commits to a vote.
    CommitVote {
        /// What is voted on.
        optimum: OptimumId,
        /// In which round.
        round: u8,
        /// The commitment.
        commitment: Hash,
    },
    /// Reveals a committed vote.
    RevealVote {
        /// What is voted on.
        optimum: OptimumId,
        /// The vote.
        vote: VoteValues,
        /// What hid the commitment.
        salt: Salt,
    },
    /// Commits to the replay of another's vote.
    CommitReplay {
        /// What was voted on.
        optimum: OptimumId,
        /// In which round.
        round: u8,
        /// Whose vote, by its seat.
        seat: u32,
        /// The commitment.
        commitment: Hash,
    },
    /// Reveals a committed replay.
    RevealReplay {
        /// What was voted on.
        optimum: OptimumId,
        /// Whose vote, by its seat.
        seat: u32,
        /// What came out.
        replay: VoteValues,
        /// What hid the commitment.
        salt: Salt,
    },
    /// Registers as an evaluator, which puts a bond on hold.
    RegisterEvaluator {
        /// The domain.
        domain: DomainId,
    },
    /// Has a reward paid out.
    Claim {
        /// The optimization height.
        height: OptimizationHeight,
        /// Whose reward.
        who: AccountId,
    },
}

impl Operation {
    /// What it is, in a few words for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Commit { .. } => "commit",
            Self::Reveal { .. } => "reveal",
            Self::CommitVote { .. } => "vote commit",
            Self::RevealVote { .. } => "vote reveal",
            Self::CommitReplay { .. } => "replay commit",
            Self::RevealReplay { .. } => "replay reveal",
            Self::RegisterEvaluator { .. } => "evaluator registration",
            Self::Claim { .. } => "claim",
        }
    }
}

/// Why the chain could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The state of a block could not be read: pruned, or the runtime failed.
    #[error("the chain's state cannot be read: {0}")]
    State(String),
    /// The transaction pool did not take a transaction.
    #[error("the transaction pool refused it: {0}")]
    Refused(String),
    /// The account's key is not in the keystore, or the keystore failed.
    #[error("it cannot be signed: {0}")]
    Signing(String),
    /// The chain's runtime has a transaction format that this node does not know.
    #[error("the chain runs transaction format {chain}, this node speaks format {node}: upgrade the node")]
    IncompatibleRuntime {
        /// The chain's `transaction_version`.
        chain: u32,
        /// The node's.
        node: u32,
    },
}

/// What has become of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// The pool has it.
    Waiting,
    /// It is in a block of the best chain.
    Included {
        /// Why it changed nothing; `None`: it succeeded.
        failure: Option<String>,
    },
    /// The pool has it no more, and it is in no block.
    Gone {
        /// Dropped, invalid, replaced.
        reason: String,
    },
}

/// A transaction on its way.
pub trait Transaction: Send {
    /// Where it stands now. Never waits.
    fn state(&mut self) -> TransactionState;
}

/// The chain, its state and its transaction pool.
#[async_trait]
pub trait Chain: Send + Sync + 'static {
    /// The hash of block 0: no commitment is good for two chains.
    fn genesis(&self) -> Hash;
    /// The best block.
    fn best(&self) -> Result<BlockReference, ChainError>;
    /// The last final block.
    fn finalized(&self) -> Result<BlockReference, ChainError>;
    /// The slot by the clock, never before the best block's.
    fn slot_now(&self) -> SlotNumber;
    /// The length of a slot.
    fn slot_duration(&self) -> Duration;
    /// Whether the node is still catching up with the network: no role should act on what it sees.
    fn is_syncing(&self) -> bool;
    /// Yields at each change of the best or the last final block.
    fn changes(&self) -> BoxStream<'static, ()>;

    /// The state of Proof of Optimization.
    fn status(&self, at: Hash) -> Result<NetworkStatus, ChainError>;
    /// The state of issuance.
    fn supply(&self, at: Hash) -> Result<Supply, ChainError>;
    /// All domains.
    fn domains(&self, at: Hash) -> Result<Vec<DomainInfo>, ChainError>;
    /// One domain.
    fn domain(&self, at: Hash, domain: DomainId) -> Result<Option<DomainInfo>, ChainError>;
    /// One optimum, if it is open or one of the last of its domain.
    fn optimum(&self, at: Hash, optimum: OptimumId) -> Result<Option<OptimumInfo>, ChainError>;
    /// The open optimae of a domain, then the last ended ones.
    fn optimae(&self, at: Hash, domain: DomainId) -> Result<Vec<OptimumInfo>, ChainError>;
    /// How an accepted optimum can be challenged, or is; `None` once it no longer can.
    fn contest(&self, at: Hash, optimum: OptimumId) -> Result<Option<ContestInfo>, ChainError>;
    /// The parameters that nodes of the domain should keep: the best's, those that it may fall back to, those of open
    /// optimae, and those that a challenge would be judged on.
    fn kept_artifacts(&self, at: Hash, domain: DomainId) -> Result<Vec<ArtifactReference>, ChainError>;
    /// The open rounds in which the account sits or audits.
    fn duties(&self, at: Hash, evaluator: &AccountId) -> Result<Vec<RoundInfo>, ChainError>;
    /// The account's open commits.
    fn commits(&self, at: Hash, who: &AccountId) -> Result<Vec<CommitInfo>, ChainError>;
    /// The optimization heights at which the account has something to claim.
    fn claimable(&self, at: Hash, who: &AccountId, limit: u32) -> Result<Vec<OptimizationHeight>, ChainError>;
    /// What the account may spend.
    fn free_balance(&self, at: Hash, who: &AccountId) -> Result<Balance, ChainError>;

    /// Signs the operation with the account's key and gives it to the transaction pool: with the next free nonce, and
    /// valid for [`MORTALITY`] blocks.
    async fn submit(&self, signer: &AccountId, operation: &Operation) -> Result<Box<dyn Transaction>, ChainError>;
}

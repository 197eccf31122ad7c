//! Every way in which a block, a claim or the engine's own state can be wrong.

use doin_primitives::engine::{AuthorityId, AuthorityIndex, Slot};
use sp_consensus::Error as ConsensusError;

/// What the engine refuses, and what can go wrong while it works.
///
/// Variants for which [`Error::is_refusal`] holds are verdicts on a block: every honest node gives the same one.
/// The others concern this node (its database, keystore or clock) and may pass.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The header carries no pre-digest of the engine. It was not made by a DOIN author.
    #[error("the header carries no DOIN pre-digest")]
    NoPreDigest,
    /// The header carries more than one pre-digest of the engine: nobody could tell which claim counts.
    #[error("the header carries more than one DOIN pre-digest")]
    MultiplePreDigests,
    /// The pre-digest does not decode in full: a broken author, or a version that this node is too old for.
    #[error("the DOIN pre-digest does not decode; is this node up to date?")]
    MalformedPreDigest,
    /// The last digest of the header is not a seal of the engine.
    #[error("the last digest of the header is not a DOIN seal")]
    Unsealed,
    /// The seal is not the claimant's signature over the header without its seal.
    #[error("the seal in slot {slot} is not the signature of {author:?}")]
    WrongSeal {
        /// Whose signature it should be.
        author: AuthorityId,
        /// The slot of the header.
        slot: Slot,
    },
    /// The slot is not above the parent's: time would stand still or run backwards.
    #[error("slot {slot} is not above the parent's slot {parent}")]
    SlotNotIncreasing {
        /// The parent's slot.
        parent: Slot,
        /// The header's slot.
        slot: Slot,
    },
    /// The slot is more than one ahead of this node's clock. The block may be offered again later; when all blocks
    /// are refused with this, the node's clock is late.
    #[error("slot {slot} is in the future (now is slot {now}); is the clock of this machine right?")]
    FutureSlot {
        /// The header's slot.
        slot: Slot,
        /// The slot of this node's clock.
        now: Slot,
    },
    /// The claim names an authority that the epoch does not have: a wrong epoch, or an outsider.
    #[error("authority {index} does not exist: the epoch has {count}")]
    UnknownAuthority {
        /// The index that was claimed.
        index: AuthorityIndex,
        /// How many authorities the epoch has.
        count: usize,
    },
    /// The VRF proof does not verify for this authority, slot, epoch and randomness.
    #[error("the VRF proof of authority {index} does not hold for slot {slot} of epoch {epoch}")]
    WrongVrf {
        /// The claimant.
        index: AuthorityIndex,
        /// The slot.
        slot: Slot,
        /// The epoch whose randomness was used.
        epoch: u64,
    },
    /// A primary claim whose VRF output is not below the authority's threshold: the slot was not won.
    #[error("authority {index} did not win slot {slot}: its number {number} is not below {threshold}")]
    ThresholdExceeded {
        /// The claimant.
        index: AuthorityIndex,
        /// The slot.
        slot: Slot,
        /// The number that it drew.
        number: u128,
        /// What the number must be below.
        threshold: u128,
    },
    /// A secondary claim by somebody who is not the slot's leader.
    #[error("authority {claimed} is not the secondary leader of slot {slot}, {expected:?} is")]
    WrongLeader {
        /// The claimant.
        claimed: AuthorityIndex,
        /// The leader, `None` when nobody has weight.
        expected: Option<AuthorityIndex>,
        /// The slot.
        slot: Slot,
    },
    /// The parent is not in the database.
    #[error("the parent {parent} of block {block} is unknown")]
    UnknownParent {
        /// The parent.
        parent: String,
        /// The block.
        block: String,
    },
    /// The epoch of a child of this block is not known: an ancestor's announcement is missing from the epoch tree.
    #[error("no epoch is known for a child of block {0}")]
    UnknownEpoch(String),
    /// The first block of an epoch does not announce the epoch after it.
    #[error("slot {0} begins an epoch, but the block does not announce the next one")]
    MissingEpochAnnouncement(Slot),
    /// A block within an epoch announces another one.
    #[error("slot {0} does not begin an epoch, but the block announces the next one")]
    UnexpectedEpochAnnouncement(Slot),
    /// More than one announcement in a block.
    #[error("the header announces more than one epoch")]
    MultipleEpochAnnouncements,
    /// The announced epoch has nobody with weight: nobody could ever author in it.
    #[error("the announced epoch has no authority with weight")]
    EmptyEpochAnnouncement,
    /// The runtime did not say how many transactions the block carries: a runtime without the engine's pallet.
    #[error("the header carries no summary of the block")]
    MissingSummary,
    /// More than one summary in a block.
    #[error("the header carries more than one summary of the block")]
    MultipleSummaries,
    /// A secondary block without transactions, due work, an epoch to begin, or a long silence before it.
    #[error("the secondary block in slot {slot} had nothing to do (its parent is in slot {parent})")]
    NothingToDo {
        /// The block's slot.
        slot: Slot,
        /// The parent's slot.
        parent: Slot,
    },
    /// The parent's chain weight is not stored: it was cleaned up because it lies below finality, on another fork.
    #[error("the weight of the chain at {0} is not known")]
    UnknownWeight(String),
    /// The chain contradicts a checkpoint that the operator or the chain specification set.
    #[error("block {number} is {found}, but the checkpoint says {expected}: this is not the chain that was asked for")]
    CheckpointContradiction {
        /// The number of the block.
        number: String,
        /// Its hash.
        found: String,
        /// The hash of the checkpoint.
        expected: String,
    },
    /// A checkpoint that is not of the form NUMBER:HASH.
    #[error("`{text}` is not a checkpoint of the form NUMBER:HASH: {reason}")]
    MalformedCheckpoint {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two checkpoints name different blocks of one number.
    #[error("two checkpoints contradict one another at block {0}")]
    ContradictoryCheckpoints(String),
    /// The inherents of the block are wrong: mostly a timestamp too far from this node's clock.
    #[error("the inherents of the block are wrong: {0}")]
    WrongInherents(String),
    /// This node has already authored in this slot (perhaps before a restart): a second block would be an equivocation.
    #[error("{author:?} has already authored in slot {last}, slot {slot} is not above it")]
    AlreadyAuthored {
        /// The authority.
        author: AuthorityId,
        /// The slot of its last block.
        last: Slot,
        /// The slot that was to be claimed.
        slot: Slot,
    },
    /// No key of the keystore can make a valid block within the slots that were searched.
    #[error("no session key of this node can make a valid block in the {0} slots after the parent")]
    NoClaim(u64),
    /// The keystore cannot sign with a session key.
    #[error("the keystore cannot sign with the session key {author:?}: {reason}")]
    CannotSign {
        /// The key.
        author: AuthorityId,
        /// Why.
        reason: String,
    },
    /// The engine's constants in the runtime make no sense.
    #[error("the engine's configuration in the runtime is wrong: {0}")]
    WrongConfiguration(&'static str),
    /// The proposer failed.
    #[error("the block could not be proposed: {0}")]
    Proposing(String),
    /// The proposer took longer than the slot allows.
    #[error("the proposal for slot {0} took too long")]
    ProposingTookTooLong(Slot),
    /// The epoch tree cannot be searched or changed.
    #[error("the epoch tree: {0}")]
    EpochTree(String),
    /// A metric cannot be registered.
    #[error("metrics: {0}")]
    Metrics(String),
    /// The database.
    #[error(transparent)]
    Client(#[from] sp_blockchain::Error),
    /// A call of the runtime.
    #[error(transparent)]
    RuntimeApi(#[from] sp_api::ApiError),
    /// Something below or beside the engine.
    #[error(transparent)]
    Consensus(#[from] ConsensusError),
}

impl Error {
    /// Whether the error is a verdict on the block that every node reaches, whatever its clock, database or keys.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Error::NoPreDigest
                | Error::MultiplePreDigests
                | Error::MalformedPreDigest
                | Error::Unsealed
                | Error::WrongSeal { .. }
                | Error::SlotNotIncreasing { .. }
                | Error::UnknownAuthority { .. }
                | Error::WrongVrf { .. }
                | Error::ThresholdExceeded { .. }
                | Error::WrongLeader { .. }
                | Error::MissingEpochAnnouncement(_)
                | Error::UnexpectedEpochAnnouncement(_)
                | Error::MultipleEpochAnnouncements
                | Error::EmptyEpochAnnouncement
                | Error::MissingSummary
                | Error::MultipleSummaries
                | Error::NothingToDo { .. }
                | Error::CheckpointContradiction { .. }
        )
    }

    /// The variant's name, for metrics and logs.
    pub fn name(&self) -> String {
        format!("{self:?}")
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect()
    }
}

impl From<Error> for ConsensusError {
    fn from(error: Error) -> Self {
        match error {
            Error::Consensus(inner) => inner,
            other => ConsensusError::Other(Box::new(other)),
        }
    }
}

impl From<Error> for String {
    fn from(error: Error) -> Self {
        error.to_string()
    }
}

/// The engine's error inside an error of the consensus layer, if that is what it is.
pub fn engine_error(error: &ConsensusError) -> Option<&Error> {
    match error {
        ConsensusError::Other(inner) => inner.downcast_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod documentation;

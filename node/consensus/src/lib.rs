//! The Proof of Optimization engine, client side.
//!
//! Time is cut into slots. In each slot an authority may make a block: a *primary* that has won the slot in a lottery
//! weighted by reputation, or the slot's *secondary* leader, who is drawn by the same weights and may do so only when
//! there is something to do. Reputation is earned by verified optimization alone, and so is authority; the chain with
//! the most primary slots is the best one, and GRANDPA finalizes it.
//!
//! A block's way through this crate:
//!
//! ```text
//!  slot_worker ── claim ── propose ── seal ──┐
//!  manual_seal ── claim ── propose ── seal ──┤
//!  network ── verifier (header, epoch tree) ─┴─> block_import (parent's state, weights) ──> GRANDPA ──> client
//! ```
//!
//! - [`verifier`] checks what needs no state: pre-digest, slot, claim, seal. [`claim`] holds the rules of claims.
//! - [`block_import`] checks what needs the parent's state, keeps the epoch tree and the weights of chains, and makes
//!   the heaviest chain the best one. [`validity`] says when a secondary block may be empty.
//! - [`select_chain`] tells authors and GRANDPA which chain is the heaviest.
//! - [`slot_worker`] makes blocks in time with the clock, or by hand in tests ([`SlotWorker::author_block_at`]);
//!   [`manual_seal`] makes them on command.
//! - [`checkpoints`], [`revert`] and [`metrics`] are what their names say; [`error`] names everything that can be wrong.
//!
//! The rules that the runtime shares (transcripts, thresholds, leaders, digests) are in `doin_primitives::engine`.
//!
//! The length of a slot, the length of an epoch and the share of primary slots are fixed at genesis: headers are
//! verified without state, so that a runtime upgrade cannot change them.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod aux_schema;
pub mod block_import;
pub mod checkpoints;
pub mod claim;
pub mod digests;
pub mod epoch;
mod equivocation;
pub mod error;
mod import_queue;
pub mod inherents;
pub mod manual_seal;
pub mod metrics;
pub mod revert;
pub mod select_chain;
pub mod slot_worker;
pub mod validity;
pub mod verifier;

#[cfg(test)]
mod tests;

pub use aux_schema::ChainWeight;
pub use block_import::{block_import, BlockImportParameters, DoinBlockImport};
pub use checkpoints::{Checkpoint, CheckpointFor, Checkpoints};
pub use epoch::Epoch;
pub use error::{engine_error, Error};
pub use import_queue::{import_queue, ImportQueueParameters};
pub use inherents::Clock;
pub use metrics::Metrics;
pub use revert::revert;
pub use select_chain::HeaviestChain;
pub use slot_worker::{
    ready_transactions, start_engine, AuthoredBlock, EngineParameters, ReadyTransactions, SlotWorker,
};
pub use verifier::{EngineIntermediate, EngineVerifier};

use doin_primitives::engine::{
    ClaimKind, EngineConfiguration, OptimizationBlock, ProofOfOptimizationApi, Slot, SlotDuration,
};
use parking_lot::{Mutex, RwLock};
use sc_consensus_epochs::SharedEpochChanges;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::{Block as BlockT, NumberFor};
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

/// The target of the engine's log lines.
pub const LOG_TARGET: &str = "doin";

/// Under what the verifier leaves its findings for block import.
pub const INTERMEDIATE_KEY: &[u8] = b"doin";

/// A block that has been imported, for whoever wants to count or follow blocks without a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedBlock<Block: BlockT> {
    /// Its hash.
    pub hash: Block::Hash,
    /// Its number.
    pub number: NumberFor<Block>,
    /// Its slot.
    pub slot: Slot,
    /// Whether its slot was won or assigned.
    pub kind: ClaimKind,
    /// The weight of the chain that ends with it.
    pub weight: ChainWeight,
    /// Whether it is the best block now.
    pub is_best: bool,
    /// What it says as an optimization block; `None` for a relay block.
    pub optimization: Option<OptimizationBlock>,
}

/// Called after each import. It runs inside block import: it must be quick and must not import.
pub type ImportHook<Block> = Arc<dyn Fn(&ImportedBlock<Block>) + Send + Sync>;

/// What the parts of the engine share. Made by [`block_import()`]; cheap to clone.
pub struct EngineLink<Block: BlockT>(Arc<Shared<Block>>);

struct Shared<Block: BlockT> {
    epoch_changes: SharedEpochChanges<Block, Epoch>,
    configuration: EngineConfiguration,
    checkpoints: Checkpoints<Block>,
    clock: Clock,
    metrics: Option<Metrics>,
    hooks: RwLock<Vec<ImportHook<Block>>>,
    refused: Mutex<RefusedBlocks<Block>>,
    // Held while the best block is read, compared and replaced.
    import_lock: futures::lock::Mutex<()>,
}

impl<Block: BlockT> Clone for EngineLink<Block> {
    fn clone(&self) -> Self {
        EngineLink(self.0.clone())
    }
}

impl<Block: BlockT> EngineLink<Block> {
    pub(crate) fn new(
        epoch_changes: SharedEpochChanges<Block, Epoch>,
        configuration: EngineConfiguration,
        checkpoints: Checkpoints<Block>,
        clock: Clock,
        metrics: Option<Metrics>,
    ) -> Self {
        EngineLink(Arc::new(Shared {
            epoch_changes,
            configuration,
            checkpoints,
            clock,
            metrics,
            hooks: RwLock::default(),
            refused: Mutex::new(RefusedBlocks::default()),
            import_lock: futures::lock::Mutex::new(()),
        }))
    }

    /// The tree of epochs that have been announced on all forks.
    pub fn epoch_changes(&self) -> &SharedEpochChanges<Block, Epoch> {
        &self.0.epoch_changes
    }

    /// The engine's constants and genesis epoch.
    pub fn configuration(&self) -> &EngineConfiguration {
        &self.0.configuration
    }

    /// The length of a slot.
    pub fn slot_duration(&self) -> SlotDuration {
        SlotDuration::from_millis(self.0.configuration.slot_duration)
    }

    /// The checkpoints of this node.
    pub fn checkpoints(&self) -> &Checkpoints<Block> {
        &self.0.checkpoints
    }

    /// The engine's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The slot now.
    pub fn slot_now(&self) -> Slot {
        self.0.clock.slot(self.slot_duration())
    }

    /// The engine's metrics, if the node has a registry.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.0.metrics.as_ref()
    }

    /// Calls `hook` after each import from now on.
    pub fn on_import(&self, hook: ImportHook<Block>) {
        self.0.hooks.write().push(hook);
    }

    pub(crate) fn imported(&self, block: &ImportedBlock<Block>) {
        if let (Some(metrics), true) = (self.metrics(), block.is_best) {
            metrics.on_best(block.weight, block.optimization.as_ref());
        }
        for hook in self.0.hooks.read().iter() {
            hook(block);
        }
    }

    pub(crate) fn import_lock(&self) -> &futures::lock::Mutex<()> {
        &self.0.import_lock
    }

    /// Counts an error, and remembers the block when the error is a verdict on it: it need not be tried again.
    pub(crate) fn note_refused(&self, hash: Block::Hash, error: &Error) {
        if let Some(metrics) = self.metrics() {
            metrics.on_refused(error);
        }
        if error.is_refusal() {
            self.0.refused.lock().insert(hash);
        }
    }

    pub(crate) fn is_refused(&self, hash: &Block::Hash) -> bool {
        self.0.refused.lock().known.contains(hash)
    }
}

/// The blocks refused last, so that a peer that keeps sending one is told apart from an unlucky one.
struct RefusedBlocks<Block: BlockT> {
    known: HashSet<Block::Hash>,
    order: VecDeque<Block::Hash>,
}

impl<Block: BlockT> Default for RefusedBlocks<Block> {
    fn default() -> Self {
        RefusedBlocks {
            known: HashSet::new(),
            order: VecDeque::new(),
        }
    }
}

impl<Block: BlockT> RefusedBlocks<Block> {
    const CAPACITY: usize = 256;

    fn insert(&mut self, hash: Block::Hash) {
        if !self.known.insert(hash) {
            return;
        }
        self.order.push_back(hash);
        if self.order.len() > Self::CAPACITY {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}

/// Reads the engine's constants and genesis epoch from the runtime: at the best block, or at genesis while no
/// finalized state exists (the beginning of a warp sync). Errors when they make no sense.
pub fn configuration<Block, Client>(client: &Client) -> Result<EngineConfiguration, Error>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
    Client::Api: ProofOfOptimizationApi<Block>,
{
    let info = client.info();
    let at = if info.finalized_state.is_some() {
        info.best_hash
    } else {
        info.genesis_hash
    };
    let configuration = client.runtime_api().configuration(at)?;
    if configuration.slot_duration == 0 {
        return Err(Error::WrongConfiguration("a slot has no length"));
    }
    if configuration.epoch_length == 0 {
        return Err(Error::WrongConfiguration("an epoch has no length"));
    }
    if configuration.primary_probability.1 == 0 {
        return Err(Error::WrongConfiguration(
            "the denominator of the share of primary slots is 0",
        ));
    }
    Ok(configuration)
}

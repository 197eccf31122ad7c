//! Sealing on command, for tests: by RPC, for each transaction, or in intervals.
//!
//! The blocks are valid under all rules, so that a node that knows nothing of this would take them. Therefore a block
//! is made in the next slot in which one of this node's session keys can make a valid one: at once when there are
//! transactions or due work and the key leads the slot, else in the next slot that it wins, or after the idle time.
//! The engine's clock is set ahead accordingly: a chain that is sealed fast runs ahead of the machine's clock.

use crate::{
    claim::{author_of, claim_slot},
    digests::{claim_of, slot_of},
    epoch::{epoch_for_child_of, EpochDescriptor},
    error::Error,
    inherents::{inherents_at, slot_of_inherents, InherentProviders},
    slot_worker::seal,
    validity::reason_for_empty_block,
    verifier::EngineIntermediate,
    EngineLink, Epoch, INTERMEDIATE_KEY, LOG_TARGET,
};
use doin_primitives::engine::{ClaimKind, CompatibleDigestItem, ProofOfOptimizationApi, Slot};
use futures::{channel::mpsc, prelude::*, stream::BoxStream};
use futures_timer::Delay;
use sc_client_api::{backend::Backend as BackendT, BlockchainEvents, Finalizer};
use sc_consensus::{BlockImport, BlockImportParams};
use sc_consensus_manual_seal::{
    run_manual_seal, ConsensusDataProvider, EngineCommand, Error as SealingError, ManualSealParams,
};
use sc_transaction_pool_api::TransactionPool;
use sp_api::{ProvideRuntimeApi, StorageProof};
use sp_blockchain::{Error as ClientError, HeaderBackend, HeaderMetadata};
use sp_consensus::{Environment, Error as ConsensusError, Proposer, SelectChain};
use sp_inherents::InherentData;
use sp_keystore::KeystorePtr;
use sp_runtime::{
    traits::{Block as BlockT, Header as HeaderT, One, Saturating},
    Digest, DigestItem,
};
use std::{sync::Arc, time::Duration};

/// How many slots after the parent are searched for one in which a valid block can be made.
const SEARCHED_SLOTS: u64 = 10_000;

/// How long to wait for the pool to know what is valid on top of a block.
const POOL_PATIENCE: Duration = Duration::from_secs(2);

/// What [`run`] needs.
pub struct Parameters<Block: BlockT, Client, Pool, Selection, Import, Proposing> {
    /// The link that came with the block import.
    pub engine: EngineLink<Block>,
    /// The client.
    pub client: Arc<Client>,
    /// The transaction pool.
    pub pool: Arc<Pool>,
    /// The heaviest chain.
    pub select_chain: Selection,
    /// The [`crate::DoinBlockImport`] or a wrapper of it.
    pub block_import: Import,
    /// Makes proposers.
    pub proposer: Proposing,
    /// The keystore with the session keys.
    pub keystore: KeystorePtr,
    /// The commands of the RPC `engine_createBlock` and `engine_finalizeBlock`; `None` when there is none.
    pub commands: Option<mpsc::Receiver<EngineCommand<Block::Hash>>>,
    /// Seal in intervals. With neither commands nor an interval: for each transaction, and while work is due.
    pub interval: Option<Duration>,
}

/// Seals on command as long as the future is polled.
pub fn run<Block, Client, Backend, Pool, Selection, Import, Proposing>(
    parameters: Parameters<Block, Client, Pool, Selection, Import, Proposing>,
) -> impl Future<Output = ()>
where
    Block: BlockT,
    Backend: BackendT<Block> + 'static,
    Client: ProvideRuntimeApi<Block>
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + BlockchainEvents<Block>
        + Finalizer<Block, Backend>
        + Send
        + Sync
        + 'static,
    Client::Api: ProofOfOptimizationApi<Block>,
    Pool: TransactionPool<Block = Block> + 'static,
    Selection: SelectChain<Block> + 'static,
    Import: BlockImport<Block, Error = ConsensusError> + Send + Sync + 'static,
    Proposing: Environment<Block> + 'static,
    Proposing::Proposer: Proposer<Block>,
{
    let Parameters {
        engine,
        client,
        pool,
        select_chain,
        block_import,
        proposer,
        keystore,
        commands,
        interval,
    } = parameters;
    let sealing = ManualSealing::new(engine, client.clone(), keystore, pool.clone());
    let commands_stream: BoxStream<'static, _> = match (commands, interval) {
        (Some(commands), None) => commands.boxed(),
        (None, None) => sealing.clone().instant().boxed(),
        (None, Some(interval)) => every(interval).boxed(),
        (Some(commands), Some(interval)) => stream::select(commands, every(interval)).boxed(),
    };
    let providers = {
        let sealing = sealing.clone();
        move |parent, ()| {
            let sealing = sealing.clone();
            async move { Ok(sealing.inherents(parent).await?) }
        }
    };
    run_manual_seal(ManualSealParams {
        block_import,
        env: proposer,
        client,
        pool,
        commands_stream,
        select_chain,
        consensus_data_provider: Some(Box::new(sealing)),
        create_inherent_data_providers: providers,
    })
}

fn seal_command<Hash>() -> EngineCommand<Hash> {
    // Whether the block may be empty was settled by the choice of its slot.
    EngineCommand::SealNewBlock {
        create_empty: true,
        finalize: false,
        parent_hash: None,
        sender: None,
    }
}

fn every<Hash>(interval: Duration) -> impl Stream<Item = EngineCommand<Hash>> {
    stream::unfold((), move |()| Delay::new(interval).map(|()| Some((seal_command(), ()))))
}

/// Chooses slots and makes digests and seals for manual sealing.
pub struct ManualSealing<Block: BlockT, Client, Pool> {
    engine: EngineLink<Block>,
    client: Arc<Client>,
    keystore: KeystorePtr,
    pool: Arc<Pool>,
}

impl<Block: BlockT, Client, Pool> Clone for ManualSealing<Block, Client, Pool> {
    fn clone(&self) -> Self {
        ManualSealing {
            engine: self.engine.clone(),
            client: self.client.clone(),
            keystore: self.keystore.clone(),
            pool: self.pool.clone(),
        }
    }
}

impl<Block, Client, Pool> ManualSealing<Block, Client, Pool>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError> + Send + Sync,
    Client::Api: ProofOfOptimizationApi<Block>,
{
    /// Seals with the session keys in `keystore`.
    pub fn new(engine: EngineLink<Block>, client: Arc<Client>, keystore: KeystorePtr, pool: Arc<Pool>) -> Self {
        ManualSealing {
            engine,
            client,
            keystore,
            pool,
        }
    }

    fn parent(&self, hash: Block::Hash) -> Result<Block::Header, Error> {
        Ok(self
            .client
            .header(hash)?
            .ok_or_else(|| ClientError::UnknownBlock(hash.to_string()))?)
    }

    fn epoch(&self, parent: &Block::Header, slot: Slot) -> Result<(EpochDescriptor<Block>, Epoch), Error> {
        let (descriptor, epoch) = epoch_for_child_of(
            self.engine.epoch_changes(),
            &*self.client,
            self.engine.configuration(),
            parent.hash(),
            parent.number().saturating_add(One::one()),
            slot,
        )?;
        Ok((descriptor, epoch.into_cloned_inner()))
    }

    /// The next slot after `parent`, and not before now, in which this node can make a valid block.
    pub fn next_slot(&self, parent: Block::Hash, has_transactions: bool) -> Result<Slot, Error> {
        let parent = self.parent(parent)?;
        let parent_slot = slot_of(&parent)?;
        let first = parent_slot.saturating_add(1u64).max(self.engine.slot_now());
        for slot in (0..SEARCHED_SLOTS).map(|ahead| first.saturating_add(ahead)) {
            let (descriptor, epoch) = self.epoch(&parent, slot)?;
            let valid = match claim_slot(slot, &epoch, &self.keystore).map(|own| own.claim.kind) {
                None => false,
                Some(ClaimKind::Primary) => true,
                Some(ClaimKind::Secondary) if has_transactions => true,
                Some(ClaimKind::Secondary) => {
                    let begins_epoch = parent_slot < descriptor.start_slot();
                    reason_for_empty_block(&*self.client, parent.hash(), parent_slot, slot, begins_epoch)?.is_some()
                }
            };
            if valid {
                return Ok(slot);
            }
        }
        Err(Error::NoClaim(SEARCHED_SLOTS))
    }

    /// The pre-digest of our claim to a slot on top of a parent.
    pub fn digest(&self, parent: &Block::Header, slot: Slot) -> Result<Digest, Error> {
        let (_, epoch) = self.epoch(parent, slot)?;
        let own = claim_slot(slot, &epoch, &self.keystore).ok_or(Error::NoClaim(1))?;
        Ok(Digest {
            logs: vec![DigestItem::doin_pre_digest(own.claim)],
        })
    }

    /// Seals a proposed block and hands block import the epoch, as a slot worker would.
    pub fn finish(&self, parent: &Block::Header, block: &mut BlockImportParams<Block>) -> Result<(), Error> {
        let claim = claim_of(&block.header)?;
        let (epoch_descriptor, epoch) = self.epoch(parent, claim.slot)?;
        let author = author_of(&claim, &epoch)?;
        block.post_digests.push(seal(&self.keystore, &author, &block.header)?);
        block.post_hash = Some(block.post_header().hash());
        block.insert_intermediate(INTERMEDIATE_KEY, EngineIntermediate::<Block> { epoch_descriptor });
        Ok(())
    }

    /// Whether the runtime's hooks have something to do right after the best block.
    fn has_due_work(&self, best: Block::Hash) -> Result<bool, Error> {
        let slot = slot_of(&self.parent(best)?)?
            .saturating_add(1u64)
            .max(self.engine.slot_now());
        Ok(self.client.runtime_api().has_due_work(best, slot)?)
    }
}

impl<Block, Client, Pool> ManualSealing<Block, Client, Pool>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError> + Send + Sync,
    Client::Api: ProofOfOptimizationApi<Block>,
    Pool: TransactionPool<Block = Block>,
{
    async fn has_transactions(&self, at: Block::Hash) -> bool {
        self.pool
            .ready_at_with_timeout(at, POOL_PATIENCE)
            .await
            .next()
            .is_some()
    }

    /// The inherents of the next block on top of `parent`; sets the engine's clock to its slot.
    async fn inherents(&self, parent: Block::Hash) -> Result<InherentProviders, Error> {
        let slot = self.next_slot(parent, self.has_transactions(parent).await)?;
        let slot_duration = self.engine.slot_duration();
        self.engine.clock().advance_to_slot(slot, slot_duration);
        Ok(inherents_at(slot, slot_duration))
    }

    /// A command whenever there are transactions or due work on top of the best block.
    fn instant(self) -> impl Stream<Item = EngineCommand<Block::Hash>> + Send
    where
        Client: BlockchainEvents<Block> + 'static,
        Pool: 'static,
    {
        let transactions = self.pool.import_notification_stream().map(drop);
        let blocks = self.client.import_notification_stream().map(drop);
        // The first look is for what waits since before the start.
        stream::once(future::ready(()))
            .chain(stream::select(transactions, blocks))
            .filter_map(move |()| {
                let sealing = self.clone();
                async move {
                    let best = sealing.client.info().best_hash;
                    let due = sealing.has_due_work(best).unwrap_or_else(|error| {
                        log::warn!(target: LOG_TARGET, "Whether work is due cannot be told: {error}");
                        false
                    });
                    (due || sealing.has_transactions(best).await).then(seal_command)
                }
            })
    }
}

fn sealing_error(error: Error) -> SealingError {
    SealingError::ConsensusError(error.into())
}

impl<Block, Client, Pool> ConsensusDataProvider<Block> for ManualSealing<Block, Client, Pool>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError> + Send + Sync,
    Client::Api: ProofOfOptimizationApi<Block>,
    Pool: Send + Sync,
{
    fn create_digest(&self, parent: &Block::Header, inherents: &InherentData) -> Result<Digest, SealingError> {
        let slot = slot_of_inherents(inherents, self.engine.slot_duration())
            .ok_or_else(|| SealingError::StringError("the inherents carry no timestamp".into()))?;
        self.digest(parent, slot).map_err(sealing_error)
    }

    fn append_block_import(
        &self,
        parent: &Block::Header,
        block: &mut BlockImportParams<Block>,
        _: &InherentData,
        _: StorageProof,
    ) -> Result<(), SealingError> {
        self.finish(parent, block).map_err(sealing_error)
    }
}

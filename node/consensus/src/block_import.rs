//! What can be said of a block only with its parent's state and its chain's history: epoch announcements, whether a
//! secondary block had something to do, inherents, double blocks, and which chain is the heaviest.

use crate::{
    aux_schema::{self, ChainWeight},
    checkpoints::Checkpoints,
    claim::author_of,
    digests::{claim_of, next_epoch_of, optimization_of, slot_of, summary_of},
    epoch::{Epoch, EpochDescriptor},
    equivocation::{self, Sighting},
    error::Error,
    metrics::Metrics,
    validity::reason_for_empty_block,
    verifier::{is_in_gap, EngineIntermediate},
    Clock, EngineLink, ImportedBlock, INTERMEDIATE_KEY, LOG_TARGET,
};
use doin_primitives::engine::{AuthorityId, ClaimKind, NextEpochDescriptor, ProofOfOptimizationApi, Slot, SlotClaim};
use sc_client_api::{backend::AuxStore, FinalityNotification, PreCommitActions};
use sc_consensus::{
    shared_data::SharedDataLockedUpgradable, BlockCheckParams, BlockImport, BlockImportParams, ForkChoiceStrategy,
    ImportResult,
};
use sc_consensus_epochs::{descendent_query, EpochChangesFor};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_block_builder::{BlockBuilder as BlockBuilderApi, CheckInherentsError};
use sp_blockchain::{BlockStatus, Error as ClientError, HeaderBackend, HeaderMetadata};
use sp_consensus::{BlockOrigin, Error as ConsensusError, SelectChain};
use sp_inherents::InherentDataProvider;
use sp_runtime::traits::{Block as BlockT, Header as HeaderT, NumberFor, Zero};
use std::{sync::Arc, time::Instant};
use substrate_prometheus_endpoint::Registry;

/// What [`block_import`] needs.
pub struct BlockImportParameters<'a, Block: BlockT, Client, Inner, Selection> {
    /// The client.
    pub client: Arc<Client>,
    /// Where blocks go on: GRANDPA's block import.
    pub inner: Inner,
    /// The heaviest chain.
    pub select_chain: Selection,
    /// Takes reports of double blocks; `None`: they are logged only.
    pub offchain_pool: Option<OffchainTransactionPoolFactory<Block>>,
    /// The checkpoints of the operator and of the chain specification.
    pub checkpoints: Checkpoints<Block>,
    /// The clock with which slots and timestamps are compared.
    pub clock: Clock,
    /// Where the engine's metrics go.
    pub registry: Option<&'a Registry>,
}

/// A block import and the link to its state.
pub type ImportAndLink<Block, Client, Inner, Selection> =
    (DoinBlockImport<Block, Client, Inner, Selection>, EngineLink<Block>);

/// Makes the block import, and the link through which the other parts share its state.
///
/// Errors when the database is damaged or contradicts a checkpoint, or the runtime's configuration makes no sense.
pub fn block_import<Block, Client, Inner, Selection>(
    parameters: BlockImportParameters<'_, Block, Client, Inner, Selection>,
) -> Result<ImportAndLink<Block, Client, Inner, Selection>, Error>
where
    Block: BlockT,
    Client: AuxStore
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + PreCommitActions<Block>
        + ProvideRuntimeApi<Block>
        + Send
        + Sync
        + 'static,
    Client::Api: ProofOfOptimizationApi<Block>,
{
    let client = parameters.client;
    parameters.checkpoints.check_database(&*client)?;
    let configuration = crate::configuration(&*client)?;
    let metrics = parameters
        .registry
        .map(Metrics::register)
        .transpose()
        .map_err(|error| Error::Metrics(error.to_string()))?;
    let epoch_changes = aux_schema::load_epoch_changes::<Block, _>(&*client)?;
    let link = EngineLink::new(
        epoch_changes,
        configuration,
        parameters.checkpoints,
        parameters.clock,
        metrics,
    );

    let weak = Arc::downgrade(&client);
    client.register_finality_action(Box::new(move |finalized: &FinalityNotification<Block>| {
        weak.upgrade()
            .map(|client| aux_schema::weights_to_remove(&*client, finalized))
            .unwrap_or_default()
    }));

    let import = DoinBlockImport {
        client,
        inner: parameters.inner,
        link: link.clone(),
        select_chain: parameters.select_chain,
        offchain_pool: parameters.offchain_pool,
    };
    Ok((import, link))
}

/// The engine's block import. It wraps GRANDPA's.
///
/// Some blocks are taken without the rules: those of a warp sync proof, those below its target, those that come with
/// their state, and those that are known already. None of them but the target of a state sync becomes the best block
/// here. The target begins with weight 0: only chains above it will ever be compared, so that its own weight, which
/// nobody could tell, cancels out.
pub struct DoinBlockImport<Block: BlockT, Client, Inner, Selection> {
    client: Arc<Client>,
    inner: Inner,
    link: EngineLink<Block>,
    select_chain: Selection,
    offchain_pool: Option<OffchainTransactionPoolFactory<Block>>,
}

impl<Block: BlockT, Client, Inner: Clone, Selection: Clone> Clone for DoinBlockImport<Block, Client, Inner, Selection> {
    fn clone(&self) -> Self {
        DoinBlockImport {
            client: self.client.clone(),
            inner: self.inner.clone(),
            link: self.link.clone(),
            select_chain: self.select_chain.clone(),
            offchain_pool: self.offchain_pool.clone(),
        }
    }
}

/// A block on its way through the rules.
struct Candidate<Block: BlockT> {
    hash: Block::Hash,
    number: NumberFor<Block>,
    parent: Block::Header,
    parent_slot: Slot,
    claim: SlotClaim,
    epoch_descriptor: EpochDescriptor<Block>,
    begins_epoch: bool,
}

/// The epoch tree as it will be when the block is in the database. Until then others wait for the tree.
struct PendingEpochChange<Block: BlockT> {
    tree: EpochChangesFor<Block, Epoch>,
    shared: SharedDataLockedUpgradable<EpochChangesFor<Block, Epoch>>,
}

impl<Block, Client, Inner, Selection> DoinBlockImport<Block, Client, Inner, Selection>
where
    Block: BlockT,
    Inner: BlockImport<Block> + Send + Sync,
    Inner::Error: Into<ConsensusError>,
    Client: HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + AuxStore
        + ProvideRuntimeApi<Block>
        + Send
        + Sync,
    Client::Api: BlockBuilderApi<Block> + ProofOfOptimizationApi<Block> + ApiExt<Block>,
    Selection: SelectChain<Block> + 'static,
{
    /// Imports a block with its whole state, then reads the epochs from that state.
    async fn import_state(&self, mut block: BlockImportParams<Block>) -> Result<ImportResult, Error> {
        let hash = block.post_hash();
        let (parent, number) = (*block.header.parent_hash(), *block.header.number());
        block.fork_choice = Some(ForkChoiceStrategy::Custom(true));
        let (key, value) = aux_schema::weight_entry(hash, 0);
        block.auxiliary.push((key, Some(value)));
        let result = self.inner.import_block(block).await.map_err(Into::into)?;
        if !matches!(result, ImportResult::Imported(_)) {
            let message = format!("the state of block {hash:?} was not imported: {result:?}");
            return Err(ConsensusError::ClientImport(message).into());
        }
        let current = self.client.runtime_api().current_epoch(hash)?;
        let next = self.client.runtime_api().next_epoch(hash)?;
        let mut tree = self.link.epoch_changes().shared_data();
        tree.reset(parent, hash, number, current.into(), next.into());
        let (key, value) = aux_schema::epoch_changes_entry::<Block>(&tree);
        self.client.insert_aux(&[(&key[..], &value[..])], &[])?;
        Ok(result)
    }

    /// Imports a block under all rules.
    async fn import_checked(&self, mut block: BlockImportParams<Block>) -> Result<ImportResult, Error> {
        let started = Instant::now();
        let candidate = self.candidate(&mut block)?;
        self.check_clocked_rules(&mut block, &candidate).await?;
        self.check_content(&block, &candidate)?;

        let _one_at_a_time = self.link.import_lock().lock().await;
        let (weight, heaviest) = self.weigh(&candidate).await?;
        block.fork_choice = Some(ForkChoiceStrategy::Custom(heaviest));
        let (key, value) = aux_schema::weight_entry(candidate.hash, weight);
        block.auxiliary.push((key, Some(value)));
        let imported = ImportedBlock {
            hash: candidate.hash,
            number: candidate.number,
            slot: candidate.claim.slot,
            kind: candidate.claim.kind,
            weight,
            is_best: false,
            optimization: optimization_of(&block.header),
        };
        let pending = match next_epoch_of(&block.header)? {
            Some(next) => Some(self.change_epoch(&mut block, &candidate, next)?),
            None => None,
        };

        // When this fails, `pending` is dropped and the tree in memory stays what it is in the database.
        let result = self.inner.import_block(block).await.map_err(Into::into)?;
        if let ImportResult::Imported(aux) = &result {
            if let Some(mut pending) = pending {
                *pending.shared.upgrade() = pending.tree;
            }
            if let Some(metrics) = self.link.metrics() {
                metrics.on_imported(imported.kind, started.elapsed());
            }
            self.link.imported(&ImportedBlock {
                is_best: aux.is_new_best,
                ..imported
            });
        }
        Ok(result)
    }

    /// Looks up what the rules need: the parent and the epoch.
    fn candidate(&self, block: &mut BlockImportParams<Block>) -> Result<Candidate<Block>, Error> {
        let hash = block.post_hash();
        let parent_hash = *block.header.parent_hash();
        let parent = self.client.header(parent_hash)?.ok_or_else(|| Error::UnknownParent {
            parent: parent_hash.to_string(),
            block: hash.to_string(),
        })?;
        let parent_slot = slot_of(&parent)?;
        let claim = claim_of(&block.header)?;
        if claim.slot <= parent_slot {
            return Err(Error::SlotNotIncreasing {
                parent: parent_slot,
                slot: claim.slot,
            });
        }
        let epoch_descriptor = block
            .remove_intermediate::<EngineIntermediate<Block>>(INTERMEDIATE_KEY)?
            .epoch_descriptor;
        let begins_epoch = parent_slot < epoch_descriptor.start_slot();
        let number = *block.header.number();
        Ok(Candidate {
            hash,
            number,
            parent,
            parent_slot,
            claim,
            epoch_descriptor,
            begins_epoch,
        })
    }

    /// The rules that look at this node's clock: inherents, and whether the author has made another block in the slot.
    async fn check_clocked_rules(
        &self,
        block: &mut BlockImportParams<Block>,
        candidate: &Candidate<Block>,
    ) -> Result<(), Error> {
        let parent = candidate.parent.hash();
        let inherents = self.link.clock().inherents(self.link.slot_duration());
        let author = self.author(candidate)?;
        let sighting = Sighting {
            header: &block.post_header(),
            author: &author,
            slot: candidate.claim.slot,
            now: inherents.0 .0,
        };
        // Blocks of the first synchronization are old: their doubles have been reported long since.
        if block.origin != BlockOrigin::NetworkInitialSync {
            if let Err(error) = self.report_double_block(&sighting, parent).await {
                log::warn!(target: LOG_TARGET, "Two blocks in slot {} cannot be reported: {error}", sighting.slot);
            }
        }

        if block.state_action.skip_execution_checks() {
            return Ok(());
        }
        let Some(body) = block.body.take() else { return Ok(()) };
        let whole = Block::new(block.header.clone(), body);
        let wrong = |error: String| Error::WrongInherents(error);
        let data = inherents
            .create_inherent_data()
            .await
            .map_err(|error| wrong(error.to_string()))?;
        sp_block_builder::check_inherents_with_data(self.client.clone(), parent, whole.clone(), &inherents, data)
            .await
            .map_err(|error| match error {
                CheckInherentsError::Client(error) => Error::RuntimeApi(error),
                CheckInherentsError::CreateInherentData(error) | CheckInherentsError::CheckInherents(error) => {
                    wrong(error.to_string())
                }
                CheckInherentsError::CheckInherentsUnknownError(identifier) => wrong(format!(
                    "nobody knows the inherent {}",
                    String::from_utf8_lossy(&identifier)
                )),
            })?;
        block.body = Some(whole.deconstruct().1);
        Ok(())
    }

    async fn report_double_block(&self, seen: &Sighting<'_, Block>, parent: Block::Hash) -> Result<(), Error> {
        let Some(proof) = equivocation::sight(&*self.client, &self.link, seen)? else {
            return Ok(());
        };
        let Some(pool) = &self.offchain_pool else { return Ok(()) };
        let best = self.select_chain.best_chain().await?.hash();
        equivocation::report(&*self.client, pool, parent, best, proof)
    }

    fn author(&self, candidate: &Candidate<Block>) -> Result<AuthorityId, Error> {
        let tree = self.link.epoch_changes().shared_data();
        let epoch = tree
            .viable_epoch(&candidate.epoch_descriptor, |slot| {
                Epoch::genesis(self.link.configuration(), slot)
            })
            .ok_or_else(|| Error::UnknownEpoch(candidate.parent.hash().to_string()))?;
        author_of(&candidate.claim, epoch.as_ref())
    }

    /// The rules on what the block says and does.
    fn check_content(&self, block: &BlockImportParams<Block>, candidate: &Candidate<Block>) -> Result<(), Error> {
        let slot = candidate.claim.slot;
        match (candidate.begins_epoch, next_epoch_of(&block.header)?.is_some()) {
            (true, false) => return Err(Error::MissingEpochAnnouncement(slot)),
            (false, true) => return Err(Error::UnexpectedEpochAnnouncement(slot)),
            _ => {}
        }
        let summary = summary_of(&block.header)?;
        // The summary is the runtime's word: execution fails later when the header tells anything else.
        if candidate.claim.kind == ClaimKind::Primary || summary.transactions > 0 {
            return Ok(());
        }
        // Without execution there is no state to ask, and the block is vouched for by what comes after it.
        if block.state_action.skip_execution_checks() {
            return Ok(());
        }
        let reason = reason_for_empty_block(
            &*self.client,
            candidate.parent.hash(),
            candidate.parent_slot,
            slot,
            candidate.begins_epoch,
        )?;
        reason.map(drop).ok_or(Error::NothingToDo {
            slot,
            parent: candidate.parent_slot,
        })
    }

    /// The weight of the chain with this block, and whether that makes it the best one: heavier, or as heavy and
    /// longer. Of two that are neither the first stays.
    async fn weigh(&self, candidate: &Candidate<Block>) -> Result<(ChainWeight, bool), Error> {
        let own = match candidate.claim.kind {
            ClaimKind::Primary => 1,
            ClaimKind::Secondary => 0,
        };
        let weight = self.weight_of(&candidate.parent)?.saturating_add(own);
        let best = self.select_chain.best_chain().await?;
        let best_weight = self.weight_of(&best)?;
        Ok((weight, (weight, candidate.number) > (best_weight, *best.number())))
    }

    /// The weight of a chain. It may be unknown below finality only, where nothing can be built any more.
    fn weight_of(&self, header: &Block::Header) -> Result<ChainWeight, Error> {
        if header.number().is_zero() {
            return Ok(0);
        }
        let hash = header.hash();
        aux_schema::load_weight(&*self.client, hash)?.ok_or_else(|| Error::UnknownWeight(hash.to_string()))
    }

    /// Enters the announced epoch into a copy of the tree, and the copy into the block's database transaction.
    fn change_epoch(
        &self,
        block: &mut BlockImportParams<Block>,
        candidate: &Candidate<Block>,
        next: NextEpochDescriptor,
    ) -> Result<PendingEpochChange<Block>, Error> {
        let slot = candidate.claim.slot;
        let parent = candidate.parent.hash();
        let shared = self.link.epoch_changes().shared_data_locked();
        let mut tree = (*shared).clone();
        let mut epoch = tree
            .viable_epoch(&candidate.epoch_descriptor, |slot| {
                Epoch::genesis(self.link.configuration(), slot)
            })
            .ok_or_else(|| Error::UnknownEpoch(parent.to_string()))?
            .into_cloned();
        let skipped = epoch.as_ref().skipped_before(slot);
        if skipped > 0 {
            // Only this copy moves: on another fork the epoch may have had its blocks.
            let moved = epoch.as_ref().for_slot(slot);
            *epoch.as_mut() = moved;
        }
        let index = epoch.as_ref().index;
        let level = if block.origin == BlockOrigin::NetworkInitialSync {
            log::Level::Debug
        } else {
            log::Level::Info
        };
        log::log!(
            target: LOG_TARGET,
            level,
            "Epoch {index} begins with block {} in slot {slot}{}",
            candidate.number,
            if skipped > 0 { format!(", after {skipped} without a block") } else { String::new() },
        );
        let next = epoch.increment(next);

        // Pruning comes first: afterwards the tree holds a block that the database does not know yet.
        let tree_error = |error: fork_tree::Error<ClientError>| Error::EpochTree(error.to_string());
        let info = self.client.info();
        if let Some(finalized) = self.client.header(info.finalized_hash)? {
            let query = descendent_query(&*self.client);
            tree.prune_finalized(query, &info.finalized_hash, info.finalized_number, slot_of(&finalized)?)
                .map_err(tree_error)?;
        }
        tree.import(
            descendent_query(&*self.client),
            candidate.hash,
            candidate.number,
            parent,
            next,
        )
        .map_err(tree_error)?;

        let (key, value) = aux_schema::epoch_changes_entry::<Block>(&tree);
        block.auxiliary.push((key, Some(value)));
        if let Some(metrics) = self.link.metrics() {
            metrics.on_epoch(index, skipped);
        }
        Ok(PendingEpochChange {
            tree,
            shared: shared.release_mutex(),
        })
    }
}

#[async_trait::async_trait]
impl<Block, Client, Inner, Selection> BlockImport<Block> for DoinBlockImport<Block, Client, Inner, Selection>
where
    Block: BlockT,
    Inner: BlockImport<Block> + Send + Sync,
    Inner::Error: Into<ConsensusError>,
    Client: HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + AuxStore
        + ProvideRuntimeApi<Block>
        + Send
        + Sync,
    Client::Api: BlockBuilderApi<Block> + ProofOfOptimizationApi<Block> + ApiExt<Block>,
    Selection: SelectChain<Block> + 'static,
{
    type Error = ConsensusError;

    async fn import_block(&self, mut block: BlockImportParams<Block>) -> Result<ImportResult, ConsensusError> {
        let hash = block.post_hash();
        if let Err(error) = self.link.checkpoints().check(*block.header.number(), hash) {
            self.link.note_refused(hash, &error);
            return Err(error.into());
        }

        let known = self.client.status(hash).map_err(Error::from)? == BlockStatus::InChain;
        if known || is_in_gap(&*self.client, &block.header) {
            // Known blocks have their place already, and those of the gap are older than the best one.
            let _ = block.remove_intermediate::<EngineIntermediate<Block>>(INTERMEDIATE_KEY);
            block.fork_choice = Some(ForkChoiceStrategy::Custom(false));
            return self.inner.import_block(block).await.map_err(Into::into);
        }
        if block.with_state() {
            return Ok(self.import_state(block).await?);
        }
        if block.origin == BlockOrigin::WarpSync {
            block.fork_choice = Some(ForkChoiceStrategy::Custom(false));
            return self.inner.import_block(block).await.map_err(Into::into);
        }
        self.import_checked(block).await.map_err(|error| {
            self.link.note_refused(hash, &error);
            log::debug!(target: LOG_TARGET, "Block {hash:?} is not imported: {error}");
            error.into()
        })
    }

    async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, ConsensusError> {
        if self.link.is_refused(&block.hash) {
            return Ok(ImportResult::KnownBad);
        }
        if let Err(error) = self.link.checkpoints().check(block.number, block.hash) {
            log::warn!(target: LOG_TARGET, "{error}");
            // The import queue asks this first: what contradicts a checkpoint comes no further, and is counted here.
            self.link.note_refused(block.hash, &error);
            return Ok(ImportResult::KnownBad);
        }
        self.inner.check_block(block).await.map_err(Into::into)
    }
}

//! Making blocks: in time with the clock, or by hand for a given slot. Both go the same way.

use crate::{
    aux_schema::{load_last_authored, write_last_authored},
    claim::{claim_slot, OwnClaim},
    digests::{slot_of, summary_of},
    epoch::{epoch_for_child_of, Epoch, EpochDescriptor},
    error::Error,
    inherents::inherents_at,
    validity::reason_for_empty_block,
    verifier::EngineIntermediate,
    EngineLink, INTERMEDIATE_KEY, LOG_TARGET,
};
use doin_primitives::engine::{
    AuthorityId, AuthoritySignature, ClaimKind, CompatibleDigestItem, ProofOfOptimizationApi, Slot, KEY_TYPE,
};
use futures::{
    future::{select, Either},
    prelude::*,
};
use futures_timer::Delay;
use sc_client_api::backend::AuxStore;
use sc_consensus::{BlockImport, BlockImportParams, ImportResult, JustificationSyncLink, StateAction, StorageChanges};
use sc_consensus_slots::{
    proposing_remaining_duration, BackoffAuthoringBlocksStrategy, BackoffAuthoringOnFinalizedHeadLagging,
    SimpleSlotWorker, SimpleSlotWorkerToSlotWorker, SlotInfo, SlotLenienceType, SlotProportion,
    StorageChanges as StateChanges,
};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::TransactionPool;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::{Error as ClientError, HeaderBackend, HeaderMetadata};
use sp_consensus::{
    BlockOrigin, Environment, Error as ConsensusError, Proposal, ProposeArgs, Proposer, SelectChain, SyncOracle,
};
use sp_core::crypto::Wraps;
use sp_inherents::InherentDataProvider;
use sp_keystore::KeystorePtr;
use sp_runtime::{
    traits::{Block as BlockT, Header as HeaderT, NumberFor, One},
    Digest, DigestItem, Saturating,
};
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

/// The share of a slot in which to propose; the rest is for sending the block round. After missed slots it may take
/// longer.
const PROPOSING_SHARE: f32 = 2.0 / 3.0;

/// Tells how many transactions wait to be included.
pub type ReadyTransactions = Arc<dyn Fn() -> usize + Send + Sync>;

/// The transactions that are ready in a pool.
pub fn ready_transactions<Pool: TransactionPool + 'static>(pool: Arc<Pool>) -> ReadyTransactions {
    Arc::new(move || pool.status().ready)
}

/// What the engine needs to make blocks.
pub struct EngineParameters<Block: BlockT, Client, Proposing, Import, Oracle, Justifications> {
    /// The client.
    pub client: Arc<Client>,
    /// The keystore with the session keys.
    pub keystore: KeystorePtr,
    /// The link that came with the block import.
    pub engine: EngineLink<Block>,
    /// Makes proposers.
    pub proposer: Proposing,
    /// The [`crate::DoinBlockImport`] or a wrapper of it.
    pub block_import: Import,
    /// Tells whether the node is synchronizing or alone.
    pub sync_oracle: Oracle,
    /// Where justifications are asked for.
    pub justification_sync_link: Justifications,
    /// Whether to author while no peer is connected. It makes no invalid block valid.
    pub force_authoring: bool,
    /// When to author less because finality lags; `None`: never.
    pub backoff: Option<BackoffAuthoringOnFinalizedHeadLagging<NumberFor<Block>>>,
    /// Whether a secondary block would have transactions: see [`ready_transactions`].
    pub ready_transactions: ReadyTransactions,
    /// Where the worker reports to.
    pub telemetry: Option<TelemetryHandle>,
}

/// Authors blocks as long as the future is polled.
pub fn start_engine<Block, Client, Selection, Proposing, Import, Oracle, Justifications>(
    parameters: EngineParameters<Block, Client, Proposing, Import, Oracle, Justifications>,
    select_chain: Selection,
) -> impl Future<Output = ()>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block>
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + AuxStore
        + Send
        + Sync
        + 'static,
    Client::Api: ProofOfOptimizationApi<Block>,
    Selection: SelectChain<Block> + 'static,
    Proposing: Environment<Block> + Send + Sync + 'static,
    Proposing::Proposer: Proposer<Block>,
    Import: BlockImport<Block, Error = ConsensusError> + Send + Sync + 'static,
    Oracle: SyncOracle + Send + Sync + Clone + 'static,
    Justifications: JustificationSyncLink<Block> + 'static,
{
    log::info!(target: LOG_TARGET, "Authoring with the session keys in the keystore");
    let slot_duration = parameters.engine.slot_duration();
    let clock = parameters.engine.clock().clone();
    let sync_oracle = parameters.sync_oracle.clone();
    sc_consensus_slots::start_slot_worker(
        slot_duration,
        select_chain,
        SimpleSlotWorkerToSlotWorker(SlotWorker(parameters)),
        sync_oracle,
        move |_, ()| {
            let inherents = clock.inherents(slot_duration);
            async move { Ok(inherents) }
        },
    )
}

/// Makes blocks. The clock calls it through [`start_engine`], a test through [`SlotWorker::author_block_at`].
pub struct SlotWorker<Block: BlockT, Client, Proposing, Import, Oracle, Justifications>(
    /// What it works with.
    pub EngineParameters<Block, Client, Proposing, Import, Oracle, Justifications>,
);

/// A slot that this node may use.
#[derive(Clone, Debug)]
pub struct ClaimedSlot {
    /// The claim and its key.
    pub own: OwnClaim,
    /// Whether the block is valid without a transaction.
    pub may_be_empty: bool,
}

/// A block made by hand.
#[derive(Debug)]
pub struct AuthoredBlock<Block: BlockT> {
    /// The block with its sealed header.
    pub block: Block,
    /// Primary or secondary.
    pub kind: ClaimKind,
    /// What became of it.
    pub result: ImportResult,
}

impl<Block, Client, Proposing, Import, Oracle, Justifications>
    SlotWorker<Block, Client, Proposing, Import, Oracle, Justifications>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block>
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + AuxStore
        + Send
        + Sync,
    Client::Api: ProofOfOptimizationApi<Block>,
    Proposing: Environment<Block> + Send + Sync,
    Proposing::Proposer: Proposer<Block>,
    Import: BlockImport<Block, Error = ConsensusError> + Send + Sync,
    Justifications: JustificationSyncLink<Block>,
{
    /// Claims `slot` on top of `parent`, proposes, seals and imports, without a clock and without asking whether the
    /// node is synchronizing, alone, or ahead of finality. The timestamp is the slot's beginning; the proposal may
    /// take as long as a slot.
    ///
    /// `None` when the slot is not ours, or is ours as secondary with nothing to do.
    pub async fn author_block_at(
        &mut self,
        parent: &Block::Header,
        slot: Slot,
    ) -> Result<Option<AuthoredBlock<Block>>, Error> {
        let (descriptor, epoch) = self.epoch(parent, slot)?;
        let Some(claimed) = self.claim(parent, slot, &descriptor, epoch.as_ref())? else {
            return Ok(None);
        };
        let inherents = inherents_at(slot, self.0.engine.slot_duration());
        let inherent_data = inherents
            .create_inherent_data()
            .await
            .map_err(|error| Error::Proposing(error.to_string()))?;
        let proposer = self
            .0
            .proposer
            .init(parent)
            .await
            .map_err(|error| Error::Proposing(error.to_string()))?;
        let args = ProposeArgs {
            inherent_data,
            inherent_digests: pre_digest(&claimed),
            max_duration: self.0.engine.slot_duration().as_duration(),
            ..Default::default()
        };
        let Some(proposal) = self.propose(proposer, &claimed, args).await? else {
            return Ok(None);
        };

        let (header, body) = proposal.block.deconstruct();
        let params = self.seal(header, body.clone(), proposal.storage_changes, &claimed, descriptor)?;
        let sealed = params.post_header();
        let result = self.0.block_import.import_block(params).await?;
        result.handle_justification(&sealed.hash(), *sealed.number(), &self.0.justification_sync_link);
        Ok(Some(AuthoredBlock {
            block: Block::new(sealed, body),
            kind: claimed.own.claim.kind,
            result,
        }))
    }

    fn epoch(
        &self,
        parent: &Block::Header,
        slot: Slot,
    ) -> Result<(EpochDescriptor<Block>, sc_consensus_epochs::ViableEpoch<Epoch>), Error> {
        let parent_slot = slot_of(parent)?;
        if slot <= parent_slot {
            return Err(Error::SlotNotIncreasing {
                parent: parent_slot,
                slot,
            });
        }
        epoch_for_child_of(
            self.0.engine.epoch_changes(),
            &*self.0.client,
            self.0.engine.configuration(),
            parent.hash(),
            parent.number().saturating_add(One::one()),
            slot,
        )
    }

    /// Claims a slot if it is ours and there is something to do.
    fn claim(
        &self,
        parent: &Block::Header,
        slot: Slot,
        descriptor: &EpochDescriptor<Block>,
        epoch: &Epoch,
    ) -> Result<Option<ClaimedSlot>, Error> {
        let Some(own) = claim_slot(slot, epoch, &self.0.keystore) else {
            return Ok(None);
        };
        let may_be_empty = match own.claim.kind {
            ClaimKind::Primary => true,
            ClaimKind::Secondary => {
                let parent_slot = slot_of(parent)?;
                let begins_epoch = parent_slot < descriptor.start_slot();
                reason_for_empty_block(&*self.0.client, parent.hash(), parent_slot, slot, begins_epoch)?.is_some()
            }
        };
        if !may_be_empty && (self.0.ready_transactions)() == 0 {
            return Ok(None);
        }
        // A second block in a slot costs the bond. Memory is not enough: the node may have been restarted.
        match load_last_authored(&*self.0.client, &own.authority)? {
            Some(last) if last >= slot => Err(Error::AlreadyAuthored {
                author: own.authority,
                last,
                slot,
            }),
            _ => Ok(Some(ClaimedSlot { own, may_be_empty })),
        }
    }

    /// Proposes a block. `None` when it came out empty and would not be valid so: transactions that looked ready may
    /// turn out to be invalid.
    async fn propose(
        &self,
        proposer: Proposing::Proposer,
        claimed: &ClaimedSlot,
        mut args: ProposeArgs<Block>,
    ) -> Result<Option<Proposal<Block>>, Error> {
        let slot = claimed.own.claim.slot;
        let deadline = Delay::new(args.max_duration);
        // A margin for handing over the result, or the deadline would always come first.
        args.max_duration = args.max_duration.mul_f32(0.98);
        let proposal = match select(proposer.propose(args), deadline).await {
            Either::Left((Ok(proposal), _)) => proposal,
            Either::Left((Err(error), _)) => return Err(Error::Proposing(error.to_string())),
            Either::Right(_) => return Err(Error::ProposingTookTooLong(slot)),
        };
        if !claimed.may_be_empty && summary_of(proposal.block.header())?.transactions == 0 {
            log::debug!(target: LOG_TARGET, "Nothing came of the secondary slot {slot}");
            if let Some(metrics) = self.0.engine.metrics() {
                metrics.on_dropped();
            }
            return Ok(None);
        }
        Ok(Some(proposal))
    }

    /// Remembers the slot, then seals.
    fn seal(
        &self,
        header: Block::Header,
        body: Vec<Block::Extrinsic>,
        changes: StateChanges<Block>,
        claimed: &ClaimedSlot,
        epoch_descriptor: EpochDescriptor<Block>,
    ) -> Result<BlockImportParams<Block>, Error> {
        write_last_authored(&*self.0.client, &claimed.own.authority, claimed.own.claim.slot)?;
        let mut params = BlockImportParams::<Block>::new(BlockOrigin::Own, header);
        params
            .post_digests
            .push(seal(&self.0.keystore, &claimed.own.authority, &params.header)?);
        params.post_hash = Some(params.post_header().hash());
        params.body = Some(body);
        params.state_action = StateAction::ApplyChanges(StorageChanges::Changes(changes));
        params.insert_intermediate(INTERMEDIATE_KEY, EngineIntermediate::<Block> { epoch_descriptor });
        if let Some(metrics) = self.0.engine.metrics() {
            metrics.on_authored(claimed.own.claim.kind);
        }
        Ok(params)
    }
}

fn pre_digest(claimed: &ClaimedSlot) -> Digest {
    Digest {
        logs: vec![DigestItem::doin_pre_digest(claimed.own.claim.clone())],
    }
}

/// The seal of a header that has none yet, by a session key in the keystore.
pub fn seal<Header: HeaderT>(
    keystore: &KeystorePtr,
    author: &AuthorityId,
    header: &Header,
) -> Result<DigestItem, Error> {
    let cannot = |reason: String| Error::CannotSign {
        author: author.clone(),
        reason,
    };
    let signature = keystore
        .sr25519_sign(KEY_TYPE, author.as_inner_ref(), header.hash().as_ref())
        .map_err(|error| cannot(error.to_string()))?
        .ok_or_else(|| cannot("it is not there".into()))?;
    Ok(DigestItem::doin_seal(AuthoritySignature::from(signature)))
}

#[async_trait::async_trait]
impl<Block, Client, Proposing, Import, Oracle, Justifications> SimpleSlotWorker<Block>
    for SlotWorker<Block, Client, Proposing, Import, Oracle, Justifications>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block>
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = ClientError>
        + AuxStore
        + Send
        + Sync,
    Client::Api: ProofOfOptimizationApi<Block>,
    Proposing: Environment<Block> + Send + Sync,
    Proposing::Proposer: Proposer<Block>,
    Import: BlockImport<Block, Error = ConsensusError> + Send + Sync + 'static,
    Oracle: SyncOracle + Send + Sync + Clone,
    Justifications: JustificationSyncLink<Block>,
{
    type BlockImport = Import;
    type SyncOracle = Oracle;
    type JustificationSyncLink = Justifications;
    type CreateProposer = Pin<Box<dyn Future<Output = Result<Proposing::Proposer, ConsensusError>> + Send>>;
    type Proposer = Proposing::Proposer;
    type Claim = ClaimedSlot;
    type AuxData = (EpochDescriptor<Block>, Epoch);

    fn logging_target(&self) -> &'static str {
        // Apart from the engine's own lines, so that those of each slot can be switched off.
        "doin-slots"
    }

    fn block_import(&mut self) -> &mut Import {
        &mut self.0.block_import
    }

    fn aux_data(&self, parent: &Block::Header, slot: Slot) -> Result<Self::AuxData, ConsensusError> {
        let (descriptor, epoch) = self.epoch(parent, slot)?;
        Ok((descriptor, epoch.into_cloned_inner()))
    }

    fn authorities_len(&self, (_, epoch): &Self::AuxData) -> Option<usize> {
        Some(epoch.authorities.len())
    }

    async fn claim_slot(
        &mut self,
        parent: &Block::Header,
        slot: Slot,
        (descriptor, epoch): &Self::AuxData,
    ) -> Option<ClaimedSlot> {
        self.claim(parent, slot, descriptor, epoch)
            .inspect_err(|error| log::warn!(target: LOG_TARGET, "Slot {slot} is not claimed: {error}"))
            .ok()
            .flatten()
    }

    fn pre_digest_data(&self, _: Slot, claimed: &ClaimedSlot) -> Vec<DigestItem> {
        pre_digest(claimed).logs
    }

    async fn block_import_params(
        &self,
        header: Block::Header,
        _: &Block::Hash,
        body: Vec<Block::Extrinsic>,
        changes: StateChanges<Block>,
        claimed: ClaimedSlot,
        (descriptor, _): Self::AuxData,
    ) -> Result<BlockImportParams<Block>, ConsensusError> {
        Ok(self.seal(header, body, changes, &claimed, descriptor)?)
    }

    fn force_authoring(&self) -> bool {
        self.0.force_authoring
    }

    fn should_backoff(&self, slot: Slot, head: &Block::Header) -> bool {
        match (&self.0.backoff, slot_of(head)) {
            (Some(strategy), Ok(head_slot)) => strategy.should_backoff(
                *head.number(),
                head_slot,
                self.0.client.info().finalized_number,
                slot,
                LOG_TARGET,
            ),
            _ => false,
        }
    }

    fn sync_oracle(&mut self) -> &mut Oracle {
        &mut self.0.sync_oracle
    }

    fn justification_sync_link(&mut self) -> &mut Justifications {
        &mut self.0.justification_sync_link
    }

    fn proposer(&mut self, parent: &Block::Header) -> Self::CreateProposer {
        Box::pin(
            self.0
                .proposer
                .init(parent)
                .map_err(|error| ConsensusError::ClientImport(error.to_string())),
        )
    }

    fn telemetry(&self) -> Option<TelemetryHandle> {
        self.0.telemetry.clone()
    }

    fn proposing_remaining_duration(&self, slot_info: &SlotInfo<Block>) -> Duration {
        proposing_remaining_duration(
            slot_of(&slot_info.chain_head).ok(),
            slot_info,
            &SlotProportion::new(PROPOSING_SHARE),
            None,
            SlotLenienceType::Exponential,
            LOG_TARGET,
        )
    }

    async fn propose(
        &mut self,
        proposer: Proposing::Proposer,
        claimed: &ClaimedSlot,
        slot_info: SlotInfo<Block>,
        end_proposing_at: Instant,
    ) -> Option<Proposal<Block>> {
        let inherent_data = Self::create_inherent_data(&slot_info, LOG_TARGET, end_proposing_at).await?;
        let args = ProposeArgs {
            inherent_data,
            inherent_digests: pre_digest(claimed),
            max_duration: end_proposing_at.saturating_duration_since(Instant::now()),
            block_size_limit: slot_info.block_size_limit,
            storage_proof_recorder: slot_info.storage_proof_recorder,
            ..Default::default()
        };
        SlotWorker::propose(self, proposer, claimed, args)
            .await
            .inspect_err(|error| log::warn!(target: LOG_TARGET, "No block in slot {}: {error}", slot_info.slot))
            .ok()
            .flatten()
    }
}

//! Tests of the engine over a chain in memory: real keys, claims, seals, epoch tree and weights; a runtime that says
//! what the test wants, and an import that keeps headers only.

mod checkpoints;
mod claims;
mod epochs;
mod fork_choice;
mod import;
mod making;
mod verifier;

use crate::{
    claim::{claim_slot, OwnClaim},
    digests::slot_of,
    epoch::epoch_for_child_of,
    slot_worker::seal,
    *,
};
use doin_primitives::{
    engine::{
        AuthorityId, AuthorityWeight, BlockSummary, CompatibleDigestItem, ConsensusLog, EquivocationProof,
        NextEpochDescriptor, OpaqueKeyOwnershipProof, KEY_TYPE,
    },
    Block, Hash, Header,
};
use futures::executor::block_on;
use sc_client_api::{
    backend::{AuxStore, Backend as _},
    client::{OnFinalityAction, OnImportAction},
    in_mem, NewBlockState, PreCommitActions,
};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, ImportedAux};
use sc_keystore::LocalKeystore;
use sp_api::{ApiRef, ProvideRuntimeApi};
use sp_blockchain::{BlockGap, CachedHeaderMetadata, Error as ClientError, HeaderMetadata, Info};
use sp_consensus::{BlockOrigin, Error as ConsensusError};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_keystore::{Keystore, KeystorePtr};
use sp_runtime::{
    traits::{Block as BlockT, Header as _},
    transaction_validity::TransactionValidityError,
    ApplyExtrinsicResult, Digest, DigestItem,
};
use std::sync::atomic::{AtomicBool, Ordering};

pub const EPOCH_LENGTH: u64 = 50;
pub const IDLE_SLOTS: u64 = 20;
pub const GENESIS_SLOT: u64 = 1_000;
/// Later than all slots in the tests, and not so late that double blocks are too old to matter.
pub const NOW: u64 = 1_900;

/// What the runtime says.
pub struct ApiState {
    pub configuration: EngineConfiguration,
    pub due_work: HashSet<u64>,
    pub inherents_are_wrong: bool,
    pub epochs: Option<(doin_primitives::engine::Epoch, doin_primitives::engine::Epoch)>,
}

#[derive(Clone)]
pub struct MockApi(Arc<Mutex<ApiState>>);

sp_api::mock_impl_runtime_apis! {
    impl ProofOfOptimizationApi<Block> for MockApi {
        fn configuration(&self) -> EngineConfiguration {
            self.0.lock().configuration.clone()
        }
        fn current_epoch(&self) -> doin_primitives::engine::Epoch {
            self.0.lock().epochs.clone().expect("the test set the epochs").0
        }
        fn next_epoch(&self) -> doin_primitives::engine::Epoch {
            self.0.lock().epochs.clone().expect("the test set the epochs").1
        }
        fn has_due_work(&self, slot: Slot) -> bool {
            self.0.lock().due_work.contains(&slot)
        }
        fn generate_key_ownership_proof(_: Slot, _: AuthorityId) -> Option<OpaqueKeyOwnershipProof> {
            None
        }
        fn submit_report_equivocation(_: EquivocationProof<Header>, _: OpaqueKeyOwnershipProof) -> Option<()> {
            None
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for MockApi {
        fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Err(TransactionValidityError::Invalid(sp_runtime::transaction_validity::InvalidTransaction::Call))
        }
        fn finalize_block() -> Header {
            unreachable!("the tests make headers themselves")
        }
        fn inherent_extrinsics(_: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            Vec::new()
        }
        fn check_inherents(&self, _: <Block as BlockT>::LazyBlock, _: InherentData) -> CheckInherentsResult {
            let mut result = CheckInherentsResult::new();
            if self.0.lock().inherents_are_wrong {
                let error = sp_timestamp::InherentError::TooFarInFuture;
                result.put_error(sp_timestamp::INHERENT_IDENTIFIER, &error).expect("the first error; qed");
            }
            result
        }
    }
}

pub struct TestClient {
    pub backend: Arc<in_mem::Backend<Block>>,
    pub api: MockApi,
    pub gap: Mutex<Option<BlockGap<u32>>>,
    pub finality_actions: Mutex<Vec<OnFinalityAction<Block>>>,
}

impl HeaderBackend<Block> for TestClient {
    fn header(&self, hash: Hash) -> sp_blockchain::Result<Option<Header>> {
        self.backend.blockchain().header(hash)
    }
    fn info(&self) -> Info<Block> {
        Info {
            block_gap: *self.gap.lock(),
            ..self.backend.blockchain().info()
        }
    }
    fn status(&self, hash: Hash) -> sp_blockchain::Result<sp_blockchain::BlockStatus> {
        self.backend.blockchain().status(hash)
    }
    fn number(&self, hash: Hash) -> sp_blockchain::Result<Option<u32>> {
        self.backend.blockchain().number(hash)
    }
    fn hash(&self, number: u32) -> sp_blockchain::Result<Option<Hash>> {
        self.backend.blockchain().hash(number)
    }
}

impl HeaderMetadata<Block> for TestClient {
    type Error = ClientError;
    fn header_metadata(&self, hash: Hash) -> Result<CachedHeaderMetadata<Block>, ClientError> {
        self.backend.blockchain().header_metadata(hash)
    }
    fn insert_header_metadata(&self, _: Hash, _: CachedHeaderMetadata<Block>) {}
    fn remove_header_metadata(&self, _: Hash) {}
}

impl AuxStore for TestClient {
    fn insert_aux<
        'a,
        'b: 'a,
        'c: 'a,
        I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
        D: IntoIterator<Item = &'a &'b [u8]>,
    >(
        &self,
        insert: I,
        delete: D,
    ) -> sp_blockchain::Result<()> {
        AuxStore::insert_aux(&*self.backend, insert, delete)
    }
    fn get_aux(&self, key: &[u8]) -> sp_blockchain::Result<Option<Vec<u8>>> {
        AuxStore::get_aux(&*self.backend, key)
    }
}

impl ProvideRuntimeApi<Block> for TestClient {
    type Api = MockApi;
    fn runtime_api(&self) -> ApiRef<'_, MockApi> {
        self.api.clone().into()
    }
}

impl PreCommitActions<Block> for TestClient {
    fn register_import_action(&self, _: OnImportAction<Block>) {}
    fn register_finality_action(&self, action: OnFinalityAction<Block>) {
        self.finality_actions.lock().push(action);
    }
}

/// Stands where GRANDPA and the client stand: keeps headers and auxiliary entries.
#[derive(Clone)]
pub struct HeaderImport {
    client: Arc<TestClient>,
    pub fails: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl BlockImport<Block> for HeaderImport {
    type Error = ConsensusError;

    async fn check_block(&self, _: BlockCheckParams<Block>) -> Result<ImportResult, ConsensusError> {
        Ok(ImportResult::imported(false))
    }

    async fn import_block(&self, block: BlockImportParams<Block>) -> Result<ImportResult, ConsensusError> {
        assert!(block.intermediates.is_empty(), "the engine must take its intermediate");
        let Some(ForkChoiceStrategy::Custom(is_best)) = block.fork_choice else {
            panic!(
                "the engine must decide the fork choice, but left {:?}",
                block.fork_choice
            )
        };
        if self.fails.load(Ordering::SeqCst) {
            return Err(ConsensusError::ClientImport("told to fail".into()));
        }
        let header = block.post_header();
        let state = if is_best {
            NewBlockState::Best
        } else {
            NewBlockState::Normal
        };
        let blockchain = self.client.backend.blockchain();
        if blockchain.header(header.hash()).expect("in memory; qed").is_none() {
            let result = blockchain.insert(header.hash(), header, None, None, state, true);
            result.map_err(|error| ConsensusError::ClientImport(error.to_string()))?;
        }
        for (key, value) in &block.auxiliary {
            let written = match value {
                Some(value) => self.client.insert_aux(&[(&key[..], &value[..])], &[]),
                None => self.client.insert_aux(&[], &[&key[..]]),
            };
            written.expect("in memory; qed");
        }
        Ok(ImportResult::Imported(ImportedAux {
            is_new_best: is_best,
            ..Default::default()
        }))
    }
}

pub type TestImport = DoinBlockImport<Block, TestClient, HeaderImport, HeaviestChain<in_mem::Backend<Block>, Block>>;

/// A chain with everything around it.
pub struct TestChain {
    pub client: Arc<TestClient>,
    pub inner: HeaderImport,
    pub import: TestImport,
    pub engine: EngineLink<Block>,
    pub verifier: EngineVerifier<Block, TestClient>,
    pub select_chain: HeaviestChain<in_mem::Backend<Block>, Block>,
    pub keystore: KeystorePtr,
    pub authorities: Vec<(AuthorityId, AuthorityWeight)>,
}

pub fn keystore(seeds: &[&str]) -> KeystorePtr {
    let keystore = LocalKeystore::in_memory();
    for seed in seeds {
        keystore
            .sr25519_generate_new(KEY_TYPE, Some(seed))
            .expect("a good seed; qed");
    }
    keystore.into()
}

pub fn authority(seed: &str) -> AuthorityId {
    let keystore = keystore(&[]);
    keystore
        .sr25519_generate_new(KEY_TYPE, Some(seed))
        .expect("a good seed; qed")
        .into()
}

pub fn configuration(authorities: Vec<(AuthorityId, AuthorityWeight)>) -> EngineConfiguration {
    EngineConfiguration {
        slot_duration: 2_000,
        epoch_length: EPOCH_LENGTH,
        primary_probability: (1, 4),
        idle_slots: IDLE_SLOTS,
        authorities,
        randomness: [7; 32],
    }
}

/// Where a block differs from an honest one.
pub struct Plan {
    pub transactions: u32,
    /// The announcement: `None` leaves it to the rule.
    pub announcements: Option<Vec<NextEpochDescriptor>>,
    pub summaries: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            transactions: 1,
            announcements: None,
            summaries: 1,
        }
    }
}

impl TestChain {
    /// A chain of Alice alone.
    pub fn new() -> Self {
        Self::with(&[("//Alice", 1_000)], Checkpoints::default())
    }

    /// A chain of several authorities, whose keys are all here.
    pub fn with(members: &[(&str, AuthorityWeight)], checkpoints: Checkpoints<Block>) -> Self {
        let seeds: Vec<&str> = members.iter().map(|(seed, _)| *seed).collect();
        let authorities: Vec<_> = members
            .iter()
            .map(|(seed, weight)| (authority(seed), *weight))
            .collect();
        let state = ApiState {
            configuration: configuration(authorities.clone()),
            due_work: HashSet::new(),
            inherents_are_wrong: false,
            epochs: None,
        };
        let client = Arc::new(TestClient {
            backend: Arc::new(in_mem::Backend::new()),
            api: MockApi(Arc::new(Mutex::new(state))),
            gap: Mutex::new(None),
            finality_actions: Mutex::default(),
        });
        let genesis = Header::new(
            0,
            Default::default(),
            Default::default(),
            Default::default(),
            Digest::default(),
        );
        let inserted =
            client
                .backend
                .blockchain()
                .insert(genesis.hash(), genesis, None, None, NewBlockState::Final, true);
        inserted.expect("in memory; qed");
        Self::over(client, keystore(&seeds), authorities, checkpoints).expect("an empty chain; qed")
    }

    /// The engine begun over a database.
    pub fn over(
        client: Arc<TestClient>,
        keystore: KeystorePtr,
        authorities: Vec<(AuthorityId, AuthorityWeight)>,
        checkpoints: Checkpoints<Block>,
    ) -> Result<Self, Error> {
        let inner = HeaderImport {
            client: client.clone(),
            fails: Arc::default(),
        };
        let select_chain = HeaviestChain::new(client.backend.clone());
        let slot_duration = SlotDuration::from_millis(2_000);
        let clock = Clock::standing_at(Slot::from(NOW).timestamp(slot_duration).expect("small; qed"));
        let (import, engine) = block_import(BlockImportParameters {
            client: client.clone(),
            inner: inner.clone(),
            select_chain: select_chain.clone(),
            offchain_pool: None,
            checkpoints,
            clock,
            registry: Some(&substrate_prometheus_endpoint::Registry::new()),
        })?;
        let verifier = EngineVerifier::new(client.clone(), engine.clone());
        Ok(TestChain {
            client,
            inner,
            import,
            engine,
            verifier,
            select_chain,
            keystore,
            authorities,
        })
    }

    pub fn genesis(&self) -> Header {
        self.header(self.client.info().genesis_hash)
    }

    pub fn best(&self) -> Header {
        self.header(self.client.info().best_hash)
    }

    pub fn header(&self, hash: Hash) -> Header {
        self.client.header(hash).expect("in memory; qed").expect("known; qed")
    }

    pub fn weight(&self, header: &Header) -> Option<u64> {
        aux_schema::load_weight(&*self.client, header.hash()).expect("in memory; qed")
    }

    pub fn say(&self, change: impl FnOnce(&mut ApiState)) {
        change(&mut self.client.api.0.lock());
    }

    /// The epoch of a child, and whether it begins it.
    pub fn epoch(&self, parent: &Header, slot: Slot) -> (Epoch, bool) {
        let number = parent.number() + 1;
        let found = epoch_for_child_of(
            self.engine.epoch_changes(),
            &*self.client,
            self.engine.configuration(),
            parent.hash(),
            number,
            slot,
        );
        let (descriptor, epoch) = found.expect("the parent is imported; qed");
        (
            epoch.into_cloned_inner(),
            slot_of(parent).expect("honest; qed") < descriptor.start_slot(),
        )
    }

    pub fn claim(&self, parent: &Header, slot: Slot) -> Option<OwnClaim> {
        claim_slot(slot, &self.epoch(parent, slot).0, &self.keystore)
    }

    /// The first slot of a kind, at least `ahead` slots after the parent.
    pub fn next_slot(&self, parent: &Header, kind: ClaimKind, ahead: u64) -> Slot {
        let first = u64::from(slot_of(parent).expect("honest; qed")).max(GENESIS_SLOT) + ahead;
        (first..first + 1_000)
            .map(Slot::from)
            .find(|slot| self.claim(parent, *slot).is_some_and(|own| own.claim.kind == kind))
            .expect("a thousand slots have both kinds; qed")
    }

    /// Makes a sealed header in `slot`.
    pub fn make(&self, parent: &Header, slot: Slot, plan: Plan) -> Header {
        let own = self.claim(parent, slot).expect("the slot is ours; qed");
        let logs = self.logs(parent, slot, plan);
        let mut header = unsealed(parent, own.claim, logs);
        let seal = seal(&self.keystore, &own.authority, &header).expect("the key is here; qed");
        header.digest_mut().push(seal);
        header
    }

    /// What the runtime would deposit.
    pub fn logs(&self, parent: &Header, slot: Slot, plan: Plan) -> Vec<DigestItem> {
        let (_, begins_epoch) = self.epoch(parent, slot);
        let announcements = plan.announcements.unwrap_or_else(|| {
            if begins_epoch {
                vec![self.announcement(slot)]
            } else {
                vec![]
            }
        });
        let announcements = announcements.into_iter().map(ConsensusLog::NextEpoch);
        let summary = ConsensusLog::Summary(BlockSummary {
            transactions: plan.transactions,
        });
        let summaries = (0..plan.summaries).map(|_| summary.clone());
        announcements
            .chain(summaries)
            .map(|log| DigestItem::doin_log(&log))
            .collect()
    }

    /// The same authorities, with randomness from the slot.
    pub fn announcement(&self, slot: Slot) -> NextEpochDescriptor {
        let mut randomness = [0; 32];
        randomness[..8].copy_from_slice(&u64::from(slot).to_le_bytes());
        NextEpochDescriptor {
            authorities: self.authorities.clone(),
            randomness,
        }
    }

    /// Verifies and imports, as if from the network.
    pub fn offer(&self, header: &Header) -> Result<ImportedAux, Error> {
        self.import(self.verifier.check(arrived(header))?)
    }

    pub fn import(&self, block: BlockImportParams<Block>) -> Result<ImportedAux, Error> {
        match block_on(self.import.import_block(block)) {
            Ok(ImportResult::Imported(aux)) => Ok(aux),
            Ok(other) => panic!("not imported: {other:?}"),
            Err(ConsensusError::Other(error)) => Err(*error.downcast::<Error>().expect("an error of the engine; qed")),
            Err(other) => Err(other.into()),
        }
    }

    /// Extends a chain by an honest block and returns its header.
    pub fn extend(&self, parent: &Header, kind: ClaimKind) -> Header {
        let header = self.make(parent, self.next_slot(parent, kind, 1), Plan::default());
        self.offer(&header).expect("an honest block; qed");
        header
    }
}

/// A block as it comes from the network.
pub fn arrived(header: &Header) -> BlockImportParams<Block> {
    let mut block = BlockImportParams::new(BlockOrigin::NetworkBroadcast, header.clone());
    block.body = Some(Vec::new());
    block
}

pub fn unsealed(parent: &Header, claim: doin_primitives::engine::SlotClaim, logs: Vec<DigestItem>) -> Header {
    let digest = Digest {
        logs: std::iter::once(DigestItem::doin_pre_digest(claim))
            .chain(logs)
            .collect(),
    };
    Header::new(
        parent.number() + 1,
        Default::default(),
        Default::default(),
        parent.hash(),
        digest,
    )
}

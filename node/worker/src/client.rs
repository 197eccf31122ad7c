//! The chain of the node that the worker runs in: its client and its transaction pool.

use crate::{
    artifacts::Artifacts,
    chain::{BlockReference, Chain, ChainError, Operation, Transaction, TransactionState, MORTALITY},
    config::WorkerConfiguration,
    extrinsic::{self, Binding},
    inference::Inference,
    metrics::{register_compute, Metrics},
    runner::Worker,
    signer::OperatorKeys,
    start::{all_domains, Ports, StartError},
    workbench::blocking_threads,
};
use async_trait::async_trait;
use codec::Encode;
use doin_domains::Compute;
use doin_population::Hub;
use doin_primitives::{
    api::{CommitInfo, ContestInfo, DoinApi, DomainInfo, NetworkStatus, OptimumInfo, RoundInfo, Supply},
    artifact::ArtifactReference,
    domain::DomainId,
    engine::{CompatibleDigestItem, ProofOfOptimizationApi},
    optimum::OptimumId,
    AccountId, Balance, Block, BlockNumber, Hash, Nonce, OptimizationHeight, SlotNumber,
};
use futures::{future::FutureExt, stream::BoxStream, stream::StreamExt};
use sc_client_api::BlockchainEvents;
use sc_transaction_pool_api::{
    InPoolTransaction, TransactionPool, TransactionSource, TransactionStatus, TransactionStatusStreamFor,
};
use sp_api::{CallApiAt, CallContext, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::SyncOracle;
use sp_keystore::KeystorePtr;
use sp_runtime::{generic::Era, traits::Header as _};
use sp_state_machine::Backend as _;
use std::{
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};
use substrate_frame_rpc_system::AccountNonceApi;
use substrate_prometheus_endpoint::Registry;

/// A transaction's era begins so many blocks before the best: the pool may still look at the chain from a block or two
/// ago, for which a birth at the best block lies in the future.
const BIRTH_DEPTH: BlockNumber = 4;

/// What the worker needs of a client.
pub trait WorkerClient:
    ProvideRuntimeApi<Block, Api: WorkerApi>
    + CallApiAt<Block>
    + HeaderBackend<Block>
    + BlockchainEvents<Block>
    + Send
    + Sync
    + 'static
{
}

impl<C> WorkerClient for C where
    C: ProvideRuntimeApi<Block, Api: WorkerApi>
        + CallApiAt<Block>
        + HeaderBackend<Block>
        + BlockchainEvents<Block>
        + Send
        + Sync
        + 'static
{
}

/// What the worker needs of a runtime.
pub trait WorkerApi: DoinApi<Block> + ProofOfOptimizationApi<Block> + AccountNonceApi<Block, AccountId, Nonce> {}

impl<A> WorkerApi for A where
    A: DoinApi<Block> + ProofOfOptimizationApi<Block> + AccountNonceApi<Block, AccountId, Nonce>
{
}

/// [`Chain`] over a client and its pool.
pub struct ClientChain<C, P> {
    client: Arc<C>,
    pool: Arc<P>,
    keys: OperatorKeys,
    sync_oracle: Box<dyn SyncOracle + Send + Sync>,
    genesis: Hash,
    slot_duration: u64,
    /// One submission at a time: the nonce is looked up and used up under it.
    submission: futures::lock::Mutex<()>,
}

impl<C: WorkerClient, P: TransactionPool<Block = Block> + 'static> ClientChain<C, P> {
    /// The chain of this client.
    ///
    /// # Errors
    ///
    /// When its state cannot be read.
    pub fn new(
        client: Arc<C>,
        pool: Arc<P>,
        keys: OperatorKeys,
        sync_oracle: impl SyncOracle + Send + Sync + 'static,
    ) -> Result<Self, ChainError> {
        let info = client.info();
        let configuration = client.runtime_api().configuration(info.best_hash).map_err(state)?;
        Ok(Self {
            genesis: info.genesis_hash,
            // A chain without a slot duration cannot have made a block; one second keeps the arithmetic whole.
            slot_duration: match configuration.slot_duration {
                0 => 1_000,
                duration => duration,
            },
            client,
            pool,
            keys,
            sync_oracle: Box::new(sync_oracle),
            submission: futures::lock::Mutex::new(()),
        })
    }

    fn block(&self, hash: Hash, number: BlockNumber) -> Result<BlockReference, ChainError> {
        let header = self.client.header(hash).map_err(state)?;
        let header = header.ok_or_else(|| ChainError::State(format!("there is no header of block {hash:?}")))?;
        let claim = header.digest().logs().iter().find_map(|item| item.as_doin_pre_digest());
        Ok(BlockReference {
            hash,
            number,
            slot: claim.map_or(0, |claim| claim.slot.into()),
        })
    }

    fn storage(&self, at: Hash, key: &[u8]) -> Result<Option<Vec<u8>>, ChainError> {
        self.client
            .state_at(at)
            .map_err(state)?
            .storage(key)
            .map_err(|error| ChainError::State(error.to_string()))
    }

    /// The account's next nonce: the state's, and beyond those of its transactions that are ready in the pool. A
    /// transaction that was dropped leaves a gap, which the next one fills.
    fn next_nonce(&self, at: Hash, account: &AccountId) -> Result<Nonce, ChainError> {
        let mut nonce = self
            .client
            .runtime_api()
            .account_nonce(at, account.clone())
            .map_err(state)?;
        let mut tag = (account, nonce).encode();
        // An account's transactions are in the order of their nonces there.
        for transaction in self.pool.ready() {
            if transaction.provides().first() == Some(&tag) {
                nonce = nonce.saturating_add(1);
                tag = (account, nonce).encode();
            }
        }
        Ok(nonce)
    }

    fn sign(
        &self,
        at: BlockReference,
        signer: &AccountId,
        operation: &Operation,
    ) -> Result<(Nonce, sp_runtime::OpaqueExtrinsic), ChainError> {
        let version = self
            .client
            .runtime_version_at(at.hash, CallContext::Offchain)
            .map_err(state)?;
        let known = doin_runtime::VERSION.transaction_version;
        if version.transaction_version != known {
            return Err(ChainError::IncompatibleRuntime {
                chain: version.transaction_version,
                node: known,
            });
        }
        let nonce = self.next_nonce(at.hash, signer)?;
        let birth = at.number.saturating_sub(BIRTH_DEPTH);
        let binding = Binding {
            genesis: self.genesis,
            birth: self.client.hash(birth).map_err(state)?.unwrap_or(at.hash),
            era: Era::mortal(MORTALITY.into(), birth.into()),
            nonce,
            spec_version: version.spec_version,
            transaction_version: version.transaction_version,
        };
        extrinsic::signed(extrinsic::call(operation), signer, &binding, |payload| {
            self.keys.sign(signer, payload)
        })
        .map(|extrinsic| (nonce, extrinsic))
        .map_err(ChainError::Signing)
    }
}

fn state(error: impl std::fmt::Display) -> ChainError {
    ChainError::State(error.to_string())
}

#[async_trait]
impl<C: WorkerClient, P: TransactionPool<Block = Block> + 'static> Chain for ClientChain<C, P> {
    fn genesis(&self) -> Hash {
        self.genesis
    }

    fn best(&self) -> Result<BlockReference, ChainError> {
        let info = self.client.info();
        self.block(info.best_hash, info.best_number)
    }

    fn finalized(&self) -> Result<BlockReference, ChainError> {
        let info = self.client.info();
        self.block(info.finalized_hash, info.finalized_number)
    }

    fn slot_now(&self) -> SlotNumber {
        let clock = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let milliseconds = u64::try_from(clock.as_millis()).unwrap_or(u64::MAX);
        let by_clock = milliseconds.checked_div(self.slot_duration).unwrap_or(0);
        // A chain that is sealed by hand may be ahead of the clock.
        by_clock.max(self.best().map_or(0, |best| best.slot))
    }

    fn slot_duration(&self) -> Duration {
        Duration::from_millis(self.slot_duration)
    }

    fn is_syncing(&self) -> bool {
        self.sync_oracle.is_major_syncing()
    }

    fn changes(&self) -> BoxStream<'static, ()> {
        let imported = self
            .client
            .import_notification_stream()
            .filter_map(|block| futures::future::ready(block.is_new_best.then_some(())));
        let finalized = self.client.finality_notification_stream().map(|_| ());
        futures::stream::select(imported, finalized).boxed()
    }

    fn status(&self, at: Hash) -> Result<NetworkStatus, ChainError> {
        self.client.runtime_api().status(at).map_err(state)
    }

    fn supply(&self, at: Hash) -> Result<Supply, ChainError> {
        self.client.runtime_api().supply(at).map_err(state)
    }

    fn domains(&self, at: Hash) -> Result<Vec<DomainInfo>, ChainError> {
        self.client.runtime_api().domains(at).map_err(state)
    }

    fn domain(&self, at: Hash, domain: DomainId) -> Result<Option<DomainInfo>, ChainError> {
        self.client.runtime_api().domain(at, domain).map_err(state)
    }

    fn optimum(&self, at: Hash, optimum: OptimumId) -> Result<Option<OptimumInfo>, ChainError> {
        self.client.runtime_api().optimum(at, optimum).map_err(state)
    }

    fn optimae(&self, at: Hash, domain: DomainId) -> Result<Vec<OptimumInfo>, ChainError> {
        self.client.runtime_api().optimae(at, domain).map_err(state)
    }

    fn contest(&self, at: Hash, optimum: OptimumId) -> Result<Option<ContestInfo>, ChainError> {
        self.client.runtime_api().contest(at, optimum).map_err(state)
    }

    fn kept_artifacts(&self, at: Hash, domain: DomainId) -> Result<Vec<ArtifactReference>, ChainError> {
        self.client.runtime_api().kept_artifacts(at, domain).map_err(state)
    }

    fn duties(&self, at: Hash, evaluator: &AccountId) -> Result<Vec<RoundInfo>, ChainError> {
        self.client.runtime_api().duties(at, evaluator.clone()).map_err(state)
    }

    fn commits(&self, at: Hash, who: &AccountId) -> Result<Vec<CommitInfo>, ChainError> {
        self.client.runtime_api().commits(at, who.clone()).map_err(state)
    }

    fn claimable(&self, at: Hash, who: &AccountId, limit: u32) -> Result<Vec<OptimizationHeight>, ChainError> {
        self.client
            .runtime_api()
            .claimable(at, who.clone(), limit)
            .map_err(state)
    }

    fn free_balance(&self, at: Hash, who: &AccountId) -> Result<Balance, ChainError> {
        match self.storage(at, &extrinsic::balance::key(who))? {
            Some(account) => extrinsic::balance::read(&account).map_err(ChainError::State),
            None => Ok(0),
        }
    }

    async fn submit(&self, signer: &AccountId, operation: &Operation) -> Result<Box<dyn Transaction>, ChainError> {
        let _one_at_a_time = self.submission.lock().await;
        let at = self.best()?;
        let (nonce, extrinsic) = self.sign(at, signer, operation)?;
        log::debug!(
            target: crate::LOG_TARGET,
            "Sending a {} with nonce {nonce}, valid to block {}",
            operation.name(),
            at.number.saturating_sub(BIRTH_DEPTH).saturating_add(MORTALITY)
        );
        let updates = self
            .pool
            .submit_and_watch(at.hash, TransactionSource::Local, extrinsic)
            .await
            .map_err(|error| ChainError::Refused(error.to_string()))?;
        Ok(Box::new(Watched::<C, P> {
            client: self.client.clone(),
            updates: Some(updates),
            state: TransactionState::Waiting,
        }))
    }
}

/// A transaction that the pool reports on.
struct Watched<C, P: TransactionPool> {
    client: Arc<C>,
    updates: Option<Pin<Box<TransactionStatusStreamFor<P>>>>,
    state: TransactionState,
}

impl<C: WorkerClient, P: TransactionPool<Block = Block>> Transaction for Watched<C, P> {
    fn state(&mut self) -> TransactionState {
        while let Some(updates) = &mut self.updates {
            match updates.next().now_or_never() {
                // Nothing new.
                None => break,
                Some(Some(status)) => self.update(status),
                Some(None) => {
                    self.updates = None;
                    if self.state == TransactionState::Waiting {
                        self.gone("the pool has lost sight of it");
                    }
                }
            }
        }
        self.state.clone()
    }
}

impl<C: WorkerClient, P: TransactionPool<Block = Block>> Watched<C, P> {
    fn update<H>(&mut self, status: TransactionStatus<H, Hash>) {
        match status {
            TransactionStatus::Future | TransactionStatus::Ready | TransactionStatus::Broadcast(_) => {}
            TransactionStatus::Retracted(_) => self.state = TransactionState::Waiting,
            TransactionStatus::InBlock((block, index)) | TransactionStatus::Finalized((block, index)) => {
                self.state = TransactionState::Included {
                    failure: self.failure(block, index),
                };
            }
            // It is in a block, only not in a final one for long: the chain's state says the rest.
            TransactionStatus::FinalityTimeout(_) => {}
            TransactionStatus::Usurped(_) => self.gone("replaced by another with the same nonce"),
            TransactionStatus::Dropped => self.gone("dropped for want of space"),
            TransactionStatus::Invalid => self.gone("no longer valid"),
        }
    }

    fn gone(&mut self, reason: &str) {
        self.state = TransactionState::Gone { reason: reason.into() };
    }

    fn failure(&self, block: Hash, index: usize) -> Option<String> {
        // Where the state cannot be read the chain's state has to tell whether it did anything.
        let state = self.client.state_at(block).ok()?;
        let events = state.storage(&extrinsic::events_key()).ok()??;
        extrinsic::failure(&events, u32::try_from(index).ok()?)
    }
}

/// What a node gives its worker.
pub struct Parameters<C, P, O> {
    /// The roles.
    pub configuration: WorkerConfiguration,
    /// The folder of the journal.
    pub folder: PathBuf,
    /// The store of parameters, and the way to those of peers.
    pub artifacts: Arc<dyn Artifacts>,
    /// The client.
    pub client: Arc<C>,
    /// The transaction pool.
    pub pool: Arc<P>,
    /// The keystore with the operators' keys.
    pub keystore: KeystorePtr,
    /// Whether the node is catching up.
    pub sync_oracle: O,
    /// The populations that are shared with other nodes.
    pub populations: Hub,
    /// For the figures.
    pub registry: Option<Registry>,
    /// What to compute with.
    pub compute: Compute,
    /// Where the domains that are served are entered.
    pub inference: Inference,
}

impl Worker {
    /// The worker of a node, with the built-in domains. Computes in the blocking
    /// threads of the tokio runtime that [`Worker::run`] is polled in.
    ///
    /// # Errors
    ///
    /// One line that says what stops the start, and where: a configuration that does not fit chain or keystore, a folder
    /// that cannot be written.
    pub fn new<C, P, O>(parameters: Parameters<C, P, O>) -> Result<Self, StartError>
    where
        C: WorkerClient,
        P: TransactionPool<Block = Block> + 'static,
        O: SyncOracle + Send + Sync + 'static,
    {
        let Parameters {
            configuration,
            folder,
            artifacts,
            client,
            pool,
            keystore,
            sync_oracle,
            populations,
            registry,
            compute,
            inference,
        } = parameters;
        let keys = OperatorKeys::new(keystore);
        let chain = Arc::new(ClientChain::new(client, pool, keys.clone(), sync_oracle)?);
        let compute = Arc::new(compute);
        let register = |registry: Registry| {
            register_compute(compute.clone(), &registry)?;
            Metrics::register(&registry)
        };
        let metrics = match registry.map(register) {
            None => Metrics::default(),
            Some(Ok(metrics)) => metrics,
            Some(Err(error)) => {
                log::warn!(target: crate::LOG_TARGET, "The worker's figures cannot be registered: {error}");
                Metrics::default()
            }
        };
        // Beside the worker's folder lie the keys.
        let private = folder.parent().unwrap_or(&folder).to_path_buf();
        let launcher = doin_plugins::Launcher::this_program(vec![private]);
        let domains = all_domains(compute, artifacts.clone(), &configuration, launcher);
        Self::with_ports(Ports {
            configuration,
            chain,
            keys,
            artifacts,
            domains,
            executor: blocking_threads(),
            journal: folder.join("journal"),
            populations,
            metrics,
            inference,
        })
    }
}

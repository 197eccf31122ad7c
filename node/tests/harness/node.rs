//! One node of a test's network: the parts that `doin_node::service` wires, without network and clock.

use doin_consensus::{
    AuthoredBlock, BlockImportParameters, Checkpoints, Clock, DoinBlockImport, EngineLink, EngineParameters,
    EngineVerifier, Error, HeaviestChain, SlotWorker,
};
use doin_node::service::{Executor, FullBackend, FullClient, FullPool, FullSelectChain, RuntimeApi};
use doin_primitives::{
    engine::{Slot, KEY_TYPE},
    Block, Hash, Header,
};
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult, ImportedAux, Verifier};
use sc_service::TaskManager;
use sc_transaction_pool_api::{
    error::IntoPoolError, ChainEvent, MaintainedTransactionPool, OffchainTransactionPoolFactory, TransactionPool,
};
use sp_blockchain::HeaderBackend;
use sp_consensus::{BlockOrigin, Error as ConsensusError, NoNetwork, SelectChain};
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring;
use sp_keystore::{Keystore, KeystorePtr};
use sp_runtime::{
    traits::{Block as _, Header as _},
    Justifications, OpaqueExtrinsic,
};
use std::{future::Future, path::Path, sync::Arc, sync::OnceLock};

/// GRANDPA's block import, as the service has it.
pub type GrandpaBlockImport = sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
/// The engine's block import, as the service has it.
pub type EngineBlockImport = DoinBlockImport<Block, FullClient, GrandpaBlockImport, FullSelectChain>;
/// What proposes blocks, as in the service.
pub type ProposerFactory = sc_basic_authorship::ProposerFactory<FullPool, FullClient>;
type Worker = SlotWorker<Block, FullClient, ProposerFactory, EngineBlockImport, NoNetwork, ()>;

/// A block was not taken.
#[derive(Debug)]
pub enum Refusal {
    /// It had been refused before, or contradicts a checkpoint.
    KnownBad,
    /// For this reason.
    Because(Error),
}

/// What became of a block that a node took.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was new.
    Imported(ImportedAux),
    /// It was there already.
    Known,
}

/// One node. Its fields drop in order: what uses the database before the database, and the runtime of its tasks last.
pub struct Node {
    /// Whose session keys it holds.
    pub who: Sr25519Keyring,
    worker: Worker,
    /// Makes proposers.
    pub proposer: ProposerFactory,
    /// The verifier of the import queue.
    pub verifier: EngineVerifier<Block, FullClient>,
    /// The engine's block import over GRANDPA's.
    pub import: EngineBlockImport,
    pub(super) grandpa_import: GrandpaBlockImport,
    /// GRANDPA's half that would run the voter.
    pub grandpa: sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>,
    /// What the parts of the engine share.
    pub engine: EngineLink<Block>,
    /// The rule that chooses the best chain.
    pub select_chain: FullSelectChain,
    /// The transactions that wait.
    pub pool: Arc<FullPool>,
    /// One session authority's keys.
    pub keystore: KeystorePtr,
    /// The client over the runtime's WebAssembly.
    pub client: Arc<FullClient>,
    /// The database.
    pub backend: Arc<FullBackend>,
    tasks: TaskManager,
    runtime: tokio::runtime::Runtime,
}

/// All nodes share one executor: the runtime is compiled once.
fn executor() -> Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR
        .get_or_init(|| Executor::builder().with_max_runtime_instances(16).build())
        .clone()
}

impl Node {
    /// Opens a node over the database in `folder`, which begins with `genesis` when it is new.
    ///
    /// # Errors
    ///
    /// What the engine says when the database contradicts a checkpoint.
    pub fn open(
        who: Sr25519Keyring,
        genesis: Storage,
        folder: &Path,
        clock: Clock,
        checkpoints: Checkpoints<Block>,
    ) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        // Parts of the pool look for the runtime that they are made in.
        let _inside = runtime.enter();
        let tasks = TaskManager::new(runtime.handle().clone(), None).expect("without metrics nothing can fail");
        let backend = sc_service::new_db_backend::<Block>(sc_client_db::DatabaseSettings {
            trie_cache_maximum_size: Some(8 * 1024 * 1024),
            state_pruning: None,
            source: sc_client_db::DatabaseSource::RocksDb {
                path: folder.into(),
                cache_size: 8,
            },
            blocks_pruning: sc_client_db::BlocksPruning::KeepAll,
            pruning_filters: Vec::new(),
            metrics_registry: None,
        })
        .expect("the database opens");
        let executor = executor();
        let genesis_block =
            sc_service::GenesisBlockBuilder::new_with_storage(genesis, true, backend.clone(), executor.clone())
                .expect("the genesis state is whole");
        let client: Arc<FullClient> = Arc::new(
            sc_service::new_client::<_, Block, RuntimeApi, _>(
                backend.clone(),
                executor.clone(),
                genesis_block,
                Default::default(),
                Default::default(),
                sc_client_api::execution_extensions::ExecutionExtensions::new(None, Arc::new(executor)),
                Box::new(tasks.spawn_handle()),
                None,
                None,
                Default::default(),
            )
            .expect("the client opens"),
        );
        let pool: Arc<FullPool> = Arc::new(
            sc_transaction_pool::Builder::new(tasks.spawn_essential_handle(), client.clone(), true.into())
                .with_options(sc_transaction_pool::TransactionPoolOptions::new_with_params(
                    8192,
                    20 * 1024 * 1024,
                    None,
                    sc_transaction_pool::TransactionPoolType::ForkAware,
                    false,
                    false,
                ))
                .build(),
        );

        let select_chain = HeaviestChain::new(backend.clone());
        let (grandpa_import, grandpa) =
            sc_consensus_grandpa::block_import(client.clone(), 512, &client, select_chain.clone(), None)
                .expect("GRANDPA's state loads");
        let (import, engine) = doin_consensus::block_import(BlockImportParameters {
            client: client.clone(),
            inner: grandpa_import.clone(),
            select_chain: select_chain.clone(),
            offchain_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
            checkpoints,
            clock,
            registry: None,
        })?;
        let verifier = EngineVerifier::new(client.clone(), engine.clone());
        let keystore = keystore(who);
        let proposer =
            sc_basic_authorship::ProposerFactory::new(tasks.spawn_handle(), client.clone(), pool.clone(), None, None);
        let worker = SlotWorker(EngineParameters {
            client: client.clone(),
            keystore: keystore.clone(),
            engine: engine.clone(),
            proposer: proposer.clone(),
            block_import: import.clone(),
            sync_oracle: NoNetwork,
            justification_sync_link: (),
            force_authoring: false,
            backoff: None,
            ready_transactions: doin_consensus::ready_transactions(pool.clone()),
            telemetry: None,
        });
        drop(_inside);
        Ok(Node {
            who,
            worker,
            proposer,
            verifier,
            import,
            grandpa_import,
            grandpa,
            engine,
            select_chain,
            pool,
            keystore,
            client,
            backend,
            tasks,
            runtime,
        })
    }

    /// Waits for a future on this node's runtime.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Starts a task that ends with the node.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_handle().spawn_blocking("test", None, task);
    }

    // Making and taking blocks.

    /// Makes a block in `slot` on the best chain when the slot is this node's and there is something to do.
    pub fn author(&mut self, slot: Slot) -> Result<Option<AuthoredBlock<Block>>, Error> {
        let parent = self.runtime.block_on(self.select_chain.best_chain())?;
        self.author_on(&parent, slot)
    }

    /// Makes a block in `slot` on `parent`.
    pub fn author_on(&mut self, parent: &Header, slot: Slot) -> Result<Option<AuthoredBlock<Block>>, Error> {
        let authored = self.runtime.block_on(self.worker.author_block_at(parent, slot))?;
        if let Some(authored) = &authored {
            self.tell_pool_of_block(authored.block.hash(), &authored.result);
        }
        Ok(authored)
    }

    /// Takes a block as the import queue would that comes from the network.
    pub fn receive(&self, block: Block, justifications: Option<Justifications>) -> Result<Taken, Refusal> {
        let hash = block.hash();
        let (header, body) = block.deconstruct();
        let checked = self.runtime.block_on(self.import.check_block(BlockCheckParams {
            hash,
            number: *header.number(),
            parent_hash: *header.parent_hash(),
            allow_missing_state: false,
            allow_missing_parent: false,
            import_existing: false,
        }));
        match checked.map_err(refusal)? {
            ImportResult::AlreadyInChain => return Ok(Taken::Known),
            ImportResult::KnownBad => return Err(Refusal::KnownBad),
            _ => {}
        }
        let arrived = || {
            let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, header.clone());
            params.body = Some(body.clone());
            params.justifications = justifications.clone();
            params
        };
        let params = match self.verifier.check(arrived()) {
            Ok(params) => params,
            Err(error) => {
                // The queue's entrance remembers refused blocks, but says why in words only.
                let words = self.runtime.block_on(self.verifier.verify(arrived())).err();
                assert_eq!(words, Some(error.to_string()));
                return Err(Refusal::Because(error));
            }
        };
        let result = self
            .runtime
            .block_on(self.import.import_block(params))
            .map_err(refusal)?;
        self.tell_pool_of_block(hash, &result);
        match result {
            ImportResult::Imported(aux) => Ok(Taken::Imported(aux)),
            ImportResult::AlreadyInChain => Ok(Taken::Known),
            other => panic!("block import said {other:?}"),
        }
    }

    /// Takes the best chain of another node, from the first block that this node lacks.
    pub fn catch_up_with(&self, other: &Node) -> Result<(), Refusal> {
        self.catch_up_to(other.client.info().best_hash, other)
    }

    /// Takes a chain of another node, from the first block that this node lacks to `target`.
    pub fn catch_up_to(&self, target: Hash, other: &Node) -> Result<(), Refusal> {
        let mut missing = vec![];
        let mut hash = target;
        while !self.knows(hash) {
            missing.push(hash);
            hash = *other.header(hash).parent_hash();
        }
        for hash in missing.into_iter().rev() {
            self.receive(other.block(hash), other.justifications(hash))?;
        }
        Ok(())
    }

    /// Whether another node's chain leaves this one's below what is final here.
    pub fn contradicts_finality(&self, target: Hash, other: &Node) -> bool {
        let mut finalized = self.finalized();
        let mut header = other.header(target);
        while header.number() > finalized.number() {
            header = other.header(*header.parent_hash());
        }
        while finalized.number() > header.number() {
            finalized = self.header(*finalized.parent_hash());
        }
        header != finalized
    }

    // The pool.

    /// Hands in a transaction, as from the network or an RPC.
    pub fn submit(&self, transaction: OpaqueExtrinsic) -> Result<(), sc_transaction_pool_api::error::Error> {
        let best = self.client.info().best_hash;
        let source = sc_transaction_pool_api::TransactionSource::External;
        match self.runtime.block_on(self.pool.submit_one(best, source, transaction)) {
            Ok(_) => Ok(()),
            Err(error) => Err(error
                .into_pool_error()
                .unwrap_or_else(|other| panic!("the pool cannot work: {other}"))),
        }
    }

    /// Signs a call with the account's nonce at the best block and hands it in here alone.
    pub fn submit_signed(&self, who: Sr25519Keyring, call: doin_runtime::RuntimeCall) {
        let genesis = self.client.info().genesis_hash;
        let transaction = super::transactions::signed(call, who, self.nonce(who), genesis);
        self.submit(transaction).expect("the pool takes it");
    }

    fn tell_pool_of_block(&self, hash: Hash, result: &ImportResult) {
        let ImportResult::Imported(aux) = result else { return };
        let event = match aux.is_new_best {
            true => ChainEvent::NewBestBlock { hash, tree_route: None },
            false => ChainEvent::NewBlock { hash },
        };
        self.runtime.block_on(self.pool.maintain(event));
    }
}

/// A keystore with the session keys of one development account.
pub fn keystore(who: Sr25519Keyring) -> KeystorePtr {
    let keystore = sc_keystore::LocalKeystore::in_memory();
    let seed = who.to_seed();
    keystore
        .sr25519_generate_new(KEY_TYPE, Some(&seed))
        .expect("a good seed");
    keystore
        .ed25519_generate_new(sp_consensus_grandpa::KEY_TYPE, Some(&seed))
        .expect("a good seed");
    keystore.into()
}

fn refusal(error: ConsensusError) -> Refusal {
    Refusal::Because(match error {
        ConsensusError::Other(inner) => match inner.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::Consensus(ConsensusError::Other(other)),
        },
        other => Error::Consensus(other),
    })
}

//! Wires the node: client, pool, network, engine, GRANDPA, worker, RPC.

use crate::{
    artifacts, chain_specification::Origin, command_line::Sealing, configuration::NodeConfiguration, preflight,
    quiet::QuietlyEnding, reporter, rpc,
};
use doin_consensus::{checkpoints::Checkpoints, inherents::Clock, HeaviestChain};
use doin_primitives::Block;
use futures::FutureExt;
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_service::{Configuration, TaskManager, WarpSyncConfig};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend as _;
use sp_runtime::traits::Block as _;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// The runtime API of the runtime that this binary carries; the chain's own runtime executes.
pub type RuntimeApi = doin_runtime::apis::RuntimeApi;
/// Executes the runtime.
pub type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The client.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// Its database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// The rule that chooses the best chain.
pub type FullSelectChain = HeaviestChain<FullBackend, Block>;
type GrandpaBlockImport = sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;
type EngineBlockImport = doin_consensus::DoinBlockImport<Block, FullClient, GrandpaBlockImport, FullSelectChain>;
/// The transaction pool.
pub type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
/// What [`new_partial`] builds.
pub type Partial = sc_service::PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    FullPool,
    PartialOther,
>;

/// The engine's and GRANDPA's halves.
pub struct PartialOther {
    /// The engine's block import: the outermost.
    pub block_import: EngineBlockImport,
    /// What the engine's tasks share.
    pub engine: doin_consensus::EngineLink<Block>,
    /// GRANDPA's half that runs the voter.
    pub grandpa: GrandpaLink,
    /// Telemetry, where configured.
    pub telemetry: Option<Telemetry>,
}

/// How to run the node, beside the SDK's configuration.
pub struct Options {
    /// The roles.
    pub node: NodeConfiguration,
    /// Whether this is `--dev`.
    pub is_development: bool,
    /// Sealing for tests.
    pub sealing: Option<Sealing>,
    /// Checkpoints from the command line.
    pub checkpoints: Vec<doin_consensus::checkpoints::CheckpointFor<Block>>,
}

/// A GRANDPA justification is kept at least every so many blocks.
const JUSTIFICATION_PERIOD: u32 = 512;

/// Where the worker keeps its journal and its parameters.
pub fn worker_folder(configuration: &Configuration) -> PathBuf {
    configuration
        .base_path
        .config_dir(configuration.chain_spec.id())
        .join("worker")
}

/// Builds what every command that touches the chain needs.
pub fn new_partial(configuration: &Configuration) -> Result<Partial, sc_service::Error> {
    new_partial_with(configuration, Vec::new())
}

/// Builds the genesis of the chain specification. The database may hold a chain already: the SDK then goes on with that
/// one, whatever the specification says.
///
/// # Errors
///
/// The chain in the database has another genesis than a file. A preset's is another one after every change of the
/// runtime: there the chain goes on, with a warning.
fn genesis_builder(
    configuration: &Configuration,
    backend: &Arc<FullBackend>,
    executor: &Executor,
) -> Result<GenesisBlockBuilder<Block, FullBackend, Executor>, sc_service::Error> {
    let specification = &configuration.chain_spec;
    let storage = specification.as_storage_builder().build_storage()?;
    let builder = |commit, storage| {
        GenesisBlockBuilder::<Block, _, _>::new_with_storage(storage, commit, backend.clone(), executor.clone())
    };
    if let Some(found) = backend.blockchain().hash(0)? {
        let (block, _) = builder(false, storage.clone())?.build_genesis_block()?;
        let wanted = block.hash();
        if found != wanted {
            let folder = configuration.database.path().unwrap_or(configuration.base_path.path());
            let found = format!(
                "the database in {} holds the chain with genesis {found:?}",
                folder.display()
            );
            match sc_chain_spec::get_extension::<Origin>(specification.extensions()) {
                Some(Origin::File(name)) => {
                    return Err(sc_service::Error::Other(format!(
                        "{found}, but the chain of `{name}` has genesis {wanted:?}: give --base-path another folder, or \
                         remove the old chain with purge-chain"
                    )))
                }
                _ => log::warn!(
                    "{found}, which began with another runtime or preset; a new one would begin with {wanted:?}. It goes \
                     on; purge-chain removes it"
                ),
            }
        }
    }
    Ok(builder(!configuration.no_genesis(), storage)?)
}

fn new_partial_with(
    configuration: &Configuration,
    checkpoints: Vec<doin_consensus::checkpoints::CheckpointFor<Block>>,
) -> Result<Partial, sc_service::Error> {
    let telemetry = configuration
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let executor = sc_service::new_wasm_executor::<sp_io::SubstrateHostFunctions>(&configuration.executor);
    let mut database = configuration.db_config();
    // With --blocks-pruning, blocks whose justification proves a change of GRANDPA's set stay: without them this node could
    // not prove finality to one that warps.
    database.pruning_filters = vec![Arc::new(sc_consensus_grandpa::GrandpaPruningFilter)];
    let backend = sc_service::new_db_backend(database)?;
    let genesis = genesis_builder(configuration, &backend, &executor)?;
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
            configuration,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            backend,
            genesis,
            false,
        )?;
    let client = Arc::new(client);
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });

    let select_chain = HeaviestChain::new(backend.clone());
    let pool = Arc::from(
        sc_transaction_pool::Builder::new(
            QuietlyEnding(task_manager.spawn_essential_handle()),
            client.clone(),
            configuration.role.is_authority().into(),
        )
        .with_options(configuration.transaction_pool.clone())
        .with_prometheus(configuration.prometheus_registry())
        .build(),
    );

    let (grandpa_block_import, grandpa) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry.as_ref().map(|telemetry| telemetry.handle()),
    )?;
    let justification_import = grandpa_block_import.clone();

    let checkpoints = Checkpoints::new(checkpoints).map_err(|error| sc_service::Error::Other(error.to_string()))?;
    let (block_import, engine) = doin_consensus::block_import(doin_consensus::BlockImportParameters {
        client: client.clone(),
        inner: grandpa_block_import,
        select_chain: select_chain.clone(),
        offchain_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
        checkpoints,
        clock: Clock::system(),
        registry: configuration.prometheus_registry(),
    })
    .map_err(|error| sc_service::Error::Other(error.to_string()))?;

    let import_queue = doin_consensus::import_queue(doin_consensus::ImportQueueParameters {
        engine: engine.clone(),
        client: client.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(justification_import)),
        spawner: &task_manager.spawn_essential_handle(),
        registry: configuration.prometheus_registry(),
    });

    Ok(sc_service::PartialComponents {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool: pool,
        other: PartialOther {
            block_import,
            engine,
            grandpa,
            telemetry,
        },
    })
}

/// A node that runs, as long as its tasks are not dropped.
pub struct FullNode {
    /// Its tasks.
    pub task_manager: TaskManager,
    /// Its client.
    pub client: Arc<FullClient>,
    /// Its transactions.
    pub pool: Arc<FullPool>,
    /// Its network: who its peers are, and what it thinks of them.
    pub network: Arc<dyn sc_network::service::traits::NetworkService>,
}

/// Builds and starts a full node.
pub fn start<N>(configuration: Configuration, options: Options) -> Result<FullNode, sc_service::Error>
where
    N: sc_network::NetworkBackend<Block, <Block as sp_runtime::traits::Block>::Hash>,
{
    // Before anything is opened or written.
    let other = |error: String| sc_service::Error::Other(error);
    preflight::roles_can_be_played(&configuration, &options.node).map_err(other)?;
    let compute = match &options.node.worker {
        worker if worker.has_roles() => {
            Some(doin_worker::open_compute(worker).map_err(|error| other(error.to_string()))?)
        }
        _ => None,
    };
    let sc_service::PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool: pool,
        other:
            PartialOther {
                block_import,
                engine,
                grandpa,
                mut telemetry,
            },
    } = new_partial_with(&configuration, options.checkpoints)?;

    let registry = configuration.prometheus_registry().cloned();
    let mut net_config =
        sc_network::config::FullNetworkConfiguration::<Block, _, N>::new(&configuration.network, registry.clone());
    let metrics = N::register_notification_metrics(configuration.prometheus_registry());
    let genesis_hash = client
        .block_hash(0)?
        .ok_or_else(|| sc_service::Error::Other("there is no genesis block".into()))?;
    let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &configuration.chain_spec);
    let (grandpa_config, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        grandpa_protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(grandpa_config);
    let worker_folder = worker_folder(&configuration);
    // A node that only relays neither has parameters nor speaks their protocol.
    let artifacts = match options.node.worker.has_roles() {
        false => None,
        true => {
            let fork = configuration.chain_spec.fork_id();
            let settings = &options.node.worker.artifacts;
            let (artifacts, protocol) =
                artifacts::Artifacts::open::<N>(&worker_folder.join("artifacts"), settings, genesis_hash, fork)?;
            net_config.add_request_response_protocol(protocol);
            Some(artifacts)
        }
    };
    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa.shared_authority_set().clone(),
        Vec::new(),
    ));

    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &configuration,
            net_config,
            client: client.clone(),
            transaction_pool: pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    if configuration.offchain_worker.enabled {
        let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            is_validator: configuration.role.is_authority(),
            keystore: Some(keystore_container.keystore()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
            network_provider: Arc::new(network.clone()),
            enable_http_requests: false,
            custom_extensions: |_| Vec::new(),
        })?;
        task_manager.spawn_handle().spawn(
            "offchain-workers-runner",
            "offchain-worker",
            workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
        );
    }

    let role = configuration.role;
    let force_authoring = configuration.force_authoring;
    let name = configuration.network.node_name.clone();
    let enable_grandpa = !configuration.disable_grandpa && options.sealing.is_none();
    let keystore = keystore_container.keystore();
    let banner = reporter::Banner::of(&configuration, &options.node, genesis_hash);

    let (manual_seal_sender, manual_seal_commands) = match options.sealing {
        Some(Sealing::Manual) => {
            let (sender, receiver) = futures::channel::mpsc::channel(1024);
            (Some(sender), Some(receiver))
        }
        _ => (None, None),
    };

    let shared_voter_state = sc_consensus_grandpa::SharedVoterState::empty();
    let rpc_builder = {
        let client = client.clone();
        let pool = pool.clone();
        let justification_stream = grandpa.justification_stream();
        let shared_authority_set = grandpa.shared_authority_set().clone();
        let shared_voter_state = shared_voter_state.clone();
        let finality_provider = sc_consensus_grandpa::FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(shared_authority_set.clone()),
        );
        Box::new(move |subscription_executor| {
            rpc::create(rpc::Dependencies {
                client: client.clone(),
                pool: pool.clone(),
                grandpa: rpc::GrandpaDependencies {
                    shared_voter_state: shared_voter_state.clone(),
                    shared_authority_set: shared_authority_set.clone(),
                    justification_stream: justification_stream.clone(),
                    subscription_executor,
                    finality_provider: finality_provider.clone(),
                },
                manual_seal: manual_seal_sender.clone(),
            })
            .map_err(Into::into)
        })
    };

    sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        network: network.clone(),
        client: client.clone(),
        keystore: keystore.clone(),
        task_manager: &mut task_manager,
        transaction_pool: pool.clone(),
        rpc_builder,
        backend: backend.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        config: configuration,
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if role.is_authority() {
        let proposer = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            pool.clone(),
            registry.as_ref(),
            telemetry.as_ref().map(|telemetry| telemetry.handle()),
        );
        match options.sealing {
            None => {
                let authoring = doin_consensus::start_engine(
                    doin_consensus::EngineParameters {
                        client: client.clone(),
                        keystore: keystore.clone(),
                        engine,
                        proposer,
                        block_import,
                        sync_oracle: sync_service.clone(),
                        justification_sync_link: sync_service.clone(),
                        force_authoring,
                        backoff: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
                        ready_transactions: doin_consensus::ready_transactions(pool.clone()),
                        telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
                    },
                    select_chain,
                );
                task_manager
                    .spawn_essential_handle()
                    .spawn_blocking("doin-engine", Some("block-authoring"), authoring);
            }
            Some(sealing) => {
                let interval = match sealing {
                    Sealing::Interval(milliseconds) => Some(Duration::from_millis(milliseconds)),
                    _ => None,
                };
                let task = doin_consensus::manual_seal::run::<_, _, FullBackend, _, _, _, _>(
                    doin_consensus::manual_seal::Parameters {
                        engine,
                        client: client.clone(),
                        pool: pool.clone(),
                        select_chain,
                        block_import,
                        proposer,
                        keystore: keystore.clone(),
                        commands: manual_seal_commands,
                        interval,
                    },
                );
                task_manager
                    .spawn_essential_handle()
                    .spawn_blocking("doin-manual-seal", Some("block-authoring"), task);
            }
        }
    }

    if enable_grandpa {
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                // Short: what is waited for is the gossip of a block, and an idle chain waits for nothing else.
                gossip_duration: Duration::from_millis(333),
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                keystore: role.is_authority().then(|| keystore.clone()),
                local_role: role,
                telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
                protocol_name: grandpa_protocol,
            },
            link: grandpa,
            network: network.clone(),
            sync: sync_service.clone(),
            notification_service: grandpa_notifications,
            // Without the two-block hold-back of the default rule: the last transaction before an idle spell would
            // wait two heartbeats for its finality.
            voting_rule: sc_consensus_grandpa::VotingRulesBuilder::new()
                .add(sc_consensus_grandpa::ThreeQuartersOfTheUnfinalizedChain)
                .build(),
            prometheus_registry: registry.clone(),
            shared_voter_state,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(pool.clone()),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("grandpa-voter", None, voter);
    }

    banner.print();
    task_manager
        .spawn_handle()
        .spawn("doin-reporter", None, reporter::run(client.clone(), registry.clone()));

    if let (Some(artifacts), Some(compute)) = (artifacts, compute) {
        let artifacts = artifacts.start(
            network.clone(),
            sync_service.clone(),
            &task_manager.spawn_handle(),
            registry.as_ref(),
        );
        let worker = doin_worker::Worker::new(doin_worker::Parameters {
            configuration: options.node.worker,
            folder: worker_folder,
            artifacts,
            client: client.clone(),
            pool: pool.clone(),
            keystore,
            sync_oracle: sync_service,
            registry,
            compute,
        })
        .map_err(|error| sc_service::Error::Other(error.to_string()))?;
        task_manager
            .spawn_handle()
            .spawn_blocking("doin-worker", None, worker.run());
    }
    Ok(FullNode {
        task_manager,
        client,
        pool,
        network,
    })
}

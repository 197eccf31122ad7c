//! Wires the node: what [`partial`] builds, with network, authoring, GRANDPA, RPC and worker.

mod partial;

pub use partial::{
    new_partial, Executor, FullBackend, FullClient, FullPool, FullSelectChain, Partial, PartialOther, RuntimeApi,
};

use crate::{artifacts, command_line::Sealing, configuration::NodeConfiguration, population, preflight, reporter, rpc};
use doin_primitives::Block;
use futures::FutureExt;
use partial::{new_partial_with, JUSTIFICATION_PERIOD};
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_service::{Configuration, TaskManager, WarpSyncConfig};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How to run the node, beside the SDK's configuration.
pub struct Options {
    /// The roles.
    pub node: NodeConfiguration,
    /// Sealing for tests.
    pub sealing: Option<Sealing>,
    /// Checkpoints from the command line.
    pub checkpoints: Vec<doin_consensus::checkpoints::CheckpointFor<Block>>,
}

/// Where the worker keeps its journal and its parameters.
pub fn worker_folder(configuration: &Configuration) -> PathBuf {
    configuration
        .base_path
        .config_dir(configuration.chain_spec.id())
        .join("worker")
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
            let folder = worker_folder.join("populations");
            let (populations, protocol) = population::Populations::new::<N>(folder, genesis_hash, fork);
            net_config.add_request_response_protocol(protocol);
            Some((artifacts, populations))
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
    // The worker enters what it serves.
    let inference = doin_worker::Inference::default();
    let rpc_builder = {
        let inference = inference.clone();
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
                inference: inference.clone(),
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

    if let (Some((artifacts, populations)), Some(compute)) = (artifacts, compute) {
        let populations = populations.start(
            network.clone(),
            sync_service.clone(),
            &task_manager.spawn_handle(),
            registry.as_ref(),
        );
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
            populations,
            registry,
            compute,
            inference,
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

//! What every command that touches the chain needs: client, database, pool, engine and import queue.

use crate::{chain_specification::Origin, quiet::QuietlyEnding};
use doin_consensus::{
    checkpoints::{CheckpointFor, Checkpoints},
    inherents::Clock,
    HeaviestChain,
};
use doin_primitives::Block;
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_client_api::Backend;
use sc_service::Configuration;
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend as _;
use sp_runtime::traits::Block as _;
use std::sync::Arc;

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

/// A GRANDPA justification is kept at least every so many blocks.
pub(super) const JUSTIFICATION_PERIOD: u32 = 512;

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

/// The same, with checkpoints from the command line.
pub(super) fn new_partial_with(
    configuration: &Configuration,
    checkpoints: Vec<CheckpointFor<Block>>,
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

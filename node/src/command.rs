//! Runs what the command line asks for.

use crate::{
    chain_specification,
    command_line::{CommandLine, Subcommand},
    configuration::NodeConfiguration,
    membership, preflight, service,
};
use clap::{CommandFactory, FromArgMatches};
use sc_cli::{CliConfiguration, SubstrateCli};
use sc_service::PartialComponents;
use std::sync::Arc;

impl SubstrateCli for CommandLine {
    fn impl_name() -> String {
        "DOIN node".into()
    }
    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }
    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }
    fn author() -> String {
        "The DOIN authors".into()
    }
    fn support_url() -> String {
        "the issue tracker of the repository".into()
    }
    fn copyright_start_year() -> i32 {
        2026
    }
    fn executable_name() -> String {
        "doin-node".into()
    }
    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        chain_specification::load(id)
    }
}

/// An error in one line: the SDK wraps its causes several layers deep.
pub fn describe(error: &sc_cli::Error) -> String {
    let text = match error {
        sc_cli::Error::Input(text) => text.clone(),
        sc_cli::Error::Application(cause) => cause.to_string(),
        sc_cli::Error::Service(sc_service::Error::Other(text)) => text.clone(),
        other => other.to_string(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How much database and state cache of a development chain may each hold, in MiB, where the command line does not say.
///
/// The SDK's defaults are a GiB each, meant for the states of large chains: they fill up with all that a small one has
/// ever touched, so that the memory of a node that has little to remember grows for days.
const DEVELOPMENT_CACHE_MEBIBYTES: usize = 32;

/// Parses the command line. `--dev` keeps its data in the default folder, so that a restart continues; the SDK's own
/// `--dev` would throw them away, which here `--tmp` asks for.
fn parse() -> sc_cli::Result<CommandLine> {
    let matches = CommandLine::command().get_matches();
    let mut line = CommandLine::from_arg_matches(&matches).map_err(|error| sc_cli::Error::Input(error.to_string()))?;
    let base = &mut line.run.base;
    // Four lines for each block would bury what this node is about. `-l sc_basic_authorship=info` brings them back.
    base.shared_params
        .log
        .insert(0, "sc_basic_authorship=warn,doin-slots=warn".into());
    if base.shared_params.is_dev() && !base.tmp && base.shared_params.base_path.is_none() {
        let default = sc_service::BasePath::from_project("", "", &CommandLine::executable_name());
        base.shared_params.base_path = Some(default.path().to_path_buf());
    }
    if base.shared_params.is_dev() {
        let import = &mut base.import_params;
        import
            .database_params
            .database_cache_size
            .get_or_insert(DEVELOPMENT_CACHE_MEBIBYTES);
        if matches.value_source("trie_cache_size") == Some(clap::parser::ValueSource::DefaultValue) {
            import.trie_cache_size = DEVELOPMENT_CACHE_MEBIBYTES * 1024 * 1024;
        }
    }
    Ok(line)
}

/// Runs the node or a subcommand to its end.
pub fn run() -> sc_cli::Result<()> {
    let line = parse()?;
    match &line.subcommand {
        None => run_node(&line),
        Some(Subcommand::Setup(command)) => membership::setup::run(command, &line).map_err(sc_cli::Error::Input),
        Some(Subcommand::Leave(command)) => membership::leave::run(command, &line).map_err(sc_cli::Error::Input),
        Some(Subcommand::Fund(command)) => membership::fund::run(command, &line).map_err(sc_cli::Error::Input),
        Some(Subcommand::RegisterDomain(command)) => {
            membership::registration::run(command, &line).map_err(sc_cli::Error::Input)
        }
        Some(Subcommand::Infer(command)) => membership::inference::run(command, &line).map_err(sc_cli::Error::Input),
        Some(Subcommand::NewNetwork(command)) => membership::network::create(command).map_err(sc_cli::Error::Input),
        Some(Subcommand::Key(command)) => command.run(&line),
        Some(Subcommand::CheckModel(command)) => crate::check_model::run(command).map_err(sc_cli::Error::Input),
        Some(Subcommand::Devices) => crate::devices::print().map_err(sc_cli::Error::Input),
        Some(Subcommand::Bench(command)) => crate::bench::run(command).map_err(sc_cli::Error::Input),
        Some(Subcommand::AddFile(command)) => line
            .create_runner(command)?
            .sync_run(|configuration| command.run(&configuration).map_err(sc_cli::Error::Input)),
        Some(Subcommand::FitGenerator(command)) => command.run().map_err(sc_cli::Error::Input),
        Some(Subcommand::DescribeDomain(command)) => command.run().map_err(sc_cli::Error::Input),
        Some(Subcommand::ExportChainSpec(command)) => {
            let specification = line.load_spec(&command.chain)?;
            command.run(specification)
        }
        Some(Subcommand::CheckBlock(command)) => line.create_runner(command)?.async_run(|configuration| {
            let PartialComponents {
                client,
                task_manager,
                import_queue,
                ..
            } = service::new_partial(&configuration)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(command)) => line.create_runner(command)?.async_run(|configuration| {
            let PartialComponents {
                client, task_manager, ..
            } = service::new_partial(&configuration)?;
            Ok((command.run(client, configuration.database), task_manager))
        }),
        Some(Subcommand::ExportState(command)) => line.create_runner(command)?.async_run(|configuration| {
            let PartialComponents {
                client, task_manager, ..
            } = service::new_partial(&configuration)?;
            Ok((command.run(client, configuration.chain_spec), task_manager))
        }),
        Some(Subcommand::ImportBlocks(command)) => line.create_runner(command)?.async_run(|configuration| {
            let PartialComponents {
                client,
                task_manager,
                import_queue,
                ..
            } = service::new_partial(&configuration)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::PurgeChain(command)) => {
            line.create_runner(command)?.sync_run(|configuration| {
                let worker = service::worker_folder(&configuration);
                if let Some(database) = configuration.database.path() {
                    preflight::nobody_has_it_open(database).map_err(sc_cli::Error::Input)?;
                }
                command.run(configuration.database)?;
                // What the worker keeps belongs to the chain that is gone: its commits can never be revealed.
                match std::fs::remove_dir_all(&worker) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(sc_cli::Error::Input(format!(
                        "cannot remove {}: {error}",
                        worker.display()
                    ))),
                    _ => Ok(()),
                }
            })
        }
        Some(Subcommand::Revert(command)) => line.create_runner(command)?.async_run(|configuration| {
            let PartialComponents {
                client,
                task_manager,
                backend,
                ..
            } = service::new_partial(&configuration)?;
            let auxiliary = Box::new(|client: Arc<service::FullClient>, backend, blocks| {
                doin_consensus::revert(client.clone(), backend, blocks)?;
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((command.run(client, backend, Some(auxiliary)), task_manager))
        }),
        Some(Subcommand::ChainInfo(command)) => line
            .create_runner(command)?
            .sync_run(|configuration| command.run::<doin_primitives::Block>(&configuration)),
    }
}

fn run_node(line: &CommandLine) -> sc_cli::Result<()> {
    let options = &line.run;
    // Read before anything is opened or written, so that a mistake in it damages nothing.
    let file = options
        .config
        .as_deref()
        .map(NodeConfiguration::from_file)
        .transpose()
        .map_err(sc_cli::Error::Input)?;
    let temporary = options.base.tmp;
    let result = run_until_exit(line, file);
    if temporary && result.is_err() {
        // A refused start ends the process at once, and would leave the folder. This names the one that is there.
        if let Ok(folder) = sc_service::BasePath::new_temp_dir() {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
    result
}

fn run_until_exit(line: &CommandLine, file: Option<NodeConfiguration>) -> sc_cli::Result<()> {
    let options = &line.run;
    let runner = line.create_runner(&options.base)?;
    runner.run_node_until_exit(|mut configuration| async move {
        let is_development = options.base.is_dev().unwrap_or(false);
        let node = match file {
            Some(file) => file,
            None => match NodeConfiguration::from_properties(&configuration.chain_spec.properties())
                .map_err(sc_cli::Error::Input)?
            {
                Some(defaults) => defaults,
                None if is_development => NodeConfiguration::development(),
                None => NodeConfiguration::default(),
            },
        };
        // The proof of a warp sync is checked, whoever sends it. With the SDK's three peers a small network, or a node that
        // knows one boot node, would wait for ever.
        configuration.network.min_peers_to_start_warp_sync.get_or_insert(1);
        preflight::ports_are_free(&configuration).map_err(sc_cli::Error::Input)?;
        let options = service::Options {
            node,
            sealing: options.sealing,
            checkpoints: options.checkpoints.clone(),
        };
        match configuration.network.network_backend {
            sc_network::config::NetworkBackendType::Libp2p => {
                service::start::<sc_network::NetworkWorker<_, _>>(configuration, options)
            }
            sc_network::config::NetworkBackendType::Litep2p => {
                service::start::<sc_network::Litep2pNetworkBackend>(configuration, options)
            }
        }
        .map(|node| node.task_manager)
        .map_err(sc_cli::Error::Service)
    })
}

//! What the command line understands: the SDK's options and subcommands, and ours.

use sc_cli::RunCmd;
use std::path::PathBuf;

/// The command line.
#[derive(Debug, clap::Parser)]
#[command(
    name = "doin-node",
    version,
    about = "A node of the DOIN network: optimizes, evaluates, relays.",
    long_about = "A node of the DOIN network. `doin-node --dev` runs a complete network of one: it optimizes and \
                  evaluates the built-in quadratic domain and makes optimization blocks within a minute."
)]
pub struct CommandLine {
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    #[clap(flatten)]
    pub run: RunOptions,
}

/// The options of a running node.
#[derive(Debug, clap::Parser)]
pub struct RunOptions {
    #[clap(flatten)]
    pub base: RunCmd,

    /// The node's configuration: roles, accounts, compute (JSON; see docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Seal without slots, for tests: `manual` (by the RPC engine_createBlock), `instant` (a block for each
    /// transaction), or an interval in milliseconds.
    #[arg(long, value_name = "manual|instant|MS")]
    pub sealing: Option<Sealing>,

    /// Refuse every chain that has another block at this number. May be given several times.
    #[arg(long = "checkpoint", value_name = "NUMBER:HASH")]
    pub checkpoints: Vec<doin_consensus::checkpoints::CheckpointFor<doin_primitives::Block>>,
}

/// How blocks are sealed in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// By RPC.
    Manual,
    /// A block for each transaction, and while work is due.
    Instant,
    /// A block each so many milliseconds.
    Interval(u64),
}

impl std::str::FromStr for Sealing {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "manual" => Ok(Self::Manual),
            "instant" => Ok(Self::Instant),
            _ => match text.parse::<u64>() {
                Ok(milliseconds) if milliseconds > 0 => Ok(Self::Interval(milliseconds)),
                _ => Err(format!(
                    "`{text}` is neither `manual`, `instant` nor a number of milliseconds above 0"
                )),
            },
        }
    }
}

/// The subcommands.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Make this machine a member of a network: keys, account, roles, bonds.
    Setup(crate::membership::options::SetupCommand),

    /// Leave the set of authorities and the domains, and get the bonds back.
    Leave(crate::membership::options::LeaveCommand),

    /// Send coin to an account.
    Fund(crate::membership::options::FundCommand),

    /// Try a domain of one's own on this machine, and register it.
    RegisterDomain(crate::membership::options::RegisterDomainCommand),

    /// Predict by the best verified parameters of a domain.
    Infer(crate::membership::options::InferCommand),

    /// Make the chain file of a network of one's own.
    NewNetwork(crate::membership::options::NewNetworkCommand),

    /// Key management.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Put a file that a domain needs into the store, and print its address.
    AddFile(crate::domain_files::AddFileCommand),

    /// Print what a registration of a domain has to say.
    DescribeDomain(crate::domain_files::DescribeDomainCommand),

    /// Fit a generator of synthetic data to a forecasting domain's series.
    FitGenerator(crate::domain_files::FitGeneratorCommand),

    /// Export the chain specification.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Validate blocks.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Export blocks.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Export the state of a block into a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Import blocks.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove the whole chain, and what the worker keeps for it.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Revert the chain to a previous state.
    Revert(sc_cli::RevertCmd),

    /// Show information about the database.
    ChainInfo(sc_cli::ChainInfoCmd),

    /// List the compute devices with their limits and a measured speed.
    Devices,

    /// Measure how fast each domain is on a device and on the processor: the hardware score.
    Bench(crate::bench::BenchCommand),

    /// Measure model files as evaluators of an onnx domain would, and print the addresses that its registration needs.
    CheckModel(crate::check_model::CheckModelCommand),
}

//! The command lines of `setup`, `leave`, `fund`, `register-domain`, `infer` and `new-network`.

use doin_primitives::Balance;
use doin_worker::config::OperatorAccount;
use sc_cli::{KeystoreParams, SharedParams};
use std::path::PathBuf;

/// Where a node listens for RPC unless told otherwise.
pub const DEFAULT_RPC: &str = "ws://127.0.0.1:9944";

/// Where the node's files are, whose account it uses, and how to reach it.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    #[clap(flatten)]
    pub shared: SharedParams,

    #[clap(flatten)]
    pub keystore: KeystoreParams,

    /// The operator's account, whose secret lies in the keystore. Needed only where the keystore holds several.
    #[arg(long, value_name = "ADDRESS")]
    pub operator: Option<OperatorAccount>,

    /// Where the running node answers RPC [default: ws://127.0.0.1:9944].
    #[arg(long, value_name = "URL")]
    pub rpc: Option<String>,

    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Makes this machine a member of a network.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    long_about = "Makes this machine a member of a network. Safe to repeat: it does what is missing, and says what \
                        is there already.\n\nWithout a running node it makes the files: the node's key, the operator's \
                        account, and the configuration. With one it also sends what the chain has to know, signed by the \
                        operator: the registration as an evaluator, and, with --authority, session keys and the \
                        authority's bond. See docs/running-a-node.md."
)]
pub struct SetupCommand {
    #[clap(flatten)]
    pub place: Place,

    /// A file with the secret phrase (or seed) of an account that exists already, to be put into the keystore.
    #[arg(long, value_name = "FILE", conflicts_with = "import")]
    pub suri_file: Option<PathBuf>,

    /// Ask for the secret phrase (or seed) of an account that exists already.
    #[arg(long)]
    pub import: bool,

    /// Take part in the domain of this name. May be given several times.
    #[arg(long = "domain", value_name = "NAME")]
    pub domains: Vec<String>,

    /// Search for better parameters in the domains. With neither --optimize nor --evaluate: both.
    #[arg(long, requires = "domains")]
    pub optimize: bool,

    /// Judge the optimae of others in the domains: registers the operator, which puts a bond on hold.
    #[arg(long, requires = "domains")]
    pub evaluate: bool,

    /// Stand for the set of authorities: sets session keys and, as soon as the reputation suffices, bonds.
    #[arg(long)]
    pub authority: bool,

    /// With --authority: go on until the reputation suffices and the bond is on hold.
    #[arg(long, requires = "authority")]
    pub wait: bool,

    /// Replace the session keys by new ones. The node must run; it uses the old keys until the new ones are in force.
    #[arg(long)]
    pub rotate_keys: bool,

    /// Make the files only, and do not look for a node.
    #[arg(long, conflicts_with_all = ["rpc", "rotate_keys"])]
    pub offline: bool,

    /// The configuration to write the roles into [default: node.json in the base path].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Leaves the set of authorities and the domains, and gets the bonds back.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    long_about = "Leaves the set of authorities and the domains, and gets the bonds back. Safe to repeat: bonds \
                        stay on hold for the unbonding period, and the command says until when. Leave the node running \
                        until then: seats that the account has are still its duty."
)]
pub struct LeaveCommand {
    #[clap(flatten)]
    pub place: Place,

    /// Leave this domain only. May be given several times.
    #[arg(long = "domain", value_name = "NAME")]
    pub domains: Vec<String>,
}

/// Sends coin from one account to another.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    long_about = "Sends coin to an account: from the operator's account of the keystore, from the one whose \
                        secret is in --suri-file, or from a development account (--operator //Ferdie)."
)]
pub struct FundCommand {
    /// Who gets the coin.
    #[arg(value_name = "ACCOUNT")]
    pub to: OperatorAccount,

    /// How much, in DOIN.
    #[arg(value_name = "DOIN", value_parser = super::coin::parse)]
    pub amount: Balance,

    #[clap(flatten)]
    pub place: Place,

    /// A file with the secret phrase of the paying account. It is not put into the keystore.
    #[arg(long, value_name = "FILE")]
    pub suri_file: Option<PathBuf>,
}

/// Registers a domain.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    long_about = "Registers a domain: tries it on this machine first, measures what the chain has to know of it, says what \
                        it costs, and sends it, signed by the operator's account of the keystore, by the one whose secret \
                        is in --suri-file, or by a development account (--operator //Alice). With --dry-run nothing is \
                        sent. See docs/writing-a-domain.md."
)]
pub struct RegisterDomainCommand {
    /// The domain's description (JSON).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The node's configuration: how the domain's plugins are run, and which models it offers.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// As root of the chain (sudo), approve the domain with this base weight, so that its optimae count.
    #[arg(long, value_name = "WEIGHT")]
    pub approve: Option<f64>,

    #[clap(flatten)]
    pub place: Place,

    /// A file with the secret phrase of the registering account. It is not put into the keystore.
    #[arg(long, value_name = "FILE")]
    pub suri_file: Option<PathBuf>,
}

/// Predicts by a domain's best parameters.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    long_about = "Predicts by the best verified parameters of a domain, which this machine's node has in its store, and \
                        prints what the domain answers. The node must run; plugins and models run in this command, in \
                        the same sandbox as in the node."
)]
pub struct InferCommand {
    /// The domain's name.
    #[arg(value_name = "DOMAIN")]
    pub domain: String,

    /// The input in the domain's own form, mostly JSON; `-` reads it from standard input.
    #[arg(value_name = "INPUT")]
    pub input: String,

    /// The node's configuration: how the domain's plugins are run.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    #[clap(flatten)]
    pub place: Place,
}

/// Which preset a new network begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// Slots of 6 s, sessions of an hour, bonds of 1 000 and 20 DOIN.
    Testnet,
    /// Slots of 2 s, sessions of 100 s, bonds of 10 and 1 DOIN: to try things out.
    Local,
}

/// Makes the chain file of a network of one's own.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    long_about = "Makes the chain file of a new network that begins with this machine: its operator is the first \
                        authority and the first evaluator, has the rights of root, and gives coin to those who join \
                        (doin-node fund). Makes the keys that are missing, too."
)]
pub struct NewNetworkCommand {
    /// The identifier of the chain: letters, digits, `_` and `-`. Its data lie in a folder of this name.
    #[arg(long, value_name = "ID", value_parser = identifier)]
    pub id: String,

    /// The name of the network, for people [default: the identifier].
    #[arg(long)]
    pub name: Option<String>,

    /// What it begins with.
    #[arg(long, value_enum, default_value_t = Preset::Testnet)]
    pub preset: Preset,

    /// Where others reach this machine, as /ip4/203.0.113.5/tcp/30333 or /dns/boot.example.org/tcp/30333: its boot node.
    /// May be given several times.
    #[arg(long = "address", value_name = "MULTIADDRESS")]
    pub addresses: Vec<sc_network::Multiaddr>,

    /// Where to write the chain file.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,

    /// Where this machine's node has its data.
    #[arg(long, short = 'd', value_name = "PATH")]
    pub base_path: Option<PathBuf>,

    #[clap(flatten)]
    pub keystore: KeystoreParams,

    /// The operator's account, whose secret lies in the keystore. Needed only where the keystore holds several.
    #[arg(long, value_name = "ADDRESS")]
    pub operator: Option<OperatorAccount>,

    /// A file with the secret phrase (or seed) of an account that exists already, to be put into the keystore.
    #[arg(long, value_name = "FILE")]
    pub suri_file: Option<PathBuf>,
}

fn identifier(text: &str) -> Result<String, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '-';
    match text {
        "" | "dev" | "local" | "testnet" | "new-testnet" => Err("this name is taken by a built-in chain".into()),
        _ if text.chars().all(allowed) => Ok(text.into()),
        _ => Err("only letters, digits, `_` and `-` are allowed".into()),
    }
}

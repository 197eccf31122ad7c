//! Joining a network, leaving it, and beginning one: `doin-node setup`, `leave`, `fund`, `new-network`.
//!
//! - [`files`]: what membership needs on this machine;
//! - [`connection`], [`account`]: what the chain says;
//! - [`plan`]: what is there, what is missing, what to do about it;
//! - [`submission`]: transactions;
//! - [`network`]: the chain file of a new network.
//!
//! Every command may be repeated: it looks first, and does only what is missing.

pub mod account;
pub mod coin;
pub mod connection;
pub mod files;
pub mod network;
pub mod options;
pub mod plan;
pub mod submission;

use crate::{chain_specification, command_line::CommandLine};
use account::{Chain, Standing};
use codec::Decode;
use connection::Connection;
use doin_primitives::{AccountId, Block, Hash, Signature};
use doin_runtime::{RuntimeCall, SessionKeys};
use doin_worker::{config::OperatorAccount, OperatorKeys};
use files::{Home, Origin, Role};
use options::{FundCommand, LeaveCommand, Place, SetupCommand, DEFAULT_RPC};
use plan::{Plan, Step, Wishes};
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_cli::SubstrateCli;
use sc_service::config::ExecutorConfiguration;
use sp_core::{
    crypto::{SecretString, Ss58Codec},
    Pair,
};
use sp_runtime::traits::Block as _;
use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use submission::Signer;

/// How often `--wait` looks again, at least.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// A node whose best block is so many times the longest pause between blocks old does not follow the network.
const STALE: u64 = 10;

/// What the commands print: plain lines for people.
fn say(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

fn block_on<T>(event: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads can be started: {error}"))?;
    runtime.block_on(event)
}

/// The chain that a command is about.
struct Target {
    /// As `--chain` names it.
    argument: String,
    /// Its identifier, which its folder is called by.
    id: String,
    name: String,
    specification: Box<dyn sc_service::ChainSpec>,
}

impl Target {
    fn of(place: &Place, line: &CommandLine) -> Result<Self, String> {
        let argument = place.shared.chain_id(place.shared.is_dev());
        let specification = line.load_spec(&argument)?;
        Ok(Self {
            id: specification.id().into(),
            name: specification.name().into(),
            argument: if argument.is_empty() {
                "testnet".into()
            } else {
                argument
            },
            specification,
        })
    }

    fn home(&self, place: &Place) -> Result<Home, String> {
        Home::open(
            place.shared.base_path.as_deref(),
            &self.id,
            &place.keystore,
            place.dry_run,
        )
    }

    /// The hash of its first block.
    fn genesis(&self) -> Result<Hash, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("the genesis of `{}`: {error}", self.argument);
        let storage = self.specification.as_storage_builder().build_storage()?;
        let executor =
            sc_service::new_wasm_executor::<sp_io::SubstrateHostFunctions>(&ExecutorConfiguration::default());
        let backend = Arc::new(sc_client_api::in_mem::Backend::<Block>::new());
        GenesisBlockBuilder::<Block, _, _>::new_with_storage(storage, false, backend, executor)
            .and_then(|builder| builder.build_genesis_block())
            .map(|(block, _)| block.hash())
            .map_err(|error| wrong(&error))
    }

    /// Whether its genesis is fixed in a file, rather than that of this binary's runtime.
    fn is_fixed(&self) -> bool {
        let origin = sc_chain_spec::get_extension::<chain_specification::Origin>(self.specification.extensions());
        !matches!(origin, None | Some(chain_specification::Origin::Preset))
    }

    /// Connects to the node, which must run this chain and follow the network.
    async fn connect(&self, url: &str) -> Result<(Connection, Chain), String> {
        let node = Connection::open(url)
            .await
            .map_err(|error| format!("no node answers at {url} ({error}): start it, or name its address with --rpc"))?;
        let wanted = self.genesis()?;
        let found = node.block_hash(0).await?;
        // A preset's chain may have begun with another release's runtime.
        let same = found == Some(wanted) || (!self.is_fixed() && node.chain().await? == self.name);
        if !same {
            return Err(format!(
                "the node at {url} runs another chain: {} with genesis {:?}, but `{}` has genesis {wanted:?}: give --chain \
                 what the node was started with, or --rpc the address of the right node",
                node.chain().await?,
                found.unwrap_or_default(),
                self.argument
            ));
        }
        let chain = Chain::read(&node).await?;
        check_synchronized(&node, &chain).await?;
        Ok((node, chain))
    }
}

/// What is read of a chain that is still being fetched is old.
async fn check_synchronized(node: &Connection, chain: &Chain) -> Result<(), String> {
    let health = node.health().await?;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let slot_duration = u128::from(chain.parameters.slot_duration.max(1));
    let slot = u64::try_from(now / slot_duration).unwrap_or(u64::MAX);
    let behind = slot.saturating_sub(chain.status.slot);
    if health.is_syncing || (behind > chain.parameters.idle_slots.saturating_mul(STALE) && chain.number > 0) {
        return Err(format!(
            "the node at {} is not synchronized: its best block is number {}, {} old, and it has {} peers. Wait until it has \
             caught up; without peers see --bootnodes",
            node.url(),
            chain.number,
            chain.duration(behind),
            health.peers
        ));
    }
    if chain.number == 0 {
        return Err(format!(
            "the chain of the node at {} has no block yet, and the node has {} peers: give it a boot node (--bootnodes), or, \
             where the network is new, start its first authority (--validator)",
            node.url(),
            health.peers
        ));
    }
    Ok(())
}

/// Runs `doin-node setup`.
///
/// # Errors
///
/// One line that says what is wrong or missing, and what to do.
pub fn setup(command: &SetupCommand, line: &CommandLine) -> Result<(), String> {
    let place = &command.place;
    let target = Target::of(place, line)?;
    let home = target.home(place)?;
    say(format!("chain          {} ({})", target.name, target.id));
    show_node_key(&home, place.dry_run)?;
    let secret = match (&command.suri_file, command.import) {
        (Some(file), _) => Some(files::read_secret(file)?),
        (None, true) => Some(ask_for_secret()?),
        (None, false) => None,
    };
    let Some(operator) = show_operator(&home, place, secret)? else {
        say("Nothing was done. What is to do on the chain can be said when the operator has an account.");
        return Ok(());
    };
    let roles = roles(command);
    let configuration: PathBuf = command.config.clone().unwrap_or_else(|| home.base.join("node.json"));
    block_on(async {
        let url = place.rpc.as_deref().unwrap_or(DEFAULT_RPC);
        let is_optional = place.rpc.is_none() && !command.rotate_keys;
        if command.offline || (is_optional && Connection::open(url).await.is_err()) {
            enter(&configuration, &roles, &operator, place.dry_run)?;
            say_how_to_start(command, &target, &configuration, &roles);
            return Ok(());
        }
        let (node, chain) = target.connect(url).await?;
        // A domain that the chain does not know must not get into the file.
        let wishes = wishes(command, &chain, &roles)?;
        enter(&configuration, &roles, &operator, place.dry_run)?;
        if node.has_key(operator.as_ref(), "oper").await? == Some(false) {
            return Err(format!(
                "the node at {url} does not see the operator's key in {}: it was started with another --base-path, --chain \
                 or user. Give this command the same",
                home.keystore_path().display()
            ));
        }
        let member = Member {
            node,
            home,
            operator,
            dry_run: place.dry_run,
        };
        member.join(chain, wishes, command.wait).await
    })
}

fn show_node_key(home: &Home, dry_run: bool) -> Result<(), String> {
    let file = home.node_key_path();
    let news = match (file.exists(), dry_run) {
        (false, true) => {
            say(format!("node key       would be made: {}", file.display()));
            return Ok(());
        }
        (false, false) => "made",
        (true, _) => "there",
    };
    say(format!(
        "node key       {news}: {} ({})",
        home.peer_id()?,
        file.display()
    ));
    Ok(())
}

fn ask_for_secret() -> Result<SecretString, String> {
    let secret = rpassword::prompt_password("Secret phrase or seed of the operator's account: ")
        .map_err(|error| format!("the secret cannot be asked for ({error}): put it into a file for --suri-file"))?;
    Ok(SecretString::new(secret.trim().into()))
}

/// The operator's account; `None`: a dry run would make it.
fn show_operator(home: &Home, place: &Place, secret: Option<SecretString>) -> Result<Option<AccountId>, String> {
    if place.dry_run && (secret.is_some() || matches!(place.operator, Some(OperatorAccount::Development(_)))) {
        return Err("--dry-run puts no secret into the keystore: leave the secret away, or the --dry-run".into());
    }
    let wanted = place.operator.as_ref();
    if place.dry_run && wanted.is_none() && home.operators().is_empty() {
        say("operator       would be made, with a new secret phrase");
        return Ok(None);
    }
    let (account, origin) = home.operator(wanted, secret, !place.dry_run)?;
    show_origin(&account, &origin);
    Ok(Some(account))
}

fn show_origin(account: &AccountId, origin: &Origin) {
    let address = account.to_ss58check();
    match origin {
        Origin::Found => say(format!("operator       there: {address}")),
        Origin::Imported => say(format!("operator       put into the keystore: {address}")),
        Origin::Made(phrase) => {
            say(format!("operator       made: {address}"));
            say("");
            say(format!("    {phrase}"));
            say("");
            say("    These words are the account: its coin, its bonds, its reputation. They are shown this once. Write them");
            say("    down and keep them apart from this machine; whoever reads them can take everything.");
            say("");
        }
    }
}

fn roles(command: &SetupCommand) -> Vec<Role> {
    let both = !command.optimize && !command.evaluate;
    let role = |name: &String| Role {
        domain: name.clone(),
        optimize: command.optimize || both,
        evaluate: command.evaluate || both,
    };
    command.domains.iter().map(role).collect()
}

fn wishes(command: &SetupCommand, chain: &Chain, roles: &[Role]) -> Result<Wishes, String> {
    let mut wishes = Wishes {
        authority: command.authority,
        rotate: command.rotate_keys,
        ..Wishes::default()
    };
    for role in roles {
        let domain = chain.domain(&role.domain)?;
        if role.optimize {
            wishes.optimize.push(domain.clone());
        }
        if role.evaluate {
            wishes.evaluate.push(domain.clone());
        }
    }
    Ok(wishes)
}

fn enter(path: &Path, roles: &[Role], account: &AccountId, dry_run: bool) -> Result<(), String> {
    if roles.is_empty() {
        return Ok(());
    }
    let changed = files::enter_roles(path, roles, account, dry_run)?;
    let news = match (changed, dry_run) {
        (true, true) => "would get the roles",
        (true, false) => "has the roles now; a node that runs reads it at its next start",
        (false, _) => "has the roles",
    };
    say(format!("configuration  {}: {news}", path.display()));
    Ok(())
}

/// What to do next where no node runs.
fn say_how_to_start(command: &SetupCommand, target: &Target, configuration: &Path, roles: &[Role]) {
    let mut start = format!("doin-node --chain {}", target.argument);
    if let Some(base) = &command.place.shared.base_path {
        start += &format!(" --base-path {}", base.display());
    }
    if !roles.is_empty() || configuration.exists() {
        start += &format!(" --config {}", configuration.display());
    }
    if command.authority {
        start += " --validator";
    }
    say("");
    say("Start the node:");
    say("");
    say(format!("    {start}"));
    say("");
    say("When it has caught up with the network, run this command again: it looks for the node at ws://127.0.0.1:9944 (or");
    say("where --rpc says), and does what is left to do on the chain.");
}

/// An operator with a node that follows the chain.
struct Member {
    node: Connection,
    home: Home,
    operator: AccountId,
    dry_run: bool,
}

impl Member {
    /// Does what is missing of the wishes, and with `wait` goes on until the reputation for a bond is there.
    async fn join(&self, mut chain: Chain, mut wishes: Wishes, wait: bool) -> Result<(), String> {
        let mut told = Vec::new();
        loop {
            let standing = Standing::read(&self.node, &chain, &self.operator).await?;
            let holds_keys = standing.session_keys.as_ref().is_some_and(|keys| self.home.holds(keys));
            let plan = plan::join(&chain, &standing, &wishes, holds_keys);
            for note in plan.notes.iter().filter(|note| !told.contains(*note)) {
                say(format!("· {note}"));
            }
            told.clone_from(&plan.notes);
            let address = self.operator.to_ss58check();
            if let Some(lack) = plan.lack(&standing, &address) {
                match plan.is_affordable(&standing) || self.dry_run {
                    true => say(format!("· {lack}")),
                    false => return Err(lack),
                }
            }
            self.carry_out(&plan).await?;
            // Once is enough.
            wishes.rotate = false;
            if !plan.waits_for_reputation || !wait || self.dry_run {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            chain = Chain::read(&self.node).await?;
        }
    }

    /// Sends the plan's transactions, one after the other, and waits until all are final.
    async fn carry_out(&self, plan: &Plan) -> Result<(), String> {
        let keys = OperatorKeys::new(self.home.keystore());
        let signer = Signer {
            account: self.operator.clone(),
            sign: Box::new(move |payload| keys.sign(&self.operator, payload)),
        };
        let mut included = Vec::new();
        for step in &plan.steps {
            let words = step.words();
            if self.dry_run {
                say(format!("→ would {words}"));
                continue;
            }
            let call = self.call(step).await?;
            let sent = submission::include(&self.node, &signer, call)
                .await
                .map_err(|error| format!("to {words}: {error}"))?;
            say(format!("→ {words}: in block {:?}", sent.block));
            included.push(sent);
        }
        let any = !included.is_empty();
        for sent in included {
            submission::finalize(sent).await?;
        }
        if any {
            say("All of it is final.");
        } else if !self.dry_run && !plan.waits_for_reputation {
            say("Nothing is left to do.");
        }
        Ok(())
    }

    async fn call(&self, step: &Step) -> Result<RuntimeCall, String> {
        use pallet_proof_of_optimization::Call as Authority;
        use pallet_quorum::Call as Quorum;
        use pallet_session::Call as Session;
        Ok(match step {
            Step::SetKeys => {
                let (keys, proof) = self.new_session_keys().await?;
                RuntimeCall::Session(Session::set_keys { keys, proof })
            }
            Step::PurgeKeys => RuntimeCall::Session(Session::purge_keys {}),
            Step::Bond => RuntimeCall::ProofOfOptimization(Authority::bond_authority {}),
            Step::Unbond => RuntimeCall::ProofOfOptimization(Authority::unbond_authority {}),
            Step::WithdrawBond => RuntimeCall::ProofOfOptimization(Authority::withdraw_authority_bond {}),
            Step::Register(domain, _) => RuntimeCall::Quorum(Quorum::register_evaluator { domain: *domain }),
            Step::Deregister(domain, _) => RuntimeCall::Quorum(Quorum::deregister_evaluator { domain: *domain }),
            Step::WithdrawEvaluatorBond(domain, _) => {
                RuntimeCall::Quorum(Quorum::withdraw_evaluator_bond { domain: *domain })
            }
        })
    }

    /// New session keys in the node's keystore: made by the node, or where it does not allow that, in its folder.
    async fn new_session_keys(&self) -> Result<(SessionKeys, Vec<u8>), String> {
        let Some(rotated) = self.node.rotate_keys(&self.operator).await? else {
            return self.home.make_session_keys(&self.operator);
        };
        let keys = SessionKeys::decode(&mut &rotated.keys[..])
            .map_err(|error| format!("the node's session keys cannot be read by this doin-node: {error}"))?;
        let proof = rotated
            .proof
            .ok_or("the chain's runtime proves no ownership of session keys")?;
        if !self.home.holds(&keys) {
            return Err(format!(
                "the node at {} keeps its keys elsewhere than in {}: give this command the node's --base-path and --chain",
                self.node.url(),
                self.home.keystore_path().display()
            ));
        }
        Ok((keys, proof.0))
    }
}

/// Runs `doin-node leave`.
///
/// # Errors
///
/// One line that says what is wrong, and what to do.
pub fn leave(command: &LeaveCommand, line: &CommandLine) -> Result<(), String> {
    let place = &command.place;
    let target = Target::of(place, line)?;
    let home = target.home(place)?;
    let (operator, _) = home.operator(place.operator.as_ref(), None, false)?;
    say(format!("operator       {}", operator.to_ss58check()));
    block_on(async {
        let (node, chain) = target.connect(place.rpc.as_deref().unwrap_or(DEFAULT_RPC)).await?;
        let domains = command.domains.iter().map(|name| chain.domain(name).cloned());
        let domains = domains.collect::<Result<Vec<_>, _>>()?;
        let standing = Standing::read(&node, &chain, &operator).await?;
        let plan = plan::leave(&chain, &standing, &domains);
        for note in &plan.notes {
            say(format!("· {note}"));
        }
        if let (false, Some(lack)) = (place.dry_run, plan.lack(&standing, &operator.to_ss58check())) {
            return Err(lack);
        }
        let member = Member {
            node,
            home,
            operator,
            dry_run: place.dry_run,
        };
        member.carry_out(&plan).await
    })
}

/// Runs `doin-node fund`.
///
/// # Errors
///
/// One line that says what is wrong, and what to do.
pub fn fund(command: &FundCommand, line: &CommandLine) -> Result<(), String> {
    let place = &command.place;
    let target = Target::of(place, line)?;
    let development = |account: &OperatorAccount| match account {
        OperatorAccount::Development(path) => files::pair(path, None).map(Some),
        OperatorAccount::Address(_) => Ok(None),
    };
    let to = match (&command.to, development(&command.to)?) {
        (_, Some(pair)) => pair.public().into(),
        (OperatorAccount::Address(account), _) => account.clone(),
        (OperatorAccount::Development(path), None) => return Err(format!("{path} gives no account")),
    };
    let pair = match (&command.suri_file, &place.operator) {
        (Some(file), _) => {
            use sp_core::crypto::ExposeSecret;
            Some(files::pair(files::read_secret(file)?.expose_secret(), None)?)
        }
        (None, Some(operator)) => development(operator)?,
        (None, None) => None,
    };
    let signer = match pair {
        Some(pair) => Signer {
            account: pair.public().into(),
            sign: Box::new(move |payload| Ok(Signature::Sr25519(pair.sign(payload)))),
        },
        None => {
            let home = target.home(place)?;
            let (account, _) = home.operator(place.operator.as_ref(), None, false)?;
            let keys = OperatorKeys::new(home.keystore());
            let signs = account.clone();
            Signer {
                account,
                sign: Box::new(move |payload| keys.sign(&signs, payload)),
            }
        }
    };
    let (from, address) = (signer.account.to_ss58check(), to.to_ss58check());
    block_on(async {
        let (node, chain) = target.connect(place.rpc.as_deref().unwrap_or(DEFAULT_RPC)).await?;
        let standing = Standing::read(&node, &chain, &signer.account).await?;
        let payment = Plan {
            needed: command.amount.saturating_add(account::existential_deposit()),
            ..Plan::default()
        };
        if !payment.is_affordable(&standing) {
            let has = coin::words(standing.free);
            return Err(format!("the paying account {from} has only {has} to spend"));
        }
        let words = format!("{} from {from} to {address}", coin::words(command.amount));
        if place.dry_run {
            say(format!("→ would send {words}"));
            return Ok(());
        }
        let sent = submission::include(&node, &signer, submission::transfer(to, command.amount)).await?;
        say(format!("→ sent {words}: in block {:?}", sent.block));
        submission::finalize(sent).await?;
        say("It is final.");
        Ok(())
    })
}

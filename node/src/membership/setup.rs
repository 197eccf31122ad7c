//! `doin-node setup`: the files of a member, and what its network has to know of it.

use super::{
    account::Chain,
    block_on,
    connection::Connection,
    files::{self, Home, Origin, Role},
    member::Member,
    options::{Place, SetupCommand, DEFAULT_RPC},
    plan::Wishes,
    say,
    target::Target,
};
use crate::command_line::CommandLine;
use doin_primitives::AccountId;
use doin_worker::config::OperatorAccount;
use sp_core::crypto::{SecretString, Ss58Codec};
use std::path::{Path, PathBuf};

/// Runs `doin-node setup`.
///
/// # Errors
///
/// One line that says what is wrong or missing, and what to do.
pub fn run(command: &SetupCommand, line: &CommandLine) -> Result<(), String> {
    let target = Target::of(&command.place, line)?;
    say(format!("chain          {} ({})", target.name, target.id));
    block_on(set_up(command, &target))
}

async fn set_up(command: &SetupCommand, target: &Target) -> Result<(), String> {
    let place = &command.place;
    let roles = roles(command);
    let url = place.rpc.as_deref().unwrap_or(DEFAULT_RPC);
    let is_optional = place.rpc.is_none() && !command.rotate_keys;
    // Before anything is made: a slip in --chain, --rpc or --domain must not leave an account that belongs nowhere.
    let node = if command.offline || (is_optional && Connection::open(url).await.is_err()) {
        None
    } else {
        let (node, chain) = target.connect(url).await?;
        let wishes = wishes(command, &chain, &roles)?;
        Some((node, chain, wishes))
    };
    let home = target.home(place)?;
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
    let configuration: PathBuf = command.config.clone().unwrap_or_else(|| home.base.join("node.json"));
    enter(&configuration, &roles, &operator, place.dry_run)?;
    let Some((node, chain, wishes)) = node else {
        say_how_to_start(command, target, &configuration, &roles);
        return Ok(());
    };
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
    member.join(target, chain, wishes, command.wait).await
}

pub(super) fn show_node_key(home: &Home, dry_run: bool) -> Result<(), String> {
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
    show_origin(&account, &origin, home);
    Ok(Some(account))
}

pub(super) fn show_origin(account: &AccountId, origin: &Origin, home: &Home) {
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
            if home.has_password() {
                say("    They give this account only together with the keystore's password: keep that, too.");
            }
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

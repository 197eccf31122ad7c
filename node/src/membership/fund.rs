//! `doin-node fund`.

use super::{
    account::{existential_deposit, Standing},
    block_on, coin, files,
    options::{FundCommand, DEFAULT_RPC},
    plan::Plan,
    say,
    submission::{self, Signer},
    target::Target,
};
use crate::command_line::CommandLine;
use doin_primitives::Signature;
use doin_worker::{config::OperatorAccount, OperatorKeys};
use sp_core::{
    crypto::{ExposeSecret, Ss58Codec},
    Pair,
};

/// Runs `doin-node fund`.
///
/// # Errors
///
/// One line that says what is wrong, and what to do.
pub fn run(command: &FundCommand, line: &CommandLine) -> Result<(), String> {
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
        (Some(file), _) => Some(files::pair(files::read_secret(file)?.expose_secret(), None)?),
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
            needed: command.amount.saturating_add(existential_deposit()),
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

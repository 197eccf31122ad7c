//! `doin-node fund`.

use super::{
    account::{existential_deposit, Standing},
    block_on, coin,
    options::{FundCommand, DEFAULT_RPC},
    plan::Plan,
    say,
    signer::{development, signer},
    submission,
    target::Target,
};
use crate::command_line::CommandLine;
use doin_worker::config::OperatorAccount;
use sp_core::{crypto::Ss58Codec, Pair};

/// Runs `doin-node fund`.
///
/// # Errors
///
/// One line that says what is wrong, and what to do.
pub fn run(command: &FundCommand, line: &CommandLine) -> Result<(), String> {
    let place = &command.place;
    let target = Target::of(place, line)?;
    let to = match (&command.to, development(&command.to)?) {
        (_, Some(pair)) => pair.public().into(),
        (OperatorAccount::Address(account), _) => account.clone(),
        (OperatorAccount::Development(path), None) => return Err(format!("{path} gives no account")),
    };
    let signer = signer(place, command.suri_file.as_deref(), &target)?;
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

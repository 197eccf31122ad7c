//! `doin-node leave`.

use super::{
    account::Standing,
    block_on,
    member::Member,
    options::{LeaveCommand, DEFAULT_RPC},
    plan, say,
    target::Target,
};
use crate::command_line::CommandLine;
use sp_core::crypto::Ss58Codec;

/// Runs `doin-node leave`.
///
/// # Errors
///
/// One line that says what is wrong, and what to do.
pub fn run(command: &LeaveCommand, line: &CommandLine) -> Result<(), String> {
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

//! Joining a network, leaving it, and beginning one: `doin-node setup`, `leave`, `fund`, `register-domain`, `infer`,
//! `new-network`.
//!
//! - [`setup`], [`leave`], [`fund`], [`registration`] (of a domain), [`inference`], [`network`] (the chain file of a new network): the
//!   commands, whose command lines are in [`options`];
//! - [`files`]: what membership needs on this machine;
//! - `target`, [`connection`], [`account`]: a node of the right chain, and what that chain says;
//! - [`plan`]: what is there, what is missing, what to do about it;
//! - `local`: a domain on this machine, without the node;
//! - `member`, `signer`, [`submission`]: does it, by transactions.
//!
//! Every command may be repeated: it looks first, and does only what is missing.

pub mod account;
pub mod coin;
pub mod connection;
pub mod files;
pub mod fund;
pub mod inference;
pub mod leave;
mod local;
mod member;
pub mod network;
pub mod options;
pub mod plan;
pub mod registration;
pub mod setup;
mod signer;
pub mod submission;
mod target;

use std::future::Future;

/// What the commands print: plain lines for people.
fn say(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

fn block_on<T>(event: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads can be started: {error}"))?;
    runtime.block_on(event)
}

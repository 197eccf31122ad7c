//! The worker of a DOIN node: searches for better parameters (the optimizer) and judges those of others, or how
//! others have judged (the evaluator, who is an auditor too), for the accounts and domains that its configuration names;
//! and it answers queries with the best models of those that it serves.
//!
//! # Parts
//!
//! - [`config`]: what the configuration file says.
//! - [`Chain`], [`Artifacts`], [`Executor`]: the ports. [`ClientChain`] has a node behind the first.
//! - [`journal`]: what an operator has to remember, on disk before anything is sent.
//! - [`Worker`]: looks at each new best block what its roles have to do, and does it. It runs beside block import, never
//!   in it, and computes in threads of its own.
//!
//! # What survives
//!
//! Killed at any moment and started again, the worker finishes what it had committed: commits, votes and replays
//! are revealed, nothing is committed to twice. Failures of a domain, a device, a disk or the transaction pool are logged
//! and tried again with growing pauses; none of them ends the node.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod artifacts;
mod chain;
mod claims;
mod client;
pub mod config;
mod duty;
mod evaluator;
pub mod extrinsic;
mod funds;
mod inference;
mod island;
pub mod journal;
mod measure;
mod metrics;
mod optimizer;
mod outbox;
mod runner;
mod search;
mod shared;
mod signer;
mod standing;
mod start;
#[cfg(test)]
mod tests;
mod view;
mod workbench;

pub use artifacts::{Artifacts, Kept, NodeArtifacts};
pub use chain::{BlockReference, Chain, ChainError, Operation, Transaction, TransactionState, MORTALITY};
pub use client::{ClientChain, Parameters, WorkerApi, WorkerClient};
pub use funds::largest_claim_bond;
pub use inference::{Inference, InferenceError};
pub use measure::WORST_METRIC;
pub use metrics::Metrics;
pub use runner::Worker;
pub use signer::OperatorKeys;
pub use start::{
    all_domains, built_in_domains, check_accounts, check_domains, open_compute, DomainFactory, Ports, StartError,
};
pub use workbench::{blocking_threads, Executor};

/// The target of the worker's log lines.
pub const LOG_TARGET: &str = "worker";

/// Why a role could not do its part at a block. It is tried again at the next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    #[error("the store of parameters: {0}")]
    Artifacts(String),
}

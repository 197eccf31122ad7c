//! One population of candidates, shared by the nodes of a domain: each candidate is evaluated by one of them, and all of
//! them make the same next generation of the results. See `docs/shared-population.md` for the protocol and its reasons.
//!
//! [`Population`] is what one node knows and does: a state machine without a clock, a network or a key. Time comes in as
//! a number, messages come in and go out as values, and what has to be computed goes out as [`Work`]. So the same code
//! runs in a node and in tests that lose, repeat and reorder whatever they like.
//!
//! [`Hub`] holds those of a node. Its worker asks it for work, and [`PopulationService`] keeps it in touch with the hubs of
//! other nodes, over a request-response protocol of sc-network ([`Protocol`]).

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod board;
mod disk;
mod hub;
mod limiter;
mod messages;
mod metrics;
mod population;
pub mod protocol;
mod rules;
mod service;
mod standing;
#[cfg(test)]
mod tests;
mod types;

pub use disk::{Folder, Saved};
pub use hub::{Hub, Signer};
pub use limiter::Allowance;
pub use messages::{Finding, Lease, Message, Sign};
pub use metrics::PopulationMetrics;
pub use population::{Context, Finish, Identity, Offence, Population, Progress, Work};
pub use rules::Rules;
pub use service::{Limits, PopulationService, Protocol};
pub use standing::{Proof, Standing};
pub use types::{
    Brood, Digests, Generation, Head, Header, Invalid, Outcome, Scope, Sealed, Summary, MOST_CANDIDATES,
    MOST_GENERATION_BYTES,
};

/// The target of this crate's log lines.
const LOG_TARGET: &str = "doin-population";

//! Domains that are written in other languages, Python first: child processes behind the [`Domain`](doin_domains::Domain)
//! trait, in a sandbox.
//!
//! - [`PythonDomain`]: the domain.
//! - [`PythonConfiguration`]: what the node's operator says of it: which interpreter, which limits, which permissions.
//! - [`Child`]: one process, and the protocol (docs/plugin-protocol.md).
//! - [`sandbox`]: what keeps it from harming anything.
//!
//! A program that runs plugins calls [`launcher`] first in `main`: it is started again to make sandboxes.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod child;
mod configuration;
mod domain;
mod error;
mod log;
pub mod protocol;
pub mod sandbox;
mod search;
mod shared;
mod slot;
mod specification;

pub use child::{Child, Patience};
pub use configuration::{Launcher, PythonConfiguration};
pub use domain::{Python, PythonDomain};
pub use error::PluginError;
pub use sandbox::launcher;
pub use specification::Specification;

/// Name in the registry.
pub const KIND: &str = "python";

/// The target of log lines.
pub const LOG_TARGET: &str = "plugin";

//! The node: command line, configuration, chain specifications, service. The parts it wires are crates of their own.

// The errors of the SDK's service and command line are large, and their traits want them as they are.
#![allow(clippy::result_large_err)]

mod artifacts;
pub mod bench;
pub mod chain_specification;
pub mod check_model;
pub mod command;
pub mod command_line;
pub mod configuration;
pub mod devices;
pub mod domain_files;
pub mod membership;
mod population;
pub mod preflight;
mod quiet;
pub mod reporter;
pub mod rpc;
pub mod service;

//! The node: command line, configuration, chain specifications, service. The parts it wires are crates of their own.

pub mod chain_specification;
pub mod command;
pub mod command_line;
pub mod configuration;
pub mod devices;
pub mod preflight;
pub mod reporter;
pub mod rpc;
pub mod service;

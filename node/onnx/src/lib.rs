//! Runs ONNX models that nobody vouches for, within limits.
//!
//! What comes out is a pure function of the model's bytes and the [`Job`]: declared inputs, rows, limits. The runtime is
//! [rten](https://docs.rs/rten), in Rust, on one thread unless told otherwise.
//!
//! A model file is a program. What it can do to a node is bounded in layers:
//!
//! 1. [`check`] reads its structure without building anything of it: size, number of nodes and messages, depth of
//!    nesting; then its interface (names, types and shapes of inputs and output), and refuses references to other
//!    files and operators of other operator sets.
//! 2. The runtime has no operators that draw random numbers, read files or call functions. Its panics are errors.
//! 3. [`Runner::Process`] runs all of that, the first layer too, in a process of its own, which limits itself before it
//!    reads a byte of the model: memory, processor time, no new files or sockets. So a node hands bytes over and gets
//!    numbers or an error back, whatever the model does: a tensor of a terabyte, a loop without end, a crash. In a node
//!    the process is shut in by more than that ([`serve_within`], `doin_plugins::sandbox`), for the case that a fault of
//!    the runtime lets a model do what it wants.
//!
//! [`Runner::InProcess`] is without the third layer: for tests, and for models of one's own.

#![deny(unsafe_code)]
#![warn(missing_docs)]

mod baseline;
mod check;
mod engine;
mod error;
mod job;
mod process;
mod runner;
mod scan;

pub use baseline::constant_model;
pub use check::check;
pub use engine::run;
pub use error::{ModelError, RunError};
pub use job::{ElementType, Job, Limits, Port, Values, MOST_ELEMENTS};
pub use process::{serve, serve_within, SUBCOMMAND};
pub use runner::Runner;
pub use scan::{scan, Contents};

//! The sandbox that plugins run in.
//!
//! # How it is built
//!
//! The node starts its own binary again as a *supervisor*, which makes namespaces and starts the binary a third time as the
//! *first process* within them. That one gives up its privileges and its access, reports what is in force, and starts the
//! program. Nothing is done between `fork` and `exec`, so that no code runs in a half-made process of many threads.
//!
//! | what | by |
//! |---|---|
//! | memory | a limit on each process's data, and a watch over the sum, twenty times a second |
//! | CPU time, processes, size of files | limits on each process, the watch over the sum |
//! | files | Landlock: the system's folders, the interpreter and what is granted can be read; the scratch folder written |
//! | network | an empty network namespace, a system call filter, Landlock |
//! | other processes | namespaces of processes and IPC, Landlock's scopes, a system call filter |
//! | privileges | an unprivileged user when the node runs as root, `no_new_privs`, a system call filter |
//!
//! The supervisor ends everything within when the node closes the program's standard input, by intent or by dying.
//!
//! The process that runs model files ([`doin_onnx`]) needs much less and is one process only: it shuts itself in
//! ([`shut_in`]), by the last three rows of the table and without a single file.

mod filter;
mod first;
mod limits;
mod model;
mod policy;
mod rules;
mod supervisor;
mod tree;

pub use limits::Limits;
pub use model::{model_report, shut_in};
pub use policy::{Mechanism, Policy, Report};

use std::process::{Command, ExitCode, Stdio};

/// The first argument of a supervisor.
pub const SUPERVISOR: &str = "plugin-supervisor";
/// The first argument of a first process.
const FIRST: &str = "plugin-first";
/// Where both find their policy. Not in the arguments, which other users could read.
const POLICY: &str = "DOIN_PLUGIN_POLICY";

/// How a supervisor says why it ended.
pub mod exit {
    /// The program ended, or was killed by what it did.
    pub const ENDED: u8 = 100;
    /// More memory than allowed.
    pub const MEMORY: u8 = 101;
    /// More CPU time than allowed.
    pub const CPU: u8 = 102;
    /// More in the scratch folder than allowed.
    pub const SCRATCH: u8 = 103;
    /// The sandbox could not be made; standard error says why.
    pub const SETUP: u8 = 104;
}

/// What a program has to do first in `main`, before it starts any thread: become the supervisor or the first process of a
/// sandbox, or the process that runs a model file, where it was started as one. `None`: it was not.
pub fn launcher() -> Option<ExitCode> {
    let role = std::env::args().nth(1)?;
    if role == doin_onnx::SUBCOMMAND {
        return Some(model::serve());
    }
    let run: fn(Policy) -> Result<u8, String> = match role.as_str() {
        SUPERVISOR => supervisor::run,
        FIRST => first::run,
        _ => return None,
    };
    let policy = std::env::var(POLICY)
        .map_err(|_| format!("{POLICY} is missing: this is started by the node, not by hand"))
        .and_then(|text| serde_json::from_str(&text).map_err(|error| format!("{POLICY}: {error}")));
    // Nothing below may see it.
    std::env::remove_var(POLICY);
    Some(ExitCode::from(policy.and_then(run).unwrap_or_else(|error| {
        eprintln!("sandbox: {error}");
        exit::SETUP
    })))
}

/// The command that runs a program under a policy.
pub fn command(launcher: &std::path::Path, policy: &Policy) -> Result<Command, String> {
    stage(launcher, SUPERVISOR, policy)
}

fn stage(launcher: &std::path::Path, role: &str, policy: &Policy) -> Result<Command, String> {
    let policy = serde_json::to_string(policy).map_err(|error| error.to_string())?;
    let mut command = Command::new(launcher);
    command
        .arg(role)
        .env_clear()
        .env(POLICY, policy)
        .current_dir("/")
        .stdin(Stdio::inherit());
    Ok(command)
}

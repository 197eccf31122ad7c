//! The process that runs model files shuts itself in: it computes, and does nothing else.
//!
//! Unlike a plugin it needs no file, no other process and no scratch folder, so that it can do without a supervisor: the
//! process gives everything up before it has read a byte of the model. Memory and processor time it limits itself.

use super::{
    filter,
    policy::{Mechanism, Report},
    rules,
    supervisor::free_user,
};
use nix::{
    sys::{
        prctl,
        resource::{setrlimit, Resource},
    },
    unistd::{geteuid, setgroups, setresgid, setresuid, Gid, Uid},
};
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

/// Asks the process for a report instead of a run.
const REPORT: &str = "report";

/// Serves as the process that runs one model file, or reports what would keep it in.
pub(super) fn serve() -> ExitCode {
    if std::env::args().nth(2).is_some_and(|argument| argument == REPORT) {
        let report = serde_json::to_vec(&shut_in()).unwrap_or_default();
        return match std::io::stdout().write_all(&report) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    doin_onnx::serve_within(|| drop(shut_in()))
}

/// What this kernel enforces around a model file, where `program` calls [`super::launcher`].
///
/// # Errors
///
/// The program cannot be run, or does not know what it is asked.
pub fn model_report(program: &Path) -> Result<Report, String> {
    let output = Command::new(program)
        .args([doin_onnx::SUBCOMMAND, REPORT])
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{}: no report: {error}", program.display()))
}

/// Gives everything up that a model has no use for. What the kernel lacks is left out, and missing in the report.
pub fn shut_in() -> Report {
    let root = geteuid().is_root();
    let mut in_force = vec![Mechanism::ResourceLimits];
    // The kernel's own last resort takes it before anything else.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    if root && become_nobody().is_ok() {
        in_force.push(Mechanism::UnprivilegedUser);
    }
    let _ = setrlimit(Resource::RLIMIT_MSGQUEUE, 0, 0);
    let _ = setrlimit(Resource::RLIMIT_MEMLOCK, 0, 0);
    let _ = prctl::set_dumpable(false);
    if prctl::set_no_new_privs().is_ok() {
        in_force.push(Mechanism::NoNewPrivileges);
        in_force.extend(rules::apply_to_all().unwrap_or_default());
        if filter::apply_to_all().is_ok() {
            in_force.push(Mechanism::SystemCallFilter);
        }
    }
    in_force.sort();
    Report {
        in_force,
        network: false,
        root,
        model: true,
    }
}

fn become_nobody() -> nix::Result<()> {
    let user = free_user();
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    setgroups(&[])?;
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)
}

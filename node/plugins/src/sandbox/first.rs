//! The first process within a sandbox: gives up everything, says what is in force, starts the program, and takes in what
//! the program leaves behind.

use super::{
    exit, filter,
    policy::{Mechanism, Policy, Report},
    rules,
};
use nix::{
    sys::{
        prctl,
        resource::{setrlimit, Resource},
        signal::Signal,
        wait::{waitpid, WaitStatus},
    },
    unistd::{setgroups, setresgid, setresuid, Gid, Pid, Uid},
};
use std::{
    fs,
    io::Write,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitStatus, Stdio},
};

/// Shuts itself in and runs the program.
pub fn run(policy: Policy) -> Result<u8, String> {
    let report = shut_in(&policy)?;
    let gaps = report.gaps();
    if !gaps.is_empty() && !policy.unprotected {
        return Err(format!(
            "on this kernel a plugin cannot be kept from {}. To run it all the same set \"unprotected\": true for this domain",
            gaps.join(", nor from ")
        ));
    }
    announce(&report)?;
    if policy.only_report {
        return Ok(0);
    }
    let mut program = Command::new(&policy.program)
        .args(&policy.arguments)
        .env_clear()
        .envs(policy.environment.iter().map(|(key, value)| (key, value)))
        .env("HOME", &policy.scratch)
        .env("TMPDIR", &policy.scratch)
        .current_dir(&policy.scratch)
        .stdin(Stdio::inherit())
        .spawn()
        .map_err(|error| {
            let whom = match report.root {
                true => "everybody (the node runs as root, plugins do not)",
                false => "this user",
            };
            format!(
                "{} cannot be run within the sandbox: {error}. It and the folders above it must be readable for {whom}; \"interpreter\" names another",
                policy.program.display()
            )
        })?;
    let id = Pid::from_raw(program.id() as i32);
    let status = loop {
        // As the first process of a namespace it is the one to wait for orphans.
        match waitpid(None::<Pid>, None) {
            Ok(WaitStatus::Exited(pid, code)) if pid == id => break code,
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == id => break 128 + signal as i32,
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => break program.try_wait().ok().flatten().map_or(1, code_of),
        }
    };
    Ok(u8::try_from(status).unwrap_or(exit::ENDED))
}

fn code_of(status: ExitStatus) -> i32 {
    status
        .code()
        .or(status.signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}

fn shut_in(policy: &Policy) -> Result<Report, String> {
    let wanted = |mechanism| !policy.without.contains(&mechanism);
    let mut in_force = policy.in_force.clone();
    // The kernel's own last resort takes a plugin before anything else.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    let root = policy.user.is_some();
    // The count is of the user's processes everywhere, unless the user is new.
    let counts_only_these = root || in_force.contains(&Mechanism::UserNamespace);
    if wanted(Mechanism::ResourceLimits) {
        limit(policy, counts_only_these)?;
        in_force.push(Mechanism::ResourceLimits);
    }
    if let Some(user) = policy.user.filter(|_| wanted(Mechanism::UnprivilegedUser)) {
        let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
        setgroups(&[])
            .and_then(|()| setresgid(gid, gid, gid))
            .and_then(|()| setresuid(uid, uid, uid))
            .map_err(|error| format!("cannot become the user {user}: {error}; another one can be set with \"user\""))?;
        in_force.push(Mechanism::UnprivilegedUser);
    }
    // After the change of the user, which would reset both.
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    let _ = prctl::set_dumpable(false);
    prctl::set_no_new_privs().map_err(|error| format!("no new privileges: {error}"))?;
    in_force.push(Mechanism::NoNewPrivileges);
    in_force.extend(rules::apply(policy, &policy.scratch)?);
    if wanted(Mechanism::SystemCallFilter) {
        let contained = [Mechanism::ProcessNamespace, Mechanism::LandlockScopes];
        let grants = filter::Grants {
            network: policy.network,
            signals: contained.iter().any(|mechanism| in_force.contains(mechanism)),
        };
        match filter::apply(grants) {
            Ok(()) => in_force.push(Mechanism::SystemCallFilter),
            Err(error) => eprintln!("sandbox: {error}"),
        }
    }
    in_force.sort();
    Ok(Report {
        in_force,
        network: policy.network,
        root,
        model: false,
    })
}

fn limit(policy: &Policy, counts_only_these: bool) -> Result<(), String> {
    let limits = &policy.limits;
    let memory = limits.memory_bytes();
    let processes = match counts_only_these {
        true => limits.processes,
        false => limits.processes.saturating_add(processes_of_this_user()),
    };
    for (resource, most) in [
        // What is written to. Reservations, as of CUDA, do not count; they are bounded far above.
        (Resource::RLIMIT_DATA, memory),
        (Resource::RLIMIT_AS, memory.saturating_mul(16).max(1 << 40)),
        (Resource::RLIMIT_CPU, limits.cpu_seconds),
        (Resource::RLIMIT_FSIZE, limits.scratch_bytes()),
        (Resource::RLIMIT_NOFILE, limits.open_files),
        (Resource::RLIMIT_NPROC, processes),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_MEMLOCK, 64 << 10),
        (Resource::RLIMIT_MSGQUEUE, 0),
    ] {
        // Not above what this process itself has.
        let (_, hard) = nix::sys::resource::getrlimit(resource).map_err(|error| format!("{resource:?}: {error}"))?;
        let most = most.min(hard);
        // One more second to the hard limit of CPU time: the soft one says by its signal what it was.
        let hard = match resource {
            Resource::RLIMIT_CPU => most.saturating_add(1).min(hard),
            _ => most,
        };
        setrlimit(resource, most, hard).map_err(|error| format!("{resource:?}: {error}"))?;
    }
    Ok(())
}

/// Processes and threads of this user, as RLIMIT_NPROC counts them.
fn processes_of_this_user() -> u64 {
    use std::os::unix::fs::MetadataExt;
    let user = nix::unistd::geteuid().as_raw();
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.metadata().is_ok_and(|metadata| metadata.uid() == user))
        .filter_map(|entry| Some(fs::read_dir(entry.path().join("task")).ok()?.count() as u64))
        .sum()
}

/// The first frame on standard output.
fn announce(report: &Report) -> Result<(), String> {
    let frame = crate::protocol::Frame::new("sandbox", 0).with("report", report);
    let mut output = std::io::stdout().lock();
    frame
        .write(&mut output)
        .and_then(|()| output.flush())
        .map_err(|error| format!("standard output: {error}"))
}

//! The outer process of a sandbox: makes the namespaces, keeps the watch, and ends everything within.

use super::{
    exit,
    policy::{Mechanism, Policy},
    stage, tree, FIRST,
};
use nix::{
    errno::Errno,
    mount::{mount, MsFlags},
    poll::{poll, PollFd, PollFlags, PollTimeout},
    sched::{unshare, CloneFlags},
    sys::{
        prctl::set_child_subreaper,
        signal::{SigSet, Signal},
        signalfd::{SfdFlags, SignalFd},
        wait::{waitpid, WaitPidFlag, WaitStatus},
    },
    unistd::{dup2_stderr, dup2_stdout, getegid, geteuid, setsid, Pid},
};
use std::{
    fs::{self, File},
    os::fd::AsFd,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How often the watch looks, in milliseconds.
const WATCH_MILLISECONDS: u16 = 50;
/// How often it counts what is in a scratch folder that has no fixed size.
const SCRATCH_PERIOD: Duration = Duration::from_secs(1);
/// How long a program may take to end after its standard input was closed.
const GRACE: Duration = Duration::from_secs(2);
/// Where a private scratch folder is put: there on every Linux, and nothing of a plugin lies there.
pub const PRIVATE_SCRATCH: &str = "/dev/shm";

/// A user number outside of anybody's: systemd's range for services without a fixed user.
const FIRST_USER: u32 = 61_184;
const USERS: u32 = 4_336;

/// The user that a program runs as when the node is root: another one for each supervisor.
pub(super) fn user_of(policy: &Policy) -> u32 {
    policy.user.unwrap_or_else(free_user)
}

/// A user number that is nobody's, another one for each process.
pub(super) fn free_user() -> u32 {
    FIRST_USER + std::process::id() % USERS
}

/// Runs the policy's program to its end.
pub fn run(mut policy: Policy) -> Result<u8, String> {
    let fail = |what: &str, error: Errno| format!("{what}: {error}");
    // Orphans within come to this process: nothing is lost sight of.
    set_child_subreaper(true).map_err(|error| fail("subreaper", error))?;
    // Ctrl-C at the node's terminal ends the node, which ends this in order.
    let _ = setsid();
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGTERM] {
        signals.add(signal);
    }
    signals.thread_block().map_err(|error| fail("signals", error))?;
    let signals = SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
        .map_err(|error| fail("signals", error))?;

    let root = geteuid().is_root();
    let user = if root { user_of(&policy) } else { geteuid().as_raw() };
    policy.user = root.then_some(user);
    policy.in_force = namespaces(&policy, root);
    if policy.in_force.contains(&Mechanism::PrivateScratch) {
        policy.scratch = PathBuf::from(PRIVATE_SCRATCH);
    } else if root {
        let owner = Some(nix::unistd::Uid::from_raw(user));
        nix::unistd::chown(&policy.scratch, owner, None).map_err(|error| fail("the scratch folder", error))?;
    }
    // Where /proc hides processes (hidepid), one that forbids to look at it is not seen, but for privileges over it.
    let sees_all = root || policy.in_force.contains(&Mechanism::UserNamespace) || tree::shows_all();
    if sees_all && !policy.without.contains(&Mechanism::Watch) {
        policy.in_force.push(Mechanism::Watch);
    }
    let mut first = stage(Path::new("/proc/self/exe"), FIRST, &policy)?
        .spawn()
        .map_err(|error| format!("the first process: {error}"))?;
    // The streams are the program's now: the node has to see their end when the program ends.
    let nothing = File::options()
        .write(true)
        .open("/dev/null")
        .map_err(|error| format!("/dev/null: {error}"))?;
    let errors = std::io::stderr().as_fd().try_clone_to_owned();
    dup2_stdout(&nothing).map_err(|error| fail("standard output", error))?;

    let first_pid = Pid::from_raw(first.id() as i32);
    let code = watch(&policy, first_pid, &signals);
    tree::signal_all(Signal::SIGCONT);
    let _ = first.kill();
    end_all();
    let _ = first.wait();
    // Last, so that what is said above is still heard.
    drop(errors);
    let _ = dup2_stderr(&nothing);
    Ok(code)
}

/// Makes as many namespaces as the kernel lets it.
fn namespaces(policy: &Policy, root: bool) -> Vec<Mechanism> {
    let wanted = |mechanism| !policy.without.contains(&mechanism);
    let mut flags = CloneFlags::empty();
    if wanted(Mechanism::ProcessNamespace) {
        flags |= CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    }
    if wanted(Mechanism::PrivateScratch) {
        flags |= CloneFlags::CLONE_NEWNS;
    }
    if !policy.network && wanted(Mechanism::NetworkNamespace) {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    let (user, group) = (geteuid(), getegid());
    let with_user = !root && wanted(Mechanism::UserNamespace);
    if with_user {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    if flags.is_empty() || unshare(flags).is_err() {
        return Vec::new();
    }
    let mut in_force = Vec::new();
    if with_user {
        // The same numbers within: files keep their owner. Without the maps the new user could do nothing.
        let maps = [
            ("setgroups", "deny".to_owned()),
            ("uid_map", format!("{user} {user} 1")),
            ("gid_map", format!("{group} {group} 1")),
        ];
        for (file, text) in maps {
            if let Err(error) = fs::write(format!("/proc/self/{file}"), text) {
                eprintln!("sandbox: /proc/self/{file}: {error}");
            }
        }
        in_force.push(Mechanism::UserNamespace);
    }
    if flags.contains(CloneFlags::CLONE_NEWPID) {
        in_force.push(Mechanism::ProcessNamespace);
    }
    if flags.contains(CloneFlags::CLONE_NEWNET) {
        in_force.push(Mechanism::NetworkNamespace);
    }
    if flags.contains(CloneFlags::CLONE_NEWNS) {
        match private_scratch(policy, group.as_raw()) {
            Ok(()) => in_force.push(Mechanism::PrivateScratch),
            Err(error) => eprintln!("sandbox: no private scratch folder: {error}"),
        }
    }
    in_force
}

fn private_scratch(policy: &Policy, group: u32) -> nix::Result<()> {
    let nothing: Option<&str> = None;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
    let (owner, group) = match policy.user {
        Some(user) => (user, user),
        None => (geteuid().as_raw(), group),
    };
    let options = format!(
        "size={},nr_inodes=100000,mode=0700,uid={owner},gid={group}",
        policy.limits.scratch_bytes()
    );
    mount(
        Some("doin-plugin"),
        PRIVATE_SCRATCH,
        Some("tmpfs"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        Some(options.as_str()),
    )
}

/// Waits for the end: of the program, of the node's interest, or of what is allowed.
fn watch(policy: &Policy, first: Pid, signals: &SignalFd) -> u8 {
    let stdin = std::io::stdin();
    // What can be seen is watched in any case.
    let watches = !policy.without.contains(&Mechanism::Watch);
    let counts_scratch = !policy.in_force.contains(&Mechanism::PrivateScratch);
    let (mut paused, mut closed, mut counted) = (false, None::<Instant>, Instant::now());
    loop {
        // Without events asked for, the only one is the end of the stream. It is never read: it is the program's.
        let mut wanted = vec![PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        if closed.is_none() {
            wanted.push(PollFd::new(stdin.as_fd(), PollFlags::empty()));
        }
        let _ = poll(&mut wanted, PollTimeout::from(WATCH_MILLISECONDS));
        let ended = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
        if wanted
            .get(1)
            .and_then(PollFd::revents)
            .is_some_and(|events| events.intersects(ended))
        {
            closed = Some(Instant::now());
            paused = false;
            tree::signal_all(Signal::SIGCONT);
        }
        while let Ok(Some(received)) = signals.read_signal() {
            match Signal::try_from(received.ssi_signo as i32) {
                Ok(Signal::SIGUSR1) => paused = true,
                Ok(Signal::SIGUSR2) => {
                    paused = false;
                    tree::signal_all(Signal::SIGCONT);
                }
                _ => return exit::ENDED,
            }
        }
        if paused {
            // Each time: what has just come to be is stopped, too.
            tree::signal_all(Signal::SIGSTOP);
        }
        loop {
            match waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) if pid == first => return first_ended(code),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == first => {
                    let why = match signal {
                        Signal::SIGSYS => ": a system call filter around the node does that. In a unit of systemd, set SystemCallErrorNumber=EPERM",
                        _ => "",
                    };
                    eprintln!("sandbox: the first process was killed by {signal}{why}");
                    return exit::ENDED;
                }
                Ok(WaitStatus::StillAlive) | Err(_) => break,
                Ok(_) => {}
            }
        }
        if closed.is_some_and(|since| since.elapsed() > GRACE) {
            return exit::ENDED;
        }
        if watches {
            let usage = tree::usage(&tree::descendants());
            if usage.memory_bytes > policy.limits.memory_bytes() {
                return exit::MEMORY;
            }
            if usage.cpu_seconds > policy.limits.cpu_seconds {
                return exit::CPU;
            }
        }
        if counts_scratch && counted.elapsed() > SCRATCH_PERIOD {
            counted = Instant::now();
            let most = policy.limits.scratch_bytes();
            if tree::folder_bytes(&policy.scratch, most) > most {
                return exit::SCRATCH;
            }
        }
    }
}

fn first_ended(code: i32) -> u8 {
    if code == i32::from(exit::SETUP) {
        return exit::SETUP;
    }
    const KILLED: i32 = 128;
    match code {
        code if code == KILLED + Signal::SIGXCPU as i32 => return exit::CPU,
        code if code > KILLED => {
            let signal = Signal::try_from(code - KILLED).map_or("a signal", Signal::as_str);
            eprintln!("sandbox: the program was killed by {signal}");
        }
        code => eprintln!("sandbox: the program ended with status {code}"),
    }
    exit::ENDED
}

/// Kills whatever is left within, until nothing is.
fn end_all() {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let left = tree::descendants();
        tree::signal_all(Signal::SIGKILL);
        while let Ok(status) = waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) {
            if status == WaitStatus::StillAlive {
                break;
            }
        }
        if left.is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

//! The system call filter: what no model has to do, and what would go around the other walls.

use seccompiler::{
    apply_filter, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// What the filter leaves out.
#[derive(Clone, Copy, Debug)]
pub struct Grants {
    /// Sockets of the Internet.
    pub network: bool,
    /// Signals: something else keeps them within.
    pub signals: bool,
}

/// Refused as not permitted.
const REFUSED: &[i64] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    // Opens sockets and files without the calls that are filtered.
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    // Memory that belongs to no process, which the watch would not see.
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// Refused as if the kernel did not know them, so that callers take another way.
const UNKNOWN: &[i64] = &[
    // Its flags lie in memory, where a filter cannot read them.
    libc::SYS_clone3,
    // Memory that belongs to no process.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
];

/// Calls that change a process, by the place of its number among the arguments; 0 is the caller, and allowed. Another
/// process of the same user could be starved by them, or ended by a limit.
const OF_A_PROCESS: &[(i64, u8)] = &[
    (libc::SYS_ioprio_set, 1),
    (libc::SYS_migrate_pages, 0),
    (libc::SYS_move_pages, 0),
    (libc::SYS_prlimit64, 0),
    (libc::SYS_sched_setaffinity, 0),
    (libc::SYS_sched_setattr, 0),
    (libc::SYS_sched_setparam, 0),
    (libc::SYS_sched_setscheduler, 0),
    (libc::SYS_setpriority, 1),
];

const SIGNALS: &[i64] = &[
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
];

/// Puts the filter in force for this process and all that come of it. There is no way back.
pub fn apply(grants: Grants) -> Result<(), String> {
    let mut refused: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let mut namespaces = Vec::new();
    for flag in [
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWUTS,
    ] {
        let flag = flag as u64;
        namespaces.push(rule(vec![condition(0, SeccompCmpOp::MaskedEq(flag), flag)?])?);
    }
    refused.insert(libc::SYS_clone, namespaces);
    let sockets = if grants.network {
        let mut others = Vec::new();
        for family in [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK] {
            others.push(condition(0, SeccompCmpOp::Ne, family as u64)?);
        }
        vec![rule(others)?]
    } else {
        // Local ones too: a container engine or a desktop listens there. `socketpair` stays.
        Vec::new()
    };
    refused.insert(libc::SYS_socket, sockets);
    for (call, argument) in OF_A_PROCESS {
        refused.insert(*call, vec![rule(vec![condition(*argument, SeccompCmpOp::Ne, 0)?])?]);
    }
    if !grants.signals {
        refused.extend(SIGNALS.iter().map(|call| (*call, Vec::new())));
    }
    let unknown = UNKNOWN.iter().map(|call| (*call, Vec::new())).collect();
    for (rules, errno) in [(unknown, libc::ENOSYS), (refused, libc::EPERM)] {
        apply_filter(&program(rules, errno as u32)?).map_err(|error| format!("the system call filter: {error}"))?;
    }
    Ok(())
}

/// What a program that only computes has no use for: other programs and processes, files, sockets.
const OF_OTHERS: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_socketpair,
    libc::SYS_tkill,
];
#[cfg(target_arch = "x86_64")]
const OF_OTHERS_BY_OLD_NAMES: &[i64] = &[libc::SYS_creat, libc::SYS_fork, libc::SYS_open, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const OF_OTHERS_BY_OLD_NAMES: &[i64] = &[];

/// Puts a filter in force that leaves this process its memory, its threads, and the streams that it has.
pub fn apply_to_all() -> Result<(), String> {
    apply(Grants {
        network: false,
        signals: true,
    })?;
    let refused = OF_OTHERS.iter().chain(OF_OTHERS_BY_OLD_NAMES);
    let mut refused: Rules = refused.map(|call| (*call, Vec::new())).collect();
    // Threads, but no processes.
    let threads = libc::CLONE_THREAD as u64;
    let processes = rule(vec![condition(0, SeccompCmpOp::MaskedEq(threads), 0)?])?;
    refused.insert(libc::SYS_clone, vec![processes]);
    // It may end itself: the signal says why.
    let this = u64::from(std::process::id());
    for call in [libc::SYS_kill, libc::SYS_tgkill] {
        refused.insert(call, vec![rule(vec![condition(0, SeccompCmpOp::Ne, this)?])?]);
    }
    apply_filter(&program(refused, libc::EPERM as u32)?).map_err(|error| format!("the system call filter: {error}"))
}

fn program(mut rules: Rules, errno: u32) -> Result<BpfProgram, String> {
    if cfg!(target_arch = "x86_64") {
        // The same calls by their numbers of the x32 interface, where a kernel has it.
        const X32: i64 = 0x4000_0000;
        let again: Rules = rules.iter().map(|(call, rules)| (call | X32, rules.clone())).collect();
        rules.extend(again);
    }
    let architecture = std::env::consts::ARCH
        .try_into()
        .map_err(|error| format!("the system call filter: {error}"))?;
    SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), architecture)
        .and_then(TryInto::try_into)
        .map_err(|error| format!("the system call filter: {error}"))
}

fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value).map_err(|error| error.to_string())
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, String> {
    SeccompRule::new(conditions).map_err(|error| error.to_string())
}

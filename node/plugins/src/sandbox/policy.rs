//! What a program is allowed, and what of it the kernel enforces.

use super::Limits;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is run, and what it may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// The program; an absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// What it may use.
    pub limits: Limits,
    /// What it may read and run, beside the system's folders.
    pub readable: Vec<PathBuf>,
    /// What it may write, beside the scratch folder.
    pub writable: Vec<PathBuf>,
    /// The scratch folder where the kernel gives no private one; empty, and nobody else's.
    pub scratch: PathBuf,
    /// Whether it may use the network.
    pub network: bool,
    /// Who it runs as when the node is root; by default a user number that is nobody's.
    pub user: Option<u32>,
    /// Go on when files or the network cannot be protected on this kernel.
    pub unprotected: bool,
    /// Mechanisms to do without, as if the kernel lacked them: for tests of what takes their place.
    pub without: Vec<Mechanism>,
    /// Only report what is in force, run nothing.
    pub only_report: bool,
    /// What the supervisor has put in force.
    #[serde(default)]
    pub in_force: Vec<Mechanism>,
}

/// A means of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// Limits on each process (`setrlimit`).
    ResourceLimits,
    /// The supervisor's watch over memory and CPU time of all processes together.
    Watch,
    /// A user without privileges, as the node is root.
    UnprivilegedUser,
    /// A namespace of users, as the node is not root.
    UserNamespace,
    /// Namespaces of processes and IPC: nothing outside can be seen or signalled.
    ProcessNamespace,
    /// A scratch folder in memory, private and of fixed size.
    PrivateScratch,
    /// An empty namespace of networks.
    NetworkNamespace,
    /// No privileges through programs that grant them.
    NoNewPrivileges,
    /// Landlock: files.
    LandlockFiles,
    /// Landlock: TCP.
    LandlockNetwork,
    /// Landlock: signals and abstract sockets.
    LandlockScopes,
    /// The system call filter.
    SystemCallFilter,
}

impl Mechanism {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::ResourceLimits,
        Self::Watch,
        Self::UnprivilegedUser,
        Self::UserNamespace,
        Self::ProcessNamespace,
        Self::PrivateScratch,
        Self::NetworkNamespace,
        Self::NoNewPrivileges,
        Self::LandlockFiles,
        Self::LandlockNetwork,
        Self::LandlockScopes,
        Self::SystemCallFilter,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::ResourceLimits => "resource limits",
            Self::Watch => "memory and CPU watch",
            Self::UnprivilegedUser => "unprivileged user",
            Self::UserNamespace => "user namespace",
            Self::ProcessNamespace => "process namespace",
            Self::PrivateScratch => "private scratch folder",
            Self::NetworkNamespace => "network namespace",
            Self::NoNewPrivileges => "no new privileges",
            Self::LandlockFiles => "Landlock for files",
            Self::LandlockNetwork => "Landlock for TCP",
            Self::LandlockScopes => "Landlock for signals",
            Self::SystemCallFilter => "system call filter",
        }
    }
}

/// What is in force around a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// By the first process, which alone knows.
    pub in_force: Vec<Mechanism>,
    /// Whether the network was granted.
    pub network: bool,
    /// Whether the node is root.
    pub root: bool,
    /// Whether the program is the one that runs model files, which is alone and writes nothing.
    #[serde(default)]
    pub model: bool,
}

impl Report {
    /// Whether a mechanism is in force.
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.in_force.contains(&mechanism)
    }

    /// What is missing though it applies here.
    pub fn missing(&self) -> Vec<Mechanism> {
        let applies = |mechanism: &Mechanism| match mechanism {
            Mechanism::UnprivilegedUser => self.root,
            Mechanism::UserNamespace
            | Mechanism::Watch
            | Mechanism::ProcessNamespace
            | Mechanism::PrivateScratch
            | Mechanism::NetworkNamespace
                if self.model =>
            {
                false
            }
            Mechanism::UserNamespace => !self.root,
            Mechanism::NetworkNamespace | Mechanism::LandlockNetwork => !self.network,
            _ => true,
        };
        Mechanism::ALL
            .into_iter()
            .filter(|mechanism| applies(mechanism) && !self.has(*mechanism))
            .collect()
    }

    /// What is not protected at all: every means for it is missing.
    pub fn gaps(&self) -> Vec<&'static str> {
        let mut gaps = Vec::new();
        if !self.has(Mechanism::LandlockFiles) {
            gaps.push("files (needs Landlock: Linux 5.13 or later, with landlock among the kernel's `lsm=`)");
        }
        if !self.network && !self.has(Mechanism::NetworkNamespace) && !self.has(Mechanism::SystemCallFilter) {
            gaps.push("the network (needs network namespaces or seccomp)");
        }
        if !self.model && !self.has(Mechanism::Watch) {
            gaps.push(
                "memory and processor time (/proc hides processes: mount it without hidepid, or allow user namespaces)",
            );
        }
        // Landlock's scopes keep signals within, but not limits and priorities.
        if !self.has(Mechanism::ProcessNamespace) && !self.has(Mechanism::SystemCallFilter) {
            gaps.push("other processes (needs process namespaces or seccomp)");
        }
        if self.root && !self.has(Mechanism::UnprivilegedUser) {
            gaps.push("root's privileges (the user could not be changed)");
        }
        gaps
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |mechanisms: &[Mechanism]| match mechanisms {
            [] => "nothing".to_owned(),
            some => some.iter().map(|one| one.name()).collect::<Vec<_>>().join(", "),
        };
        write!(
            formatter,
            "in force: {}; this kernel lacks: {}; network {}",
            names(&self.in_force),
            names(&self.missing()),
            if self.network { "granted" } else { "denied" }
        )
    }
}

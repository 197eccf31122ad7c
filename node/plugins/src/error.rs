//! What can go wrong with a plugin.

/// Why a plugin did not answer, or not as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// The child could not be started.
    #[error("the plugin cannot be started: {0}")]
    Start(String),
    /// What it sent is not of the protocol.
    #[error("the plugin does not keep to the protocol: {0}")]
    Protocol(String),
    /// It ended, or was killed by what it did.
    #[error("the plugin ended: {0}")]
    Ended(String),
    /// It used more than it may.
    #[error("the plugin was ended: {0}")]
    Limit(String),
    /// It took too long.
    #[error("the plugin did not answer within {0} s and was ended")]
    Late(u64),
    /// It has failed before, and is not tried again yet.
    #[error("the plugin has failed {failures} times and is started again in {seconds} s; last: {last}")]
    Resting {
        /// How often in a row.
        failures: u32,
        /// How long it rests.
        seconds: u64,
        /// How it failed.
        last: String,
    },
    /// It answered with an error.
    #[error("{message}")]
    Refused {
        /// The kind, see docs/plugin-protocol.md.
        kind: String,
        /// What it says.
        message: String,
    },
    /// The caller gave up.
    #[error("cancelled")]
    Cancelled,
}

impl PluginError {
    /// Whether the child is of no more use.
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Start(_) | Self::Protocol(_) | Self::Ended(_) | Self::Limit(_) | Self::Late(_) => true,
            // Failures of the machine: a new process may do better.
            Self::Refused { kind, .. } => matches!(kind.as_str(), "memory" | "plugin"),
            Self::Resting { .. } | Self::Cancelled => false,
        }
    }
}

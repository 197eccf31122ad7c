//! What a plugin may use.

use serde::{Deserialize, Serialize};

/// What all processes of a plugin together may use, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Memory, in MiB: 4 096 by default, 64 to 16 777 216. Address space that is only reserved does not count.
    pub memory_mebibytes: u64,
    /// Seconds of CPU time in the life of a child; 86 400 by default. A new child begins at 0.
    pub cpu_seconds: u64,
    /// Processes and threads: 256 by default, at least 8.
    pub processes: u64,
    /// The scratch folder, in MiB: 1 024 by default, above 0.
    pub scratch_mebibytes: u64,
    /// Open files of each process: 256 by default, at least 32.
    pub open_files: u64,
    /// What is printed during one request, in MiB: 16 by default, above 0. A plugin that prints more is ended.
    pub output_mebibytes: u64,
    /// Seconds that a start may take, until the plugin is configured: 120 by default, above 0.
    pub start_seconds: u64,
    /// Seconds after which a round of search goes back to the worker without a result, to go on in the next: 60 by
    /// default, above 0.
    pub round_seconds: u64,
    /// Seconds that a search may compute without any sign of life (a result, a champion, progress) before it is ended:
    /// 3 600 by default, above 0.
    pub silence_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mebibytes: 4096,
            cpu_seconds: 86_400,
            processes: 256,
            scratch_mebibytes: 1024,
            open_files: 256,
            output_mebibytes: 16,
            start_seconds: 120,
            round_seconds: 60,
            silence_seconds: 3600,
        }
    }
}

impl Limits {
    /// Checks the ranges. The error names the key.
    pub fn check(&self) -> Result<(), String> {
        for (key, value, least) in [
            ("memory_mebibytes", self.memory_mebibytes, 64),
            ("cpu_seconds", self.cpu_seconds, 1),
            ("processes", self.processes, 8),
            ("scratch_mebibytes", self.scratch_mebibytes, 1),
            ("open_files", self.open_files, 32),
            ("output_mebibytes", self.output_mebibytes, 1),
            ("start_seconds", self.start_seconds, 1),
            ("round_seconds", self.round_seconds, 1),
            ("silence_seconds", self.silence_seconds, 1),
        ] {
            if !(least..=1 << 24).contains(&value) {
                return Err(format!("{key} must be {least} to {}, not {value}", 1 << 24));
            }
        }
        Ok(())
    }

    /// Memory in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_mebibytes << 20
    }

    /// Scratch folder in bytes.
    pub(crate) fn scratch_bytes(&self) -> u64 {
        self.scratch_mebibytes << 20
    }
}

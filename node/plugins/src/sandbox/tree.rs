//! The processes below the supervisor, as `/proc` shows them.

use nix::{
    sys::signal::{kill, Signal},
    unistd::{sysconf, Pid, SysconfVar},
};
use std::fs;

/// What all of them use together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Private and shared memory, resident or swapped out, in bytes. Pages of files do not count.
    pub memory_bytes: u64,
    /// CPU time in seconds, of ended children too.
    pub cpu_seconds: u64,
}

/// All descendants of this process.
pub fn descendants() -> Vec<Pid> {
    let mut found: Vec<i32> = Vec::new();
    let mut queue = vec![std::process::id() as i32];
    // Not every kernel has the lists of children; without them all processes are looked at.
    let scanned = match std::path::Path::new("/proc/thread-self/children").exists() {
        true => None,
        false => Some(parents()),
    };
    while let Some(parent) = queue.pop() {
        let children = match &scanned {
            None => children(parent),
            Some(pairs) => pairs
                .iter()
                .filter(|pair| pair.1 == parent)
                .map(|pair| pair.0)
                .collect(),
        };
        for child in children {
            if !found.contains(&child) {
                found.push(child);
                queue.push(child);
            }
        }
    }
    found.into_iter().map(Pid::from_raw).collect()
}

fn children(parent: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|text| {
            text.split_whitespace()
                .filter_map(|word| word.parse().ok())
                .collect::<Vec<i32>>()
        })
        .collect()
}

/// All processes with their parents.
fn parents() -> Vec<(i32, i32)> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect()
}

/// Whether `/proc` shows the processes of all users, and with them each of one's own.
pub fn shows_all() -> bool {
    fs::read("/proc/1/status").is_ok()
}

/// What these processes use.
pub fn usage(processes: &[Pid]) -> Usage {
    let ticks = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100).max(1) as u64;
    let mut usage = Usage::default();
    let mut cpu_ticks = 0u64;
    for pid in processes {
        usage.memory_bytes = usage.memory_bytes.saturating_add(memory(*pid));
        cpu_ticks = cpu_ticks.saturating_add(cpu(*pid));
    }
    usage.cpu_seconds = cpu_ticks / ticks;
    usage
}

fn memory(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .filter(|line| {
            ["RssAnon:", "RssShmem:", "VmSwap:"]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum::<u64>()
        << 10
}

fn cpu(pid: Pid) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold anything.
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return 0;
    };
    // utime, stime, cutime, cstime are the 14th to the 17th field; the rest begins with the third.
    rest.split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|word| word.parse::<u64>().ok())
        .sum()
}

/// Sends a signal to all descendants, again and again while there are new ones.
pub fn signal_all(signal: Signal) {
    let mut reached = Vec::new();
    for _ in 0..10 {
        let new: Vec<Pid> = descendants().into_iter().filter(|pid| !reached.contains(pid)).collect();
        if new.is_empty() {
            return;
        }
        for pid in new {
            let _ = kill(pid, signal);
            reached.push(pid);
        }
    }
}

/// The bytes in a folder; more than `most` when it holds more files than are looked at.
pub fn folder_bytes(folder: &std::path::Path, most: u64) -> u64 {
    const MOST_FILES: u32 = 10_000;
    let (mut bytes, mut files, mut queue) = (0u64, 0u32, vec![folder.to_path_buf()]);
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            files += 1;
            if files > MOST_FILES {
                return most.saturating_add(1);
            }
            // Of links only the link itself.
            let Ok(metadata) = entry.path().symlink_metadata() else {
                continue;
            };
            if metadata.is_dir() {
                queue.push(entry.path());
            }
            bytes = bytes.saturating_add(std::os::unix::fs::MetadataExt::blocks(&metadata).saturating_mul(512));
        }
    }
    bytes
}

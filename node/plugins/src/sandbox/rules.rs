//! Landlock: which files can be reached, and nobody else's sockets and processes.

use super::policy::{Mechanism, Policy};
use landlock::{
    path_beneath_rules, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, ABI,
};
use std::path::Path;

/// What every program may read and run. Never home folders, where keys lie.
const SYSTEM: &[&str] = &[
    "/bin",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/proc",
    "/run/systemd/resolve",
    "/sbin",
    "/sys/devices/system",
    "/usr",
];
/// Devices that hold nothing.
const DEVICES: &[&str] = &["/dev/full", "/dev/null", "/dev/zero"];
const RANDOM: &[&str] = &["/dev/random", "/dev/urandom"];

/// The newest version that is made use of; older kernels enforce what they know.
const NEWEST: ABI = ABI::V6;

/// Shuts this process in. Returns what is in force.
pub fn apply(policy: &Policy, scratch: &Path) -> Result<Vec<Mechanism>, String> {
    let wanted = |mechanism| !policy.without.contains(&mechanism);
    if !wanted(Mechanism::LandlockFiles) {
        return Ok(Vec::new());
    }
    let closes_network = !policy.network && wanted(Mechanism::LandlockNetwork);
    restrict(closes_network, wanted(Mechanism::LandlockScopes), |rules| {
        let read = AccessFs::from_read(NEWEST);
        let everything = AccessFs::from_all(NEWEST);
        let device: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
        // Paths that are not there, or cannot be reached, are left out: nothing is granted by them.
        rules
            .add_rules(path_beneath_rules(SYSTEM, read))?
            .add_rules(path_beneath_rules(RANDOM, AccessFs::ReadFile))?
            .add_rules(path_beneath_rules(DEVICES, device))?
            .add_rules(path_beneath_rules(&policy.readable, read))?
            .add_rules(path_beneath_rules(&policy.writable, everything))?
            .add_rules(path_beneath_rules([scratch], everything))
    })
}

/// Shuts this process in with nothing: no file, no TCP, nobody else. Returns what is in force.
pub fn apply_to_all() -> Result<Vec<Mechanism>, String> {
    restrict(true, true, Ok)
}

fn restrict(
    closes_network: bool,
    scopes: bool,
    grant: impl FnOnce(RulesetCreated) -> Result<RulesetCreated, RulesetError>,
) -> Result<Vec<Mechanism>, String> {
    let status = ruleset(closes_network, scopes)
        .and_then(Ruleset::create)
        .and_then(grant)
        .and_then(RulesetCreated::restrict_self)
        .map_err(|error| format!("Landlock: {error}"))?;
    let (
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced,
        LandlockStatus::Available { effective_abi, .. },
    ) = (status.ruleset, status.landlock)
    else {
        return Ok(Vec::new());
    };
    let mut in_force = vec![Mechanism::LandlockFiles];
    if closes_network && effective_abi >= ABI::V4 {
        in_force.push(Mechanism::LandlockNetwork);
    }
    if scopes && effective_abi >= ABI::V6 {
        in_force.push(Mechanism::LandlockScopes);
    }
    Ok(in_force)
}

/// What is forbidden where nothing grants it.
fn ruleset(closes_network: bool, scopes: bool) -> Result<Ruleset, RulesetError> {
    let mut rules = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?;
    if closes_network {
        rules = rules.handle_access(AccessNet::from_all(NEWEST))?;
    }
    match scopes {
        true => rules.scope(Scope::from_all(NEWEST)),
        false => Ok(rules),
    }
}

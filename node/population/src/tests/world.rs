//! A made-up domain, and members with keys.

use crate::{Brood, Context, Identity, Outcome, Population, Rules, Scope, Sealed, Sign};
use codec::Encode;
use doin_primitives::{AccountId, Hash, Metric};
use sc_network_types::PeerId;
use sp_core::{sr25519, Blake2Hasher, Hasher, Pair};
use sp_runtime::FixedU128;
use std::{collections::BTreeSet, time::Duration};

pub const START: Hash = Hash::repeat_byte(9);
pub const SCOPE: Scope = Scope {
    genesis: Hash::repeat_byte(7),
    domain: 3,
};

/// A member.
#[derive(Clone)]
pub struct Key(pub sr25519::Pair);

impl Key {
    pub fn new(number: u8) -> Self {
        Self(sr25519::Pair::from_seed(&[number.saturating_add(1); 32]))
    }

    pub fn account(&self) -> AccountId {
        AccountId::from(self.0.public().0)
    }
}

impl Sign for Key {
    fn sign(&self, message: &[u8]) -> Option<sr25519::Signature> {
        Some(self.0.sign(message))
    }
}

pub fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

pub fn context(members: u8, season: u64) -> Context {
    Context {
        season,
        start: START,
        members: (0..members)
            .map(|number| Key::new(number).account())
            .collect::<BTreeSet<_>>(),
    }
}

/// The node of a member.
pub fn population(number: u8, rules: Rules, now: Duration) -> Population {
    let identity = Identity {
        scope: SCOPE,
        account: Key::new(number).account(),
        secret: Blake2Hasher::hash(&[number]).0,
        sequence: now.as_millis() as u64,
        metric_scale: FixedU128::from_u32(1),
    };
    Population::new(identity, rules, now)
}

pub fn peer() -> PeerId {
    PeerId::random()
}

/// So many candidates, which follow from the seed.
pub fn create(seed: [u8; 32], size: u16) -> Brood {
    Brood {
        candidates: (0..size).map(|index| (seed, index).encode()).collect(),
        state: seed.to_vec(),
    }
}

/// All results matter to the last digit.
pub fn reproduce(sealed: &Sealed, seed: [u8; 32]) -> Brood {
    let outcomes: Vec<_> = sealed.findings.iter().map(|finding| finding.outcome).collect();
    let seed = Blake2Hasher::hash(&(seed, outcomes, &sealed.generation.state).encode()).0;
    create(seed, sealed.findings.len() as u16)
}

/// What a candidate is worth; each machine rounds differently.
pub fn evaluate(candidate: &[u8], machine: u8) -> Outcome {
    let hash = Blake2Hasher::hash(candidate).0;
    if hash[0] == 0 {
        return Outcome::Rejected;
    }
    let value = i128::from(u64::from_le_bytes([
        hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7], hash[8],
    ]));
    Outcome::Metric(Metric::from_inner(-value * 100 + i128::from(machine) * 1_000_000))
}

/// What a liar says.
pub fn lie(candidate: &[u8]) -> Outcome {
    match evaluate(candidate, 0) {
        Outcome::Metric(metric) => Outcome::Metric(metric + Metric::from_u32(1_000)),
        Outcome::Rejected => Outcome::Metric(Metric::from_u32(1)),
    }
}

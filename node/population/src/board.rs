//! The open generation: who claims what, and which results there are.

use crate::{
    messages::{rank, Finding, Lease},
    rules::Rules,
    types::{Digests, Generation, Outcome},
};
use codec::Encode;
use doin_primitives::{AccountId, Hash};
use sc_network_types::PeerId;
use sp_core::{Blake2Hasher, Hasher};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// The most results that are kept for one candidate: those that go first. One is enough, others may turn out wrong.
const MOST_FINDINGS: usize = 4;

/// A result, and which peer it came from; `None`: it is our own.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) finding: Finding,
    pub(crate) from: Option<PeerId>,
}

/// The results for a candidate, by [`rank`]: the first counts. Which one that is depends on the results alone, not on the
/// order in which they were heard.
type Slot = BTreeMap<Hash, Heard>;

/// A member's claim.
#[derive(Clone, Debug)]
struct Held {
    lease: Lease,
    /// When it was first heard of.
    first: Duration,
    /// When it was last heard of.
    last: Duration,
    /// How many candidates had a result then.
    resolved: u32,
}

/// What became of a result that was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    /// It is known, or others go before it.
    Known,
    /// It is new.
    New,
    /// It is new, and differs from one of another member.
    Disputed,
    /// Its signer has signed another one before that differs from it.
    Contradiction,
}

/// The open generation.
pub(crate) struct Board {
    pub(crate) generation: Arc<Generation>,
    pub(crate) fingerprint: Hash,
    slots: Vec<Slot>,
    leases: BTreeMap<AccountId, Held>,
    /// What this node has found itself.
    own: BTreeMap<u16, Outcome>,
    /// Candidates with a result that this node means to measure itself.
    doubted: BTreeSet<u16>,
    pub(crate) opened: Duration,
    /// When something new was last heard of another member.
    pub(crate) last_heard: Duration,
}

impl Board {
    pub(crate) fn new(generation: Generation, fingerprint: Hash, now: Duration) -> Self {
        Self {
            slots: vec![Slot::new(); generation.candidates.len()],
            generation: Arc::new(generation),
            fingerprint,
            leases: BTreeMap::new(),
            own: BTreeMap::new(),
            doubted: BTreeSet::new(),
            opened: now,
            last_heard: now,
        }
    }

    pub(crate) fn size(&self) -> u16 {
        u16::try_from(self.slots.len()).unwrap_or(u16::MAX)
    }

    fn slot(&self, index: u16) -> Option<&Slot> {
        self.slots.get(usize::from(index))
    }

    /// The result that counts for a candidate.
    pub(crate) fn winner(&self, index: u16) -> Option<&Heard> {
        self.slot(index)?.values().next()
    }

    fn resolved(&self) -> u32 {
        let resolved = self.slots.iter().filter(|slot| !slot.is_empty()).count();
        u32::try_from(resolved).unwrap_or(u32::MAX)
    }

    /// The results that count, when there is one for each candidate.
    pub(crate) fn complete(&self) -> Option<Vec<Finding>> {
        (0..self.size())
            .map(|index| self.winner(index).map(|heard| heard.finding.clone()))
            .collect()
    }

    /// Those who have claimed or found something here.
    pub(crate) fn active(&self) -> BTreeSet<&AccountId> {
        self.leases.keys().chain(self.signers()).collect()
    }

    /// All results.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.slots.iter().flat_map(Slot::values).map(|heard| &heard.finding)
    }

    /// Those who have found something here.
    pub(crate) fn signers(&self) -> impl Iterator<Item = &AccountId> {
        self.findings().map(|finding| &finding.account)
    }

    /// Those who work on something here.
    pub(crate) fn claimants<'a>(&'a self, now: Duration, rules: &'a Rules) -> impl Iterator<Item = &'a AccountId> {
        let alive = move |held: &&'a Held| held.lease.index.is_some() && self.is_alive(held, now, rules);
        self.leases.values().filter(alive).map(|held| &held.lease.account)
    }

    // Results.

    /// Whether this very result is there.
    pub(crate) fn knows(&self, finding: &Finding) -> bool {
        let place = rank(self.fingerprint, finding.index, &finding.account);
        let former = self.slot(finding.index).and_then(|slot| slot.get(&place));
        former.is_some_and(|former| former.finding.outcome == finding.outcome)
    }

    /// Enters a result whose signature and signer have been checked.
    pub(crate) fn enter(&mut self, heard: Heard, agrees: &dyn Fn(&Outcome, &Outcome) -> bool) -> Entry {
        let Finding {
            index,
            ref account,
            outcome,
            ..
        } = heard.finding;
        let place = rank(self.fingerprint, index, account);
        let Some(slot) = self.slots.get_mut(usize::from(index)) else {
            return Entry::Known;
        };
        if let Some(former) = slot.get_mut(&place) {
            let before = former.finding.outcome;
            if before == outcome {
                return Entry::Known;
            }
            if !agrees(&before, &outcome) {
                return Entry::Contradiction;
            }
            // The same one counts, whichever was heard first.
            if outcome < before {
                *former = heard;
            }
            return Entry::Known;
        }
        let disputed = slot.values().any(|other| !agrees(&other.finding.outcome, &outcome));
        slot.insert(place, heard);
        let entered = slot.len() <= MOST_FINDINGS || slot.pop_last().is_some_and(|(last, _)| last != place);
        match (entered, disputed) {
            (false, _) => Entry::Known,
            (true, false) => Entry::New,
            (true, true) => Entry::Disputed,
        }
    }

    /// What this node has found itself. Returns the results of others that it shows to be wrong.
    pub(crate) fn found(
        &mut self,
        index: u16,
        outcome: Outcome,
        agrees: &dyn Fn(&Outcome, &Outcome) -> bool,
    ) -> Vec<Heard> {
        self.own.insert(index, outcome);
        self.doubted.remove(&index);
        let results = self.slot(index).into_iter().flat_map(Slot::values);
        let wrong = results.filter(|heard| heard.from.is_some() && !agrees(&heard.finding.outcome, &outcome));
        wrong.cloned().collect()
    }

    /// What this node has found for a candidate.
    pub(crate) fn own(&self, index: u16) -> Option<Outcome> {
        self.own.get(&index).copied()
    }

    /// Drops the results of a member, but for those that this node has found itself.
    pub(crate) fn drop_signer(&mut self, account: &AccountId, agrees: &dyn Fn(&Outcome, &Outcome) -> bool) {
        for (index, slot) in (0u16..).zip(&mut self.slots) {
            let own = self.own.get(&index);
            slot.retain(|_, heard| {
                let finding = &heard.finding;
                finding.account != *account || own.is_some_and(|own| agrees(own, &finding.outcome))
            });
        }
        self.leases.remove(account);
        let slots = &self.slots;
        self.doubted
            .retain(|index| slots.get(usize::from(*index)).is_some_and(|slot| !slot.is_empty()));
    }

    /// Means to measure a candidate that has a result.
    pub(crate) fn doubt(&mut self, index: u16) {
        if !self.own.contains_key(&index) {
            self.doubted.insert(index);
        }
    }

    /// The next candidate that this node means to measure though it has a result.
    pub(crate) fn doubted(&self) -> Option<u16> {
        self.doubted.first().copied()
    }

    /// Whether this node means to measure a candidate that has a result.
    pub(crate) fn is_doubted(&self, index: u16) -> bool {
        self.doubted.contains(&index)
    }

    /// Gives up measuring a candidate that has a result.
    pub(crate) fn settle(&mut self, index: u16) {
        self.doubted.remove(&index);
    }

    // Claims.

    /// Enters a claim whose signature and signer have been checked. Whether it is new.
    pub(crate) fn claim(&mut self, lease: Lease, now: Duration) -> bool {
        if lease.index.is_some_and(|index| index >= self.size()) {
            return false;
        }
        let former = self.leases.get(&lease.account);
        if former.is_some_and(|former| former.lease.sequence >= lease.sequence) {
            return false;
        }
        let same = former.filter(|former| former.lease.index == lease.index);
        let held = Held {
            first: same.map_or(now, |former| former.first),
            last: now,
            resolved: self.resolved(),
            lease,
        };
        self.leases.insert(held.lease.account.clone(), held);
        true
    }

    fn is_alive(&self, held: &Held, now: Duration, rules: &Rules) -> bool {
        let silent = now.saturating_sub(held.last);
        let overtaken = self.resolved().saturating_sub(held.resolved) >= rules.result_patience;
        silent <= rules.lease
            && now.saturating_sub(held.first) <= rules.longest_lease
            && !(overtaken && silent > rules.heartbeat() * 2)
    }

    /// Who of all those that claim a candidate may go on: the first by [`rank`].
    pub(crate) fn holder(&self, index: u16, now: Duration, rules: &Rules) -> Option<&AccountId> {
        self.leases
            .values()
            .filter(|held| held.lease.index == Some(index) && self.is_alive(held, now, rules))
            .map(|held| &held.lease.account)
            .min_by_key(|account| rank(self.fingerprint, index, account))
    }

    /// The candidate that `account` should claim: of those without result and claim the one at which it goes before others.
    pub(crate) fn next_for(&self, account: &AccountId, now: Duration, rules: &Rules) -> Option<u16> {
        let claimed: BTreeSet<u16> = self
            .leases
            .values()
            .filter(|held| held.lease.account != *account && self.is_alive(held, now, rules))
            .filter_map(|held| held.lease.index)
            .collect();
        (0..self.size())
            .filter(|index| self.winner(*index).is_none() && !claimed.contains(index))
            .min_by_key(|index| rank(self.fingerprint, *index, account))
    }

    /// A candidate without result that another has claimed before that time, and may never finish.
    pub(crate) fn overdue(&self, account: &AccountId, before: Duration) -> Option<u16> {
        self.leases
            .values()
            .filter(|held| held.lease.account != *account && held.first < before)
            .filter_map(|held| held.lease.index)
            .filter(|index| self.winner(*index).is_none())
            .min_by_key(|index| rank(self.fingerprint, *index, account))
    }

    /// When the next of the claims on candidates without result runs out, at the earliest.
    pub(crate) fn next_expiry(&self, rules: &Rules) -> Option<Duration> {
        let open = self.leases.values().filter(|held| {
            let index = held.lease.index;
            index.is_some_and(|index| self.winner(index).is_none())
        });
        open.map(|held| {
            let by_patience = held.last + rules.heartbeat() * 2;
            by_patience
                .min(held.last + rules.lease)
                .min(held.first + rules.longest_lease)
        })
        .min()
    }

    // What others are told.

    pub(crate) fn digests(&self) -> Digests {
        self.slots.iter().map(digest).collect()
    }

    /// The results where the other's digest is another one.
    pub(crate) fn differing<'a>(&'a self, theirs: &'a Digests) -> impl Iterator<Item = &'a Finding> + 'a {
        self.slots.iter().enumerate().flat_map(move |(index, slot)| {
            let differs = theirs.get(index).copied().unwrap_or(0) != digest(slot);
            let findings = slot.values().map(|heard| &heard.finding);
            findings.filter(move |_| differs)
        })
    }

    pub(crate) fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values().map(|held| &held.lease)
    }
}

fn digest(slot: &Slot) -> u16 {
    if slot.is_empty() {
        return 0;
    }
    let results: Vec<_> = slot
        .values()
        .map(|heard| (&heard.finding.account, heard.finding.outcome))
        .collect();
    let hash = Blake2Hasher::hash(&results.encode());
    u16::from_le_bytes([hash.0[0], hash.0[1]]).max(1)
}

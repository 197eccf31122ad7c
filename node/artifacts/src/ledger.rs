//! What is in a store, what of it is pinned, what is on its way, and what has to go for it. Knows nothing of files.

use crate::ArtifactError;
use doin_primitives::{artifact::ArtifactReference, Hash};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::SystemTime,
};

/// [`ArtifactReference`] as a key.
pub type Key = (Hash, u32);

pub fn key(reference: &ArtifactReference) -> Key {
    (reference.root, reference.size)
}

/// When an artifact was stored last: time of day, and the order within one tick of the clock.
type Age = (SystemTime, u64);

/// The books of a store.
#[derive(Default)]
pub struct Ledger {
    /// The artifacts in the store.
    entries: HashMap<Key, Entry>,
    /// The same by age: the first is evicted first.
    by_age: BTreeMap<Age, Key>,
    /// The length of all of them in bytes.
    used: u64,
    /// The length of those on their way into the store.
    reserved: u64,
    /// How often each artifact is pinned; also of those not in the store (yet).
    pins: HashMap<Key, u32>,
    /// Counts what was stored.
    sequence: u64,
}

struct Entry {
    age: Age,
    /// The hashes of the chunks, once somebody asked for a chunk: so that a chunk does not cost reading the whole.
    leaves: Option<Arc<[Hash]>>,
}

impl Ledger {
    /// Enters an artifact as the youngest of those stored at that time.
    pub fn insert(&mut self, key: Key, stored: SystemTime, leaves: Option<Arc<[Hash]>>) {
        self.remove(&key);
        let age = (stored, self.sequence);
        self.sequence += 1;
        self.used += u64::from(key.1);
        self.by_age.insert(age, key);
        self.entries.insert(key, Entry { age, leaves });
    }

    /// Strikes an artifact out, if it is there.
    pub fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.by_age.remove(&entry.age);
            self.used -= u64::from(key.1);
        }
    }

    pub fn has(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    /// The artifacts, the oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.by_age.values()
    }

    /// How many bytes they have together.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// The hashes of an artifact's chunks, where they are known.
    pub fn leaves(&self, key: &Key) -> Option<Arc<[Hash]>> {
        self.entries.get(key).and_then(|entry| entry.leaves.clone())
    }

    /// Remembers these hashes of an artifact's chunks, if it is there.
    pub fn remember(&mut self, key: &Key, leaves: &Arc<[Hash]>) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.leaves = Some(leaves.clone());
        }
    }

    pub fn pin(&mut self, key: Key) {
        let pins = self.pins.entry(key).or_default();
        *pins = pins.saturating_add(1);
    }

    pub fn unpin(&mut self, key: &Key) {
        if let Some(pins) = self.pins.get_mut(key) {
            *pins -= 1;
            if *pins == 0 {
                self.pins.remove(key);
            }
        }
    }

    pub fn is_pinned(&self, key: &Key) -> bool {
        self.pins.contains_key(key)
    }

    /// Gives back the room that [`Self::make_room`] has reserved for an artifact.
    pub fn release(&mut self, key: Key) {
        self.reserved = self.reserved.saturating_sub(u64::from(key.1));
    }

    /// Strikes out the oldest artifacts that are not pinned until this one fits, and reserves its room where asked to.
    /// Returns those that have to go, with the times at which they were stored.
    ///
    /// # Errors
    ///
    /// [`ArtifactError::NoRoom`]: it cannot fit. Nothing is changed then.
    pub fn make_room(&mut self, own: Key, quota: u64, reserve: bool) -> Result<Vec<(SystemTime, Key)>, ArtifactError> {
        let size = u64::from(own.1);
        let present = if self.has(&own) { size } else { 0 };
        let own_pinned = if self.is_pinned(&own) { present } else { 0 };
        let pinned = self.pinned() - own_pinned + self.reserved;
        if pinned + size > quota {
            return Err(ArtifactError::NoRoom { size, pinned, quota });
        }
        let mut excess = (self.used + self.reserved - present + size).saturating_sub(quota);
        let mut victims = Vec::new();
        for ((stored, _), victim) in &self.by_age {
            if excess == 0 {
                break;
            }
            if *victim != own && !self.is_pinned(victim) {
                excess = excess.saturating_sub(u64::from(victim.1));
                victims.push((*stored, *victim));
            }
        }
        for (_, victim) in &victims {
            self.remove(victim);
        }
        if reserve {
            self.reserved += size;
        }
        Ok(victims)
    }

    /// The length of the pinned artifacts that are there.
    fn pinned(&self) -> u64 {
        let there = self.pins.keys().filter(|key| self.has(key));
        there.map(|key| u64::from(key.1)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(number: u8, size: u32) -> Key {
        (Hash::repeat_byte(number), size)
    }

    #[test]
    fn the_oldest_that_are_not_pinned_go_and_no_more_than_needed() {
        let mut ledger = Ledger::default();
        let [old, pinned, young] = [1, 2, 3].map(|number| artifact(number, 4));
        for key in [old, pinned, young] {
            ledger.insert(key, SystemTime::UNIX_EPOCH, None);
        }
        ledger.pin(pinned);
        let next = artifact(4, 4);
        let went = ledger.make_room(next, 12, true).unwrap();
        assert_eq!(went, [(SystemTime::UNIX_EPOCH, old)]);
        assert_eq!(ledger.used(), 8);
        // What is reserved counts; without room nothing changes.
        let refused = ledger.make_room(artifact(5, 5), 12, false);
        assert!(matches!(refused, Err(ArtifactError::NoRoom { pinned: 8, .. })));
        assert!(ledger.has(&young));
        ledger.release(next);
        assert_eq!(ledger.make_room(artifact(5, 8), 12, false).unwrap().len(), 1);
        assert!(ledger.has(&pinned) && !ledger.has(&young));
    }

    #[test]
    fn what_is_there_already_needs_no_further_room() {
        let mut ledger = Ledger::default();
        let [one, two] = [1, 2].map(|number| artifact(number, 6));
        ledger.insert(one, SystemTime::UNIX_EPOCH, None);
        ledger.insert(two, SystemTime::UNIX_EPOCH, None);
        ledger.pin(two);
        assert_eq!(ledger.make_room(two, 12, false).unwrap(), []);
        assert!(ledger.has(&one));
    }
}

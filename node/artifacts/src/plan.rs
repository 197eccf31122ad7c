//! Which chunks to ask for next.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// The chunks of one download that are not there yet.
#[derive(Default)]
pub struct Plan {
    /// Nobody has been asked for these.
    open: BTreeSet<u32>,
    /// Somebody was asked for these, and when.
    asked: BTreeMap<u32, Instant>,
}

impl Plan {
    pub fn new(missing: Vec<u32>) -> Self {
        Self {
            open: missing.into_iter().collect(),
            asked: BTreeMap::new(),
        }
    }

    /// Up to `count` chunks to ask for, ascending. When nothing is open, what somebody else was asked for more than
    /// `slow` ago, so that one slow peer does not hold up the rest.
    pub fn take(&mut self, count: usize, slow: Duration, now: Instant) -> Vec<u32> {
        let mut taken: Vec<u32> = self.open.iter().copied().take(count).collect();
        if taken.is_empty() {
            let late = self
                .asked
                .iter()
                .filter(|(_, at)| now.saturating_duration_since(**at) >= slow);
            taken = late.map(|(index, _)| *index).take(count).collect();
        }
        for index in &taken {
            self.open.remove(index);
            self.asked.insert(*index, now);
        }
        taken
    }

    /// These did not come.
    pub fn put_back(&mut self, indices: &[u32]) {
        for index in indices {
            if self.asked.remove(index).is_some() {
                self.open.insert(*index);
            }
        }
    }

    /// These are there.
    pub fn done(&mut self, indices: &[u32]) {
        for index in indices {
            self.open.remove(index);
            self.asked.remove(index);
        }
    }

    /// Whether all are there.
    pub fn is_done(&self) -> bool {
        self.open.is_empty() && self.asked.is_empty()
    }

    /// How many are not there yet.
    pub fn left(&self) -> usize {
        self.open.len() + self.asked.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_asked_for_once_and_again_when_they_are_late_or_did_not_come() {
        let (slow, mut now) = (Duration::from_secs(3), Instant::now());
        let mut plan = Plan::new(vec![0, 1, 2, 3, 4]);
        assert_eq!(plan.take(2, slow, now), [0, 1]);
        assert_eq!(plan.take(2, slow, now), [2, 3]);
        plan.done(&[0]);
        plan.put_back(&[1]);
        assert_eq!(plan.take(2, slow, now), [1, 4]);
        assert!(plan.take(2, slow, now).is_empty(), "all are under way");
        now += slow;
        assert_eq!(plan.take(2, slow, now), [1, 2], "late");
        assert_eq!(plan.take(2, slow, now), [3, 4]);
        plan.done(&[1, 2, 3]);
        plan.put_back(&[1]);
        assert_eq!(plan.left(), 1, "what is there is not put back");
        plan.done(&[4]);
        assert!(plan.is_done());
    }
}

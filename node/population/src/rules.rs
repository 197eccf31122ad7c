//! The figures of the protocol.

use std::time::Duration;

/// How patient a node is, and how much it checks. All but [`Rules::verified`] should be about the same on all nodes.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A claim of which nothing was heard for so long is over.
    pub lease: Duration,
    /// A claim is over after so long, whatever is heard of it.
    pub longest_lease: Duration,
    /// A claim that has missed a heartbeat is over when others have found so many results since.
    pub result_patience: u32,
    /// How long a claim stands before the work begins, so that one of two who claim the same can give way.
    pub settle: Duration,
    /// How long a node without a population listens before it makes one.
    pub join: Duration,
    /// After a failure of this machine it rests for so long; twice as long after each further one in a row.
    pub rest: Duration,
    /// The part of each other member's results that all other nodes together measure again, in thousandths.
    pub verified: u32,
    /// For so many generations the results of a member count for nothing after one of them was wrong.
    pub barred_generations: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(12),
            longest_lease: Duration::from_secs(1_800),
            result_patience: 4,
            settle: Duration::from_millis(400),
            join: Duration::from_secs(5),
            rest: Duration::from_secs(2),
            verified: 125,
            barred_generations: 16,
        }
    }
}

impl Rules {
    /// A node says so often that it still works on what it has claimed.
    pub fn heartbeat(&self) -> Duration {
        self.lease / 4
    }
}

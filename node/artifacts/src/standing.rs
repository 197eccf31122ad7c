//! Which peers are not asked for a while.

use parking_lot::Mutex;
use sc_network_types::PeerId;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// So many are remembered at most; beyond, those whose time is up are forgotten, then all.
const REMEMBERED: usize = 4_096;

/// Peers that did not answer well, and until when they are left alone.
#[derive(Default)]
pub struct Standing(Mutex<HashMap<PeerId, Instant>>);

impl Standing {
    /// Leaves a peer alone for at least so long.
    pub fn rest(&self, peer: PeerId, duration: Duration, now: Instant) {
        let mut resting = self.0.lock();
        if resting.len() >= REMEMBERED {
            resting.retain(|_, until| *until > now);
            if resting.len() >= REMEMBERED {
                resting.clear();
            }
        }
        let until = resting.entry(peer).or_insert(now);
        *until = (*until).max(now + duration);
    }

    /// Whether the peer may be asked.
    pub fn may_ask(&self, peer: &PeerId, now: Instant) -> bool {
        self.0.lock().get(peer).is_none_or(|until| *until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_ends_and_does_not_shorten_a_longer_one() {
        let (standing, now, peer) = (Standing::default(), Instant::now(), PeerId::random());
        let [short, long] = [1, 60].map(Duration::from_secs);
        assert!(standing.may_ask(&peer, now));
        standing.rest(peer, long, now);
        standing.rest(peer, short, now);
        assert!(!standing.may_ask(&peer, now + short));
        assert!(standing.may_ask(&peer, now + long));
        assert!(standing.may_ask(&PeerId::random(), now));
    }

    #[test]
    fn no_more_are_remembered_than_allowed() {
        let (standing, now) = (Standing::default(), Instant::now());
        for _ in 0..2 * REMEMBERED {
            standing.rest(PeerId::random(), Duration::from_secs(60), now);
        }
        assert!(standing.0.lock().len() <= REMEMBERED);
    }
}

//! How much peers may ask.

use sc_network_types::PeerId;
use std::{collections::HashMap, time::Duration};

/// So many peers are remembered; the quiet ones are forgotten.
const REMEMBERED: usize = 1_024;

/// What a peer, or all peers together, may ask for in the long run and at once.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// A second, in the long run.
    pub rate: f64,
    /// At once, after a pause.
    pub burst: f64,
}

/// A bucket that fills at a steady rate.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: f64,
    at: Duration,
}

impl Bucket {
    fn take(&mut self, amount: f64, allowance: Allowance, now: Duration) -> bool {
        let seconds = now.saturating_sub(self.at).as_secs_f64();
        self.level = (self.level + seconds * allowance.rate).min(allowance.burst);
        self.at = now;
        let enough = self.level >= amount;
        if enough {
            self.level -= amount;
        }
        enough
    }
}

/// What to do with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// Answer it.
    Answer,
    /// Say that the node is busy.
    Busy,
    /// Refuse it: the peer does not heed it when it is told so.
    Excess,
}

/// Counts requests.
pub struct Limiter {
    each: Allowance,
    tolerated: Allowance,
    all: Allowance,
    peers: HashMap<PeerId, [Bucket; 2]>,
    together: Bucket,
}

impl Limiter {
    /// `each` peer may ask so often, of which `tolerated` beyond; `all` together may ask for so many bytes.
    pub fn new(each: Allowance, tolerated: Allowance, all: Allowance) -> Self {
        let together = Bucket {
            level: all.burst,
            at: Duration::ZERO,
        };
        Self {
            each,
            tolerated,
            all,
            peers: HashMap::new(),
            together,
        }
    }

    /// A peer makes a request that weighs so much.
    pub fn admit(&mut self, peer: PeerId, weight: f64, now: Duration) -> Admission {
        let (each, tolerated) = (self.each, self.tolerated);
        if self.peers.len() >= REMEMBERED && !self.peers.contains_key(&peer) {
            let quiet = Duration::from_secs_f64((each.burst / each.rate).max(tolerated.burst / tolerated.rate));
            self.peers
                .retain(|_, [bucket, _]| now.saturating_sub(bucket.at) < quiet);
            if self.peers.len() >= REMEMBERED {
                return Admission::Busy;
            }
        }
        let full = |allowance: Allowance| Bucket {
            level: allowance.burst,
            at: now,
        };
        let [requests, patience] = self.peers.entry(peer).or_insert_with(|| [full(each), full(tolerated)]);
        if requests.take(weight, each, now) {
            return Admission::Answer;
        }
        match patience.take(1.0, tolerated, now) {
            true => Admission::Busy,
            false => Admission::Excess,
        }
    }

    /// Whether so many bytes may be sent now.
    pub fn may_send(&mut self, bytes: f64, now: Duration) -> bool {
        self.together.take(bytes, self.all, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance(rate: f64, burst: f64) -> Allowance {
        Allowance { rate, burst }
    }

    #[test]
    fn who_does_not_heed_that_it_is_too_much_is_refused_and_others_are_not() {
        let mut limiter = Limiter::new(allowance(1.0, 3.0), allowance(1.0, 2.0), allowance(10.0, 10.0));
        let (loud, quiet) = (PeerId::random(), PeerId::random());
        let now = Duration::from_secs(1);
        let answers: Vec<_> = (0..6).map(|_| limiter.admit(loud, 1.0, now)).collect();
        use Admission::{Answer, Busy, Excess};
        assert_eq!(answers, [Answer, Answer, Answer, Busy, Busy, Excess]);
        assert_eq!(limiter.admit(quiet, 3.0, now), Answer);
        assert_eq!(limiter.admit(loud, 1.0, now + Duration::from_secs(2)), Answer);
        assert!(limiter.may_send(10.0, now) && !limiter.may_send(1.0, now));
        assert!(limiter.may_send(1.0, now + Duration::from_secs(1)));
    }

    #[test]
    fn no_more_peers_are_remembered_than_allowed() {
        let mut limiter = Limiter::new(allowance(1.0, 3.0), allowance(1.0, 2.0), allowance(10.0, 10.0));
        for _ in 0..2 * REMEMBERED {
            limiter.admit(PeerId::random(), 1.0, Duration::ZERO);
        }
        assert!(limiter.peers.len() <= REMEMBERED);
        assert_eq!(
            limiter.admit(PeerId::random(), 1.0, Duration::from_secs(60)),
            Admission::Answer
        );
    }
}

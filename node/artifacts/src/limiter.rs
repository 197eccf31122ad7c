//! Who may be answered now.

use crate::limits::Limits;
use sc_network_types::PeerId;
use std::{collections::HashMap, time::Instant};

/// Peers are forgotten once they have been quiet for long enough, when so many are remembered.
const REMEMBERED_PEERS: usize = 1_024;

/// A bucket that fills at a steady rate. Filled to the brim it allows a burst.
#[derive(Clone, Debug)]
struct Bucket {
    capacity: f64,
    rate: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    fn full(capacity: f64, rate: f64, now: Instant) -> Self {
        Self {
            capacity,
            rate,
            level: capacity,
            at: now,
        }
    }

    fn fill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + seconds * self.rate).min(self.capacity);
        self.at = now;
    }

    fn take(&mut self, amount: f64, now: Instant) -> bool {
        self.fill(now);
        let enough = self.level >= amount;
        if enough {
            self.level -= amount;
        }
        enough
    }

    fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.level >= self.capacity
    }
}

/// What to do with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// Answer it, and call [`Limiter::finished`] then.
    Answer,
    /// Say that the node is busy.
    Busy,
    /// Refuse it: this peer does not heed it when it is told so.
    Excess,
}

struct Peer {
    requests: Bucket,
    patience: Bucket,
    answers: usize,
}

/// Counts requests and answers, by peer and in all.
pub struct Limiter {
    limits: Limits,
    peers: HashMap<PeerId, Peer>,
    upload: Bucket,
    answers: usize,
}

impl Limiter {
    pub fn new(limits: Limits, now: Instant) -> Self {
        // A burst of four seconds, and never less than one answer.
        let rate = limits.upload_bytes_per_second;
        let burst = (4.0 * rate).max(crate::protocol::MAXIMUM_RESPONSE_SIZE as f64);
        Self {
            upload: Bucket::full(burst, rate, now),
            limits,
            peers: HashMap::new(),
            answers: 0,
        }
    }

    /// A peer asks for an answer with so many bytes of chunks.
    pub fn admit(&mut self, peer: PeerId, bytes: u64, now: Instant) -> Admission {
        if !self.peers.contains_key(&peer) && self.peers.len() >= REMEMBERED_PEERS {
            self.peers
                .retain(|_, peer| peer.answers > 0 || !(peer.requests.is_full(now) && peer.patience.is_full(now)));
            if self.peers.len() >= REMEMBERED_PEERS {
                return Admission::Busy;
            }
        }
        let limits = &self.limits;
        let entry = self.peers.entry(peer).or_insert_with(|| Peer {
            requests: Bucket::full(limits.request_burst, limits.requests_per_second, now),
            patience: Bucket::full(limits.tolerated_excess, 1.0, now),
            answers: 0,
        });
        if !entry.requests.take(1.0, now) {
            return match entry.patience.take(1.0, now) {
                true => Admission::Busy,
                false => Admission::Excess,
            };
        }
        // Half of all answers are for peers that have none under way, so that a few which do not take theirs cannot keep
        // everybody else from being served.
        let free = limits.answers.saturating_sub(self.answers);
        let may_have_another = entry.answers < limits.answers_per_peer && free > limits.answers / 2;
        if free == 0 || !(entry.answers == 0 || may_have_another) || !self.upload.take(bytes as f64, now) {
            return Admission::Busy;
        }
        entry.answers += 1;
        self.answers += 1;
        Admission::Answer
    }

    /// An answer to this peer has been sent, or could not be.
    pub fn finished(&mut self, peer: &PeerId) {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.answers = peer.answers.saturating_sub(1);
        }
        self.answers = self.answers.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn limits() -> Limits {
        Limits {
            answers: 3,
            answers_per_peer: 2,
            requests_per_second: 1.0,
            request_burst: 4.0,
            tolerated_excess: 2.0,
            upload_bytes_per_second: 1_000_000.0,
            ..Limits::default()
        }
    }

    #[test]
    fn a_peer_has_its_share_of_answers_and_all_together_theirs() {
        let now = Instant::now();
        let mut limiter = Limiter::new(limits(), now);
        let [a, b] = [PeerId::random(), PeerId::random()];
        let ask = |limiter: &mut Limiter, peer| limiter.admit(peer, 0, now);
        assert_eq!(ask(&mut limiter, a), Admission::Answer);
        assert_eq!(ask(&mut limiter, a), Admission::Answer);
        assert_eq!(ask(&mut limiter, a), Admission::Busy);
        assert_eq!(ask(&mut limiter, b), Admission::Answer);
        assert_eq!(ask(&mut limiter, b), Admission::Busy);
        assert_eq!(
            ask(&mut limiter, PeerId::random()),
            Admission::Busy,
            "all three are under way"
        );
        limiter.finished(&a);
        limiter.finished(&a);
        assert_eq!(ask(&mut limiter, b), Admission::Answer);
        assert_eq!(ask(&mut limiter, a), Admission::Answer);
    }

    #[test]
    fn a_few_peers_that_do_not_take_their_answers_leave_half_to_others() {
        let now = Instant::now();
        let mut limiter = Limiter::new(Limits::default(), now);
        let greedy: Vec<_> = (0..7).map(|_| PeerId::random()).collect();
        for peer in &greedy {
            while limiter.admit(*peer, 0, now) == Admission::Answer {}
        }
        let under_way = |limiter: &Limiter, peer| limiter.peers[peer].answers;
        let taken: Vec<_> = greedy.iter().map(|peer| under_way(&limiter, peer)).collect();
        assert_eq!(taken, [4, 4, 1, 1, 1, 1, 1]);
        for _ in 0..3 {
            assert_eq!(
                limiter.admit(PeerId::random(), 0, now),
                Admission::Answer,
                "somebody else"
            );
        }
        assert_eq!(limiter.admit(PeerId::random(), 0, now), Admission::Busy);
    }

    #[test]
    fn who_asks_too_often_is_told_so_and_then_refused() {
        let mut now = Instant::now();
        let mut limiter = Limiter::new(limits(), now);
        let peer = PeerId::random();
        let mut seen = Vec::new();
        for _ in 0..8 {
            let admission = limiter.admit(peer, 0, now);
            if admission == Admission::Answer {
                limiter.finished(&peer);
            }
            seen.push(admission);
        }
        use Admission::*;
        assert_eq!(seen, [Answer, Answer, Answer, Answer, Busy, Busy, Excess, Excess]);
        now += Duration::from_secs(1);
        assert_eq!(limiter.admit(peer, 0, now), Answer);
        assert_eq!(
            limiter.admit(PeerId::random(), 0, now),
            Answer,
            "others are not touched"
        );
    }

    #[test]
    fn what_is_sent_is_limited_for_all_together() {
        let mut now = Instant::now();
        let mut limiter = Limiter::new(limits(), now);
        let [a, b] = [PeerId::random(), PeerId::random()];
        assert_eq!(limiter.admit(a, 3_900_000, now), Admission::Answer);
        limiter.finished(&a);
        assert_eq!(limiter.admit(b, 200_000, now), Admission::Busy);
        now += Duration::from_secs(1);
        assert_eq!(limiter.admit(b, 200_000, now), Admission::Answer);
    }

    #[test]
    fn identities_without_end_take_no_memory_without_end() {
        let mut now = Instant::now();
        let mut limiter = Limiter::new(limits(), now);
        for _ in 0..REMEMBERED_PEERS {
            let peer = PeerId::random();
            if limiter.admit(peer, 0, now) == Admission::Answer {
                limiter.finished(&peer);
            }
        }
        assert_eq!(limiter.admit(PeerId::random(), 0, now), Admission::Busy);
        assert_eq!(limiter.peers.len(), REMEMBERED_PEERS);
        now += Duration::from_secs(60);
        assert_eq!(limiter.admit(PeerId::random(), 0, now), Admission::Answer);
        assert_eq!(limiter.peers.len(), 1);
    }
}

//! How much a node asks of others, and lets others ask of it.

use std::time::Duration;

/// The limits of the protocol on this node. The defaults are those of a node; tests shorten them.
#[derive(Clone, Debug)]
pub struct Limits {
    /// After this time a request counts as not answered, and an answer as not taken.
    pub request_timeout: Duration,
    /// How long a peer may take to say whether it has an artifact.
    pub have_timeout: Duration,
    /// How many requests wait to be looked at; the network refuses those beyond.
    pub queue: usize,
    /// How many answers are made and sent at a time.
    pub answers: usize,
    /// How many of them to one peer.
    pub answers_per_peer: usize,
    /// How many requests a peer may make a second, in the long run.
    pub requests_per_second: f64,
    /// How many it may make at once after a pause.
    pub request_burst: f64,
    /// After so many requests beyond that, each further one costs the peer reputation.
    pub tolerated_excess: f64,
    /// How many bytes of chunks are sent a second, to all peers together, in the long run.
    pub upload_bytes_per_second: f64,
    /// How many artifacts are fetched at a time in the background. What somebody waits for is fetched beside them.
    pub downloads: usize,
    /// How many peers are asked whether they have an artifact.
    pub peers_asked: usize,
    /// From how many peers an artifact is fetched at a time.
    pub parallel_peers: usize,
    /// How many time-outs or refusals end a peer's part in a download.
    pub strikes: u32,
    /// A request that takes longer than this makes the peer wait behind others, and what it was asked for is also asked
    /// of others.
    pub slow: Duration,
    /// How long a download may take before it is broken off, to be gone on with later.
    pub attempt: Duration,
    /// The first pause after the refusal of a busy peer, and after an attempt in vain. It doubles each time.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
    /// How long a peer that did not answer well is not asked.
    pub rest: Duration,
    /// How long a peer that lied is not asked; the network disconnects it as well.
    pub ban: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(15),
            have_timeout: Duration::from_secs(5),
            queue: 32,
            answers: 16,
            answers_per_peer: 4,
            requests_per_second: 50.0,
            request_burst: 200.0,
            tolerated_excess: 100.0,
            upload_bytes_per_second: 16.0 * 1024.0 * 1024.0,
            downloads: 4,
            peers_asked: 16,
            parallel_peers: 4,
            strikes: 3,
            slow: Duration::from_secs(3),
            attempt: Duration::from_secs(600),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
            rest: Duration::from_secs(60),
            ban: Duration::from_secs(3_600),
        }
    }
}

impl Limits {
    /// The pause after `failures` (at least one) in a row.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause)
    }
}

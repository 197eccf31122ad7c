//! One download: from several peers at a time, each chunk checked as it comes.

use crate::{
    fetcher::FetchError,
    incoming::Incoming,
    limits::Limits,
    metrics::{ArtifactMetrics, Direction},
    plan::Plan,
    protocol::{Request, Response, MAXIMUM_CHUNKS},
    standing::Standing,
    store::{ArtifactStore, Chunk},
    transport::Transport,
    ArtifactError, LOG_TARGET,
};
use codec::Encode;
use doin_primitives::artifact::ArtifactReference;
use futures::{stream::FuturesUnordered, StreamExt};
use parking_lot::Mutex;
use rand::seq::SliceRandom;
use sc_network::{request_responses::OutboundFailure, ReputationChange, RequestFailure};
use sc_network_types::PeerId;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Notify, OnceCell, Semaphore};

/// For a chunk or a message that no honest node sends: the peer is disconnected, and not let in for a while.
const LIED: ReputationChange = ReputationChange::new_fatal("artifacts: wrong chunk or message");
/// For an answer that did not come in time: about forty-five in a short time end in a ban.
const LATE: ReputationChange = ReputationChange::new(-(1 << 25), "artifacts: time-out");
/// For not giving what the peer said it has: about ninety end in a ban.
const BROKEN: ReputationChange = ReputationChange::new(-(1 << 24), "artifacts: refused what it has");
/// After so many refusals of a busy peer in a row a download goes on without it.
const PATIENCE_WITH_BUSY: u32 = 8;

/// What all downloads share.
pub(crate) struct Shared {
    pub(crate) store: ArtifactStore,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) standing: Standing,
    pub(crate) limits: Limits,
    pub(crate) metrics: ArtifactMetrics,
}

/// Why a peer did not give what it was asked for.
enum Trouble {
    /// It sent what no honest node sends.
    Lied,
    /// It did not answer in time.
    Late,
    /// It refused, does not speak the protocol, or broke off.
    Refused,
    /// It is not connected (any more).
    Gone,
}

/// One attempt at an artifact.
pub(crate) struct Download {
    shared: Arc<Shared>,
    reference: ArtifactReference,
    /// From when on a peer has said that it has the artifact; or what an earlier attempt left.
    incoming: OnceCell<Arc<Incoming>>,
    plan: Mutex<Plan>,
    /// Tells those that have nothing to ask for that this may have changed.
    changed: Notify,
    /// For as many peers as may send at a time.
    slots: Semaphore,
}

impl Download {
    pub(crate) fn new(shared: Arc<Shared>, reference: ArtifactReference, left: Option<Arc<Incoming>>) -> Self {
        let missing = match &left {
            Some(incoming) => incoming.missing(),
            None => (0..reference.chunk_count()).collect(),
        };
        Self {
            slots: Semaphore::new(shared.limits.parallel_peers),
            shared,
            reference,
            incoming: OnceCell::new_with(left),
            plan: Mutex::new(Plan::new(missing)),
            changed: Notify::new(),
        }
    }

    /// What has come so far.
    pub(crate) fn into_incoming(self) -> Option<Arc<Incoming>> {
        self.incoming.into_inner()
    }

    /// Fetches the artifact, within the time of an attempt.
    pub(crate) async fn run(&self) -> Result<(), FetchError> {
        let attempt = self.shared.limits.attempt;
        match tokio::time::timeout(attempt, self.fetch()).await {
            Ok(result) => result,
            Err(_) => Err(self.unfinished()),
        }
    }

    async fn fetch(&self) -> Result<(), FetchError> {
        self.shared.store.check(&self.reference)?;
        if self.shared.store.has(&self.reference) {
            return Ok(());
        }
        if !self.is_done() {
            let peers = self.candidates().await;
            let asked = peers.len();
            let mut serving: FuturesUnordered<_> = peers.into_iter().map(|peer| self.serve(peer)).collect();
            let mut found = false;
            while let Some(had_it) = serving.next().await {
                found |= had_it?;
                if self.is_done() {
                    break;
                }
            }
            if !self.is_done() {
                return Err(match (asked, found) {
                    (0, _) => FetchError::NoPeers,
                    (_, false) => FetchError::NotFound { asked },
                    (_, true) => self.unfinished(),
                });
            }
        }
        let Some(incoming) = self.incoming.get().cloned() else {
            return Err(self.unfinished());
        };
        blocking(move || incoming.complete()).await?.map_err(FetchError::from)
    }

    fn is_done(&self) -> bool {
        self.plan.lock().is_done()
    }

    fn unfinished(&self) -> FetchError {
        FetchError::Unfinished {
            missing: self.plan.lock().left(),
            chunks: self.reference.chunk_count(),
        }
    }

    /// Some of the peers that may be asked.
    async fn candidates(&self) -> Vec<PeerId> {
        let mut peers = self.shared.transport.peers().await;
        let now = Instant::now();
        peers.retain(|peer| self.shared.standing.may_ask(peer, now));
        peers.shuffle(&mut rand::thread_rng());
        peers.truncate(self.shared.limits.peers_asked);
        peers
    }

    /// Takes from one peer whatever it gives, as long as something is missing. Returns whether it has the artifact.
    async fn serve(&self, peer: PeerId) -> Result<bool, FetchError> {
        if !self.has_it(peer).await {
            return Ok(false);
        }
        let limits = &self.shared.limits;
        let incoming = self.incoming.get_or_try_init(|| self.begin()).await?;
        let (mut batch, mut strikes, mut refusals) = (MAXIMUM_CHUNKS as usize, 0, 0);
        let mut permit = self.slot().await?;
        while !self.is_done() {
            let indices = self.plan.lock().take(batch, limits.slow, Instant::now());
            if indices.is_empty() {
                // All is under way with others, some of whom may fail.
                drop(permit);
                let _ = tokio::time::timeout(limits.slow / 4, self.changed.notified()).await;
                permit = self.slot().await?;
                continue;
            }
            let started = Instant::now();
            let answer = self.ask_chunks(peer, &indices).await;
            let trouble = match answer {
                Ok(Some(chunks)) => match self.take_in(incoming, &indices, chunks).await? {
                    true => {
                        (strikes, refusals) = (0, 0);
                        batch = (batch * 2).min(MAXIMUM_CHUNKS as usize);
                        None
                    }
                    false => Some(Trouble::Lied),
                },
                Ok(None) => {
                    refusals += 1;
                    self.put_back(&indices);
                    if refusals > PATIENCE_WITH_BUSY {
                        return Ok(true);
                    }
                    drop(permit);
                    tokio::time::sleep(limits.pause(refusals)).await;
                    permit = self.slot().await?;
                    None
                }
                Err(trouble) => Some(trouble),
            };
            match trouble {
                None => {}
                Some(Trouble::Lied) => {
                    self.put_back(&indices);
                    self.ban(peer);
                    return Ok(true);
                }
                Some(Trouble::Gone) => {
                    self.put_back(&indices);
                    return Ok(true);
                }
                Some(trouble) => {
                    self.put_back(&indices);
                    let late = matches!(trouble, Trouble::Late);
                    self.shared.transport.report(peer, if late { LATE } else { BROKEN });
                    strikes += 1;
                    // The connection may be too slow for so much at once.
                    batch = (batch / 2).max(1);
                    if strikes >= limits.strikes {
                        self.shared.standing.rest(peer, limits.rest, Instant::now());
                        return Ok(true);
                    }
                }
            }
            if started.elapsed() >= limits.slow {
                // Others that wait for a place come first.
                drop(permit);
                permit = self.slot().await?;
            }
        }
        Ok(true)
    }

    async fn slot(&self) -> Result<tokio::sync::SemaphorePermit<'_>, FetchError> {
        self.slots.acquire().await.map_err(|_| FetchError::Cancelled)
    }

    async fn begin(&self) -> Result<Arc<Incoming>, FetchError> {
        let (store, reference) = (self.shared.store.clone(), self.reference);
        let incoming = blocking(move || store.receive(&reference)).await??;
        Ok(Arc::new(incoming))
    }

    fn put_back(&self, indices: &[u32]) {
        self.plan.lock().put_back(indices);
        self.changed.notify_waiters();
    }

    fn ban(&self, peer: PeerId) {
        log::debug!(target: LOG_TARGET, "{peer} sent a wrong chunk or message: banned");
        self.shared.metrics.ban();
        self.shared.transport.report(peer, LIED);
        self.shared.standing.rest(peer, self.shared.limits.ban, Instant::now());
    }

    /// Whether the peer says that it has the artifact.
    async fn has_it(&self, peer: PeerId) -> bool {
        let limits = &self.shared.limits;
        let request = Request::Have(self.reference);
        for attempt in 1..=PATIENCE_WITH_BUSY {
            match self.ask(peer, &request, limits.have_timeout).await {
                Ok(Response::Present) => return true,
                Ok(Response::Missing) => return false,
                Ok(Response::Busy) => tokio::time::sleep(limits.pause(attempt)).await,
                Ok(Response::Chunks(_)) | Err(Trouble::Lied) => {
                    self.ban(peer);
                    return false;
                }
                Err(Trouble::Late) => {
                    self.shared.transport.report(peer, LATE);
                    self.shared.standing.rest(peer, limits.rest, Instant::now());
                    return false;
                }
                // A node that only relays does not speak the protocol, and has nothing to answer for.
                Err(Trouble::Refused) => {
                    self.shared.standing.rest(peer, limits.rest, Instant::now());
                    return false;
                }
                Err(Trouble::Gone) => return false,
            }
        }
        false
    }

    /// Asks for chunks; `None` when the peer is busy.
    async fn ask_chunks(&self, peer: PeerId, indices: &[u32]) -> Result<Option<Vec<Chunk>>, Trouble> {
        let request = Request::Chunks {
            artifact: self.reference,
            // As many as taken from the plan: not more than allowed.
            indices: indices.to_vec().try_into().map_err(|_| Trouble::Gone)?,
        };
        match self.ask(peer, &request, self.shared.limits.request_timeout).await? {
            Response::Chunks(chunks) if chunks.len() == indices.len() => Ok(Some(chunks.into_inner())),
            Response::Busy => Ok(None),
            // It was evicted there meanwhile.
            Response::Missing => Err(Trouble::Gone),
            Response::Chunks(_) | Response::Present => Err(Trouble::Lied),
        }
    }

    async fn ask(&self, peer: PeerId, request: &Request, patience: Duration) -> Result<Response, Trouble> {
        let (message, metrics) = (request.encode(), &self.shared.metrics);
        metrics.bytes(Direction::Out, message.len());
        let (result, outcome) = match tokio::time::timeout(patience, self.shared.transport.request(peer, message)).await
        {
            Ok(Ok(answer)) => {
                metrics.bytes(Direction::In, answer.len());
                match Response::read(&answer) {
                    Ok(response) => (Ok(response), "answered"),
                    Err(error) => {
                        log::debug!(target: LOG_TARGET, "Malformed answer of {peer}: {error}");
                        (Err(Trouble::Lied), "malformed")
                    }
                }
            }
            Ok(Err(RequestFailure::Network(OutboundFailure::Timeout))) | Err(_) => (Err(Trouble::Late), "late"),
            Ok(Err(
                RequestFailure::Refused
                | RequestFailure::Network(OutboundFailure::UnsupportedProtocols | OutboundFailure::Io(_)),
            )) => (Err(Trouble::Refused), "refused"),
            Ok(Err(_)) => (Err(Trouble::Gone), "gone"),
        };
        metrics.request(Direction::Out, outcome);
        result
    }

    /// Checks and writes chunks in the order of `indices`. Returns whether all are right; those before a wrong one are
    /// kept.
    async fn take_in(&self, incoming: &Arc<Incoming>, indices: &[u32], chunks: Vec<Chunk>) -> Result<bool, FetchError> {
        let (incoming, asked) = (incoming.clone(), indices.to_vec());
        let (good, outcome) = blocking(move || {
            let mut good = Vec::with_capacity(asked.len());
            for (index, chunk) in asked.into_iter().zip(&chunks) {
                match incoming.accept(index, chunk) {
                    Ok(()) => good.push(index),
                    Err(error) => return (good, Err(error)),
                }
            }
            (good, Ok(()))
        })
        .await?;
        self.shared.metrics.chunks(Direction::In, good.len());
        self.plan.lock().done(&good);
        match outcome {
            Ok(()) => Ok(true),
            Err(ArtifactError::WrongChunk { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Uses the disk in a thread where that is allowed.
async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, FetchError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| FetchError::Cancelled)
}

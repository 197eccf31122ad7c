//! Answers what peers ask.

use crate::{
    limiter::{Admission, Limiter},
    limits::Limits,
    metrics::{ArtifactMetrics, Direction},
    protocol::{Malformed, Request, Response},
    store::ArtifactStore,
    transport::Transport,
    ArtifactError, LOG_TARGET,
};
use codec::Encode;
use futures::{channel::oneshot, future::BoxFuture, stream::FuturesUnordered, FutureExt, StreamExt};
use sc_network::{
    request_responses::{IncomingRequest, OutgoingResponse},
    ReputationChange,
};
use sc_network_types::PeerId;
use std::{sync::Arc, time::Instant};

/// For a request that no node sends: the peer is disconnected, and not let in for a while.
const MALFORMED: ReputationChange = ReputationChange::new_fatal("artifacts: malformed request");
/// For each request of a peer that goes on asking though it is told that the node is busy: about ninety end in a ban.
const EXCESS: ReputationChange = ReputationChange::new(-(1 << 24), "artifacts: too many requests");
/// For an answer that the peer asked for and did not take in time: about twenty end in a ban.
const NOT_TAKEN: ReputationChange = ReputationChange::new(-(1 << 26), "artifacts: answer not taken");

/// Serves what is in the store, to whom the limits allow. What a peer can make this node hold in memory is the queue of
/// short requests and a bounded number of answers, each until it is sent or timed out.
pub struct ArtifactServer {
    store: ArtifactStore,
    requests: async_channel::Receiver<IncomingRequest>,
    transport: Arc<dyn Transport>,
    limits: Limits,
    limiter: Limiter,
    metrics: ArtifactMetrics,
}

impl ArtifactServer {
    /// A server of this store for the requests of [`crate::Protocol`].
    pub fn new(
        store: ArtifactStore,
        requests: async_channel::Receiver<IncomingRequest>,
        transport: Arc<dyn Transport>,
        limits: Limits,
        metrics: ArtifactMetrics,
    ) -> Self {
        Self {
            store,
            requests,
            transport,
            limiter: Limiter::new(limits.clone(), Instant::now()),
            limits,
            metrics,
        }
    }

    /// Serves until the network is gone. Must be polled in a tokio runtime: the disk is read in its blocking threads.
    pub async fn run(mut self) {
        let mut answers: FuturesUnordered<BoxFuture<'static, PeerId>> = FuturesUnordered::new();
        loop {
            futures::select! {
                request = Box::pin(self.requests.recv()).fuse() => match request {
                    Ok(request) => answers.extend(self.take(request)),
                    Err(_) => return,
                },
                peer = answers.select_next_some() => self.limiter.finished(&peer),
            }
        }
    }

    /// Refuses a request at once, or returns what is to be done for the answer.
    fn take(&mut self, incoming: IncomingRequest) -> Option<BoxFuture<'static, PeerId>> {
        let IncomingRequest {
            peer,
            payload,
            pending_response,
        } = incoming;
        self.metrics.bytes(Direction::In, payload.len());
        let request = match Request::read(&payload) {
            Ok(request) => request,
            Err(error) => {
                self.refuse_malformed(peer, error, pending_response);
                return None;
            }
        };
        // What is not there is not sent: it must not use up what others are to be sent.
        let bytes = match self.store.has(request.artifact()) {
            true => request.chunk_bytes(),
            false => 0,
        };
        match self.limiter.admit(peer, bytes, Instant::now()) {
            Admission::Answer => Some(self.answer(peer, request, pending_response)),
            Admission::Busy => {
                self.metrics.request(Direction::In, "busy");
                send(pending_response, Ok(Response::Busy.encode()), None, &self.metrics);
                None
            }
            Admission::Excess => {
                log::debug!(target: LOG_TARGET, "{peer} asks too often: refused");
                self.metrics.request(Direction::In, "excess");
                send(pending_response, Err(EXCESS), None, &self.metrics);
                None
            }
        }
    }

    fn refuse_malformed(&self, peer: PeerId, error: Malformed, pending: oneshot::Sender<OutgoingResponse>) {
        log::debug!(target: LOG_TARGET, "Malformed request of {peer}, which is banned: {error}");
        self.metrics.request(Direction::In, "malformed");
        self.metrics.ban();
        send(pending, Err(MALFORMED), None, &self.metrics);
    }

    fn answer(
        &self,
        peer: PeerId,
        request: Request,
        pending: oneshot::Sender<OutgoingResponse>,
    ) -> BoxFuture<'static, PeerId> {
        let (store, transport, metrics, patience) = (
            self.store.clone(),
            self.transport.clone(),
            self.metrics.clone(),
            // The network gives an answer as long as a request; it tells by then what became of it.
            self.limits.request_timeout.saturating_mul(2),
        );
        async move {
            let made = tokio::task::spawn_blocking(move || answer(&store, &request)).await;
            let response = match made {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => {
                    log::warn!(target: LOG_TARGET, "Cannot answer {peer}: {error}");
                    metrics.request(Direction::In, "failed");
                    return peer;
                }
                // The runtime is shutting down.
                Err(_) => return peer,
            };
            let chunks = match &response {
                Response::Missing => {
                    metrics.request(Direction::In, "missing");
                    0
                }
                Response::Chunks(chunks) => {
                    metrics.request(Direction::In, "served");
                    chunks.len()
                }
                Response::Present | Response::Busy => {
                    metrics.request(Direction::In, "present");
                    0
                }
            };
            let (sent, taken) = oneshot::channel();
            send(pending, Ok(response.encode()), Some(sent), &metrics);
            drop(response);
            // As long as the peer has not taken the answer, it counts as one of those that are made for it.
            match tokio::time::timeout(patience, taken).await {
                Ok(Ok(())) => metrics.chunks(Direction::Out, chunks),
                _ => transport.report(peer, NOT_TAKEN),
            }
            peer
        }
        .boxed()
    }
}

/// The answer to a request. Reads the disk: one chunk at a time, after a first look at the whole file.
///
/// # Errors
///
/// When the disk fails. A damaged artifact is a missing one.
pub fn answer(store: &ArtifactStore, request: &Request) -> Result<Response, ArtifactError> {
    let chunks = match request {
        Request::Have(artifact) if store.has(artifact) => return Ok(Response::Present),
        Request::Have(_) => return Ok(Response::Missing),
        Request::Chunks { artifact, indices } => indices
            .iter()
            .map(|index| store.chunk(artifact, *index))
            .collect::<Result<Vec<_>, _>>(),
    };
    match chunks {
        // As many as indices: not more than allowed.
        Ok(chunks) => Ok(chunks.try_into().map_or(Response::Busy, Response::Chunks)),
        Err(ArtifactError::Missing(_) | ArtifactError::Corrupt(_)) => Ok(Response::Missing),
        Err(error) => Err(error),
    }
}

fn send(
    pending: oneshot::Sender<OutgoingResponse>,
    result: Result<Vec<u8>, ReputationChange>,
    sent_feedback: Option<oneshot::Sender<()>>,
    metrics: &ArtifactMetrics,
) {
    if let Ok(message) = &result {
        metrics.bytes(Direction::Out, message.len());
    }
    let response = OutgoingResponse {
        reputation_changes: result.as_ref().err().copied().into_iter().collect(),
        result: result.map_err(drop),
        sent_feedback,
    };
    // A peer that is gone needs no answer.
    let _ = pending.send(response);
}

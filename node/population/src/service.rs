//! The network's side: tells peers what is new, asks them what is missing, and answers what they ask.

use crate::{
    hub::{Hub, Keep, Turn},
    limiter::{Admission, Allowance, Limiter},
    messages::Message,
    metrics::PopulationMetrics,
    population::Offence,
    protocol::{protocol_name, Messages, Request, Response, MAXIMUM_REQUEST_SIZE, MAXIMUM_RESPONSE_SIZE},
    types::Head,
    LOG_TARGET,
};
use codec::Encode;
use doin_artifacts::Transport;
use doin_primitives::domain::DomainId;
use futures::{future::BoxFuture, stream::FuturesUnordered, FutureExt, StreamExt};
use rand::seq::SliceRandom;
use sc_network::{
    request_responses::{IncomingRequest, OutgoingResponse},
    NetworkBackend, ProtocolName, ReputationChange,
};
use sc_network_types::PeerId;
use sp_runtime::traits::Block as BlockT;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// For a request or an answer that no node sends: the peer is disconnected, and not let in for a while.
const MALFORMED: ReputationChange = ReputationChange::new_fatal("population: malformed message");
/// For each request of a peer that goes on asking though it is told that the node is busy.
const EXCESS: ReputationChange = ReputationChange::new(-(1 << 24), "population: too many requests");
const FORGED: ReputationChange = ReputationChange::new(-(1 << 29), "population: forged message");
const STRANGER: ReputationChange = ReputationChange::new(-(1 << 16), "population: message of no member");
const WRONG_RESULT: ReputationChange = ReputationChange::new(-(1 << 27), "population: wrong result");
const WRONG_GENERATION: ReputationChange = ReputationChange::new(-(1 << 27), "population: wrong generation");

/// The limits of the protocol on this node.
#[derive(Clone, Debug)]
pub struct Limits {
    /// After this time a request counts as not answered.
    pub request_timeout: Duration,
    /// How many requests wait to be looked at; the network refuses those beyond.
    pub queue: usize,
    /// How many peers are told and asked at a time, chosen at random.
    pub peers: usize,
    /// So often peers are asked when there is nothing new.
    pub interval: Duration,
    /// What a peer may ask: a request counts 1, one for a generation [`Limits::fetch_weight`].
    pub requests: Allowance,
    /// How much a request for a generation counts.
    pub fetch_weight: f64,
    /// How many requests beyond that are only answered with *busy*.
    pub tolerated: Allowance,
    /// How many bytes of generations are sent to all peers together.
    pub upload: Allowance,
    /// For so long a peer is not asked that has not answered.
    pub rest: Duration,
    /// For so long no other generation is fetched from a peer.
    pub fetch_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let allowance = |rate, burst| Allowance { rate, burst };
        Self {
            request_timeout: Duration::from_secs(10),
            queue: 64,
            peers: 16,
            interval: Duration::from_secs(1),
            requests: allowance(20.0, 100.0),
            fetch_weight: 20.0,
            tolerated: allowance(1.0, 100.0),
            upload: allowance(4.0 * 1024.0 * 1024.0, 16.0 * 1024.0 * 1024.0),
            rest: Duration::from_secs(30),
            fetch_pause: Duration::from_secs(2),
        }
    }
}

/// The two ends of the protocol, before there is a network.
pub struct Protocol {
    /// Its name.
    pub name: ProtocolName,
    /// What peers ask: for [`PopulationService`].
    pub requests: async_channel::Receiver<IncomingRequest>,
}

impl Protocol {
    /// The protocol, and what the network has to be told of it.
    pub fn new<B: BlockT, N: NetworkBackend<B, B::Hash>>(
        genesis: B::Hash,
        fork: Option<&str>,
        limits: &Limits,
    ) -> (Self, N::RequestResponseProtocolConfig) {
        let (sender, requests) = async_channel::bounded(limits.queue);
        let name = ProtocolName::from(protocol_name(genesis, fork));
        let configuration = N::request_response_config(
            name.clone(),
            Vec::new(),
            MAXIMUM_REQUEST_SIZE as u64,
            MAXIMUM_RESPONSE_SIZE as u64,
            limits.request_timeout,
            Some(sender),
        );
        (Self { name, requests }, configuration)
    }
}

/// How an exchange has ended.
struct Exchanged {
    peer: PeerId,
    answered: bool,
    /// A generation was asked for.
    fetched: bool,
}

/// Keeps the populations of a node in touch with those of its peers.
pub struct PopulationService {
    hub: Hub,
    requests: async_channel::Receiver<IncomingRequest>,
    transport: Arc<dyn Transport>,
    limits: Limits,
    limiter: Limiter,
    metrics: PopulationMetrics,
    /// Peers that are being asked.
    asking: HashSet<PeerId>,
    /// Peers that are not asked, or not for generations, before.
    rests: HashMap<PeerId, Duration>,
    fetches: HashMap<PeerId, Duration>,
    exchanges: FuturesUnordered<BoxFuture<'static, Exchanged>>,
    next_round: Duration,
}

impl PopulationService {
    /// A service for these populations.
    pub fn new(
        hub: Hub,
        requests: async_channel::Receiver<IncomingRequest>,
        transport: Arc<dyn Transport>,
        limits: Limits,
        metrics: PopulationMetrics,
    ) -> Self {
        Self {
            hub,
            requests,
            transport,
            limiter: Limiter::new(limits.requests, limits.tolerated, limits.upload),
            limits,
            metrics,
            asking: HashSet::new(),
            rests: HashMap::new(),
            fetches: HashMap::new(),
            exchanges: FuturesUnordered::new(),
            next_round: Duration::ZERO,
        }
    }

    /// Works until the network is gone. Must be polled in a tokio runtime.
    pub async fn run(mut self) {
        let pokes = self.hub.pokes();
        loop {
            let pause = self.turn().await;
            futures::select! {
                request = Box::pin(self.requests.recv()).fuse() => match request {
                    Ok(request) => self.serve(request),
                    Err(_) => return,
                },
                exchanged = self.exchanges.select_next_some() => self.finish(&exchanged),
                _ = Box::pin(pokes.recv()).fuse() => {},
                _ = Box::pin(tokio::time::sleep(pause)).fuse() => {},
            }
        }
    }

    /// Says what is new, and asks what is missing when it is time to; returns how long there is nothing more to do.
    async fn turn(&mut self) -> Duration {
        let Turn {
            said,
            reports,
            pause,
            keeps,
        } = self.hub.turn();
        if !keeps.is_empty() {
            // One after the other, so that the last one written is the last one kept.
            let write = move || keeps.iter().for_each(Keep::write);
            if let Err(error) = tokio::task::spawn_blocking(write).await {
                log::warn!(target: LOG_TARGET, "Keeping the shared populations has failed: {error}");
            }
        }
        for (peer, offence) in reports {
            log::debug!(target: LOG_TARGET, "{peer}: {offence:?}");
            self.metrics.offence(offence);
            self.transport.report(peer, change(offence));
        }
        let now = self.hub.now();
        let is_round = now >= self.next_round;
        if said.is_empty() && !is_round {
            return pause.min(self.next_round.saturating_sub(now));
        }
        let peers = self.transport.peers().await;
        self.rests.retain(|_, until| *until > now);
        self.fetches.retain(|_, until| *until > now);
        let mut peers: Vec<_> = peers
            .into_iter()
            .filter(|peer| !self.asking.contains(peer) && !self.rests.contains_key(peer))
            .collect();
        peers.shuffle(&mut rand::thread_rng());
        peers.truncate(self.limits.peers);
        let mut said: HashMap<DomainId, Vec<Message>> = said.into_iter().collect();
        let domains = match is_round {
            true => {
                self.next_round = now + self.limits.interval;
                let domains = self.hub.domains();
                for domain in &domains {
                    if let Some(head) = self.hub.summary(*domain).head {
                        self.metrics.generation(*domain, head.number);
                    }
                }
                domains
            }
            false => said.keys().copied().collect(),
        };
        let news: Vec<(DomainId, Messages)> = domains
            .into_iter()
            .map(|domain| {
                let mut messages = said.remove(&domain).unwrap_or_default();
                messages.truncate(crate::population::MOST_MESSAGES);
                (domain, Messages::truncate_from(messages))
            })
            .collect();
        for peer in peers {
            self.asking.insert(peer);
            self.exchanges.push(self.exchange(peer, news.clone()));
        }
        pause.min(self.next_round.saturating_sub(now))
    }

    /// Tells a peer what is new in these domains, and takes in what it answers.
    fn exchange(&self, peer: PeerId, news: Vec<(DomainId, Messages)>) -> BoxFuture<'static, Exchanged> {
        let (hub, transport, metrics) = (self.hub.clone(), self.transport.clone(), self.metrics.clone());
        let may_fetch = !self.fetches.contains_key(&peer);
        async move {
            let mut exchanged = Exchanged {
                peer,
                answered: true,
                fetched: false,
            };
            for (domain, messages) in news {
                let summary = hub.summary(domain);
                let request = Request::Exchange {
                    domain,
                    summary,
                    messages,
                };
                let Some(answer) = ask(&*transport, &metrics, peer, &request).await else {
                    exchanged.answered = false;
                    break;
                };
                let Response::Exchange { summary, messages } = answer else {
                    continue;
                };
                let Some(head) = hub.hear(peer, domain, &summary, &messages) else {
                    continue;
                };
                if may_fetch && !exchanged.fetched {
                    exchanged.fetched = true;
                    fetch(&hub, &*transport, &metrics, peer, domain, head).await;
                }
            }
            exchanged
        }
        .boxed()
    }

    fn finish(&mut self, exchanged: &Exchanged) {
        let now = self.hub.now();
        self.asking.remove(&exchanged.peer);
        if !exchanged.answered {
            self.rests.insert(exchanged.peer, now + self.limits.rest);
        }
        if exchanged.fetched {
            self.fetches.insert(exchanged.peer, now + self.limits.fetch_pause);
        }
    }

    fn serve(&mut self, incoming: IncomingRequest) {
        let IncomingRequest {
            peer,
            payload,
            pending_response,
        } = incoming;
        let result = self.answer(peer, &payload);
        let response = OutgoingResponse {
            reputation_changes: result.as_ref().err().copied().into_iter().collect(),
            result: result.map(|response| response.encode()).map_err(drop),
            sent_feedback: None,
        };
        // A peer that is gone needs no answer.
        let _ = pending_response.send(response);
    }

    fn answer(&mut self, peer: PeerId, payload: &[u8]) -> Result<Response, ReputationChange> {
        let now = self.hub.now();
        let request = Request::read(payload).map_err(|error| {
            log::debug!(target: LOG_TARGET, "Malformed request of {peer}, which is banned: {error}");
            self.metrics.request("in", "malformed");
            MALFORMED
        })?;
        let weight = match request {
            Request::Exchange { .. } => 1.0,
            Request::Fetch { .. } => self.limits.fetch_weight,
        };
        match self.limiter.admit(peer, weight, now) {
            Admission::Answer => {}
            Admission::Busy => {
                self.metrics.request("in", "busy");
                return Ok(Response::Busy);
            }
            Admission::Excess => {
                self.metrics.request("in", "excess");
                return Err(EXCESS);
            }
        }
        let response = match request {
            Request::Exchange {
                domain,
                summary,
                messages,
            } => {
                // What would have to be fetched this node asks for itself when it is its turn to ask.
                self.hub.hear(peer, domain, &summary, &messages);
                match self.hub.answer(domain, &summary) {
                    None => Response::Unknown,
                    Some((summary, messages)) => Response::Exchange {
                        summary,
                        messages: Messages::truncate_from(messages),
                    },
                }
            }
            Request::Fetch { domain, fingerprint } => match self.hub.sealed(domain, fingerprint) {
                None => Response::Unknown,
                Some(sealed) if self.limiter.may_send(sealed.encoded_size() as f64, now) => {
                    Response::Sealed(Box::new((*sealed).clone()))
                }
                Some(_) => Response::Busy,
            },
        };
        self.metrics.request("in", "answered");
        Ok(response)
    }
}

async fn ask(
    transport: &dyn Transport,
    metrics: &PopulationMetrics,
    peer: PeerId,
    request: &Request,
) -> Option<Response> {
    let answer = match transport.request(peer, request.encode()).await {
        Ok(answer) => answer,
        Err(error) => {
            log::trace!(target: LOG_TARGET, "{peer} does not answer: {error}");
            metrics.request("out", "failed");
            return None;
        }
    };
    match Response::read(&answer) {
        Ok(response) => {
            metrics.request("out", "answered");
            Some(response)
        }
        Err(error) => {
            log::debug!(target: LOG_TARGET, "Malformed answer of {peer}, which is banned: {error}");
            metrics.request("out", "malformed");
            transport.report(peer, MALFORMED);
            None
        }
    }
}

async fn fetch(
    hub: &Hub,
    transport: &dyn Transport,
    metrics: &PopulationMetrics,
    peer: PeerId,
    domain: DomainId,
    head: Head,
) {
    let request = Request::Fetch {
        domain,
        fingerprint: head.fingerprint,
    };
    if let Some(Response::Sealed(sealed)) = ask(transport, metrics, peer, &request).await {
        hub.offer(peer, domain, head, *sealed);
    }
}

fn change(offence: Offence) -> ReputationChange {
    match offence {
        Offence::Forged => FORGED,
        Offence::Stranger => STRANGER,
        Offence::WrongResult => WRONG_RESULT,
        Offence::WrongGeneration => WRONG_GENERATION,
    }
}

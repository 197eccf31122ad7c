//! Nodes with a real network between them, on the loopback device: honest ones, and such that answer what they are told to.

use doin_artifacts::{
    protocol::{Request, Response},
    ArtifactMetrics, ArtifactReference, ArtifactServer, ArtifactStore, FetchService, Fetcher, Limits, NetworkTransport,
    Protocol,
};
use doin_primitives::{Block, Hash};
use futures::FutureExt;
use parking_lot::Mutex;
use sc_network::{
    config::{
        FullNetworkConfiguration, MultiaddrWithPeerId, NetworkConfiguration, NodeKeyConfig, NonReservedPeerMode,
        NotificationHandshake, Params, ProtocolId, Role, Secret, SetConfig,
    },
    request_responses::{IncomingRequest, OutgoingResponse},
    service::traits::{
        NetworkBackend, NetworkService, NotificationEvent, NotificationService, PeerStore, ValidationResult,
    },
    IfDisconnected, Litep2pNetworkBackend, NetworkWorker, ProtocolName, RequestFailure,
};
use sc_network_types::{ed25519, PeerId};
use std::{collections::BTreeSet, net::TcpListener, sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;
use tempfile::TempDir;

/// The reputation below which the network lets nobody in.
pub use sc_network::peer_store::BANNED_THRESHOLD;

/// Several times of what the slowest machine needs.
const PATIENCE: Duration = Duration::from_secs(60);
const GENESIS: [u8; 32] = [7; 32];

/// Which of the SDK's two network libraries.
#[derive(Clone, Copy, Debug)]
pub enum Library {
    Litep2p,
    Libp2p,
}

/// Limits with short times.
pub fn limits() -> Limits {
    Limits {
        request_timeout: Duration::from_secs(2),
        have_timeout: Duration::from_secs(2),
        slow: Duration::from_millis(500),
        first_pause: Duration::from_millis(50),
        longest_pause: Duration::from_secs(1),
        ..Limits::default()
    }
}

/// A node's network.
pub struct Peer {
    pub id: PeerId,
    pub address: MultiaddrWithPeerId,
    pub network: Arc<dyn NetworkService>,
    pub protocol: ProtocolName,
    pub registry: Registry,
    connected: Arc<Mutex<BTreeSet<PeerId>>>,
    tasks: tokio::task::JoinSet<()>,
    requests: Option<async_channel::Receiver<IncomingRequest>>,
    limits: Limits,
}

impl Peer {
    /// A node that connects with `others`. Nobody can dial it unless it `listens`.
    pub fn start(library: Library, listens: bool, others: &[&Peer], limits: Limits) -> Self {
        match library {
            Library::Litep2p => Self::start_with::<Litep2pNetworkBackend>(listens, others, limits),
            Library::Libp2p => Self::start_with::<NetworkWorker<Block, Hash>>(listens, others, limits),
        }
    }

    fn start_with<N: NetworkBackend<Block, Hash>>(listens: bool, others: &[&Peer], limits: Limits) -> Self {
        let key = ed25519::SecretKey::generate();
        let key = NodeKeyConfig::Ed25519(Secret::Input(key));
        let id = key.clone().into_keypair().expect("a good key").public().to_peer_id();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("the loopback device has a port").port();
        let address: sc_network::Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("a good address");
        let set = SetConfig {
            in_peers: 50,
            out_peers: 50,
            reserved_nodes: others.iter().map(|peer| peer.address.clone()).collect(),
            non_reserved_mode: NonReservedPeerMode::Accept,
        };
        let mut configuration = NetworkConfiguration::new("peer", "test", key, None);
        configuration.listen_addresses = listens.then(|| address.clone()).into_iter().collect();
        configuration.allow_non_globals_in_dht = true;
        configuration.boot_nodes = others.iter().map(|peer| peer.address.clone()).collect();
        let mut full = FullNetworkConfiguration::<Block, Hash, N>::new(&configuration, None);
        let (protocol, artifacts) = Protocol::new::<Block, N>(GENESIS.into(), None, &limits);
        full.add_request_response_protocol(artifacts);
        let metrics = N::register_notification_metrics(None);
        // A full node's: its roles, its best block, its genesis.
        let handshake = codec::Encode::encode(&(1u8, 0u32, GENESIS, GENESIS));
        let (announces, notifications) = N::notification_config(
            "/test/announces/1".into(),
            Vec::new(),
            1_024,
            Some(NotificationHandshake::from_bytes(handshake)),
            set,
            metrics.clone(),
            full.peer_store_handle(),
        );
        let mut tasks = tokio::task::JoinSet::new();
        let store = full.take_peer_store();
        tasks.spawn(store.run());
        let network = N::new(Params {
            role: Role::Full,
            executor: Box::new(|task| drop(tokio::spawn(task))),
            network_config: full,
            protocol_id: ProtocolId::from("test"),
            genesis_hash: GENESIS.into(),
            fork_id: None,
            metrics_registry: None,
            block_announce_config: announces,
            ipfs_config: None,
            notification_metrics: metrics,
        })
        .expect("the network starts");
        let service = network.network_service();
        tasks.spawn(network.run());
        let connected = Arc::new(Mutex::new(BTreeSet::new()));
        tasks.spawn(keep_connected(notifications, connected.clone()));
        Self {
            id,
            address: MultiaddrWithPeerId {
                multiaddr: address,
                peer_id: id,
            },
            network: service,
            protocol: protocol.name,
            registry: Registry::new(),
            connected,
            tasks,
            requests: Some(protocol.requests),
            limits,
        }
    }

    fn transport(&self) -> Arc<NetworkTransport> {
        let connected = self.connected.clone();
        let peers = move || {
            let peers = connected.lock().iter().copied().collect();
            futures::future::ready(peers).boxed()
        };
        Arc::new(NetworkTransport::new(
            self.network.clone(),
            self.protocol.clone(),
            Box::new(peers),
        ))
    }

    /// Gives it a store: it serves what is in there, and fetches what it is told to.
    pub fn with_store(mut self, quota: u64) -> Node {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = ArtifactStore::open(folder.path(), quota).expect("opens");
        let metrics = ArtifactMetrics::register(&self.registry).expect("once");
        let transport = self.transport();
        let requests = self.requests.take().expect("one role");
        let server = ArtifactServer::new(
            store.clone(),
            requests,
            transport.clone(),
            self.limits.clone(),
            metrics.clone(),
        );
        self.tasks.spawn(server.run());
        let (fetcher, service) = FetchService::new(store.clone(), transport, self.limits.clone(), metrics);
        let fetching = self.tasks.spawn(service.run());
        Node {
            peer: self,
            store,
            fetcher,
            fetching,
            folder,
        }
    }

    /// Has it answer each request as it is told to.
    pub fn with_answers(mut self, answer: impl Fn(Request) -> Answer + Send + 'static) -> Self {
        let requests = self.requests.take().expect("one role");
        self.tasks.spawn(async move {
            let mut never = Vec::new();
            while let Ok(request) = requests.recv().await {
                let result = match answer(Request::read(&request.payload).expect("an honest node asks")) {
                    Answer::Message(message) => Ok(message),
                    Answer::Refuse => Err(()),
                    Answer::Never => {
                        never.push(request.pending_response);
                        continue;
                    }
                };
                let _ = request.pending_response.send(OutgoingResponse {
                    result,
                    reputation_changes: Vec::new(),
                    sent_feedback: None,
                });
            }
        });
        self
    }

    /// Sends any bytes as a request.
    pub async fn ask(&self, peer: PeerId, message: Vec<u8>) -> Result<Vec<u8>, RequestFailure> {
        let request = self.network.request(
            peer,
            self.protocol.clone(),
            message,
            None,
            IfDisconnected::ImmediateError,
        );
        within("an answer or a refusal", request)
            .await
            .map(|(answer, _)| answer)
    }

    pub fn is_connected(&self, peer: &Peer) -> bool {
        self.connected.lock().contains(&peer.id)
    }

    pub async fn wait_connected(&self, others: &[&Peer]) {
        let all = async {
            while !others
                .iter()
                .all(|other| self.is_connected(other) && other.is_connected(self))
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        within("the connection", all).await;
    }

    /// Waits until this node has thrown out the other one.
    pub async fn wait_banned(&self, other: &Peer) {
        let banned = async {
            while self.is_connected(other) || self.network.peer_reputation(&other.id) >= BANNED_THRESHOLD {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        within("the ban", banned).await;
    }

    /// The sum of the figures of that name that have this label.
    pub fn figure(&self, name: &str, label: &str) -> u64 {
        let families = self.registry.gather();
        let metrics = families.iter().filter(|family| family.get_name() == name);
        let matching = metrics.flat_map(|family| family.get_metric()).filter(|metric| {
            let mut labels = metric.get_label().iter();
            label.is_empty() || labels.any(|pair| pair.get_value() == label)
        });
        matching.map(|metric| metric.get_counter().get_value() as u64).sum()
    }
}

/// What a peer answers.
pub enum Answer {
    Message(Vec<u8>),
    Refuse,
    Never,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::Message(codec::Encode::encode(&response))
    }
}

/// A peer with a store.
pub struct Node {
    pub peer: Peer,
    pub store: ArtifactStore,
    pub fetcher: Fetcher,
    pub fetching: tokio::task::AbortHandle,
    pub folder: TempDir,
}

impl Node {
    /// Fetches, but does not wait for ever.
    pub async fn fetch(&self, artifact: ArtifactReference) -> Result<(), doin_artifacts::FetchError> {
        within("the download or its failure", self.fetcher.fetch(artifact)).await
    }
}

pub async fn within<F: std::future::Future>(what: &str, event: F) -> F::Output {
    tokio::time::timeout(PATIENCE, event)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come in {PATIENCE:?}"))
}

/// Lets everybody in, and notes who is there.
async fn keep_connected(mut notifications: Box<dyn NotificationService>, connected: Arc<Mutex<BTreeSet<PeerId>>>) {
    while let Some(event) = notifications.next_event().await {
        match event {
            NotificationEvent::ValidateInboundSubstream { result_tx, .. } => {
                let _ = result_tx.send(ValidationResult::Accept);
            }
            NotificationEvent::NotificationStreamOpened { peer, .. } => drop(connected.lock().insert(peer)),
            NotificationEvent::NotificationStreamClosed { peer } => drop(connected.lock().remove(&peer)),
            NotificationEvent::NotificationReceived { .. } => {}
        }
    }
}

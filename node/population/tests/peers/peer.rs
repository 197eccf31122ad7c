//! Nodes with a real network between them, on the loopback device.

use doin_artifacts::NetworkTransport;
use doin_population::{
    Context, Folder, Hub, Identity, Limits, PopulationMetrics, PopulationService, Protocol, Rules, Scope, Sealed, Sign,
};
use doin_primitives::{domain::DomainId, AccountId, Block, Hash};
use futures::FutureExt;
use parking_lot::Mutex;
use sc_network::{
    config::{
        FullNetworkConfiguration, MultiaddrWithPeerId, NetworkConfiguration, NodeKeyConfig, NonReservedPeerMode,
        NotificationHandshake, Params, ProtocolId, Role, Secret, SetConfig,
    },
    request_responses::IncomingRequest,
    service::traits::{
        NetworkBackend, NetworkService, NotificationEvent, NotificationService, PeerStore, ValidationResult,
    },
    IfDisconnected, Litep2pNetworkBackend, NetworkWorker, ProtocolName, RequestFailure,
};
use sc_network_types::{ed25519, PeerId};
use sp_core::{sr25519, Pair};
use sp_runtime::FixedU128;
use std::{
    collections::BTreeSet,
    net::TcpListener,
    sync::{atomic::AtomicUsize, Arc},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use substrate_prometheus_endpoint::Registry;

/// The reputation below which the network lets nobody in.
pub use sc_network::peer_store::BANNED_THRESHOLD;

/// Several times of what the slowest machine needs.
const PATIENCE: Duration = Duration::from_secs(120);
pub const GENESIS: [u8; 32] = [7; 32];
pub const DOMAIN: DomainId = 5;

/// Which of the SDK's two network libraries.
#[derive(Clone, Copy, Debug)]
pub enum Library {
    Litep2p,
    Libp2p,
}

/// A member.
#[derive(Clone)]
pub struct Key(sr25519::Pair);

impl Key {
    pub fn new(number: u8) -> Self {
        Self(sr25519::Pair::from_seed(&[number + 1; 32]))
    }

    pub fn account(&self) -> AccountId {
        AccountId::from(self.0.public().0)
    }
}

impl Sign for Key {
    fn sign(&self, message: &[u8]) -> Option<sr25519::Signature> {
        Some(self.0.sign(message))
    }
}

/// What the chain says.
pub fn context(members: u8) -> Context {
    Context {
        season: 0,
        start: Hash::repeat_byte(1),
        members: (0..members).map(|number| Key::new(number).account()).collect(),
    }
}

/// A member that takes part.
#[derive(Clone)]
pub struct Node {
    pub hub: Hub,
    pub evaluations: Arc<AtomicUsize>,
    pub sealed: Arc<Mutex<Vec<Arc<Sealed>>>>,
}

/// A node's network.
pub struct Peer {
    id: PeerId,
    address: MultiaddrWithPeerId,
    network: Arc<dyn NetworkService>,
    protocol: ProtocolName,
    registry: Registry,
    connected: Arc<Mutex<BTreeSet<PeerId>>>,
    tasks: tokio::task::JoinSet<()>,
    requests: Option<async_channel::Receiver<IncomingRequest>>,
}

impl Peer {
    /// A node that connects with `others`.
    pub fn start(library: Library, others: &[&Peer]) -> Self {
        match library {
            Library::Litep2p => Self::start_with::<Litep2pNetworkBackend>(others),
            Library::Libp2p => Self::start_with::<NetworkWorker<Block, Hash>>(others),
        }
    }

    fn start_with<N: NetworkBackend<Block, Hash>>(others: &[&Peer]) -> Self {
        let key = NodeKeyConfig::Ed25519(Secret::Input(ed25519::SecretKey::generate()));
        let id = key.clone().into_keypair().expect("a good key").public().to_peer_id();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("the loopback device has a port").port();
        let address: sc_network::Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("a good address");
        let known: Vec<_> = others.iter().map(|peer| peer.address.clone()).collect();
        let set = SetConfig {
            in_peers: 50,
            out_peers: 50,
            reserved_nodes: known.clone(),
            non_reserved_mode: NonReservedPeerMode::Accept,
        };
        let mut configuration = NetworkConfiguration::new("peer", "test", key, None);
        configuration.listen_addresses = vec![address.clone()];
        configuration.allow_non_globals_in_dht = true;
        configuration.boot_nodes = known;
        let mut full = FullNetworkConfiguration::<Block, Hash, N>::new(&configuration, None);
        let (protocol, population) = Protocol::new::<Block, N>(GENESIS.into(), None, &Limits::default());
        full.add_request_response_protocol(population);
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
        let multiaddr = address;
        Self {
            id,
            address: MultiaddrWithPeerId { multiaddr, peer_id: id },
            network: service,
            protocol: protocol.name,
            registry: Registry::new(),
            connected,
            tasks,
            requests: Some(protocol.requests),
        }
    }

    /// Takes part as the member of that number.
    pub fn share(&mut self, member: u8) -> Node {
        self.share_and_keep(member, None)
    }

    /// The same, and keeps its population in that folder.
    pub fn share_and_keep(&mut self, member: u8, folder: Option<Folder>) -> Node {
        let connected = self.connected.clone();
        let peers = move || futures::future::ready(connected.lock().iter().copied().collect()).boxed();
        let transport = NetworkTransport::new(self.network.clone(), self.protocol.clone(), Box::new(peers));
        let hub = Hub::new(folder);
        let requests = self.requests.take().expect("once");
        let metrics = PopulationMetrics::register(&self.registry).expect("nothing has these names");
        let service = PopulationService::new(hub.clone(), requests, Arc::new(transport), Limits::default(), metrics);
        self.tasks.spawn(service.run());
        let key = Key::new(member);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let identity = Identity {
            scope: Scope {
                genesis: GENESIS.into(),
                domain: DOMAIN,
            },
            account: key.account(),
            secret: rand::random(),
            sequence: now.as_millis() as u64,
            metric_scale: FixedU128::from_u32(1),
        };
        let rules = Rules {
            lease: Duration::from_secs(4),
            settle: Duration::from_millis(150),
            join: Duration::from_secs(1),
            ..Rules::default()
        };
        hub.join(identity, rules, Arc::new(key));
        Node {
            hub,
            evaluations: Arc::default(),
            sealed: Arc::default(),
        }
    }

    /// Sends any bytes as a request.
    pub async fn ask(&self, peer: &Peer, message: Vec<u8>) -> Result<Vec<u8>, RequestFailure> {
        let (protocol, direct) = (self.protocol.clone(), IfDisconnected::ImmediateError);
        let request = self.network.request(peer.id, protocol, message, None, direct);
        within("an answer or a refusal", request)
            .await
            .map(|(answer, _)| answer)
    }

    pub fn reputation(&self, other: &Peer) -> i32 {
        self.network.peer_reputation(&other.id)
    }

    /// What it has held against others, of that kind.
    pub fn offences(&self, kind: &str) -> u64 {
        let families = self.registry.gather();
        let metrics = families
            .iter()
            .filter(|family| family.get_name() == "doin_population_offences_total")
            .flat_map(|family| family.get_metric());
        let matching = metrics.filter(|metric| metric.get_label().iter().any(|pair| pair.get_value() == kind));
        matching.map(|metric| metric.get_counter().get_value() as u64).sum()
    }

    pub async fn wait_connected(&self, others: &[&Peer]) {
        let is_connected = |one: &Peer, other: &Peer| one.connected.lock().contains(&other.id);
        within("the connection", async {
            while !others
                .iter()
                .all(|other| is_connected(self, other) && is_connected(other, self))
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }

    /// Dies without a word.
    pub fn stop(mut self) {
        self.tasks.abort_all();
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

//! Whole nodes and the network between them.

use crate::genesis::{runtime_code, Genesis};
use doin_consensus::checkpoints::CheckpointFor;
use doin_node::{
    chain_specification::{ChainSpecification, Extensions},
    configuration::NodeConfiguration,
    service::{self, FullNode, Options},
};
use doin_primitives::{Block, Header};
use futures::{future::join_all, StreamExt};
use sc_client_api::{BlockchainEvents, StorageProvider};
use sc_network::config::{NetworkBackendType, SyncMode};
use sc_service::{
    config::{
        ExecutorConfiguration, KeystoreConfig, MultiaddrWithPeerId, NetworkConfiguration, NodeKeyConfig,
        OffchainWorkerConfig, PrometheusConfig, RpcBatchRequestConfig, RpcConfiguration, RpcMethods,
    },
    BasePath, Configuration, DatabaseSource, Role,
};
use sp_blockchain::HeaderBackend;
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Header as _;
use std::{future::Future, net::TcpListener, time::Duration};
use substrate_prometheus_endpoint::Registry;
use tempfile::TempDir;

/// Several times of what the slowest machine needs.
const PATIENCE: Duration = Duration::from_secs(240);

/// Waits for an event, but not for ever.
pub async fn within<F: Future>(what: &str, event: F) -> F::Output {
    tokio::time::timeout(PATIENCE, event)
        .await
        .unwrap_or_else(|_| panic!("{what} did not happen in {PATIENCE:?}"))
}

/// A TCP port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback device has a port");
    listener.local_addr().expect("it is bound").port()
}

/// How a node is found.
pub struct Address {
    port: u16,
    key: [u8; 32],
}

impl Address {
    /// A free port; the number makes the identity.
    pub fn new(number: u8) -> Self {
        Address {
            port: free_port(),
            key: [number; 32],
        }
    }

    /// The secret of its identity.
    pub fn node_key(&self) -> NodeKeyConfig {
        let mut secret = self.key;
        let secret = sc_network_types::ed25519::SecretKey::try_from_bytes(&mut secret).expect("any bytes are a secret");
        NodeKeyConfig::Ed25519(sc_network::config::Secret::Input(secret))
    }

    /// Where it listens.
    pub fn listen(&self) -> sc_network::Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{}", self.port)
            .parse()
            .expect("a good address")
    }

    /// Where it listens, with its identity.
    pub fn full(&self) -> MultiaddrWithPeerId {
        let key = self.node_key().into_keypair().expect("a good key");
        MultiaddrWithPeerId {
            multiaddr: self.listen(),
            peer_id: key.public().to_peer_id(),
        }
    }
}

/// A chain specification in its raw form, so that not every node has to build genesis anew.
pub fn specification(genesis: &Genesis) -> Vec<u8> {
    let built = ChainSpecification::builder(&runtime_code(), Extensions::default())
        .with_name("DOIN test")
        .with_id("doin_test")
        .with_chain_type(sc_chain_spec::ChainType::Local)
        .with_protocol_id("doin")
        .with_genesis_config_patch(genesis.patch().clone())
        .build();
    built.as_json(true).expect("the genesis state builds").into_bytes()
}

/// What a node is there for, and how it finds its way to the others.
pub struct Part {
    /// An authority with the session keys of this account; `None`: it only follows.
    pub authority: Option<Sr25519Keyring>,
    /// The roles of its worker.
    pub worker: NodeConfiguration,
    /// How it gets at the chain.
    pub sync: SyncMode,
    /// Which of the SDK's two network libraries it uses.
    pub backend: NetworkBackendType,
}

/// The configuration of a node in `folder`.
pub fn configuration(
    part: &Part,
    own: &Address,
    others: Vec<MultiaddrWithPeerId>,
    specification: &[u8],
    folder: &TempDir,
) -> Configuration {
    let base = folder.path().to_path_buf();
    let name = part.authority.map_or("follower".into(), |who| who.to_string());
    let mut network = NetworkConfiguration::new(name, "test", own.node_key(), None);
    network.listen_addresses = vec![own.listen()];
    network.boot_nodes = others;
    network.allow_non_globals_in_dht = true;
    network.sync_mode = part.sync;
    network.min_peers_to_start_warp_sync = Some(1);
    network.network_backend = part.backend;
    Configuration {
        impl_name: "doin-node".into(),
        impl_version: "test".into(),
        role: if part.authority.is_some() {
            Role::Authority
        } else {
            Role::Full
        },
        tokio_handle: tokio::runtime::Handle::current(),
        transaction_pool: sc_transaction_pool::TransactionPoolOptions::new_with_params(
            8192,
            20 * 1024 * 1024,
            None,
            sc_transaction_pool::TransactionPoolType::ForkAware,
            false,
            false,
        ),
        network,
        keystore: KeystoreConfig::InMemory,
        database: DatabaseSource::RocksDb {
            path: base.join("database"),
            cache_size: 16,
        },
        trie_cache_maximum_size: Some(16 * 1024 * 1024),
        warm_up_trie_cache: None,
        state_pruning: None,
        blocks_pruning: sc_service::BlocksPruning::KeepFinalized,
        chain_spec: Box::new(ChainSpecification::from_json_bytes(specification.to_vec()).expect("just written")),
        executor: ExecutorConfiguration::default(),
        wasm_runtime_overrides: None,
        rpc: RpcConfiguration {
            addr: None,
            max_connections: 10,
            cors: None,
            methods: RpcMethods::Auto,
            max_request_size: 15,
            max_response_size: 15,
            id_provider: None,
            max_subs_per_conn: 16,
            port: 0,
            message_buffer_capacity: 64,
            batch_config: RpcBatchRequestConfig::Unlimited,
            rate_limit: None,
            rate_limit_whitelisted_ips: Vec::new(),
            rate_limit_trust_proxy_headers: false,
            request_logger_limit: 1024,
        },
        prometheus_config: Some(PrometheusConfig::new_with_default_registry(
            ([127, 0, 0, 1], 0).into(),
            "doin_test".into(),
        )),
        telemetry_endpoints: None,
        offchain_worker: OffchainWorkerConfig {
            enabled: false,
            indexing_enabled: false,
        },
        force_authoring: false,
        disable_grandpa: false,
        dev_key_seed: part.authority.map(|who| who.to_seed()),
        tracing_targets: None,
        tracing_receiver: sc_service::TracingReceiver::Log,
        announce_block: true,
        data_path: base.clone(),
        base_path: BasePath::new(base),
    }
}

/// A network of whole nodes.
pub struct FullNetwork {
    /// The nodes, in order of joining.
    pub nodes: Vec<FullNode>,
    /// Where each is found.
    pub addresses: Vec<Address>,
    folders: Vec<TempDir>,
    registries: Vec<Registry>,
    specification: Vec<u8>,
    runtime: tokio::runtime::Runtime,
}

impl FullNetwork {
    /// One node for each authority of a genesis. The first one plays the roles of `worker`; the second one uses the
    /// other network library.
    pub fn start(genesis: &Genesis, worker: NodeConfiguration) -> Self {
        Self::start_with(genesis, vec![worker])
    }

    /// The same with the roles of as many workers as there are; the nodes after them only relay.
    pub fn start_with(genesis: &Genesis, workers: Vec<NodeConfiguration>) -> Self {
        let mut network = Self::empty(genesis);
        let mut workers = workers
            .into_iter()
            .chain(std::iter::repeat_with(NodeConfiguration::default));
        for (place, who) in genesis.members().iter().enumerate() {
            network.join(Part {
                authority: Some(*who),
                worker: workers.next().expect("endless"),
                sync: SyncMode::Full,
                backend: if place == 1 {
                    NetworkBackendType::Libp2p
                } else {
                    NetworkBackendType::Litep2p
                },
            });
        }
        network
    }

    /// Without any node.
    pub fn empty(genesis: &Genesis) -> Self {
        // Says what RUST_LOG asks for.
        sp_tracing::try_init_simple();
        FullNetwork {
            nodes: Vec::new(),
            addresses: Vec::new(),
            folders: Vec::new(),
            registries: Vec::new(),
            specification: specification(genesis),
            runtime: tokio::runtime::Runtime::new().expect("a runtime can be built"),
        }
    }

    /// Starts another node, which knows the addresses of those before it.
    pub fn join(&mut self, part: Part) -> &FullNode {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        self.join_with(part, folder, Vec::new())
    }

    /// Starts another node with the database in `folder`, if there is one, and with checkpoints.
    pub fn join_with(&mut self, part: Part, folder: TempDir, checkpoints: Vec<CheckpointFor<Block>>) -> &FullNode {
        let address = Address::new(self.nodes.len() as u8 + 1);
        let others = self.addresses.iter().map(Address::full).collect();
        // As the command line does it: inside the runtime.
        let (node, registry) = self.runtime.block_on(async {
            let configuration = configuration(&part, &address, others, &self.specification, &folder);
            let registry = configuration.prometheus_registry().cloned();
            let backend = part.backend;
            let options = Options {
                node: part.worker,
                sealing: None,
                checkpoints,
            };
            let node = match backend {
                NetworkBackendType::Libp2p => service::start::<sc_network::NetworkWorker<_, _>>(configuration, options),
                NetworkBackendType::Litep2p => {
                    service::start::<sc_network::Litep2pNetworkBackend>(configuration, options)
                }
            };
            (node, registry.expect("it has figures"))
        });
        self.nodes.push(node.expect("the node starts"));
        self.addresses.push(address);
        self.folders.push(folder);
        self.registries.push(registry);
        &self.nodes[self.nodes.len() - 1]
    }

    /// Waits until the same block, which is `wanted` on the node at `place`, is final on all nodes.
    pub fn wait_for(&self, what: &str, place: usize, wanted: impl Fn(&Header) -> bool) -> Header {
        let found = self.wait(what, finalized(&self.nodes[place], wanted));
        let number = *found.number();
        let same = self
            .nodes
            .iter()
            .map(|node| finalized(node, move |header| *header.number() >= number));
        for (place, header) in self.wait(what, join_all(same)).into_iter().enumerate() {
            if *header.number() == number {
                assert_eq!(header, found, "{what}: node {place} has finalized another block");
            } else {
                // It began above, with the state of a later block, and fetches what was before.
                let node = &self.nodes[place];
                assert!(
                    block(node, number).is_none_or(|header| header == found),
                    "{what}: node {place}"
                );
                assert!(
                    block(&self.nodes[0], *header.number()).is_none_or(|other| other == header),
                    "{what}"
                );
            }
        }
        found
    }

    /// Waits for something.
    pub fn wait<T>(&self, what: &str, event: impl Future<Output = T>) -> T {
        self.runtime.block_on(within(what, event))
    }

    /// The sum of a node's figures of that name that have all these labels; `None` when it has no such figure.
    pub fn figure(&self, place: usize, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let families = self.registries[place].gather();
        let family = families.iter().find(|family| family.get_name() == name)?;
        let matching = family.get_metric().iter().filter(|metric| {
            labels.iter().all(|(label, value)| {
                let mut pairs = metric.get_label().iter();
                pairs.any(|pair| pair.get_name() == *label && pair.get_value() == *value)
            })
        });
        Some(
            matching
                .map(|metric| metric.get_counter().get_value() + metric.get_gauge().get_value())
                .sum(),
        )
    }

    /// The folder of a node's store of parameters.
    pub fn artifacts(&self, place: usize) -> std::path::PathBuf {
        let base = BasePath::new(self.folders[place].path());
        base.config_dir("doin_test").join("worker").join("artifacts")
    }

    /// The runtime that all nodes are in.
    #[allow(dead_code, reason = "benches/network is made of this module too")]
    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// Ends all nodes.
    pub fn stop(self) {
        drop(self.nodes);
        self.runtime.shutdown_timeout(Duration::from_secs(20));
        drop(self.folders);
    }
}

/// The block of that number on a node's best chain, if it has it.
pub fn block(node: &FullNode, number: u32) -> Option<Header> {
    let hash = node.client.hash(number).expect("the database works")?;
    node.client.header(hash).expect("the database works")
}

/// Whether a node has the state after the block of that number.
pub fn has_state(node: &FullNode, number: u32) -> bool {
    block(node, number).is_some_and(|header| node.client.storage_pairs(header.hash(), None, None).is_ok())
}

/// Follows what becomes final on a node, block by block, until one is wanted.
async fn finalized(node: &FullNode, wanted: impl Fn(&Header) -> bool) -> Header {
    let mut stream = node.client.finality_notification_stream();
    let mut next = 1;
    loop {
        let last = node.client.info().finalized_number;
        if let Some(found) = (next..=last).filter_map(|number| block(node, number)).find(&wanted) {
            return found;
        }
        next = last + 1;
        stream.next().await.expect("the node lives");
    }
}

/// Reads the state after a block with the pallets themselves, after a check of their invariants.
pub fn inspect<R>(node: &FullNode, at: &Header, read: impl FnOnce() -> R) -> R {
    let pairs = node
        .client
        .storage_pairs(at.hash(), None, None)
        .expect("the state is kept");
    let top = pairs.map(|(key, value)| (key.0, value.0)).collect();
    sp_io::TestExternalities::new(Storage {
        top,
        children_default: Default::default(),
    })
    .execute_with(|| {
        doin_runtime::do_try_state().expect("every invariant holds");
        read()
    })
}

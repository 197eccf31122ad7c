//! Whole nodes as the binary starts them, several in one process, over TCP on the loopback device: real slots, real
//! gossip, real voters. Everything is waited for as an event, with a bound that only a broken node reaches.

#[path = "harness/genesis.rs"]
#[allow(dead_code)]
mod genesis;
#[path = "harness/transactions.rs"]
#[allow(dead_code)]
mod transactions;

use doin_consensus::digests::{claim_of, optimization_of};
use doin_node::{
    chain_specification::{ChainSpecification, Extensions},
    configuration::NodeConfiguration,
    service::{self, FullNode, Options},
};
use doin_primitives::{Header, DOIN};
use doin_runtime::ProofOfOptimization;
use futures::{future::join_all, StreamExt};
use genesis::{runtime_code, Genesis};
use sc_client_api::{BlockchainEvents, StorageProvider};
use sc_service::{
    config::{
        ExecutorConfiguration, KeystoreConfig, MultiaddrWithPeerId, NetworkConfiguration, NodeKeyConfig,
        OffchainWorkerConfig, RpcBatchRequestConfig, RpcConfiguration, RpcMethods,
    },
    BasePath, Configuration, DatabaseSource, Role,
};
use sc_transaction_pool_api::{TransactionPool, TransactionSource};
use serde_json::json;
use sp_blockchain::HeaderBackend;
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Ferdie};
use sp_runtime::traits::Header as _;
use std::{future::Future, net::TcpListener, time::Duration};
use tempfile::TempDir;

/// Several times of what the slowest machine needs.
const PATIENCE: Duration = Duration::from_secs(240);

async fn within<F: Future>(what: &str, event: F) -> F::Output {
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
struct Address {
    port: u16,
    key: [u8; 32],
}

impl Address {
    fn new(number: u8) -> Self {
        Address {
            port: free_port(),
            key: [number; 32],
        }
    }

    fn node_key(&self) -> NodeKeyConfig {
        let mut secret = self.key;
        let secret = sc_network_types::ed25519::SecretKey::try_from_bytes(&mut secret).expect("any bytes are a secret");
        NodeKeyConfig::Ed25519(sc_network::config::Secret::Input(secret))
    }

    fn listen(&self) -> sc_network::Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{}", self.port)
            .parse()
            .expect("a good address")
    }

    fn full(&self) -> MultiaddrWithPeerId {
        let key = self.node_key().into_keypair().expect("a good key");
        MultiaddrWithPeerId {
            multiaddr: self.listen(),
            peer_id: key.public().to_peer_id(),
        }
    }
}

/// A chain specification in its raw form, so that not every node has to build genesis anew.
fn specification(genesis: &Genesis) -> Vec<u8> {
    let built = ChainSpecification::builder(&runtime_code(), Extensions::default())
        .with_name("DOIN test")
        .with_id("doin_test")
        .with_chain_type(sc_chain_spec::ChainType::Local)
        .with_protocol_id("doin")
        .with_genesis_config_patch(genesis.patch().clone())
        .build();
    built.as_json(true).expect("the genesis state builds").into_bytes()
}

fn configuration(
    who: Sr25519Keyring,
    own: &Address,
    others: Vec<MultiaddrWithPeerId>,
    specification: &[u8],
    folder: &TempDir,
) -> Configuration {
    let base = folder.path().to_path_buf();
    let mut network = NetworkConfiguration::new(who.to_string(), "test", own.node_key(), None);
    network.listen_addresses = vec![own.listen()];
    network.boot_nodes = others;
    network.allow_non_globals_in_dht = true;
    Configuration {
        impl_name: "doin-node".into(),
        impl_version: "test".into(),
        role: Role::Authority,
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
        prometheus_config: None,
        telemetry_endpoints: None,
        offchain_worker: OffchainWorkerConfig {
            enabled: false,
            indexing_enabled: false,
        },
        force_authoring: false,
        disable_grandpa: false,
        dev_key_seed: Some(who.to_seed()),
        tracing_targets: None,
        tracing_receiver: sc_service::TracingReceiver::Log,
        announce_block: true,
        data_path: base.clone(),
        base_path: BasePath::new(base),
    }
}

/// A network of whole nodes, one for each authority of a genesis. The first one plays the roles of `worker`.
struct FullNetwork {
    nodes: Vec<FullNode>,
    folders: Vec<TempDir>,
    runtime: tokio::runtime::Runtime,
}

impl FullNetwork {
    fn start(genesis: &Genesis, worker: NodeConfiguration) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
        let specification = specification(genesis);
        let addresses: Vec<Address> = (1..).take(genesis.members().len()).map(Address::new).collect();
        let folders: Vec<TempDir> = addresses
            .iter()
            .map(|_| tempfile::tempdir().expect("a folder"))
            .collect();
        let mut roles = std::iter::once(worker).chain(std::iter::repeat(NodeConfiguration::default()));
        let mut nodes = vec![];
        for (place, who) in genesis.members().iter().enumerate() {
            let others = addresses
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != place)
                .map(|(_, other)| other.full());
            let options = Options {
                node: roles.next().expect("endless"),
                is_development: false,
                sealing: None,
                checkpoints: Vec::new(),
            };
            // As the command line does it: inside the runtime.
            let node = runtime.block_on(async {
                let configuration = configuration(
                    *who,
                    &addresses[place],
                    others.collect(),
                    &specification,
                    &folders[place],
                );
                service::start::<sc_network::Litep2pNetworkBackend>(configuration, options)
            });
            nodes.push(node.expect("the node starts"));
        }
        FullNetwork {
            nodes,
            folders,
            runtime,
        }
    }

    /// Waits for something of all nodes.
    fn wait_for_all<'a, T, F: Future<Output = T>>(&'a self, what: &str, event: impl Fn(&'a FullNode) -> F) -> Vec<T> {
        self.runtime
            .block_on(within(what, join_all(self.nodes.iter().map(event))))
    }

    /// Waits for something of one.
    fn wait<T>(&self, what: &str, event: impl Future<Output = T>) -> T {
        self.runtime.block_on(within(what, event))
    }

    /// Ends all nodes.
    fn stop(self) {
        drop(self.nodes);
        self.runtime.shutdown_timeout(Duration::from_secs(20));
        drop(self.folders);
    }
}

fn header(node: &FullNode, number: u32) -> Header {
    let hash = node
        .client
        .hash(number)
        .expect("the database works")
        .expect("the block is known");
    node.client
        .header(hash)
        .expect("the database works")
        .expect("the block is known")
}

/// Follows what becomes final on a node, block by block, until one is wanted.
async fn finalized(node: &FullNode, wanted: impl Fn(&Header) -> bool) -> Header {
    let mut stream = node.client.finality_notification_stream();
    let mut next = 1;
    loop {
        for number in next..=node.client.info().finalized_number {
            let header = header(node, number);
            if wanted(&header) {
                return header;
            }
            next = number + 1;
        }
        stream.next().await.expect("the node lives");
    }
}

/// Reads the state after a block with the pallets themselves, after a check of their invariants.
fn inspect<R>(node: &FullNode, at: &Header, read: impl FnOnce() -> R) -> R {
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

#[test]
fn three_nodes_optimize_and_finalize_one_chain() {
    // Short slots and epochs, so that sessions and voters change while the test waits.
    let genesis = Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob, Charlie])
        .with(json!({"proofOfOptimization": {"parameters": {"slotDuration": 1_000, "epochLength": 20}}}));
    let mut worker = NodeConfiguration::development();
    worker.worker.compute.backend = doin_compute::Backend::Cpu;
    let network = FullNetwork::start(&genesis, worker);

    let optimization = network.wait("an optimization block is final", async {
        finalized(&network.nodes[0], |header| optimization_of(header).is_some()).await
    });
    let number = *optimization.number();
    let same = network.wait_for_all("it is final on all nodes", |node| {
        finalized(node, move |header| *header.number() == number)
    });
    assert!(
        same.iter().all(|header| *header == optimization),
        "all have the same block at {number}"
    );

    // Past the first change of voters finality still goes on.
    let later = network.wait("two epochs after", async {
        let start = u64::from(claim_of(&optimization).expect("every block has a claim").slot);
        let wanted = |header: &Header| u64::from(claim_of(header).expect("every block has a claim").slot) >= start + 45;
        finalized(&network.nodes[1], wanted).await
    });
    let number = *later.number();
    let same = network.wait_for_all("it is final on all nodes", |node| {
        finalized(node, move |header| *header.number() == number)
    });
    assert!(
        same.iter().all(|header| *header == later),
        "all have the same block at {number}"
    );
    let status = inspect(&network.nodes[2], &later, ProofOfOptimization::network_status);
    assert!(status.optimization_height >= 1);
    assert!(status.epoch >= 2);
    assert!(
        status.authorities.iter().any(|(_, weight)| *weight > 10_000),
        "reputation was earned: {status:?}"
    );
    network.stop();
}

#[test]
fn an_idle_network_includes_a_transfer_within_two_slots_and_finalizes_it_without_more() {
    // Nothing but transactions makes blocks here: no primaries to speak of, no signs of life, one epoch.
    let genesis =
        Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob, Charlie]).with(json!({
            "proofOfOptimization": {
                "parameters": {"epochLength": 100_000, "idleSlots": 100_000, "primaryProbability": [1, 1_000_000_000]},
            }
        }));
    let network = FullNetwork::start(&genesis, NodeConfiguration::default());
    // The chain begins; then there is nothing to do.
    let first = network.wait_for_all("the first block is final", |node| finalized(node, |_| true));
    assert!(first.iter().all(|header| *header == first[0]));

    for sent in 0..3u32 {
        let node = &network.nodes[sent as usize];
        let best = node.client.info().best_hash;
        let genesis_hash = node.client.info().genesis_hash;
        let transaction = transactions::signed(
            transactions::transfer(Bob.to_account_id(), DOIN),
            Ferdie,
            sent,
            genesis_hash,
        );
        let submitted = doin_consensus::Clock::system().slot(doin_primitives::engine::SlotDuration::from_millis(2_000));
        network
            .wait(
                "the pool answers",
                node.pool.submit_one(best, TransactionSource::External, transaction),
            )
            .expect("the pool takes it");
        let wanted = sent + 2;
        let included = network.wait_for_all("the transfer is final on all nodes", |node| {
            finalized(node, move |header| *header.number() == wanted)
        });
        assert!(included.iter().all(|header| *header == included[0]));
        let slot = claim_of(&included[0]).expect("every block has a claim").slot;
        assert!(
            slot <= submitted + 2,
            "sent in slot {submitted}, included in slot {slot}"
        );
        for node in &network.nodes {
            assert_eq!(node.client.info().best_number, wanted, "no block came after it");
        }
        let nonce = inspect(&network.nodes[0], &included[0], || {
            frame_system::Pallet::<doin_runtime::Runtime>::account_nonce(Ferdie.to_account_id())
        });
        assert_eq!(nonce, sent + 1);
    }
    network.stop();
}

//! Blocks and optimae among running nodes.

use crate::{
    genesis::Genesis,
    network::{inspect, FullNetwork, Part},
    spread,
};
use doin_consensus::digests::claim_of;
use doin_node::configuration::NodeConfiguration;
use doin_primitives::{optimum::OptimumId, Hash, Header, DOIN};
use doin_runtime::{RuntimeEvent, System};
use futures::{stream::SelectAll, StreamExt};
use sc_client_api::BlockchainEvents;
use sc_network::config::{NetworkBackendType, SyncMode};
use serde_json::json;
use sp_blockchain::HeaderBackend;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Header as _;
use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

/// In milliseconds: the local preset's.
const SLOT: u64 = 2_000;
/// How long blocks are watched.
const WATCHED: Duration = Duration::from_secs(150);

/// When a block was imported, by the first node and by the last one so far, and by how many.
struct Imports {
    number: u32,
    first: Instant,
    last: Instant,
    count: usize,
}

/// An optimum's way: slots and times of its reveal and its decision.
#[derive(Default)]
struct Way {
    revealed: Option<(u64, Instant)>,
    decided: Option<(u64, Instant)>,
}

/// The accounts of the keyring whose keys follow from their names: eight. Further nodes only follow.
fn members(nodes: usize) -> Vec<Sr25519Keyring> {
    use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie, One, Two};
    let all = [Alice, Bob, Charlie, Dave, Eve, Ferdie, One, Two];
    all.into_iter().take(nodes).collect()
}

fn start(nodes: usize) -> FullNetwork {
    let members = members(nodes);
    let balances: Vec<_> = Sr25519Keyring::iter()
        .map(|who| (who.to_account_id(), 100_000 * DOIN))
        .collect();
    let genesis = Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &members)
        .authorities(&members)
        .with(json!({
            "balances": {"balances": balances},
            "proofOfOptimization": {"parameters": {"slotDuration": SLOT}},
        }));
    let mut worker = NodeConfiguration::development();
    worker.worker.compute.backend = doin_compute::Backend::Cpu;
    let mut network = FullNetwork::empty(&genesis);
    for place in 0..nodes {
        network.join(Part {
            authority: members.get(place).copied(),
            worker: if place == 0 {
                worker.clone()
            } else {
                NodeConfiguration::default()
            },
            sync: SyncMode::Full,
            backend: NetworkBackendType::Litep2p,
        });
    }
    network
}

/// Watches what all nodes import for a while.
fn watch(network: &FullNetwork) -> HashMap<Hash, Imports> {
    let mut streams = SelectAll::new();
    for node in &network.nodes {
        streams.push(node.client.every_import_notification_stream());
    }
    let mut imports: HashMap<Hash, Imports> = HashMap::new();
    network.runtime().block_on(async {
        let _ = tokio::time::timeout(WATCHED, async {
            while let Some(notification) = streams.next().await {
                let now = Instant::now();
                let entry = imports.entry(notification.hash).or_insert(Imports {
                    number: *notification.header.number(),
                    first: now,
                    last: now,
                    count: 0,
                });
                entry.last = now;
                entry.count += 1;
            }
        })
        .await;
    });
    imports
}

/// The reveals and decisions in blocks that all have imported, on the best chain of the first node. An optimum counts
/// from the first import of its reveal's block to the last import of its decision's.
fn optimae(network: &FullNetwork, imports: &HashMap<Hash, Imports>) -> BTreeMap<OptimumId, Way> {
    let node = &network.nodes[0];
    let mut ways: BTreeMap<OptimumId, Way> = BTreeMap::new();
    for number in 1..=node.client.info().best_number {
        let hash = node
            .client
            .hash(number)
            .expect("the database works")
            .expect("on the best chain");
        let Some(times) = imports.get(&hash) else { continue };
        let header: Header = node
            .client
            .header(hash)
            .expect("the database works")
            .expect("it is known");
        let slot = claim_of(&header).expect("every block has a claim").slot.into();
        let events: Vec<RuntimeEvent> = inspect(node, &header, || {
            System::read_events_no_consensus().map(|record| record.event).collect()
        });
        for event in events {
            match event {
                RuntimeEvent::Optimae(pallet_optimae::Event::OptimumRevealed { optimum, .. }) => {
                    ways.entry(optimum).or_default().revealed = Some((slot, times.first));
                }
                RuntimeEvent::Optimae(pallet_optimae::Event::OptimumEnded { optimum, .. }) => {
                    ways.entry(optimum).or_default().decided = Some((slot, times.last));
                }
                _ => {}
            }
        }
    }
    ways
}

/// Prints the figures for each number of nodes.
pub fn run(sizes: &[u32]) {
    println!(
        "\nSlots of {} s, watched for {} s: median, 90 %, most\n",
        SLOT / 1_000,
        WATCHED.as_secs()
    );
    println!("| nodes | authorities | blocks | from its author to the last node, ms | optimae | reveal to decision, slots | reveal to decision on the last node, s |");
    println!("|---|---|---|---|---|---|---|");
    for size in sizes {
        let nodes = *size as usize;
        let network = start(nodes);
        // All are there and agree.
        let begun = network.wait_for("a block is final everywhere", 0, |header| *header.number() >= 3);
        let imports = watch(&network);
        let everywhere: Vec<&Imports> = imports
            .values()
            .filter(|imports| imports.count == nodes && imports.number > *begun.number())
            .collect();
        let milliseconds = |imports: &&Imports| (imports.last - imports.first).as_secs_f64() * 1_000.0;
        let ways: Vec<(u64, f64)> = optimae(&network, &imports)
            .into_values()
            .filter_map(|way| {
                let ((from, begin), (to, end)) = (way.revealed?, way.decided?);
                Some((to - from, (end - begin).as_secs_f64()))
            })
            .collect();
        println!(
            "| {nodes} | {} | {} | {} | {} | {} | {} |",
            members(nodes).len(),
            everywhere.len(),
            spread(everywhere.iter().map(milliseconds).collect(), 0),
            ways.len(),
            spread(ways.iter().map(|(slots, _)| *slots as f64).collect(), 0),
            spread(ways.iter().map(|(_, seconds)| *seconds).collect(), 1),
        );
        network.stop();
    }
}

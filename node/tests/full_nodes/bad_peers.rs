//! Peers that send what no honest node sends: it costs them their standing, and the node nothing.

use crate::{
    database::Solo,
    harness::{FIRST_SLOT, SLOT_DURATION},
    network::{block, FullNetwork, Part},
    stranger::{Protocol, Stranger},
    Genesis,
};
use codec::Encode;
use doin_consensus::{Checkpoint, Clock};
use doin_node::{configuration::NodeConfiguration, service::FullNode};
use doin_primitives::{engine::SlotDuration, Hash, Header};
use sc_network::{
    config::{NetworkBackendType, SyncMode},
    peer_store::BANNED_THRESHOLD,
    PeerId,
};
use sc_transaction_pool_api::TransactionPool;
use serde_json::json;
use sp_blockchain::HeaderBackend;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::traits::Header as _;
use std::time::Duration;

fn follower() -> Part {
    Part {
        authority: None,
        worker: NodeConfiguration::default(),
        sync: SyncMode::Full,
        backend: NetworkBackendType::Litep2p,
    }
}

/// Two authorities with short slots.
fn pair() -> Genesis {
    Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob])
        .authorities(&[Alice, Bob])
        .with(json!({"proofOfOptimization": {"parameters": {"slotDuration": 1_000, "primaryProbability": [1, 2]}}}))
}

/// One authority, which wins every slot.
fn alone() -> Genesis {
    Genesis::local()
        .authorities(&[Alice])
        .with(json!({"proofOfOptimization": {"parameters": {
            "minimumAuthorities": 1, "primaryProbability": [1, 1],
        }}}))
}

/// Waits until a peer's standing with a node is below.
async fn standing_below(node: &FullNode, peer: PeerId, bound: i32) {
    for step in 0u32.. {
        let standing = node.network.peer_reputation(&peer);
        if standing < bound {
            return;
        }
        if step % 250 == 249 {
            eprintln!("the standing of {peer} is {standing}, not yet below {bound}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A block with this number is final on all nodes after the one that is now: the network goes on.
fn goes_on(network: &FullNetwork) {
    let next = network.nodes[0].client.info().finalized_number + 3;
    network.wait_for("the chain goes on", 0, |header| *header.number() >= next);
}

/// Bytes that nothing decodes: a compact length far beyond what follows, and different ones each time.
fn garbage(number: u32, length: usize) -> Vec<u8> {
    let mut bytes = vec![0xff; length.max(8)];
    bytes[4..8].copy_from_slice(&number.to_le_bytes());
    bytes
}

#[test]
fn garbage_costs_its_sender_and_nobody_else() {
    let network = FullNetwork::start(&pair(), NodeConfiguration::default());
    network.wait_for("the first block is final", 0, |_| true);
    let victim = &network.nodes[0];
    let genesis = victim.client.info().genesis_hash;
    let honest = network.addresses[1].full().peer_id;
    let standing = |peer: PeerId| victim.network.peer_reputation(&peer);

    network.wait("a stranger is punished", async {
        let mut stranger = Stranger::dial(100, genesis, &network.addresses[0]);
        stranger.connected().await;

        // Announcements that do not decode are dropped with a line in the log. The SDK takes nothing for them.
        for number in 0..50 {
            assert!(stranger.say(Protocol::Announcements, garbage(number, 100)).await);
        }

        // Transactions that do not decode. Such as are no transactions of the runtime cost their sender nothing, by the
        // SDK's choice, but do not get into the pool either.
        let nonsense: Vec<Vec<u8>> = (0..20).map(|number| garbage(number, 200)).collect();
        assert!(stranger.say(Protocol::Transactions, nonsense.encode()).await);
        let before = standing(stranger.id);
        assert!(stranger.say(Protocol::Transactions, garbage(0, 1_000)).await);
        standing_below(victim, stranger.id, before - 2_000).await;
        assert_eq!(victim.pool.status().ready + victim.pool.status().future, 0);

        // Votes that do not decode, until the node has had enough. Each costs as much as it is long.
        for number in 0.. {
            let before = standing(stranger.id);
            if before < BANNED_THRESHOLD || !stranger.say(Protocol::Votes, garbage(number, 1_000_000)).await {
                break;
            }
            // Not for ever: one may have got lost on a connection that the node was just about to close.
            let loses = standing_below(victim, stranger.id, before);
            let _ = tokio::time::timeout(Duration::from_secs(1), loses).await;
        }
        standing_below(victim, stranger.id, BANNED_THRESHOLD).await;
        stranger.closed(Protocol::Announcements).await;
    });
    assert!(standing(honest) > BANNED_THRESHOLD / 1_000, "{}", standing(honest));
    goes_on(&network);
    network.stop();
}

#[test]
fn who_announces_a_block_that_it_does_not_have_is_sent_away() {
    let network = FullNetwork::start(&pair(), NodeConfiguration::default());
    let first = network.wait_for("the first block is final", 0, |_| true);
    let victim = &network.nodes[0];
    let genesis = victim.client.info().genesis_hash;
    network.wait("a stranger is sent away", async {
        let mut stranger = Stranger::dial(100, genesis, &network.addresses[0]);
        stranger.connected().await;
        // The end of a chain that nobody has: without claim or seal.
        let header = Header::new(
            1_000_000,
            Hash::repeat_byte(1),
            Hash::repeat_byte(2),
            first.hash(),
            Default::default(),
        );
        const BEST: u8 = 1;
        let announcement = (header, BEST, Vec::<u8>::new()).encode();
        let before = victim.network.peer_reputation(&stranger.id);
        assert!(stranger.say(Protocol::Announcements, announcement).await);
        standing_below(victim, stranger.id, before - 500).await;
        stranger.closed(Protocol::Announcements).await;
    });
    goes_on(&network);
    network.stop();
}

/// An honest node has a chain; a peer has the same chain and a bad end of it. A newcomer that hears both takes the
/// chain, not its end, and the peer loses by it.
fn refused(make_bad: impl FnOnce(&mut Solo) -> Header) {
    let genesis = alone();
    // An hour ago.
    let begin = u64::from(Clock::system().slot(SlotDuration::from_millis(SLOT_DURATION))) - 600;
    let mut honest = Solo::begin(&genesis, Alice, begin, SLOT_DURATION);
    honest.make(20);
    honest.finalize(&[]);
    let good = honest.node.best();
    let mut hostile = Solo::begin(&genesis, Alice, begin, SLOT_DURATION);
    hostile.let_pass(100);
    hostile.node.catch_up_with(&honest.node).expect("an honest chain");
    let bad = make_bad(&mut hostile);
    assert!(bad.number() > good.number());

    let mut network = FullNetwork::empty(&genesis);
    network.join_with(follower(), honest.close(), Vec::new());
    network.join_with(follower(), hostile.close(), Vec::new());
    network.join(follower());
    let id = |place: usize| network.addresses[place].full().peer_id;
    let newcomer = &network.nodes[2];
    network.wait("the newcomer has the chain and the peer has lost", async {
        while newcomer.client.info().finalized_hash != good.hash() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        standing_below(newcomer, id(1), -100_000_000).await;
    });
    assert_eq!(newcomer.client.info().best_hash, good.hash());
    assert!(newcomer
        .client
        .header(bad.hash())
        .expect("the database works")
        .is_none());
    let standing = newcomer.network.peer_reputation(&id(0));
    assert!(standing > -1_000_000, "the honest one has {standing}");
    network.stop();
}

#[test]
fn blocks_with_bad_seals_cost_the_peer_that_serves_them() {
    refused(Solo::forge);
}

#[test]
fn blocks_from_the_far_future_cost_the_peer_that_serves_them() {
    refused(|hostile| {
        // A week from now each of them is as good as any.
        hostile.let_pass(7 * 24 * 600);
        hostile.make(5);
        hostile.node.best()
    });
}

#[test]
fn a_long_range_fork_reaches_neither_those_who_know_better_nor_a_newcomer_with_a_checkpoint() {
    // An old key was stolen: who has it makes another chain from the beginning, heavier than the real one.
    let genesis = pair();
    let mut forger = Solo::begin(&genesis, Alice, FIRST_SLOT * SLOT_DURATION / 1_000, 1_000);
    forger.make(150);
    let forged = forger.node.best();
    let first = forger.node.chain()[0].clone();
    let weight = forger.node.weight(forged.hash()).expect("the best chain has a weight");

    let mut network = FullNetwork::start(&genesis, NodeConfiguration::default());
    let known = network.wait_for("a chain begins", 0, |header| *header.number() >= 6);
    let primaries = network.nodes[0].client.info().best_number;
    assert!(weight > u64::from(primaries), "the forged chain is the heavier one");
    network.join_with(follower(), forger.close(), Vec::new());
    let checkpoint = Checkpoint {
        number: *known.number(),
        hash: known.hash(),
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    network.join_with(follower(), folder, vec![checkpoint]);

    // Those who were there go on with what they have, and the newcomer joins them.
    let next = network.nodes[0].client.info().finalized_number + 10;
    network.wait("all but the forger go on", async {
        for place in [0, 1, 3] {
            while network.nodes[place].client.info().finalized_number < next {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
    for place in [0, 1, 3] {
        let node = &network.nodes[place];
        assert_eq!(block(node, *known.number()), Some(known.clone()), "node {place}");
        assert_ne!(block(node, 1), Some(first.clone()), "node {place}");
        assert_eq!(block(node, next), block(&network.nodes[0], next), "node {place}");
    }
    network.stop();
}

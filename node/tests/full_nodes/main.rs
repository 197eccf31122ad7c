//! Whole nodes as the binary starts them, several in one process, over TCP on the loopback device: real slots, real
//! gossip, real voters. Everything is waited for as an event, with a bound that only a broken node reaches.

mod artifacts;
mod bad_peers;
mod database;
mod forecast;
// Shared with the tests of the engine, which use more of it.
#[path = "../harness/mod.rs"]
#[allow(dead_code, unused_imports)]
mod harness;
mod network;
mod shared;
mod stranger;

use doin_consensus::{
    digests::{claim_of, optimization_of},
    Clock,
};
use doin_node::configuration::NodeConfiguration;
use doin_primitives::{
    engine::{Slot, SlotDuration},
    Header, DOIN,
};
use doin_runtime::{ProofOfOptimization, Runtime};
use harness::{genesis, transactions, Genesis};
use network::{has_state, inspect, FullNetwork, Part};
use pallet_proof_of_optimization::BondStatus;
use sc_network::config::{NetworkBackendType, SyncMode};
use sc_transaction_pool_api::{TransactionPool, TransactionSource};
use serde_json::json;
use sp_blockchain::HeaderBackend;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Ferdie};
use sp_runtime::traits::{Header as _, Zero};

fn slot_of(header: &Header) -> Slot {
    claim_of(header).expect("every block has a claim").slot
}

#[test]
fn three_nodes_optimize_and_finalize_one_chain_and_newcomers_find_their_way_to_it() {
    // Short slots and epochs, so that sessions and voters change while the test waits.
    let genesis = Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob, Charlie])
        .with(json!({"proofOfOptimization": {"parameters": {"slotDuration": 1_000, "epochLength": 15}}}));
    let mut worker = NodeConfiguration::development();
    worker.worker.compute.backend = doin_compute::Backend::Cpu;
    let mut network = FullNetwork::start(&genesis, worker);
    let optimization = network.wait_for("an optimization block is final", 0, |header| {
        optimization_of(header).is_some()
    });

    // What was earned becomes weight after two epochs, and the voters change.
    let start = slot_of(&optimization);
    let changed = network.wait_for("the voters have changed", 1, |header| slot_of(header) >= start + 40);
    let node = &network.nodes[2];
    let status = inspect(node, &changed, ProofOfOptimization::network_status);
    assert!(status.optimization_height >= 1);
    assert!(
        status.authorities.iter().any(|(_, weight)| *weight > 10_000),
        "reputation was earned: {status:?}"
    );
    assert!(inspect(node, &changed, pallet_grandpa::CurrentSetId::<Runtime>::get) >= 1);

    // One fetches and executes every block, the other jumps to the last final state by the proofs of finality.
    let follower = |sync| Part {
        authority: None,
        worker: NodeConfiguration::default(),
        sync,
        backend: NetworkBackendType::Litep2p,
    };
    network.join(follower(SyncMode::Full));
    network.join(follower(SyncMode::Warp));
    let now = slot_of(&changed);
    network.wait_for("all follow", 0, |header| slot_of(header) >= now + 15);
    // Over the beginning of an epoch, which the second one has never seen announced.
    let last = network.wait_for("all follow", 0, |header| slot_of(header) >= now + 35);
    for node in &network.nodes {
        let status = inspect(node, &last, ProofOfOptimization::network_status);
        assert_eq!(status.slot, u64::from(slot_of(&last)));
    }
    assert!(has_state(&network.nodes[3], 1), "this one has executed every block");
    assert!(!has_state(&network.nodes[4], 1), "this one has jumped");
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
    network.wait_for("the first block is final", 0, |_| true);

    for sent in 0..3u32 {
        let node = &network.nodes[sent as usize];
        let info = node.client.info();
        let call = transactions::transfer(Bob.to_account_id(), DOIN);
        let transaction = transactions::signed(call, Ferdie, sent, info.genesis_hash);
        let submitted = Clock::system().slot(SlotDuration::from_millis(2_000));
        let taken = node
            .pool
            .submit_one(info.best_hash, TransactionSource::External, transaction);
        network.wait("the pool answers", taken).expect("the pool takes it");

        let number = sent + 2;
        let included = network.wait_for("the transfer is final", 0, |header| *header.number() == number);
        let slot = slot_of(&included);
        assert!(
            slot <= submitted + 2,
            "sent in slot {submitted}, included in slot {slot}"
        );
        for node in &network.nodes {
            assert_eq!(node.client.info().best_number, number, "no block came after it");
            let nonce = inspect(node, &included, || {
                frame_system::Pallet::<Runtime>::account_nonce(Ferdie.to_account_id())
            });
            assert_eq!(nonce, sent + 1);
        }
    }
    network.stop();
}

#[test]
fn an_authority_whose_keys_lie_on_two_machines_is_reported_and_punished_without_anybody_asking() {
    let members = [Alice, Bob, Charlie, Dave];
    // Half of the slots have a primary, so that one of Alice's comes soon.
    let genesis = Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &members)
        .authorities(&members)
        .with(json!({"proofOfOptimization": {"parameters": {"slotDuration": 2_000, "primaryProbability": [1, 2]}}}));
    let mut network = FullNetwork::start(&genesis, NodeConfiguration::default());
    network.join(Part {
        authority: Some(Alice),
        worker: NodeConfiguration::default(),
        sync: SyncMode::Full,
        backend: NetworkBackendType::Litep2p,
    });

    // Each machine makes a block of its own in her slots. Whoever imports both reports it: nobody sends a transaction here.
    let alice = Alice.to_account_id();
    let bond = || ProofOfOptimization::bond_of(&alice);
    let begin = network.wait_for("the first block is final", 1, |_| true);
    let whole = inspect(&network.nodes[1], &begin, bond);
    let punished = network.wait_for("Alice is punished", 1, |header| {
        inspect(&network.nodes[1], header, bond) < whole
    });
    let (status, reputation) = inspect(&network.nodes[1], &punished, || {
        (
            pallet_proof_of_optimization::Bonds::<Runtime>::get(&alice),
            doin_runtime::views::reputation(&alice),
        )
    });
    assert_eq!(status, Some(BondStatus::Suspended));
    assert!(reputation.is_zero(), "ten points, all that she had");
    for honest in [Bob, Charlie, Dave] {
        let bond = inspect(&network.nodes[1], &punished, || {
            ProofOfOptimization::bond_of(&honest.to_account_id())
        });
        assert_eq!(bond, whole, "{honest}");
    }
    network.stop();
}

//! Honest nodes.

use crate::harness::{
    claim_in, primaries,
    transactions::{sudo, transfer},
    Genesis, Network,
};
use doin_primitives::{engine::ClaimKind, AccountId, Balance, DOIN};
use doin_runtime::{Balances, ProofOfOptimization, RuntimeCall};
use frame_support::traits::fungible::Inspect;
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Ferdie};
use sp_runtime::traits::Header as _;
use std::collections::BTreeSet;

/// An account that nobody has heard of.
fn stranger(number: u8) -> AccountId {
    [number; 32].into()
}

fn balance(network: &Network, place: usize, who: &AccountId) -> Balance {
    network
        .node(place)
        .inspect(|| <Balances as Inspect<AccountId>>::balance(who))
}

#[test]
fn three_nodes_make_one_chain_over_several_sessions() {
    let mut network = Network::new(&Genesis::local());
    let mut authors = BTreeSet::new();
    for _ in 0..25 {
        authors.extend(network.pass_slots(10).iter().map(|made| made.by));
        network.vote(0);
    }
    let best = network.settled();
    network.vote(0);
    assert_eq!(authors, BTreeSet::from([0, 1, 2]), "everybody has authored");

    let chain = network.node(0).chain();
    for place in network.running() {
        let node = network.node(place);
        assert_eq!(node.weight(best.hash()), Some(primaries(&chain)));
        assert_eq!(node.finalized(), best, "the vote ends at the best block");
        assert_eq!(node.chain(), chain);
    }
    let status = network.node(0).inspect(ProofOfOptimization::network_status);
    assert!(status.epoch >= 4, "{} epochs", status.epoch);
    let first = u64::from(claim_in(&chain[0]).slot);
    assert_eq!(status.epoch, (status.slot - first) / 50);
    network.node(0).check_epochs();
}

#[test]
fn an_idle_chain_includes_a_transfer_within_two_slots_and_finalizes_it_alone() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(20);
    for round in 1..=5 {
        network.pass_slots(11);
        let receiver = stranger(round);
        network.submit(usize::from(round % 3), Ferdie, transfer(receiver.clone(), DOIN));
        network.pass_slots(2);
        assert_eq!(balance(&network, 0, &receiver), DOIN, "in one of two slots");
        let included = network.node(0).best();
        assert_eq!(network.vote(0), included, "without another block");
    }
    network.settled();
}

#[test]
fn without_work_there_are_few_blocks() {
    let mut network = Network::new(&Genesis::local());
    let made = network.pass_slots(200);
    let secondary = made.iter().filter(|made| made.kind == ClaimKind::Secondary).count();
    // Each begins the chain, an epoch, or ends a silence of twenty slots.
    assert!(secondary <= 1 + 4 + 200 / 20, "{secondary} blocks that nobody had won");
    let primary = made.len() - secondary;
    assert!(
        (5..=40).contains(&primary),
        "{primary} blocks in 200 slots at one in ten"
    );
    network.settled();
}

#[test]
fn a_dead_authority_stops_neither_blocks_nor_finality_and_is_dropped() {
    // More primaries, so that its absence is noticed earlier.
    let genesis = Genesis::local()
        .authorities(&[Alice, Bob, Charlie, Dave])
        .with(json!({"proofOfOptimization": {"parameters": {"primaryProbability": [1, 2]}}}));
    let mut network = Network::new(&genesis);
    network.pass_slots(20);
    network.vote(0);
    network.stop(3);

    // The chain is as quick as ever but for the dead one's slots.
    network.submit(0, Ferdie, transfer(stranger(1), DOIN));
    network.pass_until("the transfer is included", 15, |network| {
        balance(network, 0, &stranger(1)) == DOIN
    });
    let included = network.settled();
    assert!(
        network.vote(0).number() >= included.number(),
        "three of four are enough"
    );

    let sits = |network: &Network| {
        let status = network.node(0).inspect(ProofOfOptimization::network_status);
        status.authorities.iter().any(|(who, _)| *who == Dave.to_account_id())
    };
    assert!(sits(&network));
    for _ in 0..40 {
        network.pass_slots(10);
        network.vote(0);
        if !sits(&network) {
            break;
        }
    }
    assert!(!sits(&network), "the dead authority is dropped");
    let (set, voters) = network.node(0).voters();
    assert_eq!((set, voters.len()), (1, 3), "finality goes on without it");
    let best = network.settled();
    assert_eq!(network.vote(0), best);
    network.node(0).check_epochs();
}

#[test]
fn root_restarts_a_finality_that_has_lost_its_majority() {
    let genesis = Genesis::local().with(json!({"proofOfOptimization": {"parameters": {"primaryProbability": [1, 2]}}}));
    let mut network = Network::new(&genesis);
    network.pass_slots(20);
    network.settled();
    let last = network.vote(0);
    network.stop(2);

    // Two of three are not more than two thirds. Blocks come all the same, and the dead authority is dropped, but who
    // should agree to the new voters are the old ones.
    for _ in 0..40 {
        network.pass_slots(10);
        assert_eq!(network.vote(0), last);
    }
    let status = network.node(0).inspect(ProofOfOptimization::network_status);
    assert_eq!(status.authorities.len(), 2);
    assert_eq!(network.node(0).voters().1.len(), 3);

    let stalled = pallet_grandpa::Call::note_stalled {
        delay: 2,
        best_finalized_block_number: *last.number(),
    };
    network.submit(0, Alice, sudo(RuntimeCall::Grandpa(stalled)));
    network.pass_slots(80);
    let best = network.settled();
    assert_eq!(network.node(0).voters().1.len(), 2, "those who are left");
    assert_eq!(network.vote(0), best);
    network.pass_slots(60);
    let best = network.settled();
    assert_eq!(network.vote(1), best, "and it goes on");
}

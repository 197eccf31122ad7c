//! Networks that fall apart and find together again.

use crate::harness::{transactions::transfer, Genesis, Network};
use doin_primitives::DOIN;
use sp_keyring::Sr25519Keyring::{self, Bob, Ferdie};
use sp_runtime::traits::Header as _;

/// Weight and length of a node's chain.
fn measure(network: &Network, place: usize) -> (u64, u32) {
    let best = network.node(place).best();
    (
        network
            .node(place)
            .weight(best.hash())
            .expect("the best chain has a weight"),
        *best.number(),
    )
}

/// Keeps a transaction waiting at a node, so that it uses every slot that it leads. Returns whether it was a new one.
fn keep_busy(network: &Network, place: usize, who: Sr25519Keyring) -> bool {
    let idle = sc_transaction_pool_api::TransactionPool::status(&*network.node(place).pool).ready == 0;
    if idle {
        network.submit(place, who, transfer(Bob.to_account_id(), DOIN));
    }
    idle
}

/// Cuts Alice off after a common beginning. Alice has something to do in each slot, the others have not. Returns when
/// `wanted` holds of Alice's chain and the others'.
fn apart(wanted: impl Fn((u64, u32), (u64, u32)) -> bool) -> (Network, u32) {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(20);
    network.settled();
    network.cut_off(&[0]);
    let mut sent = 0;
    for _ in 0..300 {
        sent += u32::from(keep_busy(&network, 0, Ferdie));
        network.pass_slot();
        if wanted(measure(&network, 0), measure(&network, 1)) {
            return (network, sent);
        }
    }
    panic!("the lottery did not bring it about");
}

#[test]
fn the_chain_with_more_primaries_wins_although_it_is_shorter() {
    let (mut network, sent) = apart(|alone, others| others.0 > alone.0 && others.1 < alone.1);
    let heaviest = network.node(1).best();
    let longest = network.node(0).best();
    assert_eq!(network.node(2).best(), heaviest);
    assert!(longest.number() > heaviest.number());

    network.heal();
    assert_eq!(network.agreed(), heaviest);
    for place in network.running() {
        assert!(
            network.node(place).knows(longest.hash()),
            "the other chain is kept until finality decides"
        );
        assert!(network.node(place).weight(longest.hash()).is_some());
    }

    // What was in the blocks that lost comes again, and only once.
    network.pass_until("the transactions are included again", 300, |network| {
        network.node(1).nonce(Ferdie) == sent
    });
    let best = network.settled();
    assert_eq!(network.vote(0), best);
    for place in network.running() {
        assert_eq!(network.node(place).weight(longest.hash()), None, "finality cleans up");
    }
}

#[test]
fn of_two_equally_heavy_chains_the_longer_one_wins() {
    let (mut network, _) = apart(|alone, others| others.0 == alone.0 && others.1 < alone.1);
    let longest = network.node(0).best();
    network.heal();
    assert_eq!(network.agreed(), longest);
}

#[test]
fn of_two_equal_chains_everybody_keeps_the_first_until_the_next_block() {
    let (mut network, _) = apart(|alone, others| others == alone);
    // Healed at once, or everything would be decided by who is asked first.
    let (one, other) = (network.node(0).best(), network.node(1).best());
    if one == other {
        return;
    }
    network.heal();
    assert_eq!((network.node(0).best(), network.node(1).best()), (one, other));
    network.pass_until("a block decides", 60, |network| {
        network.node(0).best() == network.node(1).best()
    });
    network.settled();
}

#[test]
fn a_heavier_chain_cannot_undo_what_is_final() {
    use Sr25519Keyring::{Alice, Charlie, Dave};
    let mut network = Network::new(&Genesis::local().authorities(&[Alice, Bob, Charlie, Dave]));
    network.pass_slots(20);
    network.settled();
    network.vote(0);
    network.cut_off(&[0]);
    // The others make a block, finalize it, and fall silent; Alice goes on alone until her chain is heavier.
    let before = measure(&network, 1);
    network.submit(1, Ferdie, transfer(Bob.to_account_id(), DOIN));
    network.pass_until("the others make a block", 20, |network| {
        measure(network, 1).1 > before.1
    });
    let last = network.vote(1);
    assert_eq!(last, network.node(1).best());
    assert!(!network.node(0).knows(last.hash()));
    let theirs = measure(&network, 1);
    for _ in 0..400 {
        if measure(&network, 0).0 > theirs.0 {
            break;
        }
        network.let_pass(1);
        let slot = network.slot();
        network.node_mut(0).author(slot).expect("nothing hinders an author");
    }
    assert!(measure(&network, 0).0 > theirs.0);

    for place in 1..4 {
        assert!(
            network.node(place).catch_up_with(network.node(0)).is_err(),
            "node {place} keeps to what is final"
        );
        assert_eq!(network.node(place).best(), last);
    }
    // Alice hears of it and comes back.
    network.node(0).catch_up_with(network.node(1)).expect("an honest chain");
    assert_ne!(
        network.node(0).best(),
        last,
        "her own chain is heavier, and nothing told her yet"
    );
    let voters: Vec<_> = (1..4).map(|place| network.node(place)).collect();
    let justification = crate::harness::justification(&voters, &last);
    network
        .node(0)
        .finalize(&last, justification)
        .expect("three of four have voted");
    assert_eq!(network.node(0).finalized(), last);
    network.heal();
    network.pass_slots(30);
    network.settled();
}

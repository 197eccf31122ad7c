//! What stays when a node stops, and what goes when blocks are taken back.

use crate::harness::{
    claim_in, hashes,
    transactions::{set_reputation, transfer},
    Genesis, Network,
};
use doin_consensus::{Checkpoint, Checkpoints, Error};
use doin_primitives::{Hash, DOIN};
use sp_blockchain::HeaderBackend;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Ferdie};
use sp_runtime::traits::Header as _;

#[test]
fn a_node_goes_on_after_a_restart_and_does_not_author_twice() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(30);
    network.vote(0);
    // Over the beginning of an epoch, with blocks that are not final yet.
    network.pass_slots(40);
    let best = network.settled();
    let chain = network.node(1).chain();
    let weights: Vec<_> = chain
        .iter()
        .map(|header| network.node(1).weight(header.hash()))
        .collect();
    let finalized = network.node(1).finalized();
    assert_ne!(finalized, best);
    let own = {
        let node = network.node(1);
        let authors = |header: &&doin_primitives::Header| {
            let parent = node.header(*header.parent_hash());
            let claim = claim_in(header);
            node.claim(&parent, claim.slot)
                .is_some_and(|own| own.claim.authority_index == claim.authority_index)
        };
        chain.iter().rev().find(authors).expect("it has authored").clone()
    };

    network.stop(1);
    network.pass_slots(25);
    network.start(1);
    let node = network.node(1);
    assert_eq!(node.best(), best);
    assert_eq!(node.finalized(), finalized);
    assert_eq!(node.chain(), chain);
    assert_eq!(
        chain
            .iter()
            .map(|header| node.weight(header.hash()))
            .collect::<Vec<_>>(),
        weights
    );
    node.check_epochs();

    // Its last block was sent: another one in that slot would cost the bond.
    let parent = network.node(1).header(*own.parent_hash());
    let slot = claim_in(&own).slot;
    let again = network.node_mut(1).author_on(&parent, slot);
    assert!(
        matches!(again, Err(Error::AlreadyAuthored { slot: refused, .. }) if refused == slot),
        "{again:?}"
    );

    network.heal();
    let before = network.settled();
    network.pass_until("it makes a block again", 200, |network| {
        let author = network.node(0).inspect(doin_runtime::Authorship::author);
        network.node(0).best() != before && author == Some(Bob.to_account_id())
    });
    let best = network.settled();
    assert_eq!(network.vote(1), best);
}

#[test]
fn blocks_can_be_taken_back_with_what_engine_and_finality_know_of_them() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(10);
    // In the blocks that are taken back lie the beginnings of two epochs and a change of the voters.
    network.submit(0, Alice, set_reputation(Bob.to_account_id(), 30));
    network.pass_slots(2);
    let finalized = network.vote(0);
    network.pass_slots(120);
    let best = network.settled();
    let chain = network.node(2).chain();
    assert!(chain
        .iter()
        .any(|header| { sc_consensus_grandpa::find_scheduled_change::<doin_primitives::Block>(header).is_some() }));

    // All but two of the blocks that are not final, in the order of the subcommand `revert`.
    let blocks = best.number() - finalized.number() - 2;
    let node = network.node(2);
    doin_consensus::revert(node.client.clone(), node.backend.clone(), blocks).expect("the engine takes them back");
    sc_consensus_grandpa::revert(node.client.clone(), blocks).expect("GRANDPA takes them back");
    sc_service::chain_ops::revert_chain(node.client.clone(), node.backend.clone(), blocks).expect("the client does");
    network.stop(2);
    network.start(2);

    let node = network.node(2);
    let kept = (finalized.number() + 2) as usize;
    assert_eq!(hashes(&node.chain()), hashes(&chain)[..kept]);
    assert_eq!(node.finalized(), finalized);
    for (place, header) in chain.iter().enumerate() {
        let expected = place < kept && header.number() >= finalized.number();
        assert_eq!(
            node.weight(header.hash()).is_some(),
            expected,
            "weight of block {}",
            header.number()
        );
    }
    node.check_epochs();

    network.heal();
    assert_eq!(network.agreed(), best);
    assert_eq!(network.vote(2), best);
    assert_eq!(network.node(2).voters(), network.node(0).voters());
    assert_eq!(network.node(2).voters().0, 1);
    network.pass_slots(60);
    network.settled();
}

#[test]
fn nothing_final_is_taken_back() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(30);
    let best = network.settled();
    assert_eq!(network.vote(0), best);
    let node = network.node(0);
    doin_consensus::revert(node.client.clone(), node.backend.clone(), 5).expect("there is nothing to do");
    sc_consensus_grandpa::revert(node.client.clone(), 5).expect("there is nothing to do");
    sc_service::chain_ops::revert_chain(node.client.clone(), node.backend.clone(), 5).expect("there is nothing to do");
    assert_eq!(node.best(), best);
    network.pass_slots(30);
    network.settled();
}

#[test]
fn a_chain_that_contradicts_a_checkpoint_is_refused() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(20);
    network.submit(0, Ferdie, transfer(Bob.to_account_id(), DOIN));
    network.pass_slots(2);
    network.settled();
    let at = |number: u32, hash: Hash| {
        Checkpoints::<doin_primitives::Block>::new([Checkpoint { number, hash }]).expect("one contradicts nothing")
    };
    let second = network
        .node(0)
        .client
        .hash(2)
        .expect("the database works")
        .expect("there are two blocks");

    // One that the chain passes.
    let place = network.join(Alice, at(2, second)).expect("a new database");
    network
        .node(place)
        .catch_up_with(network.node(0))
        .expect("the chain has the checkpoint");
    assert_eq!(network.node(place).best(), network.node(0).best());
    network.stop(place);

    // One that it does not: the blocks below are taken, that one never.
    let place = network
        .join(Alice, at(2, Hash::repeat_byte(7)))
        .expect("a new database");
    let refusal = network
        .node(place)
        .catch_up_with(network.node(0))
        .expect_err("this is another chain");
    assert!(matches!(refusal, crate::harness::Refusal::KnownBad), "{refusal:?}");
    assert_eq!(*network.node(place).best().number(), 1);
    let header = network.node(0).header(second);
    let params = sc_consensus::BlockImportParams::new(sp_consensus::BlockOrigin::NetworkBroadcast, header);
    let error = network.node(place).verifier.check(params).err();
    assert!(
        matches!(error, Some(Error::CheckpointContradiction { .. })),
        "{error:?}"
    );
    network.stop(place);

    // And a node does not start on a database with the wrong chain.
    network.stop(2);
    let error = network.start_with(2, at(2, Hash::repeat_byte(7))).err();
    assert!(
        matches!(error, Some(Error::CheckpointContradiction { .. })),
        "{error:?}"
    );
    network.start_with(2, at(2, second)).expect("it has the checkpoint");
    network.pass_slots(20);
    network.settled();
}

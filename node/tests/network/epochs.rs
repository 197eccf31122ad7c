//! Epochs and sessions: skipped ones, absent nodes, and changes of weights.

use crate::harness::{
    justification,
    transactions::{set_reputation, transfer},
    Genesis, Network,
};
use doin_primitives::{engine::AuthorityId, DOIN};
use doin_runtime::ProofOfOptimization;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Ferdie};
use sp_runtime::traits::Header as _;

/// The length of an epoch in the presets for tests.
const EPOCH: u64 = 50;

/// The weights of the present epoch, by the runtime, in the order of these accounts.
fn weights(network: &Network, accounts: &[Sr25519Keyring]) -> Vec<u64> {
    let authorities = network.node(0).inspect(ProofOfOptimization::network_status).authorities;
    let weight = |who: &Sr25519Keyring| {
        authorities
            .iter()
            .find(|(account, _)| *account == who.to_account_id())
            .map_or(0, |(_, weight)| *weight)
    };
    accounts.iter().map(weight).collect()
}

fn epoch(network: &Network) -> u64 {
    network.node(0).inspect(ProofOfOptimization::network_status).epoch
}

#[test]
fn after_three_epochs_without_a_block_all_go_on_together() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(30);
    network.vote(0);
    let before = network.settled();
    network.let_pass(3 * EPOCH + 7);

    network.submit(1, Ferdie, transfer(Bob.to_account_id(), DOIN));
    network.pass_slots(2);
    let after = network.settled();
    assert!(
        after.number() > before.number(),
        "the first slots after the silence have a block"
    );
    assert_eq!(epoch(&network), 3);
    network.node(0).check_epochs();

    // Ordinary epochs follow, each announced by the one before.
    for index in 4..=6 {
        network.pass_until("the next epoch begins", EPOCH + 30, |network| epoch(network) == index);
        network.settled();
        network.node(0).check_epochs();
    }
    let best = network.settled();
    assert_eq!(network.vote(0), best);
}

#[test]
fn a_silence_over_the_end_of_an_epoch_that_nobody_finalized_is_no_obstacle() {
    let mut network = Network::new(&Genesis::local());
    // Several times, without any vote: the epoch tree holds everything.
    for _ in 0..3 {
        network.pass_slots(17);
        network.let_pass(2 * EPOCH + 3);
    }
    network.pass_slots(30);
    network.settled();
    network.node(0).check_epochs();
    let best = network.settled();
    assert_eq!(network.vote(0), best);
    network.pass_slots(2 * EPOCH);
    network.settled();
    network.node(0).check_epochs();
}

#[test]
fn a_node_away_for_three_epochs_catches_up_with_epochs_and_voters() {
    let mut network = Network::new(&Genesis::local().authorities(&[Alice, Bob, Charlie, Dave]));
    network.pass_slots(20);
    network.vote(0);
    network.cut_off(&[3]);
    // While it is away the weights move, and with them the voters.
    network.submit(0, Alice, set_reputation(Bob.to_account_id(), 30));
    for _ in 0..19 {
        network.pass_slots(10);
        network.vote(0);
    }
    assert!(epoch(&network) >= 4);
    assert_eq!(network.node(0).voters().0, 1, "one change of voters");
    assert_eq!(network.node(3).voters().0, 0);

    network.heal();
    let best = network.settled();
    network.vote(0);
    assert_eq!(network.node(3).voters(), network.node(0).voters());
    assert_eq!(network.vote(3), best);
    network.node(3).check_epochs();
    // Its own blocks count again.
    network.pass_until("it makes a block", 200, |network| {
        let author = network.node(0).inspect(doin_runtime::Authorship::author);
        author == Some(Dave.to_account_id())
    });
    network.settled();
}

#[test]
fn a_session_that_changes_weights_only_moves_authors_and_voters() {
    let members = [Alice, Bob, Charlie];
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(10);
    network.vote(0);
    assert_eq!(weights(&network, &members), [10_000, 10_000, 10_000]);
    network.submit(0, Alice, set_reputation(Bob.to_account_id(), 30));
    network.pass_slots(2);
    assert_eq!(
        weights(&network, &members),
        [10_000, 10_000, 10_000],
        "not within the epoch"
    );

    // Read in the first block of the next epoch, in force in the one after it.
    let read_in = epoch(&network) + 1;
    network.pass_until("the next epoch", 2 * EPOCH, |network| epoch(network) == read_in);
    assert_eq!(
        weights(&network, &members),
        [10_000, 10_000, 10_000],
        "announced, not in force"
    );
    network.pass_until("the epoch after it", 2 * EPOCH, |network| epoch(network) == read_in + 1);
    assert_eq!(weights(&network, &members), [10_000, 30_000, 10_000]);

    let best = network.settled();
    let node = network.node(0);
    node.check_epochs();
    let (set, voters) = node.voters();
    assert_eq!(set, 0, "until the block that schedules the change is final");
    assert!(voters.iter().all(|(_, weight)| *weight == 10_000));
    let seen = node.epoch(&best, network.slot() + 1);
    let bob = AuthorityId::from(Bob.public());
    assert!(seen
        .authorities
        .iter()
        .all(|(key, weight)| *weight == if *key == bob { 30_000 } else { 10_000 }));

    // GRANDPA follows.
    assert_eq!(network.vote(0), best);
    for place in network.running() {
        let (set, voters) = network.node(place).voters();
        assert_eq!(set, 1);
        let bob = crate::harness::genesis::grandpa_key(Bob).public().into();
        assert!(voters
            .iter()
            .all(|(key, weight)| *weight == if *key == bob { 30_000 } else { 10_000 }));
    }
    let set = network
        .node(0)
        .inspect(pallet_grandpa::CurrentSetId::<doin_runtime::Runtime>::get);
    assert_eq!(set, 1);

    // Weight decides, not heads: without Bob there are two of three and only two fifths of the weight.
    network.submit(0, Ferdie, transfer(Bob.to_account_id(), DOIN));
    network.pass_slots(2);
    let best = network.settled();
    let without = justification(&[network.node(0), network.node(2)], &best);
    assert!(network.node(0).finalize(&best, without).is_err());
    let with = justification(&[network.node(0), network.node(1)], &best);
    for place in network.running() {
        network
            .node(place)
            .finalize(&best, with.clone())
            .expect("four fifths of the weight");
        assert_eq!(network.node(place).finalized(), best);
    }
    network.agreed();
}

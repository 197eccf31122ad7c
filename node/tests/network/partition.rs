//! Networks in two parts for several sessions.

use crate::harness::{
    hashes,
    transactions::{set_reputation, transfer},
    Genesis, Network, Place,
};
use doin_primitives::{Header, DOIN};
use doin_runtime::{Balances, ProofOfOptimization, Runtime};
use frame_support::traits::fungible::Inspect;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::traits::Header as _;

const MEMBERS: [Sr25519Keyring; 5] = [Alice, Bob, Charlie, Dave, Eve];
/// Which of them are cut off from the others.
const CUT_OFF: [Place; 2] = [3, 4];
/// Slots without a link, a tenth of them at a time: more than four sessions of 50.
const APART: u64 = 24;

fn epoch(network: &Network, place: Place) -> u64 {
    network.node(place).inspect(ProofOfOptimization::network_status).epoch
}

/// Both parts go on for several sessions with something to do in each; they vote as far as they can. Returns how many
/// transactions each part has taken.
fn live_apart(network: &mut Network, mut meanwhile: impl FnMut(&mut Network, u64)) -> [u32; 2] {
    let before = [epoch(network, 0), epoch(network, 3)];
    network.cut_off(&CUT_OFF);
    let mut sent = [0; 2];
    for step in 0..APART {
        for (part, (place, who)) in [(0, Ferdie), (3, Eve)].into_iter().enumerate() {
            if network.node(place).nonce(who) == sent[part] {
                network.submit(place, who, transfer(Bob.to_account_id(), DOIN));
                sent[part] += 1;
            }
        }
        meanwhile(network, step);
        network.pass_slots(10);
        network.vote(0);
        network.vote(3);
    }
    for (part, place) in [0, 3].into_iter().enumerate() {
        assert!(
            epoch(network, place) >= before[part] + 4,
            "part {part} goes from session to session"
        );
    }
    assert_ne!(network.node(0).best(), network.node(3).best());
    sent
}

/// Everybody has one chain: the same blocks, states, balances and final block, and what was final before is in it.
fn whole_again(network: &mut Network, final_before: &[Header], sent: [u32; 2]) {
    network.pass_until("what both parts have taken is included", 300, |network| {
        [0, 3].into_iter().all(|place| {
            let node = network.node(place);
            node.nonce(Ferdie) == sent[0] && node.nonce(Eve) == sent[1]
        })
    });
    let best = network.settled();
    assert_eq!(network.vote(0), best);
    let chain = network.node(0).chain();
    for place in network.running() {
        let node = network.node(place);
        assert_eq!(hashes(&node.chain()), hashes(&chain), "node {place}");
        assert_eq!(node.best().state_root(), best.state_root(), "node {place}");
        assert_eq!(node.finalized(), best, "node {place}");
        assert_eq!(node.voters(), network.node(0).voters(), "node {place}");
        node.check_epochs();
        node.check_state();
        let (issuance, all) = node.inspect(|| {
            let accounts = frame_system::Account::<Runtime>::iter_keys();
            let all: u128 = accounts.map(|who| Balances::total_balance(&who)).sum();
            (Balances::total_issuance(), all)
        });
        assert_eq!(issuance, all, "node {place}");
    }
    for header in final_before.iter().filter(|header| *header.number() > 0) {
        assert_eq!(
            chain[*header.number() as usize - 1],
            *header,
            "what was final is in the chain"
        );
    }
    // And it goes on.
    network.pass_slots(60);
    let best = network.settled();
    assert_eq!(network.vote(0), best);
}

fn finalized(network: &Network) -> Vec<Header> {
    let places = network.running().into_iter();
    places.map(|place| network.node(place).finalized()).collect()
}

#[test]
fn three_and_two_apart_for_several_sessions_become_one_chain_again() {
    let mut network = Network::new(&Genesis::local().authorities(&MEMBERS));
    network.pass_slots(20);
    let last = network.settled();
    assert_eq!(network.vote(0), last);

    // Three fifths are not more than two thirds: nobody finalizes anything.
    let sent = live_apart(&mut network, |_, _| {});
    let before = finalized(&network);
    assert!(before.iter().all(|header| *header == last));
    // In the last slot a part may have two blocks: what is below is undisputed in it.
    let ends = [0, 3].map(|place| {
        let node = network.node(place);
        node.header(*node.best().parent_hash())
    });
    let weights = [0, 3].map(|place| {
        network
            .node(place)
            .weight(ends[place.min(1)].hash())
            .expect("it is kept")
    });

    network.heal();
    let best = network.settled();
    if weights[0].abs_diff(weights[1]) > 1 {
        let heavier = &ends[usize::from(weights[1] > weights[0])];
        let chain = network.node(0).chain();
        assert!(chain.contains(heavier), "the chain with more primaries: {best:?}");
    }
    whole_again(&mut network, &before, sent);
}

#[test]
fn the_part_with_two_thirds_goes_on_finalizing_through_changes_of_voters_and_nothing_of_it_is_lost() {
    let mut network = Network::new(&Genesis::local().authorities(&MEMBERS));
    network.pass_slots(20);
    for who in [Alice, Bob, Charlie] {
        network.submit(0, Alice, set_reputation(who.to_account_id(), 30));
        network.pass_slots(5);
    }
    network.settled();
    for _ in 0..12 {
        network.pass_slots(10);
        network.vote(0);
    }
    let best = network.settled();
    assert_eq!(network.vote(0), best);
    let total: u64 = network.node(0).voters().1.iter().map(|(_, weight)| weight).sum();
    assert_eq!(total, 110_000, "90 of 110 are more than two thirds");

    let set = network.node(0).voters().0;
    let common = network.node(3).finalized();
    let sent = live_apart(&mut network, |network, step| {
        // Only the larger part hears of it.
        if step % 6 == 1 {
            network.submit(0, Alice, set_reputation(Bob.to_account_id(), 31 + step as u32));
        }
    });
    let before = finalized(&network);
    assert!(before[..3].iter().all(|header| *header == before[0]));
    assert!(*before[0].number() > common.number() + 20, "{:?}", before[0]);
    assert!(
        network.node(0).voters().0 >= set + 3,
        "the voters have changed meanwhile"
    );
    for place in CUT_OFF {
        assert_eq!(
            network.node(place).finalized(),
            common,
            "two elevenths finalize nothing"
        );
        assert_eq!(network.node(place).voters().0, set);
    }

    network.heal();
    network.settled();
    whole_again(&mut network, &before, sent);
}

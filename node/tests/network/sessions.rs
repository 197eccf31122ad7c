//! The set of authorities follows reputation: who earns it enters, whose has faded leaves. Who falls silent is dropped:
//! see `agreement`.

use crate::harness::{
    genesis::grandpa_key,
    judging::{measured, thousandths, Claim},
    transactions::{session_keys, set_reputation, sudo, transfer},
    Genesis, Network,
};
use codec::Encode;
use doin_primitives::{optimum::Outcome, Header, DOIN};
use doin_runtime::{views, ProofOfOptimization, Runtime, RuntimeCall};
use pallet_proof_of_optimization::{BondStatus, Call, Error};
use serde_json::json;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Ferdie};
use sp_runtime::FixedU128;

/// The length of an epoch in the presets for tests.
const EPOCH: u64 = 50;

/// The local testnet with four authorities and a domain whose best always has a known value near 0, where increments
/// are differences of metrics.
fn genesis() -> Genesis {
    Genesis::local()
        .authorities(&[Alice, Bob, Charlie, Dave])
        .domain(|domain| {
            domain.baseline_metric = thousandths(-900);
            domain.specification.season_length = 0;
        })
}

/// The seats of the present epoch.
fn weight(network: &Network, who: Sr25519Keyring) -> Option<u64> {
    let status = network.first().inspect(ProofOfOptimization::network_status);
    let seat = status
        .authorities
        .iter()
        .find(|(account, _)| *account == who.to_account_id());
    seat.map(|(_, weight)| *weight)
}

fn epoch(network: &Network) -> u64 {
    network.first().inspect(ProofOfOptimization::network_status).epoch
}

/// Lets epochs pass, with a vote in each ten slots.
fn pass_epochs(network: &mut Network, epochs: u64) {
    let end = epoch(network) + epochs;
    for _ in 0..epochs * 10 {
        network.pass_slots(10);
        network.vote(0);
        if epoch(network) >= end {
            network.settled();
            return;
        }
    }
    panic!("{epochs} epochs take {} slots", epochs * EPOCH);
}

/// Has an improvement judged: the evaluators find what was claimed.
fn improve(network: &mut Network, who: Sr25519Keyring, number: u8, from: i128, to: i128) {
    let optimum = network.claim(&Claim::new(who, number, thousandths(to)));
    network.await_draw(optimum);
    network.judge(optimum, |_| measured(thousandths(to), thousandths(from)));
    assert_eq!(network.await_end(optimum).outcome, Outcome::Accepted);
}

/// All nodes have finalized the best block, and know the same voters: those whom the runtime names.
fn final_everywhere(network: &mut Network) -> Header {
    let best = network.settled();
    network.vote(0);
    let voters = network.node(0).voters();
    let set = network.node(0).inspect(pallet_grandpa::CurrentSetId::<Runtime>::get);
    assert_eq!(voters.0, set);
    for place in network.running() {
        assert_eq!(network.node(place).finalized(), best, "node {place}");
        assert_eq!(network.node(place).voters(), voters, "node {place}");
        network.node(place).check_epochs();
    }
    best
}

fn votes(network: &Network, who: Sr25519Keyring) -> Option<u64> {
    let key = GrandpaId::from(grandpa_key(who).public());
    let (_, voters) = network.node(0).voters();
    voters.into_iter().find(|(id, _)| *id == key).map(|(_, weight)| weight)
}

#[test]
fn a_newcomer_earns_a_seat_by_accepted_work_and_faded_reputation_loses_one() {
    let mut network = Network::new(&genesis());
    network.pass_slots(20);
    network.vote(0);
    let place = network.join(Ferdie, Default::default()).expect("a new database");
    network.heal();
    network.settled();

    // Coin is not enough.
    let bond = RuntimeCall::ProofOfOptimization(Call::bond_authority {});
    let refused = network.dispatch(&[(Ferdie, bond.clone())]);
    assert_eq!(refused, [Err(Error::<Runtime>::NoSessionKeys.into())]);
    let refused = network.dispatch(&[(Ferdie, session_keys(Ferdie)), (Ferdie, bond.clone())]);
    assert_eq!(refused, [Ok(()), Err(Error::<Runtime>::ReputationTooLow.into())]);
    pass_epochs(&mut network, 3);
    assert_eq!(weight(&network, Ferdie), None);

    // Work is: strangers judge it, and nobody with special rights does anything.
    improve(&mut network, Ferdie, 1, -900, -650);
    let earned = network.books().reputation(Ferdie);
    assert!(earned >= FixedU128::from_u32(2), "{earned:?}");
    network.succeed(&[(Ferdie, bond)]);
    assert_eq!(weight(&network, Ferdie), None, "not within the epoch");
    let set = network.node(0).voters().0;
    pass_epochs(&mut network, 3);
    let milli_points = (earned.into_inner() / 1_000_000_000_000_000) as u64;
    assert_eq!(weight(&network, Ferdie), Some(milli_points));
    final_everywhere(&mut network);
    assert!(network.node(0).voters().0 > set);
    assert_eq!(
        votes(&network, Ferdie),
        Some(milli_points),
        "voters have the weights of authors"
    );
    network.pass_until("the newcomer makes a block", 100, |network| {
        let author = network.node(0).inspect(doin_runtime::Authorship::author);
        author == Some(Ferdie.to_account_id())
    });
    final_everywhere(&mut network);

    // Alice has as much as lets her stay, and earns nothing more. What is left halves in 1 008 optimization blocks, so
    // that two are enough.
    let height = network.first().inspect(views::status).optimization_height;
    let record = pallet_reputation::Record {
        points: FixedU128::from_rational(1_001, 1_000),
        updated_at: height,
    };
    let key = pallet_reputation::Records::<Runtime>::hashed_key_for(Alice.to_account_id());
    let faded = sudo(RuntimeCall::System(frame_system::Call::set_storage {
        items: vec![(key, record.encode())],
    }));
    network.succeed(&[(Alice, faded)]);
    pass_epochs(&mut network, 3);
    assert_eq!(weight(&network, Alice), Some(1_001), "one point is enough to stay");
    improve(&mut network, Ferdie, 2, -650, -400);
    improve(&mut network, Ferdie, 3, -400, -200);
    network.pass_slots(10);
    network.settled();
    let passed = network.first().inspect(views::status).optimization_height - height;
    assert!(passed >= 2, "{passed} optimization blocks");
    let left = network.books().reputation(Alice);
    assert!(left < FixedU128::from_u32(1), "{left:?}");
    pass_epochs(&mut network, 3);
    assert_eq!(weight(&network, Alice), None);
    final_everywhere(&mut network);
    assert_eq!(votes(&network, Alice), None);
    let bond = network
        .first()
        .inspect(|| pallet_proof_of_optimization::Bonds::<Runtime>::get(Alice.to_account_id()));
    assert_eq!(bond, Some(BondStatus::Candidate), "no fault: she may earn it again");
    let seats = network.first().inspect(ProofOfOptimization::network_status).authorities;
    assert_eq!(seats.len(), 4);

    // Her node follows without a seat.
    let best = network.settled();
    assert_eq!(network.node(0).best(), best);
    assert_eq!(network.node(place).best(), best);
}

#[test]
fn finality_goes_on_through_changes_of_voters_in_every_session() {
    let members = [Alice, Bob, Charlie, Dave];
    let genesis = genesis().with(json!({"proofOfOptimization": {"parameters": {"minimumAuthorities": 4}}}));
    let mut network = Network::new(&genesis);
    network.pass_slots(10);
    network.vote(0);
    // Each session has other weights; the heaviest has from two fifths to more than half of them.
    for session in 0..6 {
        let who = members[session % members.len()];
        network.succeed(&[(Alice, set_reputation(who.to_account_id(), 20 + 5 * session as u32))]);
        pass_epochs(&mut network, 1);
        final_everywhere(&mut network);
    }
    pass_epochs(&mut network, 2);
    final_everywhere(&mut network);
    let (set, voters) = network.node(0).voters();
    assert_eq!(set, 6, "one change of voters for each change of weights");
    // Weights as they were read: Alice's and Bob's second ones, Charlie's and Dave's.
    for (who, points) in [(Alice, 40), (Bob, 45), (Charlie, 30), (Dave, 35)] {
        assert_eq!(votes(&network, who), Some(points * 1_000), "{who}: {voters:?}");
        assert_eq!(weight(&network, who), Some(points * 1_000), "{who}");
    }

    // Who comes later walks through all the sets by their justifications.
    let place = network.join(Ferdie, Default::default()).expect("a new database");
    network.heal();
    network.settled();
    assert_eq!(network.node(place).voters(), (set, voters));
    network.succeed(&[(Alice, transfer(Bob.to_account_id(), DOIN))]);
    final_everywhere(&mut network);
}

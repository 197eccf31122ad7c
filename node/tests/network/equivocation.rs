//! Authorities that say two things at once.

use crate::harness::{transactions::transfer, Genesis, Network};
use codec::{Decode, Encode};
use doin_primitives::{Balance, Header, Reputation, DOIN};
use doin_runtime::{Coin, ProofOfOptimization};
use pallet_proof_of_optimization::BondStatus;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus_grandpa::{AuthorityId as GrandpaId, EquivocationProof, GrandpaApi, Message, Precommit};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Ferdie};
use sp_runtime::traits::{Block as _, Header as _};

/// The bond of an authority in the local preset.
const BOND: Balance = 10 * DOIN;

/// Reputation, bond and what was burned.
fn standing(network: &Network, who: Sr25519Keyring) -> (Reputation, Balance, Balance) {
    let account = who.to_account_id();
    network.node(1).inspect(|| {
        let reputation = doin_runtime::views::reputation(&account);
        (
            reputation,
            ProofOfOptimization::bond_of(&account),
            Coin::supply().burned,
        )
    })
}

fn status(network: &Network, who: Sr25519Keyring) -> Option<BondStatus> {
    network
        .node(1)
        .inspect(|| pallet_proof_of_optimization::Bonds::<doin_runtime::Runtime>::get(who.to_account_id()))
}

#[test]
fn two_blocks_in_a_slot_are_reported_and_punished_once() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(10);
    // Alice's keys lie on a second machine too.
    let twin = network.join(Alice, Default::default()).expect("a new database");
    network.heal();
    network.vote(1);
    network.cut_off(&[twin]);
    network
        .node(twin)
        .submit_signed(Ferdie, transfer(Bob.to_account_id(), DOIN));

    let parent = network.agreed_among(&[0, 1, 2]);
    let pair = loop {
        network.let_pass(1);
        let slot = network.slot();
        let Some(claim) = network.node(0).claim(&parent, slot) else {
            continue;
        };
        if claim.claim.kind != doin_primitives::engine::ClaimKind::Primary {
            continue;
        }
        let mut author = |place| {
            network
                .node_mut(place)
                .author_on(&parent, slot)
                .expect("nothing hinders")
                .expect("Alice's slot")
                .block
        };
        break [author(0), author(twin)];
    };
    assert_ne!(pair[0].hash(), pair[1].hash());
    let (reputation, bond, burned) = standing(&network, Alice);
    assert_eq!((reputation, bond), (Reputation::from_u32(10), BOND));

    // The others hear of both.
    for place in [1, 2] {
        for block in &pair {
            network
                .node(place)
                .receive(block.clone(), None)
                .expect("each is a good block");
        }
    }
    network.pass_slots(3);
    network.agreed_among(&[0, 1, 2]);
    let (reputation, bond, burned_now) = standing(&network, Alice);
    assert_eq!(reputation, Reputation::from_u32(0));
    assert_eq!(bond, BOND - BOND / 10, "a tenth, although two nodes have reported");
    assert!(burned_now - burned >= BOND / 10, "and it is burned");
    assert_eq!(status(&network, Alice), Some(BondStatus::Suspended));

    // She leaves the set, and the chain goes on with two, who are as many as the preset wants.
    network.stop(twin);
    let sits = |network: &Network| {
        let status = network.node(1).inspect(ProofOfOptimization::network_status);
        status.authorities.iter().any(|(who, _)| *who == Alice.to_account_id())
    };
    network.vote(1);
    for _ in 0..20 {
        network.pass_slots(10);
        network.vote(1);
    }
    assert!(!sits(&network));
    let best = network.settled();
    assert_eq!(network.vote(1), best);
    assert_eq!(network.node(1).voters().1.len(), 2);
    assert_eq!(standing(&network, Alice).1, BOND - BOND / 10, "once");
}

#[test]
fn two_votes_in_a_round_cost_the_whole_bond() {
    let mut network = Network::new(&Genesis::local());
    network.pass_slots(40);
    network.vote(0);
    let best = network.settled();
    let parent = network.node(0).header(*best.parent_hash());
    let (set_id, _) = network.node(0).voters();
    let key = GrandpaId::from(crate::harness::genesis::grandpa_key(Charlie).public());

    // What GRANDPA's voter finds when both votes arrive, and does with it.
    let vote = |target: &Header| {
        let precommit = Precommit::<Header> {
            target_hash: target.hash(),
            target_number: *target.number(),
        };
        let message = Message::<Header>::Precommit(precommit.clone());
        let keystore = network.node(2).keystore.clone();
        let signed =
            sp_consensus_grandpa::sign_message(keystore, message, key.clone(), 7, set_id).expect("the key is there");
        (precommit, signed.signature)
    };
    const PRECOMMIT: u8 = 1;
    let encoded = (set_id, PRECOMMIT, 7u64, &key, vote(&best), vote(&parent)).encode();
    let proof: EquivocationProof<doin_primitives::Hash, u32> =
        Decode::decode(&mut &encoded[..]).expect("the encoding of a proof");
    let node = network.node(1);
    let at = node.client.info().best_hash;
    let owner = GrandpaApi::generate_key_ownership_proof(&*node.client.runtime_api(), at, set_id, key.clone());
    let owner = owner.expect("the runtime answers").expect("the key is a voter's");
    let mut api = node.client.runtime_api();
    api.register_extension(OffchainTransactionPoolFactory::new(node.pool.clone()).offchain_transaction_pool(at));
    let reported = node.wait(async { api.submit_report_equivocation_unsigned_extrinsic(at, proof, owner) });
    assert_eq!(reported.expect("the runtime answers"), Some(()));
    drop(api);

    network.pass_until("it is punished", 20, |network| standing(network, Charlie).1 == 0);
    assert_eq!(standing(&network, Charlie).0, Reputation::from_u32(0));
    assert_eq!(status(&network, Charlie), Some(BondStatus::Suspended));
    network.settled();
}

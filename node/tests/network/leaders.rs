//! Leaders that are not there.

use crate::harness::{
    judging::{measured, thousandths, Claim},
    transactions::transfer,
    Genesis, Network,
};
use doin_primitives::{engine::ClaimKind, optimum::Outcome, DOIN};
use doin_runtime::ProofOfOptimization;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Ferdie};
use sp_runtime::traits::Header as _;

#[test]
fn when_all_leaders_but_one_are_absent_the_chain_stalls_nowhere() {
    let genesis = Genesis::local().domain(|domain| {
        domain.baseline_metric = thousandths(-900);
        domain.specification.season_length = 0;
    });
    let mut network = Network::new(&genesis);
    network.pass_slots(20);
    let last = network.settled();
    assert_eq!(network.vote(0), last);
    let epoch = network.node(0).inspect(ProofOfOptimization::network_status).epoch;
    network.stop(1);
    network.stop(2);

    // Only a third of the slots have somebody, and few of them are won: what is to be done is done in the others.
    let mut secondary = 0;
    for sent in 1..=10u32 {
        network.submit(0, Ferdie, transfer(Bob.to_account_id(), DOIN));
        let before = *network.node(0).best().number();
        for slot in 0.. {
            assert!(slot < 40, "transfer {sent} is not included");
            let made = network.pass_slot();
            secondary += made.iter().filter(|made| made.kind == ClaimKind::Secondary).count();
            if network.node(0).nonce(Ferdie) == sent {
                break;
            }
        }
        assert!(*network.node(0).best().number() > before);
    }
    assert!(secondary >= 5, "{secondary} blocks in slots that nobody had won");

    // An optimum finds its end. Its draw waits for two authors; there is one, so that it comes after sixty slots.
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-650)));
    network.await_draw(optimum);
    network.judge(optimum, |_| measured(thousandths(-650), thousandths(-900)));
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Accepted);
    network.pass_slots(20);
    let status = network.node(0).inspect(ProofOfOptimization::network_status);
    assert_eq!(status.optimization_height, 1, "and makes an optimization block");
    assert!(status.epoch >= epoch + 2, "sessions change");
    network.node(0).check_epochs();
    assert_eq!(network.vote(0), last, "one of three finalizes nothing");

    // The others come back, and everything is final.
    network.start(1);
    network.start(2);
    network.heal();
    network.pass_slots(5);
    let best = network.settled();
    assert!(best.number() > end.header.number());
    assert_eq!(network.vote(0), best);
    for place in network.running() {
        assert_eq!(network.node(place).finalized(), best);
    }
}

//! Parameters travel between nodes that have a store of their own each.

use crate::{
    genesis::Genesis,
    network::{inspect, FullNetwork, Part},
};
use doin_node::configuration::NodeConfiguration;
use doin_primitives::artifact::ArtifactReference;
use doin_worker::config::{DomainRoles, EvaluateRole, OperatorAccount, OptimizeRole};
use sc_network::config::{NetworkBackendType, SyncMode};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use std::cell::RefCell;

fn account(who: Sr25519Keyring) -> OperatorAccount {
    OperatorAccount::Development(who.to_seed())
}

fn evaluators(who: &[Sr25519Keyring]) -> EvaluateRole {
    EvaluateRole {
        accounts: who.iter().copied().map(account).collect(),
        register: false,
    }
}

fn node(domain: &str, roles: DomainRoles) -> NodeConfiguration {
    let mut node = NodeConfiguration::default();
    node.worker.compute.backend = doin_compute::Backend::Cpu;
    node.worker.domains.insert(domain.into(), roles);
    node
}

/// The parameters of the best at a block.
fn best_artifact(network: &FullNetwork, at: &doin_primitives::Header) -> (Option<u64>, ArtifactReference) {
    inspect(&network.nodes[0], at, || {
        let domains = doin_runtime::views::domains();
        let domain = domains.first().expect("the preset has a domain");
        (domain.best_optimum, domain.best_artifact)
    })
}

#[test]
fn evaluators_judge_what_another_node_has_found_and_who_does_not_take_part_transfers_nothing() {
    let genesis = Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob, Charlie]);
    let optimizer = DomainRoles {
        optimize: Some(OptimizeRole::new(account(Alice))),
        ..DomainRoles::default()
    };
    let judge = |who: &[Sr25519Keyring]| DomainRoles {
        evaluate: Some(evaluators(who)),
        ..DomainRoles::default()
    };
    let workers = vec![
        node("quadratic", optimizer),
        node("quadratic", judge(&[Bob, Charlie])),
        node("quadratic", judge(&[Dave, Eve])),
    ];
    let mut network = FullNetwork::start_with(&genesis, workers);
    // One only relays, one takes part in another domain, which is still to come.
    let follower = |worker| Part {
        authority: None,
        worker,
        sync: SyncMode::Full,
        backend: NetworkBackendType::Litep2p,
    };
    network.join(follower(NodeConfiguration::default()));
    let elsewhere = DomainRoles {
        evaluate: Some(evaluators(&[Ferdie])),
        wait_for_registration: true,
        ..DomainRoles::default()
    };
    network.join(follower(node("elsewhere", elsewhere)));

    // Two in a row: the second one is compared with the first, which the evaluators have fetched, too.
    let seen = RefCell::new(Vec::new());
    let accepted = network.wait_for("two optimae are accepted", 0, |header| {
        let (optimum, artifact) = best_artifact(&network, header);
        let mut seen = seen.borrow_mut();
        if optimum.is_some() && seen.last() != Some(&artifact) {
            seen.push(artifact);
        }
        seen.len() == 2
    });
    let (_, best) = best_artifact(&network, &accepted);
    let file = format!("{}-{}.artifact", hex::encode(best.root), best.size);
    for place in 0..3 {
        assert!(
            network.artifacts(place).join(&file).exists(),
            "node {place} has the best"
        );
    }
    let chunks = |place, direction| network.figure(place, "doin_artifacts_chunks_total", &[("direction", direction)]);
    assert!(
        chunks(0, "out") >= Some(2.0),
        "the optimizer's node has served: {:?}",
        chunks(0, "out")
    );
    for place in 1..3 {
        assert!(
            chunks(place, "in") >= Some(2.0),
            "node {place} has fetched: {:?}",
            chunks(place, "in")
        );
    }
    // The relay does not speak the protocol: no figure counts anything. The other says that it has nothing, at most.
    assert_eq!(network.figure(3, "doin_artifacts_bytes_total", &[]), None);
    assert!(!network.artifacts(3).exists());
    let nothing = |figure: Option<f64>| figure.unwrap_or(0.0) == 0.0;
    for direction in ["in", "out"] {
        assert!(nothing(chunks(4, direction)), "{direction}: {:?}", chunks(4, direction));
    }
    let answered = |outcome: &str| network.figure(4, "doin_artifacts_requests_total", &[("direction", outcome)]);
    assert!(nothing(answered("out")), "it has asked nobody");
    assert_eq!(network.figure(4, "doin_artifacts_stored_bytes", &[]), Some(0.0));
    for place in 0..3 {
        assert!(nothing(network.figure(place, "doin_artifacts_bans_total", &[])));
    }
    network.stop();
}

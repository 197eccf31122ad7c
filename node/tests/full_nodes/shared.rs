//! Nodes that search with one population.

use crate::{
    genesis::Genesis,
    network::{inspect, FullNetwork, Part},
};
use doin_node::configuration::NodeConfiguration;
use doin_worker::config::{DomainRoles, EvaluateRole, OperatorAccount, OptimizeRole};
use sc_network::config::{NetworkBackendType, SyncMode};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use std::time::Duration;

fn account(who: Sr25519Keyring) -> OperatorAccount {
    OperatorAccount::Development(who.to_seed())
}

/// Searches with others, and judges what they find.
fn member(who: Sr25519Keyring, others: &[Sr25519Keyring]) -> NodeConfiguration {
    let mut node = NodeConfiguration::default();
    node.worker.compute.backend = doin_compute::Backend::Cpu;
    let roles = DomainRoles {
        optimize: Some(OptimizeRole {
            shared_population: true,
            ..OptimizeRole::new(account(who))
        }),
        evaluate: Some(EvaluateRole {
            accounts: [who].iter().chain(others).copied().map(account).collect(),
            register: false,
        }),
        ..DomainRoles::default()
    };
    node.worker.domains.insert("quadratic".into(), roles);
    node
}

/// The number of the generation that a node is at.
fn generation(network: &FullNetwork, place: usize) -> f64 {
    network
        .figure(place, "doin_population_generation", &[("domain", "0")])
        .unwrap_or(0.0)
}

fn evaluations(network: &FullNetwork, place: usize) -> f64 {
    let label = [("result", "shared evaluate")];
    network.figure(place, "doin_worker_rounds_total", &label).unwrap_or(0.0)
}

fn wait_for_generation(network: &FullNetwork, places: &[usize], number: f64) {
    network.wait("the population gets on", async {
        while places.iter().any(|place| generation(network, *place) < number) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
}

#[test]
fn three_nodes_evaluate_each_candidate_about_once_and_one_that_dies_holds_up_nobody() {
    let genesis = Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob])
        .authorities(&[Alice, Bob])
        .domain(|domain| domain.specification.season_length = 0);
    let workers = vec![member(Bob, &[Eve]), member(Charlie, &[])];
    let mut network = FullNetwork::start_with(&genesis, workers);
    network.join(Part {
        authority: None,
        worker: member(Dave, &[]),
        sync: SyncMode::Full,
        backend: NetworkBackendType::Litep2p,
    });

    // What is found together is proved like anything else.
    network.wait_for("an optimum is accepted", 0, |header| {
        inspect(&network.nodes[0], header, || {
            let domains = doin_runtime::views::domains();
            domains.first().expect("the preset has a domain").best_optimum.is_some()
        })
    });
    wait_for_generation(&network, &[0, 1, 2], 6.0);
    let all = [0, 1, 2];
    let done: Vec<f64> = all.iter().map(|place| evaluations(&network, *place)).collect();
    let at = all.iter().map(|place| generation(&network, *place)).fold(0.0, f64::max);
    let (sum, candidates) = (done.iter().sum::<f64>(), (at + 1.0) * 24.0);
    // An eighth is measured again; one that was pre-empted by judging may come twice.
    assert!(sum < 1.5 * candidates, "{done:?} for {candidates} candidates");
    for share in &done {
        assert!(share * 8.0 > sum, "each takes its part: {done:?}");
    }
    for place in all {
        let wrong = network.figure(place, "doin_population_offences_total", &[("kind", "wrong result")]);
        assert_eq!(wrong.unwrap_or(0.0), 0.0, "node {place}");
        let banned = network.figure(place, "doin_population_requests_total", &[("outcome", "malformed")]);
        assert_eq!(banned.unwrap_or(0.0), 0.0, "node {place}");
    }

    // One ends in the middle of its work.
    drop(network.nodes.pop());
    let at = generation(&network, 0).max(generation(&network, 1));
    wait_for_generation(&network, &[0, 1], at + 4.0);
    network.stop();
}

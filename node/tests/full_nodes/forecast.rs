//! The forecasting domain on a network of whole nodes: its best improves through optimae that different nodes found and
//! others verified.

use crate::{
    genesis::Genesis,
    network::{inspect, FullNetwork},
};
use doin_domains::{
    fixed_to_metric,
    forecast::{encoding::Model, measurement::measure, Forecast},
    instantiate, Backend, Compute, Domain, Options,
};
use doin_node::configuration::NodeConfiguration;
use doin_primitives::{artifact::ArtifactReference, domain::Direction, optimum::OptimumId, AccountId, Metric};
use doin_runtime::views;
use doin_worker::config::{DomainRoles, EvaluateRole, OperatorAccount, OptimizeRole};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::{FixedU128, Perquintill};
use std::{cell::RefCell, collections::BTreeSet, fs, sync::Arc};

const NAME: &str = "mackey-glass";
const KIND: &str = "timeseries";
const MODEL: &str = r#"{"source":{"mackey-glass":{"length":3000,"delay":17,"seed":1}},"series":"levels","horizons":[6],
    "network":{"window":12,"hidden":[16],"seed":1,"most_window":48,"most_parameters":8192},
    "synthetic":{"generator":"process","length":1000}}"#;
/// How many optimae have to be accepted, at least.
const ACCEPTED: usize = 3;
/// Series of one's own by which the accepted bests are compared with one another.
const SERIES: u8 = 8;

/// The local preset with the forecasting domain in the place of the quadratic one; the figures are those of
/// docs/forecasting.md.
fn genesis() -> Genesis {
    let domain = instantiate(KIND, MODEL.as_bytes(), &Options::default()).expect("the model is good");
    Genesis::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob, Charlie])
        .with(json!({"proofOfOptimization": {"parameters": {"slotDuration": 1_000}}}))
        .domain(|genesis| {
            let specification = &mut genesis.specification;
            specification.name = NAME.as_bytes().to_vec().try_into().expect("short");
            specification.kind = KIND.as_bytes().to_vec().try_into().expect("short");
            specification.model = MODEL.as_bytes().to_vec().try_into().expect("short");
            specification.direction = Direction::Minimize;
            specification.metric_scale = FixedU128::from_rational(1, 1_000);
            specification.paired_noise = FixedU128::from_rational(2, 100);
            specification.minimum_step = FixedU128::from_rational(5, 100);
            specification.relative_tolerance = Perquintill::from_percent(15);
            specification.absolute_tolerance = FixedU128::from_rational(5, 1_000);
            specification.season_length = 0;
            genesis.baseline = ArtifactReference::of(&domain.baseline());
            genesis.baseline_metric = Metric::from_u32(1);
        })
}

/// A node that searches for one account and judges for others.
fn node(optimizer: Sr25519Keyring, evaluators: &[Sr25519Keyring], backend: Backend) -> NodeConfiguration {
    let account = |who: Sr25519Keyring| OperatorAccount::Development(who.to_seed());
    let mut node = NodeConfiguration::default();
    node.worker.compute.backend = backend;
    let roles = DomainRoles {
        optimize: Some(OptimizeRole::new(account(optimizer))),
        evaluate: Some(EvaluateRole {
            accounts: evaluators.iter().copied().map(account).collect(),
            register: false,
        }),
        ..DomainRoles::default()
    };
    node.worker.domains.insert(NAME.into(), roles);
    node
}

/// A best of the chain.
struct Accepted {
    optimum: OptimumId,
    optimizer: AccountId,
    artifact: ArtifactReference,
    /// The median that its quorum found.
    metric: f64,
}

#[test]
fn three_nodes_forecast_better_and_better_through_accepted_optimae() {
    // One of the nodes computes on a GPU, or on a software adapter that stands for one.
    let workers = vec![
        node(Alice, &[Eve], Backend::Gpu),
        node(Bob, &[Bob], Backend::Cpu),
        node(Charlie, &[Charlie, Dave], Backend::Cpu),
    ];
    let network = FullNetwork::start_with(&genesis(), workers);
    let genesis_domain = Forecast::from_model(MODEL.as_bytes(), &Options::default()).expect("the model is good");
    let artifact_of = |artifact: ArtifactReference| {
        let file = format!("{}-{}.artifact", hex::encode(artifact.root), artifact.size);
        fs::read(network.artifacts(0).join(file)).ok()
    };
    let held_out = |parameters: &[u8]| {
        let model = Model::decode(parameters, genesis_domain.configuration()).expect("a model of the domain");
        let split = genesis_domain.split(0).expect("a generated series");
        measure(&model, genesis_domain.configuration(), &split.held_out, None).relative_error
    };

    let bests: RefCell<Vec<Accepted>> = RefCell::default();
    let parameters: RefCell<Vec<Vec<u8>>> = RefCell::new(vec![genesis_domain.baseline()]);
    let last = network.wait_for("the best has improved several times", 0, |header| {
        let (domain, optimum) = inspect(&network.nodes[0], header, || {
            let domain = views::domain(0).expect("the genesis has a domain");
            let optimum = domain.best_optimum.and_then(views::optimum);
            (domain, optimum)
        });
        let mut bests = bests.borrow_mut();
        let mut parameters = parameters.borrow_mut();
        if let (Some(best), Some(metric)) = (optimum, domain.best_metric) {
            if bests.iter().all(|former| former.optimum != best.id) {
                bests.push(Accepted {
                    optimum: best.id,
                    optimizer: best.optimizer,
                    artifact: domain.best_artifact,
                    metric: fixed_to_metric(metric),
                });
            }
        }
        // Parameters of a best may be on their way here still.
        while let Some(next) = bests
            .get(parameters.len() - 1)
            .and_then(|best| artifact_of(best.artifact))
        {
            parameters.push(next);
        }
        // Of two finders at least one is Bob or Charlie, whose quorum is all three others: unanimous, with Eve, who measures
        // on the node with the other adapter.
        let finders: BTreeSet<&AccountId> = bests.iter().map(|best| &best.optimizer).collect();
        parameters.len() == bests.len() + 1
            && bests.len() >= ACCEPTED
            && finders.len() >= 2
            && parameters.last().is_some_and(|best| held_out(best) <= 0.2)
    });
    let (bests, parameters) = (bests.into_inner(), parameters.into_inner());
    let medians: Vec<f64> = bests.iter().map(|best| best.metric).collect();
    let errors: Vec<f64> = parameters.iter().map(|parameters| held_out(parameters)).collect();
    println!(
        "block {}: medians of the quorums {medians:?}, held out {errors:?}",
        last.number
    );
    assert_eq!(errors[0], 1.0, "the domain begins with the naive forecast");

    // Each accepted best is better than the one before, on series that no quorum has seen; and whatever a node computes
    // with, it measures the same to the last bit.
    let gpu = Options {
        compute: Arc::new(Compute::open(Backend::Gpu).expect("there is a software adapter at least")),
        ..Options::default()
    };
    let on_gpu = Forecast::from_model(MODEL.as_bytes(), &gpu).expect("the model is good");
    let means: Vec<f64> = parameters
        .iter()
        .map(|parameters| {
            let metrics = (0..SERIES).map(|number| {
                let data = genesis_domain.synthesize([number; 32], 0).expect("of the process");
                assert_eq!(on_gpu.synthesize([number; 32], 0).expect("of the process"), data);
                let measured = genesis_domain.evaluate(parameters, &data).expect("a model");
                assert_eq!(on_gpu.evaluate(parameters, &data).expect("a model"), measured);
                measured.metric
            });
            metrics.sum::<f64>() / f64::from(SERIES)
        })
        .collect();
    println!("means over series of our own {means:?}");
    assert!(means.windows(2).all(|pair| pair[1] < pair[0]), "{means:?}");
    for (mean, best) in means[1..].iter().zip(&bests) {
        let tolerance = (0.15 * mean).max(0.005);
        assert!((mean - best.metric).abs() <= tolerance, "{mean} {}", best.metric);
    }

    // Every node of the domain has the parameters of the best.
    let best = bests.last().expect("several were accepted").artifact;
    let file = format!("{}-{}.artifact", hex::encode(best.root), best.size);
    network.wait_for("the best is everywhere", 0, |header| {
        header.number > last.number && (0..3).all(|place| network.artifacts(place).join(&file).exists())
    });
    network.stop();
}

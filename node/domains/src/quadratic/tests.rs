//! Tests of the quadratic domain.

use super::*;
use proptest::prelude::*;
use sp_core::{Blake2Hasher, Hasher};

const MODEL: Configuration = Configuration {
    dimensions: 10,
    noise: 0.1,
    target_seed: 1,
};

fn domain_with(configuration: Configuration, options: &Options) -> Quadratic {
    Quadratic::new(configuration, options).unwrap()
}

fn domain() -> Quadratic {
    domain_with(MODEL, &Options::default())
}

fn exact(domain: &Quadratic, parameters: &[u8], season: u64) -> f64 {
    objective(domain.target(season))
        .unwrap()
        .evaluate(&domain.decode(parameters).unwrap())
}

fn budget(domain: &Quadratic) -> Budget {
    Budget {
        evaluations: domain.metadata().round_evaluations,
        minimum_gain: 0.0,
    }
}

/// Seed number `number`.
fn seed(number: u64) -> [u8; 32] {
    Blake2Hasher::hash(&number.encode()).0
}

/// Rounds from the baseline until each of the milestones, with the node restarted after every round or not.
fn rounds(configuration: Configuration, options: &Options, season: u64, restart: bool) -> [u64; 5] {
    let milestones = [-100.0, -50.0, -10.0, -1.0, -0.5];
    let mut reached = [0; 5];
    let mut domain = domain_with(configuration, options);
    let mut best = domain.baseline();
    let mut metric = exact(&domain, &best, season);
    for round in 1..=100 {
        if restart {
            domain = domain_with(configuration, options);
        }
        let seed = seed(1_000 * configuration.target_seed + 100 * season + round);
        match domain.optimize(&best, &budget(&domain), seed, season, &Cancellation::default()) {
            Ok(candidate) => {
                assert!(candidate.metric > metric);
                assert_eq!(candidate.metric, exact(&domain, &candidate.parameters, season));
                (best, metric) = (candidate.parameters, candidate.metric);
            }
            Err(error) => assert!(error.is_benign(), "{error}"),
        }
        for (milestone, reached) in milestones.iter().zip(&mut reached) {
            if metric >= *milestone && *reached == 0 {
                *reached = round;
            }
        }
        if reached[4] > 0 {
            return reached;
        }
    }
    panic!("−0.5 not reached in 100 rounds: {metric}");
}

/// The figures that the module's documentation and the design speak of.
#[test]
fn the_recommended_round_takes_moderate_steps_from_the_baseline_to_the_optimum() {
    for restart in [false, true] {
        let mut all: Vec<[u64; 5]> = Vec::new();
        for target_seed in 1..=10 {
            for season in 0..5 {
                let configuration = Configuration { target_seed, ..MODEL };
                all.push(rounds(configuration, &Options::default(), season, restart));
            }
        }
        all.sort_unstable_by_key(|reached| reached[4]);
        let (least, median, most) = (all[0][4], all[all.len() / 2], all[all.len() - 1][4]);
        println!("restart {restart}: rounds to −0.5: {least} to {most}; median run to each milestone {median:?}");
        assert!((8..=20).contains(&median[4]), "{median:?}");
        assert!(least >= 6 && most <= 25, "{least} to {most}");
    }
}

#[test]
fn the_device_serves_a_round_as_the_cpu_does() {
    let options = Options {
        compute: Arc::new(Compute::open(doin_compute::Backend::Auto).unwrap()),
        ..Default::default()
    };
    let reached = rounds(MODEL, &options, 0, false);
    assert!((6..=25).contains(&reached[4]), "{reached:?}");
    // A larger population takes larger rounds.
    let reached = rounds(
        MODEL,
        &Options {
            population: Some(512),
            ..options
        },
        0,
        false,
    );
    assert!(reached[4] < 10, "{reached:?}");
}

#[test]
fn the_single_random_step_goes_on_but_slower() {
    let options = Options {
        optimizer: OptimizerKind::RandomStep,
        ..Default::default()
    };
    let domain = domain_with(MODEL, &options);
    let mut best = domain.baseline();
    let start = exact(&domain, &best, 0);
    let mut metrics = Vec::new();
    for round in 0..40 {
        if let Ok(candidate) = domain.optimize(&best, &budget(&domain), seed(round), 0, &Cancellation::default()) {
            best = candidate.parameters;
            metrics.push(candidate.metric);
        }
    }
    println!("random step from {start}: {metrics:?}");
    assert!(metrics.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(*metrics.last().unwrap() > -10.0);
}

#[test]
fn baseline_and_targets_are_the_same_everywhere() {
    let domain = domain();
    // Frozen: a chain's genesis stands on the baseline, votes on the rest.
    let hash = |values: &[u8]| {
        Blake2Hasher::hash(values)
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(
        hash(&domain.baseline()),
        "a602178bd81796cbd68060ad63a22548a4ec99fca3e03607d9393ebeacf1fa76"
    );
    assert_eq!(exact(&domain, &domain.baseline(), 0), -430.5831394009185);
    assert_eq!(
        hash(&encode(&domain.target(0))),
        "04cc7a9c886c34ff41d7e0ecdf092b8b4c9ea0f6c33241d97efac41887f458c3"
    );
    let data = domain.synthesize([7; 32], 3).unwrap();
    assert_eq!(
        hash(&data.bytes),
        "3c4f6bf34e5b40d9d8022005beb6289ad25f1d8cdc34ba046ff6bc15d90f518d"
    );
    let Evaluation { metric, probe } = domain.evaluate(&domain.baseline(), &data).unwrap();
    assert_eq!(
        [metric, probe].map(f64::to_bits),
        [0xc0797d449960bca0, 0x4048f54b4a12c203]
    );
    assert_eq!(domain.baseline(), domain_with(MODEL, &Options::default()).baseline());
    assert_ne!(domain.target(0), domain.target(1));
    assert_ne!(
        domain.target(0),
        domain_with(
            Configuration {
                target_seed: 2,
                ..MODEL
            },
            &Options::default()
        )
        .target(0)
    );
    assert!(domain.target(0).iter().all(|value| value.abs() < 5.0));
    assert!(decode(&domain.baseline(), 10)
        .unwrap()
        .iter()
        .all(|value| value.abs() < 10.0));
    assert_eq!(domain.baseline().len() as u64, domain.metadata().parameters_bytes);
}

#[test]
fn baselines_are_about_400_away() {
    let metrics: Vec<f64> = (0..200)
        .map(|target_seed| {
            let domain = domain_with(Configuration { target_seed, ..MODEL }, &Options::default());
            exact(&domain, &domain.baseline(), 0)
        })
        .collect();
    let mean = metrics.iter().sum::<f64>() / 200.0;
    assert!((-440.0..-390.0).contains(&mean), "{mean}");
}

#[test]
fn data_follow_from_seed_and_season_alone() {
    let (one, two) = (domain(), domain());
    let data = one.synthesize([7; 32], 3).unwrap();
    assert_eq!(data, two.synthesize([7; 32], 3).unwrap());
    assert_eq!(one.data_hash(&data), two.data_hash(&data));
    for other in [one.synthesize([8; 32], 3).unwrap(), one.synthesize([7; 32], 4).unwrap()] {
        assert_ne!(one.data_hash(&data), one.data_hash(&other));
        assert_ne!(data.bytes, other.bytes);
    }
    // A vote is replayed to the last bit, whatever the node searches with.
    let gpu = Options {
        compute: Arc::new(Compute::open(doin_compute::Backend::Auto).unwrap()),
        ..Default::default()
    };
    let replayed = domain_with(MODEL, &gpu).evaluate(&one.baseline(), &data).unwrap();
    assert_eq!(one.evaluate(&one.baseline(), &data).unwrap(), replayed);
}

#[test]
fn metric_and_probe_have_the_spread_that_the_noise_gives() {
    let domain = domain();
    let optimum = encode(&domain.target(0));
    let count = 2_000;
    let evaluations: Vec<Evaluation> = (0..count)
        .map(|number| {
            domain
                .evaluate(&optimum, &domain.synthesize(seed(number), 0).unwrap())
                .unwrap()
        })
        .collect();
    let mean = evaluations.iter().map(|evaluation| evaluation.metric).sum::<f64>() / count as f64;
    assert!((mean + 0.1).abs() < 0.01, "mean metric {mean}");
    let square = evaluations
        .iter()
        .map(|evaluation| evaluation.probe.powi(2))
        .sum::<f64>()
        / count as f64;
    assert!(
        (square.sqrt() - 0.1f64.sqrt()).abs() < 0.03,
        "spread of the probe {}",
        square.sqrt()
    );
    let mut probes: Vec<f64> = evaluations.iter().map(|evaluation| evaluation.probe).collect();
    probes.sort_unstable_by(f64::total_cmp);
    assert!(probes.windows(2).all(|pair| pair[0] < pair[1]));

    let quiet = domain_with(Configuration { noise: 0.0, ..MODEL }, &Options::default());
    let data = quiet.synthesize([1; 32], 0).unwrap();
    assert_eq!(quiet.evaluate(&encode(&quiet.target(0)), &data).unwrap().metric, 0.0);
}

#[test]
fn a_gain_below_the_minimum_is_no_improvement() {
    let domain = domain();
    let baseline = domain.baseline();
    let run = |minimum_gain| {
        let budget = Budget {
            minimum_gain,
            ..budget(&domain)
        };
        domain.optimize(&baseline, &budget, [1; 32], 0, &Cancellation::default())
    };
    let error = run(1e9).unwrap_err();
    assert!(
        matches!(error, DomainError::NoImprovement { gain, required } if gain > 0.0 && required == 1e9),
        "{error}"
    );
    assert!(error.is_benign());
    // The search went on from there: nothing of the round was lost.
    assert!(run(0.0).unwrap().metric > exact(&domain, &baseline, 0));
    for minimum_gain in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(run(minimum_gain), Err(DomainError::BadConfiguration(_))));
    }
    // Nothing is better than the optimum.
    let optimum = encode(&domain.target(0));
    let error = domain
        .optimize(&optimum, &budget(&domain), [1; 32], 0, &Cancellation::default())
        .unwrap_err();
    assert!(matches!(error, DomainError::NoImprovement { .. }), "{error}");
}

#[test]
fn a_migrated_optimum_is_taken_up_and_a_new_season_begins_anew() {
    let domain = domain();
    let baseline = domain.baseline();
    let first = domain
        .optimize(&baseline, &budget(&domain), [1; 32], 0, &Cancellation::default())
        .unwrap();
    let mut elsewhere = domain.target(0);
    elsewhere.iter_mut().for_each(|value| *value += 0.2);
    let elsewhere = encode(&elsewhere);
    assert!(exact(&domain, &elsewhere, 0) > first.metric);
    let next = (0..20)
        .find_map(|round| {
            domain
                .optimize(&elsewhere, &budget(&domain), seed(round), 0, &Cancellation::default())
                .ok()
        })
        .unwrap();
    assert!(next.metric > exact(&domain, &elsewhere, 0));

    // In the next season the same parameters are far from the target again.
    let before = exact(&domain, &next.parameters, 1);
    assert!(before < -10.0);
    let mut best = next.parameters;
    for round in 0..30 {
        if let Ok(candidate) = domain.optimize(&best, &budget(&domain), seed(round), 1, &Cancellation::default()) {
            best = candidate.parameters;
        }
    }
    assert!(exact(&domain, &best, 1) > -0.5);
}

#[test]
fn rounds_are_deterministic() {
    let run = || {
        let domain = domain();
        let mut best = domain.baseline();
        for round in 0..5 {
            if let Ok(found) = domain.optimize(&best, &budget(&domain), seed(round), 0, &Cancellation::default()) {
                best = found.parameters;
            }
        }
        best
    };
    assert_eq!(run(), run());
}

#[test]
fn a_cancelled_round_stops_and_the_next_one_goes_on() {
    let domain = domain();
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let baseline = domain.baseline();
    let endless = Budget {
        evaluations: u64::MAX,
        minimum_gain: 0.0,
    };
    assert_eq!(
        domain.optimize(&baseline, &endless, [1; 32], 0, &cancellation),
        Err(DomainError::Cancelled)
    );

    let cancellation = Cancellation::default();
    std::thread::scope(|scope| {
        let round = scope.spawn(|| domain.optimize(&baseline, &endless, [1; 32], 0, &cancellation));
        cancellation.cancel();
        assert_eq!(round.join().unwrap(), Err(DomainError::Cancelled));
    });
    assert!(domain
        .optimize(&baseline, &budget(&domain), [2; 32], 0, &Cancellation::default())
        .is_ok());
}

#[test]
fn hostile_parameters_data_and_inputs_are_refused_by_name() {
    let domain = domain();
    let data = domain.synthesize([1; 32], 0).unwrap();
    let good = domain.baseline();
    for bad in [
        encode(&[f64::NAN; 10]),
        encode(&[f64::INFINITY; 10]),
        encode(&[1e7; 10]),
        vec![],
        vec![0; 79],
    ] {
        assert!(matches!(
            domain.evaluate(&bad, &data),
            Err(DomainError::BadParameters(_))
        ));
        assert!(matches!(domain.infer(&bad, b"{}"), Err(DomainError::BadParameters(_))));
        let round = domain.optimize(&bad, &budget(&domain), [1; 32], 0, &Cancellation::default());
        assert!(matches!(round, Err(DomainError::BadParameters(_))));
    }
    for bad in [vec![], vec![0; 80], encode(&[f64::NAN; 20]), encode(&[1e300; 20])] {
        let data = SyntheticData { season: 0, bytes: bad };
        assert!(matches!(domain.evaluate(&good, &data), Err(DomainError::BadData(_))));
    }
    for bad in [
        "",
        "{}",
        r#"{"target":[1]}"#,
        r#"{"target":"x"}"#,
        r#"{"target":[],"more":1}"#,
    ] {
        assert!(
            matches!(domain.infer(&good, bad.as_bytes()), Err(DomainError::BadInput(_))),
            "{bad}"
        );
    }
}

#[test]
fn inference_answers_with_the_performance_for_the_target_given() {
    let domain = domain_with(Configuration { dimensions: 2, ..MODEL }, &Options::default());
    let answer = domain.infer(&encode(&[1.0, 2.0]), br#"{"target":[0,0]}"#).unwrap();
    assert_eq!(answer, br#"{"performance":-5.0}"#);
}

#[test]
fn populations_out_of_range_are_refused() {
    for population in [0, 1, MOST_POPULATION + 1] {
        let options = Options {
            population: Some(population),
            ..Default::default()
        };
        assert!(matches!(
            Quadratic::new(MODEL, &options),
            Err(DomainError::BadConfiguration(_))
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// From anywhere that can be encoded, in any dimension, a round gives a candidate that holds what it says, or a
    /// named error.
    #[test]
    fn candidates_hold_what_they_say(
        start in prop::collection::vec(-MOST_MAGNITUDE..=MOST_MAGNITUDE, 1..40),
        noise in 0.0..1.0,
        target_seed: u64,
        season: u64,
        seed: [u8; 32],
    ) {
        let configuration = Configuration { dimensions: start.len(), noise, target_seed };
        let domain = domain_with(configuration, &Options::default());
        match domain.optimize(&encode(&start), &budget(&domain), seed, season, &Cancellation::default()) {
            Ok(candidate) => {
                prop_assert_eq!(candidate.metric, exact(&domain, &candidate.parameters, season));
                prop_assert!(candidate.metric > exact(&domain, &encode(&start), season));
                let data = domain.synthesize(seed, season).unwrap();
                prop_assert!(domain.evaluate(&candidate.parameters, &data).is_ok());
            },
            Err(error) => prop_assert!(error.is_benign(), "{}", error),
        }
    }
}

//! Tests of the forecasting domain.

mod networks;

use super::*;
use doin_compute::{Backend, Compute};
use measurement::Forecaster;
use proptest::prelude::*;

/// The example of the documentation.
pub(super) const MODEL: &str = r#"{
    "source": {"mackey-glass": {"length": 3000, "delay": 17, "seed": 1}},
    "series": "levels",
    "horizons": [6],
    "network": {"window": 12, "hidden": [16], "seed": 1, "most_window": 48, "most_parameters": 8192},
    "synthetic": {"generator": "process", "length": 1000}
}"#;

const REGIMES: &str = r#"{
    "source": {"regimes": {"length": 3000, "seed": 1}},
    "series": "increments",
    "horizons": [1, 4],
    "network": {"window": 8, "hidden": [12, 8], "seed": 1, "most_window": 32, "most_parameters": 4096},
    "synthetic": {"generator": {"bootstrap": {"block": 60, "neighbours": 6, "noise": 0.02}}, "length": 3000}
}"#;

/// Of temporal convolution networks.
pub(super) const CONVOLUTIONS: &str = r#"{
    "source": {"mackey-glass": {"length": 3000, "delay": 17, "seed": 1}},
    "series": "levels",
    "horizons": [6],
    "network": {"window": 27, "taps": 3, "hidden": [8, 8, 8], "seed": 1, "most_window": 48, "most_parameters": 8192},
    "synthetic": {"generator": "process", "length": 1000}
}"#;

/// Of networks with long short-term memory.
pub(super) const RECURRENT: &str = r#"{
    "source": {"mackey-glass": {"length": 3000, "delay": 17, "seed": 1}},
    "series": "levels",
    "horizons": [6],
    "network": {"window": 16, "cell": "lstm", "hidden": [10], "seed": 1, "most_window": 48, "most_parameters": 98304},
    "synthetic": {"generator": "process", "length": 1000}
}"#;

fn domain_of(model: &str) -> Forecast {
    Forecast::from_model(model.as_bytes(), &Options::default()).unwrap()
}

fn domain() -> Forecast {
    domain_of(MODEL)
}

/// Seed number `number`.
fn seed(number: u64) -> [u8; 32] {
    Blake2Hasher::hash(&number.encode()).0
}

fn budget(evaluations: u64) -> Budget {
    Budget {
        evaluations,
        minimum_gain: 0.0,
    }
}

/// Rounds from the baseline, as one node alone makes them. Returns the best and its validation errors from round to round.
fn rounds(domain: &Forecast, count: u64, evaluations: u64) -> (Vec<u8>, Vec<f64>) {
    let mut best = domain.baseline();
    let mut errors = vec![1.0];
    for round in 0..count {
        match domain.optimize(&best, &budget(evaluations), seed(round), 0, &Cancellation::default()) {
            Ok(candidate) => {
                errors.push(candidate.metric);
                best = candidate.parameters;
            }
            Err(error) => assert!(error.is_benign(), "{error}"),
        }
    }
    (best, errors)
}

fn held_out(domain: &Forecast, parameters: &[u8]) -> f64 {
    let model = domain.decode(parameters).unwrap();
    let split = domain.split(0).unwrap();
    measure(&model, &domain.configuration, &split.held_out, None).relative_error
}

#[test]
fn a_noisy_series_with_regimes_is_forecast_better_than_naively() {
    let domain = domain_of(REGIMES);
    let (best, errors) = rounds(&domain, 4, ROUND_STEPS);
    let error = held_out(&domain, &best);
    println!("validation {errors:?}; held out {error}");
    assert!(error < 0.8, "held out: {error}");
    let data = domain.synthesize(seed(1), 0).unwrap();
    assert!(domain.evaluate(&best, &data).unwrap().metric < 0.8);
}

#[test]
fn the_baseline_is_the_naive_forecast_and_the_same_everywhere() {
    for model in [MODEL, REGIMES, CONVOLUTIONS, RECURRENT] {
        let domain = domain_of(model);
        let baseline = domain.baseline();
        assert_eq!(baseline, domain_of(model).baseline());
        assert_eq!(held_out(&domain, &baseline), 1.0);
        for number in 0..5 {
            let data = domain.synthesize(seed(number), 0).unwrap();
            assert_eq!(domain.evaluate(&baseline, &data).unwrap().metric, 1.0);
        }
    }
}

#[test]
fn data_and_votes_follow_from_the_seed_to_the_last_bit_whatever_a_node_computes_with() {
    let gpu = Options {
        compute: Arc::new(Compute::open(Backend::Auto).unwrap()),
        ..Default::default()
    };
    for model in [MODEL, REGIMES, CONVOLUTIONS, RECURRENT] {
        let (one, two) = (domain_of(model), Forecast::from_model(model.as_bytes(), &gpu).unwrap());
        let (best, _) = rounds(&one, 1, 200);
        for number in 0..3 {
            let data = one.synthesize(seed(number), 0).unwrap();
            assert_eq!(data, two.synthesize(seed(number), 0).unwrap());
            assert_ne!(data.hash(), one.synthesize(seed(number + 1), 0).unwrap().hash());
            assert_eq!(one.evaluate(&best, &data).unwrap(), two.evaluate(&best, &data).unwrap());
        }
    }
}

/// What the tolerances of a specification have to hold: figures of docs/forecasting.md.
#[test]
fn evaluators_with_data_of_their_own_agree_within_the_tolerance() {
    for (model, tolerance) in [(MODEL, 0.15), (REGIMES, 0.2)] {
        let domain = domain_of(model);
        let (early, _) = rounds(&domain, 1, ROUND_STEPS);
        let (late, _) = rounds(&domain, 4, ROUND_STEPS);
        for parameters in [early, late] {
            let mut metrics: Vec<f64> = (0..60)
                .map(|number| {
                    let data = domain.synthesize(seed(10_000 + number), 0).unwrap();
                    domain.evaluate(&parameters, &data).unwrap().metric
                })
                .collect();
            metrics.sort_unstable_by(f64::total_cmp);
            let median = metrics[30];
            let within = metrics
                .iter()
                .filter(|metric| (*metric - median).abs() <= tolerance * median)
                .count();
            println!(
                "median {median}, from {} to {}, {within} of 60 agree",
                metrics[0], metrics[59]
            );
            assert!(within >= 57, "{metrics:?}");
        }
    }
}

#[test]
fn rounds_are_deterministic_and_a_season_begins_anew() {
    let run = || rounds(&domain(), 2, 200);
    assert_eq!(run(), run());
    let domain = domain();
    let (best, _) = rounds(&domain, 2, 400);
    assert_ne!(domain.split(0).unwrap().training, domain.split(1).unwrap().training);
    let next = domain
        .optimize(&best, &budget(400), seed(9), 1, &Cancellation::default())
        .unwrap();
    assert!(next.metric < 1.0);
}

#[test]
fn a_network_from_elsewhere_is_gone_on_from() {
    let elsewhere = domain();
    let (far, errors) = rounds(&elsewhere, 3, ROUND_STEPS);
    let domain = domain();
    rounds(&domain, 1, 100);
    let candidate = (0..10)
        .find_map(|round| {
            domain
                .optimize(&far, &budget(ROUND_STEPS), seed(round), 0, &Cancellation::default())
                .ok()
        })
        .unwrap();
    assert!(candidate.metric < *errors.last().unwrap());
    // Forgotten, it counts no more.
    domain.forget();
    let from_baseline = domain
        .optimize(&domain.baseline(), &budget(100), seed(1), 0, &Cancellation::default())
        .unwrap();
    assert!(from_baseline.metric > candidate.metric);
}

#[test]
fn a_gain_below_the_minimum_is_no_improvement_and_is_not_lost() {
    let domain = domain();
    let run = |minimum_gain| {
        let budget = Budget {
            evaluations: 400,
            minimum_gain,
        };
        domain.optimize(&domain.baseline(), &budget, seed(1), 0, &Cancellation::default())
    };
    let error = run(0.9999).unwrap_err();
    assert!(matches!(error, DomainError::NoImprovement { gain, required } if gain > 0.0 && required == 0.9999));
    assert!(run(0.0).unwrap().metric < 1.0);
    for minimum_gain in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(run(minimum_gain), Err(DomainError::BadConfiguration(_))));
    }
}

#[test]
fn a_cancelled_round_stops_and_the_next_one_goes_on() {
    let domain = domain();
    let baseline = domain.baseline();
    let cancellation = Cancellation::default();
    std::thread::scope(|scope| {
        let round = scope.spawn(|| domain.optimize(&baseline, &budget(u64::MAX), seed(1), 0, &cancellation));
        cancellation.cancel();
        assert_eq!(round.join().unwrap(), Err(DomainError::Cancelled));
    });
    assert!(domain
        .optimize(&baseline, &budget(200), seed(2), 0, &Cancellation::default())
        .is_ok());
}

#[test]
fn forecasts_answer_windows_and_bad_ones_are_refused_by_name() {
    let domain = domain();
    let (best, _) = rounds(&domain, 2, ROUND_STEPS);
    let model = domain.decode(&best).unwrap();
    let series = domain.split(0).unwrap().held_out.clone();
    let window: Vec<f64> = (100..148).map(|step| series.target(step)).collect();
    let input = serde_json::json!({"windows": [window, window[..model.architecture.window.max(20)].to_vec()]});
    let answer: serde_json::Value =
        serde_json::from_slice(&domain.infer(&best, input.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(answer["horizons"], serde_json::json!([6]));
    let expected = Forecaster::new(&model, domain.configuration.series)
        .forecasts(&series, 147)
        .next()
        .unwrap();
    assert_eq!(answer["forecasts"][0][0].as_f64().unwrap(), expected);
    assert!((expected - series.target(153)).abs() < (series.target(147) - series.target(153)).abs());
    assert_eq!(answer["forecasts"].as_array().unwrap().len(), 2);

    let long = format!("{{\"windows\":[{}]}}", vec!["[1]"; 1_025].join(","));
    let longest = format!("{{\"windows\":[[{}]]}}", vec!["1"; 1_025].join(","));
    let pairs = format!("{{\"windows\":[[{}]]}}", vec!["[1,2]"; 50].join(","));
    let large = format!("{{\"windows\":[[{}]]}}", vec!["1e300"; 50].join(","));
    let words = large.replace("1e300", "\"x\"");
    let infinite = large.replace("1e300", "1e999");
    for (bad, named) in [
        ("", "EOF"),
        ("{}", "windows"),
        (r#"{"windows":[]}"#, "windows must be 1 to 1024, not 0"),
        (&long, "windows must be 1 to 1024, not 1025"),
        (r#"{"windows":[[1,2]]}"#, "window 0: 2 rows; this model takes"),
        (&longest, "window 0: 1025 rows"),
        (&pairs, "row 0 has 2 values, not 1"),
        (&large, "is not a number of magnitude 1e6 at most"),
        (&words, "row 0: \"x\" is not a number"),
        (&infinite, "is not a number"),
        (r#"{"windows":[],"more":1}"#, "more"),
    ] {
        let error = domain.infer(&best, bad.as_bytes()).unwrap_err();
        assert!(matches!(error, DomainError::BadInput(_)), "{bad}: {error}");
        assert!(error.to_string().contains(named), "{bad}: {error}");
    }
    let too_much = vec![b' '; 5 * 1024 * 1024];
    assert!(domain
        .infer(&best, &too_much)
        .unwrap_err()
        .to_string()
        .contains("are allowed"));
}

/// A store with one file.
struct OneFile(Vec<u8>);

impl Files for OneFile {
    fn get(&self, file: FileReference) -> Result<Option<Vec<u8>>, String> {
        Ok((file.size as usize == self.0.len()).then(|| self.0.clone()))
    }
}

fn csv_domain(file: &str, size: usize) -> Forecast {
    let model = serde_json::json!({
        "source": {"csv": {"root": sp_core::H256::repeat_byte(1), "size": size, "columns": ["load", "hour"]}},
        "series": "levels",
        "horizons": [1, 6],
        "network": {"window": 12, "hidden": [12], "seed": 1, "most_window": 24, "most_parameters": 4096},
        "synthetic": {"generator": {"bootstrap": {"block": 48, "neighbours": 5, "noise": 0.05}}, "length": 600},
    });
    let options = Options {
        files: Arc::new(OneFile(file.as_bytes().to_vec())),
        ..Default::default()
    };
    Forecast::from_model(model.to_string().as_bytes(), &options).unwrap()
}

/// A daily course with noise: 60 days by hours.
fn table() -> String {
    let mut random = RandomStream::new([4; 32]);
    let mut text = String::from("hour,load\n");
    for step in 0..24 * 60 {
        let hour = step % 24;
        let load = 50.0 + 20.0 * libm::sin(f64::from(hour) / 24.0 * std::f64::consts::TAU) + random.gaussian();
        text.push_str(&format!("{hour},{load:.3}\n"));
    }
    text
}

#[test]
fn a_csv_file_becomes_a_domain_with_forecasts() {
    let text = table();
    let domain = csv_domain(&text, text.len());
    assert_eq!(domain.files()[0].size as usize, text.len());
    let (best, errors) = rounds(&domain, 3, ROUND_STEPS);
    let error = held_out(&domain, &best);
    println!("validation {errors:?}; held out {error}");
    assert!(error < 0.6, "{error}");
    let data = domain.synthesize(seed(1), 0).unwrap();
    let evaluation = domain.evaluate(&best, &data).unwrap();
    assert!(evaluation.metric < 0.7, "{evaluation:?}");
    let split = domain.split(0).unwrap();
    let rows: Vec<&[f64]> = (0..24).map(|step| split.held_out.row(step)).collect();
    let input = serde_json::json!({"windows": [rows]}).to_string();
    let answer: serde_json::Value = serde_json::from_slice(&domain.infer(&best, input.as_bytes()).unwrap()).unwrap();
    assert_eq!(answer["forecasts"][0].as_array().unwrap().len(), 2);
}

#[test]
fn a_csv_file_that_is_missing_or_unfit_is_said_and_the_baseline_needs_none() {
    let text = table();
    let missing = csv_domain(&text, text.len() + 1);
    assert!(!missing.baseline().is_empty());
    let error = missing.synthesize(seed(1), 0).unwrap_err();
    assert!(
        matches!(error, DomainError::MissingFile(_)) && error.to_string().contains("is not here"),
        "{error}"
    );
    let short: String = text.lines().take(200).map(|line| format!("{line}\n")).collect();
    let error = csv_domain(&short, short.len()).split(0).unwrap_err();
    assert!(
        error.to_string().contains("199 rows; this specification needs 310"),
        "{error}"
    );
    let error = csv_domain("hour,heat\n1,2\n", 14).split(0).unwrap_err();
    assert!(error.to_string().contains("there is no column \"load\""), "{error}");
}

#[test]
fn populations_out_of_range_are_refused() {
    for population in [0, MOST_POPULATION + 1] {
        let options = Options {
            population: Some(population),
            ..Default::default()
        };
        assert!(matches!(
            Forecast::from_model(MODEL.as_bytes(), &options),
            Err(DomainError::BadConfiguration(_))
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever the weights within their range, a model has a metric and forecasts, and a round from it holds what it says.
    #[test]
    fn any_model_is_measured(
        model in prop::sample::select(vec![MODEL, CONVOLUTIONS, RECURRENT]),
        scale in prop::sample::select(vec![1e-3, 1.0, 1e3, 1e6]),
        seed: [u8; 32],
    ) {
        let domain = domain_of(model);
        let mut model = domain.decode(&domain.baseline()).unwrap();
        let mut random = RandomStream::new(seed);
        for weight in &mut model.weights {
            *weight = random.uniform_between(-scale, scale) as f32;
        }
        let parameters = model.encode();
        let data = domain.synthesize(seed, 0).unwrap();
        let evaluation = domain.evaluate(&parameters, &data).unwrap();
        prop_assert!(evaluation.metric.is_finite() && evaluation.metric > 0.0 && evaluation.probe.is_finite());
        match domain.optimize(&parameters, &budget(40), seed, 0, &Cancellation::default()) {
            Ok(candidate) => {
                let split = domain.split(0).unwrap();
                let again = measure(&domain.decode(&candidate.parameters).unwrap(), &domain.configuration, &split.validation, None);
                prop_assert_eq!(candidate.metric, again.relative_error);
            }
            Err(error) => prop_assert!(error.is_benign(), "{}", error),
        }
    }
}

//! Tests of the domain of test functions.

use super::*;
use doin_compute::{Backend, OptimizerKind};
use proptest::prelude::*;
use sp_core::{Blake2Hasher, Hasher};

mod searches;

const MODEL: Configuration = Configuration {
    function: TestFunction::Rastrigin,
    dimensions: 10,
    noise: 0.01,
    optimum_seed: 1,
};

fn domain_with(configuration: Configuration, options: &Options) -> Function {
    Function::new(configuration, options).unwrap()
}

fn domain() -> Function {
    domain_with(MODEL, &Options::default())
}

fn budget(domain: &Function) -> Budget {
    Budget {
        evaluations: domain.metadata().round_evaluations,
        minimum_gain: 0.0,
    }
}

/// Seed number `number`.
fn seed(number: u64) -> [u8; 32] {
    Blake2Hasher::hash(&number.encode()).0
}

fn hash(values: &[u8]) -> String {
    sp_core::bytes::to_hex(&Blake2Hasher::hash(values).0[..8], false)
}

/// Frozen: baselines stand in registrations, and votes are compared to the last bit between machines.
#[test]
fn baselines_optima_data_and_measurements_are_the_same_everywhere() {
    let expected: [(TestFunction, [&str; 3], [u64; 3]); 4] = [
        (
            TestFunction::Sphere,
            ["0xee0a296abab33685", "0x5d7853ffd7c9d328", "0x8bb99a4134087056"],
            [0x406b_8973_8c3e_feee, 0x4048_0026_757c_d473, 0xc00d_1384_ab1d_37ff],
        ),
        (
            TestFunction::Rastrigin,
            ["0xee0a296abab33685", "0x5d7853ffd7c9d328", "0x8bb99a4134087056"],
            [0x4074_ac74_2c0a_ba01, 0x4062_ee7b_0561_f7e8, 0xc00d_1384_ab1d_37ff],
        ),
        (
            TestFunction::Ackley,
            ["0x7ed2cb0b3ed094ba", "0x294f8ecb9f621608", "0xba23cdfbc60abd5d"],
            [0x4036_00d6_cfbc_f269, 0x4034_413f_be75_78da, 0xc037_4d96_be4e_54c2],
        ),
        (
            TestFunction::Rosenbrock,
            ["0x9230aacae9eea2ff", "0x891b89ed5106ffec", "0x36e8c7668e68144f"],
            [0x40df_5551_52b9_e573, 0x40c2_a32c_9238_fdc9, 0xbff7_2fa9_0d7c_c958],
        ),
    ];
    let found = expected.map(|(function, ..)| {
        let domain = domain_with(Configuration { function, ..MODEL }, &Options::default());
        let baseline = domain.baseline();
        let data = domain.synthesize([7; 32], 3).unwrap();
        let hashes = [&baseline, &encode(&domain.optimum(0)), &data.bytes].map(|bytes| hash(bytes));
        let Evaluation { metric, probe } = domain.evaluate(&baseline, &data).unwrap();
        let bits = [domain.value(&baseline, 0).unwrap(), metric, probe].map(f64::to_bits);
        println!("(TestFunction::{function:?}, {hashes:?}, {bits:#018x?}),");
        assert_eq!(baseline.len() as u64, domain.metadata().parameters_bytes);
        (function, hashes, bits)
    });
    for ((function, hashes, bits), (_, expected_hashes, expected_bits)) in found.iter().zip(&expected) {
        assert_eq!(hashes.each_ref().map(String::as_str), *expected_hashes, "{function:?}");
        assert_eq!(bits, expected_bits, "{function:?}");
    }
}

#[test]
fn optima_lie_within_the_box_and_each_season_and_seed_has_its_own() {
    for function in TestFunction::ALL {
        let domain = domain_with(Configuration { function, ..MODEL }, &Options::default());
        let other = Configuration {
            function,
            optimum_seed: 2,
            ..MODEL
        };
        assert_ne!(domain.optimum(0), domain.optimum(1));
        assert_ne!(domain.optimum(0), domain_with(other, &Options::default()).optimum(0));
        let most = 0.8 * function.half_width();
        assert!(domain.optimum(0).iter().all(|value| value.abs() < most));
        let baseline = domain.decode(&domain.baseline()).unwrap();
        assert!(baseline.iter().all(|value| value.abs() < function.half_width()));
        assert_eq!(domain.value(&encode(&domain.optimum(0)), 0), Ok(0.0));
    }
}

#[test]
fn data_follow_from_seed_and_season_alone_and_replays_agree_to_the_last_bit() {
    let gpu = Options {
        compute: Arc::new(Compute::open(Backend::Auto).unwrap()),
        ..Default::default()
    };
    for function in TestFunction::ALL {
        let configuration = Configuration { function, ..MODEL };
        let (one, two) = (
            domain_with(configuration, &Options::default()),
            domain_with(configuration, &gpu),
        );
        let data = one.synthesize([7; 32], 3).unwrap();
        assert_eq!(data, two.synthesize([7; 32], 3).unwrap());
        assert_eq!(one.data_hash(&data), two.data_hash(&data));
        for other in [one.synthesize([8; 32], 3).unwrap(), one.synthesize([7; 32], 4).unwrap()] {
            assert_ne!(one.data_hash(&data), one.data_hash(&other));
            assert_ne!(data.bytes, other.bytes);
        }
        let measured = one.evaluate(&one.baseline(), &data).unwrap();
        assert_eq!(measured, two.evaluate(&one.baseline(), &data).unwrap());
    }
}

#[test]
fn the_probe_has_the_spread_that_the_noise_gives() {
    for function in TestFunction::ALL {
        let domain = domain_with(Configuration { function, ..MODEL }, &Options::default());
        let optimum = encode(&domain.optimum(0));
        let count = 1_000;
        let mut probes: Vec<f64> = (0..count)
            .map(|number| {
                let data = domain.synthesize(seed(number), 0).unwrap();
                let Evaluation { metric, probe } = domain.evaluate(&optimum, &data).unwrap();
                assert!(metric > 0.0);
                probe
            })
            .collect();
        let square = probes.iter().map(|probe| probe * probe).sum::<f64>() / count as f64;
        let expected = MODEL.noise * (MODEL.dimensions as f64).sqrt();
        assert!(
            (square.sqrt() / expected - 1.0).abs() < 0.1,
            "{} {expected}",
            square.sqrt()
        );
        probes.sort_unstable_by(f64::total_cmp);
        assert!(probes.windows(2).all(|pair| pair[0] < pair[1]));

        let quiet = domain_with(
            Configuration {
                function,
                noise: 0.0,
                ..MODEL
            },
            &Options::default(),
        );
        let data = quiet.synthesize([1; 32], 0).unwrap();
        assert_eq!(quiet.evaluate(&optimum, &data).unwrap().metric, 0.0);
    }
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
        let refused = |result: Result<(), DomainError>| assert!(matches!(result, Err(DomainError::BadParameters(_))));
        refused(domain.evaluate(&bad, &data).map(drop));
        refused(domain.infer(&bad, b"{}").map(drop));
        refused(
            domain
                .optimize(&bad, &budget(&domain), [1; 32], 0, &Cancellation::default())
                .map(drop),
        );
    }
    for bad in [vec![], vec![0; 80], encode(&[f64::NAN; 20]), encode(&[1e300; 20])] {
        let data = SyntheticData { season: 0, bytes: bad };
        assert!(matches!(domain.evaluate(&good, &data), Err(DomainError::BadData(_))));
    }
    for bad in [
        "",
        "{}",
        r#"{"optimum":[1]}"#,
        r#"{"optimum":"x"}"#,
        r#"{"optimum":[],"more":1}"#,
        r#"{"optimum":[1e300,0,0,0,0,0,0,0,0,0]}"#,
    ] {
        assert!(
            matches!(domain.infer(&good, bad.as_bytes()), Err(DomainError::BadInput(_))),
            "{bad}"
        );
    }
}

#[test]
fn inference_answers_with_the_value_for_the_optimum_given() {
    let domain = domain_with(Configuration { dimensions: 2, ..MODEL }, &Options::default());
    let answer = domain.infer(&encode(&[1.0, 2.0]), br#"{"optimum":[0,0]}"#).unwrap();
    assert_eq!(answer, br#"{"value":5.0}"#);
}

#[test]
fn populations_out_of_range_are_refused() {
    let with = |dimensions, population, optimizer| {
        let options = Options {
            population: Some(population),
            optimizer,
            ..Default::default()
        };
        Function::new(Configuration { dimensions, ..MODEL }, &options)
    };
    for (dimensions, population) in [(10, 0), (10, 1), (10, MOST_POPULATION + 1), (65_536, 16_385)] {
        let refused = with(dimensions, population, OptimizerKind::SepCmaEs).map(drop);
        assert!(matches!(refused, Err(DomainError::BadConfiguration(_))));
    }
    // Differential evolution needs four members.
    let domain = with(10, 3, OptimizerKind::DifferentialEvolution).unwrap();
    let refused = domain.optimize(
        &domain.baseline(),
        &budget(&domain),
        [1; 32],
        0,
        &Cancellation::default(),
    );
    assert!(matches!(refused, Err(DomainError::BadConfiguration(_))), "{refused:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// From anywhere that can be encoded, with any function and method, a round gives a candidate that holds what it says,
    /// or a named error.
    #[test]
    fn candidates_hold_what_they_say(
        function in prop::sample::select(&TestFunction::ALL[..]),
        optimizer in prop::sample::select(&OptimizerKind::ALL[..]),
        start in prop::collection::vec(
            prop_oneof![-10.0..=10.0, -MOST_MAGNITUDE..=MOST_MAGNITUDE], 2..12),
        noise in 0.0..1.0,
        optimum_seed: u64,
        season: u64,
        seed: [u8; 32],
    ) {
        let configuration = Configuration { function, dimensions: start.len(), noise, optimum_seed };
        let domain = domain_with(configuration, &Options { optimizer, ..Options::default() });
        let budget = Budget { evaluations: 500, minimum_gain: 0.0 };
        match domain.optimize(&encode(&start), &budget, seed, season, &Cancellation::default()) {
            Ok(candidate) => {
                prop_assert_eq!(domain.value(&candidate.parameters, season), Ok(candidate.metric));
                prop_assert!(candidate.metric < domain.value(&encode(&start), season).unwrap());
                let data = domain.synthesize(seed, season).unwrap();
                prop_assert!(domain.evaluate(&candidate.parameters, &data).is_ok());
            },
            Err(error) => prop_assert!(error.is_benign(), "{}", error),
        }
        prop_assert!(domain.progress().unwrap().evaluations <= 500);
    }
}

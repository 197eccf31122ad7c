//! Tests of the search methods.

use super::*;
use proptest::prelude::*;

fn sphere(individual: &[f64]) -> f64 {
    -individual.iter().map(|value| value * value).sum::<f64>()
}

/// Axis-parallel ellipsoid with condition number 10⁶.
fn ellipsoid(individual: &[f64]) -> f64 {
    let last = (individual.len() - 1).max(1) as f64;
    -individual
        .iter()
        .enumerate()
        .map(|(i, value)| 1e6f64.powf(i as f64 / last) * value * value)
        .sum::<f64>()
}

fn generation(optimizer: &mut dyn Optimizer, function: impl Fn(&[f64]) -> f64) {
    let dimensions = optimizer.dimensions();
    let fitness: Vec<f64> = optimizer.ask().chunks_exact(dimensions).map(function).collect();
    optimizer.tell(&fitness).unwrap();
}

fn cigar(individual: &[f64]) -> f64 {
    // Each square counts 10⁶ but the first.
    1e6 * sphere(individual) + (1e6 - 1.0) * individual[0] * individual[0]
}

fn tablet(individual: &[f64]) -> f64 {
    sphere(individual) - (1e6 - 1.0) * individual[0] * individual[0]
}

fn rosenbrock(individual: &[f64]) -> f64 {
    crate::Objective::evaluate(
        &crate::objectives::Rosenbrock::new(individual.len()).unwrap(),
        individual,
    )
}

/// Evaluations of sep-CMA-ES until the best is within 10⁻⁹ of the optimum 0, with the default population.
fn evaluations(start: &[f64], step_size: f64, function: fn(&[f64]) -> f64, seed: u8) -> usize {
    let size = default_population_size(start.len());
    let mut optimizer = GaussianSearch::sep_cma_es(start, step_size, size, [seed; 32]).unwrap();
    let mut count = 0;
    while optimizer.best().is_none_or(|best| best.fitness < -1e-9) {
        generation(&mut optimizer, function);
        count += size;
        assert!(count < 2_000_000, "no convergence: {:?}", optimizer.best());
    }
    count
}

fn median_evaluations(start: &[f64], step_size: f64, function: fn(&[f64]) -> f64) -> usize {
    let mut counts: Vec<usize> = (1..=30)
        .map(|seed| evaluations(start, step_size, function, seed))
        .collect();
    counts.sort_unstable();
    (counts[14] + counts[15]) / 2
}

#[test]
fn default_population_sizes() {
    assert_eq!(default_population_size(1), 4);
    assert_eq!(default_population_size(10), 10);
    assert_eq!(default_population_size(100), 17);
    assert_eq!(default_population_size(1_000), 24);
}

/// The counts of pycma were taken by `benches/sep-cma-es/pycma_counts.py`, which says with what settings.
#[test]
fn evaluation_counts_are_those_of_pycma() {
    let mut compared = 0;
    for line in include_str!("pycma_counts.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, dimensions, active, _, _, median, _] = fields[..] else {
            panic!("{line}");
        };
        // Ours has the active update, pycma's default.
        if active != "true" {
            continue;
        }
        let dimensions = dimensions.parse().unwrap();
        type Case = (fn(&[f64]) -> f64, f64, f64);
        let (function, start, step_size): Case = match name {
            "sphere" => (sphere, 1.0, 1.0),
            "ellipsoid" => (ellipsoid, 1.0, 1.0),
            "cigar" => (cigar, 1.0, 1.0),
            "tablet" => (tablet, 1.0, 1.0),
            // Its optimum lies at all ones.
            "rosenbrock" => (rosenbrock, 0.0, 0.1),
            other => panic!("{other}"),
        };
        let ours = median_evaluations(&vec![start; dimensions], step_size, function) as f64;
        let theirs: f64 = median.parse().unwrap();
        println!(
            "{name:>10} {dimensions:>3}: {ours:>7} ours, {theirs:>7} pycma, {:.3}",
            ours / theirs
        );
        assert!((0.8..1.2).contains(&(ours / theirs)), "{line}: {ours}");
        compared += 1;
    }
    assert_eq!(compared, 13);
}

#[test]
fn one_and_two_dimensions_and_the_smallest_population_converge() {
    for (dimensions, size) in [(1, 4), (1, 2), (2, 4), (3, 64)] {
        let mut optimizer = GaussianSearch::sep_cma_es(&vec![3.0; dimensions], 1.0, size, [9; 32]).unwrap();
        for _ in 0..600 {
            generation(&mut optimizer, sphere);
        }
        assert!(
            optimizer.best().unwrap().fitness > -1e-6,
            "{dimensions} {size}: {:?}",
            optimizer.best()
        );
    }
}

#[test]
fn random_step_improves_and_never_gets_worse() {
    let start = [4.0; 10];
    let mut optimizer = RandomStep::new(&start, REFERENCE_STEP_SIZE, [1; 32]).unwrap();
    assert_eq!(optimizer.inject(&start, sphere(&start)), Ok(true));
    let mut last = sphere(&start);
    for _ in 0..2_000 {
        generation(&mut optimizer, sphere);
        let fitness = optimizer.best().unwrap().fitness;
        assert!(fitness >= last);
        last = fitness;
        assert_eq!(sphere(optimizer.mean()), fitness);
    }
    assert!(last > -5.0, "{last}");
}

#[test]
fn the_same_seed_gives_the_same_search_and_another_one_another() {
    for kind in OptimizerKind::ALL {
        let run = |seed| {
            let mut optimizer = kind.build(&[2.0; 7], 0.7, 12, [seed; 32]).unwrap();
            for _ in 0..20 {
                generation(optimizer.as_mut(), sphere);
            }
            optimizer.reseed([seed; 32]);
            optimizer.inject(&[0.1; 7], sphere(&[0.1; 7])).unwrap();
            generation(optimizer.as_mut(), sphere);
            optimizer.ask().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}

#[test]
fn fitness_that_is_not_finite_ranks_last_and_is_never_adopted() {
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for kind in OptimizerKind::ALL {
        let mut optimizer = kind.build(&[3.0; 5], 1.0, 10, [4; 32]).unwrap();
        for round in 0..400 {
            let mut fitness: Vec<f64> = optimizer.ask().chunks_exact(5).map(sphere).collect();
            // Every third individual, and now and then all of them.
            for (index, fitness) in fitness.iter_mut().enumerate() {
                if (index + round) % 3 == 0 || round % 50 == 10 {
                    *fitness = bad[(index + round / 3) % 3];
                }
            }
            optimizer.tell(&fitness).unwrap();
            assert!(optimizer
                .best()
                .is_none_or(|best| best.fitness == sphere(&best.parameters)));
            assert!(optimizer.mean().iter().all(|value| value.is_finite()));
            assert!(optimizer.step_size().is_finite() && optimizer.step_size() >= 0.0);
        }
        assert!(
            optimizer.best().unwrap().fitness > -5.0,
            "{kind:?}: {:?}",
            optimizer.best()
        );
    }
    let mut optimizer = GaussianSearch::sep_cma_es(&[3.0; 5], 1.0, 10, [4; 32]).unwrap();
    optimizer.ask();
    optimizer.tell(&[f64::NAN; 10]).unwrap();
    assert_eq!(optimizer.best(), None);
    assert_eq!(optimizer.mean(), [3.0; 5]);
    assert_eq!(optimizer.step_size(), 0.5);
}

#[test]
fn a_function_without_bounds_does_not_leave_the_numbers() {
    let mut optimizer = GaussianSearch::sep_cma_es(&[0.0; 4], 1e99, 8, [2; 32]).unwrap();
    for _ in 0..2_000 {
        generation(&mut optimizer, |individual| individual.iter().sum());
    }
    assert!(optimizer.mean().iter().all(|value| value.is_finite()));
    assert!(optimizer.step_size().is_finite());
    // A constant function: nothing to learn, nothing to break.
    let mut optimizer = GaussianSearch::sep_cma_es(&[0.0; 4], 1.0, 8, [2; 32]).unwrap();
    for _ in 0..5_000 {
        generation(&mut optimizer, |_| 1.0);
    }
    assert!(optimizer.mean().iter().all(|value| value.is_finite()));
}

#[test]
fn migration_takes_only_what_is_better() {
    for kind in OptimizerKind::ALL {
        let mut optimizer = kind.build(&[5.0; 6], 1.0, 10, [3; 32]).unwrap();
        assert_eq!(optimizer.inject(&[5.0; 6], sphere(&[5.0; 6])), Ok(true));
        generation(optimizer.as_mut(), sphere);
        let before = optimizer.mean().to_vec();
        assert_eq!(optimizer.inject(&[9.0; 6], sphere(&[9.0; 6])), Ok(false));
        assert_eq!(optimizer.mean(), before);
        assert_eq!(optimizer.inject(&[0.5; 6], sphere(&[0.5; 6])), Ok(true));
        assert_ne!(optimizer.mean(), before);
        assert_eq!(optimizer.best().unwrap().parameters, [0.5; 6]);
        for _ in 0..100 {
            generation(optimizer.as_mut(), sphere);
        }
        assert!(optimizer.best().unwrap().fitness >= sphere(&[0.5; 6]));
    }
}

/// Median over seeds of the best of a search for this many generations, on a problem where a start near the optimum
/// does not suffice; with or without a champion that comes in half-way.
fn migrated(kind: OptimizerKind, function: fn(&[f64]) -> f64, champion: Option<&[f64]>) -> f64 {
    let mut all: Vec<f64> = (0..15u8)
        .map(|seed| {
            let mut optimizer = kind.build(&[20.0; 8], 2.0, 16, [seed; 32]).unwrap();
            for generation_number in 0..60 {
                if generation_number == 10 {
                    if let Some(champion) = champion {
                        assert_eq!(optimizer.inject(champion, function(champion)), Ok(true), "{kind:?}");
                    }
                }
                generation(optimizer.as_mut(), function);
            }
            optimizer.best().unwrap().fitness
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[7]
}

#[test]
fn an_injected_champion_improves_the_search_and_is_improved_on() {
    let champion = [1.5; 8];
    for kind in OptimizerKind::ALL {
        let (alone, with) = (migrated(kind, sphere, None), migrated(kind, sphere, Some(&champion)));
        println!(
            "{kind:?}: {alone} alone, {with} with a champion of {}",
            sphere(&champion)
        );
        assert!(with > alone, "{kind:?}: {with} {alone}");
        assert!(with > sphere(&champion), "{kind:?}: {with}");
    }
}

fn rastrigin(individual: &[f64]) -> f64 {
    crate::Objective::evaluate(
        &crate::objectives::Rastrigin::new(individual.len()).unwrap(),
        individual,
    )
}

/// What each method is there for: the normal distribution for one valley of any scale, members for many valleys.
#[test]
fn every_method_reaches_the_optimum_of_its_kind_of_function() {
    type Case = (OptimizerKind, fn(&[f64]) -> f64, usize, f64);
    let cases: [Case; 9] = [
        (OptimizerKind::SepCmaEs, sphere, 300, 1e-9),
        (OptimizerKind::SepCmaEs, ellipsoid, 800, 1e-9),
        (OptimizerKind::EvolutionStrategy, sphere, 300, 1e-9),
        (OptimizerKind::EvolutionStrategy, rosenbrock, 3_000, 0.1),
        (OptimizerKind::DifferentialEvolution, sphere, 600, 1e-9),
        (OptimizerKind::DifferentialEvolution, ellipsoid, 1_000, 1e-9),
        (OptimizerKind::DifferentialEvolution, rastrigin, 1_500, 1e-9),
        (OptimizerKind::GeneticAlgorithm, sphere, 800, 1e-6),
        (OptimizerKind::GeneticAlgorithm, rastrigin, 1_500, 1e-6),
    ];
    for (kind, function, generations, target) in cases {
        let mut reached: Vec<f64> = (0..5u8)
            .map(|seed| {
                let mut optimizer = kind.build(&[3.0; 10], 2.0, 40, [seed; 32]).unwrap();
                for _ in 0..generations {
                    generation(optimizer.as_mut(), function);
                }
                optimizer.best().unwrap().fitness
            })
            .collect();
        reached.sort_by(f64::total_cmp);
        println!("{kind:?}: {reached:?}");
        assert!(reached[2] > -target, "{kind:?}: {reached:?}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_and_changes_nothing() {
    for kind in OptimizerKind::ALL {
        let mut optimizer = kind.build(&[1.0; 3], 1.0, 4, [0; 32]).unwrap();
        let size = optimizer.population_size();
        assert_eq!(optimizer.tell(&vec![0.0; size]), Err(OptimizerError::NothingAsked));
        optimizer.ask();
        let what = "fitness";
        assert_eq!(
            optimizer.tell(&vec![0.0; size + 1]),
            Err(OptimizerError::WrongLength {
                what,
                expected: size,
                given: size + 1
            })
        );
        assert_eq!(optimizer.tell(&vec![0.0; size]), Ok(()));
        assert!(matches!(
            optimizer.inject(&[0.0; 2], 1.0),
            Err(OptimizerError::WrongLength { .. })
        ));
        assert!(matches!(
            optimizer.inject(&[0.0, f64::NAN, 0.0], 1.0),
            Err(OptimizerError::NotFinite(_))
        ));
        assert!(matches!(
            optimizer.inject(&[0.0; 3], f64::INFINITY),
            Err(OptimizerError::NotFinite(_))
        ));
        assert!(matches!(
            kind.build(&[], 1.0, 4, [0; 32]),
            Err(OptimizerError::BadOption(_))
        ));
        assert!(matches!(
            kind.build(&[f64::INFINITY], 1.0, 4, [0; 32]),
            Err(OptimizerError::NotFinite(_))
        ));
    }
    for step_size in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            GaussianSearch::sep_cma_es(&[1.0], step_size, 4, [0; 32]),
            Err(OptimizerError::BadOption(_))
        ));
    }
    assert!(matches!(
        GaussianSearch::sep_cma_es(&[1.0], 1.0, 1, [0; 32]),
        Err(OptimizerError::BadOption(_))
    ));
}

#[test]
fn kinds_are_spelled_in_kebab_case() {
    assert_eq!(
        serde_json::to_string(&OptimizerKind::SepCmaEs).unwrap(),
        "\"sep-cma-es\""
    );
    assert_eq!(
        serde_json::from_str::<OptimizerKind>("\"random-step\"").unwrap(),
        OptimizerKind::RandomStep
    );
    assert!(serde_json::from_str::<OptimizerKind>("\"cma\"").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Invariance: shifting the optimum and scaling fitness by anything that keeps its order changes nothing but
    /// rounding, so that convergence does not depend on where the optimum lies.
    #[test]
    fn the_quadratic_converges_wherever_its_target_is(
        target in prop::collection::vec(-50.0f64..50.0, 1..20),
        seed: [u8; 32],
    ) {
        let size = default_population_size(target.len()) + 4;
        let mut optimizer = GaussianSearch::sep_cma_es(&vec![0.0; target.len()], 10.0, size, seed).unwrap();
        let function = |individual: &[f64]| {
            -individual.iter().zip(&target).map(|(value, target)| (value - target).powi(2)).sum::<f64>().ln_1p()
        };
        for _ in 0..400 {
            generation(&mut optimizer, function);
        }
        prop_assert!(optimizer.best().unwrap().fitness > -1e-6);
    }
}

//! What searches reach, and what interrupts them.

use super::*;
use std::{thread, time::Duration};

fn device() -> Options {
    Options {
        compute: Arc::new(Compute::open(Backend::Gpu).unwrap()),
        ..Default::default()
    }
}

/// Rounds until this value, and where the search then is.
fn rounds_to(domain: &Function, target: f64, most: u64, seed_number: u64) -> (u64, Progress) {
    let mut best = domain.baseline();
    for round in 1..=most {
        match domain.optimize(
            &best,
            &budget(domain),
            seed(seed_number + round),
            0,
            &Cancellation::default(),
        ) {
            Ok(candidate) => best = candidate.parameters,
            Err(error) => assert!(error.is_benign(), "{error}"),
        }
        if domain.value(&best, 0).unwrap() <= target {
            return (round, domain.progress().unwrap());
        }
    }
    panic!("{target} not reached in {most} rounds: {:?}", domain.progress());
}

/// What restarts with a larger population are there for.
#[test]
fn rastrigin_is_solved_in_tens_of_dimensions() {
    for (dimensions, seeds, most) in [(10, 5, 200), (20, 5, 200), (50, 2, 300)] {
        for optimum_seed in 1..=seeds {
            let configuration = Configuration {
                dimensions,
                optimum_seed,
                ..MODEL
            };
            let domain = domain_with(configuration, &Options::default());
            let (rounds, progress) = rounds_to(&domain, 1e-6, most, 1_000 * optimum_seed);
            println!("{dimensions} dimensions: {rounds} rounds, {progress:?}");
            assert!(progress.population > 2 * default_population_size(dimensions));
        }
    }
}

#[test]
fn every_function_is_solved_by_the_methods_for_it() {
    use OptimizerKind::*;
    use TestFunction::*;
    for (function, dimensions, optimizer, population, target, most) in [
        (Sphere, 20, SepCmaEs, None, 1e-9, 5),
        (Sphere, 20, EvolutionStrategy, None, 1e-9, 5),
        (Ackley, 20, SepCmaEs, None, 1e-5, 50),
        (Ackley, 20, EvolutionStrategy, None, 1e-5, 50),
        (Rosenbrock, 10, SepCmaEs, None, 1e-2, 100),
        (Rosenbrock, 10, EvolutionStrategy, None, 1e-2, 100),
        (Rastrigin, 10, EvolutionStrategy, None, 1e-6, 200),
        (Rastrigin, 10, DifferentialEvolution, Some(40), 1e-5, 100),
        (Rastrigin, 10, GeneticAlgorithm, Some(40), 1e-3, 100),
    ] {
        let options = Options {
            optimizer,
            population,
            ..Default::default()
        };
        let configuration = Configuration {
            function,
            dimensions,
            ..MODEL
        };
        let domain = domain_with(configuration, &options);
        let (rounds, progress) = rounds_to(&domain, target, most, 0);
        println!("{function:?} {optimizer:?}: {rounds} rounds, {progress:?}");
    }
}

/// The searches of the bench `convergence` with one node: the same optima and seeds. Runs that were ended while their
/// members were still about to agree on a valley took more and more members, and millions of evaluations.
#[test]
fn the_genetic_algorithm_finds_the_right_valley_in_20_dimensions() {
    for optimum_seed in 1..=6u64 {
        let options = Options {
            optimizer: OptimizerKind::GeneticAlgorithm,
            population: Some(40),
            ..Default::default()
        };
        let configuration = Configuration {
            dimensions: 20,
            optimum_seed,
            ..MODEL
        };
        let domain = domain_with(configuration, &options);
        let seed = Blake2Hasher::hash(&("island", optimum_seed, 0u64, 1u64).encode()).0;
        let baseline = domain.baseline();
        let mut rounds = 0;
        while domain.progress().is_none_or(|progress| progress.best > 0.5) {
            let _ = domain.optimize(&baseline, &budget(&domain), seed, 0, &Cancellation::default());
            rounds += 1;
            assert!(rounds < 60, "optimum {optimum_seed}: {:?}", domain.progress());
        }
        println!("optimum {optimum_seed}: {rounds} rounds, {:?}", domain.progress());
    }
}

#[test]
fn the_single_random_step_goes_on_but_never_restarts() {
    let options = Options {
        optimizer: OptimizerKind::RandomStep,
        ..Default::default()
    };
    let domain = domain_with(MODEL, &options);
    let start = domain.value(&domain.baseline(), 0).unwrap();
    let budget = Budget {
        evaluations: 5_000,
        minimum_gain: 0.0,
    };
    let found = domain
        .optimize(&domain.baseline(), &budget, [1; 32], 0, &Cancellation::default())
        .unwrap();
    assert!(found.metric < start / 2.0);
    let progress = domain.progress().unwrap();
    assert_eq!((progress.restarts, progress.evaluations), (0, 5_000));
}

#[test]
fn the_device_serves_a_search_as_the_cpu_does() {
    let domain = domain_with(MODEL, &device());
    let (rounds, progress) = rounds_to(&domain, 1e-6, 200, 0);
    println!("{rounds} rounds, {progress:?}");
    // The other methods evaluate there.
    let options = Options {
        optimizer: OptimizerKind::DifferentialEvolution,
        population: Some(40),
        ..device()
    };
    rounds_to(&domain_with(MODEL, &options), 1.0, 100, 0);
}

#[test]
fn populations_double_from_run_to_run_and_begin_anew() {
    let configuration = Configuration { dimensions: 2, ..MODEL };
    let domain = domain_with(
        configuration,
        &Options {
            population: Some(4),
            ..Default::default()
        },
    );
    let one_generation = Budget {
        evaluations: 1,
        minimum_gain: 0.0,
    };
    let mut populations = vec![];
    while populations.len() < 12 {
        let _ = domain.optimize(
            &domain.baseline(),
            &one_generation,
            [1; 32],
            0,
            &Cancellation::default(),
        );
        let progress = domain.progress().unwrap();
        populations.truncate(progress.restarts as usize);
        populations.push(progress.population);
    }
    assert_eq!(populations, [4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4, 8]);
}

/// A dispatch has so many workgroups at most, each of 64 individuals in few dimensions, which is refused as memory is:
/// beyond it the population is halved, and the search goes on with what fits.
#[test]
fn a_search_whose_population_the_device_cannot_hold_goes_on_with_a_smaller_one() {
    let options = device();
    let limit = options.compute.adapter().unwrap().limits.workgroups as usize * 64;
    let configuration = Configuration {
        function: TestFunction::Sphere,
        dimensions: 1,
        ..MODEL
    };
    let options = Options {
        population: Some(limit + 2),
        ..options
    };
    let domain = domain_with(configuration, &options);
    let one_generation = Budget {
        evaluations: 1,
        minimum_gain: 0.0,
    };
    let baseline = domain.baseline();
    let round = |best: &[u8], number| domain.optimize(best, &one_generation, seed(number), 0, &Cancellation::default());
    let first = round(&baseline, 1).unwrap();
    assert!(first.metric < domain.value(&baseline, 0).unwrap());
    // The evaluations of one population as it was to be, with populations as they were.
    let fits = (limit + 2) / 2;
    let progress = domain.progress().unwrap();
    assert_eq!(
        (progress.population, progress.generation, progress.restarts),
        (fits, 2, 0)
    );
    assert_eq!(progress.evaluations, 2 * fits as u64);
    let counters = options.compute.counters();
    assert_eq!((counters.shrunk_populations, counters.device_losses), (1, 0));

    // The next round does not try again what did not fit.
    let best = round(&first.parameters, 2).map_or(first.metric, |found| found.metric);
    assert!(best <= first.metric);
    let progress = domain.progress().unwrap();
    assert_eq!(
        (progress.population, progress.generation, progress.best),
        (fits, 3, best)
    );
    assert_eq!(options.compute.counters(), counters);
}

#[test]
fn a_gain_below_the_minimum_is_no_improvement_and_nothing_is_lost() {
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
    let known = domain.progress().unwrap().best;
    assert!(run(0.0).unwrap().metric <= known);
    for minimum_gain in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(run(minimum_gain), Err(DomainError::BadConfiguration(_))));
    }
    // Nothing is better than the optimum.
    let optimum = encode(&domain.optimum(0));
    let error = domain
        .optimize(&optimum, &budget(&domain), [1; 32], 0, &Cancellation::default())
        .unwrap_err();
    assert!(matches!(error, DomainError::NoImprovement { .. }), "{error}");
}

#[test]
fn champions_from_elsewhere_are_gone_on_from() {
    for optimizer in [
        OptimizerKind::SepCmaEs,
        OptimizerKind::EvolutionStrategy,
        OptimizerKind::DifferentialEvolution,
        OptimizerKind::GeneticAlgorithm,
    ] {
        let options = Options {
            optimizer,
            population: Some(20),
            ..Default::default()
        };
        let configuration = Configuration {
            function: TestFunction::Sphere,
            ..MODEL
        };
        let domain = domain_with(configuration, &options);
        let short = Budget {
            evaluations: 100,
            minimum_gain: 0.0,
        };
        let first = domain
            .optimize(&domain.baseline(), &short, [1; 32], 0, &Cancellation::default())
            .unwrap();
        let mut elsewhere = domain.optimum(0);
        elsewhere.iter_mut().for_each(|value| *value += 0.2);
        let elsewhere = encode(&elsewhere);
        let champion = domain.value(&elsewhere, 0).unwrap();
        assert!(champion < first.metric / 5.0);
        // Told of it by a round that leads nowhere by itself.
        let _ = domain.optimize(&elsewhere, &short, [2; 32], 0, &Cancellation::default());
        assert!(domain.progress().unwrap().best <= champion);
        let next = domain
            .optimize(&elsewhere, &budget(&domain), [3; 32], 0, &Cancellation::default())
            .unwrap();
        assert!(next.metric < champion, "{optimizer:?}");
    }
}

/// The network's best is mostly what this node has found: it must not call a later run back into its valley.
#[test]
fn what_was_found_here_and_comes_back_changes_nothing() {
    let (told, ignorant) = (domain(), domain());
    let baseline = told.baseline();
    let mut best = baseline.clone();
    for _ in 0..10 {
        let run = |domain: &Function, best: &[u8]| {
            domain.optimize(best, &budget(domain), [1; 32], 0, &Cancellation::default())
        };
        if let Ok(found) = run(&told, &best) {
            best = found.parameters;
        }
        let _ = run(&ignorant, &baseline);
        assert_eq!(told.progress(), ignorant.progress());
    }
    assert!(told.progress().unwrap().restarts > 0);
}

#[test]
fn a_new_season_begins_anew_and_what_is_to_be_forgotten_is_forgotten() {
    let domain = domain();
    let baseline = domain.baseline();
    let run = |season| domain.optimize(&baseline, &budget(&domain), [1; 32], season, &Cancellation::default());
    let first = run(0).unwrap();
    assert_ne!(first, run(0).unwrap_or_else(|_| first.clone()), "the search goes on");
    run(1).unwrap();
    assert_eq!(domain.progress().unwrap().evaluations, budget(&domain).evaluations);
    domain.forget();
    assert_eq!(domain.progress(), None);
    assert_eq!(run(0).unwrap(), first);
}

/// A verification task stops the search wherever it is; afterwards it goes on as if nothing had happened.
#[test]
fn a_search_that_is_cancelled_again_and_again_comes_to_the_same() {
    for (options, optimizer) in [
        (device(), OptimizerKind::SepCmaEs),
        (device(), OptimizerKind::EvolutionStrategy),
        (device(), OptimizerKind::GeneticAlgorithm),
        (Options::default(), OptimizerKind::SepCmaEs),
    ] {
        let options = Options {
            optimizer,
            population: Some(12),
            ..options
        };
        let interrupted = domain_with(MODEL, &options);
        let baseline = interrupted.baseline();
        let endless = Budget {
            evaluations: u64::MAX,
            minimum_gain: 0.0,
        };
        let mut cancellations = 0;
        // Far enough for a restart, and never less than was there before.
        let mut before = 0;
        while interrupted.progress().is_none_or(|progress| progress.restarts == 0) || cancellations < 20 {
            let cancellation = Cancellation::default();
            let result = thread::scope(|scope| {
                let round = scope.spawn(|| interrupted.optimize(&baseline, &endless, [1; 32], 0, &cancellation));
                // At no moment in particular.
                thread::sleep(Duration::from_micros(3_000 + 777 * (cancellations % 13)));
                cancellation.cancel();
                round.join().unwrap()
            });
            assert_eq!(result, Err(DomainError::Cancelled));
            cancellations += 1;
            let evaluations = interrupted.progress().map_or(0, |progress| progress.evaluations);
            assert!(evaluations >= before);
            before = evaluations;
        }
        let progress = interrupted.progress().unwrap();
        println!("{optimizer:?}: {cancellations} cancellations, {progress:?}");

        let whole = domain_with(MODEL, &options);
        let all = Budget {
            evaluations: progress.evaluations,
            minimum_gain: 0.0,
        };
        let found = whole
            .optimize(&baseline, &all, [1; 32], 0, &Cancellation::default())
            .unwrap();
        assert_eq!(whole.progress(), Some(progress));
        // And the next round of both finds the same.
        let next = |domain: &Function| {
            domain.optimize(&found.parameters, &budget(domain), [2; 32], 0, &Cancellation::default())
        };
        assert_eq!(next(&interrupted), next(&whole));
        assert_eq!(interrupted.progress(), whole.progress());
    }
}

#[test]
fn a_search_that_is_cancelled_before_it_begins_does_nothing() {
    let domain = domain();
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let result = domain.optimize(&domain.baseline(), &budget(&domain), [1; 32], 0, &cancellation);
    assert_eq!(result, Err(DomainError::Cancelled));
    assert_eq!(domain.progress().unwrap().evaluations, 0);
}

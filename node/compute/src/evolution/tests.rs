//! Tests of the evolution on the device, on whatever adapter is there: a software one will do.

use std::cell::Cell;

use super::*;
use crate::{
    device::GpuDevice,
    objectives::{tests::objectives, Bounded, Rastrigin, Rosenbrock, Sphere},
    Backend, Counters,
};

const METHODS: [EvolutionMethod; 2] = [EvolutionMethod::EvolutionStrategy, EvolutionMethod::SepCmaEs];

fn never() -> bool {
    false
}

fn evolution(method: EvolutionMethod, dimensions: usize, population: usize, seed: u8) -> Evolution {
    Evolution::new(method, &vec![2.5; dimensions], 1.5, population, [seed; 32]).unwrap()
}

/// All numbers of the state as bits, without those that only serve within a generation.
fn bits(evolution: &Evolution) -> Vec<u32> {
    let scalars = &evolution.state.scalars;
    let mut bits: Vec<u32> = evolution.state.vectors.iter().map(|value| value.to_bits()).collect();
    bits.extend([scalars.step_size, scalars.immaturity, scalars.best_fitness].map(f32::to_bits));
    bits.extend([scalars.has_best, scalars.generation]);
    bits
}

fn assert_close(what: &str, values: &[f32], expected: &[f32], bound: impl Fn(usize) -> f32) {
    for (j, (value, expected)) in values.iter().zip(expected).enumerate() {
        let error = (value - expected).abs();
        assert!(
            error <= bound(j),
            "{what} {j}: {value} for {expected}, off by {error} > {}",
            bound(j)
        );
    }
}

/// An objective whose kernel is not known to be a sum, so that its population takes a buffer.
struct Stored<'a>(&'a dyn Objective);

impl Objective for Stored<'_> {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn shader(&self) -> &'static str {
        self.0.shader()
    }
    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }
    fn constants(&self) -> &[f32] {
        self.0.constants()
    }
    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        self.0.evaluate_single(individual)
    }
    fn evaluate(&self, individual: &[f64]) -> f64 {
        self.0.evaluate(individual)
    }
}

/// The bounds, with σ the standard deviation in a dimension and m its mean: individuals and mean 10⁻⁵σ + 2⁻²²|m|;
/// variances and step size 5·10⁻⁵ relative; paths 10⁻⁴ of a standard deviation. Ranks are exactly those of the fitness
/// that the device computed: one exchanged pair would show in the mean.
fn assert_generation(device: &mut GpuDevice, objective: &dyn Bounded, evolution: &Evolution) -> State {
    let (n, before) = (objective.dimensions(), &evolution.state);
    let run = Run {
        constants: evolution.constants,
        weights: &evolution.weights,
        objective,
        generations: 1,
        should_stop: &never,
    };
    // First with the population in a buffer, where it can be seen, and then as it is done: drawn twice.
    let stored = Stored(objective);
    let stored_run = Run {
        objective: &stored,
        ..run
    };
    let (_, done) = device.evolve(&stored_run, before).unwrap();
    let (population, stored_fitness) = device.evolved_population();
    let population = population.unwrap();
    let (after, _) = device.evolve(&run, before).unwrap();
    let (nothing, fitness) = device.evolved_population();
    assert_eq!((done, nothing), (1, None));

    let mut expected = vec![0.0; population.len()];
    run.sample(before, &mut expected, 1);
    let (mean, variances) = (before.vector(0), before.vector(1));
    let spread = |j: usize| 1e-5 * before.scalars.step_size * variances[j].sqrt() + mean[j].abs() / 4_194_304.0;
    assert_close("individual", &population, &expected, |i| spread(i % n));
    for (individual, fitness) in population.chunks(n).zip(stored_fitness.iter().zip(&fitness)) {
        let individual: Vec<f64> = individual.iter().map(|value| f64::from(*value)).collect();
        for fitness in [fitness.0, fitness.1] {
            let error = (f64::from(*fitness) - objective.evaluate(&individual)).abs();
            assert!(error <= objective.error_bound(&individual), "{}", objective.name());
        }
    }

    let mut reference = before.clone();
    reference.advance(&evolution.constants, &evolution.weights, &population, &fitness);
    assert_close("mean", after.vector(0), reference.vector(0), spread);
    assert_close("variance", after.vector(1), reference.vector(1), |j| {
        5e-5 * reference.vector(1)[j]
    });
    for path in [2, 3] {
        assert_close("path", after.vector(path), reference.vector(path), |j| {
            1e-4 * (1.0 + reference.vector(path)[j].abs())
        });
    }
    assert_eq!(after.vector(4), reference.vector(4));
    let (after_scalars, reference) = (after.scalars, reference.scalars);
    assert_eq!(after_scalars.best_fitness, reference.best_fitness);
    assert_eq!(
        (after_scalars.generation, after_scalars.has_best),
        (reference.generation, 1)
    );
    assert!((after_scalars.step_size / reference.step_size - 1.0).abs() < 5e-5);
    after
}

#[test]
fn each_stage_of_a_generation_equals_the_reference() {
    let mut devices = [GpuDevice::open(None).unwrap(), GpuDevice::open(None).unwrap()];
    devices[1].use_lanes();
    // Below, at and above the sizes of quads, workgroups, tiles and blocks of the ranking, and columns.
    for (dimensions, population) in [
        (1, 9),
        (2, 2),
        (5, 7),
        (64, 512),
        (65, 513),
        (10, 4_096),
        (130, 1_500),
        (700, 101),
        (2_000, 40),
        (2_055, 300),
        (9_001, 5),
        (2, 8_192),
        (2, 8_193),
        (3, 20_001),
    ] {
        let target: Vec<f64> = (0..dimensions).map(|i| 0.3 * i as f64).collect();
        // The ranking of large populations does not depend on the objective.
        let count = if population > 2_000 { 1 } else { usize::MAX };
        for objective in objectives(dimensions, target).into_iter().take(count) {
            for method in METHODS {
                let mut evolution = evolution(method, dimensions, population, 5);
                for device in &mut devices {
                    evolution.state = assert_generation(device, objective.as_ref(), &evolution);
                }
            }
        }
    }
}

#[test]
fn what_all_variances_have_in_common_moves_into_the_step_size() {
    let mut devices = [GpuDevice::open(None).unwrap(), GpuDevice::open(None).unwrap()];
    devices[1].use_lanes();
    let objective = Rastrigin::new(70).unwrap();
    for doublings in [-18, -5, 5, 30] {
        let plain = evolution(EvolutionMethod::SepCmaEs, 70, 50, 6);
        let mut skewed = plain.clone();
        let factor = 2f32.powi(doublings);
        skewed.state.scalars.step_size *= factor;
        skewed.state.vector_mut(1).fill(1.0 / (factor * factor));
        assert_eq!(skewed.step_size(), plain.step_size());
        for device in &mut devices {
            let after = assert_generation(device, &objective, &skewed);
            assert!(after.vector(1).iter().all(|variance| (0.1..10.0).contains(variance)));
        }
        // These are powers of two: nothing else changes, to the last bit.
        let cpu = Compute::cpu();
        let [plain, skewed] = [plain, skewed].map(|mut evolution| {
            evolution.run(&cpu, &objective, 5, &never).unwrap();
            bits(&evolution)
        });
        assert_eq!(skewed, plain);
    }
}

#[test]
fn products_without_64_bit_integers_are_the_same_numbers() {
    let objective = Rastrigin::new(30).unwrap();
    let mut device = GpuDevice::open(None).unwrap();
    let evolution = evolution(EvolutionMethod::SepCmaEs, 30, 100, 8);
    let (run, state) = evolution.run_for(&objective, 20, &never);
    let (wide, _) = device.evolve(&run, state).unwrap();
    device.avoid_wide_integers();
    let (narrow, _) = device.evolve(&run, state).unwrap();
    assert_eq!(narrow, wide);
}

/// As the test of [`crate::optimizers::GaussianSearch`], which compares all the functions that pycma's counts are known for.
#[test]
fn evaluations_on_the_sphere_are_those_of_pycma() {
    let gpu = Compute::open(Backend::Gpu).unwrap();
    for (dimensions, population, pycma) in [(10, 10, 1_230), (20, 12, 2_406)] {
        assert_eq!(population, crate::optimizers::default_population_size(dimensions));
        let objective = Sphere::new(dimensions).unwrap();
        let mut counts: Vec<u64> = (0..30)
            .map(|seed| {
                let start = vec![1.0; dimensions];
                let method = EvolutionMethod::SepCmaEs;
                let mut evolution = Evolution::new(method, &start, 1.0, population, [seed; 32]).unwrap();
                while evolution.best().is_none_or(|best| best.fitness < -1e-9) {
                    assert_eq!(evolution.run(&gpu, &objective, 1, &never), Ok(1));
                }
                evolution.generation() * population as u64
            })
            .collect();
        counts.sort_unstable();
        let ratio = counts[15] as f64 / f64::from(pycma);
        println!(
            "{dimensions} dimensions: {} evaluations, {ratio:.2} of pycma's",
            counts[15]
        );
        assert!((0.8..=1.2).contains(&ratio), "{dimensions} dimensions: {ratio}");
    }
}

#[test]
fn the_same_seed_gives_the_same_evolution_however_it_is_cut() {
    let compute = Compute::open(Backend::Gpu).unwrap();
    let objective = Rastrigin::new(33).unwrap();
    for backend in [&compute, &Compute::cpu()] {
        for method in METHODS {
            let mut whole = evolution(method, 33, 100, 1);
            assert_eq!(whole.run(backend, &objective, 12, &never), Ok(12));

            let mut parts = evolution(method, 33, 100, 1);
            for generations in [1, 4, 0, 7] {
                assert_eq!(parts.run(backend, &objective, generations, &never), Ok(generations));
            }
            assert_eq!(bits(&parts), bits(&whole));

            // Stopped at every possible place, also within a generation.
            let mut stopped = evolution(method, 33, 100, 1);
            for patience in 0.. {
                let asked = Cell::new(0);
                let left = 12 - stopped.generation();
                let done = stopped.run(backend, &objective, left, &|| {
                    asked.set(asked.get() + 1);
                    asked.get() > patience % 7
                });
                assert!(done.unwrap() <= left);
                if stopped.generation() == 12 {
                    break;
                }
            }
            assert_eq!(bits(&stopped), bits(&whole));

            let mut other = evolution(method, 33, 100, 2);
            other.run(backend, &objective, 12, &never).unwrap();
            assert_ne!(bits(&other), bits(&whole));
        }
    }
}

#[test]
fn optima_are_found_on_the_device_as_on_the_cpu() {
    let gpu = Compute::open(Backend::Gpu).unwrap();
    let cpu = Compute::cpu();
    type Case = (EvolutionMethod, Box<dyn Objective>, usize, u64, f64);
    let cases: [Case; 5] = [
        (
            EvolutionMethod::EvolutionStrategy,
            Box::new(Sphere::new(20).unwrap()),
            40,
            300,
            1e-6,
        ),
        (
            EvolutionMethod::SepCmaEs,
            Box::new(Sphere::new(20).unwrap()),
            40,
            300,
            1e-6,
        ),
        (
            EvolutionMethod::SepCmaEs,
            Box::new(Rastrigin::new(10).unwrap()),
            1_000,
            200,
            1e-3,
        ),
        (
            EvolutionMethod::EvolutionStrategy,
            Box::new(Rosenbrock::new(5).unwrap()),
            100,
            2_000,
            1e-1,
        ),
        // The variances fall together while the step size rises, on and on.
        (
            EvolutionMethod::SepCmaEs,
            Box::new(Rosenbrock::new(5).unwrap()),
            8,
            10_000,
            1e-5,
        ),
    ];
    for (method, objective, population, generations, target) in cases {
        for compute in [&gpu, &cpu] {
            let mut evolution = evolution(method, objective.dimensions(), population, 3);
            while evolution.generation() < generations {
                evolution.run(compute, objective.as_ref(), 100, &never).unwrap();
            }
            let best = evolution.best().unwrap();
            assert!(
                best.fitness > -target,
                "{} {method:?}: {}",
                objective.name(),
                best.fitness
            );
            // What is reported is the individual's fitness.
            assert!((objective.evaluate(&best.parameters) - best.fitness).abs() < 1e-5 * (1.0 + best.fitness.abs()));
        }
    }
}

#[test]
fn a_champion_from_elsewhere_improves_the_search() {
    let compute = Compute::open(Backend::Gpu).unwrap();
    let objective = Sphere::new(30).unwrap();
    for method in METHODS {
        let mut alone = Evolution::new(method, &[30.0; 30], 1.0, 40, [7; 32]).unwrap();
        alone.run(&compute, &objective, 10, &never).unwrap();
        let mut helped = alone.clone();
        let worse = vec![90.0; 30];
        assert_eq!(helped.inject(&worse, objective.evaluate(&worse)), Ok(false));
        assert_eq!(bits(&helped), bits(&alone));
        let champion = vec![0.2; 30];
        let fitness = objective.evaluate(&champion);
        assert_eq!(helped.inject(&champion, fitness), Ok(true));
        assert_eq!(helped.best().unwrap().fitness as f32, fitness as f32);
        assert!(helped.inject(&[0.0; 3], 0.0).is_err());
        assert!(helped.inject(&[1e300; 30], 0.0).is_err());
        for evolution in [&mut alone, &mut helped] {
            evolution.run(&compute, &objective, 60, &never).unwrap();
        }
        let (alone, helped) = (alone.best().unwrap().fitness, helped.best().unwrap().fitness);
        assert!(helped > fitness && helped > alone, "{method:?}: {alone} {helped}");
    }
}

#[test]
fn fitness_that_is_not_finite_ranks_last_and_a_population_without_any_retreats() {
    // Beyond 10¹⁹ the squares leave the range of f32.
    let objective = Sphere::new(4).unwrap();
    for compute in [Compute::open(Backend::Gpu).unwrap(), Compute::cpu()] {
        let mut lost = Evolution::new(EvolutionMethod::SepCmaEs, &[1e30; 4], 1.0, 20, [0; 32]).unwrap();
        lost.run(&compute, &objective, 1, &never).unwrap();
        assert_eq!((lost.best(), lost.step_size(), lost.generation()), (None, 0.5, 1));
        assert_eq!(lost.mean(), vec![f64::from(1e30f32); 4]);

        // About half of them within.
        let mut half = Evolution::new(EvolutionMethod::SepCmaEs, &[9e18; 4], 1e15, 200, [0; 32]).unwrap();
        half.state.vector_mut(1).fill(1e6);
        half.run(&compute, &objective, 30, &never).unwrap();
        let best = half.best().unwrap();
        assert!(best.fitness.is_finite());
        assert!(half.mean().iter().all(|value| value.is_finite()));
    }
}

/// Runs 10 generations and destroys the device before the third submission.
fn run_with_a_loss(
    compute: &Compute,
    evolution: &mut Evolution,
    objective: &dyn Objective,
) -> Result<u64, ComputeError> {
    let device = compute.device_handle().unwrap();
    let asked = Cell::new(0);
    evolution.run(compute, objective, 10, &|| {
        asked.set(asked.get() + 1);
        if asked.get() == 3 {
            device.destroy();
        }
        false
    })
}

#[test]
fn a_device_that_is_lost_half_way_changes_nothing_or_is_replaced_by_the_cpu() {
    let objective = Rastrigin::new(12).unwrap();
    for method in METHODS {
        let mut expected = evolution(method, 12, 64, 4);
        let undisturbed = Compute::open(Backend::Gpu).unwrap();
        expected.run(&undisturbed, &objective, 13, &never).unwrap();
        assert_eq!(undisturbed.counters(), Counters::default());

        let compute = Compute::open(Backend::Gpu).unwrap();
        let mut evolution = self::evolution(method, 12, 64, 4);
        evolution.run(&compute, &objective, 3, &never).unwrap();
        assert_eq!(run_with_a_loss(&compute, &mut evolution, &objective), Ok(10));
        assert_eq!(bits(&evolution), bits(&expected));
        assert_eq!(compute.counters().device_losses, 1);

        let mut compute = Compute::open(Backend::Auto).unwrap();
        compute.forbid_reopening();
        let mut evolution = self::evolution(method, 12, 64, 4);
        evolution.run(&compute, &objective, 3, &never).unwrap();
        let mut on_cpu = evolution.clone();
        assert_eq!(run_with_a_loss(&compute, &mut evolution, &objective), Ok(10));
        on_cpu.run(&Compute::cpu(), &objective, 10, &never).unwrap();
        assert_eq!(bits(&evolution), bits(&on_cpu));
        let counters = compute.counters();
        assert_eq!((counters.device_losses, counters.cpu_fallbacks), (1, 1));

        let mut compute = Compute::open(Backend::Gpu).unwrap();
        compute.forbid_reopening();
        let mut evolution = self::evolution(method, 12, 64, 4);
        let before = bits(&evolution);
        assert!(run_with_a_loss(&compute, &mut evolution, &objective).is_err());
        assert_eq!(bits(&evolution), before);
    }
}

#[test]
fn a_population_beyond_the_limits_of_the_adapter_shrinks_until_it_fits() {
    let compute = Compute::open(Backend::Gpu).unwrap();
    let limit = compute.adapter().unwrap().limits.workgroups as usize * 64;
    let objective = Sphere::new(1).unwrap();
    // Where workgroups may be more: the memory of a population with many dimensions is limited on every adapter.
    assert!(
        2 * limit < 1 << 24,
        "raise the dimensions of this test for this adapter"
    );
    let size = 2 * limit + 100;
    let mut evolution = evolution(EvolutionMethod::EvolutionStrategy, 1, size, 0);
    assert_eq!(evolution.run(&compute, &objective, 1, &never), Ok(1));
    assert_eq!(evolution.population_size(), size / 4);
    assert_eq!(compute.counters().shrunk_populations, 2);
    assert_eq!(compute.counters().device_losses, 0);
    assert!(evolution.best().unwrap().fitness > -1e-3);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let compute = Compute::cpu();
    for method in METHODS {
        assert!(Evolution::new(method, &[], 1.0, 8, [0; 32]).is_err());
        assert!(Evolution::new(method, &[1e300], 1.0, 8, [0; 32]).is_err());
        assert!(Evolution::new(method, &[0.0], 0.0, 8, [0; 32]).is_err());
        assert!(Evolution::new(method, &[0.0], 1.0, 1, [0; 32]).is_err());
        assert!(Evolution::new(method, &[0.0], 1.0, 1 << 25, [0; 32]).is_err());
        let mut evolution = evolution(method, 3, 8, 0);
        let refused = evolution.run(&compute, &Sphere::new(4).unwrap(), 1, &never);
        assert!(matches!(refused, Err(ComputeError::BadPopulation { .. })));
    }
}

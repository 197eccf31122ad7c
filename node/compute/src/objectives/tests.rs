//! Every kernel against its CPU reference and the exact value, on whatever adapter is there: a software one will do.

use std::sync::LazyLock;

use super::*;
use crate::{random::RandomStream, Backend, Compute};
use proptest::prelude::*;

/// One device for all cases.
static COMPUTE: LazyLock<[Compute; 2]> =
    LazyLock::new(|| [Backend::Gpu, Backend::Cpu].map(|backend| Compute::open(backend).unwrap()));

/// All objectives of a number of dimensions.
pub(crate) fn objectives(dimensions: usize, target: Vec<f64>) -> Vec<Box<dyn Bounded>> {
    let mut all: Vec<Box<dyn Bounded>> = vec![
        Box::new(Quadratic::new(target).unwrap()),
        Box::new(Sphere::new(dimensions).unwrap()),
        Box::new(Rastrigin::new(dimensions).unwrap()),
        Box::new(Ackley::new(dimensions).unwrap()),
    ];
    if let Some(rosenbrock) = Rosenbrock::new(dimensions) {
        all.push(Box::new(rosenbrock));
    }
    all
}

/// Evaluates on both backends and compares with the exact values and bounds.
pub(crate) fn assert_agreement(objective: &dyn Bounded, population: &[f32]) {
    let individuals: Vec<Vec<f64>> = population
        .chunks(objective.dimensions())
        .map(|individual| individual.iter().map(|value| f64::from(*value)).collect())
        .collect();
    let exact: Vec<f64> = individuals.iter().map(|x| objective.evaluate(x)).collect();
    let bounds: Vec<f64> = individuals.iter().map(|x| objective.error_bound(x)).collect();
    for compute in &*COMPUTE {
        let fitness = compute.evaluate(objective, population).unwrap();
        assert_eq!(fitness.len(), exact.len());
        let name = objective.name();
        for ((fitness, exact), bound) in fitness.iter().zip(&exact).zip(&bounds) {
            let error = (f64::from(*fitness) - exact).abs();
            assert!(
                error <= *bound,
                "{name}: {fitness} for {exact}, off by {error} > {bound}"
            );
        }
        // Ranks: whoever is ranked before another is better, or within the bounds of both.
        let mut order: Vec<usize> = (0..fitness.len()).collect();
        order.sort_by(|left, right| fitness[*right].total_cmp(&fitness[*left]));
        // The best of those from each place on, and its bound, from the last place up.
        let mut ahead = (f64::NEG_INFINITY, 0.0);
        for &index in order.iter().rev() {
            assert!(
                exact[index] + bounds[index] + ahead.1 >= ahead.0,
                "{name}: {} ranked before {}",
                exact[index],
                ahead.0
            );
            if exact[index] > ahead.0 {
                ahead = (exact[index], bounds[index]);
            }
        }
    }
}

/// Spearman's correlation of the ranks of two lists.
fn rank_correlation(left: &[f64], right: &[f64]) -> f64 {
    let ranks = |values: &[f64]| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let mut ranks = vec![0f64; values.len()];
        for (rank, index) in order.into_iter().enumerate() {
            ranks[index] = rank as f64;
        }
        ranks
    };
    let n = left.len() as f64;
    let squares: f64 = ranks(left)
        .into_iter()
        .zip(ranks(right))
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    1.0 - 6.0 * squares / (n * (n * n - 1.0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn kernels_and_references_are_within_their_bounds(
        dimensions in prop_oneof![1usize..40, 1usize..=2_000],
        individuals in 1usize..150,
        scale in -4i32..4,
        centre in -3i32..=3,
        seed: [u8; 32],
    ) {
        let mut random = RandomStream::new(seed);
        let scale = 10f64.powi(scale);
        let target = (0..dimensions).map(|_| scale * random.gaussian()).collect();
        // Around whole and half numbers, where sines vanish and are largest.
        let population: Vec<f32> = (0..dimensions * individuals)
            .map(|_| (0.5 * f64::from(centre) + scale * random.gaussian()) as f32)
            .collect();
        for objective in objectives(dimensions, target) {
            assert_agreement(objective.as_ref(), &population);
        }
    }
}

#[test]
fn ranks_of_a_search_are_those_of_the_exact_values() {
    for (dimensions, individuals) in [(1, 501), (10, 1_023), (333, 257), (2_000, 65)] {
        let mut random = RandomStream::new([dimensions as u8; 32]);
        let target = (0..dimensions).map(|_| random.gaussian()).collect();
        let population: Vec<f32> = (0..dimensions * individuals)
            .map(|_| random.uniform_between(-5.12, 5.12) as f32)
            .collect();
        for objective in objectives(dimensions, target) {
            let exact: Vec<f64> = population
                .chunks(dimensions)
                .map(|individual| {
                    let individual: Vec<f64> = individual.iter().map(|value| f64::from(*value)).collect();
                    objective.evaluate(&individual)
                })
                .collect();
            for compute in &*COMPUTE {
                let fitness = compute.evaluate(objective.as_ref(), &population).unwrap();
                let fitness: Vec<f64> = fitness.into_iter().map(f64::from).collect();
                let correlation = rank_correlation(&fitness, &exact);
                assert!(
                    correlation > 0.999_9,
                    "{} in {dimensions} dimensions: {correlation}",
                    objective.name()
                );
            }
        }
    }
}

#[test]
fn the_optimum_is_exactly_zero_and_the_best() {
    for dimensions in [2, 7, 65, 2_000] {
        for objective in objectives(dimensions, vec![0.0; dimensions]) {
            let at = if objective.name() == "rosenbrock" { 1.0 } else { 0.0 };
            let mut population = vec![at; dimensions];
            population.extend(vec![at + 0.01; dimensions]);
            for compute in &*COMPUTE {
                let fitness = compute.evaluate(objective.as_ref(), &population).unwrap();
                assert_eq!(fitness[0], 0.0, "{}", objective.name());
                assert!(fitness[1] < 0.0, "{}", objective.name());
            }
        }
    }
}

/// Software adapters may end long loops before their end, without a word.
#[test]
fn long_individuals_are_evaluated_to_their_end() {
    for dimensions in [60_000, 70_000, 300_000] {
        let population = vec![1.0; dimensions];
        for compute in &*COMPUTE {
            let fitness = compute
                .evaluate(&Sphere::new(dimensions).unwrap(), &population)
                .unwrap();
            assert_eq!(fitness, [-(dimensions as f32)]);
        }
    }
}

//! Evaluation of a population by the CPU reference, on all cores.

use crate::Objective;

/// With fewer values than this a thread costs more than it saves.
const VALUES_PER_THREAD: usize = 1 << 15;

/// Number of threads worth using on this machine.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The fitness of each individual of `population`, whose length is a multiple of the objective's dimensions.
pub(crate) fn evaluate(objective: &dyn Objective, population: &[f32], threads: usize) -> Vec<f32> {
    let dimensions = objective.dimensions();
    let individuals = population.len() / dimensions;
    let mut fitness = vec![0f32; individuals];
    let threads = threads.min(population.len().div_ceil(VALUES_PER_THREAD)).max(1);
    let share = individuals.div_ceil(threads).max(1);
    let evaluate_share = |population: &[f32], fitness: &mut [f32]| {
        for (individual, fitness) in population.chunks_exact(dimensions).zip(fitness) {
            *fitness = objective.evaluate_single(individual);
        }
    };
    let mut shares = population.chunks(share * dimensions).zip(fitness.chunks_mut(share));
    // This thread works too: one fewer to start, and none at all for a small population.
    let own = shares.next();
    std::thread::scope(|scope| {
        for (population, fitness) in shares {
            scope.spawn(move || evaluate_share(population, fitness));
        }
        if let Some((population, fitness)) = own {
            evaluate_share(population, fitness);
        }
    });
    fitness
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{objectives::Quadratic, random::RandomStream};

    #[test]
    fn the_number_of_threads_does_not_change_the_result() {
        let objective = Quadratic::new(vec![0.25; 33]).unwrap();
        let mut random = RandomStream::new([3; 32]);
        let population: Vec<f32> = (0..33 * 5_001).map(|_| random.gaussian() as f32).collect();
        let alone = evaluate(&objective, &population, 1);
        assert_eq!(alone.len(), 5_001);
        for threads in [2, 3, 7] {
            assert_eq!(evaluate(&objective, &population, threads), alone);
        }
        assert!(evaluate(&objective, &[], 4).is_empty());
    }
}

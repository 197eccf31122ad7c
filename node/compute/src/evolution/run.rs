//! Some generations of an evolution, and the CPU's way to run them.

use super::{Constants, State};
use crate::{cpu, Objective};

/// What to run.
pub(crate) struct Run<'a> {
    pub(crate) constants: Constants,
    pub(crate) weights: &'a [f32],
    pub(crate) objective: &'a dyn Objective,
    pub(crate) generations: u64,
    pub(crate) should_stop: &'a dyn Fn() -> bool,
}

impl Run<'_> {
    /// On the CPU with so many threads, from `state`: the state afterwards, and how many generations were completed.
    pub(crate) fn on_cpu(&self, mut state: State, threads: usize) -> (State, u64) {
        let n = state.dimensions();
        let mut population = vec![0f32; n * self.constants.individuals as usize];
        for done in 0..self.generations {
            if (self.should_stop)() {
                return (state, done);
            }
            self.sample(&state, &mut population, threads);
            if (self.should_stop)() {
                return (state, done);
            }
            let fitness = cpu::evaluate(self.objective, &population, threads);
            if (self.should_stop)() {
                return (state, done);
            }
            state.advance(&self.constants, self.weights, &population, &fitness);
        }
        (state, self.generations)
    }

    /// The population of the state's generation.
    pub(crate) fn sample(&self, state: &State, population: &mut [f32], threads: usize) {
        let n = state.dimensions();
        let constants = &self.constants;
        let share = population.len().div_ceil(n).div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for (number, values) in population.chunks_mut(share * n).enumerate() {
                let mut work = move || {
                    for (index, individual) in values.chunks_mut(n).enumerate() {
                        state.sample(constants, (number * share + index) as u32, individual);
                    }
                };
                if threads == 1 {
                    work();
                } else {
                    scope.spawn(work);
                }
            }
        });
    }
}

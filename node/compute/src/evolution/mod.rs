//! Evolution of a population on the device, generation after generation without a readback.
//!
//! What an evolution carries from generation to generation is small: four vectors and a few numbers. It lies on the
//! host between calls of [`Evolution::run`], which is one upload, any number of generations and one readback. A
//! population follows from that state and the number of the generation alone, by counter-based random numbers: the device
//! draws each number where it is needed, and draws those of the parents again, instead of storing a population. So an
//! evolution can be stopped between any two generations and go on later, on the same device, another or the CPU.
//!
//! For one seed, one adapter and one series of injections it is the same to the bit. Between adapters, and to the CPU
//! reference, it is the same within rounding as long as no rounding changes a rank; from there on two runs are two
//! samples of the same search.

mod run;
mod state;

pub(crate) use run::Run;
pub(crate) use state::{Constants, Scalars, State, SORT_BLOCK};

use crate::{
    optimizers::{check_finite, check_injection, Champion, OptimizerError, Parameters},
    random::RandomStream,
    Compute, ComputeError, Objective,
};

/// The smallest population that one too large for the device is shrunk to.
const LEAST_POPULATION: usize = 8;

/// Which search method runs on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EvolutionMethod {
    /// See [`crate::optimizers::GaussianSearch::evolution_strategy`].
    EvolutionStrategy,
    /// See [`crate::optimizers::GaussianSearch::sep_cma_es`].
    SepCmaEs,
}

impl EvolutionMethod {
    fn parameters(self, start: &[f64], step_size: f64, population: usize) -> Result<Parameters, OptimizerError> {
        match self {
            Self::EvolutionStrategy => Parameters::evolution_strategy(start, step_size, population),
            Self::SepCmaEs => Parameters::sep_cma_es(start, step_size, population),
        }
    }
}

/// A search whose generations run on the device: sampling, evaluation, ranking, recombination, and the update of step
/// size and variances.
#[derive(Clone, Debug)]
pub struct Evolution {
    method: EvolutionMethod,
    key: [u32; 2],
    state: State,
    constants: Constants,
    weights: Vec<f32>,
}

impl Evolution {
    /// A search from `start` with the standard deviation `step_size` in every dimension.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`] for an empty start, a step size that is not positive, or a population of fewer
    /// than 2 or more than 2²⁴; [`OptimizerError::NotFinite`] for what is not in the range of `f32`.
    pub fn new(
        method: EvolutionMethod,
        start: &[f64],
        step_size: f64,
        population_size: usize,
        seed: [u8; 32],
    ) -> Result<Self, OptimizerError> {
        if population_size > 1 << 24 {
            return Err(OptimizerError::BadOption(format!(
                "a population of {population_size} is too large: at most {}",
                1 << 24
            )));
        }
        let parameters = method.parameters(start, step_size, population_size)?;
        let narrow = narrow(start, "the start")?;
        let word = RandomStream::new(seed).word();
        let key = [word as u32, (word >> 32) as u32];
        Ok(Self {
            method,
            key,
            constants: Constants::new(&parameters, start.len(), key),
            weights: parameters.weights.iter().map(|weight| *weight as f32).collect(),
            state: State::new(&narrow, step_size as f32),
        })
    }

    /// Runs up to `generations`, and returns how many were completed: fewer only after `should_stop`, which is asked
    /// before every submission to the device (some ten milliseconds of generations, or a single one that takes longer)
    /// said yes.
    ///
    /// Each call ends with a readback of a few vectors, which waits for the device; some ten generations a call hide
    /// it.
    ///
    /// A population for which the device has no memory, or no buffer large enough, is halved until it fits, with a
    /// warning; it stays so for later calls. A device that is lost is opened afresh and the call repeated from its
    /// start; lost again, the rules of [`Compute::evaluate`] hold.
    ///
    /// # Errors
    ///
    /// [`ComputeError::BadPopulation`] if the objective has other dimensions; those of [`Compute::evaluate`].
    pub fn run(
        &mut self,
        compute: &Compute,
        objective: &dyn Objective,
        generations: u64,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<u64, ComputeError> {
        let dimensions = self.state.dimensions();
        if objective.dimensions() != dimensions {
            return Err(ComputeError::BadPopulation {
                length: dimensions,
                dimensions: objective.dimensions(),
            });
        }
        loop {
            let (run, state) = self.run_for(objective, generations, should_stop);
            match compute.evolve(&run, state) {
                Ok((state, done)) => {
                    self.state = state;
                    return Ok(done);
                }
                Err(error @ ComputeError::OutOfMemory { .. }) => {
                    let smaller = self.population_size() / 2;
                    if smaller < LEAST_POPULATION {
                        return Err(error);
                    }
                    log::warn!("{error}; going on with a population of {smaller}");
                    compute.count_shrunk_population();
                    self.resize(smaller);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What [`Evolution::run`] asks of the device.
    pub(crate) fn run_for<'a>(
        &'a self,
        objective: &'a dyn Objective,
        generations: u64,
        should_stop: &'a dyn Fn() -> bool,
    ) -> (Run<'a>, &'a State) {
        let run = Run {
            constants: self.constants,
            weights: &self.weights,
            objective,
            generations,
            should_stop,
        };
        (run, &self.state)
    }

    /// The rates and weights for another population size.
    fn resize(&mut self, population_size: usize) {
        let start: Vec<f64> = self.mean();
        // Cannot fail: step size and start do not enter, and the size was checked.
        if let Ok(parameters) = self.method.parameters(&start, 1.0, population_size) {
            self.constants = Constants::new(&parameters, start.len(), self.key);
            self.weights = parameters.weights.iter().map(|weight| *weight as f32).collect();
        }
    }

    /// Individuals in each population; see [`Evolution::run`] for when it shrinks.
    pub fn population_size(&self) -> usize {
        self.constants.individuals as usize
    }

    /// Generations so far.
    pub fn generation(&self) -> u64 {
        u64::from(self.state.scalars.generation)
    }

    /// The best of all individuals so far, its fitness as the kernel computed it; `None` before any was finite.
    pub fn best(&self) -> Option<Champion> {
        (self.state.scalars.has_best != 0).then(|| Champion {
            parameters: self.wide(4),
            fitness: f64::from(self.state.scalars.best_fitness),
        })
    }

    /// The point that the next population is drawn around.
    pub fn mean(&self) -> Vec<f64> {
        self.wide(0)
    }

    /// The standard deviation of the next population: the root mean square over the dimensions.
    pub fn step_size(&self) -> f64 {
        let variances = self.wide(1);
        let mean = variances.iter().sum::<f64>() / variances.len() as f64;
        f64::from(self.state.scalars.step_size) * mean.sqrt()
    }

    fn wide(&self, vector: usize) -> Vec<f64> {
        self.state
            .vector(vector)
            .iter()
            .map(|value| f64::from(*value))
            .collect()
    }

    /// Migration, as [`crate::Optimizer::inject`]: goes on from an individual found elsewhere if it is better than the
    /// best here. Returns whether it was taken.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::WrongLength`], [`OptimizerError::NotFinite`]; the state is then unchanged.
    pub fn inject(&mut self, parameters: &[f64], fitness: f64) -> Result<bool, OptimizerError> {
        check_injection(self.state.dimensions(), parameters, fitness)?;
        let values = narrow(parameters, "an injected parameter")?;
        let narrow_fitness = narrow(&[fitness], "the injected fitness")?[0];
        let scalars = &mut self.state.scalars;
        if scalars.has_best != 0 && narrow_fitness <= scalars.best_fitness {
            return Ok(false);
        }
        (scalars.best_fitness, scalars.has_best) = (narrow_fitness, 1);
        let n = values.len() as f64;
        let step_size = f64::from(scalars.step_size);
        let square: f64 = self
            .wide(0)
            .iter()
            .zip(self.wide(1))
            .zip(&values)
            .map(|((mean, variance), value)| ((f64::from(*value) - mean) / step_size).powi(2) / variance)
            .sum();
        // As in GaussianSearch::inject.
        if square.sqrt() > n.sqrt() + 2.0 * n / (n + 2.0) {
            self.state.vector_mut(2).fill(0.0);
            self.state.vector_mut(3).fill(0.0);
        }
        self.state.vector_mut(0).copy_from_slice(&values);
        self.state.vector_mut(4).copy_from_slice(&values);
        Ok(true)
    }
}

/// In `f32`, where it is in range.
fn narrow(values: &[f64], what: &'static str) -> Result<Vec<f32>, OptimizerError> {
    let narrow: Vec<f32> = values.iter().map(|value| *value as f32).collect();
    check_finite(&narrow.iter().map(|value| f64::from(*value)).collect::<Vec<_>>(), what)?;
    Ok(narrow)
}

#[cfg(test)]
mod tests;

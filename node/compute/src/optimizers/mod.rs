//! Search methods behind an ask/tell interface: [`Optimizer::ask`] for a population, evaluate it wherever and however,
//! [`Optimizer::tell`] its fitness. Fitness is maximised.
//!
//! All of them are deterministic: the same seeds, injections and fitness give the same populations, bit for bit.

mod differential_evolution;
mod gaussian;
mod genetic_algorithm;
mod members;
mod parameters;
mod random_step;

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

pub use differential_evolution::DifferentialEvolution;
pub use gaussian::GaussianSearch;
pub use genetic_algorithm::GeneticAlgorithm;
pub use parameters::default_population_size;
pub(crate) use parameters::Parameters;
pub use random_step::{RandomStep, REFERENCE_STEP_SIZE};

/// Why an optimizer was not built or refused what it was told.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptimizerError {
    /// [`Optimizer::tell`] without a population asked for before.
    #[error("fitness was told before a population was asked for")]
    NothingAsked,
    /// The number of values is not what it has to be.
    #[error("{what}: {given} values given, {expected} expected")]
    WrongLength {
        /// What was given.
        what: &'static str,
        /// How many values were expected.
        expected: usize,
        /// How many there were.
        given: usize,
    },
    /// A parameter or fitness is not a number or infinite.
    #[error("{0} is not finite")]
    NotFinite(&'static str),
    /// An option is out of range.
    #[error("{0}")]
    BadOption(String),
}

/// The best individual so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Champion {
    /// Its values.
    pub parameters: Vec<f64>,
    /// Its fitness, finite.
    pub fitness: f64,
}

/// A search method.
pub trait Optimizer: Send {
    /// Values in an individual.
    fn dimensions(&self) -> usize;

    /// Individuals in each population.
    fn population_size(&self) -> usize;

    /// Starts a fresh stream of random numbers; the state of the search stays.
    fn reseed(&mut self, seed: [u8; 32]);

    /// Draws the next population, one individual after another. Asked again without a [`Optimizer::tell`] between, it
    /// draws another one and forgets the former.
    fn ask(&mut self) -> &[f64];

    /// Takes the fitness of the population last asked for, in its order. Fitness that is not a number or infinite
    /// ranks last and is never adopted.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::NothingAsked`] and [`OptimizerError::WrongLength`]; the state is then unchanged.
    fn tell(&mut self, fitness: &[f64]) -> Result<(), OptimizerError>;

    /// The best of all that were told or injected; `None` before any had a finite fitness.
    fn best(&self) -> Option<&Champion>;

    /// The point that the next population is drawn around, of methods that keep members their centroid: where a method
    /// averages, often better than any individual.
    fn mean(&self) -> &[f64];

    /// The standard deviation of the next population, of methods that keep members that of these: the root mean square
    /// over the dimensions.
    fn step_size(&self) -> f64;

    /// Migration: continues from an individual found elsewhere if it is better than the best here. Returns whether it
    /// was taken.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::WrongLength`], [`OptimizerError::NotFinite`]; the state is then unchanged.
    fn inject(&mut self, parameters: &[f64], fitness: f64) -> Result<bool, OptimizerError>;
}

/// Which search method, as written in a configuration file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// [`GaussianSearch::sep_cma_es`].
    #[default]
    SepCmaEs,
    /// [`GaussianSearch::evolution_strategy`].
    EvolutionStrategy,
    /// [`DifferentialEvolution`].
    DifferentialEvolution,
    /// [`GeneticAlgorithm`].
    GeneticAlgorithm,
    /// [`RandomStep`] with the reference implementation's step size of 0.5.
    RandomStep,
}

impl OptimizerKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::SepCmaEs,
        Self::EvolutionStrategy,
        Self::DifferentialEvolution,
        Self::GeneticAlgorithm,
        Self::RandomStep,
    ];

    /// Builds the optimizer at `start`. Step size and population size apply to all but [`OptimizerKind::RandomStep`].
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`], [`OptimizerError::NotFinite`].
    pub fn build(
        self,
        start: &[f64],
        step_size: f64,
        population_size: usize,
        seed: [u8; 32],
    ) -> Result<Box<dyn Optimizer>, OptimizerError> {
        let (size, step) = (population_size, step_size);
        Ok(match self {
            Self::SepCmaEs => Box::new(GaussianSearch::sep_cma_es(start, step, size, seed)?),
            Self::EvolutionStrategy => Box::new(GaussianSearch::evolution_strategy(start, step, size, seed)?),
            Self::DifferentialEvolution => Box::new(DifferentialEvolution::new(start, step, size, seed)?),
            Self::GeneticAlgorithm => Box::new(GeneticAlgorithm::new(start, step, size, seed)?),
            Self::RandomStep => Box::new(RandomStep::new(start, REFERENCE_STEP_SIZE, seed)?),
        })
    }
}

/// Checks that hold for every optimizer's start.
fn check_start(start: &[f64], step_size: f64) -> Result<(), OptimizerError> {
    if start.is_empty() {
        return Err(OptimizerError::BadOption(
            "an optimizer needs at least one dimension".into(),
        ));
    }
    if !(step_size.is_finite() && step_size > 0.0) {
        return Err(OptimizerError::BadOption(format!(
            "step size {step_size} is not a positive number"
        )));
    }
    check_finite(start, "the start")
}

pub(crate) fn check_finite(values: &[f64], what: &'static str) -> Result<(), OptimizerError> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(OptimizerError::NotFinite(what))
    }
}

fn check_length(what: &'static str, expected: usize, given: usize) -> Result<(), OptimizerError> {
    if expected == given {
        Ok(())
    } else {
        Err(OptimizerError::WrongLength { what, expected, given })
    }
}

pub(crate) fn check_injection(dimensions: usize, parameters: &[f64], fitness: f64) -> Result<(), OptimizerError> {
    check_length("injected parameters", dimensions, parameters.len())?;
    check_finite(parameters, "an injected parameter")?;
    check_finite(&[fitness], "the injected fitness")
}

/// Whether an individual of a population and its fitness are numbers, and finite.
fn is_finite(population: &[f64], fitness: &[f64], index: usize) -> bool {
    let n = population.len() / fitness.len();
    fitness[index].is_finite()
        && population[index * n..(index + 1) * n]
            .iter()
            .all(|value| value.is_finite())
}

/// The individuals of a population, best first; those that are not finite last; equals by their place, so that the
/// order is the same everywhere.
fn ranking(population: &[f64], fitness: &[f64]) -> Vec<usize> {
    let finite: Vec<bool> = (0..fitness.len())
        .map(|index| is_finite(population, fitness, index))
        .collect();
    let mut order: Vec<usize> = (0..fitness.len()).collect();
    order.sort_unstable_by(|&left, &right| {
        let rank = match (finite[left], finite[right]) {
            (true, true) => fitness[right].total_cmp(&fitness[left]),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => Ordering::Equal,
        };
        rank.then(left.cmp(&right))
    });
    order
}

/// Keeps the best of all finite individuals.
#[derive(Clone, Debug, Default)]
struct Record(Option<Champion>);

impl Record {
    fn is_beaten_by(&self, fitness: f64) -> bool {
        fitness.is_finite() && self.0.as_ref().is_none_or(|best| fitness > best.fitness)
    }

    fn offer(&mut self, parameters: &[f64], fitness: f64) -> bool {
        let better = self.is_beaten_by(fitness);
        if better {
            self.0 = Some(Champion {
                parameters: parameters.to_vec(),
                fitness,
            });
        }
        better
    }
}

#[cfg(test)]
mod tests;

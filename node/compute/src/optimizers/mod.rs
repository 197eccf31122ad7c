//! Search methods behind an ask/tell interface: [`Optimizer::ask`] for a population, evaluate it wherever and however,
//! [`Optimizer::tell`] its fitness. Fitness is maximised.
//!
//! All of them are deterministic: the same seeds, injections and fitness give the same populations, bit for bit.

mod random_step;
mod sep_cma_es;

use serde::{Deserialize, Serialize};

pub use random_step::{RandomStep, REFERENCE_STEP_SIZE};
pub use sep_cma_es::{default_population_size, SepCmaEs};

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

    /// The point that the next population is drawn around: where a method averages, often better than any individual.
    fn mean(&self) -> &[f64];

    /// The standard deviation of the next population, before any scaling of single dimensions.
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
    /// [`SepCmaEs`].
    #[default]
    SepCmaEs,
    /// [`RandomStep`] with the reference implementation's step size of 0.5.
    RandomStep,
}

impl OptimizerKind {
    /// Builds the optimizer at `start`. Step size and population size apply to [`OptimizerKind::SepCmaEs`].
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
        Ok(match self {
            Self::SepCmaEs => Box::new(SepCmaEs::new(start, step_size, population_size, seed)?),
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

fn check_finite(values: &[f64], what: &'static str) -> Result<(), OptimizerError> {
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

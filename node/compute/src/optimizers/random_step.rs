//! The reference implementation's search: one Gaussian step from the best, kept if better.

use super::{check_injection, check_length, check_start, Champion, Optimizer, OptimizerError, Record};
use crate::random::RandomStream;

/// Standard deviation of the reference implementation's step, in every dimension.
pub const REFERENCE_STEP_SIZE: f64 = 0.5;

/// One Gaussian step of fixed size from the best individual; kept if better. Kept as an option for comparison.
///
/// In `n` dimensions it stops improving about where the distance to the optimum falls below √n times the step size,
/// since nearly every step then leads away.
#[derive(Clone, Debug)]
pub struct RandomStep {
    step_size: f64,
    random: RandomStream,
    centre: Vec<f64>,
    best: Record,
    candidate: Vec<f64>,
    asked: bool,
}

impl RandomStep {
    /// Starts at `start`, whose fitness is unknown: the first finite individual told is adopted unless
    /// [`Optimizer::inject`] says before how good the start is.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`] for an empty start or a step size that is not positive;
    /// [`OptimizerError::NotFinite`].
    pub fn new(start: &[f64], step_size: f64, seed: [u8; 32]) -> Result<Self, OptimizerError> {
        check_start(start, step_size)?;
        Ok(Self {
            step_size,
            random: RandomStream::new(seed),
            centre: start.to_vec(),
            best: Record::default(),
            candidate: start.to_vec(),
            asked: false,
        })
    }

    fn offer(&mut self, parameters: &[f64], fitness: f64) -> bool {
        let better = self.best.offer(parameters, fitness);
        if better {
            self.centre.copy_from_slice(parameters);
        }
        better
    }
}

impl Optimizer for RandomStep {
    fn dimensions(&self) -> usize {
        self.centre.len()
    }

    fn population_size(&self) -> usize {
        1
    }

    fn reseed(&mut self, seed: [u8; 32]) {
        self.random = RandomStream::new(seed);
    }

    fn ask(&mut self) -> &[f64] {
        for (value, centre) in self.candidate.iter_mut().zip(&self.centre) {
            *value = centre + self.step_size * self.random.gaussian();
        }
        self.asked = true;
        &self.candidate
    }

    fn tell(&mut self, fitness: &[f64]) -> Result<(), OptimizerError> {
        if !self.asked {
            return Err(OptimizerError::NothingAsked);
        }
        check_length("fitness", 1, fitness.len())?;
        self.asked = false;
        let candidate = std::mem::take(&mut self.candidate);
        self.offer(&candidate, fitness[0]);
        self.candidate = candidate;
        Ok(())
    }

    fn best(&self) -> Option<&Champion> {
        self.best.0.as_ref()
    }

    fn mean(&self) -> &[f64] {
        &self.centre
    }

    fn step_size(&self) -> f64 {
        self.step_size
    }

    fn inject(&mut self, parameters: &[f64], fitness: f64) -> Result<bool, OptimizerError> {
        check_injection(self.dimensions(), parameters, fitness)?;
        Ok(self.offer(parameters, fitness))
    }
}

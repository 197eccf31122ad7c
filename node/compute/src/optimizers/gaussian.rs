//! Searches that draw from a normal distribution and adapt it: separable CMA-ES and the (μ/μ, λ) evolution strategy.

use super::{
    check_injection, check_length, is_finite, parameters::Parameters, ranking, Champion, Optimizer, OptimizerError,
    Record,
};
use crate::random::RandomStream;

/// Smallest and largest step size: beyond, the arithmetic would leave the range of `f64`.
const STEP_SIZES: (f64, f64) = (1e-100, 1e100);
/// Smallest and largest variance of a dimension relative to the step size.
const VARIANCES: (f64, f64) = (1e-40, 1e40);
/// Powers of two within which the largest variance is kept, see [`GaussianSearch::balance`].
const BALANCED: std::ops::RangeInclusive<i32> = -32..=32;
/// Largest change of the logarithm of the step size, or of a variance, in one generation.
const MOST_LOG_CHANGE: f64 = 1.0;
/// What the step size is multiplied with when not one individual of a population was finite.
const RETREAT: f64 = 0.5;

/// A search that draws each population around a mean, moves the mean to the weighted average of the best, and controls
/// the step size by cumulation (CSA).
///
/// [`GaussianSearch::sep_cma_es`] also learns the variance of each dimension, [`GaussianSearch::evolution_strategy`]
/// does not. Both are invariant under translation and any transformation that keeps the order of fitness; the first
/// also under scaling of single dimensions. Neither learns dependencies between dimensions. Time and memory are linear
/// in the dimensions.
#[derive(Clone, Debug)]
pub struct GaussianSearch {
    parameters: Parameters,

    random: RandomStream,
    generation: u64,
    mean: Vec<f64>,
    step_size: f64,
    variances: Vec<f64>,
    /// The paths are in units of the standard deviation of their time.
    step_path: Vec<f64>,
    variance_path: Vec<f64>,
    best: Record,

    // The population asked for, and room for the update.
    population: Vec<f64>,
    asked: bool,
    step: Vec<f64>,
}

impl GaussianSearch {
    /// CMA-ES with a diagonal covariance matrix (Ros and Hansen, "A Simple Modification in CMA-ES Achieving Linear Time
    /// and Space Complexity", PPSN X, 2008) from `start`, with the standard deviation `step_size` in every dimension at
    /// first; the optimum is best expected within about three of them. With active update: bad individuals lower the
    /// variance along their steps.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`] for an empty start, a step size that is not positive, or a population of fewer
    /// than 2; [`OptimizerError::NotFinite`].
    pub fn sep_cma_es(
        start: &[f64],
        step_size: f64,
        population_size: usize,
        seed: [u8; 32],
    ) -> Result<Self, OptimizerError> {
        let parameters = Parameters::sep_cma_es(start, step_size, population_size)?;
        Ok(Self::new(parameters, start, step_size, seed))
    }

    /// The (μ/μ, λ) evolution strategy with intermediate recombination of the best quarter.
    ///
    /// # Errors
    ///
    /// Those of [`GaussianSearch::sep_cma_es`].
    pub fn evolution_strategy(
        start: &[f64],
        step_size: f64,
        population_size: usize,
        seed: [u8; 32],
    ) -> Result<Self, OptimizerError> {
        let parameters = Parameters::evolution_strategy(start, step_size, population_size)?;
        Ok(Self::new(parameters, start, step_size, seed))
    }

    fn new(parameters: Parameters, start: &[f64], step_size: f64, seed: [u8; 32]) -> Self {
        let dimensions = start.len();
        Self {
            random: RandomStream::new(seed),
            generation: 0,
            mean: start.to_vec(),
            step_size: step_size.clamp(STEP_SIZES.0, STEP_SIZES.1),
            variances: vec![1.0; dimensions],
            step_path: vec![0.0; dimensions],
            variance_path: vec![0.0; dimensions],
            best: Record::default(),
            population: vec![0.0; dimensions * parameters.population_size],
            asked: false,
            step: vec![0.0; dimensions],
            parameters,
        }
    }

    /// Moves the mean, then the paths, the variances and the step size. `order` are the finite individuals, best first,
    /// at least one.
    fn update(&mut self, order: &[usize]) {
        let n = self.mean.len();
        let parameters = &self.parameters;
        // Fewer finite ones than parents: their weights are scaled up to sum 1.
        let parents = parameters.parents.min(order.len());
        let weight_sum: f64 = parameters.weights[..parents].iter().sum();

        self.step.fill(0.0);
        for (&index, weight) in order.iter().zip(&parameters.weights[..parents]) {
            let individual = &self.population[index * n..(index + 1) * n];
            for ((step, value), mean) in self.step.iter_mut().zip(individual).zip(&self.mean) {
                *step += weight / weight_sum * (value - mean) / self.step_size;
            }
        }

        let rate = parameters.step_rate;
        let gain = (rate * (2.0 - rate) * parameters.effective_parents).sqrt();
        let mut square = 0.0;
        for ((path, step), variance) in self.step_path.iter_mut().zip(&self.step).zip(&self.variances) {
            *path = (1.0 - rate) * *path + gain * step / variance.sqrt();
            square += *path * *path;
        }
        self.generation += 1;
        if parameters.learns_variances() {
            // Stalls the other path while the step size grows fast.
            let stationary = square / parameters.path_maturity(self.generation);
            let steady = if stationary / n as f64 <= 2.0 + 4.0 / (n as f64 + 1.0) {
                1.0
            } else {
                0.0
            };
            let rate = parameters.path_rate;
            let gain = steady * (rate * (2.0 - rate) * parameters.effective_parents).sqrt();
            // Adjusted for the length that a stalled path lacks.
            let rank_one = parameters.rank_one * (1.0 - (1.0 - steady) * rate * (2.0 - rate));
            for j in 0..n {
                let path = &mut self.variance_path[j];
                *path = (1.0 - rate) * *path + gain * self.step[j] / self.variances[j].sqrt();
                let mut spread = 0.0;
                for (rank, (&index, weight)) in order.iter().zip(&parameters.weights).enumerate() {
                    let weight = if rank < parents { weight / weight_sum } else { *weight };
                    let step = (self.population[index * n + j] - self.mean[j]) / self.step_size;
                    spread += weight * (step * step / self.variances[j] - 1.0);
                }
                let change = std::f64::consts::LN_2 * (rank_one * (*path * *path - 1.0) + parameters.rank_mu * spread);
                let factor = libm::exp(change.clamp(-MOST_LOG_CHANGE, MOST_LOG_CHANGE));
                self.variances[j] = (self.variances[j] * factor).clamp(VARIANCES.0, VARIANCES.1);
            }
        }

        for (mean, step) in self.mean.iter_mut().zip(&self.step) {
            *mean += self.step_size * step;
        }
        let change =
            parameters.step_rate / parameters.step_damping * (square.sqrt() / parameters.expected_length - 1.0);
        self.scale_step_size(libm::exp(change.min(MOST_LOG_CHANGE)));
        self.balance();
    }

    /// Moves into the step size what all variances have in common.
    ///
    /// In a bent valley, where the way goes on but the valley stays narrow, the step size grows without end while the
    /// variances shrink: on Rosenbrock's function in 10 dimensions the one to 10³⁹. Their products are what counts, and
    /// all else here is relative to them; powers of two do not even change the rounding.
    fn balance(&mut self) {
        let largest = self.variances.iter().copied().fold(0.0, f64::max);
        let exponent = libm::ilogb(largest);
        if BALANCED.contains(&exponent) {
            return;
        }
        let halvings = exponent.div_euclid(2);
        for variance in &mut self.variances {
            *variance = libm::ldexp(*variance, -2 * halvings).max(VARIANCES.0);
        }
        self.scale_step_size(libm::ldexp(1.0, halvings));
    }

    fn scale_step_size(&mut self, factor: f64) {
        self.step_size = (self.step_size * factor).clamp(STEP_SIZES.0, STEP_SIZES.1);
    }
}

impl Optimizer for GaussianSearch {
    fn dimensions(&self) -> usize {
        self.mean.len()
    }

    fn population_size(&self) -> usize {
        self.parameters.population_size
    }

    fn reseed(&mut self, seed: [u8; 32]) {
        self.random = RandomStream::new(seed);
    }

    fn ask(&mut self) -> &[f64] {
        for individual in self.population.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), variance) in individual.iter_mut().zip(&self.mean).zip(&self.variances) {
                *value = mean + self.step_size * variance.sqrt() * self.random.gaussian();
            }
        }
        self.asked = true;
        &self.population
    }

    fn tell(&mut self, fitness: &[f64]) -> Result<(), OptimizerError> {
        if !self.asked {
            return Err(OptimizerError::NothingAsked);
        }
        check_length("fitness", self.parameters.population_size, fitness.len())?;
        self.asked = false;
        let n = self.mean.len();
        let mut order = ranking(&self.population, fitness);
        let finite = order
            .iter()
            .take_while(|&&index| is_finite(&self.population, fitness, index))
            .count();
        order.truncate(finite);
        let Some(&first) = order.first() else {
            // Nothing is known but that this population reached too far.
            self.scale_step_size(RETREAT);
            return Ok(());
        };
        self.best
            .offer(&self.population[first * n..(first + 1) * n], fitness[first]);
        self.update(&order);
        Ok(())
    }

    fn best(&self) -> Option<&Champion> {
        self.best.0.as_ref()
    }

    fn mean(&self) -> &[f64] {
        &self.mean
    }

    fn step_size(&self) -> f64 {
        let mean = self.variances.iter().sum::<f64>() / self.variances.len() as f64;
        self.step_size * mean.sqrt()
    }

    /// An individual no farther away than a step that is usual for this distribution moves the mean there and nothing
    /// else. A farther one (Hansen, "Injecting External Solutions Into CMA-ES", 2011: longer than √n + 2n/(n + 2))
    /// clears the evolution paths too, since the way there says nothing about the way on.
    fn inject(&mut self, parameters: &[f64], fitness: f64) -> Result<bool, OptimizerError> {
        check_injection(self.dimensions(), parameters, fitness)?;
        if !self.best.offer(parameters, fitness) {
            return Ok(false);
        }
        let n = self.mean.len() as f64;
        let square: f64 = parameters
            .iter()
            .zip(&self.mean)
            .zip(&self.variances)
            .map(|((value, mean), variance)| ((value - mean) / self.step_size).powi(2) / variance)
            .sum();
        let usual = square.sqrt() <= n.sqrt() + 2.0 * n / (n + 2.0);
        if !usual {
            self.step_path.fill(0.0);
            self.variance_path.fill(0.0);
        }
        self.mean.copy_from_slice(parameters);
        // The population asked for belongs to the old mean.
        self.asked = false;
        Ok(true)
    }
}

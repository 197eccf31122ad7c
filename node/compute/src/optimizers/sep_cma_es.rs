//! Separable CMA-ES.

use std::cmp::Ordering;

use super::{check_finite, check_length, check_start, Champion, Optimizer, OptimizerError, Record};
use crate::random::RandomStream;

/// Smallest and largest step size: beyond, the arithmetic would leave the range of `f64`.
const STEP_SIZES: (f64, f64) = (1e-100, 1e100);
/// Smallest and largest variance of a dimension relative to the step size.
const VARIANCES: (f64, f64) = (1e-40, 1e40);
/// Largest change of the logarithm of the step size in one generation.
const MOST_LOG_CHANGE: f64 = 1.0;
/// What the step size is multiplied with when not one individual of a population was finite.
const RETREAT: f64 = 0.5;

/// The population size that CMA-ES takes by default: 4 + ⌊3 ln n⌋.
pub fn default_population_size(dimensions: usize) -> usize {
    4 + (3.0 * libm::log(dimensions.max(1) as f64)).floor() as usize
}

/// CMA-ES with a diagonal covariance matrix (Ros and Hansen, "A Simple Modification in CMA-ES Achieving Linear Time and
/// Space Complexity", PPSN X, 2008): time and memory linear in the dimensions, and a learning rate of the covariance
/// (n + 2)/3 times that of CMA-ES. The step size is controlled by cumulation (CSA). Parameters are the defaults of that
/// paper and of Hansen, "The CMA Evolution Strategy: A Tutorial".
///
/// It is invariant under translation, scaling of single dimensions, and any transformation that keeps the order of
/// fitness; it does not learn dependencies between dimensions.
#[derive(Clone, Debug)]
pub struct SepCmaEs {
    // Constants.
    population_size: usize,
    /// Recombination weights of the best μ, positive, falling, sum 1.
    weights: Vec<f64>,
    /// Variance-effective number of parents, 1/Σw².
    parents: f64,
    step_rate: f64,
    step_damping: f64,
    path_rate: f64,
    covariance_rate: f64,
    /// Expected length of a standard normal vector.
    expected_length: f64,

    // State.
    random: RandomStream,
    generation: u64,
    mean: Vec<f64>,
    step_size: f64,
    variances: Vec<f64>,
    step_path: Vec<f64>,
    covariance_path: Vec<f64>,
    best: Record,

    // The population asked for, and room for the update.
    population: Vec<f64>,
    asked: bool,
    order: Vec<usize>,
    step: Vec<f64>,
}

impl SepCmaEs {
    /// A search from `start` with the standard deviation `step_size` in every dimension; the optimum is best expected
    /// within about three standard deviations.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`] for an empty start, a step size that is not positive, or a population of fewer
    /// than 2; [`OptimizerError::NotFinite`].
    pub fn new(start: &[f64], step_size: f64, population_size: usize, seed: [u8; 32]) -> Result<Self, OptimizerError> {
        check_start(start, step_size)?;
        if population_size < 2 {
            return Err(OptimizerError::BadOption(format!(
                "a population of {population_size} is too small: at least 2"
            )));
        }
        let dimensions = start.len();
        let n = dimensions as f64;

        let mu = population_size / 2;
        let raw: Vec<f64> = (1..=mu)
            .map(|i| libm::log(mu as f64 + 1.0) - libm::log(i as f64))
            .collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|weight| weight / sum).collect();
        let parents = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();

        let step_rate = (parents + 2.0) / (n + parents + 3.0);
        let step_damping = 1.0 + 2.0 * (((parents - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0) + step_rate;
        let path_rate = 4.0 / (n + 4.0);
        // c_cov of CMA-ES with μ_cov = μ_eff ...
        let rank_one = 2.0 / (n + std::f64::consts::SQRT_2).powi(2);
        let rank_mu = ((2.0 * parents - 1.0) / ((n + 2.0).powi(2) + parents)).min(1.0);
        let full_rate = rank_one / parents + (1.0 - 1.0 / parents) * rank_mu;
        // ... and what only n in place of n²/2 degrees of freedom allow.
        let covariance_rate = (full_rate * (n + 2.0) / 3.0).min(1.0);

        Ok(Self {
            population_size,
            weights,
            parents,
            step_rate,
            step_damping,
            path_rate,
            covariance_rate,
            expected_length: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            random: RandomStream::new(seed),
            generation: 0,
            mean: start.to_vec(),
            step_size: step_size.clamp(STEP_SIZES.0, STEP_SIZES.1),
            variances: vec![1.0; dimensions],
            step_path: vec![0.0; dimensions],
            covariance_path: vec![0.0; dimensions],
            best: Record::default(),
            population: vec![0.0; dimensions * population_size],
            asked: false,
            order: (0..population_size).collect(),
            step: vec![0.0; dimensions],
        })
    }

    /// Moves the mean, then the paths, the covariance and the step size. `parents` are the best finite individuals in
    /// order, at least one and at most μ.
    fn update(&mut self, parents: usize) {
        let n = self.mean.len();
        // Fewer finite ones than parents: their weights are scaled up to sum 1.
        let weight_sum: f64 = self.weights[..parents].iter().sum();

        self.step.fill(0.0);
        for (&index, weight) in self.order.iter().zip(&self.weights[..parents]) {
            let individual = &self.population[index * n..(index + 1) * n];
            for ((step, value), mean) in self.step.iter_mut().zip(individual).zip(&self.mean) {
                *step += weight / weight_sum * (value - mean) / self.step_size;
            }
        }

        let step_gain = (self.step_rate * (2.0 - self.step_rate) * self.parents).sqrt();
        let mut square = 0.0;
        for ((path, step), variance) in self.step_path.iter_mut().zip(&self.step).zip(&self.variances) {
            *path = (1.0 - self.step_rate) * *path + step_gain * step / variance.sqrt();
            square += *path * *path;
        }
        let length = square.sqrt();
        self.generation += 1;
        // The step-size path needs some generations to reach its stationary length.
        let decay = (1.0 - self.step_rate).powi(2 * self.generation.min(100_000) as i32);
        let stationary = length / (1.0 - decay).sqrt();
        // Stalls the covariance path while the step size grows fast.
        let steady = stationary < (1.4 + 2.0 / (n as f64 + 1.0)) * self.expected_length;
        let steady = if steady { 1.0 } else { 0.0 };

        let path_gain = steady * (self.path_rate * (2.0 - self.path_rate) * self.parents).sqrt();
        let rank_one = self.covariance_rate / self.parents;
        let rank_mu = self.covariance_rate * (1.0 - 1.0 / self.parents);
        let kept = 1.0 - self.covariance_rate + rank_one * (1.0 - steady) * self.path_rate * (2.0 - self.path_rate);
        for j in 0..n {
            self.covariance_path[j] = (1.0 - self.path_rate) * self.covariance_path[j] + path_gain * self.step[j];
            let mut spread = 0.0;
            for (&index, weight) in self.order.iter().zip(&self.weights[..parents]) {
                let step = (self.population[index * n + j] - self.mean[j]) / self.step_size;
                spread += weight / weight_sum * step * step;
            }
            let variance = kept * self.variances[j]
                + rank_one * self.covariance_path[j] * self.covariance_path[j]
                + rank_mu * spread;
            self.variances[j] = variance.clamp(VARIANCES.0, VARIANCES.1);
        }

        for (mean, step) in self.mean.iter_mut().zip(&self.step) {
            *mean += self.step_size * step;
        }
        let change = self.step_rate / self.step_damping * (length / self.expected_length - 1.0);
        self.scale_step_size(libm::exp(change.min(MOST_LOG_CHANGE)));
    }

    fn scale_step_size(&mut self, factor: f64) {
        self.step_size = (self.step_size * factor).clamp(STEP_SIZES.0, STEP_SIZES.1);
    }
}

impl Optimizer for SepCmaEs {
    fn dimensions(&self) -> usize {
        self.mean.len()
    }

    fn population_size(&self) -> usize {
        self.population_size
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
        check_length("fitness", self.population_size, fitness.len())?;
        self.asked = false;

        // Best first; what is not finite, or not drawn within the range of f64, last.
        let n = self.mean.len();
        let mut order = std::mem::take(&mut self.order);
        let is_finite = |index: usize| {
            fitness[index].is_finite()
                && self.population[index * n..(index + 1) * n]
                    .iter()
                    .all(|value| value.is_finite())
        };
        order.sort_unstable_by(|&left, &right| {
            let rank = match (is_finite(left), is_finite(right)) {
                (true, true) => fitness[right].total_cmp(&fitness[left]),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => Ordering::Equal,
            };
            // Equals by their place, so that the order is the same everywhere.
            rank.then(left.cmp(&right))
        });
        let finite = order
            .iter()
            .take(self.weights.len())
            .take_while(|&&index| is_finite(index))
            .count();
        self.order = order;

        if finite == 0 {
            // Nothing is known but that this population reached too far.
            self.scale_step_size(RETREAT);
            return Ok(());
        }
        let first = self.order[0];
        self.best
            .offer(&self.population[first * n..(first + 1) * n], fitness[first]);
        self.update(finite);
        Ok(())
    }

    fn best(&self) -> Option<&Champion> {
        self.best.0.as_ref()
    }

    fn mean(&self) -> &[f64] {
        &self.mean
    }

    fn step_size(&self) -> f64 {
        self.step_size
    }

    /// An individual no farther away than a step that is usual for this distribution moves the mean there and nothing
    /// else. A farther one (Hansen, "Injecting External Solutions Into CMA-ES", 2011: longer than √n + 2n/(n + 2))
    /// clears the evolution paths too, since the way there says nothing about the way on.
    fn inject(&mut self, parameters: &[f64], fitness: f64) -> Result<bool, OptimizerError> {
        check_length("injected parameters", self.dimensions(), parameters.len())?;
        check_finite(parameters, "an injected parameter")?;
        check_finite(&[fitness], "the injected fitness")?;
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
            self.covariance_path.fill(0.0);
        }
        self.mean.copy_from_slice(parameters);
        // The population asked for belongs to the old mean.
        self.asked = false;
        Ok(true)
    }
}

//! What the domains have in common whose optimum is a vector that follows from the specification: the quadratic domain and
//! the test functions.

use doin_compute::{random::RandomStream, Compute, Objective, Optimizer, OptimizerError};
use sp_core::{Blake2Hasher, Hasher};

use crate::{
    vectors::{encode, numbers, MOST_MAGNITUDE},
    Budget, DomainError, Evaluation, SyntheticData,
};

/// The stream of the seed that the probe's projection is drawn from; the noise comes from stream 0.
const PROBE_STREAM: u64 = 1;

/// As many numbers as there are dimensions, uniform in (−`limit`, `limit`), that follow from the hash of `preimage`.
pub(crate) fn uniform(preimage: &[u8], dimensions: usize, limit: f64) -> Vec<f64> {
    let mut random = RandomStream::new(Blake2Hasher::hash(preimage).0);
    (0..dimensions).map(|_| random.uniform_between(-limit, limit)).collect()
}

/// The gain that a round has to reach.
///
/// # Errors
///
/// [`DomainError::BadConfiguration`] for what is no gain.
pub(crate) fn required_gain(budget: &Budget) -> Result<f64, DomainError> {
    let required = budget.minimum_gain;
    match required.is_finite() && required >= 0.0 {
        true => Ok(required),
        false => Err(DomainError::BadConfiguration(format!(
            "the minimum gain must be a number and not negative, not {required}"
        ))),
    }
}

/// One generation. Individuals that could not be encoded as parameters get no fitness: within their range nothing
/// overflows in `f32`, beyond it a driver may make anything of infinities.
pub(crate) fn generation(
    optimizer: &mut dyn Optimizer,
    compute: &Compute,
    objective: &dyn Objective,
) -> Result<(), DomainError> {
    let population = optimizer.ask();
    let values: Vec<f32> = population.iter().map(|value| *value as f32).collect();
    let fitness = compute.evaluate(objective, &values)?;
    let individuals = population.chunks_exact(objective.dimensions());
    let fitness: Vec<f64> = individuals
        .zip(fitness)
        .map(
            |(individual, fitness)| match individual.iter().all(|value| value.abs() <= MOST_MAGNITUDE) {
                true => f64::from(fitness),
                false => f64::NAN,
            },
        )
        .collect();
    optimizer.tell(&fitness).map_err(refusal)
}

/// What an optimizer refuses, it refuses for its options: populations and fitness are made here.
pub(crate) fn refusal(error: OptimizerError) -> DomainError {
    DomainError::BadConfiguration(format!("optimizer: {error}"))
}

/// An evaluator's data: the optimum with noise·N(0, 1) added to each coordinate, and the projection of the probe.
pub(crate) struct Noisy {
    pub(crate) optimum: Vec<f64>,
    projection: Vec<f64>,
}

impl Noisy {
    /// The data of a seed.
    pub(crate) fn synthesize(mut optimum: Vec<f64>, noise: f64, seed: [u8; 32], season: u64) -> SyntheticData {
        let dimensions = optimum.len();
        let mut random = RandomStream::new(seed);
        let mut projection = RandomStream::with_stream(seed, PROBE_STREAM);
        for value in &mut optimum {
            *value += noise * random.gaussian();
        }
        optimum.extend((0..dimensions).map(|_| projection.gaussian()));
        SyntheticData {
            season,
            bytes: encode(&optimum),
        }
    }

    /// Reads data of this many dimensions.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadData`].
    pub(crate) fn read(data: &SyntheticData, dimensions: usize) -> Result<Self, DomainError> {
        let mut optimum = numbers(&data.bytes, 2 * dimensions).map_err(DomainError::BadData)?;
        let projection = optimum.split_off(dimensions);
        Ok(Self { optimum, projection })
    }

    /// The vote on a point whose metric is known.
    ///
    /// # Errors
    ///
    /// [`DomainError::NonFiniteMetric`].
    pub(crate) fn evaluation(&self, point: &[f64], metric: f64) -> Result<Evaluation, DomainError> {
        let metric = finite(metric)?;
        let probe = point
            .iter()
            .zip(&self.optimum)
            .zip(&self.projection)
            .fold(0.0, |sum, ((value, optimum), weight)| sum + weight * (value - optimum));
        Ok(Evaluation {
            metric,
            probe: finite(probe)?,
        })
    }
}

/// A metric, if it is a finite number.
///
/// # Errors
///
/// [`DomainError::NonFiniteMetric`].
pub(crate) fn finite(metric: f64) -> Result<f64, DomainError> {
    match metric.is_finite() {
        true => Ok(metric),
        false => Err(DomainError::NonFiniteMetric(metric)),
    }
}

/// The optimum that a model is asked for, called `name` in the query: as many numbers as there are dimensions.
///
/// # Errors
///
/// [`DomainError::BadInput`].
pub(crate) fn queried(name: &str, optimum: Vec<f64>, dimensions: usize) -> Result<Vec<f64>, DomainError> {
    match optimum.len() == dimensions {
        true => Ok(optimum),
        false => Err(DomainError::BadInput(format!(
            "{name} has {} numbers, not {dimensions}",
            optimum.len()
        ))),
    }
}

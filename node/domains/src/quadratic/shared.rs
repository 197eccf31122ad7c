//! The quadratic domain's shared population: a (μ/μ, λ) evolution strategy with cumulative step-size adaptation
//! (Ostermeier, Gawelczyk and Hansen, 1994), in `f64` and in a fixed order of operations, so that all nodes compute the
//! same bits.

use doin_compute::{random::RandomStream, Objective};

use super::{decode, encode, objective, Quadratic, LEAST_STEP_SIZE, MOST_MAGNITUDE, STEP_SHARE};
use crate::{vectors::numbers, Assessment, Cancellation, DomainError, SharedGeneration, SharedPopulation};

/// λ, the same on all nodes.
pub const SHARED_POPULATION: usize = 24;
/// μ.
const PARENTS: usize = 6;
/// With more dimensions a generation would be larger than nodes exchange.
pub const MOST_SHARED_DIMENSIONS: usize = 16_384;
/// Below this share of the largest magnitude of a parameter there is nothing left to search.
const CONVERGED: f64 = 1e-15;

/// What the strategy remembers.
struct Strategy {
    step_size: f64,
    mean: Vec<f64>,
    path: Vec<f64>,
}

impl Strategy {
    fn encode(&self) -> Vec<u8> {
        let mut values = vec![self.step_size];
        values.extend(&self.mean);
        values.extend(&self.path);
        encode(&values)
    }

    fn decode(state: &[u8], dimensions: usize) -> Result<Self, DomainError> {
        let mut values = numbers(state, 2 * dimensions + 1).map_err(DomainError::BadParameters)?;
        let path = values.split_off(dimensions + 1);
        let mean = values.split_off(1);
        let step_size = values.first().copied().unwrap_or(LEAST_STEP_SIZE);
        Ok(Self { step_size, mean, path })
    }

    /// Candidates around the mean.
    fn generation(&self, seed: [u8; 32]) -> SharedGeneration {
        let mut random = RandomStream::new(seed);
        let mut candidate = || {
            let values = self.mean.iter().map(|mean| {
                let value = mean + self.step_size * random.gaussian();
                value.clamp(-MOST_MAGNITUDE, MOST_MAGNITUDE)
            });
            encode(&values.collect::<Vec<_>>())
        };
        SharedGeneration {
            candidates: (0..SHARED_POPULATION).map(|_| candidate()).collect(),
            state: self.encode(),
        }
    }

    /// Moves to the mean of the best, and takes longer steps when they go the same way again and again.
    fn advance(&mut self, parents: &[Vec<f64>]) {
        let dimensions = self.mean.len() as f64;
        let share = parents.len() as f64;
        let rate = (share + 2.0) / (dimensions + share + 5.0);
        let weight = (rate * (2.0 - rate) * share).sqrt();
        let mut square = 0.0;
        for (place, (mean, path)) in self.mean.iter_mut().zip(&mut self.path).enumerate() {
            let new = parents.iter().fold(0.0, |sum, parent| sum + parent[place]) / share;
            *path = (1.0 - rate) * *path + weight * ((new - *mean) / self.step_size);
            square += *path * *path;
            *mean = new;
        }
        let expected = dimensions.sqrt() * (1.0 - 1.0 / (4.0 * dimensions) + 1.0 / (21.0 * dimensions * dimensions));
        let growth = rate / (1.0 + rate) * (square.sqrt() / expected - 1.0);
        self.step_size = (self.step_size * libm::exp(growth.clamp(-1.0, 1.0))).min(MOST_MAGNITUDE);
    }
}

impl SharedPopulation for Quadratic {
    fn create(&self, start: &[u8], seed: [u8; 32], season: u64) -> Result<SharedGeneration, DomainError> {
        let mean = self.decode(start)?;
        let metric = objective(self.target(season))?.evaluate(&mean);
        let distance = (-metric / mean.len() as f64).sqrt();
        let strategy = Strategy {
            step_size: (STEP_SHARE * distance).max(LEAST_STEP_SIZE),
            path: vec![0.0; mean.len()],
            mean,
        };
        Ok(strategy.generation(seed))
    }

    fn evaluate_candidate(
        &self,
        candidate: &[u8],
        _number: u64,
        _seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Assessment, DomainError> {
        if cancellation.is_cancelled() {
            return Err(DomainError::Cancelled);
        }
        let values = self.decode(candidate)?;
        let metric = objective(self.target(season))?.evaluate(&values);
        match metric.is_finite() {
            true => Ok(Assessment {
                metric,
                parameters: encode(&values),
            }),
            false => Err(DomainError::NonFiniteMetric(metric)),
        }
    }

    fn reproduce(
        &self,
        generation: &SharedGeneration,
        _number: u64,
        metrics: &[Option<f64>],
        seed: [u8; 32],
        _season: u64,
    ) -> Result<Option<SharedGeneration>, DomainError> {
        let dimensions = self.configuration.dimensions;
        let mut strategy = Strategy::decode(&generation.state, dimensions)?;
        let mut ranked: Vec<(f64, usize)> = metrics
            .iter()
            .zip(0..)
            .filter_map(|(metric, place)| metric.map(|metric| (metric, place)))
            .collect();
        // The best first; of equals the one with the smaller number.
        ranked.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
        let parents = ranked
            .iter()
            .take(PARENTS)
            .filter_map(|(_, place)| generation.candidates.get(*place))
            .map(|candidate| decode(candidate, dimensions))
            .collect::<Result<Vec<_>, _>>()?;
        let positive = strategy.step_size.is_finite() && strategy.step_size > 0.0;
        if parents.is_empty() || !positive {
            return Ok(None);
        }
        strategy.advance(&parents);
        let largest = strategy.mean.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
        let has_converged = strategy.step_size < CONVERGED * largest;
        Ok((!has_converged).then(|| strategy.generation(seed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{quadratic::Configuration, Domain, Options};

    fn domain(dimensions: usize) -> Quadratic {
        let configuration = Configuration {
            dimensions,
            noise: 0.1,
            target_seed: 1,
        };
        Quadratic::new(configuration, &Options::default()).unwrap()
    }

    #[test]
    fn generations_follow_from_their_arguments_and_find_the_target() {
        let (one, two) = (domain(10), domain(10));
        let shared = one.shared_population().expect("it can");
        let mut generation = shared.create(&one.baseline(), [3; 32], 2).unwrap();
        assert_eq!(generation, two.create(&two.baseline(), [3; 32], 2).unwrap());
        let mut best = f64::NEG_INFINITY;
        for number in 0..120 {
            let metrics: Vec<_> = generation
                .candidates
                .iter()
                .map(|candidate| {
                    let never = Cancellation::default();
                    let found = shared
                        .evaluate_candidate(candidate, number, [4; 32], 2, &never)
                        .unwrap();
                    assert_eq!(&found.parameters, candidate);
                    Some(found.metric)
                })
                .collect();
            best = metrics.iter().flatten().fold(best, |most, metric| most.max(*metric));
            let next = shared
                .reproduce(&generation, number, &metrics, [number as u8; 32], 2)
                .unwrap();
            let same = two
                .reproduce(&generation, number, &metrics, [number as u8; 32], 2)
                .unwrap();
            assert_eq!(next, same);
            generation = next.expect("it has not converged");
        }
        assert!(best > -0.01, "{best}");
    }

    #[test]
    fn what_is_rejected_has_no_children_and_what_is_no_state_is_refused() {
        let large = domain(MOST_SHARED_DIMENSIONS + 1);
        assert!(large.shared_population().is_none());
        let domain = domain(3);
        let generation = domain.create(&domain.baseline(), [3; 32], 0).unwrap();
        let rejected = vec![None; SHARED_POPULATION];
        assert_eq!(domain.reproduce(&generation, 0, &rejected, [0; 32], 0), Ok(None));
        let mut bad = generation.clone();
        bad.state.pop();
        assert!(matches!(
            domain.reproduce(&bad, 0, &vec![Some(1.0); SHARED_POPULATION], [0; 32], 0),
            Err(DomainError::BadParameters(_))
        ));
        let never = Cancellation::default();
        assert!(matches!(
            domain.evaluate_candidate(&[1], 0, [0; 32], 0, &never),
            Err(DomainError::BadParameters(_))
        ));
    }
}

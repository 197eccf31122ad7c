//! The quadratic domain: find the target `t` by the metric −Σ (xᵢ − tᵢ)².
//!
//! # What is computed where
//!
//! - The *target* follows from the specification and the season, so that every node optimizes the same problem:
//!   tᵢ uniform in (−5, 5) from a [`RandomStream`] with the seed BLAKE2b-256 of SCALE("doin/quadratic/target",
//!   target_seed: u64, season: u64). It plays the part of a real domain's training data: optimizers know it, and search
//!   on it without noise.
//! - The *baseline* is xᵢ uniform in (−10, 10) from SCALE("doin/quadratic/baseline", target_seed: u64). Its metric is
//!   −417 on average over seeds (per coordinate 100/3 + 25/3, for 10 dimensions).
//! - *Synthetic data* are the target with noise·N(0, 1) added to each coordinate, from the evaluator's seed, and a
//!   Gaussian vector v from another stream of the same seed. The metric is taken on the noisy target; the probe is
//!   v·(x − noisy target), whose standard deviation over seeds is at least noise·√dimensions: 0.3 by default.
//!   Near the optimum the metric averages −dimensions·noise²: −0.1 by default.
//! - The optimizer's populations go to the device, in `f32`: a search needs ranks only. What is voted on, and the
//!   candidate's metric that is reported, is computed in `f64` on the CPU in a fixed order of operations, so that a
//!   vote can be replayed to the last bit on any machine. Adapters round differently.
//!
//! # Rounds
//!
//! The recommended round is [`ROUND_GENERATIONS`] generations of [`LEAST_POPULATION`] individuals (more in higher
//! dimensions): small steps, many of them, which is what the network is to verify. The search keeps its step size,
//! variances and paths from round to round within a season. A new season, or a restart of the node, begins with a step
//! size of [`STEP_SHARE`] of the root mean square distance per coordinate, which the metric tells.
//!
//! Rounds of 48 evaluations from the baseline, measured over 50 targets in 10 dimensions (a test repeats it):
//!
//! | metric reached | −100 | −50 | −10 | −1 | −0.5 |
//! |---|---|---|---|---|---|
//! | rounds, median run | 2 | 2 | 4 | 8 | 9 (7 to 11) |
//! | rounds, median run, node restarted after every round | 3 | 4 | 5 | 8 | 9 (7 to 11) |
//!
//! The single random step, given the same 48 evaluations a round one after another (16 times as many dispatches),
//! improved in 8 of the first 40 rounds and ended near −0.3, where its fixed step is too long.

mod configuration;
mod shared;

use codec::Encode;
use doin_compute::{objectives, optimizers::default_population_size, Compute, Objective, Optimizer, OptimizerKind};
use parking_lot::Mutex;
use std::sync::Arc;

pub use crate::vectors::{decode, encode, MOST_MAGNITUDE};
pub use configuration::{Configuration, MOST_DIMENSIONS, MOST_NOISE};
pub use shared::{MOST_SHARED_DIMENSIONS, SHARED_POPULATION};

use crate::{
    known_optimum::{self, finite, queried, refusal, required_gain, Noisy},
    Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, Metadata, Options, SharedPopulation,
    SyntheticData,
};

/// Name in the registry.
pub const KIND: &str = "quadratic";
/// Generations in the recommended round, see the table in the [module's documentation](self).
pub const ROUND_GENERATIONS: u64 = 3;
/// Population where neither the operator nor high dimensions ask for a larger one.
pub const LEAST_POPULATION: usize = 16;
/// Largest population that can be configured.
pub const MOST_POPULATION: usize = 1 << 24;
/// First step size of a search, as a share of the root mean square distance per coordinate.
pub const STEP_SHARE: f64 = 0.3;

/// First step size of a search that begins at the very optimum.
const LEAST_STEP_SIZE: f64 = 1e-9;

/// The built-in quadratic domain. See the [module's documentation](self).
pub struct Quadratic {
    configuration: Configuration,
    metadata: Metadata,
    compute: Arc<Compute>,
    optimizer: OptimizerKind,
    population: usize,
    search: Mutex<Option<Search>>,
}

/// A search of one season, kept from round to round.
struct Search {
    season: u64,
    optimizer: Box<dyn Optimizer>,
}

/// What a model is asked by [`Domain::infer`].
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    target: Vec<f64>,
}

/// The answer of [`Domain::infer`].
#[derive(serde::Serialize)]
struct Answer {
    performance: f64,
}

impl Quadratic {
    /// From the `model` field of a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`].
    pub fn from_model(model: &[u8], options: &Options) -> Result<Self, DomainError> {
        Self::new(Configuration::from_model(model)?, options)
    }

    /// From a configuration.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`].
    pub fn new(configuration: Configuration, options: &Options) -> Result<Self, DomainError> {
        configuration.check()?;
        let dimensions = configuration.dimensions;
        let population = options
            .population
            .unwrap_or_else(|| default_population_size(dimensions).max(LEAST_POPULATION));
        if !(2..=MOST_POPULATION).contains(&population) {
            return Err(DomainError::BadConfiguration(format!(
                "population must be 2 to {MOST_POPULATION}, not {population}"
            )));
        }
        let metadata = Metadata {
            kind: KIND.to_owned(),
            metric_name: "negative_squared_error".to_owned(),
            higher_is_better: true,
            parameters_bytes: (dimensions * size_of::<f64>()) as u64,
            round_evaluations: ROUND_GENERATIONS * population as u64,
            device: options.compute.description(),
        };
        let (compute, optimizer) = (options.compute.clone(), options.optimizer);
        Ok(Self {
            configuration,
            metadata,
            compute,
            optimizer,
            population,
            search: Mutex::new(None),
        })
    }

    /// The target of a season.
    pub fn target(&self, season: u64) -> Vec<f64> {
        let seed = ("doin/quadratic/target", self.configuration.target_seed, season).encode();
        self.uniform(&seed, 5.0)
    }

    fn uniform(&self, preimage: &[u8], limit: f64) -> Vec<f64> {
        known_optimum::uniform(preimage, self.configuration.dimensions, limit)
    }

    fn decode(&self, parameters: &[u8]) -> Result<Vec<f64>, DomainError> {
        decode(parameters, self.configuration.dimensions)
    }

    fn start_search(&self, start: &[f64], metric: f64, season: u64, seed: [u8; 32]) -> Result<Search, DomainError> {
        let distance = (-metric / start.len() as f64).sqrt();
        let step_size = (STEP_SHARE * distance).max(LEAST_STEP_SIZE);
        log::debug!("quadratic: new search in season {season} from {metric} with step size {step_size}");
        let optimizer = self
            .optimizer
            .build(start, step_size, self.population, seed)
            .map_err(refusal)?;
        Ok(Search { season, optimizer })
    }
}

impl Domain for Quadratic {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn baseline(&self) -> Vec<u8> {
        encode(&self.uniform(
            &("doin/quadratic/baseline", self.configuration.target_seed).encode(),
            10.0,
        ))
    }

    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError> {
        let required = required_gain(budget)?;
        let start = self.decode(best)?;
        let objective = objective(self.target(season))?;
        let incumbent = objective.evaluate(&start);

        let mut kept = self.search.lock();
        let search = match &mut *kept {
            Some(search) if search.season == season => search,
            other => other.insert(self.start_search(&start, incumbent, season, seed)?),
        };
        let optimizer = search.optimizer.as_mut();
        optimizer.reseed(seed);
        // Migration: another node's optimum, unless this search is further already.
        optimizer.inject(&start, incumbent).map_err(refusal)?;

        let size = optimizer.population_size() as u64;
        for _ in 0..(budget.evaluations / size).max(1) {
            if cancellation.is_cancelled() {
                return Err(DomainError::Cancelled);
            }
            known_optimum::generation(optimizer, &self.compute, &objective)?;
        }
        // The mean is usually better than every single individual. Told to the optimizer too, so that it knows its own
        // optimum when that comes back as the network's best.
        let mean = optimizer.mean().to_vec();
        if mean.iter().all(|value| value.abs() <= MOST_MAGNITUDE) {
            optimizer.inject(&mean, objective.evaluate(&mean)).map_err(refusal)?;
        }

        let Some(champion) = optimizer.best() else {
            return Err(DomainError::NoImprovement { gain: 0.0, required });
        };
        // The champion may have been measured in single precision.
        let metric = finite(objective.evaluate(&champion.parameters))?;
        let gain = metric - incumbent;
        if gain > 0.0 && gain >= required {
            Ok(Candidate {
                parameters: encode(&champion.parameters),
                metric,
            })
        } else {
            Err(DomainError::NoImprovement { gain, required })
        }
    }

    fn forget(&self) {
        *self.search.lock() = None;
    }

    fn shared_population(&self) -> Option<&dyn SharedPopulation> {
        (self.configuration.dimensions <= MOST_SHARED_DIMENSIONS).then_some(self)
    }

    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        Ok(Noisy::synthesize(
            self.target(season),
            self.configuration.noise,
            seed,
            season,
        ))
    }

    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        let parameters = self.decode(parameters)?;
        let noisy = Noisy::read(data, self.configuration.dimensions)?;
        let objective = objectives::Quadratic::new(noisy.optimum.clone())
            .ok_or_else(|| DomainError::BadData("a target is out of range".to_owned()))?;
        noisy.evaluation(&parameters, objective.evaluate(&parameters))
    }

    /// The performance that the model would have if the target were another: `{"target":[…]}` is answered by
    /// `{"performance":…}`.
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        let parameters = self.decode(parameters)?;
        let Query { target } =
            serde_json::from_slice(input).map_err(|error| DomainError::BadInput(error.to_string()))?;
        let objective = objectives::Quadratic::new(queried("target", target, self.configuration.dimensions)?)
            .ok_or_else(|| DomainError::BadInput("target is out of range".to_owned()))?;
        let performance = finite(objective.evaluate(&parameters))?;
        serde_json::to_vec(&Answer { performance }).map_err(|error| DomainError::BadInput(error.to_string()))
    }
}

fn objective(target: Vec<f64>) -> Result<objectives::Quadratic, DomainError> {
    objectives::Quadratic::new(target)
        .ok_or_else(|| DomainError::BadConfiguration("the target is empty or out of range".to_owned()))
}

#[cfg(test)]
mod tests;

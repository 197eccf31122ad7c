//! The classical test functions, of kind `function`: minimise the sphere, Rastrigin's, Ackley's or Rosenbrock's function
//! in any number of dimensions, its optimum shifted to where nobody would guess it.
//!
//! ```json
//! {"function": "rastrigin", "dimensions": 20, "noise": 0.01, "optimum_seed": 1}
//! ```
//!
//! # What is computed where
//!
//! - The *optimum* follows from the specification and the season, so that every node optimizes the same problem: oᵢ
//!   uniform in (−0.8 h, 0.8 h), h half the width of the function's usual box ([`TestFunction::half_width`]), from a
//!   [`RandomStream`] with the seed BLAKE2b-256 of SCALE("doin/function/optimum", optimum_seed: u64, season: u64). It
//!   plays the part of a real domain's training data: optimizers know it, and search without noise.
//! - The *baseline* is xᵢ uniform in (−h, h) from SCALE("doin/function/baseline", optimum_seed: u64).
//! - The *metric* is the function's value: 0 at the optimum, larger elsewhere, and smaller is better.
//! - *Synthetic data* are the optimum with noise·N(0, 1) added to each coordinate, from the evaluator's seed, and a
//!   Gaussian vector v from another stream of the same seed. The value is taken with the noisy optimum; the probe is
//!   v·(x − noisy optimum), whose standard deviation over seeds is at least noise·√dimensions.
//! - Votes, and the value that an optimizer reports, are computed in `f64` on the CPU in a fixed order of operations with
//!   elementary functions in pure Rust: the same bits on every machine. Kernels compute in `f32`, for the search only.
//!
//! # The search
//!
//! sep-CMA-ES and the evolution strategy run on the device, generation after generation, with one readback every
//! ten ([`doin_compute::Evolution`]); the other methods draw their populations here and evaluate them there. The state
//! of the search is kept from round to round within a season. A round can be stopped between any two submissions to the
//! device; the next one then goes on after the last complete generation, with the same result as if it had not been
//! stopped.
//!
//! A run that has converged into a valley is followed by another one from a new start, by the rules of IPOP-CMA-ES (A.
//! Auger and N. Hansen, "A Restart CMA Evolution Strategy With Increasing Population Size", CEC 2005):
//!
//! - The start is uniform in the box, the standard deviation half the box's width. (The very first run starts from the
//!   network's best instead.)
//! - The first population is 4 + ⌊3 ln n⌋, or what the operator says; each run's is twice that of the run before. After
//!   nine doublings, or where memory ends, it begins anew with the first.
//! - A run has converged when function values have stayed the same over the last 10 + ⌈30n/λ⌉ generations, or within
//!   10⁻¹² (criteria *EqualFunValues* and *TolFun*). It stagnates when, over the last fifth of its generations, but at
//!   least 120 + 30n/λ and at most 20 000 of them, the median of the last 30 hundredths of the values is no better than
//!   that of the first (criterion *Stagnation* of N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772,
//!   B.3, which has the others, too): a search that has got lost on a plain.
//!
//! Five things are ours: the values are those at the mean, which is here after each readback, and not those of the
//! individuals; it is looked at every ten generations; *the same* is what differs by less than the kernel's rounding in
//! `f32`, for which each kernel has a bound; a run stagnates only when the median of its step sizes has not fallen
//! either, since the mean of a large population comes to rest while the population still closes in; and differential
//! evolution and the genetic algorithm stagnate by their best member, since their mean lies between the valleys of their
//! members until all have come to one. (By their mean nearly every run of the genetic algorithm on Rastrigin's function
//! was ended half-way, each with twice the population of the one before, up to millions of evaluations.)
//!
//! An optimum that another node has found is injected into the present run when it is better than all that is known here;
//! what was found here and comes back as the network's best is not.

mod configuration;
mod landscape;
mod run;
mod search;

use codec::Encode;
use doin_compute::{optimizers::default_population_size, Compute};
use parking_lot::Mutex;
use std::sync::Arc;

pub use crate::vectors::{decode, encode, MOST_MAGNITUDE};
pub use configuration::{Configuration, TestFunction, MOST_DIMENSIONS, MOST_NOISE};
pub use search::Progress;

use crate::{
    known_optimum::{self, finite, queried, required_gain, Noisy},
    Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, Metadata, Options, SyntheticData,
};
use landscape::Landscape;
use search::{Search, Settings};

/// Name in the registry.
pub const KIND: &str = "function";
/// Evaluations of the recommended round for each dimension; at least ten populations in any case.
pub const ROUND_EVALUATIONS: u64 = 500;
/// Largest population that can be configured.
pub const MOST_POPULATION: usize = 1 << 24;
/// Most values in a population that can be configured: 4 GiB on the device.
const MOST_POPULATION_VALUES: usize = 1 << 30;

/// Which share of the box the optimum lies in.
const OPTIMUM_SHARE: f64 = 0.8;

/// A domain of kind `function`. See the [module's documentation](self).
pub struct Function {
    configuration: Configuration,
    metadata: Metadata,
    compute: Arc<Compute>,
    settings: Settings,
    search: Mutex<Option<Search>>,
}

/// What a model is asked by [`Domain::infer`].
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    optimum: Vec<f64>,
}

/// The answer of [`Domain::infer`].
#[derive(serde::Serialize)]
struct Answer {
    value: f64,
}

impl Function {
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
        let most = MOST_POPULATION.min(MOST_POPULATION_VALUES / dimensions);
        let population = options
            .population
            .unwrap_or_else(|| default_population_size(dimensions));
        if !(2..=most).contains(&population) {
            return Err(DomainError::BadConfiguration(format!(
                "population must be 2 to {most} in {dimensions} dimensions, not {population}"
            )));
        }
        let metadata = Metadata {
            kind: KIND.to_owned(),
            metric_name: "value".to_owned(),
            higher_is_better: false,
            parameters_bytes: (dimensions * size_of::<f64>()) as u64,
            round_evaluations: (ROUND_EVALUATIONS * dimensions as u64).max(run::LOOK * population as u64),
            device: options.compute.description(),
        };
        Ok(Self {
            configuration,
            metadata,
            compute: options.compute.clone(),
            settings: Settings {
                method: options.optimizer,
                population,
                half_width: configuration.function.half_width(),
            },
            search: Mutex::new(None),
        })
    }

    /// Where the value is 0 in a season.
    pub fn optimum(&self, season: u64) -> Vec<f64> {
        let seed = ("doin/function/optimum", self.configuration.optimum_seed, season).encode();
        self.uniform(&seed, OPTIMUM_SHARE)
    }

    /// The exact value of parameters, without noise. For benchmarks and tests.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadParameters`].
    pub fn value(&self, parameters: &[u8], season: u64) -> Result<f64, DomainError> {
        let point = self.decode(parameters)?;
        Ok(self.landscape(self.optimum(season))?.value(&point))
    }

    /// Where the search has come to; `None` before the first round and after [`Domain::forget`]. Waits for the end of a
    /// round that is running.
    pub fn progress(&self) -> Option<Progress> {
        self.search.lock().as_ref().map(Search::progress)
    }

    /// As many numbers as there are dimensions, uniform in this share of the box.
    fn uniform(&self, preimage: &[u8], share: f64) -> Vec<f64> {
        let limit = share * self.settings.half_width;
        known_optimum::uniform(preimage, self.configuration.dimensions, limit)
    }

    fn decode(&self, parameters: &[u8]) -> Result<Vec<f64>, DomainError> {
        decode(parameters, self.configuration.dimensions)
    }

    fn landscape(&self, optimum: Vec<f64>) -> Result<Landscape, DomainError> {
        Landscape::new(self.configuration.function, optimum)
            .ok_or_else(|| DomainError::BadConfiguration("the function needs more dimensions".to_owned()))
    }
}

impl Domain for Function {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn baseline(&self) -> Vec<u8> {
        let seed = ("doin/function/baseline", self.configuration.optimum_seed).encode();
        encode(&self.uniform(&seed, 1.0))
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
        let landscape = self.landscape(self.optimum(season))?;
        let incumbent = landscape.value(&start);

        let mut kept = self.search.lock();
        let search = match &mut *kept {
            Some(search) if search.season() == season => {
                search.take_in(&start)?;
                search
            }
            other => other.insert(Search::new(self.settings, landscape, start, season, seed)?),
        };
        search.round(&self.compute, budget.evaluations, cancellation)?;
        let record = search.record();
        let gain = incumbent - record.value;
        if gain > 0.0 && gain >= required {
            Ok(Candidate {
                parameters: encode(&record.point),
                metric: record.value,
            })
        } else {
            Err(DomainError::NoImprovement { gain, required })
        }
    }

    fn forget(&self) {
        *self.search.lock() = None;
    }

    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        Ok(Noisy::synthesize(
            self.optimum(season),
            self.configuration.noise,
            seed,
            season,
        ))
    }

    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        let point = self.decode(parameters)?;
        let noisy = Noisy::read(data, self.configuration.dimensions)?;
        if noisy.optimum.iter().any(|value| value.abs() > MOST_MAGNITUDE) {
            return Err(DomainError::BadData("an optimum is out of range".to_owned()));
        }
        let landscape = self.landscape(noisy.optimum.clone())?;
        noisy.evaluation(&point, landscape.value(&point))
    }

    /// The value that the model would have if the optimum were another: `{"optimum":[…]}` is answered by `{"value":…}`.
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        let point = self.decode(parameters)?;
        let Query { optimum } =
            serde_json::from_slice(input).map_err(|error| DomainError::BadInput(error.to_string()))?;
        let optimum = queried("optimum", optimum, self.configuration.dimensions)?;
        if optimum.iter().any(|value| value.abs() > MOST_MAGNITUDE) {
            return Err(DomainError::BadInput(format!(
                "an optimum's magnitude must not exceed {MOST_MAGNITUDE}"
            )));
        }
        let value = finite(self.landscape(optimum)?.value(&point))?;
        serde_json::to_vec(&Answer { value }).map_err(|error| DomainError::BadInput(error.to_string()))
    }
}

#[cfg(test)]
mod tests;

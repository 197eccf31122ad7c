//! The forecasting domain, of kind `timeseries`: a network that sees a window of a series and forecasts its first column
//! some steps ahead. Worked through from a CSV file to forecasts in docs/forecasting.md.
//!
//! ```json
//! {"source": {"mackey-glass": {"length": 3000, "delay": 17, "seed": 1}},
//!  "series": "levels",
//!  "horizons": [6],
//!  "network": {"window": 12, "hidden": [16], "seed": 1, "most_window": 48, "most_parameters": 8192},
//!  "synthetic": {"generator": "process", "length": 1000}}
//! ```
//!
//! # What is computed where
//!
//! - The *series* follows from the specification and the season, or is a CSV file that the specification names by its
//!   hash. The first 60 hundredths are trained on, the next 20 validate, the last 20 are held out: no part of a node but
//!   its tests and benchmarks looks at them.
//! - The *metric* is the mean absolute error as a share of that of the naive forecast (the last value), averaged over the
//!   horizons: 1 is as good as naive, 0 is perfect, and smaller is better. With a small metric scale (0.001) the chain
//!   measures improvement by φ as the logarithm of the ratio of errors: halving the error counts the same at any level,
//!   which the skill 1 − error would not have.
//! - The *baseline* is the naive forecast itself: hidden weights by chance, outputs 0. Its metric is 1 on any data.
//! - *Synthetic data* are a series from the evaluator's seed: of the very process, or blocks of the training part
//!   ([`bootstrap`]), or made by a generator that was fitted to it ([`autoencoder`]). The probe is the model's errors projected on a Gaussian vector of the same seed; it is of the size
//!   of the metric.
//! - Measurements are in `f64` on the CPU in a fixed order of operations: the same bits on every machine, whatever it
//!   searches with.
//! - A *model* is complete: shape, normalization (fitted to the training part alone) and weights. All models are measured
//!   on the same windows, whatever their own.
//!
//! # Rounds
//!
//! [`population`] evolves hyper-parameters in stages (level 2) around trainings by AdamW with early stopping
//! ([`training`], level 1). An evaluation of a round's budget is one step of training. What a round comes to is kept for
//! the next one until the season changes; the network's best joins in when it is better.
//!
//! Networks are dense, of temporal convolutions, or recurrent ([`network`]), as the specification says.
//!
//! Where the operator asks for it, the weights are found by evolution instead ([`weight_search`]), on the device that the
//! node computes with. An evaluation of the budget is then one network on the windows of the training part.

pub mod autoencoder;
pub mod autoencoder_fit;
pub mod bootstrap;
pub mod configuration;
pub mod encoding;
pub mod generators;
mod inference;
pub mod measurement;
pub mod network;
pub mod population;
pub mod series;
pub mod table;
pub mod training;
pub mod weight_search;

use std::sync::Arc;

use codec::Encode;
use doin_compute::{random::RandomStream, Compute, EvolutionMethod};
use parking_lot::Mutex;
use sp_core::{Blake2Hasher, Hasher, H256};

use crate::{
    Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, FileReference, Files, Metadata, Options,
    SyntheticData,
};
use autoencoder::Autoencoder;
use configuration::{Configuration, CsvFile, Generator, GeneratorFile, Source};
use encoding::{Data, Model};
use measurement::measure;
use population::Population;
use series::{Normalization, Series, Split};
use training::Validated;
use weight_search::{Training, WeightSearch};

/// Name in the registry.
pub const KIND: &str = "timeseries";
/// Steps of training in the recommended round, all members together.
pub const ROUND_STEPS: u64 = 2_000;
/// Members of the population where the operator asks for no others.
pub const DEFAULT_POPULATION: usize = 4;
/// Most members.
pub const MOST_POPULATION: usize = 256;
/// Individuals of an evolution of weights where the operator asks for no others, and generations in its recommended round.
pub const EVOLVED_POPULATION: usize = 128;
const EVOLVED_GENERATIONS: u64 = 100;
/// Most individuals of an evolution of weights.
const MOST_EVOLVED_POPULATION: usize = 1 << 20;

/// The forecasting domain. See the [module's documentation](self).
pub struct Forecast {
    configuration: Configuration,
    metadata: Metadata,
    files: Arc<dyn Files>,
    compute: Arc<Compute>,
    population: usize,
    /// How weights evolve, where they do.
    evolution: Option<EvolutionMethod>,
    /// The series of the season last asked for.
    split: Mutex<Option<(u64, Arc<Split>)>>,
    /// The generator of synthetic data, once its file was read.
    generator: Mutex<Option<Arc<Autoencoder>>>,
    search: Mutex<Option<Search>>,
}

/// What one season's rounds have come to.
struct Search {
    season: u64,
    trainer: Trainer,
}

/// How weights are found.
enum Trainer {
    /// Of several networks, by their gradients.
    Population(Population),
    /// Of one network, by evolution.
    Weights(Box<WeightSearch>),
}

impl Trainer {
    fn best(&self) -> &Validated {
        match self {
            Self::Population(population) => population.best(),
            Self::Weights(search) => search.best(),
        }
    }
}

impl Forecast {
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
        let (evolution, usual, most) = match options.training {
            Training::Gradient => (None, DEFAULT_POPULATION, MOST_POPULATION),
            Training::Evolution => {
                let method = weight_search::method(options.optimizer)?;
                (Some(method), EVOLVED_POPULATION, MOST_EVOLVED_POPULATION)
            }
        };
        let population = options.population.unwrap_or(usual);
        let least = if evolution.is_some() { 2 } else { 1 };
        configuration::within("population", population, least, most).map_err(DomainError::BadConfiguration)?;
        let (round_evaluations, device) = match evolution {
            None => (ROUND_STEPS, "CPU, one thread".to_owned()),
            Some(_) => (EVOLVED_GENERATIONS * population as u64, options.compute.description()),
        };
        let metadata = Metadata {
            kind: KIND.to_owned(),
            metric_name: "relative_mean_absolute_error".to_owned(),
            higher_is_better: false,
            parameters_bytes: encoding::most_bytes(&configuration) as u64,
            round_evaluations,
            device,
        };
        Ok(Self {
            configuration,
            metadata,
            files: options.files.clone(),
            compute: options.compute.clone(),
            population,
            evolution,
            split: Mutex::new(None),
            generator: Mutex::new(None),
            search: Mutex::new(None),
        })
    }

    /// The specification.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The parts of a season's series.
    ///
    /// # Errors
    ///
    /// [`DomainError::MissingFile`] while a CSV file is not here, [`DomainError::BadConfiguration`] when it is not what
    /// the specification says.
    pub fn split(&self, season: u64) -> Result<Arc<Split>, DomainError> {
        let mut kept = self.split.lock();
        let season = match self.configuration.source {
            Source::Csv(_) => 0,
            _ => season,
        };
        if let Some((_, split)) = kept.as_ref().filter(|(of, _)| *of == season) {
            return Ok(split.clone());
        }
        let series = match &self.configuration.source {
            Source::MackeyGlass(source) => source.series(season),
            Source::Regimes(source) => source.series(season),
            Source::Csv(file) => self.read(file)?,
        };
        let split = Arc::new(Split::of(&series));
        *kept = Some((season, split.clone()));
        Ok(split)
    }

    fn read(&self, file: &CsvFile) -> Result<Series, DomainError> {
        let bytes = self.file(file.root, file.size, "CSV file")?;
        let bad = |problem: String| DomainError::BadConfiguration(format!("the CSV file {:?}: {problem}", file.root));
        let series = table::read(&bytes, &file.columns).map_err(bad)?;
        let least = 5 * self.configuration.least_part();
        if series.len() < least {
            return Err(bad(format!("{} rows; this specification needs {least}", series.len())));
        }
        let (_, change) = Split::of(&series).training.moments(0, self.configuration.farthest());
        if change <= 0.0 {
            return Err(bad("the column to forecast never changes in the training part".into()));
        }
        Ok(series)
    }

    /// A file that the specification names.
    fn file(&self, root: H256, size: u32, what: &str) -> Result<Vec<u8>, DomainError> {
        let missing = |why: String| DomainError::MissingFile(format!("the {what} {root:?} {why}"));
        self.files
            .get(FileReference { root, size })
            .map_err(|error| missing(format!("cannot be read: {error}")))?
            .ok_or_else(|| missing("is not here, and no peer that is connected has it".into()))
    }

    /// The generator of a file.
    fn generator(&self, GeneratorFile { root, size }: GeneratorFile) -> Result<Arc<Autoencoder>, DomainError> {
        let mut kept = self.generator.lock();
        if let Some(generator) = &*kept {
            return Ok(generator.clone());
        }
        let bytes = self.file(root, size, "generator")?;
        let configuration = &self.configuration;
        let (columns, length) = (configuration.columns(), configuration.synthetic.length);
        let generator = Autoencoder::decode(&bytes, configuration.series, columns, length)
            .map_err(|problem| DomainError::BadConfiguration(format!("the generator {root:?}: {problem}")))?;
        Ok(kept.insert(Arc::new(generator)).clone())
    }

    fn decode(&self, parameters: &[u8]) -> Result<Model, DomainError> {
        Model::decode(parameters, &self.configuration)
    }

    /// The best to go on from. The baseline's normalization is not fitted, since it must not hang on the data; as the
    /// naive forecast it may have any.
    fn start(&self, best: &[u8], split: &Split) -> Result<Validated, DomainError> {
        let mut model = self.decode(best)?;
        if best == self.baseline() {
            let Configuration { series, horizons, .. } = &self.configuration;
            model.normalization = Normalization::fit(&split.training, *series, horizons);
        }
        Ok(Validated::new(model, &self.configuration, split))
    }

    /// What finds weights from a network on.
    fn begin(&self, start: Validated, split: &Split, seed: [u8; 32]) -> Result<Trainer, DomainError> {
        if let Some(method) = self.evolution {
            let (configuration, population) = (&self.configuration, self.population);
            match WeightSearch::new(start.clone(), configuration, split, method, population, seed)? {
                Some(search) => return Ok(Trainer::Weights(Box::new(search))),
                None => log::info!(
                    "timeseries: the kernel has no room for networks of this shape; they are trained by their gradient"
                ),
            }
        }
        let size = match self.evolution {
            None => self.population,
            Some(_) => DEFAULT_POPULATION,
        };
        let mut random = RandomStream::with_stream(seed, 1);
        Ok(Trainer::Population(Population::new(start, size, &mut random)))
    }
}

impl Domain for Forecast {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn files(&self) -> Vec<FileReference> {
        let mut files = vec![];
        if let Source::Csv(CsvFile { root, size, .. }) = &self.configuration.source {
            files.push((*root, *size));
        }
        if let Generator::Autoencoder(GeneratorFile { root, size }) = self.configuration.synthetic.generator {
            files.push((root, size));
        }
        files
            .into_iter()
            .map(|(root, size)| FileReference { root, size })
            .collect()
    }

    fn baseline(&self) -> Vec<u8> {
        let architecture = self.configuration.architecture();
        let seed = ("doin/timeseries/baseline", self.configuration.network.seed).encode();
        let weights = architecture.initial_weights(&mut RandomStream::new(Blake2Hasher::hash(&seed).0));
        Model {
            normalization: Normalization::identity(architecture.columns, architecture.outputs),
            weights: weights.iter().map(|weight| *weight as f32).collect(),
            architecture,
        }
        .encode()
    }

    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError> {
        let required = budget.minimum_gain;
        if !(required.is_finite() && required >= 0.0) {
            return Err(DomainError::BadConfiguration(format!(
                "the minimum gain must be a number and not negative, not {required}"
            )));
        }
        let split = self.split(season)?;
        let incumbent = self.start(best, &split)?;
        let before = incumbent.error;

        let mut kept = self.search.lock();
        // A search that was begun from something worse than the network's best by now takes it in, or begins anew.
        let trainer = match &mut *kept {
            Some(search) if search.season == season => {
                match &mut search.trainer {
                    Trainer::Population(population) => population.inject(incumbent),
                    Trainer::Weights(weights) if !incumbent.beats(weights.best()) => {}
                    weights => *weights = self.begin(incumbent, &split, seed)?,
                }
                &mut search.trainer
            }
            other => {
                let trainer = self.begin(incumbent, &split, seed)?;
                &mut other.insert(Search { season, trainer }).trainer
            }
        };
        let (configuration, steps) = (&self.configuration, budget.evaluations);
        match trainer {
            Trainer::Population(population) => population.round(configuration, &split, steps, seed, cancellation),
            Trainer::Weights(weights) => weights.round(&self.compute, configuration, &split, steps, cancellation),
        }?;
        let Validated { model, error } = trainer.best();
        if !error.is_finite() {
            return Err(DomainError::NonFiniteMetric(*error));
        }
        let gain = before - error;
        if gain > 0.0 && gain >= required {
            Ok(Candidate {
                parameters: model.encode(),
                metric: *error,
            })
        } else {
            Err(DomainError::NoImprovement { gain, required })
        }
    }

    fn forget(&self) {
        *self.search.lock() = None;
    }

    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        let length = self.configuration.synthetic.length;
        let series = match (self.configuration.synthetic.generator, &self.configuration.source) {
            (Generator::Bootstrap(bootstrap), _) => {
                let training = &self.split(season)?.training;
                bootstrap.series(
                    training,
                    self.configuration.series,
                    length,
                    &mut RandomStream::new(seed),
                )
            }
            (Generator::Autoencoder(file), _) => {
                let training = &self.split(season)?.training;
                self.generator(file)?
                    .series(training, length, seed)
                    .map_err(|problem| DomainError::BadConfiguration(format!("the generator: {problem}")))?
            }
            (Generator::Process, Source::MackeyGlass(source)) => generators::mackey_glass(source, length, seed),
            (Generator::Process, Source::Regimes(_)) => generators::regimes(length, seed),
            (Generator::Process, Source::Csv(_)) => {
                return Err(DomainError::BadConfiguration("a CSV file is no process".into()))
            }
        };
        let probe_seed = Blake2Hasher::hash(&("doin/timeseries/probe", seed).encode()).0;
        Ok(SyntheticData {
            season,
            bytes: Data { probe_seed, series }.encode(),
        })
    }

    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        let model = self.decode(parameters)?;
        let Data { probe_seed, series } = Data::decode(&data.bytes, &self.configuration)?;
        let measured = measure(&model, &self.configuration, &series, Some(probe_seed));
        // A model's forecasts are finite whatever its weights: then it is the data.
        if !(measured.relative_error.is_finite() && measured.probe.is_finite()) {
            return Err(DomainError::BadData("the series does not change".into()));
        }
        Ok(Evaluation {
            metric: measured.relative_error,
            probe: measured.probe,
        })
    }

    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        inference::infer(&self.decode(parameters)?, &self.configuration, input)
    }
}

#[cfg(test)]
mod tests;

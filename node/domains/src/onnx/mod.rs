//! The onnx domain: model files that were trained anywhere, measured on data that the specification names.
//!
//! - The *parameters* of an optimum are the bytes of an ONNX file. How it runs, and what keeps it from doing harm, is in
//!   [`doin_onnx`]; results are those of its runtime, the same wherever the processor has the same instructions, and
//!   within some units in the last place of `f32` elsewhere: far within the replay tolerance of 10⁻³.
//! - The *data* are a safetensors file in the store of artifacts, addressed by its root in the specification. It is public:
//!   who publishes a domain decides what a model that has seen it can make of it (`docs/onnx.md`).
//! - *Synthetic data* are rows of it, drawn with replacement in blocks by the evaluator's seed, with the declared noise.
//!   They do not hang on the season: new data are a new domain.
//! - The *metric* is one of [`Metric`], in `f64`; the *probe* is the sum of all outputs, each times a Gaussian weight from
//!   the seed, over the square root of their number. It spreads like the root mean square of the outputs, and nobody knows
//!   it without having run the model.
//! - The *baseline* is a model that answers 0 to everything.
//! - *Optimizing* is offering files: the best of those in the operator's folder, where it is better than the network's best.
//!
//! A model that fails, needs more than its limits, or has another interface, is no model of the domain
//! ([`DomainError::BadParameters`]), on every node alike; so who offers one should stay well below the limits.

mod configuration;
mod dataset;
mod folder;
mod metric;
mod query;

use codec::Encode;
use doin_compute::random::RandomStream;
use doin_onnx::{constant_model, Job, RunError, Runner, Values};
use parking_lot::Mutex;
use sp_core::{Blake2Hasher, Hasher};
use std::sync::Arc;

pub use configuration::{
    Configuration, DataReference, Input, ModelLimits, Output, MOST_DATA_BYTES, MOST_DIMENSIONS, MOST_INPUTS,
    MOST_ROW_ELEMENTS, MOST_SAMPLES,
};
pub use dataset::{Dataset, Sample};
pub use metric::Metric;
pub use query::MOST_QUERY_ROWS;

use crate::{
    Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, FileReference, Files, Metadata, Options,
    SyntheticData,
};
use folder::{ModelFolder, Offer};

/// Name in the registry.
pub const KIND: &str = "onnx";
/// On how many samples the recommended round compares each file with the best.
pub const ROUND_EVALUATIONS: u64 = 8;

/// The domain of ONNX models. See the [module's documentation](self).
pub struct Onnx {
    configuration: Configuration,
    metadata: Metadata,
    baseline: Vec<u8>,
    runner: Runner,
    files: Arc<dyn Files>,
    dataset: Mutex<Option<Arc<Dataset>>>,
    folder: Option<Mutex<ModelFolder>>,
}

impl Onnx {
    /// From the `model` field of a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`].
    pub fn from_model(model: &[u8], options: &Options) -> Result<Self, DomainError> {
        let configuration = Configuration::from_model(model)?;
        let inputs: Vec<_> = configuration.inputs.iter().map(Input::port).collect();
        let baseline = constant_model(&inputs, &configuration.output.port())
            .map_err(|error| DomainError::BadConfiguration(format!("the baseline cannot be written: {error}")))?;
        if let Some(path) = options.models.as_ref().filter(|path| !path.exists()) {
            return Err(DomainError::BadConfiguration(format!(
                "optimize.models: there is no file or folder {}",
                path.display()
            )));
        }
        let metric = configuration.metric;
        let metadata = Metadata {
            kind: KIND.to_owned(),
            metric_name: metric.name().to_owned(),
            higher_is_better: metric.higher_is_better(),
            parameters_bytes: u64::from(configuration.limits.bytes),
            round_evaluations: ROUND_EVALUATIONS,
            device: "one thread of the processor".to_owned(),
        };
        Ok(Self {
            configuration,
            metadata,
            baseline,
            runner: options.runner.clone(),
            files: options.files.clone(),
            dataset: Mutex::new(None),
            folder: options.models.clone().map(|path| Mutex::new(ModelFolder::new(path))),
        })
    }

    /// The data, once they are here.
    fn dataset(&self) -> Result<Arc<Dataset>, DomainError> {
        let mut kept = self.dataset.lock();
        if let Some(dataset) = &*kept {
            return Ok(dataset.clone());
        }
        let file = self.configuration.data.file();
        let bytes = self.files.get(file).map_err(DomainError::Host)?.ok_or_else(|| {
            DomainError::MissingFile(format!(
                "the domain's data {:?} ({} bytes) are not here yet; they come from a peer that has them, or from a file \
                 named in `files` of the domain's configuration",
                file.root, file.size
            ))
        })?;
        let dataset = Dataset::read(&bytes, &self.configuration)
            .map_err(|problem| DomainError::BadConfiguration(format!("the domain's data file {problem}")))?;
        Ok(kept.insert(Arc::new(dataset)).clone())
    }

    /// Runs a model on rows, a multiple of the batch.
    fn run(&self, parameters: &[u8], inputs: Vec<Values>, rows: u32) -> Result<Vec<f32>, DomainError> {
        let configuration = &self.configuration;
        let job = Job {
            limits: configuration.limits.of_job(),
            inputs: configuration.inputs.iter().map(Input::port).zip(inputs).collect(),
            output: configuration.output.port(),
            rows,
            batch: configuration.batch,
        };
        job.check().map_err(|error| DomainError::BadData(error.to_string()))?;
        self.runner.run(parameters, &job).map_err(|error| match error {
            RunError::Model(error) => DomainError::BadParameters(error.to_string()),
            RunError::Host(_) => DomainError::Host(error.to_string()),
        })
    }

    /// How much better a file is than the best, in units of the metric, on average over the samples, and its own mean.
    fn compare(&self, offer: &Offer, bests: &[(SyntheticData, f64)]) -> Result<(f64, f64), DomainError> {
        let (mut gain, mut metric) = (0.0, 0.0);
        for (data, best) in bests {
            let found = self.evaluate(&offer.bytes, data)?.metric;
            gain += if self.metadata.higher_is_better {
                found - best
            } else {
                best - found
            };
            metric += found;
        }
        Ok((gain / bests.len() as f64, metric / bests.len() as f64))
    }
}

impl Domain for Onnx {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn baseline(&self) -> Vec<u8> {
        self.baseline.clone()
    }

    fn files(&self) -> Vec<FileReference> {
        vec![self.configuration.data.file()]
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
        let nothing = |gain| DomainError::NoImprovement { gain, required };
        let mut folder = match &self.folder {
            Some(folder) => folder.lock(),
            None => return Err(nothing(0.0)),
        };
        let best_hash = Blake2Hasher::hash(best).0;
        let mut offers = folder.offers(best_hash, u64::from(self.configuration.limits.bytes));
        offers.retain(|offer| offer.bytes != best);
        if offers.is_empty() {
            return Err(nothing(0.0));
        }
        let mut bests = Vec::new();
        for number in 0..budget.evaluations.max(1) {
            if cancellation.is_cancelled() {
                return Err(DomainError::Cancelled);
            }
            let data = self.synthesize(Blake2Hasher::hash(&(seed, number).encode()).0, season)?;
            let metric = self.evaluate(best, &data)?.metric;
            bests.push((data, metric));
        }
        let mut found: Option<(f64, f64, Offer)> = None;
        for offer in offers {
            if cancellation.is_cancelled() {
                return Err(DomainError::Cancelled);
            }
            let file = offer.path.display();
            match self.compare(&offer, &bests) {
                Ok((gain, metric)) if gain > 0.0 && gain >= required => {
                    log::info!(
                        "onnx: the model file {file} has {} {metric}, better by {gain}",
                        self.metadata.metric_name
                    );
                    // What is less good than another is offered in its turn, should that not be accepted.
                    if found.as_ref().is_none_or(|(most, ..)| gain > *most) {
                        found = Some((gain, metric, offer));
                    }
                }
                Ok((gain, metric)) => {
                    log::info!(
                        "onnx: the model file {file} has {} {metric}, worse by {}",
                        self.metadata.metric_name,
                        -gain
                    );
                    folder.refuse(&offer, best_hash);
                }
                Err(error @ (DomainError::BadParameters(_) | DomainError::NonFiniteMetric(_))) => {
                    log::warn!("onnx: the model file {file} cannot be offered: {error}");
                    folder.refuse(&offer, best_hash);
                }
                Err(error) => return Err(error),
            }
        }
        let Some((_, metric, offer)) = found else {
            return Err(nothing(0.0));
        };
        folder.offered(&offer, best_hash);
        Ok(Candidate {
            parameters: offer.bytes,
            metric,
        })
    }

    fn forget(&self) {
        if let Some(folder) = &self.folder {
            folder.lock().forget();
        }
    }

    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        let sample = self.dataset()?.sample(&self.configuration, seed);
        Ok(SyntheticData {
            season,
            bytes: sample.encode(),
        })
    }

    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        let configuration = &self.configuration;
        let sample = Sample::read(&data.bytes, configuration)?;
        let answers = self.run(parameters, sample.inputs, configuration.samples)?;
        let width = configuration.output.port().row_elements() as usize;
        let metric = configuration.metric.measure(&answers, &sample.labels, width);
        let mut weights = RandomStream::new(sample.probe_seed);
        let sum = answers
            .iter()
            .fold(0.0, |sum, answer| sum + weights.gaussian() * f64::from(*answer));
        let probe = sum / (answers.len() as f64).sqrt();
        for value in [metric, probe] {
            if !value.is_finite() {
                return Err(DomainError::NonFiniteMetric(value));
            }
        }
        Ok(Evaluation { metric, probe })
    }

    /// The model's answers to rows of its inputs: `{"x":[[1,2],[3,4]]}` is answered by `{"y":[[0.5],[0.25]]}`, with the
    /// names and shapes of the specification.
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        let configuration = &self.configuration;
        let (rows, inputs) = query::read(input, configuration)?;
        let batch = configuration.batch as usize;
        let padded = rows.div_ceil(batch) * batch;
        let inputs = inputs
            .into_iter()
            .map(|values| query::pad(values, rows, padded))
            .collect();
        let output = configuration.output.port();
        let mut answers = self.run(parameters, inputs, padded as u32)?;
        answers.truncate(rows * output.row_elements() as usize);
        match answers.iter().find(|answer| !answer.is_finite()) {
            Some(answer) => Err(DomainError::NonFiniteMetric(f64::from(*answer))),
            None => Ok(query::write(&output.name, &answers, &output.shape)),
        }
    }
}

#[cfg(test)]
mod tests;

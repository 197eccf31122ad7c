//! `doin-node add-file`, `describe-domain` and `fit-generator`: what has to be known, and made, to register a domain.

use crate::service::worker_folder;
use doin_artifacts::ArtifactStore;
use doin_domains::{
    forecast::{
        autoencoder_fit::{fit, Fit, Statistics},
        Forecast,
    },
    instantiate, FileReference, Files, Options,
};
use doin_primitives::artifact::ArtifactReference;
use sc_cli::{CliConfiguration, SharedParams};
use sc_service::Configuration;
use serde_json::{json, Value};
use std::{fs, path::PathBuf, sync::Arc};

/// Put a file into this node's store, from which other nodes get it, and print the address that a domain's specification
/// names it by. The node must not be running.
#[derive(Debug, clap::Parser)]
pub struct AddFileCommand {
    /// The file, such as a table of data.
    pub file: PathBuf,

    #[clap(flatten)]
    pub shared_params: SharedParams,
}

impl CliConfiguration for AddFileCommand {
    fn shared_params(&self) -> &SharedParams {
        &self.shared_params
    }
}

impl AddFileCommand {
    /// Stores the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or the store cannot be opened or written.
    pub fn run(&self, configuration: &Configuration) -> Result<(), String> {
        let bytes = fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        // The quota is the running node's matter: nothing is thrown away here.
        let store = ArtifactStore::open(worker_folder(configuration).join("artifacts"), u64::MAX);
        let artifact = store
            .and_then(|store| store.put(&bytes))
            .map_err(|error| error.to_string())?;
        println!("{}", address(artifact));
        Ok(())
    }
}

/// Read a domain's model, and print what a registration of it has to say: direction and name of the metric, and the
/// address of the baseline.
#[derive(Debug, clap::Parser)]
pub struct DescribeDomainCommand {
    /// The domain's kind, such as `timeseries`.
    pub kind: String,

    /// A file with the `model` field of the specification, in JSON.
    pub model: PathBuf,
}

impl DescribeDomainCommand {
    /// Prints the description.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or the model is wrong, with what is wrong.
    pub fn run(&self) -> Result<(), String> {
        let model = fs::read(&self.model).map_err(|error| format!("{}: {error}", self.model.display()))?;
        println!("{:#}", describe(&self.kind, &model)?);
        Ok(())
    }
}

fn describe(kind: &str, model: &[u8]) -> Result<Value, String> {
    let domain = instantiate(kind, model, &Options::default()).map_err(|error| error.to_string())?;
    let metadata = domain.metadata();
    let direction = if metadata.higher_is_better {
        "Maximize"
    } else {
        "Minimize"
    };
    Ok(json!({
        "kind": metadata.kind,
        "direction": direction,
        "metric": metadata.metric_name,
        "largest_artifact": metadata.parameters_bytes,
        "baseline": address(ArtifactReference::of(&domain.baseline())),
    }))
}

/// Fit a generator of synthetic data to the training part of a forecasting domain's series, and write its file. It is put
/// into the store with `add-file`, and the specification names it by the address that is printed.
#[derive(Debug, clap::Parser)]
pub struct FitGeneratorCommand {
    /// A file with the `model` field of the specification, in JSON. The generator that it names does not matter.
    pub model: PathBuf,

    /// Where the generator is written.
    pub output: PathBuf,

    /// The CSV file, if the specification names one.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Rows that the generator sees, 1 to 256.
    #[arg(long, default_value_t = 24)]
    pub history: u16,

    /// Rows that it makes at a time, 1 to 64.
    #[arg(long, default_value_t = 4)]
    pub block: u16,

    /// Random numbers that it makes them from, 1 to 64.
    #[arg(long, default_value_t = 4)]
    pub latent: u16,

    /// Units of its hidden layers, by commas.
    #[arg(long, value_delimiter = ',', default_value = "48,48")]
    pub hidden: Vec<u16>,

    /// Steps of training.
    #[arg(long, default_value_t = 6_000)]
    pub steps: u32,

    /// What the fit follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// The file that was given, under its address.
struct GivenFile(Option<Vec<u8>>);

impl Files for GivenFile {
    fn get(&self, file: FileReference) -> Result<Option<Vec<u8>>, String> {
        let bytes = self.0.as_ref().ok_or("give it with --data")?;
        let given = ArtifactReference::of(bytes);
        if (given.root, given.size) != (file.root, file.size) {
            return Err(format!("the file that was given has the address {}", address(given)));
        }
        Ok(Some(bytes.clone()))
    }
}

impl FitGeneratorCommand {
    /// Fits, writes, and prints the address with statistics of the series and of what the generator makes.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written, or the model, the data or a size is wrong.
    pub fn run(&self) -> Result<(), String> {
        let read = |path: &PathBuf| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        let data = self.data.as_ref().map(read).transpose()?;
        let options = Fit {
            history: self.history,
            block: self.block,
            latent: self.latent,
            hidden: self.hidden.clone(),
            steps: self.steps,
            seed: self.seed,
        };
        let (bytes, report) = fitted(&read(&self.model)?, data, &options)?;
        fs::write(&self.output, bytes).map_err(|error| format!("{}: {error}", self.output.display()))?;
        println!("{report:#}");
        Ok(())
    }
}

/// A generator's file, and what is to be said of it.
fn fitted(model: &[u8], data: Option<Vec<u8>>, options: &Fit) -> Result<(Vec<u8>, Value), String> {
    let files = Options {
        files: Arc::new(GivenFile(data)),
        ..Options::default()
    };
    let domain = Forecast::from_model(model, &files).map_err(|error| error.to_string())?;
    let training = &domain.split(0).map_err(|error| error.to_string())?.training;
    let kind = domain.configuration().series;
    let generator = fit(training, kind, options)?;
    let sample = generator.series(training, training.len(), [0; 32])?;
    let bytes = generator.encode();
    let report = json!({
        "autoencoder": address(ArtifactReference::of(&bytes)),
        "training_data": Statistics::of(training, kind),
        "sample": Statistics::of(&sample, kind),
    });
    Ok((bytes, report))
}

fn address(ArtifactReference { root, size }: ArtifactReference) -> Value {
    json!({"root": root, "size": size})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generator_is_fitted_to_the_data_that_the_specification_names() {
        let rows: String = (0..600)
            .map(|step| format!("{}\n", (f64::from(step) / 4.0).sin()))
            .collect();
        let table = format!("load\n{rows}").into_bytes();
        let named = ArtifactReference::of(&table);
        let model = json!({
            "source": {"csv": {"root": named.root, "size": named.size, "columns": ["load"]}},
            "series": "levels",
            "horizons": [2],
            "network": {"window": 8, "hidden": [8], "seed": 1, "most_window": 12, "most_parameters": 1000},
            "synthetic": {"generator": {"bootstrap": {"block": 24, "neighbours": 4, "noise": 0.05}}, "length": 200},
        })
        .to_string();
        let options = Fit {
            steps: 200,
            ..Fit::default()
        };
        let (bytes, report) = fitted(model.as_bytes(), Some(table), &options).unwrap();
        assert_eq!(report["autoencoder"], address(ArtifactReference::of(&bytes)));
        let deviation = |part: &str| report[part]["deviation"].as_f64().unwrap();
        assert!(
            deviation("training_data") > 0.5 && deviation("sample") > 0.1,
            "{report}"
        );
        let error = fitted(model.as_bytes(), None, &options).unwrap_err();
        assert!(error.contains("--data"), "{error}");
        let error = fitted(model.as_bytes(), Some(b"other".to_vec()), &options).unwrap_err();
        assert!(error.contains("has the address"), "{error}");
    }

    #[test]
    fn a_description_says_what_a_registration_needs() {
        let described = describe("quadratic", doin_runtime::genesis::QUADRATIC_MODEL).unwrap();
        assert_eq!(described["direction"], "Maximize");
        let baseline = doin_runtime::genesis::QUADRATIC_BASELINE;
        assert_eq!(described["baseline"], address(baseline));
        let error = describe("timeseries", b"{}").unwrap_err();
        assert!(error.contains("missing field"), "{error}");
        assert!(describe("nonsense", b"{}").unwrap_err().contains("known kinds"));
    }
}

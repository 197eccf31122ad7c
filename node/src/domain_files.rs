//! `doin-node add-file` and `doin-node describe-domain`: what has to be known to register a domain.

use crate::service::worker_folder;
use doin_artifacts::ArtifactStore;
use doin_domains::{instantiate, Options};
use doin_primitives::artifact::ArtifactReference;
use sc_cli::{CliConfiguration, SharedParams};
use sc_service::Configuration;
use serde_json::{json, Value};
use std::{fs, path::PathBuf};

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

fn address(ArtifactReference { root, size }: ArtifactReference) -> Value {
    json!({"root": root, "size": size})
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! `doin-node infer`: a prediction by the best verified parameters that lie on this machine.

use super::{
    block_on, local,
    options::{InferCommand, DEFAULT_RPC},
    target::Target,
};
use crate::{command_line::CommandLine, configuration::NodeConfiguration};
use doin_artifacts::{ArtifactError, ArtifactStore};
use doin_primitives::artifact::ArtifactReference;
use doin_worker::{config::WorkerConfiguration, Artifacts, Kept};
use std::{io::Read, path::PathBuf, sync::Arc};

/// Runs `doin-node infer`.
///
/// # Errors
///
/// One line that says what is wrong: no such domain, no parameters on this machine, or an input that is none.
pub fn run(command: &InferCommand, line: &CommandLine) -> Result<(), String> {
    let place = &command.place;
    let target = Target::of(place, line)?;
    let worker = match &command.config {
        Some(path) => NodeConfiguration::from_file(path)?.worker,
        None => WorkerConfiguration::default(),
    };
    let folder = target.folder(place);
    let input = match command.input.as_str() {
        "-" => {
            let mut input = Vec::new();
            std::io::stdin()
                .read_to_end(&mut input)
                .map_err(|error| format!("standard input: {error}"))?;
            input
        }
        text => text.as_bytes().to_vec(),
    };
    let rpc = place.rpc.as_deref().unwrap_or(DEFAULT_RPC);
    let domain = block_on(async { target.connect(rpc).await?.1.domain(&command.domain).cloned() })?;
    let store = Arc::new(StoreOnDisk(folder.join("worker").join("artifacts")));
    let parameters = store.get(domain.best_artifact)?.ok_or_else(|| {
        format!(
            "the best parameters of {} are not in {}: the node must search or evaluate in this domain, and --base-path must \
             be the node's",
            command.domain,
            store.0.display()
        )
    })?;
    let output = local::instantiate(&worker, &domain.specification, &folder, store)?
        .infer(&parameters, &input)
        .map_err(|error| error.to_string())?;
    println!("{}", String::from_utf8_lossy(&output));
    Ok(())
}

/// A store that a node may have open: it is read, and nothing is changed.
struct StoreOnDisk(PathBuf);

impl Artifacts for StoreOnDisk {
    fn get(&self, artifact: ArtifactReference) -> Result<Option<Vec<u8>>, String> {
        match ArtifactStore::peek(&self.0, &artifact) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ArtifactError::Missing(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn put(&self, parameters: &[u8]) -> Result<ArtifactReference, String> {
        Ok(ArtifactReference::of(parameters))
    }

    fn keep(&self, _: &Kept) -> Result<bool, String> {
        Ok(true)
    }
}

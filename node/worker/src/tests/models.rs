//! A model file in a folder becomes the best of its domain.

use super::{development, World};
use crate::{artifacts::DomainFiles, config::OptimizeRole, start::StartError};
use doin_domains::{instantiate, Options, Runner};
use doin_primitives::artifact::ArtifactReference;
use std::{path::PathBuf, sync::Arc};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../onnx/tests/models")
        .join(name)
}

/// A node in a domain of model files, with its data and this folder of models.
fn world(files: Vec<PathBuf>, models: PathBuf) -> (World, Result<(), StartError>) {
    let data = ArtifactReference::of(&std::fs::read(fixture("classifier.safetensors")).unwrap());
    let model = format!(
        r#"{{"inputs":[{{"name":"points","type":"float32","shape":[2],"noise":0.02}}],
            "output":{{"name":"scores","shape":[3]}},"metric":"accuracy",
            "data":{{"root":"{:?}","size":{},"labels":"labels"}},"samples":100,"batch":50,
            "limits":{{"bytes":65536,"nodes":100,"memory_mebibytes":256,"seconds":10}}}}"#,
        data.root, data.size
    );
    let mut world = World::new();
    world.kill();
    let options = Options {
        files: Arc::new(DomainFiles(world.artifacts.clone())),
        runner: Runner::InProcess { threads: 1 },
        ..Options::default()
    };
    let baseline = instantiate("onnx", model.as_bytes(), &options).unwrap().baseline();
    world.chain.change(|state| {
        state.info.specification.model = model.clone().into_bytes().try_into().unwrap();
        state.info.specification.kind = b"onnx".to_vec().try_into().unwrap();
        state.info.specification.maximum_artifact_size = 65_536;
        state.info.best_artifact = ArtifactReference::of(&baseline);
    });
    world.factory = Arc::new(move |specification, role| {
        let options = Options {
            models: role.and_then(|role| role.models.clone()),
            ..options.clone()
        };
        instantiate("onnx", &specification.model, &options)
    });
    let roles = world.configuration.domains.get_mut("quadratic").unwrap();
    roles.files = files;
    roles.optimize = Some(OptimizeRole {
        models: Some(models),
        ..OptimizeRole::new(development("//Alice"))
    });
    let started = world.start();
    (world, started)
}

#[test]
fn a_model_file_in_the_folder_is_verified_and_becomes_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, started) = world(vec![fixture("classifier.safetensors")], folder.path().into());
    started.unwrap();
    world.blocks(5);
    assert!(world.chain.sent("commit").is_empty(), "there is nothing to offer");
    std::fs::copy(fixture("classifier.onnx"), folder.path().join("mine.onnx")).unwrap();
    let model = ArtifactReference::of(&std::fs::read(fixture("classifier.onnx")).unwrap());
    world.until(60, |chain| chain.state().info.best_artifact == model);
    // The best is not offered again.
    let commits = world.chain.sent("commit").len();
    world.blocks(5);
    assert_eq!(world.chain.sent("commit").len(), commits);
}

#[test]
fn without_the_data_nothing_is_measured_or_claimed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("classifier.onnx"), folder.path().join("mine.onnx")).unwrap();
    let (mut world, started) = world(Vec::new(), folder.path().into());
    started.unwrap();
    world.blocks(5);
    assert!(world.chain.sent("commit").is_empty());
}

#[test]
fn a_file_that_is_not_there_stops_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (_, started) = world(vec![fixture("no-such-file")], folder.path().into());
    let error = started.unwrap_err().to_string();
    assert!(
        error.contains("quadratic.files") && error.contains("no-such-file"),
        "{error}"
    );
    let (_, started) = world(vec![fixture("classifier.safetensors")], folder.path().join("nowhere"));
    let error = started.unwrap_err().to_string();
    assert!(error.contains("nowhere"), "{error}");
}

//! Tests of the onnx domain, with the models and data of `node/onnx/tests/models`.

use super::*;
use codec::Decode;
use doin_primitives::artifact::ArtifactReference;
use serde_json::{json, Value};
use sp_core::H256;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx/tests/models");
    fs::read(folder.join(name)).unwrap()
}

/// The specification of a domain with the data file `name`.
fn specification(name: &str, inputs: Value, output: Value, metric: &str) -> Value {
    let data = ArtifactReference::of(&file(name));
    json!({
        "inputs": inputs,
        "output": output,
        "metric": metric,
        "data": {"root": data.root, "size": data.size, "labels": "labels"},
        "samples": 100,
        "batch": 50,
        "limits": {"bytes": 65536, "nodes": 100, "memory_mebibytes": 256, "seconds": 10},
    })
}

fn classifier() -> Value {
    specification(
        "classifier.safetensors",
        json!([{"name": "points", "type": "float32", "shape": [2], "minimum": -4, "maximum": 4, "noise": 0.02}]),
        json!({"name": "scores", "shape": [3]}),
        "cross_entropy",
    )
}

struct MemoryFiles(BTreeMap<H256, Vec<u8>>);

impl Files for MemoryFiles {
    fn get(&self, file: FileReference) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(&file.root).cloned())
    }
}

/// All data files are there; models run in this process.
fn options() -> Options {
    let names = ["classifier", "convolution", "recurrent", "regression"];
    let files = names.map(|name| file(&format!("{name}.safetensors")));
    let files = files
        .into_iter()
        .map(|bytes| (ArtifactReference::of(&bytes).root, bytes));
    Options {
        files: Arc::new(MemoryFiles(files.collect())),
        runner: Runner::InProcess { threads: 1 },
        ..Default::default()
    }
}

fn domain_with(specification: &Value, options: &Options) -> Onnx {
    Onnx::from_model(specification.to_string().as_bytes(), options).unwrap()
}

fn domain() -> Onnx {
    domain_with(&classifier(), &options())
}

fn seed(number: u64) -> [u8; 32] {
    Blake2Hasher::hash(&number.encode()).0
}

/// The mean metric over samples.
fn metric(domain: &Onnx, parameters: &[u8]) -> f64 {
    let measured = (0..20).map(|number| {
        let data = domain.synthesize(seed(number), 0).unwrap();
        domain.evaluate(parameters, &data).unwrap().metric
    });
    measured.sum::<f64>() / 20.0
}

#[test]
fn better_models_have_better_metrics() {
    let domain = domain();
    let [baseline, weak, good] = [domain.baseline(), file("classifier-weak.onnx"), file("classifier.onnx")]
        .map(|parameters| metric(&domain, &parameters));
    println!("cross-entropy: baseline {baseline}, weak {weak}, good {good}");
    // Three classes without any knowledge: ln 3.
    assert!((baseline - 3f64.ln()).abs() < 1e-12);
    assert!(weak < 0.8 * baseline && good < 0.5 * weak);

    let mut specification = classifier();
    specification["metric"] = "accuracy".into();
    let domain = domain_with(&specification, &options());
    assert!(domain.metadata().higher_is_better);
    assert_eq!(metric(&domain, &domain.baseline()), 0.5);
    assert!(metric(&domain, &file("classifier.onnx")) > 0.9);
}

#[test]
fn models_of_all_kinds_are_measured() {
    let image = json!([{"name": "image", "type": "float32", "shape": [1, 8, 8]}]);
    let probabilities = json!({"name": "probabilities", "shape": [3]});
    let convolution = specification("convolution.safetensors", image, probabilities, "log_loss");
    let window = json!([{"name": "window", "type": "float32", "shape": [16, 1]}]);
    let forecast = json!({"name": "forecast", "shape": [1]});
    let mut recurrent = specification("recurrent.safetensors", window, forecast, "mean_squared_error");
    recurrent["block"] = 10.into();
    let features = json!([{"name": "features", "type": "float32", "shape": [4]}]);
    let prediction = json!({"name": "prediction", "shape": [1]});
    let regression = specification("regression.safetensors", features, prediction, "r_squared");
    for (name, specification, least, most) in [
        ("convolution", convolution, 0.0, 0.6),
        ("recurrent", recurrent, 0.0, 0.05),
        ("regression", regression, 0.99, 1.0),
    ] {
        let domain = domain_with(&specification, &options());
        let found = metric(&domain, &file(&format!("{name}.onnx")));
        println!("{name}: {} {found}", domain.metadata().metric_name);
        assert!((least..most).contains(&found), "{name}: {found}");
        assert!(metric(&domain, &domain.baseline()).is_finite());
    }
}

#[test]
fn data_follow_from_the_seed_alone() {
    let (one, two) = (domain(), domain());
    let data = one.synthesize([7; 32], 3).unwrap();
    assert_eq!(data, two.synthesize([7; 32], 3).unwrap());
    assert_ne!(data.bytes, one.synthesize([8; 32], 3).unwrap().bytes);
    // Frozen: votes stand on it.
    let hash: String = Blake2Hasher::hash(&data.bytes).0[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(hash, FROZEN_SAMPLE);
    let hash: String = Blake2Hasher::hash(&one.baseline()).0[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(hash, FROZEN_BASELINE);
    let ArtifactReference { root, size } = ArtifactReference::of(&file("classifier.safetensors"));
    assert_eq!(one.files(), vec![FileReference { root, size }]);
}

const FROZEN_SAMPLE: &str = "2f03af45fc149116";
const FROZEN_BASELINE: &str = "53daa230356543e7";

#[test]
fn samples_are_blocks_of_the_data_with_noise_within_the_range() {
    let window = json!([{"name": "window", "type": "float32", "shape": [16, 1]}]);
    let forecast = json!({"name": "forecast", "shape": [1]});
    let mut specification = specification("recurrent.safetensors", window, forecast, "mean_absolute_error");
    specification["block"] = 20.into();
    let configuration = Configuration::from_model(specification.to_string().as_bytes()).unwrap();
    let dataset = Dataset::read(&file("recurrent.safetensors"), &configuration).unwrap();
    let floats = |values: &Values| match values {
        Values::Float32(values) => values.clone(),
        Values::Integer(_) => panic!("no integers here"),
    };
    let sample = dataset.sample(&configuration, [1; 32]);
    let windows = floats(&sample.inputs[0]);
    // Within a block each window is the one before, one step later.
    for (number, pair) in windows.chunks_exact(16).collect::<Vec<_>>().windows(2).enumerate() {
        let follows = pair[0][1..] == pair[1][..15];
        assert!(follows || (number + 1) % 20 == 0, "row {number}");
    }
    // The last row of a block knows the label of the one before.
    let labels = floats(&sample.labels);
    assert!((0..19).all(|row| windows[(row + 1) * 16 + 15] == labels[row]));

    specification["inputs"][0]["noise"] = 0.5.into();
    specification["inputs"][0]["minimum"] = (-2.0).into();
    specification["inputs"][0]["maximum"] = 2.into();
    let configuration = Configuration::from_model(specification.to_string().as_bytes()).unwrap();
    let noisy = floats(&dataset.sample(&configuration, [1; 32]).inputs[0]);
    assert!(noisy.iter().all(|value| value.abs() <= 2.0));
    let squares: f64 = noisy
        .iter()
        .zip(&windows)
        .map(|(noisy, value)| f64::from(noisy - value).powi(2))
        .sum();
    let deviation = (squares / noisy.len() as f64).sqrt();
    assert!((deviation - 0.5).abs() < 0.02, "{deviation}");
}

#[test]
fn the_probe_spreads_like_the_outputs() {
    let domain = domain();
    let model = file("classifier.onnx");
    let mut probes: Vec<f64> = (0..100)
        .map(|number| {
            domain
                .evaluate(&model, &domain.synthesize(seed(number), 0).unwrap())
                .unwrap()
                .probe
        })
        .collect();
    let spread = (probes.iter().map(|probe| probe * probe).sum::<f64>() / 100.0).sqrt();
    // The scores of this model are tens.
    assert!((3.0..100.0).contains(&spread), "{spread}");
    probes.sort_unstable_by(f64::total_cmp);
    assert!(probes.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn wrong_specifications_are_named() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 24] = [
        ("inputs must be 1 to 8, not 0", |model| model["inputs"] = json!([])),
        ("labels", |model| model["inputs"][0]["name"] = "labels".into()),
        ("doin/", |model| model["inputs"][0]["name"] = "doin/x".into()),
        ("names an input and the output", |model| {
            model["output"]["name"] = "points".into()
        }),
        ("float64", |model| model["inputs"][0]["type"] = "float64".into()),
        ("shape of \"points\"", |model| model["inputs"][0]["shape"] = json!([0])),
        ("shape of \"points\"", |model| {
            model["inputs"][0]["shape"] = json!([1, 1, 1, 1, 1, 1, 1])
        }),
        ("shape of \"points\"", |model| {
            model["inputs"][0]["shape"] = json!([65536, 65536])
        }),
        ("noise must be", |model| model["inputs"][0]["noise"] = (-1).into()),
        ("noise must be", |model| model["inputs"][0]["type"] = "int64".into()),
        ("minimum must be below", |model| {
            model["inputs"][0]["minimum"] = 4.into()
        }),
        ("output.shape must be [classes]", |model| {
            model["output"]["shape"] = json!([3, 1])
        }),
        ("output.shape must be [classes]", |model| {
            model["output"]["shape"] = json!([1])
        }),
        ("unknown variant", |model| model["metric"] = "error".into()),
        ("data must name", |model| model["data"]["size"] = 0.into()),
        ("samples must be", |model| model["samples"] = 1.into()),
        ("samples must be", |model| model["samples"] = 65537.into()),
        ("block must be", |model| model["block"] = 101.into()),
        ("batch must divide", |model| model["batch"] = 33.into()),
        ("batch must divide", |model| model["batch"] = 0.into()),
        ("limits.memory_mebibytes", |model| {
            model["limits"]["memory_mebibytes"] = 1.into()
        }),
        ("limits.seconds", |model| model["limits"]["seconds"] = 0.into()),
        ("more than 67108864", |model| {
            model["samples"] = 65500.into();
            model["inputs"][0]["shape"] = json!([1024]);
        }),
        ("unknown field", |model| model["seed"] = 1.into()),
    ];
    for (expected, change) in cases {
        let mut specification = classifier();
        change(&mut specification);
        let error = Configuration::from_model(specification.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, DomainError::BadConfiguration(_)));
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    let written = serde_json::to_vec(&domain().configuration).unwrap();
    assert_eq!(Configuration::from_model(&written), Ok(domain().configuration));
    // The chain holds 2 048 bytes of it.
    assert!(written.len() < 700);
}

#[test]
fn wrong_data_files_are_named() {
    let configuration = domain().configuration;
    let read = |bytes: &[u8]| Dataset::read(bytes, &configuration).unwrap_err();
    assert!(read(b"").contains("no safetensors file"));
    assert!(read(&file("regression.safetensors")).contains("no tensor \"points\""));
    assert!(read(&file("classifier.safetensors")[..2000]).contains("no safetensors file"));
    let wrong = |change: fn(&mut Configuration)| {
        let mut configuration = configuration.clone();
        change(&mut configuration);
        Dataset::read(&file("classifier.safetensors"), &configuration).unwrap_err()
    };
    assert!(wrong(|model| model.inputs[0].maximum = Some(1.0)).contains("out of its range"));
    assert!(wrong(|model| model.inputs[0].shape = vec![3]).contains("[300, 3]"));
    assert!(wrong(|model| model.output.shape = vec![2]).contains("no class of 0 to 1"));
    assert!(wrong(|model| model.metric = Metric::MeanAbsoluteError).contains("\"labels\""));
    assert!(wrong(|model| model.block = 301).contains("301"));

    // A file that is not there, or is wrong, says nothing of the parameters.
    let none = Options {
        files: Arc::new(crate::NoFiles),
        ..options()
    };
    let error = domain_with(&classifier(), &none).synthesize([1; 32], 0).unwrap_err();
    assert!(
        matches!(&error, DomainError::MissingFile(text) if text.contains("not here yet")),
        "{error}"
    );
}

#[test]
fn hostile_parameters_data_and_inputs_are_refused_by_name() {
    let domain = domain();
    let data = domain.synthesize([1; 32], 0).unwrap();
    for bad in [
        &b""[..],
        b"x",
        &[0; 70_000],
        &file("regression.onnx"),
        &file("tree.onnx"),
    ] {
        assert!(matches!(
            domain.evaluate(bad, &data),
            Err(DomainError::BadParameters(_))
        ));
        let answer = domain.infer(bad, br#"{"points":[[1,2]]}"#);
        assert!(matches!(answer, Err(DomainError::BadParameters(_))));
    }
    let model = file("classifier.onnx");
    let sample = Sample::decode(&mut &data.bytes[..]).unwrap();
    let mut other = vec![Vec::new(), data.bytes[..100].to_vec(), [&data.bytes[..], &[0]].concat()];
    for change in [
        |sample: &mut Sample| sample.inputs.clear(),
        |sample: &mut Sample| sample.inputs[0] = Values::Float32(vec![0.0; 199]),
        |sample: &mut Sample| sample.inputs[0] = Values::Integer(vec![0; 200]),
        |sample: &mut Sample| sample.labels = Values::Integer(vec![0; 99]),
    ] {
        let mut sample = sample.clone();
        change(&mut sample);
        other.push(sample.encode());
    }
    for bytes in other {
        let result = domain.evaluate(&model, &SyntheticData { season: 0, bytes });
        assert!(matches!(result, Err(DomainError::BadData(_))), "{result:?}");
    }
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"points":[]}"#,
        r#"{"points":[1,2]}"#,
        r#"{"points":[[1,2,3]]}"#,
        r#"{"points":[[1,"2"]]}"#,
        r#"{"points":[[1,5]]}"#,
        r#"{"points":[[1,1e999]]}"#,
        r#"{"points":[[1,2]],"more":[]}"#,
    ] {
        let answer = domain.infer(&model, bad.as_bytes());
        assert!(matches!(answer, Err(DomainError::BadInput(_))), "{bad}: {answer:?}");
    }
    let many = json!({"points": vec![[0, 0]; 101]}).to_string();
    assert!(matches!(
        domain.infer(&model, many.as_bytes()),
        Err(DomainError::BadInput(_))
    ));
}

#[test]
fn inference_answers_in_the_shape_of_the_specification() {
    let domain = domain();
    let answer = domain
        .infer(&file("classifier.onnx"), br#"{"points":[[1,1],[-1,0.5],[0,0]]}"#)
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let rows = answer["scores"].as_array().unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|row| row.as_array().unwrap().len() == 3));
    let zeros = domain
        .infer(&domain.baseline(), br#"{"points":[[1,1],[0,0]]}"#)
        .unwrap();
    assert_eq!(zeros, br#"{"scores":[[0,0,0],[0,0,0]]}"#);
}

fn offering(path: PathBuf) -> Onnx {
    let options = Options {
        models: Some(path),
        ..options()
    };
    domain_with(&classifier(), &options)
}

fn round(domain: &Onnx, best: &[u8]) -> Result<Candidate, DomainError> {
    let budget = Budget {
        evaluations: domain.metadata().round_evaluations,
        minimum_gain: 0.0,
    };
    domain.optimize(best, &budget, [9; 32], 0, &Cancellation::default())
}

#[test]
fn the_best_file_of_the_folder_is_offered_where_it_is_better() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let domain = offering(folder.path().into());
    let nothing = |result| assert!(matches!(result, Err(DomainError::NoImprovement { .. })), "{result:?}");
    nothing(round(&domain, &domain.baseline()));
    // Neither files that are no models, too large or of another ending are in the way, nor folders.
    fs::write(path("broken.onnx"), b"not yet copied").unwrap();
    fs::write(path("large.onnx"), vec![0; 70_000]).unwrap();
    fs::write(path("notes.txt"), b"x").unwrap();
    fs::create_dir(path("folder.onnx")).unwrap();
    nothing(round(&domain, &domain.baseline()));
    let (weak, good) = (file("classifier-weak.onnx"), file("classifier.onnx"));
    fs::write(path("weak.onnx"), &weak).unwrap();
    assert_eq!(round(&domain, &domain.baseline()).unwrap().parameters, weak);
    fs::write(path("broken.onnx"), &good).unwrap();
    let candidate = round(&domain, &domain.baseline()).unwrap();
    assert_eq!(candidate.parameters, good);
    assert!(candidate.metric.is_finite());
    // What is the network's best is not offered to it again, and the weak one is no improvement of it.
    nothing(round(&domain, &good));
    assert_eq!(round(&domain, &weak).unwrap().parameters, good);
    // Not without end, if it does not become the best.
    let offers = (0..20).filter(|_| round(&domain, &weak).is_ok()).count();
    assert_eq!(offers, 7);
    domain.forget();
    assert!(round(&domain, &weak).is_ok());
}

#[test]
fn one_file_may_be_named_and_what_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("best.model");
    let options = Options {
        models: Some(path.clone()),
        ..options()
    };
    let error = Onnx::from_model(classifier().to_string().as_bytes(), &options)
        .map(|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("best.model"), "{error}");
    fs::write(&path, file("classifier.onnx")).unwrap();
    let domain = offering(path);
    assert!(round(&domain, &domain.baseline()).is_ok());
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let budget = Budget {
        evaluations: 1,
        minimum_gain: 0.0,
    };
    let result = domain.optimize(&domain.baseline(), &budget, [1; 32], 0, &cancellation);
    assert_eq!(result, Err(DomainError::Cancelled));
}

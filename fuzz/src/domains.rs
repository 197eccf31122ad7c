//! Decoders of the built-in domains: specifications, parameters, data and queries.

use codec::Encode;
use doin_domains::{
    forecast::{self, autoencoder, autoencoder_fit, configuration::SeriesKind, encoding, table},
    instantiate,
    onnx::{Configuration, Dataset, Sample},
    Compute, Domain, DomainError, Options, SyntheticData,
};
use std::sync::{Arc, LazyLock};

/// The specification of the forecasting domain that its models and data are read by. The corpus has good ones.
pub(crate) const FORECAST: &str = r#"{"source": {"mackey-glass": {"length": 600, "delay": 17, "seed": 1}},
    "series": "levels", "horizons": [6],
    "network": {"window": 4, "hidden": [3], "seed": 1, "most_window": 8, "most_parameters": 64},
    "synthetic": {"generator": "process", "length": 200}}"#;

/// The same with convolutions.
pub(crate) const CONVOLUTIONS: &str = r#"{"source": {"mackey-glass": {"length": 600, "delay": 17, "seed": 1}},
    "series": "increments", "horizons": [1, 4],
    "network": {"window": 4, "taps": 2, "hidden": [3, 2], "seed": 1, "most_window": 8, "most_parameters": 64},
    "synthetic": {"generator": "process", "length": 200}}"#;

/// The same with recurrent layers.
pub(crate) const RECURRENT: &str = r#"{"source": {"mackey-glass": {"length": 600, "delay": 17, "seed": 1}},
    "series": "levels", "horizons": [6],
    "network": {"window": 3, "cell": "lstm", "hidden": [2, 1], "seed": 1, "most_window": 8, "most_parameters": 4096},
    "synthetic": {"generator": "process", "length": 200}}"#;

fn options() -> Options {
    Options {
        compute: Arc::new(Compute::cpu()),
        ..Options::default()
    }
}

/// Specification, parameters, data and query of the quadratic domain.
pub(crate) fn quadratic(data: &[u8]) {
    vectors(
        "quadratic",
        br#"{"dimensions": 3, "noise": 0.1, "target_seed": 1}"#,
        data,
    );
}

/// The same of the test functions.
pub(crate) fn function(data: &[u8]) {
    let model = br#"{"function": "rosenbrock", "dimensions": 3, "noise": 0.1, "optimum_seed": 1}"#;
    vectors("function", model, data);
}

/// A domain whose parameters are numbers: the first byte says how the rest is cut.
fn vectors(kind: &str, model: &[u8], data: &[u8]) {
    let Some((cut, rest)) = data.split_first() else {
        return;
    };
    let (parameters, bytes) = rest.split_at(rest.len() * usize::from(*cut) / 256);
    let _ = instantiate(kind, rest, &options());
    let domain = instantiate(kind, model, &options()).expect("a good model");
    let data = SyntheticData {
        season: 0,
        bytes: bytes.to_vec(),
    };
    if let Ok(evaluation) = domain.evaluate(parameters, &data) {
        assert!(evaluation.metric.is_finite() && evaluation.probe.is_finite());
    }
    if let Ok(answer) = domain.infer(&domain.baseline(), rest) {
        assert!(serde_json::from_slice::<serde_json::Value>(&answer).is_ok());
    }
    if let Ok(values) = doin_domains::quadratic::decode(parameters, 3) {
        assert_eq!(doin_domains::quadratic::encode(&values), parameters);
    }
}

/// The domains of [`FORECAST`], [`CONVOLUTIONS`] and [`RECURRENT`].
pub(crate) fn forecast_domains() -> &'static [forecast::Forecast; 3] {
    static DOMAINS: LazyLock<[forecast::Forecast; 3]> = LazyLock::new(|| {
        [FORECAST, CONVOLUTIONS, RECURRENT]
            .map(|model| forecast::Forecast::from_model(model.as_bytes(), &options()).expect("a good specification"))
    });
    &DOMAINS
}

/// A small generator for the domain of [`FORECAST`].
pub(crate) fn generator() -> Vec<u8> {
    let sizes = autoencoder_fit::Fit {
        history: 4,
        block: 2,
        latent: 1,
        hidden: vec![3],
        steps: 20,
        seed: 1,
    };
    let split = forecast_domains()[0].split(0).expect("a series of the process");
    autoencoder_fit::fit(&split.training, SeriesKind::Levels, &sizes)
        .expect("a fit")
        .encode()
}

/// Specification, table, model, generator, data and query of the forecasting domain.
pub(crate) fn forecast(data: &[u8]) {
    let _ = instantiate("timeseries", data, &options());
    if let Ok(configuration) = forecast::configuration::Configuration::from_model(data) {
        let again = serde_json::to_vec(&configuration).expect("a specification is JSON");
        assert!(forecast::configuration::Configuration::from_model(&again).is_ok());
    }
    if let Ok(series) = table::read(data, &["a".into(), "b".into()]) {
        assert_eq!(series.columns(), 2);
        assert!(series.values().iter().all(|value| value.is_finite()));
    }
    for domain in forecast_domains() {
        forecast_with(domain, data);
    }
    let split = forecast_domains()[0].split(0).expect("a series of the process");
    if let Ok(generator) = autoencoder::Autoencoder::decode(data, SeriesKind::Levels, 1, 200) {
        assert_eq!(generator.encode(), data, "one spelling only");
        if let Ok(series) = generator.series(&split.training, 200, [1; 32]) {
            assert_eq!((series.columns(), series.len()), (1, 200));
            assert!(series.values().iter().all(|value| value.is_finite()));
        }
    }
}

fn forecast_with(domain: &forecast::Forecast, data: &[u8]) {
    let configuration = domain.configuration();
    if let Ok(data) = encoding::Data::decode(data, configuration) {
        assert_eq!(data.series.len(), configuration.synthetic.length);
    }
    match encoding::Model::decode(data, configuration) {
        Ok(model) => {
            assert_eq!(model.encode(), data, "one spelling only");
            // Whatever its weights: a measurement is a number.
            let synthetic = domain.synthesize([1; 32], 0).expect("data of the process");
            let evaluation = domain.evaluate(data, &synthetic).expect("a good model on good data");
            assert!(evaluation.metric.is_finite() && evaluation.probe.is_finite());
            assert!(matches!(
                domain.infer(data, br#"{"windows": [[1, 2, 3, 4, 5, 6, 7, 8]]}"#),
                Ok(_) | Err(DomainError::NonFiniteMetric(_))
            ));
        }
        Err(error) => assert!(matches!(error, DomainError::BadParameters(_)), "{error}"),
    }
    // Data and query of somebody else, with the model that everybody starts from.
    let baseline = domain.baseline();
    let synthetic = SyntheticData {
        season: 0,
        bytes: data.to_vec(),
    };
    if let Ok(evaluation) = domain.evaluate(&baseline, &synthetic) {
        assert!(evaluation.metric.is_finite() && evaluation.probe.is_finite());
    }
    if let Ok(answer) = domain.infer(&baseline, data) {
        assert!(serde_json::from_slice::<serde_json::Value>(&answer).is_ok());
    }
}

/// The structure and the interface of a model file, a specification of the onnx domain, its data file and an
/// evaluator's data. Models that are taken for good are not run here: that is for a process of its own.
pub(crate) fn onnx(data: &[u8]) {
    let port = |name: &str, shape: &[u32]| doin_onnx::Port {
        name: name.into(),
        element: doin_onnx::ElementType::Float32,
        shape: shape.to_vec(),
    };
    let job = doin_onnx::Job {
        limits: doin_onnx::Limits {
            bytes: 4_096,
            nodes: 20,
            memory_mebibytes: 64,
            seconds: 1,
        },
        inputs: vec![(port("x", &[2]), doin_onnx::Values::Float32(vec![0.0; 4]))],
        output: port("y", &[]),
        rows: 2,
        batch: 1,
    };
    if doin_onnx::check(data, &job).is_ok() {
        let contents = doin_onnx::scan(data, 20).expect("it was scanned before");
        assert!(contents.nodes <= 20 && contents.messages as usize <= data.len());
    }
    if let Ok(configuration) = Configuration::from_model(data) {
        let again = serde_json::to_vec(&configuration).expect("a specification is JSON");
        // A number may be read as its neighbour.
        assert!(Configuration::from_model(&again).is_ok());
    }
    let model = br#"{"inputs": [{"name": "x", "type": "float32", "shape": [2], "maximum": 9}],
        "output": {"name": "y", "shape": []}, "metric": "mean_absolute_error", "samples": 2, "batch": 1,
        "data": {"root": "0x0000000000000000000000000000000000000000000000000000000000000000", "size": 1, "labels": "l"},
        "limits": {"bytes": 4096, "nodes": 20, "memory_mebibytes": 64, "seconds": 1}}"#;
    let configuration = Configuration::from_model(model).expect("a good specification");
    if let Ok(dataset) = Dataset::read(data, &configuration) {
        let sample = dataset.sample(&configuration, [1; 32]);
        assert_eq!(Sample::read(&sample.encode(), &configuration), Ok(sample));
    }
    let _ = Sample::read(data, &configuration);
}

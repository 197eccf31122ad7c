//! Tests of the specification.

use super::{super::tests::MODEL, *};
use serde_json::{json, Value};

fn changed(path: &str, value: Value) -> Result<Configuration, DomainError> {
    let mut model: Value = serde_json::from_str(MODEL).unwrap();
    *model.pointer_mut(path).unwrap() = value;
    Configuration::from_model(model.to_string().as_bytes())
}

#[test]
fn the_example_is_read_and_written_alike() {
    let configuration = Configuration::from_model(MODEL.as_bytes()).unwrap();
    let written = serde_json::to_vec(&configuration).unwrap();
    assert_eq!(Configuration::from_model(&written).unwrap(), configuration);
    assert!(written.len() <= 2048, "the chain takes 2 048 bytes");
}

#[test]
fn whatever_is_wrong_is_named() {
    let csv =
        |columns: Value| json!({"csv": {"root": format!("0x{}", "11".repeat(32)), "size": 5, "columns": columns}});
    for (path, value, named) in [
        (
            "/source/mackey-glass/length",
            json!(100),
            "source.mackey-glass.length must be",
        ),
        ("/source/mackey-glass/length", json!(200_001), "to 200000, not 200001"),
        ("/source/mackey-glass/delay", json!(0), "delay must be 1 to 100, not 0"),
        ("/source", json!({"stock": {}}), "unknown variant `stock`"),
        ("/source", csv(json!(["a"])), "\"process\" is for generated series"),
        (
            "/source",
            csv(json!([])),
            "number of source.csv.columns must be 1 to 32, not 0",
        ),
        ("/source", csv(json!(["a", "b", "a"])), "names \"a\" twice"),
        ("/series", json!("prices"), "unknown variant `prices`"),
        ("/horizons", json!([]), "number of horizons must be 1 to 16, not 0"),
        ("/horizons", json!([6, 6]), "horizons must rise"),
        ("/horizons", json!([0, 6]), "horizons must be 1 to 1024, not 0"),
        ("/network/window", json!(0), "network: window must be 1 to"),
        (
            "/network/hidden",
            json!([]),
            "network: hidden layers must be 1 to 4, not 0",
        ),
        (
            "/network/hidden",
            json!([513]),
            "units of a hidden layer must be 1 to 512, not 513",
        ),
        (
            "/network/most_window",
            json!(2_000),
            "network.most_window must be 1 to 1024",
        ),
        (
            "/network/most_parameters",
            json!(10),
            "network: weights must be 1 to 10",
        ),
        ("/synthetic/length", json!(10), "synthetic.length must be"),
        (
            "/synthetic/generator",
            json!({"bootstrap": {"block": 0, "neighbours": 4, "noise": 0}}),
            "block must be",
        ),
        (
            "/synthetic/generator",
            json!({"bootstrap": {"block": 9, "neighbours": 4, "noise": 2}}),
            "noise must be",
        ),
    ] {
        let error = changed(path, value.clone()).unwrap_err();
        assert!(matches!(error, DomainError::BadConfiguration(_)));
        assert!(error.to_string().contains(named), "{path} {value}: {error}");
    }
    let convolutions = |network: Value| changed("/network", network).unwrap_err().to_string();
    for (network, named) in [
        (
            json!({"window": 12, "taps": 3, "hidden": [4, 4], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "window must be 9, not 12",
        ),
        (
            json!({"window": 1, "taps": 1, "hidden": [4], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "taps must be 2 to 16, not 1",
        ),
        (
            json!({"window": 48, "taps": 4, "hidden": [4, 4, 4], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "see 64 rows; most_window is 48",
        ),
        (
            json!({"window": 32, "taps": 2, "hidden": [9, 9, 9, 9], "seed": 1, "most_window": 48, "most_parameters": 800}),
            "window must be 16, not 32",
        ),
        (
            json!({"window": 16, "taps": 2, "hidden": [9, 9, 9, 9], "seed": 1, "most_window": 48, "most_parameters": 800}),
            "products of a forecast must be 1 to 800",
        ),
        (
            json!({"window": 9, "taps": 3, "cell": "lstm", "hidden": [4, 4], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "leave one of them out",
        ),
        (
            json!({"window": 9, "cell": "gru", "hidden": [4], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "unknown variant `gru`, expected `lstm`",
        ),
        (
            json!({"window": 49, "cell": "lstm", "hidden": [4], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "window must be 1 to 48, not 49",
        ),
        (
            json!({"window": 40, "cell": "lstm", "hidden": [8], "seed": 1, "most_window": 48, "most_parameters": 8192}),
            "products of a forecast must be 1 to 8192",
        ),
    ] {
        let error = convolutions(network);
        assert!(error.contains(named), "{named}: {error}");
    }
    let error = Configuration::from_model(MODEL.replacen('{', "{\"extra\":1,", 1).as_bytes()).unwrap_err();
    assert!(error.to_string().contains("extra"), "{error}");
}

#[test]
fn what_would_take_too_long_to_measure_is_refused() {
    let mut configuration = Configuration::from_model(MODEL.as_bytes()).unwrap();
    configuration.network.most_parameters = MOST_PARAMETERS;
    configuration.synthetic.length = 5_000;
    assert!(configuration.check().unwrap_err().to_string().contains("too long"));
}

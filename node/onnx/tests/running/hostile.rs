//! Model files that mean harm: each is refused or stopped, and says why.

use crate::common::*;
use doin_onnx::{Job, Limits, ModelError, RunError, Runner};
use rten_onnx::onnx::{AttributeType, DataLocation, DataType, GraphProto, StringStringEntryProto, TensorProto};

fn run(model: &[u8]) -> Result<Vec<f32>, RunError> {
    process().run(model, &job())
}

fn fault(model: &[u8]) -> ModelError {
    fault_in(model, &job())
}

fn fault_in(model: &[u8], job: &Job) -> ModelError {
    match process().run(model, job) {
        Err(RunError::Model(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// `x` plus nothing: what the hostile ones are variations of.
#[test]
fn a_good_model_answers() {
    let good = model(vec![node("Add", &["x", "x"], &["y"])], vec![]);
    assert_eq!(run(&good), Ok(vec![2.0, 4.0, 6.0, 8.0]));
}

#[test]
fn a_tensor_larger_than_the_memory_is_stopped() {
    // 16 GiB, when it is loaded (it depends on constants only) or when it runs.
    for sizes in [&[1 << 16, 1 << 16][..], &[1 << 40], &[i64::MAX]] {
        let huge = model(
            vec![
                node("ConstantOfShape", &["sizes"], &["huge"]),
                node("ReduceMax", &["huge"], &["most"]),
                node("Add", &["x", "most"], &["y"]),
            ],
            vec![integers("sizes", sizes)],
        );
        let error = fault(&huge);
        assert!(
            matches!(
                error,
                ModelError::Stopped(_) | ModelError::Failed(_) | ModelError::Unsupported(_)
            ),
            "{sizes:?}: {error}"
        );
    }
}

#[test]
fn a_tensor_that_doubles_until_the_memory_is_full_is_stopped() {
    let mut nodes = Vec::new();
    let mut last = "x".to_string();
    for step in 0..40 {
        let mut double = node("Concat", &[&last, &last], &[&format!("double{step}")]);
        let mut axis = attribute("axis", AttributeType::INT);
        axis.i = Some(0);
        double.attribute.push(axis);
        nodes.push(double);
        last = format!("double{step}");
    }
    nodes.push(node("ReduceMax", &[&last], &["most"]));
    nodes.push(node("Add", &["x", "most"], &["y"]));
    let error = fault(&model(nodes, vec![]));
    assert!(
        matches!(&error, ModelError::Stopped(text) if text.contains("128 MiB")),
        "{error}"
    );
}

/// A loop of `trips` trips, each of which adds `x` up.
fn looping(trips: i64) -> Vec<u8> {
    let body = GraphProto {
        node: vec![
            node("Identity", &["go"], &["go_on"]),
            node("Add", &["sum", "x"], &["next"]),
        ],
        input: vec![
            value("trip", DataType::INT64, &[]),
            value("go", DataType::BOOL, &[]),
            value("sum", DataType::FLOAT, &[None, Some(2)]),
        ],
        output: vec![
            value("go_on", DataType::BOOL, &[]),
            value("next", DataType::FLOAT, &[None, Some(2)]),
        ],
        ..Default::default()
    };
    let mut repeat = node("Loop", &["trips", "", "x"], &["y"]);
    let mut attribute = attribute("body", AttributeType::GRAPH);
    attribute.g = Some(body);
    repeat.attribute.push(attribute);
    let trips = TensorProto {
        dims: vec![],
        ..integers("trips", &[trips])
    };
    model(vec![repeat], vec![trips])
}

#[test]
fn a_loop_without_end_is_stopped_by_its_processor_time() {
    assert_eq!(run(&looping(3)), Ok(vec![4.0, 8.0, 12.0, 16.0]));
    let job = Job {
        limits: Limits { seconds: 1, ..LIMITS },
        ..job()
    };
    let error = fault_in(&looping(2_000_000_000), &job);
    assert!(
        matches!(&error, ModelError::Stopped(text) if text.contains("1 s of processor time")),
        "{error}"
    );
}

#[test]
fn a_product_of_large_matrices_is_stopped_by_its_processor_time() {
    // Each of the products takes 2·2048³ operations, on 16 MiB a matrix.
    let mut nodes = vec![node("ConstantOfShape", &["sizes"], &["product0"])];
    for step in 0..80 {
        let last = format!("product{step}");
        nodes.push(node("MatMul", &[&last, &last], &[&format!("product{}", step + 1)]));
    }
    nodes.push(node("ReduceMax", &["product80"], &["most"]));
    nodes.push(node("Add", &["x", "most"], &["y"]));
    let job = Job {
        limits: Limits { seconds: 1, ..LIMITS },
        ..job()
    };
    let error = fault_in(&model(nodes, vec![integers("sizes", &[2048, 2048])]), &job);
    assert!(
        matches!(&error, ModelError::Stopped(text) if text.contains("processor time")),
        "{error}"
    );
}

#[test]
fn a_cycle_is_refused() {
    let cycle = model(
        vec![
            node("Add", &["x", "second"], &["first"]),
            node("Add", &["first", "x"], &["second"]),
            node("Add", &["first", "second"], &["y"]),
        ],
        vec![],
    );
    let itself = model(vec![node("Add", &["x", "y"], &["y"])], vec![]);
    let nowhere = model(vec![node("Add", &["x", "nowhere"], &["y"])], vec![]);
    for graph in [cycle, itself, nowhere] {
        let error = fault(&graph);
        assert!(
            matches!(error, ModelError::Failed(_) | ModelError::Unsupported(_)),
            "{error}"
        );
    }
}

#[test]
fn weights_in_another_file_are_refused_and_not_read() {
    let entry = |key: &str, value: &str| StringStringEntryProto {
        key: Some(key.into()),
        value: Some(value.into()),
    };
    let outside = TensorProto {
        name: Some("weights".into()),
        data_type: Some(DataType::FLOAT),
        dims: vec![2],
        data_location: Some(DataLocation::EXTERNAL),
        external_data: vec![entry("location", "/etc/passwd"), entry("length", "8")],
        ..Default::default()
    };
    let error = fault(&model(
        vec![node("Add", &["x", "weights"], &["y"])],
        vec![outside.clone()],
    ));
    assert!(error.to_string().contains("in another file"), "{error}");
    // The same in an attribute.
    let mut constant = node("Constant", &[], &["weights"]);
    let mut attribute = attribute("value", AttributeType::TENSOR);
    attribute.t = Some(outside);
    constant.attribute.push(attribute);
    let error = fault(&model(vec![constant, node("Add", &["x", "weights"], &["y"])], vec![]));
    assert!(error.to_string().contains("in another file"), "{error}");
}

#[test]
fn graphs_nested_without_end_are_refused_before_they_are_decoded() {
    let mut inner = GraphProto::default();
    for _ in 0..2_000 {
        let mut outer = node("If", &["x"], &["y"]);
        let mut branch = attribute("then_branch", AttributeType::GRAPH);
        branch.g = Some(inner);
        outer.attribute.push(branch);
        inner = graph(vec![outer], vec![]);
    }
    // Writing it needs more stack than a test has.
    let writer = std::thread::Builder::new()
        .stack_size(512 << 20)
        .spawn(move || encode(inner));
    let job = Job {
        limits: Limits {
            nodes: 1 << 20,
            ..LIMITS
        },
        ..job()
    };
    let error = fault_in(&writer.unwrap().join().unwrap(), &job);
    assert!(matches!(error, ModelError::TooComplex(_)), "{error}");
}

#[test]
fn more_nodes_or_bytes_than_allowed_are_refused() {
    let many = |count: usize| {
        let mut nodes = vec![node("Add", &["x", "x"], &["y"])];
        nodes.extend((1..count).map(|step| node("Identity", &["x"], &[&format!("copy{step}")])));
        model(nodes, vec![])
    };
    assert!(run(&many(100)).is_ok());
    assert!(matches!(fault(&many(101)), ModelError::TooComplex(_)));
    let error = fault(&vec![0; (1 << 20) + 1]);
    assert!(
        matches!(
            error,
            ModelError::TooLarge {
                bytes: 1_048_577,
                most: 1_048_576
            }
        ),
        "{error}"
    );
}

#[test]
fn operators_that_are_unknown_random_or_of_another_set_are_refused() {
    for operator in ["NoSuchOperator", "RandomNormalLike", "Multinomial", "Bernoulli", "STFT"] {
        let error = fault(&model(vec![node(operator, &["x"], &["y"])], vec![]));
        assert!(matches!(error, ModelError::Unsupported(_)), "{operator}: {error}");
        assert!(error.to_string().contains(operator), "{error}");
    }
    let tree = include_bytes!("../models/tree.onnx");
    let job = Job {
        inputs: vec![(port("X", &[2]), job().inputs.remove(0).1)],
        output: port("probabilities", &[3]),
        ..job()
    };
    let error = fault_in(tree, &job);
    assert!(error.to_string().contains("ai.onnx.ml"), "{error}");
}

#[test]
fn another_interface_is_refused() {
    let good = || graph(vec![node("Add", &["x", "x"], &["y"])], vec![]);
    type Change = fn(&mut GraphProto);
    let changes: [(&str, Change); 7] = [
        ("none of x", |graph| graph.input[0].name = Some("z".into())),
        ("1 inputs instead of 2", |_| {}),
        ("no output \"y\"", |graph| graph.output[0].name = Some("z".into())),
        ("DOUBLE", |graph| {
            graph.input[0] = value("x", DataType::DOUBLE, &[None, Some(2)])
        }),
        ("[symbol, 3]", |graph| {
            graph.input[0] = value("x", DataType::FLOAT, &[None, Some(3)])
        }),
        ("[symbol]", |graph| {
            graph.output[0] = value("y", DataType::FLOAT, &[None])
        }),
        ("[7, 2]", |graph| {
            graph.input[0] = value("x", DataType::FLOAT, &[Some(7), Some(2)])
        }),
    ];
    for (expected, change) in changes {
        let mut graph = good();
        change(&mut graph);
        let mut job = job();
        if expected.starts_with('1') {
            job.inputs.push((port("w", &[2]), job.inputs[0].1.clone()));
        }
        let error = fault_in(&encode(graph), &job);
        assert!(matches!(error, ModelError::Interface(_)), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    // It says nothing of its shapes, or calls them by a name, and answers with something else.
    let mut silent = graph(vec![node("ReduceMax", &["x"], &["y"])], vec![]);
    silent.output[0] = value("y", DataType::FLOAT, &[None, None]);
    let error = fault(&encode(silent));
    assert!(
        matches!(&error, ModelError::Interface(text) if text.contains("shape [1, 1]")),
        "{error}"
    );
}

#[test]
fn what_is_no_model_is_refused() {
    for garbage in [&b""[..], b"\x3a", b"RTEN\0\0\0\0", b"<html>", &[0; 100], &[0xff; 100]] {
        let error = fault(garbage);
        assert!(matches!(error, ModelError::Malformed(_)), "{garbage:?}: {error}");
    }
    let good = model(vec![node("Add", &["x", "x"], &["y"])], vec![]);
    for length in 0..good.len() {
        // What is cut between two fields may still be the whole graph.
        let result = process().run(&good[..length], &job());
        let is_whole = matches!(&result, Ok(answer) if *answer == [2.0, 4.0, 6.0, 8.0]);
        assert!(
            is_whole || matches!(result, Err(RunError::Model(_))),
            "cut to {length} bytes: {result:?}"
        );
    }
}

#[test]
fn a_program_that_does_not_answer_says_nothing_of_the_model() {
    let good = model(vec![node("Add", &["x", "x"], &["y"])], vec![]);
    for (program, arguments) in [
        ("/no/such/program", &[][..]),
        ("/bin/true", &[]),
        ("/bin/false", &[]),
        // Prints without end.
        ("/bin/sh", &["-c", "while :; do echo y; done"]),
        ("/bin/sh", &["-c", "kill -9 $$"]),
        ("/bin/sh", &["-c", "printf '\\377\\377\\377\\377\\377\\377\\377\\177'"]),
    ] {
        let runner = Runner::Process {
            program: program.into(),
            arguments: arguments.iter().map(|argument| argument.into()).collect(),
        };
        let result = runner.run(&good, &job());
        assert!(
            matches!(result, Err(RunError::Host(_))),
            "{program} {arguments:?}: {result:?}"
        );
    }
}

#[test]
fn checking_a_damaged_model_is_harmless_in_the_node_itself() {
    let (good, job) = crate::reference::classifier();
    let mut numbers = Numbers(7);
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut damaged = good.clone();
        for _ in 0..=numbers.below(4) {
            let place = numbers.below(damaged.len());
            match numbers.below(4) {
                0 => damaged.truncate(place.max(1)),
                1 => damaged.insert(place, numbers.below(256) as u8),
                _ => damaged[place] = numbers.below(256) as u8,
            }
        }
        match doin_onnx::check(&damaged, &job) {
            Ok(()) => passed += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(passed > 100 && refused > 100, "{passed} passed, {refused} refused");
}

/// A generator of numbers that gives the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn damaged_models_answer_or_are_refused_and_never_worse() {
    let (good, job) = crate::reference::classifier();
    let mut numbers = Numbers(2_026);
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..300 {
        let mut damaged = good.clone();
        for _ in 0..=numbers.below(3) {
            // The structure is at both ends, with the weights between them.
            let place = numbers.below(400);
            let place = if place < 200 { place } else { good.len() - 400 + place };
            damaged[place] = numbers.below(256) as u8;
        }
        match process().run(&damaged, &job) {
            Ok(_) => answered += 1,
            Err(RunError::Model(_)) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    println!("{answered} answered, {refused} refused");
    assert!(answered > 10 && refused > 10);
}

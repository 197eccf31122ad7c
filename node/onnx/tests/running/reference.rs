//! Models that were trained with other software, compared with what ONNX Runtime answers (`models/make.py`), and
//! whether answers hang on anything but model and rows.

use crate::common::{port, process, LIMITS};
use doin_onnx::{constant_model, ElementType, Job, Port, RunError, Runner, Values};
use safetensors::{Dtype, SafeTensors};
use std::{fs, path::Path};

/// How far an answer may lie from ONNX Runtime's, relative to it or absolutely: some 80 units in the last place.
const TOLERANCE: f32 = 1e-5;

fn read(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(name)).unwrap()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// A model's file, a job of its rows, and ONNX Runtime's answer.
fn reference(name: &str, output: &str) -> (Vec<u8>, Job, Vec<f32>) {
    let bytes = read("reference.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut inputs = Vec::new();
    let mut answer = None;
    let mut names: Vec<_> = tensors.names().into_iter().collect();
    names.sort();
    for full in names {
        let Some(input) = full.strip_prefix(&format!("{name}/")) else {
            continue;
        };
        let tensor = tensors.tensor(full).unwrap();
        let mut port = port(input, &[]);
        port.shape = tensor.shape()[1..].iter().map(|size| *size as u32).collect();
        if input == "answer" {
            answer = Some((port, floats(tensor.data())));
            continue;
        }
        let values = match tensor.dtype() {
            Dtype::F32 => Values::Float32(floats(tensor.data())),
            _ => {
                port.element = ElementType::Int64;
                let values = tensor.data().chunks_exact(8);
                Values::Integer(
                    values
                        .map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap()) as i32)
                        .collect(),
                )
            }
        };
        inputs.push((port, values));
    }
    let (shape, answer) = answer.unwrap();
    let job = Job {
        limits: LIMITS,
        inputs,
        output: Port {
            name: output.into(),
            ..shape
        },
        rows: 32,
        batch: 8,
    };
    (read(&format!("{name}.onnx")), job, answer)
}

/// A good model and a job for it.
pub fn classifier() -> (Vec<u8>, Job) {
    let (model, job, _) = reference("classifier", "scores");
    (model, job)
}

const MODELS: [(&str, &str); 6] = [
    ("regression", "prediction"),
    ("classifier", "scores"),
    ("classifier-weak", "scores"),
    ("convolution", "probabilities"),
    ("recurrent", "forecast"),
    ("tokens", "answer"),
];

#[test]
fn answers_are_those_of_onnx_runtime() {
    for (name, output) in MODELS {
        let (model, job, expected) = reference(name, output);
        let found = process().run(&model, &job).unwrap();
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().chain(&expected).all(|answer| answer.is_finite()));
        let differences = found
            .iter()
            .zip(&expected)
            .map(|(found, expected)| (found - expected).abs() / expected.abs().max(1.0));
        let most = differences.fold(0.0, f32::max);
        println!("{name}: {} answers, most difference {most:e}", found.len());
        assert!(most <= TOLERANCE, "{name}: {most:e}");
    }
}

#[test]
fn answers_hang_on_neither_run_nor_process_nor_threads() {
    let bits = |answers: Vec<f32>| answers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
    for (name, output) in MODELS {
        let (model, job, _) = reference(name, output);
        let expected = bits(process().run(&model, &job).unwrap());
        assert_eq!(
            bits(process().run(&model, &job).unwrap()),
            expected,
            "{name}: another run"
        );
        for threads in [1, 2, 5] {
            let found = bits(Runner::InProcess { threads }.run(&model, &job).unwrap());
            assert_eq!(found, expected, "{name}: {threads} threads");
        }
    }
}

#[test]
fn a_large_product_hangs_on_threads_no_more() {
    // Large enough for the runtime to share it out among threads.
    let (model, small, _) = reference("regression", "prediction");
    let rows = 40_000;
    let features = (0..rows * 4)
        .map(|place| ((place * 37 % 1_001) as f32 / 500.0).sin())
        .collect();
    let job = Job {
        inputs: vec![(small.inputs[0].0.clone(), Values::Float32(features))],
        rows,
        batch: rows,
        ..small
    };
    let run = |threads| Runner::InProcess { threads }.run(&model, &job).unwrap();
    let one = run(1);
    assert_eq!(one.len(), rows as usize);
    assert!(one
        .iter()
        .zip(run(4))
        .all(|(one, four)| one.to_bits() == four.to_bits()));
}

#[test]
fn rows_do_not_hang_on_their_batch() {
    for (name, output) in MODELS {
        let (model, job, _) = reference(name, output);
        let whole = process().run(&model, &job).unwrap();
        for batch in [1, 32] {
            let found = process().run(&model, &Job { batch, ..job.clone() }).unwrap();
            let most = found
                .iter()
                .zip(&whole)
                .map(|(found, whole)| (found - whole).abs())
                .fold(0.0, f32::max);
            assert!(most <= TOLERANCE, "{name} in batches of {batch}: {most:e}");
        }
    }
}

#[test]
fn a_job_that_does_not_fit_together_is_refused() {
    let (model, job, _) = reference("regression", "prediction");
    for job in [
        Job {
            batch: 0,
            ..job.clone()
        },
        Job {
            batch: 5,
            ..job.clone()
        },
        Job {
            rows: 40,
            ..job.clone()
        },
        Job {
            inputs: vec![(job.inputs[0].0.clone(), Values::Integer(vec![0; 128]))],
            ..job.clone()
        },
        Job {
            output: port("prediction", &[1 << 30]),
            ..job.clone()
        },
    ] {
        assert!(matches!(process().run(&model, &job), Err(RunError::Model(_))));
    }
}

#[test]
fn the_first_model_of_a_domain_answers_nothing_but_zeros() {
    let (_, job, _) = reference("tokens", "answer");
    let inputs: Vec<Port> = job.inputs.iter().map(|(port, _)| port.clone()).collect();
    let model = constant_model(&inputs, &job.output).unwrap();
    assert_eq!(process().run(&model, &job), Ok(vec![0.0; 64]));
    assert_eq!(model, constant_model(&inputs, &job.output).unwrap());
    let scalar = port("answer", &[]);
    let model = constant_model(&inputs, &scalar).unwrap();
    let job = Job { output: scalar, ..job };
    assert_eq!(process().run(&model, &job), Ok(vec![0.0; 32]));
}

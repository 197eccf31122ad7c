//! The onnx domain's specification on chain.

use doin_onnx::{ElementType, Limits, Port};
use serde::{Deserialize, Serialize};
use sp_core::H256;
use std::collections::BTreeSet;

use super::metric::Metric;
use crate::{DomainError, FileReference};

/// Most inputs of a model.
pub const MOST_INPUTS: usize = 8;
/// Most dimensions of an input or output, beside the rows.
pub const MOST_DIMENSIONS: usize = 6;
/// Most elements of a row of an input or of the output.
pub const MOST_ROW_ELEMENTS: u64 = 1 << 20;
/// Most rows of an evaluator's data.
pub const MOST_SAMPLES: u32 = 1 << 16;
/// Most bytes of an evaluator's data, and of all outputs: 64 MiB each.
pub const MOST_DATA_BYTES: u64 = 1 << 26;

/// The `model` field of a specification, in JSON. `docs/onnx.md` has an example. No other fields are allowed, since every
/// node must read it alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// What models take, 1 to 8 inputs.
    pub inputs: Vec<Input>,
    /// What they give.
    pub output: Output,
    /// How good that is.
    pub metric: Metric,
    /// What it is measured on.
    pub data: DataReference,
    /// Rows of an evaluator's data, 2 to 65 536.
    pub samples: u32,
    /// Rows are drawn in blocks of so many that follow one another in the data: 1 for rows that do not depend on one
    /// another, more for time series. 1 to `samples`.
    #[serde(default = "one")]
    pub block: u32,
    /// Rows that a model gets at a time; divides `samples`.
    pub batch: u32,
    /// How far a model may go.
    pub limits: ModelLimits,
}

fn one() -> u32 {
    1
}

/// An input of models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name, in models and data, 1 to 64 characters.
    pub name: String,
    /// The type of its elements.
    #[serde(rename = "type")]
    pub element: ElementType,
    /// Its shape without the first dimension, which counts rows.
    pub shape: Vec<u32>,
    /// The least value; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The largest value; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// Standard deviation of the noise that evaluators add to it, each its own; 0 by default. For `float32` only.
    #[serde(default)]
    pub noise: f64,
}

/// The output of models, of type `float32`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Its name in models.
    pub name: String,
    /// Its shape without the first dimension, which counts rows. For classes: how many there are.
    pub shape: Vec<u32>,
}

/// The data, a safetensors file in the store of artifacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataReference {
    /// Its Merkle root.
    pub root: H256,
    /// Its length in bytes.
    pub size: u32,
    /// The name of the tensor that holds the right answers.
    pub labels: String,
}

impl DataReference {
    /// The address of the file.
    pub fn file(&self) -> FileReference {
        FileReference {
            root: self.root,
            size: self.size,
        }
    }
}

/// How far a model may go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelLimits {
    /// Most bytes of the file, up to 256 MiB.
    pub bytes: u32,
    /// Most nodes, up to 100 000.
    pub nodes: u32,
    /// Most memory for model, data and all that lies between, in MiB: 64 to 16 384.
    pub memory_mebibytes: u32,
    /// Most processor time for all rows of an evaluation, in seconds: 1 to 600.
    pub seconds: u32,
}

impl ModelLimits {
    /// As a job has them.
    pub fn of_job(&self) -> Limits {
        Limits {
            bytes: u64::from(self.bytes),
            nodes: self.nodes,
            memory_mebibytes: self.memory_mebibytes,
            seconds: self.seconds,
        }
    }
}

impl Input {
    /// As a job has it.
    pub fn port(&self) -> Port {
        Port {
            name: self.name.clone(),
            element: self.element,
            shape: self.shape.clone(),
        }
    }

    /// Whether a value lies in the declared range, and is a number.
    pub fn allows(&self, value: f64) -> bool {
        value.is_finite()
            && self.minimum.is_none_or(|minimum| value >= minimum)
            && self.maximum.is_none_or(|maximum| value <= maximum)
    }
}

impl Output {
    /// As a job has it.
    pub fn port(&self) -> Port {
        Port {
            name: self.name.clone(),
            element: ElementType::Float32,
            shape: self.shape.clone(),
        }
    }
}

fn bad(problem: String) -> DomainError {
    DomainError::BadConfiguration(format!("model of the onnx domain: {problem}"))
}

impl Configuration {
    /// Reads and checks a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn from_model(model: &[u8]) -> Result<Self, DomainError> {
        let configuration: Self = serde_json::from_slice(model).map_err(|error| bad(error.to_string()))?;
        configuration.check()?;
        Ok(configuration)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn check(&self) -> Result<(), DomainError> {
        if !(1..=MOST_INPUTS).contains(&self.inputs.len()) {
            return Err(bad(format!(
                "inputs must be 1 to {MOST_INPUTS}, not {}",
                self.inputs.len()
            )));
        }
        let mut names = BTreeSet::from([self.data.labels.as_str()]);
        for input in &self.inputs {
            if !names.insert(&input.name) {
                return Err(bad(format!("{:?} names two things", input.name)));
            }
            check_port(&input.port())?;
            input.check()?;
        }
        check_port(&self.output.port())?;
        if self.inputs.iter().any(|input| input.name == self.output.name) {
            return Err(bad(format!("{:?} names an input and the output", self.output.name)));
        }
        if self.metric.is_of_classes() && !matches!(self.output.shape[..], [classes] if classes >= 2) {
            return Err(bad(format!(
                "output.shape must be [classes], of at least 2, for this metric, not {:?}",
                self.output.shape
            )));
        }
        if self.data.size == 0 || self.data.labels.is_empty() {
            return Err(bad("data must name a file that is not empty, and its labels".into()));
        }
        self.check_rows()?;
        let limits = &self.limits;
        for (name, value, least, most) in [
            ("bytes", limits.bytes, 1, 1 << 28),
            ("nodes", limits.nodes, 1, 100_000),
            ("memory_mebibytes", limits.memory_mebibytes, 64, 16_384),
            ("seconds", limits.seconds, 1, 600),
        ] {
            if !(least..=most).contains(&value) {
                return Err(bad(format!("limits.{name} must be {least} to {most}, not {value}")));
            }
        }
        Ok(())
    }

    fn check_rows(&self) -> Result<(), DomainError> {
        let samples = self.samples;
        if !(2..=MOST_SAMPLES).contains(&samples) {
            return Err(bad(format!("samples must be 2 to {MOST_SAMPLES}, not {samples}")));
        }
        if !(1..=samples).contains(&self.block) {
            return Err(bad(format!("block must be 1 to {samples}, not {}", self.block)));
        }
        if self.batch == 0 || !samples.is_multiple_of(self.batch) {
            return Err(bad(format!(
                "batch must divide the {samples} samples, not be {}",
                self.batch
            )));
        }
        let inputs: u64 = self.inputs.iter().map(|input| input.port().row_elements()).sum();
        let row = inputs.max(self.output.port().row_elements()).saturating_mul(4);
        let bytes = row.saturating_mul(u64::from(samples));
        if bytes > MOST_DATA_BYTES {
            return Err(bad(format!(
                "samples: {samples} rows of {row} bytes are more than {MOST_DATA_BYTES}"
            )));
        }
        Ok(())
    }
}

impl Input {
    fn check(&self) -> Result<(), DomainError> {
        let name = &self.name;
        let bounds = [self.minimum, self.maximum];
        if bounds.iter().flatten().any(|bound| !bound.is_finite()) {
            return Err(bad(format!("input {name:?}: minimum and maximum must be numbers")));
        }
        if matches!(bounds, [Some(minimum), Some(maximum)] if minimum >= maximum) {
            return Err(bad(format!("input {name:?}: minimum must be below maximum")));
        }
        let has_noise = self.noise != 0.0;
        if !(self.noise.is_finite() && self.noise >= 0.0) || has_noise && self.element != ElementType::Float32 {
            return Err(bad(format!(
                "input {name:?}: noise must be a number, not negative, and 0 for integers, not {}",
                self.noise
            )));
        }
        Ok(())
    }
}

fn check_port(port: &Port) -> Result<(), DomainError> {
    let name = &port.name;
    // What begins with "doin/" are values of the baseline.
    if !(1..=64).contains(&name.chars().count()) || name.starts_with("doin/") {
        return Err(bad(format!("{name:?} is no name: 1 to 64 characters, and not doin/…")));
    }
    if port.shape.len() > MOST_DIMENSIONS || port.shape.contains(&0) || port.row_elements() > MOST_ROW_ELEMENTS {
        return Err(bad(format!(
            "shape of {name:?} must have up to {MOST_DIMENSIONS} dimensions above 0 and {MOST_ROW_ELEMENTS} elements, not \
             {:?}",
            port.shape
        )));
    }
    Ok(())
}

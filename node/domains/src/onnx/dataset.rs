//! The data that a specification names, and what evaluators make of them.

use codec::{Decode, DecodeAll, Encode};
use doin_compute::random::RandomStream;
use doin_onnx::{ElementType, Port, Values};
use safetensors::{tensor::TensorView, Dtype, SafeTensors};
use sp_core::{Blake2Hasher, Hasher};

use super::Configuration;
use crate::DomainError;

/// The stream of the seed that noise is drawn from; rows are drawn from stream 0.
const NOISE_STREAM: u64 = 1;
/// Most rows of the data.
const MOST_ROWS: usize = 1 << 24;

/// The data: rows of all inputs, and their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    rows: usize,
    inputs: Vec<Values>,
    labels: Values,
}

/// An evaluator's data.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Sample {
    /// Rows of the inputs, in the order of the specification.
    pub inputs: Vec<Values>,
    /// Their labels.
    pub labels: Values,
    /// What the probe's weights are drawn from.
    pub probe_seed: [u8; 32],
}

impl Dataset {
    /// Reads a safetensors file: a tensor for each input, by its name, and one for the labels, all with as many rows.
    ///
    /// # Errors
    ///
    /// What is wrong with it, naming the tensor.
    pub fn read(bytes: &[u8], configuration: &Configuration) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| format!("is no safetensors file: {error}"))?;
        let tensor = |name: &str| file.tensor(name).map_err(|_| format!("has no tensor {name:?}"));
        let labels_name = &configuration.data.labels;
        let labels = tensor(labels_name)?;
        let rows = labels.shape().first().copied().unwrap_or(0);
        let block = configuration.block as usize;
        if rows < block.max(2) || rows > MOST_ROWS {
            return Err(format!(
                "has {rows} rows: {} (and a block) to {MOST_ROWS} are needed",
                block.max(2)
            ));
        }
        let mut inputs = Vec::new();
        for input in &configuration.inputs {
            let values = read_tensor(&tensor(&input.name)?, &input.port(), rows)?;
            let place = match &values {
                Values::Float32(values) => values.iter().position(|value| !input.allows(f64::from(*value))),
                Values::Integer(values) => values.iter().position(|value| !input.allows(f64::from(*value))),
            };
            if let Some(place) = place {
                return Err(format!(
                    "has an element of {:?} that is no number or out of its range, number {place}",
                    input.name
                ));
            }
            inputs.push(values);
        }
        let output = configuration.output.port();
        let port = Port {
            name: labels_name.clone(),
            element: match configuration.metric.is_of_classes() {
                true => ElementType::Int64,
                false => ElementType::Float32,
            },
            shape: match configuration.metric.is_of_classes() {
                true => Vec::new(),
                false => output.shape.clone(),
            },
        };
        let labels = read_tensor(&labels, &port, rows)?;
        let classes = output.row_elements() as i64;
        let is_good = match &labels {
            Values::Float32(values) => values.iter().all(|value| value.is_finite()),
            Values::Integer(values) => values.iter().all(|value| (0..classes).contains(&i64::from(*value))),
        };
        if !is_good {
            return Err(format!(
                "has labels that are no numbers, or no class of 0 to {}",
                classes - 1
            ));
        }
        Ok(Self { rows, inputs, labels })
    }

    /// Rows that are drawn with replacement, block by block, with the declared noise: from the seed alone.
    pub fn sample(&self, configuration: &Configuration, seed: [u8; 32]) -> Sample {
        let mut starts = RandomStream::new(seed);
        let mut noise = RandomStream::with_stream(seed, NOISE_STREAM);
        let (samples, block) = (configuration.samples as usize, configuration.block as usize);
        let places = self.rows - block + 1;
        let mut rows = Vec::with_capacity(samples + block);
        while rows.len() < samples {
            let start = ((starts.uniform() * places as f64) as usize).min(places - 1);
            rows.extend(start..start + block);
        }
        rows.truncate(samples);
        let mut inputs: Vec<Values> = self.inputs.iter().map(|values| self.take(values, &rows)).collect();
        for (input, values) in configuration.inputs.iter().zip(&mut inputs) {
            let Values::Float32(values) = values else { continue };
            if input.noise == 0.0 {
                continue;
            }
            let minimum = input.minimum.unwrap_or(f64::from(f32::MIN));
            let maximum = input.maximum.unwrap_or(f64::from(f32::MAX));
            for value in values {
                *value = (f64::from(*value) + input.noise * noise.gaussian()).clamp(minimum, maximum) as f32;
            }
        }
        Sample {
            inputs,
            labels: self.take(&self.labels, &rows),
            probe_seed: Blake2Hasher::hash(&("doin/onnx/probe", seed).encode()).0,
        }
    }

    fn take(&self, values: &Values, rows: &[usize]) -> Values {
        fn take<T: Copy>(values: &[T], rows: &[usize], all: usize) -> Vec<T> {
            let width = values.len() / all;
            rows.iter()
                .flat_map(|row| values[row * width..(row + 1) * width].iter().copied())
                .collect()
        }
        match values {
            Values::Float32(values) => Values::Float32(take(values, rows, self.rows)),
            Values::Integer(values) => Values::Integer(take(values, rows, self.rows)),
        }
    }
}

impl Sample {
    /// Reads an evaluator's data.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadData`].
    pub fn read(mut bytes: &[u8], configuration: &Configuration) -> Result<Self, DomainError> {
        let bad = |problem: &str| DomainError::BadData(problem.to_owned());
        let sample = Self::decode_all(&mut bytes).map_err(|error| bad(&error.to_string()))?;
        let labels = match configuration.metric.is_of_classes() {
            true => 1,
            false => configuration.output.port().row_elements(),
        };
        let samples = u64::from(configuration.samples);
        // The inputs are checked with the job.
        if sample.inputs.len() != configuration.inputs.len() || sample.labels.len() as u64 != samples * labels {
            return Err(bad("other inputs or labels than the specification has"));
        }
        Ok(sample)
    }
}

fn read_tensor(tensor: &TensorView<'_>, port: &Port, rows: usize) -> Result<Values, String> {
    let name = &port.name;
    let shape: Vec<usize> = std::iter::once(rows)
        .chain(port.shape.iter().map(|size| *size as usize))
        .collect();
    if tensor.shape() != shape {
        return Err(format!("has {name:?} of the shape {:?}, not {shape:?}", tensor.shape()));
    }
    let data = tensor.data();
    match (port.element, tensor.dtype()) {
        (ElementType::Float32, Dtype::F32) => Ok(Values::Float32(numbers(data, f32::from_le_bytes))),
        (ElementType::Int32 | ElementType::Int64, Dtype::I32) => Ok(Values::Integer(numbers(data, i32::from_le_bytes))),
        (ElementType::Int32 | ElementType::Int64, Dtype::I64) => numbers(data, i64::from_le_bytes)
            .into_iter()
            .map(i32::try_from)
            .collect::<Result<_, _>>()
            .map(Values::Integer)
            .map_err(|_| format!("has an element of {name:?} that needs more than 32 bits")),
        (ElementType::Float32, other) => Err(format!("has {name:?} of type {other:?}, not F32")),
        (_, other) => Err(format!("has {name:?} of type {other:?}, not I64 or I32")),
    }
}

fn numbers<const BYTES: usize, T>(data: &[u8], read: fn([u8; BYTES]) -> T) -> Vec<T> {
    let (chunks, _) = data.as_chunks::<BYTES>();
    chunks.iter().map(|bytes| read(*bytes)).collect()
}

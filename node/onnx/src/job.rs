//! What a model is run on, and how far it may go.

use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::ModelError;

/// Most elements of all the inputs, or of all the outputs, of a job: 64 Mi, 256 MiB.
pub const MOST_ELEMENTS: u64 = 1 << 26;

/// The type of a tensor's elements, as in the model file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// 32-bit floating point.
    Float32,
    /// 32-bit integers.
    Int32,
    /// 64-bit integers. The runtime computes with 32 bits: what does not fit is refused.
    Int64,
}

/// An input or the output of a model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Port {
    /// Its name in the model.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// Its shape without the first dimension, which counts rows.
    pub shape: Vec<u32>,
}

impl Port {
    /// Elements in a row.
    pub fn row_elements(&self) -> u64 {
        self.shape
            .iter()
            .fold(1u64, |product, size| product.saturating_mul(u64::from(*size)))
    }
}

/// The elements of a tensor, row after row.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Values {
    /// Of type `float32`.
    Float32(Vec<f32>),
    /// Of type `int32` or `int64`.
    Integer(Vec<i32>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Float32(values) => values.len(),
            Self::Integer(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn fits(&self, element: ElementType) -> bool {
        matches!(self, Self::Float32(_)) == (element == ElementType::Float32)
    }
}

/// How far a model may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Limits {
    /// Most bytes of the file.
    pub bytes: u64,
    /// Most nodes of the graph, those of graphs within it included.
    pub nodes: u32,
    /// Most memory of the process: model, inputs, outputs and all that lies between, in MiB.
    pub memory_mebibytes: u32,
    /// Most processor time of the whole job, in seconds.
    pub seconds: u32,
}

/// Rows to run a model on.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Job {
    /// How far the model may go.
    pub limits: Limits,
    /// The inputs with their rows.
    pub inputs: Vec<(Port, Values)>,
    /// The output, of type `float32`.
    pub output: Port,
    /// How many rows there are: a multiple of `batch`.
    pub rows: u32,
    /// How many rows the model gets at a time; above 0.
    pub batch: u32,
}

impl Job {
    /// Checks that the parts fit together.
    ///
    /// # Errors
    ///
    /// [`ModelError::Interface`]: a fault of the caller, not of a model.
    pub fn check(&self) -> Result<(), ModelError> {
        let wrong = |problem: String| Err(ModelError::Interface(problem));
        if self.batch == 0 || !self.rows.is_multiple_of(self.batch) {
            return wrong(format!(
                "{} rows are no multiple of batches of {}",
                self.rows, self.batch
            ));
        }
        if self.output.element != ElementType::Float32 {
            return wrong("the output must be of type float32".into());
        }
        let rows = u64::from(self.rows);
        let mut total = 0u64;
        for (port, values) in &self.inputs {
            let expected = rows.saturating_mul(port.row_elements());
            if values.len() as u64 != expected || !values.fits(port.element) {
                return wrong(format!("input {} needs {expected} elements of its type", port.name));
            }
            total = total.saturating_add(expected);
        }
        let output = rows.saturating_mul(self.output.row_elements());
        if total > MOST_ELEMENTS || output > MOST_ELEMENTS {
            return wrong(format!("more than {MOST_ELEMENTS} elements"));
        }
        Ok(())
    }
}

//! Why a model gave no numbers.

use codec::{Decode, Encode};

/// A fault of the model: the same on every node, apart from limits that it comes close to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum ModelError {
    /// The file is larger than allowed.
    #[error("the file has {bytes} bytes, at most {most} are allowed")]
    TooLarge {
        /// Its length.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// The file is no ONNX model.
    #[error("this is no ONNX model: {0}")]
    Malformed(String),
    /// It has more nodes, or parts, or is nested deeper, than allowed.
    #[error("the model is too complex: {0}")]
    TooComplex(String),
    /// It uses something that is not supported here.
    #[error("the model cannot be run: {0}")]
    Unsupported(String),
    /// Inputs or outputs are not those that were declared.
    #[error("the model's interface is another one: {0}")]
    Interface(String),
    /// It failed while it ran.
    #[error("the model failed: {0}")]
    Failed(String),
    /// It took more time or memory than allowed, or crashed.
    #[error("the model was stopped: {0}")]
    Stopped(String),
}

/// Why a run gave no numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The model is at fault.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// This machine is at fault, which says nothing of the model.
    #[error("the process that runs models: {0}")]
    Host(String),
}

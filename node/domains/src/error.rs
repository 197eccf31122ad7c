//! The errors of domains.

use doin_compute::ComputeError;

/// Why a domain did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DomainError {
    /// A round of optimization ended without the gain asked for. This is no failure: try again later, or with a larger
    /// budget.
    #[error("no improvement: the best candidate gains {gain}, {required} required")]
    NoImprovement {
        /// Metric of the best candidate of the round, less that of the best it started from.
        gain: f64,
        /// The gain that was asked for.
        required: f64,
    },
    /// The parameters (a downloaded artifact, say) are not a model of this domain.
    #[error("bad parameters: {0}")]
    BadParameters(String),
    /// The input of an inference is not what the model takes.
    #[error("bad input: {0}")]
    BadInput(String),
    /// The synthetic data are not of this domain.
    #[error("bad synthetic data: {0}")]
    BadData(String),
    /// The specification on chain or an option of the node is wrong.
    #[error("bad configuration: {0}")]
    BadConfiguration(String),
    /// A file that the specification names cannot be had at present: it has to be put into the store of a node that is
    /// connected, or of this one.
    #[error("missing file: {0}")]
    MissingFile(String),
    /// No built-in domain is of this kind.
    #[error("unknown domain kind {kind:?}; known kinds: {known}")]
    UnknownKind {
        /// The kind asked for.
        kind: String,
        /// The known kinds, separated by commas.
        known: String,
    },
    /// The device failed.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// This machine failed, which says nothing of the parameters: a process cannot be started, say.
    #[error("{0}")]
    Host(String),
    /// A metric is not a number, infinite, or beyond what the chain's fixed-point numbers hold.
    #[error("metric {0} cannot be represented on chain")]
    NonFiniteMetric(f64),
    /// The program outside of the node that computes this domain failed: a failure of this node, not of any parameters.
    #[error("the domain's program failed: {0}")]
    External(String),
    /// The caller gave up.
    #[error("cancelled")]
    Cancelled,
}

impl DomainError {
    /// Whether this is part of normal operation rather than a failure: nothing to report to the operator.
    pub fn is_benign(&self) -> bool {
        matches!(self, Self::NoImprovement { .. } | Self::Cancelled)
    }
}

//! What a domain can do beyond [`crate::Domain`] so that its nodes search with one population.

use crate::{Cancellation, DomainError};

/// A generation: at most 256 candidates, with the state at most 4 MiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedGeneration {
    /// The candidates, in the domain's own encoding: all that is needed to evaluate them.
    pub candidates: Vec<Vec<u8>>,
    /// What the search remembers from generation to generation, in the domain's own encoding.
    pub state: Vec<u8>,
}

/// What a candidate is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Its metric, finite: the same on all nodes within 10⁻³ · max(|metric|, the domain's metric scale).
    pub metric: f64,
    /// The parameter artifact that has it.
    pub parameters: Vec<u8>,
}

/// A search whose candidates are evaluated by many nodes. [`SharedPopulation::create`] and [`SharedPopulation::reproduce`]
/// must give the same bytes on all nodes: what they depend on are their arguments and nothing else.
pub trait SharedPopulation: Send + Sync {
    /// The first generation, from the parameters `start`.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadParameters`] when `start` is not a model of this domain; what the domain itself fails at.
    fn create(&self, start: &[u8], seed: [u8; 32], season: u64) -> Result<SharedGeneration, DomainError>;

    /// Evaluates a candidate of generation `number`. The seed is the same for all candidates of a generation.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadParameters`], [`DomainError::NonFiniteMetric`]: the candidate is to be rejected, by all nodes.
    /// Others: this node has failed.
    fn evaluate_candidate(
        &self,
        candidate: &[u8],
        number: u64,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Assessment, DomainError>;

    /// The generation after `number`, given the metric of each candidate; `None`: it was rejected. `Ok(None)`: the search
    /// has converged, or nothing can be made of these results.
    ///
    /// # Errors
    ///
    /// What the domain itself fails at.
    fn reproduce(
        &self,
        generation: &SharedGeneration,
        number: u64,
        metrics: &[Option<f64>],
        seed: [u8; 32],
        season: u64,
    ) -> Result<Option<SharedGeneration>, DomainError>;
}

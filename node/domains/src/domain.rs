//! The interface between the worker and what it optimizes.

use std::sync::{
    atomic::{AtomicBool, Ordering},
    Arc,
};

use codec::{Decode, Encode};
use sp_core::{Blake2Hasher, Hasher};

use crate::{DomainError, FileReference, SharedPopulation};

/// What a domain is, for logs, status pages and the worker.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Metadata {
    /// Kind in the registry, such as `quadratic`.
    pub kind: String,
    /// What the metric measures, such as `negative_squared_error`.
    pub metric_name: String,
    /// Whether a larger metric is better.
    pub higher_is_better: bool,
    /// Most bytes of a parameter artifact.
    pub parameters_bytes: u64,
    /// Evaluations of the round of optimization that the domain recommends.
    pub round_evaluations: u64,
    /// What populations are evaluated with.
    pub device: String,
}

/// Limits of one round of optimization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Evaluations of the objective, at most; one population is evaluated in any case.
    pub evaluations: u64,
    /// A candidate must beat the best by at least this, in units of the metric; not negative. With 0 any gain will do.
    pub minimum_gain: f64,
}

/// What a round of optimization found.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The parameter artifact.
    pub parameters: Vec<u8>,
    /// Its metric as the optimizer sees it, finite.
    pub metric: f64,
}

/// Data for an evaluation, which follow from a seed and a season.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SyntheticData {
    /// The season that they belong to.
    pub season: u64,
    /// The data, in the domain's own encoding.
    pub bytes: Vec<u8>,
}

impl SyntheticData {
    /// What a vote says about the data that it was measured on: BLAKE2b-256 of SCALE("doin/data", season, bytes).
    pub fn hash(&self) -> [u8; 32] {
        Blake2Hasher::hash(&("doin/data", self).encode()).0
    }
}

/// What an evaluation measured. Replayed with the same parameters and data, it has the same bits on every machine for
/// the built-in domains; other domains may differ within the replay tolerance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The metric, finite.
    pub metric: f64,
    /// A statistic of the model's outputs that depends on the seed, finite; its spread over seeds is far above the
    /// replay tolerance of 10⁻³ · max(|probe|, the domain's metric scale), so that a vote cannot be guessed.
    pub probe: f64,
}

/// Tells a running round of optimization to stop. Clones share the one flag.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Asks for the stop. There is no way back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A problem that the network optimizes.
///
/// Calls may take long and block: call from a worker's thread, never from a task of the node. All of them may be made
/// from several threads at a time; rounds of optimization of one domain then wait for one another.
pub trait Domain: Send + Sync {
    /// What this domain is.
    fn metadata(&self) -> &Metadata;

    /// The files that its specification names: a node of the domain fetches and keeps them.
    fn files(&self) -> Vec<FileReference> {
        vec![]
    }

    /// The artifact that the domain starts from. The same on every node.
    fn baseline(&self) -> Vec<u8>;

    /// One round of optimization from `best`.
    ///
    /// `seed` drives the search and has nothing to do with any evaluator's data. A domain may keep the state of its
    /// search (step size, covariance) from round to round, so that the result depends on the rounds before too.
    ///
    /// # Errors
    ///
    /// [`DomainError::NoImprovement`] (no failure), [`DomainError::BadParameters`] when `best` is not a model of this
    /// domain, [`DomainError::BadConfiguration`] for a minimum gain that is negative or not a number,
    /// [`DomainError::Compute`], [`DomainError::Cancelled`].
    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError>;

    /// Forgets what the rounds of optimization before have found and taken in: the next one starts from the `best` that it
    /// is given and nothing else. For domains that keep the state of their search.
    fn forget(&self) {}

    /// The stage that the search is in, in domains that search in stages: what is found is published with it.
    fn stage(&self) -> Option<u32> {
        None
    }

    /// The network's best was found in this stage: a search that is not as far goes on to its next one. Nobody has verified
    /// the number, only the parameters.
    fn advance(&self, _stage: u32) {}

    /// How its nodes search with one population, if they can.
    fn shared_population(&self) -> Option<&dyn SharedPopulation> {
        None
    }

    /// An evaluator's own data: they follow from `seed` and `season` alone, on every node alike.
    ///
    /// # Errors
    ///
    /// Built-in domains: none. Others: [`DomainError::BadConfiguration`].
    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError>;

    /// Measures a model on data. Candidate and incumbent are measured on the same data, one call each.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadParameters`], [`DomainError::BadData`], [`DomainError::NonFiniteMetric`].
    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError>;

    /// A prediction of the model; input and output are in the domain's own encoding.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadParameters`], [`DomainError::BadInput`], [`DomainError::NonFiniteMetric`].
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError>;

    /// The hash of the data that goes into a vote.
    fn data_hash(&self, data: &SyntheticData) -> [u8; 32] {
        data.hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_cancellation_share_the_flag() {
        let cancellation = Cancellation::default();
        let clone = cancellation.clone();
        assert!(!clone.is_cancelled());
        cancellation.cancel();
        assert!(clone.is_cancelled());
    }

    #[test]
    fn the_hash_covers_season_and_content() {
        let data = SyntheticData {
            season: 1,
            bytes: vec![1, 2, 3],
        };
        assert_eq!(data.hash(), data.clone().hash());
        assert_ne!(
            data.hash(),
            SyntheticData {
                season: 2,
                ..data.clone()
            }
            .hash()
        );
        assert_ne!(
            data.hash(),
            SyntheticData {
                bytes: vec![1, 2, 4],
                ..data.clone()
            }
            .hash()
        );
    }
}

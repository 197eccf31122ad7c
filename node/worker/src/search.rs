//! One round of search for better parameters, and the rehearsal of the quorum that would judge them.

use crate::{
    artifacts::Artifacts,
    island::Basis,
    measure::measure,
    shared::{SharedOutcome, SharedTask},
};
use doin_domains::{Budget, Cancellation, Domain, DomainError};
use doin_primitives::{
    artifact::ArtifactReference,
    commitment::Seed,
    domain::DomainSpecification,
    math::lower_median,
    quorum::{decide, Decision, QuorumVerdict, VoteValues},
    AccountId, Metric,
};
use rand::{rngs::OsRng, RngCore};
use sp_runtime::FixedI128;
use std::sync::Arc;

/// A round of search.
#[derive(Clone)]
pub(crate) struct SearchTask {
    /// Which of the worker's domains.
    pub(crate) domain_index: usize,
    pub(crate) domain: Arc<dyn Domain>,
    pub(crate) artifacts: Arc<dyn Artifacts>,
    pub(crate) specification: DomainSpecification,
    /// For whom.
    pub(crate) account: AccountId,
    /// Where it starts.
    pub(crate) basis: Basis,
    /// The accepted best, when it has to be seen first that the basis is an improvement of it.
    pub(crate) compared_with: Option<ArtifactReference>,
    /// The stage that the basis was published with.
    pub(crate) stage: Option<u32>,
    /// Whether the domain has to forget what its search took in before.
    pub(crate) forgets: bool,
    pub(crate) evaluations: u64,
    /// How many quorums of which size are rehearsed.
    pub(crate) rehearsals: u32,
    pub(crate) quorum_size: u32,
    /// A part of a search with other nodes, instead of a round of this node's own.
    pub(crate) shared: Option<SharedTask>,
}

/// What a round came to.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum SearchOutcome {
    /// An improvement that a quorum would accept.
    Found(Found),
    /// Nothing better, or not by enough: the search goes on from where it is.
    Insignificant,
    /// A part of a search with other nodes is done.
    Shared(SharedOutcome),
    /// The basis, by a measurement of our own, is no improvement of the accepted best.
    Unconvincing,
    /// The parameters of the basis, or of what it is compared with, cannot be had at present.
    BasisMissing,
    /// Stopped.
    Cancelled,
    /// A failure of this node.
    Failed(String),
}

/// Better parameters.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Found {
    pub(crate) parameters: Vec<u8>,
    /// The lower median of what the optimizer measured on data of its own: what is claimed.
    pub(crate) claim: Metric,
    /// The lower median of the rehearsed quorums' improvements, in units of φ.
    pub(crate) improvement: FixedI128,
    /// The stage that the search was in.
    pub(crate) stage: Option<u32>,
}

impl SearchTask {
    /// Whether the other task would do the same.
    pub(crate) fn is_same_work(&self, other: &Self) -> bool {
        let same_basis = self.basis.artifact == other.basis.artifact && self.basis.season == other.basis.season;
        let same_kind = match (&self.shared, &other.shared) {
            (None, None) => same_basis,
            (Some(one), Some(two)) => one.is_same(two, same_basis),
            _ => false,
        };
        same_kind && self.domain_index == other.domain_index && self.account == other.account
    }

    /// Searches, and rehearses what it finds.
    pub(crate) fn run(&self, cancellation: &Cancellation) -> SearchOutcome {
        match self.search(cancellation) {
            Ok(outcome) => outcome,
            Err(DomainError::NoImprovement { .. }) => SearchOutcome::Insignificant,
            Err(DomainError::Cancelled) => SearchOutcome::Cancelled,
            Err(error) => SearchOutcome::Failed(error.to_string()),
        }
    }

    fn search(&self, cancellation: &Cancellation) -> Result<SearchOutcome, DomainError> {
        if let Some(shared) = &self.shared {
            return shared.run(self, cancellation);
        }
        let basis = match self.fetch(self.basis.artifact) {
            Ok(parameters) => parameters,
            Err(outcome) => return Ok(outcome),
        };
        if let Some(best) = self.compared_with {
            let best = match self.fetch(best) {
                Ok(parameters) => parameters,
                Err(outcome) => return Ok(outcome),
            };
            match self.rehearse(basis.clone(), &best, cancellation)? {
                SearchOutcome::Found(_) => {}
                SearchOutcome::Insignificant => return Ok(SearchOutcome::Unconvincing),
                other => return Ok(other),
            }
        }
        if self.forgets {
            self.domain.forget();
        }
        if let Some(stage) = self.stage {
            self.domain.advance(stage);
        }
        // Any gain will do here: what is significant the rehearsal finds out.
        let budget = Budget {
            evaluations: self.evaluations,
            minimum_gain: 0.0,
        };
        let candidate = self
            .domain
            .optimize(&basis, &budget, random_seed(), self.basis.season, cancellation)?;
        self.rehearse(candidate.parameters, &basis, cancellation)
    }

    pub(crate) fn fetch(&self, artifact: ArtifactReference) -> Result<Vec<u8>, SearchOutcome> {
        match self.artifacts.get(artifact) {
            Ok(Some(parameters)) => Ok(parameters),
            Ok(None) => Err(SearchOutcome::BasisMissing),
            Err(error) => Err(SearchOutcome::Failed(error)),
        }
    }

    /// Plays through the quorums that would judge the candidate, by the very rule that the chain decides by, on data
    /// from seeds that nobody else knows. So the claim is honest, and a claim that would be lost, with its escrow, is
    /// mostly not made: four quorums in five have to accept it.
    ///
    /// The claim is the lower median of all these measurements: it lies in the middle of what evaluators will find.
    pub(crate) fn rehearse(
        &self,
        parameters: Vec<u8>,
        incumbent: &[u8],
        cancellation: &Cancellation,
    ) -> Result<SearchOutcome, DomainError> {
        let direction = self.specification.direction;
        let size = self.quorum_size.max(1);
        let mut votes = Vec::new();
        for _ in 0..self.rehearsals.max(1).saturating_mul(size) {
            if cancellation.is_cancelled() {
                return Ok(SearchOutcome::Cancelled);
            }
            let vote = measure(
                &*self.domain,
                direction,
                &parameters,
                incumbent,
                random_seed(),
                self.basis.season,
            )?;
            votes.push(Some(vote));
        }
        let metrics = votes.iter().filter_map(|vote| match vote {
            Some(VoteValues::Measured(measurement)) => Some(measurement.candidate),
            _ => None,
        });
        let Some(claim) = lower_median(metrics) else {
            return Ok(SearchOutcome::Failed(
                "the best's parameters are no model of this domain".into(),
            ));
        };
        let improvements: Vec<FixedI128> = votes
            .chunks(usize::try_from(size).unwrap_or(usize::MAX))
            .filter_map(|quorum| match decide(&self.specification, claim, quorum).0 {
                Decision::Agreed {
                    improvement,
                    verdict: QuorumVerdict::Accepted,
                    ..
                } => Some(improvement),
                _ => None,
            })
            .collect();
        let needed = self.rehearsals.max(1).saturating_mul(4).div_ceil(5);
        if u32::try_from(improvements.len()).unwrap_or(u32::MAX) < needed {
            return Ok(SearchOutcome::Insignificant);
        }
        let improvement = lower_median(improvements).unwrap_or_default();
        Ok(SearchOutcome::Found(Found {
            parameters,
            claim,
            improvement,
            stage: self.domain.stage(),
        }))
    }
}

/// 256 bits from the operating system: nobody else can know them.
pub(crate) fn random_seed() -> Seed {
    let mut seed = Seed::default();
    OsRng.fill_bytes(&mut seed);
    seed
}

//! Measuring a candidate and the incumbent on an evaluator's own data.

use crate::artifacts::Artifacts;
use doin_domains::{metric_to_fixed, Domain, DomainError, SyntheticData};
use doin_primitives::{
    api::RoundInfo,
    artifact::ArtifactReference,
    commitment::Seed,
    domain::Direction,
    quorum::{Measurement, Missing, VoteValues},
    AccountId, Metric, SlotNumber,
};
use sp_runtime::FixedI128;
use std::sync::Arc;

/// The metric of parameters that are there but are no model, or whose metric is not a number: 10¹⁵ in the bad
/// direction. All honest evaluators vote the same then, so that a quorum refutes such an optimum, instead of it being
/// without consequences. Far beyond any model's metric, and far from the bounds of fixed-point numbers.
pub const WORST_METRIC: Metric = FixedI128::from_inner(1_000_000_000_000_000 * 1_000_000_000_000_000_000);

/// The work of a seat, or of an auditor.
#[derive(Clone)]
pub(crate) struct MeasureTask {
    /// Which of the worker's domains.
    pub(crate) domain_index: usize,
    pub(crate) domain: Arc<dyn Domain>,
    pub(crate) artifacts: Arc<dyn Artifacts>,
    pub(crate) direction: Direction,
    /// For whom.
    pub(crate) account: AccountId,
    pub(crate) round: RoundInfo,
    /// The seat's seed.
    pub(crate) seed: Seed,
    /// Whose vote is replayed, by its seat; `None`: its own vote is measured.
    pub(crate) audited_seat: Option<u32>,
    /// The last slot in which the result may be committed to.
    pub(crate) deadline: SlotNumber,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum MeasureOutcome {
    /// A vote.
    Vote(VoteValues),
    /// The parameters cannot be had at present.
    Missing(Missing),
    /// A failure of this node, which says nothing of the optimum.
    Failed(String),
}

impl MeasureTask {
    /// Fetches both parameters, generates the data and measures.
    pub(crate) fn run(&self) -> MeasureOutcome {
        let assignment = &self.round.assignment;
        let fetch = |artifact: ArtifactReference, missing: Missing| match self.artifacts.get(artifact) {
            Ok(Some(parameters)) => Ok(parameters),
            Ok(None) => Err(MeasureOutcome::Missing(missing)),
            Err(error) => Err(MeasureOutcome::Failed(error)),
        };
        // The candidate first: when both are missing it is the candidate that is reported.
        let parameters = fetch(assignment.candidate, Missing::Candidate)
            .and_then(|candidate| Ok((candidate, fetch(assignment.incumbent, Missing::Incumbent)?)));
        match parameters {
            Ok((candidate, incumbent)) => measure(
                &*self.domain,
                self.direction,
                &candidate,
                &incumbent,
                self.seed,
                assignment.season,
            )
            .map_or_else(|error| MeasureOutcome::Failed(error.to_string()), MeasureOutcome::Vote),
            Err(outcome) => outcome,
        }
    }
}

/// The vote of an evaluator that has both parameters.
///
/// - A candidate that is no model of the domain, or whose metric or probe is not a number, gets [`WORST_METRIC`] and a
///   probe of 0.
/// - An incumbent of which that is true is as good as lost: [`Missing::Incumbent`], so that the best can fall back to
///   its predecessor when two thirds find the same.
///
/// # Errors
///
/// What the domain itself fails at: its data or its device.
pub(crate) fn measure(
    domain: &dyn Domain,
    direction: Direction,
    candidate: &[u8],
    incumbent: &[u8],
    seed: Seed,
    season: u64,
) -> Result<VoteValues, DomainError> {
    let data = domain.synthesize(seed, season)?;
    let Some((incumbent, _)) = evaluate(domain, incumbent, &data)? else {
        return Ok(VoteValues::Unavailable(Missing::Incumbent));
    };
    let (candidate, probe) = evaluate(domain, candidate, &data)?.unwrap_or_else(|| {
        (
            direction.oriented(FixedI128::from_inner(-WORST_METRIC.into_inner())),
            FixedI128::default(),
        )
    });
    Ok(VoteValues::Measured(Measurement {
        candidate,
        incumbent,
        probe,
        data_hash: domain.data_hash(&data),
    }))
}

/// Metric and probe; `None` when these parameters have none.
fn evaluate(
    domain: &dyn Domain,
    parameters: &[u8],
    data: &SyntheticData,
) -> Result<Option<(Metric, FixedI128)>, DomainError> {
    let evaluation = match domain.evaluate(parameters, data) {
        Ok(evaluation) => evaluation,
        Err(DomainError::BadParameters(_) | DomainError::NonFiniteMetric(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let fixed = metric_to_fixed(evaluation.metric).and_then(|metric| Ok((metric, metric_to_fixed(evaluation.probe)?)));
    // A metric beyond the worst one would make the worst not the worst.
    Ok(fixed
        .ok()
        .filter(|(metric, _)| metric.into_inner().unsigned_abs() < WORST_METRIC.into_inner().unsigned_abs()))
}

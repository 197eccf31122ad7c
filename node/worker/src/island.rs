//! What a search starts from. The nodes of a domain are islands, and champions migrate between them: an optimum that
//! was accepted anywhere is where all searches go on from. Sooner than that, *provisionally*, a search may go on from an
//! optimum that is still being judged, so that a node does not stand still meanwhile. What was found on the way counts
//! for nothing unless that optimum is accepted.

use crate::{config::SearchFrom, journal::OptimumEntry, view::View};
use doin_primitives::{
    api::{OptimumInfo, Stage},
    artifact::ArtifactReference,
    optimum::Outcome,
    AccountId, Hash, Metric,
};
use std::collections::HashSet;

/// Where a search starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Basis {
    /// The parameters.
    pub(crate) artifact: ArtifactReference,
    /// The season in which they are improved.
    pub(crate) season: u64,
    /// Whose word there is for them.
    pub(crate) trust: Trust,
}

/// Whose word there is for a basis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trust {
    /// A quorum's: it is the domain's best.
    Accepted,
    /// Our own: this optimizer found it.
    Own,
    /// Only that of whoever claims it: to be measured before anything is built on it.
    Claimed,
}

/// What has become of an optimum that a search went on from provisionally.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It is not decided yet.
    Open,
    /// It was accepted.
    Accepted,
    /// It was not accepted, or nothing is left of it.
    Dropped,
}

impl Basis {
    /// The best claimed of what the operator lets a search go on from; the accepted best when nothing open claims to be
    /// better. `own` are the own optimae that are on their way, `dismissed` the roots of what turned out to be no better.
    pub(crate) fn choose(
        view: &View<'_>,
        account: &AccountId,
        from: SearchFrom,
        own: &[OptimumEntry],
        dismissed: &HashSet<Hash>,
    ) -> Self {
        let specification = &view.info.specification;
        let oriented = |metric: Metric| specification.direction.oriented(metric);
        let season = view.season();
        let accepted = Self {
            artifact: view.info.best_artifact,
            season,
            trust: Trust::Accepted,
        };
        if from == SearchFrom::Accepted {
            return accepted;
        }
        let unrevealed = own
            .iter()
            .filter(|entry| !entry.abandoned && entry.season == season)
            .map(|entry| (entry.artifact, entry.reported, Trust::Own));
        let revealed = view
            .optimae
            .iter()
            .filter(|optimum| is_open(optimum) && specification.season(optimum.revealed_at) == season)
            .filter_map(|optimum| match optimum.optimizer == *account {
                true => Some((optimum.artifact, optimum.reported, Trust::Own)),
                false if from == SearchFrom::Revealed => Some((optimum.artifact, optimum.reported, Trust::Claimed)),
                false => None,
            });
        unrevealed
            .chain(revealed)
            .filter(|(artifact, reported, _)| {
                let is_better = |best| oriented(*reported) > oriented(best);
                !dismissed.contains(&artifact.root) && view.info.best_metric.is_none_or(is_better)
            })
            .max_by_key(|(_, reported, _)| oriented(*reported))
            .map_or(accepted, |(artifact, _, trust)| Self {
                artifact,
                season,
                trust,
            })
    }
}

impl Fate {
    /// What has become of `artifact`.
    pub(crate) fn of(artifact: ArtifactReference, view: &View<'_>, own: &[OptimumEntry]) -> Self {
        if artifact == view.info.best_artifact {
            return Self::Accepted;
        }
        let mut claims = view.optimae.iter().filter(|optimum| optimum.artifact == artifact);
        if own.iter().any(|entry| entry.artifact == artifact) || claims.clone().any(is_open) {
            return Self::Open;
        }
        match claims.any(|optimum| optimum.stage == Stage::Ended(Outcome::Accepted)) {
            true => Self::Accepted,
            false => Self::Dropped,
        }
    }
}

fn is_open(optimum: &OptimumInfo) -> bool {
    !matches!(optimum.stage, Stage::Ended(_))
}

/// Whether the verified best is as good as the operator asked for.
pub(crate) fn has_converged(view: &View<'_>, target: Option<Metric>) -> bool {
    let oriented = |metric: Metric| view.info.specification.direction.oriented(metric);
    match (view.info.best_metric, target) {
        (Some(best), Some(target)) => oriented(best) >= oriented(target),
        _ => false,
    }
}

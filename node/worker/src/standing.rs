//! Where an own optimum stands on the chain.

use crate::{
    journal::{Contestable, OptimumEntry},
    view::View,
    WorkerError,
};
use doin_primitives::{
    api::{CommitInfo, OptimumInfo, Stage},
    optimum::Outcome,
};

/// Where an own optimum stands at a block.
pub(crate) enum Standing {
    /// Committed, to be revealed.
    Committed(CommitInfo),
    /// Revealed; and how it may be challenged, once it is accepted.
    Revealed(Stage, Option<Contestable>),
    /// Nothing of it is on chain.
    Absent,
}

/// Where an own optimum stands, by the account's commits and the domain's optimae.
pub(crate) fn standing(entry: &OptimumEntry, commits: &[CommitInfo], optimae: &[OptimumInfo]) -> Standing {
    if let Some(commit) = commits.iter().find(|commit| commit.commitment == entry.commitment) {
        return Standing::Committed(commit.clone());
    }
    let is_own = |optimum: &&OptimumInfo| {
        optimum.optimizer == entry.account && optimum.artifact == entry.artifact && optimum.reported == entry.reported
    };
    match optimae.iter().find(is_own) {
        Some(optimum) => {
            let contestable = optimum.contest.as_ref().map(|contest| Contestable {
                optimum: optimum.id,
                window_ends: contest.window_ends,
            });
            Standing::Revealed(optimum.stage, contestable)
        }
        None => Standing::Absent,
    }
}

/// Where it stands in the last final block.
pub(crate) fn final_standing(entry: &OptimumEntry, view: &View<'_>) -> Result<Standing, WorkerError> {
    let commits = view.chain.commits(view.finalized.hash, &entry.account)?;
    let optimae = view.chain.optimae(view.finalized.hash, entry.domain)?;
    Ok(standing(entry, &commits, &optimae))
}

/// The outcome as a label.
pub(crate) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Unproven => "unproven",
        Outcome::Refuted => "refuted",
        Outcome::RefutedByAbsence => "refuted by absence",
        Outcome::Expired => "expired",
        Outcome::Superseded => "superseded",
    }
}

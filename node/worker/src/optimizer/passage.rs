//! An own optimum's passage over the chain: commit, reveal, and the lesson from how it ended.

use super::{growing, Optimizer, LONGEST_SETBACK};
use crate::{
    chain::{Operation, MORTALITY},
    journal::OptimumEntry,
    outbox::Progress,
    standing::{final_standing, outcome_name, standing, Standing},
    view::{Tools, View},
    WorkerError, LOG_TARGET,
};
use doin_primitives::{
    api::{CommitInfo, Stage},
    optimum::Outcome,
    Hash,
};

/// After so many failures in a block a commit is given up.
const COMMIT_ATTEMPTS: u32 = 3;

impl Optimizer {
    /// Takes an own optimum one step further. Returns whether it is still on its way.
    pub(super) async fn advance(
        &mut self,
        entry: OptimumEntry,
        commits: &[CommitInfo],
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Result<bool, WorkerError> {
        if entry.contestable.is_some() {
            return Ok(false);
        }
        match standing(&entry, commits, view.optimae) {
            Standing::Committed(commit) => {
                if view.info.specification.season(commit.committed_at) != entry.season {
                    // Judged on the data of its commit's season the claim would be refuted, which costs more than the
                    // part of the bond that burns.
                    tools.notices.warn(
                        ("season", entry.commitment),
                        format!(
                            "The commit {:?} to an optimum of {} has got into a block of the next season, for which it \
                             claims the wrong thing; it is not revealed, and a part of its bond burns",
                            entry.commitment, view.name
                        ),
                    );
                    return Ok(false);
                }
                if view.next_slot() <= commit.reveal_deadline {
                    self.reveal(&entry, view, tools).await;
                } else {
                    tools.notices.error(
                        ("deadline", entry.commitment),
                        format!(
                            "The commit {:?} to an optimum of {} was not revealed in time; a part of its bond burns",
                            entry.commitment, view.name
                        ),
                    );
                }
                Ok(true)
            }
            Standing::Revealed(stage, _) => {
                let Stage::Ended(outcome) = stage else { return Ok(true) };
                self.take_in_outcome(entry.commitment, outcome, view);
                // The nonce is needed no more once no change of forks can bring the commit back; the parameters are, for
                // as long as somebody may challenge them.
                if let Standing::Revealed(Stage::Ended(outcome), contestable) = final_standing(&entry, view)? {
                    tools.metrics.optimum(view.name, outcome_name(outcome));
                    self.counted.remove(&entry.commitment);
                    match contestable {
                        Some(_) => tools.journal.put_optimum(OptimumEntry { contestable, ..entry })?,
                        None => tools.journal.remove_optimum(entry.commitment)?,
                    }
                }
                Ok(false)
            }
            Standing::Absent => self.commit(entry, view, tools).await,
        }
    }

    async fn reveal(&self, entry: &OptimumEntry, view: &View<'_>, tools: &mut Tools<'_>) {
        let operation = Operation::Reveal {
            commitment: entry.commitment,
            artifact: entry.artifact,
            reported: entry.reported,
            experiment: entry.experiment.clone(),
            nonce: entry.nonce.0,
        };
        if tools
            .outbox
            .ensure(view.chain, tools.metrics, &self.account, &operation)
            .await
            == Progress::Sent
        {
            log::debug!(
                target: LOG_TARGET,
                "The commit {:?} to an optimum of {} is in a block; revealing it",
                entry.commitment,
                view.name
            );
        }
    }

    /// Sends the commit for as long as it is worth it; forgets it once it is not, and can no longer get into a block.
    pub(super) async fn commit(
        &self,
        mut entry: OptimumEntry,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Result<bool, WorkerError> {
        let expires_at = entry
            .found_at
            .saturating_add(u64::from(view.info.specification.deadlines.reveal));
        let is_worth_it = view.info.best_artifact == entry.incumbent
            && view.season() == entry.season
            && !view.season_is_ending()
            && view.now <= expires_at
            && !self.counted.contains(&entry.commitment);
        if !entry.abandoned && !is_worth_it {
            entry.abandoned = true;
            tools.journal.put_optimum(entry.clone())?;
            log::info!(
                target: LOG_TARGET,
                "The best of {} has moved on before {:?} was committed to; searching on",
                view.name,
                entry.commitment
            );
        }
        if entry.abandoned {
            let cannot_come_back =
                view.finalized.number > entry.sent_until && matches!(final_standing(&entry, view)?, Standing::Absent);
            if cannot_come_back {
                tools.journal.remove_optimum(entry.commitment)?;
            }
            return Ok(false);
        }
        // How long a commit may still turn up in a block has to be known before it is sent. Twice the life of a
        // transaction, so that it is written once in a while and not for each attempt.
        if entry.sent_until < view.best.number.saturating_add(MORTALITY) {
            entry.sent_until = view.best.number.saturating_add(MORTALITY.saturating_mul(2));
            tools.journal.put_optimum(entry.clone())?;
        }
        let operation = Operation::Commit {
            domain: view.info.id,
            commitment: entry.commitment,
        };
        let progress = tools
            .outbox
            .ensure(view.chain, tools.metrics, &self.account, &operation)
            .await;
        match progress {
            Progress::Failed { reason, failures } if failures >= COMMIT_ATTEMPTS => {
                log::warn!(
                    target: LOG_TARGET,
                    "The commit {:?} to an optimum of {} is given up: {reason}",
                    entry.commitment,
                    view.name
                );
                entry.abandoned = true;
                tools.journal.put_optimum(entry)?;
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    /// Draws the lesson from how an own optimum ended, once.
    fn take_in_outcome(&mut self, commitment: Hash, outcome: Outcome, view: &View<'_>) {
        if !self.counted.insert(commitment) {
            return;
        }
        match outcome {
            Outcome::Accepted | Outcome::Superseded => self.setbacks = 0,
            Outcome::Unproven | Outcome::Refuted | Outcome::RefutedByAbsence | Outcome::Expired => {
                self.setbacks = self.setbacks.saturating_add(1);
                let pause = growing(self.setbacks, LONGEST_SETBACK);
                self.next_search = view.now.saturating_add(pause);
            }
        }
    }
}

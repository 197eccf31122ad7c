//! The optimizer: searches for better parameters and takes each improvement through commit and reveal.
//!
//! One optimum of an account is on its way in a domain at a time. When it has ended, or somebody else's has become the
//! best, the search goes on from the new best (the island model).

use crate::{
    artifacts::Artifacts,
    chain::{Operation, MORTALITY},
    funds::funds_needed,
    journal::OptimumEntry,
    outbox::Progress,
    search::{random_seed, Found, SearchOutcome, SearchTask},
    standing::{final_standing, outcome_name, standing, Standing},
    view::{Tools, View},
    WorkerError, LOG_TARGET,
};
use doin_domains::{fixed_to_metric, Domain};
use doin_primitives::{
    api::{CommitInfo, Stage},
    artifact::ArtifactReference,
    commitment::optimum_commitment,
    optimum::{Experiment, Outcome},
    quorum::first_round_size,
    AccountId, Hash, Metric, SlotNumber,
};
use sp_core::crypto::Ss58Codec;
use sp_runtime::{BoundedVec, FixedPointNumber};
use std::{collections::HashSet, sync::Arc};

/// So many rounds in a row may find nothing before the search slows down.
const PATIENCE: u32 = 50;
/// The longest pause between rounds that find nothing, in slots.
const LONGEST_PAUSE: SlotNumber = 16;
/// The longest pause after optimae that were not accepted, in slots.
const LONGEST_SETBACK: SlotNumber = 64;
/// After so many failures in a block a commit is given up.
const COMMIT_ATTEMPTS: u32 = 3;

/// How the operator wants the search done.
#[derive(Clone, Debug)]
pub(crate) struct SearchOptions {
    pub(crate) evaluations: Option<u64>,
    pub(crate) interval_slots: u32,
    pub(crate) rehearsals: u32,
}

/// The optimizer of this node in one domain.
pub(crate) struct Optimizer {
    domain_index: usize,
    account: AccountId,
    options: SearchOptions,
    /// What the last rounds were about: best and season.
    basis: Option<(ArtifactReference, u64)>,
    /// How many rounds in a row have found nothing.
    fruitless: u32,
    /// How many own optimae in a row were not accepted.
    setbacks: u32,
    /// How many rounds in a row have failed.
    failures: u32,
    next_search: SlotNumber,
    /// Own optimae whose end has been taken in.
    counted: HashSet<Hash>,
}

impl Optimizer {
    pub(crate) fn new(domain_index: usize, account: AccountId, options: SearchOptions) -> Self {
        Self {
            domain_index,
            account,
            options,
            basis: None,
            fruitless: 0,
            setbacks: 0,
            failures: 0,
            next_search: 0,
            counted: HashSet::new(),
        }
    }

    /// Takes in what a round of search has found: stores the parameters and writes the journal. The commit is sent by
    /// the next [`Optimizer::step`], as after a restart.
    pub(crate) fn finished(
        &mut self,
        task: &SearchTask,
        outcome: SearchOutcome,
        seconds: f64,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Result<(), WorkerError> {
        self.next_search = view.now.saturating_add(u64::from(self.options.interval_slots));
        let count = |result: &str| tools.metrics.round(view.name, result, task.evaluations, seconds);
        match outcome {
            SearchOutcome::Found(found) => {
                count("found");
                self.fruitless = 0;
                self.failures = 0;
                let is_current = view.info.best_artifact == task.incumbent && view.season() == task.season;
                if is_current {
                    self.keep(task, found, view, tools)?;
                }
            }
            SearchOutcome::Insignificant => {
                count("insignificant");
                self.failures = 0;
                self.fruitless = self.fruitless.saturating_add(1);
                let pause = growing(self.fruitless.saturating_sub(PATIENCE), LONGEST_PAUSE);
                self.next_search = self.next_search.saturating_add(pause);
            }
            SearchOutcome::IncumbentMissing => {
                count("incumbent missing");
                self.next_search = self.next_search.saturating_add(2);
                tools.notices.warn(
                    ("incumbent", self.domain_index as u64),
                    format!(
                        "The parameters of the best of {} ({:?}) are not here yet; the search waits for them",
                        view.name, task.incumbent.root
                    ),
                );
            }
            SearchOutcome::Cancelled => count("cancelled"),
            SearchOutcome::Failed(error) => {
                count("failed");
                self.failures = self.failures.saturating_add(1);
                self.next_search = self.next_search.saturating_add(growing(self.failures, LONGEST_SETBACK));
                tools.metrics.failure(view.name, "optimizer");
                log::warn!(
                    target: LOG_TARGET,
                    "A round of search in {} failed (attempt {}): {error}",
                    view.name,
                    self.failures
                );
            }
        }
        Ok(())
    }

    /// Makes an improvement durable: parameters, then journal.
    fn keep(
        &mut self,
        task: &SearchTask,
        found: Found,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Result<(), WorkerError> {
        let specification = &view.info.specification;
        let size = found.parameters.len();
        if u64::try_from(size).unwrap_or(u64::MAX) > u64::from(specification.maximum_artifact_size) {
            tools.notices.error(
                ("size", self.domain_index as u64),
                format!(
                    "The parameters found for {} have {size} bytes; the domain takes {} at most",
                    view.name, specification.maximum_artifact_size
                ),
            );
            self.next_search = view.now.saturating_add(LONGEST_SETBACK);
            return Ok(());
        }
        if !self.can_afford(view, tools, found.improvement)? {
            self.next_search = view.now.saturating_add(LONGEST_PAUSE);
            return Ok(());
        }
        let artifact = task.artifacts.put(&found.parameters).map_err(WorkerError::Artifacts)?;
        let nonce = random_seed();
        let commitment = optimum_commitment(
            tools.genesis,
            view.info.id,
            &self.account,
            artifact,
            found.claim,
            &nonce,
        );
        tools.journal.put_optimum(OptimumEntry {
            commitment,
            account: self.account.clone(),
            domain: view.info.id,
            artifact,
            reported: found.claim,
            experiment: experiment(task, &found),
            nonce: Hash::from(nonce),
            incumbent: task.incumbent,
            season: task.season,
            found_at: view.now,
            sent_until: 0,
            abandoned: false,
        })?;
        log::info!(
            target: LOG_TARGET,
            "Found better parameters for {}: {:.6}, an improvement of {:.6}; committing to them",
            view.name,
            fixed_to_metric(found.claim),
            fixed_to_metric(found.improvement)
        );
        Ok(())
    }

    /// Looks at the chain, sends what is due, and adds to `searches` the round that should be running.
    pub(crate) async fn step(
        &mut self,
        view: &View<'_>,
        domain: &Arc<dyn Domain>,
        artifacts: &Arc<dyn Artifacts>,
        tools: &mut Tools<'_>,
        searches: &mut Vec<SearchTask>,
    ) -> Result<(), WorkerError> {
        let commits = view.chain.commits(view.best.hash, &self.account)?;
        // An own optimum that the journal does not know of (it was lost, or another node has the key) has to be waited
        // for all the same: the domain takes one of an account at a time.
        let mut is_busy = view
            .optimae
            .iter()
            .any(|optimum| optimum.optimizer == self.account && !matches!(optimum.stage, Stage::Ended(_)));
        for entry in tools.journal.optima_of(&self.account, view.info.id) {
            is_busy |= self.advance(entry, &commits, view, tools).await?;
        }
        for commit in commits {
            if commit.domain == view.info.id && tools.journal.optimum(commit.commitment).is_none() {
                tools.notices.error(
                    ("commit", commit.commitment),
                    format!(
                        "The commit {:?} of {} is not in this node's journal, so that it cannot be revealed. Does \
                         another node use the same key, or was the journal deleted?",
                        commit.commitment,
                        self.account.to_ss58check()
                    ),
                );
            }
        }
        let basis = (view.info.best_artifact, view.season());
        if self.basis != Some(basis) {
            self.basis = Some(basis);
            self.fruitless = 0;
            self.failures = 0;
            tools.notices.settle(("incumbent", self.domain_index as u64));
            // A pause was for the old best, unless it is for optimae that were not accepted.
            if self.setbacks == 0 {
                self.next_search = self
                    .next_search
                    .min(view.now.saturating_add(u64::from(self.options.interval_slots)));
            }
        }
        if is_busy || view.now < self.next_search || view.season_is_ending() {
            return Ok(());
        }
        let quorum_size = self.quorum_size(view);
        if quorum_size == 0 {
            tools.notices.warn(
                ("quorum", self.domain_index as u64),
                format!(
                    "Nobody but the optimizer is registered to evaluate {}; the search waits",
                    view.name
                ),
            );
            return Ok(());
        }
        if !self.can_afford(view, tools, Default::default())? {
            self.next_search = view.now.saturating_add(LONGEST_PAUSE);
            return Ok(());
        }
        searches.push(SearchTask {
            domain_index: self.domain_index,
            domain: domain.clone(),
            artifacts: artifacts.clone(),
            specification: view.info.specification.clone(),
            account: self.account.clone(),
            incumbent: view.info.best_artifact,
            season: view.season(),
            evaluations: self.options.evaluations.unwrap_or(domain.metadata().round_evaluations),
            rehearsals: self.options.rehearsals,
            quorum_size,
        });
        Ok(())
    }

    /// Takes an own optimum one step further. Returns whether it is still on its way.
    async fn advance(
        &mut self,
        entry: OptimumEntry,
        commits: &[CommitInfo],
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Result<bool, WorkerError> {
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
            Standing::Revealed(stage) => {
                let Stage::Ended(outcome) = stage else { return Ok(true) };
                self.take_in_outcome(entry.commitment, outcome, view);
                // The entry is needed no more once no change of forks can bring the commit back.
                if let Standing::Revealed(Stage::Ended(outcome)) = final_standing(&entry, view)? {
                    tools.metrics.optimum(view.name, outcome_name(outcome));
                    tools.journal.remove_optimum(entry.commitment)?;
                    self.counted.remove(&entry.commitment);
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
    async fn commit(
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

    /// How many will judge an optimum of this account: by those who are registered, as reputations may have changed
    /// when it is drawn.
    fn quorum_size(&self, view: &View<'_>) -> u32 {
        let others = view
            .info
            .evaluators
            .iter()
            .filter(|evaluator| **evaluator != self.account)
            .count();
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        first_round_size(view.info.specification.quorum, others, others)
    }

    /// Whether the account can pay for an optimum that claims `improvement`, to the end: a commit that cannot be
    /// revealed costs a part of its bond.
    fn can_afford(
        &self,
        view: &View<'_>,
        tools: &mut Tools<'_>,
        improvement: sp_runtime::FixedI128,
    ) -> Result<bool, WorkerError> {
        let status = view.chain.status(view.best.hash)?;
        let supply = view.chain.supply(view.best.hash)?;
        let needed = funds_needed(view.info, &status, &supply, self.quorum_size(view), improvement);
        let subject = ("funds", self.account.clone(), self.domain_index as u64);
        if view.chain.free_balance(view.best.hash, &self.account)? >= needed {
            tools.notices.settle(subject);
            return Ok(true);
        }
        tools.notices.warn(
            subject,
            format!(
                "{} has not enough coin for the bond, the evaluators and the fees of an optimum of {}; the search waits",
                self.account.to_ss58check(),
                view.name
            ),
        );
        Ok(false)
    }
}

/// What is published with the reveal.
fn experiment(task: &SearchTask, found: &Found) -> Experiment {
    let metrics = [
        ("rehearsed improvement", found.improvement),
        ("evaluations", Metric::saturating_from_integer(task.evaluations)),
        ("rehearsals", Metric::saturating_from_integer(task.rehearsals)),
    ];
    let named = metrics
        .into_iter()
        .filter_map(|(name, value)| Some((BoundedVec::try_from(name.as_bytes().to_vec()).ok()?, value)))
        .collect();
    BoundedVec::truncate_from(named)
}

fn growing(count: u32, longest: SlotNumber) -> SlotNumber {
    match count {
        0 => 0,
        _ => 1u64
            .checked_shl(count.saturating_sub(1))
            .unwrap_or(longest)
            .min(longest),
    }
}

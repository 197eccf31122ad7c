//! The optimizer: searches for better parameters and takes each improvement through commit and reveal.
//!
//! One optimum of an account is on its way in a domain at a time. The search goes on meanwhile, see [`crate::island`]; what
//! it finds is held back until its basis is the best.

mod passage;

use crate::{
    artifacts::Artifacts,
    config::SearchFrom,
    funds::funds_needed,
    island::{has_converged, Basis, Fate, Trust},
    journal::OptimumEntry,
    search::{random_seed, Found, SearchOutcome, SearchTask},
    shared::{SharedSearch, SharedTask},
    view::{Tools, View},
    WorkerError, LOG_TARGET,
};
use doin_domains::{fixed_to_metric, Domain};
use doin_primitives::{
    api::Stage, artifact::ArtifactReference, commitment::optimum_commitment, optimum::Experiment,
    quorum::first_round_size, AccountId, Hash, Metric, SlotNumber,
};
use sp_core::crypto::Ss58Codec;
use sp_runtime::{BoundedVec, FixedPointNumber};
use std::{collections::HashSet, sync::Arc};

/// So many rounds in a row may find nothing before the search slows down.
const PATIENCE: u32 = 50;
/// The longest pause between rounds that find nothing, in slots.
const LONGEST_PAUSE: SlotNumber = 16;
/// The name of the stage among what is published with a reveal.
const STAGE: &str = "stage";
/// The longest pause after optimae that were not accepted, in slots.
const LONGEST_SETBACK: SlotNumber = 64;

/// How the operator wants the search done.
#[derive(Clone, Debug)]
pub(crate) struct SearchOptions {
    pub(crate) evaluations: Option<u64>,
    pub(crate) interval_slots: u32,
    pub(crate) rehearsals: u32,
    pub(crate) from: SearchFrom,
    /// Where the search rests.
    pub(crate) target: Option<Metric>,
}

/// The optimizer of this node in one domain.
pub(crate) struct Optimizer {
    domain_index: usize,
    account: AccountId,
    options: SearchOptions,
    /// This node's part in a population that it shares with others; `None`: it searches by itself.
    shared: Option<SharedSearch>,
    /// The accepted best and the season, when last looked at.
    best: Option<(ArtifactReference, u64)>,
    /// What the last rounds started from.
    basis: Option<Basis>,
    /// The best of what was found and is not committed to: its basis is not the best yet.
    held: Option<(SearchTask, Found)>,
    /// What the search has taken in provisionally.
    adopted: Vec<ArtifactReference>,
    /// The roots of claims that were measured and are no improvement, or cannot be had; until the best moves on.
    dismissed: HashSet<Hash>,
    /// The root of the claim that was last measured and found to be an improvement.
    convincing: Option<Hash>,
    /// Whether the search has to forget what it took in.
    forgets: bool,
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
    pub(crate) fn new(
        domain_index: usize,
        account: AccountId,
        options: SearchOptions,
        shared: Option<SharedSearch>,
    ) -> Self {
        Self {
            domain_index,
            account,
            options,
            shared,
            best: None,
            basis: None,
            held: None,
            adopted: Vec::new(),
            dismissed: HashSet::new(),
            convincing: None,
            forgets: false,
            fruitless: 0,
            setbacks: 0,
            failures: 0,
            next_search: 0,
            counted: HashSet::new(),
        }
    }

    /// Takes in what a round of search has found. What is worth a commit, the next [`Optimizer::step`] sees to.
    pub(crate) fn finished(
        &mut self,
        task: SearchTask,
        outcome: SearchOutcome,
        seconds: f64,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) {
        let Some(outcome) = self.finished_shared(&task, outcome, seconds, view, tools) else {
            return;
        };
        self.next_search = view.now.saturating_add(u64::from(self.options.interval_slots));
        let count = |result: &str| tools.metrics.round(view.name, result, task.evaluations, seconds);
        if task.forgets && !matches!(outcome, SearchOutcome::Failed(_)) {
            self.forgets = false;
        }
        match outcome {
            SearchOutcome::Found(found) => {
                count("found");
                self.failures = 0;
                self.searched_from(task.basis);
                let is_better = self.held.as_ref().is_none_or(|(former, held)| {
                    former.basis.artifact != task.basis.artifact || held.improvement < found.improvement
                });
                if is_better {
                    self.fruitless = 0;
                    self.held = Some((task, found));
                } else {
                    self.found_nothing_new();
                }
            }
            SearchOutcome::Insignificant => {
                count("insignificant");
                self.failures = 0;
                self.searched_from(task.basis);
                self.found_nothing_new();
            }
            SearchOutcome::Unconvincing => {
                count("unconvincing");
                self.dismissed.insert(task.basis.artifact.root);
            }
            SearchOutcome::BasisMissing if task.basis.trust == Trust::Accepted => {
                count("incumbent missing");
                self.next_search = self.next_search.saturating_add(2);
                tools.notices.warn(
                    ("incumbent", self.domain_index as u64),
                    format!(
                        "The parameters of the best of {} ({:?}) are not here yet; the search waits for them",
                        view.name, task.basis.artifact.root
                    ),
                );
            }
            SearchOutcome::BasisMissing => {
                count("basis missing");
                self.dismissed.insert(task.basis.artifact.root);
            }
            // Only parts of shared searches have it.
            SearchOutcome::Cancelled | SearchOutcome::Shared(_) => count("cancelled"),
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
    }

    /// Takes in a part of a shared search. Returns what is to be taken in as any other round's outcome: improvements.
    fn finished_shared(
        &mut self,
        task: &SearchTask,
        outcome: SearchOutcome,
        seconds: f64,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Option<SearchOutcome> {
        let (Some(part), Some(shared)) = (&task.shared, &mut self.shared) else {
            return Some(outcome);
        };
        if outcome == SearchOutcome::Cancelled {
            // It comes again, unless it is of no more use.
            tools.metrics.round(view.name, "cancelled", 0, seconds);
            return None;
        }
        if let SearchOutcome::Failed(error) = &outcome {
            tools.metrics.failure(view.name, "optimizer");
            log::warn!(target: LOG_TARGET, "A part of the shared search in {} failed: {error}", view.name);
        }
        let evaluations = u64::from(part.name() == "shared evaluate");
        tools.metrics.round(view.name, part.name(), evaluations, seconds);
        match part {
            SharedTask::Work { id, work } => {
                let outcome = match outcome {
                    SearchOutcome::Shared(outcome) => Some(outcome),
                    _ => None,
                };
                shared.finished(*id, work, outcome, &self.account, view);
                None
            }
            SharedTask::Rehearse(parameters) => {
                shared.rehearsed(parameters);
                Some(outcome).filter(|outcome| matches!(outcome, SearchOutcome::Found(_)))
            }
        }
    }

    fn found_nothing_new(&mut self) {
        self.fruitless = self.fruitless.saturating_add(1);
        let pause = growing(self.fruitless.saturating_sub(PATIENCE), LONGEST_PAUSE);
        self.next_search = self.next_search.saturating_add(pause);
    }

    /// A round has taken in these parameters.
    fn searched_from(&mut self, basis: Basis) {
        match basis.trust {
            Trust::Accepted => return,
            Trust::Own => {}
            Trust::Claimed => self.convincing = Some(basis.artifact.root),
        }
        if !self.adopted.contains(&basis.artifact) {
            self.adopted.push(basis.artifact);
        }
    }

    /// Makes an improvement durable: parameters, then journal. Returns what is to be committed to.
    fn keep(
        &mut self,
        task: &SearchTask,
        found: &Found,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Result<Option<OptimumEntry>, WorkerError> {
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
            return Ok(None);
        }
        if !self.can_afford(view, tools, found.improvement)? {
            self.next_search = view.now.saturating_add(LONGEST_PAUSE);
            return Ok(None);
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
        let entry = OptimumEntry {
            commitment,
            account: self.account.clone(),
            domain: view.info.id,
            artifact,
            reported: found.claim,
            experiment: experiment(task, found),
            nonce: Hash::from(nonce),
            incumbent: task.basis.artifact,
            season: task.basis.season,
            found_at: view.now,
            sent_until: 0,
            contestable: None,
            abandoned: false,
        };
        tools.journal.put_optimum(entry.clone())?;
        log::info!(
            target: LOG_TARGET,
            "Found better parameters for {}: {:.6}, an improvement of {:.6}; committing to them",
            view.name,
            fixed_to_metric(found.claim),
            fixed_to_metric(found.improvement)
        );
        Ok(Some(entry))
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
        let mut on_the_way = Vec::new();
        for entry in tools.journal.optima_of(&self.account, view.info.id) {
            if self.advance(entry.clone(), &commits, view, tools).await? {
                on_the_way.push(entry);
            }
        }
        is_busy |= !on_the_way.is_empty();
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
        self.take_in_fates(view, &on_the_way);
        if !is_busy && !view.season_is_ending() {
            if let Some((task, found)) = self
                .held
                .take_if(|(task, _)| task.basis.artifact == view.info.best_artifact)
            {
                if let Some(entry) = self.keep(&task, &found, view, tools)? {
                    is_busy = self.commit(entry.clone(), view, tools).await?;
                    on_the_way.push(entry);
                }
            }
        }
        let from = match &self.shared {
            Some(_) => SearchFrom::Accepted,
            None => self.options.from,
        };
        let basis = Basis::choose(view, &self.account, from, &on_the_way, &self.dismissed);
        let is_new = |former: Basis| (former.artifact, former.season) != (basis.artifact, basis.season);
        if self.basis.is_none_or(is_new) {
            self.fruitless = 0;
            self.failures = 0;
            tools.notices.settle(("incumbent", self.domain_index as u64));
            // A pause was for the old basis, unless it is for optimae that were not accepted.
            if self.setbacks == 0 {
                self.next_search = self
                    .next_search
                    .min(view.now.saturating_add(u64::from(self.options.interval_slots)));
            }
        }
        self.basis = Some(basis);
        let rests = self.rests(view, tools) || view.season_is_ending();
        let quorum_size = self.quorum_size(view);
        if let (Some(shared), false) = (&mut self.shared, rests) {
            // The part of others does not wait for what this node has on its way.
            let is_free = !is_busy && self.held.is_none() && quorum_size > 0;
            if let Some(part) = shared.next(&self.account, is_free, domain, view, tools) {
                searches.push(self.task(basis, Some(part), quorum_size, view, domain, artifacts));
            }
            return Ok(());
        }
        if rests || (is_busy && basis.trust == Trust::Accepted) || view.now < self.next_search {
            return Ok(());
        }
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
        // While an optimum is on its way, bond and prices are on hold for it: what comes after is not to be paid yet.
        if !is_busy && !self.can_afford(view, tools, Default::default())? {
            self.next_search = view.now.saturating_add(LONGEST_PAUSE);
            return Ok(());
        }
        searches.push(self.task(basis, None, quorum_size, view, domain, artifacts));
        Ok(())
    }

    fn task(
        &self,
        basis: Basis,
        shared: Option<SharedTask>,
        quorum_size: u32,
        view: &View<'_>,
        domain: &Arc<dyn Domain>,
        artifacts: &Arc<dyn Artifacts>,
    ) -> SearchTask {
        let is_doubted = basis.trust == Trust::Claimed && self.convincing != Some(basis.artifact.root);
        SearchTask {
            domain_index: self.domain_index,
            domain: domain.clone(),
            artifacts: artifacts.clone(),
            specification: view.info.specification.clone(),
            account: self.account.clone(),
            basis,
            stage: stage_of(view, basis.artifact),
            compared_with: is_doubted.then_some(view.info.best_artifact),
            forgets: self.forgets,
            evaluations: self.options.evaluations.unwrap_or(domain.metadata().round_evaluations),
            rehearsals: self.options.rehearsals,
            quorum_size,
            shared,
        }
    }

    /// Drops what was built on optimae that were not accepted.
    fn take_in_fates(&mut self, view: &View<'_>, on_the_way: &[OptimumEntry]) {
        let season = view.season();
        let best = Some((view.info.best_artifact, season));
        if self.best != best {
            self.best = best;
            self.dismissed.clear();
        }
        let adopted = std::mem::take(&mut self.adopted);
        for artifact in adopted {
            match Fate::of(artifact, view, on_the_way) {
                Fate::Open => self.adopted.push(artifact),
                Fate::Accepted => {}
                Fate::Dropped => {
                    self.forgets = true;
                    log::debug!(
                        target: LOG_TARGET,
                        "An optimum of {} that the search went on from was not accepted: what was built on it is dropped",
                        view.name
                    );
                }
            }
        }
        let is_current = |(task, _): &(SearchTask, Found)| {
            task.basis.season == season
                && (task.basis.artifact == view.info.best_artifact
                    || Fate::of(task.basis.artifact, view, on_the_way) == Fate::Open)
        };
        if !self.held.as_ref().is_some_and(is_current) {
            self.held = None;
        }
    }

    /// Whether the domain has reached the operator's target, so that its compute goes to other domains.
    fn rests(&self, view: &View<'_>, tools: &mut Tools<'_>) -> bool {
        let converged = has_converged(view, self.options.target);
        tools.metrics.converged(view.name, converged);
        let subject = ("target", self.domain_index as u64);
        match (converged, self.options.target) {
            (true, Some(target)) => tools.notices.inform(
                subject,
                format!(
                    "The best of {} has reached the target of {}: the search rests until it falls short of it again",
                    view.name,
                    fixed_to_metric(target)
                ),
            ),
            _ => tools.notices.settle(subject),
        }
        converged
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

/// The stage that an optimum with these parameters was published with.
fn stage_of(view: &View<'_>, artifact: ArtifactReference) -> Option<u32> {
    let optimum = view.optimae.iter().find(|optimum| optimum.artifact == artifact)?;
    let (_, stage) = optimum
        .experiment
        .iter()
        .find(|(name, _)| name[..] == *STAGE.as_bytes())?;
    u32::try_from(stage.into_inner().checked_div(Metric::DIV)?).ok()
}

/// What is published with the reveal.
fn experiment(task: &SearchTask, found: &Found) -> Experiment {
    let metrics = [
        ("rehearsed improvement", found.improvement),
        ("evaluations", Metric::saturating_from_integer(task.evaluations)),
        ("rehearsals", Metric::saturating_from_integer(task.rehearsals)),
    ];
    let stage = found.stage.map(|stage| (STAGE, Metric::saturating_from_integer(stage)));
    let named = metrics
        .into_iter()
        .chain(stage)
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

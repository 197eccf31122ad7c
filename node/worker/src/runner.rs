//! The worker: puts the roles together and drives them, block by block.

use crate::{
    artifacts::{artifact, Artifacts, Kept},
    chain::{BlockReference, Chain},
    claims::Claims,
    config::ConfigurationError,
    inference::Inference,
    journal::Journal,
    metrics::Metrics,
    outbox::Outbox,
    start::{is_named, local_domain, place, unknown_domain, DomainFactory, LocalDomain, Ports, Running, StartError},
    view::{Notices, Tools, View},
    workbench::{Finished, Workbench},
    WorkerError, LOG_TARGET,
};
use doin_domains::fixed_to_metric;
use doin_population::Hub;
use doin_primitives::{
    api::{DomainInfo, Stage},
    artifact::ArtifactReference,
    domain::DomainId,
    AccountId, SlotNumber,
};
use futures::{future::FutureExt, stream::StreamExt};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// Optimizer and evaluator of a node. See the [crate's documentation](crate).
pub struct Worker {
    chain: Arc<dyn Chain>,
    artifacts: Arc<dyn Artifacts>,
    factory: DomainFactory,
    domains: Vec<LocalDomain>,
    accounts: BTreeSet<AccountId>,
    claims: Claims,
    journal: Journal,
    outbox: Outbox,
    notices: Notices,
    metrics: Metrics,
    workbench: Workbench,
    inference: Inference,
    populations: Hub,
    kept: Kept,
}

impl Worker {
    /// Checks the configuration against chain and keystore, and opens the journal.
    ///
    /// # Errors
    ///
    /// One line that says what stops the start, and where.
    pub fn with_ports(ports: Ports) -> Result<Self, StartError> {
        let Ports {
            configuration,
            chain,
            keys,
            artifacts,
            domains: factory,
            executor,
            journal,
            populations,
            metrics,
            inference,
        } = ports;
        let known = chain.domains(chain.best()?.hash)?;
        let mut accounts = BTreeSet::new();
        let mut domains = Vec::new();
        for (index, (name, roles)) in configuration.domains.iter().enumerate() {
            domains.push(local_domain(index, name, roles, &keys, &populations, &mut accounts)?);
            if !roles.wait_for_registration && !known.iter().any(|info| is_named(info, name)) {
                let names = known.iter().map(|info| info.specification.name.to_vec());
                return Err(unknown_domain(name, names).into());
            }
        }
        let journal = Journal::open(&journal, chain.genesis())?;
        let mut worker = Self {
            claims: Claims::new(configuration.claim_interval_slots),
            chain,
            artifacts,
            factory,
            domains,
            accounts,
            journal,
            outbox: Outbox::default(),
            notices: Notices::default(),
            metrics,
            workbench: Workbench::new(executor),
            inference,
            populations,
            kept: Kept::default(),
        };
        // Pins do not outlive a process: what must not be evicted is named before anything is stored.
        let best = worker.chain.best()?.hash;
        let mut kept = Kept {
            needed: worker.own_artifacts(),
            useful: worker.own_contestable(),
        };
        for info in &known {
            if configuration.domains.keys().any(|name| is_named(info, name)) {
                kept.needed.push(info.best_artifact);
                kept.useful.extend(worker.chain.kept_artifacts(best, info.id)?);
            }
        }
        worker.keep(kept);
        worker.start_domains(&known)?;
        let passing = worker.journal.optima().filter(|entry| entry.contestable.is_none());
        let open = passing.count().saturating_add(worker.journal.votes().count());
        if open > 0 {
            log::info!(target: LOG_TARGET, "The journal has {open} commitments to go on with");
        }
        Ok(worker)
    }

    /// Works until the node ends. Returns at once when no role is switched on.
    pub async fn run(mut self) {
        if self.domains.is_empty() {
            return;
        }
        // Other nodes of a domain may have left something to do.
        let wakes = self.populations.wakes();
        let mut changes = self.chain.changes().fuse();
        loop {
            self.step().await;
            let pause = futures_timer::Delay::new(self.chain.slot_duration());
            futures::select! {
                change = changes.next() => {
                    if change.is_none() {
                        // The client is gone: the node is being shut down.
                        return;
                    }
                    // Several blocks may have come while the last step was made: one look is enough for all.
                    while let Some(Some(())) = changes.next().now_or_never() {}
                },
                finished = self.workbench.wait().fuse() => if let Some(finished) = finished {
                    self.take_in(finished);
                },
                _ = Box::pin(wakes.recv()).fuse() => {},
                _ = pause.fuse() => {},
            }
        }
    }

    /// Looks at the chain once and does what is due. Never fails: what does not work is logged and tried again.
    pub async fn step(&mut self) {
        while let Some(finished) = self.workbench.take_finished() {
            self.take_in(finished);
        }
        if self.chain.is_syncing() {
            self.workbench.stop_searching();
            return;
        }
        match self.work().await {
            Ok(()) => self.notices.settle("step"),
            Err(error) => self
                .notices
                .warn("step", format!("The worker waits for the next block: {error}")),
        }
    }

    async fn work(&mut self) -> Result<(), WorkerError> {
        let chain = self.chain.clone();
        let (best, finalized, now) = (chain.best()?, chain.finalized()?, chain.slot_now());
        if self.domains.iter().any(|domain| domain.running.is_none()) {
            self.start_registered(best)?;
        }
        let (mut measures, mut searches) = (Vec::new(), Vec::new());
        let (mut judged, mut contestable, mut queued) = (Vec::new(), Vec::new(), Vec::new());
        for local in &mut self.domains {
            let Some(running) = &local.running else { continue };
            let Some(info) = chain.domain(best.hash, running.id)? else {
                continue;
            };
            let optimae = chain.optimae(best.hash, running.id)?;
            let view = View {
                chain: &*chain,
                best,
                finalized,
                now,
                name: &local.name,
                info: &info,
                optimae: &optimae,
            };
            let mut tools = Tools {
                genesis: chain.genesis(),
                journal: &mut self.journal,
                outbox: &mut self.outbox,
                metrics: &self.metrics,
                notices: &mut self.notices,
            };
            if let Some(metric) = info.best_metric {
                self.metrics.best_metric(&local.name, fixed_to_metric(metric));
            }
            let rounds = optimae.iter().filter_map(|optimum| optimum.round.as_ref());
            judged.extend(rounds.flat_map(|round| [round.assignment.candidate, round.assignment.incumbent]));
            judged.extend([info.best_artifact, running.baseline]);
            judged.extend(running.domain.files().into_iter().map(artifact));
            // What waits to be judged, what the best may fall back to, and what challenges are judged on.
            let waiting = optimae.iter().filter(|optimum| optimum.stage == Stage::Queued);
            queued.extend(waiting.map(|optimum| optimum.artifact));
            contestable.extend(chain.kept_artifacts(best.hash, running.id)?);
            if let Some(evaluator) = &mut local.evaluator {
                let step = evaluator
                    .step(&view, &running.domain, &self.artifacts, &mut tools, &mut measures)
                    .await;
                report(step, "evaluator", &local.name, &mut tools);
            }
            if let Some(optimizer) = &mut local.optimizer {
                let step = optimizer
                    .step(&view, &running.domain, &self.artifacts, &mut tools, &mut searches)
                    .await;
                report(step, "optimizer", &local.name, &mut tools);
            }
        }
        let assignments = measures.iter().map(|task| &task.round.assignment);
        let mut needed = self.own_artifacts();
        needed.extend(assignments.flat_map(|assignment| [assignment.candidate, assignment.incumbent]));
        needed.extend(judged);
        // Anybody may fill a queue, as its bonds are paid: what is far behind in it comes last.
        contestable.retain(|artifact| !queued.contains(artifact));
        let mut useful = self.own_contestable();
        useful.extend(contestable);
        useful.extend(queued);
        self.keep(Kept { needed, useful });
        self.workbench.schedule(measures, searches);
        let mut tools = Tools {
            genesis: chain.genesis(),
            journal: &mut self.journal,
            outbox: &mut self.outbox,
            metrics: &self.metrics,
            notices: &mut self.notices,
        };
        self.claims
            .step(&*chain, best, finalized, &self.accounts, &mut tools)
            .await?;
        self.tidy(finalized, now)
    }

    /// Gives a finished task to the role that it is for.
    fn take_in(&mut self, finished: Finished) {
        let index = match &finished {
            Finished::Measure { task, .. } => task.domain_index,
            Finished::Search { task, .. } => task.domain_index,
        };
        let Some(local) = self.domains.get_mut(index) else {
            return;
        };
        let mut tools = Tools {
            genesis: self.chain.genesis(),
            journal: &mut self.journal,
            outbox: &mut self.outbox,
            metrics: &self.metrics,
            notices: &mut self.notices,
        };
        let (result, role) = match finished {
            Finished::Measure { task, outcome, seconds } => {
                let now = self.chain.slot_now();
                let result = local.evaluator.as_mut().map(|evaluator| {
                    evaluator
                        .finished(&task, outcome, seconds, &local.name, now, &mut tools)
                        .map_err(WorkerError::from)
                });
                (result.unwrap_or(Ok(())), "evaluator")
            }
            Finished::Search { task, outcome, seconds } => {
                let result = match (&mut local.optimizer, &local.running) {
                    (Some(optimizer), Some(running)) => take_in_search(&*self.chain, running.id, &local.name, |view| {
                        optimizer.finished(task, outcome, seconds, view, &mut tools);
                        Ok(())
                    }),
                    _ => Ok(()),
                };
                (result, "optimizer")
            }
        };
        report(result, role, &local.name, &mut tools);
    }

    /// Starts the domains that the chain has come to know.
    fn start_registered(&mut self, best: BlockReference) -> Result<(), WorkerError> {
        let known = self.chain.domains(best.hash)?;
        match self.start_domains(&known) {
            Ok(()) => Ok(()),
            Err(StartError::Chain(error)) => Err(error.into()),
            Err(error) => {
                self.notices.error("start", error.to_string());
                Ok(())
            }
        }
    }

    fn start_domains(&mut self, known: &[DomainInfo]) -> Result<(), StartError> {
        for local in self.domains.iter_mut().filter(|local| local.running.is_none()) {
            let Some(info) = known.iter().find(|info| is_named(info, &local.name)) else {
                continue;
            };
            let domain =
                (self.factory)(&info.specification, local.optimize.as_ref()).map_err(|source| StartError::Domain {
                    place: place(&local.name),
                    source,
                })?;
            for path in &local.files {
                put_file(&*self.artifacts, path, &local.name)?;
            }
            let baseline = self.artifacts.put(&domain.baseline()).map_err(StartError::Artifacts)?;
            if info.best_optimum.is_none() && info.best_artifact != baseline {
                self.notices.warn(
                    ("baseline", info.id),
                    format!(
                        "The chain's baseline of {} is not the one that this node generates: its parameters have to \
                         come from elsewhere",
                        local.name
                    ),
                );
            }
            if local.serve {
                self.inference
                    .serve(&local.name, &domain, &self.artifacts, &self.metrics);
            }
            let roles = [
                local.optimizer.as_ref().map(|_| "optimizing".into()),
                local
                    .evaluator
                    .as_ref()
                    .map(|evaluator| format!("evaluating with {} accounts", evaluator.accounts().len())),
                local.serve.then(|| "answering queries".into()),
            ];
            let roles: Vec<String> = roles.into_iter().flatten().collect();
            log::info!(
                target: LOG_TARGET,
                "{}: {} on {}",
                local.name,
                roles.join(" and "),
                domain.metadata().device
            );
            local.running = Some(Running {
                id: info.id,
                domain,
                baseline,
            });
        }
        Ok(())
    }

    /// The parameters of this node's own optimae that are on their way.
    fn own_artifacts(&self) -> Vec<ArtifactReference> {
        let passing = self.journal.optima().filter(|entry| entry.contestable.is_none());
        passing.map(|entry| entry.artifact).collect()
    }

    /// What challenges of this node's own accepted optimae would be judged on: there may be too many of a domain for
    /// everybody to keep all of them.
    fn own_contestable(&self) -> Vec<ArtifactReference> {
        let accepted = self.journal.optima().filter(|entry| entry.contestable.is_some());
        accepted.flat_map(|entry| [entry.artifact, entry.incumbent]).collect()
    }

    /// Tells the store what must stay, when that has changed.
    fn keep(&mut self, kept: Kept) {
        if kept == self.kept {
            return;
        }
        match self.artifacts.keep(&kept) {
            Ok(has_room) => {
                self.kept = kept;
                self.notices.settle("keep");
                match has_room {
                    true => self.notices.settle("room"),
                    false => self.notices.warn(
                        "room",
                        "The store of parameters has no room for all that should be kept for challenges and for what \
                         waits to be judged: raise worker.artifacts.quota_mebibytes"
                            .into(),
                    ),
                }
            }
            Err(error) => self.notices.warn("keep", format!("The store of parameters: {error}")),
        }
    }

    /// Forgets what is over.
    fn tidy(&mut self, finalized: BlockReference, now: SlotNumber) -> Result<(), WorkerError> {
        self.outbox.tidy(now);
        let late: Vec<_> = self
            .journal
            .votes()
            .filter(|entry| finalized.slot > entry.reveal_deadline)
            .map(|entry| (entry.commitment, entry.optimum))
            .collect();
        for (commitment, optimum) in late {
            // A chain that stood still opens the reveals late, and an audit may go on after them.
            let optimum = self.chain.optimum(finalized.hash, optimum)?;
            if optimum.is_none_or(|optimum| optimum.round.is_none()) {
                self.journal.remove_vote(commitment)?;
            }
        }
        // Of domains that the configuration names no more, as well.
        let accepted = self.journal.optima();
        let accepted = accepted.filter_map(|entry| Some((entry.commitment, entry.contestable?)));
        let over: Vec<_> = accepted
            .filter(|(_, contestable)| finalized.slot > contestable.window_ends)
            .collect();
        for (commitment, contestable) in over {
            if self.chain.contest(finalized.hash, contestable.optimum)?.is_none() {
                self.journal.remove_optimum(commitment)?;
            }
        }
        Ok(())
    }
}

/// Puts a file of the operator's into the store, and says its address.
fn put_file(artifacts: &dyn Artifacts, path: &Path, name: &str) -> Result<(), StartError> {
    let place = || format!("{}.files", place(name));
    let bytes = std::fs::read(path).map_err(|error| {
        ConfigurationError::new(place(), format!("the file {} cannot be read: {error}", path.display()))
    })?;
    let address = artifacts.put(&bytes).map_err(|error| {
        ConfigurationError::new(
            place(),
            format!("the file {} cannot be stored: {error}", path.display()),
        )
    })?;
    log::info!(
        target: LOG_TARGET,
        "{name}: file {} has the root {:?} and {} bytes",
        path.display(),
        address.root,
        address.size
    );
    Ok(())
}

/// Shows the chain as it is now to `take_in`; nothing to take in for a domain that is gone.
fn take_in_search(
    chain: &dyn Chain,
    domain: DomainId,
    name: &str,
    take_in: impl FnOnce(&View<'_>) -> Result<(), WorkerError>,
) -> Result<(), WorkerError> {
    let (best, finalized, now) = (chain.best()?, chain.finalized()?, chain.slot_now());
    let Some(info) = chain.domain(best.hash, domain)? else {
        return Ok(());
    };
    let optimae = chain.optimae(best.hash, domain)?;
    take_in(&View {
        chain,
        best,
        finalized,
        now,
        name,
        info: &info,
        optimae: &optimae,
    })
}

fn report(result: Result<(), WorkerError>, role: &'static str, domain: &str, tools: &mut Tools<'_>) {
    match result {
        Ok(()) => tools.notices.settle((role, domain)),
        Err(error) => {
            tools.metrics.failure(domain, role);
            tools.notices.warn(
                (role, domain),
                format!("The {role} of {domain} waits for the next block: {error}"),
            );
        }
    }
}

//! Searching with the other nodes of a domain in one population: which part of it this node does, and what becomes of
//! what it finds. The population itself is in `doin-population`.

use crate::{
    search::{random_seed, SearchOutcome, SearchTask},
    signer::OperatorKeys,
    view::{Tools, View},
    LOG_TARGET,
};
use doin_domains::{
    fixed_to_metric, metric_to_fixed, Cancellation, Domain, DomainError, SharedGeneration, SharedPopulation,
};
use doin_population::{Brood, Context, Finish, Hub, Identity, Outcome, Progress, Rules, Scope, Sealed, Sign, Work};
use doin_primitives::{artifact::ArtifactReference, domain::Direction, AccountId, Hash, Metric, Signature};
use sp_core::{crypto::Ss58Codec, sr25519};
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// A part of a shared search.
#[derive(Clone)]
pub(crate) enum SharedTask {
    /// What the population needs.
    Work { id: u64, work: Work },
    /// The best of a generation, found here: whether a quorum would accept it.
    Rehearse(Arc<Vec<u8>>),
}

/// What came of [`SharedTask::Work`].
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SharedOutcome {
    pub(crate) finish: Finish,
    /// The parameters of the candidate.
    pub(crate) parameters: Option<Vec<u8>>,
}

impl SharedTask {
    /// Whether the other is the same, for tasks that start from these parameters.
    pub(crate) fn is_same(&self, other: &Self, same_basis: bool) -> bool {
        match (self, other) {
            (Self::Work { id, .. }, Self::Work { id: other, .. }) => id == other,
            (Self::Rehearse(parameters), Self::Rehearse(others)) => same_basis && Arc::ptr_eq(parameters, others),
            _ => false,
        }
    }

    /// What it is, for the figures.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Work { work, .. } => match work {
                Work::Create { .. } => "shared create",
                Work::Evaluate { .. } => "shared evaluate",
                Work::Reproduce { .. } => "shared reproduce",
            },
            Self::Rehearse(_) => "shared rehearse",
        }
    }

    /// Does it.
    pub(crate) fn run(&self, task: &SearchTask, cancellation: &Cancellation) -> Result<SearchOutcome, DomainError> {
        let basis = |task: &SearchTask| task.fetch(task.basis.artifact);
        match self {
            Self::Rehearse(parameters) => match basis(task) {
                Ok(basis) => task.rehearse(parameters.to_vec(), &basis, cancellation),
                Err(outcome) => Ok(outcome),
            },
            Self::Work { work, .. } => {
                let Some(domain) = task.domain.shared_population() else {
                    return Err(DomainError::BadConfiguration(
                        "the domain has no shared population".into(),
                    ));
                };
                let start = || match basis(task) {
                    Ok(basis) => Ok(basis),
                    Err(SearchOutcome::Failed(error)) => Err(DomainError::Host(error)),
                    Err(_) => Err(DomainError::Host("the parameters of the best are not here yet".into())),
                };
                match compute(domain, work, task.basis.artifact.root, start, cancellation) {
                    Err(DomainError::Cancelled) => Ok(SearchOutcome::Cancelled),
                    Err(error) => Err(error),
                    Ok(outcome) => Ok(SearchOutcome::Shared(outcome)),
                }
            }
        }
    }
}

fn compute(
    domain: &dyn SharedPopulation,
    work: &Work,
    best: Hash,
    start: impl FnOnce() -> Result<Vec<u8>, DomainError>,
    cancellation: &Cancellation,
) -> Result<SharedOutcome, DomainError> {
    let brood = |generation: SharedGeneration| SharedOutcome {
        finish: Finish::Brood(Brood {
            candidates: generation.candidates,
            state: generation.state,
        }),
        parameters: None,
    };
    match work {
        Work::Create {
            season,
            start: wanted,
            seed,
        } => {
            if *wanted != best {
                return Err(DomainError::Cancelled);
            }
            Ok(brood(domain.create(&start()?, *seed, *season)?))
        }
        Work::Evaluate {
            generation,
            index,
            seed,
        } => {
            let Some(candidate) = generation.candidates.get(usize::from(*index)) else {
                return Err(DomainError::Cancelled);
            };
            let found = domain.evaluate_candidate(candidate, generation.number, *seed, generation.season, cancellation);
            let found = found.and_then(|found| Ok((metric_to_fixed(found.metric)?, found.parameters)));
            match found {
                Ok((metric, parameters)) => Ok(SharedOutcome {
                    finish: Finish::Outcome(Outcome::Metric(metric)),
                    parameters: Some(parameters),
                }),
                Err(DomainError::BadParameters(_) | DomainError::NonFiniteMetric(_)) => Ok(SharedOutcome {
                    finish: Finish::Outcome(Outcome::Rejected),
                    parameters: None,
                }),
                Err(error) => Err(error),
            }
        }
        Work::Reproduce { sealed, seed } => {
            let metrics: Vec<Option<f64>> = sealed
                .findings
                .iter()
                .map(|finding| match finding.outcome {
                    Outcome::Metric(metric) => Some(fixed_to_metric(metric)),
                    Outcome::Rejected => None,
                })
                .collect();
            let generation = &sealed.generation;
            let before = SharedGeneration {
                candidates: generation.candidates.clone(),
                state: generation.state.clone(),
            };
            let next = domain.reproduce(&before, generation.number, &metrics, *seed, generation.season)?;
            let ended = SharedOutcome {
                finish: Finish::Ended,
                parameters: None,
            };
            Ok(next.map_or(ended, brood))
        }
    }
}

/// The best that this node has found in a generation.
struct Own {
    parent: Hash,
    number: u64,
    index: u16,
    metric: Metric,
    parameters: Arc<Vec<u8>>,
}

/// So often in a row this node may fail at a candidate before the candidate is to blame: else one that breaks whatever
/// evaluates it would hold up all nodes for ever.
const MOST_FAILURES: u32 = 3;

/// This node's part in the population of a domain.
pub(crate) struct SharedSearch {
    hub: Hub,
    keys: OperatorKeys,
    own: Option<Own>,
    /// At which candidate this node has failed, and how often in a row.
    failures: Option<(Hash, u64, u16, u32)>,
    /// The best of a generation, to be rehearsed.
    found: Option<Arc<Vec<u8>>>,
    /// What was the last to be rehearsed against which best in which season: only better ones are.
    rehearsed: Option<(ArtifactReference, u64, Metric)>,
}

struct OperatorSigner {
    keys: OperatorKeys,
    account: AccountId,
}

impl Sign for OperatorSigner {
    fn sign(&self, message: &[u8]) -> Option<sr25519::Signature> {
        match self.keys.sign(&self.account, message) {
            Ok(Signature::Sr25519(signature)) => Some(signature),
            Ok(_) => None,
            Err(error) => {
                log::warn!(target: LOG_TARGET, "Nothing can be said to other nodes of the domain: {error}");
                None
            }
        }
    }
}

impl SharedSearch {
    pub(crate) fn new(hub: Hub, keys: OperatorKeys) -> Self {
        Self {
            hub,
            keys,
            own: None,
            failures: None,
            found: None,
            rehearsed: None,
        }
    }

    /// What is to be done next; `is_free`: what is found now could be committed to.
    pub(crate) fn next(
        &mut self,
        account: &AccountId,
        is_free: bool,
        domain: &Arc<dyn Domain>,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) -> Option<SharedTask> {
        let subject = ("shared", view.info.id);
        let specification = &view.info.specification;
        if domain.shared_population().is_none() {
            tools.notices.error(
                subject,
                format!(
                    "{} cannot be searched with a shared population: remove \"shared_population\"",
                    view.name
                ),
            );
            return None;
        }
        if !view.info.evaluators.contains(account) {
            tools.notices.warn(
                subject,
                format!(
                    "{} is no evaluator of {} (or not yet), so that other nodes do not listen to it; the shared search waits. \
                     Name it under \"evaluate\", with \"register\": true",
                    account.to_ss58check(),
                    view.name
                ),
            );
            return None;
        }
        tools.notices.settle(subject);
        if !self.hub.has_joined(view.info.id) {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let identity = Identity {
                scope: Scope {
                    genesis: tools.genesis,
                    domain: view.info.id,
                },
                account: account.clone(),
                secret: random_seed(),
                sequence: u64::try_from(now.as_millis()).unwrap_or_default(),
                metric_scale: specification.metric_scale,
            };
            let signer = OperatorSigner {
                keys: self.keys.clone(),
                account: account.clone(),
            };
            self.hub.join(identity, Rules::default(), Arc::new(signer));
        }
        if let (Some(parameters), true) = (&self.found, is_free) {
            return Some(SharedTask::Rehearse(parameters.clone()));
        }
        let context = Context {
            season: view.season(),
            start: view.info.best_artifact.root,
            members: view.info.evaluators.iter().cloned().collect(),
        };
        let (id, work) = self.hub.work(view.info.id, context)?;
        Some(SharedTask::Work { id, work })
    }

    /// Takes in what came of [`SharedTask::Work`]; `outcome` is `None` when this node has failed at it.
    pub(crate) fn finished(
        &mut self,
        id: u64,
        work: &Work,
        outcome: Option<SharedOutcome>,
        account: &AccountId,
        view: &View<'_>,
    ) {
        let direction = view.info.specification.direction;
        let SharedOutcome { finish, parameters } = outcome.unwrap_or_else(|| SharedOutcome {
            finish: self.failed(work),
            parameters: None,
        });
        if let (Work::Evaluate { generation, index, .. }, Finish::Outcome(Outcome::Metric(metric)), Some(parameters)) =
            (work, &finish, parameters)
        {
            let is_better = self.own.as_ref().is_none_or(|own| {
                (own.parent, own.number) != (generation.parent, generation.number)
                    || direction.oriented(own.metric) < direction.oriented(*metric)
            });
            if is_better {
                self.own = Some(Own {
                    parent: generation.parent,
                    number: generation.number,
                    index: *index,
                    metric: *metric,
                    parameters: Arc::new(parameters),
                });
            }
        }
        match self.hub.finished(view.info.id, id, finish) {
            Progress::Sealed(sealed) | Progress::Ended(Some(sealed)) => self.sealed(&sealed, account, direction, view),
            Progress::None | Progress::Ended(None) => {}
        }
    }

    fn failed(&mut self, work: &Work) -> Finish {
        let Work::Evaluate { generation, index, .. } = work else {
            return Finish::Failed;
        };
        let before = self.failures.take().filter(|(parent, number, at, _)| {
            (*parent, *number, *at) == (generation.parent, generation.number, *index)
        });
        let count = before.map_or(0, |(.., count)| count).saturating_add(1);
        if count >= MOST_FAILURES {
            return Finish::Outcome(Outcome::Rejected);
        }
        self.failures = Some((generation.parent, generation.number, *index, count));
        Finish::Failed
    }

    /// A generation is complete. Who has found its best sees to it.
    fn sealed(&mut self, sealed: &Sealed, account: &AccountId, direction: Direction, view: &View<'_>) {
        let generation = &sealed.generation;
        let metric = |outcome: &Outcome| match outcome {
            Outcome::Metric(metric) => Some(*metric),
            Outcome::Rejected => None,
        };
        let results = sealed.findings.iter();
        let results = results.filter_map(|finding| Some((finding, direction.oriented(metric(&finding.outcome)?))));
        // Of equals the first.
        let Some((best, oriented)) = results.reduce(|best, next| if next.1 > best.1 { next } else { best }) else {
            return;
        };
        log::debug!(
            target: LOG_TARGET,
            "Generation {} of {} is complete; its best has {:?}",
            generation.number,
            view.name,
            best.outcome
        );
        let is_it = |own: &Own| {
            (own.parent, own.number, own.index) == (generation.parent, generation.number, best.index)
                && best.account == *account
        };
        let Some(own) = self.own.take_if(|own| is_it(own)) else {
            return;
        };
        let (basis, season) = (view.info.best_artifact, view.season());
        let is_news = self.rehearsed.is_none_or(|(former, in_season, metric)| {
            (former, in_season) != (basis, season) || direction.oriented(metric) < oriented
        });
        if is_news && generation.season == season {
            self.rehearsed = Some((basis, season, own.metric));
            self.found = Some(own.parameters);
        }
    }

    /// The best of a generation was rehearsed.
    pub(crate) fn rehearsed(&mut self, parameters: &Arc<Vec<u8>>) {
        self.found.take_if(|found| Arc::ptr_eq(found, parameters));
    }
}

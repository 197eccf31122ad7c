//! What a worker is made of, and the checks before it starts.

use crate::{
    artifacts::{Artifacts, DomainFiles},
    chain::{Chain, ChainError},
    config::{ConfigurationError, DomainRoles, OptimizeRole, WorkerConfiguration, PLACE},
    evaluator::Evaluator,
    inference::Inference,
    journal::JournalError,
    metrics::Metrics,
    optimizer::{Optimizer, SearchOptions},
    shared::SharedSearch,
    signer::OperatorKeys,
    workbench::Executor,
    LOG_TARGET,
};
use doin_domains::{instantiate, metric_to_fixed, Compute, Domain, DomainError, Options};
use doin_plugins::{Launcher, Python};
use doin_population::Hub;
use doin_primitives::{
    api::DomainInfo,
    artifact::ArtifactReference,
    domain::{Direction, DomainId, DomainSpecification},
    AccountId,
};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

/// Makes a domain from its specification on chain and the operator's wishes for the search.
pub type DomainFactory =
    Arc<dyn Fn(&DomainSpecification, Option<&OptimizeRole>) -> Result<Arc<dyn Domain>, DomainError> + Send + Sync>;

/// The built-in domains, computing on `compute`, with files from `artifacts`.
pub fn built_in_domains(compute: Arc<Compute>, artifacts: Arc<dyn Artifacts>) -> DomainFactory {
    Arc::new(move |specification, role| make(specification, options(&compute, &artifacts, role)))
}

/// The built-in domains, and those of plugins, which `launcher` starts as the configuration says.
pub fn all_domains(
    compute: Arc<Compute>,
    artifacts: Arc<dyn Artifacts>,
    configuration: &WorkerConfiguration,
    launcher: Launcher,
) -> DomainFactory {
    let domains = configuration.domains.clone();
    Arc::new(move |specification, role| {
        let name = String::from_utf8_lossy(&specification.name).into_owned();
        if specification.kind[..] == *doin_domains::onnx::KIND.as_bytes() {
            match doin_plugins::sandbox::model_report(&launcher.program) {
                Ok(report) => log::info!(target: LOG_TARGET, "{name}: sandbox {report}"),
                Err(error) => log::warn!(target: LOG_TARGET, "{name}: what keeps models in is unknown: {error}"),
            }
        }
        let python = domains.get(&name).and_then(|roles| roles.python.clone());
        let others = Python {
            name,
            configuration: python.unwrap_or_default(),
            higher_is_better: specification.direction == Direction::Maximize,
            launcher: launcher.clone(),
        };
        let options = Options {
            others: Some(Arc::new(others)),
            ..options(&compute, &artifacts, role)
        };
        make(specification, options)
    })
}

fn options(compute: &Arc<Compute>, artifacts: &Arc<dyn Artifacts>, role: Option<&OptimizeRole>) -> Options {
    Options {
        compute: compute.clone(),
        optimizer: role.map(|role| role.optimizer).unwrap_or_default(),
        population: role.and_then(|role| role.population),
        training: role.map(|role| role.training).unwrap_or_default(),
        files: Arc::new(DomainFiles(artifacts.clone())),
        models: role.and_then(|role| role.models.clone()),
        ..Options::default()
    }
}

fn make(specification: &DomainSpecification, options: Options) -> Result<Arc<dyn Domain>, DomainError> {
    let kind = String::from_utf8_lossy(&specification.kind);
    let domain = instantiate(&kind, &specification.model, &options)?;
    let metadata = domain.metadata();
    if metadata.higher_is_better != (specification.direction == Direction::Maximize) {
        return Err(DomainError::BadConfiguration(format!(
            "the domain was registered with the direction {:?}, which is the wrong one for {}",
            specification.direction, metadata.metric_name
        )));
    }
    Ok(domain)
}

/// What a worker is made of.
pub struct Ports {
    /// Its roles.
    pub configuration: WorkerConfiguration,
    /// The chain.
    pub chain: Arc<dyn Chain>,
    /// The operators' keys: the same that the chain signs with.
    pub keys: OperatorKeys,
    /// The store of parameters.
    pub artifacts: Arc<dyn Artifacts>,
    /// Makes the domains.
    pub domains: DomainFactory,
    /// Where computing happens: [`crate::blocking_threads`] in a node.
    pub executor: Executor,
    /// The folder of the journal.
    pub journal: PathBuf,
    /// The populations that are shared with other nodes: the same that the node's network serves.
    pub populations: Hub,
    /// The figures.
    pub metrics: Metrics,
    /// Where the domains that are served are entered.
    pub inference: Inference,
}

/// Why a worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration does not fit the chain or the keystore.
    #[error("configuration: {0}")]
    Configuration(#[from] ConfigurationError),
    /// A domain cannot be run here.
    #[error("configuration: {place}: this node cannot run the domain: {source}")]
    Domain {
        /// The domain's place in the configuration.
        place: String,
        /// What is wrong.
        source: DomainError,
    },
    /// The chain cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store of parameters fails.
    #[error("the store of parameters: {0}")]
    Artifacts(String),
}

/// A domain in which this node plays a role.
pub(crate) struct LocalDomain {
    pub(crate) name: String,
    pub(crate) optimize: Option<OptimizeRole>,
    /// To be put into the store.
    pub(crate) files: Vec<PathBuf>,
    /// Whether queries are answered.
    pub(crate) serve: bool,
    /// Once the chain knows it.
    pub(crate) running: Option<Running>,
    pub(crate) optimizer: Option<Optimizer>,
    pub(crate) evaluator: Option<Evaluator>,
}

pub(crate) struct Running {
    pub(crate) id: DomainId,
    pub(crate) domain: Arc<dyn Domain>,
    pub(crate) baseline: ArtifactReference,
}

pub(crate) fn local_domain(
    index: usize,
    name: &str,
    roles: &DomainRoles,
    keys: &OperatorKeys,
    populations: &Hub,
    accounts: &mut BTreeSet<AccountId>,
) -> Result<LocalDomain, ConfigurationError> {
    let place = place(name);
    let mut resolve = |account, place: &str| -> Result<AccountId, ConfigurationError> {
        let account = keys.resolve(account, place)?;
        accounts.insert(account.clone());
        Ok(account)
    };
    let optimizer = match &roles.optimize {
        None => None,
        Some(role) => {
            let account = resolve(&role.account, &format!("{place}.optimize.account"))?;
            let options = SearchOptions {
                evaluations: role.evaluations_per_round,
                interval_slots: role.interval_slots,
                rehearsals: role.rehearsals,
                from: role.search_from,
                target: role.target_performance.and_then(|target| metric_to_fixed(target).ok()),
            };
            let shared = role
                .shared_population
                .then(|| SharedSearch::new(populations.clone(), keys.clone()));
            Some(Optimizer::new(index, account, options, shared))
        }
    };
    let evaluator = match &roles.evaluate {
        None => None,
        Some(role) => {
            let place = format!("{place}.evaluate.accounts");
            let accounts = role
                .accounts
                .iter()
                .map(|account| resolve(account, &place))
                .collect::<Result<Vec<_>, _>>()?;
            Some(Evaluator::new(index, accounts, role.register))
        }
    };
    let optimize = roles.optimize.clone();
    Ok(LocalDomain {
        name: name.into(),
        optimize,
        files: roles.files.clone(),
        serve: roles.serve,
        running: None,
        optimizer,
        evaluator,
    })
}

pub(crate) fn place(name: &str) -> String {
    format!("{PLACE}.domains.{name}")
}

pub(crate) fn is_named(info: &DomainInfo, name: &str) -> bool {
    info.specification.name[..] == *name.as_bytes()
}

pub(crate) fn unknown_domain(name: &str, known: impl IntoIterator<Item = Vec<u8>>) -> ConfigurationError {
    let mut names: Vec<_> = known
        .into_iter()
        .map(|name| String::from_utf8_lossy(&name).into_owned())
        .collect();
    names.sort();
    let known = if names.is_empty() {
        "none".to_string()
    } else {
        names.join(", ")
    };
    ConfigurationError::new(
        place(name),
        format!(
            "the chain has no domain of this name; it has: {known}. If it is still to be registered, set \
             \"wait_for_registration\": true"
        ),
    )
}

/// Checks the roles against the names of the domains that a chain begins with, before anything of it is written.
///
/// # Errors
///
/// The first domain that is none of these, and is not waited for.
pub fn check_domains(configuration: &WorkerConfiguration, known: &[Vec<u8>]) -> Result<(), StartError> {
    for (name, roles) in &configuration.domains {
        if !roles.wait_for_registration && !known.iter().any(|there| there == name.as_bytes()) {
            return Err(unknown_domain(name, known.to_vec()).into());
        }
    }
    Ok(())
}

/// Checks that the keystore has every account of the roles.
///
/// # Errors
///
/// The first that it has not, with its place and what to do.
pub fn check_accounts(configuration: &WorkerConfiguration, keys: &OperatorKeys) -> Result<(), StartError> {
    let mut accounts = BTreeSet::new();
    for (index, (name, roles)) in configuration.domains.iter().enumerate() {
        local_domain(index, name, roles, keys, &Hub::default(), &mut accounts)?;
    }
    Ok(())
}

/// Opens what the roles compute with.
///
/// # Errors
///
/// There is no such device, or it cannot be used: with the key and what to do.
pub fn open_compute(configuration: &WorkerConfiguration) -> Result<Compute, StartError> {
    Compute::open(configuration.compute.backend).map_err(|error| {
        let place = format!("{PLACE}.compute.backend");
        ConfigurationError::new(place, error.to_string()).into()
    })
}

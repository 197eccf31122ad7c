//! Inference: answers to queries, by the best verified models of the domains that the configuration serves.

use crate::{artifacts::Artifacts, metrics::Metrics, workbench::shielded};
use doin_domains::{Domain, DomainError};
use doin_primitives::artifact::ArtifactReference;
use parking_lot::{Mutex, RwLock};
use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc,
    },
    time::Instant,
};

/// How many queries of a domain may wait for one another; what comes beyond is refused at once.
const MOST_WAITING: u32 = 16;

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InferenceError {
    /// This node does not serve the domain.
    #[error("this node does not serve \"{domain}\"")]
    NotServed {
        /// What was asked for.
        domain: String,
        /// What it serves.
        served: Vec<String>,
    },
    /// Too many queries wait already.
    #[error("{MOST_WAITING} queries of \"{0}\" wait already")]
    Busy(String),
    /// The parameters cannot be had at present.
    #[error("the parameters {0:?} are not here, and no peer that is connected has sent them")]
    MissingParameters(ArtifactReference),
    /// The model does not take such an input.
    #[error("{0}")]
    BadInput(String),
    /// The model, or this node, has failed.
    #[error("{0}")]
    Failed(String),
}

/// The domains that this node serves. Clones are the same list; a worker enters its domains as they start.
#[derive(Clone, Default)]
pub struct Inference(Arc<RwLock<BTreeMap<String, Arc<Served>>>>);

struct Served {
    name: String,
    domain: Arc<dyn Domain>,
    artifacts: Arc<dyn Artifacts>,
    metrics: Metrics,
    waiting: AtomicU32,
    /// One query at a time: judging and searching need the cores too.
    turn: Mutex<()>,
}

impl Inference {
    pub(crate) fn serve(
        &self,
        name: &str,
        domain: &Arc<dyn Domain>,
        artifacts: &Arc<dyn Artifacts>,
        metrics: &Metrics,
    ) {
        let served = Served {
            name: name.into(),
            domain: domain.clone(),
            artifacts: artifacts.clone(),
            metrics: metrics.clone(),
            waiting: AtomicU32::new(0),
            turn: Mutex::new(()),
        };
        self.0.write().insert(name.into(), Arc::new(served));
    }

    /// The model's answer; input and output are in the domain's own encoding. Blocks, for some seconds where the
    /// parameters have to be fetched first.
    ///
    /// # Errors
    ///
    /// [`InferenceError`].
    pub fn infer(&self, domain: &str, parameters: ArtifactReference, input: &[u8]) -> Result<Vec<u8>, InferenceError> {
        let served = self.0.read().get(domain).cloned();
        let served = served.ok_or_else(|| InferenceError::NotServed {
            domain: domain.into(),
            served: self.0.read().keys().cloned().collect(),
        })?;
        let started = Instant::now();
        let answer = served.infer(parameters, input);
        let result = match &answer {
            Ok(_) => "answered",
            Err(InferenceError::Busy(_)) => "busy",
            Err(InferenceError::BadInput(_)) => "bad input",
            Err(InferenceError::MissingParameters(_)) => "parameters missing",
            Err(_) => "failed",
        };
        served.metrics.query(domain, result, started.elapsed().as_secs_f64());
        answer
    }
}

impl Served {
    fn infer(&self, parameters: ArtifactReference, input: &[u8]) -> Result<Vec<u8>, InferenceError> {
        let _waiting = Waiting::begin(&self.waiting).ok_or_else(|| InferenceError::Busy(self.name.clone()))?;
        let _turn = self.turn.lock();
        let bytes = self.artifacts.get(parameters).map_err(InferenceError::Failed)?;
        let bytes = bytes.ok_or(InferenceError::MissingParameters(parameters))?;
        match shielded(|| self.domain.infer(&bytes, input)) {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(DomainError::BadInput(problem))) => Err(InferenceError::BadInput(problem)),
            Ok(Err(error)) => Err(InferenceError::Failed(error.to_string())),
            Err(panic) => Err(InferenceError::Failed(panic)),
        }
    }
}

/// One of those that wait or are being answered, until it is dropped.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicU32) -> Option<Self> {
        // The one that is being answered does not wait.
        let more = |count: u32| (count <= MOST_WAITING).then(|| count.saturating_add(1));
        count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Self(count))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

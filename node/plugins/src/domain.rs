//! A Python domain behind the trait that the worker knows.

use crate::{
    child::{Child, Patience},
    protocol::Frame,
    sandbox::Policy,
    search::{Round, Search},
    slot::{Recipe, Slot},
    Launcher, PluginError, PythonConfiguration, Specification, KIND,
};
use doin_domains::{
    Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, Metadata, OtherKinds, SharedPopulation,
    SyntheticData,
};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;

/// Room for synthetic data, inputs and outputs beside parameters.
const MOST_DATA_BYTES: u32 = 64 << 20;

/// A domain whose parts are Python classes.
///
/// Three children: one searches, one measures, and one answers queries. So a search that was stopped for a measurement
/// goes on afterwards where it was, and a query that hangs or kills its child keeps nobody from voting.
pub struct PythonDomain {
    name: String,
    metadata: Metadata,
    baseline: Vec<u8>,
    evaluation_seconds: u64,
    most_parameters_bytes: usize,
    judge: Mutex<Slot>,
    queries: Mutex<Slot>,
    pub(crate) search: Mutex<Search>,
    /// Whether there is a plugin that searches.
    searches: bool,
}

impl PythonDomain {
    /// Starts the measuring child and asks for the baseline. `name` is the domain's, for the log.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`]: what is wrong with the specification, the configuration, the interpreter or the
    /// plugins, or what the kernel lacks to keep them in.
    pub fn new(
        name: &str,
        model: &[u8],
        configuration: &PythonConfiguration,
        launcher: &Launcher,
    ) -> Result<Self, DomainError> {
        let specification = Specification::from_model(model)?;
        configuration.check().map_err(DomainError::BadConfiguration)?;
        let refused = |error: PluginError| {
            let mut problem = error.to_string();
            if problem.contains("doin_sdk") && problem.contains("ModuleNotFoundError") {
                problem.push_str(
                    ". Install the SDK for this interpreter (`pip install ./sdk/python`), or add the folder sdk/python to \
                     \"path\"; as root it must be readable for everybody",
                );
            }
            DomainError::BadConfiguration(problem)
        };
        let interpreter = configuration.find_interpreter().map_err(refused)?;
        let recipe = Arc::new(Recipe {
            launcher: launcher.clone(),
            configuration: configuration.clone(),
            interpreter,
            // Parameters and data travel together.
            most_payload_bytes: specification.parameters_bytes.saturating_add(MOST_DATA_BYTES),
        });
        let slot = |use_of_it: &str, with_optimization: bool| {
            let domain = specification.domain(with_optimization);
            Slot::new(recipe.clone(), domain, format!("{name} ({use_of_it})"))
        };
        let limits = &configuration.limits;
        let search = Search::new(slot("search", true), limits.round_seconds, limits.silence_seconds);
        // The optimizing part is needed for the baseline only, where the specification gives none.
        let mut judge = slot("judge", specification.baseline.is_none());
        let seconds = limits.start_seconds;
        let started = judge.child().and_then(|child| {
            log::info!(target: crate::LOG_TARGET, "{name}: sandbox {}", child.report());
            child.request(Frame::new("baseline", 0), &Patience::seconds(seconds))
        });
        let mut answer = judge.settle(started).map_err(refused)?;
        let baseline = answer
            .take("parameters")
            .filter(|bytes| bytes.len() <= specification.parameters_bytes as usize)
            .ok_or_else(|| DomainError::BadConfiguration("the baseline is missing or too large".into()))?;
        Ok(Self {
            name: name.into(),
            metadata: Metadata {
                kind: KIND.into(),
                metric_name: specification.metric.clone(),
                higher_is_better: specification.higher_is_better,
                parameters_bytes: specification.parameters_bytes.into(),
                // A round is one call of `optimize`, however many it evaluates.
                round_evaluations: 1,
                device: format!("Python ({})", recipe.interpreter.program.display()),
            },
            baseline,
            evaluation_seconds: specification.evaluation_seconds.into(),
            most_parameters_bytes: specification.parameters_bytes as usize,
            judge: Mutex::new(judge),
            // Its child is started by the first query.
            queries: Mutex::new(slot("queries", false)),
            search: Mutex::new(search),
            searches: specification.plugins.optimization.is_some(),
        })
    }

    /// What the kernel would enforce for this configuration, without running any plugin.
    ///
    /// # Errors
    ///
    /// [`PluginError::Start`].
    pub fn sandbox_report(
        configuration: &PythonConfiguration,
        launcher: &Launcher,
    ) -> Result<crate::sandbox::Report, PluginError> {
        let scratch = tempfile::tempdir().map_err(|error| PluginError::Start(error.to_string()))?;
        let interpreter = configuration.find_interpreter()?;
        let policy = Policy {
            only_report: true,
            unprotected: true,
            ..configuration.policy(launcher, &interpreter, scratch.path().to_path_buf())?
        };
        Child::start(&launcher.program, &policy, "sandbox", 0).map(|child| child.report().clone())
    }

    fn ask(&self, slot: &Mutex<Slot>, request: Frame) -> Result<Frame, PluginError> {
        let mut slot = slot.lock();
        let patience = Patience::seconds(self.evaluation_seconds);
        let answer = slot.child().and_then(|child| child.request(request, &patience));
        slot.settle(answer)
    }

    /// Measures twice where the parameters may be what kills the child. They are to blame when it measures the baseline
    /// on the same data all the same; otherwise this node is.
    fn measure(&self, parameters: &[u8], data: &SyntheticData) -> Result<Frame, DomainError> {
        let request = |parameters: &[u8]| {
            Frame::new("evaluate", 0)
                .with("season", data.season)
                .segment("parameters", parameters)
                .segment("data", &data.bytes)
        };
        let is_broken = |error: &PluginError| {
            matches!(
                error,
                PluginError::Ended(_) | PluginError::Limit(_) | PluginError::Late(_)
            ) || matches!(error, PluginError::Refused { kind, .. } if kind == "memory")
        };
        let again = |parameters: &[u8]| {
            self.judge.lock().rest_is_over();
            self.ask(&self.judge, request(parameters))
        };
        let error = match self.ask(&self.judge, request(parameters)) {
            Err(error) if is_broken(&error) => error,
            other => return other.map_err(domain_error),
        };
        log::warn!(target: crate::LOG_TARGET, "{} is asked again about the parameters that it has ended at", self.name);
        match again(parameters) {
            Err(error) if is_broken(&error) => {}
            other => return other.map_err(domain_error),
        }
        match again(&self.baseline) {
            Ok(_) => Err(DomainError::BadParameters(format!("they break the plugin: {error}"))),
            Err(error) => Err(domain_error(error)),
        }
    }
}

impl Domain for PythonDomain {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn baseline(&self) -> Vec<u8> {
        self.baseline.clone()
    }

    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError> {
        let candidate = self.search.lock().round(&Round {
            best,
            seed,
            season,
            minimum_gain: budget.minimum_gain,
            cancellation,
        })?;
        if candidate.parameters.len() > self.most_parameters_bytes {
            return Err(DomainError::External(format!(
                "it found parameters of {} bytes, {} are allowed (parameters_bytes)",
                candidate.parameters.len(),
                self.most_parameters_bytes
            )));
        }
        Ok(candidate)
    }

    fn forget(&self) {
        self.search.lock().forget();
    }

    fn stage(&self) -> Option<u32> {
        self.search.lock().stage()
    }

    fn advance(&self, stage: u32) {
        self.search.lock().advance(stage);
    }

    fn shared_population(&self) -> Option<&dyn SharedPopulation> {
        // Whether the plugin has the methods for it, it says when it is asked.
        self.searches.then_some(self)
    }

    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        let request = Frame::new("synthesize", 0)
            .with("seed", hex::encode(seed))
            .with("season", season);
        let bytes = self.ask(&self.judge, request).map_err(domain_error)?.take("data");
        let bytes = bytes.ok_or_else(|| no("data"))?;
        Ok(SyntheticData { season, bytes })
    }

    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        if parameters.len() > self.most_parameters_bytes {
            return Err(DomainError::BadParameters(format!(
                "{} bytes, {} are allowed",
                parameters.len(),
                self.most_parameters_bytes
            )));
        }
        let answer = self.measure(parameters, data)?;
        // JSON holds finite numbers only.
        let number = |key: &str| answer.values.get(key).and_then(Value::as_f64).ok_or_else(|| no(key));
        Ok(Evaluation {
            metric: number("metric")?,
            probe: number("probe")?,
        })
    }

    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        let request = Frame::new("infer", 0)
            .segment("parameters", parameters)
            .segment("input", input);
        self.ask(&self.queries, request)
            .map_err(domain_error)?
            .take("output")
            .ok_or_else(|| no("output"))
    }
}

/// The kind `python` in the registry, for the domain of this name.
pub struct Python {
    /// The domain's name, for the log.
    pub name: String,
    /// How the operator wants its plugins to be run.
    pub configuration: PythonConfiguration,
    /// The direction of the domain on the chain, which the specification must agree with.
    pub higher_is_better: bool,
    /// How plugins are started.
    pub launcher: Launcher,
}

impl OtherKinds for Python {
    fn kinds(&self) -> &[&str] {
        &[KIND]
    }

    fn instantiate(&self, _kind: &str, model: &[u8]) -> Result<Arc<dyn Domain>, DomainError> {
        let domain = PythonDomain::new(&self.name, model, &self.configuration, &self.launcher)?;
        let (said, expected) = (domain.metadata.higher_is_better, self.higher_is_better);
        if said != expected {
            return Err(DomainError::BadConfiguration(format!(
                "the model says \"higher_is_better\": {said}, the direction of the domain on the chain is the other one"
            )));
        }
        Ok(Arc::new(domain))
    }
}

fn no(what: &str) -> DomainError {
    DomainError::External(format!("the plugin answered without {what}"))
}

/// What the worker is told.
pub(crate) fn domain_error(error: PluginError) -> DomainError {
    match error {
        PluginError::Cancelled => DomainError::Cancelled,
        PluginError::Refused { kind, message } => match kind.as_str() {
            "no-improvement" => DomainError::NoImprovement {
                gain: 0.0,
                required: 0.0,
            },
            "bad-parameters" => DomainError::BadParameters(message),
            "non-finite" => DomainError::BadParameters(message),
            "bad-data" => DomainError::BadData(message),
            "bad-input" | "too-large" => DomainError::BadInput(message),
            "bad-configuration" | "unsupported" => DomainError::BadConfiguration(message),
            "cancelled" => DomainError::Cancelled,
            _ => DomainError::External(message),
        },
        other => DomainError::External(other.to_string()),
    }
}

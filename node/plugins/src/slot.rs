//! A child that is started when it is needed, and again when it has failed, with growing pauses.

use crate::{
    child::{Child, Patience},
    configuration::Interpreter,
    Launcher, PluginError, PythonConfiguration,
};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The first pause after a failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What children of a domain are started with.
pub(crate) struct Recipe {
    pub(crate) launcher: Launcher,
    pub(crate) configuration: PythonConfiguration,
    pub(crate) interpreter: Interpreter,
    pub(crate) most_payload_bytes: u32,
}

/// One use of a domain.
pub(crate) struct Slot {
    recipe: Arc<Recipe>,
    domain: Value,
    name: String,
    running: Option<Running>,
    failures: u32,
    rests_until: Instant,
    last: String,
}

struct Running {
    child: Child,
    // Dropped after the child.
    _scratch: TempDir,
}

impl Slot {
    pub(crate) fn new(recipe: Arc<Recipe>, domain: Value, name: String) -> Self {
        Self {
            recipe,
            domain,
            name,
            running: None,
            failures: 0,
            rests_until: Instant::now(),
            last: String::new(),
        }
    }

    /// The running child; starts one when there is none. Its errors are for [`Slot::settle`], as those of requests are.
    ///
    /// # Errors
    ///
    /// That it cannot be started, does not take its configuration, or rests after failures.
    pub(crate) fn child(&mut self) -> Result<&mut Child, PluginError> {
        if self.running.is_none() {
            let pause = self.rests_until.saturating_duration_since(Instant::now());
            if !pause.is_zero() {
                return Err(PluginError::Resting {
                    failures: self.failures,
                    seconds: pause.as_secs() + 1,
                    last: self.last.clone(),
                });
            }
            self.running = Some(self.start()?);
        }
        match &mut self.running {
            Some(running) => Ok(&mut running.child),
            None => Err(PluginError::Start("not started".into())),
        }
    }

    /// The child, if one runs.
    pub(crate) fn running(&mut self) -> Option<&mut Child> {
        self.running.as_mut().map(|running| &mut running.child)
    }

    fn start(&self) -> Result<Running, PluginError> {
        let Recipe {
            launcher,
            configuration,
            interpreter,
            most_payload_bytes,
        } = &*self.recipe;
        let scratch = tempfile::Builder::new()
            .prefix("doin-plugin-")
            .tempdir()
            .map_err(|error| PluginError::Start(format!("the scratch folder: {error}")))?;
        let policy = configuration.policy(launcher, interpreter, scratch.path().to_path_buf())?;
        let mut child = Child::start(&launcher.program, &policy, &self.name, *most_payload_bytes)?;
        child.hello(&self.domain, &Patience::seconds(configuration.limits.start_seconds))?;
        Ok(Running {
            child,
            _scratch: scratch,
        })
    }

    /// Takes in how a request ended: a child that is of no more use is ended, and the next one waits.
    pub(crate) fn settle<T>(&mut self, result: Result<T, PluginError>) -> Result<T, PluginError> {
        match &result {
            Ok(_) => self.failures = 0,
            Err(error) if error.is_fatal() => self.failed(error),
            Err(_) => {}
        }
        result
    }

    /// Ends the child, without holding it against it.
    pub(crate) fn stop(&mut self) {
        self.running = None;
    }

    fn failed(&mut self, error: &PluginError) {
        self.running = None;
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.rests_until = Instant::now() + pause;
        self.last = match error {
            PluginError::Resting { last, .. } => last.clone(),
            other => other.to_string(),
        };
        log::warn!(target: crate::LOG_TARGET, "{}: {error}; it is started again in {} s", self.name, pause.as_secs());
    }

    /// Forgets the pause: for the one repetition of a measurement.
    pub(crate) fn rest_is_over(&mut self) {
        self.rests_until = Instant::now();
    }
}

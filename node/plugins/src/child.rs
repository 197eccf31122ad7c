//! One child process, and one conversation with it.

use crate::{
    log::Follower,
    protocol::{Frame, FrameError, VERSIONS},
    sandbox::{self, exit, Policy, Report},
    PluginError,
};
use doin_domains::Cancellation;
use nix::{
    sys::signal::{kill, Signal},
    unistd::Pid,
};
use serde_json::{json, Value};
use std::{
    path::Path,
    process::{Child as Process, Stdio},
    sync::mpsc::{channel, sync_channel, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

/// How often a wait looks at the deadline and the caller's wishes.
const TICK: Duration = Duration::from_millis(20);
/// How long the supervisor may take to end everything after its input was closed, until it is killed itself.
const END: Duration = Duration::from_secs(5);
/// Frames that wait to be taken in; then the plugin waits.
const QUEUE: usize = 2;
/// Events a second on average, beyond which a plugin does nothing else.
const MOST_EVENTS_PER_SECOND: u64 = 1000;

/// A running plugin.
pub struct Child {
    process: Process,
    /// Ends the input when it is dropped.
    input: Option<Sender<Frame>>,
    output: Receiver<Result<Frame, FrameError>>,
    log: Follower,
    log_before: u64,
    most_log_bytes: u64,
    most_payload_bytes: u32,
    next_id: u64,
    capabilities: Vec<String>,
    report: Report,
    is_paused: bool,
    name: String,
}

/// How a wait is ended before its time.
#[derive(Clone, Copy)]
pub struct Patience<'a> {
    /// When it is too late.
    pub deadline: Instant,
    /// The seconds until then, for the message.
    pub seconds: u64,
    /// Whether the caller has given up.
    pub cancellation: Option<&'a Cancellation>,
}

impl Patience<'_> {
    /// So many seconds from now.
    pub fn seconds(seconds: u64) -> Self {
        Self {
            deadline: Instant::now() + Duration::from_secs(seconds),
            seconds,
            cancellation: None,
        }
    }
}

impl Child {
    /// Starts a child under the policy. `name` is for the log.
    ///
    /// # Errors
    ///
    /// [`PluginError::Start`] says why it does not run.
    pub fn start(launcher: &Path, policy: &Policy, name: &str, most_payload_bytes: u32) -> Result<Self, PluginError> {
        let start = |error: String| PluginError::Start(error);
        let mut process = sandbox::command(launcher, policy)
            .map_err(start)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| start(format!("{}: {error}", launcher.display())))?;
        let (Some(mut stdin), Some(mut stdout), Some(stderr)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(start("no streams".into()));
        };
        let whose = name.to_owned();
        let log = Follower::new(
            stderr,
            move |line| log::info!(target: crate::LOG_TARGET, "{whose}: {line}"),
        )
        .map_err(|error| start(error.to_string()))?;
        // Both in threads of their own: a plugin that does not read, or not write, must not hold up the node.
        let (input, frames) = channel::<Frame>();
        let writer = thread::Builder::new().name("plugin-input".into()).spawn(move || {
            while let Ok(frame) = frames.recv() {
                if frame.write(&mut stdin).is_err() {
                    return;
                }
            }
        });
        let (frames, output) = sync_channel(QUEUE);
        let reader = thread::Builder::new().name("plugin-output".into()).spawn(move || loop {
            let frame = Frame::read(&mut stdout, most_payload_bytes);
            let over = frame.is_err();
            if frames.send(frame).is_err() || over {
                return;
            }
        });
        writer.and(reader).map_err(|error| start(error.to_string()))?;
        let mut child = Self {
            process,
            input: Some(input),
            output,
            log,
            log_before: 0,
            most_log_bytes: policy.limits.output_mebibytes << 20,
            most_payload_bytes,
            next_id: 1,
            capabilities: Vec::new(),
            report: Report::default(),
            is_paused: false,
            name: name.into(),
        };
        let frame = child.wait(&Patience::seconds(policy.limits.start_seconds))?;
        child.report = match frame.values.get("report").filter(|_| frame.kind == "sandbox") {
            Some(report) => serde_json::from_value(report.clone()).map_err(|error| start(error.to_string()))?,
            None => return Err(start("it did not report what is in force".into())),
        };
        Ok(child)
    }

    /// What the sandbox has in force.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Opens the conversation: what domain this is about.
    ///
    /// # Errors
    ///
    /// The plugin's, or that it speaks another version.
    pub fn hello(&mut self, domain: &Value, patience: &Patience) -> Result<Frame, PluginError> {
        let request = Frame::new("hello", 0)
            .with("versions", VERSIONS)
            .with("domain", domain)
            .with("limits", json!({ "payload_bytes": self.most_payload_bytes }));
        let answer = self.request(request, patience)?;
        let version = answer.values.get("version").and_then(Value::as_u64);
        if !version.is_some_and(|version| VERSIONS.contains(&version)) {
            return Err(PluginError::Protocol(format!(
                "it answered with version {version:?}, not one of {VERSIONS:?}"
            )));
        }
        let capabilities = answer.values.get("capabilities").cloned().unwrap_or_default();
        self.capabilities = serde_json::from_value(capabilities)
            .map_err(|error| PluginError::Protocol(format!("capabilities: {error}")))?;
        Ok(answer)
    }

    /// Whether the plugin said that it can do this.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// Sends a request, and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`PluginError`]; the child is of no more use where [`PluginError::is_fatal`], or when it was cancelled.
    pub fn request(&mut self, request: Frame, patience: &Patience) -> Result<Frame, PluginError> {
        let id = self.open(request)?;
        loop {
            match self.next(id, patience)? {
                answer if answer.kind == "result" => return Ok(answer),
                event => log::debug!(target: crate::LOG_TARGET, "{}: {}: {:?}", self.name, event.kind, event.values),
            }
        }
    }

    /// Sends a request and does not wait. Returns its number.
    ///
    /// # Errors
    ///
    /// A request that is longer than the limit.
    pub fn open(&mut self, mut request: Frame) -> Result<u64, PluginError> {
        request.id = self.next_id;
        self.next_id += 1;
        self.log_before = self.log.bytes();
        self.notify(request)?;
        Ok(self.next_id - 1)
    }

    /// Sends what has no answer.
    ///
    /// # Errors
    ///
    /// A notice that is longer than the limit.
    pub fn notify(&mut self, notice: Frame) -> Result<(), PluginError> {
        if notice.payload_bytes() > self.most_payload_bytes as usize {
            return Err(PluginError::Refused {
                kind: "too-large".into(),
                message: format!(
                    "{} bytes are more than the {} that are exchanged with the plugin",
                    notice.payload_bytes(),
                    self.most_payload_bytes
                ),
            });
        }
        if let Some(input) = &self.input {
            // When nobody reads any more, the wait for the answer says why.
            let _ = input.send(notice);
        }
        Ok(())
    }

    /// The next event of the request, or its result.
    ///
    /// # Errors
    ///
    /// As of [`Child::request`].
    pub fn next(&mut self, id: u64, patience: &Patience) -> Result<Frame, PluginError> {
        let frame = self.wait(patience)?;
        if frame.id != id {
            return Err(PluginError::Protocol(format!(
                "an answer to {} instead of {id}",
                frame.id
            )));
        }
        match frame.kind.as_str() {
            "result" | "progress" | "champion" => Ok(frame),
            "error" => {
                let text = |key: &str| match frame.values.get(key) {
                    Some(Value::String(text)) => text.chars().take(2000).collect(),
                    _ => String::new(),
                };
                Err(PluginError::Refused {
                    kind: text("kind"),
                    message: text("message"),
                })
            }
            other => Err(PluginError::Protocol(format!(
                "a frame of the type {:?}",
                truncated(other)
            ))),
        }
    }

    fn wait(&mut self, patience: &Patience) -> Result<Frame, PluginError> {
        loop {
            if self.log.bytes().saturating_sub(self.log_before) > self.most_log_bytes {
                let most = self.most_log_bytes >> 20;
                return Err(PluginError::Limit(format!(
                    "it printed more than {most} MiB (output_mebibytes)"
                )));
            }
            if patience.cancellation.is_some_and(Cancellation::is_cancelled) {
                return Err(PluginError::Cancelled);
            }
            match self.output.recv_timeout(TICK) {
                Ok(Ok(frame)) => return Ok(frame),
                Ok(Err(FrameError::Malformed(error))) => return Err(PluginError::Protocol(error)),
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) if Instant::now() < patience.deadline => {}
                Err(RecvTimeoutError::Timeout) => return Err(PluginError::Late(patience.seconds)),
            }
        }
    }

    /// Why the output has ended.
    fn ended(&mut self) -> PluginError {
        let code = self.end();
        let last = self.log.last_lines();
        let last = match last.is_empty() {
            true => "it said nothing".to_owned(),
            false => last,
        };
        match code {
            Some(exit::MEMORY) => PluginError::Limit("it used more memory than memory_mebibytes allows".into()),
            Some(exit::CPU) => PluginError::Limit("it used more CPU time than cpu_seconds allows".into()),
            Some(exit::SCRATCH) => {
                PluginError::Limit("it wrote more into its scratch folder than scratch_mebibytes allows".into())
            }
            Some(exit::SETUP) => PluginError::Start(last),
            _ => PluginError::Ended(last),
        }
    }

    /// Stops all its processes where they are.
    pub fn pause(&mut self) {
        self.is_paused = self.signal(Signal::SIGUSR1) || self.is_paused;
    }

    /// Lets them go on.
    pub fn resume(&mut self) {
        if self.is_paused && self.signal(Signal::SIGUSR2) {
            self.is_paused = false;
        }
    }

    fn signal(&mut self, signal: Signal) -> bool {
        // Not waited for yet: its number is nobody else's.
        matches!(self.process.try_wait(), Ok(None)) && kill(Pid::from_raw(self.process.id() as i32), signal).is_ok()
    }

    /// Ends the child and everything that it has started; how the supervisor ended.
    fn end(&mut self) -> Option<u8> {
        self.input = None;
        let deadline = Instant::now() + END;
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return status.code().and_then(|code| u8::try_from(code).ok()),
                Ok(None) if Instant::now() < deadline => thread::sleep(TICK),
                _ => break,
            }
        }
        // Takes the first process with it, and in a namespace of processes all others.
        let _ = self.process.kill();
        let _ = self.process.wait();
        None
    }

    /// Whether events come faster than anybody could want them.
    pub fn is_flood(events: u64, since: Instant) -> bool {
        events > MOST_EVENTS_PER_SECOND.saturating_mul(since.elapsed().as_secs().saturating_add(1))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // The supervisor ends everything at once: nothing that is still computed is wanted.
        self.signal(Signal::SIGTERM);
        self.end();
    }
}

fn truncated(text: &str) -> String {
    text.chars().take(40).collect()
}

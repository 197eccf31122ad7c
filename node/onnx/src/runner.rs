//! Where models run.

use codec::{Decode, Encode};
use std::{
    ffi::OsString,
    io::{self, Read, Write},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{header, SUBCOMMAND},
    Job, ModelError, RunError,
};

/// How many seconds a process may take for each second of processor time that it may use, before it is given up: the
/// machine may be busy with other things.
const PATIENCE: u32 = 4;
/// What every process may take beyond that.
const START: Duration = Duration::from_secs(10);
/// How often a process is looked at, at first and at last.
const FIRST_LOOK: Duration = Duration::from_micros(500);
const LAST_LOOK: Duration = Duration::from_millis(10);
/// Most bytes of an answer that are not numbers.
const MOST_WORDS: u64 = 64 * 1024;

/// Where models run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runner {
    /// In this process, with that many threads: neither time nor memory are bounded. For tests and for models of one's
    /// own.
    InProcess {
        /// Threads, at least 1.
        threads: usize,
    },
    /// In a process of its own for each job, which limits itself.
    Process {
        /// A program that calls [`crate::serve`] when it is started with these arguments.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<OsString>,
    },
}

impl Default for Runner {
    /// This program's own file with the argument [`SUBCOMMAND`], also after the file was replaced by a newer one.
    fn default() -> Self {
        Self::Process {
            program: "/proc/self/exe".into(),
            arguments: vec![SUBCOMMAND.into()],
        }
    }
}

impl Runner {
    /// Runs a model on all rows of a job and returns the output, row after row.
    ///
    /// # Errors
    ///
    /// [`RunError::Model`] for what the model does, which another node would see, too. [`RunError::Host`] for what this
    /// machine does.
    pub fn run(&self, model: &[u8], job: &Job) -> Result<Vec<f32>, RunError> {
        match self {
            Self::InProcess { threads } => Ok(crate::run(model, job, *threads)?),
            Self::Process { program, arguments } => {
                // Neither copied nor sent: the process would say the same.
                job.check()?;
                if model.len() as u64 > job.limits.bytes {
                    return Err(ModelError::TooLarge {
                        bytes: model.len() as u64,
                        most: job.limits.bytes,
                    }
                    .into());
                }
                let mut command = Command::new(program);
                command.args(arguments);
                run_process(command, model, job)
            }
        }
    }
}

fn run_process(mut command: Command, model: &[u8], job: &Job) -> Result<Vec<f32>, RunError> {
    let host = |action: &str| {
        let action = action.to_string();
        move |error: io::Error| RunError::Host(format!("cannot {action}: {error}"))
    };
    let body = (model, job).encode();
    let header = header(job, body.len() as u64);
    let outputs = u64::from(job.rows).saturating_mul(job.output.row_elements());
    let most = outputs.saturating_mul(4).saturating_add(MOST_WORDS);
    let mut child = command
        // Nothing of the node's surroundings: neither secrets nor variables that change what the runtime does.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(host("start it"))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (status, answer) = thread::scope(|scope| {
        // A process that ends early breaks the pipe: its end says why.
        scope.spawn(move || {
            let mut stdin = stdin?;
            stdin.write_all(&header).and_then(|()| stdin.write_all(&body)).ok()
        });
        let answer = scope.spawn(move || {
            let mut answer = Vec::new();
            stdout?.take(most).read_to_end(&mut answer).ok()?;
            Some(answer)
        });
        let deadline = Duration::from_secs(u64::from(job.limits.seconds.saturating_mul(PATIENCE))) + START;
        let status = wait(&mut child, deadline);
        (status, answer.join().ok().flatten())
    });
    let status = status.map_err(host("wait for it"))?;
    let Some(status) = status else {
        return Err(RunError::Host(format!(
            "it was not done in {} times the processor time that it may use: is the machine overloaded?",
            PATIENCE
        )));
    };
    if status.success() {
        return read_answer(&answer.unwrap_or_default(), outputs);
    }
    Err(fate(status, job))
}

/// Waits for the end; `None` after the deadline. On return the process is gone in any case.
fn wait(child: &mut Child, deadline: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    let mut pause = FIRST_LOOK;
    let result = loop {
        match child.try_wait() {
            Ok(None) if started.elapsed() < deadline => {
                thread::sleep(pause);
                pause = (pause * 2).min(LAST_LOOK);
            }
            Ok(None) => break Ok(None),
            Ok(Some(status)) => return Ok(Some(status)),
            Err(error) => break Err(error),
        }
    };
    child.kill().and_then(|()| child.wait()).and(result)
}

fn read_answer(answer: &[u8], outputs: u64) -> Result<Vec<f32>, RunError> {
    let garbled = || RunError::Host("its answer cannot be read".into());
    let (length, body) = answer.split_at_checked(8).ok_or_else(garbled)?;
    if length != (body.len() as u64).to_le_bytes() {
        return Err(garbled());
    }
    let result = Result::<Vec<f32>, ModelError>::decode(&mut &*body).map_err(|_| garbled())??;
    if result.len() as u64 != outputs {
        return Err(garbled());
    }
    Ok(result)
}

/// What the end of a process without an answer says.
fn fate(status: ExitStatus, job: &Job) -> RunError {
    let limits = &job.limits;
    match status.signal() {
        Some(libc::SIGXCPU) => {
            ModelError::Stopped(format!("it took more than {} s of processor time", limits.seconds)).into()
        }
        // The allocator gives up, the stack overruns, or the runtime has a fault.
        Some(signal @ (libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE)) => {
            ModelError::Stopped(format!(
                "it needs more than {} MiB of memory, or crashed the runtime (signal {signal})",
                limits.memory_mebibytes
            ))
            .into()
        }
        Some(signal) => RunError::Host(format!("it was ended by signal {signal}: is memory short?")),
        None => RunError::Host(format!(
            "it failed with {status}; does the program know `{SUBCOMMAND}`?"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_hangs_is_ended_at_the_deadline() {
        let mut child = Command::new("/bin/sleep").arg("600").spawn().unwrap();
        assert!(wait(&mut child, Duration::from_millis(50)).unwrap().is_none());
        // It was waited for: its end is known.
        assert_eq!(
            child.try_wait().unwrap().and_then(|status| status.signal()),
            Some(libc::SIGKILL)
        );
    }
}

//! The process that runs one model: it limits itself, reads a job, answers, and ends.
//!
//! On its standard input: "doinonnx", then as little-endian numbers memory in MiB (u32), seconds (u32), and the length of
//! what follows (u64): SCALE of (model, [`Job`]). On its standard output: length (u64), and SCALE of
//! `Result<Vec<f32>, ModelError>`.

use codec::{Decode, Encode};
use std::{
    fs::File,
    io::{self, Read, Write},
    process::ExitCode,
};

use crate::{Job, ModelError};

/// The subcommand of a program that calls [`serve`].
pub const SUBCOMMAND: &str = "run-model";
/// What a request begins with.
pub(crate) const MAGIC: &[u8; 8] = b"doinonnx";
/// Bytes before a request's body.
const HEADER: usize = 24;
const MEBIBYTE: u64 = 1024 * 1024;

/// The header of a request.
pub(crate) fn header(job: &Job, length: u64) -> Vec<u8> {
    let limits = &job.limits;
    [
        &MAGIC[..],
        &limits.memory_mebibytes.to_le_bytes(),
        &limits.seconds.to_le_bytes(),
        &length.to_le_bytes(),
    ]
    .concat()
}

/// Serves one request on standard input and output. To be called by the process's main function and nothing beside it:
/// it takes the right to open files from the process.
pub fn serve() -> ExitCode {
    serve_within(|| ())
}

/// The same, and `shut_in` takes from the process what it may, before a byte of the model is read: the right to open files,
/// too.
pub fn serve_within(shut_in: impl FnOnce()) -> ExitCode {
    match serve_once(shut_in) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{SUBCOMMAND}: {error}; this command is for the node itself: it reads a model and rows on standard input");
            ExitCode::from(2)
        }
    }
}

fn serve_once(shut_in: impl FnOnce()) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut header = [0; HEADER];
    input.read_exact(&mut header)?;
    let (magic, numbers) = header.split_at(MAGIC.len());
    let (memory, numbers) = numbers.split_at(4);
    let (seconds, length) = numbers.split_at(4);
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0u64, |number, byte| number << 8 | u64::from(*byte))
    };
    if magic != MAGIC {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no request"));
    }
    // Open before files are out of reach.
    let status = File::open("/proc/self/status")?;
    shut_in();
    limit(
        data_bytes(status)?,
        number(memory).saturating_mul(MEBIBYTE),
        number(seconds),
    )?;

    let mut body = Vec::new();
    input.take(number(length)).read_to_end(&mut body)?;
    let answer = answer(body).encode();
    let mut output = io::stdout().lock();
    output.write_all(&(answer.len() as u64).to_le_bytes())?;
    output.write_all(&answer)?;
    output.flush()
}

fn answer(body: Vec<u8>) -> Result<Vec<f32>, ModelError> {
    let (model, job) = <(Vec<u8>, Job)>::decode(&mut &body[..])
        .map_err(|error| ModelError::Malformed(format!("the request: {error}")))?;
    drop(body);
    crate::run(&model, &job, 1)
}

/// Limits this process from now on: `memory` bytes beyond those that are `present`, processor time, no core file, nothing
/// written to files, no further file or socket.
fn limit(present: u64, memory: u64, seconds: u64) -> io::Result<()> {
    // The soft limit of processor time ends the process by SIGXCPU, which tells it from other ends.
    set_limit(libc::RLIMIT_CPU, seconds, seconds.saturating_add(1))?;
    let memory = present.saturating_add(memory);
    set_limit(libc::RLIMIT_DATA, memory, memory)?;
    set_limit(libc::RLIMIT_CORE, 0, 0)?;
    set_limit(libc::RLIMIT_FSIZE, 0, 0)?;
    set_limit(libc::RLIMIT_NOFILE, 0, 0)
}

/// The private writable memory that this process has reserved so far: what `RLIMIT_DATA` counts.
fn data_bytes(status: File) -> io::Result<u64> {
    let status = io::read_to_string(status)?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmData:"))
        .and_then(|value| value.trim().strip_suffix("kB"))
        .and_then(|value| value.trim().parse::<u64>().ok())
        .map(|kibibytes| kibibytes.saturating_mul(1024))
        .ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "/proc/self/status has no VmData"))
}

#[allow(unsafe_code)]
fn set_limit(resource: libc::__rlimit_resource_t, soft: u64, hard: u64) -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: soft,
        rlim_max: hard,
    };
    // SAFETY: `limit` is a valid structure, which the call only reads.
    match unsafe { libc::setrlimit(resource, &limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

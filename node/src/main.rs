//! `doin-node`: a node of the DOIN network.

use std::io::Write;

/// How many heaps the C library's allocator may use.
///
/// Its default is eight for each core, each thread sticking to one: what one thread has freed another cannot use, and
/// the memory of a node grew by a mebibyte a minute for hours (docs/performance.md).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const HEAPS: libc::c_int = 2;

fn main() -> std::process::ExitCode {
    // Before anything else, and before any thread: this process is to run a model or a plugin that nobody vouches for.
    if let Some(code) = doin_plugins::launcher() {
        return code;
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os("MALLOC_ARENA_MAX").is_none() {
        // SAFETY: sets a number of the allocator before any thread is started.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, HEAPS) };
    }
    // Without a desktop session, Mesa's choice of devices complains on standard error; there is nothing to choose.
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() && std::env::var_os("NODEVICE_SELECT").is_none() {
        std::env::set_var("NODEVICE_SELECT", "1");
    }
    match doin_node::command::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // One line that says what is wrong and where; the details are in the log.
            eprintln!("doin-node: error: {}", doin_node::command::describe(&error));
            let _ = std::io::stdout().flush();
            // SAFETY: ends the process and touches nothing. Where a start is given up halfway, threads of the database
            // still run, and what `exit` tears down under them would turn the error into an abort now and then.
            unsafe { libc::_exit(1) }
        }
    }
}

//! `doin-node`: a node of the DOIN network.

use std::io::Write;

fn main() -> std::process::ExitCode {
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

//! `doin-node`: a node of the DOIN network.

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
            std::process::ExitCode::FAILURE
        }
    }
}

//! `doin-node`: a node of the DOIN network.

fn main() -> std::process::ExitCode {
    match doin_node::command::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // One line that says what is wrong and where; the details are in the log.
            eprintln!("doin-node: error: {}", doin_node::command::describe(&error));
            std::process::ExitCode::FAILURE
        }
    }
}

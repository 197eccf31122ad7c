//! Starts sandboxed programs for the tests of this crate.

fn main() -> std::process::ExitCode {
    doin_plugins::launcher().unwrap_or_else(|| {
        eprintln!("doin-plugin-launcher: started by tests, not by hand");
        std::process::ExitCode::FAILURE
    })
}

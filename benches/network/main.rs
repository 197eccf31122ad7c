//! Figures of whole nodes and the network between them, all in one process, over TCP on the loopback device.
//!
//! `cargo bench --locked --profile release -p doin-node --bench network -- propagation 3 10 30`: from a block's import
//! by its author to its import by the last node, and from an optimum's reveal to its decision, among so many nodes.
//!
//! `cargo bench --locked --profile release -p doin-node --bench network -- chain 10000`: how fast a chain of so many
//! blocks is synced over the network and imported from a file, and what it takes on disk.
//!
//! Without arguments, as in `make bench`, each is done on a small scale. Databases lie in TMPDIR: `TMPDIR=/dev/shm`
//! takes the disk out of the figures.

mod chain;
#[path = "../../node/tests/full_nodes/database.rs"]
#[allow(dead_code)]
mod database;
#[path = "../../node/tests/harness/mod.rs"]
#[allow(dead_code, unused_imports)]
mod harness;
#[path = "../../node/tests/full_nodes/network.rs"]
#[allow(dead_code)]
mod network;
mod propagation;

// Where the shared modules look for it.
use harness::genesis;

/// "median, 90 %, most" of values, with so many decimals.
fn spread(mut values: Vec<f64>, decimals: usize) -> String {
    if values.is_empty() {
        return "none".into();
    }
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
    format!("{:.decimals$}, {:.decimals$}, {:.decimals$}", at(0.5), at(0.9), at(1.0))
}

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|text| text != "--bench").collect();
    let numbers = |from: usize| -> Vec<u32> {
        let numbers = arguments[from..].iter().map(|text| text.parse());
        numbers.collect::<Result<_, _>>().unwrap_or_else(|error| {
            eprintln!("{error}: after the first argument come numbers");
            std::process::exit(2);
        })
    };
    match arguments.first().map(String::as_str) {
        None => {
            propagation::run(&[3]);
            chain::run(500);
        }
        Some("propagation") => propagation::run(&numbers(1)),
        Some("chain") => numbers(1).into_iter().for_each(chain::run),
        Some(other) => {
            eprintln!("`{other}` is neither `propagation NODES...` nor `chain BLOCKS`");
            std::process::exit(2);
        }
    }
}

//! What migration is worth: evaluations, rounds of search and time until the accepted best of a domain has come to some
//! milestones, for 1, 2 and 4 nodes, with migration (one network, whose accepted best all go on from) and without (each a
//! network of its own; the best of them counts). The domains: the quadratic one, which has one valley, and Rastrigin's
//! function in 20 dimensions, which has very many.
//!
//! `cargo bench --locked --profile release -p doin-worker --bench convergence -- --seeds 30`
//!
//! `--optimizer genetic-algorithm` (or another method's name) and `--population 40` choose another search than the default;
//! `--domain rastrigin` (or `quadratic`) measures only that.
//!
//! Searches, measurements, the rehearsal before a claim, the decision and the deadlines are the real ones (the
//! specification is the local preset's, without seasons, with what the function needs in its place); slots and blocks are simulated: a network in which nobody is
//! late. Each seed is another target; all settings of a seed have the same.

mod chain;
mod island;
mod problem;

use chain::Chain;
use doin_compute::OptimizerKind;
use doin_domains::Options;
use island::Island;
use problem::Kind;
use std::sync::{
    atomic::{AtomicU64, Ordering},
    Mutex,
};

/// What an evaluation takes, in seconds: next to nothing, as in these domains, and a small model's training.
const EVALUATION_SECONDS: [f64; 2] = [0.001, 1.0];
/// Nodes, and whether optimae migrate.
const SETTINGS: [(usize, bool); 5] = [(1, true), (2, false), (2, true), (4, false), (4, true)];
/// In seconds: the local preset's.
const SLOT_SECONDS: f64 = 2.0;
/// No run takes as long, in slots.
const LONGEST: u64 = 3_000_000;

/// What it took to reach a milestone.
#[derive(Clone, Copy)]
struct Effort {
    evaluations: u64,
    rounds: u64,
    accepted: u64,
    seconds: f64,
}

/// What it took to reach each milestone.
type Efforts = [Effort; 4];

/// One run.
fn run(
    kind: Kind,
    options: &Options,
    (nodes, migration): (usize, bool),
    evaluation_seconds: f64,
    seed: u64,
) -> Efforts {
    let milestones = kind.milestones();
    let networks = if migration { 1 } else { nodes };
    let mut chains: Vec<Chain> = (0..networks)
        .map(|network| {
            Chain::new(
                kind.specification(),
                kind.problem(seed, options),
                (nodes / networks) as u32,
                SLOT_SECONDS,
                evaluation_seconds,
                seed * 1_000 + network as u64,
            )
        })
        .collect();
    let network_of = |place: usize| place % networks;
    let mut islands: Vec<Island> = (0..nodes)
        .map(|place| {
            Island::new(
                place,
                kind.problem(seed, options),
                SLOT_SECONDS,
                evaluation_seconds,
                seed,
            )
        })
        .collect();

    let mut reached: Vec<Effort> = vec![];
    for slot in 1..LONGEST {
        let now = slot as f64 * SLOT_SECONDS;
        for (place, island) in islands.iter_mut().enumerate() {
            island.work(&chains[network_of(place)], now);
        }
        for (network, chain) in chains.iter_mut().enumerate() {
            for (place, ending) in chain.begin_block(slot) {
                islands[place].ended(ending, slot);
            }
            for (place, island) in islands.iter_mut().enumerate() {
                if network_of(place) == network {
                    island.transact(chain, slot);
                    island.migrate(chain, now);
                }
            }
        }
        let best = chains.iter().map(Chain::truth).fold(f64::MIN, f64::max);
        while milestones
            .get(reached.len())
            .is_some_and(|milestone| best >= *milestone)
        {
            reached.push(Effort {
                evaluations: islands.iter().map(|island| island.evaluations_until(now)).sum(),
                rounds: islands.iter().map(|island| island.rounds).sum(),
                accepted: chains.iter().map(|chain| chain.accepted).sum(),
                seconds: now,
            });
        }
        if let Ok(all) = Efforts::try_from(reached.clone()) {
            return all;
        }
    }
    panic!("seed {seed}: {nodes} nodes have not come to {milestones:?}");
}

/// All seeds of a setting, on as many threads as the machine has.
fn runs(kind: Kind, options: &Options, setting: (usize, bool), evaluation_seconds: f64, seeds: u64) -> Vec<Efforts> {
    let next = AtomicU64::new(1);
    let results = Mutex::new(vec![]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed > seeds {
                    return;
                }
                let efforts = run(kind, options, setting, evaluation_seconds, seed);
                results.lock().expect("no run panics").push(efforts);
            });
        }
    });
    results.into_inner().expect("no run panics")
}

/// "median (first quartile, third quartile)".
fn spread(mut values: Vec<f64>) -> String {
    values.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| {
        let place = share * (values.len() - 1) as f64;
        let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
        low + (high - low) * place.fract()
    };
    format!("{:.0} ({:.0}, {:.0})", quantile(0.5), quantile(0.25), quantile(0.75))
}

fn main() {
    let seeds = argument("--seeds").map_or(30, |text| text.parse().expect("--seeds takes a whole number"));
    let options = Options {
        optimizer: argument("--optimizer").map_or_else(OptimizerKind::default, |name| {
            serde_json::from_value(name.into()).expect("--optimizer takes the name of a method, as in a configuration")
        }),
        population: argument("--population").map(|text| text.parse().expect("--population takes a whole number")),
        ..Options::default()
    };
    let domain = argument("--domain");
    for kind in [Kind::Quadratic, Kind::Rastrigin] {
        if domain
            .as_ref()
            .is_some_and(|domain| !format!("{kind:?}").eq_ignore_ascii_case(domain))
        {
            continue;
        }
        for evaluation_seconds in EVALUATION_SECONDS {
            table(kind, &options, evaluation_seconds, seeds);
        }
    }
}

/// What follows this name on the command line.
fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}

fn table(kind: Kind, options: &Options, evaluation_seconds: f64, seeds: u64) {
    println!(
        "\n{kind:?}, {:?}, an evaluation takes {evaluation_seconds} s; {seeds} seeds: median (quartiles)\n",
        options.optimizer
    );
    println!("| nodes | migration | to | evaluations, all nodes | a node | rounds of search, all nodes | accepted | seconds |");
    println!("|---|---|---|---|---|---|---|---|");
    for (nodes, migration) in SETTINGS {
        let results = runs(kind, options, (nodes, migration), evaluation_seconds, seeds);
        for (place, milestone) in kind.milestones().iter().enumerate() {
            let column = |of: fn(&Effort) -> f64| spread(results.iter().map(|run| of(&run[place])).collect());
            let evaluations = |run: &Efforts| run[place].evaluations as f64 / nodes as f64;
            println!(
                "| {nodes} | {} | {milestone} | {} | {} | {} | {} | {} |",
                if nodes == 1 {
                    "–"
                } else if migration {
                    "yes"
                } else {
                    "no"
                },
                column(|effort| effort.evaluations as f64),
                spread(results.iter().map(evaluations).collect()),
                column(|effort| effort.rounds as f64),
                column(|effort| effort.accepted as f64),
                column(|effort| effort.seconds),
            );
        }
    }
}

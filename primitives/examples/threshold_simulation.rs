//! Runs the threshold rule against several kinds of progress and prints a Markdown table: the mean interval of
//! optimization blocks in seconds, for several thresholds at genesis.
//!
//! `cargo run --release --example threshold_simulation -p doin-primitives`
//!
//! The rule is the one of `doin_primitives::threshold`, the very code the chain runs. Floats are used for the
//! arrivals of verified work only. Blocks are 6 s slots: a slot with work in it, or due work, has a block.

use doin_primitives::threshold::ThresholdState;
use sp_runtime::{traits::Zero, FixedU128, Saturating};

const SLOT: u64 = 6_000;
const TARGET: u64 = 600_000;
const BLOCKS: usize = 5_000;
const SEEDS: u64 = 4;
/// Accepted improvements per target interval.
const RATE: f64 = 10.0;
/// Their mean effective increment under steady progress: 0.02 per target, the genesis threshold of the presets.
const PIECE: f64 = 0.002;

/// SplitMix64: enough for arrivals, and the same everywhere.
struct Random(u64);

impl Random {
    fn exponential(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        -(((mixed >> 11) as f64 + 1.0) / (1u64 << 53) as f64).ln()
    }
}

/// A kind of progress: how the rate and the size of improvements depend on time (in targets), and which share of them
/// is held back and published in one piece every so many targets.
struct Progress {
    name: &'static str,
    rate: fn(f64) -> f64,
    size: fn(f64) -> f64,
    withheld: Option<(f64, f64)>,
}

const KINDS: [Progress; 4] = [
    Progress {
        name: "steady",
        rate: |_| RATE,
        size: |_| PIECE,
        withheld: None,
    },
    // Each improvement is smaller than the one before: 1/(1 + t/100 targets) of ten times the steady size.
    Progress {
        name: "converging",
        rate: |_| RATE,
        size: |time| 10.0 * PIECE / (1.0 + time / 100.0),
        withheld: None,
    },
    // Ten targets in every hundred bring 91 % of the work.
    Progress {
        name: "bursting",
        rate: |time| if time % 100.0 < 10.0 { 9.1 * RATE } else { 0.1 * RATE },
        size: |_| PIECE,
        withheld: None,
    },
    // Half of the work is kept back and published at once, every 20 targets.
    Progress {
        name: "withheld",
        rate: |_| RATE,
        size: |_| PIECE,
        withheld: Some((0.5, 20.0)),
    },
];

/// The work that arrives, slot by slot.
struct Arrivals<'a> {
    progress: &'a Progress,
    random: Random,
    /// The time of the next improvement, in targets.
    next: f64,
    held_back: f64,
    publications: f64,
}

impl Arrivals<'_> {
    /// The work published up to `time` (in targets) since the last call.
    fn until(&mut self, time: f64) -> f64 {
        let mut published = 0.0;
        while self.next <= time {
            let size = (self.progress.size)(self.next) * self.random.exponential();
            let share = self.progress.withheld.map_or(0.0, |(share, _)| share);
            self.held_back += size * share;
            published += size * (1.0 - share);
            self.next += self.random.exponential() / (self.progress.rate)(self.next);
        }
        if let Some((_, every)) = self.progress.withheld {
            if time >= (self.publications + 1.0) * every {
                self.publications += 1.0;
                published += self.held_back;
                self.held_back = 0.0;
            }
        }
        published
    }
}

/// Simulates `BLOCKS` optimization blocks; returns the times of them in milliseconds.
fn simulate(progress: &Progress, genesis: f64, seed: u64) -> Vec<u64> {
    let start = 1_000_000 * SLOT;
    let mut state = ThresholdState::genesis(TARGET, FixedU128::from_float(genesis));
    state.start(start);
    let mut arrivals = Arrivals {
        progress,
        random: Random(seed),
        next: 0.0,
        held_back: 0.0,
        publications: 0.0,
    };
    let mut accumulated = FixedU128::zero();
    let mut times = vec![start];
    let mut now = start;
    while times.len() <= BLOCKS {
        now += SLOT;
        let work = arrivals.until((now - start) as f64 / TARGET as f64);
        accumulated.saturating_accrue(FixedU128::from_float(work));
        state.note_crossing(now, accumulated);
        if state.is_due(now, accumulated) {
            state = state.after_optimization_block(now);
            state.check().expect("the rule keeps its invariants");
            accumulated = FixedU128::zero();
            times.push(now);
        }
    }
    times
}

/// The mean interval over the blocks from `first` on, in seconds, over several seeds.
fn mean(histories: &[Vec<u64>], first: usize) -> f64 {
    let sum: f64 = histories
        .iter()
        .map(|times| (times[BLOCKS] - times[first]) as f64 / (BLOCKS - first) as f64)
        .sum();
    sum / histories.len() as f64 / 1_000.0
}

fn main() {
    let geneses = [1e-3, 0.02, 1.0, 100.0];
    println!("| progress | genesis T = 0.001 | 0.02 | 1 | 100 |");
    println!("| --- | --- | --- | --- | --- |");
    for progress in &KINDS {
        let cells: Vec<String> = geneses
            .iter()
            .map(|genesis| {
                let histories: Vec<_> = (1..=SEEDS).map(|seed| simulate(progress, *genesis, seed)).collect();
                format!("{:.0} ({:.0})", mean(&histories, 0), mean(&histories, 1_000))
            })
            .collect();
        println!("| {} | {} |", progress.name, cells.join(" | "));
    }
}

//! Judging goes before searching, and a search that is not wanted any more is stopped.

use super::{account, chain::specification, MemoryArtifacts};
use crate::{
    artifacts::Artifacts,
    measure::{MeasureOutcome, MeasureTask},
    search::{SearchOutcome, SearchTask},
    workbench::{Executor, Finished, Workbench},
};
use doin_domains::{instantiate, Domain, Options};
use doin_primitives::{
    api::RoundInfo,
    artifact::ArtifactReference,
    optimum::Assignment,
    quorum::{RoundPhase, VoteValues},
};
use parking_lot::Mutex;
use std::sync::Arc;

type Work = Box<dyn FnOnce() + Send>;

/// A workbench whose threads run when the test says so.
struct Fixture {
    bench: Workbench,
    waiting: Arc<Mutex<Vec<Work>>>,
    domain: Arc<dyn Domain>,
    artifacts: Arc<dyn Artifacts>,
    baseline: ArtifactReference,
}

impl Fixture {
    fn new() -> Self {
        let waiting = Arc::new(Mutex::new(Vec::<Work>::new()));
        let queue = waiting.clone();
        let executor: Executor = Arc::new(move |work| queue.lock().push(work));
        let domain = instantiate("quadratic", &specification().model, &Options::default()).unwrap();
        let artifacts: Arc<dyn Artifacts> = Arc::new(MemoryArtifacts::default());
        let baseline = artifacts.put(&domain.baseline()).unwrap();
        Self {
            bench: Workbench::new(executor),
            waiting,
            domain,
            artifacts,
            baseline,
        }
    }

    fn search(&self, domain_index: usize, season: u64) -> SearchTask {
        SearchTask {
            domain_index,
            domain: self.domain.clone(),
            artifacts: self.artifacts.clone(),
            specification: specification(),
            account: account("//Alice"),
            incumbent: self.baseline,
            season,
            evaluations: 1_000,
            rehearsals: 5,
            quorum_size: 3,
        }
    }

    fn measure(&self, commit_deadline: u64) -> MeasureTask {
        MeasureTask {
            domain_index: 0,
            domain: self.domain.clone(),
            artifacts: self.artifacts.clone(),
            direction: specification().direction,
            account: account("//Bob"),
            round: RoundInfo {
                round: 1,
                phase: RoundPhase::Commit,
                seats: Vec::new(),
                commit_deadline,
                reveal_deadline: commit_deadline + 10,
                assignment: Assignment {
                    optimum: 0,
                    domain: 0,
                    optimizer: account("//Alice"),
                    candidate: self.baseline,
                    incumbent: self.baseline,
                    reported: Default::default(),
                    season: 0,
                },
            },
            seed: [1; 32],
        }
    }

    /// Runs the thread that waits, and takes what it has done.
    fn run(&mut self) -> Finished {
        let work = self.waiting.lock().remove(0);
        work();
        self.bench.take_finished().unwrap()
    }

    fn waiting(&self) -> usize {
        self.waiting.lock().len()
    }
}

fn is_cancelled(finished: &Finished) -> bool {
    matches!(
        finished,
        Finished::Search {
            outcome: SearchOutcome::Cancelled,
            ..
        }
    )
}

#[test]
fn a_search_that_is_wanted_goes_on() {
    let mut fixture = Fixture::new();
    let search = fixture.search(0, 1);
    for _ in 0..3 {
        fixture.bench.schedule(vec![], vec![search.clone()]);
    }
    assert_eq!(fixture.waiting(), 1);
    let finished = fixture.run();
    assert!(matches!(
        finished,
        Finished::Search {
            outcome: SearchOutcome::Found(_),
            ..
        }
    ));
    assert!(fixture.bench.take_finished().is_none());
}

#[test]
fn a_search_stops_for_somebody_to_be_judged() {
    let mut fixture = Fixture::new();
    let (search, measure) = (fixture.search(0, 1), fixture.measure(5));
    fixture.bench.schedule(vec![], vec![search.clone()]);
    fixture.bench.schedule(vec![measure.clone()], vec![search.clone()]);
    assert_eq!(fixture.waiting(), 1, "one at a time");
    assert!(is_cancelled(&fixture.run()));
    fixture.bench.schedule(vec![measure], vec![search]);
    let finished = fixture.run();
    let Finished::Measure {
        outcome: MeasureOutcome::Vote(VoteValues::Measured(found)),
        ..
    } = finished
    else {
        panic!("no vote")
    };
    assert_eq!(found.candidate, found.incumbent, "the same parameters on the same data");
}

#[test]
fn a_search_stops_when_its_basis_is_gone() {
    let mut fixture = Fixture::new();
    let (old, new) = (fixture.search(0, 1), fixture.search(0, 2));
    fixture.bench.schedule(vec![], vec![old]);
    fixture.bench.schedule(vec![], vec![new]);
    assert!(is_cancelled(&fixture.run()));
    let (old, other_best) = (fixture.search(0, 1), fixture.search(0, 1));
    fixture.bench.schedule(vec![], vec![old]);
    fixture.bench.schedule(
        vec![],
        vec![SearchTask {
            incumbent: ArtifactReference::of(b"better"),
            ..other_best
        }],
    );
    assert!(is_cancelled(&fixture.run()));
    let old = fixture.search(0, 1);
    fixture.bench.schedule(vec![], vec![old]);
    fixture.bench.schedule(vec![], vec![]);
    assert!(is_cancelled(&fixture.run()));
}

#[test]
fn the_most_urgent_is_judged_first_and_is_not_interrupted() {
    let mut fixture = Fixture::new();
    let measures = vec![fixture.measure(9), fixture.measure(5), fixture.measure(7)];
    fixture.bench.schedule(measures, vec![fixture.search(0, 1)]);
    fixture.bench.schedule(vec![fixture.measure(1)], vec![]);
    assert_eq!(fixture.waiting(), 1);
    let Finished::Measure { task, .. } = fixture.run() else {
        panic!()
    };
    assert_eq!(task.round.commit_deadline, 5);
}

#[test]
fn domains_take_turns_in_searching() {
    let mut fixture = Fixture::new();
    let mut served = Vec::new();
    for _ in 0..6 {
        let searches = vec![fixture.search(0, 1), fixture.search(1, 1), fixture.search(2, 1)];
        fixture.bench.schedule(vec![], searches);
        let Finished::Search { task, .. } = fixture.run() else {
            panic!()
        };
        served.push(task.domain_index);
    }
    served.sort_unstable();
    assert_eq!(served, vec![0, 0, 1, 1, 2, 2]);
}

#[test]
fn a_worker_that_ends_stops_its_search() {
    let fixture = Fixture::new();
    let search = fixture.search(0, 1);
    let Fixture { mut bench, waiting, .. } = fixture;
    bench.schedule(vec![], vec![search]);
    drop(bench);
    // Nobody listens any more; the thread ends all the same.
    waiting.lock().remove(0)();
}

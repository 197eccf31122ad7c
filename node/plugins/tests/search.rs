//! Searches of plugins: single steps, whole runs that go on over many rounds, and those that misbehave.

mod common;

use common::Ground;
use doin_domains::{Assessment, Budget, Cancellation, Candidate, Domain, DomainError};
use doin_plugins::PythonDomain;
use serde_json::Value;
use std::time::{Duration, Instant};

fn round(domain: &PythonDomain, best: &[u8], cancellation: &Cancellation) -> Result<Candidate, DomainError> {
    let budget = Budget {
        evaluations: 1,
        minimum_gain: 0.0,
    };
    domain.optimize(best, &budget, [7; 32], 0, cancellation)
}

fn step(candidate: &Candidate) -> u64 {
    let parameters: Value = serde_json::from_slice(&candidate.parameters).unwrap();
    parameters["step"].as_u64().unwrap()
}

fn at(step: u64) -> Vec<u8> {
    format!(r#"{{"attack":"nothing","step":{step}}}"#).into_bytes()
}

#[test]
fn a_step_that_gains_nothing_is_no_improvement() {
    // The hostile plugins' metric is always the same: measured on the same data, no step is a gain.
    let ground = Ground::new();
    let domain = ground.domain();
    let result = round(&domain, &domain.baseline(), &Cancellation::default());
    assert!(matches!(result, Err(DomainError::NoImprovement { .. })), "{result:?}");
}

#[test]
fn a_run_goes_on_over_rounds_and_takes_in_champions() {
    let mut ground = Ground::new();
    ground.search = "island";
    let domain = ground.domain();
    let never = Cancellation::default();
    let first = round(&domain, &domain.baseline(), &never).unwrap();
    let second = round(&domain, &first.parameters, &never).unwrap();
    assert!(step(&second) > step(&first), "the same run went on");
    assert!(step(&second) < 1000);
    // The network is further: the run takes its champion in.
    let mut found = round(&domain, &at(1000), &never).unwrap();
    for _ in 0..50 {
        if step(&found) > 1000 {
            break;
        }
        found = round(&domain, &at(1000), &never).unwrap();
    }
    assert!(step(&found) > 1000, "{}", step(&found));
    // A new search begins where it is told to.
    domain.forget();
    assert!(step(&round(&domain, &at(0), &never).unwrap()) < 1000);
}

#[test]
fn a_search_in_stages_says_its_stage_and_follows_the_networks() {
    let mut ground = Ground::new();
    ground.search = "island";
    let domain = ground.domain();
    assert_eq!(domain.stage(), None, "nothing was searched yet");
    let never = Cancellation::default();
    round(&domain, &domain.baseline(), &never).unwrap();
    assert_eq!(domain.stage(), Some(0));
    // A champion of a later stage: one stage further with each, until the search is as far.
    domain.advance(2);
    for (best, stage) in [(1_000, 1), (2_000, 2), (3_000, 2)] {
        // What the run has found before it took the champion in is still of the stage before.
        let taken_in = |found: Candidate| step(&found) > best && domain.stage() == Some(stage);
        assert!(
            (0..50).any(|_| taken_in(round(&domain, &at(best), &never).unwrap())),
            "{best}"
        );
    }
    domain.forget();
    assert_eq!(domain.stage(), None);
}

#[test]
fn a_cancelled_search_is_stopped_and_goes_on_later() {
    let mut ground = Ground::new();
    ground.search = "silent";
    let domain = ground.domain();
    let cancellation = Cancellation::default();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| round(&domain, &domain.baseline(), &cancellation));
        std::thread::sleep(Duration::from_millis(500));
        cancellation.cancel();
        assert_eq!(waiting.join().unwrap(), Err(DomainError::Cancelled));
    });
    // All of its processes stand still.
    for _ in 0..100 {
        if stopped(&ground) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no process is stopped");
}

#[test]
fn every_callback_of_a_long_run_is_a_sign_of_life() {
    for says in [
        "generation_end",
        "stage_start",
        "stage_end",
        "candidate_evaluated",
        "between_candidates",
        "progress",
        "nothing",
    ] {
        let mut ground = Ground::new();
        ground.search = "long_run";
        ground.says = says;
        // The run takes three seconds and more.
        ground.limits.silence_seconds = 2;
        let domain = ground.domain();
        let found = round(&domain, &domain.baseline(), &Cancellation::default());
        match (says, found) {
            ("nothing", Err(DomainError::External(error))) => assert!(error.contains("within 2 s"), "{error}"),
            (_, Ok(found)) => assert_eq!(
                (found.parameters, found.metric),
                (br#"{"attack":"better"}"#.to_vec(), 2.0)
            ),
            (_, other) => panic!("{says}: {other:?}"),
        }
    }
}

/// Whether one of the ground's processes is stopped.
fn stopped(ground: &Ground) -> bool {
    ground.processes().iter().any(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
    })
}

#[test]
fn a_round_ends_when_it_is_over_and_a_silent_search_is_ended() {
    let mut ground = Ground::new();
    ground.search = "silent";
    ground.limits.round_seconds = 1;
    ground.limits.silence_seconds = 2;
    let domain = ground.domain();
    let never = Cancellation::default();
    let first = round(&domain, &domain.baseline(), &never);
    assert!(matches!(first, Err(DomainError::NoImprovement { .. })), "{first:?}");
    let started = Instant::now();
    loop {
        match round(&domain, &domain.baseline(), &never) {
            Err(DomainError::NoImprovement { .. }) => assert!(started.elapsed() < Duration::from_secs(60)),
            Err(DomainError::External(error)) => return assert!(error.contains("within 2 s"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn searches_that_misbehave() {
    for (search, named) in [
        ("flood", "events"),
        ("large", "parameters_bytes"),
        ("no_such_search", "no_such_search"),
    ] {
        let mut ground = Ground::new();
        ground.search = search;
        let domain = ground.domain();
        match round(&domain, &domain.baseline(), &Cancellation::default()) {
            Err(DomainError::External(error)) => assert!(error.contains(named), "{error}"),
            other => panic!("{search}: {other:?}"),
        }
    }
}

#[test]
fn a_population_is_shared_by_two_nodes_and_candidates_that_misbehave_cost_only_themselves() {
    let mut ground = Ground::new();
    ground.limits.silence_seconds = 3;
    let (here, there) = (ground.domain(), ground.domain());
    let [one, two] = [&here, &there].map(|domain| domain.shared_population().expect("it has an optimizer"));
    let generation = one.create(&here.baseline(), [5; 32], 0).unwrap();
    assert_eq!(generation.candidates.len(), 60);
    assert_eq!(generation, two.create(&there.baseline(), [5; 32], 0).unwrap());
    assert_ne!(generation, two.create(&there.baseline(), [6; 32], 0).unwrap());

    let never = Cancellation::default();
    let evaluate = |index: usize| one.evaluate_candidate(&generation.candidates[index], 0, [0; 32], 0, &never);
    let found = evaluate(7).unwrap();
    let parameters = br#"{"attack":"nothing","step":7}"#.to_vec();
    assert_eq!(
        found,
        Assessment {
            metric: 7.0 / 3.0,
            parameters
        }
    );
    assert!(matches!(evaluate(1), Err(DomainError::BadParameters(_))));
    assert!(
        matches!(evaluate(3), Err(DomainError::External(_))),
        "it says nothing for too long"
    );
    std::thread::sleep(Duration::from_millis(1_100));
    // Given up when judging needs the machine.
    let cancellation = Cancellation::default();
    std::thread::scope(|scope| {
        let candidate = &generation.candidates[3];
        let waiting = scope.spawn(|| one.evaluate_candidate(candidate, 0, [0; 32], 0, &cancellation));
        std::thread::sleep(Duration::from_millis(300));
        cancellation.cancel();
        assert_eq!(waiting.join().unwrap(), Err(DomainError::Cancelled));
    });
    evaluate(8).unwrap();
    assert!(matches!(evaluate(2), Err(DomainError::External(_))), "it has ended");

    let mut metrics: Vec<_> = (0..60).map(|index| Some(f64::from(index))).collect();
    metrics[59] = None;
    // Of two nodes one has to be asked again after its rest.
    let next = two
        .reproduce(&generation, 0, &metrics, [7; 32], 0)
        .unwrap()
        .expect("it goes on");
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(
        one.reproduce(&generation, 0, &metrics, [7; 32], 0).unwrap(),
        Some(next.clone())
    );
    let best: Value = serde_json::from_slice(&next.candidates[0]).unwrap();
    assert_eq!(best["step"], 58);
    assert_eq!(one.reproduce(&generation, 0, &[None; 60], [7; 32], 0).unwrap(), None);
}

//! What optimizer and evaluator do, and what dishonest or broken surroundings make of it.

use super::{
    account,
    chain::{all_unavailable, revealed_votes, specification, MODEL},
    World,
};
use crate::chain::Operation;
use doin_domains::{
    instantiate, Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, Metadata, Options, SyntheticData,
};
use doin_primitives::{artifact::ArtifactReference, audit::Finding, optimum::Outcome, quorum::Missing, DOIN};
use sp_runtime::{FixedI128, FixedPointNumber};
use std::sync::{
    atomic::{AtomicU32, Ordering},
    Arc,
};

/// The quadratic domain with a fault.
struct Faulty {
    sound: Arc<dyn Domain>,
    fault: Fault,
    calls: AtomicU32,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fault {
    /// Metric and probe of everything but the baseline; the optimizer itself is a liar.
    Others(f64, f64),
    /// Metric and probe of the baseline, which is the incumbent at the start.
    Baseline(f64, f64),
    /// The first so many evaluations panic.
    Panics(u32),
    /// The first so many evaluations fail.
    Fails(u32),
    /// The search fails.
    SearchFails,
    /// The search never finds anything.
    Exhausted,
    /// Queries panic.
    QueriesPanic,
    /// Queries take that many milliseconds.
    SlowQueries(u64),
}

impl Domain for Faulty {
    fn metadata(&self) -> &Metadata {
        self.sound.metadata()
    }
    fn baseline(&self) -> Vec<u8> {
        self.sound.baseline()
    }
    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError> {
        match self.fault {
            Fault::SearchFails => Err(DomainError::BadData("the disk is on fire".into())),
            Fault::Exhausted => Err(DomainError::NoImprovement {
                gain: 0.0,
                required: 0.0,
            }),
            _ => self.sound.optimize(best, budget, seed, season, cancellation),
        }
    }
    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        self.sound.synthesize(seed, season)
    }
    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::Others(metric, probe) if parameters != self.sound.baseline() => Ok(Evaluation { metric, probe }),
            Fault::Baseline(metric, probe) if parameters == self.sound.baseline() => Ok(Evaluation { metric, probe }),
            Fault::Panics(count) if call < count => panic!("the driver has crashed"),
            Fault::Fails(count) if call < count => Err(DomainError::BadData("the driver has hung".into())),
            _ => self.sound.evaluate(parameters, data),
        }
    }
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        match self.fault {
            Fault::QueriesPanic => panic!("the driver has crashed"),
            Fault::SlowQueries(milliseconds) => std::thread::sleep(std::time::Duration::from_millis(milliseconds)),
            _ => {}
        }
        self.sound.infer(parameters, input)
    }
}

pub(super) fn faulty_domain(fault: Fault) -> Arc<dyn Domain> {
    Arc::new(Faulty {
        sound: instantiate("quadratic", MODEL, &Options::default()).unwrap(),
        fault,
        calls: AtomicU32::new(0),
    })
}

pub(super) fn faulty(fault: Fault) -> World {
    let domain = faulty_domain(fault);
    World::with_factory(Arc::new(move |_, _| Ok(domain.clone())))
}

/// Has somebody else reveal this optimum.
pub(super) fn strange_optimum(world: &World, parameters: &[u8], reported: i64, is_here: bool) {
    use crate::artifacts::Artifacts;
    let artifact = match is_here {
        true => world.artifacts.put(parameters).unwrap(),
        false => ArtifactReference::of(parameters),
    };
    world.chain.change(|state| {
        let id = state.optimae.len() as u64;
        state.optimae.push(doin_primitives::api::OptimumInfo {
            id,
            domain: 0,
            optimizer: account("//Mallory"),
            artifact,
            reported: FixedI128::saturating_from_integer(reported),
            experiment: Default::default(),
            revealed_at: 0,
            bond: DOIN,
            stage: doin_primitives::api::Stage::Queued,
            round: None,
            decision: None,
            contest: None,
            challenge: None,
        });
        state.info.queue.push(id);
    });
}

#[test]
fn improvements_are_found_judged_and_accepted_until_near_the_optimum() {
    let mut world = World::new();
    world.until(800, |chain| {
        chain
            .state()
            .info
            .best_metric
            .is_some_and(|metric| metric > -FixedI128::from_rational(1, 2))
    });
    let ended = world.chain.ended();
    let accepted = world.chain.accepted();
    assert!(accepted >= 3, "{ended:?}");
    // The rehearsal keeps most claims from being lost.
    assert!(accepted * 2 >= ended.len(), "{ended:?}");
    assert_eq!(world.chain.failures(), Vec::<String>::new());
    assert_eq!(world.chain.state().expired_commits, 0);
}

#[test]
fn a_claim_is_honest() {
    let mut world = World::new();
    world.until(100, |chain| chain.accepted() >= 1);
    let optimum = world.chain.state().optimae[0].clone();
    let Some(doin_primitives::quorum::Decision::Agreed { candidate, .. }) = optimum.decision else {
        panic!()
    };
    assert!(doin_primitives::math::distance(candidate, optimum.reported) <= specification().tolerance(candidate));
}

#[test]
fn at_the_optimum_the_search_slows_down_and_sends_nothing() {
    let mut world = faulty(Fault::Exhausted);
    world.blocks(100);
    assert!(world.chain.sent("commit").is_empty());
}

#[test]
fn nothing_is_committed_without_the_means_to_finish() {
    let mut world = World::new();
    world
        .chain
        .change(|state| state.balances = [(account("//Alice"), DOIN)].into());
    world.blocks(40);
    assert!(world.chain.sent("commit").is_empty());
    world
        .chain
        .change(|state| state.balances = [(account("//Alice"), 50 * DOIN)].into());
    world.until(60, |chain| chain.accepted() > 0);
}

#[test]
fn nothing_is_searched_where_nobody_could_judge() {
    let mut world = World::new();
    world
        .chain
        .change(|state| state.info.evaluators = vec![account("//Alice")]);
    world.blocks(20);
    assert!(world.chain.sent("commit").is_empty());
}

#[test]
fn parameters_that_are_no_model_are_refuted() {
    let mut world = World::new();
    world.configuration.domains.get_mut("quadratic").unwrap().optimize = None;
    world.start().unwrap();
    strange_optimum(&world, b"garbage", 0, true);
    world.until(30, |chain| !chain.ended().is_empty());
    assert_eq!(world.chain.ended(), vec![Outcome::Refuted]);
}

#[test]
fn a_candidate_that_cannot_be_had_is_voted_unavailable_after_half_of_the_time() {
    let mut world = World::new();
    strange_optimum(&world, b"nowhere", 0, false);
    world.blocks(8);
    assert!(
        world.chain.sent("vote commit").is_empty(),
        "evaluators keep trying at first"
    );
    world.until(40, |chain| !chain.ended().is_empty());
    assert!(all_unavailable(&revealed_votes(&world.chain), Missing::Candidate));
    assert_eq!(world.chain.ended(), vec![Outcome::RefutedByAbsence]);
}

#[test]
fn a_candidate_that_arrives_late_is_measured() {
    use crate::artifacts::Artifacts;
    let mut world = World::new();
    let parameters = instantiate("quadratic", MODEL, &Options::default()).unwrap().baseline();
    let other: Vec<u8> = parameters.iter().rev().copied().collect();
    strange_optimum(&world, &other, 0, false);
    world.blocks(5);
    world.artifacts.put(&other).unwrap();
    world.until(40, |chain| !chain.ended().is_empty());
    assert!(!all_unavailable(&revealed_votes(&world.chain), Missing::Candidate));
}

#[test]
fn a_lost_best_is_voted_unavailable() {
    let mut world = World::new();
    world.configuration.domains.get_mut("quadratic").unwrap().optimize = None;
    world.start().unwrap();
    world.artifacts.lose(world.chain.state().info.best_artifact);
    strange_optimum(&world, &[0u8; 80], 0, true);
    world.until(40, |chain| !chain.ended().is_empty());
    assert!(all_unavailable(&revealed_votes(&world.chain), Missing::Incumbent));
}

#[test]
fn panics_and_failures_of_a_domain_are_survived_and_tried_again() {
    for fault in [Fault::Panics(3), Fault::Fails(3)] {
        let mut world = faulty(fault);
        strange_optimum(&world, &[0u8; 80], 0, true);
        world.until(40, |chain| !chain.ended().is_empty());
        assert_eq!(revealed_votes(&world.chain).len(), 3);
    }
}

#[test]
fn a_search_that_fails_is_tried_again_with_growing_pauses_while_judging_goes_on() {
    let mut world = faulty(Fault::SearchFails);
    strange_optimum(&world, &[0u8; 80], -1_000, true);
    world.until(40, |chain| !chain.ended().is_empty());
    assert_eq!(world.chain.failures(), Vec::<String>::new());
}

#[test]
fn a_busy_pool_is_outlasted() {
    let mut world = World::new();
    for round in 0..60 {
        world.chain.turn(|knobs| match round % 3 {
            0 => knobs.refuse = 2,
            1 => knobs.drop = 2,
            _ => knobs.full = round % 2 == 0,
        });
        world.block();
    }
    world.chain.turn(|knobs| *knobs = Default::default());
    world.until(100, |chain| chain.accepted() > 0);
    assert_eq!(world.chain.failures(), Vec::<String>::new());
    assert_eq!(world.chain.state().expired_commits, 0);
}

#[test]
fn a_commit_that_keeps_failing_is_given_up() {
    let mut world = World::new();
    world
        .chain
        .turn(|knobs| knobs.fail_commits = Some("Optimae(TooManyCommits)".into()));
    world.blocks(60);
    let commits = world.chain.sent("commit");
    let first = commits.iter().filter(|commit| **commit == commits[0]).count();
    assert!((1..=3).contains(&first), "{first}");
    world.chain.turn(|knobs| knobs.fail_commits = None);
    world.until(100, |chain| chain.accepted() > 0);
}

#[test]
fn the_search_goes_on_from_the_best_of_others() {
    use crate::artifacts::Artifacts;
    let mut world = World::new();
    let domain = instantiate("quadratic", MODEL, &Options::default()).unwrap();
    let budget = Budget {
        evaluations: 300,
        minimum_gain: 0.0,
    };
    let good = domain
        .optimize(&domain.baseline(), &budget, [1; 32], 0, &Cancellation::default())
        .unwrap();
    let artifact = world.artifacts.put(&good.parameters).unwrap();
    world.chain.change(|state| {
        state.info.best_artifact = artifact;
        state.info.best_optimum = Some(1_000);
    });
    world.block();
    world.until(400, |chain| !chain.sent("reveal").is_empty());
    let Operation::Reveal { reported, .. } = &world.chain.sent("reveal")[0] else {
        panic!()
    };
    let metric = doin_domains::fixed_to_metric(*reported);
    assert!(metric > good.metric - 5.0, "{metric} {}", good.metric);
}

#[test]
fn a_best_that_moves_on_before_the_commit_is_in_a_block_abandons_it() {
    use crate::artifacts::Artifacts;
    let mut world = World::new();
    world.chain.turn(|knobs| knobs.full = true);
    world.blocks(3);
    assert_eq!(world.journal_files().len(), 1);
    let artifact = world.artifacts.put(&[0u8; 80]).unwrap();
    world.chain.change(|state| state.info.best_artifact = artifact);
    // The commit that was sent gets in all the same: it is revealed, and no bond is lost.
    world.chain.turn(|knobs| knobs.full = false);
    world.chain.seal();
    world.blocks(30);
    assert_eq!(world.chain.state().expired_commits, 0);
    assert!(!world.chain.ended().is_empty());
}

#[test]
fn an_abandoned_commit_is_forgotten_once_it_cannot_come_back() {
    use crate::artifacts::Artifacts;
    let mut world = World::new();
    world.chain.turn(|knobs| knobs.full = true);
    world.blocks(3);
    world.chain.lose_pool();
    world
        .configuration
        .domains
        .get_mut("quadratic")
        .unwrap()
        .optimize
        .as_mut()
        .unwrap()
        .interval_slots = 10_000;
    world.kill();
    world.start().unwrap();
    let artifact = world.artifacts.put(&[0u8; 80]).unwrap();
    world.chain.change(|state| state.info.best_artifact = artifact);
    world.chain.change(|state| state.info.evaluators.clear());
    world.block();
    world.chain.lose_pool();
    world.blocks(20);
    assert_eq!(world.journal_files().len(), 1);
    world.blocks(140);
    assert!(world.journal_files().is_empty(), "{:?}", world.journal_files());
}

#[test]
fn nothing_is_refuted_because_the_season_has_changed() {
    let mut world = World::new();
    world.chain.change(|state| state.info.specification.season_length = 40);
    world.blocks(300);
    let ended = world.chain.ended();
    assert!(!ended.contains(&Outcome::Refuted), "{ended:?}");
    assert!(world.chain.accepted() >= 7, "{ended:?}");
    assert_eq!(world.chain.state().expired_commits, 0);
}

#[test]
fn a_commit_that_gets_into_the_wrong_season_is_not_revealed() {
    let mut world = World::new();
    world.chain.change(|state| state.info.specification.season_length = 40);
    world.chain.turn(|knobs| knobs.full = true);
    world.until(60, |chain| chain.sent("commit").len() == 1);
    world.chain.wait(40);
    world.chain.turn(|knobs| knobs.full = false);
    world.chain.seal();
    assert_eq!(world.chain.state().commits.len(), 1);
    world.until(100, |chain| chain.accepted() >= 2);
    world.blocks(30);
    assert!(!world.chain.ended().contains(&Outcome::Refuted));
    assert_eq!(world.chain.state().expired_commits, 1);
}

#[test]
fn registration_is_asked_for_only_where_configured() {
    let mut world = World::new();
    world
        .chain
        .change(|state| state.info.evaluators.retain(|who| *who != account("//Dave")));
    world.blocks(5);
    assert!(world.chain.sent("evaluator registration").is_empty());
    world
        .configuration
        .domains
        .get_mut("quadratic")
        .unwrap()
        .evaluate
        .as_mut()
        .unwrap()
        .register = true;
    world.start().unwrap();
    world.blocks(3);
    assert!(world.chain.state().info.evaluators.contains(&account("//Dave")));
    assert_eq!(world.chain.sent("evaluator registration").len(), 1);
}

#[test]
fn rewards_are_claimed_once_each() {
    let mut world = World::new();
    world.configuration.claim_interval_slots = 5;
    world.start().unwrap();
    world.chain.change(|state| {
        state.claimable.insert(account("//Bob"), (1..=40).collect());
        state.claimable.insert(account("//Mallory"), (1..=40).collect());
    });
    world.blocks(60);
    let state = world.chain.state();
    assert!(state.claimable[&account("//Bob")].is_empty());
    assert_eq!(state.claimable[&account("//Mallory")].len(), 40);
    assert_eq!(world.chain.failures(), Vec::<String>::new());
}

#[test]
fn nothing_is_done_while_the_node_is_catching_up() {
    let mut world = World::new();
    world.chain.turn(|knobs| knobs.syncing = true);
    world.blocks(10);
    assert!(world.chain.sent("commit").is_empty());
    world.chain.turn(|knobs| knobs.syncing = false);
    world.until(60, |chain| chain.accepted() > 0);
}

#[test]
fn a_state_that_cannot_be_read_is_waited_for() {
    let mut world = World::new();
    world.chain.turn(|knobs| knobs.unreadable = true);
    world.blocks(5);
    world.chain.turn(|knobs| knobs.unreadable = false);
    world.until(60, |chain| chain.accepted() > 0);
}

#[test]
fn the_votes_of_others_are_audited() {
    let mut world = World::new();
    world.until(100, |chain| chain.accepted() >= 2);
    let ended = world.chain.ended().len();
    assert_eq!(world.chain.findings(), vec![Finding::Reproduced; 3 * ended]);
    assert_eq!(world.chain.sent("replay reveal").len(), 3 * ended);
    assert_eq!(world.chain.failures(), Vec::<String>::new());
}

/// //Mallory sits, and votes for what was claimed without having measured it.
#[test]
fn a_vote_that_was_not_measured_is_discredited() {
    use crate::chain::Chain;
    use doin_primitives::{
        commitment::vote_commitment,
        quorum::{Measurement, VoteValues},
    };
    let mallory = account("//Mallory");
    let mut world = World::new();
    world.configuration.domains.get_mut("quadratic").unwrap().optimize = None;
    world.start().unwrap();
    world
        .chain
        .change(|state| state.info.evaluators.insert(0, account("//Mallory")));
    strange_optimum(&world, &[0u8; 80], -40, true);
    world
        .chain
        .change(|state| state.optimae[0].optimizer = account("//Alice"));
    let lazy = VoteValues::Measured(Measurement {
        candidate: FixedI128::saturating_from_integer(-40),
        incumbent: FixedI128::saturating_from_integer(-430),
        probe: FixedI128::saturating_from_integer(0),
        data_hash: [0; 32],
    });
    let salt = [1; 32];
    let send = |world: &World, operation: Operation| {
        let sent = world.chain.submit(&mallory, &operation);
        futures::executor::block_on(sent).map(drop).unwrap();
    };
    world.until(10, |chain| chain.state().optimae[0].round.is_some());
    let commitment = vote_commitment(world.chain.genesis(), 0, 1, &mallory, &lazy, &salt);
    send(
        &world,
        Operation::CommitVote {
            optimum: 0,
            round: 1,
            commitment,
        },
    );
    world.until(40, |chain| {
        chain.state().optimae[0].stage == doin_primitives::api::Stage::VoteReveal
    });
    send(
        &world,
        Operation::RevealVote {
            optimum: 0,
            vote: lazy,
            salt,
        },
    );
    world.until(60, |chain| !chain.ended().is_empty());
    // The vote of the third seat was for //Mallory to audit, who does not.
    assert_eq!(
        world.chain.findings(),
        [Finding::Discredited, Finding::Reproduced, Finding::Lapsed],
        "{:?}",
        world.chain.story()
    );
    // Three replays of //Mallory's vote, one of another.
    assert_eq!(world.chain.sent("replay reveal").len(), 4);
    assert_eq!(world.chain.failures(), Vec::<String>::new());
}

#[test]
fn an_auditor_who_cannot_get_the_parameters_says_so_in_time() {
    let mut world = World::new();
    strange_optimum(&world, b"nowhere", 0, false);
    world.until(60, |chain| !chain.ended().is_empty());
    let replays = world.chain.replays();
    assert_eq!(replays.len(), 3);
    assert!(all_unavailable(&replays, Missing::Candidate));
    assert_eq!(world.chain.findings(), vec![Finding::Lapsed; 3]);
}

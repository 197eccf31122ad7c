//! What searches start from: accepted champions, provisional ones, and where a search rests.

use super::{
    account,
    chain::MODEL,
    roles::{faulty, strange_optimum, Fault},
    World,
};
use crate::{chain::Operation, config::SearchFrom, tests::chain::MockChain};
use doin_domains::{
    fixed_to_metric, instantiate, Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, Metadata, Options,
    SyntheticData,
};
use doin_primitives::{
    api::Stage,
    artifact::ArtifactReference,
    optimum::{OptimumId, Outcome},
};
use parking_lot::Mutex;
use sp_runtime::{FixedI128, FixedPointNumber};
use std::sync::Arc;

/// What a search was asked for.
#[derive(Clone, PartialEq, Debug)]
enum Asked {
    From(ArtifactReference),
    Forget,
    Advance(u32),
}

/// The quadratic domain, with a record of what its search was asked for.
struct Recorded {
    sound: Arc<dyn Domain>,
    asked: Arc<Mutex<Vec<Asked>>>,
    stage: Option<u32>,
}

impl Domain for Recorded {
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
        self.asked.lock().push(Asked::From(ArtifactReference::of(best)));
        self.sound.optimize(best, budget, seed, season, cancellation)
    }
    fn forget(&self) {
        self.asked.lock().push(Asked::Forget);
        self.sound.forget();
    }
    fn stage(&self) -> Option<u32> {
        self.stage
    }
    fn advance(&self, stage: u32) {
        self.asked.lock().push(Asked::Advance(stage));
    }
    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        self.sound.synthesize(seed, season)
    }
    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        self.sound.evaluate(parameters, data)
    }
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        self.sound.infer(parameters, input)
    }
}

/// A node whose search goes on from what `from` says, and the record of it.
fn recorded(from: SearchFrom) -> (World, Arc<Mutex<Vec<Asked>>>) {
    recorded_in(None, from)
}

/// The same of a search that is in this stage.
fn recorded_in(stage: Option<u32>, from: SearchFrom) -> (World, Arc<Mutex<Vec<Asked>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let domain: Arc<dyn Domain> = Arc::new(Recorded {
        sound: quadratic(),
        asked: asked.clone(),
        stage,
    });
    let mut world = World::with_factory(Arc::new(move |_, _| Ok(domain.clone())));
    optimize(&mut world, |role| role.search_from = from);
    (world, asked)
}

fn quadratic() -> Arc<dyn Domain> {
    instantiate("quadratic", MODEL, &Options::default()).unwrap()
}

/// Starts the node again with a changed role.
fn optimize(world: &mut World, change: impl FnOnce(&mut crate::config::OptimizeRole)) {
    let roles = world.configuration.domains.get_mut("quadratic").unwrap();
    change(roles.optimize.as_mut().unwrap());
    world.kill();
    world.start().unwrap();
}

/// Parameters far better than the baseline, and their metric.
fn good(evaluations: u64) -> (Vec<u8>, f64) {
    let domain = quadratic();
    let budget = Budget {
        evaluations,
        minimum_gain: 0.0,
    };
    let found = domain.optimize(&domain.baseline(), &budget, [1; 32], 0, &Cancellation::default());
    let found = found.unwrap();
    (found.parameters, found.metric)
}

fn reveals(chain: &MockChain) -> Vec<(ArtifactReference, f64)> {
    let reveals = chain.sent("reveal").into_iter();
    let mut reveals: Vec<_> = reveals
        .filter_map(|operation| match operation {
            Operation::Reveal { artifact, reported, .. } => Some((artifact, fixed_to_metric(reported))),
            _ => None,
        })
        .collect();
    reveals.dedup();
    reveals
}

/// Nobody votes, so that what is revealed stays open until the test decides.
fn without_evaluators(world: &mut World) {
    world.configuration.domains.get_mut("quadratic").unwrap().evaluate = None;
}

/// Ends an optimum from outside.
fn end(world: &World, optimum: OptimumId, outcome: Outcome) {
    world.chain.change(|state| {
        state.info.queue.retain(|id| *id != optimum);
        let ended = state.optimae.iter_mut().find(|known| known.id == optimum).unwrap();
        ended.stage = Stage::Ended(outcome);
        ended.round = None;
        if outcome == Outcome::Accepted {
            state.info.best_artifact = ended.artifact;
            state.info.best_optimum = Some(optimum);
            state.info.best_metric = Some(ended.reported);
        }
    });
}

/// Reveals an own optimum and lets it stand open.
fn open_own_optimum(world: &mut World) -> ArtifactReference {
    world.until(60, |chain| !chain.state().optimae.is_empty());
    world.blocks(4);
    let state = world.chain.state();
    assert_eq!(state.optimae.len(), 1, "one optimum of an account at a time");
    assert!(!matches!(state.optimae[0].stage, Stage::Ended(_)));
    state.optimae[0].artifact
}

#[test]
fn while_an_own_optimum_is_judged_the_search_goes_on_and_its_find_is_committed_at_once() {
    let (mut world, asked) = recorded(SearchFrom::Own);
    without_evaluators(&mut world);
    optimize(&mut world, |_| {});
    let first = open_own_optimum(&mut world);
    assert!(asked.lock().contains(&Asked::From(first)), "{:?}", asked.lock());
    let claimed = reveals(&world.chain);
    assert_eq!(claimed.len(), 1, "nothing is committed on a basis that is not the best");
    end(&world, 0, Outcome::Accepted);
    let commits = world.chain.sent("commit").len();
    world.step();
    assert!(
        world.chain.sent("commit").len() > commits,
        "no search is needed any more"
    );
    world.until(20, |chain| reveals(chain).len() == 2);
    let second = reveals(&world.chain)[1];
    assert!(second.1 > claimed[0].1, "{second:?} {claimed:?}");
    assert!(!asked.lock().contains(&Asked::Forget));
}

#[test]
fn by_wish_nothing_is_searched_before_an_own_optimum_is_decided() {
    let (mut world, asked) = recorded(SearchFrom::Accepted);
    without_evaluators(&mut world);
    optimize(&mut world, |_| {});
    let first = open_own_optimum(&mut world);
    assert!(!asked.lock().contains(&Asked::From(first)));
}

#[test]
fn what_was_built_on_an_optimum_that_is_not_accepted_is_dropped() {
    for outcome in [
        Outcome::Refuted,
        Outcome::Unproven,
        Outcome::Expired,
        Outcome::RefutedByAbsence,
    ] {
        let (mut world, asked) = recorded(SearchFrom::Own);
        without_evaluators(&mut world);
        optimize(&mut world, |_| {});
        let first = open_own_optimum(&mut world);
        let commits = world.chain.sent("commit").len();
        end(&world, 0, outcome);
        world.step();
        assert_eq!(world.chain.sent("commit").len(), commits, "{outcome:?}");
        let baseline = world.chain.state().info.best_artifact;
        world.until(60, |_| asked.lock().contains(&Asked::Forget));
        let asked = asked.lock().clone();
        let forgotten = asked.iter().position(|asked| *asked == Asked::Forget).unwrap();
        assert!(
            asked[forgotten + 1..].iter().all(|after| *after != Asked::From(first)),
            "{asked:?}"
        );
        assert_eq!(asked[forgotten + 1], Asked::From(baseline));
        assert_eq!(asked.iter().filter(|asked| **asked == Asked::Forget).count(), 1);
    }
}

#[test]
fn the_revealed_optimum_of_others_is_adopted_by_wish_only_and_dropped_when_it_is_refused() {
    let (parameters, metric) = good(300);
    for from in [SearchFrom::Own, SearchFrom::Revealed] {
        let (mut world, asked) = recorded(from);
        without_evaluators(&mut world);
        optimize(&mut world, |_| {});
        world.chain.turn(|knobs| knobs.full = true);
        strange_optimum(&world, &parameters, metric as i64, true);
        let theirs = ArtifactReference::of(&parameters);
        world.blocks(6);
        assert_eq!(
            asked.lock().contains(&Asked::From(theirs)),
            from == SearchFrom::Revealed
        );
        if from == SearchFrom::Own {
            continue;
        }
        assert!(reveals(&world.chain).is_empty());
        end(&world, 0, Outcome::Expired);
        let before = asked.lock().len();
        world.blocks(4);
        let after = asked.lock()[before..].to_vec();
        assert_eq!(after.first(), Some(&Asked::Forget), "{after:?}");
        assert!(!after.contains(&Asked::From(theirs)));
    }
}

#[test]
fn a_revealed_optimum_that_is_accepted_is_improved_on_at_once() {
    let (parameters, metric) = good(150);
    let (mut world, asked) = recorded(SearchFrom::Revealed);
    without_evaluators(&mut world);
    optimize(&mut world, |role| role.interval_slots = 0);
    strange_optimum(&world, &parameters, metric as i64, true);
    world.blocks(6);
    assert!(world.chain.sent("commit").is_empty(), "its basis is not the best yet");
    end(&world, 0, Outcome::Accepted);
    world.step();
    assert_eq!(world.chain.sent("commit").len(), 1);
    assert!(!asked.lock().contains(&Asked::Forget));
}

#[test]
fn the_stage_of_a_search_goes_with_its_finds() {
    let (mut world, _) = recorded_in(Some(3), SearchFrom::Accepted);
    without_evaluators(&mut world);
    optimize(&mut world, |_| {});
    open_own_optimum(&mut world);
    let published = |name: &[u8]| {
        let experiment = world.chain.state().optimae[0].experiment.clone();
        experiment.into_iter().find(|(known, _)| known[..] == *name)
    };
    assert_eq!(published(b"stage").unwrap().1, FixedI128::from_u32(3));
    assert!(published(b"rehearsals").is_some());
}

#[test]
fn a_search_follows_the_stage_of_the_best_that_it_goes_on_from() {
    let (parameters, metric) = good(150);
    let theirs = ArtifactReference::of(&parameters);
    for (published, expected) in [("stage", Some(7)), ("age", None)] {
        let (mut world, asked) = recorded(SearchFrom::Accepted);
        without_evaluators(&mut world);
        optimize(&mut world, |_| {});
        world.chain.turn(|knobs| knobs.full = true);
        strange_optimum(&world, &parameters, metric as i64, true);
        world.chain.change(|state| {
            let name = published.as_bytes().to_vec().try_into().unwrap();
            state.optimae[0].experiment = vec![(name, FixedI128::from_u32(7))].try_into().unwrap();
        });
        world.blocks(4);
        assert!(!asked.lock().contains(&Asked::Advance(7)), "it is not accepted yet");
        end(&world, 0, Outcome::Accepted);
        world.until(60, |_| asked.lock().contains(&Asked::From(theirs)));
        let asked = asked.lock().clone();
        let from = asked.iter().position(|asked| *asked == Asked::From(theirs)).unwrap();
        assert_eq!(asked[from - 1] == Asked::Advance(7), expected.is_some(), "{asked:?}");
    }
}

#[test]
fn a_claim_that_measures_no_better_is_not_adopted() {
    let (mut world, asked) = recorded(SearchFrom::Revealed);
    without_evaluators(&mut world);
    optimize(&mut world, |_| {});
    // Worse than the baseline, and claimed to be perfect.
    let bad: Vec<u8> = [100f64; 10].iter().flat_map(|value| value.to_le_bytes()).collect();
    strange_optimum(&world, &bad, 0, true);
    strange_optimum(&world, b"garbage", 0, true);
    strange_optimum(&world, b"nowhere", 0, false);
    world.blocks(10);
    let best = world.chain.state().info.best_artifact;
    assert!(asked.lock().contains(&Asked::From(best)));
    let strange = [&bad[..], b"garbage", b"nowhere"].map(|bytes| Asked::From(ArtifactReference::of(bytes)));
    assert!(
        !asked.lock().iter().any(|asked| strange.contains(asked)),
        "{:?}",
        asked.lock()
    );
}

#[test]
fn a_search_that_has_reached_its_target_rests_until_the_best_falls_short_of_it() {
    let mut world = World::new();
    optimize(&mut world, |role| role.target_performance = Some(-50.0));
    let reached = |chain: &MockChain| {
        let best = chain.state().info.best_metric;
        best.is_some_and(|metric| metric >= FixedI128::saturating_from_integer(-50))
    };
    world.until(400, reached);
    // What was committed before the target was reached ends as it may.
    world.blocks(30);
    let commits = world.chain.sent("commit").len();
    world.blocks(60);
    assert_eq!(world.chain.sent("commit").len(), commits);
    // A new season: nobody knows what the best is worth now.
    world.chain.change(|state| state.info.best_metric = None);
    world.until(200, |chain| chain.sent("commit").len() > commits);
}

#[test]
fn a_target_stops_no_judging() {
    let mut world = faulty(Fault::Exhausted);
    optimize(&mut world, |role| role.target_performance = Some(-10_000.0));
    world
        .chain
        .change(|state| state.info.best_metric = Some(FixedI128::saturating_from_integer(-400)));
    strange_optimum(&world, &good(300).0, -30, true);
    world.until(40, |chain| !chain.ended().is_empty());
    assert!(world
        .chain
        .state()
        .optimae
        .iter()
        .all(|optimum| optimum.optimizer != account("//Alice")));
}

//! Judging goes before searching: a search on the device, in a thread of its own, makes way for a measurement, and goes on
//! afterwards where it was.

use super::{roles::strange_optimum, World};
use crate::artifacts::Artifacts;
use doin_domains::{
    functions::{Function, Progress},
    Backend, Budget, Cancellation, Candidate, Compute, Domain, DomainError, Evaluation, Metadata, OptimizerKind,
    Options, SyntheticData,
};
use doin_primitives::{artifact::ArtifactReference, domain::Direction};
use parking_lot::Mutex;
use std::{sync::Arc, thread, time::Duration};

const MODEL: &[u8] = br#"{"function":"rastrigin","dimensions":10,"noise":0.01,"optimum_seed":1}"#;

/// A domain on the device that notes when what was done.
struct Watched {
    domain: Function,
    compute: Arc<Compute>,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    /// Submissions to the device at the first measurement.
    submissions: Option<u64>,
    /// Where the search was at the beginning and at the end of each round.
    begun: Vec<Option<Progress>>,
    ended: Vec<(Option<Progress>, Option<DomainError>)>,
}

impl Domain for Watched {
    fn metadata(&self) -> &Metadata {
        self.domain.metadata()
    }
    fn baseline(&self) -> Vec<u8> {
        self.domain.baseline()
    }
    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError> {
        let begun = self.domain.progress();
        self.notes.lock().begun.push(begun);
        let result = self.domain.optimize(best, budget, seed, season, cancellation);
        let ended = self.domain.progress();
        self.notes.lock().ended.push((ended, result.clone().err()));
        result
    }
    fn synthesize(&self, seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        self.domain.synthesize(seed, season)
    }
    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        self.notes.lock().submissions.get_or_insert(self.compute.submissions());
        self.domain.evaluate(parameters, data)
    }
    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        self.domain.infer(parameters, input)
    }
}

/// A node that searches on the device without end, with the domain it does so in.
fn searching(optimizer: OptimizerKind) -> (World, Arc<Watched>) {
    let compute = Arc::new(Compute::open(Backend::Gpu).unwrap());
    let options = Options {
        compute: compute.clone(),
        optimizer,
        population: Some(64),
        ..Options::default()
    };
    let domain = Arc::new(Watched {
        domain: Function::from_model(MODEL, &options).unwrap(),
        compute,
        notes: Mutex::default(),
    });
    let mut world = World::new();
    world.kill();
    world.chain.change(|state| {
        state.info.specification.kind = b"function".to_vec().try_into().unwrap();
        state.info.specification.model = MODEL.to_vec().try_into().unwrap();
        state.info.specification.direction = Direction::Minimize;
        state.info.best_artifact = ArtifactReference::of(&domain.baseline());
    });
    world.artifacts.put(&domain.baseline()).unwrap();
    let made = domain.clone();
    world.factory = Arc::new(move |_, _| Ok(made.clone()));
    world.executor = Arc::new(|work| drop(thread::spawn(work)));
    let roles = world.configuration.domains.get_mut("quadratic").unwrap();
    roles.optimize.as_mut().unwrap().evaluations_per_round = Some(1 << 40);
    world.start().unwrap();
    (world, domain)
}

/// Waits for another thread.
fn wait_for(mut done: impl FnMut() -> bool) {
    while !done() {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_measurement_is_begun_within_two_submissions_of_a_search_and_the_search_goes_on_afterwards() {
    for optimizer in [
        OptimizerKind::SepCmaEs,
        OptimizerKind::EvolutionStrategy,
        OptimizerKind::DifferentialEvolution,
    ] {
        let (mut world, domain) = searching(optimizer);
        world.step();
        wait_for(|| domain.compute.submissions() > 100);
        strange_optimum(&world, &[0; 80], 0, true);
        while world.chain.state().optimae[0].round.is_none() {
            world.chain.seal();
        }
        assert_eq!(domain.notes.lock().submissions, None, "nothing was measured yet");

        // The worker sees the round: from here on submissions count. One may have been decided on before the search was
        // told to stop, one reads back what was done until then.
        world.step();
        let seen = domain.compute.submissions();
        wait_for(|| !domain.notes.lock().ended.is_empty());
        while world.chain.sent("vote commit").len() < 3 {
            world.step();
            thread::sleep(Duration::from_millis(1));
        }
        let begun = domain.notes.lock().submissions.unwrap();
        assert!(begun <= seen + 2, "{optimizer:?}: {seen} {begun}");

        // No more to be measured: the search goes on where it was.
        wait_for(|| {
            world.step();
            domain.notes.lock().begun.len() == 2
        });
        let resumed = domain.compute.submissions();
        wait_for(|| domain.compute.submissions() > resumed + 100);
        world.kill();
        wait_for(|| domain.notes.lock().ended.len() == 2);
        let Notes { begun, ended, .. } = &*domain.notes.lock();
        assert_eq!(ended[0].1, Some(DomainError::Cancelled));
        assert!(ended[0].0.unwrap().evaluations > 0);
        assert_eq!(begun[1], ended[0].0, "{optimizer:?}");
        assert!(ended[1].0.unwrap().evaluations > ended[0].0.unwrap().evaluations);
    }
}

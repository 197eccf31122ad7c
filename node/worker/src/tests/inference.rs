//! Queries to the best verified models.

use super::{
    roles::{faulty, Fault},
    World,
};
use crate::InferenceError;
use doin_primitives::artifact::ArtifactReference;

/// Asks for the performance of the best against a target in the origin.
const QUERY: &[u8] = br#"{"target": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}"#;

fn serving(mut world: World) -> World {
    world.kill();
    world.configuration.domains.get_mut("quadratic").unwrap().serve = true;
    world.start().unwrap();
    world
}

fn best(world: &World) -> ArtifactReference {
    world.chain.state().info.best_artifact
}

#[test]
fn the_best_answers_as_it_improves() {
    let mut world = serving(World::new());
    let ask = |world: &World| world.inference.infer("quadratic", best(world), QUERY);
    let first = ask(&world).unwrap();
    assert!(String::from_utf8(first.clone()).unwrap().contains("performance"));
    world.until(60, |chain| chain.accepted() == 1);
    let second = ask(&world).unwrap();
    assert_ne!(first, second, "another model answers");
    assert_eq!(ask(&world), Ok(second), "and always the same");
}

#[test]
fn a_node_that_only_serves_plays_no_other_role() {
    let mut world = World::new();
    world.kill();
    let roles = world.configuration.domains.get_mut("quadratic").unwrap();
    (roles.optimize, roles.evaluate, roles.serve) = (None, None, true);
    assert!(world.configuration.has_roles());
    world.start().unwrap();
    world.blocks(3);
    assert!(world.inference.infer("quadratic", best(&world), QUERY).is_ok());
    assert!(world.artifacts.kept().contains(&best(&world)));
    assert!(world.chain.sent("commit").is_empty());
}

#[test]
fn what_cannot_be_answered_is_said() {
    let world = World::new();
    let nothing = InferenceError::NotServed {
        domain: "quadratic".into(),
        served: Vec::new(),
    };
    assert_eq!(world.inference.infer("quadratic", best(&world), QUERY), Err(nothing));
    let world = serving(world);
    let other = InferenceError::NotServed {
        domain: "cubic".into(),
        served: vec!["quadratic".into()],
    };
    assert_eq!(world.inference.infer("cubic", best(&world), QUERY), Err(other));
    let missing = ArtifactReference::of(b"nobody has this");
    assert_eq!(
        world.inference.infer("quadratic", missing, QUERY),
        Err(InferenceError::MissingParameters(missing))
    );
    let error = world.inference.infer("quadratic", best(&world), br#"{"target": [1]}"#);
    assert_eq!(
        error,
        Err(InferenceError::BadInput("target has 1 numbers, not 10".into()))
    );
    let world = serving(faulty(Fault::QueriesPanic));
    for _ in 0..2 {
        let error = world.inference.infer("quadratic", best(&world), QUERY);
        assert_eq!(
            error,
            Err(InferenceError::Failed("panicked: the driver has crashed".into()))
        );
    }
}

#[test]
fn a_flood_of_queries_is_refused_and_does_no_lasting_harm() {
    let world = serving(faulty(Fault::SlowQueries(50)));
    let (inference, best) = (&world.inference, best(&world));
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..40)
            .map(|_| scope.spawn(move || inference.infer("quadratic", best, QUERY)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(InferenceError::Busy(_))));
    let answered = answers.iter().filter(|answer| answer.is_ok());
    let (refused, answered) = (refused.count(), answered.count());
    assert_eq!(refused + answered, 40);
    assert!(answered >= 17, "{answered}: one at a time, and sixteen may wait");
    assert!(refused > 0, "forty were asked at once");
    assert!(inference.infer("quadratic", best, QUERY).is_ok());
}

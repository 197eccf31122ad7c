//! Which parameters a node keeps, and which of them it keeps first.

use super::{roles::strange_optimum, World};
use crate::chain::Chain;
use doin_primitives::artifact::ArtifactReference;

#[test]
fn what_a_challenge_would_be_judged_on_is_kept() {
    let mut world = World::new();
    world.blocks(3);
    let state = world.chain.state();
    assert!(world.artifacts.kept().contains(&state.info.best_artifact));
    let contested = [ArtifactReference::of(b"candidate"), ArtifactReference::of(b"incumbent")];
    world.chain.change(|state| state.contested = contested.to_vec());
    world.blocks(3);
    let kept = world.artifacts.kept();
    assert!(contested.iter().all(|artifact| kept.contains(artifact)));
    // A node that is started again asks for it before it stores anything.
    world.kill();
    world.start().unwrap();
    let kept = world.artifacts.kept();
    assert!(contested.iter().all(|artifact| kept.contains(artifact)));
    world.chain.change(|state| state.contested.clear());
    world.blocks(3);
    let kept = world.artifacts.kept();
    assert!(contested.iter().all(|artifact| !kept.contains(artifact)));
}

#[test]
fn what_is_judged_goes_before_what_waits() {
    let mut world = World::new();
    let [judged, waiting] = [b"judged".as_slice(), b"waiting"].map(|parameters| {
        strange_optimum(&world, parameters, 0, false);
        ArtifactReference::of(parameters)
    });
    world.blocks(3);
    let (needed, kept) = (world.artifacts.needed(), world.artifacts.kept());
    assert!(needed.contains(&judged) && needed.contains(&world.chain.state().info.best_artifact));
    assert!(!needed.contains(&waiting));
    assert!(kept.contains(&waiting));
    // Its turn comes.
    world.until(60, |chain| chain.ended().len() == 1);
    world.blocks(3);
    assert!(world.artifacts.needed().contains(&waiting) && !world.artifacts.needed().contains(&judged));
}

#[test]
fn own_accepted_parameters_are_kept_while_they_can_be_challenged() {
    let mut world = World::new();
    let baseline = world.chain.state().info.best_artifact;
    let window_ends = world.chain.slot_now() + 400;
    world.chain.change(|state| state.window_ends = Some(window_ends));
    world.until(200, |chain| chain.accepted() == 2);
    world.blocks(8);
    let first = world.chain.state().optimae[0].artifact;
    // It is the best no more, and nobody else's list names it.
    assert!(world.chain.state().info.best_artifact != first && world.chain.state().contested.is_empty());
    let keeps = |world: &World| [first, baseline].map(|artifact| world.artifacts.kept().contains(&artifact));
    assert_eq!(
        keeps(&world),
        [true, true],
        "the candidate, and what it was compared with"
    );
    assert!(
        !world.artifacts.needed().contains(&first),
        "what is judged now goes before it"
    );
    // A node that is started again knows of it, and searches on all the same.
    world.kill();
    world.start().unwrap();
    assert!(world.artifacts.kept().contains(&first));
    let before = world.chain.accepted();
    world.until(200, |chain| chain.accepted() > before);
    // The window is over, but a challenge is open; then that is decided too.
    assert!(world.chain.finalized().unwrap().slot < window_ends);
    while world.chain.finalized().unwrap().slot <= window_ends {
        world.block();
    }
    world.blocks(2);
    assert!(world.artifacts.kept().contains(&first));
    world.chain.change(|state| state.window_ends = None);
    world.blocks(8);
    assert!(!world.artifacts.kept().contains(&first));
}

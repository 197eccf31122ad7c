//! Which parameters a node keeps, and which of them it keeps first.

use super::{roles::strange_optimum, World};
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

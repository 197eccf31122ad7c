//! `kill -9` at any moment, and forks: what was committed is finished, and nothing is committed twice.

use super::World;
use crate::chain::Operation;
use doin_primitives::{audit::Finding, optimum::Outcome};
use std::collections::BTreeMap;

fn assert_nothing_is_lost(world: &World, context: &str) {
    assert_eq!(
        world.chain.failures(),
        Vec::<String>::new(),
        "{context}: {:?}",
        world.chain.story()
    );
    assert_eq!(world.chain.state().expired_commits, 0, "{context}");
    assert!(!world.chain.ended().contains(&Outcome::Expired), "{context}");
    let findings = world.chain.findings();
    assert!(
        findings.iter().all(|finding| *finding == Finding::Reproduced),
        "{context}: {findings:?}"
    );
}

/// Each seat commits to one vote only, and its auditor to one replay.
fn assert_no_seat_votes_twice(world: &World, context: &str) {
    let mut replays = BTreeMap::<_, std::collections::BTreeSet<_>>::new();
    for operation in world.chain.sent("replay commit") {
        if let Operation::CommitReplay {
            optimum,
            seat,
            commitment,
            ..
        } = operation
        {
            replays.entry((optimum, seat)).or_default().insert(commitment);
        }
    }
    assert!(
        replays.values().all(|commitments| commitments.len() == 1),
        "{context}: {replays:?}"
    );
    let mut votes = BTreeMap::<_, std::collections::BTreeSet<_>>::new();
    for operation in world.chain.sent("vote commit") {
        let Operation::CommitVote {
            optimum, commitment, ..
        } = operation
        else {
            continue;
        };
        votes.entry(optimum).or_default().insert(commitment);
    }
    // Three seats an optimum.
    assert!(
        votes.values().all(|commitments| commitments.len() <= 3),
        "{context}: {votes:?}"
    );
}

#[test]
fn a_node_that_is_killed_at_any_moment_finishes_what_it_committed() {
    for killed_at in 0..60 {
        for pool_is_lost in [false, true] {
            let context = format!("killed after {killed_at} steps, pool lost: {pool_is_lost}");
            let mut world = World::new();
            for step in 0..killed_at {
                world.step();
                // A block after each third step: the node is killed before, between and after.
                if step % 3 == 2 {
                    world.chain.seal();
                }
            }
            world.kill();
            if pool_is_lost {
                world.chain.lose_pool();
            }
            world.chain.seal();
            world.start().unwrap();
            let before = world.chain.ended().len();
            world.until(80, |chain| chain.ended().len() > before + 1);
            assert_nothing_is_lost(&world, &context);
            assert_no_seat_votes_twice(&world, &context);
        }
    }
}

#[test]
fn a_node_that_is_killed_again_and_again_gets_there() {
    let mut world = World::new();
    for _ in 0..60 {
        world.step();
        world.step();
        world.kill();
        world.chain.seal();
        world.start().unwrap();
    }
    world.until(40, |chain| chain.accepted() >= 2);
    assert_nothing_is_lost(&world, "killed in each block");
    assert_no_seat_votes_twice(&world, "killed in each block");
}

#[test]
fn a_node_that_was_away_for_too_long_goes_on_with_the_next_optimum() {
    let mut world = World::new();
    world.until(20, |chain| !chain.state().commits.is_empty());
    world.kill();
    world.chain.wait(100);
    world.chain.seal();
    world.start().unwrap();
    world.until(60, |chain| chain.accepted() > 0);
    assert_eq!(world.chain.state().expired_commits, 1);
}

#[test]
fn forks_are_followed_whatever_they_undo() {
    for depth in 1..=2 {
        for at in 1..14 {
            let context = format!("{depth} blocks given up after {at}");
            let mut world = World::new();
            world.blocks(at + 2);
            world.chain.reorganize(depth);
            world.chain.lose_pool();
            world.until(80, |chain| chain.accepted() >= 2);
            assert_nothing_is_lost(&world, &context);
        }
    }
}

#[test]
fn the_journal_empties_once_all_is_final() {
    let mut world = World::new();
    world.until(60, |chain| chain.accepted() >= 2);
    // No new search.
    world.chain.change(|state| state.info.evaluators.clear());
    world.blocks(60);
    assert!(world.journal_files().is_empty(), "{:?}", world.journal_files());
}

#[test]
fn without_finality_nothing_is_forgotten() {
    let mut world = World::new();
    world.chain.turn(|knobs| knobs.no_finality = true);
    world.until(60, |chain| chain.accepted() >= 2);
    let optima = world
        .journal_files()
        .into_iter()
        .filter(|name| name.starts_with("optimum"))
        .count();
    assert!(optima >= 2);
}

//! A chain without heartbeat: what is due makes its own blocks, and nothing else does.

use super::{found, goes_on, quiet};
use crate::harness::{
    claim_in,
    judging::{thousandths, Claim},
    Network,
};
use doin_primitives::{api::Stage, engine::ClaimKind, optimum::Outcome, Header};
use doin_runtime::views;
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Ferdie};
use sp_runtime::{traits::Header as _, FixedU128};
use std::collections::BTreeSet;

fn slot(header: &Header) -> u64 {
    claim_in(header).slot.into()
}

/// Lets slots pass and returns those that have a block.
fn blocks_in(network: &mut Network, slots: u64) -> Vec<u64> {
    let made = network.pass_slots(slots);
    made.iter()
        .map(|made| slot(sp_runtime::traits::Block::header(&made.block)))
        .collect()
}

#[test]
fn phases_verdicts_expiries_and_optimization_blocks_come_without_any_transaction() {
    // T is 1 and falls by half in each ten slots from the fortieth after the first block on.
    let genesis = quiet().with(json!({"proofOfOptimization": {
        "initialThreshold": FixedU128::from_u32(1), "parameters": {"targetInterval": 60_000},
    }}));
    let mut network = Network::new(&genesis);
    assert_eq!(
        network.pass_slots(10).len(),
        1,
        "the chain begins, and has nothing to do"
    );
    let beginning = slot(&network.settled());

    // One commit that is revealed, and one that never is.
    let hash = network.genesis_hash();
    let claim = Claim::new(Alice, 1, thousandths(-650));
    let never = Claim::new(Ferdie, 2, thousandths(-600));
    network.succeed(&[(Alice, claim.commit(hash)), (Ferdie, never.commit(hash))]);
    let ferdie = Ferdie.to_account_id();
    let deadline = network.first().inspect(|| views::commits(&ferdie))[0].reveal_deadline;
    network.succeed(&[(Alice, claim.reveal(hash))]);
    let revealed = network.settled();
    let optimum = network.first().inspect(|| views::domain(0)).expect("it exists").queue[0];

    // An undrawn head is due in every slot, until two of the three authorities have authored after its reveal.
    network.await_draw(optimum);
    let drawn = network.settled();
    assert_eq!(network.drawn(optimum), Some(drawn.clone()));
    let chain = network.first().chain();
    let since: Vec<_> = chain
        .iter()
        .filter(|header| header.number() > revealed.number())
        .collect();
    let (last, others) = since.split_last().expect("the draw's block is one");
    let authors: BTreeSet<_> = others.iter().map(|header| claim_in(header).authority_index).collect();
    assert!(authors.len() <= 1, "it could have been drawn before");
    assert!(others.is_empty() || !authors.contains(&claim_in(last).authority_index));
    let slots: Vec<u64> = since.iter().map(|header| slot(header)).collect();
    assert!(
        slots.iter().copied().eq(slot(&revealed) + 1..=slot(&drawn)),
        "{slots:?}"
    );
    assert_eq!(blocks_in(&mut network, 3), [] as [u64; 0], "the evaluators are to act");

    // Each phase ends in the slot after the last transaction that it waits for.
    let (_, order) = network.round(optimum);
    let votes: Vec<_> = order.iter().map(|who| (*who, found(-650))).collect();
    network.commit_votes(optimum, &votes);
    assert_eq!(network.stage(optimum), Stage::VoteCommit);
    let committed = slot(&network.first().best());
    assert_eq!(blocks_in(&mut network, 4), [committed + 1]);
    assert_eq!(network.stage(optimum), Stage::VoteReveal);
    network.reveal_votes(optimum, &votes);
    assert_eq!(network.stage(optimum), Stage::VoteReveal);
    let told = slot(&network.first().best());
    assert_eq!(blocks_in(&mut network, 1), [told + 1]);
    let end = network.await_end(optimum);
    assert_eq!((end.outcome, slot(&end.header)), (Outcome::Accepted, told + 1));
    let status = network.first().inspect(views::status);
    assert_eq!(status.accumulated, FixedU128::from_rational(1, 4));
    assert_eq!(status.optimization_height, 0);

    // A quarter of T is enough 20 slots after T has begun to fall; until then there is nothing to do. The commit
    // expires after its last slot, and that is all that will ever be due.
    let now = u64::from(network.slot());
    let (crossing, expiry) = (beginning + 60, deadline + 1);
    assert!(now < crossing && crossing < expiry, "{now} {crossing} {expiry}");
    assert_eq!(blocks_in(&mut network, crossing - 1 - now), [] as [u64; 0]);
    assert_eq!(blocks_in(&mut network, 1), [crossing]);
    let status = network.first().inspect(views::status);
    assert_eq!(
        (status.optimization_height, status.accumulated),
        (1, FixedU128::default())
    );
    assert_eq!(blocks_in(&mut network, expiry - crossing), [expiry]);
    assert!(network.first().inspect(|| views::commits(&ferdie)).is_empty());
    assert_eq!(blocks_in(&mut network, 150), [] as [u64; 0], "the chain is idle");

    let primary = |header: &Header| claim_in(header).kind == ClaimKind::Primary;
    assert!(
        !network.first().chain().iter().any(primary),
        "none of these blocks was won"
    );
    goes_on(&mut network);
}

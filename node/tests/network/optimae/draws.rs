//! When evaluators are drawn, and what a patient optimizer can do about it.

use super::{goes_on, quiet};
use crate::harness::{
    claim_in,
    judging::{thousandths, Claim},
    Network,
};
use doin_primitives::{commitment::Seed, AccountId, Header};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::traits::Header as _;
use std::collections::BTreeSet;

fn slot(header: &Header) -> u64 {
    claim_in(header).slot.into()
}

/// The seats and seeds of a draw, had the optimizer hidden its commitment by this nonce and begun in that slot.
fn seats(nonce: [u8; 32], patience: u64) -> Vec<(AccountId, Seed)> {
    let mut network = Network::new(&quiet());
    network.pass_slots(3 + patience);
    let claim = Claim {
        nonce,
        ..Claim::new(Alice, 1, thousandths(-500))
    };
    let optimum = network.claim(&claim);
    network.await_draw(optimum);
    let (round, _) = network.round(optimum);
    network.settled();
    round
        .seats
        .into_iter()
        .map(|seat| (seat.evaluator, seat.seed))
        .collect()
}

#[test]
fn no_nonce_of_a_commitment_changes_who_is_drawn() {
    let first = seats([0; 32], 0);
    assert_eq!(first.len(), 3);
    for nonce in 1..10 {
        assert_eq!(seats([nonce; 32], 0), first, "nonce {nonce}");
    }
    // Other blocks do: the comparison says something.
    assert_ne!(seats([0; 32], 1), first);
}

/// The blocks after that of the reveal up to that of the draw, or to the best one.
fn after(network: &Network, revealed: &Header) -> Vec<Header> {
    let chain = network.first().chain();
    chain
        .into_iter()
        .filter(|header| header.number() > revealed.number())
        .collect()
}

fn authors(blocks: &[Header]) -> usize {
    let authors: BTreeSet<u32> = blocks.iter().map(|header| claim_in(header).authority_index).collect();
    authors.len()
}

#[test]
fn a_head_is_drawn_in_the_first_block_by_which_half_of_the_authorities_have_authored() {
    let genesis = quiet().authorities(&[Alice, Bob, Charlie, Dave, Eve, Ferdie]);
    let mut network = Network::new(&genesis);
    network.pass_slots(3);
    for number in 1..=3 {
        let optimum = network.claim(&Claim::new(
            Ferdie,
            number,
            thousandths(-500 + 100 * i128::from(number)),
        ));
        let revealed = network.settled();
        network.await_draw(optimum);
        let blocks = after(&network, &revealed);
        let (last, others) = blocks.split_last().expect("the draw's block is one");
        assert_eq!(network.drawn(optimum), Some(last.clone()));
        assert_eq!((authors(others), authors(&blocks)), (2, 3), "three of six");
        network.judge(optimum, |_| super::found(-900));
        network.await_end(optimum);
    }
    goes_on(&mut network);
}

#[test]
fn one_author_alone_draws_nobody_for_sixty_slots() {
    let mut network = Network::new(&quiet());
    network.pass_slots(3);
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-500)));
    let revealed = network.settled();
    // Both others hold their blocks back, or are gone.
    network.stop(1);
    network.stop(2);
    network.await_draw(optimum);
    let blocks = after(&network, &revealed);
    let (last, others) = blocks.split_last().expect("the draw's block is one");
    assert_eq!(network.drawn(optimum), Some(last.clone()));
    assert_eq!(authors(&blocks), 1);
    assert!(others.len() >= 5, "it had {} blocks to grind with", others.len());
    assert!(others.iter().all(|header| slot(header) < slot(&revealed) + 60));
    assert!(slot(last) >= slot(&revealed) + 60);

    network.start(1);
    network.start(2);
    network.heal();
    goes_on(&mut network);
}

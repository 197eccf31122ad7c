//! Who stands in a queue, and for how long.

use super::{found, goes_on, held, local, points, quiet, Event, BOND, DEADLINES, FULL_BOND, PRICE};
use crate::harness::{
    claim_in,
    judging::{thousandths, Claim, EVALUATORS},
    Genesis, Network,
};
use doin_primitives::{
    api::Stage,
    optimum::{OptimumId, Outcome},
    quorum::{Missing, VoteValues},
    Header, DOIN,
};
use doin_runtime::{views, RuntimeEvent};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Ferdie};
use std::collections::{BTreeMap, BTreeSet};

const GONE: VoteValues = VoteValues::Unavailable(Missing::Candidate);

/// Without primaries: with two in a slot the nodes may be on two chains for a while, and a vote that is to be in the
/// last slot could be in the next one.
fn punctual() -> Genesis {
    local().with(json!({"proofOfOptimization": {"parameters": {"primaryProbability": [1, 1_000_000_000]}}}))
}

fn slot(header: &Header) -> u64 {
    claim_in(header).slot.into()
}

/// A bogus head of Alice's and an honest optimum of Ferdie's behind it.
fn bogus_and_honest(network: &mut Network) -> [OptimumId; 2] {
    let bogus = network.claim(&Claim::new(Alice, 1, thousandths(-200)));
    let honest = network.claim(&Claim::new(Ferdie, 2, thousandths(-500)));
    assert_eq!(
        network.first().inspect(|| views::domain(0)).expect("it exists").queue,
        [bogus, honest]
    );
    network.await_draw(bogus);
    [bogus, honest]
}

/// From the draw of the first to the draw of the second, in slots.
fn wait_between(network: &Network, first: OptimumId, second: OptimumId) -> u64 {
    let drawn = |optimum| slot(&network.drawn(optimum).expect("it is drawn"));
    drawn(second) - drawn(first)
}

/// The honest optimum behind it is judged as if nothing had been before it.
fn is_accepted(network: &mut Network, honest: OptimumId) {
    assert_eq!(network.stage(honest), Stage::VoteCommit);
    network.judge(honest, |_| found(-500));
    assert_eq!(network.await_end(honest).outcome, Outcome::Accepted);
    let domain = network.first().inspect(|| views::domain(0)).expect("it exists");
    assert_eq!(domain.best_optimum, Some(honest));
}

#[test]
fn a_head_that_nobody_can_get_holds_the_queue_for_two_rounds_at_most_and_is_refuted() {
    let mut network = Network::new(&punctual());
    network.pass_slots(5);
    let before = network.books();
    let [bogus, honest] = bogus_and_honest(&mut network);

    // The worst case: one of each round commits and reveals in the last slots, so that both phases last as long as they
    // may.
    let mut spoke = BTreeSet::new();
    for number in 1..=2 {
        let (round, order) = network.round(bogus);
        assert_eq!((round.round, order.len()), (number, 3));
        let prompt = [(order[0], GONE), (order[1], GONE)];
        network.commit_votes(bogus, &prompt);
        network.pass_up_to(round.commit_deadline - 1);
        network.commit_votes(bogus, &[(order[2], GONE)]);
        assert_eq!(
            slot(&network.first().best()),
            round.commit_deadline,
            "the last slot in time"
        );
        network.await_reveals(bogus);
        network.reveal_votes(bogus, &prompt);
        let (round, _) = network.round(bogus);
        network.pass_up_to(round.reveal_deadline - 1);
        network.reveal_votes(bogus, &[(order[2], GONE)]);
        spoke.extend(order.iter().map(|who| who.to_account_id()));
        network.settle_until("the round ends", 40, |node| {
            let optimum = node.inspect(|| views::optimum(bogus)).expect("it is kept");
            optimum.stage != Stage::VoteReveal
        });
    }

    let end = network.await_end(bogus);
    assert_eq!(end.outcome, Outcome::RefutedByAbsence);
    assert_eq!(end.burned, FULL_BOND / 5);
    // The escrow of the first round is shared by all who said so in either.
    let each = PRICE.min(3 * PRICE / spoke.len() as u128);
    assert_eq!(end.paid, each * spoke.len() as u128);
    assert_eq!(end.returned, FULL_BOND - FULL_BOND / 5 + 3 * PRICE - end.paid);
    assert_eq!(
        network.drawn(honest),
        Some(end.header.clone()),
        "in the very same block"
    );
    let wait = wait_between(&network, bogus, honest);
    let two_rounds = u64::from(2 * (DEADLINES.vote_commit + DEADLINES.vote_reveal));
    assert!(wait <= two_rounds + 4, "{wait} slots");
    assert!(wait >= two_rounds, "{wait} slots: this was not the worst case");

    let after = network.books();
    assert_eq!(after.reputation(Alice), points(70));
    for who in EVALUATORS {
        assert_eq!(after.reputation(who), points(100), "{who}");
        let paid = if spoke.contains(&who.to_account_id()) { each } else { 0 };
        assert_eq!(after.balance(who) - before.balance(who), paid, "{who}");
    }
    is_accepted(&mut network, honest);
    goes_on(&mut network);
}

#[test]
fn a_head_that_nobody_judges_expires_and_the_next_is_drawn_in_the_same_block() {
    let mut network = Network::new(&punctual());
    network.pass_slots(5);
    let start = network.settled();
    let before = network.books();
    let [bogus, honest] = bogus_and_honest(&mut network);
    let open = network.books();

    let end = network.await_end(bogus);
    assert_eq!(end.outcome, Outcome::Expired);
    assert_eq!((end.burned, end.paid, end.returned), (0, 0, FULL_BOND + 3 * PRICE));
    assert_eq!(network.drawn(honest), Some(end.header.clone()));
    // Nobody has anything to reveal: the rounds end with their commits.
    let wait = wait_between(&network, bogus, honest);
    let two_rounds = u64::from(2 * DEADLINES.vote_commit);
    assert!((two_rounds..=two_rounds + 2).contains(&wait), "{wait} slots");

    // Alice has lost the fees and nothing else; each empty seat costs half a point.
    let after = network.books();
    assert_eq!(held(&open, BOND) - held(&after, BOND), FULL_BOND);
    let (fees, _) = network.first().fees(&start, Alice);
    assert_eq!(before.balance(Alice) - after.balance(Alice), fees);
    assert_eq!(after.reputation(Alice), points(100));
    let mut seats: BTreeMap<_, u128> = BTreeMap::new();
    for header in network.first().chain() {
        for event in network.first().events(header.hash()) {
            if let RuntimeEvent::Quorum(pallet_quorum::Event::Drawn {
                optimum, evaluators, ..
            }) = event
            {
                for who in evaluators.into_iter().filter(|_| optimum == bogus) {
                    *seats.entry(who).or_default() += 1;
                }
            }
        }
    }
    assert_eq!(seats.values().sum::<u128>(), 6, "three in each round");
    for who in EVALUATORS {
        let empty = seats.get(&who.to_account_id()).copied().unwrap_or_default();
        assert_eq!(after.reputation(who), points(100 - 5 * empty), "{who}");
    }
    is_accepted(&mut network, honest);
    goes_on(&mut network);
}

#[test]
fn a_commit_that_is_not_revealed_costs_a_tenth_of_its_bond_when_its_time_is_over() {
    // Nothing but the expiry itself makes the block in which it is worked off.
    let mut network = Network::new(&quiet());
    network.pass_slots(5);
    let start = network.settled();
    let before = network.books();
    let claim = Claim::new(Ferdie, 1, thousandths(-500));
    let genesis = network.genesis_hash();
    network.succeed(&[(Ferdie, claim.commit(genesis))]);
    assert_eq!(held(&network.books(), BOND), DOIN);
    let ferdie = Ferdie.to_account_id();
    let commits = network.first().inspect(|| views::commits(&ferdie));
    let [commit] = &commits[..] else {
        panic!("one commit, not {commits:?}");
    };
    let committed = network.first().best();
    assert_eq!(commit.reveal_deadline, slot(&committed) + u64::from(DEADLINES.reveal));

    network.pass_up_to(commit.reveal_deadline);
    assert_eq!(
        network.first().best(),
        committed,
        "nothing is due before its time is over"
    );
    network.pass_slot();
    let best = network.settled();
    assert_eq!(slot(&best), commit.reveal_deadline + 1);
    let expired = network
        .first()
        .events(best.hash())
        .into_iter()
        .find_map(|event| match event {
            RuntimeEvent::Optimae(Event::CommitExpired {
                optimizer,
                commitment,
                burned,
                returned,
                ..
            }) => Some((optimizer, commitment, burned, returned)),
            _ => None,
        });
    let expected = (ferdie.clone(), claim.commitment(genesis), DOIN / 10, DOIN - DOIN / 10);
    assert_eq!(expired, Some(expected));

    let after = network.books();
    let (own, all) = network.first().fees(&start, Ferdie);
    assert_eq!(after.holds, before.holds);
    assert_eq!(after.supply.burned - before.supply.burned, DOIN / 10 + all);
    assert_eq!(before.balance(Ferdie) - after.balance(Ferdie), DOIN / 10 + own);
    let late = network.dispatch(&[(Ferdie, claim.reveal(genesis))]);
    assert_eq!(
        late,
        [Err(pallet_optimae::Error::<doin_runtime::Runtime>::NotCommitted.into())]
    );
    assert!(network.first().inspect(|| views::commits(&ferdie)).is_empty());
    goes_on(&mut network);
}

//! Audits on the composed runtime: what a replay earns, what a vote that was not measured costs, and that a chain on which
//! nobody acts does not stall.

use super::{found, goes_on, held, local, points, quiet, BASELINE, BOND, ESCROW, EVALUATOR_BOND, PRICE};
use crate::harness::{
    judging::{salt_of, thousandths, Claim, EVALUATORS},
    Genesis, Network,
};
use doin_primitives::{
    api::Stage,
    audit::Finding,
    commitment::replay_commitment,
    optimum::{OptimumId, Outcome},
    quorum::{Measurement, RoundPhase, VoteValues},
    reputation, DOIN,
};
use doin_runtime::{views, Runtime, RuntimeCall, RuntimeEvent};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice};
use sp_runtime::FixedU128;

/// Every vote is audited, and nothing is minted, so that no reputation fades while we look.
fn audited(genesis: Genesis) -> Genesis {
    genesis.with(json!({
        "quorum": {"minimumAuditRate": 1_000_000_000_000_000_000u64},
        "proofOfOptimization": {
            "initialThreshold": FixedU128::from_u32(1), "parameters": {"targetInterval": 6_000_000},
        },
    }))
}

/// The vote of one who has measured nothing: the metrics are right, the data are not.
fn guessed(candidate: i128) -> VoteValues {
    VoteValues::Measured(Measurement {
        candidate: thousandths(candidate),
        incumbent: BASELINE,
        probe: Default::default(),
        data_hash: [0; 32],
    })
}

/// Who has yet to replay which seat's vote.
fn auditors(network: &Network, optimum: OptimumId) -> Vec<(u32, Sr25519Keyring)> {
    let (round, _) = network.round(optimum);
    let named = |account| EVALUATORS.into_iter().find(|who| who.to_account_id() == account);
    let mut list = Vec::new();
    for audit in round.audits {
        for auditor in audit.auditors.into_iter().filter(|auditor| auditor.replay.is_none()) {
            list.push((audit.seat, named(auditor.auditor).expect("an evaluator of the preset")));
        }
    }
    list
}

/// Has all auditors who have not replayed yet commit to what `replay` says of the seat.
fn commit_replays(network: &mut Network, optimum: OptimumId, replay: impl Fn(u32) -> VoteValues) {
    let (genesis, round) = (network.genesis_hash(), network.round(optimum).0.round);
    let call = |(seat, who): (u32, Sr25519Keyring)| {
        let account = who.to_account_id();
        let commitment = replay_commitment(genesis, optimum, round, seat, &account, &replay(seat), &salt_of(who));
        let call = pallet_quorum::Call::commit_replay {
            optimum,
            round,
            seat,
            commitment,
        };
        (who, RuntimeCall::Quorum(call))
    };
    let calls: Vec<_> = auditors(network, optimum).into_iter().map(call).collect();
    network.succeed(&calls);
}

/// Has all auditors who have not revealed yet reveal what `replay` says of the seat.
fn reveal_replays(network: &mut Network, optimum: OptimumId, replay: impl Fn(u32) -> VoteValues) {
    let call = |(seat, who): (u32, Sr25519Keyring)| {
        let (replay, salt) = (replay(seat), salt_of(who));
        let call = pallet_quorum::Call::reveal_replay {
            optimum,
            seat,
            replay,
            salt,
        };
        (who, RuntimeCall::Quorum(call))
    };
    let calls: Vec<_> = auditors(network, optimum).into_iter().map(call).collect();
    network.succeed(&calls);
}

/// Everything up to the revealed votes: who sits votes what `vote` says, all auditors replay `found(-800)`.
fn judge(network: &mut Network, optimum: OptimumId, vote: impl Fn(usize) -> VoteValues) -> Vec<Sr25519Keyring> {
    let (_, order) = network.round(optimum);
    let votes: Vec<_> = order.iter().enumerate().map(|(seat, who)| (*who, vote(seat))).collect();
    network.commit_votes(optimum, &votes);
    network.settle_until("replays are committed", 40, |node| {
        node.inspect(|| views::optimum(optimum)).expect("it is open").stage == Stage::AuditCommit
    });
    commit_replays(network, optimum, |_| found(-800));
    network.await_reveals(optimum);
    // Replays first: with the last vote the phase may end.
    reveal_replays(network, optimum, |_| found(-800));
    network.reveal_votes(optimum, &votes);
    order
}

fn await_phase(network: &mut Network, optimum: OptimumId, phase: RoundPhase, number: u8) {
    network.settle_until("the phase begins", 40, |node| {
        let round = node
            .inspect(|| views::optimum(optimum))
            .and_then(|optimum| optimum.round);
        round.is_some_and(|round| round.phase == phase && round.round == number)
    });
}

/// What the audits have found, by seat, in the order in which they ended.
fn findings(network: &Network) -> Vec<(u32, Finding)> {
    let node = network.first();
    let events = node.chain().into_iter().flat_map(|header| node.events(header.hash()));
    events
        .filter_map(|event| match event {
            RuntimeEvent::Quorum(pallet_quorum::Event::<Runtime>::AuditConcluded { seat, finding, .. }) => {
                Some((seat, finding))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn replays_are_paid_out_of_the_escrow_and_earn_like_agreeing_votes() {
    let mut network = Network::new(&audited(local()));
    network.pass_slots(5);
    let start = network.settled();
    let before = network.books();
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-800)));
    assert_eq!(
        held(&network.books(), super::ESCROW),
        6 * PRICE,
        "three votes and as many audits"
    );
    network.await_draw(optimum);
    let order = judge(&mut network, optimum, |_| found(-800));
    let end = network.await_end(optimum);
    assert_eq!((end.outcome, end.paid), (Outcome::Accepted, 6 * PRICE));
    assert_eq!(
        findings(&network),
        (0..3).map(|seat| (seat, Finding::Reproduced)).collect::<Vec<_>>()
    );

    let after = network.books();
    let spare = EVALUATORS
        .into_iter()
        .find(|who| !order.contains(who))
        .expect("four for three");
    // Each who voted agreed; the one who was free has replayed all three. Votes and replays are free of fee.
    let earned = reputation::earned(
        FixedU128::default(),
        FixedU128::from_rational(1, 10),
        FixedU128::from_rational(2, 100),
    );
    for who in EVALUATORS {
        let prices = if who == spare { 3 } else { 1 };
        assert_eq!(after.balance(who) - before.balance(who), prices * PRICE, "{who}");
        assert_eq!(
            after.reputation(who),
            points(100) + reputation::AGREED * earned,
            "{who}"
        );
    }
    let (own, all) = network.first().fees(&start, Alice);
    assert_eq!(own, all, "nobody else has paid a fee");
    assert_eq!(before.balance(Alice) - after.balance(Alice), 6 * PRICE + own);
    assert_eq!(after.supply.burned - before.supply.burned, all);
    assert_eq!(held(&after, EVALUATOR_BOND), held(&before, EVALUATOR_BOND));
    assert_eq!(held(&after, ESCROW), 0);
    assert_eq!(held(&after, BOND), DOIN, "until nobody can challenge it any more");
    goes_on(&mut network);
}

#[test]
fn a_vote_that_was_not_measured_costs_bond_and_reputation_and_the_optimum_is_decided_without_it() {
    let mut network = Network::new(&audited(local()));
    network.pass_slots(5);
    let start = network.settled();
    let before = network.books();
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-800)));
    network.await_draw(optimum);
    // On the median, and no more than a guess.
    let order = judge(&mut network, optimum, |seat| {
        if seat == 1 {
            guessed(-800)
        } else {
            found(-800)
        }
    });
    let lazy = order[1];
    await_phase(&mut network, optimum, RoundPhase::DisputeCommit, 1);
    let further = auditors(&network, optimum);
    assert_eq!(further.len(), 2, "the two others who sit: nobody else is there");
    assert!(further
        .iter()
        .all(|(seat, who)| *seat == 1 && *who != lazy && order.contains(who)));
    commit_replays(&mut network, optimum, |_| found(-800));
    await_phase(&mut network, optimum, RoundPhase::DisputeReveal, 1);
    reveal_replays(&mut network, optimum, |_| found(-800));

    // Three of three must agree, and one counts no more: the others judge again, alone.
    await_phase(&mut network, optimum, RoundPhase::Commit, 2);
    let middle = network.books();
    assert_eq!(middle.reputation(lazy), points(0));
    assert_eq!(held(&middle, EVALUATOR_BOND), held(&before, EVALUATOR_BOND) - DOIN);
    let registered = network
        .first()
        .inspect(|| views::domain(0))
        .expect("it exists")
        .evaluators;
    assert!(!registered.contains(&lazy.to_account_id()) && registered.len() == 3);
    let second = judge(&mut network, optimum, |_| found(-800));
    assert!(!second.contains(&lazy));
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Accepted);
    let expected = [
        (0, Finding::Reproduced),
        (1, Finding::Discredited),
        (2, Finding::Reproduced),
    ];
    assert_eq!(findings(&network)[..3], expected);

    let after = network.books();
    assert_eq!(
        after.reputation(lazy),
        points(0),
        "it earns nothing by the round that it was not in"
    );
    assert_eq!(after.balance(lazy), before.balance(lazy) - DOIN);
    // The escrow of six prices is shared by three votes of round two and the replays of both rounds.
    let paid: u128 = EVALUATORS
        .into_iter()
        .filter(|who| *who != lazy)
        .map(|who| after.balance(who) - before.balance(who))
        .sum();
    assert!(paid == end.paid && paid <= 6 * PRICE && paid > 5 * PRICE, "{paid}");
    let (_, fees) = network.first().fees(&start, Alice);
    assert_eq!(after.supply.burned - before.supply.burned, DOIN + fees);
    let domain = network.first().inspect(|| views::domain(0)).expect("it exists");
    assert_eq!(domain.best_optimum, Some(optimum));
    goes_on(&mut network);
}

#[test]
fn on_an_idle_chain_audits_end_by_themselves() {
    let mut network = Network::new(&audited(quiet()));
    network.pass_slots(5);
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-800)));
    network.await_draw(optimum);
    let (_, order) = network.round(optimum);
    let votes: Vec<_> = order.iter().map(|who| (*who, found(-800))).collect();
    network.commit_votes(optimum, &votes);
    await_phase(&mut network, optimum, RoundPhase::AuditCommit, 1);
    // Nobody audits, and nobody sends anything: after the deadline the votes can be revealed all the same.
    network.await_reveals(optimum);
    let spare = EVALUATORS
        .into_iter()
        .find(|who| !order.contains(who))
        .expect("four for three");
    assert_eq!(
        network.books().reputation(spare),
        points(95),
        "half a point, for three votes"
    );
    network.reveal_votes(optimum, &votes);
    let end = network.await_end(optimum);
    assert_eq!((end.outcome, end.paid), (Outcome::Accepted, 3 * PRICE));
    assert!(findings(&network).is_empty(), "the audits have lapsed");
    goes_on(&mut network);
}

#[test]
fn silence_about_an_audited_vote_costs_no_less_than_a_wrong_one() {
    let mut network = Network::new(&audited(local()));
    network.pass_slots(5);
    network.settled();
    let before = network.books();
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-800)));
    network.await_draw(optimum);
    let (_, order) = network.round(optimum);
    let vote = |seat: usize| if seat == 0 { guessed(-800) } else { found(-800) };
    let votes: Vec<_> = order.iter().enumerate().map(|(seat, who)| (*who, vote(seat))).collect();
    network.commit_votes(optimum, &votes);
    await_phase(&mut network, optimum, RoundPhase::AuditCommit, 1);
    commit_replays(&mut network, optimum, |_| found(-800));
    network.await_reveals(optimum);
    reveal_replays(&mut network, optimum, |_| found(-800));
    network.reveal_votes(optimum, &votes[1..]);
    await_phase(&mut network, optimum, RoundPhase::Commit, 2);
    let after = network.books();
    // All ten points as for a wrong vote, and the bond.
    assert_eq!(after.reputation(order[0]), points(0));
    assert_eq!(after.balance(order[0]), before.balance(order[0]) - DOIN);
}

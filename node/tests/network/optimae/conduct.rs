//! Evaluators that do not do what they were drawn for.

use super::{found, goes_on, held, local, points, BOND, EVALUATOR_BOND, PRICE};
use crate::harness::{
    judging::{thousandths, Claim, EVALUATORS},
    Network,
};
use doin_primitives::{optimum::Outcome, reputation, DOIN};
use doin_runtime::views;
use serde_json::json;
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::FixedU128;

/// Lets slots pass until round two of an optimum is drawn.
fn await_round_two(network: &mut Network, optimum: u64) {
    network.settle_until("round two is drawn", 40, |node| {
        let optimum = node.inspect(|| views::optimum(optimum));
        optimum
            .and_then(|optimum| optimum.round)
            .is_some_and(|round| round.round == 2)
    });
}

#[test]
fn a_withheld_vote_and_an_empty_seat_cost_points_and_no_coin() {
    let mut network = Network::new(&local());
    network.pass_slots(5);
    network.settled();
    let before = network.books();
    assert_eq!(held(&before, EVALUATOR_BOND), 4 * DOIN);

    // Worth 0.001 were it true, half of a tenth of T: half of the whole loss of two points, beside the half point of an empty seat.
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-899)));
    network.await_draw(optimum);
    let (round, order) = network.round(optimum);
    assert_eq!((round.round, order.len()), (1, 3));
    let [withholder, absent, honest] = order[..] else {
        panic!("three are drawn");
    };
    network.commit_votes(optimum, &[(withholder, found(-899)), (honest, found(-899))]);
    network.await_reveals(optimum);
    let seated = network.books();
    assert_eq!(seated.reputation(absent), points(95), "when the commits are closed");
    assert_eq!(seated.reputation(withholder), points(100), "not before the verdict");
    network.reveal_votes(optimum, &[(honest, found(-899))]);

    // The second round finds no agreement either: who withheld a vote is punished by what was claimed.
    await_round_two(&mut network, optimum);
    let second = network.judge(optimum, |seat| found(-900 + 400 * seat as i128));
    let fresh = EVALUATORS.into_iter().find(|who| !order.contains(who));
    assert_eq!(second.first().copied(), fresh, "who has not judged it yet comes first");
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Expired);
    assert_eq!(end.burned, 0);

    let after = network.books();
    assert_eq!(after.reputation(Alice), points(100));
    for who in EVALUATORS {
        let lost = match who {
            who if who == withholder => 15,
            who if who == absent => 5,
            _ => 0,
        };
        assert_eq!(after.reputation(who), points(100 - lost), "{who}");
        // All who revealed a vote are paid, in whichever round.
        let spoke = who == honest || second.contains(&who);
        let earned = after.balance(who) - before.balance(who);
        assert!(
            if spoke {
                earned > 0 && earned <= PRICE
            } else {
                earned == 0
            },
            "{who}: {earned}"
        );
    }
    assert_eq!(after.holds, before.holds, "evaluators' bonds among them");
    goes_on(&mut network);
}

#[test]
fn who_withholds_in_one_round_earns_nothing_in_the_other() {
    // Nothing is minted with a T of 1 that stays for long, so that no reputation fades while we look.
    let genesis = local().with(json!({"proofOfOptimization": {
        "initialThreshold": FixedU128::from_u32(1), "parameters": {"targetInterval": 6_000_000},
    }}));
    let mut network = Network::new(&genesis);
    network.pass_slots(5);
    network.settled();
    let before = network.books();
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-800)));
    network.await_draw(optimum);
    let (_, order) = network.round(optimum);
    let votes: Vec<_> = order.iter().map(|who| (*who, found(-800))).collect();
    network.commit_votes(optimum, &votes);
    network.await_reveals(optimum);
    // Two of three do not reveal: at least one of them sits in round two as well, where it agrees with everybody.
    network.reveal_votes(optimum, &votes[2..]);
    await_round_two(&mut network, optimum);
    let second = network.judge(optimum, |_| found(-800));
    assert!(second.iter().any(|who| order[..2].contains(who)));
    let end = network.await_end(optimum);
    let work = FixedU128::from_rational(1, 10);
    assert_eq!((end.outcome, end.reward.work), (Outcome::Accepted, work));

    // Five times T̄ at once: 10 + ln 5 points for the optimizer, two fifths of that for who agreed.
    let earned = reputation::earned(FixedU128::default(), work, FixedU128::from_rational(2, 100));
    assert_eq!(earned.into_inner() / 1_000_000_000_000, 11_609_437);
    let after = network.books();
    assert_eq!(after.reputation(Alice), points(100) + earned);
    let mut paid = 0;
    for who in EVALUATORS {
        let pay = after.balance(who) - before.balance(who);
        paid += pay;
        let (expected, price) = match who {
            who if order[..2].contains(&who) => (points(75), 0),
            who if second.contains(&who) => (points(100) + reputation::AGREED * earned, PRICE),
            _ => (points(100), 0),
        };
        assert_eq!((after.reputation(who), pay), (expected, price), "{who}");
    }
    assert_eq!(end.paid, paid);
    assert_eq!(held(&after, EVALUATOR_BOND), held(&before, EVALUATOR_BOND));
    assert_eq!(held(&after, BOND), DOIN, "until nobody can challenge it any more");
    goes_on(&mut network);
}

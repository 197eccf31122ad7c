//! Challenges: what a colluding quorum has accepted is undone by strangers, to the last unit.

use super::{found, goes_on, held, local, Event, BOND, ESCROW, FULL_BOND, PRICE};
use crate::harness::{
    judging::{measured, thousandths, Books, Claim, EVALUATORS},
    transactions::{set_reputation, transfer},
    Genesis, Network,
};
use doin_primitives::{
    api::{ContestInfo, Stage},
    challenge::{self, EVALUATOR_SLASH},
    optimum::{ChallengeOutcome, OptimumId, Outcome},
    quorum::VoteValues,
    AccountId, Balance, OptimizationHeight, DOIN,
};
use doin_runtime::{views, Coin, Runtime, RuntimeCall, RuntimeEvent};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice, AliceStash, BobStash, CharlieStash, DaveStash, Ferdie};
use sp_runtime::{traits::Header as _, DispatchError, FixedU128};

/// Who has nothing to do with what happens before they come.
const STRANGERS: [Sr25519Keyring; 4] = [AliceStash, BobStash, CharlieStash, DaveStash];
/// What the optimizers and the evaluators have of the first pot.
const POOLS: (Balance, Balance) = (DOIN * 65 / 2, 15 * DOIN);
/// What an evaluator of the preset bonds.
const EVALUATOR_BOND: Balance = DOIN;
const CHALLENGE: pallet_optimae::HoldReason = pallet_optimae::HoldReason::Challenge;

/// The local testnet with a window of so many slots.
fn with_window(slots: u32) -> Genesis {
    local().with(json!({"optimae": {"challengeWindow": slots}}))
}

fn challenge_of(optimum: OptimumId) -> RuntimeCall {
    RuntimeCall::Optimae(pallet_optimae::Call::challenge { optimum })
}

fn claim_of(who: Sr25519Keyring, height: OptimizationHeight) -> RuntimeCall {
    RuntimeCall::Coin(pallet_coin::Call::claim {
        height,
        who: who.to_account_id(),
    })
}

fn contest(network: &Network, optimum: OptimumId) -> Option<ContestInfo> {
    network.first().inspect(|| views::contest(optimum))
}

fn best(network: &Network) -> Option<OptimumId> {
    let domain = network.first().inspect(|| views::domain(0));
    domain.expect("the preset's").best_optimum
}

/// Whether a call failed with an error of coin or of optimae.
fn is<E: Into<DispatchError>>(outcome: &Result<(), DispatchError>, error: E) -> bool {
    *outcome == Err(strip(error.into()))
}

/// Events carry errors without their text.
fn strip(error: DispatchError) -> DispatchError {
    error.stripped()
}

/// Gives strangers coin, reputation and a seat among the evaluators.
fn bring_strangers(network: &mut Network) {
    let gifts = STRANGERS.map(|who| (Ferdie, transfer(who.to_account_id(), 10 * DOIN)));
    network.succeed(&gifts);
    let points = STRANGERS.map(|who| (Alice, set_reputation(who.to_account_id(), 10)));
    network.succeed(&points);
    let register = pallet_quorum::Call::register_evaluator { domain: 0 };
    let seats = STRANGERS.map(|who| (who, RuntimeCall::Quorum(register.clone())));
    network.succeed(&seats);
}

/// Has everybody who is drawn agree that the candidate is worth so much, and the incumbent what it is. Returns the number
/// and the evaluators.
fn accept(network: &mut Network, claim: Claim, vote: VoteValues) -> (OptimumId, Vec<Sr25519Keyring>) {
    let optimum = network.claim(&claim);
    network.await_draw(optimum);
    let voters = network.judge(optimum, |_| vote);
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Accepted);
    // The bond stays.
    assert_eq!((end.burned, end.returned), (0, 0));
    (optimum, voters)
}

fn of(books: &Books, who: AccountId) -> Balance {
    books.balances.get(&who).copied().unwrap_or_default()
}

#[test]
fn what_a_colluding_quorum_has_accepted_is_overturned_and_undone() {
    let mut network = Network::new(&with_window(400));
    network.pass_slots(5);
    let start = network.settled();
    let before = network.books();

    // Not better than the baseline at all; the three who are drawn say it is, by 0.7.
    let (optimum, colluding) = accept(&mut network, Claim::new(Alice, 1, thousandths(-200)), found(-200));
    assert_eq!(colluding.len(), 3);
    assert_eq!(best(&network), Some(optimum));
    network.settle_until("the pot is minted", 40, |node| {
        node.inspect(views::status).optimization_height == 1
    });
    let minted = network.books();
    assert_eq!((minted.supply.minted, held(&minted, BOND)), (50 * DOIN, FULL_BOND));
    assert!(minted.reputation(Alice) > FixedU128::from_u32(19), "ten points of work");
    let outcome = network.dispatch(&[(Ferdie, claim_of(Alice, 1))]);
    assert!(is(&outcome[0], pallet_coin::Error::<Runtime>::InChallengeWindow));

    bring_strangers(&mut network);
    let open = contest(&network, optimum).expect("its window is open");
    let voters: Vec<AccountId> = colluding.iter().map(|who| who.to_account_id()).collect();
    assert_eq!((open.optimizer.clone(), open.height), (Alice.to_account_id(), 1));
    assert!(voters.iter().all(|who| open.voters.contains(who)) && open.voters.len() == 3);
    assert_eq!((open.deterrent, open.escrow), (FULL_BOND / 2, 15 * PRICE));
    let kept = network.first().inspect(|| views::kept_artifacts(0));
    assert!(kept.contains(&open.candidate) && kept.contains(&open.incumbent));

    // A stranger challenges, one of many who might.
    let attempts = [
        (Ferdie, challenge_of(optimum)),
        (Ferdie, challenge_of(optimum)),
        (Alice, challenge_of(optimum)),
    ];
    let outcomes = network.dispatch(&attempts);
    assert_eq!(outcomes[0], Ok(()));
    assert!(is(&outcomes[1], pallet_optimae::Error::<Runtime>::AlreadyChallenged));
    assert!(outcomes[2].is_err());
    let challenged = network.books();
    assert_eq!(
        (held(&challenged, CHALLENGE), held(&challenged, ESCROW)),
        (FULL_BOND / 2, 15 * PRICE)
    );

    // Five strangers measure what there is: nothing. None of them has voted, none has a stake.
    network.await_draw(optimum);
    let (round, order) = network.round(optimum);
    assert_eq!((round.round, order.len()), (3, 5));
    assert!(order.iter().all(|who| !colluding.contains(who) && *who != Ferdie));
    assert_eq!(round.assignment.reported, thousandths(-200));
    let jury = network.judge(optimum, |seat| found(-900 - seat as i128));
    let end = network.await_challenge_end(optimum);
    let bounty = challenge::bounty(FULL_BOND, 5 * PRICE);
    assert_eq!(end.outcome, ChallengeOutcome::Overturned);
    assert_eq!(
        (end.paid, end.returned, end.burned, end.bounty),
        (5 * PRICE, FULL_BOND / 2 + 10 * PRICE, FULL_BOND - bounty, bounty)
    );
    assert_eq!(best(&network), None, "the baseline is the best again");

    // The block of the verdict: what was earned is burned, and the bonds, and nothing else.
    let node = network.first();
    let (parent, verdict) = (node.books(*end.header.parent_hash()), node.books(end.header.hash()));
    let slashed = EVALUATOR_SLASH.mul_ceil(EVALUATOR_BOND);
    assert_eq!(
        verdict.supply.burned - parent.supply.burned,
        POOLS.0 + POOLS.1 + FULL_BOND - bounty + 3 * slashed
    );
    assert_eq!(parent.supply.unclaimed - verdict.supply.unclaimed, POOLS.0 + POOLS.1);
    assert_eq!(
        parent.supply.issuance - verdict.supply.issuance,
        verdict.supply.burned - parent.supply.burned
    );

    // Who has what, to the last unit.
    let after = network.books();
    assert_eq!(
        (held(&after, BOND), held(&after, ESCROW), held(&after, CHALLENGE)),
        (0, 0, 0)
    );
    let (own, all) = network.first().fees(&start, Alice);
    assert_eq!(
        before.balance(Alice) - after.balance(Alice),
        FULL_BOND + 3 * PRICE + own
    );
    let (own, _) = network.first().fees(&start, Ferdie);
    assert_eq!(
        before.balance(Ferdie) + bounty - after.balance(Ferdie),
        4 * 10 * DOIN + 5 * PRICE + own
    );
    for who in EVALUATORS {
        let account = who.to_account_id();
        let earned = match (colluding.contains(&who), jury.contains(&who)) {
            (true, _) => of(&before, account.clone()) + PRICE - slashed,
            (false, true) => of(&before, account.clone()) + PRICE,
            (false, false) => of(&before, account.clone()),
        };
        assert_eq!(of(&after, account), earned, "{who}");
    }
    for who in STRANGERS {
        let (own, _) = network.first().fees(&start, who);
        let pay = if jury.contains(&who) { PRICE } else { 0 };
        assert_eq!(after.balance(who), 10 * DOIN + pay - own, "{who}");
    }
    assert_eq!(
        after.supply.burned - before.supply.burned,
        POOLS.0 + POOLS.1 + FULL_BOND - bounty + 3 * slashed + all
    );
    assert_eq!(after.supply.minted, 50 * DOIN);
    // Ten at genesis, less three; an optimization block lets a thousandth fade.
    let seven = FixedU128::from_rational(695, 100)..FixedU128::from_u32(7);
    for who in colluding.iter().chain([&Alice]) {
        assert!(
            seven.contains(&after.reputation(*who)),
            "{who}: {:?}",
            after.reputation(*who)
        );
    }
    let domain = network.first().inspect(|| views::domain(0)).expect("the preset's");
    assert!(
        voters.iter().all(|who| !domain.evaluators.contains(who)),
        "half a bond is none"
    );

    // Nothing is left to claim but the author's part, and nobody can challenge it again.
    let outcome = network.dispatch(&[(Ferdie, challenge_of(optimum))]);
    assert!(is(&outcome[0], pallet_optimae::Error::<Runtime>::NotContestable));
    network.pass_up_to(open.window_ends + 1);
    network.settled();
    let pot = network
        .first()
        .inspect(|| pallet_coin::Pots::<Runtime>::get(1))
        .expect("the author's part");
    let author = Sr25519Keyring::from_account_id(&pot.author).expect("an authority of the preset");
    let guilty = colluding.iter().chain([&Alice]).filter(|who| **who != author);
    let claims: Vec<_> = guilty.map(|who| (Ferdie, claim_of(*who, 1))).collect();
    let refused = network.dispatch(&claims);
    assert!(refused
        .iter()
        .all(|outcome| is(outcome, pallet_coin::Error::<Runtime>::NothingToClaim)));
    let balance = network.books().balance(author);
    network.succeed(&[(Ferdie, claim_of(author, 1))]);
    assert_eq!(network.books().balance(author) - balance, 50 * DOIN - POOLS.0 - POOLS.1);
    assert_eq!(network.books().supply.unclaimed, 0);
    goes_on(&mut network);
}

#[test]
fn a_claim_waits_for_a_challenge_that_outlasts_the_window_and_the_acceptance_stands() {
    let mut network = Network::new(&with_window(60));
    network.pass_slots(5);
    network.settled();
    let (optimum, _) = accept(&mut network, Claim::new(Alice, 1, thousandths(-200)), found(-200));
    network.settle_until("the pot is minted", 40, |node| {
        node.inspect(views::status).optimization_height == 1
    });
    let ends = contest(&network, optimum).expect("its window is open").window_ends;
    network.pass_up_to(ends - 12);
    network.succeed(&[(Ferdie, challenge_of(optimum))]);
    network.await_draw(optimum);
    network.pass_up_to(ends + 1);
    network.settled();

    // The window is over; the challenge is not.
    let outcome = network.dispatch(&[(Alice, claim_of(Alice, 1))]);
    assert!(
        is(&outcome[0], pallet_coin::Error::<Runtime>::Challenged),
        "{outcome:?}"
    );
    assert!(network
        .first()
        .inspect(|| Coin::claimable(&Alice.to_account_id(), 9))
        .is_empty());
    assert_eq!(held(&network.books(), BOND), FULL_BOND);
    // Less than was accepted, and an improvement all the same. There are too few strangers, so that voters judge, too.
    let (round, _) = network.round(optimum);
    assert_eq!(round.seats.len(), 3);
    network.judge(optimum, |_| found(-205));
    let end = network.await_challenge_end(optimum);
    assert_eq!(end.outcome, ChallengeOutcome::Upheld);
    assert_eq!((end.burned, end.bounty), (FULL_BOND / 2, 0));
    let books = network.books();
    assert_eq!(
        (held(&books, BOND), held(&books, CHALLENGE)),
        (0, 0),
        "the optimizer is free at once"
    );
    assert_eq!(contest(&network, optimum), None);
    assert_eq!(network.stage(optimum), Stage::Ended(Outcome::Accepted));
    assert_eq!(best(&network), Some(optimum));

    // And what was earned is paid: all of the optimizers' part, which is free to claim.
    network.succeed(&[(Alice, claim_of(Alice, 1))]);
    let paid = network.books();
    let author = network
        .first()
        .inspect(|| pallet_coin::Pots::<Runtime>::get(1))
        .expect("not paid out")
        .author;
    let part = if author == Alice.to_account_id() {
        50 * DOIN - POOLS.0 - POOLS.1
    } else {
        0
    };
    assert_eq!(paid.balance(Alice) - books.balance(Alice), POOLS.0 + part);
    assert_eq!(books.supply.unclaimed - paid.supply.unclaimed, POOLS.0 + part);
    goes_on(&mut network);
}

#[test]
fn a_best_on_top_of_an_overturned_one_stays() {
    let mut network = Network::new(&with_window(400));
    network.pass_slots(5);
    network.settled();
    let (bogus, _) = accept(&mut network, Claim::new(Alice, 1, thousandths(-200)), found(-200));
    // Somebody improves on it while the challenge waits for its end.
    let successor = network.claim(&Claim::new(Ferdie, 2, thousandths(-100)));
    network.await_draw(successor);
    network.succeed(&[(Ferdie, challenge_of(bogus))]);
    assert_eq!(
        contest(&network, bogus)
            .and_then(|contest| contest.challenge)
            .map(|open| open.stage),
        Some(Stage::Queued)
    );
    network.judge(successor, |_| measured(thousandths(-100), thousandths(-200)));
    assert_eq!(network.await_end(successor).outcome, Outcome::Accepted);
    network.await_draw(bogus);
    network.judge(bogus, |_| found(-900));
    let end = network.await_challenge_end(bogus);
    assert_eq!(end.outcome, ChallengeOutcome::Overturned);
    assert_eq!(best(&network), Some(successor));
    let fell = network
        .first()
        .first_with(|event| matches!(event, RuntimeEvent::Domains(pallet_domains::Event::BestRevoked { .. })));
    assert_eq!(fell, None, "the best has not changed");
    // What was earned by the successor stays.
    let drawn = network.first().first_with(
        |event| matches!(event, RuntimeEvent::Optimae(Event::ChallengeDrawn { optimum, .. }) if *optimum == bogus),
    );
    assert!(drawn.is_some());
    assert!(contest(&network, successor).is_some(), "and can be challenged itself");
    goes_on(&mut network);
}

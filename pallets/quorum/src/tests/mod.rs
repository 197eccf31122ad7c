//! Tests, and the helpers that check storage and events around each call.

mod audits;
mod draws;
mod properties;
mod registry;
mod rounds;
mod votes;

use crate::{mock::*, Event, Registrations, Rounds};
use doin_primitives::{optimum::OptimumId, quorum::VoteValues, traits::QuorumManager, AccountId};
use frame_support::{assert_ok, dispatch::Pays, traits::fungible::hold::Inspect};

fn held(who: &AccountId) -> u128 {
    Balances::balance_on_hold(&crate::HoldReason::EvaluatorBond.into(), who)
}

fn origin(who: &AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

/// Draws round one of the optimum and checks what follows from it. Returns the drawn.
fn assert_draw(optimum: OptimumId, domain: u32) -> Vec<AccountId> {
    take_events();
    let expected = Quorum::quorum_size(domain, &optimizer());
    assert!(!Quorum::is_judging(optimum));
    assert_ok!(Quorum::draw(assignment(optimum, domain)));
    assert!(Quorum::is_judging(optimum));
    let round = Rounds::<Test>::get(optimum).unwrap();
    let evaluators = seated(optimum);
    assert_eq!(evaluators.len() as u32, expected);
    assert!(!evaluators.contains(&optimizer()));
    assert_eq!(round.commit_deadline, Slot::get() + u64::from(COMMIT_SLOTS));
    let event = Event::Drawn {
        optimum,
        domain,
        round: 1,
        evaluators: evaluators.clone(),
        commit_deadline: round.commit_deadline,
    };
    assert_eq!(take_events(), [event]);
    evaluators
}

/// Commits the vote of a drawn evaluator and checks what follows from it.
fn assert_commit_vote(who: &AccountId, optimum: OptimumId, vote: &VoteValues) {
    let before = Rounds::<Test>::get(optimum).unwrap();
    let commitment = commitment(optimum, before.number, who, vote);
    take_events();
    let info = Quorum::commit_vote(origin(who), optimum, before.number, commitment).unwrap();
    assert_eq!(info.pays_fee, Pays::No);
    let mut expected = before.clone();
    expected
        .seats
        .iter_mut()
        .find(|seat| seat.evaluator == *who)
        .unwrap()
        .commitment = Some(commitment);
    assert_eq!(Rounds::<Test>::get(optimum).unwrap(), expected);
    let event = Event::VoteCommitted {
        optimum,
        round: before.number,
        evaluator: who.clone(),
        commitment,
    };
    assert_eq!(take_events(), [event]);
}

/// Reveals the vote of one that has committed to it and checks what follows from it.
fn assert_reveal_vote(who: &AccountId, optimum: OptimumId, vote: &VoteValues) {
    let before = Rounds::<Test>::get(optimum).unwrap();
    take_events();
    let info = Quorum::reveal_vote(origin(who), optimum, *vote, salt(who)).unwrap();
    assert_eq!(info.pays_fee, Pays::No);
    let mut expected = before.clone();
    expected
        .seats
        .iter_mut()
        .find(|seat| seat.evaluator == *who)
        .unwrap()
        .vote = Some(*vote);
    assert_eq!(Rounds::<Test>::get(optimum).unwrap(), expected);
    let event = Event::VoteRevealed {
        optimum,
        round: before.number,
        evaluator: who.clone(),
        vote: *vote,
    };
    assert_eq!(take_events(), [event]);
}

/// Registers an evaluator and checks what follows from it.
fn assert_register(who: &AccountId, domain: u32) {
    let before = held(who);
    let had = Registrations::<Test>::get(who, domain).map_or(0, |registration| registration.bond);
    take_events();
    assert_ok!(Quorum::register_evaluator(origin(who), domain));
    assert_eq!(held(who), before + BOND - had);
    assert!(Quorum::evaluators(domain).contains(who));
    assert_eq!(
        take_events(),
        [Event::EvaluatorRegistered {
            domain,
            who: who.clone(),
            bond: BOND
        }]
    );
}

/// Deregisters an evaluator and checks what follows from it.
fn assert_deregister(who: &AccountId, domain: u32) {
    let before = held(who);
    take_events();
    assert_ok!(Quorum::deregister_evaluator(origin(who), domain));
    assert_eq!(held(who), before);
    assert!(!Quorum::evaluators(domain).contains(who));
    let withdrawable_at = Slot::get() + u64::from(UNBONDING);
    assert_eq!(
        take_events(),
        [Event::EvaluatorDeregistered {
            domain,
            who: who.clone(),
            withdrawable_at
        }]
    );
}

/// Withdraws a bond and checks what follows from it.
fn assert_withdraw(who: &AccountId, domain: u32) {
    let before = held(who);
    let amount = Registrations::<Test>::get(who, domain).unwrap().bond;
    take_events();
    assert_ok!(Quorum::withdraw_evaluator_bond(origin(who), domain));
    assert_eq!(held(who), before - amount);
    assert_eq!(Registrations::<Test>::get(who, domain), None);
    assert_eq!(
        take_events(),
        [Event::EvaluatorBondWithdrawn {
            domain,
            who: who.clone(),
            amount
        }]
    );
}

/// All drawn commit and reveal what `vote` says for their seat (`None`: does not commit), in the fewest blocks; the
/// round is then over.
fn play_round(optimum: OptimumId, vote: impl Fn(usize, &AccountId) -> Option<VoteValues>) {
    let votes: Vec<_> = seated(optimum)
        .into_iter()
        .enumerate()
        .map(|(seat, who)| (vote(seat, &who), who))
        .collect();
    for (vote, who) in &votes {
        if let Some(vote) = vote {
            assert_commit_vote(who, optimum, vote);
        }
    }
    let round = Rounds::<Test>::get(optimum).unwrap();
    let all = votes.iter().all(|(vote, _)| vote.is_some());
    block_in(if all {
        Slot::get() + 1
    } else {
        round.commit_deadline + 1
    });
    for (vote, who) in &votes {
        if let Some(vote) = vote {
            assert_reveal_vote(who, optimum, vote);
        }
    }
    if votes.iter().any(|(vote, _)| vote.is_some()) {
        next_block();
    }
}

//! Audits: drawn, replayed, disputed, concluded; and what everybody tries to get around them.

use super::*;
use crate::{types::AuditRecord, Audits, Conduct, Error, MinimumAuditRate, WeightInfo};
use codec::Encode;
use doin_primitives::{
    audit::{Finding, MINIMUM_RATE},
    commitment::replay_commitment,
    domain::QuorumSize,
    optimum::{Assignment, ChallengeBrief},
    quorum::{Decision, Measurement, Missing, QuorumVerdict, RoundPhase},
    traits::{DueWork, Verdict},
    Hash, Metric,
};
use frame_support::{assert_noop, traits::Hooks};
use sp_runtime::{FixedU128, Perquintill};

/// What comes out where somebody has computed something else; different for different numbers.
fn wrong(number: u8) -> VoteValues {
    let VoteValues::Measured(measurement) = good() else {
        panic!("a good vote is measured");
    };
    VoteValues::Measured(Measurement {
        data_hash: [100 + number; 32],
        ..measurement
    })
}

/// Nine evaluators, three of them seated, all votes audited.
fn audited() -> Builder {
    Builder::with_evaluators(9)
}

fn run(builder: Builder, test: impl FnOnce()) {
    builder.build_and_execute(|| {
        MinimumAuditRate::<Test>::put(Perquintill::one());
        test();
    });
}

fn record(optimum: OptimumId) -> AuditRecord<AccountId> {
    Audits::<Test>::get(optimum)
}

fn phase(optimum: OptimumId) -> RoundPhase {
    Rounds::<Test>::get(optimum).unwrap().phase
}

/// The auditors of a seat's vote.
fn auditors(optimum: OptimumId, seat: u32) -> Vec<AccountId> {
    let record = record(optimum);
    let audit = record.open.iter().find(|audit| audit.seat == seat);
    let auditors = audit.map(|audit| audit.auditors.clone()).unwrap_or_default();
    auditors.into_iter().map(|auditor| auditor.auditor).collect()
}

fn replay_hash(optimum: OptimumId, seat: u32, who: &AccountId, replay: &VoteValues) -> Hash {
    let number = Rounds::<Test>::get(optimum).unwrap().number;
    replay_commitment(System::block_hash(0), optimum, number, seat, who, replay, &salt(who))
}

/// Commits an auditor to a replay and checks what follows from it.
fn assert_commit_replay(who: &AccountId, optimum: OptimumId, seat: u32, replay: &VoteValues) {
    let (round, before) = (Rounds::<Test>::get(optimum).unwrap(), record(optimum));
    let commitment = replay_hash(optimum, seat, who, replay);
    take_events();
    let info = Quorum::commit_replay(origin(who), optimum, round.number, seat, commitment).unwrap();
    assert_eq!(info.pays_fee, Pays::No);
    let mut expected = before;
    for audit in expected.open.iter_mut().filter(|audit| audit.seat == seat) {
        let own = audit.auditors.iter_mut().find(|auditor| auditor.auditor == *who);
        own.unwrap().commitment = Some(commitment);
    }
    assert_eq!(record(optimum), expected);
    let event = Event::ReplayCommitted {
        optimum,
        round: round.number,
        seat,
        auditor: who.clone(),
        commitment,
    };
    assert_eq!(take_events(), [event]);
}

/// Reveals a replay and checks what follows from it.
fn assert_reveal_replay(who: &AccountId, optimum: OptimumId, seat: u32, replay: &VoteValues) {
    let (round, before) = (Rounds::<Test>::get(optimum).unwrap(), record(optimum));
    take_events();
    let info = Quorum::reveal_replay(origin(who), optimum, seat, *replay, salt(who)).unwrap();
    assert_eq!(info.pays_fee, Pays::No);
    let mut expected = before;
    for audit in expected.open.iter_mut().filter(|audit| audit.seat == seat) {
        let own = audit.auditors.iter_mut().find(|auditor| auditor.auditor == *who);
        own.unwrap().replay = Some(*replay);
    }
    assert_eq!(record(optimum), expected);
    let event = Event::ReplayRevealed {
        optimum,
        round: round.number,
        seat,
        auditor: who.clone(),
        replay: *replay,
    };
    assert_eq!(take_events(), [event]);
}

/// All seated commit to `vote`; the audits are drawn. Returns who sits.
fn commit_all(optimum: OptimumId, vote: impl Fn(usize) -> VoteValues) -> Vec<AccountId> {
    let order = seated(optimum);
    for (seat, who) in order.iter().enumerate() {
        assert_commit_vote(who, optimum, &vote(seat));
    }
    next_block();
    order
}

/// Every auditor who has not acted commits to what `replay` says for seat and place; `None`: does not.
fn commit_replays(optimum: OptimumId, replay: impl Fn(u32, usize) -> Option<VoteValues>) {
    for audit in record(optimum).open {
        for (place, auditor) in audit.auditors.iter().enumerate() {
            if let (None, Some(values)) = (auditor.commitment, replay(audit.seat, place)) {
                assert_commit_replay(&auditor.auditor, optimum, audit.seat, &values);
            }
        }
    }
}

/// Every auditor who has committed and not revealed reveals what `replay` says.
fn reveal_replays(optimum: OptimumId, replay: impl Fn(u32, usize) -> Option<VoteValues>) {
    for audit in record(optimum).open {
        for (place, auditor) in audit.auditors.iter().enumerate() {
            if let (Some(_), None, Some(values)) = (auditor.commitment, auditor.replay, replay(audit.seat, place)) {
                assert_reveal_replay(&auditor.auditor, optimum, audit.seat, &values);
            }
        }
    }
}

/// An evaluation up to the end of its reveals: `vote` by seat, `replay` of the first auditor by seat. All act.
fn play(optimum: OptimumId, vote: impl Fn(usize) -> VoteValues, replay: impl Fn(u32) -> VoteValues) -> Vec<AccountId> {
    let order = commit_all(optimum, &vote);
    assert_eq!(phase(optimum), RoundPhase::AuditCommit);
    commit_replays(optimum, |seat, _| Some(replay(seat)));
    next_block();
    assert_eq!(phase(optimum), RoundPhase::Reveal);
    for (seat, who) in order.iter().enumerate() {
        assert_reveal_vote(who, optimum, &vote(seat));
    }
    reveal_replays(optimum, |seat, _| Some(replay(seat)));
    take_events();
    next_block();
    order
}

/// The further auditors of a dispute all do as `replay` says; the dispute is then over.
fn settle(optimum: OptimumId, replay: impl Fn(usize) -> VoteValues) {
    assert_eq!(phase(optimum), RoundPhase::DisputeCommit);
    commit_replays(optimum, |_, place| Some(replay(place)));
    next_block();
    assert_eq!(phase(optimum), RoundPhase::DisputeReveal);
    reveal_replays(optimum, |_, place| Some(replay(place)));
    take_events();
    next_block();
}

fn only_verdict() -> Verdict<AccountId> {
    let mut verdicts = verdicts();
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

fn findings() -> Vec<(AccountId, Finding)> {
    take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::AuditConcluded { evaluator, finding, .. } => Some((evaluator, finding)),
            _ => None,
        })
        .collect()
}

fn is_accepted(verdict: &Verdict<AccountId>) -> bool {
    matches!(
        verdict.decision,
        Decision::Agreed {
            verdict: QuorumVerdict::Accepted,
            ..
        }
    )
}

fn sorted(mut accounts: Vec<AccountId>) -> Vec<AccountId> {
    accounts.sort();
    accounts
}

#[test]
fn votes_that_are_reproduced_stand_and_their_auditors_are_named_for_pay() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        let drawn: Vec<AccountId> = (0..3).flat_map(|seat| auditors(1, seat)).collect();
        // One for each, others than seated and optimizer, and as long as there are enough no one twice.
        assert_eq!(
            sorted(drawn.clone())
                .windows(2)
                .filter(|pair| pair[0] == pair[1])
                .count(),
            0
        );
        assert!(drawn.iter().all(|who| !order.contains(who) && *who != optimizer()));
        assert_eq!(drawn.len(), 3);
        let deadline = record(1).deadline;
        assert_eq!(deadline, Slot::get() + u64::from(COMMIT_SLOTS));
        let events: Vec<_> = take_events();
        let announced = (0u32..).zip(&drawn).map(|(seat, auditor)| Event::AuditDrawn {
            optimum: 1,
            round: 1,
            seat,
            auditor: auditor.clone(),
            commit_deadline: deadline,
        });
        assert_eq!(events, announced.collect::<Vec<_>>());

        commit_replays(1, |_, _| Some(good()));
        assert!(Quorum::has_due_work(Slot::get() + 1), "all have committed");
        next_block();
        for who in &order {
            assert_reveal_vote(who, 1, &good());
        }
        assert!(!Quorum::has_due_work(Slot::get() + 1), "replays are waited for");
        reveal_replays(1, |_, _| Some(good()));
        assert!(verdicts().is_empty());
        next_block();
        assert_eq!(findings().len(), 3);
        let verdict = only_verdict();
        assert!(is_accepted(&verdict));
        assert_eq!(verdict.agreeing, order);
        assert_eq!(sorted(verdict.auditors), sorted(drawn));
        assert!(verdict.divergent.is_empty());
        assert!(!Audits::<Test>::contains_key(1), "nothing is left");
        assert_eq!((NoShows::get(), Discredited::get()), (vec![], vec![]));
    });
}

#[test]
fn no_vote_and_no_replay_is_revealed_before_the_replays_are_committed() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        let auditor = auditors(1, 0)[0].clone();
        let reveal = |who: &AccountId| Quorum::reveal_vote(origin(who), 1, good(), salt(who));
        assert_noop!(reveal(&order[0]), Error::<Test>::RevealTooEarly);
        assert_commit_replay(&auditor, 1, 0, &good());
        assert_noop!(
            Quorum::reveal_replay(origin(&auditor), 1, 0, good(), salt(&auditor)),
            Error::<Test>::RevealTooEarly
        );
        let late = &auditors(1, 1)[0];
        block_in(record(1).deadline + 1);
        assert_eq!(phase(1), RoundPhase::Reveal);
        // Now that votes may be known nobody commits to a replay any more.
        assert_noop!(
            Quorum::commit_replay(origin(late), 1, 1, 1, Hash::default()),
            Error::<Test>::NotAuditor
        );
        assert_ok!(reveal(&order[0]));
    });
}

#[test]
fn what_is_not_an_auditors_due_is_refused() {
    run(audited(), || {
        assert_noop!(
            Quorum::commit_replay(origin(&account(1)), 1, 1, 0, Hash::default()),
            Error::<Test>::UnknownOptimum
        );
        assert_draw(1, 0);
        assert_noop!(
            Quorum::commit_replay(origin(&account(1)), 1, 1, 0, Hash::default()),
            Error::<Test>::NotAuditor
        );
        let order = commit_all(1, |_| good());
        let [first, second] = [0, 1].map(|seat| auditors(1, seat)[0].clone());
        let commit = |who: &AccountId, round: u8, seat: u32| {
            let hash = replay_hash(1, seat, who, &good());
            Quorum::commit_replay(origin(who), 1, round, seat, hash)
        };
        assert_noop!(commit(&first, 2, 0), Error::<Test>::WrongRound);
        assert_noop!(commit(&first, 1, 1), Error::<Test>::NotAuditor);
        assert_noop!(commit(&order[0], 1, 0), Error::<Test>::NotAuditor);
        assert_noop!(commit(&first, 1, 9), Error::<Test>::NotAuditor);
        assert_commit_replay(&first, 1, 0, &good());
        assert_noop!(commit(&first, 1, 0), Error::<Test>::AlreadyCommitted);
        // A copied commitment cannot be opened: it binds auditor and seat.
        let copied = replay_hash(1, 0, &first, &good());
        assert_ok!(Quorum::commit_replay(origin(&second), 1, 1, 1, copied));
        commit_replays(1, |_, _| Some(good()));
        next_block();
        let reveal = |who: &AccountId, seat: u32, values: VoteValues| {
            Quorum::reveal_replay(origin(who), 1, seat, values, salt(&first))
        };
        assert_noop!(reveal(&second, 1, good()), Error::<Test>::CommitmentMismatch);
        assert_noop!(reveal(&first, 0, wrong(1)), Error::<Test>::CommitmentMismatch);
        assert_noop!(reveal(&order[0], 0, good()), Error::<Test>::NotAuditor);
        assert_noop!(reveal(&first, 9, good()), Error::<Test>::NotAuditor);
        assert_reveal_replay(&first, 1, 0, &good());
        assert_noop!(reveal(&first, 0, good()), Error::<Test>::AlreadyRevealed);
    });
}

#[test]
fn a_vote_that_three_cannot_reproduce_is_removed_and_its_author_slashed() {
    // Five sit, four of whom must agree.
    run(Builder::with_evaluators(12), || {
        Size::set(&QuorumSize::Fixed(5));
        assert_draw(1, 0);
        // The vote is good to look at, and on the median: only its data give it away.
        let lazy = |seat: usize| if seat == 2 { wrong(0) } else { good() };
        let order = play(1, lazy, |_| good());
        let [first, second, third] = auditors(1, 2)[..].to_vec().try_into().unwrap();
        let disputed = Event::VoteDisputed {
            optimum: 1,
            round: 1,
            seat: 2,
            auditors: vec![second, third],
            commit_deadline: record(1).deadline,
        };
        assert_eq!(take_events(), [disputed]);
        assert_ne!(first, order[2]);
        let issuance = Balances::total_issuance();
        settle(1, |_| good());

        assert!(findings().contains(&(order[2].clone(), Finding::Discredited)));
        assert_eq!(Discredited::get(), [order[2].clone()]);
        assert_eq!((held(&order[2]), Burned::get()), (0, BOND));
        assert_eq!(Balances::total_issuance(), issuance - BOND);
        assert!(
            !Quorum::evaluators(0).contains(&order[2]),
            "it cannot be drawn any more"
        );
        let verdict = only_verdict();
        assert!(is_accepted(&verdict), "four of five agree");
        assert!(!verdict.agreeing.contains(&order[2]) && verdict.agreeing.len() == 4);
        // It is punished as discredited, not as divergent, and unpaid in any case.
        assert!(verdict.divergent.is_empty() && !verdict.revealed.contains(&order[2]));
        // Four votes were replayed once, one three times.
        assert_eq!(verdict.auditors.len(), 7);
    });
}

#[test]
fn an_auditor_who_differs_from_what_two_reproduce_diverges() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = play(1, |_| good(), |seat| if seat == 1 { wrong(0) } else { good() });
        let [first, second, third] = auditors(1, 1)[..].to_vec().try_into().unwrap();
        settle(1, |_| good());
        assert!(findings().contains(&(order[1].clone(), Finding::Reproduced)));
        let verdict = only_verdict();
        assert!(is_accepted(&verdict));
        assert_eq!(verdict.agreeing, order);
        assert_eq!(verdict.divergent, std::slice::from_ref(&first));
        assert!(!verdict.auditors.contains(&first));
        assert!(verdict.auditors.contains(&second) && verdict.auditors.contains(&third));
        assert_eq!((Discredited::get(), Burned::get()), (vec![], 0));
    });
}

#[test]
fn only_who_reproduces_a_vote_that_agrees_confirms_the_decision() {
    run(Builder::with_evaluators(16), || {
        Size::set(&QuorumSize::Fixed(7));
        assert_draw(1, 0);
        // Seat 2 has not measured, and seat 4 has found something else on its data.
        let against = measured(-3_000, -2_000);
        let vote = |seat: usize| match seat {
            2 => wrong(0),
            4 => against,
            _ => good(),
        };
        let order = play(1, vote, |seat| if seat == 4 { against } else { good() });
        let [lone, dissident] = [2, 4].map(|seat| auditors(1, seat)[0].clone());
        let others = [0, 1, 3, 5, 6].map(|seat| auditors(1, seat)[0].clone());
        settle(1, |_| good());
        let verdict = only_verdict();
        assert!(is_accepted(&verdict));
        assert_eq!(Discredited::get(), [order[2].clone()]);
        assert_eq!(verdict.divergent, [order[4].clone()]);
        assert!(verdict.auditors.contains(&lone) && verdict.auditors.contains(&dissident));
        assert_eq!(sorted(verdict.confirming), sorted(others.to_vec()));
    });
}

#[test]
fn a_split_dispute_hurts_nobody() {
    for further in [[good(), wrong(0)], [wrong(0), good()], [wrong(1), wrong(2)]] {
        run(audited(), || {
            assert_draw(1, 0);
            let order = play(1, |_| good(), |seat| if seat == 1 { wrong(0) } else { good() });
            settle(1, |place| further[place.saturating_sub(1)]);
            let verdict = only_verdict();
            assert!(is_accepted(&verdict));
            assert_eq!((verdict.agreeing, verdict.divergent), (order, vec![]));
            assert_eq!(verdict.auditors.len(), 2, "the auditors of the other votes");
            assert_eq!((Discredited::get(), Burned::get()), (vec![], 0));
        });
    }
}

#[test]
fn an_auditor_who_does_not_come_loses_half_a_point_and_its_audit_lapses() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| wrong(0));
        let absent = auditors(1, 0)[0].clone();
        commit_replays(1, |seat, _| (seat > 0).then(|| wrong(0)));
        assert!(!Quorum::has_due_work(record(1).deadline));
        assert!(
            Quorum::has_due_work(record(1).deadline + 1),
            "an idle chain does not stall"
        );
        block_in(record(1).deadline + 1);
        assert_eq!(NoShows::get(), std::slice::from_ref(&absent));
        assert!(auditors(1, 0).is_empty());
        for who in &order {
            assert_reveal_vote(who, 1, &wrong(0));
        }
        reveal_replays(1, |_, _| Some(wrong(0)));
        next_block();
        let verdict = only_verdict();
        assert_eq!(verdict.agreeing, order);
        assert!(!verdict.auditors.contains(&absent));
    });
}

#[test]
fn an_auditor_who_withholds_its_replay_is_no_better_off() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        commit_replays(1, |_, _| Some(good()));
        next_block();
        for who in &order {
            assert_reveal_vote(who, 1, &good());
        }
        let silent = auditors(1, 2)[0].clone();
        reveal_replays(1, |seat, _| (seat < 2).then(good));
        block_in(Rounds::<Test>::get(1).unwrap().reveal_deadline + 1);
        assert_eq!(NoShows::get(), std::slice::from_ref(&silent));
        let verdict = only_verdict();
        assert_eq!((verdict.agreeing, verdict.auditors.len()), (order, 2));
        assert!(!verdict.auditors.contains(&silent));
    });
}

#[test]
fn who_audits_many_votes_and_is_away_is_punished_once() {
    // One spare evaluator only, as in the development preset.
    run(Builder::with_evaluators(4), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        let spare: Vec<_> = (0..3).flat_map(|seat| auditors(1, seat)).collect();
        assert!(spare.iter().all(|who| *who == spare[0] && !order.contains(who)));
        block_in(record(1).deadline + 1);
        assert_eq!(NoShows::get(), [spare[0].clone()]);
        assert_eq!(phase(1), RoundPhase::Reveal);
    });
}

#[test]
fn withholding_a_vote_that_is_audited_costs_what_a_wrong_one_costs() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |seat| if seat == 0 { wrong(0) } else { good() });
        commit_replays(1, |_, _| Some(good()));
        next_block();
        for who in &order[1..] {
            assert_reveal_vote(who, 1, &good());
        }
        reveal_replays(1, |_, _| Some(good()));
        // Round two is drawn, since three of three must agree.
        block_in(Rounds::<Test>::get(1).unwrap().reveal_deadline + 1);
        assert_eq!(Discredited::get(), [order[0].clone()]);
        assert_eq!(NoShows::get(), [order[0].clone()]);
        assert_eq!((held(&order[0]), Burned::get()), (0, BOND));
        let round = Rounds::<Test>::get(1).unwrap();
        assert_eq!(round.number, 2);
        assert!(round.first.contains(&(order[0].clone(), Conduct::Discredited)));
    });
}

#[test]
fn withholding_a_vote_whose_audit_has_lapsed_costs_what_it_always_costs() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        block_in(record(1).deadline + 1);
        for who in &order[1..] {
            assert_reveal_vote(who, 1, &good());
        }
        block_in(Rounds::<Test>::get(1).unwrap().reveal_deadline + 1);
        assert_eq!((Discredited::get(), Burned::get()), (vec![], 0));
        assert!(Rounds::<Test>::get(1)
            .unwrap()
            .first
            .contains(&(order[0].clone(), Conduct::Withheld)));
    });
}

#[test]
fn what_is_unavailable_is_not_compared() {
    run(audited(), || {
        assert_draw(1, 0);
        let missing = absent(Missing::Candidate);
        // The vote says unavailable while its auditor has measured, and the other way round.
        let order = play(
            1,
            |seat| if seat == 0 { missing } else { good() },
            |seat| if seat == 1 { missing } else { good() },
        );
        assert_eq!((Discredited::get(), NoShows::get(), Burned::get()), (vec![], vec![], 0));
        let round = Rounds::<Test>::get(1).unwrap();
        assert_eq!(round.number, 2, "two of three are no quorum");
        assert!(round.first.iter().all(|(_, conduct)| *conduct == Conduct::Revealed));
        // Who has measured is paid, whenever it ends.
        assert_eq!(record(1).earned.len(), 2);
        assert_eq!(order.len(), 3);
    });
}

#[test]
fn a_lazy_vote_in_a_small_quorum_leads_to_round_two_where_the_honest_decide() {
    run(Builder::with_evaluators(4), || {
        assert_draw(1, 0);
        let order = play(1, |seat| if seat == 1 { wrong(0) } else { good() }, |_| good());
        // The spare one has audited; the two others are seated, and know the vote by now.
        assert_eq!(
            sorted(auditors(1, 1)[1..].to_vec()),
            sorted(vec![order[0].clone(), order[2].clone()])
        );
        settle(1, |_| good());
        assert_eq!(Discredited::get(), [order[1].clone()]);
        let second = seated(1);
        assert!(second.len() == 3 && !second.contains(&order[1]));
        let earned = record(1).earned.len();
        assert_eq!(earned, 2 + 3);
        // In round two each vote is audited by one of the seated: nobody else is there.
        play(1, |_| good(), |_| good());
        let verdict = only_verdict();
        assert!(is_accepted(&verdict));
        assert_eq!(sorted(verdict.agreeing), sorted(second));
        assert_eq!(verdict.auditors.len(), earned + 3);
        assert!(!verdict.auditors.contains(&order[1]) && !verdict.divergent.contains(&order[1]));
    });
}

#[test]
fn further_auditors_who_do_not_come_leave_the_vote_as_it_is() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = play(1, |seat| if seat == 1 { wrong(0) } else { good() }, |_| good());
        let further = auditors(1, 1)[1..].to_vec();
        assert!(Quorum::has_due_work(record(1).deadline + 1));
        block_in(record(1).deadline + 1);
        assert_eq!(sorted(NoShows::get()), sorted(further));
        let verdict = only_verdict();
        assert_eq!(verdict.agreeing, order);
        assert!(Discredited::get().is_empty());
    });
}

#[test]
fn one_of_two_further_auditors_settles_nothing() {
    run(audited(), || {
        assert_draw(1, 0);
        play(1, |seat| if seat == 1 { wrong(0) } else { good() }, |_| good());
        let further = auditors(1, 1)[1..].to_vec();
        commit_replays(1, |_, place| (place == 1).then(good));
        assert_noop!(
            Quorum::reveal_replay(origin(&further[0]), 1, 1, good(), salt(&further[0])),
            Error::<Test>::RevealTooEarly
        );
        block_in(record(1).deadline + 1);
        assert_eq!(phase(1), RoundPhase::DisputeReveal);
        // Votes and first replays are not revealed any more.
        let order = seated(1);
        assert_noop!(
            Quorum::reveal_vote(origin(&order[0]), 1, good(), salt(&order[0])),
            Error::<Test>::RevealTooLate
        );
        assert!(Quorum::has_due_work(record(1).deadline + 1));
        block_in(record(1).deadline + 1);
        assert_eq!(NoShows::get().len(), 2, "one did not commit, the other did not reveal");
        assert!(is_accepted(&only_verdict()));
        assert!(Discredited::get().is_empty());
    });
}

#[test]
fn where_nobody_is_left_to_settle_a_dispute_the_vote_stands() {
    // Three seats and no spare: each vote is audited by one of the other two, and one is left for a dispute.
    run(Builder::with_evaluators(3), || {
        assert_draw(1, 0);
        let order = play(1, |seat| if seat == 0 { wrong(0) } else { good() }, |_| good());
        let verdict = only_verdict();
        assert_eq!(verdict.agreeing, order);
        assert!(findings().contains(&(order[0].clone(), Finding::Disputed)));
        assert!(Discredited::get().is_empty());
    });
}

#[test]
fn nobody_audits_where_nobody_else_is_eligible_or_audits_are_switched_off() {
    let few = Builder {
        evaluators: vec![10_000, 0, 0],
    };
    run(few, || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        let eligible = order.iter().position(|who| *who == account(1)).unwrap() as u32;
        assert!(auditors(1, eligible).is_empty(), "nobody but its author");
    });
    for (rate, claimed) in [(Perquintill::zero(), 1), (Perquintill::zero(), 0)] {
        audited().build_and_execute(|| {
            MinimumAuditRate::<Test>::put(rate);
            ClaimedPart::set(&FixedU128::from_u32(claimed));
            assert_draw(1, 0);
            commit_all(1, |_| good());
            assert_eq!(phase(1), RoundPhase::Reveal);
            assert!(!Audits::<Test>::contains_key(1));
        });
    }
}

#[test]
fn votes_are_audited_as_often_as_the_claim_is_large() {
    audited().build_and_execute(|| {
        MinimumAuditRate::<Test>::put(MINIMUM_RATE);
        for (claimed, expected) in [(0u128, 0.1), (50, 0.1), (500, 0.5), (1_000, 1.0), (5_000, 1.0)] {
            ClaimedPart::set(&FixedU128::from_rational(claimed, 1_000));
            let mut drawn = 0;
            for optimum in 0..300u64 {
                Randomness::set(&sp_io::hashing::blake2_256(&(claimed, optimum).encode()));
                assert_draw(optimum, 0);
                commit_all(optimum, |_| good());
                drawn += record(optimum).open.len();
                // Ends it without more ado.
                Rounds::<Test>::remove(optimum);
                Audits::<Test>::remove(optimum);
                crate::Active::<Test>::kill();
            }
            // Four standard deviations of 900 votes are 0.067 at most.
            let part = drawn as f64 / 900.0;
            assert!((part - expected).abs() < 0.067, "{claimed}: {part}");
        }
    });
}

#[test]
fn auditors_are_drawn_by_weight_from_who_does_not_sit() {
    // Account 1 has as much weight as the other nine together.
    let mut evaluators = vec![2_000; 10];
    evaluators[0] = 18_000;
    run(Builder { evaluators }, || {
        Size::set(&QuorumSize::Fixed(1));
        let (mut seats, mut audits) = (0u32, 0u32);
        for optimum in 0..400u64 {
            Randomness::set(&sp_io::hashing::blake2_256(&optimum.to_le_bytes()));
            let order = assert_draw(optimum, 0);
            commit_all(optimum, |_| good());
            if order[0] == account(1) {
                assert_ne!(auditors(optimum, 0), [account(1)], "never itself");
            } else {
                seats += 1;
                audits += u32::from(auditors(optimum, 0) == [account(1)]);
            }
            Rounds::<Test>::remove(optimum);
            Audits::<Test>::remove(optimum);
            crate::Active::<Test>::kill();
        }
        // 18 of 34 parts where it does not sit: 0.53 ± four deviations of about 200.
        let part = f64::from(audits) / f64::from(seats);
        assert!((0.38..0.68).contains(&part), "{audits} of {seats}");
    });
}

#[test]
fn a_domain_without_weight_takes_bonds_and_no_reputation() {
    run(audited(), || {
        DomainWeight::set(&FixedU128::from_u32(0));
        assert_draw(1, 0);
        let order = play(1, |seat| if seat == 0 { wrong(0) } else { good() }, |_| good());
        settle(1, |_| good());
        assert_eq!((Discredited::get(), NoShows::get()), (vec![], vec![]));
        assert_eq!(Burned::get(), BOND);
        assert_eq!(held(&order[0]), 0);
    });
}

#[test]
fn leaving_does_not_save_the_bond() {
    run(audited(), || {
        crate::UnbondingPeriod::<Test>::put(0);
        assert_draw(1, 0);
        let order = play(1, |seat| if seat == 0 { wrong(0) } else { good() }, |_| good());
        assert_ok!(Quorum::deregister_evaluator(origin(&order[0]), 0));
        assert_noop!(
            Quorum::withdraw_evaluator_bond(origin(&order[0]), 0),
            Error::<Test>::StillSeated
        );
        settle(1, |_| good());
        assert_eq!((held(&order[0]), Burned::get()), (0, BOND));
    });
}

#[test]
fn a_wrong_auditor_earns_nothing_by_its_own_vote() {
    run(Builder::with_evaluators(3), || {
        // Nobody is spare: the seated audit one another. With four there would be one.
        Size::set(&QuorumSize::Fixed(3));
        assert_register(&account(4), 0);
        set_points(&account(4), 10_000);
        assert_register(&account(5), 0);
        set_points(&account(5), 10_000);
        assert_draw(1, 0);
        let order = play(1, |_| good(), |_| wrong(0));
        settle(1, |_| good());
        let verdict = only_verdict();
        // Every first auditor differed from what two reproduced.
        assert!(!verdict.divergent.is_empty());
        assert!(verdict
            .divergent
            .iter()
            .all(|who| !verdict.agreeing.contains(who) && !verdict.auditors.contains(who)));
        assert!(verdict.agreeing.iter().all(|who| order.contains(who)));
    });
}

#[test]
fn the_reveals_open_from_the_block_that_opens_them() {
    run(audited(), || {
        assert_draw(1, 0);
        commit_all(1, |_| good());
        commit_replays(1, |_, _| Some(good()));
        // The chain stands still.
        block_in(Slot::get() + 500);
        let round = Rounds::<Test>::get(1).unwrap();
        assert_eq!(round.phase, RoundPhase::Reveal);
        assert_eq!(round.reveal_deadline, Slot::get() + u64::from(REVEAL_SLOTS));
    });
}

#[test]
fn duties_show_audits_to_auditors() {
    run(audited(), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        let auditor = auditors(1, 1)[0].clone();
        assert!(!order.contains(&auditor));
        let duties = Quorum::duties(&auditor);
        assert_eq!(duties.len(), 1);
        let info = &duties[0];
        assert_eq!(info.audits.len(), 3);
        assert_eq!(info.audits[1].auditors[0].auditor, auditor);
        assert_eq!(info.audit_deadline, record(1).deadline);
        assert_eq!(Quorum::stage(1), Some(doin_primitives::api::Stage::AuditCommit));
    });
}

#[test]
fn the_invariants_see_what_is_wrong_with_audits() {
    type Spoil = fn(&mut AuditRecord<AccountId>);
    let spoils: [Spoil; 5] = [
        |record| record.open[0].seat = 30,
        |record| record.open[0].auditors[0].auditor = optimizer(),
        |record| record.open[0].auditors[0].replay = Some(good()),
        |record| record.open[0].auditors.truncate(0),
        |record| record.deadline += 1,
    ];
    for spoil in spoils {
        run(audited(), || {
            assert_draw(1, 0);
            commit_all(1, |_| good());
            let sound = record(1);
            let mut spoiled = sound.clone();
            spoil(&mut spoiled);
            Audits::<Test>::insert(1, spoiled);
            assert!(Quorum::do_try_state().is_err());
            Audits::<Test>::insert(1, sound);
        });
    }
    run(audited(), || {
        Audits::<Test>::insert(7, AuditRecord::default());
        assert!(Quorum::do_try_state().is_err(), "audits without a round");
        Audits::<Test>::remove(7);
    });
}

#[test]
fn replays_that_round_differently_reproduce_a_vote() {
    run(audited(), || {
        assert_draw(1, 0);
        let near = |vote: VoteValues, parts: i128| match vote {
            VoteValues::Measured(measurement) => VoteValues::Measured(Measurement {
                candidate: Metric::from_inner(measurement.candidate.into_inner() / 10_000 * parts),
                ..measurement
            }),
            other => other,
        };
        play(1, |_| good(), |_| near(good(), 10_009));
        assert!(findings().iter().all(|(_, finding)| *finding == Finding::Reproduced));
        assert_eq!(only_verdict().auditors.len(), 3);
    });
}

#[test]
fn a_dispute_that_nobody_can_settle_is_weighed_as_one() {
    run(Builder::with_evaluators(3), || {
        assert_draw(1, 0);
        let order = commit_all(1, |_| good());
        let differing = |seat: u32| if seat == 1 { wrong(0) } else { good() };
        commit_replays(1, |seat, _| Some(differing(seat)));
        next_block();
        for who in &order {
            assert_reveal_vote(who, 1, &good());
        }
        reveal_replays(1, |seat, _| Some(differing(seat)));
        Slot::set(&(Slot::get() + 1));
        let weight = Quorum::on_initialize(System::block_number());
        // Of three evaluators one is the author and one the auditor; all were looked at.
        assert!(findings().contains(&(order[1].clone(), Finding::Disputed)));
        let expected = <()>::on_initialize()
            .saturating_add(<()>::close_reveals(0))
            .saturating_add(<()>::draw_audits())
            .saturating_add(<()>::end_round(0))
            // Three votes, two of them reproduced.
            .saturating_add(<()>::extend_unbonding(5));
        assert_eq!(weight, expected);
    });
}

#[test]
fn a_challenger_does_not_audit_the_votes_on_its_challenge() {
    run(audited(), || {
        let challenger = account(9);
        set_points(&challenger, 4_000_000);
        let voters = Default::default();
        let brief = ChallengeBrief { challenger, voters };
        let challenger = brief.challenger.clone();
        assert_ok!(Quorum::draw(Assignment {
            challenge: Some(brief),
            ..assignment(1, 0)
        }));
        commit_all(1, |_| good());
        assert_eq!(phase(1), RoundPhase::AuditCommit);
        let drawn = record(1).open.into_iter().flat_map(|audit| audit.auditors);
        assert!(drawn.into_iter().all(|auditor| auditor.auditor != challenger));
        // And the invariants know it.
        Audits::<Test>::mutate(1, |record| record.open[0].auditors[0].auditor = challenger);
        assert!(Quorum::do_try_state().is_err());
        Audits::<Test>::mutate(1, |record| record.open[0].auditors[0].auditor = account(255));
    });
}

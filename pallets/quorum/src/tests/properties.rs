//! Whatever evaluators do, every optimum ends in exactly one verdict, in time.

use super::*;
use crate::{Audits, MinimumAuditRate};
use doin_primitives::{
    commitment::replay_commitment,
    quorum::{Decision, Missing, RoundPhase},
    traits::DueWork,
};
use proptest::prelude::*;
use sp_runtime::Perquintill;

/// What an evaluator does in a round.
#[derive(Clone, Copy, Debug)]
enum Act {
    Nothing,
    Withhold,
    Honest,
    Off(i16),
    Absent(bool),
    Copy,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => Just(Act::Nothing),
        1 => Just(Act::Withhold),
        5 => Just(Act::Honest),
        1 => any::<i16>().prop_map(Act::Off),
        1 => any::<bool>().prop_map(Act::Absent),
        1 => Just(Act::Copy),
    ]
}

fn vote_of(act: Act) -> VoteValues {
    match act {
        Act::Off(by) => measured(-1_000 + i128::from(by), -2_000),
        Act::Absent(true) => absent(Missing::Candidate),
        Act::Absent(false) => absent(Missing::Incumbent),
        _ => good(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_optimum_ends_in_exactly_one_verdict(
        points in proptest::collection::vec(0u32..5_000, 1..39),
        acts in proptest::collection::vec(act(), 80),
        randomness in any::<[u8; 32]>(),
        idle in 1u64..60,
    ) {
        Builder { evaluators: points }.build_and_execute(|| {
            Randomness::set(&randomness);
            let drawn = assert_draw(1, 0).len();
            let start = Slot::get();
            let mut acts = acts.into_iter().cycle();
            for _ in 0..2 {
                let Some(round) = Rounds::<Test>::get(1) else { break };
                let plan: Vec<_> = seated(1).into_iter().map(|who| (who, acts.next().unwrap())).collect();
                let mut last = None;
                for (who, act) in &plan {
                    match act {
                        Act::Nothing => continue,
                        Act::Copy => {
                            let hash = last.unwrap_or_default();
                            assert_ok!(Quorum::commit_vote(origin(who), 1, round.number, hash));
                        },
                        act => assert_commit_vote(who, 1, &vote_of(*act)),
                    }
                    last = Some(commitment(1, round.number, who, &vote_of(*act)));
                }
                block_in(Slot::get().max(round.commit_deadline) + idle);
                for (who, act) in &plan {
                    let open = Rounds::<Test>::get(1).is_some_and(|now| now.number == round.number);
                    if open && matches!(act, Act::Honest | Act::Off(_) | Act::Absent(_)) {
                        assert_reveal_vote(who, 1, &vote_of(*act));
                    }
                }
                if Rounds::<Test>::get(1).is_some_and(|now| now.number == round.number) {
                    block_in(Slot::get() + u64::from(REVEAL_SLOTS) + idle);
                }
            }
            // Two rounds at most: both phases of each and what blocks were late.
            prop_assert!(Slot::get() <= start + 2 * u64::from(COMMIT_SLOTS + REVEAL_SLOTS) + 4 * idle);
            prop_assert!(Rounds::<Test>::get(1).is_none());
            for _ in 0..5 {
                block_in(Slot::get() + 100);
            }
            let verdicts = verdicts();
            prop_assert_eq!(verdicts.len(), 1);
            let verdict = &verdicts[0];
            prop_assert_eq!(verdict.evaluators_drawn as usize, drawn);
            prop_assert!(verdict.agreeing.iter().all(|who| !verdict.divergent.contains(who)));
            prop_assert!(verdict.agreeing.iter().all(|who| verdict.revealed.contains(who)));
            prop_assert!(!verdict.agreeing.contains(&optimizer()) && !verdict.divergent.contains(&optimizer()));
            if !matches!(verdict.decision, Decision::Agreed { .. }) {
                prop_assert!(verdict.agreeing.is_empty());
            }
            Ok(())
        })?;
    }
}

/// All votes and replays of [`simple_act`].
fn values() -> Vec<VoteValues> {
    let off = (0..4).map(|by| vote_of(Act::Off(i16::MIN + by)));
    [good(), absent(Missing::Candidate), absent(Missing::Incumbent)]
        .into_iter()
        .chain(off)
        .collect()
}

/// One phase of a round: whoever has to act does what it likes. Votes and replays are good or not by `pick`.
fn act_in_phase(pick: &mut impl FnMut() -> Act) {
    let Some(round) = Rounds::<Test>::get(1) else { return };
    let record = Audits::<Test>::get(1);
    for seat in &round.seats {
        let act = pick();
        let who = &seat.evaluator;
        match round.phase {
            RoundPhase::Commit if !matches!(act, Act::Nothing) => assert_commit_vote(who, 1, &vote_of(act)),
            RoundPhase::Reveal if seat.commitment.is_some() && !matches!(act, Act::Withhold | Act::Nothing) => {
                // What was committed to is found by trying: the test does not keep it.
                for vote in values() {
                    let _ = Quorum::reveal_vote(origin(who), 1, vote, salt(who));
                }
            }
            _ => {}
        }
    }
    for audit in &record.open {
        for auditor in &audit.auditors {
            let (who, act) = (&auditor.auditor, pick());
            match round.phase {
                RoundPhase::AuditCommit | RoundPhase::DisputeCommit
                    if auditor.commitment.is_none() && !matches!(act, Act::Nothing) =>
                {
                    let replay = vote_of(act);
                    let hash = replay_commitment(
                        System::block_hash(0),
                        1,
                        round.number,
                        audit.seat,
                        who,
                        &replay,
                        &salt(who),
                    );
                    assert_ok!(Quorum::commit_replay(origin(who), 1, round.number, audit.seat, hash));
                }
                RoundPhase::Reveal | RoundPhase::DisputeReveal if !matches!(act, Act::Withhold) => {
                    for vote in values() {
                        let _ = Quorum::reveal_replay(origin(who), 1, audit.seat, vote, salt(who));
                    }
                }
                _ => {}
            }
        }
    }
}

/// An act whose vote is one of few, so that it can be revealed by trying.
fn simple_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => Just(Act::Nothing),
        1 => Just(Act::Withhold),
        6 => Just(Act::Honest),
        2 => (0i16..4).prop_map(|by| Act::Off(i16::MIN + by)),
        1 => any::<bool>().prop_map(Act::Absent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// With audits at any rate, whatever voters and auditors do: one verdict, in time, nothing left behind, coin burned as
    /// bonds shrink, and nobody at once rewarded and punished.
    #[test]
    fn audits_end_too(
        points in proptest::collection::vec(0u32..5_000, 1..39),
        acts in proptest::collection::vec(simple_act(), 200),
        randomness in any::<[u8; 32]>(),
        rate in 0u64..=100,
        idle in 1u64..60,
    ) {
        Builder { evaluators: points }.build_and_execute(|| {
            Randomness::set(&randomness);
            MinimumAuditRate::<Test>::put(Perquintill::from_percent(rate));
            let issuance = Balances::total_issuance();
            assert_draw(1, 0);
            let start = Slot::get();
            let mut acts = acts.into_iter().cycle();
            let mut pick = || acts.next().unwrap();
            let mut phases = 0;
            while Quorum::is_judging(1) {
                phases += 1;
                prop_assert!(phases <= 10, "five phases of two rounds");
                act_in_phase(&mut pick);
                let due = crate::Active::<Test>::get()[0].due;
                prop_assert!(due > Slot::get(), "the hook has worked off what was due");
                prop_assert!(!Quorum::has_due_work(due - 1) && Quorum::has_due_work(due));
                block_in(due + idle - 1);
            }
            prop_assert!(Slot::get() <= start + 2 * u64::from(3 * COMMIT_SLOTS + 2 * REVEAL_SLOTS) + 10 * (idle + 1));
            prop_assert_eq!(Audits::<Test>::iter().count(), 0);
            prop_assert_eq!(Balances::total_issuance() + Burned::get(), issuance);
            prop_assert_eq!(Burned::get(), BOND * Discredited::get().len() as u128);
            let verdicts = verdicts();
            prop_assert_eq!(verdicts.len(), 1);
            let verdict = &verdicts[0];
            let faultless = |who: &AccountId| !verdict.divergent.contains(who) && !Discredited::get().contains(who);
            prop_assert!(verdict.agreeing.iter().all(faultless));
            // An auditor may have diverged as a voter, off the median, and be right about another's vote.
            prop_assert!(verdict.auditors.iter().all(|who| !Discredited::get().contains(who)));
            prop_assert!(verdict.revealed.iter().all(|who| !Discredited::get().contains(who)));
            prop_assert!(!verdict.auditors.contains(&optimizer()));
            Ok(())
        })?;
    }
}

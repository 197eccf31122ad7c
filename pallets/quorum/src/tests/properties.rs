//! Whatever evaluators do, every optimum ends in exactly one verdict, in time.

use super::*;
use doin_primitives::quorum::{Decision, Missing};
use proptest::prelude::*;

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

//! Properties over random histories: every optimum ends in exactly one outcome, coin is neither lost nor made, and
//! slicing an improvement gains nothing.

use super::*;
use doin_primitives::math;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One step of a random history. Accounts and domains are small numbers, so that they meet.
#[derive(Clone, Debug)]
enum Act {
    Commit {
        who: u64,
        domain: DomainId,
        nonce: u8,
        reported: i128,
    },
    Reveal {
        who: u64,
        domain: DomainId,
        nonce: u8,
        reported: i128,
    },
    Prune {
        who: u64,
        domain: DomainId,
        nonce: u8,
        reported: i128,
    },
    Advance {
        slots: u64,
    },
    Verdict {
        index: usize,
        decision: u8,
    },
    Evaluators {
        count: u32,
    },
    Authors {
        count: u32,
    },
    Fee {
        fee: Balance,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let what = || {
        (
            0..4u64,
            0..2u32,
            0..3u8,
            prop_oneof![Just(-400i128), Just(-900), Just(-495)],
        )
    };
    prop_oneof![
        4 => what().prop_map(|(who, domain, nonce, reported)| Act::Commit { who, domain, nonce, reported }),
        4 => what().prop_map(|(who, domain, nonce, reported)| Act::Reveal { who, domain, nonce, reported }),
        1 => what().prop_map(|(who, domain, nonce, reported)| Act::Prune { who, domain, nonce, reported }),
        6 => prop_oneof![4 => 0..5u64, 1 => 50..120u64].prop_map(|slots| Act::Advance { slots }),
        4 => (0..2usize, 0..7u8).prop_map(|(index, decision)| Act::Verdict { index, decision }),
        1 => (0..6u32).prop_map(|count| Act::Evaluators { count }),
        1 => (0..5u32).prop_map(|count| Act::Authors { count }),
        1 => (1..3 * MINIMUM_BOND).prop_map(|fee| Act::Fee { fee }),
    ]
}

fn claimed(who: u64, domain: DomainId, nonce: u8, reported: i128) -> Claim {
    let (artifact, nonce) = (artifact(nonce), [nonce; 32]);
    Claim {
        who: CROWD + who,
        domain,
        artifact,
        reported: thousandths(reported),
        nonce,
    }
}

fn play(act: Act) {
    match act {
        Act::Commit {
            who,
            domain,
            nonce,
            reported,
        } => {
            let claim = claimed(who, domain, nonce, reported);
            let _ = Optima::commit(RuntimeOrigin::signed(claim.who), domain, claim.commitment());
        }
        Act::Reveal {
            who,
            domain,
            nonce,
            reported,
        } => {
            let _ = claimed(who, domain, nonce, reported).reveal();
        }
        Act::Prune {
            who,
            domain,
            nonce,
            reported,
        } => {
            let claim = claimed(who, domain, nonce, reported);
            let _ = Optima::prune(RuntimeOrigin::signed(BOB), claim.who, claim.commitment());
        }
        Act::Advance { slots } => advance(slots),
        Act::Verdict { index, decision } => {
            let judged = Judged::get();
            let Some(assignment) = judged.get(index) else { return };
            let decision = match decision {
                0 => Decision::CandidateAbsent,
                1 => Decision::IncumbentAbsent,
                2 => Decision::Undecided,
                3 => agreed(thousandths(-900), thousandths(-400), QuorumVerdict::Refuted),
                4 => agreed(assignment.reported, thousandths(0), QuorumVerdict::Unproven),
                _ => agreed(assignment.reported, thousandths(5), QuorumVerdict::Accepted),
            };
            deliver(verdict_of(assignment.optimum, decision, &[EVA, EVE], &[EWA]));
        }
        Act::Evaluators { count } => Evaluators::set(count),
        Act::Authors { count } => Authors::set(count),
        Act::Fee { fee } => Fee::set(fee),
    }
}

/// How often each optimum has ended.
fn ends() -> BTreeMap<OptimumId, u32> {
    let mut ends = BTreeMap::new();
    for event in events() {
        if let Event::OptimumEnded { optimum, .. } = event {
            *ends.entry(optimum).or_default() += 1;
        }
    }
    ends
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_optimum_ends_in_exactly_one_outcome(history in proptest::collection::vec(act(), 1..80)) {
        run(|| {
            for act in history {
                play(act);
                Optima::do_try_state().unwrap();
            }
            for (id, count) in ends() {
                assert_eq!(count, 1);
                assert!(!Optimae::<Test>::contains_key(id));
            }
            // Whatever state it is in: with its verdicts and time everything ends, and every coin is free again.
            for _ in 0..100 {
                while let Some(assignment) = Judged::get().first() {
                    deliver(verdict_of(assignment.optimum, Decision::Undecided, &[], &[]));
                }
                advance(REVEAL + 1);
            }
            assert_eq!(ends().len() as u64, NextOptimum::<Test>::get());
            assert!(ends().values().all(|count| *count == 1));
            assert_eq!((Optimae::<Test>::iter().count(), Commits::<Test>::iter().count()), (0, 0));
            assert!(!Optima::has_due_work(u64::MAX));
            for who in CROWD..CROWD + 4 {
                assert_eq!((bond_of(who), escrow_of(who)), (0, 0));
            }
        });
    }

    /// φ telescopes: the verified increments of slices add up to the whole's, whatever the scale and direction.
    #[test]
    fn increments_of_slices_add_up_to_the_whole(
        mut metrics in proptest::collection::vec(-1_000_000_000i128..1_000_000_000, 2..100),
        scale in 1u128..1_000_000,
        minimize in any::<bool>(),
    ) {
        let mut specification = specification();
        specification.metric_scale = FixedU128::from_inner(scale * 1_000_000_000_000_000);
        metrics.sort_unstable();
        if minimize {
            specification.direction = doin_primitives::domain::Direction::Minimize;
            metrics.reverse();
        }
        let metrics: Vec<Metric> = metrics.into_iter().map(thousandths).collect();
        let step = |from: Metric, to: Metric| Optima::improvement(&specification, to, from);
        let slices: u128 = metrics.windows(2).map(|pair| step(pair[0], pair[1]).into_inner()).sum();
        let whole = step(metrics[0], metrics[metrics.len() - 1]).into_inner();
        prop_assert!(slices.abs_diff(whole) <= 2 * metrics.len() as u128, "{slices} against {whole}");
    }
}

/// What an account, its evaluator and its reputation have earned when it improved from −0.5 to −0.498 in so many equal
/// slices, all accepted. In one piece that is 0.1·T̄ of work: just one point.
fn earned_in(slices: i128) -> [FixedU128; 3] {
    let mut earned = Default::default();
    run(|| {
        let metric = |step: i128| Metric::from_inner(-500_000_000_000_000_000 + 2_000_000_000_000_000 * step / slices);
        for step in 1..=slices {
            let claim = Claim {
                reported: metric(step),
                nonce: [step as u8; 32],
                ..claim(ALICE)
            };
            let id = claim.submit();
            advance(1);
            let scale = specification().metric_scale;
            let improvement = math::phi(metric(step), scale) - math::phi(metric(step - 1), scale);
            deliver(verdict_of(
                id,
                agreed(metric(step), improvement, QuorumVerdict::Accepted),
                &[EVA],
                &[],
            ));
        }
        earned = [
            OptimizerShares::get()[&ALICE],
            EvaluatorShares::get()[&EVA],
            Points::get()[&ALICE],
        ];
    });
    earned
}

#[test]
fn a_hundred_slices_earn_no_more_than_one_piece() {
    let whole = earned_in(1);
    assert_eq!(whole[2], FixedU128::from_u32(1));
    for slices in [2, 10, 100] {
        let sliced = earned_in(slices);
        let rounding = FixedU128::from_inner(2_000);
        // What counts of the work follows reputation, which rises on the way: the optimizer gets less, not more.
        assert!(sliced[0] < whole[0]);
        for (sliced, whole) in sliced.into_iter().zip(whole).skip(1) {
            assert!(
                sliced <= whole + rounding && sliced + rounding >= whole,
                "{sliced:?} against {whole:?}"
            );
        }
    }
}

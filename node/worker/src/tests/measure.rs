//! What evaluators vote where a model gives no number that the chain could hold.

use super::{
    chain::{all_unavailable, revealed_votes},
    roles::{faulty, faulty_domain, strange_optimum, Fault},
};
use crate::measure::{measure, WORST_METRIC};
use doin_domains::metric_to_fixed;
use doin_primitives::{
    domain::Direction,
    optimum::Outcome,
    quorum::{Decision, Measurement, Missing, VoteValues},
};
use sp_runtime::{FixedI128, FixedPointNumber};

/// Parameters that are a model of the domain, and not the baseline.
const OTHERS: [u8; 80] = [0; 80];

/// Metrics and probes that are no measurement: not finite, more than the chain's numbers hold (1.7·10²⁰), and metrics
/// that they hold but that would make the worst metric (10¹⁵) not the worst.
const NO_MEASUREMENTS: [(f64, f64); 12] = [
    (f64::NAN, 0.0),
    (f64::INFINITY, 0.0),
    (f64::NEG_INFINITY, 0.0),
    (-1.0, f64::NAN),
    (-1.0, f64::INFINITY),
    (-1.0, f64::NEG_INFINITY),
    (1e300, 0.0),
    (-1e300, 0.0),
    (-1.0, 1e300),
    (-1.0, -1.8e20),
    (1e15, 0.0),
    (-1e15, 0.0),
];

#[test]
fn metrics_that_are_not_a_number_are_voted_as_the_worst_and_refuted() {
    for (metric, probe) in NO_MEASUREMENTS {
        let mut world = faulty(Fault::Others(metric, probe));
        strange_optimum(&world, &OTHERS, 0, true);
        world.until(30, |chain| !chain.ended().is_empty());
        assert_eq!(world.chain.ended(), vec![Outcome::Refuted], "{metric} {probe}");
        let votes = revealed_votes(&world.chain);
        assert_eq!(votes.len(), 3, "{metric} {probe}");
        for vote in votes {
            let VoteValues::Measured(found) = vote else {
                panic!("{metric} {probe}: {vote:?}")
            };
            assert_eq!(found.candidate, Direction::Maximize.oriented(-WORST_METRIC));
            assert_eq!(found.probe, Default::default());
            // The incumbent is sound, and what was found of it stands.
            assert!(found.incumbent > -FixedI128::from_u32(10_000));
        }
        // An optimizer that measures nothing but that claims nothing.
        assert!(world.chain.sent("commit").is_empty());
    }
}

#[test]
fn the_largest_metric_that_is_one_is_voted_as_it_is() {
    // Just within the worst one, with a probe that only the chain's numbers bound.
    let mut world = faulty(Fault::Others(-9.99e14, 1.6e20));
    strange_optimum(&world, &OTHERS, 0, true);
    world.until(30, |chain| !chain.ended().is_empty());
    assert_eq!(world.chain.ended(), vec![Outcome::Refuted]);
    let votes = revealed_votes(&world.chain);
    assert_eq!(votes.len(), 3);
    for vote in votes {
        let VoteValues::Measured(found) = vote else {
            panic!("{vote:?}")
        };
        assert_eq!(
            found.candidate,
            FixedI128::saturating_from_integer(-999_000_000_000_000i64)
        );
        assert_eq!(found.probe, metric_to_fixed(1.6e20).unwrap());
    }
}

#[test]
fn an_incumbent_without_a_metric_is_voted_unavailable() {
    for (metric, probe) in NO_MEASUREMENTS {
        let mut world = faulty(Fault::Baseline(metric, probe));
        strange_optimum(&world, &OTHERS, 0, true);
        world.until(60, |chain| !chain.ended().is_empty());
        // Neither judged nor refuted: on the chain the best falls back to its predecessor.
        assert_eq!(world.chain.ended(), vec![Outcome::Expired], "{metric} {probe}");
        let decision = world.chain.state().optimae[0].decision;
        assert_eq!(decision, Some(Decision::IncumbentAbsent), "{metric} {probe}");
        assert!(
            all_unavailable(&revealed_votes(&world.chain), Missing::Incumbent),
            "{metric} {probe}"
        );
        // Nothing can be shown to be better than what has no metric.
        assert!(world.chain.sent("commit").is_empty(), "{metric} {probe}");
    }
}

/// The worst is the worst in either direction: the world above only maximizes.
#[test]
fn the_worst_metric_is_the_worst_in_both_directions() {
    for (metric, probe) in NO_MEASUREMENTS {
        let domain = faulty_domain(Fault::Others(metric, probe));
        let vote = |direction| measure(&*domain, direction, &OTHERS, &domain.baseline(), [1; 32], 0).unwrap();
        for (direction, worst) in [
            (Direction::Maximize, -WORST_METRIC),
            (Direction::Minimize, WORST_METRIC),
        ] {
            let VoteValues::Measured(Measurement { candidate, probe, .. }) = vote(direction) else {
                panic!("{direction:?} {metric} {probe}")
            };
            assert_eq!((candidate, probe), (worst, FixedI128::default()));
        }
    }
}

/// With neither measurable there is no reason to blame the candidate: the incumbent is what must go first.
#[test]
fn where_neither_has_a_metric_the_incumbent_is_voted_unavailable() {
    let domain = faulty_domain(Fault::Others(f64::NAN, 0.0));
    let vote = measure(&*domain, Direction::Maximize, &OTHERS, &OTHERS, [1; 32], 0);
    assert_eq!(vote, Ok(VoteValues::Unavailable(Missing::Incumbent)));
}

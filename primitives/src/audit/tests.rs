//! Vectors and properties of the rules of audits.

use super::*;
use crate::{
    commitment::audit_seed,
    domain::{Deadlines, Direction, QuorumSize},
    incentive::IncentiveCurve,
    quorum::Missing,
    Metric,
};
use proptest::prelude::*;
use sp_runtime::traits::Zero;

/// A domain of metric scale `scale`, in 10⁻¹⁸.
fn specification(scale: u128) -> DomainSpecification {
    DomainSpecification {
        name: Default::default(),
        kind: Default::default(),
        model: Default::default(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_inner(scale),
        paired_noise: FixedU128::zero(),
        minimum_step: FixedU128::from_rational(1, 100),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_rational(5, 100),
        price: 1,
        minimum_bond: 1,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1,
        deadlines: Deadlines {
            reveal: 1,
            vote_commit: 1,
            vote_reveal: 1,
        },
        season_length: 0,
        incentive: IncentiveCurve::default(),
    }
}

const ONE: u128 = 1_000_000_000_000_000_000;

fn metric(inner: i128) -> Metric {
    Metric::from_inner(inner)
}

/// What one measures whose work comes out as `kind`: all values differ from those of another kind.
fn measurement(kind: i128) -> Measurement {
    Measurement {
        candidate: metric(-ONE_I * (10 + kind)),
        incumbent: metric(-ONE_I * (20 + kind)),
        probe: metric(ONE_I * kind),
        data_hash: [3; 32],
    }
}

const ONE_I: i128 = ONE as i128;

/// A replay of that kind; kind 0 reproduces the vote.
fn replay(kind: i128) -> Option<VoteValues> {
    Some(VoteValues::Measured(measurement(kind)))
}

const UNAVAILABLE: Option<VoteValues> = Some(VoteValues::Unavailable(Missing::Candidate));

#[test]
fn probability_vectors() {
    let tenth = MINIMUM_RATE;
    assert_eq!(tenth, Perquintill::from_rational(1u64, 10));
    for (minimum, claimed, expected) in [
        (tenth, FixedU128::zero(), tenth),
        (tenth, FixedU128::from_rational(1, 10), tenth),
        (tenth, FixedU128::from_rational(1, 4), Perquintill::from_percent(25)),
        (tenth, FixedU128::from_u32(1), Perquintill::one()),
        (tenth, FixedU128::from_inner(u128::MAX), Perquintill::one()),
        (Perquintill::one(), FixedU128::zero(), Perquintill::one()),
        // Switched off, whatever is claimed.
        (Perquintill::zero(), FixedU128::from_u32(1), Perquintill::zero()),
    ] {
        assert_eq!(probability(minimum, claimed), expected, "{claimed:?}");
    }
}

#[test]
fn as_many_votes_are_audited_as_the_probability_says() {
    for percent in [0u64, 10, 50, 90, 100] {
        let probability = Perquintill::from_percent(percent);
        let audited = (0..20_000u32)
            .filter(|seat| is_audited(probability, &audit_seed(&[1; 32], 7, 1, *seat, 0)))
            .count();
        // Four standard deviations of 20 000 draws are 283 at most.
        let expected = 200 * percent as usize;
        let deviation = if matches!(percent, 0 | 100) { 0 } else { 283 };
        assert!(audited.abs_diff(expected) <= deviation, "{percent} %: {audited}");
    }
}

#[test]
fn the_escrow_is_for_as_many_audits_as_seats() {
    assert_eq!(paid_evaluations(MINIMUM_RATE, 5), 10);
    assert_eq!(paid_evaluations(Perquintill::zero(), 5), 5);
    assert_eq!(paid_evaluations(MINIMUM_RATE, 0), 0);
}

#[test]
fn replays_may_round_differently_and_nothing_else() {
    let specification = specification(ONE);
    let vote = measurement(0);
    let with = |change: &dyn Fn(&mut Measurement)| {
        let mut replay = vote;
        change(&mut replay);
        reproduces(&specification, &vote, &replay)
    };
    assert!(with(&|_| ()));
    // 10⁻³ of −10; the probe is 0, where 10⁻³ of the scale counts.
    let thousandth = ONE_I / 1_000;
    assert!(with(&|replay| replay.candidate = metric(-10 * ONE_I + 10 * thousandth)));
    assert!(!with(
        &|replay| replay.candidate = metric(-10 * ONE_I + 10 * thousandth + 1)
    ));
    assert!(with(&|replay| replay.incumbent = metric(-20 * ONE_I - 20 * thousandth)));
    assert!(!with(&|replay| replay.incumbent = metric(-20 * ONE_I - 21 * thousandth)));
    assert!(with(&|replay| replay.probe = metric(-thousandth)));
    assert!(!with(&|replay| replay.probe = metric(-thousandth - 1)));
    assert!(!with(&|replay| replay.data_hash[31] ^= 1));
    // Opposite signs are no matter of rounding.
    assert!(!with(&|replay| replay.candidate = metric(10 * ONE_I)));
}

#[test]
fn findings() {
    use Finding::{Discredited, Disputed, Lapsed, Reproduced};
    use Standing::{Agreeing, Divergent, Neutral};
    let specification = specification(ONE);
    let vote = replay(0);
    for (vote, replays, finding, standings) in [
        // Nobody committed.
        (vote, vec![], Lapsed, vec![]),
        (None, vec![], Lapsed, vec![]),
        // One auditor.
        (vote, vec![replay(0)], Reproduced, vec![Agreeing]),
        (vote, vec![replay(1)], Disputed, vec![Neutral]),
        (vote, vec![None], Lapsed, vec![Neutral]),
        (vote, vec![UNAVAILABLE], Lapsed, vec![Neutral]),
        // Withheld from the audit, whatever has become of the replay.
        (None, vec![replay(0)], Discredited, vec![Agreeing]),
        (None, vec![None], Discredited, vec![Neutral]),
        (None, vec![UNAVAILABLE], Discredited, vec![Neutral]),
        // Nothing to compare.
        (UNAVAILABLE, vec![replay(0)], Lapsed, vec![Agreeing]),
        (UNAVAILABLE, vec![UNAVAILABLE], Lapsed, vec![Neutral]),
        // Three.
        (
            vote,
            vec![replay(1), replay(0), replay(0)],
            Reproduced,
            vec![Divergent, Agreeing, Agreeing],
        ),
        (
            vote,
            vec![replay(1), replay(1), replay(1)],
            Discredited,
            vec![Agreeing, Agreeing, Agreeing],
        ),
        (
            vote,
            vec![replay(1), replay(2), replay(1)],
            Discredited,
            vec![Agreeing, Neutral, Agreeing],
        ),
        (
            vote,
            vec![replay(1), replay(2), replay(3)],
            Lapsed,
            vec![Neutral, Neutral, Neutral],
        ),
        (
            vote,
            vec![replay(1), replay(0), replay(1)],
            Disputed,
            vec![Neutral, Neutral, Neutral],
        ),
        (
            vote,
            vec![replay(1), None, replay(1)],
            Disputed,
            vec![Neutral, Neutral, Neutral],
        ),
        (
            vote,
            vec![replay(1), UNAVAILABLE, replay(0)],
            Disputed,
            vec![Neutral, Neutral, Neutral],
        ),
        (vote, vec![replay(1), replay(1)], Disputed, vec![Neutral, Neutral]),
    ] {
        assert_eq!(
            conclude(&specification, vote, &replays),
            (finding, standings),
            "{replays:?}"
        );
    }
}

/// Any value, with more of those near 0 and of moderate ones.
fn value() -> impl Strategy<Value = i128> {
    prop_oneof![
        any::<i128>(),
        -1_000i128..1_000,
        -1_000 * ONE_I..1_000 * ONE_I,
        Just(i128::MIN),
        Just(i128::MAX)
    ]
}

fn any_measurement() -> impl Strategy<Value = Measurement> {
    (value(), value(), value(), any::<bool>()).prop_map(|(candidate, incumbent, probe, same)| Measurement {
        candidate: metric(candidate),
        incumbent: metric(incumbent),
        probe: metric(probe),
        data_hash: [same.into(); 32],
    })
}

/// What an auditor may reveal about a vote of kind 0.
fn any_replay() -> impl Strategy<Value = Option<VoteValues>> {
    prop_oneof![4 => (0i128..3).prop_map(replay), 1 => Just(UNAVAILABLE), 1 => Just(None)]
}

proptest! {
    #[test]
    fn every_vote_reproduces_itself_and_the_order_does_not_matter(
        scale in 1..u128::MAX, vote in any_measurement(), other in any_measurement(),
    ) {
        let specification = specification(scale);
        prop_assert!(reproduces(&specification, &vote, &vote));
        prop_assert_eq!(
            reproduces(&specification, &vote, &other),
            reproduces(&specification, &other, &vote)
        );
        prop_assert!(vote.data_hash == other.data_hash || !reproduces(&specification, &vote, &other));
    }

    /// An adapter that rounds at the sixth digit passes at any size of the values.
    #[test]
    fn rounding_passes(candidate in -10_000 * ONE_I..10_000 * ONE_I, parts in -999i128..=999) {
        let specification = specification(ONE);
        let vote = Measurement { candidate: metric(candidate), ..measurement(0) };
        let rounded = candidate + candidate / 1_000_000 * parts;
        let replay = Measurement { candidate: metric(rounded), ..vote };
        prop_assert!(reproduces(&specification, &vote, &replay));
    }

    /// More than 2·10⁻³ in units of φ never passes: far less than what counts as an improvement.
    #[test]
    fn what_passes_is_the_same_in_units_of_phi(
        scale in ONE / 1_000..1_000 * ONE, a in -10_000 * ONE_I..10_000 * ONE_I, b in -10_000 * ONE_I..10_000 * ONE_I,
    ) {
        let scale = FixedU128::from_inner(scale);
        let phi = |value: i128| math::phi(metric(value), scale);
        let apart = math::distance(phi(a), phi(b));
        if apart > FixedU128::from_rational(2, 1_000) {
            prop_assert!(!is_near(scale, metric(a), metric(b)), "{apart:?}");
        }
        if apart < FixedU128::from_rational(999, 1_000_000) {
            prop_assert!(is_near(scale, metric(a), metric(b)), "{apart:?}");
        }
    }

    /// More claimed is never audited less, and never less than the minimum.
    #[test]
    fn probability_grows_with_the_claim(minimum in 1..=ONE as u64, a in any::<u128>(), b in any::<u128>()) {
        let minimum = Perquintill::from_parts(minimum);
        let of = |claimed: u128| probability(minimum, FixedU128::from_inner(claimed));
        prop_assert!(of(a.min(b)) <= of(a.max(b)));
        prop_assert!(of(a) >= minimum);
    }

    /// Nobody is blamed on one's word alone: a vote that was revealed falls only to three who measured something else,
    /// two of them the same, and an auditor only to two who reproduced the vote. All have a standing.
    #[test]
    fn nobody_falls_to_one(replays in prop::collection::vec(any_replay(), 0..=3)) {
        let (finding, standings) = conclude(&specification(ONE), replay(0), &replays);
        prop_assert_eq!(standings.len(), replays.len());
        let of = |kind: i128| replays.iter().filter(|found| **found == replay(kind)).count();
        if finding == Finding::Discredited {
            prop_assert!(of(0) == 0 && of(1) + of(2) == 3);
        }
        if standings.contains(&Standing::Divergent) {
            prop_assert!(of(0) >= 2);
        }
        prop_assert_eq!(finding == Finding::Lapsed, of(0) + of(1) + of(2) == 0);
        // Whoever earns has measured, and what all who earn have measured is the same.
        let earning: Vec<_> = standings
            .iter()
            .zip(&replays)
            .filter(|(standing, _)| **standing == Standing::Agreeing)
            .map(|(_, found)| *found)
            .collect();
        prop_assert!(earning.windows(2).all(|pair| pair[0] == pair[1]) && !earning.contains(&None));
    }

    /// Withholding a vote from an auditor who committed is never better than any replay of it.
    #[test]
    fn silence_is_never_better(replays in prop::collection::vec(any_replay(), 1..=3)) {
        prop_assert_eq!(conclude(&specification(ONE), None, &replays).0, Finding::Discredited);
    }
}

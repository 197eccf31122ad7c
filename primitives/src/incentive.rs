//! The reward curve on the gap between an optimizer's claim and the verified median.

use crate::{domain::Direction, math, Metric};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::CheckedDiv, FixedU128, Saturating};

/// The parameters of the reward curve (per domain).
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct IncentiveCurve {
    /// The relative gap (claim better than verified) at which the reward has fallen to `minimum_fraction`; beyond
    /// it nothing is paid. 0.10 by default; above 0.
    pub tolerance_margin: FixedU128,
    /// The relative under-report at which the bonus is full. 0.05 by default; above 0.
    pub bonus_threshold: FixedU128,
    /// The reward fraction at the margin. 0.3 by default; at most 1.
    pub minimum_fraction: FixedU128,
    /// The reward fraction at a full bonus. 1.0 by default (more would pay for under-reporting); at least 1.
    pub maximum_bonus: FixedU128,
}

impl Default for IncentiveCurve {
    fn default() -> Self {
        Self {
            tolerance_margin: FixedU128::from_rational(10, 100),
            bonus_threshold: FixedU128::from_rational(5, 100),
            minimum_fraction: FixedU128::from_rational(3, 10),
            maximum_bonus: FixedU128::from_u32(1),
        }
    }
}

/// A claim whose magnitude is at most this (10⁻¹⁰) is too near 0 to be divided by: there the gap itself counts.
const NEAR_ZERO: FixedU128 = FixedU128::from_inner(100_000_000);
/// A relative gap up to this (10⁻¹⁰) is no gap.
const NO_GAP: FixedU128 = FixedU128::from_inner(100_000_000);
/// How far beyond the margin (10⁻⁹) still counts as at the margin.
const MARGIN_SLACK: FixedU128 = FixedU128::from_inner(1_000_000_000);

/// The fraction of an increment that is rewarded, from the relative gap g by which the claim is better than what was
/// verified: g = gap/max(|reported|, absolute tolerance/margin), or the gap itself where that is near 0.
///
/// The reference divides by |reported| alone. Near an optimum of 0 the noise of honest measurements would then be a
/// gap of any size, and converging would pay nothing; so a gap within the domain's absolute tolerance never pays less
/// than `minimum_fraction`.
///
/// - under-reported (g < 0): 1, rising to `maximum_bonus` at `bonus_threshold`;
/// - g up to `tolerance_margin`: 1, falling linearly to `minimum_fraction`;
/// - beyond: 0.
///
/// Total: a threshold or margin of 0 makes its ramp a step, fractions beyond 1 count as 1, and a bonus below 1 as 1.
pub fn reward_fraction(
    curve: &IncentiveCurve,
    direction: Direction,
    absolute_tolerance: FixedU128,
    reported: Metric,
    verified: Metric,
) -> FixedU128 {
    let one = FixedU128::from_u32(1);
    let near = absolute_tolerance
        .checked_div(&curve.tolerance_margin)
        .unwrap_or_default();
    let claim_size = math::magnitude(reported).max(near);
    let gap = math::distance(reported, verified);
    let relative = if claim_size > NEAR_ZERO {
        gap.checked_div(&claim_size).unwrap_or(FixedU128::from_inner(u128::MAX))
    } else {
        gap
    };
    if direction.oriented(verified) > direction.oriented(reported) {
        let bonus = curve.maximum_bonus.saturating_sub(one);
        return one.saturating_add(bonus.saturating_mul(ramp(relative, curve.bonus_threshold)));
    }
    if relative <= NO_GAP {
        return one;
    }
    if relative <= curve.tolerance_margin.saturating_add(MARGIN_SLACK)
        && curve.tolerance_margin > FixedU128::from_u32(0)
    {
        let loss = one.saturating_sub(curve.minimum_fraction);
        return one.saturating_sub(loss.saturating_mul(ramp(relative, curve.tolerance_margin)));
    }
    FixedU128::from_u32(0)
}

/// min(1, position/length), 1 where the length is 0.
fn ramp(position: FixedU128, length: FixedU128) -> FixedU128 {
    let one = FixedU128::from_u32(1);
    position.checked_div(&length).unwrap_or(one).min(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn metric(hundredths: i64) -> Metric {
        Metric::from_inner(i128::from(hundredths) * 10_000_000_000_000_000)
    }

    fn fraction(curve: &IncentiveCurve, direction: Direction, reported: i64, verified: i64) -> FixedU128 {
        reward_fraction(
            curve,
            direction,
            FixedU128::default(),
            metric(reported),
            metric(verified),
        )
    }

    #[test]
    fn the_curve_has_the_values_of_the_reference() {
        let curve = IncentiveCurve {
            maximum_bonus: FixedU128::from_rational(12, 10),
            ..Default::default()
        };
        for (reported, verified, thousandths) in [
            (100, 102, 1_080),
            (100, 105, 1_200),
            (100, 120, 1_200),
            (100, 100, 1_000),
            (100, 95, 650),
            (100, 90, 300),
            (100, 89, 0),
            (-10_000, -10_500, 650),
            (-10_000, -9_500, 1_200),
        ] {
            let expected = FixedU128::from_rational(thousandths, 1_000);
            let up = fraction(&curve, Direction::Maximize, reported, verified);
            assert_eq!(up, expected, "{reported} {verified}");
            // The same in a domain that minimizes, mirrored.
            assert_eq!(fraction(&curve, Direction::Minimize, -reported, -verified), expected);
        }
    }

    #[test]
    fn by_default_under_reporting_pays_nothing_more() {
        let curve = IncentiveCurve::default();
        assert_eq!(fraction(&curve, Direction::Maximize, 100, 150), FixedU128::from_u32(1));
        assert_eq!(fraction(&curve, Direction::Minimize, 100, 50), FixedU128::from_u32(1));
    }

    #[test]
    fn a_claim_of_zero_counts_the_gap_itself() {
        let curve = IncentiveCurve::default();
        assert_eq!(
            fraction(&curve, Direction::Maximize, 0, -5),
            FixedU128::from_rational(65, 100)
        );
        assert_eq!(fraction(&curve, Direction::Maximize, 0, -11), FixedU128::from_u32(0));
    }

    #[test]
    fn a_curve_of_zeros_divides_by_nothing() {
        let zero = FixedU128::from_u32(0);
        let curve = IncentiveCurve {
            tolerance_margin: zero,
            bonus_threshold: zero,
            minimum_fraction: zero,
            maximum_bonus: zero,
        };
        assert_eq!(fraction(&curve, Direction::Maximize, 100, 99), zero);
        assert_eq!(fraction(&curve, Direction::Maximize, 100, 101), FixedU128::from_u32(1));
        // A gap of 5·10⁻¹⁰: where the reference divides by its margin of 0.
        let tiny = Metric::from_inner(1_000_000_000_000_000_000 - 500_000_000);
        assert_eq!(
            reward_fraction(&curve, Direction::Maximize, FixedU128::default(), metric(100), tiny),
            zero
        );
    }

    #[test]
    fn a_gap_within_the_absolute_tolerance_is_never_paid_nothing() {
        let curve = IncentiveCurve::default();
        let tolerance = FixedU128::from_u32(2);
        // −0.1 claimed and −0.5 verified: the noise at the optimum, not a lie.
        let near = reward_fraction(&curve, Direction::Maximize, tolerance, metric(-10), metric(-50));
        // 0.4 of 2/10 %: a fiftieth, a fifth of the margin.
        assert_eq!(near, FixedU128::from_rational(86, 100));
        let at_tolerance = reward_fraction(&curve, Direction::Maximize, tolerance, metric(0), metric(-200));
        assert_eq!(at_tolerance, curve.minimum_fraction);
        // Where claims are large it changes nothing.
        let far = |tolerance| reward_fraction(&curve, Direction::Maximize, tolerance, metric(-10_000), metric(-10_500));
        assert_eq!(far(tolerance), far(FixedU128::default()));
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_in_its_range(
            margin in any::<u128>(), threshold in any::<u128>(), minimum in 0u128..=1_000_000_000_000_000_000,
            reported in any::<i128>(), verified in any::<i128>(), maximize in any::<bool>(),
        ) {
            let curve = IncentiveCurve {
                tolerance_margin: FixedU128::from_inner(margin),
                bonus_threshold: FixedU128::from_inner(threshold),
                minimum_fraction: FixedU128::from_inner(minimum),
                maximum_bonus: FixedU128::from_u32(1),
            };
            let direction = if maximize { Direction::Maximize } else { Direction::Minimize };
            let (reported, verified) = (Metric::from_inner(reported), Metric::from_inner(verified));
            let result = reward_fraction(&curve, direction, FixedU128::default(), reported, verified);
            prop_assert!(result <= FixedU128::from_u32(1));
            let zero = FixedU128::from_u32(0);
            prop_assert!(result == zero || result.into_inner() >= minimum.saturating_sub(1));
        }

        #[test]
        fn a_better_result_never_pays_less(reported in -100_000i64..100_000, first in -100_000i64..100_000, more in 0i64..1_000) {
            let curve = IncentiveCurve { maximum_bonus: FixedU128::from_rational(12, 10), ..Default::default() };
            let worse = fraction(&curve, Direction::Maximize, reported, first);
            prop_assert!(fraction(&curve, Direction::Maximize, reported, first + more) >= worse);
            let worse = fraction(&curve, Direction::Minimize, reported, first);
            prop_assert!(fraction(&curve, Direction::Minimize, reported, first - more) >= worse);
        }
    }
}

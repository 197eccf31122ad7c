//! Reputation: points that verified work earns, that faults cost and that fade with time.
//!
//! Points are [`Reputation`] (18 decimals), time is the optimization height: in weeks without progress nobody's
//! standing fades. All roundings go down, so that slicing one piece of work never earns more than the whole.

use crate::{math, threshold::MINIMUM_MEAN_THRESHOLD, Increment, Reputation};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use sp_runtime::{
    traits::{CheckedDiv, Saturating, Zero},
    FixedPointNumber, FixedU128,
};

/// What an evaluator who agreed on an accepted optimum earns of what its optimizer [`earned`]: 0.4.
pub const AGREED: FixedU128 = FixedU128::from_rational(4, 10);
/// The points that the accepted work of one optimization height earns one for one: 10, the work of T̄.
pub const PROPORTIONAL: Reputation = FixedU128::from_u32(10);
/// What [`fraction`] = 1 costs an evaluator who diverged: 2 points.
pub const DIVERGED: Reputation = FixedU128::from_u32(2);
/// What a refuted claim costs its optimizer: 3 points.
pub const REFUTED: Reputation = FixedU128::from_u32(3);
/// What a vote costs its author that those who repeated it could not reproduce: 10 points, like an equivocation, for both
/// are lies that are proven. Much less would leave a gain: by a claim that fills the part c of an optimization block an
/// agreeing evaluator earns 4·c points, and it is audited with a chance of hardly more than c.
pub const DISCREDITED: Reputation = FixedU128::from_u32(10);
/// What it costs to be drawn and not to act: 0.5 points.
pub const NO_SHOW: Reputation = FixedU128::from_rational(5, 10);
/// What an equivocation costs: 10 points.
pub const EQUIVOCATION: Reputation = FixedU128::from_u32(10);
/// From here on an account may be drawn as an evaluator and may enter the authorities: 2 points.
pub const MINIMUM: Reputation = FixedU128::from_u32(2);
/// Below this a seated authority leaves: 1 point.
pub const LEAVE_BELOW: Reputation = FixedU128::from_u32(1);
/// What accounts of genesis start with, and full standing: 10 points.
pub const GENESIS: Reputation = FixedU128::from_u32(10);
/// Points halve in so many optimization blocks: 7 days at the target interval of 600 s.
pub const HALF_LIFE: u64 = 1_008;
/// Records that have decayed below this many points (0.001) are as good as none and may be removed.
pub const NEGLIGIBLE: Reputation = FixedU128::from_rational(1, 1_000);

/// One, in the scale of [`HALVING_POWERS`].
const SCALE: u128 = 1 << 127;
/// ⌊2¹²⁷ · 2^(−2ᵏ / [`HALF_LIFE`])⌋ for k = 0 … 9: every remainder of a half-life is a product of these.
const HALVING_POWERS: [u128; 10] = [
    170_024_226_771_116_551_384_046_832_496_551_846_369,
    169_907_350_478_919_375_232_919_246_402_842_224_792,
    169_673_838_864_966_407_464_137_966_279_584_931_355,
    169_207_777_973_776_104_592_975_319_563_103_925_826,
    168_279_493_209_678_581_472_982_953_981_480_221_016,
    166_438_173_632_932_844_171_236_750_979_714_238_731,
    162_815_757_354_259_463_030_676_124_901_072_070_068,
    155_805_727_359_362_200_064_423_066_064_935_372_034,
    142_678_122_863_886_641_623_984_626_728_999_255_146,
    119_647_967_234_764_815_823_833_746_495_974_525_353,
];
/// ln 11, to 18 decimals: [`factor`] reaches 1 at 10 points.
const LN_11: FixedU128 = FixedU128::from_inner(2_397_895_272_798_370_544);

/// `a · b / c`, rounded down; the largest number where that is larger, and `a` where `c` is 0 (never the case here).
fn multiply_rational(a: u128, b: u128, c: u128) -> u128 {
    if c.is_zero() {
        return a;
    }
    multiply_by_rational_with_rounding(a, b, c, Rounding::Down).unwrap_or(u128::MAX)
}

/// w / (0.1 · T̄), rounded down: the work in points. T̄ counts as 0.02 at least.
fn in_points(work: Increment, mean_threshold: FixedU128) -> Reputation {
    // w · 10 / T̄ with T̄ scaled by 10¹⁸: computed in 256 bits, so that 0.1 · T̄ is not rounded first.
    let ten = FixedU128::DIV.saturating_mul(10);
    let threshold = mean_threshold.max(MINIMUM_MEAN_THRESHOLD);
    FixedU128::from_inner(multiply_rational(work.into_inner(), ten, threshold.into_inner()))
}

/// f = min(1, w / (0.1 · T̄)): how much of a full penalty an evaluation of this work is worth, from 0 to 1, rounded down.
///
/// `work` is increment × domain weight × reward fraction × quorum factor; `mean_threshold` is T̄, the mean threshold of
/// the last finished epoch, at least 0.02.
pub fn fraction(work: Increment, mean_threshold: FixedU128) -> FixedU128 {
    in_points(work, mean_threshold).min(FixedU128::from_u32(1))
}

/// The points that all work accepted at one optimization height earns its optimizers together: w / (0.1 · T̄) up to
/// [`PROPORTIONAL`], 10 + ln(w / T̄) beyond. Never falls with more work.
fn earned_together(work: Increment, mean_threshold: FixedU128) -> Reputation {
    let points = in_points(work, mean_threshold);
    match points.checked_div(&PROPORTIONAL) {
        Some(burst) if points > PROPORTIONAL => {
            // The logarithm of more than 1 exists and is not negative.
            PROPORTIONAL.saturating_add(math::ln(burst).map(math::to_unsigned).unwrap_or_default())
        }
        _ => points,
    }
}

/// The points that an optimizer earns by accepted `work`, after work of `already` was accepted at the same optimization
/// height, of anybody.
///
/// It is a difference of two values of one curve over the height's work, so that one improvement earns the same in one
/// piece and in a hundred, by one account and by a hundred. The curve is proportional (0.1·T̄ a point) until the work of
/// T̄ is done, about as much as an optimization block takes, and grows by the logarithm in bursts, when T lags behind
/// what the network can do: a burst must not hand all authority to who was there first.
pub fn earned(already: Increment, work: Increment, mean_threshold: FixedU128) -> Reputation {
    let before = earned_together(already, mean_threshold);
    earned_together(already.saturating_add(work), mean_threshold).saturating_sub(before)
}

/// What is left of `points` after `elapsed` optimization blocks: points · 2^(−elapsed / 1 008), rounded down.
///
/// Whole half-lives are shifts; the rest is a product of at most ten tabulated powers of two with 127 fractional bits.
/// For points up to 10⁹ the result is at most 1.1·10⁻¹⁸ below the true value and never above it, decaying in two steps
/// differs from decaying in one by at most 2·10⁻¹⁸, and more time never leaves more points.
pub fn decay(points: Reputation, elapsed: u64) -> Reputation {
    let (halvings, remainder) = match (elapsed.checked_div(HALF_LIFE), elapsed.checked_rem(HALF_LIFE)) {
        (Some(halvings), Some(remainder)) => (halvings, remainder),
        _ => return points,
    };
    let factor = HALVING_POWERS
        .iter()
        .enumerate()
        .filter(|(power, _)| remainder.checked_shr(*power as u32).unwrap_or(0) & 1 == 1)
        .fold(SCALE, |factor, (_, halving)| multiply_rational(factor, *halving, SCALE));
    let left = multiply_rational(points.into_inner(), factor, SCALE);
    let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
    FixedU128::from_inner(left.checked_shr(halvings).unwrap_or(0))
}

/// min(1, ln(1 + reputation) / ln 11): the part of its work that counts towards the threshold and is paid for.
///
/// 0 without reputation, 1 from 10 points on, concave between, never falling. At most 2·10⁻¹⁸ off.
pub fn factor(reputation: Reputation) -> FixedU128 {
    let one = FixedU128::from_u32(1);
    if reputation >= GENESIS {
        return one;
    }
    // 1 + reputation is at least 1: its logarithm exists and is not negative.
    let logarithm = math::ln(one.saturating_add(reputation))
        .map(math::to_unsigned)
        .unwrap_or_default();
    FixedU128::from_inner(multiply_rational(
        logarithm.into_inner(),
        FixedU128::DIV,
        LN_11.into_inner(),
    ))
    .min(one)
}

/// An authority's or an evaluator's weight: its reputation in milli-points, rounded down, at least 1.
pub fn weight(reputation: Reputation) -> u64 {
    let milli = reputation
        .into_inner()
        .checked_div(NEGLIGIBLE.into_inner())
        .unwrap_or(0);
    u64::try_from(milli).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Points up to 10⁹.
    fn points() -> impl Strategy<Value = Reputation> {
        (0u128..=10u128.pow(27)).prop_map(FixedU128::from_inner)
    }

    fn float(value: FixedU128) -> f64 {
        value.into_inner() as f64 / 1e18
    }

    #[test]
    fn constants_are_those_of_the_design() {
        for (constant, value) in [
            (AGREED, 0.4),
            (PROPORTIONAL, 10.0),
            (DIVERGED, 2.0),
            (REFUTED, 3.0),
            (DISCREDITED, 10.0),
            (NO_SHOW, 0.5),
            (EQUIVOCATION, 10.0),
            (MINIMUM, 2.0),
            (LEAVE_BELOW, 1.0),
            (GENESIS, 10.0),
            (NEGLIGIBLE, 0.001),
        ] {
            assert_eq!(float(constant), value);
        }
    }

    #[test]
    fn fraction_vectors() {
        let threshold = FixedU128::from_rational(2, 100);
        for (work, expected) in [
            (FixedU128::zero(), FixedU128::zero()),
            (FixedU128::from_rational(1, 1_000), FixedU128::from_rational(1, 2)),
            (FixedU128::from_rational(2, 1_000), FixedU128::from_u32(1)),
            (FixedU128::from_u32(7), FixedU128::from_u32(1)),
            (FixedU128::from_inner(1), FixedU128::from_inner(500)),
            (FixedU128::from_inner(u128::MAX), FixedU128::from_u32(1)),
        ] {
            assert_eq!(fraction(work, threshold), expected, "{work:?}");
        }
        // 1e-18 of a threshold of 30: 1/3 of the last decimal, rounded down.
        assert_eq!(
            fraction(FixedU128::from_inner(1), FixedU128::from_u32(30)),
            FixedU128::zero()
        );
        // T̄ is never below 0.02.
        assert_eq!(
            fraction(FixedU128::from_inner(1), FixedU128::zero()),
            FixedU128::from_inner(500)
        );
        assert_eq!(fraction(FixedU128::zero(), FixedU128::zero()), FixedU128::zero());
    }

    #[test]
    fn earned_vectors() {
        let threshold = FixedU128::from_rational(2, 100);
        let thousandths = |work: u128| FixedU128::from_rational(work, 1_000);
        for (already, work, expected) in [
            (0, 0, 0.0),
            (0, 1, 0.5),
            (0, 2, 1.0),
            (0, 20, 10.0),
            (10, 10, 5.0),
            // 10 + ln 2, 10 + ln 100; the second half of a burst.
            (0, 40, 10.693_147_180_559_945),
            (0, 2_000, 14.605_170_185_988_09),
            (1_000, 1_000, core::f64::consts::LN_2),
            (15, 25, 2.5 + core::f64::consts::LN_2),
        ] {
            let earned = float(earned(thousandths(already), thousandths(work), threshold));
            assert!((earned - expected).abs() < 1e-14, "{already} {work}: {earned}");
        }
        let most = FixedU128::from_inner(u128::MAX);
        assert!(earned(FixedU128::zero(), most, threshold) < FixedU128::from_u32(60));
        assert_eq!(earned(most, most, threshold), FixedU128::zero());
    }

    #[test]
    fn decay_vectors() {
        let ten = GENESIS;
        assert_eq!(decay(ten, 0), ten);
        assert_eq!(decay(ten, HALF_LIFE), FixedU128::from_u32(5));
        assert_eq!(decay(ten, 2 * HALF_LIFE), FixedU128::from_rational(25, 10));
        // 10 · 2^(−1/2) = 7.071067811865475244 008…, 10 · 2^(−1/1008) = 9.993125896407684567…
        assert_eq!(decay(ten, HALF_LIFE / 2).into_inner(), 7_071_067_811_865_475_244);
        assert!((float(decay(ten, 1)) - 10.0 * (-1.0f64 / 1008.0).exp2()).abs() < 1e-14);
        assert_eq!(decay(ten, u64::MAX), FixedU128::zero());
        assert_eq!(decay(FixedU128::zero(), 5), FixedU128::zero());
        assert_eq!(decay(FixedU128::from_inner(u128::MAX), 0).into_inner(), u128::MAX);
    }

    #[test]
    fn every_remainder_of_a_half_life_follows_the_formula_and_falls() {
        let mut before = GENESIS;
        for elapsed in 1..=2 * HALF_LIFE {
            let now = decay(GENESIS, elapsed);
            assert!(now < before);
            assert!(
                (float(now) - 10.0 * (-(elapsed as f64) / 1008.0).exp2()).abs() < 2e-14,
                "{elapsed}"
            );
            before = now;
        }
    }

    #[test]
    fn factor_vectors() {
        assert_eq!(factor(FixedU128::zero()), FixedU128::zero());
        assert_eq!(factor(GENESIS), FixedU128::from_u32(1));
        assert_eq!(factor(FixedU128::from_u32(1_000)), FixedU128::from_u32(1));
        // ln 2 / ln 11 and ln 3 / ln 11.
        for (points, units) in [(1, 289_064_826_317_887_859), (2, 458_156_909_991_326_222)] {
            assert!(factor(FixedU128::from_u32(points)).into_inner().abs_diff(units) <= 2);
        }
        assert!(factor(FixedU128::from_inner(GENESIS.into_inner() - 1)) <= FixedU128::from_u32(1));
    }

    #[test]
    fn weight_vectors() {
        for (milli, expected) in [(0, 1), (1, 1), (2, 2), (2_000, 2_000), (10_000, 10_000)] {
            assert_eq!(weight(FixedU128::from_rational(milli, 1_000)), expected);
        }
        assert_eq!(weight(FixedU128::from_inner(2_999_999_999_999_999)), 2);
        assert_eq!(weight(FixedU128::from_inner(u128::MAX)), u64::MAX);
    }

    proptest! {
        #[test]
        fn decay_never_adds_and_more_time_leaves_no_more(points in points(), first in 0u64..20_000, more in 0u64..20_000) {
            let once = decay(points, first);
            prop_assert!(once <= points);
            prop_assert!(decay(points, first + more) <= once);
        }

        #[test]
        fn decay_in_two_steps_is_decay_in_one(points in points(), first in 0u64..20_000, second in 0u64..20_000) {
            let one = decay(points, first + second).into_inner();
            let two = decay(decay(points, first), second).into_inner();
            prop_assert!(one.abs_diff(two) <= 2, "{one} {two}");
        }

        #[test]
        fn more_points_stay_more_points(points in points(), more in points(), elapsed in 0u64..5_000) {
            prop_assert!(decay(points.saturating_add(more), elapsed) >= decay(points, elapsed));
        }

        #[test]
        fn slices_earn_what_the_whole_earns(
            slices in proptest::collection::vec(0u128..10u128.pow(20), 1..100),
            threshold in 10u128.pow(16)..10u128.pow(22),
        ) {
            let threshold = FixedU128::from_inner(threshold);
            let whole = earned(FixedU128::zero(), FixedU128::from_inner(slices.iter().sum()), threshold);
            let (mut already, mut sum) = (FixedU128::zero(), FixedU128::zero());
            for slice in slices.into_iter().map(FixedU128::from_inner) {
                sum = sum + earned(already, slice, threshold);
                already = already + slice;
            }
            prop_assert_eq!(sum, whole);
        }

        #[test]
        fn more_work_never_earns_less(
            already in 0u128..10u128.pow(22),
            work in 0u128..10u128.pow(22),
            more in 0u128..10u128.pow(22),
            threshold in 10u128.pow(16)..10u128.pow(22),
        ) {
            let earned = |work| earned(FixedU128::from_inner(already), FixedU128::from_inner(work), FixedU128::from_inner(threshold));
            prop_assert!(earned(work) <= earned(work + more));
        }

        #[test]
        fn factor_is_within_one_and_never_falls(points in 0u128..2 * 10u128.pow(19), more in 0u128..10u128.pow(19)) {
            let here = factor(FixedU128::from_inner(points));
            prop_assert!(here <= FixedU128::from_u32(1));
            prop_assert!(factor(FixedU128::from_inner(points + more)) >= here);
            prop_assert!((float(here) - (1.0 + points as f64 / 1e18).ln().min(11f64.ln()) / 11f64.ln()).abs() < 1e-14);
        }
    }
}

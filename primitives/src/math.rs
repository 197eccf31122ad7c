//! Fixed-point mathematics: logarithm, square root, power of two, φ and medians. No float, no panic; every function
//! is total and saturates where its type ends.
//!
//! *One unit* below is the last place of the fixed-point types: 10⁻¹⁸. Every bound was derived from the algorithm
//! (the comments say how) and is tested against vectors of 18 decimals and against floats.

use alloc::vec::Vec;
use sp_core::U256;
use sp_runtime::{FixedI128, FixedPointNumber, FixedU128};

/// One, in units.
const ONE: u128 = 1_000_000_000_000_000_000;
/// ⌊ln 2 · 2¹¹²⌋.
const LN_2_Q112: i128 = 3_599_025_928_123_676_973_540_407_451_845_618;
/// ⌊ln 10¹⁸ · 2¹¹²⌋.
const LN_ONE_Q112: i128 = 215_202_696_207_517_932_166_993_601_816_742_746;
/// ⌊ln 2 · 2⁶⁴⌋.
const LN_2_Q64: u128 = 12_786_308_645_202_655_659;

/// `value` with a sign; values beyond the signed type's maximum saturate to it.
pub fn to_signed(value: FixedU128) -> FixedI128 {
    FixedI128::from_inner(i128::try_from(value.into_inner()).unwrap_or(i128::MAX))
}

/// `value` without a sign; negative values become 0.
pub fn to_unsigned(value: FixedI128) -> FixedU128 {
    FixedU128::from_inner(u128::try_from(value.into_inner()).unwrap_or(0))
}

/// |value|, exactly.
pub fn magnitude(value: FixedI128) -> FixedU128 {
    FixedU128::from_inner(value.into_inner().unsigned_abs())
}

/// |a − b|, exactly: the difference of two signed numbers always fits the unsigned type.
pub fn distance(a: FixedI128, b: FixedI128) -> FixedU128 {
    FixedU128::from_inner(a.into_inner().abs_diff(b.into_inner()))
}

/// The natural logarithm, to 2 units; monotone; exactly 0 at 1. `None` at 0.
pub fn ln(value: FixedU128) -> Option<FixedI128> {
    let logarithm = ln_q112(value.into_inner())?.saturating_sub(LN_ONE_Q112);
    Some(FixedI128::from_inner(units_from_q112(logarithm)))
}

/// ln of a positive integer with 112 fractional bits: never too high, too low by less than half a unit (8·2⁻⁶⁴ from
/// the series and 2⁻⁶² from cutting the mantissa).
///
/// x = 2ᵉ·m with 1 ≤ m < 2, and ln m = 2·artanh(z), z = (m − 1)/(m + 1) ≤ 1/3, by Horner's scheme over
/// z·(1 + z²/3 + z⁴/5 + …). Every step rounds down and each is contracted by z² ≤ 1/9 in the next, so that the
/// result is low by a few units of 2⁻⁶⁴ at most, and monotone.
fn ln_q112(value: u128) -> Option<i128> {
    let exponent = value.checked_ilog2()?;
    // m with 62 fractional bits: exact for values up to 2⁶², cut below that.
    let mantissa = if exponent >= 62 {
        value.checked_shr(exponent.saturating_sub(62))?
    } else {
        value.checked_shl(62u32.saturating_sub(exponent))?
    };
    let unit = 1u128 << 62;
    // z and z² with 64 fractional bits.
    let numerator = mantissa.saturating_sub(unit).checked_shl(64)?;
    let z = numerator.checked_div(mantissa.saturating_add(unit))?;
    let square = z.saturating_mul(z) >> 64;
    // The term of z⁴¹ / 41 is below 2⁻⁶⁴ · 2⁻⁵.
    let mut series: u128 = 0;
    for index in (0..21u128).rev() {
        let odd = index.saturating_mul(2).saturating_add(1);
        let coefficient = (1u128 << 64).checked_div(odd)?;
        series = coefficient.saturating_add(series.saturating_mul(square) >> 64);
    }
    let fraction = z.saturating_mul(series).checked_shr(63)?;
    let whole = LN_2_Q112.saturating_mul(i128::from(exponent));
    Some(whole.saturating_add(i128::try_from(fraction).ok()?.checked_shl(48)?))
}

/// A number with 112 fractional bits (|number| < 2¹⁵) in units, rounded to the nearest.
fn units_from_q112(number: i128) -> i128 {
    // 2⁻⁴⁸ of precision go: the whole part and 64 fractional bits are left.
    let number = number >> 48;
    let whole = number >> 64;
    let fraction = u128::try_from(number.saturating_sub(whole << 64)).unwrap_or(0);
    let fraction = fraction.saturating_mul(ONE).saturating_add(1 << 63) >> 64;
    whole
        .saturating_mul(ONE as i128)
        .saturating_add(i128::try_from(fraction).unwrap_or(i128::MAX))
}

/// The square root, rounded down to a unit: the largest r with r² ≤ value, exactly.
pub fn sqrt(value: FixedU128) -> FixedU128 {
    // √(n/10¹⁸) = √(n·10¹⁸)/10¹⁸; the product has at most 188 bits, the root at most 94.
    let radicand = U256::from(value.into_inner()).saturating_mul(U256::from(ONE));
    FixedU128::from_inner(radicand.integer_sqrt().low_u128())
}

/// 2⁻ˣ, to 1 unit; monotone; exact where x is whole and at most 18 (where 18 decimals hold the result).
///
/// 2⁻ˣ = 2⁻ⁿ⁻¹ · e^((1 − f)·ln 2), n the whole and f the fractional part of x: e to a positive power, so that every
/// step of Horner's scheme rounds the same way and the result is monotone.
pub fn pow2_negative(exponent: FixedU128) -> FixedU128 {
    let inner = exponent.into_inner();
    let whole = inner.checked_div(ONE).unwrap_or(0);
    let fraction = inner.checked_rem(ONE).unwrap_or(0);
    // From 2⁻⁶¹ on it is below half a unit.
    let Some(shift) = u32::try_from(whole).ok().filter(|whole| *whole < 61) else {
        return FixedU128::from_inner(0);
    };
    // 1 − f and the power of e, with 64 fractional bits.
    let rest = (ONE.saturating_sub(fraction) << 64).checked_div(ONE).unwrap_or(0);
    let power = rest.saturating_mul(LN_2_Q64) >> 64;
    let mut series: u128 = 1 << 64;
    // 0.6932²¹/21! is below 2⁻⁶⁴ · 2⁻¹².
    for divisor in (1..=21u128).rev() {
        let term = (power.saturating_mul(series) >> 64).checked_div(divisor).unwrap_or(0);
        series = (1u128 << 64).saturating_add(term);
    }
    // At most 2 in Q64 times 10¹⁸: below 2¹²⁵.
    let shift = shift.saturating_add(65);
    let half = 1u128.checked_shl(shift.saturating_sub(1)).unwrap_or(0);
    let rounded = series
        .saturating_mul(ONE)
        .saturating_add(half)
        .checked_shr(shift)
        .unwrap_or(0);
    FixedU128::from_inner(rounded)
}

/// φ(m) = sign(m) · (|m| ≤ u ? |m|/u : 1 + ln(|m|/u)): linear around 0, logarithmic beyond the metric's scale u, so
/// that increments add up over slices and no domain gains by the unit it measures in.
///
/// Odd, continuous at u (there it is exactly 1), monotone in m; to 2 units. A scale of 0 counts as one unit.
pub fn phi(metric: FixedI128, scale: FixedU128) -> FixedI128 {
    let size = magnitude(metric).into_inner();
    let scale = scale.into_inner().max(1);
    let value = if size <= scale {
        // |m|/u ≤ 1, rounded down.
        let quotient = U256::from(size)
            .saturating_mul(U256::from(ONE))
            .checked_div(U256::from(scale));
        i128::try_from(quotient.unwrap_or_default().low_u128()).unwrap_or(i128::MAX)
    } else {
        // ln(|m|/u) as a difference: the quotient might not fit, and its rounding would count twice.
        let logarithm = ln_q112(size)
            .unwrap_or(0)
            .saturating_sub(ln_q112(scale).unwrap_or(0))
            .max(0);
        (ONE as i128).saturating_add(units_from_q112(logarithm))
    };
    FixedI128::from_inner(if metric.is_negative() {
        value.saturating_neg()
    } else {
        value
    })
}

/// The lower median: the element with as many others above it as below it, the lower of the two middle ones when
/// the number is even. `None` of nothing.
pub fn lower_median<T: Ord + Copy>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unsigned(value: &str) -> FixedU128 {
        let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
        let fraction = format!("{fraction:0<18}");
        FixedU128::from_inner(whole.parse::<u128>().unwrap() * ONE + fraction.parse::<u128>().unwrap())
    }

    fn signed(value: &str) -> FixedI128 {
        match value.strip_prefix('-') {
            Some(value) => FixedI128::from_inner(-to_signed(unsigned(value)).into_inner()),
            None => to_signed(unsigned(value)),
        }
    }

    fn float(value: FixedI128) -> f64 {
        value.into_inner() as f64 / ONE as f64
    }

    #[test]
    fn ln_matches_vectors_of_eighteen_decimals() {
        for (value, expected) in [
            ("1", "0"),
            ("2", "0.693147180559945309"),
            ("10", "2.302585092994045684"),
            ("0.5", "-0.693147180559945309"),
            ("3", "1.098612288668109691"),
            ("11", "2.397895272798370544"),
            ("1.5", "0.405465108108164382"),
            ("0.7", "-0.356674943938732379"),
            ("1.000000000000000001", "0.000000000000000001"),
            ("0.000000000000000001", "-41.446531673892822312"),
            ("123456.789", "11.723646487185880981"),
            ("340282366920938463463.374607431768211455", "47.276307437780177293"),
        ] {
            let result = ln(unsigned(value)).unwrap();
            assert!(
                distance(result, signed(expected)).into_inner() <= 2,
                "ln {value} = {result:?}, not {expected}"
            );
        }
        assert_eq!(ln(FixedU128::from_inner(0)), None);
        assert_eq!(ln(FixedU128::from_inner(ONE)), Some(FixedI128::from_inner(0)));
    }

    #[test]
    fn pow2_negative_matches_vectors_of_eighteen_decimals() {
        for (value, expected) in [
            ("0", "1"),
            ("1", "0.5"),
            ("0.1", "0.933032991536807416"),
            ("0.25", "0.840896415253714543"),
            ("0.5", "0.707106781186547524"),
            ("1.5", "0.353553390593273762"),
            ("0.000992063492063492", "0.999312590361875235"),
            ("3.141592653589793238", "0.113314732296760873"),
            ("10", "0.0009765625"),
            ("59.5", "0.000000000000000001"),
            ("61", "0"),
            ("340282366920938463463.374607431768211455", "0"),
        ] {
            let result = pow2_negative(unsigned(value));
            let difference = result.into_inner().abs_diff(unsigned(expected).into_inner());
            assert!(difference <= 1, "2^-{value} = {result:?}, not {expected}");
        }
        assert_eq!(pow2_negative(unsigned("0")), unsigned("1"));
        assert_eq!(pow2_negative(unsigned("6")), unsigned("0.015625"));
    }

    #[test]
    fn sqrt_is_exact() {
        assert_eq!(sqrt(unsigned("0")), unsigned("0"));
        assert_eq!(sqrt(unsigned("4")), unsigned("2"));
        assert_eq!(sqrt(unsigned("2")), unsigned("1.414213562373095048"));
        assert_eq!(sqrt(unsigned("0.000000000000000001")), unsigned("0.000000001"));
        assert_eq!(
            sqrt(FixedU128::from_inner(u128::MAX)),
            unsigned("18446744073.709551615999999999")
        );
    }

    #[test]
    fn phi_matches_hand_worked_values() {
        let scale = unsigned("0.5");
        for (metric, expected) in [
            ("0", "0"),
            ("0.25", "0.5"),
            ("-0.25", "-0.5"),
            ("0.5", "1"),
            ("-0.5", "-1"),
            // 1 + ln 2, 1 + ln 200.
            ("1", "1.693147180559945309"),
            ("-100", "-6.298317366548036677"),
        ] {
            let result = phi(signed(metric), scale);
            assert!(
                distance(result, signed(expected)).into_inner() <= 2,
                "phi {metric} = {result:?}, not {expected}"
            );
        }
        // The ends of the type and a scale of 0 are defined.
        let largest = phi(FixedI128::from_inner(i128::MAX), FixedU128::from_inner(0));
        assert!((float(largest) - (1.0 + 127.0 * core::f64::consts::LN_2)).abs() < 1e-12);
        assert_eq!(
            phi(FixedI128::from_inner(i128::MIN), FixedU128::from_inner(u128::MAX)).into_inner() / 1_000,
            -500_000_000_000_000
        );
    }

    #[test]
    fn lower_median_is_the_lower_one() {
        assert_eq!(lower_median::<u8>([]), None);
        assert_eq!(lower_median([7]), Some(7));
        assert_eq!(lower_median([9, 1]), Some(1));
        assert_eq!(lower_median([3, 1, 2]), Some(2));
        assert_eq!(lower_median([4, 1, 3, 2]), Some(2));
    }

    #[test]
    fn conversions_saturate() {
        assert_eq!(to_signed(FixedU128::from_inner(u128::MAX)).into_inner(), i128::MAX);
        assert_eq!(to_unsigned(FixedI128::from_inner(-1)).into_inner(), 0);
        assert_eq!(magnitude(FixedI128::from_inner(i128::MIN)).into_inner(), 1 << 127);
        assert_eq!(
            distance(FixedI128::from_inner(i128::MIN), FixedI128::from_inner(i128::MAX)).into_inner(),
            u128::MAX
        );
    }

    /// Values over all magnitudes.
    fn any_size() -> impl Strategy<Value = u128> {
        (any::<u128>(), 0u32..128).prop_map(|(value, shift)| value >> shift)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn ln_is_near_the_float_and_monotone(value in any_size(), step in 0u128..1_000) {
            let value = value.max(1);
            let result = ln(FixedU128::from_inner(value)).unwrap();
            let expected = (value as f64).ln() - (ONE as f64).ln();
            prop_assert!((float(result) - expected).abs() < 1e-13);
            let next = ln(FixedU128::from_inner(value.saturating_add(step))).unwrap();
            prop_assert!(next >= result);
        }

        #[test]
        fn ln_is_monotone_across_powers_of_two(exponent in 1u32..128, below in 1u128..1_000) {
            let power = 1u128 << exponent;
            let lower = ln(FixedU128::from_inner(power.saturating_sub(below).max(1))).unwrap();
            prop_assert!(lower <= ln(FixedU128::from_inner(power)).unwrap());
        }

        #[test]
        fn sqrt_is_the_floor(value in any_size()) {
            let root = U256::from(sqrt(FixedU128::from_inner(value)).into_inner());
            let radicand = U256::from(value) * U256::from(ONE);
            prop_assert!(root * root <= radicand);
            prop_assert!((root + 1) * (root + 1) > radicand);
        }

        #[test]
        fn pow2_negative_is_near_the_float_and_monotone(value in 0..64 * ONE, step in 0u128..1_000) {
            let result = pow2_negative(FixedU128::from_inner(value));
            let expected = (-(value as f64 / ONE as f64)).exp2();
            prop_assert!((result.into_inner() as f64 / ONE as f64 - expected).abs() < 1e-14);
            prop_assert!(pow2_negative(FixedU128::from_inner(value + step)) <= result);
            prop_assert!(result.into_inner() <= ONE);
        }

        #[test]
        fn phi_is_odd_monotone_and_near_the_float(metric in any_size(), scale in any_size(), step in 0u128..1_000) {
            let metric = metric.min(i128::MAX as u128 - 1_000) as i128;
            let scale_fixed = FixedU128::from_inner(scale.max(1));
            let result = phi(FixedI128::from_inner(metric), scale_fixed);
            prop_assert_eq!(phi(FixedI128::from_inner(-metric), scale_fixed).into_inner(), -result.into_inner());
            prop_assert!(phi(FixedI128::from_inner(metric + step as i128), scale_fixed) >= result);
            let ratio = metric as f64 / scale.max(1) as f64;
            let expected = if ratio <= 1.0 { ratio } else { 1.0 + ratio.ln() };
            prop_assert!((float(result) - expected).abs() < 1e-12);
        }

        #[test]
        fn phi_is_continuous_at_the_scale(scale in (1u128 << 20)..(1 << 120)) {
            let scale_fixed = FixedU128::from_inner(scale);
            let at = phi(FixedI128::from_inner(scale as i128), scale_fixed);
            prop_assert_eq!(at.into_inner(), ONE as i128);
            let below = phi(FixedI128::from_inner(scale as i128 - 1), scale_fixed);
            let above = phi(FixedI128::from_inner(scale as i128 + 1), scale_fixed);
            // One unit of the metric moves φ by about 1/scale on either side.
            let slope = ONE / scale + 3;
            prop_assert!(distance(below, at).into_inner() <= slope);
            prop_assert!(distance(above, at).into_inner() <= slope);
        }

        #[test]
        fn slices_of_an_improvement_add_up(scale in 1u128..(1 << 90), start in any::<i64>(), steps in proptest::collection::vec(any::<i32>(), 1..100)) {
            let scale = FixedU128::from_inner(scale);
            let mut metric = i128::from(start) << 30;
            let first = phi(FixedI128::from_inner(metric), scale);
            let mut sum = 0i128;
            for step in steps {
                let before = phi(FixedI128::from_inner(metric), scale);
                metric += i128::from(step) << 30;
                sum += phi(FixedI128::from_inner(metric), scale).into_inner() - before.into_inner();
            }
            prop_assert_eq!(sum, phi(FixedI128::from_inner(metric), scale).into_inner() - first.into_inner());
        }
    }
}

//! Metrics at the border between floating point and the chain's fixed point.

use sp_runtime::{FixedI128, FixedPointNumber};

use crate::DomainError;

/// 10¹⁸: one in the inner representation of [`FixedI128`].
const ONE: u128 = FixedI128::DIV as u128;
/// Explicit bits of the significand of `f64`.
const SIGNIFICAND_BITS: u32 = 52;
/// Exponent of the last bit of the significand, plus this, is what the exponent field of `f64` holds.
const EXPONENT_BIAS: i32 = 1075;

/// The fixed-point number nearest to `metric`, halves away from zero: |error| ≤ 5·10⁻¹⁹.
///
/// Exact integer arithmetic throughout, so that it is the same on every machine.
///
/// # Errors
///
/// [`DomainError::NonFiniteMetric`] for not-a-number, the infinities, and values of magnitude about 1.7·10²⁰ or more.
pub fn metric_to_fixed(metric: f64) -> Result<FixedI128, DomainError> {
    let refused = || DomainError::NonFiniteMetric(metric);
    if !metric.is_finite() {
        return Err(refused());
    }
    let bits = metric.to_bits();
    let field = ((bits >> SIGNIFICAND_BITS) & 0x7ff) as i32;
    let fraction = bits & ((1 << SIGNIFICAND_BITS) - 1);
    // |metric| = significand · 2^exponent; subnormal numbers lack the implicit bit.
    let (significand, exponent) = match field {
        0 => (fraction, 1 - EXPONENT_BIAS),
        _ => (fraction | 1 << SIGNIFICAND_BITS, field - EXPONENT_BIAS),
    };
    // Below 2⁵³ · 2⁶⁰.
    let scaled = u128::from(significand) * ONE;
    let magnitude = if exponent >= 0 {
        let shift = exponent as u32;
        if shift > scaled.leading_zeros() {
            return Err(refused());
        }
        scaled << shift
    } else {
        // A shift by 114 or more leaves nothing to round to.
        let shift = exponent.unsigned_abs().min(126);
        (scaled + (1 << (shift - 1))) >> shift
    };
    let magnitude = i128::try_from(magnitude).map_err(|_| refused())?;
    Ok(FixedI128::from_inner(if metric.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    }))
}

/// The floating-point number nearest to a fixed-point one, within two units in the last place. For logs and searches.
pub fn fixed_to_metric(fixed: FixedI128) -> f64 {
    fixed.into_inner() as f64 / ONE as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        for (metric, inner) in [
            (0.0, 0),
            (-0.0, 0),
            (1.0, 1_000_000_000_000_000_000),
            (-417.5, -417_500_000_000_000_000_000),
            (0.1, 100_000_000_000_000_006), // 0.1 in f64 is 0.1000000000000000055...
            (1e-18, 1),
            (5.1e-19, 1),
            (-5.1e-19, -1),
            (4.9e-19, 0),
            (f64::MIN_POSITIVE, 0),
            (5e-324, 0),
            (9_007_199_254_740_993.0, 9_007_199_254_740_992_000_000_000_000_000_000),
            (1e20, 100_000_000_000_000_000_000_000_000_000_000_000_000),
        ] {
            assert_eq!(metric_to_fixed(metric), Ok(FixedI128::from_inner(inner)), "{metric}");
        }
    }

    #[test]
    fn what_the_chain_cannot_hold_is_refused() {
        for metric in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1.8e20,
            -1.8e20,
            1e300,
            f64::MAX,
            f64::MIN,
        ] {
            assert!(
                matches!(metric_to_fixed(metric), Err(DomainError::NonFiniteMetric(_))),
                "{metric}"
            );
        }
        assert!(metric_to_fixed(1.7e20).is_ok());
        assert!(metric_to_fixed(-1.7e20).is_ok());
    }

    proptest! {
        #[test]
        fn there_and_back_stays_within_the_resolution(metric in -1e20f64..1e20) {
            let back = fixed_to_metric(metric_to_fixed(metric).unwrap());
            prop_assert!((back - metric).abs() <= 5e-19 + 3.0 * f64::EPSILON * metric.abs());
        }

        #[test]
        fn small_values_are_rounded_to_the_nearest(inner in -1_000_000i128..1_000_000, part in -0.49f64..0.49) {
            let metric = (inner as f64 + part) * 1e-18;
            prop_assert_eq!(metric_to_fixed(metric).unwrap().into_inner(), inner);
        }

        #[test]
        fn order_and_sign_are_kept(left in any::<f64>(), right in any::<f64>()) {
            if let (Ok(fixed_left), Ok(fixed_right)) = (metric_to_fixed(left), metric_to_fixed(right)) {
                prop_assert!(left < right || fixed_left >= fixed_right);
                prop_assert_eq!(metric_to_fixed(-left).unwrap(), -fixed_left);
            }
        }
    }
}

//! Elementary functions in `f32`, of nothing but basic arithmetic, for kernels and their CPU references.
//!
//! WGSL lets its own `sin`, `cos`, `exp` and `log` be as rough as 2⁻¹¹, and each driver has others. These here do the
//! same operations on every adapter (`elementary.wgsl`) and on the CPU, where the compiler can also turn them into
//! vector instructions. What still differs between adapters is whether a product and a sum are rounded once or twice.
//!
//! Errors are stated in units of [`ROUNDING`], relative to the result. They hold with either rounding; the tests
//! measure them over the whole range.

/// Half a unit in the last place of `f32`, relative: the largest error of one rounding.
pub(crate) const ROUNDING: f64 = 1.0 / (1u64 << 24) as f64;

/// The text that a kernel which uses these functions begins with.
macro_rules! elementary_shader {
    () => {
        include_str!("../elementary.wgsl")
    };
}
pub(crate) use elementary_shader;

/// The same, as a constant.
pub(crate) const SHADER: &str = include_str!("elementary.wgsl");

/// Adding and subtracting this rounds to the nearest whole number, ties to even, where numbers are below 2²².
const WHOLE: f32 = 12_582_912.0;
/// Beyond this [`WHOLE`] does not serve, and a sine is not worth a rounding of the number anyway.
const MOST_TURNED: f32 = 4_194_304.0;

/// sin(πx), within 6 units. From 2²² on, 0.
#[inline(always)]
pub(crate) fn sine_of_half_turns(value: f32) -> f32 {
    let rest = value - ((value + WHOLE) - WHOLE);
    let rest = if value.abs() < MOST_TURNED { rest } else { 0.0 };
    rest * sine_polynomial(rest * rest)
}

/// sin(πx)/x of the square of an x in [−½, ½].
#[inline(always)]
pub(crate) fn sine_polynomial(square: f32) -> f32 {
    std::f32::consts::PI
        + square * (-5.167_71 + square * (2.550_069_8 + square * (-0.598_242_1 + square * 0.077_560_39)))
}

/// 1 − exp(−x) for x ≥ 0, within 8 units.
#[inline(always)]
pub(crate) fn one_minus_exp(value: f32) -> f32 {
    let bounded = value.min(87.0);
    let halvings = (bounded * std::f32::consts::LOG2_E).round_ties_even();
    let growth = growth(-((bounded - halvings * LN_2_UPPER) + halvings * LN_2_EXCESS));
    let scale = f32::from_bits((127 - halvings as u32) << 23);
    (1.0 - scale) - scale * growth
}

/// tanh x, within 24 units: (1 − e)/(1 + e) with e = exp(−2|x|), where 1 − e is within 8 units and counts twice at
/// most, and a quotient may be off by 5 on a GPU. What is not a number becomes 1.
#[inline(always)]
pub(crate) fn hyperbolic_tangent(value: f32) -> f32 {
    let missing = one_minus_exp(2.0 * value.abs());
    (missing / (2.0 - missing)).copysign(value)
}

/// exp(x) for −80 ≤ x ≤ 80, within 4 units.
pub(crate) fn exponential(value: f32) -> f32 {
    let doublings = (value * std::f32::consts::LOG2_E).round_ties_even();
    let growth = growth((value - doublings * LN_2_UPPER) + doublings * LN_2_EXCESS);
    let scale = f32::from_bits(((127 + doublings as i32) as u32) << 23);
    scale + scale * growth
}

/// exp(x) − 1 for |x| ≤ ln 2/2.
#[inline(always)]
fn growth(rest: f32) -> f32 {
    rest * (1.0
        + rest
            * (0.499_999_97
                + rest * (0.166_665 + rest * (0.041_667_156 + rest * (0.008_369_787 + rest * 0.001_388_887_1)))))
}

/// ln x for positive normal x, within 6 units.
pub(crate) fn logarithm(value: f32) -> f32 {
    // The mantissa from √½ to √2.
    let shifted = value.to_bits() + (0x3F80_0000 - ROOT_OF_HALF);
    let exponent = ((shifted >> 23) as i32 - 127) as f32;
    let rest = f32::from_bits((shifted & 0x7F_FFFF) + ROOT_OF_HALF) - 1.0;
    let polynomial = COEFFICIENTS
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| coefficient + rest * sum);
    exponent * LN_2_UPPER + (rest * polynomial - exponent * LN_2_EXCESS)
}

/// ln 2 in two parts, LN_2_UPPER − LN_2_EXCESS, of which the first times a whole number below 2⁸ is exact.
const LN_2_UPPER: f32 = 0.693_359_4;
const LN_2_EXCESS: f32 = 2.121_944_4e-4;
/// √½ as bits.
const ROOT_OF_HALF: u32 = 0x3F35_04F3;
/// ln(1 + x)/x from the constant term up.
const COEFFICIENTS: [f32; 10] = [
    1.0,
    -0.499_999_88,
    0.333_333_25,
    -0.250_015_85,
    0.200_019_69,
    -0.166_090_13,
    0.141_818_36,
    -0.132_434_64,
    0.129_046_54,
    -0.076_211_03,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error in units of [`ROUNDING`], relative to the exact value.
    fn units(values: impl Iterator<Item = f32>, function: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
        values
            .map(|value| {
                let exact = exact(f64::from(value));
                if exact == 0.0 {
                    assert_eq!(function(value), 0.0);
                    return 0.0;
                }
                ((f64::from(function(value)) - exact) / exact).abs() / ROUNDING
            })
            .fold(0.0, f64::max)
    }

    fn steps(low: f32, high: f32) -> impl Iterator<Item = f32> {
        (0..=400_000).map(move |i| low + (high - low) * (i as f32 / 400_000.0))
    }

    /// Exact reduction: the argument is an `f32`.
    fn exact_sine(value: f64) -> f64 {
        let whole = value.round_ties_even();
        libm::sin(std::f64::consts::PI * (value - whole))
    }

    #[test]
    fn sines_are_within_their_bound() {
        for (low, high) in [(-0.5, 0.5), (-6.0, 6.0), (-1e-6, 1e-6), (1_000.0, 1_010.0)] {
            let units = units(steps(low, high), sine_of_half_turns, exact_sine);
            println!("{low}..{high}: {units}");
            assert!(units <= 6.0, "{low}..{high}: {units}");
        }
        for value in [0.0, 1.0, -3.0, 8e6, -3e9, 1e30, f32::MAX] {
            assert_eq!(sine_of_half_turns(value), 0.0);
        }
        assert!(sine_of_half_turns(f32::NAN).is_nan() || sine_of_half_turns(f32::NAN) == 0.0);
    }

    #[test]
    fn logarithms_and_powers_are_within_their_bounds() {
        for (low, high) in [
            (1e-7, 1e-3),
            (1e-3, 0.7),
            (0.7, 0.999_999),
            (1.000_001, 2.0),
            (2.0, 1e9),
        ] {
            let units = units(steps(low, high), logarithm, libm::log);
            println!("ln {low}..{high}: {units}");
            assert!(units <= 6.0, "{low}..{high}: {units}");
        }
        for (low, high) in [(-80.0, -1.0), (-1.0, 1.0), (1.0, 80.0)] {
            let units = units(steps(low, high), exponential, libm::exp);
            println!("exp {low}..{high}: {units}");
            assert!(units <= 4.0, "{low}..{high}: {units}");
        }
        assert_eq!((logarithm(1.0), exponential(0.0)), (0.0, 1.0));
    }

    #[test]
    fn exponentials_are_within_their_bound() {
        for (low, high) in [(1e-30, 1e-6), (1e-6, 1e-2), (1e-2, 3.0), (3.0, 100.0)] {
            let units = units(steps(low, high), one_minus_exp, |value| -libm::expm1(-value));
            println!("{low}..{high}: {units}");
            assert!(units <= 8.0, "{low}..{high}: {units}");
        }
        assert_eq!(one_minus_exp(0.0), 0.0);
        assert_eq!(one_minus_exp(1e30), 1.0);
        assert_eq!(one_minus_exp(f32::INFINITY), 1.0);
    }

    #[test]
    fn tangents_are_within_their_bound() {
        for (low, high) in [(1e-30, 1e-6), (1e-6, 1e-2), (1e-2, 3.0), (3.0, 100.0), (-3.0, -1e-2)] {
            let units = units(steps(low, high), hyperbolic_tangent, libm::tanh);
            println!("tanh {low}..{high}: {units}");
            assert!(units <= 24.0, "{low}..{high}: {units}");
        }
        assert_eq!(hyperbolic_tangent(0.0), 0.0);
        assert_eq!(
            (hyperbolic_tangent(f32::INFINITY), hyperbolic_tangent(-1e30)),
            (1.0, -1.0)
        );
    }
}

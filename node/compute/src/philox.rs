//! Counter-based random numbers: each is computed from its place, in any order, by as many threads as there are.
//!
//! The same on the device (`philox.wgsl`) and here. The integers are the same bits everywhere; what is made of them in
//! `f32` differs between adapters by a few roundings.

use crate::elementary::{logarithm, sine_polynomial};

/// Philox4x32-10 (Salmon and others, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
pub(crate) fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
        }
        let first = u64::from(counter[0]) * 0xD251_1F53;
        let second = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
    }
    counter
}

/// Uniform in (0, 1): (k + ½)·2⁻²³ with k the upper 23 bits, which `f32` holds exactly. From k as the mantissa of a number
/// from 1 to 2, since conversions take many GPUs longer; nothing is rounded.
fn unit(word: u32) -> f32 {
    f32::from_bits(ONE | (word >> 9)) - (1.0 - f32::EPSILON / 2.0)
}

/// 1 as bits.
const ONE: u32 = 0x3F80_0000;

/// Four standard normal numbers, by the transformation of Box and Muller (1958). None is beyond 5.8.
pub(crate) fn gaussians(words: [u32; 4]) -> [f32; 4] {
    let (first, second) = (pair(words[0], words[1]), pair(words[2], words[3]));
    [first[0], first[1], second[0], second[1]]
}

fn pair(radius: u32, angle: u32) -> [f32; 2] {
    let radius = (-2.0 * logarithm(unit(radius))).sqrt();
    let (rest, sign) = rest_of_angle(angle);
    let radius = f32::from_bits(radius.to_bits() ^ sign);
    // The cosine is the sine a quarter turn beside.
    let beside = 0.5 - rest.abs();
    [
        radius * (beside * sine_polynomial(beside * beside)),
        radius * (rest * sine_polynomial(rest * rest)),
    ]
}

/// The angle of 2 [`unit`] half turns, as what is beyond the nearest whole number of them, and the sign (the upper bit) of
/// both sine and cosine: they change it after one half turn. Exact.
fn rest_of_angle(word: u32) -> (f32, u32) {
    let turned = word.wrapping_add(1 << 30);
    let rest = f32::from_bits(ONE | ((turned >> 8) & 0x7F_FFFE)) - (1.5 - f32::EPSILON);
    (rest, turned & (1 << 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with the authors' Random123 library.
    #[test]
    fn known_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
        );
        assert_eq!(
            philox(
                [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344],
                [0xA409_3822, 0x299F_31D0]
            ),
            [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
        );
    }

    #[test]
    fn words_become_the_numbers_of_the_formulas_without_rounding() {
        let edges = [0, 1 << 9, 1 << 30, 1 << 31, 3 << 30].into_iter();
        let edges = edges.flat_map(|edge: u32| [edge.wrapping_sub(512), edge.wrapping_sub(1), edge, edge | 511]);
        let scattered = (0..200_000u32).map(|i| i.wrapping_mul(0x9E37_79B9));
        for word in edges.chain(scattered) {
            let expected = (f64::from(word >> 9) + 0.5) / 8_388_608.0;
            assert_eq!(f64::from(unit(word)), expected);
            let angle = 2.0 * expected;
            let whole = angle.round_ties_even();
            let sign = if whole == 1.0 { 1 << 31 } else { 0 };
            let (rest, found) = rest_of_angle(word);
            assert_eq!((f64::from(rest), found), (angle - whole, sign), "{word:#x}");
        }
    }

    #[test]
    fn pairs_are_those_of_the_transformation() {
        for i in 0..2_000u32 {
            let words = philox([i, 0, 0, 0], [7, 8]);
            let (radius, angle) = (f64::from(unit(words[0])), f64::from(unit(words[1])));
            let radius = (-2.0 * libm::log(radius)).sqrt();
            let angle = 2.0 * std::f64::consts::PI * angle;
            let exact = [radius * libm::cos(angle), radius * libm::sin(angle)];
            for (value, exact) in pair(words[0], words[1]).into_iter().zip(exact) {
                assert!((f64::from(value) - exact).abs() < 2e-6, "{value} {exact}");
            }
        }
    }

    #[test]
    fn moments_of_the_normal_distribution() {
        let (mut count, mut sums) = (0.0, [0f64; 4]);
        for i in 0..100_000u32 {
            for value in gaussians(philox([i, 1, 2, 3], [42, 43])) {
                let value = f64::from(value);
                count += 1.0;
                for (power, sum) in (1..).zip(&mut sums) {
                    *sum += value.powi(power);
                }
            }
        }
        let [mean, variance, skew, fourth] = sums.map(|sum| sum / count);
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.01, "{mean} {variance}");
        assert!(skew.abs() < 0.03 && (fourth - 3.0).abs() < 0.06, "{skew} {fourth}");
    }
}

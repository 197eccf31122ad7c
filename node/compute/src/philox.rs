//! Counter-based random numbers: each is computed from its place, in any order, by as many threads as there are.
//!
//! The same on the device (`philox.wgsl`) and here. The integers are the same bits everywhere; what is made of them in
//! `f32` differs between adapters by a few roundings.

use crate::elementary::{logarithm, sine_of_half_turns};

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

/// Uniform in (0, 1): (k + ½)·2⁻²³ with k the upper 23 bits, which `f32` holds exactly.
fn unit(word: u32) -> f32 {
    ((word >> 9) as f32 + 0.5) * (1.0 / 8_388_608.0)
}

/// Four standard normal numbers, by the transformation of Box and Muller (1958). None is beyond 5.8.
pub(crate) fn gaussians(words: [u32; 4]) -> [f32; 4] {
    let (first, second) = (pair(words[0], words[1]), pair(words[2], words[3]));
    [first[0], first[1], second[0], second[1]]
}

fn pair(radius: u32, angle: u32) -> [f32; 2] {
    let radius = (-2.0 * logarithm(unit(radius))).sqrt();
    // In half turns, from 0 to 2. The cosine is the sine a quarter turn on.
    let angle = 2.0 * unit(angle);
    let sign = if (0.5..1.5).contains(&angle) { -1.0 } else { 1.0 };
    [
        radius * sign * sine_of_half_turns(0.5 - (angle - angle.round_ties_even()).abs()),
        radius * alternating_sine(angle),
    ]
}

/// sin(πx) with its sign, for x from 0 to 2.
fn alternating_sine(value: f32) -> f32 {
    let sine = sine_of_half_turns(value);
    if value > 0.5 && value < 1.5 {
        -sine
    } else {
        sine
    }
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

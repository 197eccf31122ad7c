//! Random numbers that are the same on every platform.
//!
//! Data that evaluators synthesize and populations that optimizers draw follow from a seed, and whoever replays them
//! must get the same bits. So these functions use ChaCha20, basic arithmetic and square root (which IEEE 754 rounds
//! exactly), and a logarithm in pure Rust in place of the system's.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// 2⁻⁵².
const UNIT: f64 = 1.0 / (1u64 << 52) as f64;

/// A stream of random numbers from a seed.
#[derive(Clone, Debug)]
pub struct RandomStream {
    generator: ChaCha20Rng,
    /// The polar method yields two numbers at a time: the second one waits here.
    spare: Option<f64>,
}

impl RandomStream {
    /// Stream number 0 of this seed.
    pub fn new(seed: [u8; 32]) -> Self {
        Self::with_stream(seed, 0)
    }

    /// One of the 2⁶⁴ independent streams of a seed.
    pub fn with_stream(seed: [u8; 32], stream: u64) -> Self {
        let mut generator = ChaCha20Rng::from_seed(seed);
        generator.set_stream(stream);
        Self { generator, spare: None }
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Uniform in the open interval (0, 1): (k + ½)·2⁻⁵² with k the upper 52 bits of the generator's next word.
    pub fn uniform(&mut self) -> f64 {
        // With 52 bits k + ½ is exact in f64, so that neither 0 nor 1 is ever reached.
        ((self.generator.next_u64() >> 12) as f64 + 0.5) * UNIT
    }

    /// Uniform in the open interval (`low`, `high`).
    pub fn uniform_between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform among the whole numbers from 0 below `count`, which must not be 0; no probability is off by more than 2⁻⁵².
    pub fn below(&mut self, count: usize) -> usize {
        // The product may round up to `count` itself.
        ((self.uniform() * count as f64) as usize).min(count - 1)
    }

    /// Standard normal, by Marsaglia's polar method (SIAM Review 6, 1964).
    pub fn gaussian(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                let factor = (-2.0 * libm::log(square) / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_one_others() {
        let draw = |seed, stream| {
            let mut random = RandomStream::with_stream(seed, stream);
            (0..5).map(|_| random.gaussian().to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(draw([7; 32], 0), draw([7; 32], 0));
        assert_ne!(draw([7; 32], 0), draw([8; 32], 0));
        assert_ne!(draw([7; 32], 0), draw([7; 32], 1));
    }

    #[test]
    fn moments_of_the_distributions() {
        let mut random = RandomStream::new([1; 32]);
        let count = 200_000;
        let (mut sum, mut squares, mut fourths) = (0.0, 0.0, 0.0);
        for _ in 0..count {
            let value = random.gaussian();
            sum += value;
            squares += value * value;
            fourths += value.powi(4);
        }
        let count = f64::from(count);
        assert!((sum / count).abs() < 0.01, "mean {}", sum / count);
        assert!((squares / count - 1.0).abs() < 0.02, "variance {}", squares / count);
        assert!(
            (fourths / count - 3.0).abs() < 0.15,
            "fourth moment {}",
            fourths / count
        );

        let uniform: Vec<f64> = (0..100_000).map(|_| random.uniform_between(-5.0, 5.0)).collect();
        assert!(uniform.iter().all(|value| value.abs() < 5.0));
        assert!((uniform.iter().sum::<f64>() / 100_000.0).abs() < 0.05);
    }
}

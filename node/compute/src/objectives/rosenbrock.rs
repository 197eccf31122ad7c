//! Rosenbrock's function.

use super::{
    sums::{sum_of_pairs, NO_CONSTANTS},
    Bounded,
};
use crate::{elementary::ROUNDING, Objective};

/// `fitness(x) = −Σ (100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²)` over all coordinates but the last; the optimum is 0 where all are
/// 1, at the end of a narrow bent valley.
#[derive(Clone, Copy, Debug)]
pub struct Rosenbrock {
    dimensions: usize,
}

impl Rosenbrock {
    /// Rosenbrock's function in this many dimensions; `None` for fewer than 2.
    pub fn new(dimensions: usize) -> Option<Self> {
        (dimensions > 1).then_some(Self { dimensions })
    }
}

impl Objective for Rosenbrock {
    fn name(&self) -> &'static str {
        "rosenbrock"
    }

    fn shader(&self) -> &'static str {
        concat!(include_str!("population.wgsl"), include_str!("rosenbrock.wgsl"))
    }

    fn terms(&self) -> Option<&'static str> {
        Some(include_str!("rosenbrock.wgsl"))
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn constants(&self) -> &[f32] {
        &NO_CONSTANTS
    }

    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        debug_assert_eq!(individual.len(), self.dimensions);
        let last = self.dimensions - 1;
        -sum_of_pairs(&individual[..last], &individual[1..], |value, next| {
            let bend = next - value * value;
            let distance = 1.0 - value;
            100.0 * (bend * bend) + distance * distance
        })
    }

    fn evaluate(&self, individual: &[f64]) -> f64 {
        debug_assert_eq!(individual.len(), self.dimensions);
        -individual.windows(2).fold(0.0, |sum, pair| {
            let bend = pair[1] - pair[0] * pair[0];
            let distance = 1.0 - pair[0];
            sum + (100.0 * (bend * bend) + distance * distance)
        })
    }
}

impl Bounded for Rosenbrock {
    /// The bend xᵢ₊₁ − xᵢ² may cancel, so that its error is one rounding of xᵢ² and one of itself, in absolute terms.
    /// Each term has at most four roundings more, and takes part in at most n additions of numbers that are not
    /// negative.
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let n = self.dimensions as f64;
        let bends: f64 = individual
            .windows(2)
            .map(|pair| {
                let square = pair[0] * pair[0];
                let bend = (pair[1] - square).abs();
                let error = ROUNDING * (square + bend);
                100.0 * error * (2.0 * bend + error)
            })
            .sum();
        1.01 * (bends + (n + 4.0) * ROUNDING * self.evaluate(individual).abs())
            + 200.0 * n * f64::from(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let objective = Rosenbrock::new(3).unwrap();
        assert_eq!(objective.evaluate(&[1.0; 3]), 0.0);
        assert_eq!(objective.evaluate(&[0.0; 3]), -2.0);
        // 100 (3 − 4)² + 1 + 100 (1 − 9)² + 4.
        assert_eq!(objective.evaluate(&[2.0, 3.0, 1.0]), -6_505.0);
        assert_eq!(objective.evaluate_single(&[2.0, 3.0, 1.0]), -6_505.0);
        let ten = Rosenbrock::new(10).unwrap();
        assert_eq!(ten.evaluate_single(&[-1.0; 10]), -3_636.0);
        assert!(Rosenbrock::new(1).is_none());
    }
}

//! The quadratic objective.

use super::{sums::sum_of_pairs, Bounded};
use crate::{elementary::ROUNDING, Objective};

/// `fitness(x) = −Σ (xᵢ − tᵢ)²` with target `t`; the optimum is 0 at `x = t`.
#[derive(Clone, Debug)]
pub struct Quadratic {
    target: Vec<f64>,
    /// The target rounded to what the kernel works with.
    constants: Vec<f32>,
}

impl Quadratic {
    /// The objective with this target. `None` when the target is empty or holds a value that is not finite in `f32`.
    pub fn new(target: Vec<f64>) -> Option<Self> {
        let constants: Vec<f32> = target.iter().map(|value| *value as f32).collect();
        (!target.is_empty() && constants.iter().all(|value| value.is_finite())).then_some(Self { target, constants })
    }

    /// The target.
    pub fn target(&self) -> &[f64] {
        &self.target
    }
}

impl Objective for Quadratic {
    fn name(&self) -> &'static str {
        "quadratic"
    }

    fn shader(&self) -> &'static str {
        concat!(include_str!("population.wgsl"), include_str!("quadratic.wgsl"))
    }

    fn terms(&self) -> Option<&'static str> {
        Some(include_str!("quadratic.wgsl"))
    }

    fn dimensions(&self) -> usize {
        self.target.len()
    }

    fn constants(&self) -> &[f32] {
        &self.constants
    }

    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        debug_assert_eq!(individual.len(), self.constants.len());
        -sum_of_pairs(individual, &self.constants, |value, target| {
            (value - target) * (value - target)
        })
    }

    fn evaluate(&self, individual: &[f64]) -> f64 {
        debug_assert_eq!(individual.len(), self.target.len());
        // From the first to the last, one after another: the order is part of what votes are compared on.
        -individual
            .iter()
            .zip(&self.target)
            .fold(0.0, |sum, (value, target)| sum + (value - target) * (value - target))
    }
}

impl Bounded for Quadratic {
    /// The square of the difference has three roundings and takes part in at most n additions of numbers that are not
    /// negative. The target is taken as the kernel sees it, in `f32`: one that `f32` does not hold adds its rounding.
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let n = self.target.len() as f64;
        let targets: f64 = individual
            .iter()
            .zip(&self.target)
            .zip(&self.constants)
            .map(|((value, target), constant)| {
                let error = (target - f64::from(*constant)).abs();
                error * (2.0 * (value - target).abs() + error)
            })
            .sum();
        1.01 * (targets + (n + 3.0) * ROUNDING * (self.evaluate(individual).abs() + targets))
            + n * f64::from(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let objective = Quadratic::new(vec![1.0, -2.0, 0.5]).unwrap();
        assert_eq!(objective.evaluate(&[1.0, -2.0, 0.5]), 0.0);
        assert_eq!(objective.evaluate(&[3.0, -2.0, 0.0]), -4.25);
        assert_eq!(objective.evaluate_single(&[3.0, -2.0, 0.0]), -4.25);
        let eleven = Quadratic::new(vec![0.0; 11]).unwrap();
        assert_eq!(eleven.evaluate_single(&[2.0; 11]), -44.0);
    }

    #[test]
    fn targets_that_the_kernel_cannot_hold_are_refused() {
        assert!(Quadratic::new(vec![]).is_none());
        assert!(Quadratic::new(vec![0.0, f64::NAN]).is_none());
        assert!(Quadratic::new(vec![1e300]).is_none());
    }

    #[test]
    fn not_a_number_and_infinity_show_in_the_value() {
        let objective = Quadratic::new(vec![0.0; 2]).unwrap();
        assert!(objective.evaluate(&[f64::NAN, 0.0]).is_nan());
        assert!(objective.evaluate_single(&[f32::NAN, 0.0]).is_nan());
        assert_eq!(objective.evaluate(&[f64::INFINITY, 0.0]), f64::NEG_INFINITY);
    }
}

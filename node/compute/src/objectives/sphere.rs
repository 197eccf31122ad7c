//! The sphere.

use super::{
    sums::{sum, NO_CONSTANTS},
    Bounded,
};
use crate::{elementary::ROUNDING, Objective};

/// `fitness(x) = −Σ xᵢ²`; the optimum is 0 at 0.
#[derive(Clone, Copy, Debug)]
pub struct Sphere {
    dimensions: usize,
}

impl Sphere {
    /// The sphere in this many dimensions; `None` for 0.
    pub fn new(dimensions: usize) -> Option<Self> {
        (dimensions > 0).then_some(Self { dimensions })
    }
}

impl Objective for Sphere {
    fn name(&self) -> &'static str {
        "sphere"
    }

    fn shader(&self) -> &'static str {
        concat!(include_str!("population.wgsl"), include_str!("sphere.wgsl"))
    }

    fn terms(&self) -> Option<&'static str> {
        Some(include_str!("sphere.wgsl"))
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn constants(&self) -> &[f32] {
        &NO_CONSTANTS
    }

    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        debug_assert_eq!(individual.len(), self.dimensions);
        -sum(individual, |value| value * value)
    }

    fn evaluate(&self, individual: &[f64]) -> f64 {
        debug_assert_eq!(individual.len(), self.dimensions);
        -individual.iter().fold(0.0, |sum, value| sum + value * value)
    }
}

impl Bounded for Sphere {
    /// Each term is rounded once and takes part in at most n additions of numbers that are not negative.
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let n = self.dimensions as f64;
        1.01 * (n + 1.0) * ROUNDING * self.evaluate(individual).abs() + n * f64::from(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let objective = Sphere::new(3).unwrap();
        assert_eq!(objective.evaluate(&[0.0; 3]), 0.0);
        assert_eq!(objective.evaluate(&[1.0, -2.0, 3.0]), -14.0);
        assert_eq!(objective.evaluate_single(&[1.0, -2.0, 3.0]), -14.0);
        assert!(Sphere::new(0).is_none());
    }
}

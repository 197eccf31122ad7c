//! Rastrigin's function.

use super::{
    sums::{sum, NO_CONSTANTS},
    Bounded,
};
use crate::{
    elementary::{elementary_shader, sine_of_half_turns, ROUNDING},
    Objective,
};

/// `fitness(x) = −Σ (xᵢ² + 10 (1 − cos 2πxᵢ))`; the optimum is 0 at 0, among 11ⁿ local ones in [−5.12, 5.12]ⁿ.
///
/// Computed as `−Σ (xᵢ² + 20 sin² πxᵢ)`, the same without cancellation.
#[derive(Clone, Copy, Debug)]
pub struct Rastrigin {
    dimensions: usize,
}

impl Rastrigin {
    /// Rastrigin's function in this many dimensions; `None` for 0.
    pub fn new(dimensions: usize) -> Option<Self> {
        (dimensions > 0).then_some(Self { dimensions })
    }
}

impl Objective for Rastrigin {
    fn name(&self) -> &'static str {
        "rastrigin"
    }

    fn shader(&self) -> &'static str {
        concat!(
            elementary_shader!(),
            include_str!("population.wgsl"),
            include_str!("rastrigin.wgsl")
        )
    }

    fn terms(&self) -> Option<&'static str> {
        Some(include_str!("rastrigin.wgsl"))
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn constants(&self) -> &[f32] {
        &NO_CONSTANTS
    }

    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        debug_assert_eq!(individual.len(), self.dimensions);
        -sum(individual, |value| {
            let sine = sine_of_half_turns(value);
            value * value + 20.0 * (sine * sine)
        })
    }

    fn evaluate(&self, individual: &[f64]) -> f64 {
        debug_assert_eq!(individual.len(), self.dimensions);
        -individual.iter().fold(0.0, |sum, value| {
            let sine = libm::sin(std::f64::consts::PI * (value - value.round_ties_even()));
            sum + (value * value + 20.0 * (sine * sine))
        })
    }
}

impl Bounded for Rastrigin {
    /// The sine has at most 6 roundings, its square 13, twenty times that 14; the sum of both parts of the term one
    /// more; and each term takes part in at most n additions of numbers that are not negative.
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let n = self.dimensions as f64;
        1.01 * (n + 15.0) * ROUNDING * self.evaluate(individual).abs() + 50.0 * n * f64::from(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let objective = Rastrigin::new(2).unwrap();
        assert_eq!(objective.evaluate(&[0.0; 2]), 0.0);
        assert_eq!(objective.evaluate_single(&[0.0; 2]), 0.0);
        // At whole numbers only the squares count; half-way between them each coordinate adds 20.
        assert_eq!(objective.evaluate(&[1.0, -2.0]), -5.0);
        assert_eq!(objective.evaluate_single(&[1.0, -2.0]), -5.0);
        assert!((objective.evaluate(&[0.5, -1.5]) + 42.5).abs() < 1e-12);
        let cosines = |x: f64| x * x + 10.0 * (1.0 - libm::cos(2.0 * std::f64::consts::PI * x));
        assert!((objective.evaluate(&[0.3, -4.9]) + cosines(0.3) + cosines(-4.9)).abs() < 1e-12);
        assert!(Rastrigin::new(0).is_none());
    }
}

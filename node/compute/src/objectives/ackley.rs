//! Ackley's function.

use super::{sums::sum, Bounded};
use crate::{
    elementary::{elementary_shader, one_minus_exp, sine_of_half_turns, ROUNDING},
    Objective,
};

/// `fitness(x) = 20 exp(−0.2 √(Σxᵢ²/n)) + exp(Σ cos(2πxᵢ)/n) − 20 − e`; the optimum is 0 at 0, in a nearly flat plain
/// of small valleys.
///
/// Computed as `−20 (1 − exp(−0.2 √(Σxᵢ²/n))) − e (1 − exp(−2 Σ sin²(πxᵢ)/n))`, the same without cancellation.
#[derive(Clone, Copy, Debug)]
pub struct Ackley {
    dimensions: usize,
    /// 1/n.
    constants: [f32; 1],
}

impl Ackley {
    /// Ackley's function in this many dimensions; `None` for 0.
    pub fn new(dimensions: usize) -> Option<Self> {
        (dimensions > 0).then(|| Self {
            dimensions,
            constants: [1.0 / dimensions as f32],
        })
    }
}

impl Objective for Ackley {
    fn name(&self) -> &'static str {
        "ackley"
    }

    fn shader(&self) -> &'static str {
        concat!(
            elementary_shader!(),
            include_str!("population.wgsl"),
            include_str!("ackley.wgsl")
        )
    }

    fn terms(&self) -> Option<&'static str> {
        Some(include_str!("ackley.wgsl"))
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn constants(&self) -> &[f32] {
        &self.constants
    }

    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        debug_assert_eq!(individual.len(), self.dimensions);
        let squares = sum(individual, |value| value * value);
        if !squares.is_finite() {
            return -squares;
        }
        let sines = sum(individual, |value| {
            let sine = sine_of_half_turns(value);
            sine * sine
        });
        let distance = 0.2 * (squares * self.constants[0]).sqrt();
        let ripple = 2.0 * (sines * self.constants[0]);
        -(20.0 * one_minus_exp(distance) + std::f32::consts::E * one_minus_exp(ripple))
    }

    fn evaluate(&self, individual: &[f64]) -> f64 {
        debug_assert_eq!(individual.len(), self.dimensions);
        let (squares, sines) = individual.iter().fold((0.0, 0.0), |(squares, sines), value| {
            let sine = libm::sin(std::f64::consts::PI * (value - value.round_ties_even()));
            (squares + value * value, sines + sine * sine)
        });
        let n = self.dimensions as f64;
        20.0 * libm::expm1(-0.2 * (squares / n).sqrt()) + std::f64::consts::E * libm::expm1(-2.0 * (sines / n))
    }
}

impl Bounded for Ackley {
    /// The mean of the squared sines has n + 15 roundings (13 of the squared sine, at most n additions, two for 1/n),
    /// that of the squares fewer. A square root halves the relative error and adds its own, at most 9 roundings by the
    /// rules of Vulkan; 1 − exp(−x) does not enlarge it and adds 8; the factors and the last sum add 4.
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let n = self.dimensions as f64;
        let denormal = f64::from(f32::MIN_POSITIVE);
        // Where squares vanish in f32, so does the whole distance.
        1.01 * (n + 27.0) * ROUNDING * self.evaluate(individual).abs() + 10.0 * denormal.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let objective = Ackley::new(2).unwrap();
        assert_eq!(objective.evaluate(&[0.0; 2]), 0.0);
        assert_eq!(objective.evaluate_single(&[0.0; 2]), 0.0);
        let textbook = |x: [f64; 2]| {
            let cosines: f64 = x
                .iter()
                .map(|value| libm::cos(2.0 * std::f64::consts::PI * value))
                .sum();
            let length = (x.iter().map(|value| value * value).sum::<f64>() / 2.0).sqrt();
            20.0 * libm::exp(-0.2 * length) + libm::exp(cosines / 2.0) - 20.0 - std::f64::consts::E
        };
        for point in [[1.0, 1.0], [0.3, -2.7], [30.0, -25.5]] {
            assert!(
                (objective.evaluate(&point) - textbook(point)).abs() < 1e-12,
                "{point:?}"
            );
        }
        assert!(objective.evaluate_single(&[f32::NAN, 0.0]).is_nan());
        assert_eq!(objective.evaluate_single(&[1e30, 0.0]), f32::NEG_INFINITY);
        assert!(Ackley::new(0).is_none());
    }
}

//! A test function whose optimum lies somewhere else.

use doin_compute::{
    objectives::{Ackley, Bounded, Rastrigin, Rosenbrock, Sphere},
    Objective,
};

use super::TestFunction;

/// A shifted test function. Points are in coordinates of the domain; *relative* ones are in the function's own, where
/// kernels compute. All search methods are indifferent to where a function lies, so that they may work with relative
/// points: closer to the optimum `f32` is then finer, and there is no other shift for the kernels to make.
pub(super) struct Landscape {
    objective: Box<dyn Bounded>,
    optimum: Vec<f64>,
    unshifted: f64,
}

impl Landscape {
    /// The function with this optimum; `None` for fewer dimensions than it needs.
    pub(super) fn new(function: TestFunction, optimum: Vec<f64>) -> Option<Self> {
        let dimensions = optimum.len();
        let objective: Box<dyn Bounded> = match function {
            TestFunction::Sphere => Box::new(Sphere::new(dimensions)?),
            TestFunction::Rastrigin => Box::new(Rastrigin::new(dimensions)?),
            TestFunction::Ackley => Box::new(Ackley::new(dimensions)?),
            TestFunction::Rosenbrock => Box::new(Rosenbrock::new(dimensions)?),
        };
        Some(Self {
            objective,
            optimum,
            unshifted: function.unshifted_optimum(),
        })
    }

    /// Where the value is 0.
    pub(super) fn optimum(&self) -> &[f64] {
        &self.optimum
    }

    /// What kernels compute: fitness, the negative value, of relative points.
    pub(super) fn objective(&self) -> &dyn Objective {
        &*self.objective
    }

    /// The exact value at a point, not negative: the same bits on every machine.
    pub(super) fn value(&self, point: &[f64]) -> f64 {
        -self.objective.evaluate(&self.relative(point))
    }

    /// How much of the value at a relative point may be rounding of a kernel.
    pub(super) fn rounding(&self, relative: &[f64]) -> f64 {
        self.objective.error_bound(relative)
    }

    /// A point in the function's own coordinates.
    pub(super) fn relative(&self, point: &[f64]) -> Vec<f64> {
        let pairs = point.iter().zip(&self.optimum);
        pairs
            .map(|(value, optimum)| (value - optimum) + self.unshifted)
            .collect()
    }

    /// A relative point in coordinates of the domain.
    pub(super) fn absolute(&self, relative: &[f64]) -> Vec<f64> {
        let pairs = relative.iter().zip(&self.optimum);
        pairs
            .map(|(value, optimum)| (value - self.unshifted) + optimum)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_optimum_is_exactly_zero_and_everything_else_above() {
        for function in TestFunction::ALL {
            let optimum = vec![0.3, -1.7, 1e-3, 4.0];
            let landscape = Landscape::new(function, optimum.clone()).unwrap();
            assert_eq!(landscape.value(&optimum).to_bits(), 0);
            assert_eq!(landscape.relative(&optimum), [function.unshifted_optimum(); 4]);
            let point = [0.2, 3.1, -2.0, 0.5];
            assert!(landscape.value(&point) > 0.0);
            let back = landscape.absolute(&landscape.relative(&point));
            for (back, value) in back.iter().zip(&point) {
                assert!((back - value).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn values_are_the_textbook_s() {
        let at = |function, point: &[f64]| {
            let optimum = vec![1.0; point.len()];
            Landscape::new(function, optimum).unwrap().value(point)
        };
        assert_eq!(at(TestFunction::Sphere, &[2.0, -1.0]), 5.0);
        assert_eq!(at(TestFunction::Rastrigin, &[2.0, -1.0]), 5.0);
        assert!((at(TestFunction::Rastrigin, &[1.5, 1.0]) - 20.25).abs() < 1e-12);
        // (1, 1) is 0 for the function itself, shifted by 0: 100 (3 − 4)² + 1 + 100 (1 − 9)² + 4.
        assert_eq!(at(TestFunction::Rosenbrock, &[2.0, 3.0, 1.0]), 6_505.0);
        let ackley = 20.0 * (1.0 - libm::exp(-0.2)) + std::f64::consts::E - libm::exp(1.0);
        assert!((at(TestFunction::Ackley, &[2.0, 0.0]) - ackley).abs() < 1e-12);
    }

    #[test]
    fn too_few_dimensions_are_refused() {
        assert!(Landscape::new(TestFunction::Sphere, vec![]).is_none());
        assert!(Landscape::new(TestFunction::Rosenbrock, vec![1.0]).is_none());
    }
}

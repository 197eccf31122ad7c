//! A feed-forward network over a batch of windows.

use super::Bounded;
use crate::{
    elementary::{elementary_shader, hyperbolic_tangent, ROUNDING},
    Objective,
};

/// Most units of a layer, and most layers: what the kernel has room for.
const MOST_UNITS: usize = 64;
const MOST_LAYERS: usize = 16;
/// Values before the layers' units among the constants.
const HEADER: usize = 4;
/// The largest absolute error of [`hyperbolic_tangent`], which is at most 1.
const TANGENT_ERROR: f64 = 24.0 * ROUNDING;
/// Most steps of the kernel's loops over an individual: no more than 65 535 for each of 64 invocations, see `device::lanes`.
const MOST_STEPS: usize = 64 * 60_000;
/// Counts up to here are exact in single precision.
const MOST_COUNT: usize = 1 << 24;

/// An individual is the weights of a network: layer after layer, input after input, then the layer's biases. Hidden
/// units are tanh, outputs linear. The fitness is minus the mean over the windows of the absolute errors of the outputs,
/// each output with a weight of its own; the optimum is 0.
#[derive(Clone, Debug)]
pub struct Network {
    /// Units of the layers, outputs last.
    units: Vec<usize>,
    inputs: usize,
    windows: usize,
    dimensions: usize,
    constants: Vec<f32>,
}

/// The number type that an evaluation is done in.
trait Number: Copy + Default {
    fn constant(value: f32) -> Self;
    fn add_product(self, value: Self, weight: Self) -> Self;
    fn tanh(self) -> Self;
    fn distance(self, other: Self) -> Self;
    fn negative_mean(self, count: usize) -> Self;
}

macro_rules! number {
    ($type:ty, $tanh:path) => {
        impl Number for $type {
            fn constant(value: f32) -> Self {
                value.into()
            }
            fn add_product(self, value: Self, weight: Self) -> Self {
                self + value * weight
            }
            fn tanh(self) -> Self {
                $tanh(self)
            }
            fn distance(self, other: Self) -> Self {
                (self - other).abs()
            }
            fn negative_mean(self, count: usize) -> Self {
                -self / count as Self
            }
        }
    };
}
number!(f32, hyperbolic_tangent);
number!(f64, libm::tanh);

impl Network {
    /// The objective of networks with `hidden` layers on these windows: `inputs` has one row a window, `targets` too,
    /// and `shares` are the weights of the outputs.
    ///
    /// `None` when there is no window, input or output, a row is broken, a number is not finite, or the kernel has no room:
    /// layers have 64 units at most, and all windows together take a few million steps at most.
    pub fn new(hidden: &[usize], width: usize, inputs: &[f32], targets: &[f32], shares: &[f32]) -> Option<Self> {
        let outputs = shares.len();
        let windows = inputs.len().checked_div(width)?;
        let mut units = hidden.to_vec();
        units.push(outputs);
        let is_whole = inputs.len() == windows * width && targets.len() == windows * outputs;
        let fits = units.len() <= MOST_LAYERS
            && units.iter().all(|units| (1..=MOST_UNITS).contains(units))
            && (1..=MOST_COUNT).contains(&windows)
            && width <= MOST_COUNT;
        if !is_whole || !fits {
            return None;
        }
        let mut constants: Vec<f32> = [windows, width, outputs, units.len()]
            .iter()
            .chain(&units)
            .map(|count| *count as f32)
            .collect();
        for values in [shares, inputs, targets] {
            constants.extend_from_slice(values);
        }
        let mut dimensions = 0;
        let mut below = width;
        for units in &units {
            dimensions += (below + 1) * units;
            below = *units;
        }
        let network = Self {
            units,
            inputs: width,
            windows,
            dimensions,
            constants,
        };
        let is_finite = network.constants.iter().all(|value| value.is_finite());
        (is_finite && network.steps() <= MOST_STEPS).then_some(network)
    }

    /// What follows the counts among the constants: the outputs' weights, the windows' inputs, their targets.
    fn parts(&self) -> (&[f32], &[f32], &[f32]) {
        let (shares, rest) = self.constants[HEADER + self.units.len()..].split_at(self.outputs());
        let (inputs, targets) = rest.split_at(self.windows * self.inputs);
        (shares, inputs, targets)
    }

    fn outputs(&self) -> usize {
        self.units[self.units.len() - 1]
    }

    fn fitness<N: Number>(&self, weights: &[N]) -> N {
        debug_assert_eq!(weights.len(), self.dimensions);
        let outputs = self.outputs();
        let (shares, inputs, targets) = self.parts();
        let mut sum = N::default();
        let (mut values, mut next) = (Vec::new(), Vec::new());
        for (window, targets) in inputs.chunks_exact(self.inputs).zip(targets.chunks_exact(outputs)) {
            values.clear();
            values.extend(window.iter().map(|value| N::constant(*value)));
            let mut rest = weights;
            for (place, units) in self.units.iter().enumerate() {
                let (matrix, after) = rest.split_at(values.len() * units);
                let (biases, after) = after.split_at(*units);
                rest = after;
                next.clear();
                next.extend_from_slice(biases);
                // Input after input, so that the compiler can take several units at a time.
                for (value, row) in values.iter().zip(matrix.chunks_exact(*units)) {
                    for (sum, weight) in next.iter_mut().zip(row) {
                        *sum = sum.add_product(*value, *weight);
                    }
                }
                if place + 1 < self.units.len() {
                    next.iter_mut().for_each(|sum| *sum = sum.tanh());
                }
                std::mem::swap(&mut values, &mut next);
            }
            for ((value, target), share) in values.iter().zip(targets).zip(shares) {
                sum = sum.add_product(N::constant(*share), value.distance(N::constant(*target)));
            }
        }
        sum.negative_mean(self.windows)
    }
}

impl Objective for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn shader(&self) -> &'static str {
        concat!(elementary_shader!(), include_str!("network.wgsl"))
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn steps(&self) -> usize {
        // For each unit its inputs by fours, three at most alone, and itself.
        let mut below = self.inputs;
        let of_a_window: usize = self
            .units
            .iter()
            .map(|units| units * (std::mem::replace(&mut below, *units) / 4 + 4))
            .sum();
        self.windows * (of_a_window + self.units.len() + self.outputs() + 1)
    }

    fn constants(&self) -> &[f32] {
        &self.constants
    }

    fn evaluate_single(&self, individual: &[f32]) -> f32 {
        self.fitness(individual)
    }

    fn evaluate(&self, individual: &[f64]) -> f64 {
        self.fitness(individual)
    }
}

impl Bounded for Network {
    /// A layer's sum is off by the errors of its inputs times the magnitudes of the weights, and by its own roundings: a
    /// sum of n products, in any order, by at most n + 2 roundings of the sum of their magnitudes. A hyperbolic tangent
    /// does not make errors larger and adds its own. The sum of the errors has as many roundings as terms.
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let (shares, inputs, targets) = self.parts();
        let denormal = f64::from(f32::MIN_POSITIVE);
        let mut total = 0.0;
        for (window, targets) in inputs.chunks(self.inputs).zip(targets.chunks(self.outputs())) {
            // Bounds of the magnitudes of a layer's inputs, and of their errors.
            let mut values: Vec<f64> = window.iter().map(|value| f64::from(*value).abs()).collect();
            let mut errors = vec![0.0; values.len()];
            let mut first = 0;
            for (place, units) in self.units.iter().enumerate() {
                let count = values.len();
                let is_hidden = place + 1 < self.units.len();
                let layer = &individual[first..first + (count + 1) * units];
                let (next, off) = (0..*units)
                    .map(|unit| {
                        let bias = layer[count * units + unit].abs();
                        let rows = layer.chunks_exact(*units).map(|row| row[unit].abs());
                        let (sum, carried) = rows
                            .zip(values.iter().zip(&errors))
                            .fold((bias, 0.0), |(sum, carried), (weight, (value, error))| {
                                (sum + weight * value, carried + weight * error)
                            });
                        let rounded = (count as f64 + 2.0) * (ROUNDING * (sum + carried) + denormal);
                        match is_hidden {
                            true => (sum.min(1.0), carried + rounded + TANGENT_ERROR),
                            false => (sum, carried + rounded),
                        }
                    })
                    .unzip();
                (values, errors) = (next, off);
                first += (count + 1) * units;
            }
            for ((value, error), (target, share)) in values.iter().zip(&errors).zip(targets.iter().zip(shares)) {
                let size = value + f64::from(target.abs());
                total += f64::from(share.abs()) * (error + 4.0 * (ROUNDING * size + denormal));
            }
        }
        let terms = (self.windows * self.outputs()) as f64;
        let sum = self.windows as f64 * self.evaluate(individual).abs() + total;
        1.01 * (total + (terms + 4.0) * ROUNDING * sum) / self.windows as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{objectives::tests::assert_agreement, random::RandomStream};
    use proptest::prelude::*;

    fn gaussian(count: usize, scale: f64, random: &mut RandomStream) -> Vec<f32> {
        (0..count).map(|_| (scale * random.gaussian()) as f32).collect()
    }

    fn network(hidden: &[usize], width: usize, outputs: usize, windows: usize, random: &mut RandomStream) -> Network {
        let inputs = gaussian(windows * width, 1.0, random);
        let targets = gaussian(windows * outputs, 1.0, random);
        Network::new(hidden, width, &inputs, &targets, &vec![0.5; outputs]).unwrap()
    }

    #[test]
    fn a_network_worked_out_by_hand() {
        let network = Network::new(&[2], 2, &[2.0, -1.0, 0.0, 0.0], &[1.0, 0.5], &[2.0]).unwrap();
        assert_eq!(network.dimensions(), 9);
        let weights = [0.5, -1.0, 0.25, 2.0, 0.1, -0.2, 3.0, -0.5, 0.7];
        let output = |a: f64, b: f64| 3.0 * a.tanh() - 0.5 * b.tanh() + 0.7;
        let errors = (output(0.85, -4.2) - 1.0).abs() + (output(0.1, -0.2) - 0.5).abs();
        assert!((network.evaluate(&weights) + 2.0 * errors / 2.0).abs() < 1e-12);
        assert!(network.error_bound(&weights) < 1e-4);
    }

    #[test]
    fn what_the_kernel_has_no_room_for_is_refused() {
        let new = |hidden: &[usize], width, inputs: &[f32], targets: &[f32], shares: &[f32]| {
            Network::new(hidden, width, inputs, targets, shares).is_some()
        };
        assert!(new(&[64], 1, &[1.0], &[1.0], &[1.0]));
        assert!(!new(&[65], 1, &[1.0], &[1.0], &[1.0]));
        assert!(!new(&[0], 1, &[1.0], &[1.0], &[1.0]));
        assert!(!new(&[1; 16], 1, &[1.0], &[1.0], &[1.0]));
        assert!(!new(&[1], 2, &[1.0], &[1.0], &[1.0]));
        assert!(!new(&[1], 0, &[1.0], &[1.0], &[1.0]));
        assert!(!new(&[1], 1, &[], &[], &[1.0]));
        assert!(!new(&[1], 1, &[1.0], &[1.0], &[]));
        assert!(!new(&[1], 1, &[f32::NAN], &[1.0], &[1.0]));
        let long = vec![1.0; 70_000];
        assert!(new(&[8], 1, &long[..7_000], &long[..7_000], &[1.0]));
        assert!(!new(&[64], 1, &long, &long, &[1.0]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn kernel_and_reference_are_within_the_bound(
            hidden in prop::collection::vec(1usize..20, 1..4),
            width in 1usize..20,
            outputs in 1usize..4,
            windows in 1usize..60,
            individuals in 1usize..40,
            scale in -3i32..3,
            seed: [u8; 32],
        ) {
            let mut random = RandomStream::new(seed);
            let network = network(&hidden, width, outputs, windows, &mut random);
            let population = gaussian(individuals * network.dimensions(), 2f64.powi(scale), &mut random);
            assert_agreement(&network, &population);
        }
    }

    /// Networks that are apart by more than both bounds have the same order on the device and in the reference.
    #[test]
    fn ranks_agree_between_device_and_reference() {
        let mut random = RandomStream::new([5; 32]);
        let network = network(&[16], 12, 1, 300, &mut random);
        let population = gaussian(64 * network.dimensions(), 1.0, &mut random);
        assert_agreement(&network, &population);
        // The bound is no empty word: it is far below what sets these networks apart.
        let exact: Vec<Vec<f64>> = population
            .chunks(network.dimensions())
            .map(|weights| weights.iter().map(|weight| f64::from(*weight)).collect())
            .collect();
        let fitness: Vec<f64> = exact.iter().map(|weights| network.evaluate(weights)).collect();
        let spread = fitness.iter().fold(f64::MIN, |most, value| most.max(*value))
            - fitness.iter().fold(f64::MAX, |least, value| least.min(*value));
        let bound = exact
            .iter()
            .map(|weights| network.error_bound(weights))
            .fold(0.0, f64::max);
        println!("spread {spread}, largest bound {bound}");
        assert!(bound < 1e-3 * spread, "{bound} {spread}");
    }
}

//! A feed-forward network with its reverse-mode gradient.
//!
//! Each layer's weights stand input after input, then its biases; layers one after another. Hidden units are tanh, outputs
//! linear. Sums run over the inputs in order, so that a forecast has the same bits on every machine; the loops inside go
//! over a layer's units, which the compiler can take several of at a time without changing any sum.

use doin_compute::random::RandomStream;

/// The shape of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// Columns of the series.
    pub columns: usize,
    /// Rows that it sees.
    pub window: usize,
    /// Units of the hidden layers.
    pub hidden: Vec<usize>,
    /// Outputs: one a horizon.
    pub outputs: usize,
}

/// A layer within the weights.
#[derive(Clone, Copy, Debug)]
struct Layer {
    inputs: usize,
    units: usize,
    /// Where its weights begin.
    first: usize,
}

impl Layer {
    fn weights<'w>(&self, weights: &'w [f64]) -> (&'w [f64], &'w [f64]) {
        weights[self.first..self.first + self.parameters()].split_at(self.inputs * self.units)
    }

    fn weights_mut<'w>(&self, weights: &'w mut [f64]) -> (&'w mut [f64], &'w mut [f64]) {
        weights[self.first..self.first + self.parameters()].split_at_mut(self.inputs * self.units)
    }

    fn parameters(&self) -> usize {
        (self.inputs + 1) * self.units
    }
}

impl Architecture {
    /// Values that the network sees.
    pub fn inputs(&self) -> usize {
        self.window * self.columns
    }

    /// Number of weights.
    pub fn parameters(&self) -> usize {
        self.layers().last().map_or(0, |layer| layer.first + layer.parameters())
    }

    fn layers(&self) -> Vec<Layer> {
        let mut first = 0;
        let mut inputs = self.inputs();
        let mut layers = Vec::with_capacity(self.hidden.len() + 1);
        for units in self.hidden.iter().copied().chain([self.outputs]) {
            let layer = Layer { inputs, units, first };
            first += layer.parameters();
            inputs = units;
            layers.push(layer);
        }
        layers
    }

    /// Weights to begin with: hidden ones normal with variance 1/inputs, outputs 0, so that the network says 0 whatever
    /// it sees, and learns from the first step on all the same.
    pub fn initial_weights(&self, random: &mut RandomStream) -> Vec<f64> {
        let mut weights = vec![0.0; self.parameters()];
        let layers = self.layers();
        for layer in &layers[..layers.len() - 1] {
            for weight in layer.weights_mut(&mut weights).0 {
                *weight = random.gaussian() / (layer.inputs as f64).sqrt();
            }
        }
        weights
    }

    /// Weights for this architecture from those of another one with as many layers: units and inputs that both have keep
    /// their weights (windows by their latest rows); new units see their inputs by chance and have no effect yet, new
    /// inputs have none on old units. So a network that only grows says what it said before (T. Chen, I. Goodfellow and
    /// J. Shlens, "Net2Net: accelerating learning via knowledge transfer", 2016). With another number of layers it
    /// begins anew.
    pub fn inherit(&self, parent: &Self, weights: &[f64], random: &mut RandomStream) -> Vec<f64> {
        let mut inherited = self.initial_weights(random);
        if self == parent {
            inherited.copy_from_slice(weights);
        }
        if self == parent || self.hidden.len() != parent.hidden.len() || self.columns != parent.columns {
            return inherited;
        }
        // The place of the parent's first input among ours: negative where the window has become shorter.
        let mut shift = (self.window as isize - parent.window as isize) * self.columns as isize;
        for (layer, old) in self.layers().into_iter().zip(parent.layers()) {
            let (matrix, biases) = layer.weights_mut(&mut inherited);
            let (old_matrix, old_biases) = old.weights(weights);
            let kept = layer.units.min(old.units);
            for (input, row) in matrix.chunks_exact_mut(layer.units).enumerate() {
                let source = usize::try_from(input as isize - shift)
                    .ok()
                    .filter(|source| *source < old.inputs);
                match source {
                    Some(source) => {
                        row[..kept].copy_from_slice(&old_matrix[source * old.units..source * old.units + kept]);
                    }
                    None => row[..kept].fill(0.0),
                }
            }
            biases[..kept].copy_from_slice(&old_biases[..kept]);
            shift = 0;
        }
        inherited
    }
}

/// A network's layers and room for its computations. The weights are given each time.
#[derive(Clone, Debug)]
pub struct Workspace {
    layers: Vec<Layer>,
    /// The input, then each layer's outputs.
    values: Vec<Vec<f64>>,
    /// The loss's derivative by each layer's sums.
    deltas: Vec<Vec<f64>>,
}

impl Workspace {
    /// Room for networks of this architecture.
    pub fn new(architecture: &Architecture) -> Self {
        let layers = architecture.layers();
        let mut values = vec![vec![0.0; architecture.inputs()]];
        values.extend(layers.iter().map(|layer| vec![0.0; layer.units]));
        let deltas = layers.iter().map(|layer| vec![0.0; layer.units]).collect();
        Self { layers, values, deltas }
    }

    /// Where the input is written.
    pub fn input(&mut self) -> &mut [f64] {
        &mut self.values[0]
    }

    /// The outputs for the input.
    pub fn forward(&mut self, weights: &[f64]) -> &[f64] {
        let last = self.layers.len() - 1;
        for (place, layer) in self.layers.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(place + 1);
            let (inputs, outputs) = (&before[place], &mut after[0]);
            let (matrix, biases) = layer.weights(weights);
            outputs.copy_from_slice(biases);
            for (input, row) in inputs.iter().zip(matrix.chunks_exact(layer.units)) {
                for (output, weight) in outputs.iter_mut().zip(row) {
                    *output += input * weight;
                }
            }
            if place < last {
                for output in outputs.iter_mut() {
                    *output = libm::tanh(*output);
                }
            }
        }
        &self.values[last + 1]
    }

    /// Adds the loss's derivative by the weights to `gradient`: for the input of the last [`Workspace::forward`] and the
    /// loss's derivative by the outputs.
    pub fn backward(&mut self, weights: &[f64], derivative: &[f64], gradient: &mut [f64]) {
        let last = self.layers.len() - 1;
        self.deltas[last].copy_from_slice(derivative);
        for (place, layer) in self.layers.iter().enumerate().rev() {
            let inputs = &self.values[place];
            let (before, after) = self.deltas.split_at_mut(place);
            let delta = &after[0];
            let (matrix, biases) = layer.weights_mut(gradient);
            for (bias, delta) in biases.iter_mut().zip(delta) {
                *bias += delta;
            }
            for (input, row) in inputs.iter().zip(matrix.chunks_exact_mut(layer.units)) {
                for (weight, delta) in row.iter_mut().zip(delta) {
                    *weight += input * delta;
                }
            }
            let Some(below) = before.last_mut() else { continue };
            let rows = layer.weights(weights).0.chunks_exact(layer.units);
            for ((below, value), row) in below.iter_mut().zip(inputs).zip(rows) {
                let sum: f64 = row.iter().zip(delta).map(|(weight, delta)| weight * delta).sum();
                // The derivative of tanh, by its value.
                *below = sum * (1.0 - value * value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gaussian(count: usize, random: &mut RandomStream) -> Vec<f64> {
        (0..count).map(|_| random.gaussian()).collect()
    }

    fn outputs(architecture: &Architecture, weights: &[f64], input: &[f64]) -> Vec<f64> {
        let mut workspace = Workspace::new(architecture);
        workspace.input().copy_from_slice(input);
        workspace.forward(weights).to_vec()
    }

    #[test]
    fn a_network_worked_out_by_hand() {
        let architecture = Architecture {
            columns: 1,
            window: 2,
            hidden: vec![2],
            outputs: 1,
        };
        // Rows of inputs, biases; then those of the output.
        let weights = [0.5, -1.0, 0.25, 2.0, 0.1, -0.2, 3.0, -0.5, 0.7];
        assert_eq!(architecture.parameters(), weights.len());
        let (a, b): (f64, f64) = (0.5 * 2.0 - 0.25 + 0.1, -2.0 - 2.0 - 0.2);
        let expected = 3.0 * a.tanh() - 0.5 * b.tanh() + 0.7;
        assert!((outputs(&architecture, &weights, &[2.0, -1.0])[0] - expected).abs() < 1e-14);
    }

    #[test]
    fn a_new_network_says_nothing_and_has_a_gradient() {
        let architecture = Architecture {
            columns: 2,
            window: 3,
            hidden: vec![4, 3],
            outputs: 2,
        };
        let mut random = RandomStream::new([1; 32]);
        let weights = architecture.initial_weights(&mut random);
        let mut workspace = Workspace::new(&architecture);
        workspace.input().copy_from_slice(&gaussian(6, &mut random));
        assert_eq!(workspace.forward(&weights), [0.0, 0.0]);
        let mut gradient = vec![0.0; weights.len()];
        workspace.backward(&weights, &[1.0, -1.0], &mut gradient);
        assert!(gradient.iter().any(|value| value.abs() > 0.01));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Central differences of the loss, in every weight.
        #[test]
        fn the_gradient_is_that_of_the_loss(
            columns in 1usize..3,
            window in 1usize..5,
            hidden in prop::collection::vec(1usize..6, 1..4),
            outputs in 1usize..4,
            seed: [u8; 32],
        ) {
            let architecture = Architecture { columns, window, hidden, outputs };
            let mut random = RandomStream::new(seed);
            let weights = gaussian(architecture.parameters(), &mut random);
            let input = gaussian(architecture.inputs(), &mut random);
            let derivative = gaussian(outputs, &mut random);
            let mut workspace = Workspace::new(&architecture);
            workspace.input().copy_from_slice(&input);
            let mut loss = |weights: &[f64]| -> f64 {
                workspace.forward(weights).iter().zip(&derivative).map(|(output, weight)| output * weight).sum()
            };
            let differences: Vec<f64> = (0..weights.len())
                .map(|place| {
                    let mut moved = weights.clone();
                    moved[place] += 1e-6;
                    let above = loss(&moved);
                    moved[place] -= 2e-6;
                    (above - loss(&moved)) / 2e-6
                })
                .collect();
            workspace.forward(&weights);
            let mut gradient = vec![0.0; weights.len()];
            workspace.backward(&weights, &derivative, &mut gradient);
            for (found, expected) in gradient.iter().zip(&differences) {
                prop_assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{} {}", found, expected);
            }
        }

        #[test]
        fn a_network_that_grows_says_what_it_said(
            columns in 1usize..3,
            window in 1usize..5,
            hidden in prop::collection::vec(1usize..6, 1..4),
            more in prop::collection::vec(0usize..4, 4),
            seed: [u8; 32],
        ) {
            let small = Architecture { columns, window, hidden: hidden.clone(), outputs: 2 };
            let grown = hidden.iter().zip(&more).map(|(units, more)| units + more).collect();
            let large = Architecture { columns, window: window + more[3], hidden: grown, outputs: 2 };
            let mut random = RandomStream::new(seed);
            let weights = gaussian(small.parameters(), &mut random);
            let inherited = large.inherit(&small, &weights, &mut random);
            let input = gaussian(large.inputs(), &mut random);
            let expected = outputs(&small, &weights, &input[large.inputs() - small.inputs()..]);
            for (found, expected) in outputs(&large, &inherited, &input).iter().zip(&expected) {
                prop_assert!((found - expected).abs() < 1e-9, "{} {}", found, expected);
            }
            // And back again: nothing of it is lost.
            prop_assert_eq!(small.inherit(&large, &inherited, &mut random), weights);
        }
    }
}

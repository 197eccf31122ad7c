//! Feed-forward and temporal convolution networks with their reverse-mode gradient.
//!
//! A temporal convolution network (S. Bai, J. Z. Kolter and V. Koltun, "An empirical evaluation of generic convolutional and
//! recurrent networks for sequence modeling", 2018) has causal convolutions of k taps, of which each layer's lie k times as
//! far apart as those of the layer below. A forecast needs only the last layer's last position, that needs k positions of
//! the layer below, and so on down to the k^layers rows of the window: each layer is a dense layer that is applied to one
//! block of k neighbouring positions after another, with the same weights. That is all that tells it from a feed-forward
//! network, whose layers have but one block.
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
    /// Taps of the convolutions that the hidden layers are, above 0: the window has taps^layers rows. `None`: they are
    /// dense.
    pub taps: Option<usize>,
    /// Units of the hidden layers: channels, where they are convolutions.
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
    /// To how many blocks of inputs it is applied, one after another.
    blocks: usize,
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

    /// Writes the derivative by the inputs, from that by the sums.
    fn carry_back(&self, weights: &[f64], delta: &[f64], below: &mut [f64]) {
        let matrix = self.weights(weights).0;
        let blocks = below.chunks_exact_mut(self.inputs).zip(delta.chunks_exact(self.units));
        for (below, delta) in blocks {
            for (below, row) in below.iter_mut().zip(matrix.chunks_exact(self.units)) {
                *below = row.iter().zip(delta).map(|(weight, delta)| weight * delta).sum();
            }
        }
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

    /// Products that a forecast takes, with one for each bias.
    pub fn products(&self) -> usize {
        self.layers()
            .iter()
            .map(|layer| layer.blocks * layer.parameters())
            .sum()
    }

    fn layers(&self) -> Vec<Layer> {
        let taps = self.taps.unwrap_or(1).max(1);
        let mut layers = Vec::with_capacity(self.hidden.len() + 1);
        let (mut inputs, mut blocks) = match self.taps {
            None => (self.inputs(), 1),
            Some(_) => (taps * self.columns, self.window / taps),
        };
        let mut first = 0;
        for units in &self.hidden {
            let layer = Layer {
                inputs,
                units: *units,
                first,
                blocks,
            };
            first += layer.parameters();
            (inputs, blocks) = (taps * units, blocks / taps);
            layers.push(layer);
        }
        layers.push(Layer {
            inputs: self.hidden.last().copied().unwrap_or(inputs),
            units: self.outputs,
            first,
            blocks: 1,
        });
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
        let is_kin = (self.hidden.len(), self.columns, self.taps) == (parent.hidden.len(), parent.columns, parent.taps);
        if self == parent || !is_kin {
            return inherited;
        }
        // The place of the parent's first input among ours: negative where the window has become shorter.
        let mut shift = (self.window as isize - parent.window as isize) * self.columns as isize;
        // Inputs of one position: those of the layer's units below, of which new ones stand between old ones.
        let mut width = (self.columns, self.columns);
        for (layer, old) in self.layers().into_iter().zip(parent.layers()) {
            let (matrix, biases) = layer.weights_mut(&mut inherited);
            let (old_matrix, old_biases) = old.weights(weights);
            let kept = layer.units.min(old.units);
            for (input, row) in matrix.chunks_exact_mut(layer.units).enumerate() {
                let (position, unit) = (input / width.0, input % width.0);
                let place = (position * width.1 + unit) as isize - shift;
                let source = usize::try_from(place)
                    .ok()
                    .filter(|source| unit < width.1 && *source < old.inputs);
                match source {
                    Some(source) => {
                        row[..kept].copy_from_slice(&old_matrix[source * old.units..source * old.units + kept]);
                    }
                    None => row[..kept].fill(0.0),
                }
            }
            biases[..kept].copy_from_slice(&old_biases[..kept]);
            shift = 0;
            width = (layer.units, old.units);
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
        let room = |layer: &Layer| vec![0.0; layer.blocks * layer.units];
        let mut values = vec![vec![0.0; architecture.inputs()]];
        values.extend(layers.iter().map(room));
        let deltas = layers.iter().map(room).collect();
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
            let blocks = inputs.chunks_exact(layer.inputs);
            for (inputs, outputs) in blocks.zip(outputs.chunks_exact_mut(layer.units)) {
                outputs.copy_from_slice(biases);
                for (input, row) in inputs.iter().zip(matrix.chunks_exact(layer.units)) {
                    for (output, weight) in outputs.iter_mut().zip(row) {
                        *output += input * weight;
                    }
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
            let blocks = inputs.chunks_exact(layer.inputs).zip(delta.chunks_exact(layer.units));
            for (inputs, delta) in blocks {
                for (bias, delta) in biases.iter_mut().zip(delta) {
                    *bias += delta;
                }
                for (input, row) in inputs.iter().zip(matrix.chunks_exact_mut(layer.units)) {
                    for (weight, delta) in row.iter_mut().zip(delta) {
                        *weight += input * delta;
                    }
                }
            }
            let Some(below) = before.last_mut() else { continue };
            layer.carry_back(weights, delta, below);
            for (below, value) in below.iter_mut().zip(inputs) {
                // The derivative of tanh, by its value.
                *below *= 1.0 - value * value;
            }
        }
    }

    /// Writes the loss's derivative by the inputs, of the last [`Workspace::backward`].
    pub fn input_derivative(&self, weights: &[f64], derivative: &mut [f64]) {
        self.layers[0].carry_back(weights, &self.deltas[0], derivative);
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
            taps: None,
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

    /// The same network as its definition has it: every layer over the whole sequence, taps that lie farther apart from
    /// layer to layer, zeros before the window.
    #[test]
    fn blocks_are_dilated_causal_convolutions() {
        let (taps, columns) = (3, 2);
        let architecture = Architecture {
            columns,
            window: 27,
            taps: Some(taps),
            hidden: vec![4, 3, 5],
            outputs: 2,
        };
        let mut random = RandomStream::new([1; 32]);
        let weights = gaussian(architecture.parameters(), &mut random);
        assert_eq!(weights.len(), (6 + 1) * 4 + (12 + 1) * 3 + (9 + 1) * 5 + (5 + 1) * 2);
        assert_eq!(architecture.products(), 9 * 28 + 3 * 39 + 50 + 12);
        let input = gaussian(architecture.inputs(), &mut random);
        let mut rows: Vec<Vec<f64>> = input.chunks(columns).map(<[f64]>::to_vec).collect();
        let mut rest = &weights[..];
        for (layer, units) in architecture.hidden.iter().enumerate() {
            let width = rows[0].len();
            let (own, after) = rest.split_at((taps * width + 1) * units);
            rest = after;
            let dilation = taps.pow(layer as u32);
            rows = (0..rows.len())
                .map(|time| {
                    let sum = |unit: usize| {
                        (0..taps).fold(own[taps * width * units + unit], |sum, tap| {
                            let back = (taps - 1 - tap) * dilation;
                            let row = time.checked_sub(back).map(|at| &rows[at]);
                            let weight = |channel: usize| own[(tap * width + channel) * units + unit];
                            sum + row.map_or(0.0, |row| row.iter().enumerate().map(|(c, x)| x * weight(c)).sum())
                        })
                    };
                    (0..*units).map(|unit| sum(unit).tanh()).collect()
                })
                .collect();
        }
        let last = &rows[26];
        let expected = |output: usize| (0..5).fold(rest[10 + output], |sum, i| sum + last[i] * rest[i * 2 + output]);
        for (output, found) in outputs(&architecture, &weights, &input).iter().enumerate() {
            assert!((found - expected(output)).abs() < 1e-12, "{found} {}", expected(output));
        }
    }

    #[test]
    fn a_new_network_says_nothing_and_has_a_gradient() {
        let architecture = Architecture {
            columns: 2,
            window: 3,
            taps: None,
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
            taps in prop::option::of(1usize..4),
            seed: [u8; 32],
        ) {
            let window = taps.map_or(window, |taps| taps.pow(hidden.len() as u32));
            let architecture = Architecture { columns, window, taps, hidden, outputs };
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
            // And by the inputs.
            let mut by_input = vec![0.0; input.len()];
            workspace.input_derivative(&weights, &mut by_input);
            for (place, found) in by_input.into_iter().enumerate() {
                let mut at = |moved: f64| -> f64 {
                    workspace.input().copy_from_slice(&input);
                    workspace.input()[place] += moved;
                    workspace.forward(&weights).iter().zip(&derivative).map(|(output, weight)| output * weight).sum()
                };
                let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
                prop_assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{} {}", found, expected);
            }
        }

        #[test]
        fn a_network_that_grows_says_what_it_said(
            columns in 1usize..3,
            window in 1usize..5,
            hidden in prop::collection::vec(1usize..6, 1..4),
            more in prop::collection::vec(0usize..4, 4),
            taps in prop::option::of(1usize..4),
            seed: [u8; 32],
        ) {
            // The window of convolutions stays as it is.
            let layers = hidden.len() as u32;
            let (window, longer) = taps.map_or((window, window + more[3]), |taps| (taps.pow(layers), taps.pow(layers)));
            let small = Architecture { columns, window, taps, hidden: hidden.clone(), outputs: 2 };
            let grown = hidden.iter().zip(&more).map(|(units, more)| units + more).collect();
            let large = Architecture { columns, window: longer, taps, hidden: grown, outputs: 2 };
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

//! What a network says of a window, in any number type.

use super::{number::Number, HiddenLayers, NetworkShape};

/// Room for one network's passes.
#[derive(Default)]
pub(super) struct Room<N> {
    /// The window; after a pass the outputs.
    pub(super) values: Vec<N>,
    next: Vec<N>,
    /// A recurrent layer's sums for its gates, its cells and its state.
    gates: Vec<N>,
    cells: Vec<N>,
    state: Vec<N>,
}

impl<N: Number> Room<N> {
    /// Works out the outputs.
    pub(super) fn pass(&mut self, shape: &NetworkShape, mut weights: &[N]) {
        let mut own = |count: usize| {
            let (own, rest) = weights.split_at(count);
            weights = rest;
            own
        };
        let mut layers = shape.layers();
        let last = layers.pop().unwrap_or_default();
        for layer in layers {
            let weights = own(layer.parameters());
            match shape.kind {
                HiddenLayers::Recurrent => self.run(weights, layer.inputs - layer.units, layer.units),
                HiddenLayers::Dense | HiddenLayers::Convolutions { .. } => {
                    self.apply(weights, layer.inputs, layer.units);
                    self.values.iter_mut().for_each(|sum| *sum = sum.tanh());
                }
            }
        }
        // It sees the last position alone.
        let start = self.values.len() - last.inputs;
        self.values.drain(..start);
        self.apply(own(last.parameters()), last.inputs, last.units);
    }

    /// Applies a layer without its activation to one block of inputs after another.
    fn apply(&mut self, weights: &[N], inputs: usize, units: usize) {
        let (matrix, biases) = weights.split_at(inputs * units);
        self.next.clear();
        for block in self.values.chunks_exact(inputs) {
            let start = self.next.len();
            self.next.extend_from_slice(biases);
            let sums = &mut self.next[start..];
            add_products(sums, block, matrix);
            sums.iter_mut().for_each(|sum| *sum = sum.settled());
        }
        std::mem::swap(&mut self.values, &mut self.next);
    }

    /// Runs an LSTM layer over the rows, `inputs` values each, and leaves its states.
    fn run(&mut self, weights: &[N], inputs: usize, units: usize) {
        let (matrix, biases) = weights.split_at((inputs + units) * 4 * units);
        let (from_inputs, from_states) = matrix.split_at(inputs * 4 * units);
        self.next.clear();
        for room in [&mut self.cells, &mut self.state] {
            room.clear();
            room.resize(units, N::default());
        }
        for row in self.values.chunks_exact(inputs) {
            self.gates.clear();
            self.gates.extend_from_slice(biases);
            add_products(&mut self.gates, row, from_inputs);
            add_products(&mut self.gates, &self.state, from_states);
            for unit in 0..units {
                let [input, forget, cell, output] = [0, 1, 2, 3].map(|gate| self.gates[gate * units + unit].settled());
                let kept = N::default().add_product(forget.sigmoid(), self.cells[unit]);
                let cell = kept.add_product(input.sigmoid(), cell.tanh()).settled();
                self.cells[unit] = cell;
                self.state[unit] = N::default().add_product(output.sigmoid(), cell.tanh()).settled();
            }
            self.next.extend_from_slice(&self.state);
        }
        std::mem::swap(&mut self.values, &mut self.next);
    }
}

/// Adds the products of the inputs with their rows of the matrix: input after input, so that the compiler can take
/// several units at a time.
fn add_products<N: Number>(sums: &mut [N], inputs: &[N], matrix: &[N]) {
    for (input, row) in inputs.iter().zip(matrix.chunks_exact(sums.len())) {
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum = sum.add_product(*input, *weight);
        }
    }
}

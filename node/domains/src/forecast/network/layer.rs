//! Layers with their reverse-mode gradient.

/// A layer within the weights. It goes over a sequence: a dense layer has but one position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    pub(super) kind: LayerKind,
    /// Inputs from below at a position.
    pub(super) below: usize,
    pub(super) units: usize,
    /// Where its weights begin.
    pub(super) first: usize,
    pub(super) positions: usize,
}

/// What a layer makes of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LayerKind {
    /// Their weighted sums.
    Linear,
    /// The hyperbolic tangents of these.
    Tanh,
    /// The states of long short-term memory, which are inputs of the next position too. Of its sums the first are those
    /// of all units' input gates, then of the forget gates, the cells and the output gates.
    Memory,
}

/// What a layer's passes leave.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// Units of one position after another.
    pub(super) values: Vec<f64>,
    /// The loss's derivative by these.
    pub(super) delta: Vec<f64>,
    /// And by the sums.
    slopes: Vec<f64>,
    /// Of memory: gates, cells, and the hyperbolic tangents of the cells. Other layers have none.
    gates: Vec<f64>,
    cells: Vec<f64>,
    reached: Vec<f64>,
}

impl Trace {
    pub(super) fn new(layer: &Layer) -> Self {
        let units = layer.positions * layer.units;
        let of_memory = match layer.kind {
            LayerKind::Memory => units,
            LayerKind::Linear | LayerKind::Tanh => 0,
        };
        Self {
            values: vec![0.0; units],
            delta: vec![0.0; units],
            slopes: vec![0.0; layer.positions * layer.sums()],
            gates: vec![0.0; 4 * of_memory],
            cells: vec![0.0; of_memory],
            reached: vec![0.0; of_memory],
        }
    }
}

impl Layer {
    /// Inputs at a position, with a memory's own states.
    pub(super) fn inputs(&self) -> usize {
        match self.kind {
            LayerKind::Linear | LayerKind::Tanh => self.below,
            LayerKind::Memory => self.below + self.units,
        }
    }

    /// Sums for each unit.
    pub(super) fn gates(&self) -> usize {
        match self.kind {
            LayerKind::Linear | LayerKind::Tanh => 1,
            LayerKind::Memory => 4,
        }
    }

    fn sums(&self) -> usize {
        self.gates() * self.units
    }

    /// Number of weights.
    pub(super) fn parameters(&self) -> usize {
        (self.inputs() + 1) * self.sums()
    }

    /// Weights input after input, and biases.
    pub(super) fn weights<'w>(&self, weights: &'w [f64]) -> (&'w [f64], &'w [f64]) {
        weights[self.first..self.first + self.parameters()].split_at(self.inputs() * self.sums())
    }

    pub(super) fn weights_mut<'w>(&self, weights: &'w mut [f64]) -> (&'w mut [f64], &'w mut [f64]) {
        weights[self.first..self.first + self.parameters()].split_at_mut(self.inputs() * self.sums())
    }

    /// What the layer sees of the values below: the last ones, where it does not go over all.
    pub(super) fn seen<'v>(&self, values: &'v [f64]) -> &'v [f64] {
        &values[values.len() - self.positions * self.below..]
    }

    /// From the values below to the units' values.
    pub(super) fn forward(&self, weights: &[f64], below: &[f64], trace: &mut Trace) {
        let (matrix, biases) = self.weights(weights);
        let positions = self.seen(below).chunks_exact(self.below);
        if self.kind == LayerKind::Memory {
            for (position, inputs) in positions.enumerate() {
                self.remember(matrix, biases, inputs, position, trace);
            }
            return;
        }
        for (inputs, outputs) in positions.zip(trace.values.chunks_exact_mut(self.units)) {
            outputs.copy_from_slice(biases);
            add_products(outputs, inputs, matrix);
        }
        if self.kind == LayerKind::Tanh {
            for output in &mut trace.values {
                *output = libm::tanh(*output);
            }
        }
    }

    /// One position of a memory.
    fn remember(&self, matrix: &[f64], biases: &[f64], inputs: &[f64], position: usize, trace: &mut Trace) {
        let (units, sums) = (self.units, self.sums());
        let (from_below, from_states) = matrix.split_at(self.below * sums);
        let (before, values) = trace.values.split_at_mut(position * units);
        let gates = &mut trace.gates[position * sums..][..sums];
        gates.copy_from_slice(biases);
        add_products(gates, inputs, from_below);
        if let Some(first) = before.len().checked_sub(units) {
            add_products(gates, &before[first..], from_states);
        }
        for (place, gate) in gates.iter_mut().enumerate() {
            *gate = match place / units {
                2 => libm::tanh(*gate),
                _ => sigmoid(*gate),
            };
        }
        for unit in 0..units {
            let [input, forget, cell, output] = [0, 1, 2, 3].map(|gate| gates[gate * units + unit]);
            let place = position * units + unit;
            let kept = match position {
                0 => 0.0,
                _ => forget * trace.cells[place - units],
            };
            trace.cells[place] = kept + input * cell;
            trace.reached[place] = libm::tanh(trace.cells[place]);
            values[unit] = output * trace.reached[place];
        }
    }

    /// From the loss's derivative by the units' values to that by the sums, and, added to the gradient, by the weights.
    pub(super) fn backward(&self, weights: &[f64], below: &[f64], trace: &mut Trace, gradient: &mut [f64]) {
        match self.kind {
            LayerKind::Linear => trace.slopes.copy_from_slice(&trace.delta),
            LayerKind::Tanh => {
                let values = trace.delta.iter().zip(&trace.values);
                for (slope, (delta, value)) in trace.slopes.iter_mut().zip(values) {
                    // The derivative of tanh, by its value.
                    *slope = delta * (1.0 - value * value);
                }
            }
            LayerKind::Memory => self.recall(weights, trace),
        }
        let sums = self.sums();
        let (matrix, biases) = self.weights_mut(gradient);
        let (from_below, from_states) = matrix.split_at_mut(self.below * sums);
        let inputs = self.seen(below).chunks_exact(self.below);
        for (inputs, slopes) in inputs.zip(trace.slopes.chunks_exact(sums)) {
            for (bias, slope) in biases.iter_mut().zip(slopes) {
                *bias += slope;
            }
            add_outer_product(from_below, inputs, slopes);
        }
        if self.kind == LayerKind::Memory {
            let states = trace.values.chunks_exact(self.units);
            for (states, slopes) in states.zip(trace.slopes.chunks_exact(sums).skip(1)) {
                add_outer_product(from_states, states, slopes);
            }
        }
    }

    /// Back through the positions of a memory: the derivative by its sums.
    fn recall(&self, weights: &[f64], trace: &mut Trace) {
        let (units, sums) = (self.units, self.sums());
        let from_states = &self.weights(weights).0[self.below * sums..];
        // The loss's derivative by the cells, from the later positions.
        let mut by_cells = vec![0.0; units];
        for position in (0..self.positions).rev() {
            let gates = &trace.gates[position * sums..][..sums];
            let slopes = &mut trace.slopes[position * sums..][..sums];
            for unit in 0..units {
                let [input, forget, cell, output] = [0, 1, 2, 3].map(|gate| gates[gate * units + unit]);
                let place = position * units + unit;
                let (delta, reached) = (trace.delta[place], trace.reached[place]);
                let by_cell = by_cells[unit] + delta * output * (1.0 - reached * reached);
                let before = match position {
                    0 => 0.0,
                    _ => trace.cells[place - units],
                };
                slopes[unit] = by_cell * cell * input * (1.0 - input);
                slopes[units + unit] = by_cell * before * forget * (1.0 - forget);
                slopes[2 * units + unit] = by_cell * input * (1.0 - cell * cell);
                slopes[3 * units + unit] = delta * reached * output * (1.0 - output);
                by_cells[unit] = by_cell * forget;
            }
            if position > 0 {
                let before = &mut trace.delta[(position - 1) * units..][..units];
                for (before, row) in before.iter_mut().zip(from_states.chunks_exact(sums)) {
                    *before += product(row, slopes);
                }
            }
        }
    }

    /// Writes the derivative by what the layer sees of the values below.
    pub(super) fn carry_back(&self, weights: &[f64], trace: &Trace, below: &mut [f64]) {
        let sums = self.sums();
        let matrix = self.weights(weights).0;
        let positions = below.chunks_exact_mut(self.below);
        for (below, slopes) in positions.zip(trace.slopes.chunks_exact(sums)) {
            for (below, row) in below.iter_mut().zip(matrix.chunks_exact(sums)) {
                *below = product(row, slopes);
            }
        }
    }
}

/// 1/(1 + exp(−x)), without exp, which can overflow.
fn sigmoid(value: f64) -> f64 {
    0.5 + 0.5 * libm::tanh(0.5 * value)
}

fn product(row: &[f64], slopes: &[f64]) -> f64 {
    row.iter().zip(slopes).map(|(weight, slope)| weight * slope).sum()
}

/// Adds the products of the inputs with their rows of the matrix to the sums, in the order of the inputs.
fn add_products(sums: &mut [f64], inputs: &[f64], matrix: &[f64]) {
    for (input, row) in inputs.iter().zip(matrix.chunks_exact(sums.len())) {
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += input * weight;
        }
    }
}

fn add_outer_product(gradient: &mut [f64], inputs: &[f64], slopes: &[f64]) {
    for (input, row) in inputs.iter().zip(gradient.chunks_exact_mut(slopes.len())) {
        for (weight, slope) in row.iter_mut().zip(slopes) {
            *weight += input * slope;
        }
    }
}

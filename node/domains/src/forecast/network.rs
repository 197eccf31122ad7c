//! Feed-forward, temporal convolution and recurrent networks with their reverse-mode gradient.
//!
//! A temporal convolution network (S. Bai, J. Z. Kolter and V. Koltun, "An empirical evaluation of generic convolutional and
//! recurrent networks for sequence modeling", 2018) has causal convolutions of k taps, of which each layer's lie k times as
//! far apart as those of the layer below. A forecast needs only the last layer's last position, that needs k positions of
//! the layer below, and so on down to the k^layers rows of the window: each layer is a dense layer that is applied to one
//! block of k neighbouring positions after another, with the same weights. That is all that tells it from a feed-forward
//! network, whose layers have but one block.
//!
//! A recurrent network goes through the window row by row with layers of long short-term memory
//! ([`HiddenLayers::Recurrent`]), each over the states of the one below. The outputs see the last states.
//!
//! Each layer's weights stand input after input, then its biases; layers one after another. The inputs of a recurrent layer
//! are those from below, then its own states, and each has a weight for every unit's input gate, then for every forget
//! gate, cell and output gate. Units of dense layers and convolutions are tanh, outputs linear. Sums run over the inputs in
//! order, so that a forecast has the same bits on every machine; the loops inside go over a layer's units, which the
//! compiler can take several of at a time without changing any sum.

mod layer;

use doin_compute::random::RandomStream;

pub use doin_compute::objectives::HiddenLayers;

use layer::{Layer, LayerKind, Trace};

/// What a sigmoid or a hyperbolic tangent of a recurrent layer takes, in products.
const ACTIVATION_WORK: usize = 16;
/// Activations of a recurrent unit at a position.
const ACTIVATIONS: usize = 5;

/// The shape of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// Columns of the series.
    pub columns: usize,
    /// Rows that it sees: taps^layers with convolutions.
    pub window: usize,
    /// What its hidden layers are.
    pub kind: HiddenLayers,
    /// Units of the hidden layers: channels, where they are convolutions.
    pub hidden: Vec<usize>,
    /// Outputs: one a horizon.
    pub outputs: usize,
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

    /// What a forecast takes, in products: one for each weight at each position that its layer goes over, and in recurrent
    /// layers 16 for each activation.
    pub fn work(&self) -> usize {
        let of_a_position = |layer: &Layer| match layer.kind {
            LayerKind::Linear | LayerKind::Tanh => layer.parameters(),
            LayerKind::Memory => layer.parameters() + layer.units * ACTIVATIONS * ACTIVATION_WORK,
        };
        let layers = self.layers();
        layers.iter().map(|layer| layer.positions * of_a_position(layer)).sum()
    }

    fn layers(&self) -> Vec<Layer> {
        let (kind, taps) = match self.kind {
            HiddenLayers::Dense => (LayerKind::Tanh, 1),
            HiddenLayers::Convolutions { taps } => (LayerKind::Tanh, taps.max(1)),
            HiddenLayers::Recurrent => (LayerKind::Memory, 1),
        };
        let mut layers = Vec::with_capacity(self.hidden.len() + 1);
        let (mut below, mut positions) = match self.kind {
            HiddenLayers::Dense => (self.inputs(), 1),
            HiddenLayers::Convolutions { .. } => (taps * self.columns, self.window / taps),
            HiddenLayers::Recurrent => (self.columns, self.window),
        };
        let mut first = 0;
        for units in &self.hidden {
            let layer = Layer {
                kind,
                below,
                units: *units,
                first,
                positions,
            };
            first += layer.parameters();
            (below, positions) = (taps * units, positions / taps);
            layers.push(layer);
        }
        layers.push(Layer {
            kind: LayerKind::Linear,
            below: self.hidden.last().copied().unwrap_or(below),
            units: self.outputs,
            first,
            positions: 1,
        });
        layers
    }

    /// Weights to begin with: hidden ones normal with variance 1/inputs, outputs 0, so that the network says 0 whatever
    /// it sees, and learns from the first step on all the same. Forget gates begin open, with a bias of 1.
    pub fn initial_weights(&self, random: &mut RandomStream) -> Vec<f64> {
        let mut weights = vec![0.0; self.parameters()];
        let layers = self.layers();
        for layer in &layers[..layers.len() - 1] {
            let (matrix, biases) = layer.weights_mut(&mut weights);
            for weight in matrix {
                *weight = random.gaussian() / (layer.inputs() as f64).sqrt();
            }
            if layer.kind == LayerKind::Memory {
                biases[layer.units..2 * layer.units].fill(1.0);
            }
        }
        weights
    }

    /// Weights for this architecture from those of another one of its kind with as many layers: units and inputs that
    /// both have keep their weights (windows by their latest rows); new units see their inputs by chance and have no effect
    /// yet, new inputs have none on old units. So a network that only grows says what it said before (T. Chen,
    /// I. Goodfellow and J. Shlens, "Net2Net: accelerating learning via knowledge transfer", 2016), but that a recurrent
    /// one with a longer window has seen more. With another number of layers it begins anew.
    pub fn inherit(&self, parent: &Self, weights: &[f64], random: &mut RandomStream) -> Vec<f64> {
        let mut inherited = self.initial_weights(random);
        if self == parent {
            inherited.copy_from_slice(weights);
        }
        let is_kin = (self.hidden.len(), self.columns, self.kind) == (parent.hidden.len(), parent.columns, parent.kind);
        if self == parent || !is_kin {
            return inherited;
        }
        // The place of the parent's first input among ours: negative where the window has become shorter. Only dense
        // layers have weights for each row.
        let mut shift = match self.kind {
            HiddenLayers::Dense => (self.window as isize - parent.window as isize) * self.columns as isize,
            HiddenLayers::Convolutions { .. } | HiddenLayers::Recurrent => 0,
        };
        // Inputs of one position: those of the layer's units below, of which new ones stand between old ones.
        let mut width = (self.columns, self.columns);
        for (layer, old) in self.layers().into_iter().zip(parent.layers()) {
            let (matrix, biases) = layer.weights_mut(&mut inherited);
            let (old_matrix, old_biases) = old.weights(weights);
            let sums = layer.gates() * layer.units;
            for (input, row) in matrix.chunks_exact_mut(sums).enumerate() {
                let source = match input.checked_sub(layer.below) {
                    None => {
                        let (position, unit) = (input / width.0, input % width.0);
                        let place = (position * width.1 + unit) as isize - shift;
                        usize::try_from(place)
                            .ok()
                            .filter(|source| unit < width.1 && *source < old.below)
                    }
                    // Its own states.
                    Some(unit) => (unit < old.units).then_some(old.below + unit),
                };
                let old_sums = old.gates() * old.units;
                let source = source.map(|source| &old_matrix[source * old_sums..][..old_sums]);
                keep(row, source, (layer.units, old.units));
            }
            keep(biases, Some(old_biases), (layer.units, old.units));
            shift = 0;
            width = (layer.units, old.units);
        }
        inherited
    }
}

/// Writes the weights of the units that both have, gate after gate; without any to keep they are 0.
fn keep(row: &mut [f64], old: Option<&[f64]>, units: (usize, usize)) {
    let kept = units.0.min(units.1);
    for (gate, weights) in row.chunks_exact_mut(units.0).enumerate() {
        match old {
            Some(old) => weights[..kept].copy_from_slice(&old[gate * units.1..][..kept]),
            None => weights[..kept].fill(0.0),
        }
    }
}

/// A network's layers and room for its computations. The weights are given each time.
#[derive(Clone, Debug)]
pub struct Workspace {
    input: Vec<f64>,
    layers: Vec<(Layer, Trace)>,
}

impl Workspace {
    /// Room for networks of this architecture.
    pub fn new(architecture: &Architecture) -> Self {
        let layers = architecture.layers().into_iter();
        Self {
            input: vec![0.0; architecture.inputs()],
            layers: layers.map(|layer| (layer, Trace::new(&layer))).collect(),
        }
    }

    /// Where the input is written, the oldest row first.
    pub fn input(&mut self) -> &mut [f64] {
        &mut self.input
    }

    /// The outputs for the input.
    pub fn forward(&mut self, weights: &[f64]) -> &[f64] {
        let mut below: &[f64] = &self.input;
        for (layer, trace) in &mut self.layers {
            layer.forward(weights, below, trace);
            below = &trace.values;
        }
        below
    }

    /// Adds the loss's derivative by the weights to `gradient`: for the input of the last [`Workspace::forward`] and the
    /// loss's derivative by the outputs.
    pub fn backward(&mut self, weights: &[f64], derivative: &[f64], gradient: &mut [f64]) {
        if let Some((_, trace)) = self.layers.last_mut() {
            trace.delta.copy_from_slice(derivative);
        }
        for place in (0..self.layers.len()).rev() {
            let (before, after) = self.layers.split_at_mut(place);
            let (layer, trace) = &mut after[0];
            let Some((_, below)) = before.last_mut() else {
                layer.backward(weights, &self.input, trace, gradient);
                continue;
            };
            layer.backward(weights, &below.values, trace, gradient);
            // Outputs see the last position alone.
            let unseen = below.delta.len() - layer.positions * layer.below;
            let (unseen, seen) = below.delta.split_at_mut(unseen);
            unseen.fill(0.0);
            layer.carry_back(weights, trace, seen);
        }
    }

    /// Writes the loss's derivative by the inputs, of the last [`Workspace::backward`].
    pub fn input_derivative(&self, weights: &[f64], derivative: &mut [f64]) {
        let (layer, trace) = &self.layers[0];
        layer.carry_back(weights, trace, derivative);
    }
}

#[cfg(test)]
mod tests;

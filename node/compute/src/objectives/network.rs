//! A network over a batch of windows: of dense layers, of convolutions, or recurrent.

mod forward;
mod number;
mod shape;

pub use shape::{HiddenLayers, NetworkShape};

use super::Bounded;
use crate::{elementary::elementary_shader, Objective};
use forward::Room;
use number::{Number, Tracked};

/// Values before the layers' units among the constants.
const HEADER: usize = 6;

/// An individual is the weights of a network: layer after layer, input after input, then the layer's biases. Inputs of a
/// recurrent layer are those from below, then its own states; each has a weight for every unit's input gate, then for
/// every forget gate, cell and output gate. Units of dense layers and convolutions are tanh, outputs linear. The fitness is
/// minus the mean over the windows of the absolute errors of the outputs, each output with a weight of its own; the
/// optimum is 0.
#[derive(Clone, Debug)]
pub struct Network {
    shape: NetworkShape,
    windows: usize,
    dimensions: usize,
    constants: Vec<f32>,
}

impl Network {
    /// The objective of networks of this shape on these windows: `inputs` has one window after another, the oldest row
    /// first, `targets` as many rows, and `shares` are the weights of the outputs.
    ///
    /// `None` when there is no window, a window is broken, a number is not finite, or the kernel
    /// [has no room](NetworkShape::most_windows).
    pub fn new(shape: NetworkShape, inputs: &[f32], targets: &[f32], shares: &[f32]) -> Option<Self> {
        let most = shape.most_windows();
        if most == 0 {
            return None;
        }
        let windows = inputs.len() / shape.inputs();
        let is_whole = inputs.len() == windows * shape.inputs() && targets.len() == windows * shape.outputs;
        if !is_whole || shares.len() != shape.outputs || !(1..=most).contains(&windows) {
            return None;
        }
        let header = [
            windows,
            shape.inputs(),
            shape.outputs,
            shape.hidden.len() + 1,
            shape.group(),
            shape.taps(),
        ];
        let units = shape.hidden.iter().chain([&shape.outputs]);
        let mut constants: Vec<f32> = header.iter().chain(units).map(|count| *count as f32).collect();
        for values in [shares, inputs, targets] {
            constants.extend_from_slice(values);
        }
        let is_finite = constants.iter().all(|value| value.is_finite());
        is_finite.then(|| Self {
            dimensions: shape.layers().iter().map(|layer| layer.parameters()).sum(),
            shape,
            windows,
            constants,
        })
    }

    fn fitness<N: Number>(&self, weights: &[N]) -> N {
        debug_assert_eq!(weights.len(), self.dimensions);
        let (width, outputs) = (self.shape.inputs(), self.shape.outputs);
        let (shares, rest) = self.constants[HEADER + self.shape.hidden.len() + 1..].split_at(outputs);
        let (inputs, targets) = rest.split_at(self.windows * width);
        let mut sum = N::default();
        let mut room = Room::default();
        for (window, targets) in inputs.chunks_exact(width).zip(targets.chunks_exact(outputs)) {
            room.values.clear();
            room.values.extend(window.iter().map(|value| N::constant(*value)));
            room.pass(&self.shape, weights);
            for ((value, target), share) in room.values.iter().zip(targets).zip(shares) {
                sum = sum.add_product(N::constant(*share), value.distance(N::constant(*target)));
            }
        }
        sum.negative_mean(self.windows)
    }
}

impl Objective for Network {
    fn name(&self) -> &'static str {
        match self.shape.kind {
            HiddenLayers::Dense | HiddenLayers::Convolutions { .. } => "network",
            HiddenLayers::Recurrent => "recurrent network",
        }
    }

    fn shader(&self) -> &'static str {
        match self.shape.kind {
            HiddenLayers::Dense | HiddenLayers::Convolutions { .. } => concat!(
                elementary_shader!(),
                include_str!("network/evaluate.wgsl"),
                include_str!("network/layers.wgsl")
            ),
            HiddenLayers::Recurrent => concat!(
                elementary_shader!(),
                include_str!("network/evaluate.wgsl"),
                include_str!("network/recurrent.wgsl")
            ),
        }
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn steps(&self) -> usize {
        self.windows * self.shape.steps()
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
    /// Carried through the network with each value: see [`number`].
    fn error_bound(&self, individual: &[f64]) -> f64 {
        let weights: Vec<Tracked> = individual.iter().map(|weight| Tracked::exact(*weight)).collect();
        self.fitness(&weights).error
    }
}

#[cfg(test)]
mod tests;

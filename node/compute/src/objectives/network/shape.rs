//! Shapes of networks, and what the kernels have room for.

/// Most units of a layer, and most layers.
const MOST_UNITS: usize = 64;
const MOST_LAYERS: usize = 16;
/// Most values that layers hand on, and most units of all recurrent layers.
const MOST_VALUES: usize = 512;
const MOST_STATES: usize = 256;
/// Invocations that share an individual at most, and most steps of the loops of one of them. Mesa's llvmpipe ends them
/// without a word after 65 535, see `device::lanes`.
const MOST_LANES: usize = 64;
const MOST_STEPS: usize = 60_000;
/// Counts up to here are exact in single precision.
const MOST_COUNT: usize = 1 << 24;

/// What the hidden layers of a network are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiddenLayers {
    /// A layer sees all units of the layer below, the first the whole window.
    Dense,
    /// Causal convolutions, of which each layer's taps lie `taps` times as far apart as those of the layer below. Of a
    /// window of taps^layers rows, which are required, each layer is then applied to one block of `taps` neighbouring
    /// positions after another.
    Convolutions {
        /// Positions that a unit sees, at least 2.
        taps: usize,
    },
    /// Long short-term memory with a forget gate (S. Hochreiter and J. Schmidhuber, 1997; F. A. Gers, J. Schmidhuber and
    /// F. Cummins, "Learning to forget: continual prediction with LSTM", 2000), which goes through the window row by row.
    Recurrent,
}

/// The shape of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkShape {
    /// What its hidden layers are.
    pub kind: HiddenLayers,
    /// Rows of a window.
    pub rows: usize,
    /// Values in a row.
    pub columns: usize,
    /// Units of the hidden layers.
    pub hidden: Vec<usize>,
    /// Units of the output layer, which sees the last hidden layer's last position.
    pub outputs: usize,
}

/// A layer: how many inputs it sees at a time, and how many times.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layer {
    /// With a recurrent layer's own states.
    pub(super) inputs: usize,
    pub(super) units: usize,
    /// Sums for each unit: 4 gates of a recurrent one.
    sums: usize,
    positions: usize,
}

impl Layer {
    pub(super) fn parameters(&self) -> usize {
        (self.inputs + 1) * self.sums * self.units
    }
}

impl NetworkShape {
    /// Values of a window.
    pub fn inputs(&self) -> usize {
        self.rows * self.columns
    }

    /// Inputs of the first layer at a time, per position of what it goes over.
    pub(super) fn group(&self) -> usize {
        match self.kind {
            HiddenLayers::Dense => self.inputs(),
            HiddenLayers::Convolutions { .. } | HiddenLayers::Recurrent => self.columns,
        }
    }

    /// Positions that a layer sees at a time.
    pub(super) fn taps(&self) -> usize {
        match self.kind {
            HiddenLayers::Dense | HiddenLayers::Recurrent => 1,
            HiddenLayers::Convolutions { taps } => taps,
        }
    }

    /// Of a shape that [has room](Self::most_windows).
    pub(super) fn layers(&self) -> Vec<Layer> {
        let (taps, mut below) = (self.taps(), self.group());
        let mut positions = self.inputs() / below;
        let mut layers: Vec<Layer> = self
            .hidden
            .iter()
            .map(|units| {
                positions /= taps;
                let (own, sums) = match self.kind {
                    HiddenLayers::Recurrent => (*units, 4),
                    HiddenLayers::Dense | HiddenLayers::Convolutions { .. } => (0, 1),
                };
                Layer {
                    inputs: taps * std::mem::replace(&mut below, *units) + own,
                    units: *units,
                    sums,
                    positions,
                }
            })
            .collect();
        layers.push(Layer {
            inputs: below,
            units: self.outputs,
            sums: 1,
            positions: 1,
        });
        layers
    }

    /// Most windows that a kernel has room for: none for a shape that it cannot compute.
    ///
    /// Layers have 1 to 64 units. There are 15 hidden ones at most; those of convolutions and recurrent ones have 512 and
    /// 256 units in all, the former times their taps.
    pub fn most_windows(&self) -> usize {
        let fits = self
            .rows
            .checked_mul(self.columns)
            .is_some_and(|inputs| (1..=MOST_COUNT).contains(&inputs))
            && self.hidden.len() < MOST_LAYERS
            && (1..=MOST_UNITS).contains(&self.outputs)
            && self.hidden.iter().all(|units| (1..=MOST_UNITS).contains(units))
            && self.has_room();
        match fits {
            true => (MOST_LANES * (MOST_STEPS / self.steps())).min(MOST_COUNT),
            false => 0,
        }
    }

    fn has_room(&self) -> bool {
        let units: usize = self.hidden.iter().sum();
        match self.kind {
            HiddenLayers::Dense => units + self.outputs <= MOST_VALUES,
            HiddenLayers::Recurrent => (1..=MOST_STATES).contains(&units),
            HiddenLayers::Convolutions { taps } => {
                let rows = taps.checked_pow(self.hidden.len() as u32);
                let values = |taps: usize| taps.checked_mul(units)?.checked_add(self.outputs);
                taps > 1
                    && !self.hidden.is_empty()
                    && rows == Some(self.rows)
                    && values(taps).is_some_and(|values| values <= MOST_VALUES)
            }
        }
    }

    /// Steps of a kernel's loops over a window. The check that ends a loop counts as one; so does each loop on the side of a
    /// branch that is not taken, since llvmpipe runs both sides.
    pub(super) fn steps(&self) -> usize {
        // Inputs are taken by fours, the last ones alone.
        let by_fours = |inputs: usize| inputs / 4 + inputs % 4;
        let layers = self.layers();
        let last = self.hidden.len();
        let of_layers: usize = layers
            .iter()
            .enumerate()
            .map(|(place, layer)| {
                let of_a_unit = match self.kind {
                    // The unit, the ends of two loops, two loops not taken.
                    HiddenLayers::Dense | HiddenLayers::Convolutions { .. } => by_fours(layer.inputs) + 5,
                    // The same, two loops over its own states, and a copy.
                    HiddenLayers::Recurrent if place < last => {
                        by_fours(layer.inputs - layer.units) + by_fours(layer.units) + 8
                    }
                    HiddenLayers::Recurrent => layer.inputs + 2,
                };
                layer.positions * (layer.units * of_a_unit + 3)
            })
            .sum();
        let states = self.hidden.iter().sum::<usize>() + last;
        8 + 2 * layers[0].positions + of_layers + states + self.outputs
    }
}

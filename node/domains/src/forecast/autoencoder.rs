//! Synthetic series from a generator that was fitted to a training series: the decoder of a conditional variational
//! autoencoder (D. P. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014; K. Sohn, H. Lee and X. Yan,
//! "Learning structured output representation using deep conditional generative models", NeurIPS 2015).
//!
//! From the last rows of a series, its history, and normal random numbers the decoder makes the next block of rows, and so
//! on: a series of any length that is not put together from pieces of the training series. Each value gets normal noise
//! besides, of the deviation that the fit has found (O. Rybkin, K. Daniilidis and S. Levine, "Simple and effective VAE
//! training with calibrated decoders", ICML 2021). Of a series that wanders the changes are generated and added up.
//!
//! A series follows to the last bit from the file, the training series (a piece of which it begins after) and the seed.

use codec::{Decode, DecodeAll, Encode};
use doin_compute::random::RandomStream;

use super::{
    bootstrap::differences,
    configuration::{within, SeriesKind, MOST_COLUMNS, MOST_LAYERS, MOST_PARAMETERS, MOST_UNITS, MOST_WORK},
    network::{Architecture, HiddenLayers, Workspace},
    series::Series,
};

/// Largest file of a generator, in bytes: its weights and their lengths.
pub const MOST_BYTES: u32 = 4 * MOST_PARAMETERS as u32 + 65_536;
/// Most rows of history, rows of a block, and random numbers for a block.
pub const MOST_HISTORY: usize = 256;
const MOST_BLOCK: usize = 64;
const MOST_LATENT: usize = 64;
/// Rows that are generated before those that count, for a series to come away from the piece that it begins after.
const TRANSIENT: usize = 200;
const VERSION: u8 = 1;
/// Largest magnitude of any number in a file.
const MOST_MAGNITUDE: f32 = 1e6;

/// A generator: what its file holds.
///
/// As bytes, in SCALE: version (1), the kind of series (0 levels, 1 increments), then the fields in their order, numbers of
/// rows and units as `u16`, sequences of little-endian `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoencoder {
    /// What was fitted: values or changes.
    pub(super) kind: SeriesKind,
    pub(super) shape: Shape,
    pub(super) scaling: Scaling,
    /// Standard deviation of the noise of each output.
    pub(super) noise: Vec<f32>,
    /// The decoder's.
    pub(super) weights: Vec<f32>,
}

/// Sizes of a generator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Shape {
    /// Columns of the series.
    pub columns: u16,
    /// Rows that the decoder sees, 1 to 256.
    pub history: u16,
    /// Rows that it makes at a time, 1 to 64.
    pub block: u16,
    /// Random numbers that it makes them from, 1 to 64.
    pub latent: u16,
    /// Units of its hidden layers, 1 to 4 layers of 1 to 512.
    pub hidden: Vec<u16>,
}

impl Shape {
    /// The decoder: history and random numbers in, a block out.
    pub(super) fn decoder(&self) -> Architecture {
        let seen = usize::from(self.history) * usize::from(self.columns);
        self.network(seen + usize::from(self.latent), self.outputs())
    }

    /// A network of the decoder's hidden layers.
    pub(super) fn network(&self, inputs: usize, outputs: usize) -> Architecture {
        Architecture {
            columns: 1,
            window: inputs,
            kind: HiddenLayers::Dense,
            hidden: self.hidden.iter().map(|units| usize::from(*units)).collect(),
            outputs,
        }
    }

    pub(super) fn outputs(&self) -> usize {
        usize::from(self.block) * usize::from(self.columns)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        within("columns", self.columns.into(), 1, MOST_COLUMNS)?;
        within("rows of history", self.history.into(), 1, MOST_HISTORY)?;
        within("rows of a block", self.block.into(), 1, MOST_BLOCK)?;
        within("random numbers", self.latent.into(), 1, MOST_LATENT)?;
        within("hidden layers", self.hidden.len(), 1, MOST_LAYERS)?;
        for units in &self.hidden {
            within("units of a hidden layer", (*units).into(), 1, MOST_UNITS)?;
        }
        within("weights", self.decoder().parameters(), 1, MOST_PARAMETERS)
    }
}

/// How a generator's inputs and outputs are scaled.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Scaling {
    /// Subtracted from each column, and what it is divided by then; positive.
    pub(super) mean: Vec<f32>,
    pub(super) scale: Vec<f32>,
    /// The range that scaled values of each column are kept in.
    pub(super) low: Vec<f32>,
    pub(super) high: Vec<f32>,
    /// What each output is multiplied by: the deviation of what it stands for; positive.
    pub(super) output: Vec<f32>,
}

#[derive(Encode, Decode)]
struct Encoded {
    version: u8,
    kind: u8,
    shape: Shape,
    scaling: Scaling,
    noise: Vec<f32>,
    weights: Vec<f32>,
}

impl Autoencoder {
    /// As a file.
    pub fn encode(&self) -> Vec<u8> {
        Encoded {
            version: VERSION,
            kind: kind_byte(self.kind),
            shape: self.shape.clone(),
            scaling: self.scaling.clone(),
            noise: self.noise.clone(),
            weights: self.weights.clone(),
        }
        .encode()
    }

    /// From the bytes of anybody, for series of so many columns and synthetic series of so many rows.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn decode(bytes: &[u8], kind: SeriesKind, columns: usize, length: usize) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES as usize {
            return Err(format!("{} bytes; {MOST_BYTES} are allowed", bytes.len()));
        }
        let encoded = Encoded::decode_all(&mut &bytes[..]).map_err(|error| format!("not a generator: {error}"))?;
        let Encoded {
            version,
            kind: fitted,
            shape,
            scaling,
            noise,
            weights,
        } = encoded;
        if version != VERSION {
            return Err(format!("version {version}; this node reads version {VERSION}"));
        }
        if fitted != kind_byte(kind) {
            return Err(format!("it was not fitted to a series of {kind:?}"));
        }
        shape.check()?;
        within("columns", shape.columns.into(), columns, columns)?;
        let (outputs, parameters) = (shape.outputs(), shape.decoder().parameters());
        let blocks = (length + TRANSIENT).div_ceil(shape.block.into());
        if blocks * parameters > MOST_WORK {
            return Err(format!(
                "{parameters} weights for {blocks} blocks: a series would take too long"
            ));
        }
        let Scaling {
            mean,
            scale,
            low,
            high,
            output,
        } = &scaling;
        // The comparisons are false for what is not a number.
        let is_small = |value: &f32| value.abs() <= MOST_MAGNITUDE;
        let is_scale = |value: &f32| (1.0 / MOST_MAGNITUDE..=MOST_MAGNITUDE).contains(value);
        let is_noise = |value: &f32| (0.0..=MOST_MAGNITUDE).contains(value);
        for (what, numbers, expected, is_good) in [
            ("mean", mean, columns, &is_small as &dyn Fn(&f32) -> bool),
            ("scale", scale, columns, &is_scale),
            ("low", low, columns, &is_small),
            ("high", high, columns, &is_small),
            ("output scale", output, outputs, &is_scale),
            ("noise", &noise, outputs, &is_noise),
            ("weight", &weights, parameters, &is_small),
        ] {
            if numbers.len() != expected {
                return Err(format!(
                    "{} numbers of the kind {what} instead of {expected}",
                    numbers.len()
                ));
            }
            if let Some(place) = numbers.iter().position(|value| !is_good(value)) {
                return Err(format!("{what} {place} is {}, which is out of range", numbers[place]));
            }
        }
        if low.iter().zip(high).any(|(low, high)| low >= high) {
            return Err("a range is empty".into());
        }
        Ok(Self {
            kind,
            shape,
            scaling,
            noise,
            weights,
        })
    }

    /// A series of `length` rows that follows from the training series and the seed.
    ///
    /// # Errors
    ///
    /// When the training series is shorter than the history.
    pub fn series(&self, training: &Series, length: usize, seed: [u8; 32]) -> Result<Series, String> {
        let random = &mut RandomStream::new(seed);
        let columns = usize::from(self.shape.columns);
        let bad = || "its values leave the range of numbers".to_owned();
        match self.kind {
            SeriesKind::Levels => Series::new(columns, self.generate(training, length, random)?).ok_or_else(bad),
            SeriesKind::Increments => {
                let start = (random.uniform() * training.len() as f64) as usize;
                let mut values = training.row(start).to_vec();
                let changes = self.generate(&differences(training), length.saturating_sub(1), random)?;
                for (place, change) in changes.into_iter().enumerate() {
                    values.push(values[place] + change);
                }
                Series::new(columns, values).ok_or_else(bad)
            }
        }
    }

    /// `length` rows of what was fitted.
    fn generate(&self, source: &Series, length: usize, random: &mut RandomStream) -> Result<Vec<f64>, String> {
        let (columns, history) = (usize::from(self.shape.columns), usize::from(self.shape.history));
        if source.len() < history {
            return Err(format!("it needs {history} rows of training, not {}", source.len()));
        }
        let start = (random.uniform() * (source.len() - history + 1) as f64) as usize;
        // Scaled rows, the history first.
        let mut rows = self.scaling.scaled(&source.part(start..start + history));
        let weights: Vec<f64> = self.weights.iter().map(|weight| f64::from(*weight)).collect();
        let mut workspace = Workspace::new(&self.shape.decoder());
        let kept = length * columns;
        while rows.len() < (history + TRANSIENT) * columns + kept {
            let seen = &rows[rows.len() - history * columns..];
            let last = seen[seen.len() - columns..].to_vec();
            let (past, latent) = workspace.input().split_at_mut(seen.len());
            past.copy_from_slice(seen);
            latent.fill_with(|| random.gaussian());
            let outputs = workspace.forward(&weights);
            for (place, output) in outputs.iter().enumerate() {
                let column = place % columns;
                let from = self.scaling.origin(self.kind, last[column]);
                let deviation = f64::from(self.noise[place]) * random.gaussian();
                let value = from + f64::from(self.scaling.output[place]) * (output + deviation);
                let (low, high) = (self.scaling.low[column], self.scaling.high[column]);
                rows.push(value.clamp(low.into(), high.into()));
            }
        }
        let first = (history + TRANSIENT) * columns;
        let unscaled = rows[first..first + kept].iter().enumerate().map(|(place, value)| {
            let column = place % columns;
            f64::from(self.scaling.mean[column]) + f64::from(self.scaling.scale[column]) * value
        });
        Ok(unscaled.collect())
    }
}

impl Scaling {
    /// The rows of a series, scaled.
    pub(super) fn scaled(&self, series: &Series) -> Vec<f64> {
        let columns = self.mean.iter().zip(&self.scale).cycle();
        let values = series.values().iter().zip(columns);
        values
            .map(|(value, (mean, scale))| (value - f64::from(*mean)) / f64::from(*scale))
            .collect()
    }

    /// What an output is added to: the last row's value of a series of levels.
    pub(super) fn origin(&self, kind: SeriesKind, last: f64) -> f64 {
        match kind {
            SeriesKind::Levels => last,
            SeriesKind::Increments => 0.0,
        }
    }
}

fn kind_byte(kind: SeriesKind) -> u8 {
    match kind {
        SeriesKind::Levels => 0,
        SeriesKind::Increments => 1,
    }
}

#[cfg(test)]
mod tests;

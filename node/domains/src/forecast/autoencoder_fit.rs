//! Fits a generator to a training series: encoder and decoder together, by the evidence lower bound with a calibrated
//! Gaussian likelihood.

use doin_compute::random::RandomStream;

use super::{
    autoencoder::{Autoencoder, Scaling, Shape},
    bootstrap::differences,
    configuration::SeriesKind,
    network::Workspace,
    series::Series,
    training::AdamW,
};

/// Windows in a step.
const BATCH: usize = 32;
const LEARNING_RATE: f64 = 3e-3;
/// The gradient's longest length.
const MOST_LENGTH: f64 = 5.0;
/// What the mean square errors keep of themselves from step to step, and the least of them: an exact fit is none.
const MEMORY: f64 = 0.98;
const LEAST_VARIANCE: f64 = 1e-6;
/// Largest logarithm of a variance of the encoder, either way.
const MOST_LOGARITHM: f64 = 8.0;
/// By how much of a column's range generated values may leave it.
const MARGIN: f64 = 0.1;

/// Lags of [`Statistics`].
const LAGS: [usize; 7] = [1, 2, 4, 6, 10, 20, 40];

/// Sizes of a fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Rows that the decoder sees.
    pub history: u16,
    /// Rows that it makes at a time.
    pub block: u16,
    /// Random numbers that it makes them from.
    pub latent: u16,
    /// Units of the hidden layers of decoder and encoder.
    pub hidden: Vec<u16>,
    /// Steps of training, of 32 windows each.
    pub steps: u32,
    /// What the fit follows from.
    pub seed: u64,
}

impl Default for Fit {
    fn default() -> Self {
        Self {
            history: 24,
            block: 4,
            latent: 4,
            hidden: vec![48, 48],
            steps: 6_000,
            seed: 1,
        }
    }
}

/// Fits a generator.
///
/// # Errors
///
/// When a size is out of range, the training series is too short or a column constant, or the fit has diverged.
pub fn fit(training: &Series, kind: SeriesKind, options: &Fit) -> Result<Autoencoder, String> {
    let shape = Shape {
        columns: u16::try_from(training.columns()).map_err(|error| error.to_string())?,
        history: options.history,
        block: options.block,
        latent: options.latent,
        hidden: options.hidden.clone(),
    };
    shape.check()?;
    let source = match kind {
        SeriesKind::Levels => training.clone(),
        SeriesKind::Increments => differences(training),
    };
    let least = usize::from(shape.history) + usize::from(shape.block) + BATCH;
    if source.len() < least {
        return Err(format!("{} rows to fit to; {least} are needed", source.len()));
    }
    let scaling = scaling(&source, kind, &shape)?;
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&options.seed.to_le_bytes());
    let mut fitting = Fitting::new(scaling.scaled(&source), kind, shape, scaling, RandomStream::new(seed));
    for step in 0..options.steps {
        fitting.step(f64::from(step) / f64::from(options.steps));
    }
    fitting.finish()
}

fn scaling(source: &Series, kind: SeriesKind, shape: &Shape) -> Result<Scaling, String> {
    let columns = source.columns();
    let mut scaling = Scaling {
        mean: vec![],
        scale: vec![],
        low: vec![],
        high: vec![],
        output: vec![],
    };
    for column in 0..columns {
        let (mean, deviation) = source.moments(column, 0);
        if deviation < 1e-5 {
            return Err(format!("column {column} does not change"));
        }
        let values = || (0..source.len()).map(|step| (source.row(step)[column] - mean) / deviation);
        let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
        let margin = MARGIN * (high - low);
        scaling.mean.push(mean as f32);
        scaling.scale.push(deviation as f32);
        scaling.low.push((low - margin) as f32);
        scaling.high.push((high + margin) as f32);
    }
    for step in 1..=usize::from(shape.block) {
        for column in 0..columns {
            let change = source.moments(column, step).1 / source.moments(column, 0).1;
            scaling.output.push(match kind {
                SeriesKind::Levels => change.max(1e-4) as f32,
                SeriesKind::Increments => 1.0,
            });
        }
    }
    Ok(scaling)
}

/// What a series is like, to compare samples with what they were fitted to.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Statistics {
    /// Of the first column; of its changes, where the series wanders.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
    /// By lags.
    pub autocorrelation: Vec<(usize, f64)>,
}

impl Statistics {
    /// Those of a series.
    pub fn of(series: &Series, kind: SeriesKind) -> Self {
        let changes;
        let series = match kind {
            SeriesKind::Levels => series,
            SeriesKind::Increments => {
                changes = differences(series);
                &changes
            }
        };
        let (mean, deviation) = series.moments(0, 0);
        let autocorrelation = LAGS.map(|lag| {
            let (_, change) = series.moments(0, lag);
            (lag, 1.0 - change * change / (2.0 * deviation * deviation))
        });
        Self {
            mean,
            deviation,
            autocorrelation: autocorrelation.to_vec(),
        }
    }
}

/// A fit under way.
struct Fitting {
    /// Scaled rows.
    rows: Vec<f64>,
    kind: SeriesKind,
    shape: Shape,
    scaling: Scaling,
    random: RandomStream,
    encoder: Half,
    decoder: Half,
    /// Mean square error of each output, over the last steps.
    variances: Vec<f64>,
}

/// One of the two networks, in training.
struct Half {
    workspace: Workspace,
    weights: Vec<f64>,
    gradient: Vec<f64>,
    optimizer: AdamW,
}

impl Half {
    fn new(architecture: &super::network::Architecture, random: &mut RandomStream) -> Self {
        let weights = architecture.initial_weights(random);
        Self {
            workspace: Workspace::new(architecture),
            gradient: vec![0.0; weights.len()],
            optimizer: AdamW::new(weights.len()),
            weights,
        }
    }

    fn update(&mut self, learning_rate: f64) {
        let length = self.gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        if length > MOST_LENGTH {
            self.gradient
                .iter_mut()
                .for_each(|slope| *slope *= MOST_LENGTH / length);
        }
        self.optimizer
            .update(&mut self.weights, &self.gradient, learning_rate, 0.0);
        self.gradient.fill(0.0);
    }
}

impl Fitting {
    fn new(rows: Vec<f64>, kind: SeriesKind, shape: Shape, scaling: Scaling, mut random: RandomStream) -> Self {
        let latent = usize::from(shape.latent);
        let seen = usize::from(shape.history) * usize::from(shape.columns);
        Self {
            encoder: Half::new(&shape.network(seen + shape.outputs(), 2 * latent), &mut random),
            decoder: Half::new(&shape.decoder(), &mut random),
            variances: vec![1.0; shape.outputs()],
            rows,
            kind,
            shape,
            scaling,
            random,
        }
    }

    /// One step of both networks, at this share of the fit.
    fn step(&mut self, share: f64) {
        // The prior's part comes in slowly, so that the decoder learns to use what the encoder says.
        let prior = (share * 5.0).min(1.0);
        let mut squares = vec![0.0; self.variances.len()];
        for _ in 0..BATCH {
            self.window(prior, &mut squares);
        }
        for (variance, square) in self.variances.iter_mut().zip(squares) {
            *variance = (MEMORY * *variance + (1.0 - MEMORY) * square / BATCH as f64).max(LEAST_VARIANCE);
        }
        let learning_rate = LEARNING_RATE * (1.0 + libm::cos(std::f64::consts::PI * share)) / 2.0;
        self.encoder.update(learning_rate);
        self.decoder.update(learning_rate);
    }

    /// Adds a window's part to the gradients and to the square errors.
    fn window(&mut self, prior: f64, squares: &mut [f64]) {
        let columns = usize::from(self.shape.columns);
        let (history, latent) = (
            usize::from(self.shape.history) * columns,
            usize::from(self.shape.latent),
        );
        let outputs = self.shape.outputs();
        let places = (self.rows.len() - history - outputs) / columns + 1;
        let first = (self.random.uniform() * places as f64) as usize * columns;
        let (past, next) = self.rows[first..first + history + outputs].split_at(history);
        let last = &past[history - columns..];
        let scaling = &self.scaling;
        let targets: Vec<f64> = next
            .iter()
            .zip(&scaling.output)
            .enumerate()
            .map(|(place, (value, scale))| {
                (value - scaling.origin(self.kind, last[place % columns])) / f64::from(*scale)
            })
            .collect();

        let (seen, known) = self.encoder.workspace.input().split_at_mut(history);
        seen.copy_from_slice(past);
        known.copy_from_slice(&targets);
        let code = self.encoder.workspace.forward(&self.encoder.weights).to_vec();
        let (means, logarithms) = code.split_at(latent);
        let deviations: Vec<f64> = logarithms
            .iter()
            .map(|logarithm| libm::exp(logarithm.clamp(-MOST_LOGARITHM, MOST_LOGARITHM) / 2.0))
            .collect();
        let noise: Vec<f64> = (0..latent).map(|_| self.random.gaussian()).collect();

        let (seen, drawn) = self.decoder.workspace.input().split_at_mut(history);
        seen.copy_from_slice(past);
        for (place, value) in drawn.iter_mut().enumerate() {
            *value = means[place] + deviations[place] * noise[place];
        }
        let made = self.decoder.workspace.forward(&self.decoder.weights);
        let batch = BATCH as f64;
        let derivative: Vec<f64> = made
            .iter()
            .zip(&targets)
            .zip(self.variances.iter().zip(squares))
            .map(|((made, target), (variance, square))| {
                let error = made - target;
                *square += error * error;
                error / (variance * batch)
            })
            .collect();
        let Half {
            workspace,
            weights,
            gradient,
            ..
        } = &mut self.decoder;
        workspace.backward(weights, &derivative, gradient);
        let mut by_input = vec![0.0; history + latent];
        workspace.input_derivative(weights, &mut by_input);

        // Of the random numbers m + s·ε with s = exp(l/2), and of the divergence (m² + s² − l − 1)/2 from the prior.
        let mut by_code = vec![0.0; 2 * latent];
        for place in 0..latent {
            let slope = by_input[history + place];
            let deviation = deviations[place];
            by_code[place] = slope + prior * means[place] / batch;
            by_code[latent + place] =
                0.5 * slope * noise[place] * deviation + 0.5 * prior * (deviation * deviation - 1.0) / batch;
        }
        let Half {
            workspace,
            weights,
            gradient,
            ..
        } = &mut self.encoder;
        workspace.backward(weights, &by_code, gradient);
    }

    fn finish(self) -> Result<Autoencoder, String> {
        let weights: Vec<f32> = self.decoder.weights.iter().map(|weight| *weight as f32).collect();
        let noise: Vec<f32> = self.variances.iter().map(|variance| variance.sqrt() as f32).collect();
        let columns = usize::from(self.shape.columns);
        let fitted = Autoencoder {
            kind: self.kind,
            shape: self.shape,
            scaling: self.scaling,
            noise,
            weights,
        };
        // What no node would read is no generator.
        Autoencoder::decode(&fitted.encode(), self.kind, columns, 0)
            .map_err(|problem| format!("the fit failed: {problem}"))
    }
}

//! Level 1: training a network by its gradient, with early stopping.

use doin_compute::random::RandomStream;

use super::{
    configuration::Configuration,
    encoding::Model,
    measurement::measure,
    network::Workspace,
    series::{Series, Split},
};
use crate::{Cancellation, DomainError};

/// Decay of the means of the gradient and of its square, and what keeps the quotient finite.
const MOMENTS: (f64, f64, f64) = (0.9, 0.999, 1e-8);
/// The gradient's longest length.
const MOST_LENGTH: f64 = 1.0;
/// How often a training is validated.
const CHECKS: u64 = 10;
/// After so many checks in a row without progress a training stops.
const PATIENCE: u32 = 4;

/// How a network is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyperparameters {
    /// At the beginning; it falls to nothing by a half cosine.
    pub learning_rate: f64,
    /// Share of a weight that is lost in a step, per learning rate.
    pub weight_decay: f64,
    /// Windows in a step.
    pub batch: usize,
}

impl Default for Hyperparameters {
    fn default() -> Self {
        Self {
            learning_rate: 5e-3,
            weight_decay: 1e-4,
            batch: 32,
        }
    }
}

/// A model and how good it is on the validation part.
#[derive(Clone, Debug, PartialEq)]
pub struct Validated {
    /// The model.
    pub model: Model,
    /// Its relative error there.
    pub error: f64,
}

impl Validated {
    /// Measures a model.
    pub fn new(model: Model, configuration: &Configuration, split: &Split) -> Self {
        let error = measure(&model, configuration, &split.validation, None).relative_error;
        Self { model, error }
    }

    /// Whether this is the better one; one that is not a number never is.
    pub fn beats(&self, other: &Self) -> bool {
        self.error < other.error || (other.error.is_nan() && !self.error.is_nan())
    }
}

/// AdamW (I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019).
pub(super) struct AdamW {
    step: i32,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl AdamW {
    pub(super) fn new(parameters: usize) -> Self {
        Self {
            step: 0,
            means: vec![0.0; parameters],
            squares: vec![0.0; parameters],
        }
    }

    pub(super) fn update(&mut self, weights: &mut [f64], gradient: &[f64], learning_rate: f64, weight_decay: f64) {
        let (first, second, least) = MOMENTS;
        self.step += 1;
        let (first_bias, second_bias) = (1.0 - first.powi(self.step), 1.0 - second.powi(self.step));
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((weight, slope), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
            *mean = first * *mean + (1.0 - first) * slope;
            *square = second * *square + (1.0 - second) * slope * slope;
            let step = (*mean / first_bias) / ((*square / second_bias).sqrt() + least);
            *weight -= learning_rate * (step + weight_decay * *weight);
        }
    }
}

/// Trains for `steps` steps on windows of the training part, and returns the best of what the validation part has seen on
/// the way, the start among them. The loss is the mean square of the errors, each in units of its horizon's changes.
///
/// # Errors
///
/// [`DomainError::Cancelled`].
pub fn train(
    start: &Validated,
    configuration: &Configuration,
    split: &Split,
    hyperparameters: &Hyperparameters,
    steps: u64,
    seed: [u8; 32],
    cancellation: &Cancellation,
) -> Result<Validated, DomainError> {
    let training = &split.training;
    let mut random = RandomStream::new(seed);
    let mut best = start.clone();
    let mut weights = start.model.exact_weights();
    let mut gradient = vec![0.0; weights.len()];
    let mut optimizer = AdamW::new(weights.len());
    let mut batch = Batch::new(&start.model, configuration, training);
    let pause = steps.div_ceil(CHECKS).max(1);
    let mut fruitless = 0;
    for step in 0..steps {
        if cancellation.is_cancelled() {
            return Err(DomainError::Cancelled);
        }
        batch.gradient(&weights, hyperparameters.batch, &mut random, &mut gradient);
        let share = libm::cos(std::f64::consts::PI * step as f64 / steps as f64);
        let learning_rate = hyperparameters.learning_rate * (1.0 + share) / 2.0;
        optimizer.update(&mut weights, &gradient, learning_rate, hyperparameters.weight_decay);
        if (step + 1) % pause == 0 || step + 1 == steps {
            let Some(model) = start.model.with_weights(&weights) else {
                log::debug!("timeseries: a training has diverged after {step} steps");
                break;
            };
            let validated = Validated::new(model, configuration, split);
            if validated.beats(&best) {
                best = validated;
                fruitless = 0;
            } else {
                fruitless += 1;
                if fruitless >= PATIENCE {
                    break;
                }
            }
        }
    }
    Ok(best)
}

/// Draws windows and works out gradients.
struct Batch<'a> {
    model: &'a Model,
    configuration: &'a Configuration,
    training: &'a Series,
    workspace: Workspace,
    derivative: Vec<f64>,
}

impl<'a> Batch<'a> {
    fn new(model: &'a Model, configuration: &'a Configuration, training: &'a Series) -> Self {
        Self {
            model,
            configuration,
            training,
            workspace: Workspace::new(&model.architecture),
            derivative: vec![0.0; model.architecture.outputs],
        }
    }

    /// The gradient of the loss over `size` windows drawn at random, no longer than [`MOST_LENGTH`].
    fn gradient(&mut self, weights: &[f64], size: usize, random: &mut RandomStream, gradient: &mut [f64]) {
        let Self {
            model,
            configuration,
            training,
            workspace,
            derivative,
        } = self;
        let origins = training.origins(model.architecture.window, configuration.farthest());
        let normalization = &model.normalization;
        gradient.fill(0.0);
        for _ in 0..size {
            let origin = origins.start + (random.uniform() * origins.len() as f64) as usize;
            normalization.window(training, configuration.series, origin, workspace.input());
            let outputs = workspace.forward(weights).iter().zip(&configuration.horizons);
            for (((output, horizon), scale), slope) in outputs.zip(&normalization.output).zip(derivative.iter_mut()) {
                let change = training.target(origin + horizon) - training.target(origin);
                *slope = (output - change / f64::from(*scale)) / size as f64;
            }
            workspace.backward(weights, derivative, gradient);
        }
        let length = gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        if length > MOST_LENGTH {
            gradient.iter_mut().for_each(|slope| *slope *= MOST_LENGTH / length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{series::Normalization, tests::MODEL},
        *,
    };

    fn problem() -> (Configuration, Split, Validated) {
        let configuration = Configuration::from_model(MODEL.as_bytes()).unwrap();
        let series = super::super::generators::regimes(1_000, [1; 32]);
        let split = Split::of(&series);
        let architecture = configuration.architecture();
        let weights = architecture.initial_weights(&mut RandomStream::new([2; 32]));
        let model = Model {
            normalization: Normalization::fit(&split.training, configuration.series, &configuration.horizons),
            weights: weights.iter().map(|weight| *weight as f32).collect(),
            architecture,
        };
        let start = Validated::new(model, &configuration, &split);
        (configuration, split, start)
    }

    fn run(hyperparameters: Hyperparameters, steps: u64, seed: u8) -> (Validated, Validated) {
        let (configuration, split, start) = problem();
        let cancellation = Cancellation::default();
        let seed = [seed; 32];
        let trained = train(
            &start,
            &configuration,
            &split,
            &hyperparameters,
            steps,
            seed,
            &cancellation,
        );
        (start, trained.unwrap())
    }

    #[test]
    fn a_training_makes_better_and_the_seed_decides() {
        let (start, trained) = run(Hyperparameters::default(), 200, 1);
        assert_eq!(start.error, 1.0);
        assert!(trained.error < 0.8, "{}", trained.error);
        assert_eq!(run(Hyperparameters::default(), 200, 1).1, trained);
        assert_ne!(run(Hyperparameters::default(), 200, 2).1, trained);
    }

    #[test]
    fn a_training_that_diverges_leaves_the_start() {
        let wild = Hyperparameters {
            learning_rate: 1e9,
            ..Default::default()
        };
        let (start, trained) = run(wild, 200, 1);
        assert_eq!(trained, start);
    }

    #[test]
    fn the_first_step_of_adam_w_is_the_learning_rate_against_the_gradient() {
        let mut weights = [1.0, -2.0, 3.0];
        AdamW::new(3).update(&mut weights, &[0.5, -4.0, 0.0], 0.1, 0.5);
        // The decay apart: 0.1 · 0.5 · weight.
        let expected = [1.0 - 0.1 - 0.05, -2.0 + 0.1 + 0.1, 3.0 - 0.15];
        for (weight, expected) in weights.iter().zip(expected) {
            assert!((weight - expected).abs() < 1e-8, "{weight} {expected}");
        }
    }

    #[test]
    fn what_is_not_a_number_never_beats_and_is_always_beaten() {
        let (_, _, start) = problem();
        let with = |error| Validated { error, ..start.clone() };
        assert!(with(0.5).beats(&with(0.6)) && !with(0.6).beats(&with(0.5)) && !with(0.5).beats(&with(0.5)));
        assert!(with(0.5).beats(&with(f64::NAN)) && !with(f64::NAN).beats(&with(0.5)));
        assert!(!with(f64::NAN).beats(&with(f64::NAN)));
    }

    #[test]
    fn a_cancelled_training_stops() {
        let (configuration, split, start) = problem();
        let cancellation = Cancellation::default();
        cancellation.cancel();
        let hyperparameters = Hyperparameters::default();
        let result = train(
            &start,
            &configuration,
            &split,
            &hyperparameters,
            u64::MAX,
            [1; 32],
            &cancellation,
        );
        assert_eq!(result, Err(DomainError::Cancelled));
    }
}

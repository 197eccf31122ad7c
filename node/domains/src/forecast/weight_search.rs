//! Level 1 without a gradient: the weights of a network by evolution, whole generations on the device.
//!
//! What evolves is judged by the mean absolute error on windows of the training part, in single precision by the kernel
//! of [`doin_compute::objectives::Network`]. After every few generations the middle of the population and its best
//! individual are measured on the validation part as all models are; the best of them is kept, so that an evolution that
//! begins to learn its windows by heart does no harm.

use doin_compute::{
    objectives::{Network, NetworkShape},
    Compute, ComputeError, Evolution, EvolutionMethod, OptimizerKind,
};
use serde::{Deserialize, Serialize};

use super::{
    configuration::{Configuration, LEAST_WINDOWS},
    encoding::Model,
    series::{Series, Split},
    training::Validated,
};
use crate::{Cancellation, DomainError};

/// Most windows that a generation is judged by, taken at equal distances. Of large networks the kernel has room for fewer.
const MOST_WINDOWS: usize = 512;
/// Generations between two validations.
const PAUSE: u64 = 20;
/// Standard deviation of the first population: that of a hidden layer's first weights for a hundred inputs.
const STEP_SIZE: f64 = 0.1;

/// How an optimizer finds the weights of its networks. No other node has to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Training {
    /// By the gradient, on the CPU: [`super::training`].
    #[default]
    Gradient,
    /// By evolution, on the device.
    Evolution,
}

/// The method on the device that an operator's choice of optimizer means.
///
/// # Errors
///
/// [`DomainError::BadConfiguration`] for one that does not run there.
pub fn method(kind: OptimizerKind) -> Result<EvolutionMethod, DomainError> {
    match kind {
        OptimizerKind::SepCmaEs => Ok(EvolutionMethod::SepCmaEs),
        OptimizerKind::EvolutionStrategy => Ok(EvolutionMethod::EvolutionStrategy),
        other => Err(DomainError::BadConfiguration(format!(
            "training by evolution takes the optimizers sep-cma-es and evolution-strategy, not {other:?}"
        ))),
    }
}

/// The evolution of one network's weights, kept from round to round.
pub struct WeightSearch {
    evolution: Evolution,
    objective: Network,
    best: Validated,
}

impl WeightSearch {
    /// A search from a network. `None` when the kernel has no room for a network of this shape.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`] for a population that is too large.
    pub fn new(
        start: Validated,
        configuration: &Configuration,
        split: &Split,
        method: EvolutionMethod,
        population: usize,
        seed: [u8; 32],
    ) -> Result<Option<Self>, DomainError> {
        let Some(objective) = objective(&start.model, configuration, &split.training) else {
            return Ok(None);
        };
        let weights = start.model.exact_weights();
        let evolution = Evolution::new(method, &weights, STEP_SIZE, population, seed)
            .map_err(|error| DomainError::BadConfiguration(error.to_string()))?;
        Ok(Some(Self {
            evolution,
            objective,
            best: start,
        }))
    }

    /// The best network so far.
    pub fn best(&self) -> &Validated {
        &self.best
    }

    /// One round of at most so many evaluations, and of one generation at least.
    ///
    /// # Errors
    ///
    /// [`DomainError::Cancelled`], [`DomainError::Compute`]; what was found until then stays.
    pub fn round(
        &mut self,
        compute: &Compute,
        configuration: &Configuration,
        split: &Split,
        evaluations: u64,
        cancellation: &Cancellation,
    ) -> Result<(), DomainError> {
        let mut rest = (evaluations / self.evolution.population_size() as u64).max(1);
        while rest > 0 {
            let generations = rest.min(PAUSE);
            self.run(compute, generations, cancellation)?;
            if cancellation.is_cancelled() {
                return Err(DomainError::Cancelled);
            }
            rest -= generations;
            let champion = self.evolution.best().map(|best| best.parameters);
            for weights in [Some(self.evolution.mean()), champion].into_iter().flatten() {
                // Weights too large for a model are no model.
                let Some(model) = self.best.model.with_weights(&weights) else {
                    continue;
                };
                let validated = Validated::new(model, configuration, split);
                if validated.beats(&self.best) {
                    self.best = validated;
                }
            }
        }
        Ok(())
    }

    fn run(&mut self, compute: &Compute, generations: u64, cancellation: &Cancellation) -> Result<u64, ComputeError> {
        self.evolution
            .run(compute, &self.objective, generations, &|| cancellation.is_cancelled())
    }
}

/// What the kernel minimizes: the relative error of a model's shape on windows of the training part.
fn objective(model: &Model, configuration: &Configuration, training: &Series) -> Option<Network> {
    let architecture = &model.architecture;
    let shape = NetworkShape {
        kind: architecture.kind,
        rows: architecture.window,
        columns: architecture.columns,
        hidden: architecture.hidden.clone(),
        outputs: architecture.outputs,
    };
    let most = shape.most_windows().min(MOST_WINDOWS);
    if most < LEAST_WINDOWS {
        return None;
    }
    let normalization = &model.normalization;
    let origins = training.origins(architecture.window, configuration.farthest());
    let stride = origins.len().div_ceil(most).max(1);
    let (mut inputs, mut targets) = (vec![], vec![]);
    // The sums of the changes by horizon: the naive forecast's errors.
    let mut naive = vec![0.0; architecture.outputs];
    let mut input = vec![0.0; architecture.inputs()];
    for origin in origins.step_by(stride) {
        normalization.window(training, configuration.series, origin, &mut input);
        inputs.extend(input.iter().map(|value| *value as f32));
        let outputs = configuration.horizons.iter().zip(&normalization.output);
        for ((horizon, scale), naive) in outputs.zip(&mut naive) {
            let change = (training.target(origin + horizon) - training.target(origin)) / f64::from(*scale);
            targets.push(change as f32);
            *naive += change.abs();
        }
    }
    let windows = inputs.len() / architecture.inputs();
    let shares: Vec<f32> = naive
        .iter()
        .map(|sum| (windows as f64 / (sum * naive.len() as f64)) as f32)
        .collect();
    Network::new(shape, &inputs, &targets, &shares)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            configuration::Source,
            generators,
            series::Normalization,
            tests::{CONVOLUTIONS, MODEL, RECURRENT},
        },
        *,
    };
    use doin_compute::{random::RandomStream, Backend, Objective};

    fn problem() -> (Configuration, Split, Validated) {
        problem_of(MODEL)
    }

    fn problem_of(model: &str) -> (Configuration, Split, Validated) {
        let configuration = Configuration::from_model(model.as_bytes()).unwrap();
        let Source::MackeyGlass(source) = &configuration.source else {
            unreachable!()
        };
        let split = Split::of(&generators::mackey_glass(source, 900, [1; 32]));
        let architecture = configuration.architecture();
        let weights = architecture.initial_weights(&mut RandomStream::new([2; 32]));
        let model = Model {
            normalization: Normalization::fit(&split.training, configuration.series, &configuration.horizons),
            weights: vec![0.0; architecture.parameters()],
            architecture,
        };
        let start = Validated::new(model.with_weights(&weights).unwrap(), &configuration, &split);
        (configuration, split, start)
    }

    fn search(start: &Validated, configuration: &Configuration, split: &Split) -> WeightSearch {
        WeightSearch::new(
            start.clone(),
            configuration,
            split,
            EvolutionMethod::SepCmaEs,
            48,
            [3; 32],
        )
        .unwrap()
        .unwrap()
    }

    /// The objective is the metric: of the naive forecast minus 1, and of any network that of the training part.
    #[test]
    fn the_kernel_minimizes_the_relative_error() {
        for model in [MODEL, CONVOLUTIONS, RECURRENT] {
            let (configuration, split, start) = problem_of(model);
            let objective = objective(&start.model, &configuration, &split.training).unwrap();
            assert!((objective.evaluate(&start.model.exact_weights()) + 1.0).abs() < 1e-6);
            let mut random = RandomStream::new([4; 32]);
            let weights: Vec<f64> = start.model.weights.iter().map(|_| 0.2 * random.gaussian()).collect();
            let model = start.model.with_weights(&weights).unwrap();
            // The one has as many windows as fit, the other leaves out those that only shorter windows have.
            let window = model.architecture.window;
            let mut whole = configuration.clone();
            whole.network.most_window = window;
            let measured = super::super::measurement::measure(&model, &whole, &split.training, None).relative_error;
            let stride = split.training.origins(window, 6).len().div_ceil(MOST_WINDOWS);
            let found = -objective.evaluate(&model.exact_weights());
            println!("{found} on every {stride}th window, {measured} on all");
            assert!((found / measured - 1.0).abs() < 0.05, "{found} {measured}");
        }
    }

    #[test]
    fn evolution_finds_weights_on_either_backend_and_never_loses_the_best() {
        let (configuration, split, start) = problem();
        for backend in [Backend::Cpu, Backend::Gpu] {
            let compute = Compute::open(backend).unwrap();
            let mut search = search(&start, &configuration, &split);
            let mut errors = vec![search.best().error];
            for _ in 0..4 {
                search
                    .round(&compute, &configuration, &split, 48 * 50, &Cancellation::default())
                    .unwrap();
                errors.push(search.best().error);
            }
            println!("{backend}: {errors:?}");
            assert!(errors.windows(2).all(|pair| pair[1] <= pair[0]));
            assert!(errors[4] < 0.9, "{errors:?}");
        }
    }

    #[test]
    fn a_cancelled_round_ends() {
        let (configuration, split, start) = problem();
        let cancellation = Cancellation::default();
        cancellation.cancel();
        let result = search(&start, &configuration, &split).round(
            &Compute::cpu(),
            &configuration,
            &split,
            u64::MAX,
            &cancellation,
        );
        assert_eq!(result, Err(DomainError::Cancelled));
    }

    #[test]
    fn what_the_kernel_has_no_room_for_is_said() {
        let (configuration, split, mut start) = problem();
        start.model.architecture.hidden = vec![65];
        start.model.weights = vec![0.0; start.model.architecture.parameters()];
        let search = WeightSearch::new(start, &configuration, &split, EvolutionMethod::SepCmaEs, 8, [1; 32]);
        assert!(search.unwrap().is_none());
        assert!(method(OptimizerKind::RandomStep).is_err());
    }
}

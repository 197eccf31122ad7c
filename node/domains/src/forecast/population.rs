//! Level 2: evolution over hyper-parameters, in stages.
//!
//! Population-based training (M. Jaderberg and others, "Population based training of neural networks", 2017): each member
//! is a network with hyper-parameters of its own. In each round every member is trained on (level 1), then the worse half
//! is replaced by children of the better half: the parent's network, with hyper-parameters changed. What is changed is the
//! stage's matter; a stage ends when some rounds in a row were without progress. A child of another shape keeps what it
//! can of its parent's weights, so that it has not to begin anew.

use codec::Encode;
use doin_compute::random::RandomStream;
use sp_core::{Blake2Hasher, Hasher};

use super::{
    configuration::{Configuration, MOST_UNITS},
    network::HiddenLayers,
    series::Split,
    training::{train, Hyperparameters, Validated},
};
use crate::{Cancellation, DomainError};

/// A stage ends after so many rounds in a row without progress.
const PATIENCE: u32 = 3;
/// What counts as progress: so much less of the error.
const PROGRESS: f64 = 0.01;
/// Ranges of the hyper-parameters.
const LEARNING_RATES: (f64, f64) = (1e-5, 3e-2);
const WEIGHT_DECAYS: (f64, f64) = (1e-7, 1e-1);
const BATCHES: (usize, usize) = (8, 256);

/// What a round changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Learning rate, weight decay and batch.
    Training,
    /// Window, and units of the hidden layers.
    Architecture,
    /// Slower learning with larger batches.
    Refinement,
}

impl Stage {
    fn next(self) -> Self {
        match self {
            Self::Training => Self::Architecture,
            Self::Architecture => Self::Refinement,
            Self::Refinement => Self::Training,
        }
    }
}

#[derive(Clone, Debug)]
struct Member {
    network: Validated,
    hyperparameters: Hyperparameters,
}

/// The networks that one node trains, kept from round to round.
#[derive(Clone, Debug)]
pub struct Population {
    /// The best first.
    members: Vec<Member>,
    stage: Stage,
    fruitless: u32,
    /// The best error when progress was last made.
    milestone: f64,
}

impl Population {
    /// A population of `size` around a network, with hyper-parameters by chance; the first member has the usual ones.
    pub fn new(start: Validated, size: usize, random: &mut RandomStream) -> Self {
        let milestone = start.error;
        let mut members = vec![
            Member {
                network: start,
                hyperparameters: Hyperparameters::default()
            };
            size.max(1)
        ];
        for member in &mut members[1..] {
            vary_training(&mut member.hyperparameters, random);
        }
        Self {
            members,
            stage: Stage::Training,
            fruitless: 0,
            milestone,
        }
    }

    /// The best network so far.
    pub fn best(&self) -> &Validated {
        &self.members[0].network
    }

    /// What is being changed at present.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Migration: a network from elsewhere takes the worst member's place, unless the best here is as good.
    pub fn inject(&mut self, network: Validated) {
        if network.beats(self.best()) {
            let hyperparameters = self.members[0].hyperparameters;
            self.members.pop();
            self.members.insert(
                0,
                Member {
                    network,
                    hyperparameters,
                },
            );
        }
    }

    /// One round: `steps` steps of training shared among the members, then selection.
    ///
    /// # Errors
    ///
    /// [`DomainError::Cancelled`]; what was trained until then stays.
    pub fn round(
        &mut self,
        configuration: &Configuration,
        split: &Split,
        steps: u64,
        seed: [u8; 32],
        cancellation: &Cancellation,
    ) -> Result<(), DomainError> {
        let share = (steps / self.members.len() as u64).max(1);
        for (place, member) in self.members.iter_mut().enumerate() {
            let seed = Blake2Hasher::hash(&("doin/timeseries/member", seed, place as u32).encode()).0;
            let Member {
                network,
                hyperparameters,
            } = member;
            *network = train(
                network,
                configuration,
                split,
                hyperparameters,
                share,
                seed,
                cancellation,
            )?;
        }
        // Equals keep their order.
        self.members
            .sort_by(|left, right| left.network.error.total_cmp(&right.network.error));
        if self.best().error < self.milestone * (1.0 - PROGRESS) || self.milestone.is_nan() {
            self.milestone = self.best().error;
            self.fruitless = 0;
        } else {
            self.fruitless += 1;
        }
        if self.fruitless >= PATIENCE {
            self.stage = self.stage.next();
            self.fruitless = 0;
            log::debug!("timeseries: next stage {:?} at error {}", self.stage, self.milestone);
        }
        self.select(configuration, split, &mut RandomStream::new(seed));
        Ok(())
    }

    /// Replaces the worse half by children of the better half.
    fn select(&mut self, configuration: &Configuration, split: &Split, random: &mut RandomStream) {
        let parents = self.members.len().div_ceil(2);
        for place in parents..self.members.len() {
            let mut child = self.members[place - parents].clone();
            match self.stage {
                Stage::Training => vary_training(&mut child.hyperparameters, random),
                Stage::Architecture => vary_architecture(&mut child.network, configuration, split, random),
                Stage::Refinement => refine(&mut child.hyperparameters, random),
            }
            self.members[place] = child;
        }
    }
}

/// By a normal factor on a logarithmic scale.
fn scaled(value: f64, spread: f64, (least, most): (f64, f64), random: &mut RandomStream) -> f64 {
    (value * libm::exp(spread * random.gaussian())).clamp(least, most)
}

fn vary_training(hyperparameters: &mut Hyperparameters, random: &mut RandomStream) {
    let Hyperparameters {
        learning_rate,
        weight_decay,
        batch,
    } = hyperparameters;
    *learning_rate = scaled(*learning_rate, 0.7, LEARNING_RATES, random);
    *weight_decay = scaled(*weight_decay, 1.0, WEIGHT_DECAYS, random);
    let batches = (BATCHES.0 as f64, BATCHES.1 as f64);
    *batch = scaled(*batch as f64, 0.4, batches, random) as usize;
}

fn refine(hyperparameters: &mut Hyperparameters, random: &mut RandomStream) {
    let slower = random.uniform_between(0.2, 0.8);
    hyperparameters.learning_rate = (hyperparameters.learning_rate * slower).max(LEARNING_RATES.0);
    hyperparameters.batch = (hyperparameters.batch * 3 / 2).min(BATCHES.1);
}

/// Another window, or other units in one hidden layer; larger ones more often than smaller ones, since what grows loses
/// nothing. A shape that the specification does not take is not tried.
fn vary_architecture(network: &mut Validated, configuration: &Configuration, split: &Split, random: &mut RandomStream) {
    let parent = network.model.architecture.clone();
    let mut shape = parent.clone();
    let mut vary = |size: usize, most: usize| {
        let factor = random.uniform_between(0.8, 1.8);
        ((size as f64 * factor).round() as usize).clamp(1, most)
    };
    let window = vary(shape.window, configuration.network.most_window);
    let units: Vec<usize> = shape.hidden.iter().map(|units| vary(*units, MOST_UNITS)).collect();
    let changed = (random.uniform() * (units.len() + 1) as f64) as usize;
    match shape.hidden.get_mut(changed) {
        Some(layer) => *layer = units[changed],
        None => match shape.kind {
            HiddenLayers::Dense | HiddenLayers::Recurrent => shape.window = window,
            // It follows from the taps.
            HiddenLayers::Convolutions { .. } => {}
        },
    }
    if shape == parent || configuration.check_architecture(&shape).is_err() {
        return;
    }
    let weights = shape.inherit(&parent, &network.model.exact_weights(), random);
    let mut model = network.model.clone();
    model.architecture = shape;
    if let Some(model) = model.with_weights(&weights) {
        *network = Validated::new(model, configuration, split);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            encoding::Model,
            generators,
            series::Normalization,
            tests::{CONVOLUTIONS, MODEL, RECURRENT},
        },
        *,
    };

    fn problem() -> (Configuration, Split, Validated) {
        problem_of(MODEL)
    }

    fn problem_of(model: &str) -> (Configuration, Split, Validated) {
        let configuration = Configuration::from_model(model.as_bytes()).unwrap();
        let split = Split::of(&generators::regimes(1_000, [1; 32]));
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

    #[test]
    fn rounds_never_lose_the_best_and_all_stages_have_their_turn() {
        let (configuration, split, start) = problem();
        let mut population = Population::new(start.clone(), 4, &mut RandomStream::new([3; 32]));
        let (mut stages, mut errors) = (vec![population.stage()], vec![start.error]);
        for round in 0..40 {
            let cancellation = Cancellation::default();
            population
                .round(&configuration, &split, 80, [round; 32], &cancellation)
                .unwrap();
            if stages.last() != Some(&population.stage()) {
                stages.push(population.stage());
            }
            errors.push(population.best().error);
            for member in &population.members {
                configuration
                    .check_architecture(&member.network.model.architecture)
                    .unwrap();
                assert!(LEARNING_RATES.0 <= member.hyperparameters.learning_rate);
                assert!((BATCHES.0..=BATCHES.1).contains(&member.hyperparameters.batch));
            }
        }
        println!("{errors:?} {stages:?}");
        assert!(errors.windows(2).all(|pair| pair[1] <= pair[0]));
        assert!(errors[40] < 0.7);
        assert!(
            stages.starts_with(&[Stage::Training, Stage::Architecture, Stage::Refinement]),
            "{stages:?}"
        );
    }

    #[test]
    fn what_migrates_leads_when_it_is_better_and_is_left_out_otherwise() {
        let (configuration, split, start) = problem();
        let mut random = RandomStream::new([3; 32]);
        let mut elsewhere = Population::new(start.clone(), 2, &mut random);
        let cancellation = Cancellation::default();
        elsewhere
            .round(&configuration, &split, 200, [1; 32], &cancellation)
            .unwrap();
        let mut population = Population::new(start.clone(), 4, &mut random);
        population.inject(elsewhere.best().clone());
        assert_eq!(population.best(), elsewhere.best());
        assert_eq!(population.members.len(), 4);
        population.inject(start);
        assert_eq!(population.best(), elsewhere.best());
    }

    #[test]
    fn children_of_another_shape_are_models_of_the_domain() {
        for model in [MODEL, CONVOLUTIONS, RECURRENT] {
            let (configuration, split, start) = problem_of(model);
            let mut random = RandomStream::new([5; 32]);
            let mut shapes = std::collections::BTreeSet::new();
            let mut network = start;
            for _ in 0..60 {
                vary_architecture(&mut network, &configuration, &split, &mut random);
                let shape = &network.model.architecture;
                configuration.check_architecture(shape).unwrap();
                assert_eq!(network.model.weights.len(), shape.parameters());
                shapes.insert((shape.window, shape.hidden.clone()));
            }
            assert!(shapes.len() > 10, "{shapes:?}");
            // Windows of convolutions follow from their taps.
            let windows: std::collections::BTreeSet<usize> = shapes.iter().map(|(window, _)| *window).collect();
            assert_eq!(windows.len() > 1, model != CONVOLUTIONS, "{shapes:?}");
        }
    }
}

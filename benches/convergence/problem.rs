//! What is searched: a domain, as a node runs it, with its specification.

use doin_compute::{objectives, Objective};
use doin_domains::{
    functions::{self, Function, TestFunction},
    quadratic::{self, Quadratic},
    Domain, Options,
};
use doin_primitives::domain::{Direction, DomainSpecification};
use serde_json::Value;
use sp_runtime::FixedU128;

/// A domain, and what a node does not ask it.
pub trait Problem: Domain {
    /// Individuals in the populations of its search at present.
    fn population(&self) -> u64;

    /// How good parameters are without noise: larger is better, 0 the best.
    fn truth(&self, parameters: &[u8]) -> f64;
}

impl Problem for Quadratic {
    fn population(&self) -> u64 {
        self.metadata().round_evaluations / quadratic::ROUND_GENERATIONS
    }

    fn truth(&self, parameters: &[u8]) -> f64 {
        let target = objectives::Quadratic::new(self.target(0)).expect("a target in range");
        target.evaluate(&quadratic::decode(parameters, target.dimensions()).expect("parameters of this domain"))
    }
}

impl Problem for Function {
    fn population(&self) -> u64 {
        self.progress().map_or(0, |progress| progress.population as u64)
    }

    fn truth(&self, parameters: &[u8]) -> f64 {
        -self.value(parameters, 0).expect("parameters of this domain")
    }
}

/// Which problem.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The quadratic domain of the local preset, without seasons.
    Quadratic,
    /// Rastrigin's function in 20 dimensions.
    Rastrigin,
}

impl Kind {
    /// What is to be reached.
    pub const fn milestones(self) -> [f64; 4] {
        match self {
            Self::Quadratic => [-100.0, -50.0, -10.0, -1.0],
            // The valleys beside the right one are 1 higher for each dimension: −0.5 is in the right one.
            Self::Rastrigin => [-20.0, -10.0, -5.0, -0.5],
        }
    }

    /// The specification.
    pub fn specification(self) -> DomainSpecification {
        let preset = doin_runtime::genesis::preset(&"local_testnet".into()).expect("a preset");
        let preset: Value = serde_json::from_slice(&preset).expect("a preset is JSON");
        let specification = preset["domains"]["domains"][0]["specification"].clone();
        let quadratic: DomainSpecification = serde_json::from_value(specification).expect("a specification");
        let quadratic = DomainSpecification {
            season_length: 0,
            ..quadratic
        };
        match self {
            Self::Quadratic => quadratic,
            Self::Rastrigin => DomainSpecification {
                kind: functions::KIND.as_bytes().to_vec().try_into().expect("a short name"),
                model: serde_json::to_vec(&rastrigin(1))
                    .expect("a configuration")
                    .try_into()
                    .expect("a short model"),
                direction: Direction::Minimize,
                metric_scale: FixedU128::from_u32(1),
                // Where one of ten dimensions finds its valley, φ gains 0.1.
                paired_noise: FixedU128::from_rational(2, 100),
                minimum_step: FixedU128::from_rational(2, 100),
                ..quadratic
            },
        }
    }

    /// The domain, with an optimum that follows from the seed, searched as the options say.
    pub fn problem(self, seed: u64, options: &Options) -> Box<dyn Problem> {
        match self {
            Self::Quadratic => {
                let model = quadratic::Configuration::from_model(&self.specification().model).expect("a good model");
                let configuration = quadratic::Configuration {
                    target_seed: seed,
                    ..model
                };
                Box::new(Quadratic::new(configuration, options).expect("a good configuration"))
            }
            Self::Rastrigin => Box::new(Function::new(rastrigin(seed), options).expect("a good configuration")),
        }
    }
}

fn rastrigin(optimum_seed: u64) -> functions::Configuration {
    functions::Configuration {
        function: TestFunction::Rastrigin,
        dimensions: 20,
        noise: 0.01,
        optimum_seed,
    }
}

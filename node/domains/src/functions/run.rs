//! One run of a search method, from a start until it has converged.

use std::collections::VecDeque;

use doin_compute::{Champion, Compute, Evolution, EvolutionMethod, Optimizer, OptimizerKind};

use super::landscape::Landscape;
use crate::{
    known_optimum::{generation, refusal},
    DomainError,
};

/// Generations between two looks at where a run has come to. Each look at the device is a readback, which some ten
/// generations hide.
pub(super) const LOOK: u64 = 10;
/// A run has converged when the value of its mean changes by no more than this (*TolFun*).
const TOLERANCE: f64 = 1e-12;
/// *Stagnation* is looked for in this share of a run's generations, and in no more than so many.
const STAGNATION_SHARE: f64 = 0.2;
const MOST_STAGNATION: u64 = 20_000;

/// A run. Points are relative ones.
pub(super) struct Run {
    engine: Engine,
    /// What was seen at the last looks.
    looks: VecDeque<Look>,
}

/// What was seen of a run.
#[derive(Clone, Copy)]
struct Look {
    /// The value at the mean.
    value: f64,
    /// How far the run has come: the value at the mean, which is better than any individual. Of methods that keep members
    /// it is the value of the best: their mean is a point between valleys, whose value says nothing, until they have all
    /// come to the same one.
    reached: f64,
    step_size: f64,
}

/// What draws the generations.
enum Engine {
    /// Generations that stay on the device, from sampling to the update.
    Device(Evolution),
    /// Generations that are drawn here and evaluated on the device; with how many there were.
    Host(Box<dyn Optimizer>, u64),
}

impl Run {
    /// A run from `start` with the standard deviation `step_size` in every dimension.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`] for a population that the method cannot have.
    pub(super) fn new(
        method: OptimizerKind,
        start: &[f64],
        step_size: f64,
        population: usize,
        seed: [u8; 32],
    ) -> Result<Self, DomainError> {
        let evolution = |method| Evolution::new(method, start, step_size, population, seed).map(Engine::Device);
        let engine = match method {
            OptimizerKind::SepCmaEs => evolution(EvolutionMethod::SepCmaEs),
            OptimizerKind::EvolutionStrategy => evolution(EvolutionMethod::EvolutionStrategy),
            OptimizerKind::DifferentialEvolution | OptimizerKind::GeneticAlgorithm | OptimizerKind::RandomStep => {
                method
                    .build(start, step_size, population, seed)
                    .map(|optimizer| Engine::Host(optimizer, 0))
            }
        };
        Ok(Self {
            engine: engine.map_err(refusal)?,
            looks: VecDeque::new(),
        })
    }

    /// Individuals in the next population.
    pub(super) fn population(&self) -> usize {
        match &self.engine {
            Engine::Device(evolution) => evolution.population_size(),
            Engine::Host(optimizer, _) => optimizer.population_size(),
        }
    }

    /// Generations so far.
    pub(super) fn generation(&self) -> u64 {
        match &self.engine {
            Engine::Device(evolution) => evolution.generation(),
            Engine::Host(_, generation) => *generation,
        }
    }

    /// The best of this run and what came in, as the kernel sees it.
    pub(super) fn best(&self) -> Option<Champion> {
        match &self.engine {
            Engine::Device(evolution) => evolution.best(),
            Engine::Host(optimizer, _) => optimizer.best().cloned(),
        }
    }

    /// Goes on from a point found elsewhere, if it is better than the best of this run.
    pub(super) fn inject(&mut self, point: &[f64], fitness: f64) -> Result<(), DomainError> {
        match &mut self.engine {
            Engine::Device(evolution) => evolution.inject(point, fitness),
            Engine::Host(optimizer, _) => optimizer.inject(point, fitness),
        }
        .map(drop)
        .map_err(refusal)
    }

    /// Up to so many generations; returns how many were completed: fewer when `should_stop` said yes, which is asked
    /// before every submission to the device. Where generations were stopped leaves no trace in what follows.
    pub(super) fn advance(
        &mut self,
        compute: &Compute,
        landscape: &Landscape,
        generations: u64,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<u64, DomainError> {
        match &mut self.engine {
            Engine::Device(evolution) => Ok(evolution.run(compute, landscape.objective(), generations, should_stop)?),
            Engine::Host(optimizer, number) => {
                for done in 0..generations {
                    if should_stop() {
                        return Ok(done);
                    }
                    generation(&mut **optimizer, compute, landscape.objective())?;
                    *number += 1;
                }
                Ok(generations)
            }
        }
    }

    /// Takes a look at the mean, and says whether the run is over: it has converged, or it stagnates.
    ///
    /// The mean is passed to `offer`, which returns its value: it is often better than any individual.
    pub(super) fn look(&mut self, landscape: &Landscape, offer: impl FnOnce(&[f64]) -> f64) -> bool {
        let (mean, step_size, best) = match &self.engine {
            Engine::Device(evolution) => (evolution.mean(), evolution.step_size(), None),
            Engine::Host(optimizer, _) => (optimizer.mean().to_vec(), optimizer.step_size(), optimizer.best()),
        };
        let value = offer(&mean);
        let reached = best.map_or(value, |best| -best.fitness);
        self.looks.push_back(Look {
            value,
            reached,
            step_size,
        });
        if self.looks.len() as u64 > MOST_STAGNATION / LOOK {
            self.looks.pop_front();
        }
        let generations = (30 * mean.len() as u64).div_ceil(self.population() as u64);
        let same = landscape.rounding(&mean).max(TOLERANCE);
        let share = (STAGNATION_SHARE * self.generation() as f64) as u64;
        let stagnation = share.max(120 + generations).min(MOST_STAGNATION);
        self.has_converged(10 + generations, same) || self.stagnates(stagnation)
    }

    /// Whether the value has changed by no more than `same` over so many generations.
    fn has_converged(&self, generations: u64, same: f64) -> bool {
        // So many intervals, between one more looks.
        self.last_looks(1 + generations.div_ceil(LOOK)).is_some_and(|looks| {
            let values = || looks.iter().map(|look| look.value);
            values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min) <= same
        })
    }

    /// Whether over so many generations the median of the last 30 hundredths of what was reached is no better than that of
    /// the first ones, and the median of the step sizes no smaller.
    fn stagnates(&self, generations: u64) -> bool {
        self.last_looks(generations / LOOK).is_some_and(|looks| {
            let part = (3 * looks.len()).div_ceil(10);
            let (first, last) = (&looks[..part], &looks[looks.len() - part..]);
            let has_not_fallen = |of: fn(&Look) -> f64| median(last.iter().map(of)) >= median(first.iter().map(of));
            has_not_fallen(|look| look.reached) && has_not_fallen(|look| look.step_size)
        })
    }

    /// So many last looks, once there are as many.
    fn last_looks(&self, count: u64) -> Option<Vec<Look>> {
        let first = self.looks.len().checked_sub(count as usize)?;
        Some(self.looks.range(first..).copied().collect())
    }
}

/// The upper median.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

//! The search of one season: runs, one after another, each with twice the population of the one before.

use codec::Encode;
use doin_compute::{random::RandomStream, Compute, OptimizerKind};
use sp_core::{Blake2Hasher, Hasher};

use super::{
    landscape::Landscape,
    run::{Run, LOOK},
    MOST_POPULATION,
};
use crate::{vectors::MOST_MAGNITUDE, Cancellation, DomainError};

/// The population doubles at most so often, then it begins anew with the first.
const MOST_DOUBLINGS: u32 = 9;
/// Restarts make no populations of more values than this: a quarter of a gibibyte in `f32`.
const MOST_VALUES: usize = 1 << 26;

/// How a node wants its searches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) method: OptimizerKind,
    /// Individuals in the populations of the first run.
    pub(super) population: usize,
    /// Runs begin within so much of 0 in each coordinate, with this as standard deviation.
    pub(super) half_width: f64,
}

/// Where a search has come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Runs that are over.
    pub restarts: u64,
    /// Individuals in a population of the present run.
    pub population: usize,
    /// Generations of the present run.
    pub generation: u64,
    /// Evaluations of all runs.
    pub evaluations: u64,
    /// The best value known: found here, or come in from elsewhere.
    pub best: f64,
}

/// The best point known, and its exact value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) point: Vec<f64>,
    pub(super) value: f64,
}

/// A search of one season.
pub(super) struct Search {
    season: u64,
    seed: [u8; 32],
    settings: Settings,
    landscape: Landscape,
    run: Run,
    restarts: u64,
    evaluations: u64,
    /// What the present run began with.
    planned_population: usize,
    largest_population: usize,
    record: Record,
}

impl Search {
    /// A search from `start`, all of whose randomness follows from `seed`.
    pub(super) fn new(
        settings: Settings,
        landscape: Landscape,
        start: Vec<f64>,
        season: u64,
        seed: [u8; 32],
    ) -> Result<Self, DomainError> {
        let Settings {
            method,
            population,
            half_width,
        } = settings;
        let run = Run::new(
            method,
            &landscape.relative(&start),
            half_width,
            population,
            run_seed(seed, 0),
        )?;
        let largest_population = population
            .saturating_mul(1 << MOST_DOUBLINGS)
            .min(MOST_POPULATION)
            .min(MOST_VALUES / start.len())
            .max(population);
        let record = Record {
            value: landscape.value(&start),
            point: start,
        };
        Ok(Self {
            season,
            seed,
            settings,
            landscape,
            run,
            restarts: 0,
            evaluations: 0,
            planned_population: population,
            largest_population,
            record,
        })
    }

    pub(super) fn season(&self) -> u64 {
        self.season
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            restarts: self.restarts,
            population: self.run.population(),
            generation: self.run.generation(),
            evaluations: self.evaluations,
            best: self.record.value,
        }
    }

    /// Migration: goes on from a point that is better than all that is known here. What was found here itself and comes
    /// back as the network's best is nothing new: a run with a larger population is not called back into the valley that
    /// it was begun to get out of.
    pub(super) fn take_in(&mut self, point: &[f64]) -> Result<(), DomainError> {
        let value = self.landscape.value(point);
        if value < self.record.value {
            self.run.inject(&self.landscape.relative(point), -value)?;
            self.record = Record {
                point: point.to_vec(),
                value,
            };
        }
        Ok(())
    }

    /// Searches for at most so many evaluations, and for one generation in any case.
    ///
    /// # Errors
    ///
    /// [`DomainError::Cancelled`]: what generations were completed until then stays, and the next round goes on after
    /// them as if nothing had happened. [`DomainError::Compute`]: as well.
    pub(super) fn round(
        &mut self,
        compute: &Compute,
        evaluations: u64,
        cancellation: &Cancellation,
    ) -> Result<(), DomainError> {
        let mut left = evaluations.max(self.run.population() as u64);
        loop {
            if cancellation.is_cancelled() {
                return Err(DomainError::Cancelled);
            }
            // Looks are taken at the same generations however the search is cut into rounds.
            let until_look = LOOK - self.run.generation() % LOOK;
            let asked = (left / self.run.population() as u64).min(until_look);
            if asked == 0 {
                return Ok(());
            }
            let done = self
                .run
                .advance(compute, &self.landscape, asked, &|| cancellation.is_cancelled())?;
            // The population may have shrunk on the way, for lack of memory on the device.
            let spent = done.saturating_mul(self.run.population() as u64);
            self.evaluations += spent;
            left = left.saturating_sub(spent);
            if let Some(champion) = self.run.best() {
                offer(&mut self.record, &self.landscape, &champion.parameters);
            }
            if done == until_look {
                self.look()?;
            }
        }
    }

    fn look(&mut self) -> Result<(), DomainError> {
        let (landscape, record) = (&self.landscape, &mut self.record);
        let is_over = self.run.look(landscape, |mean| offer(record, landscape, mean));
        // The single random step stays what it is: it has no population that could grow.
        if is_over && self.settings.method != OptimizerKind::RandomStep {
            self.restart()?;
        }
        Ok(())
    }

    /// The next run, by the rules of IPOP-CMA-ES (see the [module's documentation](super)).
    fn restart(&mut self) -> Result<(), DomainError> {
        let Settings {
            method,
            population,
            half_width,
        } = self.settings;
        self.restarts += 1;
        let seed = run_seed(self.seed, self.restarts);
        let mut random = RandomStream::with_stream(seed, START_STREAM);
        let start: Vec<f64> = (0..self.landscape.optimum().len())
            .map(|_| random.uniform_between(-half_width, half_width))
            .collect();
        let reached = self.run.population();
        if reached < self.planned_population {
            // The device has no memory for more.
            self.largest_population = reached;
        }
        let next = next_population(population, reached, self.largest_population);
        self.planned_population = next;
        log::debug!(
            "function: run {} is over, the best is {}; run {} has a population of {next}",
            self.restarts,
            self.record.value,
            self.restarts + 1
        );
        self.run = Run::new(method, &self.landscape.relative(&start), half_width, next, seed)?;
        Ok(())
    }
}

/// The population after a run with `reached` individuals: twice as many, or the `first` again, within `largest`.
fn next_population(first: usize, reached: usize, largest: usize) -> usize {
    match 2 * reached <= largest {
        true => 2 * reached,
        false => first.min(largest),
    }
}

/// The stream of a run's seed that its start is drawn from.
const START_STREAM: u64 = 1;

fn run_seed(seed: [u8; 32], number: u64) -> [u8; 32] {
    Blake2Hasher::hash(&("doin/function/run", seed, number).encode()).0
}

/// Keeps a relative point if it is the best and can be encoded. Returns its value.
fn offer(record: &mut Record, landscape: &Landscape, relative: &[f64]) -> f64 {
    let point = landscape.absolute(relative);
    let value = landscape.value(&point);
    if value < record.value && point.iter().all(|value| value.abs() <= MOST_MAGNITUDE) {
        *record = Record { point, value };
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_double_within_what_the_device_has_memory_for() {
        assert_eq!(next_population(4, 4, 2_048), 8);
        assert_eq!(next_population(4, 1_024, 2_048), 2_048);
        assert_eq!(next_population(4, 2_048, 2_048), 4);
        // The first population was too large already: it stays at what fitted.
        assert_eq!(next_population(1_000, 250, 250), 250);
        // A later one was: after what fitted the first comes again.
        assert_eq!(next_population(100, 300, 300), 100);
        assert_eq!(next_population(100, 100, 300), 200);
        assert_eq!(next_population(100, 200, 300), 100);
    }
}

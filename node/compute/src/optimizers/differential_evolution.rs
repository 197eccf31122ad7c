//! Differential evolution.

use super::{
    check_injection, check_length, check_start, is_finite, members::Members, parameters::check_population, Champion,
    Optimizer, OptimizerError, Record,
};
use crate::random::RandomStream;

/// How often a member draws new factors of its own.
const REDRAW: f64 = 0.1;
/// Smallest and largest factor of a difference.
const FACTORS: (f64, f64) = (0.1, 1.0);
/// With which factors the members start.
const FIRST_FACTOR: f64 = 0.5;
const FIRST_CROSSOVER: f64 = 0.9;
/// A member, and three others.
const LEAST_POPULATION: usize = 4;

/// Differential evolution, rand/1/bin (Storn and Price, 1997), whose members carry their own factor of the difference
/// and rate of crossover, changed now and then and kept where the change served (jDE: Brest and others, 2006).
///
/// Robust where there are many local optima; slower than [`super::GaussianSearch`] where there is one.
#[derive(Clone, Debug)]
pub struct DifferentialEvolution {
    random: RandomStream,
    members: Members,
    /// Factor and crossover of each member, and of the trial that may replace it.
    factors: Vec<(f64, f64)>,
    trial_factors: Vec<(f64, f64)>,
    trials: Vec<f64>,
    /// Whether the first population, the members themselves, is still to be evaluated.
    fresh: bool,
    asked: bool,
    best: Record,
}

impl DifferentialEvolution {
    /// Starts from members that are normally distributed around `start`, which is one of them.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`] for an empty start, a step size that is not positive, or a population of fewer
    /// than 4; [`OptimizerError::NotFinite`].
    pub fn new(start: &[f64], step_size: f64, population_size: usize, seed: [u8; 32]) -> Result<Self, OptimizerError> {
        check_start(start, step_size)?;
        check_population(population_size, LEAST_POPULATION)?;
        let mut random = RandomStream::new(seed);
        let members = Members::new(start, step_size, population_size, &mut random);
        let factors = vec![(FIRST_FACTOR, FIRST_CROSSOVER); population_size];
        Ok(Self {
            random,
            trials: members.values().to_vec(),
            members,
            trial_factors: factors.clone(),
            factors,
            fresh: true,
            asked: false,
            best: Record::default(),
        })
    }

    /// Three members other than `member` and one another.
    fn others(&mut self, member: usize) -> [usize; 3] {
        let mut taken = [member; 4];
        for count in 1..taken.len() {
            taken[count] = loop {
                let candidate = self.random.below(self.factors.len());
                if !taken[..count].contains(&candidate) {
                    break candidate;
                }
            };
        }
        [taken[1], taken[2], taken[3]]
    }
}

impl Optimizer for DifferentialEvolution {
    fn dimensions(&self) -> usize {
        self.members.dimensions()
    }

    fn population_size(&self) -> usize {
        self.factors.len()
    }

    fn reseed(&mut self, seed: [u8; 32]) {
        self.random = RandomStream::new(seed);
    }

    fn ask(&mut self) -> &[f64] {
        self.asked = true;
        if self.fresh {
            return &self.trials;
        }
        let n = self.dimensions();
        for member in 0..self.factors.len() {
            let (mut factor, mut crossover) = self.factors[member];
            if self.random.uniform() < REDRAW {
                factor = self.random.uniform_between(FACTORS.0, FACTORS.1);
            }
            if self.random.uniform() < REDRAW {
                crossover = self.random.uniform();
            }
            self.trial_factors[member] = (factor, crossover);
            let [base, plus, minus] = self.others(member);
            // At least one coordinate changes.
            let sure = self.random.below(n);
            for j in 0..n {
                let changes = self.random.uniform() < crossover || j == sure;
                self.trials[member * n + j] = if changes {
                    self.members.member(base)[j]
                        + factor * (self.members.member(plus)[j] - self.members.member(minus)[j])
                } else {
                    self.members.member(member)[j]
                };
            }
        }
        &self.trials
    }

    fn tell(&mut self, fitness: &[f64]) -> Result<(), OptimizerError> {
        if !self.asked {
            return Err(OptimizerError::NothingAsked);
        }
        check_length("fitness", self.population_size(), fitness.len())?;
        self.asked = false;
        self.fresh = false;
        let n = self.dimensions();
        for (member, value) in fitness.iter().enumerate() {
            // Equals too: members drift over plains.
            if is_finite(&self.trials, fitness, member) && *value >= self.members.fitness[member] {
                let trial = &self.trials[member * n..(member + 1) * n];
                self.members.replace(member, trial, *value);
                self.factors[member] = self.trial_factors[member];
                self.best.offer(trial, *value);
            }
        }
        self.members.measure();
        Ok(())
    }

    fn best(&self) -> Option<&Champion> {
        self.best.0.as_ref()
    }

    fn mean(&self) -> &[f64] {
        self.members.centroid()
    }

    fn step_size(&self) -> f64 {
        self.members.spread()
    }

    /// The individual takes the place of the worst member.
    fn inject(&mut self, parameters: &[f64], fitness: f64) -> Result<bool, OptimizerError> {
        check_injection(self.dimensions(), parameters, fitness)?;
        let taken = self.best.offer(parameters, fitness);
        if taken {
            self.members.replace_worst(parameters, fitness);
        }
        Ok(taken)
    }
}

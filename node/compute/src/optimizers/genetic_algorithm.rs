//! A genetic algorithm over real vectors.

use super::{
    check_injection, check_length, check_start, is_finite, members::Members, parameters::check_population, ranking,
    Champion, Optimizer, OptimizerError, Record,
};
use crate::random::RandomStream;

/// Share of the pairs that are crossed; the others are copied before mutation.
const CROSSED: f64 = 0.9;
/// How far beyond its parents a child may lie, as a share of their distance. With a half the children are spread a
/// little wider than their parents were, which selection takes back.
const BEYOND: f64 = 0.5;
/// Mutations are 2⁰ to 2⁻²⁰ of the first step size, each magnitude as likely: however close the members have come, some
/// steps fit, and some leave the valley.
const MAGNITUDES: f64 = 20.0;

/// A genetic algorithm: parents by tournaments of two, blend crossover (BLX-½: Eshelman and Schaffer, 1993),
/// mutation of one coordinate of a child on average, by a step of any magnitude below the first step size (Mühlenbein
/// and Schlierkamp-Voosen, 1993); the best of parents and children survive.
///
/// What crossover recombines are good coordinates of different members, so that it serves where they matter apart from
/// one another.
#[derive(Clone, Debug)]
pub struct GeneticAlgorithm {
    random: RandomStream,
    largest_step: f64,
    members: Members,
    children: Vec<f64>,
    /// Whether the first population, the members themselves, is still to be evaluated.
    fresh: bool,
    asked: bool,
    best: Record,
}

impl GeneticAlgorithm {
    /// Starts from members that are normally distributed around `start`, which is one of them.
    ///
    /// # Errors
    ///
    /// [`OptimizerError::BadOption`] for an empty start, a step size that is not positive, or a population of fewer
    /// than 2; [`OptimizerError::NotFinite`].
    pub fn new(start: &[f64], step_size: f64, population_size: usize, seed: [u8; 32]) -> Result<Self, OptimizerError> {
        check_start(start, step_size)?;
        check_population(population_size, 2)?;
        let mut random = RandomStream::new(seed);
        let members = Members::new(start, step_size, population_size, &mut random);
        Ok(Self {
            random,
            largest_step: step_size,
            children: members.values().to_vec(),
            members,
            fresh: true,
            asked: false,
            best: Record::default(),
        })
    }

    /// The better of two members drawn at random.
    fn tournament(&mut self) -> usize {
        let size = self.members.fitness.len();
        let (left, right) = (self.random.below(size), self.random.below(size));
        if self.members.fitness[right] > self.members.fitness[left] {
            right
        } else {
            left
        }
    }

    /// Two children of two parents; the second one may be one too many.
    fn breed(&mut self, first: usize) {
        let n = self.members.dimensions();
        let (mother, father) = (self.tournament(), self.tournament());
        let crossed = self.random.uniform() < CROSSED;
        let both = (first + 1) * n < self.children.len();
        for j in 0..n {
            let (mut left, mut right) = (self.members.member(mother)[j], self.members.member(father)[j]);
            if crossed {
                let margin = BEYOND * (right - left);
                let (low, high) = (left - margin, right + margin);
                left = self.random.uniform_between(low, high);
                right = self.random.uniform_between(low, high);
            }
            self.children[first * n + j] = self.mutate(left);
            if both {
                self.children[(first + 1) * n + j] = self.mutate(right);
            }
        }
    }

    fn mutate(&mut self, value: f64) -> f64 {
        if self.random.uniform() * (self.members.dimensions() as f64) >= 1.0 {
            return value;
        }
        let step = self.largest_step * libm::exp2(-MAGNITUDES * self.random.uniform());
        if self.random.uniform() < 0.5 {
            value - step
        } else {
            value + step
        }
    }
}

impl Optimizer for GeneticAlgorithm {
    fn dimensions(&self) -> usize {
        self.members.dimensions()
    }

    fn population_size(&self) -> usize {
        self.members.fitness.len()
    }

    fn reseed(&mut self, seed: [u8; 32]) {
        self.random = RandomStream::new(seed);
    }

    fn ask(&mut self) -> &[f64] {
        self.asked = true;
        if !self.fresh {
            for first in (0..self.population_size()).step_by(2) {
                self.breed(first);
            }
        }
        &self.children
    }

    fn tell(&mut self, fitness: &[f64]) -> Result<(), OptimizerError> {
        if !self.asked {
            return Err(OptimizerError::NothingAsked);
        }
        let size = self.population_size();
        check_length("fitness", size, fitness.len())?;
        self.asked = false;
        let n = self.dimensions();

        // Children first: among equals the new ones survive. The first population is its own children.
        let mut values = self.children.clone();
        let mut all: Vec<f64> = (0..size)
            .map(|index| match is_finite(&self.children, fitness, index) {
                true => fitness[index],
                false => f64::NAN,
            })
            .collect();
        let known = |fitness: f64| if fitness.is_finite() { fitness } else { f64::NAN };
        values.extend_from_slice(self.members.values());
        all.extend(self.members.fitness.iter().map(|fitness| known(*fitness)));
        self.fresh = false;

        let survivors = &ranking(&values, &all)[..size];
        let survivor_values = survivors
            .iter()
            .flat_map(|index| &values[index * n..(index + 1) * n])
            .copied()
            .collect();
        let survivor_fitness: Vec<f64> = survivors
            .iter()
            .map(|index| {
                if all[*index].is_finite() {
                    all[*index]
                } else {
                    f64::NEG_INFINITY
                }
            })
            .collect();
        self.members.replace_all(survivor_values, survivor_fitness);
        self.best.offer(self.members.member(0), self.members.fitness[0]);
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

//! The members that differential evolution and the genetic algorithm keep from generation to generation.

use crate::random::RandomStream;

/// Individuals with their fitness, negative infinity where it is not known.
#[derive(Clone, Debug)]
pub(super) struct Members {
    dimensions: usize,
    values: Vec<f64>,
    pub(super) fitness: Vec<f64>,
    centroid: Vec<f64>,
    /// Standard deviation of the members in each dimension.
    spreads: Vec<f64>,
}

impl Members {
    /// The start itself, and others normally distributed around it.
    pub(super) fn new(start: &[f64], step_size: f64, size: usize, random: &mut RandomStream) -> Self {
        let values = (0..size)
            .flat_map(|member| start.iter().map(move |value| (member, *value)))
            .map(|(member, value)| match member {
                0 => value,
                _ => value + step_size * random.gaussian(),
            })
            .collect();
        let mut members = Self {
            dimensions: start.len(),
            values,
            fitness: vec![f64::NEG_INFINITY; size],
            centroid: start.to_vec(),
            spreads: vec![step_size; start.len()],
        };
        members.measure();
        members
    }

    pub(super) fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn member(&self, index: usize) -> &[f64] {
        &self.values[index * self.dimensions..(index + 1) * self.dimensions]
    }

    pub(super) fn replace(&mut self, index: usize, values: &[f64], fitness: f64) {
        self.values[index * self.dimensions..(index + 1) * self.dimensions].copy_from_slice(values);
        self.fitness[index] = fitness;
    }

    /// Replaces all of them.
    pub(super) fn replace_all(&mut self, values: Vec<f64>, fitness: Vec<f64>) {
        (self.values, self.fitness) = (values, fitness);
        self.measure();
    }

    /// Puts an individual in the place of the worst.
    pub(super) fn replace_worst(&mut self, values: &[f64], fitness: f64) {
        let worst = (0..self.fitness.len()).min_by(|left, right| self.fitness[*left].total_cmp(&self.fitness[*right]));
        if let Some(worst) = worst {
            self.replace(worst, values, fitness);
            self.measure();
        }
    }

    /// Computes centroid and spreads anew.
    pub(super) fn measure(&mut self) {
        let size = self.fitness.len() as f64;
        self.centroid.fill(0.0);
        self.spreads.fill(0.0);
        for member in self.values.chunks_exact(self.dimensions) {
            for (centroid, value) in self.centroid.iter_mut().zip(member) {
                *centroid += value / size;
            }
        }
        for member in self.values.chunks_exact(self.dimensions) {
            for ((spread, value), centroid) in self.spreads.iter_mut().zip(member).zip(&self.centroid) {
                *spread += (value - centroid) * (value - centroid) / size;
            }
        }
        for spread in &mut self.spreads {
            *spread = spread.sqrt();
        }
    }

    pub(super) fn centroid(&self) -> &[f64] {
        &self.centroid
    }

    /// Root mean square of the spreads.
    pub(super) fn spread(&self) -> f64 {
        let squares: f64 = self.spreads.iter().map(|spread| spread * spread).sum();
        (squares / self.dimensions as f64).sqrt()
    }
}

//! The state of an evolution, and the CPU reference of the kernels that advance it.

use crate::{
    elementary::exponential,
    optimizers::Parameters,
    philox::{gaussians, philox},
};

/// Smallest and largest step size and variance of a dimension: what many generations can still multiply and
/// add up in `f32`.
const STEP_SIZES: (f32, f32) = (1e-30, 1e15);
const VARIANCES: (f32, f32) = (1e-20, 1e12);
/// Powers of two within which the largest variance is kept, see [`halvings`].
const BALANCED: std::ops::RangeInclusive<i32> = -8..=8;
/// What the step size is multiplied with when not one individual of a population was finite.
const RETREAT: f32 = 0.5;
/// Ranks that are added up before the next ones, for the sake of the rounding.
const RANKS_PER_SUM: usize = 32;
/// A workgroup of the recombination serves one quad, or more where there are more than this many workgroups.
const ENOUGH_WORKGROUPS: u32 = 512;
const MOST_COLUMNS: u32 = 16;
/// Ranks that 16 invocations walk through in 2¹⁴ steps.
const SHORT_RANKS: u32 = 1 << 18;

/// The content of the kernels' binding 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(crate) struct Constants {
    pub(crate) dimensions: u32,
    pub(crate) individuals: u32,
    pub(crate) padded: u32,
    pub(crate) parents: u32,
    pub(crate) ranks: u32,
    pub(crate) columns: u32,
    pub(crate) key: [u32; 2],
    effective_parents: f32,
    step_rate: f32,
    step_damping: f32,
    expected_length: f32,
    learns_variances: u32,
    path_rate: f32,
    rank_one: f32,
    rank_mu: f32,
}

/// Individuals in a block of the sort.
pub(crate) const SORT_BLOCK: u32 = 512;

impl Constants {
    pub(crate) fn new(parameters: &Parameters, dimensions: usize, key: [u32; 2]) -> Self {
        let ranks = parameters.weights.len();
        let individuals = parameters.population_size as u32;
        let columns = (dimensions.div_ceil(4) as u32 / ENOUGH_WORKGROUPS).max(1);
        Self {
            dimensions: dimensions as u32,
            individuals,
            padded: individuals.next_power_of_two().max(SORT_BLOCK),
            parents: parameters.parents as u32,
            ranks: ranks as u32,
            columns: columns.next_power_of_two().min(MOST_COLUMNS),
            key,
            effective_parents: parameters.effective_parents as f32,
            step_rate: parameters.step_rate as f32,
            step_damping: parameters.step_damping as f32,
            expected_length: parameters.expected_length as f32,
            learns_variances: u32::from(parameters.learns_variances()),
            path_rate: parameters.path_rate as f32,
            rank_one: parameters.rank_one as f32,
            rank_mu: parameters.rank_mu as f32,
        }
    }
}

impl Constants {
    /// Groups of four coordinates, the last one perhaps not full.
    pub(crate) fn quads(&self) -> u32 {
        self.dimensions.div_ceil(4)
    }

    /// Whether the variances learn.
    pub(crate) fn learns_variances(&self) -> bool {
        self.learns_variances != 0
    }

    /// The same for an adapter that computes on the CPU, which loses time at the barriers of many workgroups, unless its
    /// loops would become so long that llvmpipe ends them before their time, at 65 535 steps.
    pub(crate) fn for_software(self) -> Self {
        match self.ranks {
            0..=SHORT_RANKS => Self {
                columns: MOST_COLUMNS,
                ..self
            },
            _ => self,
        }
    }

    /// Workgroups of the recombination.
    pub(crate) fn recombination_workgroups(&self) -> u32 {
        self.quads().div_ceil(self.columns)
    }
}

/// One set of the kernels' scalars.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(crate) struct Scalars {
    pub(crate) step_size: f32,
    pub(crate) immaturity: f32,
    pub(crate) best_fitness: f32,
    pub(crate) has_best: u32,
    pub(crate) generation: u32,
}

/// All that an evolution carries from generation to generation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    /// Mean, variances, step path, variance path and best individual, one after another.
    pub(crate) vectors: Vec<f32>,
    pub(crate) scalars: Scalars,
}

impl State {
    /// How many vectors there are.
    pub(crate) const VECTORS: usize = 5;

    pub(crate) fn new(start: &[f32], step_size: f32) -> Self {
        let n = start.len();
        let mut vectors = vec![0.0; Self::VECTORS * n];
        vectors[..n].copy_from_slice(start);
        vectors[n..2 * n].fill(1.0);
        Self {
            vectors,
            scalars: Scalars {
                step_size: step_size.clamp(STEP_SIZES.0, STEP_SIZES.1),
                immaturity: 1.0,
                best_fitness: 0.0,
                has_best: 0,
                generation: 0,
            },
        }
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.vectors.len() / Self::VECTORS
    }

    /// One of the five vectors.
    pub(crate) fn vector(&self, number: usize) -> &[f32] {
        let n = self.dimensions();
        &self.vectors[number * n..(number + 1) * n]
    }

    pub(crate) fn vector_mut(&mut self, number: usize) -> &mut [f32] {
        let n = self.dimensions();
        &mut self.vectors[number * n..(number + 1) * n]
    }

    /// One individual of the population of this generation, which follows from its number alone.
    pub(crate) fn sample(&self, constants: &Constants, individual: u32, values: &mut [f32]) {
        let n = self.dimensions();
        let (mean, variances) = self.vectors[..2 * n].split_at(n);
        for (quad, values) in values.chunks_mut(4).enumerate() {
            let counter = [quad as u32, individual, self.scalars.generation, 0];
            let normal = gaussians(philox(counter, constants.key));
            for (i, (value, normal)) in values.iter_mut().zip(normal).enumerate() {
                let j = 4 * quad + i;
                *value = mean[j] + self.scalars.step_size * variances[j].sqrt() * normal;
            }
        }
    }

    /// The individuals with finite fitness, best first, equals by their place.
    pub(crate) fn ranking(fitness: &[f32]) -> Vec<u32> {
        let mut order: Vec<u32> = (0..fitness.len() as u32)
            .filter(|index| fitness[*index as usize].is_finite())
            .collect();
        order.sort_by(|left, right| fitness[*right as usize].total_cmp(&fitness[*left as usize]));
        order
    }

    /// The step to the next generation, from the population and its fitness. [`crate::optimizers::GaussianSearch`] has
    /// the same rules in `f64`.
    pub(crate) fn advance(&mut self, constants: &Constants, weights: &[f32], population: &[f32], fitness: &[f32]) {
        let n = self.dimensions();
        let order = Self::ranking(fitness);
        self.scalars.generation += 1;
        let Some(&first) = order.first() else {
            self.scalars.step_size = (self.scalars.step_size * RETREAT).max(STEP_SIZES.0);
            return;
        };
        let row = |index: u32| &population[index as usize * n..(index as usize + 1) * n];
        let best = fitness[first as usize];
        if self.scalars.has_best == 0 || best > self.scalars.best_fitness {
            (self.scalars.best_fitness, self.scalars.has_best) = (best, 1);
            self.vector_mut(4).copy_from_slice(row(first));
        }

        let parents = (constants.parents as usize).min(order.len());
        let scale = 1.0 / weights[..parents].iter().sum::<f32>();
        let scale = if parents < constants.parents as usize {
            scale
        } else {
            1.0
        };
        let mut sums = vec![[0f32; 2]; n];
        let ranked: Vec<(u32, f32)> = order.iter().copied().zip(weights.iter().copied()).collect();
        let deviations: Vec<f32> = self.vector(1).iter().map(|variance| variance.sqrt()).collect();
        let drawn = self.scalars.step_size;
        for (part, ranked) in ranked.chunks(RANKS_PER_SUM).enumerate() {
            let mut parts = vec![[0f32; 2]; n];
            for (rank, (index, weight)) in (part * RANKS_PER_SUM..).zip(ranked) {
                let weight = if rank < parents { weight * scale } else { *weight };
                for (j, (part, value)) in parts.iter_mut().zip(row(*index)).enumerate() {
                    let step = (value - self.vectors[j]) * (1.0 / (drawn * deviations[j]));
                    if rank < parents {
                        part[0] += weight * step;
                    }
                    part[1] += weight * (step * step - 1.0);
                }
            }
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum = [sum[0] + part[0], sum[1] + part[1]];
            }
        }

        let halvings = match constants.learns_variances() {
            true => halvings(self.vector(1)),
            false => 0,
        };
        let rate = constants.step_rate;
        let gain = (rate * (2.0 - rate) * constants.effective_parents).sqrt();
        for (path, sum) in self.vector_mut(2).iter_mut().zip(&sums) {
            *path = (1.0 - rate) * *path + gain * sum[0];
        }
        let square: f32 = self
            .vector(2)
            .chunks(64)
            .map(|path| path.iter().map(|path| path * path).sum::<f32>())
            .sum();

        self.scalars.immaturity *= (1.0 - rate) * (1.0 - rate);
        let stationary = square / (1.0 - self.scalars.immaturity);
        let steady = if stationary / n as f32 <= 2.0 + 4.0 / (n as f32 + 1.0) {
            1.0
        } else {
            0.0
        };
        let change = rate / constants.step_damping * (square.sqrt() / constants.expected_length - 1.0);
        let growth = exponential(change.min(1.0)) * power_of_two(halvings);
        self.scalars.step_size = (drawn * growth).clamp(STEP_SIZES.0, STEP_SIZES.1);

        for j in 0..n {
            self.vectors[j] += drawn * deviations[j] * sums[j][0];
            if !constants.learns_variances() {
                continue;
            }
            let rate = constants.path_rate;
            let gain = steady * (rate * (2.0 - rate) * constants.effective_parents).sqrt();
            let path = (1.0 - rate) * self.vectors[3 * n + j] + gain * sums[j][0];
            self.vectors[3 * n + j] = path;
            let rank_one = constants.rank_one * (1.0 - (1.0 - steady) * rate * (2.0 - rate));
            let change = std::f32::consts::LN_2 * (rank_one * (path * path - 1.0) + constants.rank_mu * sums[j][1]);
            let variance = &mut self.vectors[n + j];
            let factor = exponential(change.clamp(-1.0, 1.0)) * power_of_two(-2 * halvings);
            *variance = (*variance * factor).clamp(VARIANCES.0, VARIANCES.1);
        }
    }
}

/// By which power of two the step size is to grow, and the roots of the variances to shrink, so that the variances stay
/// about 1: see [`crate::optimizers::GaussianSearch`], which does the same. From the variances before the update, which
/// every workgroup of the device knows.
fn halvings(variances: &[f32]) -> i32 {
    let largest = variances.iter().copied().fold(0.0, f32::max);
    let exponent = (largest.to_bits() >> 23) as i32 - 127;
    match BALANCED.contains(&exponent) {
        true => 0,
        false => exponent >> 1,
    }
}

/// 2 to this power, which is that of a normal number.
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((127 + exponent) as u32) << 23)
}

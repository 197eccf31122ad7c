//! The constants of the searches that adapt a normal distribution.

use super::{check_start, OptimizerError};

/// The population size that CMA-ES takes by default: 4 + ⌊3 ln n⌋.
pub fn default_population_size(dimensions: usize) -> usize {
    4 + (3.0 * libm::log(dimensions.max(1) as f64)).floor() as usize
}

/// Weights and rates, from the number of dimensions n and the population size λ alone.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) population_size: usize,
    /// Weight of each rank that counts, best first. The first `parents` are positive with sum 1; the others, if there
    /// are any, are negative and serve only the variances.
    pub(crate) weights: Vec<f64>,
    pub(crate) parents: usize,
    /// Variance-effective number of parents, 1/Σw² over the positive ones.
    pub(crate) effective_parents: f64,
    pub(crate) step_rate: f64,
    pub(crate) step_damping: f64,
    pub(crate) path_rate: f64,
    /// Learning rates of the variances, from the evolution path and from the population; 0 where they do not learn.
    pub(crate) rank_one: f64,
    pub(crate) rank_mu: f64,
    /// Expected length of a standard normal vector.
    pub(crate) expected_length: f64,
}

impl Parameters {
    /// Those of sep-CMA-ES with active update, as pycma 4 has them with `CMA_diagonal`: weights of Hansen, "The CMA
    /// Evolution Strategy: A Tutorial" (2016), rates that the n degrees of freedom of a diagonal allow.
    pub(crate) fn sep_cma_es(start: &[f64], step_size: f64, population_size: usize) -> Result<Self, OptimizerError> {
        check_start(start, step_size)?;
        check_population(population_size, 2)?;
        let n = start.len() as f64;
        let centre = libm::log((population_size as f64 + 1.0) / 2.0);
        let raw: Vec<f64> = (1..=population_size)
            .map(|rank| centre - libm::log(rank as f64))
            .collect();
        let (positive, rest) = raw.split_at(population_size / 2);
        let parents = positive.len();
        let effective = effective_number(positive);

        let rank_one = 1.0 / (n + 2.0 * n.sqrt() + effective / n);
        let rank_mu =
            ((effective + 1.0 / effective - 1.75) / (n + 4.0 * n.sqrt() + effective / 2.0)).min(1.0 - rank_one);
        // The negative weights let the variances neither decay nor grow by themselves, unless the population is so
        // small that they would carry more than the positive ones.
        let most = 1.0 + 2.0 * effective_number(rest) / (effective + 2.0);
        let negative_sum = if rank_mu > 0.0 {
            (1.0 + rank_one / rank_mu).min(most)
        } else {
            most
        };
        let (positive_sum, rest_sum) = (positive.iter().sum::<f64>(), -rest.iter().sum::<f64>());
        let positive = positive.iter().map(|weight| weight / positive_sum);
        let negative = rest.iter().map(|weight| negative_sum * weight.min(0.0) / rest_sum);
        let weights = positive.chain(negative).collect();
        let path_rate = (1.0 + 1.0 / n + effective / n) / (n.sqrt() + 1.0 / n + 2.0 * effective / n);
        Ok(Self {
            rank_one,
            rank_mu,
            path_rate,
            ..Self::step_size_control(start.len(), population_size, weights, parents, effective)
        })
    }

    /// Those of the (μ/μ, λ) evolution strategy with μ = λ/4: the parents weigh the same, the variances stay.
    pub(crate) fn evolution_strategy(
        start: &[f64],
        step_size: f64,
        population_size: usize,
    ) -> Result<Self, OptimizerError> {
        check_start(start, step_size)?;
        check_population(population_size, 2)?;
        let parents = (population_size / 4).max(1);
        let weights = vec![1.0 / parents as f64; parents];
        Ok(Self::step_size_control(
            start.len(),
            population_size,
            weights,
            parents,
            parents as f64,
        ))
    }

    /// Cumulative step-size adaptation, without learning of variances.
    fn step_size_control(
        dimensions: usize,
        population_size: usize,
        weights: Vec<f64>,
        parents: usize,
        effective_parents: f64,
    ) -> Self {
        let n = dimensions as f64;
        let step_rate = ((effective_parents + 2.0) / (n + effective_parents + 3.0)).min(0.5);
        let excess = (((effective_parents - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0);
        Self {
            population_size,
            weights,
            parents,
            effective_parents,
            step_rate,
            step_damping: 1.0 + 2.0 * excess + step_rate,
            path_rate: 1.0,
            rank_one: 0.0,
            rank_mu: 0.0,
            expected_length: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }

    /// Whether the variances learn.
    pub(crate) fn learns_variances(&self) -> bool {
        self.rank_one > 0.0
    }

    /// Which share of a stationary evolution path's squared length the path has after this many generations from 0.
    pub(crate) fn path_maturity(&self, generation: u64) -> f64 {
        1.0 - (1.0 - self.step_rate).powi(2 * generation.min(100_000) as i32)
    }
}

fn effective_number(weights: &[f64]) -> f64 {
    let (sum, squares) = weights.iter().fold((0.0, 0.0), |(sum, squares), weight| {
        (sum + weight, squares + weight * weight)
    });
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
    }
}

pub(super) fn check_population(population_size: usize, least: usize) -> Result<(), OptimizerError> {
    if population_size < least {
        return Err(OptimizerError::BadOption(format!(
            "a population of {population_size} is too small: at least {least}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_tutorial() {
        let parameters = Parameters::sep_cma_es(&[0.0; 10], 1.0, 10).unwrap();
        assert_eq!(parameters.parents, 5);
        assert!((parameters.weights[..5].iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((parameters.effective_parents - 3.167_299).abs() < 1e-6);
        assert!(parameters.weights[..5].iter().all(|weight| *weight > 0.0));
        assert!(parameters.weights[5..].iter().all(|weight| *weight < 0.0));
        let strategy = Parameters::evolution_strategy(&[0.0; 10], 1.0, 40).unwrap();
        assert_eq!(strategy.weights, [0.1; 10]);
        assert!(!strategy.learns_variances());
        for size in [2, 3, 4, 5, 1_000] {
            for dimensions in [1, 2, 2_000] {
                let parameters = Parameters::sep_cma_es(&vec![0.0; dimensions], 1.0, size).unwrap();
                assert_eq!(parameters.weights.len(), size);
                assert!(
                    parameters.weights.iter().all(|weight| weight.is_finite()),
                    "{parameters:?}"
                );
                assert!(
                    (0.0..=1.0).contains(&(parameters.rank_one + parameters.rank_mu)),
                    "{parameters:?}"
                );
                assert!(parameters.path_rate <= 1.0, "{parameters:?}");
            }
        }
    }
}

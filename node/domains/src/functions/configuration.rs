//! The specification of a domain of kind `function` on chain.

use serde::{Deserialize, Serialize};

use crate::DomainError;

/// Most dimensions: artifacts stay within half a mebibyte.
pub const MOST_DIMENSIONS: usize = 1 << 16;
/// Most noise: beyond this nothing of the optimum would be left in the data.
pub const MOST_NOISE: f64 = 10.0;

/// A classical test function, as written in a specification: in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestFunction {
    /// Σ zᵢ²: one valley.
    Sphere,
    /// Σ (zᵢ² + 10 (1 − cos 2πzᵢ)): a valley at every whole number, the deeper the closer to the optimum.
    Rastrigin,
    /// 20 (1 − exp(−0.2 √(Σzᵢ²/n))) + e − exp(Σ cos(2πzᵢ)/n): a nearly flat plain of small valleys around a deep one.
    Ackley,
    /// Σ (100 (zᵢ₊₁ − zᵢ²)² + (1 − zᵢ)²) over all coordinates but the last: a narrow bent valley.
    Rosenbrock,
}

impl TestFunction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sphere, Self::Rastrigin, Self::Ackley, Self::Rosenbrock];

    /// Half the width of the box that the function is usually searched in.
    pub const fn half_width(self) -> f64 {
        match self {
            Self::Sphere | Self::Rastrigin => 5.12,
            Self::Ackley => 32.768,
            Self::Rosenbrock => 2.048,
        }
    }

    /// Where the unshifted function has its optimum, the same in every dimension.
    pub(super) const fn unshifted_optimum(self) -> f64 {
        match self {
            Self::Sphere | Self::Rastrigin | Self::Ackley => 0.0,
            Self::Rosenbrock => 1.0,
        }
    }

    const fn least_dimensions(self) -> usize {
        match self {
            Self::Sphere | Self::Rastrigin | Self::Ackley => 1,
            Self::Rosenbrock => 2,
        }
    }
}

/// The `model` field of a specification, in JSON:
/// `{"function":"rastrigin","dimensions":20,"noise":0.01,"optimum_seed":1}`. All fields are required and no others are
/// allowed, since every node must read it alike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// What is minimised.
    pub function: TestFunction,
    /// Number of parameters, 1 (Rosenbrock's function: 2) to 65 536.
    pub dimensions: usize,
    /// Standard deviation of an evaluator's optimum around the true one, per coordinate, 0 to 10.
    pub noise: f64,
    /// What optimum and baseline are derived from.
    pub optimum_seed: u64,
}

impl Configuration {
    /// Reads and checks a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn from_model(model: &[u8]) -> Result<Self, DomainError> {
        let configuration: Self = serde_json::from_slice(model)
            .map_err(|error| DomainError::BadConfiguration(format!("model of the function domain: {error}")))?;
        configuration.check()?;
        Ok(configuration)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn check(&self) -> Result<(), DomainError> {
        let least = self.function.least_dimensions();
        if !(least..=MOST_DIMENSIONS).contains(&self.dimensions) {
            return Err(DomainError::BadConfiguration(format!(
                "model of the function domain: dimensions must be {least} to {MOST_DIMENSIONS}, not {}",
                self.dimensions
            )));
        }
        if !(0.0..=MOST_NOISE).contains(&self.noise) {
            return Err(DomainError::BadConfiguration(format!(
                "model of the function domain: noise must be 0 to {MOST_NOISE}, not {}",
                self.noise
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_read_by_its_name() {
        for (function, name) in TestFunction::ALL
            .into_iter()
            .zip(["sphere", "rastrigin", "ackley", "rosenbrock"])
        {
            let model = format!(r#"{{"function":"{name}","dimensions":20,"noise":0.01,"optimum_seed":1}}"#);
            let expected = Configuration {
                function,
                dimensions: 20,
                noise: 0.01,
                optimum_seed: 1,
            };
            assert_eq!(Configuration::from_model(model.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        for (model, named) in [
            (
                r#"{"function":"rastrigin","dimensions":0,"noise":0.1,"optimum_seed":1}"#,
                "dimensions must be 1 to 65536, not 0",
            ),
            (
                r#"{"function":"rosenbrock","dimensions":1,"noise":0.1,"optimum_seed":1}"#,
                "dimensions must be 2 to 65536, not 1",
            ),
            (
                r#"{"function":"sphere","dimensions":65537,"noise":0.1,"optimum_seed":1}"#,
                "not 65537",
            ),
            (
                r#"{"function":"Sphere","dimensions":10,"noise":0.1,"optimum_seed":1}"#,
                "expected one of `sphere`, `rastrigin`, `ackley`, `rosenbrock`",
            ),
            (
                r#"{"function":"ackley","dimensions":10,"noise":-0.1,"optimum_seed":1}"#,
                "noise must be 0 to 10, not -0.1",
            ),
            (
                r#"{"function":"ackley","dimensions":10,"noise":11,"optimum_seed":1}"#,
                "noise must be",
            ),
            (
                r#"{"function":"ackley","dimensions":10,"noise":1e999,"optimum_seed":1}"#,
                "out of range",
            ),
            (r#"{"function":"ackley","dimensions":10,"noise":0.1}"#, "optimum_seed"),
            (
                r#"{"function":"ackley","dimensions":10,"noise":0.1,"optimum_seed":1,"rotation":2}"#,
                "rotation",
            ),
            (
                r#"{"function":"ackley","dimensions":10,"noise":0.1,"optimum_seed":1} x"#,
                "trailing",
            ),
            ("", "EOF"),
        ] {
            let error = Configuration::from_model(model.as_bytes()).unwrap_err();
            assert!(matches!(error, DomainError::BadConfiguration(_)));
            assert!(error.to_string().contains(named), "{model}: {error}");
        }
    }
}

//! The quadratic domain's specification on chain.

use serde::{Deserialize, Serialize};

use crate::DomainError;

/// Most dimensions: artifacts stay within half a mebibyte.
pub const MOST_DIMENSIONS: usize = 1 << 16;
/// Most noise. Targets lie within ±5: beyond this nothing of them would be left in the data.
pub const MOST_NOISE: f64 = 100.0;

/// The `model` field of a specification, in JSON: `{"dimensions":10,"noise":0.1,"target_seed":1}`. All fields are
/// required and no others are allowed, since every node must read it alike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Number of parameters, 1 to 65 536.
    pub dimensions: usize,
    /// Standard deviation of an evaluator's synthetic target around the true one, per coordinate, 0 to 100.
    pub noise: f64,
    /// What targets and baseline are derived from.
    pub target_seed: u64,
}

impl Configuration {
    /// Reads and checks a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn from_model(model: &[u8]) -> Result<Self, DomainError> {
        let configuration: Self = serde_json::from_slice(model)
            .map_err(|error| DomainError::BadConfiguration(format!("model of the quadratic domain: {error}")))?;
        configuration.check()?;
        Ok(configuration)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn check(&self) -> Result<(), DomainError> {
        let Self { dimensions, noise, .. } = *self;
        if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
            return Err(DomainError::BadConfiguration(format!(
                "model of the quadratic domain: dimensions must be 1 to {MOST_DIMENSIONS}, not {dimensions}"
            )));
        }
        if !(0.0..=MOST_NOISE).contains(&noise) {
            return Err(DomainError::BadConfiguration(format!(
                "model of the quadratic domain: noise must be 0 to {MOST_NOISE}, not {noise}"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_specification_is_read() {
        let configuration = Configuration::from_model(br#"{"dimensions":10,"noise":0.1,"target_seed":1}"#).unwrap();
        assert_eq!(
            configuration,
            Configuration {
                dimensions: 10,
                noise: 0.1,
                target_seed: 1
            }
        );
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        for (model, named) in [
            (
                r#"{"dimensions":0,"noise":0.1,"target_seed":1}"#,
                "dimensions must be 1 to 65536, not 0",
            ),
            (
                r#"{"dimensions":65537,"noise":0.1,"target_seed":1}"#,
                "dimensions must be",
            ),
            (r#"{"dimensions":-1,"noise":0.1,"target_seed":1}"#, "-1"),
            (
                r#"{"dimensions":10,"noise":-0.1,"target_seed":1}"#,
                "noise must be 0 to 100, not -0.1",
            ),
            (r#"{"dimensions":10,"noise":101,"target_seed":1}"#, "noise must be"),
            (r#"{"dimensions":10,"noise":1e999,"target_seed":1}"#, "out of range"),
            (r#"{"dimensions":10,"noise":"0.1","target_seed":1}"#, "invalid type"),
            (r#"{"dimensions":10,"noise":0.1}"#, "target_seed"),
            (r#"{"dimensions":10,"noise":0.1,"target_seed":1,"sigma":2}"#, "sigma"),
            (r#"{"dimensions":10,"noise":0.1,"target_seed":1} x"#, "trailing"),
            ("", "EOF"),
        ] {
            let error = Configuration::from_model(model.as_bytes()).unwrap_err();
            assert!(matches!(error, DomainError::BadConfiguration(_)));
            assert!(error.to_string().contains(named), "{model}: {error}");
        }
    }
}

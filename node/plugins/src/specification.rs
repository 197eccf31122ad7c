//! The specification of a Python domain, as it stands on the chain.

use doin_domains::DomainError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};

/// Most bytes of parameters that a specification may ask for.
pub const MOST_PARAMETERS_BYTES: u32 = 64 << 20;

/// The `model` of a domain of this kind. docs/plugin-protocol.md describes the keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    /// The names of the parts.
    pub plugins: Plugins,
    /// What they are configured with.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// What the metric measures.
    #[serde(default = "defaults::metric")]
    pub metric: String,
    /// Whether a larger metric is better.
    pub higher_is_better: bool,
    /// The parameters that the domain starts from; by default the plugin's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Value>,
    /// How parameters become bytes.
    #[serde(default)]
    pub parameters_format: ParametersFormat,
    /// The largest parameters in bytes.
    #[serde(default = "defaults::parameters_bytes")]
    pub parameters_bytes: u32,
    /// The size of the seed that data are generated from.
    #[serde(default = "defaults::seed_bits")]
    pub seed_bits: u32,
    /// The longest evaluation, in seconds: the same for all evaluators.
    #[serde(default = "defaults::evaluation_seconds")]
    pub evaluation_seconds: u32,
}

/// Names of entry points, or `module:Class`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugins {
    /// Searches. A node that only evaluates does not need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimization: Option<String>,
    /// Measures and predicts.
    pub inference: String,
    /// Makes the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthetic_data: Option<String>,
}

/// How parameters become bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParametersFormat {
    /// A dict, as canonical JSON.
    #[default]
    Json,
    /// The plugin's own bytes.
    Bytes,
}

mod defaults {
    pub fn metric() -> String {
        "performance".into()
    }
    pub fn parameters_bytes() -> u32 {
        1 << 20
    }
    pub fn seed_bits() -> u32 {
        32
    }
    pub fn evaluation_seconds() -> u32 {
        60
    }
}

impl Specification {
    /// Reads and checks a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the key.
    pub fn from_model(model: &[u8]) -> Result<Self, DomainError> {
        let wrong = |problem: String| DomainError::BadConfiguration(format!("model of the python domain: {problem}"));
        let specification: Self = serde_json::from_slice(model).map_err(|error| wrong(error.to_string()))?;
        for (key, value, least, most) in [
            (
                "parameters_bytes",
                specification.parameters_bytes,
                1,
                MOST_PARAMETERS_BYTES,
            ),
            ("seed_bits", specification.seed_bits, 32, 256),
            ("evaluation_seconds", specification.evaluation_seconds, 1, 86_400),
        ] {
            if !(least..=most).contains(&value) {
                return Err(wrong(format!("{key} must be {least} to {most}, not {value}")));
            }
        }
        Ok(specification)
    }

    /// What the plugin is told of it. Without the optimizing part where that is not needed, so that a node that only
    /// evaluates needs nothing of what it imports.
    pub(crate) fn domain(&self, with_optimization: bool) -> Value {
        let mut plugins = self.plugins.clone();
        plugins.optimization = plugins.optimization.filter(|_| with_optimization);
        json!({
            "plugins": plugins,
            "config": self.config,
            "baseline": self.baseline,
            "higher_is_better": self.higher_is_better,
            "parameters_format": self.parameters_format,
            "seed_bits": self.seed_bits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_documentation() {
        let read = Specification::from_model(br#"{"plugins":{"inference":"mine"},"higher_is_better":true}"#).unwrap();
        assert_eq!(
            (read.parameters_bytes, read.seed_bits, read.evaluation_seconds),
            (1 << 20, 32, 60)
        );
        assert_eq!(read.metric, "performance");
        assert!(read.domain(true)["plugins"].get("optimization").is_none());
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        for (model, named) in [
            ("{}", "plugins"),
            (r#"{"plugins":{},"higher_is_better":true}"#, "inference"),
            (r#"{"plugins":{"inference":"a"}}"#, "higher_is_better"),
            (
                r#"{"plugins":{"inference":"a"},"higher_is_better":true,"speed":1}"#,
                "speed",
            ),
            (
                r#"{"plugins":{"inference":"a","x":"y"},"higher_is_better":true}"#,
                "`x`",
            ),
            (
                r#"{"plugins":{"inference":"a"},"higher_is_better":true,"seed_bits":8}"#,
                "seed_bits must be 32 to 256, not 8",
            ),
            (
                r#"{"plugins":{"inference":"a"},"higher_is_better":true,"parameters_bytes":4294967295}"#,
                "parameters_bytes must be",
            ),
        ] {
            let error = Specification::from_model(model.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(named), "{model}: {error}");
        }
    }
}

//! The choice of what to compute with.

use serde::{Deserialize, Serialize};

/// What populations are evaluated with, as written in a configuration file: `"auto"`, `"gpu"` or `"cpu"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The best adapter there is: a GPU, or else a software adapter, with a warning. No adapter at all is an error at
    /// the start, but when the adapter disappears *later* and does not come back, evaluation goes on on the CPU.
    #[default]
    Auto,
    /// As [`Backend::Auto`], but an adapter that disappears is an error: never silently slower.
    Gpu,
    /// The CPU reference, on all cores. Needs no graphics driver.
    Cpu,
}

impl std::fmt::Display for Backend {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Gpu => "gpu",
            Self::Cpu => "cpu",
        })
    }
}

impl std::str::FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "gpu" => Ok(Self::Gpu),
            "cpu" => Ok(Self::Cpu),
            other => Err(format!(
                "unknown compute backend {other:?}, expected \"auto\", \"gpu\" or \"cpu\""
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_lower_case_and_agrees_between_serde_display_and_parsing() {
        for backend in [Backend::Auto, Backend::Gpu, Backend::Cpu] {
            let json = serde_json::to_string(&backend).unwrap();
            assert_eq!(json, format!("\"{backend}\""));
            assert_eq!(serde_json::from_str::<Backend>(&json).unwrap(), backend);
            assert_eq!(backend.to_string().parse::<Backend>(), Ok(backend));
        }
        assert!(serde_json::from_str::<Backend>("\"GPU\"").is_err());
        assert!("vulkan".parse::<Backend>().unwrap_err().contains("vulkan"));
    }
}

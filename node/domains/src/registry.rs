//! From a specification to a domain.

use std::{path::PathBuf, sync::Arc};

use doin_compute::{Compute, OptimizerKind};
use doin_onnx::Runner;

use crate::{forecast, functions, onnx, quadratic, Domain, DomainError, Files, NoFiles};

/// The kinds of built-in domains.
pub const KINDS: &[&str] = &[functions::KIND, onnx::KIND, quadratic::KIND, forecast::KIND];

/// Makes domains of kinds that are not built in, such as those of plugins.
pub trait OtherKinds: Send + Sync {
    /// The kinds.
    fn kinds(&self) -> &[&str];

    /// Makes the domain of one of them.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`].
    fn instantiate(&self, kind: &str, model: &[u8]) -> Result<Arc<dyn Domain>, DomainError>;
}

/// What a node chooses for its own computing. None of it changes what is measured, only how candidates are searched.
#[derive(Clone)]
pub struct Options {
    /// What populations are evaluated with; share one among all domains. Default: the CPU.
    pub compute: Arc<Compute>,
    /// The search method. Default: sep-CMA-ES.
    pub optimizer: OptimizerKind,
    /// Individuals in a population, 2 to 16 777 216. Default: the domain's choice, which converges with the fewest
    /// evaluations; a GPU is kept busy by many more.
    pub population: Option<usize>,
    /// How networks of the forecasting domain find their weights. Default: by the gradient.
    pub training: forecast::weight_search::Training,
    /// Kinds that are not built in. Default: none.
    pub others: Option<Arc<dyn OtherKinds>>,
    /// Where files come from that specifications name. Default: there are none.
    pub files: Arc<dyn Files>,
    /// A model file, or a folder of them, that the onnx domain offers. Default: none.
    pub models: Option<PathBuf>,
    /// Where model files run. Default: in a process of this program with the subcommand `run-model`.
    pub runner: Runner,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            compute: Arc::new(Compute::cpu()),
            optimizer: OptimizerKind::default(),
            population: None,
            training: Default::default(),
            others: None,
            files: Arc::new(NoFiles),
            models: None,
            runner: Runner::default(),
        }
    }
}

/// Makes the domain of this kind with this model specification, as both stand on chain.
///
/// # Errors
///
/// [`DomainError::UnknownKind`] names the known kinds; [`DomainError::BadConfiguration`] says what is wrong with the
/// specification or the options.
pub fn instantiate(kind: &str, model: &[u8], options: &Options) -> Result<Arc<dyn Domain>, DomainError> {
    match kind {
        functions::KIND => Ok(Arc::new(functions::Function::from_model(model, options)?)),
        onnx::KIND => Ok(Arc::new(onnx::Onnx::from_model(model, options)?)),
        quadratic::KIND => Ok(Arc::new(quadratic::Quadratic::from_model(model, options)?)),
        forecast::KIND => Ok(Arc::new(forecast::Forecast::from_model(model, options)?)),
        _ => match &options.others {
            Some(others) if others.kinds().contains(&kind) => others.instantiate(kind, model),
            others => Err(DomainError::UnknownKind {
                kind: kind.to_owned(),
                known: [KINDS, others.as_ref().map_or(&[], |others| others.kinds())]
                    .concat()
                    .join(", "),
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_but_no_other_is_known() {
        let model = br#"{"dimensions":2,"noise":0,"target_seed":1}"#;
        assert_eq!(
            instantiate("quadratic", model, &Options::default())
                .unwrap()
                .metadata()
                .kind,
            "quadratic"
        );
        let error = instantiate("Quadratic", model, &Options::default())
            .map(|_| ())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown domain kind \"Quadratic\"; known kinds: function, onnx, quadratic, timeseries"
        );
    }
}

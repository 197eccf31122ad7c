//! What a DOIN node optimizes: the [`Domain`] trait, the built-in domains, and the registry that makes one from its
//! on-chain specification.
//!
//! A domain lives off chain, in a worker's thread, and computes in floating point. At its border metrics become
//! fixed-point numbers by [`metric_to_fixed`], which refuses what is not a number.
//!
//! ```
//! use std::sync::Arc;
//! use doin_domains::{instantiate, Backend, Budget, Cancellation, Compute, Options};
//!
//! let options = Options { compute: Arc::new(Compute::open(Backend::Cpu)?), ..Default::default() };
//! let domain = instantiate("quadratic", br#"{"dimensions":10,"noise":0.1,"target_seed":1}"#, &options)?;
//! let budget = Budget { evaluations: domain.metadata().round_evaluations, minimum_gain: 0.0 };
//! let season = 0;
//! let candidate = domain.optimize(&domain.baseline(), &budget, [7; 32], season, &Cancellation::default())?;
//! let data = domain.synthesize([8; 32], season)?;
//! assert!(domain.evaluate(&candidate.parameters, &data)?.metric > domain.evaluate(&domain.baseline(), &data)?.metric);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod benchmark;
mod domain;
mod error;
mod files;
pub mod forecast;
pub mod functions;
mod known_optimum;
mod metric;
pub mod onnx;
pub mod quadratic;
mod registry;
mod shared;
mod vectors;

pub use doin_compute::{Backend, Compute, ComputeError, OptimizerKind};
pub use doin_onnx::Runner;
pub use domain::{Budget, Cancellation, Candidate, Domain, Evaluation, Metadata, SyntheticData};
pub use error::DomainError;
pub use files::{FileReference, Files, NoFiles};
pub use forecast::weight_search::Training;
pub use metric::{fixed_to_metric, metric_to_fixed};
pub use registry::{instantiate, Options, OtherKinds, KINDS};
pub use shared::{Assessment, SharedGeneration, SharedPopulation};

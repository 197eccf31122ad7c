//! Computing for DOIN's workers: the GPU device, the kernels that evaluate a whole population in one dispatch, the CPU
//! reference of each kernel, and the optimizers that ask for those populations.
//!
//! # Parts
//!
//! - [`Compute`] evaluates a population on the configured [`Backend`]. It owns the device, reuses its buffers and
//!   pipelines, splits a population that exceeds a limit of the device, and survives the loss of the device.
//! - [`Objective`] is what a kernel computes. Each objective is one file in `objectives/` with its WGSL kernel beside
//!   it, and carries its CPU reference.
//! - [`Evolution`] keeps whole generations on the device: sampling, evaluation, ranking and the update of an evolution
//!   strategy, without a readback in between.
//! - [`Optimizer`] is the ask/tell interface of the search methods, see [`optimizers`].
//! - [`devices`] and [`measure_device`] say what there is to compute with, and how fast it is.
//!
//! # Numbers
//!
//! Kernels compute in `f32`. Adapters round differently, so that a kernel's result serves the *search* only, which
//! needs no more than ranks. What is voted on in consensus is computed by [`Objective::evaluate`]: `f64`, on the CPU,
//! in a fixed order of operations, hence with the same bits on every machine.
//!
//! Fitness is always maximised.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod adapter;
mod backend;
mod compute;
mod cpu;
mod device;
mod elementary;
mod error;
mod evolution;
mod measure;
mod objective;
pub mod objectives;
pub mod optimizers;
mod philox;
mod profile;
pub mod random;

pub use adapter::{devices, AdapterLimits, AdapterReport};
pub use backend::Backend;
pub use compute::{Compute, Counters};
pub use error::ComputeError;
pub use evolution::{Evolution, EvolutionMethod};
pub use measure::{measure, measure_device, Measurement};
pub use objective::Objective;
pub use optimizers::{Champion, Optimizer, OptimizerError, OptimizerKind};
pub use profile::{profile_generation, GenerationProfile, Roofline, Stage};

//! The engine over the real runtime, with several nodes in one process. See `harness` for how.

#[path = "../harness/mod.rs"]
mod harness;

mod agreement;
mod epochs;
mod equivocation;
mod forks;
mod genesis;
mod leaders;
mod optimae;
mod partition;
mod persistence;
mod perturbation;
mod refusals;
mod sealing;
mod sessions;

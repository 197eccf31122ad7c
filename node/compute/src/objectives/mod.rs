//! The objectives: one file each, with the WGSL kernel beside it.

mod quadratic;

pub use quadratic::Quadratic;

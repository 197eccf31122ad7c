//! The objectives: one file each, with the WGSL kernel beside it.

mod ackley;
mod network;
mod quadratic;
mod rastrigin;
mod rosenbrock;
mod sphere;
mod sums;

pub use ackley::Ackley;
pub use network::{HiddenLayers, Network, NetworkShape};
pub use quadratic::Quadratic;
pub use rastrigin::Rastrigin;
pub use rosenbrock::Rosenbrock;
pub use sphere::Sphere;

use crate::Objective;

/// An objective that says how far its kernel and the kernel's CPU reference may be off.
pub trait Bounded: Objective {
    /// The largest distance of [`Objective::evaluate_single`], and of the kernel on any adapter, from
    /// [`Objective::evaluate`] for the same individual, given in `f32` and widened. It holds as long as no intermediate
    /// result leaves the range of `f32`.
    ///
    /// Derived for arithmetic that rounds to nearest, fuses products into sums or does not, adds in any order, and
    /// flushes numbers below [`f32::MIN_POSITIVE`] to zero or does not: what Vulkan, Metal and D3D12 leave open.
    fn error_bound(&self, individual: &[f64]) -> f64;
}

#[cfg(test)]
pub(crate) mod tests;

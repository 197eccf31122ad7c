//! The number types that a network is worked out in: single and double precision, and double precision with what single
//! precision may be off by.

use crate::elementary::{hyperbolic_tangent, ROUNDING};

/// The largest absolute error of [`hyperbolic_tangent`], which is at most 1.
const TANGENT_ERROR: f64 = 24.0 * ROUNDING;
/// What is smaller may count as nothing.
const DENORMAL: f64 = f32::MIN_POSITIVE as f64;
/// Roundings of the mean: of adding up the shares of up to 64 invocations, and of the division.
const MEAN_ROUNDINGS: f64 = 16.0;

/// The number type that an evaluation is done in.
pub(super) trait Number: Copy + Default {
    fn constant(value: f32) -> Self;
    fn add_product(self, value: Self, weight: Self) -> Self;
    /// The end of a sum of products.
    fn settled(self) -> Self;
    /// Of a settled sum.
    fn tanh(self) -> Self;
    /// 1/(1 + exp(−x)) of a settled sum, as (1 + tanh(x/2))/2.
    fn sigmoid(self) -> Self;
    fn distance(self, other: Self) -> Self;
    fn negative_mean(self, count: usize) -> Self;
}

macro_rules! number {
    ($type:ty, $tanh:path) => {
        impl Number for $type {
            fn constant(value: f32) -> Self {
                value.into()
            }
            fn add_product(self, value: Self, weight: Self) -> Self {
                self + value * weight
            }
            fn settled(self) -> Self {
                self
            }
            fn tanh(self) -> Self {
                $tanh(self)
            }
            fn sigmoid(self) -> Self {
                0.5 + 0.5 * $tanh(0.5 * self)
            }
            fn distance(self, other: Self) -> Self {
                (self - other).abs()
            }
            fn negative_mean(self, count: usize) -> Self {
                -self / count as Self
            }
        }
    };
}
number!(f32, hyperbolic_tangent);
number!(f64, libm::tanh);

/// An exact value, and how far a value in single precision may be from it, whatever order sums are added in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tracked {
    value: f64,
    pub(super) error: f64,
    /// Of a sum: the sum of the largest magnitudes of its terms, and their number.
    magnitude: f64,
    terms: f64,
}

impl Tracked {
    pub(super) fn exact(value: f64) -> Self {
        Self {
            value,
            error: 0.0,
            magnitude: value.abs(),
            terms: 0.0,
        }
    }

    fn with_error(value: f64, error: f64) -> Self {
        Self {
            value,
            error,
            magnitude: value.abs() + error,
            terms: 0.0,
        }
    }

    /// Of a function that rises: what its argument's error makes of it, which is little where it is flat, and its own.
    fn of_rising(self, function: fn(f64) -> f64, own: f64) -> Self {
        let value = function(self.value);
        let (above, below) = (function(self.value + self.error), function(self.value - self.error));
        Self::with_error(value, (above - value).max(value - below) + own)
    }
}

impl Number for Tracked {
    fn constant(value: f32) -> Self {
        Self::exact(value.into())
    }

    fn add_product(self, value: Self, weight: Self) -> Self {
        let (left, right) = (value.value.abs() + value.error, weight.value.abs() + weight.error);
        // Each factor and the product may count as nothing when they are tiny.
        let carried = left * weight.error + weight.value.abs() * value.error + DENORMAL * (left + right + 2.0);
        Self {
            value: self.value + value.value * weight.value,
            error: self.error + carried,
            magnitude: self.magnitude + left * right,
            terms: self.terms + 1.0,
        }
    }

    /// A sum of n products, in any order, is off by at most n + 2 roundings of the sum of their magnitudes; a hundredth
    /// more than covers what such errors do to one another.
    fn settled(self) -> Self {
        match self.terms {
            0.0 => self,
            terms => Self::with_error(
                self.value,
                self.error + 1.01 * (terms + 2.0) * ROUNDING * self.magnitude,
            ),
        }
    }

    fn tanh(self) -> Self {
        self.of_rising(libm::tanh, TANGENT_ERROR)
    }

    fn sigmoid(self) -> Self {
        // Halves are exact; the sum, of at most 1, is rounded.
        let own = TANGENT_ERROR / 2.0 + ROUNDING + DENORMAL;
        self.of_rising(<f64 as Number>::sigmoid, own)
    }

    fn distance(self, other: Self) -> Self {
        let own = ROUNDING * (self.magnitude + other.magnitude) + DENORMAL;
        Self::with_error((self.value - other.value).abs(), self.error + other.error + own)
    }

    fn negative_mean(self, count: usize) -> Self {
        let sum = self.settled();
        let error = sum.error + MEAN_ROUNDINGS * ROUNDING * sum.magnitude + DENORMAL;
        Self::with_error(-sum.value / count as f64, 1.01 * error / count as f64)
    }
}

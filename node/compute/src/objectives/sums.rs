//! Sums over the coordinates of an individual, for the CPU references.

/// How many partial sums the single-precision references keep, so that the compiler can use vector instructions.
const PARTIAL_SUMS: usize = 8;

/// What an objective without constants binds, since a buffer cannot be empty.
pub(super) const NO_CONSTANTS: [f32; 1] = [0.0];

/// The sum of `term` over the values, in several partial sums.
#[inline(always)]
pub(super) fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    sum_of_pairs(values, values, |value, _| term(value))
}

/// The sum of `term` over the pairs of the values of two slices of the same length, in several partial sums.
#[inline(always)]
pub(super) fn sum_of_pairs(left: &[f32], right: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    debug_assert_eq!(left.len(), right.len());
    let mut sums = [0f32; PARTIAL_SUMS];
    let (lefts, rights) = (left.chunks_exact(PARTIAL_SUMS), right.chunks_exact(PARTIAL_SUMS));
    let mut rest = 0f32;
    for (left, right) in lefts.remainder().iter().zip(rights.remainder()) {
        rest += term(*left, *right);
    }
    for (lefts, rights) in lefts.zip(rights) {
        for ((sum, left), right) in sums.iter_mut().zip(lefts).zip(rights) {
            *sum += term(*left, *right);
        }
    }
    sums.iter().sum::<f32>() + rest
}

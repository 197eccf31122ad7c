//! The base fee: EIP-1559's rule as a multiplier on the fee of a transaction's weight and length.

use sp_runtime::{
    traits::{CheckedDiv, Saturating},
    FixedU128, Perquintill,
};

/// The share of a block that the base fee aims at.
pub const TARGET_FULLNESS: Perquintill = Perquintill::from_percent(50);
/// The largest change of the base fee in a block: one part in this many, both ways.
pub const CHANGE_DENOMINATOR: u32 = 8;
/// The smallest multiplier: a thousandth.
pub const MINIMUM_MULTIPLIER: FixedU128 = FixedU128::from_inner(1_000_000_000_000_000);
/// The largest multiplier: a hundred thousand.
pub const MAXIMUM_MULTIPLIER: FixedU128 = FixedU128::from_inner(100_000_000_000_000_000_000_000);

/// The multiplier of the next block, after one of this `fullness` (0 to 1, the fullest of its dimensions):
/// previous × (1 + (fullness − target)/target / 8), clamped to the bounds above.
///
/// Source: EIP-1559, with a block's fullness in the place of its gas.
pub fn next_multiplier(previous: FixedU128, fullness: Perquintill) -> FixedU128 {
    // Both have 18 decimals.
    let share = |part: Perquintill| FixedU128::from_inner(u128::from(part.deconstruct()));
    let target = share(TARGET_FULLNESS);
    let fullness = share(fullness);
    let step = |distance: FixedU128| {
        let relative = distance.checked_div(&target).unwrap_or_default();
        let relative = relative
            .checked_div(&FixedU128::from_u32(CHANGE_DENOMINATOR))
            .unwrap_or_default();
        previous.saturating_mul(relative)
    };
    let next = if fullness >= target {
        previous.saturating_add(step(fullness.saturating_sub(target)))
    } else {
        previous.saturating_sub(step(target.saturating_sub(fullness)))
    };
    next.clamp(MINIMUM_MULTIPLIER, MAXIMUM_MULTIPLIER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_block_at_the_target_changes_nothing() {
        assert_eq!(
            next_multiplier(FixedU128::from_u32(3), TARGET_FULLNESS),
            FixedU128::from_u32(3)
        );
    }

    #[test]
    fn full_and_empty_blocks_change_by_an_eighth() {
        let one = FixedU128::from_u32(1);
        assert_eq!(next_multiplier(one, Perquintill::one()), FixedU128::from_rational(9, 8));
        assert_eq!(
            next_multiplier(one, Perquintill::zero()),
            FixedU128::from_rational(7, 8)
        );
    }

    proptest! {
        #[test]
        fn it_is_monotone_and_bounded(inner in 0u128..=200_000_000_000_000_000_000_000, low in 0u64..=1_000_000_000, more in 0u64..=1_000_000_000) {
            let previous = FixedU128::from_inner(inner).clamp(MINIMUM_MULTIPLIER, MAXIMUM_MULTIPLIER);
            let lower = Perquintill::from_parts(low.saturating_mul(1_000_000_000));
            let higher = Perquintill::from_parts(low.saturating_add(more).min(1_000_000_000).saturating_mul(1_000_000_000));
            let (a, b) = (next_multiplier(previous, lower), next_multiplier(previous, higher));
            prop_assert!(a <= b);
            prop_assert!(a >= MINIMUM_MULTIPLIER && b <= MAXIMUM_MULTIPLIER);
            prop_assert!(b <= previous.saturating_mul(FixedU128::from_rational(9, 8)).max(MINIMUM_MULTIPLIER));
        }
    }
}

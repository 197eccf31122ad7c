//! The subsidy: what an optimization block mints, and how its pot is split.

use crate::{Balance, OptimizationHeight, DOIN};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// The pot of the first optimization blocks: 50 DOIN.
pub const INITIAL_REWARD: Balance = 50 * DOIN;
/// The pot halves every so many optimization blocks.
pub const HALVING_INTERVAL: u64 = 210_000;
/// No more than this is ever minted by optimization blocks: 21 million DOIN. It follows from the halving: the sum of
/// all pots is 210 000 · Σ ⌊50 DOIN / 2ᵏ⌋ < 210 000 · 100 DOIN.
pub const CAP: Balance = 21_000_000 * DOIN;
/// Percent of a pot that the optimizers share.
pub const OPTIMIZERS_PERCENT: Balance = 65;
/// Percent of a pot that the agreeing evaluators share.
pub const EVALUATORS_PERCENT: Balance = 30;

/// A pot, split. The parts sum to the pot exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Split {
    /// 65 %, rounded down: for the optimizers, by effective increment.
    pub optimizers: Balance,
    /// 30 %, rounded down: for the agreeing evaluators, by verified increment.
    pub evaluators: Balance,
    /// The rest (5 % and what the roundings leave): for the author of the optimization block.
    pub author: Balance,
}

/// The pot of optimization block `height`: 50 DOIN, halved every 210 000 optimization blocks. The first height is 1;
/// height 0 is genesis, which mints nothing.
pub fn reward(height: OptimizationHeight) -> Balance {
    let Some(before) = height.checked_sub(1) else { return 0 };
    let halvings = before.checked_div(HALVING_INTERVAL).unwrap_or(u64::MAX);
    let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
    INITIAL_REWARD.checked_shr(halvings).unwrap_or(0)
}

/// What the optimization blocks 1 … `height` mint together.
pub fn minted_until(height: OptimizationHeight) -> Balance {
    let mut left = height;
    let mut first = 1u64;
    let mut sum: Balance = 0;
    // One turn for each era; a pot of 50 DOIN is 0 after 46 halvings.
    while left > 0 {
        let reward = reward(first);
        if reward == 0 {
            break;
        }
        let blocks = left.min(HALVING_INTERVAL);
        sum = sum.saturating_add(reward.saturating_mul(blocks.into()));
        left = left.saturating_sub(blocks);
        first = first.saturating_add(HALVING_INTERVAL);
    }
    sum
}

/// Splits a pot: 65 % for the optimizers, 30 % for the evaluators, the rest for the author.
pub fn split(pot: Balance) -> Split {
    let optimizers = percent(pot, OPTIMIZERS_PERCENT);
    let evaluators = percent(pot, EVALUATORS_PERCENT);
    Split {
        optimizers,
        evaluators,
        author: pot.saturating_sub(optimizers).saturating_sub(evaluators),
    }
}

/// What `points` of `all` are worth in a pool: ⌊amount · points / all⌋, computed in 256 bits, so exact; never more than
/// `amount`. Nothing when there are no points at all.
///
/// It does not depend on the order in which shares are paid, and the worths of all shares sum to `amount` at most,
/// less than one smallest unit a share below it.
pub fn worth(amount: Balance, points: u128, all: u128) -> Balance {
    multiply_by_rational_with_rounding(amount, points.min(all), all, Rounding::Down).unwrap_or(0)
}

/// ⌊amount · percent / 100⌋ for a percentage up to 100, without overflow for any amount.
fn percent(amount: Balance, percent: Balance) -> Balance {
    let whole = amount.checked_div(100).unwrap_or(0);
    let rest = amount.saturating_sub(whole.saturating_mul(100));
    whole
        .saturating_mul(percent)
        .saturating_add(rest.saturating_mul(percent).checked_div(100).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reward_vectors() {
        for (height, expected) in [
            (0, 0),
            (1, 50 * DOIN),
            (210_000, 50 * DOIN),
            (210_001, 25 * DOIN),
            (420_000, 25 * DOIN),
            (420_001, 12 * DOIN + DOIN / 2),
            (45 * 210_000 + 1, 1),
            (46 * 210_000, 1),
            (46 * 210_000 + 1, 0),
            (u64::MAX, 0),
        ] {
            assert_eq!(reward(height), expected, "{height}");
        }
    }

    #[test]
    fn the_whole_supply_is_just_below_the_cap() {
        let mut sum = 0;
        let mut first = 1;
        while reward(first) > 0 {
            sum += reward(first) * Balance::from(HALVING_INTERVAL);
            first += HALVING_INTERVAL;
        }
        assert_eq!(minted_until(u64::MAX), sum);
        assert!(sum < CAP);
        // Rounding down loses less than one smallest unit a block.
        assert!(CAP - sum < 46 * Balance::from(HALVING_INTERVAL));
    }

    #[test]
    fn minted_until_vectors() {
        assert_eq!(minted_until(0), 0);
        assert_eq!(minted_until(1), 50 * DOIN);
        assert_eq!(minted_until(210_000), 10_500_000 * DOIN);
        assert_eq!(minted_until(210_001), 10_500_025 * DOIN);
    }

    #[test]
    fn split_vectors() {
        let expected = Split {
            optimizers: 32_500 * DOIN / 1_000,
            evaluators: 15 * DOIN,
            author: 2_500 * DOIN / 1_000,
        };
        assert_eq!(split(50 * DOIN), expected);
        assert_eq!(
            split(0),
            Split {
                optimizers: 0,
                evaluators: 0,
                author: 0
            }
        );
        assert_eq!(
            split(1),
            Split {
                optimizers: 0,
                evaluators: 0,
                author: 1
            }
        );
        assert_eq!(
            split(99),
            Split {
                optimizers: 64,
                evaluators: 29,
                author: 6
            }
        );
        assert_eq!(
            split(100),
            Split {
                optimizers: 65,
                evaluators: 30,
                author: 5
            }
        );
    }

    #[test]
    fn worth_vectors() {
        assert_eq!(worth(100, 1, 3), 33);
        assert_eq!(worth(100, 3, 3), 100);
        assert_eq!(worth(100, 4, 3), 100);
        assert_eq!(worth(100, 0, 3), 0);
        assert_eq!(worth(100, 0, 0), 0);
        assert_eq!(worth(u128::MAX, u128::MAX, u128::MAX), u128::MAX);
        assert_eq!(worth(u128::MAX, u128::MAX - 1, u128::MAX), u128::MAX - 1);
    }

    proptest! {
        #[test]
        fn worth_is_exact(amount in any::<u128>(), points in any::<u128>(), rest in any::<u128>()) {
            let all = points.saturating_add(rest).max(1);
            let exact = sp_core::U256::from(amount) * sp_core::U256::from(points) / sp_core::U256::from(all);
            prop_assert_eq!(sp_core::U256::from(worth(amount, points, all)), exact);
        }

        #[test]
        fn worths_sum_to_the_pool_but_for_roundings(
            amount in 0..u128::MAX,
            points in proptest::collection::vec(0..u128::MAX >> 8, 1..100),
        ) {
            let all: u128 = points.iter().sum();
            prop_assume!(all > 0);
            let sum: u128 = points.iter().map(|points| worth(amount, *points, all)).sum();
            prop_assert!(sum <= amount);
            prop_assert!(amount - sum < points.len() as u128);
        }

        #[test]
        fn split_sums_to_the_pot(pot in any::<Balance>()) {
            let Split { optimizers, evaluators, author } = split(pot);
            prop_assert_eq!(optimizers + evaluators + author, pot);
            prop_assert!(author >= pot / 100 * 5);
            prop_assert!(author - pot / 100 * 5 <= 6);
        }

        #[test]
        fn split_is_the_exact_percentage(pot in 0..u128::MAX / 100) {
            let Split { optimizers, evaluators, .. } = split(pot);
            prop_assert_eq!(optimizers, pot * 65 / 100);
            prop_assert_eq!(evaluators, pot * 30 / 100);
        }

        #[test]
        fn minted_until_is_the_running_sum(height in 0u64..60 * 210_000) {
            prop_assert_eq!(minted_until(height + 1), minted_until(height) + reward(height + 1));
            prop_assert!(minted_until(height) <= CAP);
        }

        #[test]
        fn reward_never_rises(height in 1u64..60 * 210_000, more in 0u64..1_000_000) {
            prop_assert!(reward(height + more) <= reward(height));
        }
    }
}

//! The threshold rule: when accumulated verified work makes an optimization block, and how the threshold T follows
//! the rate of progress so that optimization blocks come at the target interval.
//!
//! - *last* is the time of the last optimization block, *crossing* the time at which the accumulated work Σ first
//!   reached T_eff since then, and the *interval* of an optimization block is crossing − last.
//! - Credits accrue one per target interval, at most [`MAXIMUM_CREDITS`], one at genesis; each optimization block
//!   spends one. A burst of work therefore cannot mint faster than one block per target in the long run.
//! - Anti-stall: T_eff = T · 2^−min(6, max(0, (now − last)/target − 4)).
//! - On an optimization block: base := T_eff < T ? max(T_eff, T/2) : T; the moving average of intervals (in targets,
//!   α = 0.1, input at most 8) takes the interval in; T := base · (1 + clamp(1/average − 1, ±2 %)).
//! - Every [`EPOCH_BLOCKS`] optimization blocks: T := clamp(mean of T in force · 100 targets / Σ intervals, T/4, 4T).
//! - T stays within [[`MINIMUM_THRESHOLD`], [`MAXIMUM_THRESHOLD`]].
//!
//! Everything is a pure function of the state, the time and Σ, in fixed point; times are milliseconds.
//! `examples/threshold_simulation.rs` runs this very code against several kinds of progress.

use crate::math;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::U256;
use sp_runtime::{FixedPointNumber, FixedU128, Saturating};

/// The least threshold: 10⁻⁶.
pub const MINIMUM_THRESHOLD: FixedU128 = FixedU128::from_rational(1, 1_000_000);
/// The greatest threshold: 10⁹.
pub const MAXIMUM_THRESHOLD: FixedU128 = FixedU128::from_u32(1_000_000_000);
/// The threshold at genesis unless the preset says otherwise, and the least mean threshold that reputation is
/// measured by: 0.02.
pub const MINIMUM_MEAN_THRESHOLD: FixedU128 = FixedU128::from_rational(2, 100);
/// How many optimization blocks an epoch of the threshold has.
pub const EPOCH_BLOCKS: u32 = 100;
/// How many credits may be saved up.
pub const MAXIMUM_CREDITS: u64 = 8;
/// After this many targets without an optimization block the effective threshold begins to fall.
pub const STALL_TARGETS: u64 = 4;
/// The effective threshold falls by at most this many powers of two.
pub const MAXIMUM_HALVINGS: u32 = 6;
/// The moving average takes in intervals of at most this many targets.
const MAXIMUM_AVERAGED_TARGETS: u64 = 8;
/// 1 − 2 % and 1 + 2 %: how far one optimization block moves the threshold.
const STEP_DOWN: FixedU128 = FixedU128::from_rational(98, 100);
const STEP_UP: FixedU128 = FixedU128::from_rational(102, 100);

/// The state of the rule. Σ itself is kept by the caller.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct ThresholdState {
    /// T, in units of effective increment.
    pub threshold: FixedU128,
    /// The target interval in milliseconds, at least 1.
    pub target_interval: u64,
    /// The time of the last optimization block (at first: of the first block), in milliseconds.
    pub last: u64,
    /// When Σ first reached the effective threshold since then, in milliseconds.
    pub crossing: Option<u64>,
    /// Saved-up time at `last` in milliseconds: one target interval is one credit.
    pub saved_time: u64,
    /// The moving average of intervals, in targets.
    pub average_interval: FixedU128,
    /// How many optimization blocks this epoch of [`EPOCH_BLOCKS`] has.
    pub epoch_blocks: u32,
    /// The sum of T in force over them.
    pub epoch_thresholds: FixedU128,
    /// The sum of their intervals in milliseconds.
    pub epoch_intervals: u64,
    /// The mean of T in force over the last finished epoch; [`MINIMUM_MEAN_THRESHOLD`] before the first has ended.
    pub last_mean: FixedU128,
}

impl ThresholdState {
    /// The state before the first block. `threshold` is brought within the bounds, a target of 0 counts as 1 ms.
    pub fn genesis(target_interval: u64, threshold: FixedU128) -> Self {
        let target_interval = target_interval.max(1);
        Self {
            threshold: bounded(threshold),
            target_interval,
            last: 0,
            crossing: None,
            saved_time: target_interval,
            average_interval: FixedU128::from_u32(1),
            epoch_blocks: 0,
            epoch_thresholds: FixedU128::from_u32(0),
            epoch_intervals: 0,
            last_mean: MINIMUM_MEAN_THRESHOLD,
        }
    }

    /// The first block has come: time begins. Genesis itself has none.
    pub fn start(&mut self, now: u64) {
        self.last = now;
    }

    /// T_eff = T · 2^−min(6, max(0, (now − last)/target − 4)), to a relative error of 2⁻⁵³ and one unit of 10⁻¹⁸.
    pub fn effective_threshold(&self, now: u64) -> FixedU128 {
        let target = self.target_interval.max(1);
        let stalled = now
            .saturating_sub(self.last)
            .saturating_sub(target.saturating_mul(STALL_TARGETS));
        if stalled == 0 {
            return self.threshold;
        }
        let exponent =
            FixedU128::checked_from_rational(stalled, target).unwrap_or(FixedU128::from_u32(MAXIMUM_HALVINGS));
        self.threshold
            .saturating_mul(math::pow2_negative(exponent.min(FixedU128::from_u32(MAXIMUM_HALVINGS))))
    }

    /// The saved-up time at `now` in milliseconds: `last`'s, and all time since, at most eight targets.
    fn saved_time_at(&self, now: u64) -> u64 {
        self.saved_time
            .saturating_add(now.saturating_sub(self.last))
            .min(self.target_interval.saturating_mul(MAXIMUM_CREDITS))
    }

    /// The credits at `now`, in [0, 8].
    pub fn credits(&self, now: u64) -> FixedU128 {
        FixedU128::checked_from_rational(self.saved_time_at(now), self.target_interval.max(1))
            .unwrap_or(FixedU128::from_u32(0))
    }

    /// Whether `accumulated` makes an optimization block at `now`: it reaches T_eff, and there is a whole credit.
    pub fn is_due(&self, now: u64, accumulated: FixedU128) -> bool {
        accumulated >= self.effective_threshold(now) && self.saved_time_at(now) >= self.target_interval
    }

    /// Notes the crossing, if `accumulated` reaches T_eff at `now` and had not before. Returns whether it is new.
    pub fn note_crossing(&mut self, now: u64, accumulated: FixedU128) -> bool {
        let crosses = self.crossing.is_none() && accumulated >= self.effective_threshold(now);
        if crosses {
            self.crossing = Some(now);
        }
        crosses
    }

    /// The state after an optimization block at `now`. The caller has checked [`Self::is_due`] and clears Σ.
    pub fn after_optimization_block(&self, now: u64) -> Self {
        let target = self.target_interval.max(1);
        let interval = self.crossing.unwrap_or(now).saturating_sub(self.last);

        // A threshold that was only crossed because it fell was too high: go on from where it was crossed, but at
        // most halve it in one block.
        let effective = self.effective_threshold(now);
        let base = if effective < self.threshold {
            effective.max(half(self.threshold))
        } else {
            self.threshold
        };
        let averaged = interval.min(target.saturating_mul(MAXIMUM_AVERAGED_TARGETS));
        let input = FixedU128::checked_from_rational(averaged, target).unwrap_or(FixedU128::from_u32(1));
        let average_interval = average(self.average_interval, input);
        // target/average, limited to a step of 2 % either way. An average of 0: all of it came at once, step up.
        let ratio = average_interval
            .reciprocal()
            .unwrap_or(STEP_UP)
            .clamp(STEP_DOWN, STEP_UP);
        let mut threshold = bounded(base.saturating_mul(ratio));

        let mut epoch_blocks = self.epoch_blocks.saturating_add(1);
        let mut epoch_thresholds = self.epoch_thresholds.saturating_add(self.threshold);
        let mut epoch_intervals = self.epoch_intervals.saturating_add(interval);
        let mut last_mean = self.last_mean;
        if epoch_blocks >= EPOCH_BLOCKS {
            // mean of T · 100 targets / Σ intervals = ΣT · target / Σ intervals
            let followed = scaled(epoch_thresholds, target, epoch_intervals);
            let lowest = half(half(threshold));
            let highest = threshold
                .saturating_add(threshold)
                .saturating_add(threshold)
                .saturating_add(threshold);
            threshold = bounded(followed.clamp(lowest, highest));
            last_mean = scaled(epoch_thresholds, 1, u64::from(epoch_blocks)).max(MINIMUM_MEAN_THRESHOLD);
            epoch_blocks = 0;
            epoch_thresholds = FixedU128::from_u32(0);
            epoch_intervals = 0;
        }

        Self {
            threshold,
            target_interval: self.target_interval,
            last: now,
            crossing: None,
            saved_time: self.saved_time_at(now).saturating_sub(target),
            average_interval,
            epoch_blocks,
            epoch_thresholds,
            epoch_intervals,
            last_mean,
        }
    }

    /// T̄: the mean of T over the last finished epoch, at least [`MINIMUM_MEAN_THRESHOLD`].
    pub fn mean_threshold(&self) -> FixedU128 {
        self.last_mean.max(MINIMUM_MEAN_THRESHOLD)
    }

    /// What must hold of every state that the rule makes. The error says what does not.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.target_interval == 0 {
            return Err("the target interval is zero");
        }
        if self.threshold < MINIMUM_THRESHOLD || self.threshold > MAXIMUM_THRESHOLD {
            return Err("the threshold is out of its bounds");
        }
        if self.saved_time > self.target_interval.saturating_mul(MAXIMUM_CREDITS) {
            return Err("more credits than may be saved up");
        }
        if self.crossing.is_some_and(|crossing| crossing < self.last) {
            return Err("the threshold was crossed before the last optimization block");
        }
        if self.epoch_blocks >= EPOCH_BLOCKS {
            return Err("an epoch of the threshold has not been closed");
        }
        if self.last_mean < MINIMUM_MEAN_THRESHOLD {
            return Err("the mean threshold is below its minimum");
        }
        Ok(())
    }
}

/// Within the bounds of a threshold.
fn bounded(threshold: FixedU128) -> FixedU128 {
    threshold.clamp(MINIMUM_THRESHOLD, MAXIMUM_THRESHOLD)
}

/// Half of it, rounded down.
fn half(value: FixedU128) -> FixedU128 {
    FixedU128::from_inner(value.into_inner() >> 1)
}

/// 0.9 · average + 0.1 · input, rounded down.
fn average(average: FixedU128, input: FixedU128) -> FixedU128 {
    let sum = average
        .into_inner()
        .saturating_mul(9)
        .saturating_add(input.into_inner());
    FixedU128::from_inner(sum.checked_div(10).unwrap_or(0))
}

/// value · numerator / denominator, rounded down; the greatest value when it does not fit or the denominator is 0.
fn scaled(value: FixedU128, numerator: u64, denominator: u64) -> FixedU128 {
    // 128 + 64 bits: the product fits.
    let product = U256::from(value.into_inner()).saturating_mul(U256::from(numerator));
    match product.checked_div(U256::from(denominator)) {
        Some(quotient) if quotient <= U256::from(u128::MAX) => FixedU128::from_inner(quotient.low_u128()),
        _ => FixedU128::from_inner(u128::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TARGET: u64 = 600_000;

    fn fixed(value: f64) -> FixedU128 {
        FixedU128::from_inner((value * 1e18) as u128)
    }

    fn state(threshold: f64) -> ThresholdState {
        let mut state = ThresholdState::genesis(TARGET, fixed(threshold));
        state.start(1_000 * TARGET);
        state
    }

    /// The time `targets` target intervals after the last optimization block.
    fn after(state: &ThresholdState, targets: f64) -> u64 {
        state.last + (targets * TARGET as f64) as u64
    }

    #[test]
    fn genesis_has_one_credit_and_bounds_the_threshold() {
        let state = state(0.02);
        assert_eq!(state.credits(state.last), FixedU128::from_u32(1));
        assert_eq!(state.mean_threshold(), MINIMUM_MEAN_THRESHOLD);
        assert_eq!(ThresholdState::genesis(TARGET, fixed(0.0)).threshold, MINIMUM_THRESHOLD);
        assert_eq!(
            ThresholdState::genesis(TARGET, fixed(1e12)).threshold,
            MAXIMUM_THRESHOLD
        );
        assert_eq!(ThresholdState::genesis(0, fixed(1.0)).target_interval, 1);
    }

    #[test]
    fn the_effective_threshold_halves_with_each_target_after_the_fourth() {
        let state = state(0.64);
        for (targets, expected) in [
            (0.0, 0.64),
            (3.9, 0.64),
            (4.0, 0.64),
            (5.0, 0.32),
            (6.0, 0.16),
            (9.0, 0.02),
            (10.0, 0.01),
            (50.0, 0.01),
        ] {
            assert_eq!(
                state.effective_threshold(after(&state, targets)),
                fixed(expected),
                "{targets}"
            );
        }
        // Time never runs backwards, but if it did nothing would break.
        assert_eq!(state.effective_threshold(0), fixed(0.64));
    }

    #[test]
    fn credits_accrue_by_time_up_to_eight() {
        let state = state(1.0);
        for (targets, credits) in [(0.0, 1.0), (0.5, 1.5), (3.25, 4.25), (7.0, 8.0), (70.0, 8.0)] {
            assert_eq!(state.credits(after(&state, targets)), fixed(credits));
        }
    }

    #[test]
    fn without_a_whole_credit_the_block_waits_and_the_interval_is_the_crossing() {
        let mut state = state(1.0);
        let first = after(&state, 0.0);
        assert!(!state.is_due(first, fixed(0.999)));
        assert!(state.is_due(first, fixed(1.0)));
        assert!(state.note_crossing(first, fixed(1.0)));
        assert!(
            !state.note_crossing(first + 1, fixed(2.0)),
            "only the first time counts"
        );
        state = state.after_optimization_block(first);
        // The genesis credit is spent: a burst waits a whole target.
        let early = after(&state, 0.1);
        assert!(state.note_crossing(early, fixed(5.0)));
        assert!(!state.is_due(early, fixed(5.0)));
        assert!(!state.is_due(after(&state, 1.0) - 1, fixed(5.0)));
        assert!(state.is_due(after(&state, 1.0), fixed(5.0)));
        let next = state.after_optimization_block(after(&state, 1.0));
        // 0.9 · (0.9 · 1 + 0.1 · 0) + 0.1 · 0.1 = 0.82
        assert_eq!(next.average_interval, fixed(0.82));
        assert_eq!(next.saved_time, 0);
        assert_eq!(next.crossing, None);
        assert_eq!(next.last, after(&state, 1.0));
    }

    #[test]
    fn on_target_nothing_moves_and_off_target_two_percent_at_most() {
        let state = state(1.0);
        assert_eq!(state.after_optimization_block(after(&state, 1.0)).threshold, fixed(1.0));
        // The average becomes 0.9 and 1.3: far beyond 2 % both ways.
        assert_eq!(
            state.after_optimization_block(after(&state, 0.0)).threshold,
            fixed(1.02)
        );
        assert_eq!(
            state.after_optimization_block(after(&state, 4.0)).threshold,
            fixed(0.98)
        );
        // The average becomes 1.005: the factor is 1/1.005.
        let slow = state.after_optimization_block(after(&state, 1.05));
        assert_eq!(slow.average_interval, FixedU128::from_rational(1_005, 1_000));
        assert_eq!(slow.threshold.into_inner(), 995_024_875_621_890_547);
    }

    #[test]
    fn a_threshold_that_had_to_fall_goes_on_from_where_it_was_crossed() {
        let state = state(1.0);
        // Half a target into the fall: 2^−0.5 = 0.7071…, above T/2; the average becomes 1.35.
        let mild = state.after_optimization_block(after(&state, 4.5));
        let expected = 0.5f64.sqrt() * 0.98;
        assert!((mild.threshold.to_float() - expected).abs() < 1e-15);
        // Far into it: T/2.
        assert_eq!(
            state.after_optimization_block(after(&state, 9.0)).threshold,
            fixed(0.49)
        );
        // The average takes in 8 targets at most: 0.9 + 0.8.
        assert_eq!(
            state.after_optimization_block(after(&state, 99.0)).average_interval,
            fixed(1.7)
        );
    }

    #[test]
    fn an_epoch_of_a_hundred_follows_the_mean() {
        // Every interval half a target, as a burst that saved credits for it would do it.
        let mut state = state(1.0);
        let mut thresholds = 0u128;
        for _ in 0..99 {
            thresholds += state.threshold.into_inner();
            state = state.after_optimization_block(after(&state, 0.5));
            assert_eq!(state.mean_threshold(), MINIMUM_MEAN_THRESHOLD);
        }
        thresholds += state.threshold.into_inner();
        let unfollowed = state.threshold;
        state = state.after_optimization_block(after(&state, 0.5));
        assert_eq!(state.epoch_blocks, 0);
        assert_eq!(state.epoch_intervals, 0);
        assert_eq!(state.mean_threshold().into_inner(), thresholds / 100);
        // 100 targets / Σ intervals = 2
        assert_eq!(
            state.threshold.into_inner(),
            thresholds / 100 * 2 + (thresholds % 100) * 2 / 100
        );
        assert!(state.threshold < unfollowed.saturating_mul(FixedU128::from_u32(4)));
    }

    #[test]
    fn an_epoch_moves_the_threshold_by_a_factor_of_four_at_most() {
        let mut burst = state(1.0);
        let mut idle = state(1.0);
        for _ in 0..99 {
            burst = burst.after_optimization_block(burst.last);
            idle = idle.after_optimization_block(after(&idle, 4.0));
        }
        idle.epoch_intervals = u64::MAX;
        let (before_burst, before_idle) = (burst.threshold, idle.threshold);
        burst = burst.after_optimization_block(burst.last);
        idle = idle.after_optimization_block(after(&idle, 4.0));
        assert_eq!(
            burst.threshold,
            bounded(before_burst.saturating_mul(fixed(1.02)).saturating_mul(fixed(4.0)))
        );
        assert_eq!(idle.threshold, half(half(before_idle.saturating_mul(fixed(0.98)))));
    }

    #[test]
    fn the_bounds_hold_at_both_ends() {
        let mut low = state(1e-6);
        let mut high = state(1e9);
        for _ in 0..300 {
            low = low.after_optimization_block(after(&low, 100.0));
            high = high.after_optimization_block(high.last);
            assert_eq!(low.threshold, MINIMUM_THRESHOLD);
            assert_eq!(high.threshold, MAXIMUM_THRESHOLD);
        }
        low.check().unwrap();
        high.check().unwrap();
    }

    proptest! {
        #[test]
        fn the_effective_threshold_is_the_formula(threshold in 1e-6f64..1e9, targets in 0f64..20.0) {
            let state = state(threshold);
            let now = after(&state, targets);
            let exact = ((now - state.last) as f64 / TARGET as f64 - 4.0).clamp(0.0, 6.0);
            let expected = state.threshold.to_float() * (-exact).exp2();
            let found = state.effective_threshold(now).to_float();
            prop_assert!((found - expected).abs() <= expected * 1e-14 + 2e-18, "{found} {expected}");
        }

        #[test]
        fn waiting_only_ever_makes_it_easier(threshold in 1e-6f64..1e9, first in 0u64..20 * TARGET, more in 0u64..TARGET) {
            let state = state(threshold);
            let (now, later) = (state.last + first, state.last + first + more);
            prop_assert!(state.effective_threshold(later) <= state.effective_threshold(now));
            prop_assert!(state.credits(later) >= state.credits(now));
            prop_assert!(state.effective_threshold(later).into_inner() >= (state.threshold.into_inner() >> 6) - 1);
        }

        #[test]
        fn every_history_keeps_the_invariants(
            threshold in 1e-6f64..1e9,
            steps in proptest::collection::vec((0u64..30 * TARGET, 0u64..3 * TARGET), 1..400),
        ) {
            let mut state = state(threshold);
            let start = state.last;
            let mut minted = 0u64;
            for (wait, delay) in steps {
                let crossing = state.last + wait;
                let accumulated = state.effective_threshold(crossing);
                prop_assert!(state.note_crossing(crossing, accumulated));
                // The first moment with a whole credit.
                let credit = state.last + TARGET.saturating_sub(state.saved_time);
                let now = crossing.max(credit) + delay;
                prop_assert!(state.is_due(now, accumulated));
                let before = state.clone();
                state = state.after_optimization_block(now);
                minted += 1;
                prop_assert_eq!(state.check(), Ok(()));
                // Never more blocks than targets have passed, and the one of genesis.
                prop_assert!(minted <= 1 + (now - start) / TARGET);
                if state.epoch_blocks != 0 {
                    let highest = before.threshold.saturating_mul(STEP_UP);
                    let lowest = half(before.threshold).saturating_mul(STEP_DOWN);
                    prop_assert!(state.threshold <= highest.max(MINIMUM_THRESHOLD));
                    prop_assert!(state.threshold >= lowest.min(MAXIMUM_THRESHOLD));
                }
            }
        }

        #[test]
        fn no_input_panics(
            threshold in any::<u128>(), target in any::<u64>(), last in any::<u64>(), crossing in any::<Option<u64>>(),
            saved in any::<u64>(), average in any::<u128>(), blocks in any::<u32>(), sum in any::<u128>(),
            intervals in any::<u64>(), now in any::<u64>(), accumulated in any::<u128>(),
        ) {
            let mut state = ThresholdState {
                threshold: FixedU128::from_inner(threshold), target_interval: target, last, crossing, saved_time: saved,
                average_interval: FixedU128::from_inner(average), epoch_blocks: blocks,
                epoch_thresholds: FixedU128::from_inner(sum), epoch_intervals: intervals,
                last_mean: FixedU128::from_inner(sum),
            };
            state.is_due(now, FixedU128::from_inner(accumulated));
            state.credits(now);
            state.note_crossing(now, FixedU128::from_inner(accumulated));
            let next = state.after_optimization_block(now);
            prop_assert!(next.threshold >= MINIMUM_THRESHOLD && next.threshold <= MAXIMUM_THRESHOLD);
        }

        #[test]
        fn encoding_round_trips(threshold in 1e-6f64..1e9, targets in 0f64..20.0) {
            let state = state(threshold).after_optimization_block(after(&state(threshold), targets));
            prop_assert_eq!(ThresholdState::decode(&mut &state.encode()[..]).unwrap(), state);
        }
    }
}

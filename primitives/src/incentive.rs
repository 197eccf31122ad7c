//! The reward curve on the gap between an optimizer's claim and the verified median.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::FixedU128;

/// The parameters of the reward curve (per domain).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct IncentiveCurve {
    /// The relative gap (claim better than verified) at which the reward has fallen to `minimum_fraction`; beyond
    /// it nothing is paid. 0.10 by default; above 0.
    pub tolerance_margin: FixedU128,
    /// The relative under-report at which the bonus is full. 0.05 by default; above 0.
    pub bonus_threshold: FixedU128,
    /// The reward fraction at the margin. 0.3 by default; at most 1.
    pub minimum_fraction: FixedU128,
    /// The reward fraction at a full bonus. 1.0 by default (more would pay for under-reporting); at least 1.
    pub maximum_bonus: FixedU128,
}

impl Default for IncentiveCurve {
    fn default() -> Self {
        Self {
            tolerance_margin: FixedU128::from_rational(10, 100),
            bonus_threshold: FixedU128::from_rational(5, 100),
            minimum_fraction: FixedU128::from_rational(3, 10),
            maximum_bonus: FixedU128::from_u32(1),
        }
    }
}

//! A domain: one machine-learning problem that the network optimizes.

use crate::{incentive::IncentiveCurve, Balance, Metric, SlotNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::{BoundedVec, FixedU128, Perquintill};

/// The number of a domain, in order of registration.
pub type DomainId = u32;

/// Whether a larger or a smaller metric is the better one.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum Direction {
    /// Larger is better (a score, a negated loss).
    Maximize,
    /// Smaller is better (a loss, an error).
    Minimize,
}

impl Direction {
    /// `metric`, negated where smaller is better, so that larger is better in what is returned. Saturates.
    pub fn oriented(self, metric: Metric) -> Metric {
        match self {
            Direction::Maximize => metric,
            Direction::Minimize => Metric::from_inner(metric.into_inner().saturating_neg()),
        }
    }
}

/// How many evaluators judge an optimum of the domain.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum QuorumSize {
    /// By the number of eligible evaluators: see [`crate::quorum::automatic_size`].
    Automatic,
    /// Always this many: odd, 1 to 15.
    Fixed(u8),
}

/// The deadlines of an optimum's stages, each in slots.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct Deadlines {
    /// From the commit to the last slot in which it may be revealed.
    pub reveal: u32,
    /// From the draw to the end of the vote commits; as long again for auditors to commit to their replays.
    pub vote_commit: u32,
    /// For the vote reveals; as long again for the replays of a dispute.
    pub vote_reveal: u32,
}

/// The name of a domain: UTF-8, 1 to 64 bytes.
pub type DomainName = BoundedVec<u8, ConstU32<64>>;
/// The kind of a domain: which implementation in the worker runs it (for example `quadratic`).
pub type DomainKind = BoundedVec<u8, ConstU32<32>>;
/// The kind's own configuration (JSON), the same for every node.
pub type DomainModel = BoundedVec<u8, ConstU32<2048>>;

/// What every node must agree on about a domain. Fixed at registration, so that deadlines and rules never change
/// under an open optimum.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct DomainSpecification {
    /// The domain's name for people; unique on the chain.
    #[serde(with = "text")]
    pub name: DomainName,
    /// Which implementation runs it.
    #[serde(with = "text")]
    pub kind: DomainKind,
    /// The implementation's configuration.
    #[serde(with = "text")]
    pub model: DomainModel,
    /// Which way the metric improves.
    pub direction: Direction,
    /// Whether evaluators judge on synthetic data of their own. Without it the domain's weight is 0.
    pub synthetic_data: bool,
    /// The metric scale u > 0 of φ (see [`crate::math::phi`]).
    pub metric_scale: FixedU128,
    /// The paired noise of d = φ(candidate) − φ(incumbent) that the data are known to have (a standard deviation).
    /// 0 only in a deterministic domain.
    pub paired_noise: FixedU128,
    /// The smallest median of d that counts as an improvement, in units of φ; above 0.
    pub minimum_step: FixedU128,
    /// How far a vote's metric may lie from the median, relative to the median (5 % is usual).
    pub relative_tolerance: Perquintill,
    /// How far it may lie in any case, in the metric's unit: what lets convergence go on near 0.
    pub absolute_tolerance: FixedU128,
    /// What each agreeing evaluator is paid for one evaluation.
    pub price: Balance,
    /// The least bond of an optimum.
    pub minimum_bond: Balance,
    /// How many evaluators judge.
    pub quorum: QuorumSize,
    /// The largest artifact in bytes.
    pub maximum_artifact_size: u32,
    /// The deadlines of an optimum's stages.
    pub deadlines: Deadlines,
    /// The length of a season in slots; 0: the data never change.
    pub season_length: u32,
    /// The reward curve on the gap between the claim and the verified median.
    pub incentive: IncentiveCurve,
}

impl DomainSpecification {
    /// The season at `slot`; always 0 in a domain without seasons.
    pub fn season(&self, slot: SlotNumber) -> u64 {
        slot.checked_div(u64::from(self.season_length)).unwrap_or(0)
    }

    /// How far a metric may lie from `reference` and still agree with it: max(relative · |reference|, absolute).
    pub fn tolerance(&self, reference: Metric) -> FixedU128 {
        let magnitude = FixedU128::from_inner(reference.into_inner().unsigned_abs());
        let relative = FixedU128::from_inner(self.relative_tolerance.mul_floor(magnitude.into_inner()));
        relative.max(self.absolute_tolerance)
    }
}

/// Text fields as JSON strings: people write and read them in chain specifications and RPC answers.
mod text {
    use alloc::string::String;
    use serde::{de::Error, Deserialize, Deserializer, Serializer};
    use sp_core::Get;
    use sp_runtime::BoundedVec;

    pub fn serialize<S: Serializer, L>(text: &BoundedVec<u8, L>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(text))
    }

    pub fn deserialize<'de, D: Deserializer<'de>, L: Get<u32>>(deserializer: D) -> Result<BoundedVec<u8, L>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BoundedVec::try_from(text.into_bytes())
            .map_err(|_| D::Error::custom(alloc::format!("the text is longer than {} bytes", L::get())))
    }
}

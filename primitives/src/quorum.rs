//! Quorums: their size, the weighted draw, and the decision over paired votes.

use crate::Metric;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::FixedI128;

/// The largest quorum of any round (a second round of 2·15 + 1).
pub const MAX_EVALUATORS: u32 = 31;

/// Which parameters an evaluator could not get.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum Missing {
    /// The optimum's own.
    Candidate,
    /// The current best's.
    Incumbent,
}

/// What an evaluator measured on its own data: the candidate and the incumbent on the same data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub struct Measurement {
    /// The candidate's metric.
    pub candidate: Metric,
    /// The incumbent's metric.
    pub incumbent: Metric,
    /// A seed-dependent statistic of the candidate's outputs: what makes a vote hard to guess.
    pub probe: FixedI128,
    /// The hash of the data.
    pub data_hash: [u8; 32],
}

/// A vote in clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum VoteValues {
    /// Both were measured.
    Measured(Measurement),
    /// Parameters could not be had: neutral.
    Unavailable(Missing),
}

/// What a quorum decided, with the medians behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum Decision {
    /// A quorum agreed on the metric.
    Agreed {
        /// The lower median of the agreeing votes' candidate metrics.
        candidate: Metric,
        /// The lower median of the agreeing votes' incumbent metrics.
        incumbent: Metric,
        /// The lower median of d = φ(candidate) − φ(incumbent) in the domain's direction.
        improvement: FixedI128,
        /// What the improvement had to reach to be significant.
        required: FixedI128,
        /// Worse than claimed, significant, or neither.
        verdict: QuorumVerdict,
    },
    /// Two thirds could not get the candidate's parameters.
    CandidateAbsent,
    /// Two thirds could not get the incumbent's parameters.
    IncumbentAbsent,
    /// No quorum.
    Undecided,
}

/// The verdict of a quorum that agreed on the metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
pub enum QuorumVerdict {
    /// The claim holds and the improvement is significant.
    Accepted,
    /// The claim holds, the improvement is not significant.
    Unproven,
    /// The median is worse than the claim by more than the tolerance.
    Refuted,
}

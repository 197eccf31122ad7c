//! An optimum: a set of parameters for a domain, and what became of it.

use crate::{artifact::ArtifactReference, domain::DomainId, Metric};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The number of an optimum, in order of reveal over all domains.
pub type OptimumId = u64;

/// Named experiment metrics that an optimizer may publish with its reveal: at most 16, names at most 32 bytes.
pub type Experiment = BoundedVec<(BoundedVec<u8, ConstU32<32>>, Metric), ConstU32<16>>;

/// What is evaluated against what: the quorum's assignment.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct Assignment<AccountId> {
    /// The optimum.
    pub optimum: OptimumId,
    /// Its domain.
    pub domain: DomainId,
    /// Whose it is; never among its own evaluators.
    pub optimizer: AccountId,
    /// The parameters under evaluation.
    pub candidate: ArtifactReference,
    /// The current best, measured on the same data.
    pub incumbent: ArtifactReference,
    /// The metric that the optimizer reported.
    pub reported: Metric,
    /// The season whose data are used, fixed at the draw.
    pub season: u64,
}

/// How an optimum ended. Each ends in exactly one of these.
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
pub enum Outcome {
    /// Verified, and a significant improvement: it is the new best.
    Accepted,
    /// As good as claimed, but no significant improvement over the best: the escrow is spent, nothing else.
    Unproven,
    /// Worse than claimed by more than the tolerance.
    Refuted,
    /// Two thirds of the evaluators could not get its parameters.
    RefutedByAbsence,
    /// No quorum in two rounds: bond returned.
    Expired,
    /// Worse than the best before it was drawn: everything returned, nothing evaluated.
    Superseded,
}

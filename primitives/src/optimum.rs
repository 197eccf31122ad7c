//! An optimum: a set of parameters for a domain, and what became of it.

use crate::{artifact::ArtifactReference, domain::DomainId, quorum::MAX_EVALUATORS, Metric};
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
    /// The value that the candidate has to hold: the metric that the optimizer reported; in a challenge, the one that
    /// the optimum was accepted with.
    pub reported: Metric,
    /// The season whose data are used: fixed at the draw; in a challenge, that of the acceptance.
    pub season: u64,
    /// In a challenge, whose it is; `None`: the optimum is judged for the first time.
    pub challenge: Option<ChallengeBrief<AccountId>>,
}

impl<AccountId> Assignment<AccountId> {
    /// The number of the first round: 1, or 3 in a challenge. The second is the next. A challenge has numbers of its own,
    /// so that a vote's commitment which was delayed binds its sender in no other evaluation of the same optimum.
    pub const fn first_round(&self) -> u8 {
        match self.challenge {
            None => 1,
            Some(_) => 3,
        }
    }
}

/// Accounts that voted in one evaluation.
pub type Voters<AccountId> = BoundedVec<AccountId, ConstU32<MAX_EVALUATORS>>;

/// Who has a stake in a challenge, so that others should judge it.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct ChallengeBrief<AccountId> {
    /// Who challenges; never among the evaluators.
    pub challenger: AccountId,
    /// Those who have earned with the acceptance, by votes or audits; among the evaluators only where there are too few others.
    pub voters: Voters<AccountId>,
}

/// How a challenge of an accepted optimum ended. The rule is [`crate::challenge::judge`].
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
pub enum ChallengeOutcome {
    /// The acceptance stands: the challenger's bond is burned.
    Upheld,
    /// The acceptance was false: its points are void, its optimizer and its voters are punished.
    Overturned,
    /// The optimum's parameters could not be had: its points are void and its optimizer is punished, but nothing is shown
    /// against its voters.
    OverturnedByAbsence,
    /// Nothing was decided: everything returns but the price of the evaluation.
    Undecided,
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

//! The types of reputation.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use doin_primitives::{OptimizationHeight, Reputation};
use scale_info::TypeInfo;

/// An account's reputation as it was at its last change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Record {
    /// The points at `updated_at`; at least 0.001.
    pub points: Reputation,
    /// The optimization height of the last change.
    pub updated_at: OptimizationHeight,
}

/// Why a reputation changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Reason {
    /// A member of the first session.
    #[codec(index = 0)]
    Genesis,
    /// An optimum of the account was accepted.
    #[codec(index = 1)]
    Accepted,
    /// The account agreed with the quorum on an accepted optimum.
    #[codec(index = 2)]
    Agreed,
    /// The account's vote diverged from the quorum, or was committed and never revealed.
    #[codec(index = 3)]
    Diverged,
    /// An optimum of the account was refuted.
    #[codec(index = 4)]
    Refuted,
    /// The account was drawn and did not act.
    #[codec(index = 5)]
    NoShow,
    /// The account signed two blocks of one slot or two votes of one round.
    #[codec(index = 6)]
    Equivocation,
    /// A vote of the account could not be reproduced by those who audited it.
    #[codec(index = 8)]
    Discredited,
}

//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use doin_primitives::{
    engine::{AuthorityId, AuthorityWeight},
    Balance, SlotNumber, DOIN,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_staking::SessionIndex;

/// What differs between networks. Set at genesis, so that one runtime serves development, local and public chains.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Parameters {
    /// The length of a slot in milliseconds.
    pub slot_duration: u64,
    /// The length of an epoch (= session) in slots.
    pub epoch_length: u64,
    /// The target interval of optimization blocks in milliseconds.
    pub target_interval: u64,
    /// c, the share of slots with a primary, as numerator and denominator.
    pub primary_probability: (u64, u64),
    /// After this many slots without a block a secondary block may be empty.
    pub idle_slots: u64,
    /// With fewer eligible authorities the set is filled with the best-ranked bonded candidates.
    pub minimum_authorities: u32,
    /// What an authority has on hold, in 10⁻¹² DOIN.
    pub authority_bond: Balance,
    /// How long the bond stays on hold after its owner has left the set, in slots.
    pub unbonding_period: u64,
}

impl Default for Parameters {
    /// The public network's.
    fn default() -> Self {
        Self {
            slot_duration: 6_000,
            epoch_length: 600,
            target_interval: 600_000,
            primary_probability: (1, 10),
            idle_slots: 20,
            minimum_authorities: 4,
            authority_bond: 1_000 * DOIN,
            // Seven days.
            unbonding_period: 100_800,
        }
    }
}

impl Parameters {
    /// What must hold of parameters. The error says what does not.
    pub fn check(&self) -> Result<(), &'static str> {
        let (numerator, denominator) = self.primary_probability;
        if self.slot_duration == 0 {
            return Err("slotDuration must not be zero");
        }
        if self.epoch_length == 0 {
            return Err("epochLength must not be zero");
        }
        if self.target_interval < self.slot_duration {
            return Err("targetInterval must be at least one slot");
        }
        if numerator == 0 || numerator > denominator {
            return Err("primaryProbability must be above 0 and at most 1");
        }
        if self.minimum_authorities == 0 {
            return Err("minimumAuthorities must not be zero");
        }
        Ok(())
    }

    /// How many past sessions are remembered for equivocation reports: at least the unbonding period, since a session
    /// lasts an epoch or longer, and the sessions that a leaving authority still sits in.
    pub fn remembered_sessions(&self) -> SessionIndex {
        let sessions = self
            .unbonding_period
            .checked_div(self.epoch_length)
            .unwrap_or(0)
            .saturating_add(4);
        SessionIndex::try_from(sessions).unwrap_or(SessionIndex::MAX)
    }
}

/// An authority of an epoch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Seat<AccountId> {
    /// Whose it is.
    pub account: AccountId,
    /// The key that claims slots and seals blocks.
    pub key: AuthorityId,
    /// max(1, milli-points of reputation), read once when the set was queued.
    pub weight: AuthorityWeight,
}

/// Where the owner of an authority bond stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum BondStatus {
    /// Stands for the set.
    Candidate,
    /// Dropped for absence, for an equivocation or for a better-ranked newcomer: stands again after another
    /// `bond_authority`.
    Suspended,
    /// Has left; the bond is free from slot `until` on, but not before the owner is out of the set.
    Unbonding {
        /// The first slot in which the bond can be withdrawn.
        until: SlotNumber,
    },
}

/// Why a candidate was suspended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum SuspensionReason {
    /// Its weight share times the primary blocks since its own last block exceeded 10.
    Absence,
    /// It equivocated.
    Equivocation,
    /// The list of candidates was full and a newcomer has more reputation.
    Outranked,
}

/// A proven offence of an authority.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Offence {
    /// Two blocks in one slot.
    DoubleBlock {
        /// The slot.
        slot: SlotNumber,
    },
    /// Two GRANDPA votes in one round.
    DoubleVote {
        /// The set of authorities.
        set_id: u64,
        /// The round.
        round: u64,
    },
}

/// What the block in execution claims; gone when it is finished.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ClaimedBlock<AccountId> {
    /// The author; `None` when the claim's index is not in the epoch's list, which the engine refuses.
    pub author: Option<AccountId>,
    /// The hash of its VRF output.
    pub randomness: [u8; 32],
}

//! The Proof of Optimization engine: what headers carry and how a slot is claimed.
//!
//! The engine (client) and `pallet-proof-of-optimization` (runtime) share everything in here.

use crate::SlotNumber;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{
    sr25519::vrf::{VrfSignData, VrfSignature, VrfTranscript},
    U256,
};
use sp_crypto_hashing::blake2_256;
use sp_runtime::{traits::Header as HeaderT, ConsensusEngineId, DigestItem, KeyTypeId};

pub use sp_consensus_slots::{Slot, SlotDuration};

/// The engine's identifier in digests.
pub const ENGINE_ID: ConsensusEngineId = *b"DOIN";
/// The type of session keys of the engine in a keystore.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"doin");
/// The type of operator keys, which sign commits and votes: apart from session keys.
pub const OPERATOR_KEY_TYPE: KeyTypeId = KeyTypeId(*b"oper");

mod app {
    use super::KEY_TYPE;
    use sp_application_crypto::{app_crypto, sr25519};
    app_crypto!(sr25519, KEY_TYPE);
}

/// The key pair of an authority.
#[cfg(feature = "std")]
pub type AuthorityPair = app::Pair;
/// The public session key of an authority.
pub type AuthorityId = app::Public;
/// The signature of an authority over a header.
pub type AuthoritySignature = app::Signature;
/// The index of an authority in its epoch's list.
pub type AuthorityIndex = u32;
/// The weight of an authority: max(1, milli-points of reputation).
pub type AuthorityWeight = u64;
/// The randomness of an epoch.
pub type Randomness = [u8; 32];
/// A proof that two different headers of one slot were sealed by one authority.
pub type EquivocationProof<H> = sp_consensus_slots::EquivocationProof<H, AuthorityId>;

/// The context of the VRF transcripts and outputs.
pub const VRF_CONTEXT: &[u8] = b"doin/vrf";

/// Whether a slot was won by lottery or assigned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ClaimKind {
    /// The authority's VRF output is below its threshold. Adds 1 to the chain's weight.
    Primary,
    /// The authority is the slot's weighted leader. Adds nothing; valid only when there is something to do.
    Secondary,
}

/// The claim of an authority to a slot.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SlotClaim {
    /// The slot.
    pub slot: Slot,
    /// The claimant's index in its epoch's authorities.
    pub authority_index: AuthorityIndex,
    /// Primary or secondary.
    pub kind: ClaimKind,
    /// The VRF output and its proof over [`slot_transcript`]. Secondary claims carry one too: it feeds randomness.
    pub vrf_signature: VrfSignature,
}

/// The pre-runtime digest: exactly one in each header but genesis.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum PreDigest {
    /// The first version.
    #[codec(index = 0)]
    V0(SlotClaim),
}

/// What the next epoch is made of, announced in the first block of the epoch before it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct NextEpochDescriptor {
    /// The authorities with their weights, read when the set was queued.
    pub authorities: Vec<(AuthorityId, AuthorityWeight)>,
    /// The randomness.
    pub randomness: Randomness,
}

/// What a block is known by once it is finished: deposited by the runtime in each block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct BlockSummary {
    /// How many extrinsics beyond the inherents the block carries.
    pub transactions: u32,
}

/// An optimization block: the accumulated verified optimization crossed the threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct OptimizationBlock {
    /// The optimization height, 1 for the first.
    pub height: crate::OptimizationHeight,
    /// Σ that was rewarded, in units of 10⁻¹⁸.
    pub accumulated: sp_runtime::FixedU128,
    /// T that it crossed (with the anti-stall discount).
    pub threshold: sp_runtime::FixedU128,
    /// T from now on.
    pub next_threshold: sp_runtime::FixedU128,
    /// What it mints.
    pub reward: crate::Balance,
}

/// The runtime's messages to the engine.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum ConsensusLog {
    /// In the first block of each epoch, and nowhere else: the epoch after it.
    #[codec(index = 1)]
    NextEpoch(NextEpochDescriptor),
    /// In each block.
    #[codec(index = 2)]
    Summary(BlockSummary),
    /// In each optimization block.
    #[codec(index = 3)]
    Optimization(OptimizationBlock),
}

/// An epoch as the runtime tells it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Epoch {
    /// The epoch's index: ⌊(slot − genesis slot)/duration⌋.
    pub index: u64,
    /// Its first slot.
    pub start_slot: Slot,
    /// Its length in slots.
    pub duration: u64,
    /// Its authorities with their weights.
    pub authorities: Vec<(AuthorityId, AuthorityWeight)>,
    /// Its randomness.
    pub randomness: Randomness,
    /// c, the share of slots with a primary.
    pub primary_probability: (u64, u64),
}

/// The engine's constants and genesis epoch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct EngineConfiguration {
    /// The length of a slot in milliseconds.
    pub slot_duration: u64,
    /// The length of an epoch in slots.
    pub epoch_length: u64,
    /// c as numerator and denominator.
    pub primary_probability: (u64, u64),
    /// After this many slots without a block a secondary block may be empty.
    pub idle_slots: u64,
    /// The authorities at genesis, with their weights.
    pub authorities: Vec<(AuthorityId, AuthorityWeight)>,
    /// The randomness of epochs 0 and 1.
    pub randomness: Randomness,
}

/// The VRF input of a slot: label, slot, epoch index and epoch randomness.
pub fn slot_transcript(randomness: &Randomness, slot: Slot, epoch: u64) -> VrfTranscript {
    VrfTranscript::new(
        &ENGINE_ID,
        &[
            (b"slot", &u64::from(slot).to_le_bytes()),
            (b"epoch", &epoch.to_le_bytes()),
            (b"randomness", randomness),
        ],
    )
}

/// [`slot_transcript`] in the form that is signed.
pub fn slot_sign_data(randomness: &Randomness, slot: Slot, epoch: u64) -> VrfSignData {
    slot_transcript(randomness, slot, epoch).into_sign_data()
}

/// ⌊c · wᵢ/Σw · 2¹²⁸⌋ in integers, saturating at 2¹²⁸ − 1: linear in the weight, so that splitting gains nothing.
/// 0 when the total or the denominator is 0.
pub fn primary_threshold(weight: AuthorityWeight, total: u128, probability: (u64, u64)) -> u128 {
    // Times 2¹²⁸: at most 64 + 64 + 128 bits, which cannot overflow.
    let numerator = U256::from(weight)
        .saturating_mul(U256::from(probability.0))
        .saturating_mul(U256([0, 0, 1, 0]));
    let denominator = U256::from(total).saturating_mul(U256::from(probability.1));
    numerator.checked_div(denominator).map_or(0, |threshold| {
        if threshold > U256::from(u128::MAX) {
            u128::MAX
        } else {
            threshold.low_u128()
        }
    })
}

/// The number that a primary claim compares with its threshold.
pub fn vrf_lottery_number(bytes: [u8; 16]) -> u128 {
    u128::from_le_bytes(bytes)
}

/// The sum of all weights.
pub fn total_weight(authorities: &[(AuthorityId, AuthorityWeight)]) -> u128 {
    authorities
        .iter()
        .fold(0u128, |sum, (_, weight)| sum.saturating_add(u128::from(*weight)))
}

/// The secondary leader of a slot: drawn by weight from the epoch's randomness. `None` when nobody has weight.
pub fn secondary_leader(
    authorities: &[(AuthorityId, AuthorityWeight)],
    randomness: &Randomness,
    slot: Slot,
) -> Option<AuthorityIndex> {
    let total = total_weight(authorities);
    let ticket = U256::from_little_endian(&blake2_256(&(*b"doin/secondary", randomness, u64::from(slot)).encode()));
    // The bias of the remainder is below total/2²⁵⁶.
    let mut rest = ticket.checked_rem(U256::from(total))?.low_u128();
    for (index, (_, weight)) in authorities.iter().enumerate() {
        match rest.checked_sub(u128::from(*weight)) {
            Some(less) => rest = less,
            None => return u32::try_from(index).ok(),
        }
    }
    None
}

/// The epoch of `slot`, given the slot in which epoch 0 began: `None` before it.
pub fn epoch_index(slot: SlotNumber, genesis_slot: SlotNumber, epoch_length: u64) -> Option<u64> {
    slot.checked_sub(genesis_slot)?.checked_div(epoch_length)
}

/// Digest items of the engine.
pub trait CompatibleDigestItem: Sized {
    /// A pre-digest.
    fn doin_pre_digest(claim: SlotClaim) -> Self;
    /// The claim, if this is a pre-digest of the engine that decodes in full.
    fn as_doin_pre_digest(&self) -> Option<SlotClaim>;
    /// A message of the runtime to the engine.
    fn doin_log(log: &ConsensusLog) -> Self;
    /// The message, if this is one that decodes in full.
    fn as_doin_log(&self) -> Option<ConsensusLog>;
    /// A seal.
    fn doin_seal(signature: AuthoritySignature) -> Self;
    /// The seal, if this is one.
    fn as_doin_seal(&self) -> Option<AuthoritySignature>;
}

impl CompatibleDigestItem for DigestItem {
    fn doin_pre_digest(claim: SlotClaim) -> Self {
        DigestItem::PreRuntime(ENGINE_ID, PreDigest::V0(claim).encode())
    }
    fn as_doin_pre_digest(&self) -> Option<SlotClaim> {
        self.pre_runtime_try_to(&ENGINE_ID).map(|PreDigest::V0(claim)| claim)
    }
    fn doin_log(log: &ConsensusLog) -> Self {
        DigestItem::Consensus(ENGINE_ID, log.encode())
    }
    fn as_doin_log(&self) -> Option<ConsensusLog> {
        self.consensus_try_to(&ENGINE_ID)
    }
    fn doin_seal(signature: AuthoritySignature) -> Self {
        DigestItem::Seal(ENGINE_ID, signature.encode())
    }
    fn as_doin_seal(&self) -> Option<AuthoritySignature> {
        self.seal_try_to(&ENGINE_ID)
    }
}

/// Checks a proof of equivocation: two different headers of one slot, both sealed by the offender.
pub fn check_equivocation_proof<H: HeaderT>(proof: EquivocationProof<H>) -> bool {
    use sp_application_crypto::RuntimeAppPublic;
    let claim_and_seal = |header: &H| -> Option<(SlotClaim, AuthoritySignature, H::Hash)> {
        let mut header = header.clone();
        let seal = header.digest_mut().pop()?.as_doin_seal()?;
        let claim = header
            .digest()
            .logs()
            .iter()
            .find_map(|item| item.as_doin_pre_digest())?;
        Some((claim, seal, header.hash()))
    };
    let (Some((first, first_seal, first_hash)), Some((second, second_seal, second_hash))) = (
        claim_and_seal(&proof.first_header),
        claim_and_seal(&proof.second_header),
    ) else {
        return false;
    };
    first_hash != second_hash
        && first.slot == proof.slot
        && second.slot == proof.slot
        && first.authority_index == second.authority_index
        && proof.offender.verify(&first_hash.as_ref(), &first_seal)
        && proof.offender.verify(&second_hash.as_ref(), &second_seal)
}

/// An opaque proof that a key belonged to an account in a session; what it holds only the runtime knows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct OpaqueKeyOwnershipProof(pub Vec<u8>);

sp_api::decl_runtime_apis! {
    /// What the engine asks the runtime.
    pub trait ProofOfOptimizationApi {
        /// The engine's constants and genesis epoch.
        fn configuration() -> EngineConfiguration;
        /// The epoch of the block that the API is called at.
        fn current_epoch() -> Epoch;
        /// The epoch after it.
        fn next_epoch() -> Epoch;
        /// Whether a block in `slot` on top of this one would find work although it carried no transaction.
        fn has_due_work(slot: Slot) -> bool;
        /// A proof that `authority` belonged to its account in the session of `slot`.
        fn generate_key_ownership_proof(slot: Slot, authority: AuthorityId) -> Option<OpaqueKeyOwnershipProof>;
        /// Builds and submits a report of an equivocation; `None` when the proof cannot be decoded.
        fn submit_report_equivocation(proof: EquivocationProof<Block::Header>, key_owner_proof: OpaqueKeyOwnershipProof) -> Option<()>;
    }
}

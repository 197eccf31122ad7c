//! Claiming a slot, and checking somebody else's claim.

use crate::{epoch::Epoch, error::Error};
use doin_primitives::engine::{
    primary_threshold, secondary_leader, slot_sign_data, total_weight, vrf_lottery_number, AuthorityId, AuthorityIndex,
    ClaimKind, Slot, SlotClaim, KEY_TYPE, VRF_CONTEXT,
};
use sp_core::{
    crypto::{VrfPublic, Wraps},
    sr25519::vrf::{VrfSignData, VrfSignature},
};
use sp_keystore::KeystorePtr;
use std::collections::HashSet;

/// A claim of ours, and the session key that made it and must seal the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnClaim {
    /// What goes into the pre-digest.
    pub claim: SlotClaim,
    /// The session key.
    pub authority: AuthorityId,
}

/// Claims `slot` with the session keys in the keystore: as primary when one of them wins the lottery, else as
/// secondary when one of them is the slot's leader. `None` when the slot is somebody else's.
pub fn claim_slot(slot: Slot, epoch: &Epoch, keystore: &KeystorePtr) -> Option<OwnClaim> {
    let held: HashSet<_> = keystore.sr25519_public_keys(KEY_TYPE).into_iter().collect();
    let own: Vec<(AuthorityIndex, &AuthorityId)> = epoch
        .authorities
        .iter()
        .enumerate()
        .filter(|(_, (authority, _))| held.contains(authority.as_inner_ref()))
        .filter_map(|(index, (authority, _))| Some((u32::try_from(index).ok()?, authority)))
        .collect();
    if own.is_empty() {
        return None;
    }

    let data = slot_sign_data(&epoch.randomness, slot, epoch.for_slot(slot).index);
    let sign = |authority: &AuthorityId| match keystore.sr25519_vrf_sign(KEY_TYPE, authority.as_inner_ref(), &data) {
        Ok(signature) => signature,
        Err(error) => {
            log::warn!(target: crate::LOG_TARGET, "The session key {authority:?} cannot sign: {error}");
            None
        }
    };
    let claimed = |index, authority: &AuthorityId, kind, vrf_signature| OwnClaim {
        claim: SlotClaim {
            slot,
            authority_index: index,
            kind,
            vrf_signature,
        },
        authority: authority.clone(),
    };

    for (index, authority) in &own {
        let Some(signature) = sign(authority) else { continue };
        let Some(number) = lottery_number(authority, &data, &signature) else {
            continue;
        };
        if number < threshold_of(*index, epoch) {
            return Some(claimed(*index, authority, ClaimKind::Primary, signature));
        }
    }
    let leader = secondary_leader(&epoch.authorities, &epoch.randomness, slot)?;
    let (index, authority) = own.into_iter().find(|(index, _)| *index == leader)?;
    Some(claimed(index, authority, ClaimKind::Secondary, sign(authority)?))
}

/// Checks a claim against its epoch and returns the claimant.
///
/// Errors: an authority that does not exist, a VRF proof that does not hold, a lottery that was not won, a leader
/// who is not.
pub fn check_claim(claim: &SlotClaim, epoch: &Epoch) -> Result<AuthorityId, Error> {
    let authority = author_of(claim, epoch)?;
    let (slot, index) = (claim.slot, claim.authority_index);
    let epoch_index = epoch.for_slot(slot).index;
    let wrong_vrf = || Error::WrongVrf {
        index,
        slot,
        epoch: epoch_index,
    };

    // The cheap test before the expensive one.
    if claim.kind == ClaimKind::Secondary {
        let expected = secondary_leader(&epoch.authorities, &epoch.randomness, slot);
        if expected != Some(index) {
            return Err(Error::WrongLeader {
                claimed: index,
                expected,
                slot,
            });
        }
    }
    let data = slot_sign_data(&epoch.randomness, slot, epoch_index);
    if !authority.as_inner_ref().vrf_verify(&data, &claim.vrf_signature) {
        return Err(wrong_vrf());
    }
    if claim.kind == ClaimKind::Primary {
        let number = lottery_number(&authority, &data, &claim.vrf_signature).ok_or_else(wrong_vrf)?;
        let threshold = threshold_of(index, epoch);
        if number >= threshold {
            return Err(Error::ThresholdExceeded {
                index,
                slot,
                number,
                threshold,
            });
        }
    }
    Ok(authority)
}

/// Whom a claim names.
pub fn author_of(claim: &SlotClaim, epoch: &Epoch) -> Result<AuthorityId, Error> {
    usize::try_from(claim.authority_index)
        .ok()
        .and_then(|index| epoch.authorities.get(index))
        .map(|(authority, _)| authority.clone())
        .ok_or(Error::UnknownAuthority {
            index: claim.authority_index,
            count: epoch.authorities.len(),
        })
}

fn lottery_number(authority: &AuthorityId, data: &VrfSignData, signature: &VrfSignature) -> Option<u128> {
    authority
        .as_inner_ref()
        .make_bytes::<16>(VRF_CONTEXT, data.as_ref(), &signature.pre_output)
        .ok()
        .map(vrf_lottery_number)
}

fn threshold_of(index: AuthorityIndex, epoch: &Epoch) -> u128 {
    usize::try_from(index)
        .ok()
        .and_then(|index| epoch.authorities.get(index))
        .map_or(0, |(_, weight)| {
            primary_threshold(*weight, total_weight(&epoch.authorities), epoch.primary_probability)
        })
}

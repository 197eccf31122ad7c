//! What members sign: claims and results.

use crate::types::{Outcome, Scope};
use codec::{Decode, Encode};
use doin_primitives::{AccountId, Hash};
use sp_core::{crypto::ByteArray, sr25519, Blake2Hasher, Hasher, Pair};

/// Signs with the operator's key of this node.
pub trait Sign {
    /// The signature, or `None` when the key is not there any more.
    fn sign(&self, message: &[u8]) -> Option<sr25519::Signature>;
}

/// A member's claim: it works on this candidate and no other. A member has one claim; the one with the greatest sequence
/// number counts. The same claim with a greater number is a heartbeat.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Lease {
    /// The generation.
    pub fingerprint: Hash,
    /// Who claims.
    pub account: AccountId,
    /// Counts the member's claims.
    pub sequence: u64,
    /// The candidate; `None`: none any more.
    pub index: Option<u16>,
    /// Of [`Lease::payload`].
    pub signature: sr25519::Signature,
}

/// A member's result for a candidate.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Finding {
    /// The generation.
    pub fingerprint: Hash,
    /// The candidate.
    pub index: u16,
    /// Who has evaluated it.
    pub account: AccountId,
    /// What came of it.
    pub outcome: Outcome,
    /// Of [`Finding::payload`].
    pub signature: sr25519::Signature,
}

/// What is passed on between nodes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Message {
    /// A claim.
    Lease(Lease),
    /// A result.
    Finding(Finding),
}

impl Lease {
    /// Signs a claim.
    pub(crate) fn signed(
        scope: Scope,
        fingerprint: Hash,
        account: &AccountId,
        sequence: u64,
        index: Option<u16>,
        signer: &dyn Sign,
    ) -> Option<Self> {
        let signature = signer.sign(&Self::payload(scope, fingerprint, account, sequence, index))?;
        Some(Self {
            fingerprint,
            account: account.clone(),
            sequence,
            index,
            signature,
        })
    }

    /// What is signed: SCALE("doin/shared-lease", scope, fingerprint, account, sequence, index).
    pub fn payload(scope: Scope, fingerprint: Hash, account: &AccountId, sequence: u64, index: Option<u16>) -> Vec<u8> {
        ("doin/shared-lease", scope, fingerprint, account, sequence, index).encode()
    }

    /// Whether its account has signed it for this scope.
    pub fn is_signed(&self, scope: Scope) -> bool {
        let payload = Self::payload(scope, self.fingerprint, &self.account, self.sequence, self.index);
        verify(&self.signature, &payload, &self.account)
    }
}

impl Finding {
    /// Signs a result.
    pub(crate) fn signed(
        scope: Scope,
        fingerprint: Hash,
        index: u16,
        account: &AccountId,
        outcome: Outcome,
        signer: &dyn Sign,
    ) -> Option<Self> {
        let signature = signer.sign(&Self::payload(scope, fingerprint, index, account, &outcome))?;
        Some(Self {
            fingerprint,
            index,
            account: account.clone(),
            outcome,
            signature,
        })
    }

    /// What is signed: SCALE("doin/shared-result", scope, fingerprint, index, account, outcome).
    pub fn payload(scope: Scope, fingerprint: Hash, index: u16, account: &AccountId, outcome: &Outcome) -> Vec<u8> {
        ("doin/shared-result", scope, fingerprint, index, account, outcome).encode()
    }

    /// Whether its account has signed it for this scope.
    pub fn is_signed(&self, scope: Scope) -> bool {
        let payload = Self::payload(scope, self.fingerprint, self.index, &self.account, &self.outcome);
        verify(&self.signature, &payload, &self.account)
    }
}

fn verify(signature: &sr25519::Signature, payload: &[u8], account: &AccountId) -> bool {
    let bytes: &[u8] = account.as_ref();
    sr25519::Public::from_slice(bytes).is_ok_and(|public| sr25519::Pair::verify(signature, payload, &public))
}

/// Who goes before whom at a candidate, the smallest first: another order for each candidate of each generation, so that
/// nobody is always first, and nobody can choose to be.
pub(crate) fn rank(fingerprint: Hash, index: u16, account: &AccountId) -> Hash {
    Blake2Hasher::hash(&("doin/shared-rank", fingerprint, index, account).encode())
}

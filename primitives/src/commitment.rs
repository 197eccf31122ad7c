//! What is hashed: commitments of optimae, votes and replays, and the seeds of draws and data.

use crate::{artifact::ArtifactReference, domain::DomainId, optimum::OptimumId, quorum::VoteValues, Hash, Metric};
use alloc::vec::Vec;
use codec::Encode;
use sp_crypto_hashing::{blake2_256, sha2_256};

/// Entropy that hides a commitment until it is opened.
pub type Salt = [u8; 32];
/// A 256-bit seed.
pub type Seed = [u8; 32];

/// The commitment to an optimum: binds chain, domain, optimizer, parameters and the reported metric.
///
/// `sha2_256(SCALE("doin/commit", genesis, domain, optimizer, root, size, reported, nonce))`
pub fn optimum_commitment<AccountId: Encode>(
    genesis: Hash,
    domain: DomainId,
    optimizer: &AccountId,
    artifact: ArtifactReference,
    reported: Metric,
    nonce: &Salt,
) -> Hash {
    let preimage: Vec<u8> = (
        *b"doin/commit",
        genesis,
        domain,
        optimizer,
        artifact.root,
        artifact.size,
        reported,
        nonce,
    )
        .encode();
    Hash::from(sha2_256(&preimage))
}

/// The commitment to a vote: binds chain, optimum, round, evaluator and every measured value.
///
/// `sha2_256(SCALE("doin/vote", genesis, optimum, round, evaluator, vote, salt))`
pub fn vote_commitment<AccountId: Encode>(
    genesis: Hash,
    optimum: OptimumId,
    round: u8,
    evaluator: &AccountId,
    vote: &VoteValues,
    salt: &Salt,
) -> Hash {
    Hash::from(sha2_256(
        &(*b"doin/vote", genesis, optimum, round, evaluator, vote, salt).encode(),
    ))
}

/// The seed of a draw of evaluators: `blake2_256(SCALE("doin/draw", R, optimum, round))`.
pub fn draw_seed(randomness: &Seed, optimum: OptimumId, round: u8) -> Seed {
    blake2_256(&(*b"doin/draw", randomness, optimum, round).encode())
}

/// The seed of the data of the evaluator in `seat`: `blake2_256(SCALE("doin/seed", R, optimum, round, seat))`.
pub fn data_seed(randomness: &Seed, optimum: OptimumId, round: u8, seat: u32) -> Seed {
    blake2_256(&(*b"doin/seed", randomness, optimum, round, seat).encode())
}

/// The seed of an audit of the vote in `seat`, by which it is drawn and its auditors are: `drawing` is 0 for the first
/// auditor and 1 for those of a dispute. `blake2_256(SCALE("doin/audit", R, optimum, round, seat, drawing))`
pub fn audit_seed(randomness: &Seed, optimum: OptimumId, round: u8, seat: u32, drawing: u8) -> Seed {
    blake2_256(&(*b"doin/audit", randomness, optimum, round, seat, drawing).encode())
}

/// The commitment to a replay: binds chain, optimum, round, the audited seat, the auditor and every measured value.
///
/// `sha2_256(SCALE("doin/replay", genesis, optimum, round, seat, auditor, replay, salt))`
pub fn replay_commitment<AccountId: Encode>(
    genesis: Hash,
    optimum: OptimumId,
    round: u8,
    seat: u32,
    auditor: &AccountId,
    replay: &VoteValues,
    salt: &Salt,
) -> Hash {
    Hash::from(sha2_256(
        &(*b"doin/replay", genesis, optimum, round, seat, auditor, replay, salt).encode(),
    ))
}

//! Content-addressed parameters: the chain holds the root and the size, nodes hold the bytes.

use crate::Hash;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The length of a chunk in bytes. Only the last chunk of an artifact may be shorter.
pub const CHUNK_SIZE: u32 = 64 * 1024;

/// The address of an artifact: the Merkle root over its chunks and its length.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct ArtifactReference {
    /// The root of the binary Merkle tree over the chunks (keccak-free: blake2-256 leaves and nodes).
    pub root: Hash,
    /// The length of the whole artifact in bytes; at least 1.
    pub size: u32,
}

impl ArtifactReference {
    /// How many chunks the artifact has.
    pub fn chunk_count(&self) -> u32 {
        self.size.div_ceil(CHUNK_SIZE)
    }

    /// The address of these bytes: what an artifact store calls them, and what a commit commits to.
    pub fn of(bytes: &[u8]) -> Self {
        let root = binary_merkle_tree::merkle_root::<sp_runtime::traits::BlakeTwo256, _>(bytes.chunks(CHUNK_SIZE as usize));
        Self { root, size: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }
}

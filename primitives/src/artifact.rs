//! Content-addressed parameters: the chain holds the root and the size, nodes hold the bytes.

use crate::Hash;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// The length of a chunk in bytes. Only the last chunk of an artifact may be shorter.
pub const CHUNK_SIZE: u32 = 64 * 1024;

/// The address of an artifact: the Merkle root over its chunks and its length.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
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
        Self::from_leaves(&leaves(bytes), u32::try_from(bytes.len()).unwrap_or(u32::MAX))
    }

    /// The address of an artifact of `size` bytes whose chunks have these hashes (see [`leaves`]).
    pub fn from_leaves(leaves: &[Hash], size: u32) -> Self {
        Self {
            root: binary_merkle_tree::merkle_root_raw::<BlakeTwo256, _>(leaves.iter().copied()),
            size,
        }
    }

    /// The length of chunk `index` in bytes: [`CHUNK_SIZE`], or what is left in the last one; `None` beyond it.
    pub fn chunk_length(&self, index: u32) -> Option<u32> {
        let rest = self.size.checked_sub(index.checked_mul(CHUNK_SIZE)?)?;
        (rest > 0).then(|| rest.min(CHUNK_SIZE))
    }

    /// Whether `chunk` is chunk `index` of this artifact, as `proof` (see [`prove_chunk`]) shows.
    ///
    /// Length of chunk and proof must be those of the place: otherwise the 64 bytes under an inner node of the tree
    /// could be passed off as a last chunk of 64 bytes.
    pub fn verify_chunk(&self, index: u32, chunk: &[u8], proof: &[Hash]) -> bool {
        let fits = self
            .chunk_length(index)
            .is_some_and(|length| u32::try_from(chunk.len()) == Ok(length));
        let depth = proof_length(self.chunk_count(), index);
        fits && u32::try_from(proof.len()) == Ok(depth)
            && binary_merkle_tree::verify_proof::<BlakeTwo256, _, _>(
                &self.root,
                proof.iter().copied(),
                self.chunk_count(),
                index,
                binary_merkle_tree::Leaf::Hash(BlakeTwo256::hash(chunk)),
            )
    }
}

/// The hashes of the chunks of an artifact: the leaves of its Merkle tree.
pub fn leaves(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks(CHUNK_SIZE as usize).map(BlakeTwo256::hash).collect()
}

/// The inner hashes that prove chunk `index` to whoever knows the root; `None` when there is no such chunk.
pub fn prove_chunk(leaves: &[Hash], index: u32) -> Option<Vec<Hash>> {
    // The library panics beyond the last leaf.
    leaves.get(usize::try_from(index).ok()?)?;
    Some(binary_merkle_tree::merkle_proof_raw::<BlakeTwo256, _>(leaves.iter().copied(), index).proof)
}

/// How many hashes a proof for leaf `index` of `count` has: one for each level on which the node has a sibling. The
/// last node of a level of odd width has none and moves up as it is.
fn proof_length(count: u32, index: u32) -> u32 {
    let (mut width, mut position, mut length) = (count, index, 0u32);
    while width > 1 {
        let promoted = position & 1 == 0 && position.saturating_add(1) == width;
        length = length.saturating_add(u32::from(!promoted));
        position >>= 1;
        width = width.div_ceil(2);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn artifact(size: usize) -> Vec<u8> {
        (0..size)
            .map(|position| (position.wrapping_mul(2_654_435_761) >> 20) as u8)
            .collect()
    }

    #[test]
    fn the_address_is_that_of_the_merkle_library() {
        for size in [1, 63, 65_535, 65_536, 65_537, 200_000, 9 * 65_536] {
            let bytes = artifact(size);
            let root = binary_merkle_tree::merkle_root::<BlakeTwo256, _>(bytes.chunks(CHUNK_SIZE as usize));
            assert_eq!(
                ArtifactReference::of(&bytes),
                ArtifactReference {
                    root,
                    size: size as u32
                }
            );
        }
    }

    #[test]
    fn every_chunk_of_every_shape_is_proven_and_nothing_else() {
        for count in 1..=20u32 {
            let bytes = artifact((count as usize - 1) * 65_536 + 64);
            let reference = ArtifactReference::of(&bytes);
            let leaves = leaves(&bytes);
            assert_eq!(reference.chunk_count(), count);
            assert_eq!(prove_chunk(&leaves, count), None);
            for (index, chunk) in (0u32..).zip(bytes.chunks(65_536)) {
                let proof = prove_chunk(&leaves, index).expect("there is such a chunk");
                assert_eq!(proof_length(count, index), proof.len() as u32);
                assert!(reference.verify_chunk(index, chunk, &proof));
                let mut damaged = chunk.to_vec();
                damaged[0] ^= 1;
                assert!(!reference.verify_chunk(index, &damaged, &proof));
                assert!(!reference.verify_chunk(index, &chunk[1..], &proof));
                assert!(!reference.verify_chunk(index + 1, chunk, &proof));
                let mut longer = proof.clone();
                longer.push(Hash::zero());
                assert!(!reference.verify_chunk(index, chunk, &longer));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(!reference.verify_chunk(index, chunk, shorter));
                }
            }
        }
    }

    #[test]
    fn an_inner_node_cannot_be_passed_off_as_a_chunk() {
        // Two chunks, the last of 64 bytes: as long as what the root is the hash of.
        let bytes = artifact(65_536 + 64);
        let reference = ArtifactReference::of(&bytes);
        let forged: Vec<u8> = leaves(&bytes).iter().flat_map(|hash| hash.0).collect();
        assert_eq!(BlakeTwo256::hash(&forged), reference.root);
        assert!(!reference.verify_chunk(1, &forged, &[]));
    }

    #[test]
    fn lengths_of_chunks() {
        let reference = ArtifactReference {
            root: Hash::zero(),
            size: 65_537,
        };
        assert_eq!(
            vec![Some(65_536), Some(1), None],
            [0, 1, 2].map(|index| reference.chunk_length(index)).to_vec()
        );
        assert_eq!(reference.chunk_length(u32::MAX), None);
        let largest = ArtifactReference {
            root: Hash::zero(),
            size: u32::MAX,
        };
        assert_eq!(largest.chunk_length(65_535), Some(65_535));
        assert_eq!(largest.chunk_length(65_536), None);
        assert_eq!(ArtifactReference::default().chunk_length(0), None);
    }
}

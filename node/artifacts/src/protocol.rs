//! What nodes say to one another about artifacts: the messages, their limits and their decoders.
//!
//! A request names an artifact and asks either whether the other has it or for some of its chunks. Messages are SCALE
//! encoded. Decoders never panic, take no more memory than a small multiple of the message, and refuse whatever a node
//! that keeps to the protocol would not send.

use crate::store::Chunk;
use codec::{Decode, DecodeAll, Encode};
use doin_primitives::artifact::{ArtifactReference, CHUNK_SIZE};
use sp_runtime::{traits::ConstU32, BoundedVec};

/// The most chunks that one request may ask for.
pub const MAXIMUM_CHUNKS: u32 = 8;
/// The longest request in bytes: the longest of the current version has 70.
pub const MAXIMUM_REQUEST_SIZE: usize = 128;
/// The longest proof has a hash for each level of the tree over 2³² bytes.
const MAXIMUM_PROOF_LENGTH: u32 = 16;
/// The longest response in bytes: eight whole chunks with the longest proofs, lengths before each.
pub const MAXIMUM_RESPONSE_SIZE: usize =
    2 + MAXIMUM_CHUNKS as usize * (4 + CHUNK_SIZE as usize + 1 + MAXIMUM_PROOF_LENGTH as usize * 32);

/// The chunks that a request asks for.
pub type Indices = BoundedVec<u32, ConstU32<MAXIMUM_CHUNKS>>;

/// What a node asks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Request {
    /// Do you have this artifact?
    Have(ArtifactReference),
    /// Send me these chunks of it.
    Chunks {
        /// The artifact.
        artifact: ArtifactReference,
        /// Which chunks, counted from 0: at least one, ascending.
        indices: Indices,
    },
}

/// What a node answers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Response {
    /// It does not have the artifact.
    Missing,
    /// It has the artifact: the answer to [`Request::Have`].
    Present,
    /// Too much is asked of it at present: ask again later.
    Busy,
    /// All the chunks asked for, in the same order.
    Chunks(BoundedVec<Chunk, ConstU32<MAXIMUM_CHUNKS>>),
}

/// A message that no node sends which keeps to the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// Longer than the protocol allows.
    #[error("the message is too long")]
    TooLong,
    /// No message, or bytes after it.
    #[error("the message cannot be decoded")]
    Undecodable,
    /// An artifact of no bytes.
    #[error("an artifact of no bytes")]
    EmptyArtifact,
    /// No indices, or not ascending, or beyond the artifact.
    #[error("the list of chunks is empty, not ascending, or reaches beyond the artifact")]
    BadIndices,
}

impl Request {
    /// The artifact that is asked for.
    pub fn artifact(&self) -> &ArtifactReference {
        match self {
            Self::Have(artifact) | Self::Chunks { artifact, .. } => artifact,
        }
    }

    /// Reads a request of a peer.
    ///
    /// # Errors
    ///
    /// See [`Malformed`].
    pub fn read(message: &[u8]) -> Result<Self, Malformed> {
        // One of the network libraries takes messages of either direction up to the longer of the two limits.
        if message.len() > MAXIMUM_REQUEST_SIZE {
            return Err(Malformed::TooLong);
        }
        let request = Self::decode_all(&mut &message[..]).map_err(|_| Malformed::Undecodable)?;
        if request.artifact().size == 0 {
            return Err(Malformed::EmptyArtifact);
        }
        if let Self::Chunks { artifact, indices } = &request {
            let ascending = indices.windows(2).all(|pair| pair[0] < pair[1]);
            let last = indices.last().ok_or(Malformed::BadIndices)?;
            if !ascending || *last >= artifact.chunk_count() {
                return Err(Malformed::BadIndices);
            }
        }
        Ok(request)
    }

    /// The most bytes of chunks that the answer has.
    pub fn chunk_bytes(&self) -> u64 {
        match self {
            Self::Have(_) => 0,
            Self::Chunks { artifact, indices } => indices
                .iter()
                .filter_map(|index| artifact.chunk_length(*index))
                .map(u64::from)
                .sum(),
        }
    }
}

impl Response {
    /// Reads an answer of a peer. Whether the chunks are the right ones is not checked here.
    ///
    /// # Errors
    ///
    /// See [`Malformed`].
    pub fn read(message: &[u8]) -> Result<Self, Malformed> {
        if message.len() > MAXIMUM_RESPONSE_SIZE {
            return Err(Malformed::TooLong);
        }
        Self::decode_all(&mut &message[..]).map_err(|_| Malformed::Undecodable)
    }
}

/// The protocol's name: `/<genesis hash>[/<fork id>]/artifacts/1`.
pub fn protocol_name(genesis: impl AsRef<[u8]>, fork: Option<&str>) -> String {
    let genesis = hex::encode(genesis);
    match fork {
        Some(fork) => format!("/{genesis}/{fork}/artifacts/1"),
        None => format!("/{genesis}/artifacts/1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doin_primitives::Hash;

    fn artifact(size: u32) -> ArtifactReference {
        ArtifactReference {
            root: Hash::repeat_byte(7),
            size,
        }
    }

    fn chunks(size: u32, indices: Vec<u32>) -> Request {
        Request::Chunks {
            artifact: artifact(size),
            indices: indices.try_into().expect("few enough"),
        }
    }

    #[test]
    fn names() {
        assert_eq!(protocol_name([0xab, 0x01], None), "/ab01/artifacts/1");
        assert_eq!(protocol_name([0xab, 0x01], Some("two")), "/ab01/two/artifacts/1");
    }

    #[test]
    fn the_longest_messages_fit_their_limits() {
        let longest = chunks(u32::MAX, (65_528..65_536).collect());
        assert_eq!(longest.encoded_size(), 70);
        assert_eq!(Request::read(&longest.encode()), Ok(longest));
        let chunk = Chunk {
            bytes: vec![1; CHUNK_SIZE as usize],
            proof: vec![Hash::zero(); MAXIMUM_PROOF_LENGTH as usize],
        };
        let longest = Response::Chunks(vec![chunk; MAXIMUM_CHUNKS as usize].try_into().expect("few enough"));
        assert_eq!(longest.encoded_size(), MAXIMUM_RESPONSE_SIZE);
        assert_eq!(Response::read(&longest.encode()), Ok(longest));
    }

    #[test]
    fn what_no_node_asks_is_refused() {
        let size = 3 * CHUNK_SIZE;
        assert_eq!(Request::read(&[0; 129]), Err(Malformed::TooLong));
        assert_eq!(Request::read(&[]), Err(Malformed::Undecodable));
        assert_eq!(Request::read(&[9]), Err(Malformed::Undecodable));
        let mut longer = Request::Have(artifact(1)).encode();
        longer.push(0);
        assert_eq!(Request::read(&longer), Err(Malformed::Undecodable));
        assert_eq!(
            Request::read(&Request::Have(artifact(0)).encode()),
            Err(Malformed::EmptyArtifact)
        );
        for indices in [vec![], vec![1, 1], vec![2, 1], vec![3], vec![0, u32::MAX]] {
            assert_eq!(
                Request::read(&chunks(size, indices.clone()).encode()),
                Err(Malformed::BadIndices),
                "{indices:?}"
            );
        }
        assert!(Request::read(&chunks(size, vec![0, 2]).encode()).is_ok());
        // More indices than allowed, and a length that promises four thousand million of them.
        let mut huge = (1u8, artifact(u32::MAX)).encode();
        huge.extend((0u32..9).collect::<Vec<_>>().encode());
        assert_eq!(Request::read(&huge), Err(Malformed::Undecodable));
        let mut promised = (1u8, artifact(u32::MAX)).encode();
        promised.extend([0x03, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(Request::read(&promised), Err(Malformed::Undecodable));
    }

    #[test]
    fn answers_that_promise_more_than_they_hold_are_refused() {
        assert_eq!(
            Response::read(&vec![3; MAXIMUM_RESPONSE_SIZE + 1]),
            Err(Malformed::TooLong)
        );
        // Nine chunks; a chunk of 2³² bytes; a proof of 2³² hashes.
        for message in [
            vec![3, 9 << 2],
            vec![3, 1 << 2, 0x03, 0xff, 0xff, 0xff, 0xff],
            vec![3, 1 << 2, 0, 0x03, 0xff, 0xff, 0xff, 0xff],
            vec![4],
            vec![0, 0],
        ] {
            assert_eq!(Response::read(&message), Err(Malformed::Undecodable), "{message:?}");
        }
        assert_eq!(Response::read(&[2]), Ok(Response::Busy));
    }

    #[test]
    fn what_an_answer_costs_is_known_before() {
        assert_eq!(Request::Have(artifact(5)).chunk_bytes(), 0);
        assert_eq!(
            chunks(CHUNK_SIZE + 5, vec![0, 1]).chunk_bytes(),
            u64::from(CHUNK_SIZE) + 5
        );
    }
}

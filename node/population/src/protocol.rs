//! What nodes say to one another about their populations: the requests, their limits and their decoders.
//!
//! Messages are SCALE encoded. Decoders never panic, take no more memory than a small multiple of the message, and refuse
//! whatever a node that keeps to the protocol would not send.

use crate::{
    messages::Message,
    population::MOST_MESSAGES,
    types::{Sealed, Summary, MOST_GENERATION_BYTES},
};
use codec::{Decode, DecodeAll, Encode};
use doin_primitives::{domain::DomainId, Hash};
use sp_runtime::{traits::ConstU32, BoundedVec};

/// The longest request in bytes: a summary of 659 and 64 messages of at most 148.
pub const MAXIMUM_REQUEST_SIZE: usize = 16 * 1024;
/// The longest answer in bytes: a generation with its results.
pub const MAXIMUM_RESPONSE_SIZE: usize = MOST_GENERATION_BYTES + 64 * 1024;

/// The messages of one request or answer.
pub type Messages = BoundedVec<Message, ConstU32<{ MOST_MESSAGES as u32 }>>;

/// What a node asks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Request {
    /// This is what I have, and what is new: what do you have that I lack?
    Exchange {
        /// The domain.
        domain: DomainId,
        /// What the asking node has.
        summary: Summary,
        /// What it has signed since it asked last.
        messages: Messages,
    },
    /// What have you made the generation of this fingerprint from?
    Fetch {
        /// The domain.
        domain: DomainId,
        /// The open generation of the node that is asked.
        fingerprint: Hash,
    },
}

/// What a node answers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Response {
    /// It does not share the population of that domain, or has gone on from that generation.
    Unknown,
    /// Too much is asked of it at present: ask again later.
    Busy,
    /// What it has, and of it what the other lacks.
    Exchange {
        /// What it has.
        summary: Summary,
        /// What the other lacks, as far as it fits.
        messages: Messages,
    },
    /// What it has made its open generation from.
    Sealed(Box<Sealed>),
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
}

impl Request {
    /// Reads a request of a peer.
    ///
    /// # Errors
    ///
    /// See [`Malformed`].
    pub fn read(message: &[u8]) -> Result<Self, Malformed> {
        read(message, MAXIMUM_REQUEST_SIZE)
    }

    /// The domain that it is about.
    pub fn domain(&self) -> DomainId {
        match self {
            Self::Exchange { domain, .. } | Self::Fetch { domain, .. } => *domain,
        }
    }
}

impl Response {
    /// Reads an answer of a peer.
    ///
    /// # Errors
    ///
    /// See [`Malformed`].
    pub fn read(message: &[u8]) -> Result<Self, Malformed> {
        read(message, MAXIMUM_RESPONSE_SIZE)
    }
}

fn read<T: Decode>(message: &[u8], limit: usize) -> Result<T, Malformed> {
    match message.len() <= limit {
        true => T::decode_all(&mut &message[..]).map_err(|_| Malformed::Undecodable),
        false => Err(Malformed::TooLong),
    }
}

/// The protocol's name: `/<genesis hash>[/<fork id>]/population/1`.
pub fn protocol_name(genesis: impl AsRef<[u8]>, fork: Option<&str>) -> String {
    let genesis = hex::encode(genesis);
    match fork {
        Some(fork) => format!("/{genesis}/{fork}/population/1"),
        None => format!("/{genesis}/population/1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        standing::{MOST_PROOFS, MOST_SIGNERS},
        Finding, Generation, Head, Lease, Outcome, Proof, Standing, MOST_CANDIDATES,
    };
    use doin_primitives::AccountId;
    use proptest::prelude::*;
    use sp_core::sr25519::Signature;

    fn finding() -> Finding {
        Finding {
            fingerprint: Hash::zero(),
            index: 1,
            account: AccountId::from([1; 32]),
            outcome: Outcome::Metric(Default::default()),
            signature: Signature::default(),
        }
    }

    fn summary() -> Summary {
        let head = Head {
            season: 1,
            start: Hash::zero(),
            number: 1,
            fingerprint: Hash::zero(),
            parent: Hash::zero(),
            standing: Standing::default().with(1, 1),
        };
        Summary {
            head: Some(head),
            digests: vec![1; MOST_CANDIDATES],
        }
    }

    #[test]
    fn the_longest_messages_fit_their_limits() {
        let lease = Lease {
            fingerprint: Hash::zero(),
            account: AccountId::from([1; 32]),
            sequence: 1,
            index: Some(1),
            signature: Signature::default(),
        };
        assert!(Message::Lease(lease.clone()).encoded_size() <= 148);
        assert!(Message::Finding(finding()).encoded_size() <= 148);
        assert_eq!(summary().encoded_size(), 659);
        let longest = Request::Exchange {
            domain: 1,
            summary: summary(),
            messages: vec![Message::Finding(finding()); MOST_MESSAGES]
                .try_into()
                .expect("as many"),
        };
        assert_eq!(Request::read(&longest.encode()), Ok(longest));
        let mut candidates = vec![vec![]; MOST_CANDIDATES];
        candidates[0] = vec![0; MOST_GENERATION_BYTES];
        let generation = Generation {
            season: 0,
            start: Hash::zero(),
            number: 1,
            parent: Hash::zero(),
            candidates,
            state: vec![],
        };
        assert_eq!(generation.check(), Ok(()));
        let proof = Proof {
            header: generation.header(),
            findings: vec![finding(); MOST_SIGNERS],
        };
        let sealed = Sealed {
            generation,
            findings: vec![finding(); MOST_CANDIDATES],
            proofs: vec![proof; MOST_PROOFS],
        };
        let longest = Response::Sealed(Box::new(sealed));
        assert_eq!(Response::read(&longest.encode()), Ok(longest));
    }

    #[test]
    fn what_promises_more_than_it_holds_is_refused() {
        assert_eq!(Request::read(&[0; MAXIMUM_REQUEST_SIZE + 1]), Err(Malformed::TooLong));
        assert_eq!(
            Response::read(&vec![0; MAXIMUM_RESPONSE_SIZE + 1]),
            Err(Malformed::TooLong)
        );
        let head = (8u64, Hash::zero(), 8u64, Hash::zero()).encode();
        // 257 candidates of no bytes; 2³² of them; 257 digests.
        for count in [vec![0x05, 0x04], vec![0x03, 0xff, 0xff, 0xff, 0xff]] {
            let mut message = vec![3];
            message.extend(&head);
            message.extend(count);
            message.extend([0; 1_000]);
            assert_eq!(Response::read(&message), Err(Malformed::Undecodable));
        }
        let mut message = (0u8, 1u32, 0u8).encode();
        message.extend([0x05, 0x04]);
        message.extend([0; 600]);
        assert_eq!(Request::read(&message), Err(Malformed::Undecodable));
        let mut longer = Request::Fetch {
            domain: 1,
            fingerprint: Hash::zero(),
        }
        .encode();
        longer.push(0);
        assert_eq!(Request::read(&longer), Err(Malformed::Undecodable));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(request) = Request::read(&bytes) {
                prop_assert_eq!(Request::read(&request.encode()), Ok(request));
            }
            if let Ok(response) = Response::read(&bytes) {
                prop_assert_eq!(Response::read(&response.encode()), Ok(response));
            }
        }
    }
}

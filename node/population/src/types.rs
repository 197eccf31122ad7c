//! What is shared: generations, outcomes, and short descriptions of both.

use crate::{
    messages::Finding,
    standing::{Proof, Standing, MOST_PROOFS},
};
use codec::{Decode, Encode, Error, Input};
use doin_primitives::{domain::DomainId, math, Hash, Metric};
use sp_core::{Blake2Hasher, Hasher};
use sp_runtime::{traits::ConstU32, BoundedVec, FixedU128};

/// The most candidates of a generation.
pub const MOST_CANDIDATES: usize = 256;
/// The most bytes of a generation's candidates and state together.
pub const MOST_GENERATION_BYTES: usize = 4 * 1024 * 1024;
/// Values that differ by no more than one part in so many are the same, as in an audit: adapters round differently.
const PRECISION: u128 = 1_000;

/// Whose population it is: what is signed for one scope says nothing in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Scope {
    /// The chain.
    pub genesis: Hash,
    /// The domain on it.
    pub domain: DomainId,
}

/// What a domain makes of a generation's results: the candidates of the next one, and the state of the search.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brood {
    /// The candidates, in the domain's own encoding.
    pub candidates: Vec<Vec<u8>>,
    /// What the search remembers, in the domain's own encoding.
    pub state: Vec<u8>,
}

/// A generation, or a brood, that breaks a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Invalid {
    /// No candidates, or too many.
    #[error("a generation has 1 to {MOST_CANDIDATES} candidates, not {0}")]
    Candidates(usize),
    /// Too large.
    #[error("a generation has at most {MOST_GENERATION_BYTES} bytes, not {0}")]
    Bytes(usize),
}

impl Brood {
    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// See [`Invalid`].
    pub fn check(&self) -> Result<(), Invalid> {
        check(&self.candidates, &self.state)
    }
}

fn check(candidates: &[Vec<u8>], state: &[u8]) -> Result<(), Invalid> {
    if !(1..=MOST_CANDIDATES).contains(&candidates.len()) {
        return Err(Invalid::Candidates(candidates.len()));
    }
    let bytes = candidates.iter().map(Vec::len).sum::<usize>() + state.len();
    match bytes <= MOST_GENERATION_BYTES {
        true => Ok(()),
        false => Err(Invalid::Bytes(bytes)),
    }
}

/// A list that is not longer than a generation may be: longer ones are refused before they are read.
type Limited<T> = BoundedVec<T, ConstU32<{ MOST_CANDIDATES as u32 }>>;

/// A generation of which the candidates and the state are known by their hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Header {
    /// The season in which it is measured.
    pub season: u64,
    /// The root of the parameters that the first generation was made from.
    pub start: Hash,
    /// Its number: 0 is the first.
    pub number: u64,
    /// The fingerprint of the generation that it was made from; zero for the first.
    pub parent: Hash,
    /// BLAKE2b-256 of SCALE(candidates, state).
    pub content: Hash,
}

impl Header {
    /// What a generation is known by: BLAKE2b-256 of SCALE("doin/shared-generation", scope, header).
    pub fn fingerprint(&self, scope: Scope) -> Hash {
        Blake2Hasher::hash(&("doin/shared-generation", scope, self).encode())
    }
}

/// A generation of candidates.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Generation {
    /// The season in which it is measured.
    pub season: u64,
    /// The root of the parameters that the first generation was made from.
    pub start: Hash,
    /// Its number: 0 is the first.
    pub number: u64,
    /// The fingerprint of the generation that it was made from; zero for the first.
    pub parent: Hash,
    /// The candidates, in the domain's own encoding.
    pub candidates: Vec<Vec<u8>>,
    /// What the search remembers, in the domain's own encoding.
    pub state: Vec<u8>,
}

impl Decode for Generation {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (season, start, number, parent) = Decode::decode(input)?;
        let (candidates, state): (Limited<Vec<u8>>, _) = Decode::decode(input)?;
        Ok(Self {
            season,
            start,
            number,
            parent,
            candidates: candidates.into_inner(),
            state,
        })
    }
}

impl Generation {
    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// See [`Invalid`].
    pub fn check(&self) -> Result<(), Invalid> {
        check(&self.candidates, &self.state)
    }

    /// It without its content.
    pub fn header(&self) -> Header {
        Header {
            season: self.season,
            start: self.start,
            number: self.number,
            parent: self.parent,
            content: Blake2Hasher::hash(&(&self.candidates, &self.state).encode()),
        }
    }

    /// What it is known by: see [`Header::fingerprint`].
    pub fn fingerprint(&self, scope: Scope) -> Hash {
        self.header().fingerprint(scope)
    }

    /// The generation that its domain makes of it.
    pub(crate) fn child(&self, fingerprint: Hash, brood: Brood) -> Self {
        Self {
            season: self.season,
            start: self.start,
            number: self.number.saturating_add(1),
            parent: fingerprint,
            candidates: brood.candidates,
            state: brood.state,
        }
    }
}

/// The seed that a generation's fingerprint gives for one purpose: all nodes have the same.
pub(crate) fn seed(purpose: &str, fingerprint: Hash) -> [u8; 32] {
    Blake2Hasher::hash(&("doin/shared-seed", purpose, fingerprint).encode()).0
}

/// What came of evaluating a candidate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub enum Outcome {
    /// It has this metric.
    Metric(Metric),
    /// It is no model of the domain, or breaks the program that should evaluate it.
    Rejected,
}

impl Outcome {
    /// Whether both are what two honest nodes may find: the metrics differ by no more than 10⁻³ · max(|a|, |b|, `scale`).
    pub fn agrees(&self, other: &Self, scale: FixedU128) -> bool {
        match (self, other) {
            (Self::Rejected, Self::Rejected) => true,
            (Self::Metric(a), Self::Metric(b)) => {
                let reference = math::magnitude(*a).max(math::magnitude(*b)).max(scale);
                let allowed = reference.into_inner().checked_div(PRECISION).unwrap_or(0);
                math::distance(*a, *b) <= FixedU128::from_inner(allowed)
            }
            _ => false,
        }
    }
}

/// A generation with a result for each of its candidates: what the next one is made from.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Sealed {
    /// The generation.
    pub generation: Generation,
    /// The result that counts for each candidate, in their order.
    pub findings: Vec<Finding>,
    /// Of its line, the newest generations that more members have made than any after them; at most 3.
    pub proofs: Vec<Proof>,
}

impl Decode for Sealed {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (generation, findings): (_, Limited<Finding>) = Decode::decode(input)?;
        let proofs: BoundedVec<Proof, ConstU32<{ MOST_PROOFS as u32 }>> = Decode::decode(input)?;
        Ok(Self {
            generation,
            findings: findings.into_inner(),
            proofs: proofs.into_inner(),
        })
    }
}

/// What a node works on, in short.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Head {
    /// The season.
    pub season: u64,
    /// The root of what the first generation was made from.
    pub start: Hash,
    /// The number of the open generation.
    pub number: u64,
    /// Its fingerprint.
    pub fingerprint: Hash,
    /// The fingerprint of the one before it.
    pub parent: Hash,
    /// How much there is to be said for it.
    pub standing: Standing,
}

/// For each candidate the beginning of a hash of the results that a node has for it; 0: none.
pub type Digests = Vec<u16>;

/// What a node has.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode)]
pub struct Summary {
    /// What it works on, if it has a population.
    pub head: Option<Head>,
    /// What it has of the open generation: one for each candidate, at most [`MOST_CANDIDATES`].
    pub digests: Digests,
}

impl Decode for Summary {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (head, digests): (_, Limited<u16>) = Decode::decode(input)?;
        Ok(Self {
            head,
            digests: digests.into_inner(),
        })
    }
}

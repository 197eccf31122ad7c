//! How much there is to be said for a generation, and what proves it.

use crate::{
    messages::Finding,
    types::{Header, Sealed},
};
use codec::{Decode, Encode, Error, Input};
use doin_primitives::AccountId;
use sp_runtime::{traits::ConstU32, BoundedVec};
use std::collections::BTreeSet;

/// So many members have made a generation whose number stands at that place of a [`Standing`].
const SUPPORTS: [usize; 4] = [32, 8, 2, 1];
/// The most proofs that a sealed generation has with it: one for each support but the last, which it proves itself.
pub(crate) const MOST_PROOFS: usize = SUPPORTS.len() - 1;
/// More members than that prove nothing more.
pub(crate) const MOST_SIGNERS: usize = SUPPORTS[0];

/// How much there is to be said for a generation: the numbers of the newest generations of its line, with itself, that at
/// least 32, 8 and 2 members have made, and one has. Who has given a result that a generation was made from has made it.
///
/// The greater standing is gone on with: what is first in it counts first. It follows from the line alone, not from who
/// looks at it, or when; and each generation has a greater one than the generation before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Encode, Decode)]
pub struct Standing([u64; SUPPORTS.len()]);

impl Standing {
    /// So many members have made a generation of that number.
    #[must_use]
    pub fn with(mut self, number: u64, members: usize) -> Self {
        for newest in self.0.iter_mut().skip(place(members)) {
            *newest = number.max(*newest);
        }
        self
    }

    /// Whether it is greater already for what so many members or more have made.
    pub(crate) fn exceeds(&self, other: &Self, members: usize) -> bool {
        let places = place(members).saturating_add(1);
        self.0.iter().take(places).gt(other.0.iter().take(places))
    }
}

/// The first place of a [`Standing`] at which what so many members have made counts.
fn place(members: usize) -> usize {
    SUPPORTS.iter().take_while(|support| members < **support).count()
}

/// Proves that members have made the generation after that of the header.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Proof {
    /// The generation that they have worked on.
    pub header: Header,
    /// A result of each, at most [`MOST_SIGNERS`].
    pub findings: Vec<Finding>,
}

impl Decode for Proof {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (header, findings): (_, BoundedVec<Finding, ConstU32<{ MOST_SIGNERS as u32 }>>) = Decode::decode(input)?;
        Ok(Self {
            header,
            findings: findings.into_inner(),
        })
    }
}

impl Sealed {
    /// The standing of the generation that is made of it, when only members count for whom that is so.
    pub fn standing(&self, counts: impl Fn(&AccountId) -> bool) -> Standing {
        let proofs = self.proofs.iter();
        let earlier = proofs.map(|proof| (proof.header.number, &proof.findings));
        let lines = earlier.chain([(self.generation.number, &self.findings)]);
        lines.fold(Standing::default(), |standing, (number, findings)| {
            let signers: BTreeSet<_> = findings.iter().map(|finding| &finding.account).collect();
            let members = signers.into_iter().filter(|account| counts(account)).count();
            standing.with(number.saturating_add(1), members)
        })
    }

    /// What the generation after that which is made of it has to have with it.
    pub(crate) fn proofs_after(&self) -> Vec<Proof> {
        let mut findings: Vec<Finding> = Vec::new();
        for finding in &self.findings {
            let is_new = findings.iter().all(|other| other.account != finding.account);
            if is_new && findings.len() < MOST_SIGNERS {
                findings.push(finding.clone());
            }
        }
        let newest = place(findings.len());
        // One that no more members have made than a newer one proves nothing more.
        let more = |proof: &&Proof| place(proof.findings.len()) < newest;
        let mut proofs: Vec<Proof> = self.proofs.iter().filter(more).cloned().collect();
        if newest < MOST_PROOFS {
            let header = self.generation.header();
            proofs.push(Proof { header, findings });
        }
        proofs
    }
}

//! What others are told.

use super::{Population, MOST_MESSAGES};
use crate::{
    messages::{Finding, Message},
    types::{Sealed, Summary, MOST_CANDIDATES},
};
use doin_primitives::Hash;
use std::sync::Arc;

/// How many of the messages of an answer may be claims.
const MOST_LEASES: usize = 24;

impl Population {
    /// What this node has.
    pub fn summary(&self) -> Summary {
        self.board.as_ref().map_or_else(Summary::default, |board| Summary {
            head: Some(self.head_of(board)),
            digests: board.digests(),
        })
    }

    /// What a peer with that summary lacks, as far as it fits into one answer.
    pub fn answer(&self, theirs: &Summary) -> Vec<Message> {
        let (Some(board), Some(head)) = (&self.board, &theirs.head) else {
            return Vec::new();
        };
        if theirs.digests.len() > MOST_CANDIDATES {
            return Vec::new();
        }
        if head.fingerprint == board.fingerprint {
            let leases = board
                .leases()
                .filter(|lease| lease.index.is_some_and(|index| board.winner(index).is_none()))
                .take(MOST_LEASES)
                .map(|lease| Message::Lease(lease.clone()));
            let findings = board.differing(&theirs.digests).cloned().map(Message::Finding);
            return leases.chain(findings).take(MOST_MESSAGES).collect();
        }
        let Some(sealed) = self
            .sealed
            .as_ref()
            .filter(|_| head.fingerprint == board.generation.parent)
        else {
            return Vec::new();
        };
        let lacks = |finding: &&Finding| {
            theirs
                .digests
                .get(usize::from(finding.index))
                .is_none_or(|digest| *digest == 0)
        };
        let findings = sealed.findings.iter().filter(lacks).cloned();
        findings.map(Message::Finding).take(MOST_MESSAGES).collect()
    }

    /// What the open generation of that fingerprint was made from, if it is this node's.
    pub fn sealed(&self, fingerprint: Hash) -> Option<Arc<Sealed>> {
        self.board.as_ref().filter(|board| board.fingerprint == fingerprint)?;
        self.sealed.clone()
    }
}

//! What is kept of a population, and taken up again.

use super::Population;
use crate::{
    board::Heard,
    disk::Saved,
    types::{Generation, Scope, Sealed},
};
use doin_primitives::Hash;
use std::{sync::Arc, time::Duration};

impl Population {
    /// What this node needs to go on; `None`: it has no population.
    pub fn saved(&self) -> Option<Saved> {
        let board = self.board.as_ref()?;
        let own = board
            .findings()
            .filter(|finding| finding.account == self.identity.account);
        Some(Saved {
            generation: (*board.generation).clone(),
            sealed: self.sealed.as_deref().cloned(),
            findings: own.cloned().collect(),
        })
    }

    /// Another number whenever [`Population::saved`] gives something else.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whose population it is.
    pub fn scope(&self) -> Scope {
        self.identity.scope
    }

    /// Goes on with what was kept, when the chain says that it is still of use: to be called before anything else.
    pub fn restore(&mut self, saved: Saved) {
        self.saved = Some(saved);
    }

    pub(super) fn reopen(&mut self, saved: Saved, now: Duration) {
        let Saved {
            generation,
            sealed,
            findings,
        } = saved;
        let (scope, account) = (self.identity.scope, self.identity.account.clone());
        let is_of_season = self
            .context
            .as_ref()
            .is_some_and(|context| context.season == generation.season);
        if self.board.is_some() || !is_of_season || !follows(&generation, sealed.as_ref(), scope) {
            return;
        }
        self.open(generation, sealed.map(Arc::new), now);
        let scale = self.identity.metric_scale;
        let Some(board) = &mut self.board else { return };
        for finding in findings {
            let fits =
                finding.account == account && finding.fingerprint == board.fingerprint && finding.index < board.size();
            if fits && finding.is_signed(scope) {
                board.found(finding.index, finding.outcome, &|a, b| a.agrees(b, scale));
                let heard = Heard { finding, from: None };
                board.enter(heard, &|a, b| a.agrees(b, scale));
            }
        }
    }
}

/// Whether the one generation is made of the other, or is a first one.
fn follows(generation: &Generation, sealed: Option<&Sealed>, scope: Scope) -> bool {
    match sealed {
        None => (generation.number, generation.parent) == (0, Hash::zero()),
        Some(sealed) => {
            let before = &sealed.generation;
            (generation.season, generation.start) == (before.season, before.start)
                && before.number.checked_add(1) == Some(generation.number)
                && before.fingerprint(scope) == generation.parent
                && before.candidates.len() == sealed.findings.len()
        }
    }
}

//! One look at the chain, and the tools that a role works with.

use crate::{
    chain::{BlockReference, Chain},
    journal::Journal,
    metrics::Metrics,
    outbox::Outbox,
    LOG_TARGET,
};
use codec::Encode;
use doin_primitives::{
    api::{DomainInfo, OptimumInfo},
    Hash, SlotNumber,
};
use std::collections::HashMap;

/// The chain as a role sees it in one step: all of it at one best block.
pub(crate) struct View<'a> {
    pub(crate) chain: &'a dyn Chain,
    pub(crate) best: BlockReference,
    pub(crate) finalized: BlockReference,
    /// The slot by the clock: for patience and pauses. What is too late, only blocks can tell.
    pub(crate) now: SlotNumber,
    /// The domain's name.
    pub(crate) name: &'a str,
    pub(crate) info: &'a DomainInfo,
    /// The domain's open optimae, then the last ended ones.
    pub(crate) optimae: &'a [OptimumInfo],
}

impl View<'_> {
    /// The earliest slot of a block that could carry what is sent now.
    pub(crate) fn next_slot(&self) -> SlotNumber {
        self.best.slot.saturating_add(1)
    }

    /// The season by the clock: that of the block which would carry what is sent now. On an idle chain, and right
    /// after genesis, the best block may be of an older one.
    pub(crate) fn season(&self) -> u64 {
        self.info.specification.season(self.now)
    }

    /// Whether a commit sent now could get into the next season, for which it would claim the wrong thing.
    pub(crate) fn season_is_ending(&self) -> bool {
        let specification = &self.info.specification;
        let margin = SEASON_MARGIN.min(u64::from(specification.season_length) / 8);
        specification.season(self.now.saturating_add(margin)) != self.season()
    }
}

/// So many slots before the end of a season no search is begun and no commit sent; fewer in very short seasons.
const SEASON_MARGIN: SlotNumber = 4;

/// What all roles share.
pub(crate) struct Tools<'a> {
    pub(crate) genesis: Hash,
    pub(crate) journal: &'a mut Journal,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) metrics: &'a Metrics,
    pub(crate) notices: &'a mut Notices,
}

/// Says what lasts once, not at each block.
#[derive(Default)]
pub(crate) struct Notices {
    said: HashMap<Vec<u8>, String>,
}

impl Notices {
    /// How many subjects are remembered.
    const LIMIT: usize = 1_000;

    pub(crate) fn inform(&mut self, subject: impl Encode, text: String) {
        self.say(log::Level::Info, subject, text);
    }

    pub(crate) fn warn(&mut self, subject: impl Encode, text: String) {
        self.say(log::Level::Warn, subject, text);
    }

    pub(crate) fn error(&mut self, subject: impl Encode, text: String) {
        self.say(log::Level::Error, subject, text);
    }

    /// The matter is settled: should it come up again, it is said again.
    pub(crate) fn settle(&mut self, subject: impl Encode) {
        self.said.remove(&subject.encode());
    }

    fn say(&mut self, level: log::Level, subject: impl Encode, text: String) {
        let subject = subject.encode();
        if self.said.get(&subject) == Some(&text) {
            return;
        }
        if self.said.len() >= Self::LIMIT {
            self.said.clear();
        }
        log::log!(target: LOG_TARGET, level, "{text}");
        self.said.insert(subject, text);
    }
}

//! What one node knows of the population of its domain, and what it does about it.

mod hearing;
mod keeping;
mod tasks;
mod telling;

use crate::{
    board::Board,
    disk::Saved,
    messages::Message,
    rules::Rules,
    types::{Brood, Generation, Head, Outcome, Scope, Sealed},
};
use doin_primitives::{AccountId, Hash};
use sc_network_types::PeerId;
use sp_runtime::FixedU128;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

/// The most messages of an answer.
pub(crate) const MOST_MESSAGES: usize = 64;
/// So many populations that have ended and heads that were wrong are remembered.
const REMEMBERED: usize = 32;

/// Who this node is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Which domain of which chain.
    pub scope: Scope,
    /// The operator's account that claims and signs results.
    pub account: AccountId,
    /// What nobody else can know: which results this node measures again follows from it.
    pub secret: [u8; 32],
    /// The number of the first claim: greater at each start of the node, such as the time of day.
    pub sequence: u64,
    /// The domain's metric scale: what differs by less than a thousandth of it is the same.
    pub metric_scale: FixedU128,
}

/// What the chain says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Context {
    /// The season: with a new one a new population begins.
    pub season: u64,
    /// The root of the parameters of the accepted best, from which a new population is made.
    pub start: Hash,
    /// The accounts that are bonded in the domain. What others sign counts for nothing.
    pub members: BTreeSet<AccountId>,
}

/// What has to be computed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// Make the first generation.
    Create {
        /// The season.
        season: u64,
        /// The root of the parameters to begin from.
        start: Hash,
        /// The same on all nodes.
        seed: [u8; 32],
    },
    /// Evaluate a candidate.
    Evaluate {
        /// The generation.
        generation: Arc<Generation>,
        /// Which of its candidates.
        index: u16,
        /// The same for all candidates of the generation, and on all nodes.
        seed: [u8; 32],
    },
    /// Make the next generation.
    Reproduce {
        /// A generation and its results.
        sealed: Arc<Sealed>,
        /// The same on all nodes.
        seed: [u8; 32],
    },
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finish {
    /// The candidates of a generation.
    Brood(Brood),
    /// The search has converged, or can make nothing of its results: the population ends.
    Ended,
    /// What a candidate is worth.
    Outcome(Outcome),
    /// A failure of this machine, which says nothing of the candidate.
    Failed,
}

/// What finished work has led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Nothing that matters to others than the population itself.
    None,
    /// The next generation is open; this is the one that it was made from.
    Sealed(Arc<Sealed>),
    /// The population has ended with this generation.
    Ended(Option<Arc<Sealed>>),
}

/// What a peer has done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Offence {
    /// It has sent a message that nobody has signed.
    Forged,
    /// It has sent a message of an account that is not bonded in the domain. Chains may differ for a moment.
    Stranger,
    /// It has sent a result that was measured to be wrong. It may only have passed it on.
    WrongResult,
    /// The generation that it offered is not what it said.
    WrongGeneration,
}

/// A generation that another node is further with.
#[derive(Clone, Debug)]
struct Offer {
    from: PeerId,
    head: Head,
    sealed: Arc<Sealed>,
}

#[derive(Clone, Debug)]
enum Kind {
    Create { season: u64, start: Hash },
    Claimed(u16),
    Doubted(u16),
    Seal(Arc<Sealed>),
    Adopt(Box<Offer>),
}

/// What this node is at.
#[derive(Clone, Debug)]
struct Assigned {
    id: u64,
    kind: Kind,
    /// Before that it is not begun.
    ready: Duration,
    begun: bool,
    /// When it was handed out first.
    since: Duration,
}

/// See the [crate's documentation](crate).
pub struct Population {
    identity: Identity,
    rules: Rules,
    context: Option<Context>,
    began: Duration,
    board: Option<Board>,
    /// What the open generation was made from; `None` for the first.
    sealed: Option<Arc<Sealed>>,
    offer: Option<Offer>,
    assigned: Option<Assigned>,
    next_id: u64,
    last_beat: Duration,
    /// What this node had when it stopped, until the chain says whether it is of use.
    saved: Option<Saved>,
    /// Another one whenever there is something else to keep.
    revision: u64,
    /// How many generations were opened.
    opened: u64,
    /// Whose results count for nothing until so many generations were opened.
    barred: BTreeMap<AccountId, u64>,
    /// Populations that have ended.
    ended: VecDeque<(u64, Hash)>,
    /// Heads that were not what they said.
    refused: VecDeque<Hash>,
    /// The number of the open generation, and how often the node has gone over to one of that number.
    switches: (u64, u32),
    /// How long an evaluation takes here.
    usual: Duration,
    failures: u32,
    /// After a failure nothing is begun before.
    rests_until: Duration,
    outbox: Vec<Message>,
    reports: Vec<(PeerId, Offence)>,
}

impl Population {
    /// A node that knows nothing yet.
    pub fn new(identity: Identity, rules: Rules, now: Duration) -> Self {
        Self {
            identity,
            rules,
            context: None,
            began: now,
            board: None,
            sealed: None,
            offer: None,
            assigned: None,
            next_id: 0,
            last_beat: now,
            saved: None,
            revision: 0,
            opened: 0,
            barred: BTreeMap::new(),
            ended: VecDeque::new(),
            refused: VecDeque::new(),
            switches: (0, 0),
            usual: Duration::ZERO,
            failures: 0,
            rests_until: now,
            outbox: Vec::new(),
            reports: Vec::new(),
        }
    }

    // What the chain says.

    /// Takes in what the chain says now.
    pub fn set_context(&mut self, context: Context, now: Duration) {
        let before = self.context.replace(context.clone());
        let season = before.as_ref().map(|before| before.season);
        let is_untouched = |board: &Board| {
            let generation = &board.generation;
            generation.number == 0
                && generation.start != context.start
                && (0..board.size()).all(|index| board.winner(index).is_none())
        };
        if season != Some(context.season) || self.board.as_ref().is_some_and(is_untouched) {
            self.board = None;
            self.sealed = None;
            self.offer = None;
            self.assigned = None;
            self.revision = self.revision.saturating_add(1);
            if season.is_some() {
                self.began = now;
            }
        }
        if let Some(saved) = self.saved.take() {
            self.reopen(saved, now);
        }
    }

    /// What this node has signed since the last call: for all peers at once.
    pub fn take_outbox(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.outbox)
    }

    /// What peers have done since the last call.
    pub fn take_reports(&mut self) -> Vec<(PeerId, Offence)> {
        std::mem::take(&mut self.reports)
    }

    /// Whether results of that account count for nothing at present.
    pub fn is_barred(&self, account: &AccountId) -> bool {
        self.barred.contains_key(account)
    }
}

fn check_member(context: &Option<Context>, account: &AccountId) -> Result<(), Offence> {
    let is_member = |context: &Context| context.members.contains(account);
    context
        .as_ref()
        .is_some_and(is_member)
        .then_some(())
        .ok_or(Offence::Stranger)
}

fn remember<T: PartialEq>(list: &mut VecDeque<T>, item: T) {
    if list.contains(&item) {
        return;
    }
    if list.len() >= REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}

//! What one node knows of the population of its domain, and what it does about it.

use crate::{
    board::{Board, Entry, Heard},
    messages::{Finding, Lease, Message, Sign},
    rules::Rules,
    types::{seed, Brood, Generation, Head, Outcome, Scope, Sealed, Summary, MOST_CANDIDATES},
};
use codec::Encode;
use doin_primitives::{AccountId, Hash};
use sc_network_types::PeerId;
use sp_core::{Blake2Hasher, Hasher};
use sp_runtime::FixedU128;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

/// The most messages of an answer.
pub(crate) const MOST_MESSAGES: usize = 64;
/// How many of them may be claims.
const MOST_LEASES: usize = 24;
/// So many populations that have ended, heads that were wrong, and generations of the past are remembered.
const REMEMBERED: usize = 32;
/// So often a node goes over to another generation that is no further than one that it had.
const MOST_SWITCHES: u32 = 4;
/// Nobody comes this far by working: a head beyond is a lie.
const MOST_NUMBER: u64 = 1 << 48;

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
}

/// How much there is to be said for a generation: the greatest is gone on with.
type Standing = (u32, u64, Reverse<Hash>);

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
    /// How many generations were opened.
    opened: u64,
    /// Whose results count for nothing until so many generations were opened.
    barred: BTreeMap<AccountId, u64>,
    /// Populations that have ended.
    ended: VecDeque<(u64, Hash)>,
    /// Heads that were not what they said.
    refused: VecDeque<Hash>,
    /// Generations of the past.
    past: VecDeque<Hash>,
    /// The furthest number there was, and how often the node has gone over to another one since.
    switches: (u64, u32),
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
            opened: 0,
            barred: BTreeMap::new(),
            ended: VecDeque::new(),
            refused: VecDeque::new(),
            past: VecDeque::new(),
            switches: (0, 0),
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
            if season.is_some() {
                self.began = now;
            }
        }
    }

    // What is to be done.

    /// Looks whether what this node is at is still of use, chooses what comes next, and says that it is alive.
    pub fn step(&mut self, now: Duration, signer: &dyn Sign) {
        if self
            .assigned
            .as_ref()
            .is_some_and(|assigned| !self.is_useful(assigned, now))
        {
            self.assigned = None;
        }
        if self.assigned.is_none() && now >= self.rests_until {
            self.choose(now, signer);
        }
        let beats = now.saturating_sub(self.last_beat) >= self.rules.heartbeat();
        if let (Some(Kind::Claimed(index)), true) = (self.assigned.as_ref().map(|assigned| &assigned.kind), beats) {
            self.claim(Some(*index), now, signer);
        }
    }

    /// Gives back what this node is at: nobody works on it.
    pub fn rest(&mut self, now: Duration, signer: &dyn Sign) {
        let given_back = self.assigned.take().map(|assigned| assigned.kind);
        if let Some(Kind::Claimed(_)) = given_back {
            self.claim(None, now, signer);
        }
    }

    /// What is to be computed now, with its number. The same until it is finished or of no more use.
    pub fn work(&mut self, now: Duration) -> Option<(u64, Work)> {
        let scope = self.identity.scope;
        let assigned = self.assigned.as_mut().filter(|assigned| now >= assigned.ready)?;
        assigned.begun = true;
        let reproduce = |sealed: &Arc<Sealed>| Work::Reproduce {
            seed: seed("reproduce", sealed.generation.fingerprint(scope)),
            sealed: sealed.clone(),
        };
        let work = match &assigned.kind {
            Kind::Create { season, start } => Work::Create {
                season: *season,
                start: *start,
                seed: Blake2Hasher::hash(&("doin/shared-seed", "create", scope, season, start).encode()).0,
            },
            Kind::Claimed(index) | Kind::Doubted(index) => {
                let board = self.board.as_ref()?;
                Work::Evaluate {
                    generation: board.generation.clone(),
                    index: *index,
                    seed: seed("data", board.fingerprint),
                }
            }
            Kind::Seal(sealed) => reproduce(sealed),
            Kind::Adopt(offer) => reproduce(&offer.sealed),
        };
        Some((assigned.id, work))
    }

    /// The number of what is to be computed now, if there is anything.
    pub fn ready(&self, now: Duration) -> Option<u64> {
        let assigned = self.assigned.as_ref().filter(|assigned| now >= assigned.ready)?;
        Some(assigned.id)
    }

    /// When [`Population::step`] should be called again though nothing has happened.
    pub fn next_wake(&self, now: Duration) -> Duration {
        let assigned = self.assigned.as_ref();
        let wakes = [
            assigned
                .filter(|assigned| !assigned.begun)
                .map(|assigned| assigned.ready),
            assigned.is_none().then_some(self.rests_until),
            (self.board.is_none()).then_some(self.began + self.rules.join),
            assigned.map(|_| self.last_beat + self.rules.heartbeat()),
            self.board.as_ref().and_then(|board| board.next_expiry(&self.rules)),
        ];
        let soonest = now + self.rules.settle / 4;
        let wakes = wakes.into_iter().flatten().filter(|wake| *wake > now);
        wakes.min().unwrap_or(now + self.rules.heartbeat()).max(soonest)
    }

    fn is_useful(&self, assigned: &Assigned, now: Duration) -> bool {
        let board = self.board.as_ref();
        match &assigned.kind {
            Kind::Create { season, start } => {
                let same = |context: &Context| (context.season, context.start) == (*season, *start);
                board.is_none() && self.context.as_ref().is_some_and(same)
            }
            Kind::Claimed(index) => board.is_some_and(|board| {
                // Who has begun goes on: two results do no harm, two halves do no good.
                let holder = || board.holder(*index, now, &self.rules);
                let holds = assigned.begun || holder().is_none_or(|holder| *holder == self.identity.account);
                board.winner(*index).is_none() && holds && self.offer.is_none()
            }),
            Kind::Doubted(index) => board.is_some_and(|board| board.is_doubted(*index)),
            Kind::Seal(sealed) => {
                let complete = board.and_then(Board::complete);
                complete.is_some_and(|findings| findings == sealed.findings) && self.offer.is_none()
            }
            Kind::Adopt(offer) => self.prefers_offer(offer, now),
        }
    }

    fn choose(&mut self, now: Duration, signer: &dyn Sign) {
        let kind = match (self.offer.take(), &self.board, &self.context) {
            (Some(offer), _, Some(_)) if self.prefers_offer(&offer, now) => Kind::Adopt(Box::new(offer)),
            (_, None, Some(context)) => {
                let (season, start) = (context.season, context.start);
                if now < self.began + self.rules.join || self.ended.contains(&(season, start)) {
                    return;
                }
                Kind::Create { season, start }
            }
            (_, Some(board), _) => {
                if let Some(index) = board.doubted() {
                    Kind::Doubted(index)
                } else if let Some(findings) = board.complete() {
                    let generation = (*board.generation).clone();
                    Kind::Seal(Arc::new(Sealed { generation, findings }))
                } else if let Some(index) = board.next_for(&self.identity.account, now, &self.rules) {
                    if !self.claim(Some(index), now, signer) {
                        return;
                    }
                    Kind::Claimed(index)
                } else {
                    return;
                }
            }
            _ => return,
        };
        let ready = match kind {
            Kind::Claimed(_) => now + self.rules.settle,
            _ => now,
        };
        self.next_id = self.next_id.saturating_add(1);
        self.assigned = Some(Assigned {
            id: self.next_id,
            kind,
            ready,
            begun: false,
        });
    }

    /// Claims a candidate, or says again that this node works on it. Whether it could be signed.
    fn claim(&mut self, index: Option<u16>, now: Duration, signer: &dyn Sign) -> bool {
        let Some(board) = &mut self.board else { return false };
        self.identity.sequence = self.identity.sequence.saturating_add(1);
        let Identity {
            scope,
            account,
            sequence,
            ..
        } = &self.identity;
        let Some(lease) = Lease::signed(*scope, board.fingerprint, account, *sequence, index, signer) else {
            return false;
        };
        board.claim(lease.clone(), now);
        self.outbox.push(Message::Lease(lease));
        self.last_beat = now;
        true
    }

    // What was done.

    /// Takes in what came of the work of that number. What is of no more use changes nothing.
    pub fn finished(&mut self, id: u64, finish: Finish, now: Duration, signer: &dyn Sign) -> Progress {
        let Some(Assigned { kind, .. }) = self.assigned.take_if(|assigned| assigned.id == id) else {
            return Progress::None;
        };
        if finish != Finish::Failed {
            self.failures = 0;
        }
        match (kind, finish) {
            (Kind::Create { season, start }, Finish::Brood(brood)) if brood.check().is_ok() => {
                let generation = Generation {
                    season,
                    start,
                    number: 0,
                    parent: Hash::zero(),
                    candidates: brood.candidates,
                    state: brood.state,
                };
                self.open(generation, None, now);
                Progress::None
            }
            (Kind::Create { season, start }, Finish::Ended) => {
                remember(&mut self.ended, (season, start));
                Progress::None
            }
            (Kind::Claimed(index), Finish::Outcome(outcome)) => {
                self.found(index, outcome, true, now, signer);
                Progress::None
            }
            (Kind::Doubted(index), Finish::Outcome(outcome)) => {
                self.found(index, outcome, false, now, signer);
                Progress::None
            }
            (Kind::Seal(sealed), Finish::Brood(brood)) if brood.check().is_ok() => {
                let parent = sealed.generation.fingerprint(self.identity.scope);
                let child = sealed.generation.child(parent, brood);
                self.open(child, Some(sealed.clone()), now);
                Progress::Sealed(sealed)
            }
            (Kind::Seal(sealed), Finish::Ended) => {
                let Generation { season, start, .. } = sealed.generation;
                remember(&mut self.ended, (season, start));
                self.board = None;
                self.sealed = None;
                Progress::Ended(Some(sealed))
            }
            (Kind::Adopt(offer), Finish::Brood(brood)) if brood.check().is_ok() => self.adopt(*offer, brood, now),
            (Kind::Adopt(offer), Finish::Ended) => {
                self.refuse(offer.from, offer.head.fingerprint);
                Progress::None
            }
            (kind, _) => {
                self.failed(&kind, now, signer);
                Progress::None
            }
        }
    }

    fn failed(&mut self, kind: &Kind, now: Duration, signer: &dyn Sign) {
        let pause = self.rules.rest.saturating_mul(1 << self.failures.min(6));
        self.failures = self.failures.saturating_add(1);
        self.rests_until = now + pause;
        match kind {
            // Another node is to have it.
            Kind::Claimed(_) => drop(self.claim(None, now, signer)),
            // It has a result; whether it is right others may find out.
            Kind::Doubted(index) => {
                if let Some(board) = &mut self.board {
                    board.settle(*index);
                }
            }
            Kind::Adopt(offer) => remember(&mut self.refused, offer.head.fingerprint),
            Kind::Create { .. } | Kind::Seal(_) => {}
        }
    }

    fn adopt(&mut self, offer: Offer, brood: Brood, now: Duration) -> Progress {
        let Offer { from, head, sealed } = offer;
        let parent = sealed.generation.fingerprint(self.identity.scope);
        let child = sealed.generation.child(parent, brood);
        if child.fingerprint(self.identity.scope) != head.fingerprint {
            self.refuse(from, head.fingerprint);
            return Progress::None;
        }
        if head.number <= self.switches.0 {
            self.switches.1 = self.switches.1.saturating_add(1);
        }
        self.open(child, Some(sealed.clone()), now);
        Progress::Sealed(sealed)
    }

    fn refuse(&mut self, from: PeerId, fingerprint: Hash) {
        remember(&mut self.refused, fingerprint);
        self.reports.push((from, Offence::WrongGeneration));
    }

    fn open(&mut self, generation: Generation, sealed: Option<Arc<Sealed>>, now: Duration) {
        let fingerprint = generation.fingerprint(self.identity.scope);
        if let Some(board) = &self.board {
            remember(&mut self.past, board.fingerprint);
        }
        if generation.number > self.switches.0 {
            self.switches = (generation.number, 0);
        }
        self.board = Some(Board::new(generation, fingerprint, now));
        self.sealed = sealed;
        self.assigned = None;
        self.opened = self.opened.saturating_add(1);
        let opened = self.opened;
        self.barred.retain(|_, until| *until > opened);
    }

    /// Enters a result of this node, and bars whose results it shows to be wrong.
    fn found(&mut self, index: u16, outcome: Outcome, claimed: bool, now: Duration, signer: &dyn Sign) {
        let scale = self.identity.metric_scale;
        let agrees = |a: &Outcome, b: &Outcome| a.agrees(b, scale);
        let Some(board) = &mut self.board else { return };
        let wrong = board.found(index, outcome, &agrees);
        for heard in &wrong {
            self.bar(&heard.finding.account.clone(), heard.from);
        }
        let Some(board) = &mut self.board else { return };
        // That others' results are wrong, all have to hear.
        if !claimed && wrong.is_empty() && board.winner(index).is_some() {
            return;
        }
        let Identity { scope, account, .. } = &self.identity;
        if let Some(finding) = Finding::signed(*scope, board.fingerprint, index, account, outcome, signer) {
            let heard = Heard {
                finding: finding.clone(),
                from: None,
            };
            board.enter(heard, &agrees);
            self.outbox.push(Message::Finding(finding));
        }
        self.last_beat = now;
    }

    fn bar(&mut self, account: &AccountId, from: Option<PeerId>) {
        let scale = self.identity.metric_scale;
        let until = self.opened.saturating_add(self.rules.barred_generations);
        self.barred.insert(account.clone(), until);
        if let Some(board) = &mut self.board {
            board.drop_signer(account, &|a, b| a.agrees(b, scale));
        }
        self.reports.extend(from.map(|from| (from, Offence::WrongResult)));
    }

    // What others say.

    /// Takes in what a peer has and says. Returns a generation that is to be fetched from it, for [`Population::offer`].
    pub fn hear(&mut self, from: PeerId, summary: &Summary, messages: &[Message], now: Duration) -> Option<Head> {
        for message in messages.iter().take(MOST_MESSAGES) {
            let result = match message {
                Message::Lease(lease) => self.hear_lease(lease, now),
                Message::Finding(finding) => self.hear_finding(from, finding, now),
            };
            if let Err(offence) = result {
                self.reports.push((from, offence));
                if offence == Offence::Forged {
                    return None;
                }
            }
        }
        summary.head.filter(|head| {
            let signers = usize::from(head.signers);
            self.prefers(head, signers, now) && self.offer.is_none()
        })
    }

    fn hear_lease(&mut self, lease: &Lease, now: Duration) -> Result<(), Offence> {
        let scope = self.identity.scope;
        let Some(board) = self
            .board
            .as_mut()
            .filter(|board| board.fingerprint == lease.fingerprint)
        else {
            return Ok(());
        };
        let known = board
            .leases()
            .any(|known| known.account == lease.account && known.sequence >= lease.sequence);
        if known || lease.account == self.identity.account || self.barred.contains_key(&lease.account) {
            return Ok(());
        }
        check_member(&self.context, &lease.account)?;
        if !lease.is_signed(scope) {
            return Err(Offence::Forged);
        }
        if board.claim(lease.clone(), now) {
            board.last_heard = now;
        }
        Ok(())
    }

    fn hear_finding(&mut self, from: PeerId, finding: &Finding, now: Duration) -> Result<(), Offence> {
        let Identity {
            scope,
            ref account,
            metric_scale,
            ..
        } = self.identity;
        let agrees = |a: &Outcome, b: &Outcome| a.agrees(b, metric_scale);
        let Some(board) = self
            .board
            .as_mut()
            .filter(|board| board.fingerprint == finding.fingerprint)
        else {
            return Ok(());
        };
        let index = finding.index;
        if index >= board.size() || board.knows(finding) || self.barred.contains_key(&finding.account) {
            return Ok(());
        }
        check_member(&self.context, &finding.account)?;
        if !finding.is_signed(scope) {
            return Err(Offence::Forged);
        }
        // Our own of before a restart need no checking.
        let is_own = finding.account == *account;
        let heard = Heard {
            finding: finding.clone(),
            from: (!is_own).then_some(from),
        };
        let own = board.own(index);
        if !is_own && own.is_some_and(|own| !agrees(&own, &finding.outcome)) {
            self.bar(&finding.account, Some(from));
            return Ok(());
        }
        let entry = board.enter(heard, &agrees);
        board.last_heard = now;
        let doubts = match entry {
            Entry::Known => false,
            Entry::New => !is_own && self.samples(finding),
            Entry::Disputed => true,
            // Signed by itself: nobody else needs to be right.
            Entry::Contradiction => {
                self.bar(&finding.account, None);
                false
            }
        };
        if let (true, Some(board)) = (doubts, &mut self.board) {
            board.doubt(index);
        }
        Ok(())
    }

    /// Whether this node measures a result again. All others together measure the share of [`Rules::verified`].
    fn samples(&self, finding: &Finding) -> bool {
        let Some(board) = &self.board else { return false };
        let mut active = board.active();
        active.insert(&self.identity.account);
        active.remove(&finding.account);
        let others = u64::try_from(active.len()).unwrap_or(u64::MAX).max(1);
        let chance = u64::from(self.rules.verified) * u64::from(u32::MAX) / 1_000 / others;
        let ticket = (
            self.identity.secret,
            finding.fingerprint,
            finding.index,
            &finding.account,
        )
            .encode();
        let ticket = Blake2Hasher::hash(&ticket).0;
        u64::from(u32::from_le_bytes([ticket[0], ticket[1], ticket[2], ticket[3]])) < chance
    }

    /// Takes in what a peer has sent when its `head` was asked for.
    pub fn offer(&mut self, from: PeerId, head: Head, sealed: Sealed, now: Duration) {
        if !self.prefers(&head, usize::from(head.signers), now) {
            return;
        }
        if !self.is_sound(&head, &sealed) {
            self.refuse(from, head.fingerprint);
            return;
        }
        let sealed = Arc::new(sealed);
        let offer = Offer { from, head, sealed };
        if self.prefers_offer(&offer, now) {
            self.offer = Some(offer);
        }
    }

    /// The same once it is here: what it says of its signers counts as far as they are there, and count here.
    fn prefers_offer(&self, offer: &Offer, now: Duration) -> bool {
        let signers = self.signers(&offer.sealed).min(offer.head.signers.into());
        self.prefers(&offer.head, signers, now)
    }

    /// Whether results and generation are complete, belong together, and are signed, most of them by those who count.
    fn is_sound(&self, head: &Head, sealed: &Sealed) -> bool {
        let Sealed { generation, findings } = sealed;
        let scope = self.identity.scope;
        let fits = generation.check().is_ok()
            && generation.fingerprint(scope) == head.parent
            && (generation.season, generation.start) == (head.season, head.start)
            && generation.number.checked_add(1) == Some(head.number)
            && generation.candidates.len() == findings.len();
        let in_order = |(index, finding): (usize, &Finding)| {
            usize::from(finding.index) == index && finding.fingerprint == head.parent && finding.is_signed(scope)
        };
        let counting = findings.iter().filter(|finding| self.counts(&finding.account)).count();
        let signers = findings.iter().map(|finding| &finding.account).collect::<BTreeSet<_>>();
        fits && findings.iter().enumerate().all(in_order)
            && counting * 2 >= findings.len()
            && signers.len() >= head.signers.into()
    }

    /// Whether what the account signs counts.
    fn counts(&self, account: &AccountId) -> bool {
        check_member(&self.context, account).is_ok() && !self.barred.contains_key(account)
    }

    /// How many accounts that count have given these results.
    fn signers(&self, sealed: &Sealed) -> usize {
        let accounts = sealed.findings.iter().map(|finding| &finding.account);
        accounts
            .filter(|account| self.counts(account))
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// Whether the generation of that head is rather gone on with than the own one.
    fn prefers(&self, head: &Head, signers: usize, now: Duration) -> bool {
        let (Some(context), theirs) = (&self.context, standing(signers, head)) else {
            return false;
        };
        if head.season != context.season
            || head.number == 0
            || head.number > MOST_NUMBER
            || self.ended.contains(&(head.season, head.start))
            || self.refused.contains(&head.fingerprint)
            || (head.number <= self.switches.0 && self.switches.1 >= MOST_SWITCHES)
        {
            return false;
        }
        let Some(board) = &self.board else { return true };
        let generation = &board.generation;
        let silent = now.saturating_sub(board.last_heard);
        // Who is one ahead gives the results that are missing here: no need to go over to it.
        let follows = head.parent == board.fingerprint && silent <= self.rules.lease;
        if head.fingerprint == board.fingerprint
            || head.fingerprint == generation.parent
            || self.past.contains(&head.fingerprint)
            || follows
        {
            return false;
        }
        let own = self.head_of(board, now);
        theirs > standing(own.signers.into(), &own)
    }

    fn head_of(&self, board: &Board, now: Duration) -> Head {
        let generation = &board.generation;
        let signers = self.sealed.as_ref().map_or(0, |sealed| self.signers(sealed));
        // Half of what was said for it is left with each lease that nobody else works on it.
        let silent = now.saturating_sub(board.last_heard).as_millis();
        let halvings = silent.checked_div(self.rules.lease.as_millis()).unwrap_or(0);
        let signers = signers >> halvings.min(16);
        Head {
            season: generation.season,
            start: generation.start,
            number: generation.number,
            fingerprint: board.fingerprint,
            parent: generation.parent,
            signers: u16::try_from(signers).unwrap_or(u16::MAX),
        }
    }

    // What others are told.

    /// What this node has.
    pub fn summary(&self, now: Duration) -> Summary {
        self.board.as_ref().map_or_else(Summary::default, |board| Summary {
            head: Some(self.head_of(board, now)),
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

/// First how many have worked on what it was made from, by powers of two; then how far it is; then the smaller fingerprint.
fn standing(signers: usize, head: &Head) -> Standing {
    let support = signers.checked_ilog2().map_or(0, |support| support.saturating_add(1));
    (support, head.number, Reverse(head.fingerprint))
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

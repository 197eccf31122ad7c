//! What a node works on: choosing it, handing it out, and taking in what came of it.

use super::{remember, Assigned, Context, Finish, Identity, Kind, Offence, Offer, Population, Progress, Work};
use crate::{
    board::{Board, Heard},
    messages::{Finding, Lease, Message, Sign},
    types::{seed, Brood, Generation, Outcome, Sealed},
};
use codec::Encode;
use doin_primitives::{AccountId, Hash};
use sc_network_types::PeerId;
use sp_core::{Blake2Hasher, Hasher};
use std::{sync::Arc, time::Duration};

impl Population {
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
        if !assigned.begun {
            assigned.since = now;
        }
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
            assigned.map(|assigned| assigned.ready),
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
            Kind::Doubted(index) => board.is_some_and(|board| board.is_doubted(*index)) && self.offer.is_none(),
            Kind::Seal(sealed) => {
                let complete = board.and_then(Board::complete);
                complete.is_some_and(|findings| findings == sealed.findings) && self.offer.is_none()
            }
            Kind::Adopt(offer) => self.prefers_offer(offer, now),
        }
    }

    fn choose(&mut self, now: Duration, signer: &dyn Sign) {
        let mut doubles = false;
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
                    let proofs = self
                        .sealed
                        .as_ref()
                        .map_or_else(Vec::new, |before| before.proofs_after());
                    Kind::Seal(Arc::new(Sealed {
                        generation,
                        findings,
                        proofs,
                    }))
                } else {
                    let account = &self.identity.account;
                    let free = board.next_for(account, now, &self.rules);
                    let patience = self.rules.lease.max(self.usual * 3);
                    let overdue = || board.overdue(account, now.saturating_sub(patience));
                    doubles = free.is_none();
                    let Some(index) = free.or_else(overdue) else { return };
                    if !self.claim(Some(index), now, signer) {
                        return;
                    }
                    Kind::Claimed(index)
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
            // Who works on what another has had for too long does not give way to it.
            begun: doubles,
            since: ready,
        });
    }

    /// Claims a candidate, or says again that this node works on it. Whether it could be signed.
    pub(super) fn claim(&mut self, index: Option<u16>, now: Duration, signer: &dyn Sign) -> bool {
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

    /// Takes in what came of the work of that number. What is of no more use changes nothing.
    pub fn finished(&mut self, id: u64, finish: Finish, now: Duration, signer: &dyn Sign) -> Progress {
        let Some(Assigned { kind, since, .. }) = self.assigned.take_if(|assigned| assigned.id == id) else {
            return Progress::None;
        };
        if matches!(finish, Finish::Outcome(_)) {
            self.usual = now.saturating_sub(since).max(self.usual / 2);
        }
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
                self.revision = self.revision.saturating_add(1);
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
        let before = match self.switches.0 == head.number {
            true => self.switches.1,
            false => 0,
        };
        self.open(child, Some(sealed.clone()), now);
        self.switches.1 = before.saturating_add(1);
        Progress::Sealed(sealed)
    }

    pub(super) fn refuse(&mut self, from: PeerId, fingerprint: Hash) {
        remember(&mut self.refused, fingerprint);
        self.reports.push((from, Offence::WrongGeneration));
    }

    pub(super) fn open(&mut self, generation: Generation, sealed: Option<Arc<Sealed>>, now: Duration) {
        let fingerprint = generation.fingerprint(self.identity.scope);
        self.revision = self.revision.saturating_add(1);
        self.switches = (generation.number, 0);
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
            self.revision = self.revision.saturating_add(1);
            self.outbox.push(Message::Finding(finding));
        }
        self.last_beat = now;
    }

    pub(super) fn bar(&mut self, account: &AccountId, from: Option<PeerId>) {
        let scale = self.identity.metric_scale;
        let until = self.opened.saturating_add(self.rules.barred_generations);
        self.barred.insert(account.clone(), until);
        if let Some(board) = &mut self.board {
            board.drop_signer(account, &|a, b| a.agrees(b, scale));
        }
        self.reports.extend(from.map(|from| (from, Offence::WrongResult)));
    }
}

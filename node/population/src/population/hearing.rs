//! What others say: claims, results, and generations that they are further with.

use super::{check_member, remember, Identity, Offence, Offer, Population, MOST_MESSAGES};
use crate::{
    board::{Board, Entry, Heard},
    messages::{Finding, Lease, Message},
    types::{Head, Outcome, Sealed, Summary},
};
use codec::Encode;
use doin_primitives::{AccountId, Hash};
use sc_network_types::PeerId;
use sp_core::{Blake2Hasher, Hasher};
use std::{cmp::Reverse, collections::BTreeSet, sync::Arc, time::Duration};

/// So often a node goes over to another generation of the same number.
const MOST_SWITCHES: u32 = 4;
/// Nobody comes this far by working: a head beyond is a lie.
const MOST_NUMBER: u64 = 1 << 48;

/// How much there is to be said for a generation: the greatest is gone on with.
type Standing = (u32, u64, Reverse<Hash>);

impl Population {
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
        // The peer may not have found out yet whose results are wrong.
        let counting = sealed.findings.iter().filter(|finding| self.counts(&finding.account));
        if counting.count() * 2 < sealed.findings.len() {
            remember(&mut self.refused, head.fingerprint);
            return;
        }
        let sealed = Arc::new(sealed);
        let offer = Offer { from, head, sealed };
        if self.prefers_offer(&offer, now) {
            self.offer = Some(offer);
        }
    }

    /// The same once it is here: what it says of its signers counts as far as they are there, and count here.
    pub(super) fn prefers_offer(&self, offer: &Offer, now: Duration) -> bool {
        let signers = self.signers(&offer.sealed).min(offer.head.signers.into());
        self.prefers(&offer.head, signers, now)
    }

    /// Whether results and generation are complete, belong together, and are signed.
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
        let signers = findings.iter().map(|finding| &finding.account).collect::<BTreeSet<_>>();
        fits && findings.iter().enumerate().all(in_order) && signers.len() >= head.signers.into()
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
            || self.switches == (head.number, MOST_SWITCHES)
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

    pub(super) fn head_of(&self, board: &Board, now: Duration) -> Head {
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
}

/// First how many have worked on what it was made from, by powers of two; then how far it is; then the smaller fingerprint.
fn standing(signers: usize, head: &Head) -> Standing {
    let support = signers.checked_ilog2().map_or(0, |support| support.saturating_add(1));
    (support, head.number, Reverse(head.fingerprint))
}

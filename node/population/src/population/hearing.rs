//! What others say: claims, results, and generations that they are further with.

use super::{check_member, remember, Assigned, Identity, Kind, Offence, Offer, Population, MOST_MESSAGES};
use crate::{
    board::{Board, Entry, Heard},
    messages::{Finding, Lease, Message},
    standing::{Proof, Standing},
    types::{Head, Outcome, Sealed, Summary},
};
use codec::Encode;
use doin_primitives::AccountId;
use sc_network_types::PeerId;
use sp_core::{Blake2Hasher, Hasher};
use std::{cmp::Reverse, collections::BTreeSet, sync::Arc, time::Duration};

/// So often a node that does not work alone goes over to another generation of the same standing.
const MOST_SWITCHES: u32 = 4;
/// Nobody comes this far by working: a head beyond is a lie.
const MOST_NUMBER: u64 = 1 << 48;

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
        let wanted = |head: &Head| self.offer.is_none() && self.prefers(head, head.standing, now);
        summary.head.filter(wanted)
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
        if !self.prefers(&head, head.standing, now) {
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

    /// The same once it is here: what those have made counts who count here.
    pub(super) fn prefers_offer(&self, offer: &Offer, now: Duration) -> bool {
        let standing = offer.sealed.standing(|account| self.counts(account));
        self.prefers(&offer.head, standing, now)
    }

    /// Whether results and generation are complete, belong together, are signed, and prove what is said for them.
    fn is_sound(&self, head: &Head, sealed: &Sealed) -> bool {
        let Sealed {
            generation,
            findings,
            proofs,
        } = sealed;
        let scope = self.identity.scope;
        let fits = generation.check().is_ok()
            && generation.fingerprint(scope) == head.parent
            && (generation.season, generation.start) == (head.season, head.start)
            && generation.number.checked_add(1) == Some(head.number)
            && generation.candidates.len() == findings.len();
        let in_order = |(index, finding): (usize, &Finding)| {
            usize::from(finding.index) == index && finding.fingerprint == head.parent && finding.is_signed(scope)
        };
        let is_proof = |proof: &Proof| {
            let (header, fingerprint) = (&proof.header, proof.header.fingerprint(scope));
            let is_signed = |finding: &Finding| finding.fingerprint == fingerprint && finding.is_signed(scope);
            (header.season, header.start) == (head.season, head.start)
                && header.number < generation.number
                && proof.findings.iter().all(is_signed)
        };
        fits && sealed.standing(|_| true) >= head.standing
            && findings.iter().enumerate().all(in_order)
            && proofs.iter().all(is_proof)
    }

    /// Whether what the account signs counts.
    fn counts(&self, account: &AccountId) -> bool {
        check_member(&self.context, account).is_ok() && !self.barred.contains_key(account)
    }

    /// Whether the generation of that head and standing is gone over to now.
    fn prefers(&self, head: &Head, theirs: Standing, now: Duration) -> bool {
        let Some(context) = &self.context else { return false };
        if head.season != context.season
            || head.number == 0
            || head.number > MOST_NUMBER
            || self.ended.contains(&(head.season, head.start))
            || self.refused.contains(&head.fingerprint)
        {
            return false;
        }
        let Some(board) = &self.board else { return true };
        if head.fingerprint == board.fingerprint {
            return false;
        }
        // Who is one ahead gives the results that are missing to who is behind: neither needs to go over to the other.
        let near = head.parent == board.fingerprint || head.fingerprint == board.generation.parent;
        if near && now.saturating_sub(board.last_heard) <= self.rules.lease {
            return false;
        }
        let own = self.standing();
        let is_greater = (theirs, Reverse(head.fingerprint)) > (own, Reverse(board.fingerprint));
        is_greater && !self.stays(board, own, theirs, now)
    }

    /// How much there is to be said for the open generation.
    fn standing(&self) -> Standing {
        let sealed = self.sealed.as_ref();
        sealed.map_or_else(Standing::default, |sealed| {
            sealed.standing(|account| self.counts(account))
        })
    }

    /// Whether the open generation is finished first though another has a greater standing: several work on it, and what
    /// is ahead in the other is the work of fewer. When it is finished its standing is greater, or there were fewer.
    fn stays(&self, board: &Board, own: Standing, theirs: Standing, now: Duration) -> bool {
        let mut members: BTreeSet<&AccountId> = board.claimants(now, &self.rules).collect();
        let is_at_work = |assigned: &Assigned| {
            let is_own = matches!(assigned.kind, Kind::Claimed(_) | Kind::Doubted(_) | Kind::Seal(_));
            is_own && now.saturating_sub(assigned.since) <= self.rules.longest_lease
        };
        if self.assigned.as_ref().is_some_and(is_at_work) {
            members.insert(&self.identity.account);
        }
        if !members.is_empty() {
            members.extend(board.signers());
        }
        // Those who have made it may not have said yet that they go on with it.
        if let (Some(sealed), true) = (&self.sealed, now.saturating_sub(board.opened) <= self.rules.lease) {
            members.extend(sealed.findings.iter().map(|finding| &finding.account));
        }
        let members = members.into_iter().filter(|account| self.counts(account)).count();
        match (members, theirs == own) {
            (0 | 1, _) => false,
            (_, true) => self.switches.1 >= MOST_SWITCHES,
            (_, false) => !theirs.exceeds(&own, members),
        }
    }

    pub(super) fn head_of(&self, board: &Board) -> Head {
        let generation = &board.generation;
        Head {
            season: generation.season,
            start: generation.start,
            number: generation.number,
            fingerprint: board.fingerprint,
            parent: generation.parent,
            standing: self.standing(),
        }
    }
}

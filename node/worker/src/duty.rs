//! What an account has to measure in a round: its own vote, and the votes of others that it was drawn to audit.
//!
//! An audit is a vote measured again: with its author's seed instead of one's own, committed after the votes are, and
//! revealed with them (or, in a dispute, after them). The evaluator serves both the same way.

use crate::{chain::Operation, journal::VoteEntry};
use doin_primitives::{
    api::{AuditInfo, RoundInfo},
    commitment::Seed,
    quorum::RoundPhase,
    AccountId, Hash, SlotNumber,
};

/// A measurement that is due, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duty {
    /// Whose vote is replayed, by its seat; `None`: the account's own vote.
    pub(crate) audited_seat: Option<u32>,
    /// The seed of the data.
    pub(crate) seed: Seed,
    /// What the account has committed to on the chain.
    pub(crate) commitment: Option<Hash>,
    /// Whether it has revealed that.
    pub(crate) is_revealed: bool,
    /// The last slot of a commit, while commits are taken.
    pub(crate) commit_deadline: Option<SlotNumber>,
    /// The last slot of the reveal, while it is taken.
    pub(crate) reveal_deadline: Option<SlotNumber>,
}

impl Duty {
    /// The call that commits to what the journal holds.
    pub(crate) fn commit(&self, entry: &VoteEntry) -> Operation {
        let VoteEntry {
            optimum,
            round,
            commitment,
            ..
        } = *entry;
        match self.audited_seat {
            None => Operation::CommitVote {
                optimum,
                round,
                commitment,
            },
            Some(seat) => Operation::CommitReplay {
                optimum,
                round,
                seat,
                commitment,
            },
        }
    }

    /// The call that reveals it.
    pub(crate) fn reveal(&self, entry: &VoteEntry) -> Operation {
        let (optimum, vote, salt) = (entry.optimum, entry.vote, entry.salt.0);
        match self.audited_seat {
            None => Operation::RevealVote { optimum, vote, salt },
            Some(seat) => Operation::RevealReplay {
                optimum,
                seat,
                replay: vote,
                salt,
            },
        }
    }

    /// What it is, for logs.
    pub(crate) fn words(&self) -> &'static str {
        match self.audited_seat {
            None => "vote",
            Some(_) => "replay",
        }
    }
}

/// All that the account has to do with in the round.
pub(crate) fn duties(account: &AccountId, round: &RoundInfo) -> Vec<Duty> {
    let phase = round.phase;
    let seats = round.seats.iter().filter(|seat| seat.evaluator == *account);
    let votes = seats.map(|seat| Duty {
        audited_seat: None,
        seed: seat.seed,
        commitment: seat.commitment,
        is_revealed: seat.vote.is_some(),
        commit_deadline: (phase == RoundPhase::Commit).then_some(round.commit_deadline),
        reveal_deadline: (phase == RoundPhase::Reveal).then_some(round.reveal_deadline),
    });
    let audits = round.audits.iter().filter_map(|audit| replay(account, round, audit));
    votes.chain(audits).collect()
}

/// The account's part in an audit.
fn replay(account: &AccountId, round: &RoundInfo, audit: &AuditInfo) -> Option<Duty> {
    let seat = round.seats.get(audit.seat as usize)?;
    let auditor = audit.auditors.iter().find(|auditor| auditor.auditor == *account)?;
    Some(Duty {
        audited_seat: Some(audit.seat),
        seed: seat.seed,
        commitment: auditor.commitment,
        is_revealed: auditor.replay.is_some(),
        commit_deadline: matches!(round.phase, RoundPhase::AuditCommit | RoundPhase::DisputeCommit)
            .then_some(round.audit_deadline),
        reveal_deadline: match (round.phase, audit.auditors.len()) {
            (RoundPhase::Reveal, _) => Some(round.reveal_deadline),
            // A single auditor's time was that of the votes.
            (RoundPhase::DisputeReveal, 2..) => Some(round.audit_deadline),
            _ => None,
        },
    })
}

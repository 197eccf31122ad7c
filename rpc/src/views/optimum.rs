//! Optimae, their rounds of evaluation, and commits.

use super::{account, coin, hash, signed, text, unsigned, ArtifactView};
use doin_primitives::{
    api::{AuditInfo, AuditorInfo, ChallengeInfo, CommitInfo, ContestInfo, OptimumInfo, RoundInfo, SeatInfo, Stage},
    optimum::{Assignment, ChallengeOutcome, Outcome},
    quorum::{Decision, Missing, QuorumVerdict, RoundPhase, VoteValues},
};
use serde::Serialize;

/// A vote in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum VoteView {
    /// Both were measured on the same data.
    Measured {
        /// The candidate's metric.
        candidate: String,
        /// The incumbent's metric.
        incumbent: String,
        /// The statistic of the candidate's outputs.
        probe: String,
        /// The hash of the data.
        data_hash: String,
    },
    /// Parameters could not be had.
    Unavailable {
        /// `candidate` or `incumbent`.
        missing: &'static str,
    },
}

impl From<VoteValues> for VoteView {
    fn from(vote: VoteValues) -> Self {
        match vote {
            VoteValues::Measured(measurement) => VoteView::Measured {
                candidate: signed(measurement.candidate),
                incumbent: signed(measurement.incumbent),
                probe: signed(measurement.probe),
                data_hash: hash(measurement.data_hash),
            },
            VoteValues::Unavailable(Missing::Candidate) => VoteView::Unavailable { missing: "candidate" },
            VoteValues::Unavailable(Missing::Incumbent) => VoteView::Unavailable { missing: "incumbent" },
        }
    }
}

/// A drawn evaluator's seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatView {
    /// Who sits there.
    pub evaluator: String,
    /// The seed of its data.
    pub seed: String,
    /// Its vote commitment, once made.
    pub commitment: Option<String>,
    /// Its vote, once revealed.
    pub vote: Option<VoteView>,
}

impl From<SeatInfo> for SeatView {
    fn from(seat: SeatInfo) -> Self {
        Self {
            evaluator: account(&seat.evaluator),
            seed: hash(seat.seed),
            commitment: seat.commitment.map(hash),
            vote: seat.vote.map(VoteView::from),
        }
    }
}

/// An auditor of a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditorView {
    /// Who it is.
    pub auditor: String,
    /// The commitment to its replay, once made.
    pub commitment: Option<String>,
    /// Its replay, once revealed.
    pub replay: Option<VoteView>,
}

impl From<AuditorInfo> for AuditorView {
    fn from(auditor: AuditorInfo) -> Self {
        Self {
            auditor: account(&auditor.auditor),
            commitment: auditor.commitment.map(hash),
            replay: auditor.replay.map(VoteView::from),
        }
    }
}

/// The audit of a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditView {
    /// Whose vote: the place of its seat among the round's, from 0.
    pub seat: u32,
    /// Who replays it: one, and two more in a dispute.
    pub auditors: Vec<AuditorView>,
}

impl From<AuditInfo> for AuditView {
    fn from(audit: AuditInfo) -> Self {
        Self {
            seat: audit.seat,
            auditors: audit.auditors.into_iter().map(AuditorView::from).collect(),
        }
    }
}

/// A round of evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoundView {
    /// The optimum.
    pub optimum: u64,
    /// Its domain.
    pub domain: u32,
    /// 1 or 2; in a challenge 3 or 4.
    pub round: u8,
    /// `commit`, `auditCommit`, `reveal`, `disputeCommit` or `disputeReveal`.
    pub phase: &'static str,
    /// The parameters under evaluation.
    pub candidate: ArtifactView,
    /// The best, measured on the same data.
    pub incumbent: ArtifactView,
    /// The season whose data are used.
    pub season: u64,
    /// The last slot in which votes may be committed.
    pub commit_deadline: u64,
    /// The last slot in which they may be revealed.
    pub reveal_deadline: u64,
    /// The last slot in which replays may be committed, or revealed in a dispute; 0 before there are audits.
    pub audit_deadline: u64,
    /// The seats, in order of the draw.
    pub seats: Vec<SeatView>,
    /// The audits of their votes.
    pub audits: Vec<AuditView>,
}

impl From<RoundInfo> for RoundView {
    fn from(round: RoundInfo) -> Self {
        let Assignment {
            optimum,
            domain,
            candidate,
            incumbent,
            season,
            ..
        } = round.assignment;
        Self {
            optimum,
            domain,
            round: round.round,
            phase: match round.phase {
                RoundPhase::Commit => "commit",
                RoundPhase::AuditCommit => "auditCommit",
                RoundPhase::Reveal => "reveal",
                RoundPhase::DisputeCommit => "disputeCommit",
                RoundPhase::DisputeReveal => "disputeReveal",
            },
            candidate: candidate.into(),
            incumbent: incumbent.into(),
            season,
            commit_deadline: round.commit_deadline,
            reveal_deadline: round.reveal_deadline,
            audit_deadline: round.audit_deadline,
            seats: round.seats.into_iter().map(SeatView::from).collect(),
            audits: round.audits.into_iter().map(AuditView::from).collect(),
        }
    }
}

/// What a quorum decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DecisionView {
    /// A quorum agreed on the metric.
    Agreed {
        /// The candidate's median.
        candidate: String,
        /// The incumbent's median.
        incumbent: String,
        /// The median improvement, in units of φ.
        improvement: String,
        /// What it had to reach.
        required: String,
        /// `accepted`, `unproven` or `refuted`.
        verdict: &'static str,
    },
    /// Two thirds could not get the candidate's parameters.
    CandidateAbsent,
    /// Two thirds could not get the incumbent's parameters.
    IncumbentAbsent,
    /// No quorum.
    Undecided,
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Agreed {
                candidate,
                incumbent,
                improvement,
                required,
                verdict,
            } => DecisionView::Agreed {
                candidate: signed(candidate),
                incumbent: signed(incumbent),
                improvement: signed(improvement),
                required: signed(required),
                verdict: match verdict {
                    QuorumVerdict::Accepted => "accepted",
                    QuorumVerdict::Unproven => "unproven",
                    QuorumVerdict::Refuted => "refuted",
                },
            },
            Decision::CandidateAbsent => DecisionView::CandidateAbsent,
            Decision::IncumbentAbsent => DecisionView::IncumbentAbsent,
            Decision::Undecided => DecisionView::Undecided,
        }
    }
}

/// `doin_optimum`, and each entry of `doin_optimae`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptimumView {
    /// Its number.
    pub id: u64,
    /// Its domain.
    pub domain: u32,
    /// Whose it is.
    pub optimizer: String,
    /// Its parameters.
    pub artifact: ArtifactView,
    /// What the optimizer claimed.
    pub reported: String,
    /// What the optimizer published beside it: names and values.
    pub experiment: Vec<(String, String)>,
    /// The slot of its reveal.
    pub revealed_at: u64,
    /// Its bond.
    pub bond: String,
    /// `queued`, `voteCommit`, `auditCommit`, `voteReveal`, `dispute` or `ended`.
    pub stage: &'static str,
    /// How it ended: `accepted`, `unproven`, `refuted`, `refutedByAbsence`, `expired` or `superseded`.
    pub outcome: Option<&'static str>,
    /// The round in progress.
    pub round: Option<RoundView>,
    /// What the quorum found.
    pub decision: Option<DecisionView>,
    /// Until when and how it can be challenged; `null`: it cannot.
    pub contest: Option<ContestView>,
    /// How the last challenge of it ended: `upheld`, `overturned`, `overturnedByAbsence` or `undecided`.
    pub challenge_outcome: Option<&'static str>,
}

/// An accepted optimum that can be challenged, or is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContestView {
    /// Its number.
    pub optimum: u64,
    /// Its domain.
    pub domain: u32,
    /// Whose it is.
    pub optimizer: String,
    /// Its parameters.
    pub candidate: ArtifactView,
    /// Those of the best that it replaced.
    pub incumbent: ArtifactView,
    /// The season on whose data both were measured.
    pub season: u64,
    /// The metric that it was accepted with.
    pub value: String,
    /// The increment that it was accepted with.
    pub increment: String,
    /// Those whose votes the acceptance stands on.
    pub voters: Vec<String>,
    /// The optimization height at which it is rewarded.
    pub height: u64,
    /// The bond on hold for it.
    pub bond: String,
    /// The last slot in which it can be challenged.
    pub window_ends: u64,
    /// What a challenger puts at stake.
    pub deterrent: String,
    /// What a challenger puts into escrow for the evaluators.
    pub escrow: String,
    /// The challenge that is open.
    pub challenge: Option<ChallengeView>,
}

/// A challenge that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeView {
    /// Who challenges.
    pub challenger: String,
    /// The slot of the challenge.
    pub challenged_at: u64,
    /// What the challenger loses if the acceptance stands.
    pub deterrent: String,
    /// The escrow for the evaluators.
    pub escrow: String,
    /// `queued`, `voteCommit` or `voteReveal`.
    pub stage: &'static str,
}

impl From<ContestInfo> for ContestView {
    fn from(contest: ContestInfo) -> Self {
        Self {
            optimum: contest.optimum,
            domain: contest.domain,
            optimizer: account(&contest.optimizer),
            candidate: contest.candidate.into(),
            incumbent: contest.incumbent.into(),
            season: contest.season,
            value: signed(contest.value),
            increment: unsigned(contest.increment),
            voters: contest.voters.iter().map(account).collect(),
            height: contest.height,
            bond: coin(contest.bond),
            window_ends: contest.window_ends,
            deterrent: coin(contest.deterrent),
            escrow: coin(contest.escrow),
            challenge: contest.challenge.map(ChallengeView::from),
        }
    }
}

impl From<ChallengeInfo> for ChallengeView {
    fn from(challenge: ChallengeInfo) -> Self {
        Self {
            challenger: account(&challenge.challenger),
            challenged_at: challenge.challenged_at,
            deterrent: coin(challenge.deterrent),
            escrow: coin(challenge.escrow),
            stage: stage(challenge.stage),
        }
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Queued => "queued",
        Stage::VoteCommit => "voteCommit",
        Stage::AuditCommit => "auditCommit",
        Stage::VoteReveal => "voteReveal",
        Stage::Dispute => "dispute",
        Stage::Ended(_) => "ended",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Unproven => "unproven",
        Outcome::Refuted => "refuted",
        Outcome::RefutedByAbsence => "refutedByAbsence",
        Outcome::Expired => "expired",
        Outcome::Superseded => "superseded",
    }
}

impl From<OptimumInfo> for OptimumView {
    fn from(optimum: OptimumInfo) -> Self {
        Self {
            id: optimum.id,
            domain: optimum.domain,
            optimizer: account(&optimum.optimizer),
            artifact: optimum.artifact.into(),
            reported: signed(optimum.reported),
            experiment: optimum
                .experiment
                .iter()
                .map(|(name, value)| (text(name), signed(*value)))
                .collect(),
            revealed_at: optimum.revealed_at,
            bond: coin(optimum.bond),
            stage: stage(optimum.stage),
            outcome: match optimum.stage {
                Stage::Ended(ended) => Some(outcome(ended)),
                _ => None,
            },
            round: optimum.round.map(RoundView::from),
            decision: optimum.decision.map(DecisionView::from),
            contest: optimum.contest.map(ContestView::from),
            challenge_outcome: optimum.challenge.map(|ended| match ended {
                ChallengeOutcome::Upheld => "upheld",
                ChallengeOutcome::Overturned => "overturned",
                ChallengeOutcome::OverturnedByAbsence => "overturnedByAbsence",
                ChallengeOutcome::Undecided => "undecided",
            }),
        }
    }
}

/// A commit that is not revealed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitView {
    /// The domain.
    pub domain: u32,
    /// The commitment.
    pub commitment: String,
    /// The slot of its block.
    pub committed_at: u64,
    /// The last slot in which it may be revealed.
    pub reveal_deadline: u64,
    /// What is on hold for it.
    pub bond: String,
}

impl From<CommitInfo> for CommitView {
    fn from(commit: CommitInfo) -> Self {
        Self {
            domain: commit.domain,
            commitment: hash(commit.commitment),
            committed_at: commit.committed_at,
            reveal_deadline: commit.reveal_deadline,
            bond: coin(commit.bond),
        }
    }
}

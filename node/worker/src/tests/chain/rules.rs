//! The rules of the chain in memory: what a block does by itself, and what each operation does.

use super::Inner;
use crate::chain::Operation;
use doin_primitives::{
    api::{AuditInfo, AuditorInfo, CommitInfo, OptimumInfo, RoundInfo, SeatInfo, Stage},
    audit::{conclude, Finding},
    commitment::{data_seed, optimum_commitment, replay_commitment, vote_commitment},
    optimum::{Assignment, OptimumId, Outcome},
    quorum::{decide, first_round_size, Decision, QuorumVerdict, RoundPhase, VoteValues},
    AccountId, DOIN,
};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

impl Inner {
    /// What a block does before its transactions.
    pub(super) fn hooks(&mut self) {
        let (slot, fork) = (self.slot, self.fork);
        let deadlines = self.state.info.specification.deadlines;
        let before = self.state.commits.len();
        self.state.commits.retain(|(_, commit)| slot <= commit.reveal_deadline);
        self.state.expired_commits += (before - self.state.commits.len()) as u32;
        let Some(head) = self.state.info.queue.first().copied() else {
            return;
        };
        let info = self.state.info.clone();
        let optimum = self
            .state
            .optimae
            .iter_mut()
            .find(|optimum| optimum.id == head)
            .unwrap();
        let season = info.specification.season(slot);
        match optimum.stage {
            Stage::Queued if self.state.seasons.get(&head).is_some_and(|claimed| *claimed != season) => {
                optimum.stage = Stage::Ended(Outcome::Superseded);
                self.state.info.queue.remove(0);
            }
            Stage::Queued if slot > optimum.revealed_at => {
                let others: Vec<_> = info
                    .evaluators
                    .iter()
                    .filter(|who| **who != optimum.optimizer)
                    .collect();
                let size = first_round_size(info.specification.quorum, others.len() as u32, others.len() as u32);
                let randomness = BlakeTwo256::hash_of(&(slot, fork)).0;
                let seats = others
                    .into_iter()
                    .take(size as usize)
                    .enumerate()
                    .map(|(seat, evaluator)| SeatInfo {
                        evaluator: evaluator.clone(),
                        seed: data_seed(&randomness, head, 1, seat as u32),
                        commitment: None,
                        vote: None,
                    })
                    .collect();
                let commit_deadline = slot + u64::from(deadlines.vote_commit);
                optimum.stage = Stage::VoteCommit;
                optimum.round = Some(RoundInfo {
                    round: 1,
                    phase: RoundPhase::Commit,
                    seats,
                    commit_deadline,
                    reveal_deadline: commit_deadline + u64::from(deadlines.vote_reveal),
                    audits: Vec::new(),
                    audit_deadline: 0,
                    assignment: Assignment {
                        optimum: head,
                        domain: 0,
                        optimizer: optimum.optimizer.clone(),
                        candidate: optimum.artifact,
                        incumbent: info.best_artifact,
                        reported: optimum.reported,
                        season,
                        challenge: None,
                    },
                });
            }
            Stage::VoteCommit => {
                let round = optimum.round.as_mut().unwrap();
                if slot > round.commit_deadline || round.seats.iter().all(|seat| seat.commitment.is_some()) {
                    // Every vote that was committed is audited, by who sits next to it: nobody is spare here.
                    round.audits = (0..round.seats.len())
                        .filter(|seat| round.seats[*seat].commitment.is_some())
                        .map(|seat| AuditInfo {
                            seat: seat as u32,
                            auditors: vec![unheard(&round.seats[(seat + 1) % round.seats.len()].evaluator)],
                        })
                        .collect();
                    round.phase = RoundPhase::AuditCommit;
                    round.audit_deadline = slot + u64::from(deadlines.vote_commit);
                    round.reveal_deadline = round.audit_deadline + u64::from(deadlines.vote_reveal);
                    optimum.stage = Stage::AuditCommit;
                }
            }
            Stage::AuditCommit => {
                let round = optimum.round.as_mut().unwrap();
                if slot > round.audit_deadline || !awaits(round, |auditor| auditor.commitment.is_none()) {
                    keep_committed(round);
                    round.phase = RoundPhase::Reveal;
                    round.reveal_deadline = slot + u64::from(deadlines.vote_reveal);
                    optimum.stage = Stage::VoteReveal;
                }
            }
            Stage::Dispute if optimum.round.as_ref().unwrap().phase == RoundPhase::DisputeCommit => {
                let round = optimum.round.as_mut().unwrap();
                if slot > round.audit_deadline || !awaits(round, |auditor| auditor.commitment.is_none()) {
                    keep_committed(round);
                    round.phase = RoundPhase::DisputeReveal;
                    round.audit_deadline = slot + u64::from(deadlines.vote_reveal);
                }
            }
            Stage::VoteReveal | Stage::Dispute => {
                let round = optimum.round.as_mut().unwrap();
                let is_silent = |auditor: &AuditorInfo| auditor.replay.is_none();
                let is_over = match round.phase {
                    RoundPhase::Reveal => {
                        let votes = round.seats.iter();
                        let all = |seat: &SeatInfo| seat.commitment.is_none() || seat.vote.is_some();
                        slot > round.reveal_deadline || (votes.clone().all(all) && !awaits(round, is_silent))
                    }
                    _ => slot > round.audit_deadline || !awaits(round, is_silent),
                };
                let mut findings = Vec::new();
                for audit in &round.audits {
                    let replays: Vec<_> = audit.auditors.iter().map(|auditor| auditor.replay).collect();
                    let seat = audit.seat as usize;
                    findings.push((seat, conclude(&info.specification, round.seats[seat].vote, &replays).0));
                }
                let disputed = |seat: u32| findings.contains(&(seat as usize, Finding::Disputed));
                if is_over && round.phase == RoundPhase::Reveal && round.audits.iter().any(|audit| disputed(audit.seat))
                {
                    for audit in round.audits.iter_mut().filter(|audit| disputed(audit.seat)) {
                        let known = [
                            optimum.optimizer.clone(),
                            round.seats[audit.seat as usize].evaluator.clone(),
                            audit.auditors[0].auditor.clone(),
                        ];
                        let others = info.evaluators.iter().filter(|who| !known.contains(who)).take(2);
                        audit.auditors.extend(others.map(unheard));
                    }
                    round.phase = RoundPhase::DisputeCommit;
                    round.audit_deadline = slot + u64::from(deadlines.vote_commit);
                    optimum.stage = Stage::Dispute;
                    return;
                }
                let round = &*round;
                if is_over {
                    let votes: Vec<_> = round.seats.iter().map(|seat| seat.vote).collect();
                    let decision = decide(&info.specification, optimum.reported, &votes).0;
                    let outcome = match decision {
                        Decision::Agreed {
                            verdict: QuorumVerdict::Accepted,
                            ..
                        } => Outcome::Accepted,
                        Decision::Agreed {
                            verdict: QuorumVerdict::Unproven,
                            ..
                        } => Outcome::Unproven,
                        Decision::Agreed {
                            verdict: QuorumVerdict::Refuted,
                            ..
                        } => Outcome::Refuted,
                        Decision::CandidateAbsent => Outcome::RefutedByAbsence,
                        Decision::IncumbentAbsent | Decision::Undecided => Outcome::Expired,
                    };
                    self.findings.extend(findings.iter().map(|(_, finding)| *finding));
                    self.replays.extend(replays_of(round));
                    optimum.stage = Stage::Ended(outcome);
                    optimum.round = None;
                    optimum.decision = Some(decision);
                    self.story.push(format!("{slot}: {decision:?}"));
                    self.state.info.queue.remove(0);
                    if let (Outcome::Accepted, Decision::Agreed { candidate, .. }) = (outcome, decision) {
                        self.state.info.best_optimum = Some(head);
                        self.state.info.best_artifact = optimum.artifact;
                        self.state.info.best_metric = Some(candidate);
                        let height = head + 1;
                        self.state
                            .claimable
                            .entry(optimum.optimizer.clone())
                            .or_default()
                            .insert(height);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn dispatch(&mut self, signer: &AccountId, operation: &Operation) -> Result<(), String> {
        let (slot, genesis) = (self.slot, self.blocks[0].0.hash);
        let deadlines = self.state.info.specification.deadlines;
        let state = &mut self.state;
        match operation.clone() {
            Operation::Commit { domain, commitment } => {
                if let Some(reason) = &self.knobs.fail_commits {
                    return Err(reason.clone());
                }
                let is_same =
                    |(who, commit): &(AccountId, CommitInfo)| who == signer && commit.commitment == commitment;
                if state.commits.iter().any(is_same) {
                    return Err("AlreadyCommitted".into());
                }
                let reveal_deadline = slot + u64::from(deadlines.reveal);
                let commit = CommitInfo {
                    domain,
                    commitment,
                    committed_at: slot,
                    reveal_deadline,
                    bond: DOIN,
                };
                state.commits.push((signer.clone(), commit));
            }
            Operation::Reveal {
                commitment,
                artifact,
                reported,
                experiment,
                nonce,
            } => {
                if optimum_commitment(genesis, 0, signer, artifact, reported, &nonce) != commitment {
                    return Err("Mismatch".into());
                }
                let place = state
                    .commits
                    .iter()
                    .position(|(who, commit)| who == signer && commit.commitment == commitment)
                    .ok_or("NoCommit")?;
                if state.commits[place].1.committed_at >= slot {
                    return Err("TooEarly".into());
                }
                if state
                    .info
                    .queue
                    .iter()
                    .any(|id| state.optimae[*id as usize].optimizer == *signer)
                {
                    return Err("OneAtATime".into());
                }
                let (_, commit) = state.commits.remove(place);
                let id = state.optimae.len() as OptimumId;
                state.optimae.push(OptimumInfo {
                    id,
                    domain: 0,
                    optimizer: signer.clone(),
                    artifact,
                    reported,
                    experiment,
                    revealed_at: slot,
                    bond: DOIN,
                    stage: Stage::Queued,
                    round: None,
                    decision: None,
                    contest: None,
                    challenge: None,
                });
                let season = state.info.specification.season(commit.committed_at);
                state.seasons.insert(id, season);
                state.info.queue.push(id);
            }
            Operation::CommitVote {
                optimum,
                round,
                commitment,
            } => {
                let optimum = state.optimae.get_mut(optimum as usize).ok_or("NoOptimum")?;
                if optimum.stage != Stage::VoteCommit {
                    return Err("NotInCommitPhase".into());
                }
                let info = optimum
                    .round
                    .as_mut()
                    .filter(|info| info.round == round)
                    .ok_or("NoRound")?;
                let seat = info
                    .seats
                    .iter_mut()
                    .find(|seat| seat.evaluator == *signer)
                    .ok_or("NotDrawn")?;
                if seat.commitment.is_some() {
                    return Err("AlreadyVoted".into());
                }
                seat.commitment = Some(commitment);
            }
            Operation::RevealVote {
                optimum: id,
                vote,
                salt,
            } => {
                let optimum = state.optimae.get_mut(id as usize).ok_or("NoOptimum")?;
                if optimum.stage != Stage::VoteReveal {
                    return Err("NotInRevealPhase".into());
                }
                let info = optimum.round.as_mut().ok_or("NoRound")?;
                let round = info.round;
                let seat = info
                    .seats
                    .iter_mut()
                    .find(|seat| seat.evaluator == *signer)
                    .ok_or("NotDrawn")?;
                if seat.vote.is_some() {
                    return Err("AlreadyRevealed".into());
                }
                if seat.commitment != Some(vote_commitment(genesis, id, round, signer, &vote, &salt)) {
                    return Err("Mismatch".into());
                }
                seat.vote = Some(vote);
            }
            Operation::CommitReplay {
                optimum,
                round,
                seat,
                commitment,
            } => {
                let optimum = state.optimae.get_mut(optimum as usize).ok_or("NoOptimum")?;
                let info = optimum
                    .round
                    .as_mut()
                    .filter(|info| info.round == round)
                    .ok_or("NoRound")?;
                if !matches!(info.phase, RoundPhase::AuditCommit | RoundPhase::DisputeCommit) {
                    return Err("NotInReplayCommitPhase".into());
                }
                let auditor = auditor(info, seat, signer).ok_or("NotAuditor")?;
                if auditor.commitment.is_some() {
                    return Err("AlreadyReplayed".into());
                }
                auditor.commitment = Some(commitment);
            }
            Operation::RevealReplay {
                optimum: id,
                seat,
                replay,
                salt,
            } => {
                let optimum = state.optimae.get_mut(id as usize).ok_or("NoOptimum")?;
                let info = optimum.round.as_mut().ok_or("NoRound")?;
                if !matches!(info.phase, RoundPhase::Reveal | RoundPhase::DisputeReveal) {
                    return Err("NotInReplayRevealPhase".into());
                }
                let round = info.round;
                let auditor = auditor(info, seat, signer).ok_or("NotAuditor")?;
                if auditor.replay.is_some() {
                    return Err("AlreadyRevealed".into());
                }
                if auditor.commitment != Some(replay_commitment(genesis, id, round, seat, signer, &replay, &salt)) {
                    return Err("Mismatch".into());
                }
                auditor.replay = Some(replay);
            }
            Operation::RegisterEvaluator { .. } => {
                if state.info.evaluators.contains(signer) {
                    return Err("AlreadyRegistered".into());
                }
                state.info.evaluators.push(signer.clone());
            }
            Operation::Claim { height, who } => {
                let heights = state.claimable.entry(who).or_default();
                if !heights.remove(&height) {
                    return Err("NothingToClaim".into());
                }
            }
        }
        Ok(())
    }
}

fn unheard(who: &AccountId) -> AuditorInfo {
    AuditorInfo {
        auditor: who.clone(),
        commitment: None,
        replay: None,
    }
}

fn awaits(round: &RoundInfo, wanted: impl Fn(&AuditorInfo) -> bool) -> bool {
    round.audits.iter().flat_map(|audit| &audit.auditors).any(wanted)
}

/// Who has not committed to a replay in time is out.
fn keep_committed(round: &mut RoundInfo) {
    for audit in &mut round.audits {
        audit.auditors.retain(|auditor| auditor.commitment.is_some());
    }
}

fn auditor<'a>(round: &'a mut RoundInfo, seat: u32, who: &AccountId) -> Option<&'a mut AuditorInfo> {
    let audit = round.audits.iter_mut().find(|audit| audit.seat == seat)?;
    audit.auditors.iter_mut().find(|auditor| auditor.auditor == *who)
}

fn replays_of(round: &RoundInfo) -> Vec<VoteValues> {
    let auditors = round.audits.iter().flat_map(|audit| &audit.auditors);
    auditors.filter_map(|auditor| auditor.replay).collect()
}

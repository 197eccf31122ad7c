//! The rules of the chain in memory: what a block does by itself, and what each operation does.

use super::Inner;
use crate::chain::Operation;
use doin_primitives::{
    api::{CommitInfo, OptimumInfo, RoundInfo, SeatInfo, Stage},
    commitment::{data_seed, optimum_commitment, vote_commitment},
    optimum::{Assignment, OptimumId, Outcome},
    quorum::{decide, first_round_size, Decision, QuorumVerdict, RoundPhase},
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
                    round.phase = RoundPhase::Reveal;
                    optimum.stage = Stage::VoteReveal;
                }
            }
            Stage::VoteReveal => {
                let round = optimum.round.as_ref().unwrap();
                let is_over = slot > round.reveal_deadline
                    || round
                        .seats
                        .iter()
                        .all(|seat| seat.commitment.is_none() || seat.vote.is_some());
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

//! The evaluator: judges the optimae of others, from the draw to the revealed vote, and audits the votes of others.
//!
//! For each seat of this node's accounts, and each vote that they were drawn to replay: measure, write the result with its
//! salt into the journal, commit to it, and open it once it is time. What has been done already the chain says; so the same steps serve a
//! fresh seat, a node that was killed, and a change of forks.

use crate::{
    artifacts::Artifacts,
    chain::Operation,
    duty::{duties, Duty},
    journal::{Journal, JournalError, VoteEntry},
    measure::{MeasureOutcome, MeasureTask},
    outbox::Progress,
    search::random_seed,
    view::{Tools, View},
    LOG_TARGET,
};
use doin_domains::{fixed_to_metric, Domain};
use doin_primitives::{
    api::RoundInfo,
    commitment::Seed,
    optimum::OptimumId,
    quorum::{Missing, VoteValues},
    AccountId, Hash, SlotNumber,
};
use sp_core::crypto::Ss58Codec;
use std::{collections::HashMap, sync::Arc};

/// The longest pause after failures to measure, in slots.
const LONGEST_PAUSE: SlotNumber = 8;

/// A seat, or an audit of one: account, optimum, round, seed.
type SeatKey = (AccountId, OptimumId, u8, Seed);

/// What has been tried for a duty that has no result yet.
#[derive(Default)]
struct Attempts {
    failures: u32,
    not_before: SlotNumber,
    missing: Option<Missing>,
    deadline: SlotNumber,
}

/// The evaluators of this node in one domain.
pub(crate) struct Evaluator {
    domain_index: usize,
    accounts: Vec<AccountId>,
    register: bool,
    attempts: HashMap<SeatKey, Attempts>,
}

impl Evaluator {
    pub(crate) fn new(domain_index: usize, accounts: Vec<AccountId>, register: bool) -> Self {
        Self {
            domain_index,
            accounts,
            register,
            attempts: HashMap::new(),
        }
    }

    pub(crate) fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// Takes in what a thread has measured.
    pub(crate) fn finished(
        &mut self,
        task: &MeasureTask,
        outcome: MeasureOutcome,
        seconds: f64,
        name: &str,
        now: SlotNumber,
        tools: &mut Tools<'_>,
    ) -> Result<(), JournalError> {
        let optimum = task.round.assignment.optimum;
        let attempts = self
            .attempts
            .entry(key(&task.account, &task.round, task.seed))
            .or_default();
        attempts.deadline = task.deadline;
        match outcome {
            MeasureOutcome::Vote(vote) => {
                let account = task.account.to_ss58check();
                match vote {
                    VoteValues::Measured(found) => {
                        let (kind, verb) = match task.audited_seat {
                            None => ("measured", "measures"),
                            Some(_) => ("replayed", "replays a vote:"),
                        };
                        tools.metrics.vote(name, kind, seconds);
                        log::info!(
                            target: LOG_TARGET,
                            "Optimum {optimum} of {name}: {account} {verb} {:.6}, the best {:.6}",
                            fixed_to_metric(found.candidate),
                            fixed_to_metric(found.incumbent)
                        );
                    }
                    VoteValues::Unavailable(missing) => {
                        tools.metrics.vote(name, "unavailable", seconds);
                        log::warn!(
                            target: LOG_TARGET,
                            "Optimum {optimum} of {name}: {account} finds that the parameters of the {} are no model",
                            words(missing)
                        );
                    }
                }
                write_vote(tools, &task.account, &task.round, task.seed, task.audited_seat, vote)
            }
            MeasureOutcome::Missing(missing) => {
                attempts.missing = Some(missing);
                attempts.not_before = now.saturating_add(1);
                Ok(())
            }
            MeasureOutcome::Failed(error) => {
                attempts.missing = None;
                attempts.failures = attempts.failures.saturating_add(1);
                attempts.not_before = now.saturating_add(pause(attempts.failures));
                tools.metrics.failure(name, "evaluator");
                log::warn!(
                    target: LOG_TARGET,
                    "Optimum {optimum} of {name} could not be measured (attempt {}): {error}",
                    attempts.failures
                );
                Ok(())
            }
        }
    }

    /// Looks at the chain, sends what is due, and adds to `measures` what has to be measured.
    pub(crate) async fn step(
        &mut self,
        view: &View<'_>,
        domain: &Arc<dyn Domain>,
        artifacts: &Arc<dyn Artifacts>,
        tools: &mut Tools<'_>,
        measures: &mut Vec<MeasureTask>,
    ) -> Result<(), crate::WorkerError> {
        self.attempts.retain(|_, attempts| attempts.deadline >= view.best.slot);
        for account in self.accounts.clone() {
            self.check_registration(&account, view, tools).await;
            for round in view.chain.duties(view.best.hash, &account)? {
                if round.assignment.domain != view.info.id {
                    continue;
                }
                for duty in duties(&account, &round) {
                    if let Some(task) = self
                        .serve(&account, &round, &duty, view, domain, artifacts, tools)
                        .await?
                    {
                        measures.push(task);
                    }
                }
            }
        }
        Ok(())
    }

    /// Does what is due for one vote or replay; returns what has to be measured for it.
    #[allow(clippy::too_many_arguments)]
    async fn serve(
        &mut self,
        account: &AccountId,
        round: &RoundInfo,
        duty: &Duty,
        view: &View<'_>,
        domain: &Arc<dyn Domain>,
        artifacts: &Arc<dyn Artifacts>,
        tools: &mut Tools<'_>,
    ) -> Result<Option<MeasureTask>, crate::WorkerError> {
        let optimum = round.assignment.optimum;
        if duty.is_revealed {
            return Ok(None);
        }
        if let Some(commitment) = duty.commitment {
            self.reveal(account, commitment, optimum, duty, view, tools).await;
            return Ok(None);
        }
        let Some(deadline) = duty.commit_deadline.filter(|deadline| view.next_slot() <= *deadline) else {
            return Ok(None);
        };
        let seed = duty.seed;
        if let Some(entry) = tools.journal.vote_of(account, optimum, round.round, Hash::from(seed)) {
            let operation = duty.commit(entry);
            send(account, optimum, &operation, view, tools).await;
            return Ok(None);
        }
        if let Some(attempts) = self.attempts.get(&key(account, round, seed)) {
            // Peers may need a while to have new parameters: half of the time goes into trying.
            let half = u64::from(view.info.specification.deadlines.vote_commit) / 2;
            let patience_ends = deadline.saturating_sub(half);
            if let Some(missing) = attempts.missing.filter(|_| view.now >= patience_ends) {
                log::warn!(
                    target: LOG_TARGET,
                    "Optimum {optimum} of {}: the {} of {} is that the parameters of the {} are unavailable",
                    view.name,
                    duty.words(),
                    account.to_ss58check(),
                    words(missing)
                );
                tools.metrics.vote(view.name, "unavailable", 0.0);
                let vote = VoteValues::Unavailable(missing);
                write_vote(tools, account, round, seed, duty.audited_seat, vote)?;
                return Ok(None);
            }
            if view.now < attempts.not_before {
                return Ok(None);
            }
        }
        Ok(Some(MeasureTask {
            domain_index: self.domain_index,
            domain: domain.clone(),
            artifacts: artifacts.clone(),
            direction: view.info.specification.direction,
            account: account.clone(),
            round: round.clone(),
            seed,
            audited_seat: duty.audited_seat,
            deadline,
        }))
    }

    /// Opens a commitment that is on chain, once it is time.
    async fn reveal(
        &self,
        account: &AccountId,
        commitment: Hash,
        optimum: OptimumId,
        duty: &Duty,
        view: &View<'_>,
        tools: &mut Tools<'_>,
    ) {
        let Some(entry) = tools.journal.vote(commitment) else {
            tools.notices.error(
                ("vote", commitment),
                format!(
                    "Optimum {optimum}: the {} that {} has committed to is not in this node's journal, so that it \
                     cannot be revealed. Does another node vote with the same key, or was the journal deleted?",
                    duty.words(),
                    account.to_ss58check()
                ),
            );
            return;
        };
        if duty
            .reveal_deadline
            .is_some_and(|deadline| view.next_slot() <= deadline)
        {
            let operation = duty.reveal(entry);
            send(account, optimum, &operation, view, tools).await;
        }
    }

    async fn check_registration(&self, account: &AccountId, view: &View<'_>, tools: &mut Tools<'_>) {
        if view.info.evaluators.contains(account) {
            return;
        }
        if self.register {
            let operation = Operation::RegisterEvaluator { domain: view.info.id };
            if tools
                .outbox
                .ensure(view.chain, tools.metrics, account, &operation)
                .await
                == Progress::Sent
            {
                log::info!(
                    target: LOG_TARGET,
                    "Registering {} as an evaluator of {}",
                    account.to_ss58check(),
                    view.name
                );
            }
        } else {
            tools.notices.warn(
                ("registration", account.clone(), view.info.id),
                format!(
                    "{} is to evaluate {} but is not registered as an evaluator there: register it, or set \
                     \"register\": true under worker.domains.{}.evaluate",
                    account.to_ss58check(),
                    view.name,
                    view.name
                ),
            );
        }
    }
}

fn key(account: &AccountId, round: &RoundInfo, seed: Seed) -> SeatKey {
    (account.clone(), round.assignment.optimum, round.round, seed)
}

/// Sends what commits to a vote or replay, or reveals it, unless it is on its way.
async fn send(account: &AccountId, optimum: OptimumId, operation: &Operation, view: &View<'_>, tools: &mut Tools<'_>) {
    let sent = tools.outbox.ensure(view.chain, tools.metrics, account, operation);
    if sent.await == Progress::Sent {
        log::debug!(
            target: LOG_TARGET,
            "Optimum {optimum}: {} sends its {}",
            account.to_ss58check(),
            operation.name()
        );
    }
}

/// Puts a vote or replay with a fresh salt into the journal: only then may it be committed to.
fn write_vote(
    tools: &mut Tools<'_>,
    account: &AccountId,
    round: &RoundInfo,
    seed: Seed,
    audited_seat: Option<u32>,
    vote: VoteValues,
) -> Result<(), JournalError> {
    let optimum = round.assignment.optimum;
    let journal: &mut Journal = tools.journal;
    if journal
        .vote_of(account, optimum, round.round, Hash::from(seed))
        .is_some()
    {
        return Ok(());
    }
    let mut entry = VoteEntry {
        commitment: Hash::default(),
        account: account.clone(),
        optimum,
        round: round.round,
        audited_seat,
        seed: Hash::from(seed),
        vote,
        salt: Hash::from(random_seed()),
        reveal_deadline: round.reveal_deadline.max(round.audit_deadline),
    };
    entry.commitment = entry.commitment_on(tools.genesis);
    journal.put_vote(entry)
}

fn pause(failures: u32) -> SlotNumber {
    1u64.checked_shl(failures.saturating_sub(1))
        .unwrap_or(LONGEST_PAUSE)
        .min(LONGEST_PAUSE)
}

fn words(missing: Missing) -> &'static str {
    match missing {
        Missing::Candidate => "candidate",
        Missing::Incumbent => "best",
    }
}

//! A chain in memory that plays by DOIN's rules: commit, reveal, draw, votes, audits, decision; with a pool that can be made to
//! misbehave, and forks.

mod rules;

use crate::chain::{BlockReference, Chain, ChainError, Operation, Transaction, TransactionState};
use async_trait::async_trait;
use doin_primitives::{
    api::{CommitInfo, ContestInfo, DomainInfo, NetworkStatus, OptimumInfo, RoundInfo, Stage, Supply},
    artifact::ArtifactReference,
    audit::Finding,
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
    optimum::{OptimumId, Outcome},
    quorum::{Missing, VoteValues},
    AccountId, Balance, Hash, OptimizationHeight, SlotNumber, DOIN,
};
use futures::stream::{BoxStream, StreamExt};
use parking_lot::Mutex;
use sp_runtime::{
    traits::{BlakeTwo256, Hash as _},
    FixedU128, Perquintill,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

pub(crate) const MODEL: &[u8] = br#"{"dimensions":10,"noise":0.1,"target_seed":1}"#;

pub(crate) fn specification() -> DomainSpecification {
    DomainSpecification {
        name: b"quadratic".to_vec().try_into().unwrap(),
        kind: b"quadratic".to_vec().try_into().unwrap(),
        model: MODEL.to_vec().try_into().unwrap(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(10),
        paired_noise: FixedU128::from_rational(1, 100),
        minimum_step: FixedU128::from_rational(1, 100),
        // Wide, so that votes differ only where a test makes them: what is tested here is the worker.
        relative_tolerance: Perquintill::from_percent(30),
        absolute_tolerance: FixedU128::from_u32(5),
        price: DOIN / 100,
        minimum_bond: DOIN,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1024,
        deadlines: Deadlines {
            reveal: 30,
            vote_commit: 20,
            vote_reveal: 20,
        },
        season_length: 0,
        incentive: IncentiveCurve::default(),
    }
}

/// The state after a block.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) info: DomainInfo,
    pub(crate) commits: Vec<(AccountId, CommitInfo)>,
    pub(crate) optimae: Vec<OptimumInfo>,
    pub(crate) claimable: BTreeMap<AccountId, BTreeSet<OptimizationHeight>>,
    pub(crate) balances: BTreeMap<AccountId, Balance>,
    /// The season that an optimum was committed in.
    pub(crate) seasons: BTreeMap<OptimumId, u64>,
    /// What challenges would be judged on.
    pub(crate) contested: Vec<ArtifactReference>,
    /// The last slot in which accepted optimae can be challenged; `None` when none can be, and no challenge is open.
    pub(crate) window_ends: Option<SlotNumber>,
    /// Commits that were never revealed.
    pub(crate) expired_commits: u32,
}

struct Pooled {
    id: u64,
    signer: AccountId,
    operation: Operation,
}

/// What the test has the chain do.
#[derive(Default)]
pub(crate) struct Knobs {
    /// The pool refuses so many submissions.
    pub(crate) refuse: u32,
    /// The pool takes so many submissions and drops them.
    pub(crate) drop: u32,
    /// Blocks take no transactions.
    pub(crate) full: bool,
    /// Commits fail in the block with this reason.
    pub(crate) fail_commits: Option<String>,
    /// Nothing can be read.
    pub(crate) unreadable: bool,
    pub(crate) syncing: bool,
    /// Finality does not move.
    pub(crate) no_finality: bool,
}

struct Inner {
    state: State,
    slot: SlotNumber,
    fork: u64,
    blocks: Vec<(BlockReference, State)>,
    finalized: usize,
    pool: Vec<Pooled>,
    states: BTreeMap<u64, TransactionState>,
    sent: Vec<(AccountId, Operation)>,
    /// Transactions that failed in a block.
    failures: Vec<String>,
    story: Vec<String>,
    /// What the audits of ended optimae found, and the replays that were revealed.
    findings: Vec<Finding>,
    replays: Vec<VoteValues>,
    knobs: Knobs,
}

pub(crate) struct MockChain(Arc<Mutex<Inner>>);

struct MockTransaction(Arc<Mutex<Inner>>, u64);

impl Transaction for MockTransaction {
    fn state(&mut self) -> TransactionState {
        self.0.lock().states.get(&self.1).cloned().unwrap()
    }
}

impl MockChain {
    pub(crate) fn new() -> Self {
        let specification = specification();
        let options = doin_domains::Options::default();
        let baseline = doin_domains::instantiate("quadratic", MODEL, &options)
            .unwrap()
            .baseline();
        let evaluators = ["//Bob", "//Charlie", "//Dave"].map(super::account).to_vec();
        let mut balances: BTreeMap<_, _> = evaluators.iter().map(|who| (who.clone(), 100 * DOIN)).collect();
        balances.insert(super::account("//Alice"), 100 * DOIN);
        let info = DomainInfo {
            id: 0,
            owner: super::account("//Alice"),
            specification,
            weight: FixedU128::from_u32(1),
            season: 0,
            best_optimum: None,
            best_artifact: ArtifactReference::of(&baseline),
            best_metric: None,
            evaluators,
            queue: Vec::new(),
        };
        let state = State {
            info,
            commits: Vec::new(),
            optimae: Vec::new(),
            claimable: BTreeMap::new(),
            balances,
            seasons: BTreeMap::new(),
            contested: Vec::new(),
            window_ends: None,
            expired_commits: 0,
        };
        let genesis = BlockReference {
            hash: Hash::repeat_byte(7),
            number: 0,
            slot: 0,
        };
        Self(Arc::new(Mutex::new(Inner {
            blocks: vec![(genesis, state.clone())],
            state,
            slot: 1_000,
            fork: 0,
            finalized: 0,
            pool: Vec::new(),
            states: BTreeMap::new(),
            sent: Vec::new(),
            failures: Vec::new(),
            story: Vec::new(),
            findings: Vec::new(),
            replays: Vec::new(),
            knobs: Knobs::default(),
        })))
    }

    pub(crate) fn turn(&self, knobs: impl FnOnce(&mut Knobs)) {
        knobs(&mut self.0.lock().knobs);
    }

    /// Changes the state of the best block, by what no transaction of the worker does.
    pub(crate) fn change(&self, change: impl Fn(&mut State)) {
        let mut inner = self.0.lock();
        change(&mut inner.state);
        change(&mut inner.blocks.last_mut().unwrap().1);
    }

    pub(crate) fn state(&self) -> State {
        self.0.lock().state.clone()
    }

    pub(crate) fn ended(&self) -> Vec<Outcome> {
        let ended = |optimum: &OptimumInfo| match optimum.stage {
            Stage::Ended(outcome) => Some(outcome),
            _ => None,
        };
        self.0.lock().state.optimae.iter().filter_map(ended).collect()
    }

    pub(crate) fn accepted(&self) -> usize {
        self.ended()
            .into_iter()
            .filter(|outcome| *outcome == Outcome::Accepted)
            .count()
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.0.lock().failures.clone()
    }

    pub(crate) fn sent(&self, name: &str) -> Vec<Operation> {
        let inner = self.0.lock();
        inner
            .sent
            .iter()
            .filter(|(_, operation)| operation.name() == name)
            .map(|(_, operation)| operation.clone())
            .collect()
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.0.lock().findings.clone()
    }

    pub(crate) fn replays(&self) -> Vec<VoteValues> {
        self.0.lock().replays.clone()
    }

    pub(crate) fn story(&self) -> Vec<String> {
        self.0.lock().story.clone()
    }

    /// The pool forgets everything, as that of a node that was killed.
    pub(crate) fn lose_pool(&self) {
        let mut inner = self.0.lock();
        let lost: Vec<u64> = inner.pool.drain(..).map(|pooled| pooled.id).collect();
        for id in lost {
            inner
                .states
                .insert(id, TransactionState::Gone { reason: "lost".into() });
        }
    }

    /// Lets time pass without a block.
    pub(crate) fn wait(&self, slots: u64) {
        self.0.lock().slot += slots;
    }

    /// Gives up the last `depth` blocks: another fork has become the best.
    pub(crate) fn reorganize(&self, depth: usize) {
        let mut inner = self.0.lock();
        let keep = inner.blocks.len() - depth;
        inner.blocks.truncate(keep);
        assert!(inner.finalized < keep, "final blocks are never given up");
        inner.state = inner.blocks.last().unwrap().1.clone();
        inner.fork += 1;
    }

    /// Makes a block of all that is in the pool.
    pub(crate) fn seal(&self) {
        let mut guard = self.0.lock();
        let inner = &mut *guard;
        inner.slot += 1;
        let (slot, number) = (inner.slot, inner.blocks.len() as u32);
        inner.hooks();
        if !inner.knobs.full {
            for pooled in std::mem::take(&mut inner.pool) {
                let result = inner.dispatch(&pooled.signer, &pooled.operation);
                inner
                    .story
                    .push(format!("{slot}: {} {result:?}", pooled.operation.name()));
                if let Err(reason) = &result {
                    inner.failures.push(format!("{}: {reason}", pooled.operation.name()));
                }
                inner
                    .states
                    .insert(pooled.id, TransactionState::Included { failure: result.err() });
            }
        }
        let hash = BlakeTwo256::hash_of(&(number, slot, inner.fork));
        let state = inner.state.clone();
        inner.blocks.push((BlockReference { hash, number, slot }, state));
        if !inner.knobs.no_finality {
            // Finality is two blocks behind.
            inner.finalized = inner.finalized.max(inner.blocks.len().saturating_sub(3));
        }
    }

    fn read<T>(&self, at: Hash, read: impl FnOnce(&State) -> T) -> Result<T, ChainError> {
        let inner = self.0.lock();
        if inner.knobs.unreadable {
            return Err(ChainError::State("out of order".into()));
        }
        let found = inner.blocks.iter().find(|(block, _)| block.hash == at);
        found
            .map(|(_, state)| read(state))
            .ok_or_else(|| ChainError::State("no such block".into()))
    }
}

#[async_trait]
impl Chain for MockChain {
    fn genesis(&self) -> Hash {
        self.0.lock().blocks[0].0.hash
    }
    fn best(&self) -> Result<BlockReference, ChainError> {
        Ok(self.0.lock().blocks.last().unwrap().0)
    }
    fn finalized(&self) -> Result<BlockReference, ChainError> {
        let inner = self.0.lock();
        Ok(inner.blocks[inner.finalized].0)
    }
    fn slot_now(&self) -> SlotNumber {
        self.0.lock().slot
    }
    fn slot_duration(&self) -> Duration {
        Duration::from_millis(1)
    }
    fn is_syncing(&self) -> bool {
        self.0.lock().knobs.syncing
    }
    fn changes(&self) -> BoxStream<'static, ()> {
        futures::stream::pending().boxed()
    }
    fn status(&self, at: Hash) -> Result<NetworkStatus, ChainError> {
        self.read(at, |_| NetworkStatus {
            slot: 0,
            optimization_height: 0,
            threshold: FixedU128::from_rational(2, 100),
            effective_threshold: FixedU128::from_rational(2, 100),
            accumulated: FixedU128::default(),
            credits: FixedU128::from_u32(1),
            last_optimization_block: 0,
            target_interval: 600_000,
            epoch: 0,
            authorities: Vec::new(),
        })
    }
    fn supply(&self, at: Hash) -> Result<Supply, ChainError> {
        let next_reward = 50 * DOIN;
        self.read(at, |_| Supply {
            issuance: 0,
            genesis: 0,
            minted: 0,
            burned: 0,
            unclaimed: 0,
            next_reward,
        })
    }
    fn domains(&self, at: Hash) -> Result<Vec<DomainInfo>, ChainError> {
        self.read(at, |state| vec![state.info.clone()])
    }
    fn domain(&self, at: Hash, domain: DomainId) -> Result<Option<DomainInfo>, ChainError> {
        self.read(at, |state| (domain == 0).then(|| state.info.clone()))
    }
    fn optimum(&self, at: Hash, optimum: OptimumId) -> Result<Option<OptimumInfo>, ChainError> {
        self.read(at, |state| state.optimae.get(optimum as usize).cloned())
    }
    fn optimae(&self, at: Hash, _: DomainId) -> Result<Vec<OptimumInfo>, ChainError> {
        self.read(at, |state| {
            let is_open = |optimum: &&OptimumInfo| state.info.queue.contains(&optimum.id);
            let open = state.optimae.iter().filter(is_open).cloned();
            open.chain(
                state
                    .optimae
                    .iter()
                    .rev()
                    .filter(|optimum| !is_open(optimum))
                    .take(8)
                    .cloned(),
            )
            .map(|optimum| OptimumInfo {
                contest: contest(state, &optimum),
                ..optimum
            })
            .collect()
        })
    }
    fn contest(&self, at: Hash, optimum: OptimumId) -> Result<Option<ContestInfo>, ChainError> {
        self.read(at, |state| {
            state
                .optimae
                .get(optimum as usize)
                .and_then(|optimum| contest(state, optimum))
        })
    }
    fn kept_artifacts(&self, at: Hash, _: DomainId) -> Result<Vec<ArtifactReference>, ChainError> {
        self.read(at, |state| {
            let open = state
                .optimae
                .iter()
                .filter(|optimum| state.info.queue.contains(&optimum.id));
            let open = open.map(|optimum| optimum.artifact);
            open.chain([state.info.best_artifact])
                .chain(state.contested.iter().copied())
                .collect()
        })
    }
    fn duties(&self, at: Hash, evaluator: &AccountId) -> Result<Vec<RoundInfo>, ChainError> {
        let sits = |round: &&RoundInfo| {
            let mut auditors = round.audits.iter().flat_map(|audit| &audit.auditors);
            round.seats.iter().any(|seat| seat.evaluator == *evaluator)
                || auditors.any(|auditor| auditor.auditor == *evaluator)
        };
        self.read(at, |state| {
            state
                .optimae
                .iter()
                .filter_map(|optimum| optimum.round.as_ref())
                .filter(sits)
                .cloned()
                .collect()
        })
    }
    fn commits(&self, at: Hash, who: &AccountId) -> Result<Vec<CommitInfo>, ChainError> {
        self.read(at, |state| {
            state
                .commits
                .iter()
                .filter(|(owner, _)| owner == who)
                .map(|(_, commit)| commit.clone())
                .collect()
        })
    }
    fn claimable(&self, at: Hash, who: &AccountId, limit: u32) -> Result<Vec<OptimizationHeight>, ChainError> {
        self.read(at, |state| {
            state
                .claimable
                .get(who)
                .into_iter()
                .flatten()
                .copied()
                .take(limit as usize)
                .collect()
        })
    }
    fn free_balance(&self, at: Hash, who: &AccountId) -> Result<Balance, ChainError> {
        self.read(at, |state| state.balances.get(who).copied().unwrap_or_default())
    }
    async fn submit(&self, signer: &AccountId, operation: &Operation) -> Result<Box<dyn Transaction>, ChainError> {
        let mut inner = self.0.lock();
        if inner.knobs.refuse > 0 {
            inner.knobs.refuse -= 1;
            return Err(ChainError::Refused("transaction is outdated".into()));
        }
        let id = inner.states.len() as u64;
        inner.sent.push((signer.clone(), operation.clone()));
        if inner.knobs.drop > 0 {
            inner.knobs.drop -= 1;
            inner.states.insert(
                id,
                TransactionState::Gone {
                    reason: "dropped".into(),
                },
            );
        } else {
            inner.states.insert(id, TransactionState::Waiting);
            inner.pool.push(Pooled {
                id,
                signer: signer.clone(),
                operation: operation.clone(),
            });
        }
        Ok(Box::new(MockTransaction(self.0.clone(), id)))
    }
}

fn contest(state: &State, optimum: &OptimumInfo) -> Option<ContestInfo> {
    let window_ends = state.window_ends?;
    (optimum.stage == Stage::Ended(Outcome::Accepted)).then(|| ContestInfo {
        optimum: optimum.id,
        domain: optimum.domain,
        optimizer: optimum.optimizer.clone(),
        candidate: optimum.artifact,
        incumbent: ArtifactReference::default(),
        season: 0,
        value: optimum.reported,
        increment: Default::default(),
        voters: Vec::new(),
        height: 0,
        bond: optimum.bond,
        window_ends,
        deterrent: DOIN,
        escrow: DOIN,
        challenge: None,
    })
}

/// The votes of an ended optimum are gone from the state; this is how tests see them.
pub(crate) fn revealed_votes(chain: &MockChain) -> Vec<VoteValues> {
    chain
        .sent("vote reveal")
        .into_iter()
        .filter_map(|operation| match operation {
            Operation::RevealVote { vote, .. } => Some(vote),
            _ => None,
        })
        .collect()
}

pub(crate) fn all_unavailable(votes: &[VoteValues], missing: Missing) -> bool {
    !votes.is_empty() && votes.iter().all(|vote| *vote == VoteValues::Unavailable(missing))
}

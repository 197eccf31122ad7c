//! The chain as far as a domain's queue goes: one optimum is judged at a time, by the rule and within the deadlines of
//! the specification. Time is in slots; every slot has a block, as it has on a chain with work to do.

use crate::problem::Problem;
use codec::Encode;
use doin_compute::random::RandomStream;
use doin_domains::{metric_to_fixed, Domain};
use doin_primitives::{
    commitment::{data_seed, Seed},
    domain::DomainSpecification,
    math,
    optimum::OptimumId,
    quorum::{decide, first_round_size, second_round_size, Decision, Measurement, QuorumVerdict, VoteValues},
    Metric, SlotNumber,
};
use pallet_optimae::{DRAW_TIMEOUT, MAX_DISTINCT_AUTHORS};
use sp_core::{Blake2Hasher, Hasher};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

/// The evaluators of the presets. Each is a machine of its own here, and none of them searches.
pub const EVALUATORS: u32 = 4;

/// An optimum on its way.
pub struct Open {
    number: OptimumId,
    /// Whose it is: an island's place.
    pub island: usize,
    parameters: Arc<Vec<u8>>,
    claim: Metric,
    /// The slot of its reveal.
    revealed_at: SlotNumber,
    /// Who has authored after the reveal.
    authors: BTreeSet<u32>,
}

/// A round of evaluation in progress.
struct Round {
    number: u8,
    size: u32,
    /// The slot whose block decides.
    decides_at: SlotNumber,
}

/// What became of an optimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is the best now.
    Accepted,
    /// The best is better than it claims.
    Superseded,
    /// Refuted, unproven or expired.
    Failed,
}

/// One network's chain.
pub struct Chain {
    specification: DomainSpecification,
    problem: Box<dyn Problem>,
    /// How many nodes author: each block is one's by lot, as their weights are equal.
    authorities: u32,
    lots: RandomStream,
    randomness: Seed,
    /// The best parameters. Another pointer is another best.
    pub best: Arc<Vec<u8>>,
    best_metric: Option<Metric>,
    queue: VecDeque<Open>,
    round: Option<Round>,
    next_number: OptimumId,
    /// The slots that measuring a pair takes.
    measuring_slots: SlotNumber,
    /// How many optimae were accepted.
    pub accepted: u64,
}

impl Chain {
    /// A chain that begins with the problem's baseline. `seconds` are what an evaluation takes.
    pub fn new(
        specification: DomainSpecification,
        problem: Box<dyn Problem>,
        authorities: u32,
        slot_seconds: f64,
        evaluation_seconds: f64,
        seed: u64,
    ) -> Self {
        let randomness = Blake2Hasher::hash(&("chain", seed).encode()).0;
        let best = Arc::new(problem.baseline());
        Chain {
            specification,
            problem,
            authorities,
            lots: RandomStream::new(randomness),
            randomness,
            best,
            best_metric: None,
            queue: VecDeque::new(),
            round: None,
            next_number: 1,
            measuring_slots: (2.0 * evaluation_seconds / slot_seconds) as SlotNumber,
            accepted: 0,
        }
    }

    /// How good the best really is.
    pub fn truth(&self) -> f64 {
        self.problem.truth(&self.best)
    }

    /// The specification of the domain.
    pub fn specification(&self) -> &DomainSpecification {
        &self.specification
    }

    /// How many judge an optimum in round one.
    pub fn quorum_size(&self) -> u32 {
        first_round_size(self.specification.quorum, EVALUATORS, EVALUATORS)
    }

    /// A reveal is in the block of this slot: the optimum stands in the queue.
    pub fn reveal(&mut self, island: usize, parameters: Arc<Vec<u8>>, claim: Metric, slot: SlotNumber) {
        let number = self.next_number;
        self.next_number += 1;
        self.queue.push_back(Open {
            number,
            island,
            parameters,
            claim,
            revealed_at: slot,
            authors: BTreeSet::new(),
        });
    }

    /// The block of a slot, before its transactions: ends what is due, then draws the next. Returns whose optimae ended.
    pub fn begin_block(&mut self, slot: SlotNumber) -> Vec<(usize, Ending)> {
        let author = (self.lots.uniform() * f64::from(self.authorities)) as u32;
        for open in &mut self.queue {
            open.authors.insert(author);
        }
        let mut ended = vec![];
        if let Some(round) = self.round.take_if(|round| round.decides_at <= slot) {
            ended.extend(self.end_round(round, slot));
        }
        while self.round.is_none() {
            let Some(head) = self.queue.front() else { break };
            if self.is_superseded(head.claim) {
                let head = self.queue.pop_front().expect("just seen");
                ended.push((head.island, Ending::Superseded));
                continue;
            }
            let required = self.authorities.div_ceil(2).clamp(1, MAX_DISTINCT_AUTHORS);
            if (head.authors.len() as u32) < required && slot < head.revealed_at + DRAW_TIMEOUT {
                break;
            }
            self.round = Some(self.draw(1, self.quorum_size(), slot));
        }
        ended
    }

    /// A round that is drawn in this slot. Its evaluators see the draw in this block, commit in the first after they
    /// have measured, and reveal in the block after the one that ends the commits; the one after that decides. So it is
    /// on the chain when nobody is late.
    fn draw(&self, number: u8, size: u32, slot: SlotNumber) -> Round {
        let committed = slot + 1 + self.measuring_slots;
        assert!(
            committed <= slot + SlotNumber::from(self.specification.deadlines.vote_commit),
            "evaluations take longer than the domain's deadline for votes"
        );
        Round {
            number,
            size,
            decides_at: committed + 3,
        }
    }

    fn end_round(&mut self, round: Round, slot: SlotNumber) -> Option<(usize, Ending)> {
        let head = self.queue.front().expect("what is judged stands at the head");
        let votes: Vec<Option<VoteValues>> = (0..round.size)
            .map(|seat| {
                let seed = data_seed(&self.randomness, head.number, round.number, seat);
                Some(measure(&*self.problem, &head.parameters, &self.best, seed))
            })
            .collect();
        let decision = decide(&self.specification, head.claim, &votes).0;
        if !matches!(decision, Decision::Agreed { .. }) && round.number == 1 {
            if let Some(size) = second_round_size(round.size, EVALUATORS) {
                self.round = Some(self.draw(2, size, slot));
                return None;
            }
        }
        let head = self.queue.pop_front().expect("just seen");
        let ending = match decision {
            Decision::Agreed {
                candidate,
                verdict: QuorumVerdict::Accepted,
                ..
            } => {
                self.best = head.parameters;
                self.best_metric = Some(candidate);
                self.accepted += 1;
                Ending::Accepted
            }
            _ => Ending::Failed,
        };
        Some((head.island, ending))
    }

    /// As the pallet of optimae has it.
    fn is_superseded(&self, claim: Metric) -> bool {
        let oriented = |metric| self.specification.direction.oriented(metric);
        self.best_metric.is_some_and(|best| {
            oriented(claim) < oriented(best)
                && math::distance(oriented(claim), oriented(best)) > self.specification.tolerance(best)
        })
    }
}

/// A vote, as the worker makes it of what the domain has measured.
pub fn measure(problem: &dyn Domain, candidate: &[u8], incumbent: &[u8], seed: Seed) -> VoteValues {
    let data = problem.synthesize(seed, 0).expect("data follow from a seed");
    let evaluate = |parameters: &[u8]| problem.evaluate(parameters, &data).expect("a model of this domain");
    let fixed = |number: f64| metric_to_fixed(number).expect("a finite number");
    let found = evaluate(candidate);
    VoteValues::Measured(Measurement {
        candidate: fixed(found.metric),
        incumbent: fixed(evaluate(incumbent).metric),
        probe: fixed(found.probe),
        data_hash: problem.data_hash(&data),
    })
}

//! A node that searches: rounds of the domain's own search, a rehearsal of each candidate, a commit. Then it waits for
//! the end of its optimum, as the worker does.

use crate::{
    chain::{measure, Chain, Ending},
    problem::Problem,
};
use codec::Encode;
use doin_domains::{Budget, Cancellation, DomainError};
use doin_primitives::{
    commitment::Seed,
    math,
    quorum::{decide, Decision, QuorumVerdict, VoteValues},
    Metric, SlotNumber,
};
use sp_core::{Blake2Hasher, Hasher};
use std::sync::Arc;

/// How many quorums are played through before a claim, of which four in five must accept: the worker's default.
pub const REHEARSALS: u32 = 5;
/// The longest pause after optimae that were not accepted, in slots: the worker's.
const LONGEST_SETBACK: SlotNumber = 64;
/// What a round takes beside its evaluations, in seconds.
const OVERHEAD: f64 = 0.001;

enum Activity {
    /// Nothing until this time, in seconds; then a round from the best of its chain.
    Idle { until: f64 },
    /// A round of search from `start`.
    Searching { since: f64, start: Arc<Vec<u8>> },
    /// Playing through the quorums that would judge a candidate.
    Rehearsing {
        until: f64,
        start: Arc<Vec<u8>>,
        candidate: Arc<Vec<u8>>,
    },
    /// A commit waits to get into a block.
    Committing { parameters: Arc<Vec<u8>>, claim: Metric },
    /// A commit is in a block; the next one takes the reveal.
    Revealing { parameters: Arc<Vec<u8>>, claim: Metric },
    /// The optimum is in the queue.
    Waiting,
}

/// A node.
pub struct Island {
    place: usize,
    search: Box<dyn Problem>,
    evaluation_seconds: f64,
    slot_seconds: f64,
    activity: Activity,
    setbacks: u32,
    seed: u64,
    draws: u64,
    evaluations: u64,
    /// Rounds that were begun.
    pub rounds: u64,
}

impl Island {
    pub fn new(place: usize, search: Box<dyn Problem>, slot_seconds: f64, evaluation_seconds: f64, seed: u64) -> Self {
        Island {
            place,
            search,
            evaluation_seconds,
            slot_seconds,
            activity: Activity::Idle { until: 0.0 },
            setbacks: 0,
            seed,
            draws: 0,
            evaluations: 0,
            rounds: 0,
        }
    }

    fn round_evaluations(&self) -> u64 {
        self.search.metadata().round_evaluations
    }

    fn next_seed(&mut self) -> Seed {
        self.draws += 1;
        Blake2Hasher::hash(&("island", self.seed, self.place as u64, self.draws).encode()).0
    }

    /// The evaluations of the search until a time, those of a round in progress among them. Rehearsals do not count:
    /// they are measurements for the claim.
    pub fn evaluations_until(&self, now: f64) -> u64 {
        self.evaluations + self.begun(now)
    }

    /// The evaluations of the round in progress.
    fn begun(&self, now: f64) -> u64 {
        match &self.activity {
            Activity::Searching { since, .. } if self.evaluation_seconds > 0.0 => {
                let done = ((now - since).max(0.0) / self.evaluation_seconds) as u64;
                done.min(self.round_evaluations())
            }
            _ => 0,
        }
    }

    /// Works until a time, in seconds.
    pub fn work(&mut self, chain: &Chain, now: f64) {
        loop {
            self.activity = match std::mem::replace(&mut self.activity, Activity::Waiting) {
                Activity::Idle { until } if until <= now => {
                    self.rounds += 1;
                    Activity::Searching {
                        since: until,
                        start: chain.best.clone(),
                    }
                }
                Activity::Searching { since, start } => {
                    let ends = since + OVERHEAD + self.round_evaluations() as f64 * self.evaluation_seconds;
                    if ends > now {
                        self.activity = Activity::Searching { since, start };
                        return;
                    }
                    self.evaluations += self.round_evaluations();
                    match self.round(&start, self.round_evaluations()) {
                        Some(candidate) => {
                            let measurements = 2 * REHEARSALS * chain.quorum_size();
                            Activity::Rehearsing {
                                until: ends + f64::from(measurements) * self.evaluation_seconds,
                                start,
                                candidate: Arc::new(candidate),
                            }
                        }
                        None => Activity::Idle { until: ends },
                    }
                }
                Activity::Rehearsing {
                    until,
                    start,
                    candidate,
                } if until <= now => match self.rehearse(chain, &candidate, &start) {
                    Some(claim) => Activity::Committing {
                        parameters: candidate,
                        claim,
                    },
                    None => Activity::Idle { until },
                },
                other => {
                    self.activity = other;
                    return;
                }
            }
        }
    }

    /// One round of the domain's search. The search remembers where it is from round to round.
    fn round(&mut self, start: &[u8], evaluations: u64) -> Option<Vec<u8>> {
        let budget = Budget {
            evaluations,
            minimum_gain: 0.0,
        };
        let seed = self.next_seed();
        match self.search.optimize(start, &budget, seed, 0, &Cancellation::default()) {
            Ok(candidate) => Some(candidate.parameters),
            Err(DomainError::NoImprovement { .. }) => None,
            Err(error) => panic!("the search fails: {error}"),
        }
    }

    /// The worker's rehearsal: the claim, if four in five of the quorums that it plays through accept it.
    fn rehearse(&mut self, chain: &Chain, candidate: &[u8], incumbent: &[u8]) -> Option<Metric> {
        let size = chain.quorum_size();
        let votes: Vec<Option<VoteValues>> = (0..REHEARSALS * size)
            .map(|_| {
                let seed = self.next_seed();
                Some(measure(&*self.search, candidate, incumbent, seed))
            })
            .collect();
        let metrics = votes.iter().filter_map(|vote| match vote {
            Some(VoteValues::Measured(measurement)) => Some(measurement.candidate),
            _ => None,
        });
        let claim = math::lower_median(metrics)?;
        let accepted = votes
            .chunks(size as usize)
            .filter(|quorum| {
                let decision = decide(chain.specification(), claim, quorum).0;
                matches!(
                    decision,
                    Decision::Agreed {
                        verdict: QuorumVerdict::Accepted,
                        ..
                    }
                )
            })
            .count();
        (accepted as u32 >= (4 * REHEARSALS).div_ceil(5)).then_some(claim)
    }

    /// The block of a slot takes what was sent before it.
    pub fn transact(&mut self, chain: &mut Chain, slot: SlotNumber) {
        self.activity = match std::mem::replace(&mut self.activity, Activity::Waiting) {
            Activity::Committing { parameters, claim } => Activity::Revealing { parameters, claim },
            Activity::Revealing { parameters, claim } => {
                chain.reveal(self.place, parameters, claim, slot);
                Activity::Waiting
            }
            other => other,
        }
    }

    /// Its optimum has ended in this slot's block.
    pub fn ended(&mut self, ending: Ending, slot: SlotNumber) {
        let pause = match ending {
            Ending::Accepted | Ending::Superseded => {
                self.setbacks = 0;
                0
            }
            Ending::Failed => {
                self.setbacks += 1;
                1u64.checked_shl(self.setbacks - 1)
                    .unwrap_or(LONGEST_SETBACK)
                    .min(LONGEST_SETBACK)
            }
        };
        self.activity = Activity::Idle {
            until: (slot + pause) as f64 * self.slot_seconds,
        };
    }

    /// Another's optimum has become the best at this time: a round from the one before is stopped, as the worker does.
    /// What it has evaluated stays in the search.
    pub fn migrate(&mut self, chain: &Chain, now: f64) {
        let start = match &self.activity {
            Activity::Searching { start, .. } | Activity::Rehearsing { start, .. } => start.clone(),
            _ => return,
        };
        if Arc::ptr_eq(&start, &chain.best) {
            return;
        }
        let begun = self.begun(now);
        self.evaluations += begun;
        if begun >= self.search.population().max(1) {
            self.round(&start, begun);
        }
        self.activity = Activity::Idle { until: now };
    }
}

//! Optimae, from the claim to the verdict, by transactions alone: what optimizers and evaluators send, signed with
//! development keys, and what the chain makes of it. Nobody computes anything: a test says what was claimed and measured.

use super::{transactions::signed, Network, Node};
use doin_primitives::{
    api::{RoundInfo, SeatInfo, Stage, Supply},
    artifact::ArtifactReference,
    commitment::{optimum_commitment, vote_commitment, Salt},
    domain::DomainId,
    optimum::{ChallengeOutcome, OptimumId, Outcome},
    quorum::{Measurement, VoteValues},
    AccountId, Balance, Hash, Header, Metric, Reputation,
};
use doin_runtime::{views, Balances, Runtime, RuntimeCall, RuntimeEvent, System};
use frame_support::traits::fungible::Inspect;
use frame_system::{EventRecord, Phase};
use pallet_optimae::Reward;
use sp_blockchain::HeaderBackend;
use sp_keyring::Sr25519Keyring::{self, Bob, Charlie, Dave, Eve};
use sp_runtime::{
    traits::{Block as _, Header as _},
    DispatchError, FixedI128, OpaqueExtrinsic,
};
use std::collections::BTreeMap;

/// The evaluators of the presets' domain.
pub const EVALUATORS: [Sr25519Keyring; 4] = [Bob, Charlie, Dave, Eve];

/// Thousandths, as a metric.
pub const fn thousandths(number: i128) -> Metric {
    Metric::from_inner(number * 1_000_000_000_000_000)
}

/// An optimum that somebody claims to have.
#[derive(Clone)]
pub struct Claim {
    /// Whose it is.
    pub who: Sr25519Keyring,
    /// Where.
    pub domain: DomainId,
    /// Its parameters: nobody has them, and nobody asks.
    pub artifact: ArtifactReference,
    /// How good it is said to be.
    pub reported: Metric,
    /// What hides the commitment.
    pub nonce: Salt,
}

impl Claim {
    /// One in the presets' domain; `number` tells its parameters from others.
    pub fn new(who: Sr25519Keyring, number: u8, reported: Metric) -> Self {
        Claim {
            who,
            domain: 0,
            artifact: ArtifactReference {
                root: Hash::repeat_byte(number),
                size: 80,
            },
            reported,
            nonce: [number; 32],
        }
    }

    /// The commitment to it on a chain.
    pub fn commitment(&self, genesis: Hash) -> Hash {
        let optimizer = self.who.to_account_id();
        optimum_commitment(
            genesis,
            self.domain,
            &optimizer,
            self.artifact,
            self.reported,
            &self.nonce,
        )
    }

    /// The call that commits to it.
    pub fn commit(&self, genesis: Hash) -> RuntimeCall {
        RuntimeCall::Optimae(pallet_optimae::Call::commit {
            domain: self.domain,
            commitment: self.commitment(genesis),
        })
    }

    /// The call that opens the commitment.
    pub fn reveal(&self, genesis: Hash) -> RuntimeCall {
        self.reveal_as(self.commitment(genesis))
    }

    /// The call that opens another commitment with this.
    pub fn reveal_as(&self, commitment: Hash) -> RuntimeCall {
        RuntimeCall::Optimae(pallet_optimae::Call::reveal {
            commitment,
            root: self.artifact.root,
            size: self.artifact.size,
            reported_metric: self.reported,
            experiment: Default::default(),
            nonce: self.nonce,
        })
    }
}

/// The vote of one who has measured both.
pub fn measured(candidate: Metric, incumbent: Metric) -> VoteValues {
    VoteValues::Measured(Measurement {
        candidate,
        incumbent,
        probe: FixedI128::from_inner(7),
        data_hash: [7; 32],
    })
}

/// What hides the vote of an evaluator: no secret here.
pub fn salt_of(who: Sr25519Keyring) -> Salt {
    who.to_raw_public()
}

/// The commitment of an evaluator to its vote.
pub fn vote_of(genesis: Hash, optimum: OptimumId, round: u8, who: Sr25519Keyring, values: &VoteValues) -> Hash {
    vote_commitment(genesis, optimum, round, &who.to_account_id(), values, &salt_of(who))
}

/// The call that commits to a vote.
pub fn commit_vote(optimum: OptimumId, round: u8, commitment: Hash) -> RuntimeCall {
    RuntimeCall::Quorum(pallet_quorum::Call::commit_vote {
        optimum,
        round,
        commitment,
    })
}

/// The call that reveals a vote.
pub fn reveal_vote(optimum: OptimumId, vote: VoteValues, salt: Salt) -> RuntimeCall {
    RuntimeCall::Quorum(pallet_quorum::Call::reveal_vote { optimum, vote, salt })
}

/// What everybody has and is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    /// The state of issuance.
    pub supply: Supply,
    /// What is on hold, by account and reason.
    pub holds: BTreeMap<(AccountId, String), Balance>,
    /// All coin of each account, on hold or not.
    pub balances: BTreeMap<AccountId, Balance>,
    /// Who has reputation, and how much.
    pub reputations: BTreeMap<AccountId, Reputation>,
}

impl Books {
    /// All coin of an account.
    pub fn balance(&self, who: Sr25519Keyring) -> Balance {
        self.balances.get(&who.to_account_id()).copied().unwrap_or_default()
    }

    /// The points of an account.
    pub fn reputation(&self, who: Sr25519Keyring) -> Reputation {
        self.reputations.get(&who.to_account_id()).copied().unwrap_or_default()
    }
}

/// The end of an optimum.
#[derive(Debug)]
pub struct Ended {
    /// The block.
    pub header: Header,
    /// How.
    pub outcome: Outcome,
    /// What it earned.
    pub reward: Reward,
    /// Of the bond.
    pub burned: Balance,
    /// To evaluators.
    pub paid: Balance,
    /// To the optimizer.
    pub returned: Balance,
}

/// The end of a challenge.
#[derive(Debug)]
pub struct ChallengeEnded {
    /// The block.
    pub header: Header,
    /// How.
    pub outcome: ChallengeOutcome,
    /// To evaluators.
    pub paid: Balance,
    /// To the challenger, of its own.
    pub returned: Balance,
    /// Of the challenger's bond, or the optimizer's.
    pub burned: Balance,
    /// To the challenger, of the optimizer's bond.
    pub bounty: Balance,
}

impl Node {
    /// The events of a block, each with the transaction that it belongs to.
    pub fn records(&self, at: Hash) -> Vec<EventRecord<RuntimeEvent, Hash>> {
        self.inspect_at(at, || {
            System::read_events_no_consensus().map(|record| *record).collect()
        })
    }

    /// The events of a block.
    pub fn events(&self, at: Hash) -> Vec<RuntimeEvent> {
        self.records(at).into_iter().map(|record| record.event).collect()
    }

    /// The first block of the best chain in which something happened.
    pub fn first_with(&self, wanted: impl Fn(&RuntimeEvent) -> bool) -> Option<Header> {
        let mut chain = self.chain().into_iter();
        chain.find(|header| self.events(header.hash()).iter().any(&wanted))
    }

    /// The fees that an account has paid in the blocks after `since`, and those that all have paid.
    pub fn fees(&self, since: &Header, payer: Sr25519Keyring) -> (Balance, Balance) {
        let (mut own, mut all) = (0, 0);
        for header in self.chain().iter().filter(|header| header.number() > since.number()) {
            for event in self.events(header.hash()) {
                let RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid {
                    who,
                    actual_fee,
                    ..
                }) = event
                else {
                    continue;
                };
                all += actual_fee;
                own += if who == payer.to_account_id() { actual_fee } else { 0 };
            }
        }
        (own, all)
    }

    /// What everybody has after a block.
    pub fn books(&self, at: Hash) -> Books {
        self.inspect_at(at, || {
            let mut holds = BTreeMap::new();
            for (who, list) in pallet_balances::Holds::<Runtime>::iter() {
                for hold in list {
                    holds.insert((who.clone(), format!("{:?}", hold.id)), hold.amount);
                }
            }
            let accounts = frame_system::Account::<Runtime>::iter_keys();
            let ranked = pallet_reputation::Records::<Runtime>::iter_keys();
            Books {
                supply: views::supply(),
                holds,
                balances: accounts
                    .map(|who| {
                        let balance = <Balances as Inspect<AccountId>>::total_balance(&who);
                        (who, balance)
                    })
                    .collect(),
                reputations: ranked
                    .map(|who| {
                        let reputation = views::reputation(&who);
                        (who, reputation)
                    })
                    .collect(),
            }
        })
    }
}

impl Network {
    /// The first of the nodes that run: all others agree with it whenever it is asked.
    pub fn first(&self) -> &Node {
        self.node(self.running()[0])
    }

    /// The hash that commitments are bound to.
    pub fn genesis_hash(&self) -> Hash {
        self.first().client.info().genesis_hash
    }

    /// What everybody has now.
    pub fn books(&self) -> Books {
        let node = self.first();
        node.books(node.best().hash())
    }

    /// Lets slots pass until something has happened on the chain on which all are.
    pub fn settle_until(&mut self, what: &str, limit: u64, happened: impl Fn(&Node) -> bool) {
        self.pass_until(what, limit, |network| {
            let best = network.first().best();
            let all = network.running();
            all.into_iter().all(|place| network.node(place).best() == best) && happened(network.first())
        });
    }

    /// Lets slots pass up to `slot`.
    pub fn pass_up_to(&mut self, slot: u64) {
        while u64::from(self.slot()) < slot {
            self.pass_slot();
        }
    }

    /// Has calls included, those of one account in this order. Returns what became of each, by the chain's events.
    pub fn dispatch(&mut self, calls: &[(Sr25519Keyring, RuntimeCall)]) -> Vec<Result<(), DispatchError>> {
        let base = self.settled();
        let genesis = self.genesis_hash();
        let mut nonces = BTreeMap::new();
        let mut sent: Vec<OpaqueExtrinsic> = vec![];
        for (who, call) in calls {
            let nonce = nonces
                .entry(who.to_account_id())
                .or_insert_with(|| self.first().nonce(*who));
            sent.push(signed(call.clone(), *who, *nonce, genesis));
            *nonce += 1;
        }
        for place in self.running() {
            for transaction in &sent {
                self.node(place).submit(transaction.clone()).expect("the pool takes it");
            }
        }
        self.settle_until("all are included", 40, |node| {
            node.inspect(|| {
                let included = |(who, nonce): (&AccountId, &u32)| System::account_nonce(who) >= *nonce;
                nonces.iter().all(included)
            })
        });
        let node = self.first();
        let mut outcomes = BTreeMap::new();
        let mut header = node.best();
        while header != base {
            let records = node.records(header.hash());
            for (index, transaction) in node.block(header.hash()).extrinsics().iter().enumerate() {
                if let Some(place) = sent.iter().position(|own| own == transaction) {
                    outcomes.insert(place, outcome_of(&records, index as u32));
                }
            }
            header = node.header(*header.parent_hash());
        }
        assert_eq!(outcomes.len(), sent.len(), "each is included once");
        outcomes.into_values().collect()
    }

    /// As [`Self::dispatch`] of calls that must succeed.
    pub fn succeed(&mut self, calls: &[(Sr25519Keyring, RuntimeCall)]) {
        for ((who, call), outcome) in calls.iter().zip(self.dispatch(calls)) {
            assert_eq!(outcome, Ok(()), "{who}: {call:?}");
        }
    }

    /// Commits to an optimum and reveals it. Returns its number.
    pub fn claim(&mut self, claim: &Claim) -> OptimumId {
        let genesis = self.genesis_hash();
        self.succeed(&[(claim.who, claim.commit(genesis))]);
        self.succeed(&[(claim.who, claim.reveal(genesis))]);
        let open = self.first().inspect(|| views::optimae(claim.domain));
        let own = open
            .iter()
            .find(|open| open.artifact == claim.artifact && open.optimizer == claim.who.to_account_id());
        own.expect("it is in the queue").id
    }

    /// Where an optimum stands.
    pub fn stage(&self, optimum: OptimumId) -> Stage {
        stage(self.first(), optimum)
    }

    /// The block in which an optimum was drawn first.
    pub fn drawn(&self, optimum: OptimumId) -> Option<Header> {
        let drawn = |event: &RuntimeEvent| match event {
            RuntimeEvent::Optimae(pallet_optimae::Event::OptimumDrawn { optimum: drawn, .. }) => *drawn == optimum,
            _ => false,
        };
        self.first().first_with(drawn)
    }

    /// Lets slots pass until an optimum is drawn.
    pub fn await_draw(&mut self, optimum: OptimumId) {
        self.settle_until("it is drawn", 80, |node| stage(node, optimum) == Stage::VoteCommit);
    }

    /// Lets slots pass until votes are revealed.
    pub fn await_reveals(&mut self, optimum: OptimumId) {
        self.settle_until("votes are revealed", 40, |node| {
            stage(node, optimum) == Stage::VoteReveal
        });
    }

    /// Lets slots pass until an optimum has ended.
    pub fn await_end(&mut self, optimum: OptimumId) -> Ended {
        self.settle_until("it ends", 80, |node| matches!(stage(node, optimum), Stage::Ended(_)));
        let node = self.first();
        for header in node.chain().into_iter().rev() {
            for event in node.events(header.hash()) {
                match event {
                    RuntimeEvent::Optimae(pallet_optimae::Event::OptimumEnded {
                        optimum: ended,
                        outcome,
                        reward,
                        burned,
                        paid,
                        returned,
                        ..
                    }) if ended == optimum => {
                        return Ended {
                            header,
                            outcome,
                            reward,
                            burned,
                            paid,
                            returned,
                        }
                    }
                    _ => {}
                }
            }
        }
        panic!("optimum {optimum} has ended without an event");
    }

    /// Lets slots pass until the challenge of an optimum has ended.
    pub fn await_challenge_end(&mut self, optimum: OptimumId) -> ChallengeEnded {
        self.settle_until("the challenge ends", 80, |node| {
            let contest = node.inspect(|| views::contest(optimum));
            contest.is_none_or(|contest| contest.challenge.is_none())
        });
        let node = self.first();
        for header in node.chain().into_iter().rev() {
            for event in node.events(header.hash()) {
                match event {
                    RuntimeEvent::Optimae(pallet_optimae::Event::ChallengeEnded {
                        optimum: ended,
                        outcome,
                        paid,
                        returned,
                        burned,
                        bounty,
                        ..
                    }) if ended == optimum => {
                        return ChallengeEnded {
                            header,
                            outcome,
                            paid,
                            returned,
                            burned,
                            bounty,
                        }
                    }
                    _ => {}
                }
            }
        }
        panic!("the challenge of optimum {optimum} has ended without an event");
    }

    /// The round in progress, as the evaluators find it among their duties, and who sits in it, in order of the draw.
    pub fn round(&self, optimum: OptimumId) -> (RoundInfo, Vec<Sr25519Keyring>) {
        let duty = |who: &Sr25519Keyring| {
            let account = who.to_account_id();
            let duties = self.first().inspect(|| views::duties(&account));
            duties.into_iter().find(|round| round.assignment.optimum == optimum)
        };
        let seated: Vec<(Sr25519Keyring, RoundInfo)> = Sr25519Keyring::iter()
            .filter_map(|who| duty(&who).map(|round| (who, round)))
            .collect();
        let round = seated.first().expect("somebody is drawn").1.clone();
        let who = |seat: &SeatInfo| {
            let found = seated.iter().find(|(who, _)| who.to_account_id() == seat.evaluator);
            found.expect("every seat is a duty").0
        };
        let order = round.seats.iter().map(who).collect();
        (round, order)
    }

    /// Has evaluators commit to their votes in the round in progress.
    pub fn commit_votes(&mut self, optimum: OptimumId, votes: &[(Sr25519Keyring, VoteValues)]) {
        let (genesis, round) = (self.genesis_hash(), self.round(optimum).0.round);
        let commit = |(who, values): &(Sr25519Keyring, VoteValues)| {
            let commitment = vote_of(genesis, optimum, round, *who, values);
            (*who, commit_vote(optimum, round, commitment))
        };
        let calls: Vec<_> = votes.iter().map(commit).collect();
        self.succeed(&calls);
    }

    /// Has evaluators reveal what they have committed to.
    pub fn reveal_votes(&mut self, optimum: OptimumId, votes: &[(Sr25519Keyring, VoteValues)]) {
        let reveal =
            |(who, values): &(Sr25519Keyring, VoteValues)| (*who, reveal_vote(optimum, *values, salt_of(*who)));
        let calls: Vec<_> = votes.iter().map(reveal).collect();
        self.succeed(&calls);
    }

    /// Has all who sit in the round in progress vote, by their seats. Returns who they are.
    pub fn judge(&mut self, optimum: OptimumId, vote: impl Fn(usize) -> VoteValues) -> Vec<Sr25519Keyring> {
        let (_, order) = self.round(optimum);
        let votes: Vec<_> = order.iter().enumerate().map(|(seat, who)| (*who, vote(seat))).collect();
        self.commit_votes(optimum, &votes);
        self.await_reveals(optimum);
        self.reveal_votes(optimum, &votes);
        order
    }
}

/// Where an optimum stands, or the challenge of it that is open.
fn stage(node: &Node, optimum: OptimumId) -> Stage {
    let optimum = node.inspect(|| views::optimum(optimum));
    let optimum = optimum.expect("it is open, or ended not long ago");
    let challenge = optimum.contest.and_then(|contest| contest.challenge);
    challenge.map_or(optimum.stage, |challenge| challenge.stage)
}

fn outcome_of(records: &[EventRecord<RuntimeEvent, Hash>], index: u32) -> Result<(), DispatchError> {
    let own = |record: &&EventRecord<RuntimeEvent, Hash>| record.phase == Phase::ApplyExtrinsic(index);
    let outcome = records.iter().filter(own).find_map(|record| match &record.event {
        RuntimeEvent::System(frame_system::Event::ExtrinsicSuccess { .. }) => Some(Ok(())),
        RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { dispatch_error, .. }) => Some(Err(*dispatch_error)),
        _ => None,
    });
    outcome.expect("every transaction has an outcome")
}

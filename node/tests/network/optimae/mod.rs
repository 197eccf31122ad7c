//! Optimae on the composed runtime, from the commit to the verdict: the pallets' own tests play against mocks of one
//! another, these against the real ones. Everything goes by transactions, through pools and blocks of several nodes.

mod audits;
mod challenges;
mod conduct;
mod draws;
mod due_work;
mod queue;
mod refused_calls;
mod verdicts;

use crate::harness::{
    judging::{measured, thousandths},
    transactions::transfer,
    Genesis, Network,
};
use doin_primitives::{domain::Deadlines, quorum::VoteValues, Balance, Metric, DOIN, MILLI_DOIN};
use doin_runtime::Runtime;
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Bob, Ferdie};
use sp_runtime::FixedU128;

/// The value of the baseline: between −1 and 1 φ is the metric itself, so that increments are differences.
const BASELINE: Metric = thousandths(-900);
/// What an evaluator is paid for an optimum.
const PRICE: Balance = 10 * MILLI_DOIN;
/// The bond of a claim worth T or more: a fifth of the optimizers' 65 % of the first pot of 50 DOIN.
const FULL_BOND: Balance = 6_500 * MILLI_DOIN;
/// The slots of the stages of an optimum.
const DEADLINES: Deadlines = Deadlines {
    reveal: 60,
    vote_commit: 15,
    vote_reveal: 15,
};

/// The local testnet with a domain whose best always has a known value, so that every work and bond is a round number.
fn local() -> Genesis {
    Genesis::local().domain(|domain| {
        domain.baseline_metric = BASELINE;
        domain.specification.season_length = 0;
        domain.specification.absolute_tolerance = FixedU128::from_rational(1, 100);
        domain.specification.price = PRICE;
        domain.specification.deadlines = DEADLINES;
    })
}

/// The same without primaries to speak of, signs of life and sessions: nothing but transactions and due work makes
/// blocks, one a slot at most.
fn quiet() -> Genesis {
    local().with(json!({"proofOfOptimization": {"parameters": {
        "epochLength": 100_000, "idleSlots": 100_000, "primaryProbability": [1, 1_000_000_000],
    }}}))
}

/// The vote of one who found so much, as thousandths, where the baseline is the best.
fn found(candidate: i128) -> VoteValues {
    measured(thousandths(candidate), BASELINE)
}

fn points(tenths: u128) -> FixedU128 {
    FixedU128::from_rational(tenths, 10)
}

/// The chain goes on: takes a transfer, every invariant holds, and all nodes agree on what is final.
fn goes_on(network: &mut Network) {
    network.succeed(&[(Ferdie, transfer(Bob.to_account_id(), DOIN))]);
    let best = network.settled();
    network.vote(network.running()[0]);
    for place in network.running() {
        assert_eq!(network.node(place).finalized(), best);
    }
}

/// What is on hold for a reason, by all together.
fn held(books: &crate::harness::judging::Books, reason: impl Into<doin_runtime::RuntimeHoldReason>) -> Balance {
    let reason = format!("{:?}", reason.into());
    let of_reason = books.holds.iter().filter(|((_, other), _)| *other == reason);
    of_reason.map(|(_, amount)| amount).sum()
}

const BOND: pallet_optimae::HoldReason = pallet_optimae::HoldReason::Bond;
const ESCROW: pallet_optimae::HoldReason = pallet_optimae::HoldReason::Escrow;
const EVALUATOR_BOND: pallet_quorum::HoldReason = pallet_quorum::HoldReason::EvaluatorBond;

/// The events of optimae.
type Event = pallet_optimae::Event<Runtime>;

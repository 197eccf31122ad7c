//! Tests by topic, and what they share: how an optimum goes its way, with assertions on state and events.

mod challenges;
mod commits;
mod properties;
mod queue;
mod reveals;
mod verdicts;

use crate::{mock::*, types::*, *};
use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{optimum_commitment, Salt},
    domain::DomainId,
    optimum::{OptimumId, Outcome},
    quorum::{Decision, QuorumVerdict},
    traits::{DomainActivity, DueWork, Verdict, VerdictHandler},
    Balance, Hash, Metric,
};
use frame_support::{
    assert_noop, assert_ok,
    traits::{fungible::InspectHold, Hooks},
};
use sp_runtime::{DispatchResult, FixedI128, FixedU128};

type OptimaeError = Error<Test>;

const NONCE: Salt = [3; 32];

/// What an optimizer claims.
#[derive(Clone, Copy)]
struct Claim {
    who: u64,
    domain: DomainId,
    artifact: ArtifactReference,
    reported: Metric,
    nonce: Salt,
}

/// A claim of −0.4 where the best is −0.5: an increment of 0.1.
fn claim(who: u64) -> Claim {
    Claim {
        who,
        domain: DOMAIN,
        artifact: artifact(1),
        reported: thousandths(-400),
        nonce: NONCE,
    }
}

impl Claim {
    fn commitment(&self) -> Hash {
        let genesis = Pallet::<Test>::genesis_hash();
        optimum_commitment(
            genesis,
            self.domain,
            &self.who,
            self.artifact,
            self.reported,
            &self.nonce,
        )
    }

    fn reveal_as(&self, who: u64, commitment: Hash) -> DispatchResult {
        let ArtifactReference { root, size } = self.artifact;
        let origin = RuntimeOrigin::signed(who);
        Optima::reveal(
            origin,
            commitment,
            root,
            size,
            self.reported,
            Default::default(),
            self.nonce,
        )
    }

    fn reveal(&self) -> DispatchResult {
        self.reveal_as(self.who, self.commitment())
    }

    /// Commits, and reveals in the next block.
    fn submit(&self) -> OptimumId {
        assert_commit(self);
        advance(1);
        assert_reveal(self)
    }
}

fn bond_of(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::Bond.into(), &who)
}

fn escrow_of(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::Escrow.into(), &who)
}

fn free(who: u64) -> Balance {
    Balances::free_balance(who)
}

fn events() -> Vec<Event<Test>> {
    let ours = |record: frame_system::EventRecord<RuntimeEvent, Hash>| match record.event {
        RuntimeEvent::Optima(event) => Some(event),
        _ => None,
    };
    System::events().into_iter().filter_map(ours).collect()
}

/// Moves to a block so many slots later, with its hook.
fn advance(slots: u64) {
    CurrentSlot::set(CurrentSlot::get() + slots);
    let number = System::block_number() + 1;
    System::set_block_number(number);
    Optima::on_initialize(number);
    Optima::do_try_state().unwrap();
}

fn assert_commit(claim: &Claim) {
    let Claim { who, domain, .. } = *claim;
    let commitment = claim.commitment();
    let (held, count) = (bond_of(who), Commits::<Test>::get(who).len());
    assert_ok!(Optima::commit(RuntimeOrigin::signed(who), domain, commitment));
    let commits = Commits::<Test>::get(who);
    assert_eq!(commits.len(), count + 1);
    let commit = commits.last().unwrap();
    let bond = MINIMUM_BOND.max(5 * Fee::get());
    assert_eq!(
        (commit.domain, commit.commitment, commit.bond),
        (domain, commitment, bond)
    );
    assert_eq!(commit.reveal_deadline, CurrentSlot::get() + REVEAL);
    assert_eq!(bond_of(who), held + bond);
    assert!(Optima::is_active(domain));
    let reveal_deadline = commit.reveal_deadline;
    let event = Event::OptimumCommitted {
        domain,
        optimizer: who,
        commitment,
        bond,
        reveal_deadline,
    };
    assert_eq!(events().last(), Some(&event));
}

fn assert_reveal(claim: &Claim) -> OptimumId {
    let Claim {
        who,
        domain,
        artifact,
        reported,
        ..
    } = *claim;
    let (commits, queue) = (Commits::<Test>::get(who).len(), Optima::queue(domain));
    let total = free(who) + bond_of(who) + escrow_of(who);
    let id = NextOptimum::<Test>::get();
    assert_ok!(claim.reveal());
    assert_eq!(NextOptimum::<Test>::get(), id + 1);
    assert_eq!(Commits::<Test>::get(who).len(), commits - 1);
    assert_eq!(Optima::queue(domain), [queue.clone(), vec![id]].concat());
    assert_eq!(Places::<Test>::get(domain, who), Some(id));
    assert_eq!(free(who) + bond_of(who) + escrow_of(who), total);
    let optimum = Optimae::<Test>::get(id).unwrap();
    assert_eq!(
        (optimum.artifact, optimum.reported, optimum.stage),
        (artifact, reported, Stage::Queued)
    );
    let event = Event::OptimumRevealed {
        optimum: id,
        domain,
        optimizer: who,
        commitment: claim.commitment(),
        artifact,
        reported,
        bond: optimum.bond,
        escrow: optimum.escrow,
        position: queue.len() as u32,
    };
    assert_eq!(events().last(), Some(&event));
    id
}

fn assert_drawn(id: OptimumId) {
    assert_eq!(Optimae::<Test>::get(id).unwrap().stage, Stage::Judging);
    assert!(Judged::get().iter().any(|assignment| assignment.optimum == id));
}

/// An optimum of [`claim`] that is being judged.
fn judged(who: u64) -> OptimumId {
    let id = claim(who).submit();
    advance(1);
    assert_drawn(id);
    id
}

/// A quorum's decision over agreeing votes.
fn agreed(candidate: Metric, improvement: FixedI128, verdict: QuorumVerdict) -> Decision {
    Decision::Agreed {
        candidate,
        incumbent: thousandths(-480),
        improvement,
        required: thousandths(1),
        verdict,
    }
}

fn verdict_of(id: OptimumId, decision: Decision, agreeing: &[u64], divergent: &[u64]) -> Verdict<u64> {
    let judged = Judged::get();
    let assignment = judged
        .iter()
        .find(|assignment| assignment.optimum == id)
        .unwrap()
        .clone();
    let revealed = vec![EVA, EVE, EWA];
    let (agreeing, divergent) = (agreeing.to_vec(), divergent.to_vec());
    Verdict {
        assignment,
        decision,
        evaluators_drawn: 5,
        agreeing,
        divergent,
        revealed,
        auditors: Vec::new(),
        confirming: Vec::new(),
    }
}

/// Delivers a verdict as quorum does: it judges no longer, then says what it found.
fn deliver(verdict: Verdict<u64>) {
    Judged::mutate(|judged| judged.retain(|assignment| assignment.optimum != verdict.assignment.optimum));
    Optima::on_verdict(verdict);
    Optima::do_try_state().unwrap();
}

/// What an ended optimum's event says.
#[derive(Debug, PartialEq)]
struct End {
    outcome: Outcome,
    burned: Balance,
    paid: Balance,
    returned: Balance,
    reward: Reward,
}

/// Checks that the optimum has ended, once and altogether, and returns how.
fn assert_ended(id: OptimumId, who: u64) -> End {
    assert!(!Optimae::<Test>::contains_key(id));
    assert!(!Optima::queue(DOMAIN).contains(&id));
    assert_eq!(Places::<Test>::get(DOMAIN, who), None);
    let of_it = |event: Event<Test>| match event {
        Event::OptimumEnded {
            optimum,
            optimizer,
            outcome,
            decision,
            burned,
            paid,
            returned,
            reward,
            ..
        } if optimum == id => {
            assert_eq!(optimizer, who);
            let kept = Ended::<Test>::get(id).unwrap();
            assert_eq!((kept.outcome, kept.decision, kept.reward), (outcome, decision, reward));
            Some(End {
                outcome,
                burned,
                paid,
                returned,
                reward,
            })
        }
        _ => None,
    };
    let mut ends: Vec<End> = events().into_iter().filter_map(of_it).collect();
    assert_eq!(ends.len(), 1, "exactly one outcome");
    ends.remove(0)
}

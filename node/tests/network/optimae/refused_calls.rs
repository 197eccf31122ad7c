//! Calls that must fail: each by its name, as the chain itself reports it, without a trace in what is on hold.

use super::{found, goes_on, held, local, BOND};
use crate::harness::{
    judging::{commit_vote, reveal_vote, salt_of, thousandths, vote_of, Claim, EVALUATORS},
    transactions::{sudo, transfer},
    Genesis, Network,
};
use doin_primitives::{artifact::ArtifactReference, optimum::Outcome, AccountId, Hash, DOIN, MILLI_DOIN};
use doin_runtime::{Runtime, RuntimeCall};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Ferdie, One};
use sp_runtime::{DispatchError, FixedU128};

type Domains = pallet_domains::Error<Runtime>;
type Optimae = pallet_optimae::Error<Runtime>;
type Quorum = pallet_quorum::Error<Runtime>;

/// Who calls what, and why it must fail.
type Row = (Sr25519Keyring, RuntimeCall, DispatchError);

fn row(who: Sr25519Keyring, call: RuntimeCall, error: impl Into<DispatchError>) -> Row {
    (who, call, error.into())
}

/// All of these fail as they should, cost their senders a fee, so that nobody is flooded with them for nothing, and
/// leave all bonds, escrows and deposits as they were.
fn refused(network: &mut Network, rows: &[Row]) {
    let before = network.books();
    let calls: Vec<_> = rows.iter().map(|(who, call, _)| (*who, call.clone())).collect();
    let outcomes = network.dispatch(&calls);
    for ((who, call, expected), outcome) in rows.iter().zip(outcomes) {
        assert_eq!(outcome, Err(*expected), "{who}: {call:?}");
    }
    let after = network.books();
    assert_eq!(after.holds, before.holds);
    for (who, call, _) in rows {
        assert!(after.balance(*who) < before.balance(*who), "{who}: {call:?} was free");
    }
    network.settled();
}

/// Commits have so long to be revealed that none expires while a table is gone through.
fn patient() -> Genesis {
    local().domain(|domain| domain.specification.deadlines.reveal = 600)
}

fn prune(who: Sr25519Keyring, commitment: Hash) -> RuntimeCall {
    let who: AccountId = who.to_account_id();
    RuntimeCall::Optimae(pallet_optimae::Call::prune { who, commitment })
}

fn of_domains(call: pallet_domains::Call<Runtime>) -> RuntimeCall {
    RuntimeCall::Domains(call)
}

fn of_quorum(call: pallet_quorum::Call<Runtime>) -> RuntimeCall {
    RuntimeCall::Quorum(call)
}

#[test]
fn commits_and_reveals_fail_by_name_and_hold_nothing() {
    let mut network = Network::new(&patient());
    network.pass_slots(5);
    let genesis = network.genesis_hash();
    let claim = Claim::new(Alice, 1, thousandths(-500));
    let of_size = |number: u8, size: u32| Claim {
        artifact: ArtifactReference {
            root: Hash::repeat_byte(number),
            size,
        },
        ..Claim::new(Alice, number, thousandths(-500))
    };
    let (empty, large) = (of_size(2, 0), of_size(3, 1024 * 1024 + 1));
    network.succeed(&[
        (Alice, claim.commit(genesis)),
        (Alice, empty.commit(genesis)),
        (Alice, large.commit(genesis)),
        (Ferdie, transfer(One.to_account_id(), 500 * MILLI_DOIN)),
    ]);

    let commitment = claim.commitment(genesis);
    let elsewhere = Claim {
        domain: 7,
        ..Claim::new(Ferdie, 4, thousandths(-500))
    };
    let better = Claim {
        reported: thousandths(-400),
        ..claim.clone()
    };
    let other_parameters = Claim {
        artifact: of_size(5, 80).artifact,
        ..claim.clone()
    };
    let other_nonce = Claim {
        nonce: [9; 32],
        ..claim.clone()
    };
    let close = of_domains(pallet_domains::Call::close { domain: 0 });
    let approve = of_domains(pallet_domains::Call::approve {
        domain: 0,
        base_weight: FixedU128::from_u32(9),
    });
    let mint = sudo(approve.clone());
    let burn = RuntimeCall::Balances(pallet_balances::Call::burn {
        value: DOIN,
        keep_alive: true,
    });
    let register = |domain| of_quorum(pallet_quorum::Call::register_evaluator { domain });
    let deregister = of_quorum(pallet_quorum::Call::deregister_evaluator { domain: 0 });
    let withdraw = of_quorum(pallet_quorum::Call::withdraw_evaluator_bond { domain: 0 });
    let vote = commit_vote(0, 1, Hash::zero());
    refused(
        &mut network,
        &[
            row(Alice, claim.commit(genesis), Optimae::AlreadyCommitted),
            row(Ferdie, elsewhere.commit(genesis), Optimae::UnknownDomain),
            row(One, claim.commit(genesis), Optimae::InsufficientBalance),
            row(Ferdie, claim.reveal(genesis), Optimae::NotCommitted),
            row(Alice, better.reveal_as(commitment), Optimae::CommitmentMismatch),
            row(
                Alice,
                other_parameters.reveal_as(commitment),
                Optimae::CommitmentMismatch,
            ),
            row(Alice, other_nonce.reveal_as(commitment), Optimae::CommitmentMismatch),
            row(Alice, better.reveal(genesis), Optimae::NotCommitted),
            row(Alice, empty.reveal(genesis), Optimae::ArtifactEmpty),
            row(Alice, large.reveal(genesis), Optimae::ArtifactTooLarge),
            row(Ferdie, prune(Alice, commitment), Optimae::NotExpired),
            row(Ferdie, prune(Ferdie, commitment), Optimae::NotCommitted),
            row(Ferdie, close.clone(), Domains::NotOwner),
            row(Alice, close, Domains::DomainApproved),
            row(Alice, approve, DispatchError::BadOrigin),
            row(Ferdie, mint, pallet_sudo::Error::<Runtime>::RequireSudo),
            row(Ferdie, burn, frame_system::Error::<Runtime>::CallFiltered),
            row(Bob, register(0), Quorum::AlreadyRegistered),
            row(Ferdie, register(7), Quorum::UnknownDomain),
            row(One, register(0), Quorum::InsufficientBalance),
            row(Ferdie, deregister, Quorum::NotRegistered),
            row(Bob, withdraw.clone(), Quorum::StillRegistered),
            row(Ferdie, withdraw, Quorum::NotRegistered),
            row(Bob, vote, Quorum::UnknownOptimum),
        ],
    );

    // What failed has used nothing up: the commits can still be opened, each at its time.
    let early = Claim::new(Ferdie, 6, thousandths(-400));
    let before = held(&network.books(), BOND);
    let outcomes = network.dispatch(&[(Ferdie, early.commit(genesis)), (Ferdie, early.reveal(genesis))]);
    assert_eq!(outcomes, [Ok(()), Err(Optimae::TooEarly.into())], "both in one block");
    assert_eq!(held(&network.books(), BOND), before + DOIN, "for the commit");
    let more: Vec<_> = (10..19)
        .map(|number| (Ferdie, Claim::new(Ferdie, number, thousandths(-300)).commit(genesis)))
        .collect();
    network.succeed(&more);
    let eleventh = Claim::new(Ferdie, 19, thousandths(-300));
    refused(
        &mut network,
        &[row(Ferdie, eleventh.commit(genesis), Optimae::TooManyCommits)],
    );

    let second = Claim::new(Alice, 7, thousandths(-450));
    network.succeed(&[(Alice, second.commit(genesis)), (Alice, claim.reveal(genesis))]);
    refused(
        &mut network,
        &[
            row(Alice, second.reveal(genesis), Optimae::AlreadyQueued),
            row(Alice, claim.reveal(genesis), Optimae::NotCommitted),
        ],
    );
    network.succeed(&[(Ferdie, early.reveal(genesis))]);
    goes_on(&mut network);
}

#[test]
fn votes_fail_by_name_and_nobody_votes_for_another_or_twice() {
    let mut network = Network::new(&patient());
    network.pass_slots(5);
    let genesis = network.genesis_hash();
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-500)));
    network.await_draw(optimum);
    let (round, order) = network.round(optimum);
    assert_eq!(round.round, 1);
    let [first, copier, late] = order[..] else {
        panic!("three are drawn");
    };
    let outsider = EVALUATORS.into_iter().find(|who| !order.contains(who));
    let outsider = outsider.expect("there are four");
    let vote = found(-500);
    let commitment = vote_of(genesis, optimum, 1, first, &vote);
    let reveal = |who| reveal_vote(optimum, vote, salt_of(who));

    refused(
        &mut network,
        &[
            row(outsider, commit_vote(optimum, 1, commitment), Quorum::NotDrawn),
            row(Alice, commit_vote(optimum, 1, commitment), Quorum::NotDrawn),
            row(Ferdie, commit_vote(optimum, 1, commitment), Quorum::NotDrawn),
            row(outsider, reveal(outsider), Quorum::NotDrawn),
            row(first, commit_vote(optimum, 2, commitment), Quorum::WrongRound),
            row(first, commit_vote(optimum + 9, 1, commitment), Quorum::UnknownOptimum),
            row(first, reveal(first), Quorum::RevealTooEarly),
        ],
    );
    // One copies the other's commitment: it binds the copier to nothing that can be opened.
    network.succeed(&[
        (first, commit_vote(optimum, 1, commitment)),
        (copier, commit_vote(optimum, 1, commitment)),
    ]);
    let other = vote_of(genesis, optimum, 1, first, &found(-600));
    refused(
        &mut network,
        &[
            row(first, commit_vote(optimum, 1, other), Quorum::AlreadyCommitted),
            row(copier, commit_vote(optimum, 1, other), Quorum::AlreadyCommitted),
            row(first, reveal(first), Quorum::RevealTooEarly),
        ],
    );

    // Who runs away from a seat leaves the bond behind.
    let deregister = of_quorum(pallet_quorum::Call::deregister_evaluator { domain: 0 });
    let withdraw = of_quorum(pallet_quorum::Call::withdraw_evaluator_bond { domain: 0 });
    network.succeed(&[(late, deregister)]);
    refused(&mut network, &[row(late, withdraw, Quorum::StillUnbonding)]);

    network.await_reveals(optimum);
    let own = vote_of(genesis, optimum, 1, late, &vote);
    refused(
        &mut network,
        &[
            row(late, commit_vote(optimum, 1, own), Quorum::CommitTooLate),
            row(late, reveal(late), Quorum::NotCommitted),
            row(
                first,
                reveal_vote(optimum, found(-501), salt_of(first)),
                Quorum::CommitmentMismatch,
            ),
            row(first, reveal(copier), Quorum::CommitmentMismatch),
            row(outsider, reveal(first), Quorum::NotDrawn),
        ],
    );
    network.succeed(&[(first, reveal(first))]);
    refused(
        &mut network,
        &[
            row(first, reveal(first), Quorum::AlreadyRevealed),
            row(first, commit_vote(optimum, 1, other), Quorum::AlreadyCommitted),
            row(copier, reveal(first), Quorum::CommitmentMismatch),
            row(copier, reveal(copier), Quorum::CommitmentMismatch),
        ],
    );

    // Round two: what was made for round one is of no use there.
    network.settle_until("round two is drawn", 40, |node| {
        let optimum = node.inspect(|| doin_runtime::views::optimum(optimum));
        optimum
            .and_then(|optimum| optimum.round)
            .is_some_and(|round| round.round == 2)
    });
    let (_, order) = network.round(optimum);
    assert!(!order.contains(&late), "who has left is not drawn again");
    let stale = first;
    assert!(order.contains(&stale), "there are only three");
    let again = vote_of(genesis, optimum, 1, stale, &vote);
    refused(
        &mut network,
        &[row(stale, commit_vote(optimum, 1, again), Quorum::WrongRound)],
    );
    network.judge(optimum, |_| vote);
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Accepted);
    refused(
        &mut network,
        &[
            row(stale, commit_vote(optimum, 2, again), Quorum::UnknownOptimum),
            row(stale, reveal(stale), Quorum::UnknownOptimum),
        ],
    );
    goes_on(&mut network);
}

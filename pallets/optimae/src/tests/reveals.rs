//! Reveals: what is opened, by whom, when, and what it costs.

use super::*;
use doin_primitives::DOIN;

#[test]
fn a_reveal_in_a_later_block_queues_the_optimum() {
    run(|| {
        let id = claim(ALICE).submit();
        assert_eq!(id, 0);
        assert!(Optima::has_due_work(CurrentSlot::get()));
    });
}

#[test]
fn a_reveal_without_a_commit_or_twice_is_refused() {
    run(|| {
        assert_noop!(claim(ALICE).reveal(), OptimaeError::NotCommitted);
        claim(ALICE).submit();
        assert_noop!(claim(ALICE).reveal(), OptimaeError::NotCommitted);
    });
}

#[test]
fn a_reveal_in_the_block_of_its_commit_is_too_early() {
    run(|| {
        assert_commit(&claim(ALICE));
        assert_noop!(claim(ALICE).reveal(), OptimaeError::TooEarly);
        // Not even in a later slot: what counts is that the commit is in a block that others have seen.
        CurrentSlot::set(CurrentSlot::get() + 5);
        assert_noop!(claim(ALICE).reveal(), OptimaeError::TooEarly);
        advance(1);
        assert_reveal(&claim(ALICE));
    });
}

#[test]
fn the_last_slot_of_the_deadline_is_in_time_and_the_next_is_too_late() {
    run(|| {
        assert_commit(&claim(ALICE));
        assert_commit(&claim(BOB));
        advance(REVEAL);
        assert_reveal(&claim(ALICE));
        // Before the hook has removed it.
        CurrentSlot::set(CurrentSlot::get() + 1);
        assert_noop!(claim(BOB).reveal(), OptimaeError::TooLate);
        advance(0);
        assert_noop!(claim(BOB).reveal(), OptimaeError::NotCommitted);
    });
}

#[test]
fn another_account_reveals_nothing() {
    run(|| {
        assert_commit(&claim(ALICE));
        advance(1);
        assert_noop!(
            claim(ALICE).reveal_as(BOB, claim(ALICE).commitment()),
            OptimaeError::NotCommitted
        );
        assert_reveal(&claim(ALICE));
    });
}

#[test]
fn nothing_but_what_was_committed_to_is_revealed() {
    run(|| {
        let honest = claim(ALICE);
        assert_commit(&honest);
        advance(1);
        let other_root = ArtifactReference {
            root: Hash::repeat_byte(9),
            ..honest.artifact
        };
        let other_size = ArtifactReference {
            size: 81,
            ..honest.artifact
        };
        let lies = [
            Claim {
                artifact: other_root,
                ..honest
            },
            Claim {
                artifact: other_size,
                ..honest
            },
            Claim {
                reported: thousandths(-399),
                ..honest
            },
            Claim {
                nonce: [4; 32],
                ..honest
            },
        ];
        for lie in lies {
            assert_noop!(
                lie.reveal_as(ALICE, honest.commitment()),
                OptimaeError::CommitmentMismatch
            );
        }
        // Hashed for another domain, committed in this one.
        let elsewhere = Claim { domain: 1, ..honest };
        assert_ok!(Optima::commit(
            RuntimeOrigin::signed(ALICE),
            DOMAIN,
            elsewhere.commitment()
        ));
        advance(1);
        assert_noop!(elsewhere.reveal(), OptimaeError::CommitmentMismatch);
        assert_reveal(&honest);
    });
}

#[test]
fn a_commitment_of_another_chain_opens_nothing_here() {
    run(|| {
        let commitment = claim(ALICE).commitment();
        assert_commit(&claim(ALICE));
        advance(1);
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0xaa));
        assert_noop!(
            claim(ALICE).reveal_as(ALICE, commitment),
            OptimaeError::CommitmentMismatch
        );
    });
}

#[test]
fn artifacts_have_bytes_and_fit_the_domain() {
    run(|| {
        for (size, error) in [
            (0, OptimaeError::ArtifactEmpty),
            (1_001, OptimaeError::ArtifactTooLarge),
        ] {
            let claim = Claim {
                artifact: ArtifactReference { size, ..artifact(1) },
                ..claim(ALICE)
            };
            assert_commit(&claim);
            advance(1);
            assert_noop!(claim.reveal(), error);
        }
        Claim {
            artifact: ArtifactReference {
                size: 1_000,
                ..artifact(1)
            },
            ..claim(BOB)
        }
        .submit();
    });
}

#[test]
fn one_optimum_an_account_waits_in_a_domain() {
    run(|| {
        Authors::set(0);
        claim(ALICE).submit();
        let second = Claim {
            nonce: [5; 32],
            ..claim(ALICE)
        };
        assert_commit(&second);
        advance(1);
        assert_noop!(second.reveal(), OptimaeError::AlreadyQueued);
        // In another domain it may.
        Claim {
            domain: 1,
            ..claim(ALICE)
        }
        .submit();
    });
}

#[test]
fn a_full_queue_refuses_and_burns_nothing_of_who_had_to_wait() {
    run(|| {
        Evaluators::set(0);
        Specification::mutate(|specification| specification.deadlines.vote_commit = 10_000);
        for who in CROWD..CROWD + 64 {
            assert_commit(&claim(who));
        }
        assert_commit(&claim(ALICE));
        advance(1);
        for who in CROWD..CROWD + 64 {
            assert_reveal(&claim(who));
        }
        assert_noop!(claim(ALICE).reveal(), OptimaeError::QueueFull);
        let total = free(ALICE) + bond_of(ALICE);
        advance(REVEAL);
        assert_eq!((bond_of(ALICE), free(ALICE), Burned::get()), (0, total, 0));
    });
}

#[test]
fn the_bond_is_topped_up_to_the_claims_value() {
    run(|| {
        // 0.2 of the pool, when the claim is worth T = 0.02 or more.
        let full = Pool::get() / 5;
        claim(ALICE).submit();
        assert_eq!(bond_of(ALICE), full);
        // A quarter of it for a quarter of T: φ is linear here.
        Claim {
            reported: thousandths(-495),
            ..claim(BOB)
        }
        .submit();
        assert_eq!(bond_of(BOB), full / 4);
        // No less than the minimum where nothing is claimed.
        Claim {
            reported: thousandths(-500),
            ..claim(CROWD)
        }
        .submit();
        assert_eq!(bond_of(CROWD), MINIMUM_BOND);
        // Half the domain's weight halves the value.
        DomainWeight::set(FixedU128::from_rational(1, 2));
        Claim {
            reported: thousandths(-490),
            ..claim(CROWD + 1)
        }
        .submit();
        assert_eq!(bond_of(CROWD + 1), full / 4);
        // Where nothing can be won, nothing is claimed.
        DomainWeight::set(FixedU128::from_u32(0));
        claim(CROWD + 2).submit();
        assert_eq!(bond_of(CROWD + 2), MINIMUM_BOND);
    });
}

#[test]
fn against_an_unknown_value_the_bond_is_a_full_one() {
    run(|| {
        Bests::mutate(|bests| bests.get_mut(&DOMAIN).unwrap().metric = None);
        Claim {
            reported: thousandths(-900),
            ..claim(ALICE)
        }
        .submit();
        assert_eq!(bond_of(ALICE), Pool::get() / 5);
    });
}

#[test]
fn the_bond_of_the_commit_never_shrinks() {
    run(|| {
        Fee::set(DOIN);
        assert_commit(&claim(ALICE));
        Fee::set(1);
        Pool::set(0);
        advance(1);
        assert_reveal(&claim(ALICE));
        assert_eq!(bond_of(ALICE), 5 * DOIN);
    });
}

#[test]
fn the_escrow_is_the_price_of_those_who_would_be_drawn() {
    run(|| {
        claim(ALICE).submit();
        assert_eq!(escrow_of(ALICE), 5 * PRICE);
        // Nobody is there yet: for those whom the domain asks for, so that late ones are paid.
        Evaluators::set(0);
        claim(BOB).submit();
        assert_eq!(escrow_of(BOB), 3 * PRICE);
        Specification::mutate(|specification| specification.quorum = doin_primitives::domain::QuorumSize::Fixed(7));
        claim(CROWD).submit();
        assert_eq!(escrow_of(CROWD), 7 * PRICE);
    });
}

#[test]
fn who_cannot_pay_may_repeat_the_reveal_with_coin() {
    run(|| {
        let claim = claim(POOR);
        assert_commit(&claim);
        advance(1);
        assert_noop!(claim.reveal(), OptimaeError::InsufficientBalance);
        assert_ok!(Balances::transfer_allow_death(
            RuntimeOrigin::signed(ALICE),
            POOR,
            100 * DOIN
        ));
        assert_reveal(&claim);
    });
}

//! Commits: bonds, limits, expiry.

use super::*;
use frame_support::dispatch::Pays;
use frame_support::traits::fungible::Inspect;

fn commit(who: u64, number: u64) -> DispatchResult {
    Optima::commit(RuntimeOrigin::signed(who), DOMAIN, Hash::from_low_u64_be(number))
        .map(|_| ())
        .map_err(|e| e.error)
}

#[test]
fn a_commit_takes_a_bond() {
    run(|| assert_commit(&claim(ALICE)));
}

#[test]
fn the_bond_follows_the_base_fee() {
    run(|| {
        Fee::set(MINIMUM_BOND);
        assert_commit(&claim(ALICE));
        assert_eq!(bond_of(ALICE), 5 * MINIMUM_BOND);
    });
}

#[test]
fn a_commitment_is_committed_once() {
    run(|| {
        assert_commit(&claim(ALICE));
        let commitment = claim(ALICE).commitment();
        assert_noop!(
            Optima::commit(RuntimeOrigin::signed(ALICE), DOMAIN, commitment),
            OptimaeError::AlreadyCommitted
        );
    });
}

#[test]
fn copying_anothers_commitment_blocks_nobody_and_opens_nothing() {
    run(|| {
        let original = claim(ALICE);
        // Bob sees the hash first and is even included first.
        assert_ok!(Optima::commit(
            RuntimeOrigin::signed(BOB),
            DOMAIN,
            original.commitment()
        ));
        assert_commit(&original);
        advance(1);
        assert_reveal(&original);
        // Now all is in clear; Bob's copy binds Alice's account, not his.
        assert_noop!(
            original.reveal_as(BOB, original.commitment()),
            OptimaeError::CommitmentMismatch
        );
        let total = Balances::total_balance(&BOB);
        advance(REVEAL);
        assert_eq!(Balances::total_balance(&BOB), total - MINIMUM_BOND / 10);
        assert_eq!(Burned::get(), MINIMUM_BOND / 10);
    });
}

#[test]
fn a_commit_needs_a_domain_and_coin() {
    run(|| {
        let origin = RuntimeOrigin::signed(ALICE);
        assert_noop!(
            Optima::commit(origin, DOMAINS, Hash::zero()),
            OptimaeError::UnknownDomain
        );
        let origin = RuntimeOrigin::signed(EVA);
        assert_noop!(
            Optima::commit(origin, DOMAIN, Hash::zero()),
            OptimaeError::InsufficientBalance
        );
    });
}

#[test]
fn ten_commits_are_open_at_most_and_expired_ones_do_not_count() {
    run(|| {
        for number in 0..10 {
            assert_ok!(commit(ALICE, number));
        }
        assert_noop!(commit(ALICE, 10), OptimaeError::TooManyCommits);
        // Another's limit is another one.
        assert_ok!(commit(BOB, 10));
        // The time is over before the hook has run: the next commit prunes.
        CurrentSlot::set(CurrentSlot::get() + REVEAL + 1);
        assert_ok!(commit(ALICE, 10));
        assert_eq!(Commits::<Test>::get(ALICE).len(), 1);
        assert_eq!(bond_of(ALICE), MINIMUM_BOND);
        assert_eq!(Burned::get(), 10 * (MINIMUM_BOND / 10));
    });
}

#[test]
fn an_unrevealed_commit_burns_a_tenth_right_after_its_deadline() {
    run(|| {
        let total = free(ALICE);
        assert_commit(&claim(ALICE));
        let deadline = CurrentSlot::get() + REVEAL;
        assert!(!Optima::has_due_work(deadline));
        assert!(Optima::has_due_work(deadline + 1));
        advance(REVEAL);
        assert_eq!(bond_of(ALICE), MINIMUM_BOND);
        advance(1);
        assert_eq!(bond_of(ALICE), 0);
        assert_eq!(free(ALICE), total - MINIMUM_BOND / 10);
        let event = Event::CommitExpired {
            domain: DOMAIN,
            optimizer: ALICE,
            commitment: claim(ALICE).commitment(),
            burned: MINIMUM_BOND / 10,
            returned: MINIMUM_BOND - MINIMUM_BOND / 10,
        };
        assert_eq!(events().last(), Some(&event));
        assert!(!Optima::has_due_work(u64::MAX));
        assert!(!Optima::is_active(DOMAIN));
    });
}

#[test]
fn anybody_prunes_what_has_expired_for_free_and_nothing_else() {
    run(|| {
        assert_commit(&claim(ALICE));
        let commitment = claim(ALICE).commitment();
        let prune = |who, commitment| Optima::prune(RuntimeOrigin::signed(BOB), who, commitment);
        assert_noop!(prune(ALICE, commitment), OptimaeError::NotExpired);
        assert_noop!(prune(BOB, commitment), OptimaeError::NotCommitted);
        assert_noop!(prune(ALICE, Hash::zero()), OptimaeError::NotCommitted);
        CurrentSlot::set(CurrentSlot::get() + REVEAL);
        assert_noop!(prune(ALICE, commitment), OptimaeError::NotExpired);
        CurrentSlot::set(CurrentSlot::get() + 1);
        assert_eq!(prune(ALICE, commitment).unwrap().pays_fee, Pays::No);
        assert_eq!(bond_of(ALICE), 0);
        assert_noop!(prune(ALICE, commitment), OptimaeError::NotCommitted);
    });
}

#[test]
fn a_crowd_expires_sixteen_a_block_in_order_of_deadlines() {
    run(|| {
        for who in CROWD..CROWD + 40 {
            assert_ok!(commit(who, who));
            advance(1);
        }
        CurrentSlot::set(CurrentSlot::get() + REVEAL);
        for expired in [16, 32, 40] {
            assert!(Optima::has_due_work(CurrentSlot::get()));
            advance(0);
            let left: Vec<u64> = (CROWD..CROWD + 40)
                .filter(|who| Commits::<Test>::contains_key(who))
                .collect();
            assert_eq!(left, (CROWD + expired..CROWD + 40).collect::<Vec<u64>>());
        }
        assert!(!Optima::has_due_work(u64::MAX));
        assert_eq!(Burned::get(), 40 * (MINIMUM_BOND / 10));
    });
}

#[test]
fn many_revealed_commits_before_an_open_one_cost_bounded_steps() {
    run(|| {
        // The first stays open while 40 behind it are revealed, then it is revealed too: 41 gaps in a row.
        let first = claim(ALICE);
        assert_commit(&first);
        for who in CROWD..CROWD + 40 {
            assert_commit(&claim(who));
        }
        let last = claim(BOB);
        assert_commit(&last);
        advance(1);
        for who in CROWD..CROWD + 40 {
            assert_reveal(&claim(who));
        }
        let deadline = FIRST_SLOT + REVEAL;
        assert!(ExpiryRanges::<Test>::get(DOMAIN).first == 0);
        assert_reveal(&first);
        assert!(ExpiryRanges::<Test>::get(DOMAIN).first <= u64::from(MAX_GAPS));
        Evaluators::set(0);
        Specification::mutate(|specification| specification.deadlines.vote_commit = 10_000);
        Optima::do_try_state().unwrap();
        // The last one's expiry is found in time all the same.
        CurrentSlot::set(deadline);
        advance(0);
        assert_eq!(bond_of(BOB), MINIMUM_BOND);
        advance(1);
        assert_eq!(bond_of(BOB), 0);
    });
}

#[test]
fn domains_expire_side_by_side() {
    run(|| {
        for domain in 0..3 {
            assert_commit(&Claim { domain, ..claim(ALICE) });
            advance(10);
        }
        advance(REVEAL - 30 + 1);
        let open: Vec<DomainId> = Commits::<Test>::get(ALICE).iter().map(|commit| commit.domain).collect();
        assert_eq!(open, vec![1, 2]);
        advance(20);
        assert!(!Commits::<Test>::contains_key(ALICE));
        assert!(NextExpiries::<Test>::get().is_empty());
    });
}

//! Bonding, choosing, dropping and leaving.

use crate::{mock::*, *};
use doin_primitives::engine::ClaimKind;
use frame_support::{assert_noop, assert_ok};

fn balance_free(who: u64) -> u128 {
    Balances::free_balance(who)
}

/// Bonds and checks what changes.
fn assert_bond(who: u64) {
    let (free, held) = (balance_free(who), ProofOfOptimization::bond_of(&who));
    System::reset_events();
    assert_ok!(ProofOfOptimization::bond_authority(RuntimeOrigin::signed(who)));
    assert_eq!(ProofOfOptimization::bond_of(&who), BOND);
    assert_eq!(balance_free(who), free - (BOND - held));
    assert_eq!(Bonds::<Test>::get(who), Some(BondStatus::Candidate));
    assert!(Candidates::<Test>::get().contains(&who));
    assert_eq!(events().last(), Some(&Event::AuthorityBonded { who, bond: BOND }));
}

/// Leaves and checks what changes. Returns the slot named.
fn assert_unbond(who: u64) -> u64 {
    let until = CurrentSlot::<Test>::get() + UNBONDING;
    System::reset_events();
    assert_ok!(ProofOfOptimization::unbond_authority(RuntimeOrigin::signed(who)));
    assert_eq!(Bonds::<Test>::get(who), Some(BondStatus::Unbonding { until }));
    assert!(!Candidates::<Test>::get().contains(&who));
    assert_eq!(events(), [Event::AuthorityUnbonding { who, until }]);
    until
}

/// Withdraws and checks what changes.
fn assert_withdraw(who: u64) {
    let (free, held) = (balance_free(who), ProofOfOptimization::bond_of(&who));
    System::reset_events();
    assert_ok!(ProofOfOptimization::withdraw_authority_bond(RuntimeOrigin::signed(who)));
    assert_eq!(ProofOfOptimization::bond_of(&who), 0);
    assert_eq!(balance_free(who), free + held);
    assert_eq!(Bonds::<Test>::get(who), None);
    assert_eq!(events(), [Event::AuthorityBondWithdrawn { who, bond: held }]);
}

fn newcomer(who: u64, points: u32) {
    register_keys(who);
    set_reputation(who, milli(points));
}

fn accounts(seats: Seats<Test>) -> Vec<u64> {
    let mut accounts: Vec<_> = seats.iter().map(|seat| seat.account).collect();
    accounts.sort();
    accounts
}

fn seated() -> Vec<u64> {
    accounts(Authorities::<Test>::get())
}

/// The first blocks of the next `count` epochs, by the holder of seat 0.
fn epochs(count: u64) {
    for _ in 0..count {
        let next = ProofOfOptimization::next_epoch().start_slot;
        block(next.into(), 0);
    }
}

#[test]
fn bonding_needs_keys_reputation_and_coin() {
    on_chain(1, || {
        block(FIRST, 0);
        let bond = |who| ProofOfOptimization::bond_authority(RuntimeOrigin::signed(who));
        assert_noop!(bond(2), Error::<Test>::NoSessionKeys);
        newcomer(2, 1_999);
        assert_noop!(bond(2), Error::<Test>::ReputationTooLow);
        set_reputation(2, milli(2_000));
        assert_bond(2);
        assert_noop!(bond(2), Error::<Test>::AlreadyBonded);
        newcomer(99, 5_000);
        assert_noop!(bond(99), sp_runtime::TokenError::FundsUnavailable);
        assert_noop!(
            ProofOfOptimization::bond_authority(RuntimeOrigin::root()),
            sp_runtime::DispatchError::BadOrigin
        );
        assert_noop!(bond(1), Error::<Test>::AlreadyBonded);
    });
}

#[test]
fn a_newcomer_enters_two_sessions_later_and_leaves_below_one_point() {
    on_chain(1, || {
        block(FIRST, 0);
        newcomer(2, 2_000);
        assert_bond(2);
        epochs(1);
        assert_eq!(seated(), [1]);
        assert_eq!(accounts(NextAuthorities::<Test>::get()), [1, 2]);
        assert!(pallet_session::QueuedChanged::<Test>::get());
        epochs(1);
        assert_eq!(seated(), [1, 2]);
        // Between one point and two it stays …
        set_reputation(2, milli(1_000));
        epochs(3);
        assert_eq!(seated(), [1, 2]);
        assert!(!pallet_session::QueuedChanged::<Test>::get());
        // … below it leaves, and does not come back at 1.999.
        set_reputation(2, milli(999));
        epochs(2);
        assert_eq!(seated(), [1]);
        set_reputation(2, milli(1_999));
        epochs(2);
        assert_eq!(seated(), [1]);
        set_reputation(2, milli(2_000));
        epochs(2);
        assert_eq!(seated(), [1, 2]);
    });
}

#[test]
fn the_best_are_seated_and_no_more_than_fit() {
    on_chain(3, || {
        block(FIRST, 0);
        for (who, points) in [(4, 3_000), (5, 20_000), (6, 4_000), (7, 11_000)] {
            newcomer(who, points);
            assert_bond(who);
        }
        epochs(2);
        // Five seats: 5 and 7, then 1, 2 and 3 with ten points each; 6 and 4 wait.
        assert_eq!(
            Authorities::<Test>::get()
                .iter()
                .map(|seat| seat.account)
                .collect::<Vec<_>>(),
            [5, 7, 1, 2, 3]
        );
        assert_eq!(ProofOfOptimization::weight_of(&5), Some(20_000));
        set_reputation(6, milli(10_001));
        epochs(2);
        assert_eq!(seated(), [1, 2, 5, 6, 7]);
    });
}

#[test]
fn too_few_are_filled_with_the_best_of_the_rest() {
    chain_with(3, |parameters| parameters.minimum_authorities = 2).execute_with(|| {
        block(FIRST, 0);
        set_reputation(1, milli(10));
        set_reputation(2, milli(500));
        set_reputation(3, milli(20));
        epochs(2);
        assert_eq!(seated(), [2, 3]);
        assert_eq!(ProofOfOptimization::weight_of(&3), Some(20));
        // Nobody has weight 0.
        set_reputation(3, milli(0));
        set_reputation(1, milli(0));
        epochs(2);
        assert_eq!(seated().len(), 2);
        assert!(Authorities::<Test>::get().iter().any(|seat| seat.weight == 1));
    });
}

#[test]
fn when_nobody_is_left_the_set_goes_on() {
    on_chain(2, || {
        block(FIRST, 0);
        assert_unbond(1);
        assert_unbond(2);
        epochs(4);
        assert_eq!(seated(), [1, 2]);
        // They are needed: their bonds stay, long after the period.
        let slot = CurrentSlot::<Test>::get() + 10 * UNBONDING;
        block(slot, 0);
        assert_noop!(
            ProofOfOptimization::withdraw_authority_bond(RuntimeOrigin::signed(1)),
            Error::<Test>::StillSeated
        );
        // One comes back: the other may go, and is held for the whole period from then on.
        assert_bond(2);
        epochs(2);
        assert_eq!(seated(), [2]);
        assert_noop!(
            ProofOfOptimization::withdraw_authority_bond(RuntimeOrigin::signed(1)),
            Error::<Test>::StillUnbonding
        );
    });
}

#[test]
fn leaving_takes_the_unbonding_period_after_the_last_seat() {
    on_chain(2, || {
        let withdraw = |who| ProofOfOptimization::withdraw_authority_bond(RuntimeOrigin::signed(who));
        let unbond = |who| ProofOfOptimization::unbond_authority(RuntimeOrigin::signed(who));
        block(FIRST, 0);
        assert_noop!(withdraw(3), Error::<Test>::NotBonded);
        assert_noop!(unbond(3), Error::<Test>::NotBonded);
        assert_noop!(withdraw(2), Error::<Test>::NotUnbonding);
        assert_unbond(2);
        assert_noop!(unbond(2), Error::<Test>::AlreadyUnbonding);
        assert_noop!(withdraw(2), Error::<Test>::StillSeated);
        epochs(1);
        assert_eq!(seated(), [1, 2]);
        assert_noop!(withdraw(2), Error::<Test>::StillSeated);
        epochs(1);
        assert_eq!(seated(), [1]);
        let left = CurrentSlot::<Test>::get();
        assert_eq!(
            Bonds::<Test>::get(2),
            Some(BondStatus::Unbonding {
                until: left + UNBONDING
            })
        );
        block(left + UNBONDING - 1, 0);
        assert_noop!(withdraw(2), Error::<Test>::StillUnbonding);
        block(left + UNBONDING, 0);
        assert_withdraw(2);
        assert_noop!(withdraw(2), Error::<Test>::NotBonded);
        // And may come again.
        assert_bond(2);
    });
}

#[test]
fn who_is_leaving_may_stay_after_all() {
    on_chain(2, || {
        block(FIRST, 0);
        assert_unbond(2);
        assert_bond(2);
        epochs(3);
        assert_eq!(seated(), [1, 2]);
    });
}

#[test]
fn a_full_list_makes_room_for_the_better_and_for_nobody_else() {
    on_chain(5, || {
        block(FIRST, 0);
        for who in [6, 7] {
            newcomer(who, 2_000 + who as u32);
            assert_bond(who);
        }
        assert_eq!(Candidates::<Test>::get().len(), 7);
        let bond = |who| ProofOfOptimization::bond_authority(RuntimeOrigin::signed(who));
        // Money is not enough.
        newcomer(8, 2_006);
        assert_noop!(bond(8), Error::<Test>::TooManyCandidates);
        set_reputation(8, milli(2_100));
        assert_bond(8);
        assert_eq!(Bonds::<Test>::get(6), Some(BondStatus::Suspended));
        assert!(events().contains(&Event::AuthoritySuspended {
            who: 6,
            reason: SuspensionReason::Outranked
        }));
        assert_eq!(ProofOfOptimization::bond_of(&6), BOND, "nothing is lost");
        // The seated are not put out this way, however little they have.
        for who in 1..=5 {
            set_reputation(who, milli(1_000));
        }
        newcomer(9, 2_001);
        assert_noop!(bond(9), Error::<Test>::TooManyCandidates);
        // Who was put out leaves like anybody else.
        assert_unbond(6);
    });
}

#[test]
fn an_absent_authority_is_dropped_by_its_weight() {
    on_chain(2, || {
        block(FIRST, 0);
        block(FIRST + 1, 1);
        set_reputation(2, milli(10_000));
        // Weight share ½: 20 primary blocks without it are just borne, 21 are not.
        for slot in FIRST + 2..FIRST + 22 {
            block_by(slot, 0, ClaimKind::Primary, || {});
        }
        assert_eq!((PrimaryBlocks::<Test>::get(), LastSeen::<Test>::get(2)), (20, Some(0)));
        epochs(1);
        assert!(Candidates::<Test>::get().contains(&2));
        block_by(CurrentSlot::<Test>::get() + 1, 0, ClaimKind::Primary, || {});
        epochs(1);
        assert_eq!(Bonds::<Test>::get(2), Some(BondStatus::Suspended));
        assert!(events().contains(&Event::AuthoritySuspended {
            who: 2,
            reason: SuspensionReason::Absence
        }));
        epochs(1);
        assert_eq!(seated(), [1]);
        assert_eq!(LastSeen::<Test>::get(2), None);
        // It comes back by bonding again, and is counted from when it is seated.
        assert_bond(2);
        epochs(2);
        assert_eq!(seated(), [1, 2]);
        assert_eq!(LastSeen::<Test>::get(2), Some(21));
        epochs(2);
        assert_eq!(seated(), [1, 2]);
    });
}

#[test]
fn a_small_weight_is_not_dropped_by_bad_luck() {
    on_chain(2, || {
        set_reputation(1, milli(99_000));
        set_reputation(2, milli(1_000));
        block(FIRST, 0);
        epochs(2);
        assert_eq!(ProofOfOptimization::weight_of(&2), Some(1_000));
        // A hundredth: a thousand primary blocks are borne. 200 are nothing.
        for _ in 0..200 {
            block_by(CurrentSlot::<Test>::get() + 1, 0, ClaimKind::Primary, || {});
        }
        assert_eq!(seated(), [1, 2]);
    });
}

#[test]
fn secondary_blocks_show_presence_and_count_against_nobody() {
    on_chain(2, || {
        block(FIRST, 0);
        for offset in 1..60 {
            block(FIRST + offset, 0);
        }
        assert_eq!(seated(), [1, 2], "only primary blocks count");
        assert_eq!(PrimaryBlocks::<Test>::get(), 0);
    });
}

#[test]
fn a_member_without_keys_leaves_and_a_changed_key_is_provable() {
    on_chain(3, || {
        block(FIRST, 0);
        assert_ok!(Session::purge_keys(RuntimeOrigin::signed(3)));
        register_these_keys(
            2,
            SessionKeys {
                doin: keys::key(12),
                grandpa: keys::grandpa_key(12),
            },
        );
        epochs(1);
        assert_eq!(accounts(NextAuthorities::<Test>::get()), [1, 2]);
        epochs(1);
        assert_eq!(seated(), [1, 2]);
        let key_of = |who| {
            Authorities::<Test>::get()
                .iter()
                .find(|seat| seat.account == who)
                .unwrap()
                .key
                .clone()
        };
        assert_eq!(key_of(2), keys::key(12));
        // Only the keys change: accounts stay, and yet the session pallet hears of it, so that the historical root
        // knows the new key.
        register_these_keys(
            2,
            SessionKeys {
                doin: keys::key(22),
                grandpa: keys::grandpa_key(22),
            },
        );
        epochs(2);
        assert_eq!(key_of(2), keys::key(22));
        let root = |session| pallet_session::historical::HistoricalSessions::<Test>::get(session).unwrap();
        let session = Session::current_index();
        assert_ne!(root(session), root(session - 1));
        epochs(1);
        assert_eq!(root(session + 1), root(session));
    });
}

#[test]
fn authorities_who_remove_their_keys_do_not_end_the_chain() {
    on_chain(2, || {
        block(FIRST, 0);
        for who in [1, 2] {
            assert_ok!(Session::purge_keys(RuntimeOrigin::signed(who)));
        }
        epochs(4);
        assert_eq!(Session::validators(), Vec::<u64>::new());
        assert_eq!(seated(), [1, 2], "the last set goes on");
        assert_eq!(Grandpa::grandpa_authorities().len(), 2);
        assert_eq!(ProofOfOptimization::next_epoch().authorities.len(), 2);
        // With keys again it is a set like any other.
        register_keys(2);
        epochs(2);
        assert_eq!(seated(), [2]);
        assert_eq!(Session::validators(), [2]);
        assert_eq!(Grandpa::grandpa_authorities().len(), 1);
        // The same accounts with the same keys as the engine's last set: the session pallet must hear of them.
        assert_ok!(Session::purge_keys(RuntimeOrigin::signed(2)));
        epochs(3);
        register_keys(2);
        epochs(2);
        assert_eq!((seated(), Session::validators()), (vec![2], vec![2]));
    });
}

#[test]
fn history_is_pruned() {
    on_chain(1, || {
        block(FIRST, 0);
        let remembered = u64::from(NetworkParameters::<Test>::get().remembered_sessions());
        assert_eq!(remembered, UNBONDING / EPOCH + 4);
        epochs(3 * remembered);
        let sessions = pallet_session::historical::HistoricalSessions::<Test>::iter_keys().count() as u64;
        assert!(sessions <= remembered + 2, "{sessions}");
        assert!(SessionEpochs::<Test>::iter_keys().count() as u64 <= remembered + 1);
        assert_eq!(LastSeen::<Test>::iter_keys().count(), 1);
    });
}

#[test]
fn a_genesis_member_without_coin_stays_without_a_bond() {
    chain_with(1, |parameters| {
        parameters.authority_bond = 10_000 * doin_primitives::DOIN
    })
    .execute_with(|| {
        block(FIRST, 0);
        assert!(events().contains(&Event::AuthorityBonded { who: 1, bond: 0 }));
        assert_eq!(ProofOfOptimization::bond_of(&1), 0);
        epochs(3);
        assert_eq!(seated(), [1]);
        assert_unbond(1);
    });
}

//! What is earned, lost and forgotten.

use super::*;
use crate::Records;
use doin_primitives::Increment;
use sp_runtime::traits::Zero;

/// Work that is worth this many thousandths of a point with the mock's T̄ of 0.02, below the work of T̄.
fn worth(thousandths: u128) -> FixedU128 {
    FixedU128::from_rational(2 * thousandths, 1_000_000)
}

/// An optimum on which no evaluator earns.
fn accept(who: AccountId, work: Increment) -> Reputation {
    ReputationPallet::on_accepted(&who, &[], work)
}

#[test]
fn accepted_work_earns_in_proportion_and_little_in_a_burst() {
    Builder::default().build_and_execute(|| {
        assert_change(1, Reason::Accepted, milli(0), milli(250), || {
            assert_eq!(accept(1, worth(250)), milli(250));
        });
        assert_change(1, Reason::Accepted, milli(250), milli(10_000), || {
            assert_eq!(accept(1, worth(9_750)), milli(10_000));
        });
        // All proportional points of this height are earned: 90 times the work of T̄ more are ln 91 points.
        accept(2, worth(900_000));
        assert!(points(2) > milli(4_510) && points(2) < milli(4_511));
        // The next height begins anew.
        Height::set(&1);
        assert_eq!(accept(3, worth(1_000)), milli(1_000));
    });
}

#[test]
fn agreeing_and_diverging_follow_the_work() {
    Builder::default().with(1, milli(5_000)).build_and_execute(|| {
        let agree = |work| {
            ReputationPallet::on_accepted(&9, &[1], work);
        };
        agree(worth(1_000));
        assert_eq!((points(9), points(1)), (milli(1_000), milli(5_400)));
        agree(worth(50));
        assert_eq!((points(9), points(1)), (milli(1_050), milli(5_420)));
        assert_change(1, Reason::Diverged, milli(5_420), milli(4_420), || {
            ReputationPallet::on_diverged(&1, worth(500))
        });
        // The penalty is full at a point's worth of work, and does not shrink in a burst.
        assert_change(1, Reason::Diverged, milli(4_420), milli(2_420), || {
            ReputationPallet::on_diverged(&1, worth(1_000_000))
        });
    });
}

#[test]
fn what_a_false_acceptance_has_earned_is_lost_and_three_points_more() {
    Builder::default()
        .with(1, milli(20_000))
        .with(2, milli(5_000))
        .build_and_execute(|| {
            assert_change(1, Reason::Overturned, milli(20_000), milli(12_500), || {
                ReputationPallet::on_overturned(&1, milli(4_500), true)
            });
            assert_change(1, Reason::Overturned, milli(12_500), milli(11_500), || {
                ReputationPallet::on_overturned(&1, milli(1_000), false)
            });
            // The floor is 0.
            assert_change(2, Reason::Overturned, milli(5_000), milli(0), || {
                ReputationPallet::on_overturned(&2, milli(4_500), true)
            });
        });
}

#[test]
fn faults_cost_fixed_points() {
    Builder::default().with(1, milli(20_000)).build_and_execute(|| {
        assert_change(1, Reason::Refuted, milli(20_000), milli(17_000), || {
            ReputationPallet::on_refuted(&1)
        });
        assert_change(1, Reason::NoShow, milli(17_000), milli(16_500), || {
            ReputationPallet::on_no_show(&1)
        });
        assert_change(1, Reason::Equivocation, milli(16_500), milli(6_500), || {
            ReputationPallet::on_equivocation(&1)
        });
    });
    Builder::default().with(1, milli(20_000)).build_and_execute(|| {
        assert_change(1, Reason::Discredited, milli(20_000), milli(10_000), || {
            ReputationPallet::on_discredited(&1)
        });
    });
}

#[test]
fn never_falls_below_zero_and_leaves_no_record_there() {
    Builder::default().with(1, milli(2_000)).build_and_execute(|| {
        assert_change(1, Reason::Equivocation, milli(2_000), milli(0), || {
            ReputationPallet::on_equivocation(&1)
        });
        assert!(!Records::<Test>::contains_key(1));
        // Faults of an account with nothing change nothing.
        System::reset_events();
        ReputationPallet::on_refuted(&1);
        ReputationPallet::on_no_show(&2);
        assert!(System::events().is_empty());
        assert_eq!(Records::<Test>::iter_keys().count(), 0);
    });
}

#[test]
fn work_of_nothing_changes_nothing() {
    Builder::default().with(1, milli(2_000)).build_and_execute(|| {
        Height::set(&5);
        let before = Records::<Test>::get(1);
        assert_eq!(accept(1, FixedU128::zero()), points(1));
        ReputationPallet::on_diverged(&1, FixedU128::zero());
        assert_eq!(Records::<Test>::get(1), before);
        assert_eq!(accept(2, FixedU128::zero()), milli(0));
        assert!(!Records::<Test>::contains_key(2));
        assert!(System::events().is_empty());
    });
}

#[test]
fn less_than_counts_is_not_kept() {
    Builder::default().build_and_execute(|| {
        // 0.0005 points are below what counts: an account cannot grow records out of crumbs ...
        for _ in 0..10 {
            assert_eq!(accept(1, FixedU128::from_rational(1, 1_000_000)), milli(0));
        }
        assert!(!Records::<Test>::contains_key(1));
        // ... but with a record each crumb adds up.
        accept(2, worth(1));
        for _ in 0..10 {
            accept(2, FixedU128::from_rational(1, 1_000_000));
        }
        assert_eq!(points(2), milli(6));
    });
}

#[test]
fn points_halve_in_1008_optimization_blocks() {
    Builder::default().with(1, milli(10_000)).build_and_execute(|| {
        Height::set(&1_008);
        assert_eq!(points(1), milli(5_000));
        assert_change(1, Reason::Accepted, milli(5_000), milli(6_000), || {
            accept(1, worth(1_000));
        });
        Height::set(&2_016);
        assert_eq!(points(1), milli(3_000));
        // Reading changes nothing.
        assert_eq!(Records::<Test>::get(1).map(|record| record.updated_at), Some(1_008));
    });
}

/// What an improvement in so many slices earns, by as many accounts as there are slices or by one, and its evaluator.
fn earned_in(slices: u128, accounts: u128, whole: u128) -> (u128, Reputation) {
    let mut earned = Default::default();
    let accounts: Vec<AccountId> = (0..accounts).map(|account| 100 + account as u64).collect();
    let begin = accounts
        .iter()
        .fold(Builder::default().with(1, milli(1_000)), |chain, who| {
            chain.with(*who, milli(1_000))
        });
    begin.build_and_execute(|| {
        for slice in 0..slices {
            let who = accounts[slice as usize % accounts.len()];
            ReputationPallet::on_accepted(&who, &[1], FixedU128::from_inner(whole / slices));
        }
        let sum = accounts
            .iter()
            .map(|who| points(*who).into_inner() - milli(1_000).into_inner())
            .sum();
        earned = (sum, points(1));
    });
    earned
}

#[test]
fn one_improvement_earns_the_same_in_one_piece_and_in_slices_of_one_account_or_many() {
    // Of the worth of 0.009, 1, 10 and 25 000 points, were they all proportional.
    for whole in [18, 2_000, 20_000, 50_000_000].map(|work: u128| work * 10u128.pow(12)) {
        let (piece, evaluator) = earned_in(1, 1, whole);
        assert!(piece > 0);
        for (slices, accounts) in [(100, 1), (100, 100), (7, 3)] {
            let (sliced, sliced_evaluator) = earned_in(slices, accounts, whole);
            assert!(
                sliced <= piece && piece - sliced < 10u128.pow(4),
                "{whole} {slices}: {sliced} {piece}"
            );
            assert!(sliced_evaluator <= evaluator, "{whole} {slices}");
        }
    }
}

#[test]
fn members_of_genesis_start_with_ten_points_once() {
    Builder::default().with(1, milli(3_000)).build_and_execute(|| {
        ReputationPallet::on_genesis_member(&1);
        assert_eq!(points(1), milli(3_000));
        assert_change(2, Reason::Genesis, milli(0), milli(10_000), || {
            ReputationPallet::on_genesis_member(&2)
        });
        ReputationPallet::on_refuted(&2);
        ReputationPallet::on_genesis_member(&2);
        assert_eq!(points(2), milli(7_000));
    });
}

#[test]
#[should_panic(expected = "names an account twice")]
fn genesis_refuses_an_account_twice() {
    Builder::default().with(1, milli(3_000)).with(1, milli(4_000)).build();
}

//! Properties that hold for any credits and claims.

use super::*;
use crate::{Burned, Pending, PendingPoints};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Optimizer(AccountId, u128),
    Evaluator(AccountId, u128),
    Block(AccountId),
    Claim(OptimizationHeight, AccountId),
    Void(OptimizationHeight, AccountId, u128),
    Freeze(OptimizationHeight, AccountId),
}

fn step() -> impl Strategy<Value = Step> {
    let points = prop_oneof![1u128..10, 1..10u128.pow(18), 1..10u128.pow(30)];
    let account = 1u64..8;
    prop_oneof![
        2 => (1u64..8, account.clone(), points.clone()).prop_map(|(height, who, points)| Step::Void(height, who, points)),
        2 => (1u64..8, account.clone()).prop_map(|(height, who)| Step::Freeze(height, who)),
        4 => (account.clone(), points.clone()).prop_map(|(who, points)| Step::Optimizer(who, points)),
        6 => (account.clone(), points).prop_map(|(who, points)| Step::Evaluator(who, points)),
        3 => account.clone().prop_map(Step::Block),
        8 => (1u64..8, account).prop_map(|(height, who)| Step::Claim(height, who)),
    ]
}

trait Void {
    fn has_void(&self) -> bool;
}

impl Void for PendingPoints {
    fn has_void(&self) -> bool {
        self.void_optimizers + self.void_evaluators > 0
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_coin_of_every_pot_reaches_somebody(steps in proptest::collection::vec(step(), 1..120)) {
        Builder.build_and_execute(|| {
            let genesis = Coin::supply().genesis;
            // All accounts exist, so that every claim can be paid.
            (1..8).for_each(|who| {
                Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), who, EXISTENTIAL_DEPOSIT).expect("is rich");
            });
            let mut frozen = vec![];
            for step in steps {
                match step {
                    Step::Void(height, who, points) => {
                        Coin::void(height, &who, units(points), units(points / 2));
                    }
                    // Of pots that are there or to come: it is optimae accepted then that are challenged.
                    Step::Freeze(height, who) if height <= LastHeight::<Test>::get() + 1 => {
                        Coin::freeze(height, &who);
                        frozen.push((height, who));
                    }
                    Step::Freeze(..) => {}
                    Step::Block(author) if Pending::<Test>::get().has_void() => {
                        Coin::on_optimization_block(LastHeight::<Test>::get() + 1, &author);
                    }
                    Step::Claim(height, who) if frozen.contains(&(height, who)) => {
                        assert!(Coin::claim(RuntimeOrigin::signed(RICH), height, who).is_err());
                    }
                    Step::Optimizer(who, points) => Coin::credit_optimizer(&who, units(points)),
                    Step::Evaluator(who, points) => Coin::credit_evaluator(&who, units(points)),
                    Step::Block(author) => {
                        assert_pot(author);
                    },
                    Step::Claim(height, who) => match Coin::claim_value(height, &who) {
                        Some(amount) => assert_claim(height, who, amount),
                        None => assert!(Coin::claim(RuntimeOrigin::signed(RICH), height, who).is_err()),
                    },
                }
                Coin::do_try_state().expect("the invariants hold after every step");
            }
            for (height, who) in frozen {
                Coin::unfreeze(height, &who);
            }
            Coin::do_try_state().expect("the invariants hold");
            // Claim all that is left: nothing stays in the pots, and nothing was created or lost on the way.
            for who in 1..8 {
                for height in Coin::claimable(&who, u32::MAX) {
                    Coin::claim(RuntimeOrigin::signed(RICH), height, who).expect("claims");
                }
            }
            assert_eq!(Unclaimed::<Test>::get(), 0);
            assert_eq!(Pots::<Test>::iter().count(), 0);
            assert_eq!(Balances::balance(&Coin::account_id()), EXISTENTIAL_DEPOSIT);
            let minted = subsidy::minted_until(LastHeight::<Test>::get());
            assert_eq!(Balances::total_issuance() + Burned::<Test>::get(), genesis + minted);
        });
    }

    #[test]
    fn payments_do_not_depend_on_the_order_of_claims(
        points in proptest::collection::vec(1u128..10u128.pow(24), 2..12),
        reverse in any::<bool>(),
    ) {
        Builder.build_and_execute(|| {
            let all: u128 = points.iter().sum();
            let accounts: Vec<AccountId> = (10..10 + points.len() as u64).collect();
            for (who, points) in accounts.iter().zip(&points) {
                Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), *who, EXISTENTIAL_DEPOSIT).expect("is rich");
                Coin::credit_optimizer(who, units(*points));
            }
            let height = assert_pot(AUTHOR);
            let mut order: Vec<_> = accounts.iter().zip(&points).collect();
            if reverse {
                order.reverse();
            }
            for (who, points) in order {
                assert_claim(height, *who, subsidy::worth(32_500 * doin_primitives::MILLI_DOIN, *points, all));
            }
        });
    }
}

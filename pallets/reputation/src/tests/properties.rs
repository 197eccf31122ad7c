//! Properties that hold for any sequence of changes.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Accepted(u128),
    Agreed(u128),
    Diverged(u128),
    Refuted,
    Discredited,
    NoShow,
    Equivocation,
    Time(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let work = 0..10u128.pow(16);
    prop_oneof![
        4 => work.clone().prop_map(Step::Accepted),
        3 => work.clone().prop_map(Step::Agreed),
        1 => work.prop_map(Step::Diverged),
        1 => Just(Step::Refuted),
        1 => Just(Step::Discredited),
        1 => Just(Step::NoShow),
        1 => Just(Step::Equivocation),
        2 => (0u64..3_000).prop_map(Step::Time),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_step_moves_points_its_own_way(steps in proptest::collection::vec(step(), 1..60)) {
        Builder::default().with(1, milli(10_000)).build_and_execute(|| {
            let mut earned = 10.0;
            for step in steps {
                let before = points(1);
                let work = FixedU128::from_inner;
                match step {
                    Step::Accepted(inner) => assert_eq!(ReputationPallet::on_accepted(&1, &[], work(inner)), points(1)),
                    Step::Agreed(inner) => {
                        ReputationPallet::on_accepted(&9, &[1], work(inner));
                    },
                    Step::Diverged(inner) => ReputationPallet::on_diverged(&1, work(inner)),
                    Step::Refuted => ReputationPallet::on_refuted(&1),
                    Step::Discredited => ReputationPallet::on_discredited(&1),
                    Step::NoShow => ReputationPallet::on_no_show(&1),
                    Step::Equivocation => ReputationPallet::on_equivocation(&1),
                    Step::Time(blocks) => Height::set(&(Height::get() + blocks)),
                }
                let after = points(1);
                match step {
                    Step::Accepted(_) | Step::Agreed(_) => {
                        // The most work of a step is half of T̄.
                        earned += 5.0;
                        assert!(after >= before);
                        assert!(after.into_inner() - before.into_inner() <= 5 * 10u128.pow(18));
                    },
                    _ => assert!(after <= before),
                }
                assert!(after.into_inner() as f64 / 1e18 <= earned);
                ReputationPallet::do_try_state().expect("the invariants hold after every step");
            }
        });
    }
}

//! Benchmarks of the reputation pallet: its call, and one change as verdicts ask for it.

use super::*;
use doin_primitives::{
    reputation as rules,
    traits::{ReputationLedger, WorkSink},
    Increment, Reputation,
};
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use sp_runtime::traits::Zero;

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn prune() {
        let caller: T::AccountId = whitelisted_caller();
        let who: T::AccountId = account("faded", 0, 0);
        // As a record that faded below what counts: 10⁻¹⁸ points.
        let record = Record {
            points: Reputation::from_inner(1),
            updated_at: T::Work::optimization_height(),
        };
        Records::<T>::insert(&who, record);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), who.clone());

        assert!(!Records::<T>::contains_key(&who));
    }

    #[benchmark]
    fn change() {
        let who: T::AccountId = account("optimizer", 0, 0);
        // All ten factors of the decay: 1 007 optimization blocks of it, where the chain is that old.
        let updated_at = T::Work::optimization_height().saturating_sub(rules::HALF_LIFE.saturating_sub(1));
        Records::<T>::insert(
            &who,
            Record {
                points: rules::GENESIS,
                updated_at,
            },
        );

        #[block]
        {
            Pallet::<T>::on_accepted(&who, Increment::from_u32(1));
        }

        assert!(!Pallet::<T>::reputation(&who).is_zero());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::Builder::default().build(), crate::mock::Test);
}

//! Benchmarks of the reputation pallet: its call, and the rewards of one accepted optimum.

use super::*;
use alloc::vec::Vec;
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
    fn on_accepted(n: Linear<0, 15>) {
        let who: T::AccountId = account("optimizer", 0, 0);
        let agreeing: Vec<T::AccountId> = (0..n).map(|number| account("evaluator", number, 0)).collect();
        // All ten factors of the decay: 1 007 optimization blocks of it, where the chain is that old.
        let updated_at = T::Work::optimization_height().saturating_sub(rules::HALF_LIFE.saturating_sub(1));
        for who in agreeing.iter().chain([&who]) {
            Records::<T>::insert(
                who,
                Record {
                    points: rules::GENESIS,
                    updated_at,
                },
            );
        }
        // In a burst, for the logarithm.
        AcceptedWork::<T>::put((T::Work::optimization_height(), Increment::from_u32(1_000_000_000)));

        #[block]
        {
            Pallet::<T>::on_accepted(&who, &agreeing, Increment::from_u32(1_000_000_000));
        }

        assert!(!Pallet::<T>::reputation(&who).is_zero());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::Builder::default().build(), crate::mock::Test);
}

//! Benchmarks of the coin pallet: its call, and what verdicts and optimization blocks ask for.

use super::*;
use doin_primitives::{
    traits::{BurnCounter, OptimizationBlockHandler, RewardLedger},
    Increment, OptimizationHeight, DOIN,
};
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;

/// Makes the next pot, with `who` and the author having a third and two thirds of the optimizers' points, so that the
/// roundings leave a remainder.
fn make_pot<T: Config>(who: &T::AccountId, author: &T::AccountId) -> OptimizationHeight {
    let height = LastHeight::<T>::get().saturating_add(1);
    Pallet::<T>::credit_optimizer(who, Increment::from_u32(1));
    Pallet::<T>::credit_optimizer(author, Increment::from_u32(2));
    Pallet::<T>::credit_evaluator(who, Increment::from_u32(1));
    Pallet::<T>::credit_evaluator(author, Increment::from_u32(6));
    Pallet::<T>::on_optimization_block(height, author);
    height
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn claim() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let who: T::AccountId = account("evaluator", 0, 0);
        let author: T::AccountId = account("author", 0, 0);
        T::Currency::mint_into(&author, DOIN)?;
        let height = make_pot::<T>(&who, &author);
        // The last claim of a pot, to a new account, with a remainder for the author.
        Pallet::<T>::claim(RawOrigin::Signed(caller.clone()).into(), height, author).map_err(|failed| failed.error)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), height, who.clone());

        assert!(!Pots::<T>::contains_key(height));
        assert!(T::Currency::balance(&who) > 0);
        Ok(())
    }

    #[benchmark]
    fn credit() {
        let who: T::AccountId = account("optimizer", 0, 0);

        #[block]
        {
            Pallet::<T>::credit_optimizer(&who, Increment::from_u32(1));
        }

        assert!(Shares::<T>::contains_key(
            &who,
            LastHeight::<T>::get().saturating_add(1)
        ));
    }

    /// Of a share in a pot that is minted: the worth is burned at once.
    #[benchmark]
    fn void() {
        let who: T::AccountId = account("evaluator", 0, 0);
        let author: T::AccountId = account("author", 0, 0);
        let height = make_pot::<T>(&who, &author);
        let one = Increment::from_u32(1);

        #[block]
        {
            Pallet::<T>::void(height, &who, one, one);
        }

        assert!(!Shares::<T>::contains_key(&who, height));
    }

    /// Freezing costs no more than this, which removes the share.
    #[benchmark]
    fn unfreeze() {
        let who: T::AccountId = account("evaluator", 0, 0);
        Pallet::<T>::freeze(1, &who);

        #[block]
        {
            Pallet::<T>::unfreeze(1, &who);
        }

        assert!(!Shares::<T>::contains_key(&who, 1));
    }

    /// Of a pot with void points.
    #[benchmark]
    fn on_optimization_block() {
        let who: T::AccountId = account("optimizer", 0, 0);
        let author: T::AccountId = account("author", 0, 0);
        let false_one: T::AccountId = account("optimizer", 1, 0);
        let one = Increment::from_u32(1);
        Pallet::<T>::credit_optimizer(&who, one);
        Pallet::<T>::credit_evaluator(&who, one);
        Pallet::<T>::credit_optimizer(&false_one, one);
        Pallet::<T>::void(LastHeight::<T>::get().saturating_add(1), &false_one, one, one);
        let height = LastHeight::<T>::get().saturating_add(1);

        #[block]
        {
            Pallet::<T>::on_optimization_block(height, &author);
        }

        assert!(Pots::<T>::contains_key(height));
    }

    #[benchmark]
    fn note_burned() {
        let before = Burned::<T>::get();

        #[block]
        {
            Pallet::<T>::note_burned(DOIN);
        }

        assert_eq!(Burned::<T>::get(), before.saturating_add(DOIN));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::Builder::default().build(), crate::mock::Test);
}

//! Benchmarks of the calls.

use super::*;
use alloc::{boxed::Box, vec};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{Deadlines, Direction, DomainSpecification, QuorumSize},
    Hash, Metric,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, EnsureOrigin};
use frame_system::RawOrigin;
use sp_core::Get;
use sp_runtime::{BoundedVec, FixedU128, Perquintill};

/// The largest valid specification.
fn specification<T: Config>() -> DomainSpecification {
    DomainSpecification {
        name: BoundedVec::truncate_from(vec![b'n'; 64]),
        kind: BoundedVec::truncate_from(vec![b'k'; 32]),
        model: BoundedVec::truncate_from(vec![b' '; 2048]),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        paired_noise: FixedU128::default(),
        minimum_step: FixedU128::from_rational(1, 100),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_rational(1, 100),
        price: T::MinimumPrice::get(),
        minimum_bond: 0,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: T::MaximumArtifactSize::get(),
        deadlines: Deadlines {
            reveal: 1,
            vote_commit: 1,
            vote_reveal: 1,
        },
        season_length: 0,
        incentive: Default::default(),
    }
}

fn baseline() -> ArtifactReference {
    ArtifactReference {
        root: Hash::repeat_byte(1),
        size: 1,
    }
}

fn owner<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let owner = whitelisted_caller();
    let deposit: u128 = T::RegistrationDeposit::get();
    let amount = deposit.saturating_mul(10).saturating_add(doin_primitives::DOIN);
    let _ = <T::Currency as Mutate<T::AccountId>>::mint_into(&owner, amount);
    owner
}

fn registered<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let owner = owner::<T>();
    let origin = RawOrigin::Signed(owner.clone()).into();
    // The name of a genesis domain is another one.
    let _ = Pallet::<T>::register(origin, Box::new(specification::<T>()), baseline(), Metric::default());
    owner
}

fn last<T: Config>() -> u32 {
    NextDomain::<T>::get().saturating_sub(1)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() {
        let owner = owner::<T>();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            Box::new(specification::<T>()),
            baseline(),
            Metric::default(),
        );

        assert!(Domains::<T>::contains_key(last::<T>()));
    }

    #[benchmark]
    fn approve() -> Result<(), BenchmarkError> {
        registered::<T>();
        let origin = T::ApproveOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let domain = last::<T>();

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, domain, FixedU128::from_u32(1));

        assert_eq!(
            Domains::<T>::get(domain).map(|record| record.base_weight),
            Some(FixedU128::from_u32(1))
        );
        Ok(())
    }

    #[benchmark]
    fn replace_baseline() -> Result<(), BenchmarkError> {
        registered::<T>();
        let origin = T::ApproveOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let domain = last::<T>();
        let artifact = ArtifactReference {
            root: Hash::repeat_byte(2),
            size: 1,
        };

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, domain, artifact, Metric::default());

        assert_eq!(
            Bests::<T>::get(domain).map(|history| history.baseline.artifact),
            Some(artifact)
        );
        Ok(())
    }

    #[benchmark]
    fn close() {
        let owner = registered::<T>();
        let domain = last::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), domain);

        assert!(!Domains::<T>::contains_key(domain));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}

//! Reputation: what verified work has earned an account and what faults have cost it.
//!
//! The points fade with optimization blocks (half-life 1 008), lazily: a record holds the points at the optimization
//! height of its last change, and every reader decays them to the present one. The rules are
//! [`doin_primitives::reputation`]; this pallet stores, calls them and tells of each change by an event with its reason.
//!
//! All work that is accepted at one optimization height lies on one curve, whoever did it: an optimum earns the
//! difference that it makes, so that slices and several accounts earn what one piece does.
//!
//! Nothing here can be bought or transferred: all changes come through [`ReputationLedger`], from verdicts and proven
//! faults. A record that has faded below 0.001 points reads as 0 and may be removed by anybody, free of charge.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing
    )
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Reason, Record};
pub use weights::WeightInfo;

// The pallet macro writes `expect`s of its own about the metadata of the runtime.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};
    use doin_primitives::{
        reputation as rules,
        traits::{ReputationLedger, WorkSink},
        Increment, OptimizationHeight, Reputation,
    };
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The optimization height and T̄, the mean threshold that rewards and penalties are measured against.
        type Work: WorkSink;
        /// Weights of the calls and of each change.
        type WeightInfo: WeightInfo;
    }

    /// The records. Each costs its account a verified optimum or evaluation, or a place in genesis; faded ones can be
    /// removed with [`Pallet::prune`].
    #[pallet::storage]
    pub type Records<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Record, OptionQuery>;

    /// The work that was accepted last, of all accounts together, and the optimization height that it was accepted at:
    /// what more work of that height earns depends on it.
    #[pallet::storage]
    pub type AcceptedWork<T: Config> = StorageValue<_, (OptimizationHeight, Increment), ValueQuery>;

    /// What accounts start with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Accounts with their points, each account once.
        pub accounts: Vec<(T::AccountId, Reputation)>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let distinct: BTreeSet<_> = self.accounts.iter().map(|(who, _)| who).collect();
            assert!(
                distinct.len() == self.accounts.len(),
                "reputation.accounts of genesis names an account twice"
            );
            for (who, points) in &self.accounts {
                Pallet::<T>::write(who, *points);
            }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account's reputation has changed.
        Changed {
            /// Whose.
            who: T::AccountId,
            /// Why.
            reason: Reason,
            /// Its points just before, decayed to the present.
            before: Reputation,
            /// Its points now.
            after: Reputation,
        },
        /// A faded record was removed.
        Pruned {
            /// Whose.
            who: T::AccountId,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The account has no record of reputation. There is nothing to remove: check the account.
        NoRecord,
        /// The account still has 0.001 points or more. Only faded records may be removed: wait until it has decayed.
        NotNegligible,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Removes the record of an account whose points have faded below 0.001. Anybody may; free when it succeeds.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::prune())]
        pub fn prune(origin: OriginFor<T>, who: T::AccountId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            ensure!(Records::<T>::contains_key(&who), Error::<T>::NoRecord);
            ensure!(
                <Self as ReputationLedger<_>>::reputation(&who).is_zero(),
                Error::<T>::NotNegligible
            );
            Records::<T>::remove(&who);
            Self::deposit_event(Event::Pruned { who });
            Ok(Pays::No.into())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                rules::NEGLIGIBLE < rules::LEAVE_BELOW,
                "a negligible record must not hold a seat"
            );
            assert!(rules::GENESIS >= rules::MINIMUM, "accounts of genesis must be eligible");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}

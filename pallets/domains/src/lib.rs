//! Domains: which machine-learning problems the network optimizes, what every node must agree on about each, and
//! the best verified parameters of each with what they fall back to.
//!
//! Registration is open with a deposit. A domain runs at once, but mints nothing until [`Config::ApproveOrigin`] gives
//! it a base weight: whoever approves judges the specification *and* the baseline, since a poor baseline would make
//! every first step look like a great improvement. A specification never changes, so that no rule changes under an
//! open optimum.

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
mod types;
mod validation;
pub mod weights;

pub use pallet::*;
pub use types::{BestHistory, BestRecord, DomainRecord, GenesisDomain, MAXIMUM_PREDECESSORS};
pub use weights::WeightInfo;

// The expansion of FRAME's macros has `expect`s of its own. The logic is in the other modules, where none is allowed.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::{boxed::Box, vec::Vec};
    use doin_primitives::{
        artifact::ArtifactReference,
        domain::{DomainId, DomainName, DomainSpecification},
        optimum::OptimumId,
        traits::{DomainActivity, SlotClock},
        Balance, Metric,
    };
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible::hold::Mutate, tokens::Precision},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::FixedU128;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The runtime's reason for holds.
        type RuntimeHoldReason: From<HoldReason>;
        /// Where deposits are held.
        type Currency: Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;
        /// Who gives weight to domains, replaces lost baselines and may close any domain.
        type ApproveOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Whether anything is open in a domain.
        type Activity: DomainActivity;
        /// Consensus time.
        type Clock: SlotClock;
        /// What is held while a domain is registered, in coin.
        #[pallet::constant]
        type RegistrationDeposit: Get<Balance>;
        /// How many domains there may be at a time.
        #[pallet::constant]
        type MaxDomains: Get<u32>;
        /// The largest limit on artifacts that a domain may set, in bytes.
        #[pallet::constant]
        type MaximumArtifactSize: Get<u32>;
        /// The longest deadline that a domain may set, in slots.
        #[pallet::constant]
        type MaximumDeadline: Get<u32>;
        /// The least price of an evaluation, in coin.
        #[pallet::constant]
        type MinimumPrice: Get<Balance>;
        /// The highest price of an evaluation, in coin.
        #[pallet::constant]
        type MaximumPrice: Get<Balance>;
        /// The highest minimum bond that a domain may ask for, in coin.
        #[pallet::constant]
        type MaximumBond: Get<Balance>;
        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds coin.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposit for a registered domain; it comes back when the domain is closed.
        #[codec(index = 0)]
        Deposit,
    }

    /// The registered domains. Numbers are never given twice.
    #[pallet::storage]
    pub type Domains<T: Config> = CountedStorageMap<_, Twox64Concat, DomainId, DomainRecord<T::AccountId>, OptionQuery>;

    /// Which domain has a name.
    #[pallet::storage]
    pub type Names<T: Config> = StorageMap<_, Blake2_128Concat, DomainName, DomainId, OptionQuery>;

    /// The best of each domain, and what it falls back to.
    #[pallet::storage]
    pub type Bests<T: Config> = StorageMap<_, Twox64Concat, DomainId, BestHistory, OptionQuery>;

    /// The number of the next domain.
    #[pallet::storage]
    pub type NextDomain<T: Config> = StorageValue<_, DomainId, ValueQuery>;

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The domains that are there from the first block on, numbered from 0.
        pub domains: Vec<GenesisDomain<T::AccountId>>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for domain in &self.domains {
                let inserted = Pallet::<T>::insert(
                    domain.owner.clone(),
                    domain.specification.clone(),
                    domain.baseline,
                    domain.baseline_metric,
                    domain.base_weight,
                    0,
                );
                // A wrong genesis must not make a chain: this is the one place where to stop is right.
                assert!(
                    inserted.is_ok(),
                    "genesis domain {:?}: {inserted:?}",
                    domain.specification.name
                );
            }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A domain was registered; it mints nothing until it is approved.
        DomainRegistered {
            domain: DomainId,
            owner: T::AccountId,
            name: DomainName,
            deposit: Balance,
        },
        /// A domain was given a base weight; its weight is 0 without synthetic data.
        DomainApproved {
            domain: DomainId,
            base_weight: FixedU128,
            weight: FixedU128,
        },
        /// A domain was closed and its deposit returned.
        DomainClosed {
            domain: DomainId,
            owner: T::AccountId,
            deposit: Balance,
        },
        /// An accepted optimum became the best. `old_metric` was measured in `old_season`.
        BestChanged {
            domain: DomainId,
            optimum: OptimumId,
            artifact: ArtifactReference,
            old_metric: Metric,
            old_season: u64,
            new_metric: Metric,
            season: u64,
        },
        /// The best was measured again.
        BestRemeasured {
            domain: DomainId,
            old_metric: Metric,
            old_season: u64,
            new_metric: Metric,
            season: u64,
        },
        /// The best's parameters were lost; a predecessor, at last the baseline (`optimum` is `None`), took its place.
        BestFellBack {
            domain: DomainId,
            lost: ArtifactReference,
            optimum: Option<OptimumId>,
            artifact: ArtifactReference,
            metric: Metric,
        },
        /// The best was overturned by a challenge; its predecessor, at last the baseline (`optimum` is `None`), took its
        /// place.
        BestRevoked {
            domain: DomainId,
            revoked: OptimumId,
            optimum: Option<OptimumId>,
            artifact: ArtifactReference,
            metric: Metric,
        },
        /// The baseline is the best and evaluators could not get its parameters: whoever has them must serve them, or
        /// `replace_baseline` must put others in their place.
        BaselineLost {
            domain: DomainId,
            artifact: ArtifactReference,
        },
        /// The baseline was replaced.
        BaselineReplaced {
            domain: DomainId,
            artifact: ArtifactReference,
            metric: Metric,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no domain with this number. Ask `doin_domains` for those that exist.
        UnknownDomain,
        /// Only the domain's owner (or the approving origin) may do this. Sign with the owner's account.
        NotOwner,
        /// The owner's free balance does not cover the registration deposit. Fund the account first.
        InsufficientBalance,
        /// As many domains are registered as the chain has room for. Wait until one is closed.
        TooManyDomains,
        /// Commits, optimae or evaluations of the domain are open, or accepted optimae may still be challenged. Close it
        /// when they have ended and the challenge window of the last accepted one is over.
        DomainActive,
        /// The domain has weight: bonds and workers rely on it. The approving origin must set its base weight to 0 first.
        DomainApproved,
        /// The name is empty. Give it 1 to 64 bytes.
        NameEmpty,
        /// The name is not UTF-8. Encode it as UTF-8.
        NameNotText,
        /// Another domain has this name. Choose another one.
        NameTaken,
        /// The kind is empty. Name the implementation that runs the domain, for example `quadratic`.
        KindEmpty,
        /// The kind is not UTF-8. Encode it as UTF-8.
        KindNotText,
        /// The model's configuration is not UTF-8. Give it as JSON.
        ModelNotText,
        /// The metric scale is 0, so that φ is not defined. Set it to a typical value of the metric near the optimum.
        MetricScaleZero,
        /// The minimum step is 0, so that nothing would count as no improvement. Set it above 0, in units of φ.
        MinimumStepZero,
        /// The relative tolerance is above 50 %: claims would mean nothing. Choose a smaller one; 5 % is usual.
        RelativeToleranceTooLarge,
        /// Both tolerances are 0: no two evaluators would ever agree. Set at least one of them.
        NoTolerance,
        /// The price is below the chain's minimum. Raise it to the constant `MinimumPrice` or more.
        PriceTooLow,
        /// The price is above the chain's maximum. Lower it to the constant `MaximumPrice` or less.
        PriceTooHigh,
        /// The minimum bond is above the chain's maximum. Lower it to the constant `MaximumBond` or less.
        MinimumBondTooHigh,
        /// A fixed quorum must be odd and from 1 to 15. Choose such a number, or `Automatic`.
        QuorumSizeInvalid,
        /// The limit on artifacts is 0. Set it to the size of the domain's parameters or more.
        ArtifactSizeLimitZero,
        /// The limit on artifacts is above the chain's. Lower it to the constant `MaximumArtifactSize` or less.
        ArtifactSizeLimitTooLarge,
        /// The baseline is empty or larger than the domain's own limit. Check its size and `maximum_artifact_size`.
        BaselineSizeInvalid,
        /// A deadline is 0. Every stage needs at least one slot.
        DeadlineZero,
        /// A deadline is longer than the chain allows. Shorten it to the constant `MaximumDeadline` slots or less.
        DeadlineTooLong,
        /// Seasons are shorter than the deadlines together: nothing could be judged in the season it was claimed in.
        /// Lengthen the season, shorten the deadlines, or set the season to 0.
        SeasonTooShort,
        /// The incentive's tolerance margin is not above 0 and at most 1. 0.1 is usual.
        ToleranceMarginInvalid,
        /// The incentive's bonus threshold is not above 0 and at most 1. 0.05 is usual.
        BonusThresholdInvalid,
        /// The incentive's minimum fraction is above 1. 0.3 is usual.
        MinimumFractionInvalid,
        /// The incentive's maximum bonus is not from 1 to 1.2. 1 is usual.
        MaximumBonusInvalid,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a domain with the parameters that it starts from and their metric. Takes a deposit. The domain
        /// runs at once and mints nothing until it is approved.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            specification: Box<DomainSpecification>,
            baseline: ArtifactReference,
            baseline_metric: Metric,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let deposit = T::RegistrationDeposit::get();
            let weight = FixedU128::default();
            Self::insert(
                owner.clone(),
                *specification,
                baseline,
                baseline_metric,
                weight,
                deposit,
            )?;
            T::Currency::hold(&HoldReason::Deposit.into(), &owner, deposit)
                .map_err(|_| Error::<T>::InsufficientBalance)?;
            Ok(())
        }

        /// Gives a domain its base weight; 0 takes the approval back. It counts for verdicts from now on.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::approve())]
        pub fn approve(origin: OriginFor<T>, domain: DomainId, base_weight: FixedU128) -> DispatchResult {
            T::ApproveOrigin::ensure_origin(origin)?;
            let weight = Domains::<T>::try_mutate(domain, |record| {
                let record = record.as_mut().ok_or(Error::<T>::UnknownDomain)?;
                record.base_weight = base_weight;
                Ok::<_, Error<T>>(record.weight())
            })?;
            Self::deposit_event(Event::DomainApproved {
                domain,
                base_weight,
                weight,
            });
            Ok(())
        }

        /// Replaces the baseline whose parameters are lost. Not the owner's right: a poor baseline in a domain that
        /// mints would turn every first step into coin.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::replace_baseline())]
        pub fn replace_baseline(
            origin: OriginFor<T>,
            domain: DomainId,
            artifact: ArtifactReference,
            metric: Metric,
        ) -> DispatchResult {
            T::ApproveOrigin::ensure_origin(origin)?;
            let record = Domains::<T>::get(domain).ok_or(Error::<T>::UnknownDomain)?;
            validation::validate_baseline::<T>(&record.specification, &artifact)?;
            let season = record.specification.season(T::Clock::current_slot());
            Bests::<T>::try_mutate(domain, |history| {
                let history = history.as_mut().ok_or(Error::<T>::UnknownDomain)?;
                history.baseline = BestRecord {
                    optimum: None,
                    artifact,
                    metric,
                    season,
                };
                Ok::<_, Error<T>>(())
            })?;
            Self::deposit_event(Event::BaselineReplaced {
                domain,
                artifact,
                metric,
            });
            Ok(())
        }

        /// Closes a domain without weight in which nothing is open, and returns its deposit to the owner. Its number
        /// is never used again.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::close())]
        pub fn close(origin: OriginFor<T>, domain: DomainId) -> DispatchResult {
            let record = Domains::<T>::get(domain).ok_or(Error::<T>::UnknownDomain)?;
            if let Err(origin) = T::ApproveOrigin::try_origin(origin) {
                ensure!(ensure_signed(origin)? == record.owner, Error::<T>::NotOwner);
            }
            ensure!(record.base_weight == FixedU128::default(), Error::<T>::DomainApproved);
            ensure!(!T::Activity::is_active(domain), Error::<T>::DomainActive);

            let DomainRecord {
                owner,
                specification,
                deposit,
                ..
            } = record;
            Domains::<T>::remove(domain);
            Names::<T>::remove(&specification.name);
            Bests::<T>::remove(domain);
            T::Currency::release(&HoldReason::Deposit.into(), &owner, deposit, Precision::BestEffort)?;
            Self::deposit_event(Event::DomainClosed { domain, owner, deposit });
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxDomains::get() > 0, "MaxDomains must be above 0");
            assert!(T::MaximumDeadline::get() > 0, "MaximumDeadline must be above 0");
            assert!(T::MaximumArtifactSize::get() > 0, "MaximumArtifactSize must be above 0");
            assert!(
                T::MinimumPrice::get() <= T::MaximumPrice::get(),
                "MinimumPrice must not exceed MaximumPrice"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}

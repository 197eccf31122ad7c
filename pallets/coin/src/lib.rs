//! Coin: what optimization blocks mint, who has a share in it, and what is burned.
//!
//! Each optimization block mints the pot of its height (50 DOIN, halving every 210 000 optimization blocks) into this
//! pallet's own account. The pot is split exactly: 65 % to the optimizers by their effective increments, 30 % to the
//! agreeing evaluators by the increments they verified, the rest to the author of the optimization block. Verified work
//! is credited as *points* in the pot to come; increments add up, so that one improvement in a hundred slices has
//! exactly the points of the whole. A pool in which nobody has points goes to the author.
//!
//! A share is claimed with [`Pallet::claim`]: by anybody, for its owner, free of charge, once no optimum that was credited at
//! its height can be challenged any more, and no challenge of one that the account has points from is open. The points of
//! an overturned optimum are void: what they are worth is burned, and nobody else's share grows by it. Payments are rounded down; what the roundings leave goes to the author with the last claim of a
//! pool. Shares never expire. Their number is bounded by the verdicts paid for: one account of one height at most for
//! each accepted optimum and each agreeing vote, and a block author; pots that are paid out leave storage.
//!
//! All that is burned (base fees, bonds, dust, void points, shares of nobody) is counted, so that at any time
//! `issuance = genesis + minted − burned`, exactly.

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
mod imbalances;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

pub use imbalances::{BurnFeesAndTipAuthor, BurnImbalance};
pub use pallet::*;
pub use types::{PendingPoints, Pool, Pot, Share};
pub use weights::WeightInfo;

// The pallet macro writes `expect`s of its own about the metadata of the runtime.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use doin_primitives::{traits::SlotClock, Balance, OptimizationHeight};
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Balanced, Inspect, Mutate},
            Get,
        },
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::traits::AccountIdConversion;

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The coin.
        type Currency: Mutate<Self::AccountId, Balance = Balance> + Balanced<Self::AccountId, Balance = Balance>;
        /// Consensus time, for the challenge windows.
        type Clock: SlotClock;
        /// The pallet's account, which holds what is minted and not claimed yet.
        #[pallet::constant]
        type PotId: Get<PalletId>;
        /// Weights of the calls and of each credit and pot.
        type WeightInfo: WeightInfo;
    }

    /// The height of the last optimization block that minted; 0 before the first.
    #[pallet::storage]
    pub type LastHeight<T> = StorageValue<_, OptimizationHeight, ValueQuery>;

    /// The points in the pot to come, of the height after [`LastHeight`].
    #[pallet::storage]
    pub type Pending<T> = StorageValue<_, PendingPoints, ValueQuery>;

    /// The pots from which something is still to be claimed.
    #[pallet::storage]
    pub type Pots<T: Config> = StorageMap<_, Twox64Concat, OptimizationHeight, Pot<T::AccountId>, OptionQuery>;

    /// The shares that are not claimed yet, by account and height; those in the pot to come included.
    #[pallet::storage]
    pub type Shares<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, OptimizationHeight, Share, OptionQuery>;

    /// The issuance at genesis.
    #[pallet::storage]
    pub type GenesisIssuance<T> = StorageValue<_, Balance, ValueQuery>;

    /// What optimization blocks have minted.
    #[pallet::storage]
    pub type Minted<T> = StorageValue<_, Balance, ValueQuery>;

    /// What has been burned: fees, bonds, dust, void points, shares of nobody.
    #[pallet::storage]
    pub type Burned<T> = StorageValue<_, Balance, ValueQuery>;

    /// What has been minted and not claimed yet.
    #[pallet::storage]
    pub type Unclaimed<T> = StorageValue<_, Balance, ValueQuery>;

    /// Genesis takes note of the issuance. The pallets that mint at genesis (balances above all) must come before this
    /// one in the runtime.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            // The pallet's account keeps an existential deposit of its own: it never dies, whatever is claimed, and
            // the smallest pot of the last halvings can be minted into it.
            let endowed = T::Currency::mint_into(&Pallet::<T>::account_id(), T::Currency::minimum_balance());
            assert!(
                endowed.is_ok(),
                "the account of the pots cannot be endowed: {endowed:?}"
            );
            GenesisIssuance::<T>::put(T::Currency::total_issuance());
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An optimization block has minted its pot.
        PotMinted {
            /// The optimization height.
            height: OptimizationHeight,
            /// The whole pot.
            reward: Balance,
            /// The optimizers' part.
            optimizers: Balance,
            /// The evaluators' part.
            evaluators: Balance,
            /// The author's part; larger than the rest of the pot where nobody has points in a pool.
            author_part: Balance,
            /// The author of the optimization block.
            author: T::AccountId,
        },
        /// A pot could not be minted: its height did not follow the last, or the coin refused. Nothing was minted.
        PotRefused {
            /// The optimization height that was announced.
            height: OptimizationHeight,
        },
        /// A share was paid out.
        Claimed {
            /// The optimization height of its pot.
            height: OptimizationHeight,
            /// Whose share it was.
            who: T::AccountId,
            /// What was paid.
            amount: Balance,
        },
        /// An optimum was overturned: points of an account are void.
        PointsVoided {
            /// The optimization height of their pot.
            height: OptimizationHeight,
            /// Whose points they were.
            who: T::AccountId,
            /// Points in the optimizers' pool, in smallest units.
            optimizer: u128,
            /// Points in the evaluators' pool, in smallest units.
            evaluator: u128,
            /// What they were worth, and was burned; 0 where the pot is not minted yet: see `VoidBurned`.
            burned: Balance,
        },
        /// An optimization block has minted a pot with void points: what they were worth was burned.
        VoidBurned {
            /// The optimization height of the pot.
            height: OptimizationHeight,
            /// How much.
            amount: Balance,
        },
        /// What the roundings of a pot left: with its last claim it has gone to the author.
        RemainderPaid {
            /// The optimization height of the pot.
            height: OptimizationHeight,
            /// The author of the optimization block.
            author: T::AccountId,
            /// How much; burned where the author's account cannot receive so little.
            amount: Balance,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no optimization block of that height yet. Claim after it is made.
        HeightNotReached,
        /// The optima behind the pot may still be challenged. Claim from the slot `claimableFrom` of `coin.pots` on.
        InChallengeWindow,
        /// An optimum that the share has points from is challenged. Claim when the challenge has ended; `doin_optimum`
        /// shows where it stands.
        Challenged,
        /// The account has no share of that height: it never had one, or it is claimed already. `claimable` of the
        /// runtime API lists the heights with shares.
        NothingToClaim,
        /// The share is smaller than the existential deposit and the account does not exist yet. The share is kept:
        /// send the account some coin first, then claim.
        BelowExistentialDeposit,
        /// The account cannot receive the payment. The share is kept: see that the account can hold it, then claim.
        CannotReceive,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Pays out `who`'s share in the pot of optimization block `height`. Anybody may call it; free when it succeeds.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::claim())]
        pub fn claim(
            origin: OriginFor<T>,
            #[pallet::compact] height: OptimizationHeight,
            who: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_claim(height, &who)?;
            Ok(Pays::No.into())
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account that holds what is minted and not claimed yet, and an existential deposit of its own.
        pub fn account_id() -> T::AccountId {
            T::PotId::get().into_account_truncating()
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            use doin_primitives::subsidy;
            assert!(
                subsidy::minted_until(u64::MAX) <= subsidy::CAP,
                "optimization blocks would mint more than the cap"
            );
            assert!(
                T::Currency::minimum_balance() > 0,
                "without an existential deposit the account of the pots could not be kept alive"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}

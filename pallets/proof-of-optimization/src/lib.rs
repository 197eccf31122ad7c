//! The runtime half of the Proof of Optimization engine.
//!
//! - reads the slot claim of each block: consensus time, author, rolling randomness;
//! - epochs (= sessions) by slots, also over skipped ones, and the announcement of the next epoch's authorities;
//! - the registry of authorities: bond, reputation, absence;
//! - the same weights for GRANDPA ([`WeightedGrandpa`]);
//! - reports of equivocations;
//! - accumulated work, the threshold, and the optimization block.
//!
//! Nothing here panics, with one exception that the SDK's engines share: a timestamp that is not in the block's slot
//! makes the block invalid, and a panic is how a runtime says so (see the implementation of `OnTimestampSet`).

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

mod authorities;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod epochs;
mod equivocations;
mod grandpa;
mod types;
pub mod weights;
mod work;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use equivocations::UnitIdentification;
pub use grandpa::{GrandpaReports, WeightedGrandpa};
pub use pallet::*;
pub use types::{BondStatus, ClaimedBlock, Offence, Parameters, Seat, SuspensionReason};
pub use weights::WeightInfo;

/// How many of the last blocks `distinct_authors_since` looks back on.
pub const AUTHOR_WINDOW: u32 = 64;
/// How many provable offences of one account are kept apart. Ten double blocks use a whole bond up.
pub const MAXIMUM_OFFENCES: u32 = 32;

/// What the benchmarks need of the runtime beyond [`Config`].
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
    /// Gives the account session keys, `key` as the engine's among them, and a reputation of `milli_points`.
    fn prepare_authority(who: &AccountId, key: doin_primitives::engine::AuthorityId, milli_points: u32);
    /// Makes these accounts the validators of the present session.
    fn seat_session(accounts: &[AccountId]);
    /// Gives several accounts shares in the pot of the next optimization block, and makes some of them void.
    fn fill_pot();
}

// The macro's own code unwraps what it has just made.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::boxed::Box;
    use doin_primitives::{
        engine::{AuthorityId, AuthorityWeight, EquivocationProof, Randomness},
        threshold::ThresholdState,
        traits::{BurnCounter, OptimizationBlockHandler, ReputationLedger},
        Balance, OptimizationHeight, SlotNumber,
    };
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, KeyOwnerProofSystem, PostInherents, ValidatorRegistration, ValidatorSet},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::{traits::Zero, FixedU128, KeyTypeId, TryRuntimeError};
    use sp_session::{GetSessionNumber, GetValidatorCount};
    use sp_staking::SessionIndex;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The runtime's reasons of holds.
        type RuntimeHoldReason: From<HoldReason>;
        /// Where bonds are held and burned.
        type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + fungible::Mutate<Self::AccountId>
            + fungible::Inspect<Self::AccountId, Balance = Balance>;
        /// What authorities are ranked and weighted by.
        type Reputation: ReputationLedger<Self::AccountId>;
        /// Told of optimization blocks; fixes their pots.
        type OptimizationBlocks: OptimizationBlockHandler<Self::AccountId>;
        /// Told of burned bonds.
        type Burns: BurnCounter;
        /// The sessions: `pallet_session`.
        type Sessions: ValidatorRegistration<Self::AccountId>
            + ValidatorSet<Self::AccountId, ValidatorId = Self::AccountId>;
        /// The proof that a key belonged to an account: `sp_session::MembershipProof`.
        type KeyOwnerProof: Parameter + GetSessionNumber + GetValidatorCount;
        /// Makes and checks them: `pallet_session::historical`.
        type KeyOwners: KeyOwnerProofSystem<
            (KeyTypeId, AuthorityId),
            Proof = Self::KeyOwnerProof,
            IdentificationTuple = (Self::AccountId, ()),
        >;
        /// How many blocks a report of an equivocation stays valid in the pool.
        #[pallet::constant]
        type ReportLongevity: Get<u64>;
        /// How many authorities an epoch has at most.
        #[pallet::constant]
        type MaxAuthorities: Get<u32>;
        /// How many bonded candidates there are at most, those in the set included.
        #[pallet::constant]
        type MaxCandidates: Get<u32>;
        /// Weights of calls and hooks.
        type WeightInfo: WeightInfo;
        /// Accounts with keys and reputation, for benchmarks.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
    }

    /// Why coin is on hold.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond of an authority.
        #[codec(index = 0)]
        AuthorityBond,
    }

    /// The authorities of an epoch.
    pub type Seats<T> = BoundedVec<Seat<<T as frame_system::Config>::AccountId>, <T as Config>::MaxAuthorities>;

    /// What differs between networks; set at genesis.
    #[pallet::storage]
    pub type NetworkParameters<T> = StorageValue<_, Parameters, ValueQuery>;

    /// The slot of the block in execution; between blocks, of the last one.
    #[pallet::storage]
    pub type CurrentSlot<T> = StorageValue<_, SlotNumber, ValueQuery>;

    /// The slot of the first block, in which epoch 0 began.
    #[pallet::storage]
    pub type GenesisSlot<T> = StorageValue<_, SlotNumber, OptionQuery>;

    /// The index of the present epoch: ⌊(slot − genesis slot)/length⌋ of its first block.
    #[pallet::storage]
    pub type EpochIndex<T> = StorageValue<_, u64, ValueQuery>;

    /// The authorities of the present epoch.
    #[pallet::storage]
    pub type Authorities<T: Config> = StorageValue<_, Seats<T>, ValueQuery>;

    /// The authorities of the next epoch, announced in this one's first block.
    #[pallet::storage]
    pub type NextAuthorities<T: Config> = StorageValue<_, Seats<T>, ValueQuery>;

    /// Keys and weights at genesis: what the engine starts from.
    #[pallet::storage]
    pub type GenesisAuthorities<T: Config> =
        StorageValue<_, BoundedVec<(AuthorityId, AuthorityWeight), T::MaxAuthorities>, ValueQuery>;

    /// The randomness of the present epoch.
    #[pallet::storage]
    pub type EpochRandomness<T> = StorageValue<_, Randomness, ValueQuery>;

    /// The randomness of the next epoch, announced in this one's first block.
    #[pallet::storage]
    pub type NextRandomness<T> = StorageValue<_, Randomness, ValueQuery>;

    /// The hash over the VRF outputs of the present epoch's finished blocks.
    #[pallet::storage]
    pub type EpochAccumulator<T> = StorageValue<_, Randomness, ValueQuery>;

    /// The hash over the VRF outputs of all blocks.
    #[pallet::storage]
    pub type RollingRandomness<T> = StorageValue<_, Randomness, ValueQuery>;

    /// What the block in execution claims; absent between blocks, and in blocks that runtime calls are made in.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type CurrentBlock<T: Config> = StorageValue<_, ClaimedBlock<T::AccountId>, OptionQuery>;

    /// How many inherents the block in execution has; absent between blocks.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type Inherents<T> = StorageValue<_, u32, OptionQuery>;

    /// The authors of the last [`AUTHOR_WINDOW`] blocks, each once, with the number of its last block.
    #[pallet::storage]
    pub type RecentAuthors<T: Config> =
        StorageValue<_, BoundedVec<(T::AccountId, BlockNumberFor<T>), ConstU32<AUTHOR_WINDOW>>, ValueQuery>;

    /// How many primary blocks the chain has.
    #[pallet::storage]
    pub type PrimaryBlocks<T> = StorageValue<_, u64, ValueQuery>;

    /// For each seated authority [`PrimaryBlocks`] at its last block, or when it was seated.
    #[pallet::storage]
    pub type LastSeen<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, u64, OptionQuery>;

    /// Those who stand for the set.
    #[pallet::storage]
    pub type Candidates<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxCandidates>, ValueQuery>;

    /// The bonds of authorities: each candidate's, and of those who left until they withdraw.
    #[pallet::storage]
    pub type Bonds<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, BondStatus, OptionQuery>;

    /// The epoch in which a session began, for the remembered sessions.
    #[pallet::storage]
    pub type SessionEpochs<T> = StorageMap<_, Twox64Concat, SessionIndex, u64, OptionQuery>;

    /// The punished offences of an account that could be reported again.
    #[pallet::storage]
    pub type Offences<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<Offence, ConstU32<MAXIMUM_OFFENCES>>, ValueQuery>;

    /// Σ: the effective increments since the last optimization block.
    #[pallet::storage]
    pub type Accumulated<T> = StorageValue<_, FixedU128, ValueQuery>;

    /// The threshold before genesis was built: the public network's.
    #[pallet::type_value]
    pub fn DefaultThreshold() -> ThresholdState {
        ThresholdState::genesis(
            Parameters::default().target_interval,
            doin_primitives::threshold::MINIMUM_MEAN_THRESHOLD,
        )
    }

    /// The threshold and what it follows.
    #[pallet::storage]
    pub type Threshold<T> = StorageValue<_, ThresholdState, ValueQuery, DefaultThreshold>;

    /// How many optimization blocks there are.
    #[pallet::storage]
    pub type OptimizationBlockCount<T> = StorageValue<_, OptimizationHeight, ValueQuery>;

    #[pallet::genesis_config]
    #[derive(frame_support::DebugNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// What differs between networks.
        pub parameters: Parameters,
        /// T at genesis, in units of 10⁻¹⁸.
        pub initial_threshold: FixedU128,
        #[serde(skip)]
        #[doc(hidden)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                parameters: Parameters::default(),
                initial_threshold: doin_primitives::threshold::MINIMUM_MEAN_THRESHOLD,
                _config: Default::default(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            // Genesis is built on a developer's machine: a bad preset must not become a chain.
            if let Err(fault) = self.parameters.check() {
                panic!("proofOfOptimization.parameters: {fault}");
            }
            NetworkParameters::<T>::put(&self.parameters);
            Threshold::<T>::put(ThresholdState::genesis(
                self.parameters.target_interval,
                self.initial_threshold,
            ));
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An epoch has begun.
        EpochBegan {
            /// Its index.
            index: u64,
            /// How many authorities it has.
            authorities: u32,
        },
        /// Accumulated work made an optimization block: its pot is fixed, the threshold follows, Σ is cleared.
        OptimizationBlockMade {
            /// The optimization height, 1 for the first.
            height: OptimizationHeight,
            /// Its author.
            author: T::AccountId,
            /// Σ that it rewards.
            accumulated: FixedU128,
            /// The effective threshold that Σ reached.
            threshold: FixedU128,
            /// T from now on.
            next_threshold: FixedU128,
            /// Its pot.
            reward: Balance,
        },
        /// An account stands for the set of authorities.
        AuthorityBonded {
            /// The account.
            who: T::AccountId,
            /// What it has on hold.
            bond: Balance,
        },
        /// A candidate no longer stands for the set of authorities. Its bond stays on hold.
        AuthoritySuspended {
            /// The account.
            who: T::AccountId,
            /// Why.
            reason: SuspensionReason,
        },
        /// An account leaves the set of authorities.
        AuthorityUnbonding {
            /// The account.
            who: T::AccountId,
            /// The first slot in which the bond may be withdrawn (later, when it sits longer).
            until: SlotNumber,
        },
        /// A bond was withdrawn.
        AuthorityBondWithdrawn {
            /// The account.
            who: T::AccountId,
            /// What was released.
            bond: Balance,
        },
        /// An authority equivocated: it lost reputation and a part of its bond.
        EquivocationPunished {
            /// The account.
            who: T::AccountId,
            /// What it did.
            offence: Offence,
            /// What was burned.
            burned: Balance,
        },
    }

    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// The account has no session keys. Set them first with `session.setKeys` (author_rotateKeysWithOwner makes
        /// keys and proof).
        NoSessionKeys,
        /// The account's reputation is below 2.0. Earn it by accepted optimae or agreeing evaluations, then bond.
        ReputationTooLow,
        /// The account stands for the set already, with its whole bond. Nothing is left to do.
        AlreadyBonded,
        /// The list of candidates is full and everyone on it who is not seated has more reputation. Earn more, or
        /// wait for somebody to leave.
        TooManyCandidates,
        /// The account has no authority bond. Bond with `bond_authority` first.
        NotBonded,
        /// The account is leaving already. Wait for the unbonding period and withdraw.
        AlreadyUnbonding,
        /// The account stands for the set. Call `unbond_authority` first.
        NotUnbonding,
        /// The unbonding period is not over. Withdraw in the slot that `Bonds` names, or later.
        StillUnbonding,
        /// The account is an authority of this epoch or the next. Withdraw when it has left the set.
        StillSeated,
        /// The two headers do not prove an equivocation: same header, other slot, other key or bad seals. Report
        /// headers with their seals.
        InvalidEquivocationProof,
        /// The key did not belong to an authority in that slot's session, or the session is forgotten. Make the proof
        /// at a block of that session, and report within the unbonding period.
        InvalidKeyOwnershipProof,
        /// The offence was punished already. Nothing is left to do.
        DuplicateOffenceReport,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(number: BlockNumberFor<T>) -> Weight {
            let first_block = Self::begin_block(number);
            T::WeightInfo::on_initialize()
                .saturating_add(T::WeightInfo::on_finalize())
                .saturating_add(first_block.map_or(Weight::zero(), T::WeightInfo::first_block))
        }

        fn on_finalize(number: BlockNumberFor<T>) {
            Self::end_block(number)
        }

        fn integrity_test() {
            assert!(!T::MaxAuthorities::get().is_zero(), "MaxAuthorities must not be zero");
            assert!(
                T::MaxCandidates::get() >= T::MaxAuthorities::get(),
                "every authority is a candidate"
            );
            // A block's number of transactions is known only if this pallet is among the runtime's post-inherents.
            <T as frame_system::Config>::PostInherents::post_inherents();
            assert!(
                Inherents::<T>::take().is_some(),
                "frame_system's PostInherents must include this pallet"
            );
            // The session pallet charges a whole block for a rotation: planning must fit.
            assert!(
                T::WeightInfo::plan_session(T::MaxCandidates::get())
                    .all_lte(<T as frame_system::Config>::BlockWeights::get().max_block),
                "planning a session must fit into a block"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Stands for the set of authorities: needs session keys and a reputation of 2.0, and puts the bond on hold.
        ///
        /// Who was suspended, slashed or is leaving calls it to stand again; what is missing of the bond is added.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::bond_authority())]
        pub fn bond_authority(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_bond(&who)
        }

        /// Leaves the set of authorities. The bond stays on hold for the unbonding period, counted from when the
        /// account has left the set, and is slashed for equivocations that are reported until then.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::unbond_authority())]
        pub fn unbond_authority(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_unbond(&who)
        }

        /// Withdraws the bond when the unbonding period is over.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw_authority_bond())]
        pub fn withdraw_authority_bond(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw(&who)
        }

        /// Reports two blocks of one authority in one slot: −10 reputation and a tenth of the bond.
        ///
        /// Free and without a signer; only block authors include it (it is authorized only when it comes from the
        /// node itself or in a block), and only when the proof holds in full.
        #[pallet::call_index(3)]
        #[pallet::weight((
            T::WeightInfo::report_equivocation(key_owner_proof.validator_count()),
            DispatchClass::Operational,
            Pays::No,
        ))]
        #[pallet::authorize(|source, equivocation_proof, key_owner_proof| {
            Pallet::<T>::authorize_report(source, equivocation_proof, key_owner_proof)
        })]
        #[pallet::weight_of_authorize(
            T::WeightInfo::authorize_report_equivocation(key_owner_proof.validator_count())
        )]
        pub fn report_equivocation(
            origin: OriginFor<T>,
            equivocation_proof: Box<EquivocationProof<HeaderFor<T>>>,
            key_owner_proof: T::KeyOwnerProof,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_report(&equivocation_proof, key_owner_proof)
        }
    }

    impl<T: Config> Pallet<T> {
        /// Checks every invariant of the pallet's storage between blocks.
        pub fn do_try_state() -> Result<(), TryRuntimeError> {
            NetworkParameters::<T>::get().check()?;
            Threshold::<T>::get().check()?;
            ensure!(
                Threshold::<T>::get().target_interval == NetworkParameters::<T>::get().target_interval,
                "the threshold's target is the network's"
            );
            ensure!(CurrentBlock::<T>::get().is_none(), "the claim of a block outlived it");
            ensure!(
                Inherents::<T>::get().is_none(),
                "the number of inherents of a block outlived it"
            );
            Self::try_state_of_epochs()?;
            Self::try_state_of_authorities()
        }
    }
}

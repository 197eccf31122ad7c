//! Optimae: commits, reveals, one queue a domain, draws, and what a verdict does.
//!
//! An optimizer commits to an optimum with a bond, and opens the commitment in a later block. The revealed optimum waits
//! in its domain's queue; the head alone is judged, and ends before the next is drawn. Whatever becomes of it, it ends
//! in exactly one [`Outcome`], every coin on hold for it is released, paid or burned then, and an event says why. Only the
//! bond of an accepted optimum stays on hold: until its challenge window is over anybody may have the test repeated.
//!
//! [`Outcome`]: doin_primitives::optimum::Outcome

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
mod challenges;
mod commits;
#[cfg(test)]
mod mock;
mod money;
mod queue;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
mod verdict;
mod views;
pub mod weights;
mod windows;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// How many heads, expiries and windows together a block works off at most; the rest stays due.
pub const MAX_ITEMS_PER_BLOCK: u32 = 16;
/// How many gaps among a domain's expiries are skipped at a time.
pub const MAX_GAPS: u32 = 16;
/// So many distinct authors make a draw unpredictable enough (or half the authorities, where they are fewer).
pub const MAX_DISTINCT_AUTHORS: u32 = 4;
/// After so many slots a head is drawn whoever authored.
pub const DRAW_TIMEOUT: u64 = 60;

// The expansion of FRAME's macros has `expect`s of its own. The logic is in the other modules, where none is allowed.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use doin_primitives::{
        artifact::ArtifactReference,
        commitment::Salt,
        domain::DomainId,
        optimum::{ChallengeOutcome, Experiment, OptimumId, Outcome},
        quorum::Decision,
        traits::{
            BaseFee, BurnCounter, DomainRegistry, EvaluatorBonds, OptimizerPool, QuorumManager, ReputationLedger,
            RewardLedger, RollingRandomness, SlotClock, WorkSink,
        },
        Balance, Hash, Metric, SlotNumber,
    };
    use frame_support::{
        dispatch::{DispatchResultWithPostInfo, Pays},
        pallet_prelude::*,
        traits::fungible::{hold, Mutate},
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
        /// Where bonds and escrows are held.
        type Currency: Mutate<Self::AccountId, Balance = Balance>
            + hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;
        /// The registered domains and their bests.
        type Domains: DomainRegistry;
        /// Draws evaluators and judges.
        type Quorum: QuorumManager<Self::AccountId>;
        /// The bonds of evaluators whose votes a false acceptance stood on.
        type Evaluators: EvaluatorBonds<Self::AccountId>;
        /// What verdicts change of reputations.
        type Reputation: ReputationLedger<Self::AccountId>;
        /// Shares in the pot of the optimization block to come.
        type Rewards: RewardLedger<Self::AccountId>;
        /// Accumulated work and the threshold.
        type Work: WorkSink;
        /// Counts what is burned of bonds.
        type Burns: BurnCounter;
        /// The fee that the least bond follows.
        type BaseFee: BaseFee;
        /// The pool that the bond of a large claim follows.
        type Pool: OptimizerPool;
        /// Consensus time.
        type Clock: SlotClock;
        /// Who has authored since a reveal.
        type Randomness: RollingRandomness;
        /// How many domains there may be at a time: no fewer than the registry's own limit.
        #[pallet::constant]
        type MaxDomains: Get<u32>;
        /// How many commits an account may have open.
        #[pallet::constant]
        type MaxCommits: Get<u32>;
        /// How many revealed optimae may wait in a domain.
        #[pallet::constant]
        type MaxQueue: Get<u32>;
        /// How many challenges of a domain may be open.
        #[pallet::constant]
        type MaxChallenges: Get<u32>;
        /// How many ended optimae of a domain are kept.
        #[pallet::constant]
        type MaxEnded: Get<u32>;
        /// The weights of the calls and hooks.
        type WeightInfo: WeightInfo;
        /// Prepares what benchmarks need of other pallets.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// Why this pallet holds coin.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond of a commit, and then of its optimum; of an accepted one until nobody can challenge it any more.
        #[codec(index = 0)]
        Bond,
        /// What the evaluators of an optimum or of a challenge will be paid from.
        #[codec(index = 1)]
        Escrow,
        /// What a challenger loses if the acceptance stands.
        #[codec(index = 2)]
        Challenge,
    }

    /// Each account's open commits, oldest first.
    #[pallet::storage]
    pub type Commits<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<OpenCommit, T::MaxCommits>, ValueQuery>;

    /// When commits expire, by domain and place. Every entry is that of an open commit with its bond.
    #[pallet::storage]
    pub type Expiries<T: Config> =
        StorageDoubleMap<_, Twox64Concat, DomainId, Twox64Concat, u64, Expiry<T::AccountId>, OptionQuery>;

    /// Which places among each domain's expiries may be taken.
    #[pallet::storage]
    pub type ExpiryRanges<T: Config> = StorageMap<_, Twox64Concat, DomainId, ExpiryRange, ValueQuery>;

    /// When the first expiry of each domain is due.
    #[pallet::storage]
    pub type NextExpiries<T: Config> = StorageValue<_, BoundedVec<NextExpiry, T::MaxDomains>, ValueQuery>;

    /// The number of the next optimum.
    #[pallet::storage]
    pub type NextOptimum<T: Config> = StorageValue<_, OptimumId, ValueQuery>;

    /// The optimae that have not ended. Each is in its domain's queue, with its bond and escrow on hold.
    #[pallet::storage]
    pub type Optimae<T: Config> = StorageMap<_, Twox64Concat, OptimumId, OpenOptimum<T::AccountId>, OptionQuery>;

    /// Each domain's open optimae in order of reveal; the first one is at the head.
    #[pallet::storage]
    pub type Queues<T: Config> = StorageMap<_, Twox64Concat, DomainId, BoundedVec<OptimumId, T::MaxQueue>, ValueQuery>;

    /// The open optimum of an account in a domain: one at a time.
    #[pallet::storage]
    pub type Places<T: Config> =
        StorageDoubleMap<_, Twox64Concat, DomainId, Blake2_128Concat, T::AccountId, OptimumId, OptionQuery>;

    /// The domains whose head is not drawn yet; who was looked at last is last.
    #[pallet::storage]
    pub type WaitingHeads<T: Config> = StorageValue<_, BoundedVec<WaitingHead, T::MaxDomains>, ValueQuery>;

    /// The ended optimae that are kept.
    #[pallet::storage]
    pub type Ended<T: Config> = StorageMap<_, Twox64Concat, OptimumId, EndedOptimum<T::AccountId>, OptionQuery>;

    /// Each domain's ended optimae that are kept, the newest last.
    #[pallet::storage]
    pub type RecentlyEnded<T: Config> =
        StorageMap<_, Twox64Concat, DomainId, BoundedVec<OptimumId, T::MaxEnded>, ValueQuery>;

    /// The accepted optimae that can be challenged, or are. Each has its bond on hold.
    #[pallet::storage]
    pub type Contestables<T: Config> = StorageMap<_, Twox64Concat, OptimumId, Contestable<T::AccountId>, OptionQuery>;

    /// The same by domain.
    #[pallet::storage]
    pub type ContestablesOf<T: Config> =
        StorageDoubleMap<_, Twox64Concat, DomainId, Twox64Concat, OptimumId, (), OptionQuery>;

    /// The accepted optimae in the order in which their challenge windows end. Some may be settled already.
    #[pallet::storage]
    pub type Windows<T: Config> = StorageMap<_, Twox64Concat, u64, OptimumId, OptionQuery>;

    /// Which places among the windows are taken.
    #[pallet::storage]
    pub type WindowRange<T: Config> = StorageValue<_, ExpiryRange, ValueQuery>;

    /// The open challenges of each domain in order; they go before its optimae.
    #[pallet::storage]
    pub type Challenges<T: Config> =
        StorageMap<_, Twox64Concat, DomainId, BoundedVec<OptimumId, T::MaxChallenges>, ValueQuery>;

    /// A day of 6 s slots: how long an accepted optimum can be challenged, unless genesis says otherwise.
    #[pallet::type_value]
    pub fn DefaultChallengeWindow() -> u32 {
        14_400
    }

    /// For how many slots after its acceptance an optimum can be challenged. Never changed: windows end in the order in
    /// which they began.
    #[pallet::storage]
    pub type ChallengeWindow<T: Config> = StorageValue<_, u32, ValueQuery, DefaultChallengeWindow>;

    /// A quarter: what the verdict of three counts for.
    #[pallet::type_value]
    pub fn DefaultSmallQuorumFactor() -> FixedU128 {
        FixedU128::from_rational(1, 4)
    }

    /// What work counts for that a quorum of three or fewer has verified.
    #[pallet::storage]
    pub type SmallQuorumFactor<T: Config> = StorageValue<_, FixedU128, ValueQuery, DefaultSmallQuorumFactor>;

    /// The weight of the verdicts of this block, which quorum's hook has delivered: charged by our own, which follows.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type VerdictWeight<T: Config> = StorageValue<_, Weight, ValueQuery>;

    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// What work counts for that a quorum of three or fewer has verified: ¼, or 1 on development chains.
        pub small_quorum_factor: FixedU128,
        /// For how many slots an accepted optimum can be challenged and its rewards are held back: a day of 6 s slots, less
        /// on development chains. Shorter than the unbonding period of evaluators, so that nobody votes falsely and leaves
        /// with its bond.
        pub challenge_window: u32,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                small_quorum_factor: DefaultSmallQuorumFactor::get(),
                challenge_window: DefaultChallengeWindow::get(),
                _config: Default::default(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.small_quorum_factor <= FixedU128::from_u32(1),
                "small_quorum_factor must not exceed 1"
            );
            let unbonding = T::Evaluators::unbonding_period();
            assert!(
                self.challenge_window < unbonding,
                "optimae.challengeWindow of genesis ({} slots) must be shorter than quorum.unbondingPeriod ({unbonding} \
                 slots): raise the latter",
                self.challenge_window
            );
            SmallQuorumFactor::<T>::put(self.small_quorum_factor);
            ChallengeWindow::<T>::put(self.challenge_window);
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An optimizer committed to an optimum.
        OptimumCommitted {
            domain: DomainId,
            optimizer: T::AccountId,
            commitment: Hash,
            bond: Balance,
            reveal_deadline: SlotNumber,
        },
        /// A commit was not revealed in time. `burned` of its bond was burned, the rest returned.
        CommitExpired {
            domain: DomainId,
            optimizer: T::AccountId,
            commitment: Hash,
            burned: Balance,
            returned: Balance,
        },
        /// An optimum was revealed and waits at `position` (0 is the head) of its domain's queue.
        OptimumRevealed {
            optimum: OptimumId,
            domain: DomainId,
            optimizer: T::AccountId,
            commitment: Hash,
            artifact: ArtifactReference,
            reported: Metric,
            bond: Balance,
            escrow: Balance,
            position: u32,
        },
        /// The head of a queue was drawn: its evaluators judge it against `incumbent`.
        OptimumDrawn {
            optimum: OptimumId,
            domain: DomainId,
            incumbent: ArtifactReference,
            season: u64,
        },
        /// Nobody could be drawn to judge the head of a queue; it waits until the end of slot `expires`.
        DrawFailed {
            optimum: OptimumId,
            domain: DomainId,
            error: DispatchError,
            expires: SlotNumber,
        },
        /// An optimum ended.
        OptimumEnded {
            optimum: OptimumId,
            domain: DomainId,
            optimizer: T::AccountId,
            outcome: Outcome,
            /// What the quorum found; `None`: it was never drawn.
            decision: Option<Decision>,
            reported: Metric,
            reward: Reward,
            /// Of the bond.
            burned: Balance,
            /// To evaluators, of the escrow.
            paid: Balance,
            /// To the optimizer, of bond and escrow. The bond of an accepted optimum stays on hold: see `BondReleased`.
            returned: Balance,
            experiment: Experiment,
        },
        /// Nobody can challenge an accepted optimum any more: its bond was released.
        BondReleased {
            optimum: OptimumId,
            optimizer: T::AccountId,
            amount: Balance,
        },
        /// An accepted optimum was challenged: its test is repeated, and nobody can claim what it has earned until then.
        OptimumChallenged {
            optimum: OptimumId,
            domain: DomainId,
            challenger: T::AccountId,
            /// What the challenger loses if the acceptance stands.
            deterrent: Balance,
            escrow: Balance,
        },
        /// The evaluators of a challenge were drawn.
        ChallengeDrawn { optimum: OptimumId, domain: DomainId },
        /// A challenge ended.
        ChallengeEnded {
            optimum: OptimumId,
            domain: DomainId,
            challenger: T::AccountId,
            outcome: ChallengeOutcome,
            /// What the quorum found; `None`: it was never drawn.
            decision: Option<Decision>,
            /// To evaluators, of the challenger's escrow.
            paid: Balance,
            /// To the challenger, of its own bond and escrow.
            returned: Balance,
            /// Of the challenger's bond, or of the overturned optimum's.
            burned: Balance,
            /// To the challenger, of the overturned optimum's bond.
            bounty: Balance,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no domain with this number. Ask `doin_domains` for those that exist.
        UnknownDomain,
        /// The account's free balance does not cover the bond (and, for a reveal, the escrow of the evaluators' price).
        /// Fund the account; a reveal may be repeated until its deadline.
        InsufficientBalance,
        /// The account has an open commit with this commitment. Reveal it, or commit with another nonce.
        AlreadyCommitted,
        /// The account has as many open commits as allowed. Reveal some, or wait until they expire.
        TooManyCommits,
        /// The account has no open commit with this commitment: it was never made, made by another account, revealed,
        /// or has expired. Commit first, with the account that reveals.
        NotCommitted,
        /// The commit is in this very block. Reveal in a later block.
        TooEarly,
        /// The commit's reveal deadline has passed. Commit again, and reveal in time.
        TooLate,
        /// What is revealed is not what was committed to: chain, domain, account, root, size, metric and nonce must
        /// all be the same. Reveal exactly what was hashed.
        CommitmentMismatch,
        /// The artifact has no bytes. Commit to parameters that there are.
        ArtifactEmpty,
        /// The artifact is larger than the domain allows. See `maximum_artifact_size` in the domain's specification.
        ArtifactTooLarge,
        /// The account's previous optimum in this domain has not ended. Reveal when it has.
        AlreadyQueued,
        /// The domain's queue is full. Reveal later; a commit that expires while the queue is full loses nothing.
        QueueFull,
        /// The commit can still be revealed. Prune it after its deadline.
        NotExpired,
        /// The optimum was not accepted, its challenge window is over, or a challenge of it has been decided: its acceptance
        /// stands for good, or is overturned. `doin_optimum` shows whether and until when an optimum can be challenged.
        NotContestable,
        /// A challenge of this optimum is open. Wait until it has ended: `doin_optimum` shows where it stands.
        AlreadyChallenged,
        /// The optimum is the account's own. Challenge with another account; it will not be among the evaluators either.
        OwnOptimum,
        /// As many challenges of this domain are open as allowed. Challenge when one has ended; the window stays open.
        TooManyChallenges,
        /// The optimum can still be challenged, so that its bond stays. Release it after the slot in which its window ends:
        /// see `doin_optimum`.
        WindowOpen,
        /// More domains are in use than this pallet has room for. Try again later, and report it: the registry's limit
        /// should not allow it.
        TooManyDomains,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Commits to an optimum of `domain` with a bond: see [`doin_primitives::commitment::optimum_commitment`] for
        /// what to hash. It must be revealed in a later block and by the domain's reveal deadline, or a tenth of the
        /// bond is burned. The account's own expired commits are pruned first.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::commit(T::MaxCommits::get()))]
        pub fn commit(origin: OriginFor<T>, domain: DomainId, commitment: Hash) -> DispatchResultWithPostInfo {
            let optimizer = ensure_signed(origin)?;
            let expired = Self::do_commit(optimizer, domain, commitment)?;
            Ok(Some(T::WeightInfo::commit(expired)).into())
        }

        /// Opens a commitment. Tops the bond up to the value of the claim, puts the evaluators' price into escrow, and
        /// queues the optimum for its evaluation.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::reveal())]
        pub fn reveal(
            origin: OriginFor<T>,
            commitment: Hash,
            root: Hash,
            size: u32,
            reported_metric: Metric,
            experiment: Experiment,
            nonce: Salt,
        ) -> DispatchResult {
            let optimizer = ensure_signed(origin)?;
            let artifact = ArtifactReference { root, size };
            Self::do_reveal(optimizer, commitment, artifact, reported_metric, experiment, nonce)
        }

        /// Removes an expired commit of anybody: a tenth of its bond is burned, the rest returned. Free when there was
        /// something to prune.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::prune())]
        pub fn prune(origin: OriginFor<T>, who: T::AccountId, commitment: Hash) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_prune(&who, commitment)?;
            Ok(Pays::No.into())
        }

        /// Challenges an accepted optimum within its window: 15 other evaluators (as many as there are) repeat its test on
        /// other data of its season. Takes a bond of half the optimum's and an escrow of 15 prices, or 30 where votes are
        /// audited. If the acceptance stands, the bond is burned; if it was false, the bond returns with a part of the
        /// optimizer's, and what the optimum has earned is void; if nothing can be decided, only the price of the
        /// evaluation is lost.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::challenge())]
        pub fn challenge(origin: OriginFor<T>, optimum: OptimumId) -> DispatchResult {
            let challenger = ensure_signed(origin)?;
            Self::do_challenge(challenger, optimum)
        }

        /// Releases the bond of an accepted optimum whose challenge window is over. Anybody may call it, but blocks do it by
        /// themselves, sooner or later. Free when there was something to release.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::release_bond())]
        pub fn release_bond(origin: OriginFor<T>, optimum: OptimumId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_release_bond(optimum)?;
            Ok(Pays::No.into())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Works off heads, then expired commits, then challenge windows, at most [`MAX_ITEMS_PER_BLOCK`] together. Runs
        /// after quorum's hook: where that has ended a head, the next one may be drawn in the same block.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let slot = T::Clock::current_slot();
            let heads = Self::work_off_heads(slot, MAX_ITEMS_PER_BLOCK);
            let expired = Self::expire_due(slot, MAX_ITEMS_PER_BLOCK.saturating_sub(heads));
            let budget = MAX_ITEMS_PER_BLOCK.saturating_sub(heads).saturating_sub(expired);
            let windows = Self::close_windows(slot, budget);
            let head = T::WeightInfo::work_off_head().max(T::WeightInfo::work_off_challenge());
            T::WeightInfo::on_initialize()
                .saturating_add(VerdictWeight::<T>::take())
                .saturating_add(head.saturating_mul(heads.into()))
                .saturating_add(T::WeightInfo::expire_commit().saturating_mul(expired.into()))
                .saturating_add(T::WeightInfo::close_window().saturating_mul(windows.into()))
        }

        fn integrity_test() {
            assert!(T::MaxDomains::get() > 0, "MaxDomains must be above 0");
            assert!(T::MaxCommits::get() > 0, "MaxCommits must be above 0");
            assert!(T::MaxQueue::get() > 0, "MaxQueue must be above 0");
            assert!(T::MaxEnded::get() > 0, "MaxEnded must be above 0");
            assert!(T::MaxChallenges::get() > 0, "MaxChallenges must be above 0");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}

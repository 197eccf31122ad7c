//! Quorums: strangers, drawn by lot, judge an optimum on data of their own.
//!
//! - **Registry.** Evaluators bond for a domain. Those with reputation 2.0 or more are eligible; when they are too few
//!   for a quorum, the best-ranked of the others fill up, so that no domain waits for reputation to exist.
//! - **Rounds.** optimae asks for a draw ([`doin_primitives::traits::QuorumManager`]) once enough authors have added to
//!   the rolling randomness since the reveal. The drawn commit their votes, then reveal them; a phase ends when all
//!   have acted or at its deadline. No vote is revealed before the commits are closed.
//! - **Audits.** Between commits and reveals some votes are drawn to be replayed by others, who commit to what they find
//!   before any vote is known: see the module `audits`. A vote that three cannot reproduce does not count, and its
//!   author's bond is burned.
//! - **Decision.** [`doin_primitives::quorum::decide`] over the revealed votes; without a quorum a second, larger
//!   round judges alone. The verdict goes to the `VerdictHandler` exactly once, and the round's data are removed.
//!
//! All times are slots. Ended phases are worked off in `on_initialize`, at most [`MAX_ITEMS_PER_BLOCK`] a block, in the
//! order in which they fell due; the rest stays due.

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

mod audits;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod draw;
mod impls;
#[cfg(test)]
mod mock;
mod rounds;
#[cfg(test)]
mod tests;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::{ActiveRound, Audit, AuditRecord, Auditor, Conduct, Registration, Round, Seat};
pub use weights::WeightInfo;

/// How many ended phases a block works off.
pub const MAX_ITEMS_PER_BLOCK: usize = 16;

// The expansion of FRAME's macros has `expect`s of its own. The logic is in the other modules, where none is allowed.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use doin_primitives::{
        audit::{self, Finding},
        commitment::Salt,
        domain::DomainId,
        optimum::OptimumId,
        quorum::{Decision, VoteValues},
        traits::{
            BurnCounter, Claims, DomainRegistry, Liability, ReputationLedger, RollingRandomness, SlotClock,
            VerdictHandler,
        },
        Balance, Hash, SlotNumber, DOIN,
    };
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use sp_runtime::Perquintill;

    /// The version of the storage's layout.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The coin of the bonds.
        type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
            + fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;
        /// The reasons for holds, this pallet's among them.
        type RuntimeHoldReason: From<HoldReason>;
        /// Consensus time.
        type Clock: SlotClock;
        /// What draws and seeds come from.
        type Randomness: RollingRandomness;
        /// What the domains demand of a quorum.
        type Domains: DomainRegistry;
        /// Who is eligible, and how heavily it is drawn.
        type Reputation: ReputationLedger<Self::AccountId>;
        /// What optimae claim: the more, the more of their votes are audited.
        type Claims: Claims;
        /// For how long evaluators answer for what they have found.
        type Liability: Liability<Self::AccountId>;
        /// Counts the burned part of slashed bonds.
        type Burns: BurnCounter;
        /// Receives the verdicts.
        type Verdicts: VerdictHandler<Self::AccountId>;
        /// How many evaluators a domain can have (256): a draw reads the reputation of each.
        #[pallet::constant]
        type MaxEvaluatorsPerDomain: Get<u32>;
        /// How many optimae can be judged at a time (256).
        #[pallet::constant]
        type MaxActive: Get<u32>;
        /// Weights of the calls and of the hook's items.
        type WeightInfo: WeightInfo;
        /// Prepares what benchmarks need of other pallets.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// Why this pallet holds coin.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// An evaluator's bond.
        #[codec(index = 0)]
        EvaluatorBond,
    }

    /// The bond of an evaluator for one domain, unless genesis says otherwise: 20 DOIN.
    #[pallet::type_value]
    pub fn DefaultBond() -> Balance {
        DOIN.saturating_mul(20)
    }

    /// How many slots a bond stays after its evaluator has deregistered, unless genesis says otherwise: 7 days of 6 s.
    #[pallet::type_value]
    pub fn DefaultUnbondingPeriod() -> u32 {
        100_800
    }

    /// The least part of votes that is audited, unless genesis says otherwise.
    #[pallet::type_value]
    pub fn DefaultMinimumAuditRate() -> Perquintill {
        audit::MINIMUM_RATE
    }

    /// The bond that a registration takes.
    #[pallet::storage]
    pub type EvaluatorBond<T: Config> = StorageValue<_, Balance, ValueQuery, DefaultBond>;

    /// How many slots a bond stays after deregistration; longer where its owner answers for a finding longer.
    #[pallet::storage]
    pub type UnbondingPeriod<T: Config> = StorageValue<_, u32, ValueQuery, DefaultUnbondingPeriod>;

    /// The least part of votes that is audited; 0: none is.
    #[pallet::storage]
    pub type MinimumAuditRate<T: Config> = StorageValue<_, Perquintill, ValueQuery, DefaultMinimumAuditRate>;

    /// Each domain's evaluators that may be drawn, in order of registration.
    #[pallet::storage]
    pub type Evaluators<T: Config> =
        StorageMap<_, Twox64Concat, DomainId, BoundedVec<T::AccountId, T::MaxEvaluatorsPerDomain>, ValueQuery>;

    /// The bonds: of evaluators that may be drawn, and of those that wait to withdraw. Each costs its account coin.
    #[pallet::storage]
    pub type Registrations<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, DomainId, Registration, OptionQuery>;

    /// The rounds in progress. At most `MaxActive`: each has its entry in [`Active`].
    #[pallet::storage]
    pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, OptimumId, Round<T::AccountId>, OptionQuery>;

    /// Which rounds are in progress, and when each next needs a block.
    #[pallet::storage]
    pub type Active<T: Config> = StorageValue<_, BoundedVec<ActiveRound, T::MaxActive>, ValueQuery>;

    /// The audits of the rounds in progress. None without a round, and none where no vote was drawn for one.
    #[pallet::storage]
    pub type Audits<T: Config> = StorageMap<_, Twox64Concat, OptimumId, AuditRecord<T::AccountId>, ValueQuery>;

    /// The bond, the unbonding period, the rate of audits, and the evaluators to begin with.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// What an evaluator bonds for a domain.
        pub bond: Balance,
        /// How many slots the bond stays after deregistration: more than the challenge window of optimae.
        pub unbonding_period: u32,
        /// The least part of votes that is audited; 0 switches audits off, for a network where nobody is there to audit.
        pub minimum_audit_rate: Perquintill,
        /// Evaluators to begin with, each with its domain. Their bonds are held from their genesis balances.
        pub evaluators: Vec<(DomainId, T::AccountId)>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                bond: DefaultBond::get(),
                unbonding_period: DefaultUnbondingPeriod::get(),
                minimum_audit_rate: DefaultMinimumAuditRate::get(),
                evaluators: Vec::new(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            EvaluatorBond::<T>::put(self.bond);
            UnbondingPeriod::<T>::put(self.unbonding_period);
            MinimumAuditRate::<T>::put(self.minimum_audit_rate);
            for (domain, who) in &self.evaluators {
                let result = Pallet::<T>::do_register(*domain, who);
                // A chain that starts without the evaluators that its specification names is not that chain.
                assert!(
                    result.is_ok(),
                    "quorum.evaluators of genesis: {who:?} for domain {domain}: {result:?}"
                );
            }
        }
    }

    /// Every stage of the evaluation of an optimum, for those who follow it from outside.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account can be drawn for the domain from now on.
        EvaluatorRegistered {
            domain: DomainId,
            who: T::AccountId,
            bond: Balance,
        },
        /// An account cannot be drawn any more. The seats it has it keeps.
        EvaluatorDeregistered {
            domain: DomainId,
            who: T::AccountId,
            withdrawable_at: SlotNumber,
        },
        /// A part of a bond was burned. Of the bond `left` remains; when that is less than a whole one, the account
        /// cannot be drawn until it registers again.
        EvaluatorSlashed {
            domain: DomainId,
            who: T::AccountId,
            amount: Balance,
            left: Balance,
        },
        /// A bond is free again.
        EvaluatorBondWithdrawn {
            domain: DomainId,
            who: T::AccountId,
            amount: Balance,
        },
        /// A round's evaluators were drawn; votes may be committed until the deadline (its last slot).
        Drawn {
            optimum: OptimumId,
            domain: DomainId,
            round: u8,
            evaluators: Vec<T::AccountId>,
            commit_deadline: SlotNumber,
        },
        /// A drawn evaluator committed to its vote.
        VoteCommitted {
            optimum: OptimumId,
            round: u8,
            evaluator: T::AccountId,
            commitment: Hash,
        },
        /// The commits are closed; votes may be revealed until the deadline (its last slot).
        RevealsOpened {
            optimum: OptimumId,
            round: u8,
            committed: u32,
            reveal_deadline: SlotNumber,
        },
        /// A drawn evaluator revealed its vote.
        VoteRevealed {
            optimum: OptimumId,
            round: u8,
            evaluator: T::AccountId,
            vote: VoteValues,
        },
        /// A drawn evaluator did not commit in time.
        NoShow {
            optimum: OptimumId,
            round: u8,
            evaluator: T::AccountId,
        },
        /// A drawn evaluator committed and did not reveal: that counts as divergent.
        VoteWithheld {
            optimum: OptimumId,
            round: u8,
            evaluator: T::AccountId,
        },
        /// Round one found no quorum. Round two is drawn, or, with nobody to draw, the evaluation ends.
        RoundUndecided {
            optimum: OptimumId,
            round: u8,
            revealed: u32,
        },
        /// The evaluation has ended.
        Decided {
            optimum: OptimumId,
            domain: DomainId,
            round: u8,
            decision: Decision,
            agreeing: Vec<T::AccountId>,
            divergent: Vec<T::AccountId>,
        },
        /// A committed vote was drawn to be replayed; the auditor may commit to its replay until the deadline (its last
        /// slot). No vote is revealed before.
        AuditDrawn {
            optimum: OptimumId,
            round: u8,
            seat: u32,
            auditor: T::AccountId,
            commit_deadline: SlotNumber,
        },
        /// An auditor committed to its replay.
        ReplayCommitted {
            optimum: OptimumId,
            round: u8,
            seat: u32,
            auditor: T::AccountId,
            commitment: Hash,
        },
        /// An auditor revealed its replay.
        ReplayRevealed {
            optimum: OptimumId,
            round: u8,
            seat: u32,
            auditor: T::AccountId,
            replay: VoteValues,
        },
        /// An auditor did not commit in time, or committed and did not reveal: its audit lapses.
        AuditorNoShow {
            optimum: OptimumId,
            round: u8,
            seat: u32,
            auditor: T::AccountId,
        },
        /// A replay differs from the vote; further auditors may commit to theirs until the deadline (its last slot).
        VoteDisputed {
            optimum: OptimumId,
            round: u8,
            seat: u32,
            auditors: Vec<T::AccountId>,
            commit_deadline: SlotNumber,
        },
        /// The further replays of disputed votes may be revealed until the deadline (its last slot).
        DisputeRevealsOpened {
            optimum: OptimumId,
            round: u8,
            reveal_deadline: SlotNumber,
        },
        /// An audit is over. A discredited vote does not count.
        AuditConcluded {
            optimum: OptimumId,
            round: u8,
            seat: u32,
            evaluator: T::AccountId,
            finding: Finding,
        },
        /// An optimum was accepted on the finding of an evaluator that has deregistered: its bond stays until nobody can
        /// challenge the optimum any more.
        UnbondingExtended {
            domain: DomainId,
            who: T::AccountId,
            withdrawable_at: SlotNumber,
        },
    }

    /// What can be wrong, with the remedy.
    #[pallet::error]
    pub enum Error<T> {
        /// No domain has this number. Look it up with `doin_domains`.
        UnknownDomain,
        /// The account is an evaluator of this domain already. Nothing is to be done.
        AlreadyRegistered,
        /// The account is not an evaluator of this domain, or has deregistered already. Register it first.
        NotRegistered,
        /// The domain has as many evaluators as it can have. Wait until one deregisters, or choose another domain.
        TooManyEvaluators,
        /// The account cannot pay the bond of an evaluator. Fund it with the bond (`quorum.evaluatorBond`) and fees.
        InsufficientBalance,
        /// The bond is of an evaluator that can be drawn. Deregister it first.
        StillRegistered,
        /// The unbonding period is not over. Withdraw from the slot in `quorum.registrations` on.
        StillUnbonding,
        /// The evaluator sits or audits in a round that is still open. Withdraw when it is decided.
        StillSeated,
        /// No round of this optimum is open: it waits in the queue, has ended, or never was. See `doin_optimum`.
        UnknownOptimum,
        /// The account was not drawn for this round. Only drawn evaluators vote; see `quorum.rounds`.
        NotDrawn,
        /// The vote was made for another round of this optimum. Evaluate again with the seed of the round in progress.
        WrongRound,
        /// The account has committed to a vote in this round already: a commitment is final. Reveal that vote.
        AlreadyCommitted,
        /// The commits of this round are closed. Commit earlier; a vote that was not committed cannot be revealed.
        CommitTooLate,
        /// The commits of this round are not closed yet: a vote revealed now could be copied. Wait for `RevealsOpened`.
        RevealTooEarly,
        /// The deadline of the reveals has passed. Reveal earlier: a withheld vote counts as divergent.
        RevealTooLate,
        /// The account has no commitment in this round, so that there is nothing to reveal. Commit in time next time.
        NotCommitted,
        /// The account has revealed its vote already. Nothing is to be done.
        AlreadyRevealed,
        /// Vote, salt, round or account are not those of the commitment. Reveal exactly what was committed; a
        /// commitment copied from somebody else cannot be opened.
        CommitmentMismatch,
        /// The optimum is being judged already. Nothing is to be done: `doin_optimum` shows its round.
        AlreadyJudging,
        /// Another optimum of the domain is being judged. It is this one's turn when that has ended.
        DomainBusy,
        /// Nobody is registered who could judge: the domain has no evaluator other than the optimizer. Register some.
        NoEvaluators,
        /// As many optimae are being judged as can be at a time. This one is drawn when another has ended.
        TooManyRounds,
        /// The account was not drawn to audit the vote of this seat. Only drawn auditors replay votes; see `quorum.audits`.
        NotAuditor,
        /// An optimum that was accepted on the account's finding is challenged. Withdraw when the challenge has ended:
        /// `doin_contest` shows where it stands.
        StillAnswerable,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::work_off(T::Clock::current_slot())
        }

        fn integrity_test() {
            assert!(T::MaxActive::get() > 0, "MaxActive is 0: nothing could be judged");
            assert!(
                T::MaxEvaluatorsPerDomain::get() >= doin_primitives::quorum::MAX_EVALUATORS,
                "MaxEvaluatorsPerDomain is below the largest quorum"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Registers the caller as an evaluator of the domain and holds its bond. One that has deregistered and not
        /// withdrawn returns with the bond that is still held.
        #[pallet::call_index(0)]
        pub fn register_evaluator(origin: OriginFor<T>, domain: DomainId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_register(domain, &who)
        }

        /// Takes the caller off the list of those who can be drawn for the domain. Its open seats remain its duty, and
        /// its bond stays for the unbonding period.
        #[pallet::call_index(1)]
        pub fn deregister_evaluator(origin: OriginFor<T>, domain: DomainId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_deregister(domain, &who)
        }

        /// Returns the bond of an evaluator that has deregistered, after the unbonding period, when no round in which it
        /// sits or audits is open, nor any challenge of an optimum that was accepted on its finding.
        #[pallet::call_index(2)]
        pub fn withdraw_evaluator_bond(origin: OriginFor<T>, domain: DomainId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_withdraw(domain, &who)
        }

        /// Commits a drawn evaluator to its vote in the given round, see
        /// [`doin_primitives::commitment::vote_commitment`]. Free when valid. The round is named so that a transaction
        /// that was delayed into round two fails, instead of binding its sender to a vote of round one.
        #[pallet::call_index(3)]
        pub fn commit_vote(
            origin: OriginFor<T>,
            optimum: OptimumId,
            round: u8,
            commitment: Hash,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::do_commit_vote(&who, optimum, round, commitment)?;
            Ok(Pays::No.into())
        }

        /// Reveals the vote that the caller has committed to, after the commits are closed. Free when valid.
        #[pallet::call_index(4)]
        pub fn reveal_vote(
            origin: OriginFor<T>,
            optimum: OptimumId,
            vote: VoteValues,
            salt: Salt,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::do_reveal_vote(&who, optimum, vote, &salt)?;
            Ok(Pays::No.into())
        }

        /// Commits an auditor to its replay of the vote of a seat, see
        /// [`doin_primitives::commitment::replay_commitment`]. Free when valid.
        #[pallet::call_index(5)]
        pub fn commit_replay(
            origin: OriginFor<T>,
            optimum: OptimumId,
            round: u8,
            seat: u32,
            commitment: Hash,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::do_commit_replay(&who, optimum, round, seat, commitment)?;
            Ok(Pays::No.into())
        }

        /// Reveals the replay that the caller has committed to: together with the votes, or in a dispute when its commits
        /// are closed. Free when valid.
        #[pallet::call_index(6)]
        pub fn reveal_replay(
            origin: OriginFor<T>,
            optimum: OptimumId,
            seat: u32,
            replay: VoteValues,
            salt: Salt,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::do_reveal_replay(&who, optimum, seat, replay, &salt)?;
            Ok(Pays::No.into())
        }
    }
}

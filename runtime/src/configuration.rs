//! The parameters of the pallets, and the wires between them. No logic: what differs between networks is in genesis.

use crate::{
    fees, AccountId, Authorship, Balance, Balances, Block, Coin, Domains, Historical, Nonce, Optimae, PalletInfo,
    ProofOfOptimization, Quorum, Reputation, Runtime, RuntimeCall, RuntimeEvent, RuntimeFreezeReason,
    RuntimeHoldReason, RuntimeOrigin, RuntimeTask, Session, SessionKeys, System, TxExtension, UncheckedExtrinsic, DOIN,
    MICRO_DOIN, MILLI_DOIN, VERSION,
};
use doin_primitives::engine;
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU128, ConstU32, ConstU64, ConstU8, Contains, KeyOwnerProofSystem},
    weights::{constants::WEIGHT_REF_TIME_PER_SECOND, ConstantMultiplier, Weight},
    PalletId,
};
use frame_system::{
    limits::{BlockLength, BlockWeights},
    EnsureRoot,
};
use sp_core::crypto::KeyTypeId;
use sp_runtime::{
    traits::{ConvertInto, OpaqueKeys},
    Perbill,
};
use sp_version::RuntimeVersion;

/// Transactions of users fill at most this part of a block; the rest is for operational ones and hooks.
const NORMAL_SHARE: Perbill = Perbill::from_percent(75);

parameter_types! {
    pub const BlockHashCount: u32 = 4096;
    pub const Version: RuntimeVersion = VERSION;
    pub const SS58Prefix: u16 = 42;
    /// A second of computation: the shortest slot of a preset is two.
    pub BlockLimits: BlockWeights =
        BlockWeights::with_sensible_defaults(Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX), NORMAL_SHARE);
    pub BlockBytes: BlockLength = BlockLength::builder()
        .max_length(5 * 1024 * 1024)
        .modify_max_length_for_class(frame_support::dispatch::DispatchClass::Normal, |length| {
            *length = NORMAL_SHARE * *length
        })
        .build();
}

/// What anybody may call. Burning is not among it: coin that leaves the issuance uncounted would break
/// issuance = genesis + minted − burned.
pub struct Callable;

impl Contains<RuntimeCall> for Callable {
    fn contains(call: &RuntimeCall) -> bool {
        !matches!(call, RuntimeCall::Balances(pallet_balances::Call::burn { .. }))
    }
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type BaseCallFilter = Callable;
    type BlockWeights = BlockLimits;
    type BlockLength = BlockBytes;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type BlockHashCount = BlockHashCount;
    type DbWeight = frame_support::weights::constants::RocksDbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SS58Prefix = SS58Prefix;
    type MaxConsumers = ConstU32<64>;
    type PostInherents = ProofOfOptimization;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<LocalCall> frame_system::offchain::CreateBare<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}

impl<LocalCall> frame_system::offchain::CreateTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extension = TxExtension;
    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_transaction(call, extension)
    }
}

impl<LocalCall> frame_system::offchain::CreateAuthorizedTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_extension() -> TxExtension {
        (
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckEra::from(sp_runtime::generic::Era::immortal()),
            frame_system::CheckNonce::from(0),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(0),
            frame_system::WeightReclaim::new(),
        )
    }
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = ProofOfOptimization;
    type MinimumPeriod = ConstU64<1>;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

/// The proof that a session key belonged to an account.
pub type KeyOwnerProof = <Historical as KeyOwnerProofSystem<(KeyTypeId, engine::AuthorityId)>>::Proof;

impl pallet_proof_of_optimization::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Reputation = Reputation;
    type OptimizationBlocks = Coin;
    type Burns = Coin;
    type Sessions = Session;
    type KeyOwnerProof = KeyOwnerProof;
    type KeyOwners = Historical;
    // Seven days of 6 s slots, should every one have a block.
    type ReportLongevity = ConstU64<100_800>;
    type MaxAuthorities = ConstU32<100>;
    type MaxCandidates = ConstU32<256>;
    type WeightInfo = pallet_proof_of_optimization::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::Helper;
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = ProofOfOptimization;
    type NextSessionRotation = ProofOfOptimization;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, ProofOfOptimization>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = ConstU128<{ 100 * MILLI_DOIN }>;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = pallet_proof_of_optimization::UnitIdentification;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<100>;
    type MaxNominators = ConstU32<0>;
    // Sets change at most once a session; seven days of sessions of an hour, and some.
    type MaxSetIdSessionEntries = ConstU64<512>;
    type KeyOwnerProof = <Historical as KeyOwnerProofSystem<(KeyTypeId, pallet_grandpa::AuthorityId)>>::Proof;
    type EquivocationReportSystem =
        pallet_proof_of_optimization::GrandpaReports<Self, ProofOfOptimization, Historical, ConstU64<100_800>>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = ProofOfOptimization;
    type EventHandler = ();
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
    type Balance = Balance;
    type DustRemoval = pallet_coin::BurnImbalance<Runtime>;
    type ExistentialDeposit = ConstU128<MILLI_DOIN>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<0>;
    type MaxFreezes = ConstU32<8>;
    type DoneSlashHandler = ();
}

parameter_types! {
    /// The author of the block, who gets the tips.
    pub Author: Option<AccountId> = Authorship::author();
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction =
        pallet_transaction_payment::FungibleAdapter<Balances, pallet_coin::BurnFeesAndTipAuthor<Runtime, Author>>;
    // A transfer costs about 0.002 DOIN: 10 units a picosecond of computation, a millionth of a DOIN a byte.
    type WeightToFee = ConstantMultiplier<Balance, ConstU128<10>>;
    type LengthToFee = ConstantMultiplier<Balance, ConstU128<MICRO_DOIN>>;
    type FeeMultiplierUpdate = fees::BaseFeeRule;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = crate::OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

impl pallet_reputation::Config for Runtime {
    type Work = ProofOfOptimization;
    type WeightInfo = pallet_reputation::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const PotId: PalletId = PalletId(*b"doin/pot");
}

impl pallet_coin::Config for Runtime {
    type Currency = Balances;
    type Clock = ProofOfOptimization;
    type PotId = PotId;
    type WeightInfo = pallet_coin::weights::SubstrateWeight<Runtime>;
}

impl pallet_domains::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type ApproveOrigin = EnsureRoot<AccountId>;
    type Activity = Optimae;
    type Clock = ProofOfOptimization;
    type RegistrationDeposit = ConstU128<{ 100 * DOIN }>;
    type MaxDomains = ConstU32<256>;
    type MaximumArtifactSize = ConstU32<{ 256 * 1024 * 1024 }>;
    // A day of 6 s slots.
    type MaximumDeadline = ConstU32<14_400>;
    type MinimumPrice = ConstU128<MILLI_DOIN>;
    type MaximumPrice = ConstU128<{ 1_000 * DOIN }>;
    type MaximumBond = ConstU128<{ 100_000 * DOIN }>;
    type WeightInfo = pallet_domains::weights::SubstrateWeight<Runtime>;
}

impl pallet_quorum::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = ProofOfOptimization;
    type Randomness = ProofOfOptimization;
    type Domains = Domains;
    type Reputation = Reputation;
    type Claims = Optimae;
    type Liability = Optimae;
    type Burns = Coin;
    type Verdicts = Optimae;
    type MaxEvaluatorsPerDomain = ConstU32<256>;
    type MaxActive = ConstU32<256>;
    type WeightInfo = pallet_quorum::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::Helper;
}

impl pallet_optimae::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Domains = Domains;
    type Quorum = Quorum;
    type Evaluators = Quorum;
    type Reputation = Reputation;
    type Rewards = Coin;
    type Work = ProofOfOptimization;
    type Burns = Coin;
    type BaseFee = fees::EmptyTransactionFee;
    type Pool = Coin;
    type Clock = ProofOfOptimization;
    type Randomness = ProofOfOptimization;
    type MaxDomains = ConstU32<256>;
    type MaxCommits = ConstU32<10>;
    type MaxQueue = ConstU32<64>;
    type MaxChallenges = ConstU32<16>;
    type MaxEnded = ConstU32<32>;
    type WeightInfo = pallet_optimae::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::Helper;
}

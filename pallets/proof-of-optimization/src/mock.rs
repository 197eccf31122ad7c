//! A runtime with real sessions, historical proofs, GRANDPA, balances and timestamps, and small books in place of the
//! reputation ledger and the coin.

use crate as pallet_proof_of_optimization;
use crate::{
    mock::keys::{grandpa_key, key, pair},
    *,
};
use doin_primitives::{
    engine::{
        slot_sign_data, AuthorityId, ClaimKind, CompatibleDigestItem, ConsensusLog, EquivocationProof, SlotClaim,
    },
    traits::{BurnCounter, OptimizationBlockHandler, ReputationLedger},
    Balance, BlockNumber, Increment, OptimizationHeight, Reputation, DOIN,
};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, ConstU64, OnFinalize, OnInitialize, PostInherents},
};
use sp_runtime::{
    generic, impl_opaque_keys,
    testing::TestXt,
    traits::{BlakeTwo256, ConstU128, ConvertInto, Header as HeaderT},
    BuildStorage, Digest, DigestItem, FixedU128, Perbill,
};
use std::{cell::RefCell, collections::BTreeMap};

pub type AccountId = u64;
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
pub type Extrinsic = TestXt<RuntimeCall, frame_system::AuthorizeCall<Test>>;
pub type Block = generic::Block<Header, Extrinsic>;

/// The key pairs of account `who`: any number makes one.
pub mod keys {
    use super::AccountId;
    use doin_primitives::engine::AuthorityId;
    use sp_core::{ed25519, sr25519, Pair};

    pub fn pair(who: AccountId) -> sr25519::Pair {
        sr25519::Pair::from_seed(&sp_io::hashing::blake2_256(&who.to_le_bytes()))
    }
    pub fn key(who: AccountId) -> AuthorityId {
        pair(who).public().into()
    }
    pub fn grandpa_pair(who: AccountId) -> ed25519::Pair {
        ed25519::Pair::from_seed(&sp_io::hashing::blake2_256(&who.to_le_bytes()))
    }
    pub fn grandpa_key(who: AccountId) -> pallet_grandpa::AuthorityId {
        grandpa_pair(who).public().into()
    }
}

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Timestamp: pallet_timestamp,
        ProofOfOptimization: pallet_proof_of_optimization,
        Session: pallet_session,
        Historical: pallet_session::historical,
        Grandpa: pallet_grandpa,
        Authorship: pallet_authorship,
        Balances: pallet_balances,
    }
);

impl_opaque_keys! {
    pub struct SessionKeys {
        #[serde(alias = "babe")]
        pub doin: ProofOfOptimization,
        pub grandpa: WeightedGrandpa<Test>,
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<Balance>;
    type PostInherents = ProofOfOptimization;
    type BlockWeights = BlockWeights;
}

parameter_types! {
    pub BlockWeights: frame_system::limits::BlockWeights = frame_system::limits::BlockWeights::with_sensible_defaults(
        frame_support::weights::Weight::from_parts(2_000_000_000_000, u64::MAX),
        Perbill::from_percent(75),
    );
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type ExistentialDeposit = ConstU128<1>;
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_timestamp::Config for Test {
    type Moment = u64;
    type OnTimestampSet = ProofOfOptimization;
    type MinimumPeriod = ConstU64<1>;
    type WeightInfo = ();
}

impl pallet_session::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = ProofOfOptimization;
    type NextSessionRotation = ProofOfOptimization;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, ProofOfOptimization>;
    type SessionHandler = <SessionKeys as sp_runtime::traits::OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = ();
    type Currency = Balances;
    type KeyDeposit = ();
}

impl pallet_session::historical::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = UnitIdentification;
}

impl pallet_grandpa::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<5>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<4>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = GrandpaReports<Self, ProofOfOptimization, Historical, ConstU64<100>>;
}

impl pallet_authorship::Config for Test {
    type FindAuthor = ProofOfOptimization;
    type EventHandler = ();
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Test
where
    RuntimeCall: From<C>,
{
    type RuntimeCall = RuntimeCall;
    type Extrinsic = Extrinsic;
}

impl<C> frame_system::offchain::CreateBare<C> for Test
where
    RuntimeCall: From<C>,
{
    fn create_bare(call: Self::RuntimeCall) -> Self::Extrinsic {
        TestXt::new_bare(call)
    }
}

impl<C> frame_system::offchain::CreateTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    type Extension = frame_system::AuthorizeCall<Test>;

    fn create_transaction(call: RuntimeCall, extension: Self::Extension) -> Extrinsic {
        Extrinsic::new_transaction(call, extension)
    }
}

impl<C> frame_system::offchain::CreateAuthorizedTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    fn create_extension() -> Self::Extension {
        frame_system::AuthorizeCall::new()
    }
}

thread_local! {
    pub static REPUTATION: RefCell<BTreeMap<AccountId, Reputation>> = const { RefCell::new(BTreeMap::new()) };
    pub static POTS: RefCell<Vec<(OptimizationHeight, AccountId)>> = const { RefCell::new(Vec::new()) };
    pub static BURNED: RefCell<Balance> = const { RefCell::new(0) };
}

/// The pot of every optimization block of the mock.
pub const POT: Balance = 50 * DOIN;

pub struct Ledger;

impl ReputationLedger<AccountId> for Ledger {
    fn reputation(who: &AccountId) -> Reputation {
        REPUTATION.with(|book| book.borrow().get(who).copied().unwrap_or_default())
    }
    fn on_accepted(_: &AccountId, _: &[AccountId], _: Increment) -> Reputation {
        Default::default()
    }
    fn on_diverged(_: &AccountId, _: Increment) {}
    fn on_refuted(_: &AccountId) {}
    fn on_overturned(_: &AccountId, _: Reputation, _: bool) {}
    fn on_discredited(_: &AccountId) {}
    fn on_no_show(_: &AccountId) {}
    fn on_equivocation(who: &AccountId) {
        use sp_runtime::Saturating;
        let left = Self::reputation(who).saturating_sub(FixedU128::from_u32(10));
        set_reputation(*who, left);
    }
    fn on_genesis_member(who: &AccountId) {
        set_reputation(*who, FixedU128::from_u32(10));
    }
}

impl OptimizationBlockHandler<AccountId> for Ledger {
    fn on_optimization_block(height: OptimizationHeight, author: &AccountId) -> Balance {
        POTS.with(|pots| pots.borrow_mut().push((height, *author)));
        POT
    }
}

impl BurnCounter for Ledger {
    fn note_burned(amount: Balance) {
        BURNED.with(|burned| *burned.borrow_mut() += amount);
    }
}

impl Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Reputation = Ledger;
    type OptimizationBlocks = Ledger;
    type Burns = Ledger;
    type Sessions = Session;
    type KeyOwnerProof = sp_session::MembershipProof;
    type KeyOwners = Historical;
    type ReportLongevity = ConstU64<100>;
    type MaxAuthorities = ConstU32<5>;
    type MaxCandidates = ConstU32<7>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Ledger;
}

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper<AccountId> for Ledger {
    fn prepare_authority(who: &AccountId, key: AuthorityId, milli_points: u32) {
        register_these_keys(
            *who,
            SessionKeys {
                doin: key,
                grandpa: grandpa_key(*who),
            },
        );
        set_reputation(*who, milli(milli_points));
    }
    fn seat_session(accounts: &[AccountId]) {
        pallet_session::Validators::<Test>::put(accounts.to_vec());
    }
    fn fill_pot() {}
}

pub fn set_reputation(who: AccountId, points: Reputation) {
    REPUTATION.with(|book| book.borrow_mut().insert(who, points));
}

/// Reputation in milli-points.
pub fn milli(points: u32) -> Reputation {
    FixedU128::from_rational(points.into(), 1_000)
}

pub const SLOT_DURATION: u64 = 2_000;
pub const EPOCH: u64 = 10;
pub const TARGET: u64 = 20_000;
pub const BOND: Balance = 1_000 * DOIN;
pub const UNBONDING: u64 = 40;
/// The slot of the first block.
pub const FIRST: u64 = 1_000;

pub fn parameters() -> Parameters {
    Parameters {
        slot_duration: SLOT_DURATION,
        epoch_length: EPOCH,
        target_interval: TARGET,
        primary_probability: (1, 10),
        idle_slots: 20,
        minimum_authorities: 1,
        authority_bond: BOND,
        unbonding_period: UNBONDING,
    }
}

/// A chain with the authorities 1 to `members`, and `parameters` changed by the test.
pub fn chain_with(members: u64, change: impl FnOnce(&mut Parameters)) -> sp_io::TestExternalities {
    REPUTATION.with(|book| book.borrow_mut().clear());
    POTS.with(|pots| pots.borrow_mut().clear());
    BURNED.with(|burned| *burned.borrow_mut() = 0);
    let mut parameters = parameters();
    change(&mut parameters);
    let storage = RuntimeGenesisConfig {
        proof_of_optimization: GenesisConfig {
            parameters,
            initial_threshold: FixedU128::from_u32(1),
            _config: Default::default(),
        },
        session: pallet_session::GenesisConfig {
            keys: (1..=members).map(|who| (who, who, session_keys(who))).collect(),
            ..Default::default()
        },
        balances: pallet_balances::GenesisConfig {
            balances: (1..=20).map(|who| (who, 5_000 * DOIN)).collect(),
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .unwrap();
    let mut chain = sp_io::TestExternalities::from(storage);
    // Benchmarks sign with keys of their own making.
    chain.register_extension(sp_keystore::KeystoreExt::new(
        sp_keystore::testing::MemoryKeystore::new(),
    ));
    chain
}

/// Runs a test on a chain with the authorities 1 to `members`; checks every invariant after it.
pub fn on_chain(members: u64, test: impl FnOnce()) {
    chain_with(members, |_| {}).execute_with(|| {
        ProofOfOptimization::do_try_state().unwrap();
        test();
        ProofOfOptimization::do_try_state().unwrap();
    });
}

pub fn session_keys(who: u64) -> SessionKeys {
    SessionKeys {
        doin: key(who),
        grandpa: grandpa_key(who),
    }
}

/// Gives `who` session keys, as `session.setKeys` would.
pub fn register_keys(who: AccountId) {
    register_these_keys(who, session_keys(who));
}

pub fn register_these_keys(who: AccountId, keys: SessionKeys) {
    use pallet_session::SessionInterface;
    <Session as SessionInterface>::set_keys(&who, keys).unwrap();
}

/// The claim of the holder of `seat` to `slot`.
pub fn claim(slot: u64, seat: u32, kind: ClaimKind) -> SlotClaim {
    use sp_core::crypto::VrfSecret;
    let data = slot_sign_data(&[7; 32], slot.into(), 0);
    // Whose key it is matters to the client only.
    let vrf_signature = pair(seat.into()).vrf_sign(&data);
    SlotClaim {
        slot: slot.into(),
        authority_index: seat,
        kind,
        vrf_signature,
    }
}

/// Makes a block with that pre-digest and calls `transactions` where the transactions go. Returns its header.
pub fn block_with(digest: Vec<DigestItem>, slot: Option<u64>, count: u32, transactions: impl FnOnce()) -> Header {
    let number = System::block_number() + 1;
    System::reset_events();
    System::initialize(&number, &Default::default(), &Digest { logs: digest });
    AllPalletsWithSystem::on_initialize(number);
    System::note_finished_initialize();
    let apply = |number_of: u32| {
        for _ in 0..number_of {
            System::note_applied_extrinsic(&Ok(().into()), Default::default());
        }
    };
    if let Some(slot) = slot {
        Timestamp::set(RuntimeOrigin::none(), slot * SLOT_DURATION).unwrap();
    }
    apply(1);
    ProofOfOptimization::post_inherents();
    transactions();
    apply(count);
    System::note_finished_extrinsics();
    AllPalletsWithSystem::on_finalize(number);
    let header = System::finalize();
    ProofOfOptimization::do_try_state().unwrap();
    header
}

/// Makes a secondary block of `seat` in `slot`.
pub fn block(slot: u64, seat: u32) -> Header {
    block_by(slot, seat, ClaimKind::Secondary, || {})
}

pub fn block_by(slot: u64, seat: u32, kind: ClaimKind, transactions: impl FnOnce()) -> Header {
    block_with(
        vec![DigestItem::doin_pre_digest(claim(slot, seat, kind))],
        Some(slot),
        0,
        transactions,
    )
}

/// The engine's messages in a header.
pub fn logs(header: &Header) -> Vec<ConsensusLog> {
    header
        .digest()
        .logs()
        .iter()
        .filter_map(CompatibleDigestItem::as_doin_log)
        .collect()
}

/// The announcement in a header, if it is there; panics when there are two.
pub fn announced(header: &Header) -> Option<Vec<(AuthorityId, u64)>> {
    let mut announcements = logs(header).into_iter().filter_map(|log| match log {
        ConsensusLog::NextEpoch(descriptor) => Some(descriptor.authorities),
        _ => None,
    });
    let first = announcements.next();
    assert!(announcements.next().is_none(), "two announcements in one block");
    first
}

/// The events of this pallet in the last block.
pub fn events() -> Vec<Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::ProofOfOptimization(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// A header of `who` in `slot`, sealed; `variant` makes it differ from others.
pub fn sealed_header(who: AccountId, slot: u64, variant: u8) -> Header {
    use sp_core::Pair;
    let mut header = Header::new(
        1,
        [variant; 32].into(),
        Default::default(),
        Default::default(),
        Digest {
            logs: vec![DigestItem::doin_pre_digest(claim(slot, 0, ClaimKind::Primary))],
        },
    );
    let signature = pair(who).sign(header.hash().as_ref());
    header.digest_mut().push(DigestItem::doin_seal(signature.into()));
    header
}

/// Two blocks of `who` in `slot`.
pub fn double_block(who: AccountId, slot: u64) -> EquivocationProof<Header> {
    EquivocationProof {
        offender: key(who),
        slot: slot.into(),
        first_header: sealed_header(who, slot, 1),
        second_header: sealed_header(who, slot, 2),
    }
}

//! A runtime of this pallet, system and balances.

use crate as pallet_domains;
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    traits::{DomainActivity, SlotClock},
    Balance, Hash, Metric, SlotNumber, DOIN,
};
use frame_support::{derive_impl, parameter_types, traits::ConstU32};
use frame_system::EnsureRoot;
use sp_runtime::{BoundedVec, BuildStorage, FixedPointNumber, FixedU128, Perquintill};

pub type Block = frame_system::mocking::MockBlock<Test>;

pub const ALICE: u64 = 1;
pub const BOB: u64 = 2;
pub const POOR: u64 = 3;
pub const DEPOSIT: Balance = 100 * DOIN;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Registry = pallet_domains;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
}

parameter_types! {
    pub const ExistentialDeposit: Balance = 1_000;
    pub const RegistrationDeposit: Balance = DEPOSIT;
    pub const MinimumPrice: Balance = 10;
    pub const MaximumPrice: Balance = DOIN;
    pub const MaximumBond: Balance = 1_000 * DOIN;
    pub static CurrentSlot: SlotNumber = 1_000;
    pub static ActiveDomain: Option<DomainId> = None;
}

pub struct Clock;
impl SlotClock for Clock {
    fn current_slot() -> SlotNumber {
        CurrentSlot::get()
    }
}

pub struct Activity;
impl DomainActivity for Activity {
    fn is_active(domain: DomainId) -> bool {
        ActiveDomain::get() == Some(domain)
    }
}

impl pallet_domains::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type ApproveOrigin = EnsureRoot<u64>;
    type Activity = Activity;
    type Clock = Clock;
    type RegistrationDeposit = RegistrationDeposit;
    type MaxDomains = ConstU32<4>;
    type MaximumArtifactSize = ConstU32<1_000_000>;
    type MaximumDeadline = ConstU32<14_400>;
    type MinimumPrice = MinimumPrice;
    type MaximumPrice = MaximumPrice;
    type MaximumBond = MaximumBond;
    type WeightInfo = ();
}

/// A specification that nothing is wrong with.
pub fn specification(name: &str) -> DomainSpecification {
    DomainSpecification {
        name: BoundedVec::truncate_from(name.as_bytes().to_vec()),
        kind: BoundedVec::truncate_from(b"quadratic".to_vec()),
        model: BoundedVec::truncate_from(b"{\"dimensions\":10}".to_vec()),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        paired_noise: FixedU128::from_rational(1, 10),
        minimum_step: FixedU128::from_rational(1, 100),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_rational(1, 10),
        price: 100,
        minimum_bond: DOIN,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1_000,
        deadlines: Deadlines {
            reveal: 100,
            vote_commit: 30,
            vote_reveal: 30,
        },
        season_length: 200,
        incentive: Default::default(),
    }
}

pub fn artifact(number: u8) -> ArtifactReference {
    ArtifactReference {
        root: Hash::repeat_byte(number),
        size: 80,
    }
}

pub fn metric(value: i64) -> Metric {
    Metric::saturating_from_integer(value)
}

pub fn genesis_with(domains: pallet_domains::GenesisConfig<Test>) -> sp_io::TestExternalities {
    let balances = vec![(ALICE, 1_000 * DOIN), (BOB, 1_000 * DOIN), (POOR, DOIN)];
    let genesis = RuntimeGenesisConfig {
        system: Default::default(),
        balances: pallet_balances::GenesisConfig {
            balances,
            ..Default::default()
        },
        registry: domains,
    };
    let mut externalities: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
    // Events of block 0 are not kept.
    externalities.execute_with(|| System::set_block_number(1));
    externalities
}

#[cfg(feature = "runtime-benchmarks")]
pub fn genesis() -> sp_io::TestExternalities {
    genesis_with(Default::default())
}

/// Runs a test on an empty registry, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
    CurrentSlot::set(1_000);
    ActiveDomain::set(None);
    genesis_with(Default::default()).execute_with(|| {
        test();
        Registry::do_try_state().unwrap();
    });
}

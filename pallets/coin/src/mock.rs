//! A runtime with system, balances and coin; the slot and the challenge window are set by the tests.

use crate as pallet_coin;
use doin_primitives::{traits::SlotClock, Balance, SlotNumber, DOIN, MILLI_DOIN};
use frame_support::{derive_impl, parameter_types, traits::ConstU128, PalletId};
use sp_runtime::BuildStorage;

pub type AccountId = u64;

/// The existential deposit: a thousandth of a DOIN.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_DOIN;
/// An account with 1 000 DOIN at genesis.
pub const RICH: AccountId = 100;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeTask,
        RuntimeHoldReason,
        RuntimeFreezeReason
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Coin = pallet_coin;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type DustRemoval = pallet_coin::BurnImbalance<Test>;
}

parameter_types! {
    /// The slot of the block in execution.
    pub storage Slot: SlotNumber = 1_000;
    /// The author that tips go to.
    pub storage TipAuthor: Option<AccountId> = None;
    pub const PotId: PalletId = PalletId(*b"doinpots");
}

/// Time as the tests set it.
pub struct Clock;
impl SlotClock for Clock {
    fn current_slot() -> SlotNumber {
        Slot::get()
    }
}

impl pallet_coin::Config for Test {
    type Currency = Balances;
    type Clock = Clock;
    type PotId = PotId;
    type WeightInfo = ();
}

/// Builds the state that a test starts from and checks the invariants after it.
#[derive(Default)]
pub struct Builder;

impl Builder {
    pub fn build(self) -> sp_io::TestExternalities {
        let genesis = RuntimeGenesisConfig {
            system: Default::default(),
            balances: pallet_balances::GenesisConfig {
                balances: vec![(RICH, 1_000 * DOIN)],
                ..Default::default()
            },
            coin: Default::default(),
        };
        let mut externalities = sp_io::TestExternalities::new(genesis.build_storage().expect("genesis builds"));
        externalities.execute_with(|| System::set_block_number(1));
        externalities
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            Coin::do_try_state().expect("the invariants hold");
        });
    }
}

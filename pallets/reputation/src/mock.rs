//! A runtime with system and reputation only; height and T̄ are set by the tests.

use crate as pallet_reputation;
use doin_primitives::{traits::WorkSink, Increment, OptimizationHeight, Reputation};
use frame_support::{derive_impl, parameter_types};
use sp_runtime::{BuildStorage, FixedU128};

pub type AccountId = u64;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type ReputationPallet = pallet_reputation;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
    /// The optimization height.
    pub storage Height: OptimizationHeight = 0;
    /// T̄: 0.02, so that work of 0.002 is worth a point.
    pub storage MeanThreshold: FixedU128 = FixedU128::from_rational(2, 100);
}

/// Work as the tests set it.
pub struct Work;
impl WorkSink for Work {
    fn add_work(_: Increment) {}
    fn threshold() -> FixedU128 {
        MeanThreshold::get()
    }
    fn mean_threshold() -> FixedU128 {
        MeanThreshold::get()
    }
    fn optimization_height() -> OptimizationHeight {
        Height::get()
    }
}

impl pallet_reputation::Config for Test {
    type Work = Work;
    type WeightInfo = ();
}

/// Builds the state that a test starts from and checks the invariants after it.
#[derive(Default)]
pub struct Builder {
    accounts: Vec<(AccountId, Reputation)>,
}

impl Builder {
    pub fn with(mut self, who: AccountId, points: Reputation) -> Self {
        self.accounts.push((who, points));
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let genesis = RuntimeGenesisConfig {
            system: Default::default(),
            reputation_pallet: pallet_reputation::GenesisConfig {
                accounts: self.accounts,
            },
        };
        let mut externalities = sp_io::TestExternalities::new(genesis.build_storage().expect("genesis builds"));
        externalities.execute_with(|| System::set_block_number(1));
        externalities
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            ReputationPallet::do_try_state().expect("the invariants hold");
        });
    }
}

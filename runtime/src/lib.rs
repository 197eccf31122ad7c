//! The DOIN runtime: the composition of the pallets. The rules are in `doin-primitives`, the state in the pallets.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configuration;
pub mod fees;
pub mod genesis;
pub mod views;

pub use doin_primitives::{AccountId, Balance, BlockNumber, Hash, Nonce, Signature, DOIN, MICRO_DOIN, MILLI_DOIN};

use alloc::vec::Vec;
use sp_runtime::{generic, impl_opaque_keys, traits::BlakeTwo256, MultiAddress};
use sp_version::RuntimeVersion;

/// An address of an account in a transaction.
pub type Address = MultiAddress<AccountId, ()>;
/// The header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block with decoded transactions.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// What a transaction carries beside its call, in this order.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);
/// A transaction as it travels.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a transaction's signature is over.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// Executes blocks.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
    /// The keys of an authority. `babe` is what zombienet writes for a slot-claiming sr25519 key.
    pub struct SessionKeys {
        #[serde(alias = "babe")]
        pub doin: pallet_proof_of_optimization::Pallet<Runtime>,
        pub grandpa: pallet_proof_of_optimization::WeightedGrandpa<Runtime>,
    }
}

/// The version of the runtime.
///
/// `system_version` 1: an upgrade takes effect in the block after the one that sets it, without the pending-code
/// delay of version 3, which nothing here needs.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("doin"),
    impl_name: alloc::borrow::Cow::Borrowed("doin"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

// The order of the indices is the order of the hooks: see `docs/architecture.md`, "Order of the hooks".
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
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    // Knows slot, author and randomness of the block: before all that asks for them.
    #[runtime::pallet_index(2)]
    pub type ProofOfOptimization = pallet_proof_of_optimization;
    #[runtime::pallet_index(3)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(4)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(5)]
    pub type Grandpa = pallet_grandpa;
    // After the session, so that the author is looked up in the set that the block belongs to.
    #[runtime::pallet_index(6)]
    pub type Authorship = pallet_authorship;

    #[runtime::pallet_index(10)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(11)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(12)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(13)]
    pub type Sudo = pallet_sudo;

    #[runtime::pallet_index(20)]
    pub type Reputation = pallet_reputation;
    #[runtime::pallet_index(21)]
    pub type Coin = pallet_coin;
    #[runtime::pallet_index(22)]
    pub type Domains = pallet_domains;
    // Ends phases before optimae draws the next heads.
    #[runtime::pallet_index(23)]
    pub type Quorum = pallet_quorum;
    #[runtime::pallet_index(24)]
    pub type Optimae = pallet_optimae;
}

/// Checks every invariant of every pallet of ours. Tests call it after each step.
pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
    Reputation::do_try_state()?;
    Coin::do_try_state()?;
    Domains::do_try_state()?;
    Quorum::do_try_state()?;
    Optimae::do_try_state()?;
    ProofOfOptimization::do_try_state()
}

/// The types of the pallets' errors, for tools that explain them.
pub fn error_modules() -> Vec<(&'static str, u8)> {
    use frame_support::traits::PalletsInfoAccess;
    AllPalletsWithSystem::infos()
        .into_iter()
        .map(|info| (info.name, info.index as u8))
        .collect()
}

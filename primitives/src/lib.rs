//! The types and the *rules* of DOIN: pure functions without storage, `no_std`.
//!
//! Pallets store and call these rules; the engine, the worker and the RPC call the same functions, so that they
//! cannot disagree. The arithmetic is fixed point throughout: nothing in consensus touches a float.

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

pub mod api;
pub mod artifact;
pub mod audit;
pub mod challenge;
pub mod commitment;
pub mod domain;
pub mod engine;
pub mod fee;
pub mod incentive;
pub mod math;
pub mod optimum;
pub mod quorum;
pub mod reputation;
pub mod subsidy;
pub mod threshold;
pub mod traits;

use sp_runtime::{
    generic,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    FixedI128, FixedU128, MultiSignature, OpaqueExtrinsic,
};

/// A signature of an operator over a transaction: sr25519, ed25519 or ecdsa.
pub type Signature = MultiSignature;
/// An account: the public key (or its hash) behind a [`Signature`].
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An amount of coin in its smallest unit: 10⁻¹² DOIN.
pub type Balance = u128;
/// The number of a block, genesis 0. It is not time: see [`SlotNumber`].
pub type BlockNumber = u32;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A 256-bit hash.
pub type Hash = sp_core::H256;
/// The header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block whose transactions are opaque bytes, as the client sees it.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;

/// The number of a slot since the Unix epoch: consensus time. Every deadline counts slots.
pub type SlotNumber = u64;
/// The number of optimization blocks so far; genesis 0.
pub type OptimizationHeight = u64;
/// A value of a domain's metric, 18 decimals. Workers measure in floats and convert at their border.
pub type Metric = FixedI128;
/// An amount of verified improvement, in units of φ (see [`math::phi`]); never negative once accepted.
pub type Increment = FixedU128;
/// Points of reputation: 2.0 makes an account eligible, 10.0 is full standing.
pub type Reputation = FixedU128;

/// One DOIN in its smallest unit.
pub const DOIN: Balance = 1_000_000_000_000;
/// A thousandth of a DOIN.
pub const MILLI_DOIN: Balance = DOIN / 1_000;
/// A millionth of a DOIN.
pub const MICRO_DOIN: Balance = MILLI_DOIN / 1_000;

//! The base fee (EIP-1559): what moves it, and what it is now.

use crate::{Balance, Runtime, TransactionPayment};
use doin_primitives::{fee, traits::BaseFee};
use frame_support::dispatch::{DispatchClass, DispatchInfo};
use pallet_transaction_payment::{Multiplier, MultiplierUpdate};
use sp_runtime::{traits::Convert, Perquintill, SaturatedConversion};

/// Moves the fee multiplier by [`fee::next_multiplier`] on the fullest of the block's dimensions: computation,
/// proof and length.
pub struct BaseFeeRule;

impl Convert<Multiplier, Multiplier> for BaseFeeRule {
    fn convert(previous: Multiplier) -> Multiplier {
        let limits = <Runtime as frame_system::Config>::BlockWeights::get();
        let maximum = limits.get(DispatchClass::Normal).max_total.unwrap_or(limits.max_block);
        let used = *frame_system::Pallet::<Runtime>::block_weight().get(DispatchClass::Normal);
        let longest = *<Runtime as frame_system::Config>::BlockLength::get()
            .max
            .get(DispatchClass::Normal);
        let length = frame_system::Pallet::<Runtime>::block_size();
        let fullness = [
            Perquintill::from_rational(used.ref_time(), maximum.ref_time().max(1)),
            Perquintill::from_rational(used.proof_size(), maximum.proof_size().max(1)),
            Perquintill::from_rational(u64::from(length), u64::from(longest.max(1))),
        ];
        fee::next_multiplier(previous, fullness.into_iter().max().unwrap_or_default())
    }
}

impl MultiplierUpdate for BaseFeeRule {
    fn min() -> Multiplier {
        fee::MINIMUM_MULTIPLIER
    }
    fn max() -> Multiplier {
        fee::MAXIMUM_MULTIPLIER
    }
    fn target() -> Perquintill {
        fee::TARGET_FULLNESS
    }
    fn variability() -> Multiplier {
        Multiplier::from_rational(1, u128::from(fee::CHANGE_DENOMINATOR))
    }
}

/// The fee of an empty transaction now.
pub struct EmptyTransactionFee;

impl BaseFee for EmptyTransactionFee {
    fn base_fee() -> Balance {
        TransactionPayment::compute_fee(0, &DispatchInfo::default(), 0).saturated_into()
    }
}

//! What an optimum costs its optimizer until it has ended.

use doin_primitives::{
    api::{DomainInfo, NetworkStatus, Supply},
    audit, math, Balance, MILLI_DOIN,
};
use sp_runtime::{
    traits::{CheckedDiv, Saturating},
    FixedI128, FixedPointNumber, FixedU128, Perquintill,
};

/// What is kept for fees: a commit and a reveal cost a thousandth of this on an idle chain, and the base fee may rise.
const FEES: Balance = 100 * MILLI_DOIN;

/// The largest bond that a claim can ask for beyond its domain's minimum: a fifth of the optimizers' pool.
pub fn largest_claim_bond(supply: &Supply) -> Balance {
    let pool = Perquintill::from_percent(65).mul_floor(supply.next_reward);
    Perquintill::from_percent(20).mul_floor(pool)
}

/// The bond max(minimum bond, 0.2 × optimizers' pool × min(1, claimed work/T)), the prices of K votes and as many audits,
/// and fees. Everything but the price of what was evaluated comes back unless the optimum is refuted.
pub(crate) fn funds_needed(
    info: &DomainInfo,
    status: &NetworkStatus,
    supply: &Supply,
    quorum_size: u32,
    improvement: FixedI128,
) -> Balance {
    let work = math::to_unsigned(improvement).saturating_mul(info.weight);
    let share = work
        .checked_div(&status.threshold)
        .unwrap_or(FixedU128::from_u32(1))
        .min(FixedU128::from_u32(1));
    let for_claim = share.saturating_mul_int(largest_claim_bond(supply));
    let bond = info.specification.minimum_bond.max(for_claim);
    // At whatever rate above 0; where votes are not audited this keeps too much, which hurts less than too little.
    let evaluations = audit::paid_evaluations(audit::MINIMUM_RATE, quorum_size);
    let prices = info.specification.price.saturating_mul(Balance::from(evaluations));
    bond.saturating_add(prices).saturating_add(FEES)
}

//! What the methods answer: JSON for people and programs.
//!
//! Every value is exact. Counts, slots, heights and times are JSON numbers; they stay below 2⁵³. What has a fraction
//! (metrics, points, weights, thresholds) is a string of the decimal number with all its digits, up to 18 after the
//! point. Coin is a string of the whole number of smallest units (10⁻¹² DOIN). Hashes are `0x` and hexadecimal digits,
//! accounts SS58 addresses, names text.

mod domain;
mod optimum;

pub use domain::*;
pub use optimum::*;

use doin_primitives::{
    api::{CommitInfo, NetworkStatus, RoundInfo, Supply},
    AccountId, Balance, OptimizationHeight, Reputation, DOIN,
};
use serde::Serialize;
use sp_core::crypto::Ss58Codec;
use sp_runtime::{FixedI128, FixedU128, Perquintill};

/// How many digits follow the point in one DOIN.
pub const DECIMALS: u32 = DOIN.ilog10();

/// 18 digits follow the point in each fixed-point number of the chain.
const FIXED_POINT_DIGITS: usize = 18;

/// A magnitude in units of 10⁻¹⁸ as a decimal number, without trailing zeros.
fn decimal(negative: bool, magnitude: u128) -> String {
    let digits = format!("{magnitude:0width$}", width = FIXED_POINT_DIGITS + 1);
    let (whole, fraction) = digits.split_at(digits.len() - FIXED_POINT_DIGITS);
    let fraction = fraction.trim_end_matches('0');
    let sign = if negative { "-" } else { "" };
    match fraction.is_empty() {
        true => format!("{sign}{whole}"),
        false => format!("{sign}{whole}.{fraction}"),
    }
}

fn signed(value: FixedI128) -> String {
    decimal(value.into_inner() < 0, value.into_inner().unsigned_abs())
}

fn unsigned(value: FixedU128) -> String {
    decimal(false, value.into_inner())
}

fn share(value: Perquintill) -> String {
    decimal(false, u128::from(value.deconstruct()))
}

fn coin(value: Balance) -> String {
    value.to_string()
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn account(who: &AccountId) -> String {
    who.to_ss58check()
}

/// Bytes as text; as `0x` and hexadecimal digits where they are not UTF-8.
pub(crate) fn text(bytes: &[u8]) -> String {
    match core::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => hash(bytes),
    }
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockView {
    /// Its hash.
    pub hash: String,
    /// Its number.
    pub number: u64,
}

/// An authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorityView {
    /// Its account.
    pub account: String,
    /// Its weight in the slot lottery and in finality votes, in milli-points of reputation.
    pub weight: u64,
}

/// `doin_status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    /// The block that the answer holds for.
    pub block: BlockView,
    /// The last block that is final now.
    pub finalized: BlockView,
    /// The block's slot.
    pub slot: u64,
    /// How many optimization blocks there are.
    pub optimization_height: OptimizationHeight,
    /// T: what Σ has to reach.
    pub threshold: String,
    /// T with the anti-stall discount at this slot.
    pub effective_threshold: String,
    /// Σ: the verified work since the last optimization block.
    pub accumulated: String,
    /// Credits: an optimization block spends one.
    pub credits: String,
    /// The time of the last optimization block, in milliseconds since the Unix epoch.
    pub last_optimization_block: u64,
    /// The target interval of optimization blocks, in milliseconds.
    pub target_interval: u64,
    /// The number of the session.
    pub epoch: u64,
    /// The authorities.
    pub authorities: Vec<AuthorityView>,
}

impl StatusView {
    /// The view of a status at `block`.
    pub fn new(status: NetworkStatus, block: BlockView, finalized: BlockView) -> Self {
        Self {
            block,
            finalized,
            slot: status.slot,
            optimization_height: status.optimization_height,
            threshold: unsigned(status.threshold),
            effective_threshold: unsigned(status.effective_threshold),
            accumulated: unsigned(status.accumulated),
            credits: unsigned(status.credits),
            last_optimization_block: status.last_optimization_block,
            target_interval: status.target_interval,
            epoch: status.epoch,
            authorities: status
                .authorities
                .iter()
                .map(|(who, weight)| AuthorityView {
                    account: account(who),
                    weight: *weight,
                })
                .collect(),
        }
    }
}

/// `doin_reputation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReputationView {
    /// The account.
    pub account: String,
    /// Its points, decayed to the block.
    pub reputation: String,
    /// Its commits that are not revealed yet.
    pub commits: Vec<CommitView>,
    /// The open rounds in which it sits.
    pub duties: Vec<RoundView>,
    /// The optimization heights at which it has shares to claim, oldest first.
    pub claimable: Vec<OptimizationHeight>,
}

impl ReputationView {
    /// The view of an account.
    pub fn new(
        who: &AccountId,
        reputation: Reputation,
        commits: Vec<CommitInfo>,
        duties: Vec<RoundInfo>,
        claimable: Vec<OptimizationHeight>,
    ) -> Self {
        Self {
            account: account(who),
            reputation: unsigned(reputation),
            commits: commits.into_iter().map(CommitView::from).collect(),
            duties: duties.into_iter().map(RoundView::from).collect(),
            claimable,
        }
    }
}

/// `doin_supply`: `issuance = genesis + minted − burned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SupplyView {
    /// The coin's name.
    pub symbol: &'static str,
    /// How many digits of an amount follow the point.
    pub decimals: u32,
    /// All coin there is.
    pub issuance: String,
    /// The issuance at genesis.
    pub genesis: String,
    /// Minted by optimization blocks.
    pub minted: String,
    /// Burned: fees, bonds, void shares, dust.
    pub burned: String,
    /// Minted and not claimed yet.
    pub unclaimed: String,
    /// The pot of the next optimization block.
    pub next_reward: String,
}

impl From<Supply> for SupplyView {
    fn from(supply: Supply) -> Self {
        Self {
            symbol: "DOIN",
            decimals: DECIMALS,
            issuance: coin(supply.issuance),
            genesis: coin(supply.genesis),
            minted: coin(supply.minted),
            burned: coin(supply.burned),
            unclaimed: coin(supply.unclaimed),
            next_reward: coin(supply.next_reward),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_runtime::FixedPointNumber;

    #[test]
    fn fixed_point_numbers_are_exact_decimals() {
        assert_eq!(signed(FixedI128::from_inner(0)), "0");
        assert_eq!(signed(FixedI128::from_inner(1)), "0.000000000000000001");
        assert_eq!(signed(FixedI128::saturating_from_rational(-1, 2)), "-0.5");
        assert_eq!(signed(FixedI128::from_u32(100)), "100");
        assert_eq!(
            signed(FixedI128::from_inner(i128::MIN)),
            "-170141183460469231731.687303715884105728"
        );
        assert_eq!(
            unsigned(FixedU128::from_inner(u128::MAX)),
            "340282366920938463463.374607431768211455"
        );
        assert_eq!(share(Perquintill::from_percent(5)), "0.05");
        assert_eq!(share(Perquintill::one()), "1");
    }

    #[test]
    fn names_are_text_and_other_bytes_hexadecimal() {
        assert_eq!(text("quadratic Σ".as_bytes()), "quadratic Σ");
        assert_eq!(text(&[0xff, 0x00]), "0xff00");
    }

    #[test]
    fn coin_has_twelve_decimals() {
        assert_eq!(DECIMALS, 12);
        assert_eq!(coin(50 * DOIN), "50000000000000");
    }
}

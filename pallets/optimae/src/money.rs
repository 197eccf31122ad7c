//! Bonds, escrows and what becomes of them.

use crate::{Config, Error, HoldReason, Pallet};
use doin_primitives::{
    domain::{DomainId, DomainSpecification, QuorumSize},
    math,
    traits::{BaseFee, BurnCounter, DomainRegistry, OptimizerPool, QuorumManager, WorkSink},
    Balance, Increment, Metric,
};
use frame_support::traits::{
    fungible::hold::Mutate,
    tokens::{Fortitude, Precision, Restriction},
};
use sp_runtime::{
    traits::{CheckedDiv, Saturating, Zero},
    FixedPointNumber, FixedU128, Perquintill,
};

/// The least bond, in base fees.
const BOND_IN_BASE_FEES: Balance = 5;
/// The bond of the largest claim, as a part of the optimizers' pool.
const BOND_IN_POOL: Perquintill = Perquintill::from_percent(20);
/// What an unrevealed commit burns of its bond.
const UNREVEALED_BURN: Perquintill = Perquintill::from_percent(10);
/// What a refuted optimum burns of its bond.
const REFUTED_BURN: Perquintill = Perquintill::from_percent(20);
/// How many evaluators an escrow is for when nobody is there to judge yet and the domain leaves the number open.
const SMALLEST_QUORUM: u32 = 3;

/// What a bond is released with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is burned.
    None,
    /// A commit was not revealed.
    Unrevealed,
    /// A claim was refuted.
    Refuted,
    /// None so far: the bond stays on hold until nobody can challenge the optimum any more.
    Contestable,
}

impl<T: Config> Pallet<T> {
    /// The bond of a commit: max(5 × base fee, the domain's minimum).
    pub(crate) fn least_bond(specification: &DomainSpecification) -> Balance {
        T::BaseFee::base_fee()
            .saturating_mul(BOND_IN_BASE_FEES)
            .max(specification.minimum_bond)
    }

    /// The bond of a claim: max(the least bond, 0.2 × the optimizers' pool × min(1, claimed work / T)).
    pub(crate) fn bond_of_claim(specification: &DomainSpecification, claimed: Increment) -> Balance {
        let one = FixedU128::from_u32(1);
        let part = claimed.checked_div(&T::Work::threshold()).unwrap_or(one).min(one);
        let value = part.saturating_mul_int(BOND_IN_POOL.mul_floor(T::Pool::next_optimizer_pool()));
        Self::least_bond(specification).max(value)
    }

    /// The work that a claim would be worth, were it all true: (φ(reported) − φ(best)) × domain weight. T, so that the
    /// bond is a full one, where the best's value is not known; 0 in a domain without weight, where nothing can be won.
    pub(crate) fn claimed_work(
        domain: DomainId,
        specification: &DomainSpecification,
        reported: Metric,
        best: Option<Metric>,
    ) -> Increment {
        let weight = T::Domains::weight(domain);
        if weight.is_zero() {
            return Increment::zero();
        }
        match best {
            Some(best) => Self::improvement(specification, reported, best).saturating_mul(weight),
            None => T::Work::threshold(),
        }
    }

    /// max(0, φ(metric) − φ(best)) in the domain's direction.
    pub(crate) fn improvement(specification: &DomainSpecification, metric: Metric, best: Metric) -> Increment {
        let oriented = |metric: Metric| math::phi(specification.direction.oriented(metric), specification.metric_scale);
        math::to_unsigned(oriented(metric).saturating_sub(oriented(best)))
    }

    /// The escrow for the evaluators of a first round, were it drawn now, and for auditors of all their votes where votes
    /// are audited. Where nobody could be drawn yet, for as many as the domain fixes, or three.
    pub(crate) fn escrow(domain: DomainId, specification: &DomainSpecification, optimizer: &T::AccountId) -> Balance {
        let evaluators = match (T::Quorum::quorum_size(domain, optimizer), specification.quorum) {
            (0, QuorumSize::Fixed(size)) => size.into(),
            (0, QuorumSize::Automatic) => SMALLEST_QUORUM,
            (size, _) => size,
        };
        let evaluations = T::Quorum::paid_evaluations(evaluators);
        specification.price.saturating_mul(evaluations.into())
    }

    pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> Result<(), Error<T>> {
        T::Currency::hold(&reason.into(), who, amount).map_err(|_| Error::<T>::InsufficientBalance)
    }

    /// Releases a bond, less what the fault burns. Returns what was burned and what was released.
    pub(crate) fn settle_bond(who: &T::AccountId, bond: Balance, fault: Fault) -> (Balance, Balance) {
        let burn = match fault {
            Fault::Contestable => return (0, 0),
            Fault::None => 0,
            Fault::Unrevealed => UNREVEALED_BURN.mul_floor(bond),
            Fault::Refuted => REFUTED_BURN.mul_floor(bond),
        };
        let burned = Self::burn(HoldReason::Bond, who, burn);
        (
            burned,
            Self::release(HoldReason::Bond, who, bond.saturating_sub(burned)),
        )
    }

    /// Burns coin that is on hold, counted. Returns how much.
    pub(crate) fn burn(reason: HoldReason, who: &T::AccountId, amount: Balance) -> Balance {
        if amount.is_zero() {
            return 0;
        }
        let result = T::Currency::burn_held(&reason.into(), who, amount, Precision::BestEffort, Fortitude::Force);
        let burned = result.unwrap_or_default();
        T::Burns::note_burned(burned);
        burned
    }

    /// Releases coin that is on hold. Returns how much.
    pub(crate) fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) -> Balance {
        T::Currency::release(&reason.into(), who, amount, Precision::BestEffort).unwrap_or_default()
    }

    /// Pays a challenger its bounty out of the forfeited bond of an optimum and burns the rest. Returns what was paid and
    /// what was burned.
    pub(crate) fn forfeit_bond(
        optimizer: &T::AccountId,
        bond: Balance,
        challenger: &T::AccountId,
        bounty: Balance,
    ) -> (Balance, Balance) {
        // Should the challenger not be able to receive it, it is burned with the rest.
        let result = T::Currency::transfer_on_hold(
            &HoldReason::Bond.into(),
            optimizer,
            challenger,
            bounty,
            Precision::BestEffort,
            Restriction::Free,
            Fortitude::Force,
        );
        let paid = result.unwrap_or_default();
        (paid, Self::burn(HoldReason::Bond, optimizer, bond.saturating_sub(paid)))
    }

    /// Pays each of `evaluators` the price out of an account's escrow, and releases the rest; who is named twice is paid twice.
    /// A second round draws more than the escrow was made for, and so may disputes: then all share it alike. Returns what was
    /// paid and what was released.
    pub(crate) fn settle_escrow(
        payer: &T::AccountId,
        escrow: Balance,
        price: Balance,
        evaluators: &[T::AccountId],
    ) -> (Balance, Balance) {
        let reason = HoldReason::Escrow.into();
        let count = Balance::try_from(evaluators.len()).unwrap_or(Balance::MAX);
        let each = escrow.checked_div(count).unwrap_or(0).min(price);
        let mut paid: Balance = 0;
        for evaluator in evaluators.iter().filter(|_| each > 0) {
            // Who cannot be paid (an account that is gone, too little for a new one) leaves its part to the payer.
            let result = T::Currency::transfer_on_hold(
                &reason,
                payer,
                evaluator,
                each,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Polite,
            );
            paid = paid.saturating_add(result.unwrap_or(0));
        }
        let rest = escrow.saturating_sub(paid);
        (paid, Self::release(HoldReason::Escrow, payer, rest))
    }
}

//! What a specification must satisfy before anybody may bind bonds to it.

use crate::{Config, Error};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{Deadlines, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
};
use frame_support::ensure;
use sp_core::Get;
use sp_runtime::{traits::Zero, FixedU128, Perquintill};

/// The largest quorum of a first round.
const LARGEST_QUORUM: u8 = 15;
/// The largest relative tolerance: with more a claim could be off by half and hold.
const LARGEST_RELATIVE_TOLERANCE: Perquintill = Perquintill::from_percent(50);
/// The largest bonus: what the reference pays for under-reporting.
const LARGEST_BONUS: FixedU128 = FixedU128::from_rational(12, 10);
const ONE: FixedU128 = FixedU128::from_u32(1);

/// Checks every field of a specification that can be wrong by itself, and the size of the baseline.
pub(crate) fn validate<T: Config>(
    specification: &DomainSpecification,
    baseline: &ArtifactReference,
) -> Result<(), Error<T>> {
    ensure!(!specification.name.is_empty(), Error::<T>::NameEmpty);
    ensure!(
        core::str::from_utf8(&specification.name).is_ok(),
        Error::<T>::NameNotText
    );
    ensure!(!specification.kind.is_empty(), Error::<T>::KindEmpty);
    ensure!(
        core::str::from_utf8(&specification.kind).is_ok(),
        Error::<T>::KindNotText
    );
    ensure!(
        core::str::from_utf8(&specification.model).is_ok(),
        Error::<T>::ModelNotText
    );

    ensure!(!specification.metric_scale.is_zero(), Error::<T>::MetricScaleZero);
    ensure!(!specification.minimum_step.is_zero(), Error::<T>::MinimumStepZero);
    ensure!(
        specification.relative_tolerance <= LARGEST_RELATIVE_TOLERANCE,
        Error::<T>::RelativeToleranceTooLarge
    );
    ensure!(
        !specification.relative_tolerance.is_zero() || !specification.absolute_tolerance.is_zero(),
        Error::<T>::NoTolerance
    );

    ensure!(specification.price >= T::MinimumPrice::get(), Error::<T>::PriceTooLow);
    ensure!(specification.price <= T::MaximumPrice::get(), Error::<T>::PriceTooHigh);
    ensure!(
        specification.minimum_bond <= T::MaximumBond::get(),
        Error::<T>::MinimumBondTooHigh
    );
    if let QuorumSize::Fixed(size) = specification.quorum {
        ensure!(size & 1 == 1 && size <= LARGEST_QUORUM, Error::<T>::QuorumSizeInvalid);
    }

    ensure!(
        specification.maximum_artifact_size > 0,
        Error::<T>::ArtifactSizeLimitZero
    );
    ensure!(
        specification.maximum_artifact_size <= T::MaximumArtifactSize::get(),
        Error::<T>::ArtifactSizeLimitTooLarge
    );
    validate_baseline::<T>(specification, baseline)?;
    validate_times::<T>(&specification.deadlines, specification.season_length)?;
    validate_incentive::<T>(&specification.incentive)
}

/// The baseline must be an artifact that the domain would accept.
pub(crate) fn validate_baseline<T: Config>(
    specification: &DomainSpecification,
    baseline: &ArtifactReference,
) -> Result<(), Error<T>> {
    ensure!(
        baseline.size > 0 && baseline.size <= specification.maximum_artifact_size,
        Error::<T>::BaselineSizeInvalid
    );
    Ok(())
}

fn validate_times<T: Config>(deadlines: &Deadlines, season_length: u32) -> Result<(), Error<T>> {
    let all = [deadlines.reveal, deadlines.vote_commit, deadlines.vote_reveal];
    ensure!(all.iter().all(|deadline| *deadline > 0), Error::<T>::DeadlineZero);
    ensure!(
        all.iter().all(|deadline| *deadline <= T::MaximumDeadline::get()),
        Error::<T>::DeadlineTooLong
    );
    // Shorter seasons would end before what was claimed in them could be judged.
    let way = all.iter().fold(0u32, |sum, deadline| sum.saturating_add(*deadline));
    ensure!(season_length == 0 || season_length >= way, Error::<T>::SeasonTooShort);
    Ok(())
}

fn validate_incentive<T: Config>(curve: &IncentiveCurve) -> Result<(), Error<T>> {
    let above_zero_to_one = |value: FixedU128| !value.is_zero() && value <= ONE;
    ensure!(
        above_zero_to_one(curve.tolerance_margin),
        Error::<T>::ToleranceMarginInvalid
    );
    ensure!(
        above_zero_to_one(curve.bonus_threshold),
        Error::<T>::BonusThresholdInvalid
    );
    ensure!(curve.minimum_fraction <= ONE, Error::<T>::MinimumFractionInvalid);
    ensure!(
        curve.maximum_bonus >= ONE && curve.maximum_bonus <= LARGEST_BONUS,
        Error::<T>::MaximumBonusInvalid
    );
    Ok(())
}

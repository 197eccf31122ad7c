//! Every field of a specification that can be wrong has an error of its own.

use super::*;
use doin_primitives::{artifact::ArtifactReference, domain::QuorumSize, DOIN};
use sp_runtime::{BoundedVec, Perquintill};

/// A change of a valid specification that makes it wrong, and the error that names it.
type Fault = (fn(&mut DomainSpecification), DomainError);

fn refused(specification: DomainSpecification, baseline: ArtifactReference, error: DomainError) {
    let origin = RuntimeOrigin::signed(ALICE);
    assert_noop!(
        Registry::register(origin, Box::new(specification), baseline, metric(0)),
        error
    );
}

#[test]
fn each_wrong_field_is_named() {
    let faults: Vec<Fault> = vec![
        (|s| s.name = Default::default(), DomainError::NameEmpty),
        (
            |s| s.name = BoundedVec::truncate_from(vec![0xff, 0xfe]),
            DomainError::NameNotText,
        ),
        (|s| s.kind = Default::default(), DomainError::KindEmpty),
        (
            |s| s.kind = BoundedVec::truncate_from(vec![0xc0]),
            DomainError::KindNotText,
        ),
        (
            |s| s.model = BoundedVec::truncate_from(vec![0x80]),
            DomainError::ModelNotText,
        ),
        (|s| s.metric_scale = FixedU128::default(), DomainError::MetricScaleZero),
        (|s| s.minimum_step = FixedU128::default(), DomainError::MinimumStepZero),
        (
            |s| s.relative_tolerance = Perquintill::from_percent(51),
            DomainError::RelativeToleranceTooLarge,
        ),
        (
            |s| {
                s.relative_tolerance = Perquintill::from_percent(0);
                s.absolute_tolerance = FixedU128::default();
            },
            DomainError::NoTolerance,
        ),
        (|s| s.price = 9, DomainError::PriceTooLow),
        (|s| s.price = DOIN + 1, DomainError::PriceTooHigh),
        (|s| s.minimum_bond = 1_000 * DOIN + 1, DomainError::MinimumBondTooHigh),
        (|s| s.quorum = QuorumSize::Fixed(0), DomainError::QuorumSizeInvalid),
        (|s| s.quorum = QuorumSize::Fixed(4), DomainError::QuorumSizeInvalid),
        (|s| s.quorum = QuorumSize::Fixed(17), DomainError::QuorumSizeInvalid),
        (|s| s.maximum_artifact_size = 0, DomainError::ArtifactSizeLimitZero),
        (
            |s| s.maximum_artifact_size = 1_000_001,
            DomainError::ArtifactSizeLimitTooLarge,
        ),
        (|s| s.deadlines.reveal = 0, DomainError::DeadlineZero),
        (|s| s.deadlines.vote_commit = 0, DomainError::DeadlineZero),
        (|s| s.deadlines.vote_reveal = 0, DomainError::DeadlineZero),
        (|s| s.deadlines.reveal = 14_401, DomainError::DeadlineTooLong),
        (|s| s.deadlines.vote_reveal = u32::MAX, DomainError::DeadlineTooLong),
        (|s| s.season_length = 159, DomainError::SeasonTooShort),
        (
            |s| s.incentive.tolerance_margin = FixedU128::default(),
            DomainError::ToleranceMarginInvalid,
        ),
        (
            |s| s.incentive.tolerance_margin = FixedU128::from_rational(11, 10),
            DomainError::ToleranceMarginInvalid,
        ),
        (
            |s| s.incentive.bonus_threshold = FixedU128::default(),
            DomainError::BonusThresholdInvalid,
        ),
        (
            |s| s.incentive.minimum_fraction = FixedU128::from_rational(101, 100),
            DomainError::MinimumFractionInvalid,
        ),
        (
            |s| s.incentive.maximum_bonus = FixedU128::from_rational(99, 100),
            DomainError::MaximumBonusInvalid,
        ),
        (
            |s| s.incentive.maximum_bonus = FixedU128::from_rational(121, 100),
            DomainError::MaximumBonusInvalid,
        ),
    ];
    run(|| {
        for (spoil, error) in faults {
            let mut wrong = specification("wrong");
            spoil(&mut wrong);
            refused(wrong, artifact(1), error);
        }
    });
}

#[test]
fn the_baseline_must_fit_the_domain() {
    run(|| {
        for size in [0, 1_001] {
            let baseline = ArtifactReference { size, ..artifact(1) };
            refused(specification("baseline"), baseline, DomainError::BaselineSizeInvalid);
        }
        let domain = assert_register(ALICE, specification("baseline"));
        assert_noop!(
            Registry::replace_baseline(
                RuntimeOrigin::root(),
                domain,
                ArtifactReference { size: 0, ..artifact(1) },
                metric(0)
            ),
            DomainError::BaselineSizeInvalid
        );
    });
}

#[test]
fn the_limits_themselves_are_allowed() {
    run(|| {
        let mut extreme = specification("extreme");
        extreme.relative_tolerance = Perquintill::from_percent(50);
        extreme.absolute_tolerance = FixedU128::default();
        extreme.price = DOIN;
        extreme.minimum_bond = 0;
        extreme.quorum = QuorumSize::Fixed(15);
        extreme.maximum_artifact_size = 1_000_000;
        extreme.season_length = 160;
        extreme.incentive.minimum_fraction = FixedU128::from_u32(1);
        extreme.incentive.maximum_bonus = FixedU128::from_rational(12, 10);
        assert_register(ALICE, extreme);
    });
}

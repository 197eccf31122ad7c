//! Registration, approval and closing.

use super::*;
use sp_runtime::DispatchError;

#[test]
fn anybody_registers_and_nothing_is_minted_until_approval() {
    run(|| {
        let domain = assert_register(ALICE, specification("first"));
        assert_eq!(domain, 0);
        assert_eq!(Registry::weight(domain), FixedU128::default());
        assert_approve(domain, FixedU128::from_u32(2));
        assert_approve(domain, FixedU128::default());
        assert_eq!(assert_register(ALICE, specification("second")), 1);
    });
}

#[test]
fn without_synthetic_data_even_an_approved_domain_has_no_weight() {
    run(|| {
        let domain = assert_register(
            ALICE,
            DomainSpecification {
                synthetic_data: false,
                ..specification("public")
            },
        );
        assert_approve(domain, FixedU128::from_u32(1));
        assert_eq!(Registry::weight(domain), FixedU128::default());
    });
}

#[test]
fn only_the_approving_origin_approves_and_replaces_baselines() {
    run(|| {
        let domain = assert_register(ALICE, specification("mine"));
        let one = FixedU128::from_u32(1);
        assert_noop!(
            Registry::approve(RuntimeOrigin::signed(ALICE), domain, one),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Registry::replace_baseline(RuntimeOrigin::signed(ALICE), domain, artifact(9), metric(-1_000)),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Registry::approve(RuntimeOrigin::root(), 7, one),
            DomainError::UnknownDomain
        );
    });
}

#[test]
fn a_deposit_that_is_not_there_registers_nothing() {
    run(|| {
        assert_noop!(
            Registry::register(
                RuntimeOrigin::signed(POOR),
                Box::new(specification("poor")),
                artifact(1),
                metric(0)
            ),
            DomainError::InsufficientBalance
        );
    });
}

#[test]
fn names_are_unique_and_free_again_after_closing() {
    run(|| {
        let domain = assert_register(ALICE, specification("name"));
        assert_noop!(
            Registry::register(
                RuntimeOrigin::signed(BOB),
                Box::new(specification("name")),
                artifact(1),
                metric(0)
            ),
            DomainError::NameTaken
        );
        assert_close(RuntimeOrigin::signed(ALICE), domain);
        // The name comes back, the number does not.
        assert_eq!(assert_register(BOB, specification("name")), domain + 1);
    });
}

#[test]
fn the_registry_is_bounded() {
    run(|| {
        for name in ["a", "b", "c", "d"] {
            assert_register(ALICE, specification(name));
        }
        assert_noop!(
            Registry::register(
                RuntimeOrigin::signed(BOB),
                Box::new(specification("e")),
                artifact(1),
                metric(0)
            ),
            DomainError::TooManyDomains
        );
        assert_close(RuntimeOrigin::root(), 2);
        assert_eq!(assert_register(BOB, specification("e")), 4);
    });
}

#[test]
fn a_domain_closes_only_idle_without_weight_and_by_its_owner() {
    run(|| {
        let domain = assert_register(ALICE, specification("held"));
        assert_noop!(
            Registry::close(RuntimeOrigin::signed(BOB), domain),
            DomainError::NotOwner
        );
        ActiveDomain::set(Some(domain));
        assert_noop!(
            Registry::close(RuntimeOrigin::signed(ALICE), domain),
            DomainError::DomainActive
        );
        ActiveDomain::set(None);
        assert_approve(domain, FixedU128::from_u32(1));
        for origin in [RuntimeOrigin::signed(ALICE), RuntimeOrigin::root()] {
            assert_noop!(Registry::close(origin, domain), DomainError::DomainApproved);
        }
        assert_approve(domain, FixedU128::default());
        assert_close(RuntimeOrigin::signed(ALICE), domain);
        assert_noop!(
            Registry::close(RuntimeOrigin::signed(ALICE), domain),
            DomainError::UnknownDomain
        );
    });
}

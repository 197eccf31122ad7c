//! The best, its seasons, and what it falls back to.

use super::*;
use doin_primitives::{artifact::ArtifactReference, optimum::OptimumId, Metric};

fn assert_best(domain: DomainId, optimum: Option<OptimumId>, artifact: ArtifactReference, metric: Option<Metric>) {
    let best = Registry::incumbent(domain, CurrentSlot::get()).unwrap();
    assert_eq!((best.optimum, best.artifact, best.metric), (optimum, artifact, metric));
}

/// The season of the mock's slot 1 000 with seasons of 200 slots.
const SEASON: u64 = 5;

#[test]
fn an_accepted_optimum_becomes_the_best_with_old_and_new_metric_in_the_event() {
    run(|| {
        let domain = assert_register(ALICE, specification("domain"));
        assert_ok!(Registry::set_best(domain, 7, artifact(2), metric(-50), SEASON));
        assert_best(domain, Some(7), artifact(2), Some(metric(-50)));
        let event = Event::BestChanged {
            domain,
            optimum: 7,
            artifact: artifact(2),
            old_metric: metric(-100),
            old_season: SEASON,
            new_metric: metric(-50),
            season: SEASON,
        };
        assert_eq!(last_event(), event);
        assert_noop!(
            Registry::set_best(9, 8, artifact(2), metric(-50), SEASON),
            DomainError::UnknownDomain
        );
    });
}

#[test]
fn a_new_season_makes_the_value_unknown_until_it_is_measured() {
    run(|| {
        let domain = assert_register(ALICE, specification("seasons"));
        assert_ok!(Registry::set_best(domain, 1, artifact(2), metric(-5), SEASON));
        CurrentSlot::set(1_199);
        assert_best(domain, Some(1), artifact(2), Some(metric(-5)));
        CurrentSlot::set(1_200);
        assert_best(domain, Some(1), artifact(2), None);
        // A measurement of parameters that are not the best changes nothing.
        Registry::remeasure(domain, artifact(3), metric(-1), SEASON + 1);
        assert_best(domain, Some(1), artifact(2), None);
        Registry::remeasure(domain, artifact(2), metric(-80), SEASON + 1);
        assert_best(domain, Some(1), artifact(2), Some(metric(-80)));
        let event = Event::BestRemeasured {
            domain,
            old_metric: metric(-5),
            old_season: SEASON,
            new_metric: metric(-80),
            season: SEASON + 1,
        };
        assert_eq!(last_event(), event);
    });
}

#[test]
fn a_domain_without_seasons_never_forgets() {
    run(|| {
        let domain = assert_register(
            ALICE,
            DomainSpecification {
                season_length: 0,
                ..specification("forever")
            },
        );
        CurrentSlot::set(u64::MAX);
        assert_best(domain, None, artifact(1), Some(metric(-100)));
    });
}

#[test]
fn lost_parameters_fall_back_predecessor_by_predecessor_to_the_baseline() {
    run(|| {
        let domain = assert_register(ALICE, specification("lost"));
        assert_ok!(Registry::set_best(domain, 1, artifact(2), metric(-50), SEASON));
        assert_ok!(Registry::set_best(domain, 2, artifact(3), metric(-20), SEASON));
        // Not the best's: somebody else's lost parameters move nothing.
        Registry::fall_back(domain, artifact(2));
        assert_best(domain, Some(2), artifact(3), Some(metric(-20)));
        Registry::fall_back(domain, artifact(3));
        assert_best(domain, Some(1), artifact(2), Some(metric(-50)));
        Registry::fall_back(domain, artifact(2));
        assert_best(domain, None, artifact(1), Some(metric(-100)));
        Registry::fall_back(domain, artifact(1));
        assert_eq!(
            last_event(),
            Event::BaselineLost {
                domain,
                artifact: artifact(1)
            }
        );
        assert_best(domain, None, artifact(1), Some(metric(-100)));

        assert_ok!(Registry::replace_baseline(
            RuntimeOrigin::root(),
            domain,
            artifact(9),
            metric(-120)
        ));
        assert_eq!(
            last_event(),
            Event::BaselineReplaced {
                domain,
                artifact: artifact(9),
                metric: metric(-120)
            }
        );
        assert_best(domain, None, artifact(9), Some(metric(-120)));
    });
}

#[test]
fn the_same_lost_parameters_twice_in_a_row_are_left_behind_at_once() {
    run(|| {
        let domain = assert_register(ALICE, specification("twice"));
        assert_ok!(Registry::set_best(domain, 1, artifact(2), metric(-50), SEASON));
        assert_ok!(Registry::set_best(domain, 2, artifact(2), metric(-49), SEASON));
        Registry::fall_back(domain, artifact(2));
        assert_best(domain, None, artifact(1), Some(metric(-100)));
    });
}

#[test]
fn an_overturned_best_gives_way_to_its_predecessor() {
    run(|| {
        let domain = assert_register(ALICE, specification("overturned"));
        assert_ok!(Registry::set_best(domain, 1, artifact(2), metric(-50), SEASON));
        assert_ok!(Registry::set_best(domain, 2, artifact(3), metric(-20), SEASON));
        Registry::revoke(domain, 2);
        assert_best(domain, Some(1), artifact(2), Some(metric(-50)));
        let event = Event::BestRevoked {
            domain,
            revoked: 2,
            optimum: Some(1),
            artifact: artifact(2),
            metric: metric(-50),
        };
        assert_eq!(last_event(), event);
        Registry::revoke(domain, 1);
        assert_best(domain, None, artifact(1), Some(metric(-100)));
        // Again, or what never was one: nothing.
        let count = System::events().len();
        Registry::revoke(domain, 1);
        Registry::revoke(domain, 7);
        Registry::revoke(99, 1);
        assert_eq!(System::events().len(), count);
        assert_best(domain, None, artifact(1), Some(metric(-100)));
    });
}

#[test]
fn a_best_on_top_of_an_overturned_one_stays_and_does_not_fall_back_to_it() {
    run(|| {
        let domain = assert_register(ALICE, specification("superseded"));
        for optimum in 1..=3u8 {
            let (id, parameters) = (optimum.into(), artifact(optimum + 1));
            assert_ok!(Registry::set_best(domain, id, parameters, metric(-50), SEASON));
        }
        let count = System::events().len();
        Registry::revoke(domain, 2);
        assert_eq!(System::events().len(), count);
        assert_best(domain, Some(3), artifact(4), Some(metric(-50)));
        Registry::fall_back(domain, artifact(4));
        assert_best(domain, Some(1), artifact(2), Some(metric(-50)));
    });
}

#[test]
fn a_bounded_number_of_predecessors_is_kept() {
    run(|| {
        let domain = assert_register(ALICE, specification("long"));
        for optimum in 1..=20u8 {
            assert_ok!(Registry::set_best(
                domain,
                optimum.into(),
                artifact(optimum),
                metric(-50),
                SEASON
            ));
        }
        let history = Bests::<Test>::get(domain).unwrap();
        assert_eq!(history.accepted.len() as u32, MAXIMUM_PREDECESSORS + 1);
        for optimum in (12..=20u8).rev() {
            assert_best(domain, Some(optimum.into()), artifact(optimum), Some(metric(-50)));
            Registry::fall_back(domain, artifact(optimum));
        }
        assert_best(domain, None, artifact(1), Some(metric(-100)));
    });
}

#[test]
fn unknown_domains_are_nobodys() {
    run(|| {
        assert_eq!(Registry::incumbent(3, 0), None);
        assert_eq!(Registry::specification(3), None);
        assert_eq!(Registry::weight(3), FixedU128::default());
        Registry::remeasure(3, artifact(1), metric(0), 0);
        Registry::fall_back(3, artifact(1));
        assert!(System::events().is_empty());
    });
}

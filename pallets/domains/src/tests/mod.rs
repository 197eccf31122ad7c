//! Tests by topic, and the assertions that they share: state and events before and after each call.

mod bests;
mod genesis;
mod registration;
mod validation;

use crate::{mock::*, *};
use doin_primitives::{
    domain::{DomainId, DomainSpecification},
    traits::DomainRegistry,
    Balance,
};
use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{hold::Inspect as _, Inspect},
};
use sp_runtime::FixedU128;

type DomainError = Error<Test>;

fn on_hold(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::Deposit.into(), &who)
}

fn last_event() -> Event<Test> {
    match System::events().pop().expect("an event").event {
        RuntimeEvent::Registry(event) => event,
        other => panic!("an event of another pallet: {other:?}"),
    }
}

/// Registers and checks all that it must have changed.
fn assert_register(owner: u64, specification: DomainSpecification) -> DomainId {
    let (domain, count) = (NextDomain::<Test>::get(), Domains::<Test>::count());
    let (held, total) = (on_hold(owner), Balances::total_balance(&owner));
    assert!(!Names::<Test>::contains_key(&specification.name));
    let origin = RuntimeOrigin::signed(owner);
    assert_ok!(Registry::register(
        origin,
        Box::new(specification.clone()),
        artifact(1),
        metric(-100)
    ));
    assert_eq!(NextDomain::<Test>::get(), domain + 1);
    assert_eq!(Domains::<Test>::count(), count + 1);
    assert_eq!(Names::<Test>::get(&specification.name), Some(domain));
    assert_eq!(on_hold(owner), held + DEPOSIT);
    assert_eq!(Balances::total_balance(&owner), total);
    assert_eq!(Domains::<Test>::get(domain).unwrap().base_weight, FixedU128::default());
    let best = Registry::incumbent(domain, CurrentSlot::get()).unwrap();
    assert_eq!(
        (best.optimum, best.artifact, best.metric),
        (None, artifact(1), Some(metric(-100)))
    );
    domain
}

fn assert_approve(domain: DomainId, base_weight: FixedU128) {
    assert_ok!(Registry::approve(RuntimeOrigin::root(), domain, base_weight));
    let record = Domains::<Test>::get(domain).unwrap();
    assert_eq!(record.base_weight, base_weight);
    let weight = Registry::weight(domain);
    assert_eq!(
        weight,
        if record.specification.synthetic_data {
            base_weight
        } else {
            FixedU128::default()
        }
    );
    assert_eq!(
        last_event(),
        Event::DomainApproved {
            domain,
            base_weight,
            weight
        }
    );
}

fn assert_close(origin: RuntimeOrigin, domain: DomainId) {
    let record = Domains::<Test>::get(domain).unwrap();
    let (held, next) = (on_hold(record.owner), NextDomain::<Test>::get());
    assert_ok!(Registry::close(origin, domain));
    assert!(!Domains::<Test>::contains_key(domain) && !Bests::<Test>::contains_key(domain));
    assert!(!Names::<Test>::contains_key(&record.specification.name));
    assert_eq!(on_hold(record.owner), held - record.deposit);
    assert_eq!(NextDomain::<Test>::get(), next);
    assert_eq!(
        last_event(),
        Event::DomainClosed {
            domain,
            owner: record.owner,
            deposit: record.deposit
        }
    );
}

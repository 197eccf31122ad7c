use super::*;
use doin_primitives::{api::NetworkStatus, DOIN};
use doin_runtime::genesis;
use pallet_proof_of_optimization::Parameters;
use sp_core::{ed25519, sr25519};

fn domain(id: DomainId) -> DomainInfo {
    let preset = genesis::preset(&genesis::TESTNET_PRESET.into()).unwrap();
    let preset: serde_json::Value = serde_json::from_slice(&preset).unwrap();
    let genesis: pallet_domains::GenesisDomain<doin_primitives::AccountId> =
        serde_json::from_value(preset["domains"]["domains"][0].clone()).unwrap();
    DomainInfo {
        id,
        owner: genesis.owner,
        specification: genesis.specification,
        weight: genesis.base_weight,
        season: 0,
        best_optimum: None,
        best_artifact: genesis.baseline,
        best_metric: None,
        evaluators: Vec::new(),
        queue: Vec::new(),
    }
}

fn chain() -> Chain {
    Chain {
        hash: Default::default(),
        number: 10,
        status: NetworkStatus {
            slot: 1_000,
            optimization_height: 0,
            threshold: Default::default(),
            effective_threshold: Default::default(),
            accumulated: Default::default(),
            credits: Default::default(),
            last_optimization_block: 0,
            target_interval: 60_000,
            epoch: 1,
            authorities: Vec::new(),
        },
        parameters: Parameters::default(),
        domains: vec![domain(0)],
        evaluator_bond: 20 * DOIN,
        optimum_funds: 6 * DOIN,
    }
}

fn session_keys() -> doin_runtime::SessionKeys {
    doin_runtime::SessionKeys {
        doin: sr25519::Public::default().into(),
        grandpa: ed25519::Public::default().into(),
    }
}

fn everything() -> Wishes {
    Wishes {
        optimize: vec![domain(0)],
        evaluate: vec![domain(0)],
        authority: true,
        rotate: false,
    }
}

#[test]
fn a_newcomer_without_coin_is_told_how_much_it_needs() {
    let (chain, standing) = (chain(), Standing::default());
    let plan = join(&chain, &standing, &everything(), false);
    // The bond of an authority is not asked of one who may not bond yet.
    assert_eq!(plan.steps, [Step::SetKeys, Step::Register(0, "quadratic".into())]);
    assert!(plan.is_unfinished);
    assert_eq!(plan.needed, existential_deposit() + key_deposit() + 20 * DOIN + 2 * FEE);
    assert_eq!(plan.working_funds, 6 * DOIN + 150 * MILLI_DOIN);
    assert!(!plan.is_affordable(&standing));
    let lack = plan.lack(&standing, "5F").unwrap();
    assert!(
        lack.contains("0 DOIN") && lack.contains("26.291 DOIN") && lack.contains("fund 5F 26.291"),
        "{lack}"
    );
}

#[test]
fn who_has_some_coin_is_told_how_much_is_missing() {
    let standing = Standing {
        free: 20 * DOIN,
        ..Standing::default()
    };
    let lack = join(&chain(), &standing, &everything(), false)
        .lack(&standing, "5F")
        .unwrap();
    assert!(
        lack.contains("has 20 DOIN") && lack.contains("fund 5F 6.291)"),
        "{lack}"
    );
}

#[test]
fn with_reputation_and_coin_all_is_done_and_then_nothing_is_left() {
    let chain = chain();
    let mut standing = Standing {
        free: 2_000 * DOIN,
        reputation: Reputation::from_u32(2),
        ..Standing::default()
    };
    let plan = join(&chain, &standing, &everything(), false);
    assert_eq!(
        plan.steps,
        [Step::SetKeys, Step::Register(0, "quadratic".into()), Step::Bond]
    );
    assert!(plan.is_affordable(&standing) && plan.lack(&standing, "5F").is_none());
    assert!(plan.needed > 1_020 * DOIN && plan.needed < 1_021 * DOIN);

    standing.session_keys = Some(session_keys());
    standing.bond_status = Some(BondStatus::Candidate);
    standing.bonded = 1_000 * DOIN;
    standing.registrations.insert(0, None);
    let plan = join(&chain, &standing, &everything(), true);
    assert_eq!(plan.steps, []);
    assert!(!plan.is_unfinished);
    let seat = plan.notes.last().unwrap();
    assert!(seat.contains("reputation is 2.000 or more (it is 2.000)"), "{seat}");
}

#[test]
fn what_was_lost_of_a_bond_is_added_and_the_suspended_stands_again() {
    let chain = chain();
    let mut standing = Standing {
        reputation: Reputation::from_u32(5),
        session_keys: Some(session_keys()),
        bond_status: Some(BondStatus::Candidate),
        bonded: 900 * DOIN,
        ..Standing::default()
    };
    let wishes = Wishes {
        authority: true,
        ..Wishes::default()
    };
    let plan = join(&chain, &standing, &wishes, true);
    assert_eq!(plan.steps, [Step::Bond]);
    assert_eq!(plan.needed, existential_deposit() + 100 * DOIN + FEE);
    standing.bond_status = Some(BondStatus::Suspended);
    standing.bonded = 1_000 * DOIN;
    assert_eq!(join(&chain, &standing, &wishes, true).steps, [Step::Bond]);
}

#[test]
fn keys_are_replaced_when_asked_for_or_when_they_are_elsewhere() {
    let chain = chain();
    let standing = Standing {
        session_keys: Some(session_keys()),
        seated: true,
        ..Standing::default()
    };
    let wishes = |rotate, authority| Wishes {
        rotate,
        authority,
        ..Wishes::default()
    };
    let rotation = join(&chain, &standing, &wishes(true, false), true);
    assert_eq!(rotation.steps, [Step::SetKeys]);
    // 1 200 slots of 6 s.
    assert!(
        rotation.notes.iter().any(|note| note.contains("2 h")),
        "{:?}",
        rotation.notes
    );
    assert_eq!(join(&chain, &standing, &wishes(false, true), true).steps, []);
    assert_eq!(
        join(&chain, &standing, &wishes(false, true), false).steps,
        [Step::SetKeys]
    );
    assert_eq!(join(&chain, &standing, &wishes(false, false), false).steps, []);
}

#[test]
fn who_leaves_gets_its_bonds_back_in_time() {
    let chain = chain();
    let mut standing = Standing {
        session_keys: Some(session_keys()),
        bond_status: Some(BondStatus::Candidate),
        seated: true,
        ..Standing::default()
    };
    standing.registrations.insert(0, None);
    let quadratic = || "quadratic".to_string();
    assert_eq!(
        leave(&chain, &standing, &[]).steps,
        [Step::Deregister(0, quadratic()), Step::Unbond]
    );
    assert_eq!(
        leave(&chain, &standing, &[domain(0)]).steps,
        [Step::Deregister(0, quadratic())]
    );

    // Still in the set; then in the unbonding period.
    standing.registrations.insert(0, Some(1_001));
    standing.bond_status = Some(BondStatus::Unbonding { until: 1_001 });
    for seated in [true, false] {
        standing.seated = seated;
        let plan = leave(&chain, &standing, &[]);
        assert_eq!(
            (plan.steps.as_slice(), plan.notes.len(), plan.is_unfinished),
            (&[][..], 2, true),
            "{:?}",
            plan.notes
        );
    }

    standing.registrations.insert(0, Some(1_000));
    standing.bond_status = Some(BondStatus::Unbonding { until: 1_000 });
    let plan = leave(&chain, &standing, &[]);
    assert_eq!(
        plan.steps,
        [
            Step::WithdrawEvaluatorBond(0, quadratic()),
            Step::WithdrawBond,
            Step::PurgeKeys
        ]
    );
    let plan = leave(&chain, &Standing::default(), &[]);
    assert_eq!((plan.steps.len(), plan.notes.len(), plan.is_unfinished), (0, 1, false));
}

#[test]
fn an_unknown_domain_is_refused_with_those_there_are() {
    let error = chain().domain("qadratic").unwrap_err();
    assert!(error.contains("qadratic") && error.contains("quadratic"), "{error}");
}

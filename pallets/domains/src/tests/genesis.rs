//! Domains of genesis, from JSON as chain specifications have it.

use super::*;

fn genesis_domain(name: &str) -> GenesisDomain<u64> {
    GenesisDomain {
        owner: ALICE,
        specification: specification(name),
        baseline: artifact(1),
        baseline_metric: metric(-1_000),
        base_weight: FixedU128::from_u32(1),
    }
}

#[test]
fn a_preset_has_approved_domains_from_the_first_block_on() {
    CurrentSlot::set(0);
    let domains = vec![genesis_domain("quadratic"), genesis_domain("other")];
    genesis_with(crate::GenesisConfig { domains }).execute_with(|| {
        assert_eq!(Registry::identifiers(), vec![0, 1]);
        assert_eq!(Registry::weight(1), FixedU128::from_u32(1));
        assert_eq!(on_hold(ALICE), 0);
        // The baseline was measured in season 0: in the present one its value is not known.
        assert_eq!(Registry::incumbent(0, 1_000).unwrap().metric, None);
        Registry::do_try_state().unwrap();
        // Closing one returns no deposit that nobody made.
        assert_approve(1, FixedU128::default());
        assert_close(RuntimeOrigin::signed(ALICE), 1);
        Registry::do_try_state().unwrap();
    });
}

#[test]
fn genesis_reads_and_writes_json_with_texts_as_texts() {
    let genesis = crate::GenesisConfig::<Test> {
        domains: vec![genesis_domain("quadratic")],
    };
    let json = serde_json::to_value(&genesis).unwrap();
    let specification = &json["domains"][0]["specification"];
    assert_eq!(specification["name"], "quadratic");
    assert_eq!(specification["model"], "{\"dimensions\":10}");
    let again: crate::GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(again.domains, genesis.domains);

    let mut unknown = json.clone();
    unknown["domains"][0]["specification"]["nmae"] = "x".into();
    let error = serde_json::from_value::<crate::GenesisConfig<Test>>(unknown)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("nmae"), "{error}");

    let mut long = json;
    long["domains"][0]["specification"]["name"] = "n".repeat(65).into();
    let error = serde_json::from_value::<crate::GenesisConfig<Test>>(long)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("longer than 64 bytes"), "{error}");
}

#[test]
#[should_panic(expected = "NameTaken")]
fn a_wrong_genesis_makes_no_chain() {
    genesis_with(crate::GenesisConfig {
        domains: vec![genesis_domain("same"), genesis_domain("same")],
    });
}

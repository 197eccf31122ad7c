//! Who may use a slot.

use super::*;
use crate::claim::check_claim;
use doin_primitives::engine::{primary_threshold, secondary_leader};

fn epoch_of(members: &[(&str, AuthorityWeight)]) -> Epoch {
    let authorities = members
        .iter()
        .map(|(seed, weight)| (authority(seed), *weight))
        .collect();
    Epoch::genesis(&super::configuration(authorities), Slot::from(GENESIS_SLOT))
}

#[test]
fn every_slot_has_exactly_one_secondary_leader_and_its_claim_holds() {
    let epoch = epoch_of(&[("//Alice", 3), ("//Bob", 2), ("//Charlie", 1)]);
    let seeds = ["//Alice", "//Bob", "//Charlie"];
    let keystores: Vec<_> = seeds.iter().map(|seed| keystore(&[seed])).collect();
    for slot in (GENESIS_SLOT..GENESIS_SLOT + 50).map(Slot::from) {
        let claims: Vec<_> = keystores
            .iter()
            .filter_map(|keystore| claim_slot(slot, &epoch, keystore))
            .collect();
        for own in &claims {
            assert_eq!(
                check_claim(&own.claim, &epoch).expect("an honest claim holds"),
                own.authority
            );
        }
        let leader = secondary_leader(&epoch.authorities, &epoch.randomness, slot).expect("somebody has weight");
        let own = claim_slot(slot, &epoch, &keystores[leader as usize]).expect("the leader can always claim");
        assert_eq!(own.claim.authority_index, leader);
        assert!(
            claims
                .iter()
                .filter(|own| own.claim.kind == ClaimKind::Secondary)
                .count()
                <= 1
        );
    }
}

#[test]
fn slots_are_won_in_proportion_to_weight() {
    // A share of 1/4 of all slots has a primary; Bob has three times Alice's weight.
    let epoch = epoch_of(&[("//Alice", 1_000), ("//Bob", 3_000)]);
    let slots = 1_600u64;
    let won = |seed| {
        let keystore = keystore(&[seed]);
        let claims = (0..slots).filter_map(|slot| claim_slot(Slot::from(GENESIS_SLOT + slot), &epoch, &keystore));
        claims.filter(|own| own.claim.kind == ClaimKind::Primary).count() as f64
    };
    // Expected 100 and 300; five standard deviations are 49 and 78.
    let (alice, bob) = (won("//Alice"), won("//Bob"));
    assert!((alice - 100.0).abs() < 49.0, "Alice won {alice}");
    assert!((bob - 300.0).abs() < 78.0, "Bob won {bob}");
}

#[test]
fn slots_are_led_in_proportion_to_weight() {
    let epoch = epoch_of(&[("//Alice", 1), ("//Bob", 0), ("//Charlie", 3)]);
    let mut led = [0u32; 3];
    for slot in 0..40_000u64 {
        led[secondary_leader(&epoch.authorities, &epoch.randomness, slot.into()).expect("somebody leads") as usize] +=
            1;
    }
    assert_eq!(led[1], 0, "without weight nobody leads");
    assert!(
        led[0].abs_diff(10_000) < 450 && led[2].abs_diff(30_000) < 450,
        "{led:?}"
    );
    assert_eq!(
        secondary_leader(&[(authority("//Alice"), 0)], &epoch.randomness, 1.into()),
        None
    );
}

#[test]
fn the_threshold_is_linear_and_never_overflows() {
    let quarter = 1u128 << 126;
    assert_eq!(primary_threshold(1, 1, (1, 4)), quarter);
    let (whole, half) = (
        primary_threshold(600, 1_000, (1, 10)),
        primary_threshold(300, 1_000, (1, 10)),
    );
    assert!(
        whole - 2 * half <= 1,
        "two halves of an identity win what the whole wins"
    );
    assert_eq!(primary_threshold(u64::MAX, 1, (u64::MAX, 1)), u128::MAX);
    assert_eq!(primary_threshold(1, 0, (1, 4)), 0);
    assert_eq!(primary_threshold(1, 1, (1, 0)), 0);
}

#[test]
fn without_a_session_key_no_slot_is_ours() {
    let epoch = epoch_of(&[("//Alice", 1)]);
    assert_eq!(
        claim_slot(Slot::from(GENESIS_SLOT), &epoch, &keystore(&["//Bob"])),
        None
    );
    assert_eq!(claim_slot(Slot::from(GENESIS_SLOT), &epoch, &keystore(&[])), None);
}

//! Tests of the pallet, by subject.

mod authorities;
mod epochs;
mod equivocations;
mod grandpa;
mod histories;
mod work;

use crate::mock::Test;
use frame_support::traits::Hooks;

#[test]
fn the_runtime_is_wired() {
    sp_io::TestExternalities::default()
        .execute_with(<crate::Pallet<Test> as Hooks<doin_primitives::BlockNumber>>::integrity_test);
}

#[test]
fn bad_parameters_are_named() {
    let bad = |change: fn(&mut crate::Parameters)| {
        let mut parameters = crate::Parameters::default();
        assert_eq!(parameters.check(), Ok(()));
        change(&mut parameters);
        parameters.check().unwrap_err()
    };
    assert!(bad(|p| p.slot_duration = 0).contains("slotDuration"));
    assert!(bad(|p| p.epoch_length = 0).contains("epochLength"));
    assert!(bad(|p| p.target_interval = 5_999).contains("targetInterval"));
    assert!(bad(|p| p.primary_probability = (0, 10)).contains("primaryProbability"));
    assert!(bad(|p| p.primary_probability = (2, 1)).contains("primaryProbability"));
    assert!(bad(|p| p.primary_probability = (0, 0)).contains("primaryProbability"));
    assert!(bad(|p| p.minimum_authorities = 0).contains("minimumAuthorities"));
}

#[test]
#[should_panic(expected = "proofOfOptimization.parameters: epochLength must not be zero")]
fn a_bad_preset_does_not_become_a_chain() {
    crate::mock::chain_with(1, |parameters| parameters.epoch_length = 0);
}

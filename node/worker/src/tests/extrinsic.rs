//! The transactions of the worker against the runtime that has to take them.

use super::account;
use crate::{
    chain::{Operation, MORTALITY},
    extrinsic::{self, Binding},
    signer::OperatorKeys,
};
use codec::{Decode, Encode};
use doin_primitives::{
    artifact::ArtifactReference,
    quorum::{Missing, VoteValues},
    Hash, Metric, Nonce, DOIN,
};
use doin_runtime::{
    Executive, Runtime, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin, UncheckedExtrinsic, VERSION,
};
use frame_system::{EventRecord, Phase};
use serde_json::Value;
use sp_keystore::testing::MemoryKeystore;
use sp_runtime::{
    generic::Era,
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError},
    BuildStorage, DispatchError,
};
use std::sync::Arc;

const GENESIS: Hash = Hash::repeat_byte(3);

/// The state of the development chain at genesis.
fn state() -> sp_io::TestExternalities {
    let preset = doin_runtime::genesis::preset(&"development".into()).unwrap();
    let mut configuration = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
    merge(&mut configuration, serde_json::from_slice(&preset).unwrap());
    let configuration: RuntimeGenesisConfig = serde_json::from_value(configuration).unwrap();
    configuration.build_storage().unwrap().into()
}

fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

fn operations() -> Vec<Operation> {
    let artifact = ArtifactReference {
        root: Hash::repeat_byte(1),
        size: 80,
    };
    let experiment = vec![(b"loss".to_vec().try_into().unwrap(), Metric::from_u32(1))]
        .try_into()
        .unwrap();
    let commitment = Hash::repeat_byte(2);
    vec![
        Operation::Commit { domain: 0, commitment },
        Operation::Reveal {
            commitment,
            artifact,
            reported: Metric::from_u32(1),
            experiment,
            nonce: [1; 32],
        },
        Operation::CommitVote {
            optimum: 7,
            round: 1,
            commitment,
        },
        Operation::RevealVote {
            optimum: 7,
            vote: VoteValues::Unavailable(Missing::Candidate),
            salt: [2; 32],
        },
        Operation::CommitReplay {
            optimum: 7,
            round: 1,
            seat: 2,
            commitment,
        },
        Operation::RevealReplay {
            optimum: 7,
            seat: 2,
            replay: VoteValues::Unavailable(Missing::Incumbent),
            salt: [2; 32],
        },
        Operation::RegisterEvaluator { domain: 0 },
        Operation::Claim {
            height: 1,
            who: account("//Bob"),
        },
    ]
}

fn binding() -> Binding {
    Binding {
        genesis: GENESIS,
        birth: GENESIS,
        era: Era::mortal(MORTALITY.into(), 0),
        nonce: 0,
        spec_version: VERSION.spec_version,
        transaction_version: VERSION.transaction_version,
    }
}

fn validity(operation: &Operation, binding: &Binding) -> TransactionValidity {
    let keys = OperatorKeys::new(Arc::new(MemoryKeystore::new()));
    let alice = keys.resolve(&"//Alice".parse().unwrap(), "").unwrap();
    let opaque = extrinsic::signed(extrinsic::call(operation), &alice, binding, |payload| {
        keys.sign(&alice, payload)
    })
    .unwrap();
    let transaction = UncheckedExtrinsic::decode(&mut &opaque.encode()[..]).unwrap();
    state().execute_with(|| Executive::validate_transaction(TransactionSource::Local, transaction, GENESIS))
}

#[test]
fn the_runtime_takes_every_operation() {
    for operation in operations() {
        let valid = validity(&operation, &binding()).unwrap_or_else(|error| panic!("{operation:?}: {error:?}"));
        // What the next nonce is found by.
        assert_eq!(
            valid.provides.first(),
            Some(&(account("//Alice"), 0 as Nonce).encode()),
            "{operation:?}"
        );
        assert!(valid.longevity <= MORTALITY.into(), "{operation:?}");
    }
}

#[test]
fn a_transaction_is_good_for_one_chain_one_version_and_one_nonce() {
    let operation = &operations()[0];
    let bad_proof = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
    for changed in [
        Binding {
            genesis: Hash::repeat_byte(4),
            ..binding()
        },
        Binding {
            birth: Hash::repeat_byte(4),
            ..binding()
        },
        Binding {
            spec_version: VERSION.spec_version + 1,
            ..binding()
        },
        Binding {
            transaction_version: VERSION.transaction_version + 1,
            ..binding()
        },
    ] {
        assert_eq!(validity(operation, &changed).unwrap_err(), bad_proof);
    }
    let later = validity(operation, &Binding { nonce: 1, ..binding() }).unwrap();
    assert_eq!(later.requires, vec![(account("//Alice"), 0 as Nonce).encode()]);
}

#[test]
fn failures_are_told_in_the_runtimes_own_names() {
    let operation = &operations()[1];
    let error: DispatchError = state().execute_with(|| {
        let result = extrinsic::call(operation).dispatch(RuntimeOrigin::signed(account("//Alice")));
        result.unwrap_err().error
    });
    // As it comes from the state: without the words of the error, which are not stored.
    let failed = frame_system::Event::ExtrinsicFailed {
        dispatch_error: error,
        dispatch_info: Default::default(),
    };
    let record = |index, event| EventRecord::<RuntimeEvent, Hash> {
        phase: Phase::ApplyExtrinsic(index),
        event: RuntimeEvent::System(event),
        topics: Vec::new(),
    };
    let succeeded = frame_system::Event::ExtrinsicSuccess {
        dispatch_info: Default::default(),
    };
    let events = vec![record(0, succeeded.clone()), record(2, failed), record(3, succeeded)].encode();
    let words = extrinsic::failure(&events, 2).unwrap();
    assert!(words.contains("Optimae"), "{words}");
    assert_eq!(extrinsic::failure(&events, 0), None);
    assert_eq!(extrinsic::failure(&events, 3), None);
    assert_eq!(extrinsic::failure(b"garbage", 2), None);
}

#[test]
fn balances_are_read_from_the_state() {
    let mut state = state();
    let alice = account("//Alice");
    let value = state.execute_with(|| sp_io::storage::get(&extrinsic::balance::key(&alice)).unwrap());
    let expected = state.execute_with(|| frame_system::Account::<Runtime>::get(&alice).data.free);
    assert!(expected > DOIN);
    assert_eq!(extrinsic::balance::read(&value), Ok(expected));
    assert!(extrinsic::balance::read(b"garbage").is_err());
}

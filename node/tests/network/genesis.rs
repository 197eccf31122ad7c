//! The presets: complete, the same natively and as WebAssembly, and what other tools write into them.

use crate::harness::{
    genesis::{fingerprint, runtime_code},
    Genesis, Network,
};
use doin_domains::{instantiate, metric_to_fixed, Options};
use doin_primitives::{artifact::ArtifactReference, AccountId};
use doin_runtime::{
    genesis::{QUADRATIC_BASELINE, QUADRATIC_BASELINE_METRIC, QUADRATIC_MODEL, TESTNET_PRESET},
    ProofOfOptimization,
};
use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, ecdsa, Pair};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::MultiSigner;

/// An entry of `session.keys` as zombienet 1.3 writes it: a fixed list of keys whatever the chain has.
fn zombienet_keys(who: Sr25519Keyring, account: &AccountId) -> Value {
    let sr25519 = who.public().to_ss58check();
    let ed25519 = crate::harness::genesis::grandpa_key(who).public().to_ss58check();
    let ecdsa = ecdsa::Pair::from_string(&who.to_seed(), None)
        .expect("a good seed")
        .public();
    let keys = json!({
        "grandpa": ed25519,
        "babe": sr25519,
        "im_online": sr25519,
        "parachain_validator": sr25519,
        "authority_discovery": sr25519,
        "para_validator": sr25519,
        "para_assignment": sr25519,
        "beefy": MultiSigner::from(ecdsa),
        "aura": sr25519,
        "nimbus": sr25519,
        "vrf": sr25519,
        "mixnet": sr25519,
        "bcsv": ecdsa.to_ss58check(),
        "ftsv": sr25519,
    });
    json!([account, account, keys])
}

#[test]
fn the_session_keys_that_zombienet_writes_make_a_chain() {
    let members = [Alice, Bob, Charlie];
    for with_stash in [false, true] {
        let account = |who: &Sr25519Keyring| -> AccountId {
            let path = if with_stash {
                format!("{}//stash", who.to_seed())
            } else {
                who.to_seed()
            };
            sp_core::sr25519::Pair::from_string(&path, None)
                .expect("a good path")
                .public()
                .into()
        };
        let keys: Vec<Value> = members.iter().map(|who| zombienet_keys(*who, &account(who))).collect();
        // zombienet first clears the list of the preset, then adds its own.
        let genesis = Genesis::local()
            .with(json!({"session": {"keys": []}}))
            .with(json!({"session": {"keys": keys}}));
        let mut network = Network::new(&genesis);
        network.pass_slots(70);
        let best = network.settled();
        network.vote(0);
        assert_eq!(network.node(2).finalized(), best);
        let authorities = network.node(0).inspect(ProofOfOptimization::network_status).authorities;
        let mut seated: Vec<AccountId> = authorities.iter().map(|(who, _)| who.clone()).collect();
        let mut expected: Vec<AccountId> = members.iter().map(account).collect();
        seated.sort();
        expected.sort();
        assert_eq!(seated, expected);
        assert!(
            authorities.iter().all(|(_, weight)| *weight == 10_000),
            "{authorities:?}"
        );
    }
}

#[test]
fn the_presets_build_the_same_state_natively_and_as_web_assembly() {
    let code = runtime_code();
    let caller = sc_chain_spec::GenesisConfigBuilderRuntimeCaller::<sp_io::SubstrateHostFunctions>::new(&code);
    let names = [
        sp_genesis_builder::DEV_RUNTIME_PRESET,
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
        TESTNET_PRESET,
    ];
    assert_eq!(caller.preset_names().expect("the runtime answers"), names);
    for name in names {
        let native = Genesis::preset(name, &[]).build().expect("the preset builds");
        let name = name.to_string();
        let mut compiled = caller
            .get_storage_for_named_preset(Some(&name))
            .expect("the preset builds");
        compiled
            .top
            .insert(sp_core::storage::well_known_keys::CODE.to_vec(), code.clone());
        assert_eq!(fingerprint(&native), fingerprint(&compiled), "{name}");
    }
}

#[test]
fn a_preset_with_nonsense_does_not_become_a_chain() {
    for (changes, word) in [
        (
            json!({"proofOfOptimization": {"parameters": {"epochLength": 0}}}),
            "epochLength",
        ),
        (
            json!({"proofOfOptimization": {"parameters": {"primaryProbability": [2, 1]}}}),
            "primaryProbability",
        ),
        (
            json!({"proofOfOptimization": {"parameters": {"epochLenght": 50}}}),
            "epochLenght",
        ),
        (
            json!({"session": {"keys": [["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 1]]}}),
            "session",
        ),
    ] {
        let built = std::panic::catch_unwind(|| Genesis::local().with(changes.clone()).build());
        let words = match built {
            Ok(Ok(_)) => panic!("{changes} was taken"),
            Ok(Err(error)) => error,
            Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
        };
        assert!(words.contains(word) || word == "session", "{changes}: {words}");
    }
}

#[test]
fn the_baseline_of_the_quadratic_domain_is_what_the_domain_says() {
    let model = std::str::from_utf8(QUADRATIC_MODEL).expect("JSON is text");
    let domain = instantiate("quadratic", QUADRATIC_MODEL, &Options::default()).expect("the model is good");
    let baseline = domain.baseline();
    assert_eq!(ArtifactReference::of(&baseline), QUADRATIC_BASELINE);

    // Without noise all data are the target itself.
    let mut quiet: Value = serde_json::from_str(model).expect("the model is JSON");
    quiet["noise"] = json!(0.0);
    let quiet = serde_json::to_vec(&quiet).expect("JSON can be written");
    let quiet = instantiate("quadratic", &quiet, &Options::default()).expect("the model is good");
    let data = quiet.synthesize([7; 32], 0).expect("data follow from a seed");
    let metric = quiet
        .evaluate(&baseline, &data)
        .expect("the baseline is a model")
        .metric;
    assert_eq!(
        metric_to_fixed(metric).expect("a finite metric"),
        QUADRATIC_BASELINE_METRIC
    );
}

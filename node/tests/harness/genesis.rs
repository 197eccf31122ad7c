//! The genesis of a test's network: the preset of the local testnet, changed where the test says so.

use codec::Encode;
use doin_primitives::AccountId;
use doin_runtime::{RuntimeGenesisConfig, SessionKeys};
use pallet_domains::GenesisDomain;
use serde_json::{json, Value};
use sp_core::storage::{well_known_keys, Storage};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::BuildStorage;

/// The milliseconds of a slot: longer than the preset's, because authors may take as long as that to propose, and the
/// machine that runs the tests may be a slow one. The clock stands still meanwhile.
pub const SLOT_DURATION: u64 = 6_000;

/// The runtime as WebAssembly. A build with `SKIP_WASM_BUILD` has none: then it is read from the file that
/// `DOIN_TEST_RUNTIME` names.
pub fn runtime_code() -> Vec<u8> {
    match (doin_runtime::WASM_BINARY, std::env::var_os("DOIN_TEST_RUNTIME")) {
        (Some(code), _) => code.to_vec(),
        (None, Some(file)) => std::fs::read(file).expect("DOIN_TEST_RUNTIME names a readable file"),
        (None, None) => panic!(
            "these tests need the runtime as WebAssembly: build without SKIP_WASM_BUILD, or name a file in DOIN_TEST_RUNTIME"
        ),
    }
}

/// The GRANDPA key of a development account.
pub fn grandpa_key(who: Sr25519Keyring) -> Ed25519Keyring {
    Ed25519Keyring::iter()
        .find(|key| key.to_seed() == who.to_seed())
        .expect("both keyrings have the same names; qed")
}

/// A genesis in the making.
#[derive(Clone)]
pub struct Genesis {
    patch: Value,
    authorities: Vec<Sr25519Keyring>,
}

impl Genesis {
    /// The preset of that name, as it is.
    pub fn preset(name: &str, authorities: &[Sr25519Keyring]) -> Self {
        let preset = doin_runtime::genesis::preset(&name.into()).expect("the preset exists");
        let patch = serde_json::from_slice(&preset).expect("presets are JSON");
        Genesis {
            patch,
            authorities: authorities.to_vec(),
        }
    }

    /// The local testnet with its three authorities, in slots of [`SLOT_DURATION`]. Votes are not audited there: tests
    /// play the evaluators, and those of audits say so.
    pub fn local() -> Self {
        use Sr25519Keyring::{Alice, Bob, Charlie};
        Self::preset(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, &[Alice, Bob, Charlie]).with(json!({
            "proofOfOptimization": {"parameters": {"slotDuration": SLOT_DURATION}},
            "quorum": {"minimumAuditRate": 0},
        }))
    }

    /// With other authorities.
    pub fn authorities(mut self, authorities: &[Sr25519Keyring]) -> Self {
        self.authorities = authorities.to_vec();
        let keys: Vec<(AccountId, AccountId, SessionKeys)> = authorities
            .iter()
            .map(|who| {
                let keys = SessionKeys {
                    doin: who.public().into(),
                    grandpa: grandpa_key(*who).public().into(),
                };
                (who.to_account_id(), who.to_account_id(), keys)
            })
            .collect();
        self.with(json!({"session": {"keys": keys}}))
    }

    /// With changes in the form of a chain specification's patch.
    pub fn with(mut self, changes: Value) -> Self {
        sc_chain_spec::json_patch::merge(&mut self.patch, changes);
        self
    }

    /// With the preset's domain changed.
    pub fn domain(self, change: impl FnOnce(&mut GenesisDomain<AccountId>)) -> Self {
        let domain = self.patch["domains"]["domains"][0].clone();
        let mut domain = serde_json::from_value(domain).expect("the preset has a domain");
        change(&mut domain);
        self.with(json!({"domains": {"domains": [domain]}}))
    }

    /// Who authors at genesis.
    pub fn members(&self) -> &[Sr25519Keyring] {
        &self.authorities
    }

    /// The changes to the runtime's default configuration, for a chain specification.
    pub fn patch(&self) -> &Value {
        &self.patch
    }

    /// The configuration of the runtime, every field filled in.
    pub fn configuration(&self) -> Result<RuntimeGenesisConfig, String> {
        let mut whole = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(|error| error.to_string())?;
        sc_chain_spec::json_patch::merge(&mut whole, self.patch.clone());
        serde_json::from_value(whole).map_err(|error| error.to_string())
    }

    /// The state of the genesis block.
    pub fn build(&self) -> Result<Storage, String> {
        let mut storage = self.configuration()?.build_storage()?;
        storage.top.insert(well_known_keys::CODE.to_vec(), runtime_code());
        Ok(storage)
    }
}

/// The state's keys and values in an order that does not matter, for comparison.
pub fn fingerprint(storage: &Storage) -> sp_core::H256 {
    sp_io::hashing::blake2_256(&storage.top.encode()).into()
}

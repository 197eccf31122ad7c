//! What membership needs on this machine: the node's key, the operator's account, session keys, the configuration.

use crate::{command_line::CommandLine, configuration::NodeConfiguration};
use codec::Encode;
use doin_primitives::{
    engine::{KEY_TYPE, OPERATOR_KEY_TYPE},
    AccountId,
};
use doin_runtime::SessionKeys;
use doin_worker::config::OperatorAccount;
use sc_cli::{KeystoreParams, SubstrateCli};
use sc_keystore::LocalKeystore;
use sc_network::config::{NodeKeyConfig, Secret};
use sc_service::{config::KeystoreConfig, BasePath};
use serde_json::{json, Map, Value};
use sp_core::{
    crypto::{ExposeSecret, SecretString, Ss58Codec},
    sr25519, Pair,
};
use sp_keystore::{Keystore, KeystoreExt, KeystorePtr};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folder of a node's data for one chain.
pub struct Home {
    /// The base path.
    pub base: PathBuf,
    /// The chain's folder in it.
    folder: PathBuf,
    keystore_path: PathBuf,
    password: Option<SecretString>,
    keystore: KeystorePtr,
}

/// How the operator's account came to be in the keystore.
pub enum Origin {
    /// It was there.
    Found,
    /// Its secret was put there now.
    Imported,
    /// It was made now: this is its secret phrase.
    Made(String),
}

impl Home {
    /// Opens the folder of the chain with this identifier. With `dry_run` nothing is written, not even folders.
    ///
    /// # Errors
    ///
    /// The keystore cannot be read.
    pub fn open(
        base_path: Option<&Path>,
        chain_id: &str,
        keystore: &KeystoreParams,
        dry_run: bool,
    ) -> Result<Self, String> {
        let base = match base_path {
            Some(path) => BasePath::new(path),
            None => BasePath::from_project("", "", &CommandLine::executable_name()),
        };
        let folder = base.config_dir(chain_id);
        let (keystore_path, password) = match keystore.keystore_config(&folder) {
            Ok(KeystoreConfig::Path { path, password }) => (path, password),
            Ok(KeystoreConfig::InMemory) => return Err("the keystore is not on disk".into()),
            Err(error) => return Err(format!("the keystore's password: {error}")),
        };
        let unreadable = |error: &dyn std::fmt::Display| {
            format!(
                "the keystore {} cannot be read: {error}. Run this as the user that the node runs as",
                keystore_path.display()
            )
        };
        let store = if dry_run && !keystore_path.exists() {
            LocalKeystore::in_memory()
        } else {
            let store = LocalKeystore::open(&keystore_path, password.clone()).map_err(|error| unreadable(&error))?;
            // The keystore itself takes a folder that it may not list for an empty one.
            fs::read_dir(&keystore_path).map_err(|error| unreadable(&error))?;
            store
        };
        Ok(Self {
            base: base.path().to_path_buf(),
            folder,
            keystore_path,
            password,
            keystore: Arc::new(store),
        })
    }

    /// The keystore.
    pub fn keystore(&self) -> KeystorePtr {
        self.keystore.clone()
    }

    /// The keystore's folder.
    pub fn keystore_path(&self) -> &Path {
        &self.keystore_path
    }

    /// The file of the node's key.
    pub fn node_key_path(&self) -> PathBuf {
        self.folder.join("network").join("secret_ed25519")
    }

    /// The node's identity in the network, from its key, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or is no key.
    pub fn peer_id(&self) -> Result<String, String> {
        let file = self.node_key_path();
        NodeKeyConfig::Ed25519(Secret::File(file.clone()))
            .into_keypair()
            .map(|pair| pair.public().to_peer_id().to_string())
            .map_err(|error| format!("the node's key {}: {error}", file.display()))
    }

    /// The operator accounts in the keystore.
    pub fn operators(&self) -> Vec<AccountId> {
        let keys = self.keystore.sr25519_public_keys(OPERATOR_KEY_TYPE);
        keys.into_iter().map(|public| AccountId::from(public.0)).collect()
    }

    /// The operator's account: the one of `secret`, the one `wanted`, the only one in the keystore, or else a new one
    /// if that is allowed. Afterwards its key is in the keystore.
    ///
    /// # Errors
    ///
    /// There are several, or not the one that is wanted; the secret is none; the keystore cannot be written.
    pub fn operator(
        &self,
        wanted: Option<&OperatorAccount>,
        secret: Option<SecretString>,
        make: bool,
    ) -> Result<(AccountId, Origin), String> {
        if let Some(secret) = secret {
            let secret = secret.expose_secret();
            let account = AccountId::from(pair(secret, self.password.as_ref())?.public());
            // Checked before anything is written: a wrong secret must not stay in the keystore.
            return match wanted {
                Some(OperatorAccount::Address(wanted)) if *wanted != account => Err(format!(
                    "the secret is that of {}, not of {}",
                    account.to_ss58check(),
                    wanted.to_ss58check()
                )),
                _ => Ok((self.insert(secret)?, Origin::Imported)),
            };
        }
        let there = self.operators();
        match (wanted, there.as_slice()) {
            (Some(OperatorAccount::Development(path)), _) => Ok((self.insert(path)?, Origin::Imported)),
            (Some(OperatorAccount::Address(wanted)), _) if there.contains(wanted) => {
                Ok((wanted.clone(), Origin::Found))
            }
            (Some(OperatorAccount::Address(wanted)), _) => Err(format!(
                "the keystore {} has no key for {}: give its secret with --suri-file or --import",
                self.keystore_path.display(),
                wanted.to_ss58check()
            )),
            (None, [account]) => Ok((account.clone(), Origin::Found)),
            (None, []) if make => {
                let (_, phrase, _) = sr25519::Pair::generate_with_phrase(None);
                let account = self.insert(&phrase)?;
                Ok((account, Origin::Made(phrase)))
            }
            (None, []) => Err(format!(
                "the keystore {} holds no operator account: run doin-node setup first, or check --base-path and --chain",
                self.keystore_path.display()
            )),
            (None, several) => {
                let list: Vec<_> = several.iter().map(Ss58Codec::to_ss58check).collect();
                Err(format!(
                    "the keystore holds several operator accounts: say which one with --operator: {}",
                    list.join(", ")
                ))
            }
        }
    }

    fn insert(&self, secret: &str) -> Result<AccountId, String> {
        let public = pair(secret, self.password.as_ref())?.public();
        self.keystore
            .insert(OPERATOR_KEY_TYPE, secret, &public.0)
            .map_err(|()| format!("the keystore {} cannot be written", self.keystore_path.display()))?;
        Ok(public.into())
    }

    /// Whether all these session keys are in the keystore.
    pub fn holds(&self, keys: &SessionKeys) -> bool {
        self.keystore.has_keys(&keys.clone().into_raw_public_keys())
    }

    /// Makes new session keys in the keystore, with the proof that whoever has them has given them to `owner`.
    ///
    /// # Errors
    ///
    /// The keystore cannot be written.
    pub fn make_session_keys(&self, owner: &AccountId) -> Result<(SessionKeys, Vec<u8>), String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!(
                "the keystore {} cannot be written: {error}",
                self.keystore_path.display()
            )
        };
        let doin = self.keystore.sr25519_generate_new(KEY_TYPE, None);
        let grandpa = self
            .keystore
            .ed25519_generate_new(sp_core::crypto::key_types::GRANDPA, None);
        let mut keys = SessionKeys {
            doin: doin.map_err(|error| failed(&error))?.into(),
            grandpa: grandpa.map_err(|error| failed(&error))?.into(),
        };
        let mut externalities = sp_state_machine::BasicExternalities::new_empty();
        externalities.register_extension(KeystoreExt::from(self.keystore.clone()));
        externalities
            .execute_with(|| keys.create_ownership_proof(&owner.encode()))
            .map(|proof| (keys, proof.encode()))
            .map_err(|()| failed(&"it does not have the keys that were just made"))
    }
}

/// The key pair of a secret phrase, seed or derivation path.
///
/// # Errors
///
/// It is none of these.
pub fn pair(secret: &str, password: Option<&SecretString>) -> Result<sr25519::Pair, String> {
    sr25519::Pair::from_string(secret, password.map(|password| password.expose_secret().as_str()))
        .map_err(|error| format!("the secret is neither a phrase of 12 or 24 words nor a seed: {error:?}"))
}

/// Reads a secret from a file that holds nothing else.
///
/// # Errors
///
/// The file cannot be read or is empty.
pub fn read_secret(file: &Path) -> Result<SecretString, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    match text.trim() {
        "" => Err(format!("{} is empty: it should hold a secret phrase", file.display())),
        secret => Ok(SecretString::new(secret.into())),
    }
}

/// A role in a domain, as `setup` was asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The domain's name.
    pub domain: String,
    /// Whether to search.
    pub optimize: bool,
    /// Whether to judge.
    pub evaluate: bool,
}

/// Enters the roles into the configuration at `path`, and leaves all else in it as it is. Answers whether anything had
/// to be changed.
///
/// # Errors
///
/// The file is none that the node would take, another account has the role, or the file cannot be written.
pub fn enter_roles(path: &Path, roles: &[Role], account: &AccountId, dry_run: bool) -> Result<bool, String> {
    let at = |problem: String| format!("the configuration file `{}`: {problem}", path.display());
    let before = match fs::read_to_string(path) {
        Ok(text) => {
            NodeConfiguration::from_file(path)?;
            serde_json::from_str(&text).map_err(|error| at(format!("is not JSON: {error}")))?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Value::Null,
        Err(error) => return Err(at(format!("cannot be read: {error}"))),
    };
    let after = with_roles(before.clone(), roles, &account.to_ss58check()).map_err(at)?;
    if after == before || dry_run {
        return Ok(after != before);
    }
    let text = format!("{after:#}\n");
    let draft = path.with_extension("json.new");
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(&draft, text))
        .map_err(|error| at(format!("cannot be written: {error}")))?;
    NodeConfiguration::from_file(&draft)?;
    fs::rename(&draft, path).map_err(|error| at(format!("cannot be written: {error}")))?;
    Ok(true)
}

/// The configuration with these roles.
fn with_roles(configuration: Value, roles: &[Role], account: &str) -> Result<Value, String> {
    let mut configuration = match configuration {
        Value::Null => json!({}),
        other => other,
    };
    for role in roles {
        let domain = entry(&mut configuration, "worker")
            .and_then(|worker| entry(worker, "domains"))
            .and_then(|domains| entry(domains, &role.domain))
            .and_then(Value::as_object_mut)
            .ok_or("is no object where it should be one")?;
        if role.optimize {
            let optimize = domain.entry("optimize").or_insert(Value::Null);
            if optimize.is_null() {
                *optimize = json!({ "account": account });
            }
            if optimize["account"] != account {
                return Err(format!(
                    "{} optimizes `{}` already: change that by hand if it is meant",
                    optimize["account"], role.domain
                ));
            }
        }
        if role.evaluate {
            let evaluate = domain.entry("evaluate").or_insert(Value::Null);
            if evaluate.is_null() {
                *evaluate = json!({ "accounts": [] });
            }
            let accounts = evaluate["accounts"].as_array_mut().ok_or("`accounts` is no list")?;
            if !accounts.iter().any(|there| there == account) {
                accounts.push(account.into());
            }
        }
    }
    Ok(configuration)
}

/// The object at this key, made where it is missing.
fn entry<'a>(object: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    let value = object.as_object_mut()?.entry(key).or_insert(Value::Null);
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    Some(value)
}

#[cfg(test)]
mod tests;

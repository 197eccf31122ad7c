//! The operators' keys: in the keystore, under their own type.

use crate::config::{ConfigurationError, OperatorAccount};
use doin_primitives::{engine::OPERATOR_KEY_TYPE, AccountId, Signature};
use sp_core::{crypto::Ss58Codec, sr25519};
use sp_keystore::KeystorePtr;

/// Signs with operator keys.
#[derive(Clone)]
pub struct OperatorKeys {
    keystore: KeystorePtr,
}

impl OperatorKeys {
    /// The operator keys in this keystore.
    pub fn new(keystore: KeystorePtr) -> Self {
        Self { keystore }
    }

    /// The account that `operator` names, once it is certain that its key is here. The key of a development account is
    /// put into the keystore, as everybody knows it anyway.
    ///
    /// # Errors
    ///
    /// When the key is not in the keystore: with `place` and what to do.
    pub fn resolve(&self, operator: &OperatorAccount, place: &str) -> Result<AccountId, ConfigurationError> {
        match operator {
            OperatorAccount::Development(path) => self
                .keystore
                .sr25519_generate_new(OPERATOR_KEY_TYPE, Some(path))
                .map(|public| AccountId::from(public.0))
                .map_err(|error| ConfigurationError::new(place, format!("{path:?} gives no key: {error}"))),
            OperatorAccount::Address(account) if self.public_key(account).is_some() => Ok(account.clone()),
            OperatorAccount::Address(account) => Err(ConfigurationError::new(
                place,
                format!(
                    "the keystore has no key for {}; insert it with `doin-node key insert --key-type oper --scheme \
                     sr25519`, which asks for the secret, or with `doin-node setup --import`",
                    account.to_ss58check()
                ),
            )),
        }
    }

    /// The account's signature over `message`.
    ///
    /// # Errors
    ///
    /// When the key is not, or no longer, in the keystore.
    pub fn sign(&self, account: &AccountId, message: &[u8]) -> Result<Signature, String> {
        let public = self
            .public_key(account)
            .ok_or_else(|| format!("the keystore has no key of type `oper` for {}", account.to_ss58check()))?;
        match self.keystore.sr25519_sign(OPERATOR_KEY_TYPE, &public, message) {
            Ok(Some(signature)) => Ok(Signature::Sr25519(signature)),
            Ok(None) => Err(format!("the key of {} has left the keystore", account.to_ss58check())),
            Err(error) => Err(error.to_string()),
        }
    }

    fn public_key(&self, account: &AccountId) -> Option<sr25519::Public> {
        let bytes: &[u8; 32] = account.as_ref();
        self.keystore
            .sr25519_public_keys(OPERATOR_KEY_TYPE)
            .into_iter()
            .find(|public| public.0 == *bytes)
    }
}

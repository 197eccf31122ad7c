//! A running node, over its RPC.

use codec::{Decode, Encode};
use doin_primitives::{AccountId, BlockNumber, Hash, Nonce};
use jsonrpsee::{
    core::{
        client::{ClientT, Subscription, SubscriptionClientT},
        params::ArrayParams,
        ClientError,
    },
    rpc_params,
};
use jsonrpsee_ws_client::{WsClient, WsClientBuilder};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use sp_core::{crypto::Ss58Codec, Bytes};
use sp_runtime::OpaqueExtrinsic;
use std::time::Duration;

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a node.
pub struct Connection {
    client: WsClient,
    url: String,
}

/// What a node says of its synchronization.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// How many peers it has.
    pub peers: usize,
    /// Whether it is catching up.
    pub is_syncing: bool,
}

/// The versions that a transaction is bound to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The version of the runtime.
    pub spec_version: u32,
    /// The version of its transactions.
    pub transaction_version: u32,
}

/// Session keys that a node has made, and the proof of their ownership.
#[derive(Debug, Deserialize)]
pub struct RotatedKeys {
    /// The encoded public keys.
    pub keys: Bytes,
    /// The encoded proof.
    pub proof: Option<Bytes>,
}

/// What becomes of a transaction.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TransactionStatus {
    /// Waits for an earlier one.
    Future,
    /// Waits for a block.
    Ready,
    /// Was sent to these peers.
    Broadcast(Vec<String>),
    /// Is in this block.
    InBlock(Hash),
    /// That block is not on the best chain any more.
    Retracted(Hash),
    /// Its block is not final after a long time.
    FinalityTimeout(Hash),
    /// Its block is final.
    Finalized(Hash),
    /// Another with the same nonce took its place.
    Usurped(Hash),
    /// Dropped for want of space.
    Dropped,
    /// No longer valid.
    Invalid,
}

#[derive(Deserialize)]
struct Explanation {
    cause: String,
    remedy: String,
}

impl Connection {
    /// Connects. `Err` holds the reason in words.
    pub async fn open(url: &str) -> Result<Self, String> {
        let client = WsClientBuilder::default()
            .connection_timeout(PATIENCE)
            .request_timeout(PATIENCE)
            .build(url)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Self {
            client,
            url: url.into(),
        })
    }

    /// Where the node is.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn request<T: DeserializeOwned>(&self, method: &str, parameters: ArrayParams) -> Result<T, String> {
        let answer: Result<T, ClientError> = self.client.request(method, parameters).await;
        answer.map_err(|error| format!("the node at {} does not answer {method}: {error}", self.url))
    }

    /// Like [`Self::request`], but `None` where the node does not serve the method to this caller.
    async fn request_if_allowed<T: DeserializeOwned>(
        &self,
        method: &str,
        parameters: ArrayParams,
    ) -> Result<Option<T>, String> {
        match self.client.request(method, parameters).await {
            Ok(answer) => Ok(Some(answer)),
            // Unsafe methods are refused with the code of unknown ones.
            Err(ClientError::Call(error)) if error.code() == -32601 => Ok(None),
            Err(error) => Err(format!("the node at {} does not answer {method}: {error}", self.url)),
        }
    }

    /// The hash of the block of that number on the best chain.
    pub async fn block_hash(&self, number: BlockNumber) -> Result<Option<Hash>, String> {
        self.request("chain_getBlockHash", rpc_params![number]).await
    }

    /// The best block.
    pub async fn best(&self) -> Result<(Hash, BlockNumber), String> {
        let hash: Hash = self.request("chain_getBlockHash", rpc_params![]).await?;
        let header: Value = self.request("chain_getHeader", rpc_params![hash]).await?;
        number_of(&header).map(|number| (hash, number))
    }

    /// The number of the last final block.
    pub async fn finalized(&self) -> Result<BlockNumber, String> {
        let hash: Hash = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        let header: Value = self.request("chain_getHeader", rpc_params![hash]).await?;
        number_of(&header)
    }

    /// The chain's name.
    pub async fn chain(&self) -> Result<String, String> {
        self.request("system_chain", rpc_params![]).await
    }

    /// Whether the node follows the network.
    pub async fn health(&self) -> Result<Health, String> {
        self.request("system_health", rpc_params![]).await
    }

    /// The runtime's versions.
    pub async fn version(&self) -> Result<Version, String> {
        self.request("state_getRuntimeVersion", rpc_params![]).await
    }

    /// A value of the state after a block.
    pub async fn storage<T: Decode>(&self, key: Vec<u8>, at: Hash) -> Result<Option<T>, String> {
        let value = self.storage_bytes(key, at).await?;
        value.map(|bytes| decode("the state", &bytes)).transpose()
    }

    /// The same, encoded.
    pub async fn storage_bytes(&self, key: Vec<u8>, at: Hash) -> Result<Option<Bytes>, String> {
        self.request("state_getStorage", rpc_params![Bytes(key), at]).await
    }

    /// A function of the runtime.
    pub async fn call<T: Decode>(&self, function: &str, parameters: Vec<u8>, at: Hash) -> Result<T, String> {
        let answer: Bytes = self
            .request("state_call", rpc_params![function, Bytes(parameters), at])
            .await?;
        decode(function, &answer)
    }

    /// The next nonce of an account, those of its transactions that wait counted.
    pub async fn next_nonce(&self, account: &AccountId) -> Result<Nonce, String> {
        self.request("system_accountNextIndex", rpc_params![account.to_ss58check()])
            .await
    }

    /// Makes new session keys in the node's keystore, proven to be given to `owner`. `None`: the node does not allow it.
    pub async fn rotate_keys(&self, owner: &AccountId) -> Result<Option<RotatedKeys>, String> {
        self.request_if_allowed("author_rotateKeysWithOwner", rpc_params![Bytes(owner.encode())])
            .await
    }

    /// Whether the node's keystore has this key. `None`: the node does not say.
    pub async fn has_key(&self, public: &[u8], key_type: &str) -> Result<Option<bool>, String> {
        self.request_if_allowed("author_hasKey", rpc_params![Bytes(public.to_vec()), key_type])
            .await
    }

    /// Sends a transaction, and what becomes of it.
    pub async fn submit(&self, transaction: &OpaqueExtrinsic) -> Result<Subscription<TransactionStatus>, String> {
        let parameters = rpc_params![Bytes(transaction.encode())];
        let sent = self
            .client
            .subscribe("author_submitAndWatchExtrinsic", parameters, "author_unwatchExtrinsic");
        match sent.await {
            Ok(updates) => Ok(updates),
            Err(ClientError::Call(error)) => {
                let detail = error
                    .data()
                    .map(|data| format!(": {}", data.get().trim_matches('"')))
                    .unwrap_or_default();
                let message = format!("{}: {}{detail}", error.code(), error.message());
                Err(self.explain(&message).await)
            }
            Err(error) => Err(format!("the transaction could not be sent: {error}")),
        }
    }

    /// Where in a block a transaction is.
    pub async fn position(&self, transaction: &OpaqueExtrinsic, block: Hash) -> Result<Option<u32>, String> {
        let block: Value = self.request("chain_getBlock", rpc_params![block]).await?;
        let wanted = serde_json::to_value(Bytes(transaction.encode())).map_err(|error| error.to_string())?;
        let transactions = block["block"]["extrinsics"].as_array();
        let place = transactions.and_then(|list| list.iter().position(|there| *there == wanted));
        Ok(place.and_then(|place| u32::try_from(place).ok()))
    }

    /// An error with the cause and the remedy that the node knows, if it does.
    pub async fn explain(&self, error: &str) -> String {
        let known: Result<Vec<Explanation>, _> = self.client.request("doin_explainError", rpc_params![error]).await;
        match known.ok().and_then(|list| list.into_iter().next()) {
            Some(Explanation { cause, remedy }) => format!("{error}. {cause} {remedy}"),
            None => error.into(),
        }
    }
}

fn number_of(header: &Value) -> Result<BlockNumber, String> {
    let digits = header["number"].as_str().and_then(|text| text.strip_prefix("0x"));
    digits
        .and_then(|digits| BlockNumber::from_str_radix(digits, 16).ok())
        .ok_or_else(|| format!("the node's answer is no header: {header}"))
}

fn decode<T: Decode>(what: &str, bytes: &[u8]) -> Result<T, String> {
    T::decode(&mut &bytes[..]).map_err(|error| {
        format!("{what} of the chain cannot be read by this doin-node ({error}): use the release that the chain's runtime came with")
    })
}

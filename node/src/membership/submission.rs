//! Sends transactions and waits until they are in the chain for good.

use super::connection::{Connection, TransactionStatus};
use doin_primitives::{AccountId, Balance, BlockNumber, Hash, Signature};
use doin_runtime::{RuntimeCall, VERSION};
use doin_worker::{
    extrinsic::{self, Binding},
    MORTALITY,
};
use jsonrpsee::core::client::Subscription;
use sp_runtime::{generic::Era, MultiAddress, OpaqueExtrinsic};
use std::{future::Future, time::Duration};

/// A transaction's era begins so many blocks before the best: the pool may still look at the chain from there.
const BIRTH_DEPTH: BlockNumber = 4;
/// How long a transaction may take into a block, and how long a block may take to be final.
const PATIENCE: Duration = Duration::from_secs(300);

/// Makes a signature of a payload.
pub type Sign<'a> = dyn Fn(&[u8]) -> Result<Signature, String> + Send + Sync + 'a;

/// Who signs.
pub struct Signer<'a> {
    /// The account.
    pub account: AccountId,
    /// Its signature.
    pub sign: Box<Sign<'a>>,
}

/// A transaction in a block.
pub struct Included {
    updates: Subscription<TransactionStatus>,
    /// The block.
    pub block: Hash,
}

/// Sends coin.
pub fn transfer(to: AccountId, value: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: MultiAddress::Id(to),
        value,
    })
}

/// Signs the call, sends it, and waits until it is in a block, where it did what it should.
///
/// # Errors
///
/// The chain speaks another version of transactions, the transaction is refused or fails (with the remedy), or no block
/// takes it in time.
pub async fn include(node: &Connection, signer: &Signer<'_>, call: RuntimeCall) -> Result<Included, String> {
    let transaction = sign(node, signer, call).await?;
    let mut updates = node.submit(&transaction).await?;
    let included = within(next_block(&mut updates)).await.unwrap_or_else(|| {
        Err(format!(
            "no block has taken the transaction in {} s. Is the network making blocks? (doin_status over RPC says.) It may \
             still be taken: look again before you repeat it",
            PATIENCE.as_secs()
        ))
    })?;
    if let Some(position) = node.position(&transaction, included).await? {
        let events = node.storage_bytes(extrinsic::events_key(), included).await?;
        if let Some(failure) = events.and_then(|events| extrinsic::failure(&events, position)) {
            // `Quorum(InsufficientBalance)`: the pallet and its error.
            let name = failure.trim_end_matches(')').replacen('(', "::", 1);
            return Err(format!("the transaction failed: {}", node.explain(&name).await));
        }
    }
    Ok(Included {
        updates,
        block: included,
    })
}

/// Waits until the transaction's block is final.
///
/// # Errors
///
/// It is not in time, or the transaction is lost.
pub async fn finalize(included: Included) -> Result<(), String> {
    let Included { mut updates, block } = included;
    within(final_block(&mut updates)).await.unwrap_or_else(|| {
        Err(format!(
            "block {block:?} is not final after {} s. Finality takes authorities with more than two thirds of the weight: \
             are they there? What was sent is in the best chain",
            PATIENCE.as_secs()
        ))
    })
}

async fn within<T>(event: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, event).await.ok()
}

async fn next_block(updates: &mut Subscription<TransactionStatus>) -> Result<Hash, String> {
    loop {
        match next(updates).await? {
            TransactionStatus::InBlock(block) | TransactionStatus::Finalized(block) => return Ok(block),
            status => lost(&status)?,
        }
    }
}

async fn final_block(updates: &mut Subscription<TransactionStatus>) -> Result<(), String> {
    loop {
        match next(updates).await? {
            TransactionStatus::Finalized(_) => return Ok(()),
            TransactionStatus::FinalityTimeout(block) => {
                return Err(format!("block {block:?} is not final after long"))
            }
            status => lost(&status)?,
        }
    }
}

async fn next(updates: &mut Subscription<TransactionStatus>) -> Result<TransactionStatus, String> {
    match updates.next().await {
        Some(Ok(status)) => Ok(status),
        Some(Err(error)) => Err(format!(
            "the node tells nothing that can be read of the transaction: {error}"
        )),
        None => {
            Err("the node has lost sight of the transaction: look whether it is in the chain, then try again".into())
        }
    }
}

fn lost(status: &TransactionStatus) -> Result<(), String> {
    let reason = match status {
        TransactionStatus::Usurped(_) => "another transaction of the account took its place",
        TransactionStatus::Dropped => "the node's pool is full",
        TransactionStatus::Invalid => {
            "it is no longer valid: perhaps it came too late, or the account has too little coin"
        }
        _ => return Ok(()),
    };
    Err(format!("the transaction is lost: {reason}. Try again"))
}

async fn sign(node: &Connection, signer: &Signer<'_>, call: RuntimeCall) -> Result<OpaqueExtrinsic, String> {
    let version = node.version().await?;
    if version.transaction_version != VERSION.transaction_version {
        return Err(format!(
            "the chain's transactions are of version {}, this doin-node makes version {}: use the release that the chain's \
             runtime came with",
            version.transaction_version, VERSION.transaction_version
        ));
    }
    let (_, best) = node.best().await?;
    let birth = best.saturating_sub(BIRTH_DEPTH);
    let known = |hash: Option<Hash>, number| hash.ok_or_else(|| format!("the node does not know block {number}"));
    let binding = Binding {
        genesis: known(node.block_hash(0).await?, 0)?,
        birth: known(node.block_hash(birth).await?, birth)?,
        era: Era::mortal(MORTALITY.into(), birth.into()),
        nonce: node.next_nonce(&signer.account).await?,
        spec_version: version.spec_version,
        transaction_version: version.transaction_version,
    };
    extrinsic::signed(call, &signer.account, &binding, &signer.sign)
}

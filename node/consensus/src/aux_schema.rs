//! What the engine keeps in the database beside the blocks.
//!
//! | key | value | written | removed |
//! | --- | --- | --- | --- |
//! | `doin:epoch_changes` | version, epoch tree | with the first block of each epoch | pruned at finality |
//! | `doin:weight` + block | the weight of the chain that ends there | with the block | below and beside finality |
//! | `doin:last_authored` + key | the slot of the key's last block | before sealing | never |

use crate::epoch::Epoch;
use codec::{Decode, Encode};
use doin_primitives::engine::{AuthorityId, Slot};
use sc_client_api::{backend::AuxStore, AuxDataOperations, FinalityNotification};
use sc_consensus_epochs::{EpochChangesFor, SharedEpochChanges};
use sp_blockchain::{Error as ClientError, HeaderMetadata, Result as ClientResult};
use sp_runtime::traits::Block as BlockT;
use std::collections::HashSet;

/// The weight of a chain: how many of its slots were won as primary.
pub type ChainWeight = u64;

const EPOCH_CHANGES: &[u8] = b"doin:epoch_changes";
const EPOCH_CHANGES_VERSION: u32 = 1;
const WEIGHT: &[u8] = b"doin:weight";
const LAST_AUTHORED: &[u8] = b"doin:last_authored";

fn load<B: AuxStore, T: Decode>(backend: &B, key: &[u8]) -> ClientResult<Option<T>> {
    backend
        .get_aux(key)?
        .map(|bytes| {
            T::decode(&mut &bytes[..]).map_err(|error| {
                let key = String::from_utf8_lossy(&key[..key.len().min(EPOCH_CHANGES.len())]).into_owned();
                ClientError::Backend(format!(
                    "the engine's entry `{key}` in the database is damaged: {error}"
                ))
            })
        })
        .transpose()
}

/// Loads the epoch tree, or begins an empty one.
pub fn load_epoch_changes<Block: BlockT, B: AuxStore>(backend: &B) -> ClientResult<SharedEpochChanges<Block, Epoch>> {
    let tree = match load::<_, u32>(backend, EPOCH_CHANGES)? {
        None => EpochChangesFor::<Block, Epoch>::default(),
        Some(EPOCH_CHANGES_VERSION) => load::<_, (u32, EpochChangesFor<Block, Epoch>)>(backend, EPOCH_CHANGES)?
            .map(|(_, tree)| tree)
            .unwrap_or_default(),
        Some(other) => {
            return Err(ClientError::Backend(format!(
                "the database was written by another version of the engine (epoch tree {other})"
            )))
        }
    };
    Ok(SharedEpochChanges::<Block, Epoch>::new(tree))
}

/// The entry that stores the epoch tree.
pub fn epoch_changes_entry<Block: BlockT>(tree: &EpochChangesFor<Block, Epoch>) -> (Vec<u8>, Vec<u8>) {
    (EPOCH_CHANGES.to_vec(), (EPOCH_CHANGES_VERSION, tree).encode())
}

/// The key of a chain's weight.
pub fn weight_key<H: Encode>(block: H) -> Vec<u8> {
    (WEIGHT, block).encode()
}

/// The entry that stores a chain's weight.
pub fn weight_entry<H: Encode>(block: H, weight: ChainWeight) -> (Vec<u8>, Vec<u8>) {
    (weight_key(block), weight.encode())
}

/// The weight of the chain that ends in `block`, if it is stored.
pub fn load_weight<H: Encode, B: AuxStore>(backend: &B, block: H) -> ClientResult<Option<ChainWeight>> {
    load(backend, &weight_key(block))
}

/// The slot in which a session key last made a block on this node.
pub fn load_last_authored<B: AuxStore>(backend: &B, author: &AuthorityId) -> ClientResult<Option<Slot>> {
    load(backend, &(LAST_AUTHORED, author).encode())
}

/// Remembers, before the seal is made, that a session key makes a block in `slot`.
pub fn write_last_authored<B: AuxStore>(backend: &B, author: &AuthorityId, slot: Slot) -> ClientResult<()> {
    backend.insert_aux(&[(&(LAST_AUTHORED, author).encode()[..], &slot.encode()[..])], &[])
}

/// The weights that a finalized block makes useless: those of its ancestors and of the forks that it ends. Its own
/// stays, for its children.
pub fn weights_to_remove<Block: BlockT, C: HeaderMetadata<Block>>(
    client: &C,
    finalized: &FinalityNotification<Block>,
) -> AuxDataOperations {
    let first = finalized.tree_route.first().unwrap_or(&finalized.hash);
    let mut useless = HashSet::new();
    match client.header_metadata(*first) {
        Ok(metadata) => {
            useless.insert(metadata.parent);
        }
        Err(error) => log::warn!(
            target: crate::LOG_TARGET,
            "The weight of the parent of {first:?} stays in the database: its header cannot be read: {error}"
        ),
    }
    useless.extend(
        finalized
            .tree_route
            .iter()
            .copied()
            .filter(|hash| *hash != finalized.hash),
    );
    useless.extend(finalized.stale_blocks.iter().map(|stale| stale.hash));
    useless.into_iter().map(|hash| (weight_key(hash), None)).collect()
}

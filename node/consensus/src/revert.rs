//! Taking back blocks: what the engine keeps about them must go with them.

use crate::{
    aux_schema::{epoch_changes_entry, load_epoch_changes, weight_key},
    epoch::Epoch,
};
use sc_client_api::backend::{AuxStore, Backend as BackendT};
use sc_consensus_epochs::{descendent_query, EpochChangesFor};
use sp_blockchain::{
    tree_route, Backend as _, Error as ClientError, HeaderBackend, HeaderMetadata, Result as ClientResult,
};
use sp_runtime::traits::{Block as BlockT, NumberFor, Saturating, Zero};
use std::{collections::HashSet, sync::Arc};

/// Removes the epochs and weights of the last `blocks` blocks, as far as they are not final, in one write. To be
/// called before the client takes the blocks back. Which slots this node has authored in stays remembered: the blocks
/// may have been sent, and other ones for the same slots would be equivocations.
pub fn revert<Block, Client, Backend>(
    client: Arc<Client>,
    backend: Arc<Backend>,
    blocks: NumberFor<Block>,
) -> ClientResult<()>
where
    Block: BlockT,
    Client: AuxStore + HeaderMetadata<Block, Error = ClientError> + HeaderBackend<Block>,
    Backend: BackendT<Block>,
{
    let info = client.info();
    let revertible = blocks.min(info.best_number.saturating_sub(info.finalized_number));
    if revertible.is_zero() {
        return Ok(());
    }
    let number = info.best_number.saturating_sub(revertible);
    let hash = client
        .hash(number)?
        .ok_or_else(|| ClientError::Backend(format!("block {number} is not in the database")))?;

    let epoch_changes = load_epoch_changes::<Block, _>(&*client)?;
    let mut tree = epoch_changes.shared_data();
    if number.is_zero() {
        *tree = EpochChangesFor::<Block, Epoch>::default();
    } else {
        tree.revert(descendent_query(&*client), hash, number);
    }

    let mut removed = HashSet::new();
    for leaf in backend.blockchain().leaves()? {
        if !tree_route(&*client, hash, leaf).is_ok_and(|route| route.retracted().is_empty()) {
            continue;
        }
        let mut block = client.header_metadata(leaf)?;
        while block.number > number && removed.insert(block.hash) {
            block = client.header_metadata(block.parent)?;
        }
    }
    let removed: Vec<Vec<u8>> = removed.into_iter().map(weight_key).collect();
    let removed: Vec<&[u8]> = removed.iter().map(Vec::as_slice).collect();
    let (key, value) = epoch_changes_entry::<Block>(&tree);
    client.insert_aux(&[(&key[..], &value[..])], &removed)
}

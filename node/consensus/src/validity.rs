//! When a secondary block may be empty: the rule that authors, block import and manual sealing share.

use crate::error::Error;
use doin_primitives::engine::{ProofOfOptimizationApi, Slot};
use sp_api::ProvideRuntimeApi;
use sp_runtime::traits::Block as BlockT;

/// Why a secondary block in a slot is valid although it carries no transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It begins an epoch: the session must change.
    BeginsEpoch,
    /// The runtime's hooks find work at the parent's state: an undrawn head, an ended phase, an expiry, a crossed threshold.
    DueWork,
    /// No block has come for so long that one is due as a sign of life.
    Idle,
}

/// Asks the state of the parent whether an empty secondary block in `slot` is valid, and why.
///
/// Depends on the parent's state and the slots only, so that all nodes agree. The idle time is read there too, not
/// from this node's memory, so that a runtime upgrade may change it.
pub fn reason_for_empty_block<Block, Client>(
    client: &Client,
    parent: Block::Hash,
    parent_slot: Slot,
    slot: Slot,
    begins_epoch: bool,
) -> Result<Option<Reason>, Error>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block>,
    Client::Api: ProofOfOptimizationApi<Block>,
{
    if begins_epoch {
        return Ok(Some(Reason::BeginsEpoch));
    }
    // Each question goes to the parent's state afresh: no answer can colour the next.
    if client.runtime_api().has_due_work(parent, slot)? {
        return Ok(Some(Reason::DueWork));
    }
    let silence = u64::from(slot.saturating_sub(u64::from(parent_slot)));
    Ok((silence >= client.runtime_api().configuration(parent)?.idle_slots).then_some(Reason::Idle))
}

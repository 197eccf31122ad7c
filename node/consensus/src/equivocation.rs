//! Two blocks of one authority in one slot: seen, proven, reported.

use crate::{error::Error, EngineLink, LOG_TARGET};
use doin_primitives::engine::{AuthorityId, EquivocationProof, ProofOfOptimizationApi, Slot};
use sc_client_api::backend::AuxStore;
use sc_consensus_slots::check_equivocation;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_runtime::traits::{Block as BlockT, Header as HeaderT};

/// A sealed header and who sealed it, to be compared with what this node has seen in that slot.
pub(crate) struct Sighting<'a, Block: BlockT> {
    /// The header *with* its seal: without it the report would prove nothing.
    pub header: &'a Block::Header,
    pub author: &'a AuthorityId,
    pub slot: Slot,
    pub now: Slot,
}

/// Remembers a header; when its author has sealed another one in the slot, returns the proof.
pub(crate) fn sight<Block: BlockT, Client: AuxStore>(
    client: &Client,
    link: &EngineLink<Block>,
    seen: &Sighting<'_, Block>,
) -> Result<Option<EquivocationProof<Block::Header>>, Error> {
    let Some(proof) = check_equivocation(client, seen.now, seen.slot, seen.header, seen.author)? else {
        return Ok(None);
    };
    log::warn!(
        target: LOG_TARGET,
        "Authority {:?} has made two blocks in slot {}: {:?} and {:?}",
        seen.author,
        seen.slot,
        proof.first_header.hash(),
        proof.second_header.hash(),
    );
    if let Some(metrics) = link.metrics() {
        metrics.on_equivocation();
    }
    Ok(Some(proof))
}

/// Hands a proof to the runtime at the best block, which submits the report to the pool.
///
/// The proof that the key belonged to the offender's account is made at the block's parent, where the session still
/// runs, or at the best block when the block began a session. Without either the offender is nobody we could punish.
pub(crate) fn report<Block, Client>(
    client: &Client,
    pool: &OffchainTransactionPoolFactory<Block>,
    parent: Block::Hash,
    best: Block::Hash,
    proof: EquivocationProof<Block::Header>,
) -> Result<(), Error>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block>,
    Client::Api: ProofOfOptimizationApi<Block> + ApiExt<Block>,
{
    let owner = |at| {
        client
            .runtime_api()
            .generate_key_ownership_proof(at, proof.slot, proof.offender.clone())
    };
    let owner_proof = match owner(parent)? {
        Some(owner_proof) => Some(owner_proof),
        None => owner(best)?,
    };
    let Some(owner_proof) = owner_proof else {
        log::debug!(target: LOG_TARGET, "The author {:?} of two blocks is in no session", proof.offender);
        return Ok(());
    };
    let offender = proof.offender.clone();
    let mut api = client.runtime_api();
    api.register_extension(pool.offchain_transaction_pool(best));
    match api.submit_report_equivocation(best, proof, owner_proof)? {
        Some(()) => log::info!(target: LOG_TARGET, "Reported the two blocks of {offender:?}"),
        None => log::warn!(target: LOG_TARGET, "The runtime did not take the report on {offender:?}"),
    }
    Ok(())
}

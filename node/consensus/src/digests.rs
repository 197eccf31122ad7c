//! What a header says to the engine.

use crate::error::Error;
use doin_primitives::engine::{
    total_weight, BlockSummary, CompatibleDigestItem, ConsensusLog, NextEpochDescriptor, OptimizationBlock, Slot,
    SlotClaim, ENGINE_ID,
};
use sp_runtime::{
    traits::{Header as HeaderT, Zero},
    DigestItem,
};

/// The claim of a header: exactly one pre-digest of the engine, which decodes in full.
pub fn claim_of<H: HeaderT>(header: &H) -> Result<SlotClaim, Error> {
    let mut items = header
        .digest()
        .logs()
        .iter()
        .filter(|item| matches!(item, DigestItem::PreRuntime(ENGINE_ID, _)));
    let item = items.next().ok_or(Error::NoPreDigest)?;
    if items.next().is_some() {
        return Err(Error::MultiplePreDigests);
    }
    item.as_doin_pre_digest().ok_or(Error::MalformedPreDigest)
}

/// The slot of a header; genesis, which nobody claimed, counts as slot 0.
pub fn slot_of<H: HeaderT>(header: &H) -> Result<Slot, Error> {
    if header.number().is_zero() {
        return Ok(Slot::from(0));
    }
    claim_of(header).map(|claim| claim.slot)
}

/// The runtime's messages to the engine. Items that do not decode belong to a later version and are passed over.
fn logs<H: HeaderT>(header: &H) -> impl Iterator<Item = ConsensusLog> + '_ {
    header.digest().logs().iter().filter_map(|item| item.as_doin_log())
}

/// The epoch that a header announces: at most one, with somebody to author in it.
pub fn next_epoch_of<H: HeaderT>(header: &H) -> Result<Option<NextEpochDescriptor>, Error> {
    let mut announced = logs(header).filter_map(|log| match log {
        ConsensusLog::NextEpoch(descriptor) => Some(descriptor),
        _ => None,
    });
    let first = announced.next();
    if announced.next().is_some() {
        return Err(Error::MultipleEpochAnnouncements);
    }
    if first
        .as_ref()
        .is_some_and(|descriptor| total_weight(&descriptor.authorities).is_zero())
    {
        return Err(Error::EmptyEpochAnnouncement);
    }
    Ok(first)
}

/// The summary of the block: exactly one.
pub fn summary_of<H: HeaderT>(header: &H) -> Result<BlockSummary, Error> {
    let mut summaries = logs(header).filter_map(|log| match log {
        ConsensusLog::Summary(summary) => Some(summary),
        _ => None,
    });
    let first = summaries.next().ok_or(Error::MissingSummary)?;
    if summaries.next().is_some() {
        return Err(Error::MultipleSummaries);
    }
    Ok(first)
}

/// What an optimization block says about itself; `None` for a relay block.
pub fn optimization_of<H: HeaderT>(header: &H) -> Option<OptimizationBlock> {
    logs(header).find_map(|log| match log {
        ConsensusLog::Optimization(optimization) => Some(optimization),
        _ => None,
    })
}

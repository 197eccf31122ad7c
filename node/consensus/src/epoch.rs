//! Epochs as the epoch tree keeps them, and what becomes of them when no block comes for a while.

use crate::error::Error;
use codec::{Decode, Encode};
use doin_primitives::engine::{self, EngineConfiguration, NextEpochDescriptor, Slot};
use sc_consensus_epochs::{descendent_query, Epoch as EpochT, SharedEpochChanges, ViableEpoch, ViableEpochDescriptor};
use sp_blockchain::{Error as ClientError, HeaderBackend, HeaderMetadata};
use sp_runtime::traits::{Block as BlockT, NumberFor, One, Saturating};
use std::ops::Deref;

/// An epoch in the epoch tree. A type of our own, because the tree's trait is foreign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Epoch(pub engine::Epoch);

impl Deref for Epoch {
    type Target = engine::Epoch;
    fn deref(&self) -> &engine::Epoch {
        &self.0
    }
}

impl From<engine::Epoch> for Epoch {
    fn from(epoch: engine::Epoch) -> Self {
        Epoch(epoch)
    }
}

impl EpochT for Epoch {
    type NextEpochDescriptor = NextEpochDescriptor;
    type Slot = Slot;

    fn start_slot(&self) -> Slot {
        self.0.start_slot
    }

    fn end_slot(&self) -> Slot {
        self.0.start_slot.saturating_add(self.0.duration)
    }

    fn increment(&self, descriptor: NextEpochDescriptor) -> Self {
        Epoch(engine::Epoch {
            index: self.0.index.saturating_add(1),
            start_slot: self.end_slot(),
            duration: self.0.duration,
            authorities: descriptor.authorities,
            randomness: descriptor.randomness,
            primary_probability: self.0.primary_probability,
        })
    }
}

impl Epoch {
    /// Epoch 0, which begins with the slot of the first block.
    pub fn genesis(configuration: &EngineConfiguration, slot: Slot) -> Self {
        Epoch(engine::Epoch {
            index: 0,
            start_slot: slot,
            duration: configuration.epoch_length,
            authorities: configuration.authorities.clone(),
            randomness: configuration.randomness,
            primary_probability: configuration.primary_probability,
        })
    }

    /// This epoch's authorities and randomness, moved to the epoch in which `slot` lies.
    ///
    /// An epoch in which no block was made announced nothing, so the last announced one serves the first epoch that
    /// has a block again; only its index and its beginning follow the clock. The runtime does the same.
    pub fn for_slot(&self, slot: Slot) -> Self {
        let skipped = self.skipped_before(slot);
        let mut epoch = self.clone();
        epoch.0.index = epoch.0.index.saturating_add(skipped);
        epoch.0.start_slot = epoch
            .0
            .start_slot
            .saturating_add(skipped.saturating_mul(epoch.0.duration));
        epoch
    }

    /// How many whole epochs lie between the beginning of this one and `slot`.
    pub fn skipped_before(&self, slot: Slot) -> u64 {
        u64::from(slot.saturating_sub(u64::from(self.0.start_slot)))
            .checked_div(self.0.duration)
            .unwrap_or(0)
    }
}

/// Where the epoch of a block is found in the tree.
pub type EpochDescriptor<Block> = ViableEpochDescriptor<<Block as BlockT>::Hash, NumberFor<Block>, Epoch>;

/// Finds the epoch of a block in `slot` on top of `parent`.
pub fn epoch_for_child_of<Block, Client>(
    epoch_changes: &SharedEpochChanges<Block, Epoch>,
    client: &Client,
    configuration: &EngineConfiguration,
    parent: Block::Hash,
    number: NumberFor<Block>,
    slot: Slot,
) -> Result<(EpochDescriptor<Block>, ViableEpoch<Epoch>), Error>
where
    Block: BlockT,
    Client: HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError>,
{
    let epoch_changes = epoch_changes.shared_data();
    let unknown = || Error::UnknownEpoch(parent.to_string());
    let descriptor = epoch_changes
        .epoch_descriptor_for_child_of(
            descendent_query(client),
            &parent,
            number.saturating_sub(One::one()),
            slot,
        )
        .map_err(|error| Error::EpochTree(error.to_string()))?
        .ok_or_else(unknown)?;
    let epoch = epoch_changes
        .viable_epoch(&descriptor, |slot| Epoch::genesis(configuration, slot))
        .ok_or_else(unknown)?
        .into_cloned();
    Ok((descriptor, epoch))
}

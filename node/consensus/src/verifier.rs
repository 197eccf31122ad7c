//! What can be said of a block from its header and the epoch tree alone, without any state.

use crate::{
    claim::check_claim,
    digests::{claim_of, slot_of},
    epoch::{epoch_for_child_of, Epoch, EpochDescriptor},
    error::Error,
    EngineLink, INTERMEDIATE_KEY, LOG_TARGET,
};
use doin_primitives::engine::{AuthorityId, AuthorityPair, CompatibleDigestItem, Slot, SlotClaim};
use sc_consensus::{BlockImportParams, Verifier};
use sp_blockchain::{Error as ClientError, HeaderBackend, HeaderMetadata};
use sp_consensus::BlockOrigin;
use sp_core::Pair;
use sp_runtime::{
    traits::{Block as BlockT, Header as HeaderT},
    DigestItem,
};
use std::sync::Arc;

/// How many slots a header may be ahead of this node's clock: clocks differ.
pub const CLOCK_TOLERANCE: u64 = 1;

/// A header whose claim and seal hold.
#[derive(Clone, Debug)]
pub struct CheckedHeader<Header> {
    /// The header without its seal, as the runtime made it.
    pub header: Header,
    /// The seal.
    pub seal: DigestItem,
    /// The claim.
    pub claim: SlotClaim,
    /// The claimant.
    pub author: AuthorityId,
}

/// Checks a sealed header: one pre-digest, a slot after the parent's and not in the future, a claim that holds in
/// `epoch`, and as the last digest the claimant's signature over all the rest.
pub fn check_header<Header: HeaderT>(
    mut header: Header,
    parent_slot: Slot,
    now: Slot,
    epoch: &Epoch,
) -> Result<CheckedHeader<Header>, Error> {
    let claim = claim_of(&header)?;
    if claim.slot <= parent_slot {
        return Err(Error::SlotNotIncreasing {
            parent: parent_slot,
            slot: claim.slot,
        });
    }
    if claim.slot > now.saturating_add(CLOCK_TOLERANCE) {
        return Err(Error::FutureSlot { slot: claim.slot, now });
    }
    let seal = header.digest_mut().pop().ok_or(Error::Unsealed)?;
    let signature = seal.as_doin_seal().ok_or(Error::Unsealed)?;
    let author = check_claim(&claim, epoch)?;
    if !AuthorityPair::verify(&signature, header.hash(), &author) {
        return Err(Error::WrongSeal {
            author,
            slot: claim.slot,
        });
    }
    Ok(CheckedHeader {
        header,
        seal,
        claim,
        author,
    })
}

/// Whether a block cannot be and need not be verified by the engine:
///
/// 1. blocks of a warp sync proof, which finality has proven;
/// 2. a block that comes with its whole state, whose epochs are read from that state afterwards;
/// 3. blocks in the gap below a warp sync's target, which the target's hash commits to and whose epochs are unknown.
pub(crate) fn skips_verification<Block: BlockT>(
    client: &impl HeaderBackend<Block>,
    block: &BlockImportParams<Block>,
) -> bool {
    block.origin == BlockOrigin::WarpSync || block.with_state() || is_in_gap(client, &block.header)
}

pub(crate) fn is_in_gap<Block: BlockT>(client: &impl HeaderBackend<Block>, header: &Block::Header) -> bool {
    client
        .info()
        .block_gap
        .is_some_and(|gap| gap.start <= *header.number() && *header.number() <= gap.end)
}

/// What the verifier found out and block import goes on with.
pub struct EngineIntermediate<Block: BlockT> {
    /// Where the block's epoch is in the epoch tree.
    pub epoch_descriptor: EpochDescriptor<Block>,
}

/// The verifier of the import queue.
pub struct EngineVerifier<Block: BlockT, Client> {
    client: Arc<Client>,
    link: EngineLink<Block>,
}

impl<Block: BlockT, Client> EngineVerifier<Block, Client> {
    /// A verifier that finds epochs in the tree of `link`.
    pub fn new(client: Arc<Client>, link: EngineLink<Block>) -> Self {
        EngineVerifier { client, link }
    }
}

impl<Block, Client> EngineVerifier<Block, Client>
where
    Block: BlockT,
    Client: HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError>,
{
    /// Verifies a block with its typed error. See [`check_header`].
    pub fn check(&self, mut block: BlockImportParams<Block>) -> Result<BlockImportParams<Block>, Error> {
        if skips_verification(&*self.client, &block) {
            return Ok(block);
        }
        let hash = block.header.hash();
        let parent_hash = *block.header.parent_hash();
        self.link.checkpoints().check(*block.header.number(), hash)?;
        let slot = claim_of(&block.header)?.slot;
        let parent = self.client.header(parent_hash)?.ok_or_else(|| Error::UnknownParent {
            parent: parent_hash.to_string(),
            block: hash.to_string(),
        })?;
        let (epoch_descriptor, epoch) = epoch_for_child_of(
            self.link.epoch_changes(),
            &*self.client,
            self.link.configuration(),
            parent_hash,
            *block.header.number(),
            slot,
        )?;
        let checked = check_header(
            block.header.clone(),
            slot_of(&parent)?,
            self.link.slot_now(),
            epoch.as_ref(),
        )?;

        block.header = checked.header;
        block.post_digests.push(checked.seal);
        block.post_hash = Some(hash);
        block.insert_intermediate(INTERMEDIATE_KEY, EngineIntermediate::<Block> { epoch_descriptor });
        Ok(block)
    }
}

#[async_trait::async_trait]
impl<Block, Client> Verifier<Block> for EngineVerifier<Block, Client>
where
    Block: BlockT,
    Client: HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError> + Send + Sync,
{
    async fn verify(&self, block: BlockImportParams<Block>) -> Result<BlockImportParams<Block>, String> {
        let hash = block.header.hash();
        self.check(block).map_err(|error| {
            log::debug!(target: LOG_TARGET, "The header of block {hash:?} is refused: {error}");
            self.link.note_refused(hash, &error);
            error.into()
        })
    }
}

//! The heaviest chain: on which blocks are made, and on which GRANDPA votes.

use crate::aux_schema::load_weight;
use sc_client_api::backend::Backend as BackendT;
use sp_blockchain::{tree_route, Backend as _, Error as ClientError, HeaderBackend, Result as ClientResult};
use sp_consensus::{Error as ConsensusError, SelectChain};
use sp_runtime::traits::{Block as BlockT, Header as HeaderT, NumberFor};
use std::{marker::PhantomData, sync::Arc};

/// Selects the heaviest chain.
///
/// Block import makes the heaviest block the best one, so that mostly there is nothing to select. But finality may
/// turn the best block back to the finalized one although heavier descendants of it are known: then the heaviest of
/// its leaves is the best chain.
pub struct HeaviestChain<Backend, Block> {
    backend: Arc<Backend>,
    block: PhantomData<Block>,
}

impl<Backend, Block> Clone for HeaviestChain<Backend, Block> {
    fn clone(&self) -> Self {
        HeaviestChain {
            backend: self.backend.clone(),
            block: PhantomData,
        }
    }
}

impl<Backend: BackendT<Block>, Block: BlockT> HeaviestChain<Backend, Block> {
    /// Selects among the chains in `backend`.
    pub fn new(backend: Arc<Backend>) -> Self {
        HeaviestChain {
            backend,
            block: PhantomData,
        }
    }

    fn header(&self, hash: Block::Hash) -> ClientResult<Block::Header> {
        self.backend
            .blockchain()
            .header(hash)?
            .ok_or_else(|| ClientError::MissingHeader(hash.to_string()))
    }

    fn best(&self) -> ClientResult<Block::Header> {
        let blockchain = self.backend.blockchain();
        let best = blockchain.info().best_hash;
        let leaves = blockchain.leaves()?;
        let mut heaviest = (None, self.header(best)?);
        if leaves.contains(&best) {
            return Ok(heaviest.1);
        }
        for leaf in leaves {
            // Leaves without a weight (of a warp sync) and leaves of other forks do not compete.
            let Some(weight) = load_weight(&*self.backend, leaf)? else {
                continue;
            };
            if !tree_route(blockchain, best, leaf)?.retracted().is_empty() {
                continue;
            }
            let header = self.header(leaf)?;
            if (Some(weight), header.number()) > (heaviest.0, heaviest.1.number()) {
                heaviest = (Some(weight), header);
            }
        }
        Ok(heaviest.1)
    }

    /// The highest block up to `maximum` on the best chain, which must contain `base`.
    fn target(&self, base: Block::Hash, maximum: Option<NumberFor<Block>>) -> ClientResult<Block::Hash> {
        let blockchain = self.backend.blockchain();
        let base_number = *self.header(base)?.number();
        if maximum.is_some_and(|maximum| maximum < base_number) {
            return Err(application(format!(
                "block {base:?} lies above the highest number allowed"
            )));
        }
        let best = self.best()?;
        let best_hash = best.hash();
        if !tree_route(blockchain, base, best_hash)?.retracted().is_empty() {
            return Err(application(format!(
                "block {base:?} is not on the best chain, which ends in {best_hash:?}"
            )));
        }
        let mut target = best;
        while maximum.is_some_and(|maximum| *target.number() > maximum) {
            target = self.header(*target.parent_hash())?;
        }
        Ok(target.hash())
    }
}

fn application(message: String) -> ClientError {
    ClientError::Application(message.into())
}

fn lookup(error: ClientError) -> ConsensusError {
    ConsensusError::ChainLookup(error.to_string())
}

#[async_trait::async_trait]
impl<Backend: BackendT<Block>, Block: BlockT> SelectChain<Block> for HeaviestChain<Backend, Block> {
    async fn leaves(&self) -> Result<Vec<Block::Hash>, ConsensusError> {
        self.backend.blockchain().leaves().map_err(lookup)
    }

    async fn best_chain(&self) -> Result<Block::Header, ConsensusError> {
        self.best().map_err(lookup)
    }

    async fn finality_target(
        &self,
        base: Block::Hash,
        maximum: Option<NumberFor<Block>>,
    ) -> Result<Block::Hash, ConsensusError> {
        self.target(base, maximum).map_err(lookup)
    }
}

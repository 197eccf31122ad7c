//! The queue through which blocks from the network and from files come in.

use crate::{verifier::EngineVerifier, EngineLink};
use sc_consensus::{
    import_queue::{BasicQueue, BoxJustificationImport, DefaultImportQueue},
    BlockImport,
};
use sp_blockchain::{Error as ClientError, HeaderBackend, HeaderMetadata};
use sp_consensus::Error as ConsensusError;
use sp_core::traits::SpawnEssentialNamed;
use sp_runtime::traits::Block as BlockT;
use std::sync::Arc;
use substrate_prometheus_endpoint::Registry;

/// What [`import_queue`] needs.
pub struct ImportQueueParameters<'a, Block: BlockT, Import, Client, Spawner> {
    /// The link that came with the block import.
    pub engine: EngineLink<Block>,
    /// A [`crate::DoinBlockImport`] or a wrapper of it: without it the rules that need state would not be checked.
    pub block_import: Import,
    /// GRANDPA's import of justifications.
    pub justification_import: Option<BoxJustificationImport<Block>>,
    /// The client.
    pub client: Arc<Client>,
    /// Starts the queue's task.
    pub spawner: &'a Spawner,
    /// Where the queue's metrics go.
    pub registry: Option<&'a Registry>,
}

/// Starts the import queue.
pub fn import_queue<Block, Import, Client, Spawner>(
    parameters: ImportQueueParameters<'_, Block, Import, Client, Spawner>,
) -> DefaultImportQueue<Block>
where
    Block: BlockT,
    Import: BlockImport<Block, Error = ConsensusError> + Send + Sync + 'static,
    Client: HeaderBackend<Block> + HeaderMetadata<Block, Error = ClientError> + Send + Sync + 'static,
    Spawner: SpawnEssentialNamed,
{
    let verifier = EngineVerifier::new(parameters.client, parameters.engine);
    BasicQueue::new(
        verifier,
        Box::new(parameters.block_import),
        parameters.justification_import,
        parameters.spawner,
        parameters.registry,
    )
}

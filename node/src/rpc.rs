//! The JSON-RPC namespaces of the node beside the SDK's own (`system`, `chain`, `state`, `author`, ...).

use doin_primitives::{AccountId, Balance, Block, Hash, Nonce};
use jsonrpsee::RpcModule;
use sc_consensus_manual_seal::rpc::{EngineCommand, ManualSeal, ManualSealApiServer};
use sc_transaction_pool_api::TransactionPool;
use sp_api::ProvideRuntimeApi;
use sp_block_builder::BlockBuilder;
use sp_blockchain::{Error as BlockChainError, HeaderBackend, HeaderMetadata};
use std::sync::Arc;

/// What the RPC needs of GRANDPA.
pub struct GrandpaDependencies<B> {
    /// The voter's state.
    pub shared_voter_state: sc_consensus_grandpa::SharedVoterState,
    /// The current authority set.
    pub shared_authority_set: sc_consensus_grandpa::SharedAuthoritySet<Hash, doin_primitives::BlockNumber>,
    /// New justifications.
    pub justification_stream: sc_consensus_grandpa::GrandpaJustificationStream<Block>,
    /// Runs subscriptions.
    pub subscription_executor: sc_rpc::SubscriptionTaskExecutor,
    /// Proves finality.
    pub finality_provider: Arc<sc_consensus_grandpa::FinalityProofProvider<B, Block>>,
}

/// What the RPC needs.
pub struct Dependencies<C, P, B> {
    /// The client.
    pub client: Arc<C>,
    /// The transaction pool.
    pub pool: Arc<P>,
    /// GRANDPA.
    pub grandpa: GrandpaDependencies<B>,
    /// Where manual seals are asked for, if they are.
    pub manual_seal: Option<futures::channel::mpsc::Sender<EngineCommand<Hash>>>,
    /// What answers queries.
    pub inference: doin_worker::Inference,
}

/// The worker's inference as `doin_infer` asks it.
struct Models(doin_worker::Inference);

impl doin_rpc::Models for Models {
    fn infer(
        &self,
        domain: &str,
        parameters: doin_primitives::artifact::ArtifactReference,
        input: &[u8],
    ) -> Result<Vec<u8>, doin_rpc::Error> {
        use doin_rpc::Error;
        use doin_worker::InferenceError;
        self.0.infer(domain, parameters, input).map_err(|error| match error {
            InferenceError::NotServed { domain, served } => Error::NotServed { domain, served },
            InferenceError::Busy(_) => Error::Busy(error.to_string()),
            InferenceError::MissingParameters(_) => Error::MissingParameters(error.to_string()),
            InferenceError::BadInput(problem) => Error::BadInput(problem),
            InferenceError::Failed(problem) => Error::Inference(problem),
        })
    }
}

/// Builds the module.
pub fn create<C, P, B>(
    dependencies: Dependencies<C, P, B>,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>>
where
    C: ProvideRuntimeApi<Block>
        + HeaderBackend<Block>
        + HeaderMetadata<Block, Error = BlockChainError>
        + Send
        + Sync
        + 'static,
    C::Api: substrate_frame_rpc_system::AccountNonceApi<Block, AccountId, Nonce>
        + pallet_transaction_payment_rpc::TransactionPaymentRuntimeApi<Block, Balance>
        + BlockBuilder<Block>
        + sp_api::Metadata<Block>
        + doin_primitives::api::DoinApi<Block>,
    P: TransactionPool + 'static,
    B: sc_client_api::Backend<Block> + 'static,
{
    use doin_rpc::{Doin, DoinApiServer};
    use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
    use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
    use substrate_frame_rpc_system::{System, SystemApiServer};

    let mut module = RpcModule::new(());
    let Dependencies {
        client,
        pool,
        grandpa,
        manual_seal,
        inference,
    } = dependencies;
    module.merge(System::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(
        Grandpa::new(
            grandpa.subscription_executor,
            grandpa.shared_authority_set,
            grandpa.shared_voter_state,
            grandpa.justification_stream,
            grandpa.finality_provider,
        )
        .into_rpc(),
    )?;
    module.merge(Doin::new(client).with_models(Arc::new(Models(inference))).into_rpc())?;
    if let Some(commands) = manual_seal {
        module.merge(ManualSeal::new(commands).into_rpc())?;
    }
    Ok(module)
}

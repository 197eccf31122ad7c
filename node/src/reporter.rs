//! What a person sees: a banner at the start, a line for each stage of an optimum, a line for each optimization
//! block; and the same as Prometheus metrics.

mod banner;
mod metrics;
mod stages;

pub use banner::Banner;

use crate::service::FullClient;
use doin_primitives::engine::CompatibleDigestItem;
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use std::sync::Arc;
use substrate_prometheus_endpoint::Registry;

/// The target of the log lines.
pub(crate) const LOG_TARGET: &str = "doin";

/// Follows the best chain and reports what happens on it. Ends with the node.
pub async fn run(client: Arc<FullClient>, registry: Option<Registry>) {
    let metrics = registry.as_ref().and_then(|registry| {
        metrics::Metrics::register(registry)
            .map_err(|error| log::warn!(target: LOG_TARGET, "metrics cannot be registered: {error}"))
            .ok()
    });
    let mut blocks = client.import_notification_stream();
    while let Some(block) = blocks.next().await {
        if !block.is_new_best || block.origin == sp_consensus::BlockOrigin::NetworkInitialSync {
            continue;
        }
        stages::report(&client, block.hash, &metrics);
        for item in sp_runtime::traits::Header::digest(&block.header).logs() {
            if let Some(doin_primitives::engine::ConsensusLog::Optimization(made)) = item.as_doin_log() {
                stages::report_optimization_block(&client, block.hash, &made, &metrics);
            }
        }
    }
}

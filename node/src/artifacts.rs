//! The node's parameters: its store, what it gives to peers and what it gets from them.

use doin_artifacts::{
    ArtifactMetrics, ArtifactServer, ArtifactStore, FetchService, Limits, NetworkTransport, Protocol,
};
use doin_primitives::{Block, Hash};
use doin_worker::{config::ArtifactConfiguration, NodeArtifacts};
use futures::FutureExt;
use sc_network::{service::traits::NetworkService, NetworkBackend};
use sc_network_sync::SyncingService;
use sc_service::SpawnTaskHandle;
use std::{path::Path, sync::Arc};
use substrate_prometheus_endpoint::Registry;

const MEBIBYTE: u64 = 1024 * 1024;

/// An open store and its protocol, before there is a network.
pub struct Artifacts {
    store: ArtifactStore,
    limits: Limits,
    protocol: Protocol,
}

impl Artifacts {
    /// Opens the store, and returns what the network has to be told of the protocol.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or written, or another process has it open.
    pub fn open<N: NetworkBackend<Block, Hash>>(
        folder: &Path,
        settings: &ArtifactConfiguration,
        genesis: Hash,
        fork: Option<&str>,
    ) -> Result<(Self, N::RequestResponseProtocolConfig), sc_service::Error> {
        let quota = settings.quota_mebibytes.saturating_mul(MEBIBYTE);
        let store = ArtifactStore::open(folder, quota)
            .map_err(|error| sc_service::Error::Other(format!("the store of parameters: {error}")))?;
        let limits = Limits {
            upload_bytes_per_second: f64::from(settings.upload_mebibytes_per_second) * MEBIBYTE as f64,
            parallel_peers: settings.parallel_peers as usize,
            ..Limits::default()
        };
        let (protocol, configuration) = Protocol::new::<Block, N>(genesis, fork, &limits);
        Ok((
            Self {
                store,
                limits,
                protocol,
            },
            configuration,
        ))
    }

    /// Begins to serve and to fetch. Both end with the node's tasks.
    pub fn start(
        self,
        network: Arc<dyn NetworkService>,
        sync: Arc<SyncingService<Block>>,
        spawner: &SpawnTaskHandle,
        registry: Option<&Registry>,
    ) -> Arc<NodeArtifacts> {
        let metrics = match registry.map(ArtifactMetrics::register) {
            None => ArtifactMetrics::default(),
            Some(Ok(metrics)) => metrics,
            Some(Err(error)) => {
                log::warn!("The figures of the artifacts protocol cannot be registered: {error}");
                ArtifactMetrics::default()
            }
        };
        let peers = move || {
            let sync = sync.clone();
            async move {
                let peers = sync.peers_info().await.unwrap_or_default();
                peers.into_iter().map(|(peer, _)| peer).collect()
            }
            .boxed()
        };
        let transport = Arc::new(NetworkTransport::new(network, self.protocol.name, Box::new(peers)));
        let server = ArtifactServer::new(
            self.store.clone(),
            self.protocol.requests,
            transport.clone(),
            self.limits.clone(),
            metrics.clone(),
        );
        let (fetcher, service) = FetchService::new(self.store.clone(), transport, self.limits, metrics);
        spawner.spawn("doin-artifacts-server", Some("artifacts"), server.run());
        spawner.spawn("doin-artifacts-fetcher", Some("artifacts"), service.run());
        Arc::new(NodeArtifacts::new(self.store, Some(fetcher)))
    }
}

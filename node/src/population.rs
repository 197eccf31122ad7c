//! The node's part in shared populations: what its network serves and its worker works on.

use doin_artifacts::NetworkTransport;
use doin_population::{Folder, Hub, Limits, PopulationMetrics, PopulationService, Protocol};
use doin_primitives::{Block, Hash};
use futures::FutureExt;
use sc_network::{service::traits::NetworkService, NetworkBackend};
use sc_network_sync::SyncingService;
use sc_service::SpawnTaskHandle;
use std::{path::PathBuf, sync::Arc};
use substrate_prometheus_endpoint::Registry;

/// The protocol, before there is a network.
pub struct Populations {
    folder: Folder,
    limits: Limits,
    protocol: Protocol,
}

impl Populations {
    /// The protocol, and what the network has to be told of it. The populations are kept in that folder.
    pub fn new<N: NetworkBackend<Block, Hash>>(
        folder: PathBuf,
        genesis: Hash,
        fork: Option<&str>,
    ) -> (Self, N::RequestResponseProtocolConfig) {
        let limits = Limits::default();
        let (protocol, configuration) = Protocol::new::<Block, N>(genesis, fork, &limits);
        let folder = Folder::new(folder);
        let populations = Self {
            folder,
            limits,
            protocol,
        };
        (populations, configuration)
    }

    /// Begins to talk to peers. Ends with the node's tasks.
    pub fn start(
        self,
        network: Arc<dyn NetworkService>,
        sync: Arc<SyncingService<Block>>,
        spawner: &SpawnTaskHandle,
        registry: Option<&Registry>,
    ) -> Hub {
        let metrics = match registry.map(PopulationMetrics::register) {
            None => PopulationMetrics::default(),
            Some(Ok(metrics)) => metrics,
            Some(Err(error)) => {
                log::warn!("The figures of the population protocol cannot be registered: {error}");
                PopulationMetrics::default()
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
        let hub = Hub::new(Some(self.folder));
        let service = PopulationService::new(hub.clone(), self.protocol.requests, transport, self.limits, metrics);
        spawner.spawn("doin-population", Some("population"), service.run());
        hub
    }
}

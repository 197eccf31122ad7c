//! What fetching and serving need of the network: a port, with sc-network behind it in a node.

use crate::{
    limits::Limits,
    protocol::{protocol_name, MAXIMUM_REQUEST_SIZE, MAXIMUM_RESPONSE_SIZE},
};
use async_trait::async_trait;
use futures::future::BoxFuture;
use sc_network::{
    request_responses::IncomingRequest, service::traits::NetworkService, IfDisconnected, NetworkBackend, ProtocolName,
    ReputationChange, RequestFailure,
};
use sc_network_types::PeerId;
use sp_runtime::traits::Block as BlockT;
use std::sync::Arc;

/// Asks peers.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// The peers that could be asked, in any order.
    async fn peers(&self) -> Vec<PeerId>;

    /// Sends a request to a peer and waits for its answer, which is no longer than the protocol allows.
    async fn request(&self, peer: PeerId, request: Vec<u8>) -> Result<Vec<u8>, RequestFailure>;

    /// Changes the reputation of a peer with this node. At the bottom the network disconnects it.
    fn report(&self, peer: PeerId, change: ReputationChange);
}

/// The two ends of the protocol, before there is a network.
pub struct Protocol {
    /// Its name.
    pub name: ProtocolName,
    /// What peers ask: for [`crate::ArtifactServer`].
    pub requests: async_channel::Receiver<IncomingRequest>,
}

impl Protocol {
    /// The protocol, and what the network has to be told of it.
    pub fn new<B: BlockT, N: NetworkBackend<B, B::Hash>>(
        genesis: B::Hash,
        fork: Option<&str>,
        limits: &Limits,
    ) -> (Self, N::RequestResponseProtocolConfig) {
        let (sender, requests) = async_channel::bounded(limits.queue);
        let name = ProtocolName::from(protocol_name(genesis, fork));
        let configuration = N::request_response_config(
            name.clone(),
            Vec::new(),
            MAXIMUM_REQUEST_SIZE as u64,
            MAXIMUM_RESPONSE_SIZE as u64,
            limits.request_timeout,
            Some(sender),
        );
        (Self { name, requests }, configuration)
    }
}

/// Says which peers the node is connected with.
pub type ConnectedPeers = Box<dyn Fn() -> BoxFuture<'static, Vec<PeerId>> + Send + Sync>;

/// A node's network.
pub struct NetworkTransport {
    network: Arc<dyn NetworkService>,
    protocol: ProtocolName,
    peers: ConnectedPeers,
}

impl NetworkTransport {
    /// Asks the peers that `peers` names, over the protocol of this name.
    pub fn new(network: Arc<dyn NetworkService>, protocol: ProtocolName, peers: ConnectedPeers) -> Self {
        Self {
            network,
            protocol,
            peers,
        }
    }
}

#[async_trait]
impl Transport for NetworkTransport {
    async fn peers(&self) -> Vec<PeerId> {
        (self.peers)().await
    }

    async fn request(&self, peer: PeerId, request: Vec<u8>) -> Result<Vec<u8>, RequestFailure> {
        // Over the connection that there is, whoever of the two has made it: a node that nobody can dial is asked, too.
        let answer = self
            .network
            .request(
                peer,
                self.protocol.clone(),
                request,
                None,
                IfDisconnected::ImmediateError,
            )
            .await;
        answer.map(|(message, _)| message)
    }

    fn report(&self, peer: PeerId, change: ReputationChange) {
        self.network.report_peer(peer, change);
    }
}

//! A peer that is no node: it speaks the chain's protocols by name, and says on them whatever the test wants.

use crate::network::Address;
use codec::Encode;
use doin_primitives::{Block, Hash};
use sc_network::{
    config::{
        FullNetworkConfiguration, NetworkConfiguration, NonReservedPeerMode, NotificationHandshake, Params, ProtocolId,
        Role, SetConfig,
    },
    service::traits::{NotificationEvent, NotificationService, ValidationResult},
    Litep2pNetworkBackend, NetworkBackend, PeerId,
};
use std::collections::BTreeSet;
use tokio::sync::{mpsc, oneshot};

type Backend = Litep2pNetworkBackend;
/// A notification, and where to say whether it was sent.
type Order = (Vec<u8>, oneshot::Sender<bool>);

/// What a peer can be told unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// New blocks.
    Announcements,
    /// Transactions.
    Transactions,
    /// GRANDPA's votes.
    Votes,
}

impl Protocol {
    const ALL: [Protocol; 3] = [Protocol::Announcements, Protocol::Transactions, Protocol::Votes];

    fn name(self, genesis: Hash) -> String {
        let suffix = match self {
            Protocol::Announcements => "block-announces/1",
            Protocol::Transactions => "transactions/1",
            Protocol::Votes => "grandpa/1",
        };
        format!("/{}/{suffix}", hex::encode(genesis))
    }
}

/// The peer.
pub struct Stranger {
    /// Its identity.
    pub id: PeerId,
    orders: Vec<(Protocol, mpsc::Sender<Order>)>,
    events: mpsc::UnboundedReceiver<(Protocol, NotificationEvent)>,
}

impl Stranger {
    /// Dials a node. To be called inside a tokio runtime.
    pub fn dial(number: u8, genesis: Hash, victim: &Address) -> Self {
        let own = Address::new(number);
        let mut network = NetworkConfiguration::new("stranger", "test", own.node_key(), None);
        network.listen_addresses = vec![own.listen()];
        network.boot_nodes = vec![victim.full()];
        network.allow_non_globals_in_dht = true;
        let mut configuration = FullNetworkConfiguration::<Block, Hash, Backend>::new(&network, None);
        let metrics = <Backend as NetworkBackend<Block, Hash>>::register_notification_metrics(None);
        tokio::spawn(sc_network::service::traits::PeerStore::run(
            configuration.take_peer_store(),
        ));

        let mut orders = vec![];
        let (event_sender, events) = mpsc::unbounded_channel();
        let mut announcements = None;
        for protocol in Protocol::ALL {
            // Roles (a full node), best block and genesis, as block announcements begin; the others begin with nothing.
            let handshake = (1u8, 0u32, genesis, genesis).encode();
            let (config, service) = <Backend as NetworkBackend<Block, Hash>>::notification_config(
                protocol.name(genesis).into(),
                vec![],
                16 * 1024 * 1024,
                (protocol == Protocol::Announcements).then(|| NotificationHandshake::from_bytes(handshake)),
                SetConfig {
                    in_peers: 25,
                    out_peers: if protocol == Protocol::Announcements { 25 } else { 0 },
                    reserved_nodes: vec![],
                    non_reserved_mode: NonReservedPeerMode::Accept,
                },
                metrics.clone(),
                configuration.peer_store_handle(),
            );
            match protocol {
                Protocol::Announcements => announcements = Some(config),
                _ => configuration.add_notification_protocol(config),
            }
            let (sender, receiver) = mpsc::channel(1);
            orders.push((protocol, sender));
            let (victim, event_sender) = (victim.full().peer_id, event_sender.clone());
            tokio::spawn(serve(protocol, service, victim, receiver, event_sender));
        }
        let backend = Backend::new(Params {
            role: Role::Full,
            executor: Box::new(|task| drop(tokio::spawn(task))),
            network_config: configuration,
            protocol_id: ProtocolId::from("doin"),
            genesis_hash: genesis,
            fork_id: None,
            metrics_registry: None,
            block_announce_config: announcements.expect("one of three"),
            ipfs_config: None,
            notification_metrics: metrics,
        })
        .expect("the network starts");
        tokio::spawn(<Backend as NetworkBackend<Block, Hash>>::run(backend));

        Stranger {
            id: own.full().peer_id,
            orders,
            events,
        }
    }

    /// Waits until all protocols are open.
    pub async fn connected(&mut self) {
        let mut open = BTreeSet::new();
        while open.len() < Protocol::ALL.len() {
            match self.events.recv().await.expect("the network lives") {
                (protocol, NotificationEvent::NotificationStreamOpened { .. }) => open.insert(protocol),
                (protocol, NotificationEvent::NotificationStreamClosed { .. }) => open.remove(&protocol),
                _ => continue,
            };
        }
    }

    /// Says something. Returns whether the node still listens.
    pub async fn say(&mut self, protocol: Protocol, notification: Vec<u8>) -> bool {
        let (answer, sent) = oneshot::channel();
        let (_, orders) = self
            .orders
            .iter()
            .find(|(other, _)| *other == protocol)
            .expect("one for each");
        orders.send((notification, answer)).await.expect("the task lives");
        sent.await.expect("the task lives")
    }

    /// Waits until the node has closed a protocol.
    pub async fn closed(&mut self, wanted: Protocol) {
        loop {
            let event = self.events.recv().await.expect("the network lives");
            if matches!(event, (protocol, NotificationEvent::NotificationStreamClosed { .. }) if protocol == wanted) {
                return;
            }
        }
    }
}

/// Lets everybody in, and says what it is told to.
async fn serve(
    protocol: Protocol,
    mut service: Box<dyn NotificationService>,
    victim: PeerId,
    mut orders: mpsc::Receiver<Order>,
    events: mpsc::UnboundedSender<(Protocol, NotificationEvent)>,
) {
    loop {
        tokio::select! {
            event = service.next_event() => match event {
                Some(NotificationEvent::ValidateInboundSubstream { result_tx, .. }) => {
                    let _ = result_tx.send(ValidationResult::Accept);
                }
                // What the node says is of no interest.
                Some(NotificationEvent::NotificationReceived { .. }) => {}
                Some(event) => drop(events.send((protocol, event))),
                None => return,
            },
            order = orders.recv() => match order {
                Some((notification, answer)) => {
                    let sent = service.send_async_notification(&victim, notification).await.is_ok();
                    let _ = answer.send(sent);
                }
                None => return,
            },
        }
    }
}

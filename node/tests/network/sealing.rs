//! Sealing on command makes blocks that nodes take which know nothing of it.

use crate::harness::{claim_in, transactions::transfer, Genesis, Network, Node};
use doin_consensus::manual_seal::{run, Parameters};
use doin_node::service::FullBackend;
use doin_primitives::{engine::ClaimKind, Block, Hash, DOIN};
use futures::{
    channel::{mpsc, oneshot},
    FutureExt, SinkExt, StreamExt,
};
use sc_client_api::{BlockImportNotification, BlockchainEvents};
use sc_consensus_manual_seal::{rpc::CreatedBlock, EngineCommand, Error as SealingError};
use sc_transaction_pool_api::MaintainedTransactionPool;
use sp_keyring::Sr25519Keyring::{Bob, Ferdie};
use sp_runtime::traits::Header as _;
use std::time::Duration;

/// What an answer may take on a slow machine. It is waited for as an event and mostly comes at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seals on a node as long as it lives.
fn seal_on(node: &Node, commands: Option<mpsc::Receiver<EngineCommand<Hash>>>) {
    node.spawn(run::<_, _, FullBackend, _, _, _, _>(Parameters {
        engine: node.engine.clone(),
        client: node.client.clone(),
        pool: node.pool.clone(),
        select_chain: node.select_chain.clone(),
        block_import: node.import.clone(),
        proposer: node.proposer.clone(),
        keystore: node.keystore.clone(),
        commands,
        interval: None,
    }));
}

/// Asks for a block on the best one or on `parent`, as the RPC does.
fn create(
    node: &Node,
    commands: &mut mpsc::Sender<EngineCommand<Hash>>,
    create_empty: bool,
    parent_hash: Option<Hash>,
) -> Result<CreatedBlock<Hash>, SealingError> {
    let (sender, answer) = oneshot::channel();
    let command = EngineCommand::SealNewBlock {
        create_empty,
        finalize: false,
        parent_hash,
        sender: Some(sender),
    };
    let created = node.wait(async {
        commands.send(command).await.expect("the sealer lives");
        tokio::time::timeout(PATIENCE, answer)
            .await
            .expect("an answer comes")
            .expect("the sealer lives")
    });
    if let Ok(created) = &created {
        tell_pool(node, created.hash);
    }
    created
}

/// In a node a task of the service tells the pool of blocks.
fn tell_pool(node: &Node, hash: Hash) {
    let event = sc_transaction_pool_api::ChainEvent::NewBestBlock { hash, tree_route: None };
    node.wait(node.pool.maintain(event));
}

#[test]
fn blocks_sealed_by_hand_are_valid_everywhere() {
    let network = Network::new(&Genesis::local());
    let node = network.node(0);
    let (mut commands, receiver) = mpsc::channel(8);
    seal_on(node, Some(receiver));

    let refused = create(node, &mut commands, false, None);
    assert!(
        matches!(refused, Err(SealingError::EmptyTransactionPool)),
        "{refused:?}"
    );
    let mut last = None;
    for round in 0..6 {
        // With and without a transaction.
        let create_empty = round % 2 == 0;
        if !create_empty {
            node.submit_signed(Ferdie, transfer(Bob.to_account_id(), DOIN));
        }
        let created = create(node, &mut commands, create_empty, None).expect("a block is made");
        assert!(created.aux.is_new_best);
        network.announce(0, &node.block(created.hash));
        last = Some(created.hash);
    }
    let best = network.agreed();
    assert_eq!(Some(best.hash()), last);
    assert_eq!(*best.number(), 6);
    assert_eq!(node.nonce(Ferdie), 3);
    for pair in node.chain().windows(2) {
        assert!(claim_in(&pair[0]).slot < claim_in(&pair[1]).slot);
    }

    // On another parent than the best.
    let parent = *node.header(*best.parent_hash()).parent_hash();
    let fork = create(node, &mut commands, true, Some(parent)).expect("a block is made");
    let header = node.header(fork.hash);
    assert_eq!(*header.parent_hash(), parent);
    for place in [1, 2] {
        network
            .node(place)
            .receive(node.block(fork.hash), None)
            .expect("it is valid");
    }
    network.agreed();
}

/// Follows the blocks that a node seals by itself until `stop` says so; tells pool and network of each.
fn follow(
    network: &Network,
    stream: &mut (impl futures::Stream<Item = BlockImportNotification<Block>> + Unpin),
    stop: impl Fn(&Network) -> bool,
) {
    let node = network.node(0);
    // The block is the best one before the stream tells of it: only what the others have too has been announced.
    while !(stop(network) && network.node(1).best() == node.best()) {
        let next = node.wait(async { tokio::time::timeout(PATIENCE, stream.next()).await });
        let hash = next.expect("a block comes").expect("the client lives").hash;
        tell_pool(node, hash);
        network.announce(0, &node.block(hash));
    }
}

#[test]
fn instant_sealing_answers_each_transaction_and_due_work_and_nothing_else() {
    let network = Network::new(&Genesis::local());
    let node = network.node(0);
    let mut stream = node.client.import_notification_stream();
    seal_on(node, None);

    // The chain begins at once: that is due work.
    follow(&network, &mut stream, |network| *network.node(0).best().number() >= 1);
    for sent in 1..=4 {
        node.submit_signed(Ferdie, transfer(Bob.to_account_id(), DOIN));
        follow(&network, &mut stream, |network| network.node(0).nonce(Ferdie) == sent);
    }
    let best = network.agreed();
    assert!(node
        .chain()
        .iter()
        .any(|header| claim_in(header).kind == ClaimKind::Secondary));
    // What comes without a transaction is due. Two such blocks at most: the chain's and an epoch's beginning.
    assert!(
        (5..=8).contains(best.number()),
        "{} blocks for four transactions",
        best.number()
    );
    assert!(stream.next().now_or_never().is_none(), "and then it is quiet");
}

//! Which chain is the best one: for authors, for block import, for GRANDPA.

use super::*;
use sp_consensus::SelectChain;

/// Extends by blocks of the given kinds.
fn grow(chain: &TestChain, from: &Header, ahead: u64, kinds: &[ClaimKind]) -> Vec<Header> {
    let mut parent = from.clone();
    let mut blocks = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        let ahead = if index == 0 { ahead } else { 1 };
        let header = chain.make(&parent, chain.next_slot(&parent, *kind, ahead), Plan::default());
        chain.offer(&header).expect("honest");
        blocks.push(header.clone());
        parent = header;
    }
    blocks
}

use ClaimKind::{Primary, Secondary};

#[test]
fn weight_counts_primary_slots() {
    let chain = TestChain::new();
    let blocks = grow(&chain, &chain.genesis(), 1, &[Primary, Secondary, Secondary, Primary]);
    let weights: Vec<_> = blocks.iter().map(|block| chain.weight(block)).collect();
    assert_eq!(weights, vec![Some(1), Some(1), Some(1), Some(2)]);
}

#[test]
fn a_heavier_chain_beats_a_longer_one() {
    let chain = TestChain::new();
    let root = grow(&chain, &chain.genesis(), 1, &[Primary]).remove(0);
    let long = grow(&chain, &root, 1, &[Secondary, Secondary, Secondary, Secondary]);
    assert_eq!(chain.best(), long[3]);
    let heavy = grow(&chain, &root, 1, &[Primary]);
    assert_eq!(
        chain.best(),
        heavy[0],
        "two blocks with weight 2 beat five with weight 1"
    );
    // The long one cannot come back by length.
    grow(&chain, &long[3], 1, &[Secondary]);
    assert_eq!(chain.best(), heavy[0]);
}

#[test]
fn of_two_equally_heavy_the_longer_wins_and_else_the_first() {
    let chain = TestChain::new();
    let root = grow(&chain, &chain.genesis(), 1, &[Primary]).remove(0);
    let first = grow(&chain, &root, 1, &[Secondary]);
    let second = grow(&chain, &root, 9, &[Secondary]);
    assert_eq!(chain.best(), first[0], "the first stays");
    let longer = grow(&chain, &second[0], 1, &[Secondary]);
    assert_eq!(chain.best(), longer[0]);
}

#[test]
fn many_forks_end_in_the_same_best_chain_on_every_node() {
    let maker = TestChain::new();
    let root = grow(&maker, &maker.genesis(), 1, &[Primary]).remove(0);
    let forks = [
        grow(&maker, &root, 1, &[Secondary, Primary, Secondary]),
        grow(&maker, &root, 2, &[Primary, Secondary]),
        grow(&maker, &root, 3, &[Primary, Primary]),
    ];
    assert_eq!(maker.best(), forks[2][1]);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let node = TestChain::new();
        node.offer(&root).expect("honest");
        for fork in order {
            for block in &forks[fork] {
                node.offer(block).expect("honest");
            }
        }
        assert_eq!(node.best(), maker.best(), "{order:?}");
    }
}

#[test]
fn a_parent_without_weight_is_an_error_and_not_a_guess() {
    let chain = TestChain::new();
    let blocks = grow(&chain, &chain.genesis(), 1, &[Primary, Secondary]);
    let child = chain.make(&blocks[0], chain.next_slot(&blocks[0], Primary, 1), Plan::default());
    chain
        .client
        .insert_aux(&[], &[&aux_schema::weight_key(blocks[0].hash())[..]])
        .expect("in memory");
    assert!(matches!(chain.offer(&child), Err(Error::UnknownWeight(_))));
}

#[test]
fn finality_removes_the_weights_below_and_beside() {
    let chain = TestChain::new();
    let trunk = grow(&chain, &chain.genesis(), 1, &[Primary, Secondary, Primary, Primary]);
    let stale = grow(&chain, &trunk[0], 1, &[Secondary]);
    let (sender, _receiver) = sc_utils::mpsc::tracing_unbounded("unpin", 100);
    let summary = sc_client_api::backend::FinalizeSummary {
        header: trunk[2].clone(),
        finalized: vec![trunk[1].hash(), trunk[2].hash()],
        stale_blocks: vec![sc_client_api::backend::StaleBlock {
            hash: stale[0].hash(),
            is_head: true,
        }],
    };
    let notification = sc_client_api::FinalityNotification::from_summary(summary, sender);
    let actions = chain.client.finality_actions.lock();
    assert_eq!(actions.len(), 1);
    for (key, value) in actions[0](&notification) {
        assert_eq!(value, None);
        chain.client.insert_aux(&[], &[&key[..]]).expect("in memory");
    }
    let kept: Vec<_> = trunk
        .iter()
        .chain(&stale)
        .map(|block| chain.weight(block).is_some())
        .collect();
    assert_eq!(kept, vec![false, false, true, true, false]);
    grow(&chain, &trunk[3], 1, &[Primary]);
}

#[test]
fn the_heaviest_leaf_above_a_finalized_best_block_is_the_best_chain() {
    let chain = TestChain::new();
    let root = grow(&chain, &chain.genesis(), 1, &[Primary]).remove(0);
    let fork = grow(&chain, &root, 1, &[Primary, Secondary, Secondary]);
    let other = grow(&chain, &root, 2, &[Primary, Primary]);
    assert_eq!(chain.best(), other[1]);
    // Finality turns the best block back to a block of the lighter fork.
    chain
        .client
        .backend
        .blockchain()
        .set_head(fork[0].hash())
        .expect("in memory");
    let best = block_on(chain.select_chain.best_chain()).expect("in memory");
    assert_eq!(best, fork[2], "not the finalized block below it, nor the other fork");
    // Block import compares with that too: a brother of a known block does not become the best.
    let brother = chain.make(&fork[0], chain.next_slot(&fork[0], Secondary, 5), Plan::default());
    assert!(!chain.offer(&brother).expect("honest").is_new_best);
}

#[test]
fn finality_targets_lie_on_the_best_chain() {
    let chain = TestChain::new();
    let trunk = grow(&chain, &chain.genesis(), 1, &[Primary, Primary, Primary, Primary]);
    let stale = grow(&chain, &trunk[0], 1, &[Secondary]);
    let target = |base: &Header, maximum| block_on(chain.select_chain.finality_target(base.hash(), maximum));
    assert_eq!(target(&trunk[0], None).expect("on the chain"), trunk[3].hash());
    assert_eq!(target(&trunk[0], Some(3)).expect("on the chain"), trunk[2].hash());
    assert_eq!(target(&trunk[3], None).expect("on the chain"), trunk[3].hash());
    assert_eq!(
        target(&chain.genesis(), Some(9)).expect("on the chain"),
        trunk[3].hash()
    );
    assert!(target(&stale[0], None).is_err(), "not on the best chain");
    assert!(target(&trunk[2], Some(1)).is_err(), "the base lies above the maximum");
    let mut leaves = block_on(chain.select_chain.leaves()).expect("in memory");
    let mut expected = vec![trunk[3].hash(), stale[0].hash()];
    leaves.sort();
    expected.sort();
    assert_eq!(leaves, expected);
}

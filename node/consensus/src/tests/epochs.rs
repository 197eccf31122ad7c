//! Epochs: announced, skipped, forked, rolled back.

use super::*;
use sc_consensus_epochs::Epoch as _;

fn refused(chain: &TestChain, parent: &Header, slot: Slot, announcements: Vec<NextEpochDescriptor>) -> Error {
    let plan = Plan {
        announcements: Some(announcements),
        ..Default::default()
    };
    chain
        .offer(&chain.make(parent, slot, plan))
        .expect_err("the announcement is wrong")
}

/// How many announcements the tree holds.
fn announced(chain: &TestChain) -> usize {
    chain.engine.epoch_changes().shared_data().tree().iter().count()
}

#[test]
fn the_first_block_of_an_epoch_and_no_other_announces_the_next() {
    let chain = TestChain::new();
    let genesis = chain.genesis();
    let slot = chain.next_slot(&genesis, ClaimKind::Primary, 1);
    let honest = chain.announcement(slot);

    assert!(matches!(
        refused(&chain, &genesis, slot, vec![]),
        Error::MissingEpochAnnouncement(_)
    ));
    let twice = refused(&chain, &genesis, slot, vec![honest.clone(), honest.clone()]);
    assert!(matches!(twice, Error::MultipleEpochAnnouncements));
    let nobody = NextEpochDescriptor {
        authorities: vec![],
        randomness: [0; 32],
    };
    assert!(matches!(
        refused(&chain, &genesis, slot, vec![nobody]),
        Error::EmptyEpochAnnouncement
    ));
    let weightless = NextEpochDescriptor {
        authorities: vec![(authority("//Alice"), 0)],
        randomness: [0; 32],
    };
    assert!(matches!(
        refused(&chain, &genesis, slot, vec![weightless]),
        Error::EmptyEpochAnnouncement
    ));
    assert_eq!(announced(&chain), 0);

    let first = chain.make(&genesis, slot, Plan::default());
    chain.offer(&first).expect("honest");
    assert_eq!(announced(&chain), 1);
    let second = chain.next_slot(&first, ClaimKind::Primary, 1);
    assert!(matches!(
        refused(&chain, &first, second, vec![honest]),
        Error::UnexpectedEpochAnnouncement(_)
    ));
    assert_eq!(announced(&chain), 1);
}

#[test]
fn an_epoch_takes_effect_with_its_own_first_slot() {
    let chain = TestChain::new();
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let start = slot_of(&first).expect("honest");
    let (inside, begins) = chain.epoch(&first, start + (EPOCH_LENGTH - 1));
    assert_eq!((inside.index, inside.randomness, begins), (0, [7; 32], false));
    let (next, begins) = chain.epoch(&first, start + EPOCH_LENGTH);
    assert_eq!(
        (next.index, next.randomness, begins),
        (1, chain.announcement(start).randomness, true)
    );
    assert_eq!(
        (next.start_slot(), next.end_slot()),
        (start + EPOCH_LENGTH, start + 2 * EPOCH_LENGTH)
    );
}

#[test]
fn skipped_epochs_leave_their_announcement_to_the_next_block() {
    let chain = TestChain::new();
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let start = slot_of(&first).expect("honest");

    // Nothing comes in epochs 1, 2 and 3.
    let late = chain.next_slot(&first, ClaimKind::Secondary, 4 * EPOCH_LENGTH + 3);
    let (epoch, begins) = chain.epoch(&first, late);
    assert_eq!(
        epoch.randomness,
        chain.announcement(start).randomness,
        "what was announced for epoch 1"
    );
    assert!(begins);
    let moved = epoch.for_slot(late);
    assert_eq!((moved.index, moved.start_slot()), (4, start + 4 * EPOCH_LENGTH));

    let second = chain.make(&first, late, Plan::default());
    chain.offer(&second).expect("the claim is made and checked for epoch 4");
    let (same, begins) = chain.epoch(&second, start + (5 * EPOCH_LENGTH - 1));
    assert_eq!((same.for_slot(late).index, begins), (4, false));
    let (next, begins) = chain.epoch(&second, start + 5 * EPOCH_LENGTH);
    assert_eq!(
        (next.index, next.randomness, begins),
        (5, chain.announcement(late).randomness, true)
    );

    // The chain goes on as usual.
    let third = chain.make(
        &second,
        chain.next_slot(&second, ClaimKind::Secondary, EPOCH_LENGTH),
        Plan::default(),
    );
    chain.offer(&third).expect("honest");
}

#[test]
fn a_claim_for_the_epoch_that_was_skipped_does_not_hold() {
    let chain = TestChain::new();
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let late = chain.next_slot(&first, ClaimKind::Secondary, 3 * EPOCH_LENGTH);
    // An author that does not count skipped epochs signs for epoch 1.
    let (mut epoch, _) = chain.epoch(&first, late);
    epoch.0.duration = u64::MAX;
    let own = claim_slot(late, &epoch, &chain.keystore).expect("Alice leads every slot");
    let mut header = unsealed(&first, own.claim, chain.logs(&first, late, Plan::default()));
    let seal = seal(&chain.keystore, &own.authority, &header).expect("the key is here");
    header.digest_mut().push(seal);
    assert!(matches!(chain.offer(&header), Err(Error::WrongVrf { .. })));
}

#[test]
fn forks_keep_their_own_epochs() {
    let chain = TestChain::new();
    let root = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let start = slot_of(&root).expect("honest");
    // Both forks begin epoch 1, in different slots and so with different announcements.
    let left = chain.make(
        &root,
        chain.next_slot(&root, ClaimKind::Primary, EPOCH_LENGTH),
        Plan::default(),
    );
    let right = chain.make(&root, slot_of(&left).expect("honest") + 1, Plan::default());
    chain.offer(&left).expect("honest");
    chain.offer(&right).expect("honest");
    for fork in [&left, &right] {
        let (epoch, _) = chain.epoch(fork, start + 2 * EPOCH_LENGTH);
        assert_eq!(
            epoch.randomness,
            chain.announcement(slot_of(fork).expect("honest")).randomness
        );
    }
}

#[test]
fn a_failed_import_leaves_no_trace_in_the_epoch_tree() {
    let chain = TestChain::new();
    let genesis = chain.genesis();
    let header = chain.make(
        &genesis,
        chain.next_slot(&genesis, ClaimKind::Primary, 1),
        Plan::default(),
    );
    chain.inner.fails.store(true, Ordering::SeqCst);
    assert!(matches!(chain.offer(&header), Err(Error::Consensus(_))));
    assert_eq!(announced(&chain), 0);
    assert_eq!(chain.weight(&header), None);

    // It is no verdict on the block: it may come again.
    chain.inner.fails.store(false, Ordering::SeqCst);
    chain.offer(&header).expect("honest");
    assert_eq!(announced(&chain), 1);
}

#[test]
fn the_tree_is_found_again_after_a_restart() {
    let chain = TestChain::new();
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let again = TestChain::over(
        chain.client.clone(),
        chain.keystore.clone(),
        chain.authorities.clone(),
        Checkpoints::default(),
    )
    .expect("a good database");
    assert_eq!(announced(&again), 1);
    let second = again.make(
        &first,
        again.next_slot(&first, ClaimKind::Primary, EPOCH_LENGTH),
        Plan::default(),
    );
    again.offer(&second).expect("honest");
}

#[test]
fn a_node_that_was_away_for_three_epochs_catches_up() {
    let chain = TestChain::new();
    let mut blocks = vec![chain.extend(&chain.genesis(), ClaimKind::Primary)];
    while slot_of(&blocks[blocks.len() - 1]).expect("honest") < GENESIS_SLOT + 3 * EPOCH_LENGTH + 5 {
        let parent = &blocks[blocks.len() - 1];
        let header = chain.make(
            parent,
            chain.next_slot(parent, ClaimKind::Secondary, 7),
            Plan::default(),
        );
        chain.offer(&header).expect("honest");
        blocks.push(header);
    }
    let late = TestChain::new();
    for block in &blocks {
        late.offer(block).expect("what one node takes the other takes");
    }
    assert_eq!(late.best(), chain.best());
    assert_eq!(announced(&late), announced(&chain));
    assert!(announced(&late) >= 4);
}

#[test]
fn a_state_import_takes_the_epochs_from_the_state() {
    let chain = TestChain::new();
    let epoch = |index: u64| doin_primitives::engine::Epoch {
        index,
        start_slot: (GENESIS_SLOT + index * EPOCH_LENGTH).into(),
        duration: EPOCH_LENGTH,
        authorities: chain.authorities.clone(),
        randomness: [index as u8; 32],
        primary_probability: (1, 4),
    };
    chain.say(|api| api.epochs = Some((epoch(6), epoch(7))));

    // The target of a warp sync: the engine knows no epoch for it, and nobody has verified it.
    let slot = Slot::from(GENESIS_SLOT + 6 * EPOCH_LENGTH + 3);
    let claim = claim_slot(slot, &Epoch(epoch(6)), &chain.keystore)
        .expect("Alice leads every slot")
        .claim;
    let parent = Header::new(
        1,
        Default::default(),
        Default::default(),
        chain.genesis().hash(),
        Digest::default(),
    );
    chain
        .client
        .backend
        .blockchain()
        .insert(parent.hash(), parent.clone(), None, None, NewBlockState::Normal, false)
        .expect("in memory");
    let target = unsealed(&parent, claim, vec![]);
    let mut block = BlockImportParams::new(BlockOrigin::NetworkInitialSync, target.clone());
    block.state_action =
        sc_consensus::StateAction::ApplyChanges(sc_consensus::StorageChanges::Import(sc_consensus::ImportedState {
            block: target.hash(),
            state: sp_state_machine::KeyValueStates(vec![]),
        }));
    let block = chain.verifier.check(block).expect("not verified");
    assert!(chain.import(block).expect("finality has proven it").is_new_best);
    assert_eq!(chain.weight(&target), Some(0));
    let (current, begins) = chain.epoch(&target, slot + 1);
    assert_eq!((current.index, begins), (6, false));
    let (next, begins) = chain.epoch(&target, (GENESIS_SLOT + 7 * EPOCH_LENGTH).into());
    assert_eq!((next.index, next.randomness, begins), (7, [7; 32], true));
    let child = chain.make(
        &target,
        chain.next_slot(&target, ClaimKind::Primary, 1),
        Plan::default(),
    );
    chain.offer(&child).expect("the chain goes on under all rules");
    assert_eq!(chain.weight(&child), Some(1));
}

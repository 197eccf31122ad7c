//! Checkpoints, and taking blocks back.

use super::*;

fn checkpoint(number: u32, hash: Hash) -> Checkpoints<Block> {
    Checkpoints::new([Checkpoint { number, hash }]).expect("one does not contradict itself")
}

#[test]
fn checkpoints_are_written_as_number_and_hash() {
    let hash = Hash::repeat_byte(0xab);
    let text = format!("17:{hash:?}");
    assert_eq!(
        text.parse::<CheckpointFor<Block>>().expect("well formed"),
        Checkpoint { number: 17, hash }
    );
    let without_prefix = text.replace("0x", "");
    assert_eq!(
        without_prefix.parse::<Checkpoint>().expect("well formed"),
        Checkpoint { number: 17, hash }
    );
    for wrong in [
        "",
        "17",
        "17:",
        ":0xab",
        "x:0xab",
        "17:0xab",
        "-1:0xab",
        &format!("17-{hash:?}"),
    ] {
        let error = wrong.parse::<Checkpoint>().expect_err(wrong);
        assert!(
            matches!(&error, Error::MalformedCheckpoint { text, .. } if text == wrong),
            "{error}"
        );
    }
}

#[test]
fn contradictory_checkpoints_are_an_error() {
    let one = Checkpoint {
        number: 1,
        hash: Hash::repeat_byte(1),
    };
    let other = Checkpoint {
        number: 1,
        hash: Hash::repeat_byte(2),
    };
    assert!(Checkpoints::<Block>::new([one, one]).is_ok());
    assert!(matches!(
        Checkpoints::<Block>::new([one, other]),
        Err(Error::ContradictoryCheckpoints(_))
    ));
}

#[test]
fn a_chain_that_contradicts_a_checkpoint_is_refused() {
    let asked_for = TestChain::new();
    let right = asked_for.extend(&asked_for.genesis(), ClaimKind::Primary);
    let chain = TestChain::with(&[("//Alice", 1_000)], checkpoint(1, right.hash()));

    let genesis = chain.genesis();
    let wrong = chain.make(
        &genesis,
        chain.next_slot(&genesis, ClaimKind::Primary, 90),
        Plan::default(),
    );
    assert!(matches!(
        chain.offer(&wrong),
        Err(Error::CheckpointContradiction { .. })
    ));
    let refused = || {
        let metrics = chain.engine.metrics().expect("the tests have a registry");
        metrics.refused("CheckpointContradiction")
    };
    let counted = refused();
    let parameters = BlockCheckParams {
        hash: wrong.hash(),
        number: 1,
        parent_hash: genesis.hash(),
        allow_missing_state: true,
        allow_missing_parent: true,
        import_existing: false,
    };
    assert_eq!(
        block_on(chain.import.check_block(parameters)).expect("no error"),
        ImportResult::KnownBad
    );
    assert_eq!(refused(), counted + 1, "the import queue asks no further");
    // Whatever way it comes: as the target of a warp sync, or made by ourselves.
    let warp = BlockImportParams::new(BlockOrigin::WarpSync, wrong);
    assert!(matches!(chain.import(warp), Err(Error::CheckpointContradiction { .. })));
    assert_eq!(refused(), counted + 2);

    chain.offer(&right).expect("the chain that was asked for");
}

#[test]
fn a_database_that_contradicts_a_checkpoint_stops_the_start() {
    let chain = TestChain::new();
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let start = |checkpoints| {
        TestChain::over(
            chain.client.clone(),
            chain.keystore.clone(),
            chain.authorities.clone(),
            checkpoints,
        )
    };
    assert!(start(checkpoint(1, first.hash())).is_ok());
    assert!(start(checkpoint(2, Hash::repeat_byte(1))).is_ok(), "not there yet");
    let error = start(checkpoint(1, Hash::repeat_byte(1))).err().expect("another chain");
    assert!(matches!(&error, Error::CheckpointContradiction { number, .. } if number == "1"));
}

#[test]
fn a_configuration_without_sense_stops_the_start() {
    let start = |change: fn(&mut EngineConfiguration)| {
        let chain = TestChain::new();
        chain.say(|api| change(&mut api.configuration));
        TestChain::over(
            chain.client.clone(),
            chain.keystore.clone(),
            vec![],
            Checkpoints::default(),
        )
        .err()
    };
    assert!(matches!(
        start(|c| c.slot_duration = 0),
        Some(Error::WrongConfiguration(_))
    ));
    assert!(matches!(
        start(|c| c.epoch_length = 0),
        Some(Error::WrongConfiguration(_))
    ));
    assert!(matches!(
        start(|c| c.primary_probability.1 = 0),
        Some(Error::WrongConfiguration(_))
    ));
}

#[test]
fn a_revert_takes_epochs_and_weights_with_the_blocks() {
    let chain = TestChain::new();
    let mut blocks = vec![chain.extend(&chain.genesis(), ClaimKind::Primary)];
    blocks.push(chain.extend(&blocks[0], ClaimKind::Primary));
    let third = chain.make(
        &blocks[1],
        chain.next_slot(&blocks[1], ClaimKind::Primary, EPOCH_LENGTH),
        Plan::default(),
    );
    chain.offer(&third).expect("begins epoch 1");
    let side = chain.make(
        &blocks[1],
        chain.next_slot(&blocks[1], ClaimKind::Secondary, 1),
        Plan::default(),
    );
    chain.offer(&side).expect("honest");

    revert::<Block, _, _>(chain.client.clone(), chain.client.backend.clone(), 1).expect("in memory");
    let tree = aux_schema::load_epoch_changes::<Block, _>(&*chain.client).expect("in memory");
    assert_eq!(
        tree.shared_data().tree().iter().count(),
        1,
        "epoch 2 was announced in the block that goes"
    );
    assert_eq!(chain.weight(&third), None);
    assert_eq!(chain.weight(&side), None, "its fork goes too");
    assert_eq!(chain.weight(&blocks[1]), Some(2));

    revert::<Block, _, _>(chain.client.clone(), chain.client.backend.clone(), 9).expect("in memory");
    let tree = aux_schema::load_epoch_changes::<Block, _>(&*chain.client).expect("in memory");
    assert_eq!(tree.shared_data().tree().iter().count(), 0);
    assert_eq!(chain.weight(&blocks[0]), None);
}

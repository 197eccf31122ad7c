//! The rules that need the parent's state, and what is let through without them.

use super::*;
use crate::equivocation::{sight, Sighting};
use doin_primitives::engine::check_equivocation_proof;
use sc_consensus::StateAction;
use sp_blockchain::BlockGapType;

fn empty() -> Plan {
    Plan {
        transactions: 0,
        ..Default::default()
    }
}

/// A chain whose first block is there, so that no epoch begins.
fn begun() -> (TestChain, Header) {
    let chain = TestChain::new();
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    (chain, first)
}

#[test]
fn a_secondary_block_with_nothing_to_do_is_refused() {
    let (chain, first) = begun();
    let header = chain.make(&first, chain.next_slot(&first, ClaimKind::Secondary, 1), empty());
    let error = chain.offer(&header).expect_err("nothing to do");
    assert!(matches!(error, Error::NothingToDo { .. }));
    assert!(error.is_refusal());
    assert_eq!(error.name(), "NothingToDo");
    assert_eq!(chain.best(), first);
    assert_eq!(chain.weight(&header), None);
}

#[test]
fn a_secondary_block_is_valid_with_a_transaction() {
    let (chain, first) = begun();
    let slot = chain.next_slot(&first, ClaimKind::Secondary, 1);
    chain
        .offer(&chain.make(
            &first,
            slot,
            Plan {
                transactions: 1,
                ..Default::default()
            },
        ))
        .expect("one transaction");
}

#[test]
fn a_secondary_block_is_valid_with_due_work_in_its_slot() {
    let (chain, first) = begun();
    let slot = chain.next_slot(&first, ClaimKind::Secondary, 1);
    chain.say(|api| api.due_work.extend([u64::from(slot) + 1]));
    assert!(matches!(
        chain.offer(&chain.make(&first, slot, empty())),
        Err(Error::NothingToDo { .. })
    ));
    chain.say(|api| api.due_work.extend([u64::from(slot)]));
    chain.offer(&chain.make(&first, slot, empty())).expect("work is due");
}

#[test]
fn a_secondary_block_is_valid_after_a_long_silence() {
    let (chain, first) = begun();
    let parent = u64::from(slot_of(&first).expect("honest"));
    // Both slots are Alice's in any case, but perhaps as primary: look for a pair around the limit on some ancestor.
    let slot = |ahead| Slot::from(parent + ahead);
    let kind = |ahead| {
        chain
            .claim(&first, slot(ahead))
            .expect("Alice leads every slot")
            .claim
            .kind
    };
    if kind(IDLE_SLOTS - 1) == ClaimKind::Secondary {
        let early = chain.offer(&chain.make(&first, slot(IDLE_SLOTS - 1), empty()));
        assert!(matches!(early, Err(Error::NothingToDo { .. })));
    }
    chain
        .offer(&chain.make(&first, slot(IDLE_SLOTS), empty()))
        .expect("a sign of life");

    // The idle time is the parent state's, not this node's.
    let (chain, first) = begun();
    chain.say(|api| api.configuration.idle_slots = 2);
    let header = chain.make(&first, chain.next_slot(&first, ClaimKind::Secondary, 2), empty());
    chain.offer(&header).expect("the runtime was upgraded");
}

#[test]
fn a_secondary_block_is_valid_when_it_begins_an_epoch() {
    let chain = TestChain::new();
    let genesis = chain.genesis();
    let first = chain.make(&genesis, chain.next_slot(&genesis, ClaimKind::Secondary, 1), empty());
    chain.offer(&first).expect("begins epoch 0");
    let second = chain.make(
        &first,
        chain.next_slot(&first, ClaimKind::Secondary, EPOCH_LENGTH),
        empty(),
    );
    chain.offer(&second).expect("begins epoch 1");
}

#[test]
fn a_primary_block_may_be_empty() {
    let (chain, first) = begun();
    chain
        .offer(&chain.make(&first, chain.next_slot(&first, ClaimKind::Primary, 1), empty()))
        .expect("a primary");
}

#[test]
fn the_summary_is_there_once() {
    let (chain, first) = begun();
    let slot = chain.next_slot(&first, ClaimKind::Primary, 1);
    let offer = |summaries| {
        chain.offer(&chain.make(
            &first,
            slot,
            Plan {
                summaries,
                ..Default::default()
            },
        ))
    };
    assert!(matches!(offer(0), Err(Error::MissingSummary)));
    assert!(matches!(offer(2), Err(Error::MultipleSummaries)));
    assert!(offer(1).is_ok());
}

#[test]
fn wrong_inherents_are_refused_but_not_remembered() {
    let (chain, first) = begun();
    let header = chain.make(&first, chain.next_slot(&first, ClaimKind::Primary, 1), Plan::default());
    chain.say(|api| api.inherents_are_wrong = true);
    let error = chain.offer(&header).expect_err("a future timestamp");
    assert!(matches!(error, Error::WrongInherents(_)) && !error.is_refusal());
    assert!(error.to_string().contains("future"), "{error}");
    chain.say(|api| api.inherents_are_wrong = false);
    chain.offer(&header).expect("time has gone on");
}

#[test]
fn without_the_verifier_nothing_is_imported() {
    let (chain, first) = begun();
    let header = chain.make(&first, chain.next_slot(&first, ClaimKind::Primary, 1), Plan::default());
    assert!(matches!(
        chain.import(arrived(&header)),
        Err(Error::Consensus(ConsensusError::NoIntermediate))
    ));
}

#[test]
fn the_slot_is_compared_with_the_parents_in_import_too() {
    let (chain, first) = begun();
    let second = chain.make(&first, chain.next_slot(&first, ClaimKind::Primary, 1), Plan::default());
    let mut block = chain.verifier.check(arrived(&second)).expect("honest");
    chain.offer(&second).expect("honest");
    // The same claim on top of its own block.
    block.header.set_parent_hash(second.hash());
    block.header.set_number(3);
    block.post_hash = None;
    assert!(matches!(chain.import(block), Err(Error::SlotNotIncreasing { .. })));
}

#[test]
fn a_known_block_stays_where_it_is() {
    let (chain, first) = begun();
    assert!(!chain.offer(&first).expect("known").is_new_best);
    assert_eq!(chain.best(), first);
}

#[test]
fn blocks_of_a_warp_sync_and_of_its_gap_are_taken_without_rules_and_never_best() {
    let (chain, first) = begun();
    let bare = Header::new(
        2,
        Default::default(),
        Default::default(),
        first.hash(),
        Digest::default(),
    );
    let mut warp = BlockImportParams::new(BlockOrigin::WarpSync, bare.clone());
    warp.body = None;
    assert!(!chain.import(warp).expect("finality has proven it").is_new_best);
    assert_eq!(chain.weight(&bare), None);

    *chain.client.gap.lock() = Some(BlockGap {
        start: 1,
        end: 2,
        gap_type: BlockGapType::MissingHeaderAndBody,
    });
    let gap = Header::new(
        2,
        Default::default(),
        Hash::repeat_byte(2),
        first.hash(),
        Digest::default(),
    );
    let block = chain.verifier.check(arrived(&gap)).expect("not verified");
    assert!(!chain.import(block).expect("the target commits to it").is_new_best);
}

#[test]
fn without_execution_there_is_no_state_to_ask() {
    let (chain, first) = begun();
    let header = chain.make(&first, chain.next_slot(&first, ClaimKind::Secondary, 1), empty());
    let mut block = chain.verifier.check(arrived(&header)).expect("honest header");
    block.state_action = StateAction::Skip;
    chain.import(block).expect("headers of a fast synchronization");
}

#[test]
fn a_refused_block_is_known_to_be_bad() {
    let (chain, first) = begun();
    let header = chain.make(&first, chain.next_slot(&first, ClaimKind::Secondary, 1), empty());
    let check = |hash, number| {
        let parameters = BlockCheckParams {
            hash,
            number,
            parent_hash: first.hash(),
            allow_missing_state: false,
            allow_missing_parent: false,
            import_existing: false,
        };
        block_on(chain.import.check_block(parameters)).expect("no error")
    };
    assert_ne!(check(header.hash(), 2), ImportResult::KnownBad);
    chain.offer(&header).expect_err("nothing to do");
    assert_eq!(check(header.hash(), 2), ImportResult::KnownBad);
}

#[test]
fn hooks_hear_of_imported_blocks() {
    let chain = TestChain::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = heard.clone();
    chain.engine.on_import(Arc::new(move |block: &ImportedBlock<Block>| {
        sink.lock().push(block.clone())
    }));
    let first = chain.extend(&chain.genesis(), ClaimKind::Primary);
    let slot = slot_of(&first).expect("honest");
    let expected = ImportedBlock {
        hash: first.hash(),
        number: 1,
        slot,
        kind: ClaimKind::Primary,
        weight: 1,
        is_best: true,
        optimization: None,
    };
    assert_eq!(*heard.lock(), vec![expected]);
}

#[test]
fn two_blocks_in_a_slot_prove_an_equivocation() {
    let (chain, first) = begun();
    let slot = chain.next_slot(&first, ClaimKind::Primary, 1);
    let one = chain.make(
        &first,
        slot,
        Plan {
            transactions: 1,
            ..Default::default()
        },
    );
    let other = chain.make(
        &first,
        slot,
        Plan {
            transactions: 2,
            ..Default::default()
        },
    );
    let author = authority("//Alice");
    let see = |header| {
        let seen = Sighting {
            header,
            author: &author,
            slot,
            now: NOW.into(),
        };
        sight(&*chain.client, &chain.engine, &seen).expect("in memory")
    };
    assert_eq!(see(&one), None);
    assert_eq!(see(&one), None, "the same block twice is no equivocation");
    let proof = see(&other).expect("two blocks");
    assert_eq!(proof.offender, author);
    assert!(
        check_equivocation_proof(proof),
        "the runtime can verify it, for the headers have their seals"
    );
}

#[test]
fn both_blocks_of_an_equivocation_are_imported_and_seen() {
    let (chain, first) = begun();
    let slot = chain.next_slot(&first, ClaimKind::Primary, 1);
    for transactions in [1, 2] {
        chain
            .offer(&chain.make(
                &first,
                slot,
                Plan {
                    transactions,
                    ..Default::default()
                },
            ))
            .expect("valid by itself");
    }
    let third = chain.make(
        &first,
        slot,
        Plan {
            transactions: 3,
            ..Default::default()
        },
    );
    let author = authority("//Alice");
    let seen = Sighting {
        header: &third,
        author: &author,
        slot,
        now: NOW.into(),
    };
    let proof = sight(&*chain.client, &chain.engine, &seen)
        .expect("in memory")
        .expect("import has kept the first");
    assert!(check_equivocation_proof(proof));
}

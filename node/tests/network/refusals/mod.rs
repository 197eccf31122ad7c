//! Blocks with one fault each. None is taken, each for the reason that its fault has, and the chain goes on.

mod stage;

use crate::harness::{
    claim_in,
    forge::Draft,
    transactions::{signed, transfer},
};
use doin_consensus::Error;
use doin_primitives::{
    engine::{BlockSummary, ClaimKind, CompatibleDigestItem, ConsensusLog, NextEpochDescriptor, SlotClaim, ENGINE_ID},
    Block, DOIN,
};
use sp_keyring::Sr25519Keyring::{Bob, Ferdie, Two};
use sp_runtime::{
    traits::{Block as _, Header as _},
    DigestItem,
};
use stage::{execution, timestamp, Stage};

/// The length of an epoch in the presets for tests.
const EPOCH: u64 = 50;

#[test]
fn faults_in_the_claim() {
    let mut stage = Stage::new();
    let slot = stage.network.slot();
    let epoch = stage.network.node(0).epoch(&stage.parent, slot);

    let foreign = stage.vrf(stage.author, slot + 1, epoch.index, epoch.randomness);
    let block = stage.sealed(stage.draft().claim(|claim| claim.vrf_signature = foreign));
    stage.refused("the proof of another slot", block, |error| {
        matches!(error, Error::WrongVrf { .. })
    });

    let old = stage.vrf(stage.author, slot, epoch.index.wrapping_sub(1), epoch.randomness);
    let block = stage.sealed(stage.draft().claim(|claim| claim.vrf_signature = old));
    stage.refused("the proof of another epoch", block, |error| {
        matches!(error, Error::WrongVrf { .. })
    });

    let stale = stage.vrf(stage.author, slot, epoch.index, [9; 32]);
    let block = stage.sealed(stage.draft().claim(|claim| claim.vrf_signature = stale));
    stage.refused("the proof of another randomness", block, |error| {
        matches!(error, Error::WrongVrf { .. })
    });

    let (other, _, index) = stage.other();
    let proof = stage.vrf(other, slot, epoch.index, epoch.randomness);
    let block = stage.sealed(stage.draft().claim(|claim| claim.vrf_signature = proof));
    stage.refused("another's proof", block, |error| {
        matches!(error, Error::WrongVrf { .. })
    });

    let block = stage.sealed(stage.draft().claim(|claim| claim.authority_index = index));
    stage.refused("another's index", block, |error| {
        matches!(error, Error::WrongVrf { .. })
    });

    let block = stage.sealed(stage.draft().claim(|claim| claim.authority_index = 3));
    let expected = |error: &Error| matches!(error, Error::UnknownAuthority { index: 3, count: 3 });
    stage.refused("an index beyond the list", block, expected);

    // A slot that was not won, and one that another leads.
    stage.next(ClaimKind::Secondary);
    let block = stage.sealed(stage.draft().claim(|claim| claim.kind = ClaimKind::Primary));
    stage.refused("a slot that was not won", block, |error| {
        matches!(error, Error::ThresholdExceeded { .. })
    });
    let (other, key, index) = stage.other();
    let slot = stage.network.slot();
    let epoch = stage.network.node(0).epoch(&stage.parent, slot);
    let claim = SlotClaim {
        slot,
        authority_index: index,
        kind: ClaimKind::Secondary,
        vrf_signature: stage.vrf(other, slot, epoch.index, epoch.randomness),
    };
    let draft = Draft::propose(stage.network.node(other), &stage.parent, claim);
    let block = draft.seal(&stage.network.node(other).keystore, &key);
    stage.refused("a slot that another leads", block, |error| {
        matches!(error, Error::WrongLeader { .. })
    });
    stage.next(ClaimKind::Primary);
}

#[test]
fn faults_in_the_header() {
    let mut stage = Stage::new();
    let twice = DigestItem::doin_pre_digest(stage.own.claim.clone());
    let block = stage.sealed(stage.draft().digest(|logs| logs.push(twice)));
    stage.refused("two pre-digests", block, |error| {
        matches!(error, Error::MultiplePreDigests)
    });

    let hidden = DigestItem::PreRuntime(ENGINE_ID, vec![9]);
    let block = stage.sealed(stage.draft().digest(|logs| logs.insert(0, hidden)));
    stage.refused("two pre-digests, one of which says nothing", block, |error| {
        matches!(error, Error::MultiplePreDigests)
    });

    let block = stage.sealed(stage.draft().digest(|logs| drop(logs.remove(0))));
    stage.refused("no pre-digest", block, |error| matches!(error, Error::NoPreDigest));

    let block = stage.sealed(
        stage
            .draft()
            .digest(|logs| logs[0] = DigestItem::PreRuntime(ENGINE_ID, vec![0; 50])),
    );
    stage.refused("a pre-digest that does not decode", block, |error| {
        matches!(error, Error::MalformedPreDigest)
    });

    let block = stage.draft().unsealed();
    stage.refused("no seal", block, |error| matches!(error, Error::Unsealed));

    let (other, key, _) = stage.other();
    let block = stage.draft().seal(&stage.network.node(other).keystore, &key);
    stage.refused("another's seal", block, |error| {
        matches!(error, Error::WrongSeal { .. })
    });

    let (mut header, body) = stage.sealed(stage.draft()).deconstruct();
    header.set_state_root(Default::default());
    let block = Block::new(header, body);
    stage.refused("a seal over another header", block, |error| {
        matches!(error, Error::WrongSeal { .. })
    });

    let (mut header, body) = stage.sealed(stage.draft()).deconstruct();
    header.digest_mut().push(DigestItem::Other(vec![1]));
    let block = Block::new(header, body);
    stage.refused("something after the seal", block, |error| {
        matches!(error, Error::Unsealed)
    });

    // What only execution can tell.
    let mut draft = stage.draft();
    draft.header.set_state_root(Default::default());
    stage.refused("another state", stage.sealed(draft), execution);
    stage.next(ClaimKind::Primary);
    let block = stage.sealed(stage.draft().digest(|logs| logs.push(DigestItem::Other(vec![1]))));
    stage.refused("a digest that the runtime did not make", block, execution);
    stage.next(ClaimKind::Primary);
}

#[test]
fn faults_in_time() {
    let mut stage = Stage::new();
    let parent_slot = claim_in(&stage.parent).slot;
    for slot in [parent_slot, parent_slot.saturating_sub(1u64)] {
        let block = stage.sealed(stage.draft().claim(|claim| claim.slot = slot));
        let expected =
            |error: &Error| matches!(error, Error::SlotNotIncreasing { parent, .. } if *parent == parent_slot);
        stage.refused("a slot that is over", block, expected);
    }

    // The timestamp belongs to the slot and to this time.
    let slot = stage.network.slot();
    let block = stage.sealed(stage.draft().body(|body| body[0] = timestamp(slot + 1)));
    stage.refused("a timestamp after the slot", block, execution);
    stage.next(ClaimKind::Primary);
    // Also one that is later than the parent's.
    while claim_in(&stage.parent).slot + 1 == stage.network.slot() {
        stage.wait(ClaimKind::Primary);
    }
    let slot = stage.network.slot();
    let block = stage.sealed(
        stage
            .draft()
            .body(|body| body[0] = timestamp(slot.saturating_sub(1u64))),
    );
    stage.refused("a timestamp before the slot", block, execution);
    stage.next(ClaimKind::Primary);
    let slot = stage.network.slot();
    let block = stage.sealed(stage.draft().body(|body| body[0] = timestamp(slot + 100)));
    stage.refused("a timestamp in the future", block, |error| {
        matches!(error, Error::WrongInherents(_))
    });
    stage.next(ClaimKind::Primary);
    stage.refused("no timestamp", stage.sealed(stage.draft().body(Vec::clear)), |error| {
        execution(error) || matches!(error, Error::WrongInherents(_))
    });
    stage.next(ClaimKind::Primary);
    let twice = timestamp(stage.network.slot());
    stage.refused(
        "two timestamps",
        stage.sealed(stage.draft().body(|body| body.push(twice))),
        execution,
    );
    stage.next(ClaimKind::Primary);

    // Two slots ahead is too much. When its time has come the block is as good as any.
    let now = stage.network.slot();
    let (author, own) = (2..200)
        .find_map(|ahead| stage.claim_at(now + ahead, ClaimKind::Primary))
        .expect("two hundred slots have one");
    (stage.author, stage.own) = (author, own);
    let early = stage.sealed(stage.draft());
    let ahead = u64::from(stage.own.claim.slot) - u64::from(now);
    let expected = |error: &Error| matches!(error, Error::FutureSlot { now: clock, .. } if *clock == now);
    stage.refused("a slot in the future", early.clone(), expected);
    stage.network.let_pass(ahead - 1);
    for place in stage.network.running() {
        stage
            .network
            .node(place)
            .receive(early.clone(), None)
            .expect("one slot ahead is a matter of clocks");
    }
    stage.network.let_pass(1);
    assert_eq!(stage.network.agreed(), *early.header());
    stage.next(ClaimKind::Primary);
}

#[test]
fn faults_in_the_announcement_of_epochs() {
    let mut stage = Stage::new();
    let descriptor = |stage: &Stage| {
        let epoch = stage.network.node(0).epoch(&stage.parent, stage.network.slot());
        NextEpochDescriptor {
            authorities: epoch.authorities.clone(),
            randomness: [3; 32],
        }
    };

    // Within an epoch.
    let unexpected = ConsensusLog::NextEpoch(descriptor(&stage));
    let block = stage.sealed(stage.draft().add_log(unexpected));
    stage.refused("an announcement within an epoch", block, |error| {
        matches!(error, Error::UnexpectedEpochAnnouncement(_))
    });

    // At its beginning: in the slot that begins an epoch everybody's block does.
    let begin = |stage: &mut Stage| {
        let begun = stage.network.node(0).chain()[0].clone();
        let first = u64::from(claim_in(&begun).slot);
        let slot = u64::from(stage.network.slot());
        stage.network.let_pass(EPOCH - (slot - first) % EPOCH);
        let parent = stage.network.agreed();
        assert_eq!(parent, stage.parent);
        stage.wait(ClaimKind::Primary);
    };
    begin(&mut stage);
    let without = |log| (!matches!(log, ConsensusLog::NextEpoch(_))).then_some(log);
    let block = stage.sealed(stage.draft().logs(without));
    stage.refused("no announcement", block, |error| {
        matches!(error, Error::MissingEpochAnnouncement(_))
    });

    stage.wait(ClaimKind::Primary);
    let block = stage.sealed(stage.draft().add_log(ConsensusLog::NextEpoch(descriptor(&stage))));
    stage.refused("two announcements", block, |error| {
        matches!(error, Error::MultipleEpochAnnouncements)
    });

    let changed = |change: fn(&mut NextEpochDescriptor)| {
        move |log| {
            Some(match log {
                ConsensusLog::NextEpoch(mut next) => {
                    change(&mut next);
                    ConsensusLog::NextEpoch(next)
                }
                other => other,
            })
        }
    };
    stage.wait(ClaimKind::Primary);
    let block = stage.sealed(stage.draft().logs(changed(|next| next.authorities.clear())));
    stage.refused("an epoch of nobody", block, |error| {
        matches!(error, Error::EmptyEpochAnnouncement)
    });
    stage.wait(ClaimKind::Primary);
    let block = stage.sealed(
        stage
            .draft()
            .logs(changed(|next| next.authorities.iter_mut().for_each(|seat| seat.1 = 0))),
    );
    stage.refused("an epoch of nobody with weight", block, |error| {
        matches!(error, Error::EmptyEpochAnnouncement)
    });

    // The engine cannot know better, but execution does; the epoch tree is as before.
    stage.wait(ClaimKind::Primary);
    let grab = changed(|next| next.authorities.truncate(1));
    stage.refused(
        "an epoch of one's own",
        stage.sealed(stage.draft().logs(grab)),
        execution,
    );
    stage.wait(ClaimKind::Primary);
    let grind = changed(|next| next.randomness = [3; 32]);
    stage.refused(
        "randomness of one's own",
        stage.sealed(stage.draft().logs(grind)),
        execution,
    );

    stage.next(ClaimKind::Primary);
    for place in stage.network.running() {
        stage.network.node(place).check_epochs();
    }
    stage.network.pass_slots(2 * EPOCH);
    stage.network.settled();
    stage.network.node(0).check_epochs();
}

#[test]
fn secondary_blocks_with_nothing_to_do() {
    let mut stage = Stage::new();
    stage.next(ClaimKind::Secondary);
    stage.refused("nothing to do", stage.sealed(stage.draft()), |error| {
        matches!(error, Error::NothingToDo { .. })
    });

    // To say that there was something does not help.
    stage.next(ClaimKind::Secondary);
    let lie = |log| match log {
        ConsensusLog::Summary(_) => Some(ConsensusLog::Summary(BlockSummary { transactions: 1 })),
        other => Some(other),
    };
    stage.refused(
        "a transaction that is not there",
        stage.sealed(stage.draft().logs(lie)),
        execution,
    );
    stage.next(ClaimKind::Secondary);
    let without = |log| (!matches!(log, ConsensusLog::Summary(_))).then_some(log);
    let block = stage.sealed(stage.draft().logs(without));
    stage.refused("no summary", block, |error| matches!(error, Error::MissingSummary));
    stage.next(ClaimKind::Secondary);
    let summary = ConsensusLog::Summary(BlockSummary { transactions: 1 });
    let block = stage.sealed(stage.draft().add_log(summary));
    stage.refused("two summaries", block, |error| {
        matches!(error, Error::MultipleSummaries)
    });

    // A transaction that cannot be paid is none.
    stage.next(ClaimKind::Secondary);
    let genesis = sp_blockchain::HeaderBackend::info(&*stage.network.node(0).client).genesis_hash;
    let unpaid = signed(transfer(Bob.to_account_id(), DOIN), Two, 0, genesis);
    let block = stage.sealed(stage.draft().logs(lie).body(|body| body.push(unpaid)));
    stage.refused("a transaction that cannot be paid", block, execution);

    // With a real one the slot can be used.
    stage.next(ClaimKind::Secondary);
    stage.network.submit(0, Ferdie, transfer(Bob.to_account_id(), DOIN));
    let slot = stage.network.slot();
    let author = stage.author;
    let authored = stage
        .network
        .node_mut(author)
        .author(slot)
        .expect("nothing hinders")
        .expect("there is work");
    assert_eq!(authored.kind, ClaimKind::Secondary);
    stage.network.announce(author, &authored.block);
    assert_eq!(stage.network.agreed(), *authored.block.header());

    // And after a long silence an empty one is a sign of life.
    stage.parent = stage.network.agreed();
    stage.network.let_pass(20);
    while stage.claim_at(stage.network.slot(), ClaimKind::Secondary).is_none() {
        stage.network.let_pass(1);
    }
    (stage.author, stage.own) = stage
        .claim_at(stage.network.slot(), ClaimKind::Secondary)
        .expect("just seen");
    let alive = stage.sealed(stage.draft());
    for place in stage.network.running() {
        stage
            .network
            .node(place)
            .receive(alive.clone(), None)
            .expect("twenty slots are long");
    }
    assert_eq!(stage.network.agreed(), *alive.header());
}

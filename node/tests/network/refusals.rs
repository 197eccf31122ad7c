//! Blocks with one fault each. None is taken, each for the reason that its fault has, and the chain goes on.

use crate::harness::{
    claim_in,
    forge::Draft,
    slot_duration,
    transactions::{opaque, transfer},
    Genesis, Network, Refusal,
};
use doin_consensus::{claim::OwnClaim, Error};
use doin_primitives::{
    engine::{
        slot_sign_data, AuthorityId, BlockSummary, ClaimKind, CompatibleDigestItem, ConsensusLog, NextEpochDescriptor,
        Slot, SlotClaim, ENGINE_ID, KEY_TYPE,
    },
    Block, Header, DOIN,
};
use doin_runtime::{RuntimeCall, UncheckedExtrinsic};
use sp_core::crypto::Wraps;
use sp_keyring::Sr25519Keyring::{Bob, Ferdie};
use sp_keystore::Keystore;
use sp_runtime::{
    traits::{Block as _, Header as _},
    DigestItem,
};

/// The length of an epoch in the presets for tests.
const EPOCH: u64 = 50;

/// A network in which somebody is about to make a block.
struct Stage {
    network: Network,
    parent: Header,
    author: usize,
    own: OwnClaim,
}

impl Stage {
    /// A network after its first blocks.
    fn new() -> Self {
        let mut network = Network::new(&Genesis::local());
        network.pass_slots(20);
        let mut stage = Stage {
            parent: network.settled(),
            own: placeholder(&network),
            author: 0,
            network,
        };
        stage.next(ClaimKind::Primary);
        stage
    }

    /// Lets the chain go on by a block of everybody's, then waits for the next slot of a kind.
    fn next(&mut self, kind: ClaimKind) {
        let before = self.network.settled();
        self.network
            .pass_until("the chain goes on", 100, |network| network.node(0).best() != before);
        self.parent = self.network.settled();
        self.wait(kind);
    }

    /// Waits for the next slot of a kind while nobody makes a block. Two blocks with faults that only import finds
    /// need two slots: in one slot they would be reported as an equivocation.
    fn wait(&mut self, kind: ClaimKind) {
        for _ in 0..200 {
            self.network.let_pass(1);
            if let Some((author, own)) = self.claim_at(self.network.slot(), kind) {
                (self.author, self.own) = (author, own);
                return;
            }
        }
        panic!("two hundred slots have one of each kind");
    }

    fn claim_at(&self, slot: Slot, kind: ClaimKind) -> Option<(usize, OwnClaim)> {
        self.network
            .running()
            .into_iter()
            .filter_map(|place| Some((place, self.network.node(place).claim(&self.parent, slot)?)))
            .find(|(_, own)| own.claim.kind == kind)
    }

    /// What the author would make.
    fn draft(&self) -> Draft {
        Draft::propose(self.network.node(self.author), &self.parent, self.own.claim.clone())
    }

    /// Sealed by the author.
    fn sealed(&self, draft: Draft) -> Block {
        draft.seal(&self.network.node(self.author).keystore, &self.own.authority)
    }

    /// Another authority, its key and its index.
    fn other(&self) -> (usize, AuthorityId, u32) {
        let other = (self.author + 1) % 3;
        let node = self.network.node(other);
        let key = AuthorityId::from(node.who.public());
        let epoch = node.epoch(&self.parent, self.network.slot());
        let index = epoch
            .authorities
            .iter()
            .position(|(id, _)| *id == key)
            .expect("all three sit") as u32;
        (other, key, index)
    }

    /// A VRF signature by an authority over anything.
    fn vrf(&self, place: usize, slot: Slot, epoch: u64, randomness: [u8; 32]) -> sp_core::sr25519::vrf::VrfSignature {
        let node = self.network.node(place);
        let key = AuthorityId::from(node.who.public());
        let data = slot_sign_data(&randomness, slot, epoch);
        let signature = node.keystore.sr25519_vrf_sign(KEY_TYPE, key.as_inner_ref(), &data);
        signature.expect("the keystore works").expect("the key is there")
    }

    /// Everybody but the author refuses the block, and nothing of it stays.
    fn refused(&self, name: &str, block: Block, expected: impl Fn(&Error) -> bool) {
        let hash = block.hash();
        for place in self.network.running() {
            let node = self.network.node(place);
            let error = match node.receive(block.clone(), None) {
                Err(Refusal::Because(error)) => error,
                other => panic!("{name}: {other:?}"),
            };
            assert!(expected(&error), "{name}: node {place} says {error:?}");
            assert!(!node.knows(hash), "{name}");
            assert_eq!(node.weight(hash), None, "{name}");
            assert_eq!(node.best(), self.parent, "{name}");
            // Who sends it again is told from who is unlucky.
            if error.is_refusal() {
                assert!(
                    matches!(node.receive(block.clone(), None), Err(Refusal::KnownBad)),
                    "{name}"
                );
            }
        }
    }
}

fn placeholder(network: &Network) -> OwnClaim {
    let claim = claim_in(&network.node(0).best());
    OwnClaim {
        claim,
        authority: AuthorityId::from(network.node(0).who.public()),
    }
}

/// A timestamp extrinsic.
fn timestamp(slot: Slot) -> sp_runtime::OpaqueExtrinsic {
    let now = slot.timestamp(slot_duration()).expect("in this age").as_millis();
    opaque(UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(
        pallet_timestamp::Call::set { now },
    )))
}

/// Errors of the client below the engine: the runtime did not agree.
fn execution(error: &Error) -> bool {
    matches!(error, Error::Consensus(_))
}

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
    let genesis = stage
        .network
        .node(0)
        .header(stage.network.node(0).chain()[0].parent_hash().to_owned())
        .hash();
    let pauper = sp_keyring::Sr25519Keyring::Two;
    let unpaid = crate::harness::transactions::signed(transfer(Bob.to_account_id(), DOIN), pauper, 0, genesis);
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

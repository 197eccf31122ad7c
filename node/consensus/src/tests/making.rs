//! Making blocks: by the slot worker, without its clock, and by manual sealing.

use super::*;
use crate::{manual_seal::ManualSealing, slot_worker::SlotWorker};
use futures::future::{ready, Ready};
use sc_consensus_manual_seal::ConsensusDataProvider;
use sc_consensus_slots::{BackoffAuthoringOnFinalizedHeadLagging, SimpleSlotWorker, SlotInfo};
use sp_consensus::{Environment, NoNetwork, Proposal, ProposeArgs, Proposer};
use sp_inherents::InherentDataProvider as _;
use std::{
    sync::atomic::AtomicUsize,
    time::{Duration, Instant},
};

/// Proposes blocks with as many transactions as it is told to.
#[derive(Clone)]
struct Proposing {
    chain: Arc<TestChain>,
    includes: Arc<AtomicUsize>,
}

struct OneProposal {
    parent: Header,
    by: Proposing,
}

impl Environment<Block> for Proposing {
    type Proposer = OneProposal;
    type CreateProposer = Ready<Result<OneProposal, ConsensusError>>;
    type Error = ConsensusError;
    fn init(&mut self, parent: &Header) -> Self::CreateProposer {
        ready(Ok(OneProposal {
            parent: parent.clone(),
            by: self.clone(),
        }))
    }
}

impl Proposer<Block> for OneProposal {
    type Error = ConsensusError;
    type Proposal = Ready<Result<Proposal<Block>, ConsensusError>>;
    fn propose(self, args: ProposeArgs<Block>) -> Self::Proposal {
        let mut digest = args.inherent_digests;
        let claim = digest.logs[0].as_doin_pre_digest().expect("the claim comes first; qed");
        let transactions = self.by.includes.load(Ordering::SeqCst) as u32;
        let plan = Plan {
            transactions,
            ..Default::default()
        };
        digest.logs.extend(self.by.chain.logs(&self.parent, claim.slot, plan));
        let number = self.parent.number() + 1;
        let header = Header::new(
            number,
            Default::default(),
            Default::default(),
            self.parent.hash(),
            digest,
        );
        ready(Ok(Proposal {
            block: Block::new(header, Vec::new()),
            storage_changes: Default::default(),
        }))
    }
}

type Worker = SlotWorker<Block, TestClient, Proposing, TestImport, NoNetwork, ()>;

struct Bench {
    chain: Arc<TestChain>,
    worker: Worker,
    /// What the pool says is ready, and what of it a block can take.
    ready: Arc<AtomicUsize>,
    includes: Arc<AtomicUsize>,
}

impl Bench {
    fn new(members: &[(&str, AuthorityWeight)], seeds: &[&str]) -> Self {
        let chain = Arc::new(TestChain::with(members, Checkpoints::default()));
        let (ready, includes): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let pool = ready.clone();
        let worker = SlotWorker(EngineParameters {
            client: chain.client.clone(),
            keystore: keystore(seeds),
            engine: chain.engine.clone(),
            proposer: Proposing {
                chain: chain.clone(),
                includes: includes.clone(),
            },
            block_import: chain.import.clone(),
            sync_oracle: NoNetwork,
            justification_sync_link: (),
            force_authoring: true,
            backoff: None,
            ready_transactions: Arc::new(move || pool.load(Ordering::SeqCst)),
            telemetry: None,
        });
        Bench {
            chain,
            worker,
            ready,
            includes,
        }
    }

    fn author(&mut self, parent: &Header, slot: Slot) -> Result<Option<Header>, Error> {
        let made = block_on(self.worker.author_block_at(parent, slot))?;
        Ok(made.map(|made| made.block.header))
    }
}

fn alice() -> Bench {
    Bench::new(&[("//Alice", 1_000)], &["//Alice"])
}

#[test]
fn a_primary_makes_an_empty_block_that_other_nodes_take() {
    let mut bench = alice();
    let genesis = bench.chain.genesis();
    let slot = bench.chain.next_slot(&genesis, ClaimKind::Primary, 1);
    let made = bench
        .author(&genesis, slot)
        .expect("no error")
        .expect("the slot is won");
    assert_eq!(bench.chain.best(), made);
    assert_eq!(slot_of(&made).expect("honest"), slot);
    let other = TestChain::new();
    assert!(other.offer(&made).expect("valid").is_new_best);

    let slot = bench.chain.next_slot(&made, ClaimKind::Primary, 1);
    let second = bench
        .author(&made, slot)
        .expect("no error")
        .expect("a primary always authors");
    other.offer(&second).expect("valid");
}

#[test]
fn a_secondary_waits_until_there_is_something_to_do() {
    let mut bench = alice();
    let first = bench.chain.extend(&bench.chain.genesis(), ClaimKind::Primary);
    let slot = bench.chain.next_slot(&first, ClaimKind::Secondary, 1);
    assert_eq!(bench.author(&first, slot).expect("no error"), None, "nothing to do");

    // Ready transactions that cannot be included: the proposal is dropped without a word.
    bench.ready.store(1, Ordering::SeqCst);
    assert_eq!(bench.author(&first, slot).expect("no error"), None, "it came out empty");
    bench.includes.store(1, Ordering::SeqCst);
    let second = bench.author(&first, slot).expect("no error").expect("a transaction");

    bench.ready.store(0, Ordering::SeqCst);
    bench.includes.store(0, Ordering::SeqCst);
    let slot = bench.chain.next_slot(&second, ClaimKind::Secondary, 1);
    bench.chain.say(|api| api.due_work.extend([u64::from(slot)]));
    let third = bench.author(&second, slot).expect("no error").expect("due work");

    let slot = bench.chain.next_slot(&third, ClaimKind::Secondary, IDLE_SLOTS);
    let fourth = bench.author(&third, slot).expect("no error").expect("a sign of life");

    let slot = bench.chain.next_slot(&fourth, ClaimKind::Secondary, EPOCH_LENGTH);
    bench.author(&fourth, slot).expect("no error").expect("begins an epoch");
}

#[test]
fn the_clock_goes_the_same_way_as_the_hand() {
    let mut bench = alice();
    let genesis = bench.chain.genesis();
    let slot_duration = bench.chain.engine.slot_duration();
    let tick = |worker: &mut Worker, head: &Header, slot: Slot| {
        let inherents = Box::new(inherents::inherents_at(slot, slot_duration));
        let mut info = SlotInfo::new(slot, inherents, slot_duration.as_duration(), head.clone(), None);
        info.ends_at = Instant::now() + Duration::from_secs(60);
        block_on(SimpleSlotWorker::on_slot(worker, info)).map(|block| block.header)
    };
    let slot = bench.chain.next_slot(&genesis, ClaimKind::Primary, 1);
    let first = tick(&mut bench.worker, &genesis, slot).expect("the slot is won");
    assert_eq!(bench.chain.best(), first);

    let slot = bench.chain.next_slot(&first, ClaimKind::Secondary, 1);
    assert_eq!(
        tick(&mut bench.worker, &first, slot),
        None,
        "nothing to do, and forced authoring changes nothing"
    );
    bench.ready.store(1, Ordering::SeqCst);
    assert_eq!(tick(&mut bench.worker, &first, slot), None, "it came out empty");
    bench.includes.store(1, Ordering::SeqCst);
    let second = tick(&mut bench.worker, &first, slot).expect("a transaction");
    assert_eq!(bench.chain.best(), second);
    assert_eq!(tick(&mut bench.worker, &second, slot), None, "the clock stands still");
}

#[test]
fn authoring_backs_off_when_finality_lags() {
    let mut bench = alice();
    let first = bench.chain.extend(&bench.chain.genesis(), ClaimKind::Primary);
    let slot = bench.chain.next_slot(&first, ClaimKind::Primary, 1);
    assert!(!bench.worker.should_backoff(slot, &first));
    bench.worker.0.backoff = Some(BackoffAuthoringOnFinalizedHeadLagging {
        max_interval: 100,
        unfinalized_slack: 0,
        authoring_bias: 1,
    });
    let parent_slot = slot_of(&first).expect("honest");
    assert!(
        bench.worker.should_backoff(parent_slot + 1, &first),
        "one block is not final"
    );
    assert!(!bench.worker.should_backoff(parent_slot + 2, &first));
}

#[test]
fn nobody_authors_in_anothers_slot() {
    let mut bench = Bench::new(&[("//Alice", 1_000), ("//Bob", 1_000)], &["//Bob"]);
    let genesis = bench.chain.genesis();
    let (alice, bob) = (keystore(&["//Alice"]), keystore(&["//Bob"]));
    let ours = |slot: Slot, keystore| claim_slot(slot, &bench.chain.epoch(&genesis, slot).0, keystore).is_some();
    let slot = (GENESIS_SLOT..)
        .map(Slot::from)
        .find(|slot| ours(*slot, &alice) && !ours(*slot, &bob));
    let slot = slot.expect("half of all slots");
    assert_eq!(bench.author(&genesis, slot).expect("no error"), None);
}

#[test]
fn no_slot_is_used_twice_even_after_a_restart() {
    let mut bench = alice();
    let genesis = bench.chain.genesis();
    let slot = bench.chain.next_slot(&genesis, ClaimKind::Primary, 1);
    bench
        .author(&genesis, slot)
        .expect("no error")
        .expect("the slot is won");
    let again = bench.author(&genesis, slot);
    assert!(matches!(again, Err(Error::AlreadyAuthored { last, .. }) if last == slot));

    // Another worker over the same database.
    let chain = bench.chain.clone();
    let mut restarted = alice();
    restarted.worker.0.client = chain.client.clone();
    restarted.worker.0.engine = chain.engine.clone();
    restarted.worker.0.block_import = chain.import.clone();
    restarted.worker.0.proposer.chain = chain;
    assert!(matches!(
        restarted.author(&genesis, slot),
        Err(Error::AlreadyAuthored { .. })
    ));
}

#[test]
fn the_clock_goes_forward_only() {
    let slot_duration = SlotDuration::from_millis(2_000);
    let clock = Clock::standing_at(5_000.into());
    assert_eq!(clock.slot(slot_duration), Slot::from(2));
    clock.clone().advance_to_slot(7.into(), slot_duration);
    assert_eq!(clock.now(), 14_000u64);
    clock.advance_to(3.into());
    assert_eq!(clock.now(), 14_000u64);
    let system = Clock::system();
    assert!(system.slot(slot_duration) > 800_000_000u64);
    let far = system.slot(slot_duration) + 1_000;
    system.advance_to_slot(far, slot_duration);
    assert_eq!(system.inherents(slot_duration).0 .0, far);
}

#[test]
fn manual_sealing_makes_blocks_that_every_node_takes() {
    let chain = TestChain::new();
    let sealing: ManualSealing<Block, _, ()> = ManualSealing::new(
        chain.engine.clone(),
        chain.client.clone(),
        chain.keystore.clone(),
        Arc::new(()),
    );
    let slot_duration = chain.engine.slot_duration();
    let other = TestChain::new();
    let mut parent = chain.genesis();
    for has_transactions in [
        false, true, false, false, true, true, false, true, true, false, false, false,
    ] {
        let slot = sealing
            .next_slot(parent.hash(), has_transactions)
            .expect("Alice leads every slot");
        let ahead = u64::from(slot).saturating_sub(slot_of(&parent).expect("honest").into());
        assert!(
            parent.number() == &0 || ahead <= IDLE_SLOTS,
            "a sole authority waits for the idle time at the most"
        );
        assert!(!has_transactions || parent.number() == &0 || ahead == 1);
        chain.engine.clock().advance_to_slot(slot, slot_duration);
        other.engine.clock().advance_to_slot(slot, slot_duration);

        let inherents = inherents::inherents_at(slot, slot_duration);
        let inherents = block_on(inherents.create_inherent_data()).expect("a timestamp");
        let mut digest = sealing.create_digest(&parent, &inherents).expect("the slot is ours");
        let plan = Plan {
            transactions: has_transactions.into(),
            ..Default::default()
        };
        digest.logs.extend(chain.logs(&parent, slot, plan));
        let number = parent.number() + 1;
        let header = Header::new(number, Default::default(), Default::default(), parent.hash(), digest);
        let mut block = BlockImportParams::new(BlockOrigin::Own, header);
        block.body = Some(Vec::new());
        block.fork_choice = Some(ForkChoiceStrategy::LongestChain);
        let proof = sp_api::StorageProof::empty();
        sealing
            .append_block_import(&parent, &mut block, &inherents, proof)
            .expect("the key is here");
        parent = block.post_header();
        assert!(chain.import(block).expect("valid").is_new_best);
        assert!(
            other
                .offer(&parent)
                .expect("valid for a node that knows nothing of manual sealing")
                .is_new_best
        );
    }
}

#[test]
fn manual_sealing_without_a_key_says_so() {
    let chain = TestChain::new();
    let sealing: ManualSealing<Block, _, ()> = ManualSealing::new(
        chain.engine.clone(),
        chain.client.clone(),
        keystore(&["//Bob"]),
        Arc::new(()),
    );
    assert!(matches!(
        sealing.next_slot(chain.genesis().hash(), true),
        Err(Error::NoClaim(_))
    ));
}

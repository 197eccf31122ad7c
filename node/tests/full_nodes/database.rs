//! Databases of whole nodes that were not made by whole nodes: chains in the past or the future, honest or not.

use crate::harness::{forge::Draft, justification, Genesis, Node};
use doin_consensus::Clock;
use doin_primitives::{
    engine::{AuthorityId, ClaimKind, Slot, SlotDuration},
    Block, Header,
};
use sc_consensus::{BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult};
use sp_consensus::BlockOrigin;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::{Block as _, Header as _};
use tempfile::TempDir;

/// A chain that one authority makes alone, on a clock of its own, in the folder of a whole node.
pub struct Solo {
    /// Its maker.
    pub node: Node,
    folder: TempDir,
    clock: Clock,
    slot: u64,
    duration: SlotDuration,
}

impl Solo {
    /// Begins after `slot`, in slots of so many milliseconds.
    pub fn begin(genesis: &Genesis, who: Sr25519Keyring, slot: u64, milliseconds: u64) -> Self {
        let duration = SlotDuration::from_millis(milliseconds);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let clock = Clock::standing_at(Slot::from(slot).timestamp(duration).expect("in range"));
        let storage = genesis.build().expect("the genesis state builds");
        let database = folder.path().join("database");
        std::fs::create_dir_all(&database).expect("a folder can be made");
        let node = Node::open(who, storage, &database, clock.clone(), Default::default()).expect("a new database");
        Solo {
            node,
            folder,
            clock,
            slot,
            duration,
        }
    }

    /// Lets slots pass.
    pub fn let_pass(&mut self, slots: u64) {
        self.slot += slots;
        self.clock.advance_to_slot(self.slot.into(), self.duration);
    }

    /// Makes blocks, as many slots as it takes.
    pub fn make(&mut self, blocks: u32) {
        let end = self.node.best().number() + blocks;
        while *self.node.best().number() < end {
            self.let_pass(1);
            self.node.author(self.slot.into()).expect("nothing hinders an author");
        }
    }

    /// Makes what there is final, by its own vote and those of others who have the chain.
    pub fn finalize(&self, others: &[&Node]) {
        let voters: Vec<&Node> = std::iter::once(&self.node).chain(others.iter().copied()).collect();
        loop {
            let target = self.node.finality_target();
            if target == self.node.finalized() {
                return;
            }
            let justification = justification(&voters, &target);
            self.node
                .finalize(&target, justification)
                .expect("the votes are enough");
        }
    }

    /// Puts a block into the database whose seal is another's signature, past the engine's checks.
    pub fn forge(&mut self) -> Header {
        let parent = self.node.best();
        let own = loop {
            self.let_pass(1);
            if let Some(own) = self.node.claim(&parent, self.slot.into()) {
                if own.claim.kind == ClaimKind::Primary {
                    break own;
                }
            }
        };
        let stranger = Sr25519Keyring::Two;
        let keystore = crate::harness::node::keystore(stranger);
        let draft = Draft::propose(&self.node, &parent, own.claim);
        let block: Block = draft.seal(&keystore, &AuthorityId::from(stranger.public()));
        let forged = block.header().clone();
        let (mut header, body) = block.deconstruct();
        let seal = header.digest_mut().pop().expect("it is sealed");
        let mut params = BlockImportParams::new(BlockOrigin::Own, header);
        params.body = Some(body);
        params.post_digests.push(seal);
        params.post_hash = Some(forged.hash());
        params.fork_choice = Some(ForkChoiceStrategy::Custom(true));
        let imported = self.node.wait((*self.node.client).import_block(params));
        assert!(matches!(imported, Ok(ImportResult::Imported(_))), "{imported:?}");
        assert_eq!(self.node.best(), forged);
        forged
    }

    /// Closes the database, for a whole node to open.
    pub fn close(self) -> TempDir {
        drop(self.node);
        self.folder
    }
}

//! The chain as a node sees it.

use super::{claim_in, Node};
use doin_consensus::{
    aux_schema::load_weight,
    claim::{claim_slot, OwnClaim},
    epoch::epoch_for_child_of,
    Epoch,
};
use doin_primitives::{
    engine::{ProofOfOptimizationApi, Slot},
    Block, Hash, Header, Nonce,
};
use sc_client_api::{BlockBackend, StorageProvider};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Header as _, Justifications};

impl Node {
    /// The header of a block that this node has.
    pub fn header(&self, hash: Hash) -> Header {
        self.client
            .header(hash)
            .expect("the database works")
            .expect("the block is known")
    }

    /// Whether this node has a block.
    pub fn knows(&self, hash: Hash) -> bool {
        self.client.header(hash).expect("the database works").is_some()
    }

    /// The best block of the client.
    pub fn best(&self) -> Header {
        self.header(self.client.info().best_hash)
    }

    /// The last final block.
    pub fn finalized(&self) -> Header {
        self.header(self.client.info().finalized_hash)
    }

    /// A block with its body.
    pub fn block(&self, hash: Hash) -> Block {
        self.client
            .block(hash)
            .expect("the database works")
            .expect("the block is known")
            .block
    }

    /// What justifies a block.
    pub fn justifications(&self, hash: Hash) -> Option<Justifications> {
        self.client.justifications(hash).expect("the database works")
    }

    /// The weight of the chain that ends with a block, while it is kept.
    pub fn weight(&self, hash: Hash) -> Option<u64> {
        load_weight(&*self.client, hash).expect("the database works")
    }

    /// The blocks from genesis' child to the best one.
    pub fn chain(&self) -> Vec<Header> {
        let mut chain = vec![];
        let mut header = self.best();
        while *header.number() > 0 {
            let parent = *header.parent_hash();
            chain.push(header);
            header = self.header(parent);
        }
        chain.reverse();
        chain
    }

    /// The epoch of a child of `parent` in `slot`, as the epoch tree has it, moved over skipped ones.
    pub fn epoch(&self, parent: &Header, slot: Slot) -> Epoch {
        let (_, epoch) = epoch_for_child_of(
            self.engine.epoch_changes(),
            &*self.client,
            self.engine.configuration(),
            parent.hash(),
            parent.number() + 1,
            slot,
        )
        .expect("the epoch of a known block's child is known");
        epoch.into_cloned_inner().for_slot(slot)
    }

    /// The engine's epoch tree and the runtime agree on the epochs of the best block's children.
    pub fn check_epochs(&self) {
        let best = self.best();
        let api = self.client.runtime_api();
        let current = api.current_epoch(best.hash()).expect("the runtime answers");
        let next = api.next_epoch(best.hash()).expect("the runtime answers");
        let slot = claim_in(&best).slot;
        assert!(current.start_slot <= slot && slot < current.start_slot + current.duration);
        let last = current.start_slot + (current.duration - 1);
        if slot < last {
            assert_eq!(self.epoch(&best, last).0, current);
        }
        assert_eq!(self.epoch(&best, next.start_slot).0, next);
        // A skipped epoch leaves its authorities and randomness to the one in which a block is made.
        let later = self.epoch(&best, next.start_slot + 5 * next.duration + 1).0;
        let moved = doin_primitives::engine::Epoch {
            index: next.index + 5,
            start_slot: next.start_slot + 5 * next.duration,
            ..next
        };
        assert_eq!(later, moved);
    }

    /// This node's claim to a slot, if it has one.
    pub fn claim(&self, parent: &Header, slot: Slot) -> Option<OwnClaim> {
        claim_slot(slot, &self.epoch(parent, slot), &self.keystore)
    }

    /// Reads the state after a block with the pallets themselves.
    pub fn inspect_at<R>(&self, at: Hash, read: impl FnOnce() -> R) -> R {
        let pairs = self.client.storage_pairs(at, None, None).expect("the state is kept");
        let top = pairs.map(|(key, value)| (key.0, value.0)).collect();
        sp_io::TestExternalities::new(Storage {
            top,
            children_default: Default::default(),
        })
        .execute_with(read)
    }

    /// Reads the state after the best block.
    pub fn inspect<R>(&self, read: impl FnOnce() -> R) -> R {
        self.inspect_at(self.client.info().best_hash, read)
    }

    /// Checks every invariant of the runtime in the state after the best block.
    pub fn check_state(&self) {
        self.inspect(|| doin_runtime::do_try_state().expect("every invariant holds"));
    }

    /// The next nonce of an account after the best block.
    pub fn nonce(&self, who: Sr25519Keyring) -> Nonce {
        self.inspect(|| frame_system::Pallet::<doin_runtime::Runtime>::account_nonce(who.to_account_id()))
    }
}

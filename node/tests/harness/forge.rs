//! Blocks with faults: made like honest ones, then changed, then sealed again.

use super::{slot_duration, Node};
use codec::Encode;
use doin_consensus::{inherents::inherents_at, slot_worker::seal};
use doin_primitives::{
    engine::{AuthorityId, CompatibleDigestItem, ConsensusLog, Slot, SlotClaim},
    Block, Header,
};
use sp_consensus::{Environment, ProposeArgs, Proposer};
use sp_core::storage::StateVersion;
use sp_inherents::InherentDataProvider;
use sp_keystore::KeystorePtr;
use sp_runtime::{
    traits::{BlakeTwo256, Block as _, Hash as _, Header as _},
    Digest, DigestItem, OpaqueExtrinsic,
};
use std::time::Duration;

/// A block without its seal.
#[derive(Clone)]
pub struct Draft {
    /// Its header.
    pub header: Header,
    /// Its transactions.
    pub body: Vec<OpaqueExtrinsic>,
}

impl Draft {
    /// What `node` would propose on `parent` with this claim, whether or not it may.
    pub fn propose(node: &Node, parent: &Header, claim: SlotClaim) -> Self {
        let slot = claim.slot;
        Self::propose_at(node, parent, claim, slot)
    }

    /// The same with the timestamp of another slot.
    pub fn propose_at(node: &Node, parent: &Header, claim: SlotClaim, time: Slot) -> Self {
        let mut proposer = node.proposer.clone();
        let proposal = node.wait(async {
            let inherents = inherents_at(time, slot_duration());
            let args = ProposeArgs {
                inherent_data: inherents.create_inherent_data().await.expect("a timestamp"),
                inherent_digests: Digest {
                    logs: vec![DigestItem::doin_pre_digest(claim)],
                },
                max_duration: Duration::from_millis(super::SLOT_DURATION),
                ..Default::default()
            };
            proposer
                .init(parent)
                .await
                .expect("the parent is known")
                .propose(args)
                .await
        });
        let (header, body) = proposal.expect("the proposer works").block.deconstruct();
        Draft { header, body }
    }

    /// Changes the digest.
    pub fn digest(mut self, change: impl FnOnce(&mut Vec<DigestItem>)) -> Self {
        change(&mut self.header.digest_mut().logs);
        self
    }

    /// Changes the claim.
    pub fn claim(self, change: impl FnOnce(&mut SlotClaim)) -> Self {
        self.digest(|logs| {
            let mut claim = logs[0].as_doin_pre_digest().expect("the pre-digest comes first");
            change(&mut claim);
            logs[0] = DigestItem::doin_pre_digest(claim);
        })
    }

    /// Changes the messages of the runtime to the engine: `None` drops one.
    pub fn logs(self, change: impl Fn(ConsensusLog) -> Option<ConsensusLog>) -> Self {
        self.digest(|logs| {
            *logs = logs
                .drain(..)
                .filter_map(|item| match item.as_doin_log() {
                    Some(log) => change(log).map(|log| DigestItem::doin_log(&log)),
                    None => Some(item),
                })
                .collect();
        })
    }

    /// Adds a message of the runtime to the engine.
    pub fn add_log(self, log: ConsensusLog) -> Self {
        self.digest(|logs| logs.push(DigestItem::doin_log(&log)))
    }

    /// Changes the body, and the header's root over it.
    pub fn body(mut self, change: impl FnOnce(&mut Vec<OpaqueExtrinsic>)) -> Self {
        change(&mut self.body);
        let leaves = self.body.iter().map(Encode::encode).collect();
        let version = doin_runtime::VERSION.extrinsics_root_state_version();
        assert_eq!(version, StateVersion::V0, "of runtimes with system version 1");
        self.header
            .set_extrinsics_root(BlakeTwo256::ordered_trie_root(leaves, version));
        self
    }

    /// Seals it with the session key of `author`, which lies in `keystore`.
    pub fn seal(mut self, keystore: &KeystorePtr, author: &AuthorityId) -> Block {
        let seal = seal(keystore, author, &self.header).expect("the key is there");
        self.header.digest_mut().push(seal);
        self.unsealed()
    }

    /// As it is.
    pub fn unsealed(self) -> Block {
        Block::new(self.header, self.body)
    }
}

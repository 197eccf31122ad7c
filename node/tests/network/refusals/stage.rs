//! A network in which the next block is about to be made: where faults are put in.

use crate::harness::{claim_in, forge::Draft, slot_duration, transactions::opaque, Genesis, Network, Refusal};
use doin_consensus::{claim::OwnClaim, Error};
use doin_primitives::{
    engine::{slot_sign_data, AuthorityId, ClaimKind, Slot, KEY_TYPE},
    Block, Header,
};
use doin_runtime::{RuntimeCall, UncheckedExtrinsic};
use sp_core::{crypto::Wraps, sr25519::vrf::VrfSignature};
use sp_keystore::Keystore;
use sp_runtime::traits::Block as _;

/// A network in which somebody is about to make a block.
pub struct Stage {
    /// The nodes.
    pub network: Network,
    /// Everybody's best block.
    pub parent: Header,
    /// Whose turn it is.
    pub author: usize,
    /// By which claim.
    pub own: OwnClaim,
}

impl Stage {
    /// A network after its first blocks.
    pub fn new() -> Self {
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
    pub fn next(&mut self, kind: ClaimKind) {
        let before = self.network.settled();
        self.network
            .pass_until("the chain goes on", 100, |network| network.node(0).best() != before);
        self.parent = self.network.settled();
        self.wait(kind);
    }

    /// Waits for the next slot of a kind while nobody makes a block. Two blocks with faults that only import finds
    /// need two slots: in one slot they would be reported as an equivocation.
    pub fn wait(&mut self, kind: ClaimKind) {
        for _ in 0..200 {
            self.network.let_pass(1);
            if let Some((author, own)) = self.claim_at(self.network.slot(), kind) {
                (self.author, self.own) = (author, own);
                return;
            }
        }
        panic!("two hundred slots have one of each kind");
    }

    pub fn claim_at(&self, slot: Slot, kind: ClaimKind) -> Option<(usize, OwnClaim)> {
        self.network
            .running()
            .into_iter()
            .filter_map(|place| Some((place, self.network.node(place).claim(&self.parent, slot)?)))
            .find(|(_, own)| own.claim.kind == kind)
    }

    /// What the author would make.
    pub fn draft(&self) -> Draft {
        Draft::propose(self.network.node(self.author), &self.parent, self.own.claim.clone())
    }

    /// Sealed by the author.
    pub fn sealed(&self, draft: Draft) -> Block {
        draft.seal(&self.network.node(self.author).keystore, &self.own.authority)
    }

    /// Another authority, its key and its index.
    pub fn other(&self) -> (usize, AuthorityId, u32) {
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
    pub fn vrf(&self, place: usize, slot: Slot, epoch: u64, randomness: [u8; 32]) -> VrfSignature {
        let node = self.network.node(place);
        let key = AuthorityId::from(node.who.public());
        let data = slot_sign_data(&randomness, slot, epoch);
        let signature = node.keystore.sr25519_vrf_sign(KEY_TYPE, key.as_inner_ref(), &data);
        signature.expect("the keystore works").expect("the key is there")
    }

    /// Everybody but the author refuses the block, and nothing of it stays.
    pub fn refused(&self, name: &str, block: Block, expected: impl Fn(&Error) -> bool) {
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
pub fn timestamp(slot: Slot) -> sp_runtime::OpaqueExtrinsic {
    let now = slot.timestamp(slot_duration()).expect("in this age").as_millis();
    opaque(UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(
        pallet_timestamp::Call::set { now },
    )))
}

/// Errors of the client below the engine: the runtime did not agree.
pub fn execution(error: &Error) -> bool {
    matches!(error, Error::Consensus(_))
}

//! Several nodes in one process: real databases, the real runtime as WebAssembly, the real engine. Nothing runs by
//! itself: the test says when a slot passes, who hears whom, and when the voters vote. So nothing waits, and every run
//! is the same.
//!
//! ```text
//!            clock (stands until the test lets a slot pass)
//!      ┌────────────┼────────────┐
//!    node 0 ───── node 1 ───── node 2      each: keystore, database, client, pool, engine, GRANDPA
//!      └──────── links (can be cut) ┘
//! ```

mod finality;
pub mod forge;
// Shared with the tests of whole nodes, which need a part of it that these do not.
#[allow(dead_code)]
pub mod genesis;
pub mod judging;
pub mod node;
pub mod transactions;
mod view;

pub use finality::justification;
pub use genesis::{Genesis, SLOT_DURATION};
pub use node::{Node, Refusal};

use doin_consensus::{AuthoredBlock, Checkpoints, Clock, Error};
use doin_primitives::{
    engine::{ClaimKind, CompatibleDigestItem, Slot},
    Block, Hash, Header,
};
use doin_runtime::RuntimeCall;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::{Block as _, Header as _};
use std::collections::{BTreeSet, VecDeque};
use tempfile::TempDir;

/// The slot before the first one of each test.
pub const FIRST_SLOT: u64 = 280_000_000;

/// A node's place in the network.
pub type Place = usize;

/// The nodes, the links between them, and the time.
pub struct Network {
    nodes: Vec<Option<Node>>,
    folders: Vec<TempDir>,
    members: Vec<Sr25519Keyring>,
    genesis: Storage,
    cut: BTreeSet<(Place, Place)>,
    clock: Clock,
    slot: u64,
}

/// A block that somebody made.
pub struct Made {
    /// Who.
    pub by: Place,
    /// The block.
    pub block: Block,
    /// Primary or secondary.
    pub kind: ClaimKind,
}

impl Network {
    /// One node for each authority of a genesis, all connected.
    pub fn new(genesis: &Genesis) -> Self {
        let storage = genesis.build().expect("the genesis state builds");
        let beginning = Slot::from(FIRST_SLOT).timestamp(slot_duration()).expect("in this age");
        let mut network = Network {
            nodes: vec![],
            folders: vec![],
            members: vec![],
            genesis: storage,
            cut: BTreeSet::new(),
            clock: Clock::standing_at(beginning),
            slot: FIRST_SLOT,
        };
        for who in genesis.members() {
            network
                .join(*who, Checkpoints::default())
                .expect("a new database contradicts nothing");
        }
        network
    }

    /// Adds a node, connected with all others, without any block yet.
    pub fn join(&mut self, who: Sr25519Keyring, checkpoints: Checkpoints<Block>) -> Result<Place, Error> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let node = Node::open(
            who,
            self.genesis.clone(),
            folder.path(),
            self.clock.clone(),
            checkpoints,
        )?;
        self.nodes.push(Some(node));
        self.folders.push(folder);
        self.members.push(who);
        Ok(self.nodes.len() - 1)
    }

    /// A node that runs.
    pub fn node(&self, place: Place) -> &Node {
        self.nodes[place].as_ref().expect("the node runs")
    }

    /// A node that runs, to make blocks with.
    pub fn node_mut(&mut self, place: Place) -> &mut Node {
        self.nodes[place].as_mut().expect("the node runs")
    }

    /// The places of the nodes that run.
    pub fn running(&self) -> Vec<Place> {
        (0..self.nodes.len())
            .filter(|place| self.nodes[*place].is_some())
            .collect()
    }

    /// Stops a node. What it was told to keep is in its database.
    pub fn stop(&mut self, place: Place) {
        self.nodes[place] = None;
    }

    /// Starts a stopped node again from its database.
    pub fn start(&mut self, place: Place) {
        self.start_with(place, Checkpoints::default())
            .expect("without checkpoints nothing is contradicted");
    }

    /// Starts a stopped node again from its database, with checkpoints.
    pub fn start_with(&mut self, place: Place, checkpoints: Checkpoints<Block>) -> Result<(), Error> {
        let folder = self.folders[place].path();
        let node = Node::open(
            self.members[place],
            self.genesis.clone(),
            folder,
            self.clock.clone(),
            checkpoints,
        )?;
        self.nodes[place] = Some(node);
        Ok(())
    }

    // Links.

    /// Cuts the network in two: `some` hear one another and the others one another.
    pub fn cut_off(&mut self, some: &[Place]) {
        for left in 0..self.nodes.len() {
            for right in left + 1..self.nodes.len() {
                if some.contains(&left) != some.contains(&right) {
                    self.cut.insert((left, right));
                }
            }
        }
    }

    /// Joins all nodes again, and lets them exchange their best chains. A chain that leaves another one below what is
    /// final there is not taken, as honest as its makers were.
    pub fn heal(&mut self) {
        self.cut.clear();
        let bests: Vec<(Place, Hash)> = self
            .running()
            .into_iter()
            .map(|place| (place, self.node(place).best().hash()))
            .collect();
        for to in self.running() {
            for (from, best) in &bests {
                let taken = self.node(to).catch_up_to(*best, self.node(*from));
                if let Err(refusal) = taken {
                    assert!(
                        self.node(to).contradicts_finality(*best, self.node(*from)),
                        "{refusal:?}"
                    );
                }
            }
        }
    }

    /// The running nodes that a node can reach, itself among them.
    pub fn reach(&self, from: Place) -> Vec<Place> {
        let mut reached = BTreeSet::from([from]);
        let mut queue = VecDeque::from([from]);
        while let Some(place) = queue.pop_front() {
            for next in self.running() {
                let cut = self.cut.contains(&(place.min(next), place.max(next)));
                if !cut && reached.insert(next) {
                    queue.push_back(next);
                }
            }
        }
        reached.into_iter().collect()
    }

    // Time.

    /// The slot that it is now.
    pub fn slot(&self) -> Slot {
        self.slot.into()
    }

    /// Lets slots pass in which nobody does anything.
    pub fn let_pass(&mut self, slots: u64) {
        self.slot += slots;
        self.clock.advance_to_slot(self.slot.into(), slot_duration());
    }

    /// Lets a slot pass: all nodes author at once where they may, then hear of the blocks.
    pub fn pass_slot(&mut self) -> Vec<Made> {
        self.let_pass(1);
        let slot = self.slot();
        let mut made = vec![];
        for place in self.running() {
            let authored = self.node_mut(place).author(slot).expect("nothing hinders an author");
            if let Some(AuthoredBlock { block, kind, .. }) = authored {
                made.push(Made { by: place, block, kind });
            }
        }
        for Made { by, block, .. } in &made {
            self.announce(*by, block);
        }
        made
    }

    /// Lets slots pass.
    pub fn pass_slots(&mut self, slots: u64) -> Vec<Made> {
        (0..slots).flat_map(|_| self.pass_slot()).collect()
    }

    /// Lets slots pass until something has happened.
    ///
    /// # Panics
    ///
    /// When it has not after `limit` slots.
    pub fn pass_until(&mut self, what: &str, limit: u64, happened: impl Fn(&Self) -> bool) {
        for _ in 0..limit {
            if happened(self) {
                return;
            }
            self.pass_slot();
        }
        assert!(happened(self), "{what} within {limit} slots");
    }

    /// Tells all whom `from` reaches of its block; they fetch what they lack.
    ///
    /// # Panics
    ///
    /// When one of them refuses it.
    pub fn announce(&self, from: Place, block: &Block) {
        for to in self.reach(from) {
            if to == from || self.node(to).knows(block.hash()) {
                continue;
            }
            let node = self.node(to);
            if !node.knows(*block.header().parent_hash()) {
                node.catch_up_with(self.node(from)).expect("honest chains are taken");
            }
            node.receive(block.clone(), None).expect("honest blocks are taken");
        }
    }

    // Transactions.

    /// Signs a call with the account's nonce at a node's best block and hands it to all whom the node reaches.
    pub fn submit(&self, at: Place, who: Sr25519Keyring, call: RuntimeCall) {
        self.submit_ahead(at, who, call, 0);
    }

    /// As [`Self::submit`], after `ahead` transactions of the account that are still to be included.
    pub fn submit_ahead(&self, at: Place, who: Sr25519Keyring, call: RuntimeCall, ahead: u32) {
        let node = self.node(at);
        let genesis = sp_blockchain::HeaderBackend::info(&*node.client).genesis_hash;
        let transaction = transactions::signed(call, who, node.nonce(who) + ahead, genesis);
        for place in self.reach(at) {
            self.node(place).submit(transaction.clone()).expect("the pool takes it");
        }
    }

    // Finality.

    /// Lets the voters whom `from` reaches vote on its chain as far as they can. Returns what is final afterwards.
    pub fn vote(&self, from: Place) -> Header {
        let members = self.reach(from);
        let voters: Vec<&Node> = members.iter().map(|place| self.node(*place)).collect();
        loop {
            let target = self.node(from).finality_target();
            if target == self.node(from).finalized() || !self.has_majority(from, &voters) {
                return self.node(from).finalized();
            }
            let justification = justification(&voters, &target);
            for node in &voters {
                node.finalize(&target, justification.clone())
                    .expect("two thirds have voted");
            }
        }
    }

    /// Whether the votes of these nodes are more than two thirds of all.
    fn has_majority(&self, from: Place, nodes: &[&Node]) -> bool {
        let (_, voters) = self.node(from).voters();
        let total: u64 = voters.iter().map(|(_, weight)| weight).sum();
        let keys: Vec<GrandpaId> = nodes
            .iter()
            .map(|node| genesis::grandpa_key(node.who).public().into())
            .collect();
        let votes: u64 = voters
            .iter()
            .filter(|(id, _)| keys.contains(id))
            .map(|(_, weight)| weight)
            .sum();
        3 * votes > 2 * total
    }

    // What must hold.

    /// All running nodes have the same best block, weight and state, and the state is sound. Returns the best block.
    pub fn agreed(&self) -> Header {
        self.agreed_among(&self.running())
    }

    /// The same after as many slots as it takes: in a slot with two primaries everybody keeps the block heard of first,
    /// until the next primary decides.
    pub fn settled(&mut self) -> Header {
        self.pass_until("all are on one chain", 200, |network| {
            let mut bests = network.running().into_iter().map(|place| network.node(place).best());
            let first = bests.next();
            bests.all(|best| Some(best) == first)
        });
        self.agreed()
    }

    /// The same of some nodes.
    pub fn agreed_among(&self, places: &[Place]) -> Header {
        let first = self.node(places[0]);
        let best = first.best();
        let weight = first.weight(best.hash()).expect("the best chain has a weight");
        for place in places {
            let node = self.node(*place);
            assert_eq!(node.best(), best, "node {place} is on another chain");
            assert_eq!(
                node.weight(best.hash()),
                Some(weight),
                "node {place} weighs it otherwise"
            );
            let selected = node.wait(sp_consensus::SelectChain::best_chain(&node.select_chain));
            assert_eq!(
                selected.expect("the database works"),
                best,
                "node {place} selects another chain"
            );
        }
        first.check_state();
        best
    }
}

/// The length of a slot.
pub fn slot_duration() -> doin_primitives::engine::SlotDuration {
    doin_primitives::engine::SlotDuration::from_millis(SLOT_DURATION)
}

/// The claim in a header.
pub fn claim_in(header: &Header) -> doin_primitives::engine::SlotClaim {
    header
        .digest()
        .logs()
        .iter()
        .find_map(|item| item.as_doin_pre_digest())
        .expect("every block has a claim")
}

/// How many primaries are in a chain.
pub fn primaries(chain: &[Header]) -> u64 {
    chain
        .iter()
        .filter(|header| claim_in(header).kind == ClaimKind::Primary)
        .count() as u64
}

/// The hashes of headers.
pub fn hashes(chain: &[Header]) -> Vec<Hash> {
    chain.iter().map(|header| header.hash()).collect()
}

//! Votes and what they make final.

use super::{genesis::grandpa_key, Node};
use codec::Encode;
use doin_primitives::{Block, Header};
use sc_consensus::JustificationImport;
use sc_transaction_pool_api::{ChainEvent, MaintainedTransactionPool};
use sp_blockchain::HeaderBackend;
use sp_consensus::{Error as ConsensusError, SelectChain};
use sp_consensus_grandpa::{AuthorityId as GrandpaId, Message, Precommit, GRANDPA_ENGINE_ID};
use sp_runtime::traits::Header as _;

impl Node {
    /// The set of voters that this node is at, and its number.
    pub fn voters(&self) -> (u64, Vec<(GrandpaId, u64)>) {
        let set = self.grandpa.shared_authority_set();
        let voters = set.current_authorities();
        (
            set.set_id(),
            voters
                .iter()
                .map(|(id, info)| (id.clone(), info.weight().get()))
                .collect(),
        )
    }

    /// The highest block that may be voted for now: the end of the best chain, or the first block on the way there
    /// that changes the set of voters.
    pub fn finality_target(&self) -> Header {
        let base = self.client.info().finalized_hash;
        let target = self
            .wait(self.select_chain.finality_target(base, None))
            .expect("the best chain is final so far");
        let mut header = self.header(target);
        let mut first_change = None;
        while header.hash() != base {
            if sc_consensus_grandpa::find_scheduled_change::<Block>(&header).is_some() {
                first_change = Some(header.clone());
            }
            header = self.header(*header.parent_hash());
        }
        first_change.unwrap_or_else(|| self.header(target))
    }

    /// This node's vote for a block, as the encoding of a signed precommit; `None` when it is not among the voters.
    fn vote(&self, target: &Header, round: u64) -> Option<Vec<u8>> {
        let (set_id, voters) = self.voters();
        let own = GrandpaId::from(grandpa_key(self.who).public());
        voters.iter().find(|(id, _)| *id == own)?;
        let precommit = Precommit::<Header> {
            target_hash: target.hash(),
            target_number: *target.number(),
        };
        let message = Message::<Header>::Precommit(precommit.clone());
        let signed = sp_consensus_grandpa::sign_message(self.keystore.clone(), message, own, round, set_id)?;
        Some((precommit, signed.signature, signed.id).encode())
    }

    /// Takes a justification of a block and finalizes it.
    pub fn finalize(&self, target: &Header, justification: Vec<u8>) -> Result<(), ConsensusError> {
        let before = self.finalized();
        if before.number() >= target.number() {
            return Ok(());
        }
        let mut import = self.grandpa_import.clone();
        let justification = (GRANDPA_ENGINE_ID, justification);
        self.wait(import.import_justification(target.hash(), *target.number(), justification))?;

        let mut route = vec![];
        let mut hash = *target.parent_hash();
        while hash != before.hash() {
            route.push(hash);
            hash = *self.header(hash).parent_hash();
        }
        route.reverse();
        let event = ChainEvent::Finalized {
            hash: target.hash(),
            tree_route: route.into(),
        };
        self.wait(self.pool.maintain(event));
        Ok(())
    }
}

/// A justification of `target` with the votes of `voters`: the encoding of GRANDPA's, whose type cannot be built
/// outside.
pub fn justification(voters: &[&Node], target: &Header) -> Vec<u8> {
    let round = 1u64;
    let votes: Vec<Vec<u8>> = voters.iter().filter_map(|node| node.vote(target, round)).collect();
    let mut encoded = (round, target.hash(), *target.number()).encode();
    codec::Compact(votes.len() as u32).encode_to(&mut encoded);
    votes.iter().for_each(|vote| encoded.extend(vote));
    // All vote for the target itself: no ancestry is needed.
    Vec::<Header>::new().encode_to(&mut encoded);
    encoded
}

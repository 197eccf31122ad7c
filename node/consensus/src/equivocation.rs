//! Two blocks of one authority in one slot: seen, proven, reported.

use crate::{error::Error, EngineLink, LOG_TARGET};
use codec::{Decode, Encode};
use doin_primitives::engine::{AuthorityId, EquivocationProof, ProofOfOptimizationApi, Slot};
use sc_client_api::backend::AuxStore;
use sc_consensus_slots::{check_equivocation, MAX_SLOT_CAPACITY, PRUNING_BOUND};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_runtime::traits::{Block as BlockT, Header as HeaderT};

/// A sealed header and who sealed it, to be compared with what this node has seen in that slot.
pub(crate) struct Sighting<'a, Block: BlockT> {
    /// The header *with* its seal: without it the report would prove nothing.
    pub header: &'a Block::Header,
    pub author: &'a AuthorityId,
    pub slot: Slot,
    pub now: Slot,
}

/// Where [`check_equivocation`] keeps the first slot that it has headers of.
const FIRST_SLOT_KEY: &[u8] = b"slot_header_start";
/// Before the number of a slot, where it keeps the headers of that slot.
const HEADERS_KEY: &[u8] = b"slot_header_map";

/// Drops what was seen before a long silence.
///
/// [`check_equivocation`] prunes slot by slot, from the first it has to the present one. After a gap that takes as much
/// memory as the gap has slots, whether there was a block in them or not: after a year some hundreds of mebibytes, and all
/// that there is on a machine whose clock stood in 1970 before it was set. It never has more than [`PRUNING_BOUND`] slots.
fn forget_far_past<Client: AuxStore>(client: &Client, now: Slot) -> sp_blockchain::Result<()> {
    let first = client.get_aux(FIRST_SLOT_KEY)?;
    let Some(first) = first.and_then(|bytes| u64::decode(&mut &bytes[..]).ok()) else {
        return Ok(());
    };
    if now.saturating_sub(first) <= 2 * PRUNING_BOUND {
        return Ok(());
    }
    let key = |slot: u64| [HEADERS_KEY, &Slot::from(slot).encode()].concat();
    let old: Vec<_> = (first..=first.saturating_add(PRUNING_BOUND)).map(key).collect();
    let kept = now.saturating_sub(MAX_SLOT_CAPACITY).encode();
    client.insert_aux(
        &[(FIRST_SLOT_KEY, &kept[..])],
        &old.iter().map(|key| &key[..]).collect::<Vec<_>>()[..],
    )
}

/// Remembers a header; when its author has sealed another one in the slot, returns the proof.
pub(crate) fn sight<Block: BlockT, Client: AuxStore>(
    client: &Client,
    link: &EngineLink<Block>,
    seen: &Sighting<'_, Block>,
) -> Result<Option<EquivocationProof<Block::Header>>, Error> {
    forget_far_past(client, seen.now)?;
    let Some(proof) = check_equivocation(client, seen.now, seen.slot, seen.header, seen.author)? else {
        return Ok(None);
    };
    log::warn!(
        target: LOG_TARGET,
        "Authority {:?} has made two blocks in slot {}: {:?} and {:?}",
        seen.author,
        seen.slot,
        proof.first_header.hash(),
        proof.second_header.hash(),
    );
    if let Some(metrics) = link.metrics() {
        metrics.on_equivocation();
    }
    Ok(Some(proof))
}

/// Hands a proof to the runtime at the best block, which submits the report to the pool.
///
/// The proof that the key belonged to the offender's account is made at the block's parent, where the session still
/// runs, or at the best block when the block began a session. Without either the offender is nobody we could punish.
pub(crate) fn report<Block, Client>(
    client: &Client,
    pool: &OffchainTransactionPoolFactory<Block>,
    parent: Block::Hash,
    best: Block::Hash,
    proof: EquivocationProof<Block::Header>,
) -> Result<(), Error>
where
    Block: BlockT,
    Client: ProvideRuntimeApi<Block>,
    Client::Api: ProofOfOptimizationApi<Block> + ApiExt<Block>,
{
    let owner = |at| {
        client
            .runtime_api()
            .generate_key_ownership_proof(at, proof.slot, proof.offender.clone())
    };
    let owner_proof = match owner(parent)? {
        Some(owner_proof) => Some(owner_proof),
        None => owner(best)?,
    };
    let Some(owner_proof) = owner_proof else {
        log::debug!(target: LOG_TARGET, "The author {:?} of two blocks is in no session", proof.offender);
        return Ok(());
    };
    let offender = proof.offender.clone();
    let mut api = client.runtime_api();
    api.register_extension(pool.offchain_transaction_pool(best));
    match api.submit_report_equivocation(best, proof, owner_proof)? {
        Some(()) => log::info!(target: LOG_TARGET, "Reported the two blocks of {offender:?}"),
        None => log::warn!(target: LOG_TARGET, "The runtime did not take the report on {offender:?}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use doin_primitives::Header;
    use parking_lot::Mutex;
    use sp_core::crypto::UncheckedInto;
    use std::collections::BTreeMap;

    /// A store that counts what it is told to delete.
    #[derive(Default)]
    struct Store {
        entries: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
        most_deleted: Mutex<usize>,
    }

    impl AuxStore for Store {
        fn insert_aux<
            'a,
            'b: 'a,
            'c: 'a,
            I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
            D: IntoIterator<Item = &'a &'b [u8]>,
        >(
            &self,
            insert: I,
            delete: D,
        ) -> sp_blockchain::Result<()> {
            let mut entries = self.entries.lock();
            for (key, value) in insert {
                entries.insert(key.to_vec(), value.to_vec());
            }
            let deleted = delete.into_iter().map(|key| entries.remove(*key)).count();
            let mut most = self.most_deleted.lock();
            *most = deleted.max(*most);
            Ok(())
        }

        fn get_aux(&self, key: &[u8]) -> sp_blockchain::Result<Option<Vec<u8>>> {
            Ok(self.entries.lock().get(key).cloned())
        }
    }

    fn header(number: u32) -> Header {
        Header::new(
            number,
            Default::default(),
            Default::default(),
            Default::default(),
            Default::default(),
        )
    }

    /// Shows a header that was made in the present slot. Whether it was the second one of its author.
    fn show(store: &Store, slot: u64, header: &Header) -> bool {
        let author: AuthorityId = [1; 32].unchecked_into();
        let now = Slot::from(slot);
        forget_far_past(store, now).expect("a good store");
        let proof = check_equivocation(store, now, now, header, &author).expect("a good store");
        proof.is_some()
    }

    #[test]
    fn a_gap_of_decades_costs_no_more_than_one_of_hours_and_what_follows_is_watched() {
        let store = Store::default();
        for slot in [1, 2, 1_500] {
            assert!(!show(&store, slot, &header(slot as u32)));
        }
        for now in [900_000_000, u64::MAX / 2] {
            assert!(!show(&store, now, &header(7)));
            assert!(*store.most_deleted.lock() <= PRUNING_BOUND as usize + 1);
            // The headers of one slot, and which is the first.
            assert_eq!(store.entries.lock().len(), 2);
            assert!(!show(&store, now, &header(7)), "the same block again");
            assert!(show(&store, now, &header(8)), "another block of the same author");
            assert!(!show(&store, now + 1, &header(9)));
        }
    }

    #[test]
    fn without_a_gap_nothing_is_forgotten() {
        let store = Store::default();
        assert!(!show(&store, 10, &header(1)));
        forget_far_past(&store, Slot::from(10 + 2 * PRUNING_BOUND)).expect("a good store");
        assert_eq!(store.entries.lock().len(), 2);
        assert!(show(&store, 10, &header(2)));
    }
}

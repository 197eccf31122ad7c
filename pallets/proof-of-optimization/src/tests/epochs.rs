//! Slots, authors, randomness, epochs, skipped epochs, timestamps.

use crate::{mock::*, *};
use doin_primitives::{
    engine::{ClaimKind, CompatibleDigestItem, ConsensusLog},
    traits::{DueWork, RollingRandomness as _, SlotClock},
};
use frame_support::traits::{FindAuthor, Hooks};
use sp_runtime::DigestItem;

#[test]
fn the_first_block_begins_epoch_0_and_announces_epoch_1() {
    on_chain(3, || {
        let configuration = ProofOfOptimization::configuration();
        assert_eq!(
            configuration.authorities,
            (1..=3).map(|who| (keys::key(who), 10_000)).collect::<Vec<_>>()
        );
        assert_eq!(
            (configuration.slot_duration, configuration.epoch_length),
            (SLOT_DURATION, EPOCH)
        );
        assert!(ProofOfOptimization::has_due_work(FIRST), "the chain has to begin");

        let header = block(FIRST, 0);
        assert_eq!(GenesisSlot::<Test>::get(), Some(FIRST));
        assert_eq!(ProofOfOptimization::current_slot(), FIRST);
        assert_eq!(announced(&header), Some(configuration.authorities.clone()));
        let current = ProofOfOptimization::current_epoch();
        assert_eq!(
            (current.index, u64::from(current.start_slot), current.duration),
            (0, FIRST, EPOCH)
        );
        assert_eq!(current.randomness, configuration.randomness);
        let next = ProofOfOptimization::next_epoch();
        assert_eq!((next.index, u64::from(next.start_slot)), (1, FIRST + EPOCH));
        assert_eq!(
            next.randomness, configuration.randomness,
            "epochs 0 and 1 share the genesis randomness"
        );
        // Bonds are held although balances are built after sessions.
        for who in 1..=3 {
            assert_eq!(ProofOfOptimization::bond_of(&who), BOND);
        }
        assert!(events().contains(&Event::AuthorityBonded { who: 2, bond: BOND }));
        assert!(!ProofOfOptimization::has_due_work(FIRST + 1));
        assert_eq!(announced(&block(FIRST + 1, 1)), None);
    });
}

#[test]
fn every_epoch_announces_the_next_once_and_sessions_follow() {
    on_chain(2, || {
        block(FIRST, 0);
        for slot in FIRST + 1..FIRST + 35 {
            let first_of_epoch = (slot - FIRST).is_multiple_of(EPOCH);
            assert_eq!(ProofOfOptimization::has_due_work(slot), first_of_epoch);
            let header = block(slot, 1);
            assert_eq!(announced(&header).is_some(), first_of_epoch, "slot {slot}");
            let epoch = (slot - FIRST) / EPOCH;
            assert_eq!(ProofOfOptimization::current_epoch().index, epoch);
            assert_eq!(u64::from(Session::current_index()), epoch);
        }
    });
}

#[test]
fn randomness_of_an_epoch_is_announced_in_the_next_and_used_in_the_one_after() {
    on_chain(2, || {
        let genesis = ProofOfOptimization::configuration().randomness;
        let announced_randomness = |header: &Header| {
            logs(header).into_iter().find_map(|log| match log {
                ConsensusLog::NextEpoch(descriptor) => Some(descriptor.randomness),
                _ => None,
            })
        };
        block(FIRST, 0);
        block(FIRST + 5, 1);
        let accumulated = EpochAccumulator::<Test>::get();
        let header = block(FIRST + EPOCH, 0);
        // Epoch 1 still has the genesis randomness; epoch 2's hangs on the blocks of epoch 0, and on those only.
        assert_eq!(EpochRandomness::<Test>::get(), genesis);
        let second = sp_io::hashing::blake2_256(&codec::Encode::encode(&(
            *b"doin/epoch-randomness",
            genesis,
            2u64,
            accumulated,
        )));
        assert_eq!(announced_randomness(&header), Some(second));
        assert_eq!(ProofOfOptimization::next_epoch().randomness, second);
        assert_ne!(
            EpochAccumulator::<Test>::get(),
            [0; 32],
            "the block counts to its own epoch"
        );
        block(FIRST + 2 * EPOCH, 0);
        assert_eq!(ProofOfOptimization::current_epoch().randomness, second);
    });
}

#[test]
fn skipped_epochs_use_what_was_announced_and_the_index_follows_the_slot() {
    on_chain(2, || {
        block(FIRST, 0);
        block(FIRST + EPOCH + 3, 1);
        let promised = ProofOfOptimization::next_epoch();
        assert_eq!(promised.index, 2);
        // A node is away, nothing happens for three epochs: the next block is in epoch 5.
        let slot = FIRST + 5 * EPOCH + 7;
        assert!(ProofOfOptimization::has_due_work(slot));
        let header = block(slot, 1);
        assert!(announced(&header).is_some());
        let current = ProofOfOptimization::current_epoch();
        assert_eq!(current.index, 5);
        assert_eq!(u64::from(current.start_slot), FIRST + 5 * EPOCH);
        assert_eq!(
            (current.authorities, current.randomness),
            (promised.authorities, promised.randomness)
        );
        assert_eq!(
            Session::current_index(),
            2,
            "one session, however many epochs were skipped"
        );
        assert_eq!(ProofOfOptimization::next_epoch().index, 6);
        assert!(!ProofOfOptimization::has_due_work(slot + 1));
        assert_eq!(announced(&block(slot + 1, 0)), None);
        assert!(announced(&block(FIRST + 6 * EPOCH, 0)).is_some());
    });
}

#[test]
fn weights_move_with_reputation_two_sessions_later_and_are_never_read_again() {
    on_chain(2, || {
        block(FIRST, 0);
        set_reputation(1, milli(12_345));
        set_reputation(2, milli(0) + milli(1_500));
        let weights = |seats: Seats<Test>| seats.iter().map(|seat| seat.weight).collect::<Vec<_>>();
        assert_eq!(weights(Authorities::<Test>::get()), [10_000, 10_000]);
        let header = block(FIRST + EPOCH, 0);
        // Read and announced in epoch 1 for epoch 2 …
        assert_eq!(
            announced(&header)
                .unwrap()
                .iter()
                .map(|(_, weight)| *weight)
                .collect::<Vec<_>>(),
            [12_345, 1_500]
        );
        assert_eq!(weights(Authorities::<Test>::get()), [10_000, 10_000]);
        // … and kept, whatever comes between.
        set_reputation(1, milli(99_000));
        block(FIRST + 2 * EPOCH, 0);
        assert_eq!(weights(Authorities::<Test>::get()), [12_345, 1_500]);
        assert_eq!(ProofOfOptimization::weight_of(&2), Some(1_500));
        assert_eq!(ProofOfOptimization::weight_of(&3), None);
        // The session pallet saw no change of identities in all of this.
        assert!(!pallet_session::QueuedChanged::<Test>::get());
    });
}

#[test]
fn the_author_comes_from_the_list_of_the_blocks_own_epoch() {
    on_chain(2, || {
        block(FIRST, 0);
        // Account 3 enters the set, ranked first, so that indices move.
        register_keys(3);
        set_reputation(3, milli(50_000));
        block_by(FIRST + 1, 0, ClaimKind::Secondary, || {
            ProofOfOptimization::bond_authority(RuntimeOrigin::signed(3)).unwrap();
        });
        block(FIRST + EPOCH, 0);
        let author_of_seat_0 = |slot: u64| {
            let mut author = None;
            block_by(slot, 0, ClaimKind::Secondary, || {
                author = Authorship::author();
                assert_eq!(author, ProofOfOptimization::current_author());
            });
            author
        };
        assert_eq!(author_of_seat_0(FIRST + 2 * EPOCH - 1), Some(1));
        // The first block of the epoch: its author is looked up before the session rotates and after.
        assert_eq!(author_of_seat_0(FIRST + 2 * EPOCH), Some(3));
        assert_eq!(LastSeen::<Test>::get(3), Some(0));
        // No such seat: no author, no panic.
        let digest = DigestItem::doin_pre_digest(claim(FIRST + 3 * EPOCH, 9, ClaimKind::Primary));
        let items = [digest];
        let pre_runtime = || items.iter().filter_map(DigestItem::as_pre_runtime);
        assert_eq!(
            <ProofOfOptimization as FindAuthor<u64>>::find_author(pre_runtime()),
            None
        );
        block(FIRST + 3 * EPOCH, 9);
        assert_eq!(
            ProofOfOptimization::current_author(),
            None,
            "only while the block lasts"
        );
    });
}

#[test]
fn a_block_without_a_claim_changes_nothing_and_does_not_panic() {
    on_chain(1, || {
        block(FIRST, 0);
        let (slot, randomness) = (CurrentSlot::<Test>::get(), RollingRandomness::<Test>::get());
        // As a runtime call builds it, long after the epoch has ended; any timestamp passes.
        let header = block_with(vec![], Some(FIRST + 77), 0, || {
            assert_eq!(ProofOfOptimization::current_author(), None);
        });
        assert_eq!(CurrentSlot::<Test>::get(), slot);
        assert_eq!(RollingRandomness::<Test>::get(), randomness);
        assert_eq!(announced(&header), None);
        assert_eq!(Session::current_index(), 0);
        // A pre-digest of another engine, and one that does not decode.
        let foreign = DigestItem::PreRuntime(*b"BABE", vec![1, 2, 3]);
        let broken = DigestItem::PreRuntime(doin_primitives::engine::ENGINE_ID, vec![0, 1, 2]);
        block_with(vec![foreign, broken], Some(FIRST + 78), 0, || {});
        assert_eq!(CurrentSlot::<Test>::get(), slot);
    });
}

#[test]
#[should_panic(expected = "the timestamp must be in the slot of the block")]
fn a_timestamp_of_another_slot_makes_the_block_invalid() {
    on_chain(1, || {
        let digest = vec![DigestItem::doin_pre_digest(claim(FIRST, 0, ClaimKind::Primary))];
        block_with(digest, Some(FIRST + 1), 0, || {});
    });
}

#[test]
fn a_timestamp_may_be_anywhere_in_its_slot() {
    on_chain(1, || {
        let digest = vec![DigestItem::doin_pre_digest(claim(FIRST, 0, ClaimKind::Primary))];
        block_with(digest, None, 0, || {
            Timestamp::set(RuntimeOrigin::none(), FIRST * SLOT_DURATION + SLOT_DURATION - 1).unwrap();
        });
    });
}

#[test]
fn transactions_are_counted_without_inherents() {
    on_chain(1, || {
        let transactions = |header: &Header| {
            let mut summaries = logs(header).into_iter().filter_map(|log| match log {
                ConsensusLog::Summary(summary) => Some(summary.transactions),
                _ => None,
            });
            let count = summaries.next();
            assert!(summaries.next().is_none());
            count
        };
        assert_eq!(transactions(&block(FIRST, 0)), Some(0));
        for count in [0, 1, 7] {
            let slot = CurrentSlot::<Test>::get() + 1;
            let digest = vec![DigestItem::doin_pre_digest(claim(slot, 0, ClaimKind::Primary))];
            assert_eq!(transactions(&block_with(digest, Some(slot), count, || {})), Some(count));
        }
        assert_eq!(transactions(&block_with(vec![], Some(FIRST + 50), 2, || {})), Some(2));
    });
}

#[test]
fn rolling_randomness_hangs_on_every_block_and_is_known_when_hooks_run() {
    on_chain(2, || {
        block(FIRST, 0);
        let before = ProofOfOptimization::rolling_randomness();
        let mut within = before;
        block_by(FIRST + 1, 1, ClaimKind::Secondary, || {
            within = ProofOfOptimization::rolling_randomness()
        });
        assert_ne!(within, before);
        assert_eq!(ProofOfOptimization::rolling_randomness(), within);
        // Another output, another randomness.
        let other = {
            use sp_core::crypto::VrfSecret;
            let mut other = claim(FIRST + 2, 1, ClaimKind::Secondary);
            let data = doin_primitives::engine::slot_sign_data(&[8; 32], 1.into(), 1);
            other.vrf_signature = keys::pair(1).vrf_sign(&data);
            other
        };
        let snapshot = |claim| {
            frame_support::hypothetically!({
                block_with(vec![DigestItem::doin_pre_digest(claim)], Some(FIRST + 2), 0, || {});
                ProofOfOptimization::rolling_randomness()
            })
        };
        assert_ne!(snapshot(other), snapshot(claim(FIRST + 2, 1, ClaimKind::Secondary)));
    });
}

#[test]
fn distinct_authors_are_counted_from_a_block_on() {
    on_chain(3, || {
        for (offset, seat) in [0, 1, 0, 0, 2, 1].into_iter().enumerate() {
            block(FIRST + offset as u64, seat);
        }
        // Blocks 1 to 6 by 1, 2, 1, 1, 3, 2.
        let counts: Vec<_> = (0..=6).map(ProofOfOptimization::distinct_authors_since).collect();
        assert_eq!(counts, [3, 3, 3, 3, 2, 1, 0]);
        assert_eq!(ProofOfOptimization::authority_count(), 3);
        // Within a block its own author counts.
        block_by(FIRST + 6, 0, ClaimKind::Secondary, || {
            assert_eq!(ProofOfOptimization::distinct_authors_since(6), 1);
        });
        // After 64 blocks of one author the others are forgotten.
        for offset in 7..70 {
            block(FIRST + offset, 0);
        }
        assert_eq!(System::block_number(), 70);
        assert_eq!(ProofOfOptimization::distinct_authors_since(0), 1);
        assert_eq!(RecentAuthors::<Test>::get().len(), 1);
    });
}

#[test]
fn estimates_are_in_slots() {
    use frame_support::traits::EstimateNextSessionRotation;
    on_chain(1, || {
        block(FIRST, 0);
        block(FIRST + 4, 0);
        assert_eq!(ProofOfOptimization::average_session_length(), EPOCH as u32);
        let progress = ProofOfOptimization::estimate_current_session_progress(2).0.unwrap();
        assert_eq!(progress, sp_runtime::Permill::from_percent(40));
        assert_eq!(ProofOfOptimization::estimate_next_session_rotation(2).0, Some(2 + 6));
    });
}

#[test]
fn the_weight_of_a_block_covers_its_end() {
    on_chain(1, || {
        System::initialize(&1, &Default::default(), &Default::default());
        let weight = <ProofOfOptimization as Hooks<_>>::on_initialize(1);
        assert!(weight.all_gte(<() as WeightInfo>::on_initialize() + <() as WeightInfo>::on_finalize()));
        System::finalize().hash();
    });
}

#[test]
fn zombienets_session_keys_are_accepted() {
    // What zombienet writes: a fixed list of keys by the names of other chains.
    let keys = session_keys(1);
    let text = |field: &str| serde_json_of(&keys)[field].clone();
    let (doin, grandpa) = (text("doin"), text("grandpa"));
    let json = format!("{{\"grandpa\":{grandpa},\"babe\":{doin},\"im_online\":{doin},\"aura\":{doin}}}");
    let read: SessionKeys = serde_json::from_str(&json).unwrap();
    assert_eq!(read, keys);
}

fn serde_json_of(keys: &SessionKeys) -> serde_json::Value {
    serde_json::to_value(keys).unwrap()
}

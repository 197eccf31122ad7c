//! GRANDPA with the weights of the engine.

use crate::{mock::*, *};
use frame_support::traits::{Get, OneSessionHandler};
use pallet_grandpa::{CurrentSetId, SetIdSession};
use sp_consensus_grandpa::{AuthorityList, ConsensusLog, GRANDPA_ENGINE_ID};
use sp_runtime::traits::Header as _;

fn grandpa_logs(header: &Header) -> Vec<ConsensusLog<u32>> {
    header
        .digest()
        .logs()
        .iter()
        .filter_map(|item| item.consensus_try_to(&GRANDPA_ENGINE_ID))
        .collect()
}

fn list(members: &[(u64, u64)]) -> AuthorityList {
    members
        .iter()
        .map(|(who, weight)| (keys::grandpa_key(*who), *weight))
        .collect()
}

fn scheduled(header: &Header) -> Option<AuthorityList> {
    grandpa_logs(header).into_iter().find_map(|log| match log {
        ConsensusLog::ScheduledChange(change) => {
            assert_eq!(change.delay, 0);
            Some(change.next_authorities)
        }
        _ => None,
    })
}

fn next_epoch_block() -> Header {
    block(ProofOfOptimization::next_epoch().start_slot.into(), 0)
}

#[test]
fn genesis_has_weights() {
    on_chain(2, || {
        assert_eq!(Grandpa::grandpa_authorities(), list(&[(1, 10_000), (2, 10_000)]));
        assert_eq!(
            (CurrentSetId::<Test>::get(), SetIdSession::<Test>::get(0)),
            (0, Some(0))
        );
    });
}

#[test]
fn weights_reach_grandpa_when_they_reach_the_engine() {
    on_chain(2, || {
        block(FIRST, 0);
        assert_eq!(
            scheduled(&next_epoch_block()),
            None,
            "nothing changed: no change of sets"
        );
        assert_eq!(SetIdSession::<Test>::get(0), Some(1));
        set_reputation(1, milli(30_000));
        set_reputation(2, milli(0) + milli(1_500));
        // Queued now …
        assert_eq!(scheduled(&next_epoch_block()), None);
        // … and in force in the next session, in both.
        let header = next_epoch_block();
        assert_eq!(scheduled(&header), Some(list(&[(1, 30_000), (2, 1_500)])));
        assert_eq!(Grandpa::grandpa_authorities(), list(&[(1, 30_000), (2, 1_500)]));
        let engine: Vec<_> = Authorities::<Test>::get().iter().map(|seat| seat.weight).collect();
        assert_eq!(engine, [30_000, 1_500]);
        assert_eq!(CurrentSetId::<Test>::get(), 1);
        assert_eq!(
            (SetIdSession::<Test>::get(0), SetIdSession::<Test>::get(1)),
            (Some(2), Some(3))
        );
        assert_eq!(scheduled(&next_epoch_block()), None);
        assert_eq!(SetIdSession::<Test>::get(1), Some(4));
    });
}

#[test]
fn a_changed_set_changes_grandpas_and_old_sets_are_forgotten() {
    on_chain(2, || {
        block(FIRST, 0);
        for round in 0..8u32 {
            set_reputation(1, milli(10_000 + 10 * (round + 1)));
            next_epoch_block();
        }
        let kept: Vec<_> = (0..=CurrentSetId::<Test>::get())
            .filter(|id| SetIdSession::<Test>::contains_key(id))
            .collect();
        assert_eq!(CurrentSetId::<Test>::get(), 7);
        let entries: u64 = <Test as pallet_grandpa::Config>::MaxSetIdSessionEntries::get();
        assert_eq!(kept.len() as u64, entries);
        assert_eq!(kept, [4, 5, 6, 7]);
    });
}

#[test]
fn an_account_that_leaves_leaves_grandpa_too() {
    on_chain(2, || {
        block(FIRST, 0);
        ProofOfOptimization::unbond_authority(RuntimeOrigin::signed(2)).unwrap();
        next_epoch_block();
        assert_eq!(scheduled(&next_epoch_block()), Some(list(&[(1, 10_000)])));
        // The order of indices is the engine's.
        assert_eq!(Authorities::<Test>::get().len(), Grandpa::grandpa_authorities().len());
    });
}

#[test]
fn root_restarts_a_stalled_grandpa() {
    on_chain(2, || {
        block(FIRST, 0);
        Grandpa::note_stalled(RuntimeOrigin::root(), 2, 1).unwrap();
        let header = next_epoch_block();
        let forced = grandpa_logs(&header).into_iter().find_map(|log| match log {
            ConsensusLog::ForcedChange(median, change) => Some((median, change.delay, change.next_authorities)),
            _ => None,
        });
        assert_eq!(forced, Some((1, 2, list(&[(1, 10_000), (2, 10_000)]))));
        assert!(!pallet_grandpa::Stalled::<Test>::exists());
        assert_eq!(CurrentSetId::<Test>::get(), 1);
        // While it is pending nothing else is scheduled; the weights that moved meanwhile come later.
        set_reputation(1, milli(20_000));
        let slot = CurrentSlot::<Test>::get();
        block(slot + 1, 0);
        block(slot + 2, 0);
        assert!(pallet_grandpa::PendingChange::<Test>::get().is_none());
        next_epoch_block();
        assert_eq!(scheduled(&next_epoch_block()), Some(list(&[(1, 20_000), (2, 10_000)])));
    });
}

#[test]
fn a_disabled_authority_is_announced() {
    on_chain(2, || {
        let header = block_by(FIRST, 0, doin_primitives::engine::ClaimKind::Primary, || {
            <WeightedGrandpa<Test> as OneSessionHandler<u64>>::on_disabled(1);
        });
        assert_eq!(grandpa_logs(&header), [ConsensusLog::OnDisabled(1)]);
    });
}

//! Accumulated work and optimization blocks.

use crate::{mock::*, *};
use doin_primitives::{
    engine::{ClaimKind, CompatibleDigestItem, ConsensusLog, OptimizationBlock},
    threshold::ThresholdState,
    traits::{DueWork, WorkSink},
};
use sp_runtime::{DigestItem, FixedU128};

fn optimization(header: &Header) -> Option<OptimizationBlock> {
    logs(header).into_iter().find_map(|log| match log {
        ConsensusLog::Optimization(block) => Some(block),
        _ => None,
    })
}

/// A block of seat 0 in which `work` is accepted.
fn block_with_work(slot: u64, work: FixedU128) -> Header {
    block_by(slot, 0, ClaimKind::Secondary, || ProofOfOptimization::add_work(work))
}

#[test]
fn work_below_the_threshold_waits_and_adds_up() {
    on_chain(1, || {
        assert_eq!(optimization(&block_with_work(FIRST, milli(400))), None);
        assert_eq!(optimization(&block_with_work(FIRST + 1, milli(599))), None);
        assert_eq!(ProofOfOptimization::accumulated(), milli(999));
        assert!(!ProofOfOptimization::has_due_work(FIRST + 2));
        assert_eq!(ProofOfOptimization::optimization_height(), 0);
        let header = block_with_work(FIRST + 2, milli(1));
        let made = optimization(&header).unwrap();
        assert_eq!(
            (made.height, made.accumulated, made.threshold, made.reward),
            (1, milli(1_000), milli(1_000), POT)
        );
        assert_eq!(made.next_threshold, ProofOfOptimization::threshold());
        assert_eq!(ProofOfOptimization::accumulated(), milli(0));
        assert_eq!(ProofOfOptimization::optimization_height(), 1);
        POTS.with(|pots| assert_eq!(*pots.borrow(), [(1, 1)]));
        assert_eq!(
            events().last(),
            Some(&Event::OptimizationBlockMade {
                height: 1,
                author: 1,
                accumulated: milli(1_000),
                threshold: milli(1_000),
                next_threshold: made.next_threshold,
                reward: POT,
            })
        );
        assert_eq!(optimization(&block(FIRST + 3, 0)), None, "no work after it");
    });
}

#[test]
fn the_pallet_follows_the_pure_rule() {
    on_chain(1, || {
        block(FIRST, 0);
        let mut rule = ThresholdState::genesis(TARGET, FixedU128::from_u32(1));
        rule.start(FIRST * SLOT_DURATION);
        assert_eq!(Threshold::<Test>::get(), rule);
        let mut sum = milli(0);
        // Work of 0.3 every seventh slot, for 400 slots.
        for slot in FIRST + 1..FIRST + 400 {
            let work = if slot % 7 == 0 { milli(300) } else { milli(0) };
            let now = slot * SLOT_DURATION;
            sum = sum + work;
            rule.note_crossing(now, sum);
            let due = rule.is_due(now, sum);
            assert_eq!(
                ProofOfOptimization::effective_threshold(slot),
                rule.effective_threshold(now)
            );
            assert_eq!(ProofOfOptimization::credits(slot), rule.credits(now));
            let made = optimization(&block_with_work(slot, work));
            assert_eq!(made.is_some(), due, "slot {slot}");
            if due {
                rule = rule.after_optimization_block(now);
                sum = milli(0);
            }
            assert_eq!(Threshold::<Test>::get(), rule);
        }
        assert!(ProofOfOptimization::optimization_height() > 5);
        assert_eq!(ProofOfOptimization::mean_threshold(), rule.mean_threshold());
    });
}

#[test]
fn a_burst_waits_for_credits_and_the_block_comes_when_they_do() {
    on_chain(1, || {
        assert!(optimization(&block_with_work(FIRST, milli(5_000))).is_some());
        // The genesis credit is spent.
        assert!(optimization(&block_with_work(FIRST + 1, milli(5_000))).is_none());
        assert_eq!(Threshold::<Test>::get().crossing, Some((FIRST + 1) * SLOT_DURATION));
        // One target is ten slots: due from then on, without any transaction, and not before.
        assert!(!ProofOfOptimization::has_due_work(FIRST + 9));
        assert!(ProofOfOptimization::has_due_work(FIRST + 10));
        assert!(optimization(&block(FIRST + 9, 0)).is_none());
        let made = optimization(&block(FIRST + 12, 0)).unwrap();
        assert_eq!(made.accumulated, milli(5_000), "all of it is rewarded");
        assert!(ProofOfOptimization::credits(FIRST + 12) < FixedU128::from_u32(1));
    });
}

#[test]
fn a_stalled_threshold_falls_until_the_work_there_is_suffices() {
    on_chain(1, || {
        block_with_work(FIRST, milli(500));
        // 2^−1 five targets after the last optimization block: fifty slots. Epochs change meanwhile.
        let falls = FIRST + 50;
        for slot in (FIRST + EPOCH..falls).step_by(EPOCH as usize) {
            assert!(optimization(&block(slot, 0)).is_none());
        }
        assert_eq!(ProofOfOptimization::effective_threshold(falls), milli(500));
        // The session is due in the same slot; one slot before neither is.
        assert!(!ProofOfOptimization::has_due_work(falls - 1));
        assert!(ProofOfOptimization::has_due_work(falls));
        let made = optimization(&block(falls, 0)).unwrap();
        assert_eq!((made.accumulated, made.threshold), (milli(500), milli(500)));
        assert!(made.next_threshold < milli(1_000));
    });
}

#[test]
fn without_an_author_no_optimization_block_is_made() {
    on_chain(1, || {
        block(FIRST, 0);
        ProofOfOptimization::add_work(milli(2_000));
        // No claim, and a claim to a seat that nobody has.
        assert_eq!(optimization(&block_with(vec![], Some(FIRST + 1), 0, || {})), None);
        let stranger = vec![DigestItem::doin_pre_digest(claim(FIRST + 2, 7, ClaimKind::Primary))];
        assert_eq!(optimization(&block_with(stranger, Some(FIRST + 2), 0, || {})), None);
        assert_eq!(ProofOfOptimization::accumulated(), milli(2_000), "and nothing is lost");
        assert!(ProofOfOptimization::has_due_work(FIRST + 3));
        assert!(optimization(&block(FIRST + 3, 0)).is_some());
    });
}

#[test]
fn due_work_hangs_on_state_and_slot_only() {
    on_chain(1, || {
        block_with_work(FIRST, milli(700));
        for slot in FIRST + 1..FIRST + 120 {
            // What the engine asks at the parent, and what a block in that slot then does.
            let due = ProofOfOptimization::has_due_work(slot);
            let found = frame_support::hypothetically!({
                let header = block(slot, 0);
                announced(&header).is_some() || optimization(&header).is_some()
            });
            assert_eq!(due, found, "slot {slot}");
        }
    });
}

#[test]
fn work_saturates() {
    on_chain(1, || {
        block(FIRST, 0);
        block_with_work(FIRST + 1, FixedU128::from_inner(u128::MAX));
        block_with_work(FIRST + 2, FixedU128::from_inner(u128::MAX));
        assert_eq!(ProofOfOptimization::accumulated(), FixedU128::from_inner(u128::MAX));
    });
}

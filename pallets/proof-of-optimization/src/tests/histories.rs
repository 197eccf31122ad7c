//! Any history of calls, blocks and silences keeps the invariants: `block` checks them after every block.

use crate::{mock::*, *};
use doin_primitives::{
    engine::{ClaimKind, KEY_TYPE},
    traits::WorkSink,
};
use frame_support::traits::KeyOwnerProofSystem;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Bond(u64),
    Unbond(u64),
    Withdraw(u64),
    Reputation(u64, u32),
    Keys(u64),
    PurgeKeys(u64),
    DoubleBlock(u64),
    Work(u32),
    Blocks {
        count: u64,
        gap: u64,
        seat: u32,
        primary: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 1u64..10;
    let step = prop_oneof![
        who.clone().prop_map(Step::Bond),
        who.clone().prop_map(Step::Unbond),
        who.clone().prop_map(Step::Withdraw),
        (who.clone(), 0u32..20_000).prop_map(|(who, points)| Step::Reputation(who, points)),
        who.clone().prop_map(Step::Keys),
        who.clone().prop_map(Step::PurgeKeys),
        who.prop_map(Step::DoubleBlock),
        (0u32..3_000).prop_map(Step::Work),
        (1u64..25, 1u64..12, 0u32..6, any::<bool>()).prop_map(|(count, gap, seat, primary)| Step::Blocks {
            count,
            gap,
            seat,
            primary
        }),
    ];
    proptest::collection::vec(step, 1..60)
}

/// Calls may fail: what counts is the state that they leave.
fn ignore(_: sp_runtime::DispatchResult) {}

fn run(members: u64, minimum: u32, steps: Vec<Step>) {
    chain_with(members, |parameters| parameters.minimum_authorities = minimum).execute_with(|| {
        let issuance = Balances::total_issuance();
        block(FIRST, 0);
        let mut announced_epochs = 1;
        for step in steps {
            match step {
                Step::Bond(who) => ignore(ProofOfOptimization::bond_authority(RuntimeOrigin::signed(who))),
                Step::Unbond(who) => ignore(ProofOfOptimization::unbond_authority(RuntimeOrigin::signed(who))),
                Step::Withdraw(who) => ignore(ProofOfOptimization::withdraw_authority_bond(RuntimeOrigin::signed(who))),
                Step::Reputation(who, points) => set_reputation(who, milli(points)),
                Step::Keys(who) => register_keys(who),
                Step::PurgeKeys(who) => ignore(Session::purge_keys(RuntimeOrigin::signed(who))),
                Step::DoubleBlock(who) => {
                    if let Some(owner) = Historical::prove((KEY_TYPE, keys::key(who))) {
                        let slot = CurrentSlot::<Test>::get();
                        let authorized = RuntimeOrigin::from(frame_system::RawOrigin::Authorized);
                        let proof = Box::new(double_block(who, slot));
                        ignore(ProofOfOptimization::report_equivocation(authorized, proof, owner));
                    }
                }
                Step::Work(points) => ProofOfOptimization::add_work(milli(points)),
                Step::Blocks {
                    count,
                    gap,
                    seat,
                    primary,
                } => {
                    let kind = if primary {
                        ClaimKind::Primary
                    } else {
                        ClaimKind::Secondary
                    };
                    for _ in 0..count {
                        let slot = CurrentSlot::<Test>::get() + gap;
                        let seat = seat % Authorities::<Test>::decode_len().unwrap() as u32;
                        let first_of_epoch = ProofOfOptimization::epoch_of(slot) > Some(EpochIndex::<Test>::get());
                        let header = block_by(slot, seat, kind, || {});
                        assert_eq!(announced(&header).is_some(), first_of_epoch);
                        announced_epochs += u32::from(first_of_epoch);
                    }
                }
            }
            assert!(!Authorities::<Test>::get().is_empty(), "the set is never empty");
            assert_eq!(
                Session::current_index() + 1,
                announced_epochs,
                "a session for each announcement"
            );
            // The session pallet, GRANDPA and the engine agree on who sits.
            let accounts: Vec<_> = Authorities::<Test>::get().iter().map(|seat| seat.account).collect();
            let validators = Session::validators();
            // All of them may have removed their keys: then the set goes on without the session pallet.
            if !validators.is_empty() {
                assert_eq!(validators, accounts);
            }
            let weights: Vec<_> = Authorities::<Test>::get().iter().map(|seat| seat.weight).collect();
            let votes: Vec<_> = Grandpa::grandpa_authorities()
                .iter()
                .map(|(_, weight)| *weight)
                .collect();
            assert_eq!(weights, votes);
            let burned = BURNED.with(|burned| *burned.borrow());
            assert_eq!(Balances::total_issuance() + burned, issuance);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_history_keeps_the_invariants(members in 1u64..5, minimum in 1u32..5, steps in steps()) {
        run(members, minimum, steps);
    }
}

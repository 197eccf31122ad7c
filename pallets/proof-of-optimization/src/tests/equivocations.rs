//! Reports of equivocations, honest and dishonest.

use crate::{mock::*, *};
use doin_primitives::engine::{ClaimKind, CompatibleDigestItem, EquivocationProof, KEY_TYPE};
use frame_support::{
    assert_err, assert_noop, assert_ok,
    dispatch::GetDispatchInfo,
    traits::{Authorize, KeyOwnerProofSystem},
};
use sp_core::Pair as _;
use sp_runtime::{
    traits::{Header as _, TransactionExtension, TxBaseImplication},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    DispatchResult,
};
use sp_session::MembershipProof;

fn ownership(who: u64) -> MembershipProof {
    Historical::prove((KEY_TYPE, keys::key(who))).unwrap()
}

fn report(proof: EquivocationProof<Header>, key_owner_proof: MembershipProof) -> DispatchResult {
    let authorized = RuntimeOrigin::from(frame_system::RawOrigin::Authorized);
    ProofOfOptimization::report_equivocation(authorized, Box::new(proof), key_owner_proof)
}

fn validity(
    source: TransactionSource,
    proof: EquivocationProof<Header>,
    key_owner_proof: MembershipProof,
) -> Result<sp_runtime::transaction_validity::ValidTransaction, TransactionValidityError> {
    let call: RuntimeCall = Call::report_equivocation {
        equivocation_proof: Box::new(proof),
        key_owner_proof,
    }
    .into();
    call.authorize(source)
        .expect("the call is one that is authorized")
        .map(|(valid, _)| valid)
}

fn next_epoch() {
    block(ProofOfOptimization::next_epoch().start_slot.into(), 0);
}

/// Reports and checks what changes: once, a tenth.
fn assert_report(who: u64, slot: u64, key_owner_proof: MembershipProof) {
    let (bond, issuance) = (ProofOfOptimization::bond_of(&who), Balances::total_issuance());
    let noted = BURNED.with(|burned| *burned.borrow());
    System::reset_events();
    assert_ok!(validity(
        TransactionSource::Local,
        double_block(who, slot),
        key_owner_proof.clone()
    ));
    assert_ok!(report(double_block(who, slot), key_owner_proof.clone()));
    let burned = (BOND / 10).min(bond);
    assert_eq!(ProofOfOptimization::bond_of(&who), bond - burned);
    assert_eq!(Balances::total_issuance(), issuance - burned);
    assert_eq!(BURNED.with(|burned| *burned.borrow()), noted + burned);
    let offence = Offence::DoubleBlock { slot };
    assert!(events().contains(&Event::EquivocationPunished { who, offence, burned }));
    // Again: refused, both before a block and in one.
    assert_noop!(
        report(double_block(who, slot), key_owner_proof.clone()),
        Error::<Test>::DuplicateOffenceReport
    );
    assert_eq!(
        validity(TransactionSource::Local, double_block(who, slot), key_owner_proof),
        Err(InvalidTransaction::Stale.into())
    );
}

#[test]
fn a_double_block_costs_reputation_a_tenth_of_the_bond_and_the_seat() {
    on_chain(3, || {
        block(FIRST, 0);
        block(FIRST + 1, 0);
        set_reputation(2, milli(13_000));
        assert_report(2, FIRST, ownership(2));
        REPUTATION.with(|book| assert_eq!(book.borrow()[&2], milli(3_000)));
        assert_eq!(Bonds::<Test>::get(2), Some(BondStatus::Suspended));
        // Other slots are other offences; ten use the bond up, more burn nothing.
        block(FIRST + 9, 0);
        for slot in FIRST + 1..FIRST + 9 {
            assert_report(2, slot, ownership(2));
        }
        next_epoch();
        next_epoch();
        assert_eq!(Authorities::<Test>::get().len(), 2);
        // It comes back by earning and by filling up the bond.
        set_reputation(2, milli(2_000));
        assert_ok!(ProofOfOptimization::bond_authority(RuntimeOrigin::signed(2)));
        assert_eq!(ProofOfOptimization::bond_of(&2), BOND);
    });
}

#[test]
fn the_bond_is_slashed_after_leaving_and_never_beyond_it() {
    on_chain(2, || {
        block(FIRST, 0);
        let proof = ownership(2);
        assert_ok!(ProofOfOptimization::unbond_authority(RuntimeOrigin::signed(2)));
        for _ in 0..4 {
            next_epoch();
        }
        assert!(!ProofOfOptimization::is_seated(&2));
        let status = Bonds::<Test>::get(2);
        assert!(matches!(status, Some(BondStatus::Unbonding { .. })));
        assert_report(2, FIRST, proof);
        assert_eq!(Bonds::<Test>::get(2), status, "who leaves goes on leaving");
    });
}

#[test]
fn reports_that_prove_nothing_are_refused_before_they_enter_a_block() {
    on_chain(3, || {
        block(FIRST, 0);
        block(FIRST + 3, 0);
        let refused = |proof: EquivocationProof<Header>, owner: MembershipProof, error: Error<Test>| {
            assert_noop!(report(proof.clone(), owner.clone()), error);
            for source in [TransactionSource::Local, TransactionSource::InBlock] {
                assert_eq!(
                    validity(source, proof.clone(), owner.clone()),
                    Err(InvalidTransaction::BadProof.into())
                );
            }
        };
        let good = double_block(2, FIRST + 1);

        // The same header twice.
        let mut same = good.clone();
        same.second_header = same.first_header.clone();
        refused(same, ownership(2), Error::InvalidEquivocationProof);
        // Headers of two slots.
        let mut two_slots = good.clone();
        two_slots.second_header = sealed_header(2, FIRST + 2, 2);
        refused(two_slots, ownership(2), Error::InvalidEquivocationProof);
        // A slot that neither header has.
        let mut other_slot = good.clone();
        other_slot.slot = (FIRST + 2).into();
        refused(other_slot, ownership(2), Error::InvalidEquivocationProof);
        // Somebody else sealed one of them.
        let mut two_authors = good.clone();
        two_authors.second_header = sealed_header(3, FIRST + 1, 2);
        refused(two_authors, ownership(2), Error::InvalidEquivocationProof);
        // No seal.
        let mut unsealed = good.clone();
        unsealed.second_header.digest_mut().pop();
        refused(unsealed, ownership(2), Error::InvalidEquivocationProof);
        // A seal over something else.
        let mut forged = good.clone();
        forged.second_header.digest_mut().pop();
        let signature = keys::pair(2).sign(b"something else");
        forged
            .second_header
            .digest_mut()
            .push(sp_runtime::DigestItem::doin_seal(signature.into()));
        refused(forged, ownership(2), Error::InvalidEquivocationProof);
        // Somebody else is blamed: the proof is of another key.
        let mut framed = good.clone();
        framed.offender = keys::key(1);
        refused(framed.clone(), ownership(1), Error::InvalidEquivocationProof);
        refused(framed, ownership(2), Error::InvalidKeyOwnershipProof);
        refused(good.clone(), ownership(1), Error::InvalidKeyOwnershipProof);
        // A key of nobody.
        let stranger = double_block(9, FIRST + 1);
        refused(stranger.clone(), ownership(9), Error::InvalidKeyOwnershipProof);
        refused(stranger, ownership(2), Error::InvalidKeyOwnershipProof);
        // A wrong number of members, a wrong session, a slot that is not yet.
        let mut count = ownership(2);
        count.validator_count += 1;
        refused(good.clone(), count, Error::InvalidKeyOwnershipProof);
        let mut session = ownership(2);
        session.session += 1;
        refused(good.clone(), session, Error::InvalidKeyOwnershipProof);
        refused(
            double_block(2, FIRST + 4),
            ownership(2),
            Error::InvalidKeyOwnershipProof,
        );
        refused(
            double_block(2, FIRST - 1),
            ownership(2),
            Error::InvalidKeyOwnershipProof,
        );

        // Nothing happened to anybody.
        for who in 1..=3 {
            assert_eq!(ProofOfOptimization::bond_of(&who), BOND);
            REPUTATION.with(|book| assert_eq!(book.borrow()[&who], milli(10_000)));
        }
        assert_report(2, FIRST + 1, ownership(2));
    });
}

#[test]
fn a_report_is_taken_from_the_node_itself_and_from_blocks_only() {
    on_chain(2, || {
        block(FIRST, 0);
        let (proof, owner) = (double_block(2, FIRST), ownership(2));
        let from = |source| validity(source, proof.clone(), owner.clone());
        assert_eq!(from(TransactionSource::External), Err(InvalidTransaction::Call.into()));
        let valid = from(TransactionSource::Local).unwrap();
        assert!(!valid.propagate);
        assert_eq!(valid.provides.len(), 1);
        assert_eq!(from(TransactionSource::InBlock).unwrap().provides, valid.provides);
        // A signer, root and nobody are refused.
        let call = |origin| ProofOfOptimization::report_equivocation(origin, Box::new(proof.clone()), owner.clone());
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::root(), RuntimeOrigin::none()] {
            assert_noop!(call(origin), sp_runtime::DispatchError::BadOrigin);
        }
    });
}

#[test]
fn the_extension_of_the_sdk_authorizes_and_the_call_is_free() {
    on_chain(2, || {
        block(FIRST, 0);
        let call: RuntimeCall = Call::report_equivocation {
            equivocation_proof: Box::new(double_block(2, FIRST)),
            key_owner_proof: ownership(2),
        }
        .into();
        let info = call.get_dispatch_info();
        assert_eq!(info.pays_fee, frame_support::dispatch::Pays::No);
        let (valid, _, origin) = frame_system::AuthorizeCall::<Test>::new()
            .validate(
                RuntimeOrigin::none(),
                &call,
                &info,
                0,
                (),
                &TxBaseImplication(()),
                TransactionSource::InBlock,
            )
            .unwrap();
        assert_eq!(valid.priority, u64::MAX);
        use sp_runtime::traits::Dispatchable;
        assert_ok!(call.dispatch(origin));
        assert_eq!(ProofOfOptimization::bond_of(&2), BOND - BOND / 10);
    });
}

#[test]
fn the_node_submits_its_report_to_its_own_pool() {
    use sp_core::offchain::{testing::TestTransactionPoolExt, TransactionPoolExt};
    let mut chain = chain_with(2, |_| {});
    let (pool, state) = TestTransactionPoolExt::new();
    chain.register_extension(TransactionPoolExt::new(pool));
    chain.execute_with(|| {
        block(FIRST, 0);
        let submitted = ProofOfOptimization::submit_equivocation_report(double_block(2, FIRST), ownership(2));
        assert_eq!(submitted, Some(()));
        let bytes = state.write().transactions.pop().unwrap();
        let transaction: Extrinsic = codec::Decode::decode(&mut &bytes[..]).unwrap();
        assert!(matches!(
            transaction.function,
            RuntimeCall::ProofOfOptimization(Call::report_equivocation { .. })
        ));
    });
}

#[test]
fn a_proof_must_be_of_the_session_of_its_slot() {
    on_chain(3, || {
        block(FIRST, 0);
        next_epoch();
        next_epoch();
        let of_session_2 = ownership(2);
        assert_eq!(of_session_2.session, 2);
        // A slot of epoch 0 under a key of session 2: that may have been another's key then.
        assert_noop!(
            report(double_block(2, FIRST + 3), of_session_2.clone()),
            Error::<Test>::InvalidKeyOwnershipProof
        );
        let slot = FIRST + 2 * EPOCH;
        next_epoch();
        assert_report(2, slot, of_session_2);
    });
}

#[test]
fn a_slot_of_a_skipped_epoch_belongs_to_either_neighbour() {
    on_chain(3, || {
        block(FIRST, 0);
        next_epoch();
        let before = ownership(2);
        // Epochs 2 to 4 have no block here; on another fork they may.
        block(FIRST + 5 * EPOCH, 0);
        let after = ownership(3);
        assert_eq!((before.session, after.session), (1, 2));
        assert_report(2, FIRST + 3 * EPOCH, before.clone());
        assert_report(3, FIRST + 3 * EPOCH, after.clone());
        // But not those of the epochs beyond.
        assert_noop!(
            report(double_block(2, FIRST + 5 * EPOCH), before),
            Error::<Test>::InvalidKeyOwnershipProof
        );
        assert_noop!(
            report(double_block(3, FIRST + EPOCH), after),
            Error::<Test>::InvalidKeyOwnershipProof
        );
    });
}

#[test]
fn a_forgotten_session_proves_nothing() {
    on_chain(2, || {
        block(FIRST, 0);
        let old = ownership(2);
        for _ in 0..NetworkParameters::<Test>::get().remembered_sessions() + 2 {
            next_epoch();
        }
        assert_noop!(
            report(double_block(2, FIRST), old),
            Error::<Test>::InvalidKeyOwnershipProof
        );
    });
}

#[test]
fn records_of_offences_are_bounded_and_forget_what_cannot_come_again() {
    chain_with(2, |parameters| parameters.epoch_length = 100).execute_with(|| {
        block(FIRST, 0);
        block(FIRST + 60, 0);
        let proof = ownership(2);
        for offset in 0..u64::from(MAXIMUM_OFFENCES) {
            assert_ok!(report(double_block(2, FIRST + offset), proof.clone()));
        }
        assert_eq!(ProofOfOptimization::bond_of(&2), 0);
        // Full: no more room, and nothing left to take.
        assert_noop!(
            report(double_block(2, FIRST + 50), proof),
            Error::<Test>::DuplicateOffenceReport
        );
        // When the session is forgotten the record makes room for what is new.
        for _ in 0..NetworkParameters::<Test>::get().remembered_sessions() + 3 {
            next_epoch();
        }
        let slot = CurrentSlot::<Test>::get();
        // Still seated: nobody else is bonded in this test, so the set went on.
        if ProofOfOptimization::is_seated(&2) {
            assert_ok!(report(double_block(2, slot), ownership(2)));
            assert_eq!(Offences::<Test>::get(2).into_inner(), [Offence::DoubleBlock { slot }]);
        } else {
            assert_eq!(Authorities::<Test>::get().len(), 1);
        }
    });
}

mod votes {
    use super::*;
    use pallet_grandpa::Call as GrandpaCall;
    use sp_core::H256;
    #[allow(deprecated)]
    use sp_runtime::traits::ValidateUnsigned;

    fn ownership(who: u64) -> MembershipProof {
        Historical::prove((sp_consensus_grandpa::KEY_TYPE, keys::grandpa_key(who))).unwrap()
    }

    fn double_vote(who: u64, set_id: u64, targets: [u8; 2]) -> sp_consensus_grandpa::EquivocationProof<H256, u32> {
        let round_number = 3;
        let vote = |target: u8| {
            let vote = finality_grandpa::Prevote {
                target_hash: H256::repeat_byte(target),
                target_number: 5u32,
            };
            let message = finality_grandpa::Message::Prevote(vote.clone());
            let payload = sp_consensus_grandpa::localized_payload(round_number, set_id, &message);
            (vote, keys::grandpa_pair(who).sign(&payload).into())
        };
        sp_consensus_grandpa::EquivocationProof::new(
            set_id,
            sp_consensus_grandpa::Equivocation::Prevote(finality_grandpa::Equivocation {
                round_number,
                identity: keys::grandpa_key(who),
                first: vote(targets[0]),
                second: vote(targets[1]),
            }),
        )
    }

    #[allow(deprecated)]
    fn validity(
        proof: sp_consensus_grandpa::EquivocationProof<H256, u32>,
        owner: MembershipProof,
    ) -> Result<(), TransactionValidityError> {
        let call = GrandpaCall::report_equivocation_unsigned {
            equivocation_proof: Box::new(proof),
            key_owner_proof: owner,
        };
        <Grandpa as ValidateUnsigned>::validate_unsigned(TransactionSource::InBlock, &call)?;
        <Grandpa as ValidateUnsigned>::pre_dispatch(&call)
    }

    fn report(
        proof: sp_consensus_grandpa::EquivocationProof<H256, u32>,
        owner: MembershipProof,
    ) -> Result<(), sp_runtime::DispatchError> {
        Grandpa::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(proof), owner)
            .map(|_| ())
            .map_err(|fault| fault.error)
    }

    #[test]
    fn a_double_vote_costs_the_whole_bond() {
        on_chain(2, || {
            block(FIRST, 0);
            let (proof, owner) = (double_vote(2, 0, [1, 2]), ownership(2));
            assert_ok!(validity(proof.clone(), owner.clone()));
            System::reset_events();
            assert_ok!(report(proof.clone(), owner.clone()));
            assert_eq!(ProofOfOptimization::bond_of(&2), 0);
            assert_eq!(BURNED.with(|burned| *burned.borrow()), BOND);
            REPUTATION.with(|book| assert_eq!(book.borrow()[&2], milli(0)));
            let offence = Offence::DoubleVote { set_id: 0, round: 3 };
            assert!(events().contains(&Event::EquivocationPunished {
                who: 2,
                offence,
                burned: BOND
            }));
            assert_eq!(Bonds::<Test>::get(2), Some(BondStatus::Suspended));
            // Again, and with the proof of a later session of the same set.
            assert_eq!(
                validity(proof.clone(), owner.clone()),
                Err(InvalidTransaction::Stale.into())
            );
            assert_err!(
                report(proof.clone(), owner),
                pallet_grandpa::Error::<Test>::DuplicateOffenceReport
            );
            next_epoch();
            assert_eq!(pallet_grandpa::CurrentSetId::<Test>::get(), 0);
            let later = ownership(2);
            assert_eq!(
                validity(proof.clone(), later.clone()),
                Err(InvalidTransaction::Stale.into())
            );
            assert_err!(
                report(proof, later),
                pallet_grandpa::Error::<Test>::DuplicateOffenceReport
            );
        });
    }

    #[test]
    fn the_same_vote_twice_is_no_offence_and_no_transaction_either() {
        on_chain(2, || {
            block(FIRST, 0);
            // The reporter is the "offender" itself, so that the proof of ownership is right: this is how an author
            // would fill an empty block for nothing.
            let (bogus, owner) = (double_vote(1, 0, [1, 1]), ownership(1));
            assert_eq!(
                validity(bogus.clone(), owner.clone()),
                Err(InvalidTransaction::BadProof.into())
            );
            assert_err!(
                report(bogus, owner),
                pallet_grandpa::Error::<Test>::InvalidEquivocationProof
            );
            assert_eq!(
                validity(double_vote(2, 0, [1, 2]), ownership(1)),
                Err(InvalidTransaction::BadProof.into())
            );
            assert_eq!(ProofOfOptimization::bond_of(&1), BOND);
        });
    }

    #[test]
    fn a_vote_is_punished_after_leaving() {
        on_chain(2, || {
            block(FIRST, 0);
            let owner = ownership(2);
            ProofOfOptimization::unbond_authority(RuntimeOrigin::signed(2)).unwrap();
            for _ in 0..3 {
                next_epoch();
            }
            assert!(!ProofOfOptimization::is_seated(&2));
            assert_ok!(report(double_vote(2, 0, [1, 2]), owner));
            assert_eq!(ProofOfOptimization::bond_of(&2), 0);
            assert!(matches!(Bonds::<Test>::get(2), Some(BondStatus::Unbonding { .. })));
        });
    }
}

#[test]
fn claims_of_equivocating_kinds_are_equal_offences() {
    on_chain(2, || {
        block(FIRST, 0);
        // One primary and one secondary claim to the same slot: two blocks all the same.
        let header = |kind| {
            let mut header = sealed_header(2, FIRST, 1);
            header.digest_mut().logs.clear();
            header
                .digest_mut()
                .push(sp_runtime::DigestItem::doin_pre_digest(claim(FIRST, 0, kind)));
            let signature = keys::pair(2).sign(header.hash().as_ref());
            header
                .digest_mut()
                .push(sp_runtime::DigestItem::doin_seal(signature.into()));
            header
        };
        let proof = EquivocationProof {
            offender: keys::key(2),
            slot: FIRST.into(),
            first_header: header(ClaimKind::Primary),
            second_header: header(ClaimKind::Secondary),
        };
        assert_ok!(report(proof, ownership(2)));
    });
}

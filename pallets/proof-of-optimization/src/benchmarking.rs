//! Benchmarks of every call and of every unit of the hooks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use crate::*;
use alloc::{boxed::Box, vec, vec::Vec};
use doin_primitives::{
    engine::{AuthorityId, ClaimKind, CompatibleDigestItem, EquivocationProof, SlotClaim, KEY_TYPE},
    traits::{SlotClock, WorkSink},
    Balance, DOIN,
};
use frame_benchmarking::v2::*;
use frame_support::{
    pallet_prelude::{Get, TransactionSource},
    traits::{
        fungible::{Inspect, Mutate},
        Hooks, KeyOwnerProofSystem, OneSessionHandler, PostInherents,
    },
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::{
    generic::Digest,
    traits::{Hash, Header as HeaderT, One},
    DigestItem, FixedU128, RuntimeAppPublic,
};

/// A bond and enough beside it.
fn endow<T: Config>(who: &T::AccountId) {
    let amount: Balance = NetworkParameters::<T>::get().authority_bond.saturating_add(100 * DOIN);
    let minimum = T::Currency::minimum_balance();
    T::Currency::set_balance(who, amount.saturating_add(minimum));
}

fn key(index: u32) -> AuthorityId {
    let seed = Some(alloc::format!("//authority/{index}").into_bytes());
    AuthorityId::generate_pair(seed)
}

fn member<T: Config>(index: u32) -> T::AccountId {
    account("authority", index, 0)
}

/// `count` authorities with seats in this epoch and the next, as genesis makes them.
fn seat<T: Config>(count: u32) -> Vec<(T::AccountId, AuthorityId)> {
    Candidates::<T>::kill();
    let _ = Bonds::<T>::clear(u32::MAX, None);
    let _ = LastSeen::<T>::clear(u32::MAX, None);
    let members: Vec<_> = (0..count).map(|index| (member::<T>(index), key(index))).collect();
    for (index, (who, key)) in members.iter().enumerate() {
        endow::<T>(who);
        T::BenchmarkHelper::prepare_authority(who, key.clone(), 10_000 + index as u32);
    }
    <Pallet<T> as OneSessionHandler<_>>::on_genesis_session(members.iter().map(|(who, key)| (who, key.clone())));
    members
}

/// A full list of candidates without seats, each with a reputation of two points.
fn fill_candidates<T: Config>(count: u32) {
    for index in 0..count {
        let who: T::AccountId = account("candidate", index, 0);
        T::BenchmarkHelper::prepare_authority(&who, key(1_000_000 + index), 2_000);
        if Candidates::<T>::try_append(who.clone()).is_ok() {
            Bonds::<T>::insert(&who, BondStatus::Candidate);
        }
    }
}

/// A claim to `slot`.
fn claim(slot: u64, authority_index: u32) -> SlotClaim {
    // The runtime hashes the output and checks no proof: bytes that decode will do.
    let vrf_signature =
        codec::Decode::decode(&mut &[1u8; 96][..]).expect("an output and a proof of small numbers decode");
    SlotClaim {
        slot: slot.into(),
        authority_index,
        kind: ClaimKind::Primary,
        vrf_signature,
    }
}

/// Opens the next block with a claim of the last authority.
fn open_block<T: Config>(slot: u64, seats: &[(T::AccountId, AuthorityId)]) -> BlockNumberFor<T> {
    let number = frame_system::Pallet::<T>::block_number() + One::one();
    let digest = Digest {
        logs: vec![DigestItem::doin_pre_digest(claim(
            slot,
            seats.len().saturating_sub(1) as u32,
        ))],
    };
    frame_system::Pallet::<T>::initialize(&number, &Default::default(), &digest);
    number
}

/// Two headers of the authority in `slot`, sealed.
fn double_block<T: Config>(
    slot: u64,
    key: &AuthorityId,
) -> EquivocationProof<frame_system::pallet_prelude::HeaderFor<T>> {
    let header = |variant: u8| {
        let digest = Digest {
            logs: vec![DigestItem::doin_pre_digest(claim(slot, 0))],
        };
        let root = <T as frame_system::Config>::Hashing::hash(&[variant]);
        let mut header = <frame_system::pallet_prelude::HeaderFor<T> as HeaderT>::new(
            One::one(),
            root,
            Default::default(),
            Default::default(),
            digest,
        );
        let signature = key.sign(&header.hash()).expect("the key is in the keystore");
        header.digest_mut().push(DigestItem::doin_seal(signature));
        header
    };
    EquivocationProof {
        offender: key.clone(),
        slot: slot.into(),
        first_header: header(1),
        second_header: header(2),
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn on_initialize() {
        let seats = seat::<T>(T::MaxAuthorities::get());
        GenesisSlot::<T>::put(1);
        let number = open_block::<T>(2, &seats);
        let authors = (0..AUTHOR_WINDOW)
            .map(|index| (account("author", index, 0), number))
            .collect::<Vec<_>>();
        RecentAuthors::<T>::put(frame_support::BoundedVec::truncate_from(authors));

        #[block]
        {
            Pallet::<T>::begin_block(number);
        }
        assert_eq!(Pallet::<T>::current_slot(), 2);
    }

    #[benchmark]
    fn on_finalize() {
        let seats = seat::<T>(T::MaxAuthorities::get());
        GenesisSlot::<T>::put(1);
        let number = open_block::<T>(2, &seats);
        Pallet::<T>::begin_block(number);
        Pallet::<T>::post_inherents();
        T::BenchmarkHelper::fill_pot();
        Pallet::<T>::add_work(FixedU128::from_u32(1_000_000_000));

        #[block]
        {
            Pallet::<T>::on_finalize(number);
        }
        assert_eq!(OptimizationBlockCount::<T>::get(), 1);
    }

    #[benchmark]
    fn first_block(n: Linear<1, { T::MaxAuthorities::get() }>) {
        let seats = seat::<T>(n);
        let number = open_block::<T>(2, &seats);

        #[block]
        {
            Pallet::<T>::begin_block(number);
        }
        assert_eq!(GenesisSlot::<T>::get(), Some(2));
    }

    #[benchmark]
    fn plan_session(c: Linear<1, { T::MaxCandidates::get() }>) {
        let seats = seat::<T>(T::MaxAuthorities::get().min(c));
        fill_candidates::<T>(c.saturating_sub(seats.len() as u32));
        GenesisSlot::<T>::put(1);
        CurrentSlot::<T>::put(1 + NetworkParameters::<T>::get().epoch_length);

        let members = || seats.iter().map(|(who, key)| (who, key.clone()));

        #[block]
        {
            let _planned = Pallet::<T>::plan_accounts();
            <Pallet<T> as OneSessionHandler<_>>::on_new_session(true, members(), members());
        }
        assert_eq!(EpochIndex::<T>::get(), 1);
    }

    #[benchmark]
    fn bond_authority() {
        // A full list, all of it without a seat but one: the newcomer is compared with each.
        seat::<T>(1);
        fill_candidates::<T>(T::MaxCandidates::get());
        let who: T::AccountId = account("newcomer", 0, 0);
        endow::<T>(&who);
        T::BenchmarkHelper::prepare_authority(&who, key(9_999_999), 3_000);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert_eq!(Bonds::<T>::get(&who), Some(BondStatus::Candidate));
    }

    #[benchmark]
    fn unbond_authority() {
        seat::<T>(T::MaxAuthorities::get());
        fill_candidates::<T>(T::MaxCandidates::get());
        let who = member::<T>(0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(matches!(Bonds::<T>::get(&who), Some(BondStatus::Unbonding { .. })));
    }

    #[benchmark]
    fn withdraw_authority_bond() -> Result<(), BenchmarkError> {
        seat::<T>(T::MaxAuthorities::get());
        let who: T::AccountId = account("newcomer", 0, 0);
        endow::<T>(&who);
        T::BenchmarkHelper::prepare_authority(&who, key(9_999_999), 3_000);
        Pallet::<T>::do_bond(&who)?;
        Pallet::<T>::do_unbond(&who)?;
        CurrentSlot::<T>::put(u64::MAX);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert_eq!(Bonds::<T>::get(&who), None);
        Ok(())
    }

    /// The proof is of the runtime's own session: how many authorities that has, the benchmark chain decides.
    #[benchmark]
    fn report_equivocation(v: Linear<1, { T::MaxAuthorities::get() }>) -> Result<(), BenchmarkError> {
        let (who, proof, key_owner_proof) = reported::<T>(v)?;

        #[extrinsic_call]
        _(RawOrigin::Authorized, Box::new(proof), key_owner_proof);

        assert_eq!(Offences::<T>::get(&who).len(), 1);
        Ok(())
    }

    #[benchmark]
    fn authorize_report_equivocation(v: Linear<1, { T::MaxAuthorities::get() }>) -> Result<(), BenchmarkError> {
        let (_, proof, key_owner_proof) = reported::<T>(v)?;

        #[block]
        {
            Pallet::<T>::authorize_report(TransactionSource::InBlock, &proof, &key_owner_proof)
                .map_err(|_| BenchmarkError::Stop("the report must be authorized"))?;
        }
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::chain_with(1, |_| {}), crate::mock::Test);
}

/// A report of the first of `count` authorities of the present session.
type Reported<T> = (
    <T as frame_system::Config>::AccountId,
    EquivocationProof<frame_system::pallet_prelude::HeaderFor<T>>,
    <T as Config>::KeyOwnerProof,
);

fn reported<T: Config>(count: u32) -> Result<Reported<T>, BenchmarkError> {
    let seats = seat::<T>(count);
    let accounts: Vec<_> = seats.iter().map(|(who, _)| who.clone()).collect();
    T::BenchmarkHelper::seat_session(&accounts);
    GenesisSlot::<T>::put(1);
    CurrentSlot::<T>::put(2);
    SessionEpochs::<T>::insert(
        <T::Sessions as frame_support::traits::ValidatorSet<T::AccountId>>::session_index(),
        0,
    );
    let (who, key) = seats.into_iter().next().ok_or(BenchmarkError::Stop("no authorities"))?;
    let key_owner_proof =
        T::KeyOwners::prove((KEY_TYPE, key.clone())).ok_or(BenchmarkError::Stop("the key must be provable"))?;
    Ok((who, double_block::<T>(2, &key), key_owner_proof))
}

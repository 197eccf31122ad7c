//! GRANDPA with the weights of the engine.
//!
//! The stock session handler gives every seat of GRANDPA a weight of 1. [`WeightedGrandpa`] stands in its place under
//! the same key type and hands the weights of the epoch on, so that finality and authorship are in the same hands.

use crate::Config;
use codec::Encode;
use core::marker::PhantomData;
use frame_support::{pallet_prelude::Get, traits::OneSessionHandler, WeakBoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_grandpa::{Authorities, AuthorityId, AuthorityList, CurrentSetId, SetIdSession, Stalled};
use sp_consensus_grandpa::{check_equivocation_proof, ConsensusLog, EquivocationProof, GRANDPA_ENGINE_ID};
use sp_runtime::{
    traits::Zero,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    BoundToRuntimeAppPublic, DigestItem, DispatchError,
};
use sp_staking::offence::OffenceReportSystem;

/// The session handler of GRANDPA. In the runtime's session keys it must follow this crate's pallet, whose weights it
/// reads.
pub struct WeightedGrandpa<T>(PhantomData<T>);

impl<T> WeightedGrandpa<T>
where
    T: Config + pallet_grandpa::Config + pallet_session::Config,
{
    fn weighted<'a>(members: impl Iterator<Item = (&'a T::AccountId, AuthorityId)>) -> AuthorityList
    where
        T::AccountId: 'a,
    {
        let seats = crate::Authorities::<T>::get();
        let weight = |who: &T::AccountId| {
            seats
                .iter()
                .find(|seat| seat.account == *who)
                .map_or(1, |seat| seat.weight)
        };
        members.map(|(who, key)| (key, weight(who).max(1))).collect()
    }
}

impl<T> BoundToRuntimeAppPublic for WeightedGrandpa<T> {
    type Public = AuthorityId;
}

impl<T> OneSessionHandler<T::AccountId> for WeightedGrandpa<T>
where
    T: Config + pallet_grandpa::Config + pallet_session::Config,
{
    type Key = AuthorityId;

    fn on_genesis_session<'a, I>(validators: I)
    where
        I: Iterator<Item = (&'a T::AccountId, AuthorityId)> + 'a,
        T::AccountId: 'a,
    {
        // `pallet_grandpa`'s own genesis list stays empty: it refuses to be set twice.
        Authorities::<T>::put(
            WeakBoundedVec::<_, <T as pallet_grandpa::Config>::MaxAuthorities>::force_from(
                Self::weighted(validators),
                Some("more session keys than GRANDPA's MaxAuthorities"),
            ),
        );
        SetIdSession::<T>::insert(0, 0);
    }

    /// A change is due when accounts or keys changed, when a weight moved, or when root said that GRANDPA has stalled.
    fn on_new_session<'a, I>(changed: bool, validators: I, _queued: I)
    where
        I: Iterator<Item = (&'a T::AccountId, AuthorityId)> + 'a,
        T::AccountId: 'a,
    {
        let mut set_id = CurrentSetId::<T>::get();
        let next = Self::weighted(validators);
        let stalled = Stalled::<T>::get();
        // Everybody has removed their keys: the engine goes on with the keys that it has, and so does GRANDPA.
        let somebody = !next.is_empty();
        if somebody && (changed || stalled.is_some() || Authorities::<T>::get()[..] != next[..]) {
            // Refused while a forced change with a delay is pending; the difference is found again next session.
            let scheduled = match stalled {
                Some((further_wait, median)) => {
                    pallet_grandpa::Pallet::<T>::schedule_change(next, further_wait, Some(median))
                }
                None => pallet_grandpa::Pallet::<T>::schedule_change(next, Zero::zero(), None),
            };
            if scheduled.is_ok() {
                Stalled::<T>::kill();
                set_id = set_id.saturating_add(1);
                CurrentSetId::<T>::put(set_id);
                if let Some(oldest) = set_id.checked_sub(T::MaxSetIdSessionEntries::get().max(1)) {
                    SetIdSession::<T>::remove(oldest);
                }
            }
        }
        // The present set is responsible for this session too: what proofs of equivocations are checked against.
        SetIdSession::<T>::insert(set_id, pallet_session::Pallet::<T>::current_index());
    }

    fn on_disabled(index: u32) {
        let log = ConsensusLog::<BlockNumberFor<T>>::OnDisabled(index.into());
        frame_system::Pallet::<T>::deposit_log(DigestItem::Consensus(GRANDPA_ENGINE_ID, log.encode()));
    }
}

/// `pallet_grandpa`'s report system, except that a free report is checked in full before it may enter a block: the
/// stock one checks the signatures only when it is executed, so that an author could fill an otherwise empty secondary
/// block with a bogus report of its own key and have it valid.
pub struct GrandpaReports<T, Reports, KeyOwners, Longevity>(PhantomData<(T, Reports, KeyOwners, Longevity)>);

/// What a report of a GRANDPA equivocation brings.
type Evidence<T> = (
    EquivocationProof<<T as frame_system::Config>::Hash, BlockNumberFor<T>>,
    <T as pallet_grandpa::Config>::KeyOwnerProof,
);
/// Who reports it.
type Reporter<T> = Option<<T as frame_system::Config>::AccountId>;
type Stock<T, Reports, KeyOwners, Longevity> =
    pallet_grandpa::EquivocationReportSystem<T, Reports, KeyOwners, Longevity>;

impl<T, Reports, KeyOwners, Longevity> OffenceReportSystem<Reporter<T>, Evidence<T>>
    for GrandpaReports<T, Reports, KeyOwners, Longevity>
where
    T: pallet_grandpa::Config,
    Longevity: Get<u64>,
    Stock<T, Reports, KeyOwners, Longevity>: OffenceReportSystem<Reporter<T>, Evidence<T>>,
{
    type Longevity = Longevity;

    fn publish_evidence(evidence: Evidence<T>) -> Result<(), ()> {
        Stock::<T, Reports, KeyOwners, Longevity>::publish_evidence(evidence)
    }

    fn check_evidence(evidence: Evidence<T>) -> Result<(), TransactionValidityError> {
        if !check_equivocation_proof(evidence.0.clone()) {
            return Err(InvalidTransaction::BadProof.into());
        }
        Stock::<T, Reports, KeyOwners, Longevity>::check_evidence(evidence)
    }

    fn process_evidence(reporter: Reporter<T>, evidence: Evidence<T>) -> Result<(), DispatchError> {
        Stock::<T, Reports, KeyOwners, Longevity>::process_evidence(reporter, evidence)
    }
}

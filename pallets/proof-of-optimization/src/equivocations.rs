//! Reports of equivocations: two blocks in a slot, two GRANDPA votes in a round.

use crate::{
    Config, CurrentSlot, Error, Event, HoldReason, NetworkParameters, Offence, Offences, Pallet, SessionEpochs,
    SuspensionReason,
};
use alloc::{boxed::Box, vec::Vec};
use doin_primitives::{
    engine::{check_equivocation_proof, EquivocationProof, KEY_TYPE},
    traits::{BurnCounter, ReputationLedger},
    SlotNumber,
};
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Get, TransactionSource, Weight},
    traits::{
        fungible::hold::Mutate,
        tokens::{Fortitude, Precision},
        KeyOwnerProofSystem, ValidatorSet,
    },
};
use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::HeaderFor};
use pallet_grandpa::{EquivocationOffence, TimeSlot};
use sp_runtime::{
    traits::Convert,
    transaction_validity::{
        InvalidTransaction, TransactionPriority, TransactionValidityError, TransactionValidityWithRefund,
        ValidTransaction,
    },
    Perbill,
};
use sp_session::GetSessionNumber;
use sp_staking::{
    offence::{OffenceError, ReportOffence},
    SessionIndex,
};

/// The part of the bond that two blocks in a slot cost: each of them can be an accident of a failover once.
const DOUBLE_BLOCK: Perbill = Perbill::from_percent(10);
/// The part of the bond that two votes in a round cost: they attack finality.
const DOUBLE_VOTE: Perbill = Perbill::from_percent(100);

/// Nothing is known of a member of a session beyond its account: the stakes are in this pallet.
pub struct UnitIdentification;

impl<AccountId> Convert<AccountId, Option<()>> for UnitIdentification {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl<T: Config> Pallet<T> {
    /// Checks a report in full. Returns the offender and its offence.
    fn examine(
        proof: &EquivocationProof<HeaderFor<T>>,
        key_owner_proof: T::KeyOwnerProof,
    ) -> Result<(T::AccountId, Offence), Error<T>> {
        let slot = u64::from(proof.slot);
        ensure!(
            Self::epoch_fits_session(slot, key_owner_proof.session()),
            Error::<T>::InvalidKeyOwnershipProof
        );
        let (offender, ()) = T::KeyOwners::check_proof((KEY_TYPE, proof.offender.clone()), key_owner_proof)
            .ok_or(Error::<T>::InvalidKeyOwnershipProof)?;
        let offence = Offence::DoubleBlock { slot };
        ensure!(
            !Self::is_punished(&offender, &offence),
            Error::<T>::DuplicateOffenceReport
        );
        ensure!(
            check_equivocation_proof(proof.clone()),
            Error::<T>::InvalidEquivocationProof
        );
        Ok((offender, offence))
    }

    /// Whether a header in `slot` may have been claimed under the list of `session`.
    ///
    /// The list of a session claims the slots from the end of the epoch before it (epochs that this chain skipped, in
    /// which another fork may have had a block) to the beginning of the next session's epoch.
    fn epoch_fits_session(slot: SlotNumber, session: SessionIndex) -> bool {
        if slot > CurrentSlot::<T>::get() || session > T::Sessions::session_index() {
            return false;
        }
        let Some(epoch) = Self::epoch_of(slot) else {
            return false;
        };
        let Some(own) = SessionEpochs::<T>::get(session) else {
            return false;
        };
        let after_previous = match session.checked_sub(1) {
            None => true,
            // A forgotten predecessor: only the session's own epoch is certain.
            Some(previous) => SessionEpochs::<T>::get(previous).map_or(epoch >= own, |previous| epoch > previous),
        };
        let before_next = SessionEpochs::<T>::get(session.saturating_add(1)).is_none_or(|next| epoch < next);
        after_previous && before_next
    }

    /// Whether a report of the offence is a duplicate: it was punished, or the account's record is full.
    pub(crate) fn is_punished(who: &T::AccountId, offence: &Offence) -> bool {
        Offences::<T>::get(who).contains(offence)
    }

    /// Whether a report of the offence could still be proven: its session is remembered.
    fn is_remembered(offence: &Offence) -> bool {
        let Offence::DoubleBlock { slot } = offence else {
            return true;
        };
        let oldest = T::Sessions::session_index().saturating_sub(NetworkParameters::<T>::get().remembered_sessions());
        match (Self::epoch_of(*slot), SessionEpochs::<T>::get(oldest)) {
            // One epoch more than can be proven.
            (Some(epoch), Some(oldest)) => epoch.saturating_add(1) >= oldest,
            _ => true,
        }
    }

    /// Punishes an offence once: −10 reputation, a part of the bond burned, out of the list of candidates.
    ///
    /// `is_remembered` tells which recorded offences could be reported again; the others are forgotten.
    fn punish(
        who: &T::AccountId,
        offence: Offence,
        part: Perbill,
        is_remembered: impl Fn(&Offence) -> bool,
    ) -> Result<(), Error<T>> {
        Offences::<T>::try_mutate(who, |offences| {
            ensure!(!offences.contains(&offence), Error::<T>::DuplicateOffenceReport);
            offences.retain(is_remembered);
            // A full record means a bond long gone: there is nothing left to punish.
            offences
                .try_push(offence)
                .map_err(|_| Error::<T>::DuplicateOffenceReport)
        })?;
        let amount = part
            .mul_ceil(NetworkParameters::<T>::get().authority_bond)
            .min(Self::bond_of(who));
        let reason = HoldReason::AuthorityBond.into();
        // Cannot fail: no more than is on hold is burned. If it did, nothing would have been burned.
        let burned = T::Currency::burn_held(&reason, who, amount, Precision::BestEffort, Fortitude::Force).unwrap_or(0);
        T::Burns::note_burned(burned);
        T::Reputation::on_equivocation(who);
        Self::suspend(who, SuspensionReason::Equivocation);
        Self::deposit_event(Event::EquivocationPunished {
            who: who.clone(),
            offence,
            burned,
        });
        Ok(())
    }

    pub(crate) fn do_report(
        proof: &EquivocationProof<HeaderFor<T>>,
        key_owner_proof: T::KeyOwnerProof,
    ) -> DispatchResult {
        let (offender, offence) = Self::examine(proof, key_owner_proof)?;
        Self::punish(&offender, offence, DOUBLE_BLOCK, Self::is_remembered)?;
        Ok(())
    }

    /// Whether a report may enter a block. It is free: only the node itself and block authors may bring it, and only
    /// with a proof that holds in full, so that no bogus report makes an empty secondary block valid.
    pub(crate) fn authorize_report(
        source: TransactionSource,
        proof: &EquivocationProof<HeaderFor<T>>,
        key_owner_proof: &T::KeyOwnerProof,
    ) -> TransactionValidityWithRefund {
        if source == TransactionSource::External {
            return Err(InvalidTransaction::Call.into());
        }
        let (offender, _) = Self::examine(proof, key_owner_proof.clone()).map_err(|fault| {
            TransactionValidityError::from(match fault {
                Error::DuplicateOffenceReport => InvalidTransaction::Stale,
                _ => InvalidTransaction::BadProof,
            })
        })?;
        ValidTransaction::with_tag_prefix("DoinEquivocation")
            .priority(TransactionPriority::MAX)
            .and_provides((offender, proof.slot))
            .longevity(T::ReportLongevity::get())
            // Other nodes refuse what does not come from themselves.
            .propagate(false)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }
}

impl<T: Config + CreateAuthorizedTransaction<crate::Call<T>>> Pallet<T> {
    /// Builds a report and puts it into the node's own pool. Only useful off chain.
    pub fn submit_equivocation_report(
        equivocation_proof: EquivocationProof<HeaderFor<T>>,
        key_owner_proof: T::KeyOwnerProof,
    ) -> Option<()> {
        let call = crate::Call::report_equivocation {
            equivocation_proof: Box::new(equivocation_proof),
            key_owner_proof,
        };
        let transaction = T::create_authorized_transaction(call.into());
        frame_system::offchain::SubmitTransaction::<T, crate::Call<T>>::submit_transaction(transaction).ok()
    }
}

/// Punishes what `pallet_grandpa` has proven.
impl<T, Reporter, Identification>
    ReportOffence<Reporter, (T::AccountId, Identification), EquivocationOffence<(T::AccountId, Identification)>>
    for Pallet<T>
where
    T: Config + pallet_grandpa::Config,
    Identification: Clone,
{
    fn report_offence(
        _reporters: Vec<Reporter>,
        report: EquivocationOffence<(T::AccountId, Identification)>,
    ) -> Result<(), OffenceError> {
        let TimeSlot { set_id, round } = report.time_slot;
        let (offender, _) = report.offender;
        let is_remembered = |offence: &Offence| match offence {
            // The mapping of sets to sessions is what a proof of a vote hangs on.
            Offence::DoubleVote { set_id, .. } => pallet_grandpa::SetIdSession::<T>::contains_key(set_id),
            Offence::DoubleBlock { .. } => Self::is_remembered(offence),
        };
        Self::punish(
            &offender,
            Offence::DoubleVote { set_id, round },
            DOUBLE_VOTE,
            is_remembered,
        )
        .map_err(|_| OffenceError::DuplicateReport)
    }

    fn is_known_offence(offenders: &[(T::AccountId, Identification)], time_slot: &TimeSlot) -> bool {
        let offence = Offence::DoubleVote {
            set_id: time_slot.set_id,
            round: time_slot.round,
        };
        offenders.iter().all(|(who, _)| Self::is_punished(who, &offence))
    }
}

//! Slots, authors, randomness and epochs.

use crate::{
    Authorities, ClaimedBlock, Config, CurrentBlock, CurrentSlot, EpochAccumulator, EpochIndex, EpochRandomness, Event,
    GenesisAuthorities, GenesisSlot, Inherents, LastSeen, NetworkParameters, NextAuthorities, NextRandomness, Pallet,
    PrimaryBlocks, RecentAuthors, RollingRandomness, Seat, Seats, SessionEpochs, Threshold, AUTHOR_WINDOW,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use doin_primitives::{
    commitment::Seed,
    engine::{
        epoch_index, AuthorityId, ClaimKind, CompatibleDigestItem, ConsensusLog, EngineConfiguration, Epoch,
        NextEpochDescriptor, PreDigest, Randomness, SlotClaim, ENGINE_ID,
    },
    traits::{self, SlotClock},
    BlockNumber, SlotNumber,
};
use frame_support::{
    ensure,
    pallet_prelude::{BoundedVec, Get, Weight},
    traits::{EstimateNextSessionRotation, FindAuthor, OnTimestampSet, OneSessionHandler, PostInherents, ValidatorSet},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_io::hashing::blake2_256;
use sp_runtime::{
    traits::{SaturatedConversion, UniqueSaturatedInto},
    BoundToRuntimeAppPublic, ConsensusEngineId, DigestItem, Permill, TryRuntimeError,
};

impl<T: Config> Pallet<T> {
    /// Reads the claim of the block. Returns how many genesis bonds were put on hold, in the first block.
    ///
    /// Without a pre-digest nothing happens: runtime calls are made in blocks that have none.
    pub(crate) fn begin_block(number: BlockNumberFor<T>) -> Option<u32> {
        let claim = Self::claim_of_block()?;
        let slot = u64::from(claim.slot);
        CurrentSlot::<T>::put(slot);
        let first_block = GenesisSlot::<T>::get().is_none().then(|| Self::begin_chain(slot));

        let randomness = blake2_256(&claim.vrf_signature.pre_output.encode());
        RollingRandomness::<T>::mutate(|rolling| *rolling = fold(b"doin/rolling", rolling, &randomness));
        if claim.kind == ClaimKind::Primary {
            PrimaryBlocks::<T>::mutate(|blocks| *blocks = blocks.saturating_add(1));
        }
        let author = Self::author_of(&claim);
        if let Some(author) = &author {
            LastSeen::<T>::insert(author, PrimaryBlocks::<T>::get());
            Self::note_author(author, number);
        }
        CurrentBlock::<T>::put(ClaimedBlock { author, randomness });
        first_block
    }

    /// The first block: epoch 0 begins, time begins, the bonds of genesis are held (genesis itself may set balances
    /// after sessions), and the engine is told of epoch 1.
    fn begin_chain(slot: SlotNumber) -> u32 {
        GenesisSlot::<T>::put(slot);
        SessionEpochs::<T>::insert(T::Sessions::session_index(), 0);
        let slot_duration = NetworkParameters::<T>::get().slot_duration;
        Threshold::<T>::mutate(|state| state.start(slot.saturating_mul(slot_duration)));
        Self::announce_next_epoch();
        Self::hold_genesis_bonds()
    }

    /// The block is finished: tells the engine how many transactions it has, and makes the optimization block.
    pub(crate) fn end_block(_: BlockNumberFor<T>) {
        // No inherents noted: the runtime is not wired (`integrity_test` refuses it). Counting none keeps secondary
        // blocks invalid rather than letting all through.
        let extrinsics = frame_system::Pallet::<T>::extrinsic_count();
        let transactions = Inherents::<T>::take().map_or(0, |inherents| extrinsics.saturating_sub(inherents));
        Self::deposit_log(&ConsensusLog::Summary(doin_primitives::engine::BlockSummary {
            transactions,
        }));

        let Some(block) = CurrentBlock::<T>::take() else { return };
        // After the rotation of sessions, so that the first block of an epoch counts to that epoch.
        EpochAccumulator::<T>::mutate(|accumulator| *accumulator = fold(b"doin/epoch", accumulator, &block.randomness));
        if let Some(author) = block.author {
            Self::judge_accumulated_work(author);
        }
    }

    /// Whether the block in `slot` is the first of an epoch.
    pub(crate) fn epoch_is_due(slot: SlotNumber) -> bool {
        Self::epoch_of(slot).is_some_and(|index| index > EpochIndex::<T>::get())
    }

    /// The epoch of a slot; `None` before the first block's.
    pub(crate) fn epoch_of(slot: SlotNumber) -> Option<u64> {
        epoch_index(
            slot,
            GenesisSlot::<T>::get()?,
            NetworkParameters::<T>::get().epoch_length,
        )
    }

    fn claim_of_block() -> Option<SlotClaim> {
        frame_system::Pallet::<T>::digest()
            .logs
            .iter()
            .find_map(CompatibleDigestItem::as_doin_pre_digest)
    }

    /// The account behind a claim of the block in execution, from the list of the epoch that the block belongs to:
    /// right before the session has rotated and after.
    fn author_of(claim: &SlotClaim) -> Option<T::AccountId> {
        let seats = if Self::epoch_is_due(claim.slot.into()) {
            NextAuthorities::<T>::get()
        } else {
            Authorities::<T>::get()
        };
        seats
            .get(usize::try_from(claim.authority_index).ok()?)
            .map(|seat| seat.account.clone())
    }

    fn note_author(author: &T::AccountId, number: BlockNumberFor<T>) {
        RecentAuthors::<T>::mutate(|recent| {
            let oldest = number.saturated_into::<BlockNumber>().saturating_sub(AUTHOR_WINDOW);
            recent.retain(|(who, last)| who != author && (*last).saturated_into::<BlockNumber>() > oldest);
            // At most one entry for each of the other 63 blocks: there is room.
            let _full = recent.try_push((author.clone(), number));
        });
    }

    pub(crate) fn deposit_log(log: &ConsensusLog) {
        frame_system::Pallet::<T>::deposit_log(DigestItem::doin_log(log));
    }

    fn announce_next_epoch() {
        Self::deposit_log(&ConsensusLog::NextEpoch(NextEpochDescriptor {
            authorities: keys_and_weights(&NextAuthorities::<T>::get()),
            randomness: NextRandomness::<T>::get(),
        }));
    }

    /// A new epoch begins in this block, with the authorities and randomness announced in the one before (however
    /// many were skipped between); `queued` are announced for the next.
    fn begin_epoch(queued: Seats<T>) {
        let Some(index) = Self::epoch_of(CurrentSlot::<T>::get()) else {
            return;
        };
        EpochIndex::<T>::put(index);
        let session = T::Sessions::session_index();
        SessionEpochs::<T>::insert(session, index);
        let remembered = NetworkParameters::<T>::get().remembered_sessions();
        if let Some(forgotten) = session.checked_sub(remembered.saturating_add(1)) {
            SessionEpochs::<T>::remove(forgotten);
        }

        let randomness = NextRandomness::<T>::get();
        EpochRandomness::<T>::put(randomness);
        let accumulator = EpochAccumulator::<T>::take();
        NextRandomness::<T>::put(blake2_256(
            &(
                *b"doin/epoch-randomness",
                randomness,
                index.saturating_add(1),
                accumulator,
            )
                .encode(),
        ));

        let left = Authorities::<T>::get();
        let seats = NextAuthorities::<T>::get();
        Self::reseat(&left, &seats);
        Self::deposit_event(Event::EpochBegan {
            index,
            authorities: seats.len() as u32,
        });
        Authorities::<T>::put(seats);
        // Everybody has removed their keys: the set goes on with those it has, or the chain would end.
        if !queued.is_empty() {
            NextAuthorities::<T>::put(queued);
        }
        Self::announce_next_epoch();
    }

    fn seats<'a>(
        members: impl Iterator<Item = (&'a T::AccountId, AuthorityId)>,
        weight: impl Fn(&T::AccountId) -> u64,
    ) -> Seats<T>
    where
        T::AccountId: 'a,
    {
        BoundedVec::truncate_from(
            members
                .map(|(account, key)| Seat {
                    account: account.clone(),
                    key,
                    weight: weight(account),
                })
                .collect(),
        )
    }

    /// The engine's constants and genesis epoch.
    pub fn configuration() -> EngineConfiguration {
        let parameters = NetworkParameters::<T>::get();
        EngineConfiguration {
            slot_duration: parameters.slot_duration,
            epoch_length: parameters.epoch_length,
            primary_probability: parameters.primary_probability,
            idle_slots: parameters.idle_slots,
            authorities: GenesisAuthorities::<T>::get().into_inner(),
            randomness: genesis_randomness(),
        }
    }

    fn epoch(index: u64, seats: &[Seat<T::AccountId>], randomness: Randomness) -> Epoch {
        let parameters = NetworkParameters::<T>::get();
        let start = GenesisSlot::<T>::get()
            .unwrap_or(0)
            .saturating_add(index.saturating_mul(parameters.epoch_length));
        Epoch {
            index,
            start_slot: start.into(),
            duration: parameters.epoch_length,
            authorities: keys_and_weights(seats),
            randomness,
            primary_probability: parameters.primary_probability,
        }
    }

    /// The present epoch.
    pub fn current_epoch() -> Epoch {
        Self::epoch(
            EpochIndex::<T>::get(),
            &Authorities::<T>::get(),
            EpochRandomness::<T>::get(),
        )
    }

    /// The epoch after it.
    pub fn next_epoch() -> Epoch {
        let index = EpochIndex::<T>::get().saturating_add(1);
        Self::epoch(index, &NextAuthorities::<T>::get(), NextRandomness::<T>::get())
    }

    /// The weight of an account in the present epoch; `None` when it has no seat.
    pub fn weight_of(who: &T::AccountId) -> Option<u64> {
        Authorities::<T>::get()
            .iter()
            .find(|seat| seat.account == *who)
            .map(|seat| seat.weight)
    }

    /// The author of the block in execution; `None` between blocks.
    pub fn current_author() -> Option<T::AccountId> {
        CurrentBlock::<T>::get().and_then(|block| block.author)
    }

    pub(crate) fn try_state_of_epochs() -> Result<(), TryRuntimeError> {
        match GenesisSlot::<T>::get() {
            None => ensure!(EpochIndex::<T>::get() == 0, "an epoch before the first block"),
            Some(_) => ensure!(
                Self::epoch_of(CurrentSlot::<T>::get()) == Some(EpochIndex::<T>::get()),
                "the present epoch is not that of the last block's slot"
            ),
        }
        for seats in [Authorities::<T>::get(), NextAuthorities::<T>::get()] {
            let mut accounts: Vec<_> = seats.iter().map(|seat| seat.account.clone()).collect();
            accounts.sort();
            accounts.dedup();
            ensure!(accounts.len() == seats.len(), "an account has two seats");
            ensure!(seats.iter().all(|seat| seat.weight >= 1), "a seat without weight");
        }
        let recent = RecentAuthors::<T>::get();
        let mut authors: Vec<_> = recent.iter().map(|(author, _)| author.clone()).collect();
        authors.sort();
        authors.dedup();
        ensure!(authors.len() == recent.len(), "an author is noted twice");
        Ok(())
    }
}

/// The randomness of epochs 0 and 1: nothing is unforeseeable before the first block.
fn genesis_randomness() -> Randomness {
    blake2_256(b"doin/genesis-randomness")
}

/// One step of a rolling hash.
fn fold<const N: usize>(label: &[u8; N], state: &Randomness, input: &[u8; 32]) -> Randomness {
    blake2_256(&(label, state, input).encode())
}

fn keys_and_weights<AccountId>(seats: &[Seat<AccountId>]) -> Vec<(AuthorityId, u64)> {
    seats.iter().map(|seat| (seat.key.clone(), seat.weight)).collect()
}

impl<T: Config> SlotClock for Pallet<T> {
    fn current_slot() -> SlotNumber {
        CurrentSlot::<T>::get()
    }
}

impl<T: Config> traits::RollingRandomness for Pallet<T> {
    fn rolling_randomness() -> Seed {
        RollingRandomness::<T>::get()
    }

    fn distinct_authors_since(block: BlockNumber) -> u32 {
        let recent = RecentAuthors::<T>::get();
        recent
            .iter()
            .filter(|(_, last)| (*last).saturated_into::<BlockNumber>() > block)
            .count() as u32
    }

    fn authority_count() -> u32 {
        Authorities::<T>::decode_len().unwrap_or(0) as u32
    }
}

impl<T: Config> PostInherents for Pallet<T> {
    /// The executive calls this exactly once a block, between the last inherent and the first transaction, by its own
    /// judgement of what an inherent is: the index of the next extrinsic is the number of inherents.
    fn post_inherents() {
        Inherents::<T>::put(frame_system::Pallet::<T>::extrinsic_index().unwrap_or(0));
    }
}

impl<T: Config> FindAuthor<T::AccountId> for Pallet<T> {
    fn find_author<'a, I>(digests: I) -> Option<T::AccountId>
    where
        I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
    {
        let claim = digests.into_iter().find_map(|(engine, mut data)| {
            (engine == ENGINE_ID)
                .then(|| PreDigest::decode(&mut data).ok())
                .flatten()
        });
        claim.and_then(|PreDigest::V0(claim)| Self::author_of(&claim))
    }
}

impl<T: Config, Moment: UniqueSaturatedInto<u64>> OnTimestampSet<Moment> for Pallet<T> {
    /// Ties time to slots.
    ///
    /// # Panics
    ///
    /// When the timestamp is not in the block's slot: the block is invalid then. This is the documented exception to
    /// the rule that nothing panics; Aura and BABE do the same. A block without a claim is not checked here: the
    /// engine refuses it before it is executed.
    fn on_timestamp_set(moment: Moment) {
        let slot_duration = NetworkParameters::<T>::get().slot_duration;
        let slot = moment.unique_saturated_into().checked_div(slot_duration);
        assert!(
            CurrentBlock::<T>::get().is_none() || slot == Some(CurrentSlot::<T>::get()),
            "the timestamp must be in the slot of the block"
        );
    }
}

impl<T: Config> pallet_session::ShouldEndSession<BlockNumberFor<T>> for Pallet<T> {
    /// The session pallet asks once a block, after this pallet has read the claim.
    fn should_end_session(_: BlockNumberFor<T>) -> bool {
        CurrentBlock::<T>::exists() && Self::epoch_is_due(CurrentSlot::<T>::get())
    }
}

impl<T: Config> EstimateNextSessionRotation<BlockNumberFor<T>> for Pallet<T> {
    /// Sessions are counted in slots, and not every slot has a block: this is the greatest number of blocks.
    fn average_session_length() -> BlockNumberFor<T> {
        NetworkParameters::<T>::get().epoch_length.saturated_into()
    }

    fn estimate_current_session_progress(_: BlockNumberFor<T>) -> (Option<Permill>, Weight) {
        let epoch = Self::current_epoch();
        let elapsed = CurrentSlot::<T>::get().saturating_sub(epoch.start_slot.into());
        (
            Some(Permill::from_rational(elapsed, epoch.duration)),
            T::DbWeight::get().reads(6),
        )
    }

    fn estimate_next_session_rotation(now: BlockNumberFor<T>) -> (Option<BlockNumberFor<T>>, Weight) {
        let epoch = Self::current_epoch();
        let end = u64::from(epoch.start_slot).saturating_add(epoch.duration);
        let remaining = end.saturating_sub(CurrentSlot::<T>::get());
        let number = now.saturated_into::<u64>().saturating_add(remaining);
        (Some(number.saturated_into()), T::DbWeight::get().reads(6))
    }
}

impl<T: Config> BoundToRuntimeAppPublic for Pallet<T> {
    type Public = AuthorityId;
}

impl<T: Config> OneSessionHandler<T::AccountId> for Pallet<T> {
    type Key = AuthorityId;

    fn on_genesis_session<'a, I>(validators: I)
    where
        I: Iterator<Item = (&'a T::AccountId, AuthorityId)> + 'a,
        T::AccountId: 'a,
    {
        let seats = Self::seats(validators, |_| Self::GENESIS_WEIGHT);
        Self::seat_at_genesis(&seats);
        GenesisAuthorities::<T>::put(BoundedVec::truncate_from(keys_and_weights(&seats)));
        Authorities::<T>::put(&seats);
        NextAuthorities::<T>::put(seats);
        EpochRandomness::<T>::put(genesis_randomness());
        NextRandomness::<T>::put(genesis_randomness());
    }

    /// `validators` are those who were announced an epoch ago, kept here with keys and weights: only `queued` is new.
    fn on_new_session<'a, I>(_changed: bool, _validators: I, queued: I)
    where
        I: Iterator<Item = (&'a T::AccountId, AuthorityId)> + 'a,
        T::AccountId: 'a,
    {
        Self::begin_epoch(Self::seats(queued, Self::reputation_weight));
    }

    /// Nobody is disabled within an epoch: an offender is suspended and leaves the set with the next but one.
    fn on_disabled(_: u32) {}
}

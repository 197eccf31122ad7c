//! Accumulated work, the threshold, and the optimization block.

use crate::{
    Accumulated, Authorities, Config, CurrentSlot, EpochIndex, Event, GenesisSlot, NetworkParameters,
    OptimizationBlockCount, Pallet, Threshold,
};
use doin_primitives::{
    api::NetworkStatus,
    engine::{ConsensusLog, OptimizationBlock},
    traits::{DueWork, OptimizationBlockHandler, WorkSink},
    AccountId, Increment, OptimizationHeight, SlotNumber,
};
use sp_runtime::{traits::Saturating, FixedU128};

impl<T: Config> Pallet<T> {
    /// The time that the threshold goes by: the beginning of a slot, in milliseconds since the Unix epoch. Timestamps
    /// are tied to slots, and this one is known before the block is made.
    pub(crate) fn time_of(slot: SlotNumber) -> u64 {
        slot.saturating_mul(NetworkParameters::<T>::get().slot_duration)
    }

    /// At the end of a block: notes the crossing, and makes the optimization block when Σ ≥ T_eff with a whole credit.
    pub(crate) fn judge_accumulated_work(author: T::AccountId) {
        let now = Self::time_of(CurrentSlot::<T>::get());
        let accumulated = Accumulated::<T>::get();
        let mut state = Threshold::<T>::get();
        let crosses = state.note_crossing(now, accumulated);
        if !state.is_due(now, accumulated) {
            if crosses {
                Threshold::<T>::put(state);
            }
            return;
        }

        let threshold = state.effective_threshold(now);
        let next = state.after_optimization_block(now);
        let height = OptimizationBlockCount::<T>::get().saturating_add(1);
        let next_threshold = next.threshold;
        OptimizationBlockCount::<T>::put(height);
        Accumulated::<T>::kill();
        Threshold::<T>::put(next);
        let reward = T::OptimizationBlocks::on_optimization_block(height, &author);
        Self::deposit_log(&ConsensusLog::Optimization(OptimizationBlock {
            height,
            accumulated,
            threshold,
            next_threshold,
            reward,
        }));
        Self::deposit_event(Event::OptimizationBlockMade {
            height,
            author,
            accumulated,
            threshold,
            next_threshold,
            reward,
        });
    }

    /// T with the anti-stall discount in `slot`.
    pub fn effective_threshold(slot: SlotNumber) -> FixedU128 {
        Threshold::<T>::get().effective_threshold(Self::time_of(slot))
    }

    /// The credits to make optimization blocks in `slot`.
    pub fn credits(slot: SlotNumber) -> FixedU128 {
        Threshold::<T>::get().credits(Self::time_of(slot))
    }

    /// Σ: the effective increments since the last optimization block.
    pub fn accumulated() -> FixedU128 {
        Accumulated::<T>::get()
    }
}

impl<T: Config<AccountId = AccountId>> Pallet<T> {
    /// The state of Proof of Optimization, for the `doin_status` RPC.
    pub fn network_status() -> NetworkStatus {
        let slot = CurrentSlot::<T>::get();
        let state = Threshold::<T>::get();
        NetworkStatus {
            slot,
            optimization_height: OptimizationBlockCount::<T>::get(),
            threshold: state.threshold,
            effective_threshold: state.effective_threshold(Self::time_of(slot)),
            accumulated: Accumulated::<T>::get(),
            credits: state.credits(Self::time_of(slot)),
            last_optimization_block: state.last,
            target_interval: state.target_interval,
            epoch: EpochIndex::<T>::get(),
            authorities: Authorities::<T>::get()
                .into_iter()
                .map(|seat| (seat.account, seat.weight))
                .collect(),
        }
    }
}

impl<T: Config> WorkSink for Pallet<T> {
    fn add_work(effective: Increment) {
        Accumulated::<T>::mutate(|accumulated| accumulated.saturating_accrue(effective));
    }

    fn threshold() -> FixedU128 {
        Threshold::<T>::get().threshold
    }

    fn mean_threshold() -> FixedU128 {
        Threshold::<T>::get().mean_threshold()
    }

    fn optimization_height() -> OptimizationHeight {
        OptimizationBlockCount::<T>::get()
    }
}

impl<T: Config> DueWork for Pallet<T> {
    /// A session to change, an optimization block to make, or the chain to begin.
    fn has_due_work(slot: SlotNumber) -> bool {
        GenesisSlot::<T>::get().is_none()
            || Self::epoch_is_due(slot)
            || Threshold::<T>::get().is_due(Self::time_of(slot), Accumulated::<T>::get())
    }
}

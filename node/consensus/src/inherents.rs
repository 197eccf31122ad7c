//! Slots, timestamps and the clock.
//!
//! Slot N lasts from N · duration to (N + 1) · duration after the Unix epoch. The runtime holds a block's timestamp
//! against its slot, so that only the timestamp needs to be an inherent; the slot follows from it.

use doin_primitives::engine::{Slot, SlotDuration};
use sp_inherents::{Error, InherentData, InherentDataProvider, InherentIdentifier};
use sp_timestamp::{InherentDataProvider as TimestampProvider, Timestamp, TimestampInherentData};
use std::{
    ops::Deref,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
};

/// The engine's clock: that of this machine, unless it is set ahead by manual sealing or turned by hand in a test.
/// Clones show the same time. It never runs backwards by being set.
#[derive(Clone, Debug)]
pub struct Clock {
    follows_machine: bool,
    set_to: Arc<AtomicU64>,
}

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Clock {
            follows_machine: true,
            set_to: Arc::default(),
        }
    }

    /// A clock that stands until it is set.
    pub fn standing_at(time: Timestamp) -> Self {
        Clock {
            follows_machine: false,
            set_to: Arc::new(AtomicU64::new(time.as_millis())),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let set_to = Timestamp::new(self.set_to.load(Ordering::SeqCst));
        if self.follows_machine {
            set_to.max(Timestamp::current())
        } else {
            set_to
        }
    }

    /// The slot now.
    pub fn slot(&self, slot_duration: SlotDuration) -> Slot {
        Slot::from_timestamp(self.now(), slot_duration)
    }

    /// Sets the clock, unless it shows a later time already. A clock that follows the machine stands until the machine
    /// has caught up.
    pub fn advance_to(&self, time: Timestamp) {
        self.set_to.fetch_max(time.as_millis(), Ordering::SeqCst);
    }

    /// Sets the clock to the beginning of a slot, unless it shows a later time already.
    pub fn advance_to_slot(&self, slot: Slot, slot_duration: SlotDuration) {
        self.advance_to(beginning_of(slot, slot_duration));
    }

    /// The inherents of a block made now.
    pub fn inherents(&self, slot_duration: SlotDuration) -> InherentProviders {
        let now = self.now();
        (
            SlotProvider(Slot::from_timestamp(now, slot_duration)),
            TimestampProvider::new(now),
        )
    }
}

/// What the slot machinery asks for in place of an inherent: the slot. It adds nothing to a block's inherents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotProvider(pub Slot);

impl Deref for SlotProvider {
    type Target = Slot;
    fn deref(&self) -> &Slot {
        &self.0
    }
}

#[async_trait::async_trait]
impl InherentDataProvider for SlotProvider {
    async fn provide_inherent_data(&self, _: &mut InherentData) -> Result<(), Error> {
        Ok(())
    }

    async fn try_handle_error(&self, _: &InherentIdentifier, _: &[u8]) -> Option<Result<(), Error>> {
        None
    }
}

/// The inherents of a DOIN block: the slot and the timestamp.
pub type InherentProviders = (SlotProvider, TimestampProvider);

/// The inherents at the beginning of a slot.
pub fn inherents_at(slot: Slot, slot_duration: SlotDuration) -> InherentProviders {
    (
        SlotProvider(slot),
        TimestampProvider::new(beginning_of(slot, slot_duration)),
    )
}

/// When a slot begins; the last millisecond that there is for a slot beyond the end of time.
pub fn beginning_of(slot: Slot, slot_duration: SlotDuration) -> Timestamp {
    slot.timestamp(slot_duration)
        .unwrap_or_else(|| Timestamp::new(u64::MAX))
}

/// The slot of a block with these inherents; `None` when they carry no timestamp.
pub fn slot_of_inherents(data: &InherentData, slot_duration: SlotDuration) -> Option<Slot> {
    let timestamp = data.timestamp_inherent_data().ok().flatten()?;
    Some(Slot::from_timestamp(timestamp, slot_duration))
}

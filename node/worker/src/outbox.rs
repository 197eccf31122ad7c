//! Transactions on their way: sent until they have done what they were sent for.

use crate::{
    chain::{Chain, ChainError, Operation, Transaction, TransactionState},
    metrics::Metrics,
};
use codec::Encode;
use doin_primitives::{AccountId, SlotNumber};
use sp_core::crypto::Ss58Codec;
use std::collections::HashMap;

/// The longest pause between two attempts, in slots: short enough to meet any deadline of a vote.
const LONGEST_PAUSE: SlotNumber = 16;
/// For how many slots a transaction that is in a block may seem to have had no effect: the pool may tell of a block
/// before, or after, the worker looks at it.
const GRACE: SlotNumber = 3;
/// After how many slots without being asked for a transaction is forgotten.
const FORGET_AFTER: SlotNumber = 200;

/// Where an operation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Sent just now.
    Sent,
    /// On its way, or in a block whose effect is not to be seen yet.
    Waiting,
    /// In a block, where it failed; it will be sent again, unless its owner thinks better of it.
    Failed {
        /// The runtime's words.
        reason: String,
        /// How often it has failed in a block.
        failures: u32,
    },
    /// Not in the pool and not in a block; it will be sent again after a pause.
    Delayed,
}

struct Shipment {
    transaction: Option<Box<dyn Transaction>>,
    /// The slot in which it was first seen in a block.
    included_at: Option<SlotNumber>,
    attempts: u32,
    failures: u32,
    not_before: SlotNumber,
    asked_at: SlotNumber,
}

/// All transactions of the node's operators that are on their way.
#[derive(Default)]
pub struct Outbox {
    shipments: HashMap<Vec<u8>, Shipment>,
}

impl Outbox {
    /// Sends the operation, unless it is on its way. Call this at each look at the chain for as long as the chain does
    /// not show the operation's effect; it never puts two copies on their way at once.
    ///
    /// What the pool drops or refuses is signed afresh (nonce and era are then those of the moment) and sent again,
    /// with pauses that grow from 1 to 16 slots.
    pub async fn ensure(
        &mut self,
        chain: &dyn Chain,
        metrics: &Metrics,
        signer: &AccountId,
        operation: &Operation,
    ) -> Progress {
        let now = chain.slot_now();
        let shipment = self
            .shipments
            .entry((signer, operation).encode())
            .or_insert_with(|| Shipment {
                transaction: None,
                included_at: None,
                attempts: 0,
                failures: 0,
                not_before: now,
                asked_at: now,
            });
        shipment.asked_at = now;
        if let Some(transaction) = shipment.transaction.as_mut() {
            match transaction.state() {
                TransactionState::Waiting => {
                    shipment.included_at = None;
                    return Progress::Waiting;
                }
                TransactionState::Included { failure: None } => {
                    let since = *shipment.included_at.get_or_insert(now);
                    if now <= since.saturating_add(GRACE) {
                        return Progress::Waiting;
                    }
                    shipment.postpone(now);
                }
                TransactionState::Included { failure: Some(reason) } => {
                    shipment.failures = shipment.failures.saturating_add(1);
                    shipment.postpone(now);
                    metrics.transaction(operation.name(), "failed");
                    log::warn!(
                        target: crate::LOG_TARGET,
                        "The {} of {} is in a block but failed: {reason}",
                        operation.name(),
                        signer.to_ss58check()
                    );
                    return Progress::Failed {
                        reason,
                        failures: shipment.failures,
                    };
                }
                TransactionState::Gone { reason } => {
                    metrics.transaction(operation.name(), "dropped");
                    log::debug!(
                        target: crate::LOG_TARGET,
                        "The {} of {} has left the pool ({reason}), it is sent again",
                        operation.name(),
                        signer.to_ss58check()
                    );
                    shipment.postpone(now);
                }
            }
        }
        if now < shipment.not_before {
            return Progress::Delayed;
        }
        shipment.attempts = shipment.attempts.saturating_add(1);
        match chain.submit(signer, operation).await {
            Ok(transaction) => {
                shipment.transaction = Some(transaction);
                shipment.included_at = None;
                metrics.transaction(operation.name(), "sent");
                Progress::Sent
            }
            Err(error) => {
                metrics.transaction(operation.name(), "refused");
                // Once is usual on a busy pool. What lasts, and what the operator has to mend, has to be seen.
                let lasting = !matches!(error, ChainError::Refused(_)) || shipment.attempts.is_multiple_of(5);
                log::log!(
                    target: crate::LOG_TARGET,
                    if lasting { log::Level::Warn } else { log::Level::Debug },
                    "The {} of {} was not sent (attempt {}): {error}",
                    operation.name(),
                    signer.to_ss58check(),
                    shipment.attempts
                );
                shipment.postpone(now);
                Progress::Delayed
            }
        }
    }

    /// Forgets what nobody has asked for in a long time, and takes in what the pool has to say of the rest: what is
    /// not taken in piles up there.
    pub fn tidy(&mut self, now: SlotNumber) {
        self.shipments
            .retain(|_, shipment| now <= shipment.asked_at.saturating_add(FORGET_AFTER));
        for transaction in self
            .shipments
            .values_mut()
            .filter_map(|shipment| shipment.transaction.as_mut())
        {
            let _ = transaction.state();
        }
    }

    /// How many transactions it knows of.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shipments.len()
    }
}

impl Shipment {
    fn postpone(&mut self, now: SlotNumber) {
        self.transaction = None;
        self.included_at = None;
        let pause = 1u64
            .checked_shl(self.attempts.saturating_sub(1))
            .unwrap_or(LONGEST_PAUSE)
            .min(LONGEST_PAUSE);
        self.not_before = now.saturating_add(pause);
    }
}

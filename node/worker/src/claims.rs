//! Has the rewards of this node's accounts paid out.

use crate::{
    chain::{BlockReference, Chain, ChainError, Operation},
    outbox::Progress,
    view::Tools,
    LOG_TARGET,
};
use doin_primitives::{AccountId, OptimizationHeight, SlotNumber};
use sp_core::crypto::Ss58Codec;
use std::collections::BTreeSet;

/// How many rewards of an account are claimed at a time.
const BATCH: u32 = 16;

/// Claims in turns of some slots, so that an idle chain stays idle. Claims are free.
pub(crate) struct Claims {
    interval: SlotNumber,
    next: SlotNumber,
    open: BTreeSet<(AccountId, OptimizationHeight)>,
}

impl Claims {
    pub(crate) fn new(interval: u32) -> Self {
        Self {
            interval: interval.into(),
            next: 0,
            open: BTreeSet::new(),
        }
    }

    pub(crate) async fn step(
        &mut self,
        chain: &dyn Chain,
        best: BlockReference,
        finalized: BlockReference,
        accounts: &BTreeSet<AccountId>,
        tools: &mut Tools<'_>,
    ) -> Result<(), ChainError> {
        let now = chain.slot_now();
        if self.interval > 0 && now >= self.next {
            self.next = now.saturating_add(self.interval);
            for account in accounts {
                // What is final only: a claim for an optimization block that is given up would fail.
                for height in chain.claimable(finalized.hash, account, BATCH)? {
                    self.open.insert((account.clone(), height));
                }
            }
        }
        let owners: BTreeSet<AccountId> = self.open.iter().map(|(account, _)| account.clone()).collect();
        for account in owners {
            let left = chain.claimable(best.hash, &account, BATCH)?;
            self.open
                .retain(|(owner, height)| *owner != account || left.contains(height));
            let due: Vec<_> = self
                .open
                .iter()
                .filter(|(owner, _)| *owner == account)
                .map(|(_, height)| *height)
                .collect();
            for height in due {
                let operation = Operation::Claim {
                    height,
                    who: account.clone(),
                };
                match tools.outbox.ensure(chain, tools.metrics, &account, &operation).await {
                    Progress::Sent => log::debug!(
                        target: LOG_TARGET,
                        "Claiming the reward of {} at optimization height {height}",
                        account.to_ss58check()
                    ),
                    // It is tried again in the next turn.
                    Progress::Failed { .. } => drop(self.open.remove(&(account.clone(), height))),
                    Progress::Waiting | Progress::Delayed => {}
                }
            }
        }
        Ok(())
    }
}

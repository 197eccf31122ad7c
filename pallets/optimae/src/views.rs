//! What the runtime API gives of commits and optimae.

use crate::{Commits, Config, Ended, OpenOptimum, Optimae, Pallet, Queues, RecentlyEnded, Stage};
use alloc::vec::Vec;
use doin_primitives::{
    api::{CommitInfo, OptimumInfo, Stage as PublicStage},
    domain::DomainId,
    optimum::OptimumId,
    quorum::Decision,
    traits::{Claims, WorkSink},
    AccountId,
};
use sp_runtime::{
    traits::{CheckedDiv, Zero},
    FixedU128,
};

impl<T: Config<AccountId = AccountId>> Pallet<T> {
    /// An open optimum, or one of the last of its domain. The round is quorum's to tell, and with it whether votes are
    /// committed or already revealed: an optimum under evaluation says [`PublicStage::VoteCommit`] here.
    pub fn information(id: OptimumId) -> Option<OptimumInfo> {
        if let Some(optimum) = Optimae::<T>::get(id) {
            let stage = match optimum.stage {
                Stage::Queued => PublicStage::Queued,
                Stage::Judging => PublicStage::VoteCommit,
            };
            return Some(Self::describe(id, optimum, stage, None));
        }
        let ended = Ended::<T>::get(id)?;
        Some(Self::describe(
            id,
            ended.optimum,
            PublicStage::Ended(ended.outcome),
            ended.decision,
        ))
    }

    fn describe(
        id: OptimumId,
        optimum: OpenOptimum<AccountId>,
        stage: PublicStage,
        decision: Option<Decision>,
    ) -> OptimumInfo {
        let OpenOptimum {
            domain,
            optimizer,
            artifact,
            reported,
            experiment,
            revealed_at,
            bond,
            ..
        } = optimum;
        let round = None;
        OptimumInfo {
            id,
            domain,
            optimizer,
            artifact,
            reported,
            experiment,
            revealed_at,
            bond,
            stage,
            round,
            decision,
        }
    }

    /// The account's open commits, oldest first.
    pub fn commits(who: &AccountId) -> Vec<CommitInfo> {
        let describe = |commit: crate::OpenCommit| CommitInfo {
            domain: commit.domain,
            commitment: commit.commitment,
            committed_at: commit.committed_at,
            reveal_deadline: commit.reveal_deadline,
            bond: commit.bond,
        };
        Commits::<T>::get(who).into_iter().map(describe).collect()
    }
}

impl<T: Config> Claims for Pallet<T> {
    fn claimed_part(optimum: OptimumId) -> FixedU128 {
        Optimae::<T>::get(optimum).map_or(FixedU128::zero(), |optimum| {
            let part = optimum.claimed.checked_div(&T::Work::threshold());
            part.unwrap_or(FixedU128::from_u32(1))
        })
    }
}

impl<T: Config> Pallet<T> {
    /// The domain's open optimae; the first is at the head.
    pub fn queue(domain: DomainId) -> Vec<OptimumId> {
        Queues::<T>::get(domain).into_inner()
    }

    /// The domain's ended optimae that are kept, newest first.
    pub fn recently_ended(domain: DomainId) -> Vec<OptimumId> {
        let mut recent = RecentlyEnded::<T>::get(domain).into_inner();
        recent.reverse();
        recent
    }
}

//! What the runtime API gives of commits and optimae.

use crate::{
    Challenges, Commits, Config, Contestables, ContestablesOf, Ended, OpenOptimum, Optimae, Pallet, Queues,
    RecentlyEnded, Stage,
};
use alloc::vec::Vec;
use doin_primitives::{
    api::{ChallengeInfo, CommitInfo, ContestInfo, OptimumInfo, Stage as PublicStage},
    artifact::ArtifactReference,
    domain::DomainId,
    optimum::{ChallengeOutcome, OptimumId},
    quorum::Decision,
    traits::{Claims, WorkSink},
    AccountId,
};
use sp_runtime::{
    traits::{CheckedDiv, Zero},
    FixedU128,
};

/// The parameters of so many accepted optimae of a domain, the newest, are kept with those of their incumbents while they
/// can be challenged; of challenged ones always.
const MAX_KEPT: usize = 64;

impl<T: Config<AccountId = AccountId>> Pallet<T> {
    /// An open optimum, or one of the last of its domain. The round is quorum's to tell, and with it whether votes are
    /// committed or already revealed: an optimum under evaluation says [`PublicStage::VoteCommit`] here. Whether it can be
    /// challenged says [`Self::contest`].
    pub fn information(id: OptimumId) -> Option<OptimumInfo> {
        if let Some(optimum) = Optimae::<T>::get(id) {
            let stage = match optimum.stage {
                Stage::Queued => PublicStage::Queued,
                Stage::Judging => PublicStage::VoteCommit,
            };
            return Some(Self::describe(id, optimum, stage, None, None));
        }
        let ended = Ended::<T>::get(id)?;
        Some(Self::describe(
            id,
            ended.optimum,
            PublicStage::Ended(ended.outcome),
            ended.decision,
            ended.challenge,
        ))
    }

    /// What a challenge of an accepted optimum is about, costs, and where it stands; `None`: it cannot be challenged. The
    /// round is quorum's to tell, as for an optimum: a challenge that is judged says [`PublicStage::VoteCommit`] here.
    pub fn contest(id: OptimumId) -> Option<ContestInfo> {
        let record = Contestables::<T>::get(id)?;
        let (deterrent, escrow) = Self::challenge_cost(&record)?;
        Some(ContestInfo {
            optimum: id,
            domain: record.domain,
            optimizer: record.optimizer,
            candidate: record.candidate,
            incumbent: record.incumbent,
            season: record.season,
            value: record.value,
            increment: record.reward.increment,
            voters: record.voters.into_inner(),
            height: record.height,
            bond: record.bond,
            window_ends: record.window_ends,
            deterrent,
            escrow,
            challenge: record.challenge.map(|challenge| ChallengeInfo {
                challenger: challenge.challenger,
                challenged_at: challenge.challenged_at,
                deterrent: challenge.deterrent,
                escrow: challenge.escrow,
                stage: match challenge.stage {
                    Stage::Queued => PublicStage::Queued,
                    Stage::Judging => PublicStage::VoteCommit,
                },
            }),
        })
    }

    fn describe(
        id: OptimumId,
        optimum: OpenOptimum<AccountId>,
        stage: PublicStage,
        decision: Option<Decision>,
        challenge: Option<ChallengeOutcome>,
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
            contest: None,
            challenge,
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

    /// The domain's accepted optimae that can be challenged: those with an open challenge, then the newest.
    pub fn contestable(domain: DomainId) -> Vec<OptimumId> {
        let challenged = Challenges::<T>::get(domain).into_inner();
        let mut others: Vec<OptimumId> = ContestablesOf::<T>::iter_key_prefix(domain)
            .filter(|id| !challenged.contains(id))
            .collect();
        others.sort_unstable_by(|one, other| other.cmp(one));
        others.truncate(MAX_KEPT);
        challenged.into_iter().chain(others).collect()
    }

    /// The parameters that it takes to judge a challenge in the domain, and to go on without one: of open optimae, and of
    /// those that can be challenged, with their incumbents.
    pub fn kept_artifacts(domain: DomainId) -> Vec<ArtifactReference> {
        let open = Queues::<T>::get(domain).into_iter();
        let open = open.filter_map(Optimae::<T>::get).map(|optimum| optimum.artifact);
        let contestable = Self::contestable(domain).into_iter().filter_map(Contestables::<T>::get);
        open.chain(contestable.flat_map(|record| [record.candidate, record.incumbent]))
            .collect()
    }

    /// The domain's ended optimae that are kept, newest first.
    pub fn recently_ended(domain: DomainId) -> Vec<OptimumId> {
        let mut recent = RecentlyEnded::<T>::get(domain).into_inner();
        recent.reverse();
        recent
    }
}

//! What the pallets know, put together for the RPC and the workers. Reads only.

use crate::{AccountId, Coin, Domains, Optimae, ProofOfOptimization, Quorum, Reputation};
use alloc::vec::Vec;
use doin_primitives::{
    api::{CommitInfo, ContestInfo, DomainInfo, NetworkStatus, OptimumInfo, RoundInfo, Stage, Supply},
    artifact::ArtifactReference,
    domain::DomainId,
    optimum::OptimumId,
    traits::{DueWork, ReputationLedger},
    OptimizationHeight, SlotNumber,
};

/// Whether a block in `slot` would find work although it carried no transaction.
pub fn has_due_work(slot: SlotNumber) -> bool {
    ProofOfOptimization::has_due_work(slot) || Quorum::has_due_work(slot) || Optimae::has_due_work(slot)
}

/// The state of Proof of Optimization.
pub fn status() -> NetworkStatus {
    ProofOfOptimization::network_status()
}

/// All domains, by number.
pub fn domains() -> Vec<DomainInfo> {
    Domains::identifiers().into_iter().filter_map(domain).collect()
}

/// One domain, with its evaluators and its queue.
pub fn domain(domain: DomainId) -> Option<DomainInfo> {
    let information = Domains::information(domain)?;
    Some(DomainInfo {
        evaluators: Quorum::evaluators(domain),
        queue: Optimae::queue(domain),
        ..information
    })
}

/// One optimum, with the round in progress: its own, or that of a challenge.
pub fn optimum(optimum: OptimumId) -> Option<OptimumInfo> {
    let mut information = Optimae::information(optimum)?;
    information.contest = contest(optimum);
    if let Some(stage) = Quorum::stage(optimum) {
        if !matches!(information.stage, Stage::Ended(_)) {
            information.stage = stage;
        }
        information.round = Quorum::round(optimum);
    }
    Some(information)
}

/// An accepted optimum that can be challenged, or is.
pub fn contest(optimum: OptimumId) -> Option<ContestInfo> {
    let mut information = Optimae::contest(optimum)?;
    if let (Some(challenge), Some(stage)) = (&mut information.challenge, Quorum::stage(optimum)) {
        challenge.stage = stage;
    }
    Some(information)
}

/// The accepted optimae of a domain that can be challenged: those with an open challenge, then the newest.
pub fn contests(domain: DomainId) -> Vec<ContestInfo> {
    Optimae::contestable(domain).into_iter().filter_map(contest).collect()
}

/// The parameters that nodes of a domain should keep.
pub fn kept_artifacts(domain: DomainId) -> Vec<ArtifactReference> {
    let mut artifacts = Domains::best_artifacts(domain);
    artifacts.extend(Optimae::kept_artifacts(domain));
    artifacts.sort_unstable_by_key(|artifact| (artifact.root, artifact.size));
    artifacts.dedup();
    artifacts
}

/// The open optimae of a domain in queue order, then the ended ones that are kept, newest first.
pub fn optimae(domain: DomainId) -> Vec<OptimumInfo> {
    let open = Optimae::queue(domain).into_iter();
    open.chain(Optimae::recently_ended(domain))
        .filter_map(optimum)
        .collect()
}

/// The open rounds in which the account sits or audits.
pub fn duties(evaluator: &AccountId) -> Vec<RoundInfo> {
    Quorum::duties(evaluator)
}

/// The account's open commits.
pub fn commits(who: &AccountId) -> Vec<CommitInfo> {
    Optimae::commits(who)
}

/// The account's reputation, decayed to the block.
pub fn reputation(who: &AccountId) -> doin_primitives::Reputation {
    <Reputation as ReputationLedger<AccountId>>::reputation(who)
}

/// Where the account has shares to claim.
pub fn claimable(who: &AccountId, limit: u32) -> Vec<OptimizationHeight> {
    Coin::claimable(who, limit)
}

/// The state of issuance.
pub fn supply() -> Supply {
    Coin::supply()
}

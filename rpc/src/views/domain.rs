//! Domains and their bests.

use super::{account, coin, hash, share, signed, text, unsigned};
use doin_primitives::{
    api::DomainInfo,
    artifact::ArtifactReference,
    domain::{Direction, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
};
use serde::Serialize;

/// The address of parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArtifactView {
    /// The Merkle root over their chunks.
    pub root: String,
    /// Their length in bytes.
    pub size: u32,
}

impl From<ArtifactReference> for ArtifactView {
    fn from(artifact: ArtifactReference) -> Self {
        Self {
            root: hash(artifact.root),
            size: artifact.size,
        }
    }
}

/// The deadlines of an optimum's stages, each in slots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadlinesView {
    /// From the commit to the last slot in which it may be revealed.
    pub reveal: u32,
    /// From the draw to the end of the vote commits.
    pub vote_commit: u32,
    /// From there to the end of the vote reveals.
    pub vote_reveal: u32,
}

/// The reward curve on the gap between claim and verified median.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IncentiveView {
    /// The relative gap beyond which nothing is paid.
    pub tolerance_margin: String,
    /// The relative under-report at which the bonus is full.
    pub bonus_threshold: String,
    /// The reward fraction at the margin.
    pub minimum_fraction: String,
    /// The reward fraction at a full bonus.
    pub maximum_bonus: String,
}

impl From<IncentiveCurve> for IncentiveView {
    fn from(curve: IncentiveCurve) -> Self {
        Self {
            tolerance_margin: unsigned(curve.tolerance_margin),
            bonus_threshold: unsigned(curve.bonus_threshold),
            minimum_fraction: unsigned(curve.minimum_fraction),
            maximum_bonus: unsigned(curve.maximum_bonus),
        }
    }
}

/// What every node agrees on about a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpecificationView {
    /// Which implementation runs it.
    pub kind: String,
    /// The implementation's configuration, the very text that is on the chain (JSON for the built-in kinds).
    pub model: String,
    /// `maximize` or `minimize`.
    pub direction: &'static str,
    /// Whether evaluators judge on synthetic data of their own.
    pub synthetic_data: bool,
    /// u, the metric scale of φ.
    pub metric_scale: String,
    /// The paired noise that the data are known to have.
    pub paired_noise: String,
    /// The smallest improvement that counts.
    pub minimum_step: String,
    /// How far a vote may lie from the median, relative to it.
    pub relative_tolerance: String,
    /// How far it may lie in any case.
    pub absolute_tolerance: String,
    /// What each agreeing evaluator is paid.
    pub price: String,
    /// The least bond of an optimum.
    pub minimum_bond: String,
    /// How many evaluators judge; `null`: by the number of those who can.
    pub quorum: Option<u8>,
    /// The largest artifact in bytes.
    pub maximum_artifact_size: u32,
    /// The deadlines.
    pub deadlines: DeadlinesView,
    /// The length of a season in slots; 0: the data never change.
    pub season_length: u32,
    /// The reward curve.
    pub incentive: IncentiveView,
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Maximize => "maximize",
        Direction::Minimize => "minimize",
    }
}

impl From<DomainSpecification> for SpecificationView {
    fn from(specification: DomainSpecification) -> Self {
        Self {
            kind: text(&specification.kind),
            model: text(&specification.model),
            direction: direction(specification.direction),
            synthetic_data: specification.synthetic_data,
            metric_scale: unsigned(specification.metric_scale),
            paired_noise: unsigned(specification.paired_noise),
            minimum_step: unsigned(specification.minimum_step),
            relative_tolerance: share(specification.relative_tolerance),
            absolute_tolerance: unsigned(specification.absolute_tolerance),
            price: coin(specification.price),
            minimum_bond: coin(specification.minimum_bond),
            quorum: match specification.quorum {
                QuorumSize::Automatic => None,
                QuorumSize::Fixed(size) => Some(size),
            },
            maximum_artifact_size: specification.maximum_artifact_size,
            deadlines: DeadlinesView {
                reveal: specification.deadlines.reveal,
                vote_commit: specification.deadlines.vote_commit,
                vote_reveal: specification.deadlines.vote_reveal,
            },
            season_length: specification.season_length,
            incentive: specification.incentive.into(),
        }
    }
}

/// `doin_best`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BestView {
    /// The domain's number.
    pub domain: u32,
    /// The domain's name.
    pub name: String,
    /// Which way the metric improves.
    pub direction: &'static str,
    /// The optimum it was accepted as; `null`: the baseline that the domain was registered with.
    pub optimum: Option<u64>,
    /// Its parameters.
    pub artifact: ArtifactView,
    /// Its verified metric; `null`: a season began since it was measured.
    pub metric: Option<String>,
    /// The season at the block.
    pub season: u64,
}

impl From<DomainInfo> for BestView {
    fn from(domain: DomainInfo) -> Self {
        Self {
            domain: domain.id,
            name: text(&domain.specification.name),
            direction: direction(domain.specification.direction),
            optimum: domain.best_optimum,
            artifact: domain.best_artifact.into(),
            metric: domain.best_metric.map(signed),
            season: domain.season,
        }
    }
}

/// `doin_domains`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainView {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Who registered it.
    pub owner: String,
    /// Its weight; 0 mints nothing.
    pub weight: String,
    /// Its specification.
    pub specification: SpecificationView,
    /// Its best.
    pub best: BestView,
    /// Its bonded evaluators.
    pub evaluators: Vec<String>,
    /// Its open optimae, the head first.
    pub queue: Vec<u64>,
}

impl From<DomainInfo> for DomainView {
    fn from(domain: DomainInfo) -> Self {
        Self {
            id: domain.id,
            name: text(&domain.specification.name),
            owner: account(&domain.owner),
            weight: unsigned(domain.weight),
            evaluators: domain.evaluators.iter().map(account).collect(),
            queue: domain.queue.clone(),
            best: domain.clone().into(),
            specification: domain.specification.into(),
        }
    }
}

//! What is stored of a domain.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use doin_primitives::{artifact::ArtifactReference, domain::DomainSpecification, optimum::OptimumId, Balance, Metric};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::FixedU128;

/// How many predecessors of the best are kept to fall back to when its parameters are lost.
pub const MAXIMUM_PREDECESSORS: u32 = 8;
/// The predecessors and the best itself.
const MAXIMUM_ACCEPTED: u32 = MAXIMUM_PREDECESSORS + 1;

/// A registered domain.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct DomainRecord<AccountId> {
    /// Who registered it, and whose deposit is on hold.
    pub owner: AccountId,
    /// What every node agrees on; never changes.
    pub specification: DomainSpecification,
    /// 0 until the domain is approved.
    pub base_weight: FixedU128,
    /// The deposit on hold for it; 0 for domains of genesis.
    pub deposit: Balance,
}

impl<AccountId> DomainRecord<AccountId> {
    /// The domain's weight: its base weight, or 0 without synthetic data (votes on public data prove nothing).
    pub fn weight(&self) -> FixedU128 {
        match self.specification.synthetic_data {
            true => self.base_weight,
            false => FixedU128::default(),
        }
    }
}

/// Parameters that are, were or may again be a domain's best.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BestRecord {
    /// The optimum that they were accepted as; `None`: the baseline.
    pub optimum: Option<OptimumId>,
    /// Where they are.
    pub artifact: ArtifactReference,
    /// Their verified metric, as last measured.
    pub metric: Metric,
    /// The season in which it was measured: in another one its value is unknown.
    pub season: u64,
}

/// The best of a domain and what it falls back to: its predecessors, at last the baseline.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BestHistory {
    /// What the domain was registered with.
    pub baseline: BestRecord,
    /// Accepted optimae, the best last. The oldest is forgotten when there is no room.
    pub accepted: BoundedVec<BestRecord, ConstU32<MAXIMUM_ACCEPTED>>,
}

impl BestHistory {
    /// The history of a domain that has only its baseline.
    pub fn new(baseline: BestRecord) -> Self {
        Self {
            baseline,
            accepted: BoundedVec::new(),
        }
    }

    /// The present best.
    pub fn current(&self) -> &BestRecord {
        self.accepted.last().unwrap_or(&self.baseline)
    }

    /// The present best, to be measured again.
    pub(crate) fn current_mut(&mut self) -> &mut BestRecord {
        self.accepted.last_mut().unwrap_or(&mut self.baseline)
    }

    /// Makes `best` the present best.
    pub(crate) fn advance(&mut self, best: BestRecord) {
        if self.accepted.is_full() {
            self.accepted.remove(0);
        }
        // There is room: the oldest has just left where there was none.
        let _ = self.accepted.try_push(best);
    }

    /// Forgets an accepted best. Returns whether it was the present one; `None`: it was not there any more.
    pub(crate) fn revoke(&mut self, optimum: OptimumId) -> Option<bool> {
        let position = self.accepted.iter().position(|best| best.optimum == Some(optimum))?;
        let was_current = position.saturating_add(1) == self.accepted.len();
        self.accepted.remove(position);
        Some(was_current)
    }

    /// Leaves every accepted best behind whose parameters are `lost`, from the present one down.
    pub(crate) fn fall_back(&mut self, lost: ArtifactReference) {
        while self.accepted.last().is_some_and(|best| best.artifact == lost) {
            self.accepted.pop();
        }
    }
}

/// A domain that is there from the first block on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisDomain<AccountId> {
    /// Its owner; no deposit is taken.
    pub owner: AccountId,
    /// What every node agrees on.
    pub specification: DomainSpecification,
    /// The parameters that it starts from.
    pub baseline: ArtifactReference,
    /// Their metric, measured in season 0.
    pub baseline_metric: Metric,
    /// Above 0: approved.
    pub base_weight: FixedU128,
}

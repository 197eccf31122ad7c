//! Audits: a committed vote is measured again, on its author's data, by somebody who has not seen it.
//!
//! A vote's data follow from its seat's seed, so that it can be repeated far more tightly than any tolerance between
//! different data: who votes without having measured is found out. What is drawn, compared and concluded is here; the
//! quorum pallet stores, pays and punishes.

use crate::{
    commitment::Seed,
    domain::DomainSpecification,
    math,
    quorum::{Measurement, Standing, VoteValues},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{FixedI128, FixedU128, Permill, Perquintill};

/// The least part of votes that is audited, unless genesis says otherwise: a tenth.
pub const MINIMUM_RATE: Perquintill = Perquintill::from_percent(10);
/// How many may audit one vote: one, and two more when its replay differs from the vote.
pub const MAX_AUDITORS: u32 = 3;
/// How many of them are drawn when a vote is disputed.
pub const DISPUTE_AUDITORS: u32 = 2;
/// What a vote that cannot be reproduced costs its author of its bond for the domain: all of it.
///
/// A claim that fills the part c of an optimization block is audited with a chance of c at least, and all its
/// evaluators together earn 30 % of the block's pot for it: c · 15 DOIN. The bond is 20 DOIN. So whoever votes without
/// measuring loses more in expectation than all evaluators earn, whatever the claim and the size of the quorum.
pub const SLASH: Permill = Permill::one();
/// A replay may lie from the vote by one part in so many, in units of φ: adapters round differently.
const REPLAY_PRECISION: u128 = 1_000;

/// What an audit has found.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum Finding {
    /// Nothing: nobody replayed the vote, or there was nothing to compare.
    Lapsed,
    /// The vote is what its data give.
    Reproduced,
    /// A replay differs, and too few are there to say who is wrong.
    Disputed,
    /// The vote is not what its data give, or was withheld from its audit.
    Discredited,
}

/// The chance that a committed vote is audited: clamp(minimum, claimed increment/T, 1), where `claimed_part` is the
/// claimed increment/T. A `minimum` of 0 switches audits off.
pub fn probability(minimum: Perquintill, claimed_part: FixedU128) -> Perquintill {
    if minimum.is_zero() {
        return minimum;
    }
    // Both have 18 decimals.
    let claimed = claimed_part.min(FixedU128::from_u32(1)).into_inner();
    minimum.max(Perquintill::from_parts(u64::try_from(claimed).unwrap_or(u64::MAX)))
}

/// Whether the vote whose audit has this seed is audited. The bias is below 2⁻⁶⁷.
pub fn is_audited(probability: Perquintill, seed: &Seed) -> bool {
    let ticket = seed
        .iter()
        .take(16)
        .fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    let ticket = ticket.checked_rem(1_000_000_000_000_000_000).unwrap_or(0);
    ticket < u128::from(probability.deconstruct())
}

/// How many evaluations the escrow of an optimum is for, when round one draws `seats` and at least the part `minimum`
/// of the votes is audited: one for each seat, and where there are audits one more for each, as if all votes were
/// audited. What is not spent returns to the optimizer.
pub fn paid_evaluations(minimum: Perquintill, seats: u32) -> u32 {
    match minimum.is_zero() {
        true => seats,
        false => seats.saturating_mul(2),
    }
}

/// Whether two values differ by no more than 10⁻³ · max(|a|, |b|, u), u the domain's metric scale: 10⁻³ in units of φ,
/// which is relative for large values and absolute for small ones. Symmetric.
fn is_near(metric_scale: FixedU128, a: FixedI128, b: FixedI128) -> bool {
    let reference = math::magnitude(a).max(math::magnitude(b)).max(metric_scale);
    let allowed = reference.into_inner().checked_div(REPLAY_PRECISION).unwrap_or(0);
    math::distance(a, b) <= FixedU128::from_inner(allowed)
}

/// Whether a replay reproduces a vote: the same data to the bit, and both metrics and the probe within the replay
/// tolerance, 10⁻³ · max(|a|, |b|, metric scale). Symmetric.
pub fn reproduces(specification: &DomainSpecification, vote: &Measurement, replay: &Measurement) -> bool {
    let near = |a: FixedI128, b: FixedI128| is_near(specification.metric_scale, a, b);
    vote.data_hash == replay.data_hash
        && near(vote.candidate, replay.candidate)
        && near(vote.incumbent, replay.incumbent)
        && near(vote.probe, replay.probe)
}

/// What an audit has found, and where each auditor stands. `vote` is `None` where it was committed and not revealed;
/// `replays` has one entry for each auditor who committed, `None` where it did not reveal.
///
/// 1. Without auditors: lapsed. A vote that was withheld from an auditor: discredited, for else whoever is audited and
///    has not measured would keep silent.
/// 2. A vote that parameters are unavailable cannot be compared, and a replay that says so compares nothing: neutral.
/// 3. Replays all reproduce the vote, or two do: reproduced. Who differed from a vote that two reproduced is divergent.
/// 4. Three replays differ from the vote, and two of them reproduce one another: discredited. Where no two replays
///    agree it is the evaluation that cannot be repeated, and nobody is to blame.
/// 5. Else, with a replay that differs: disputed. With three auditors it stays so, and the vote stands.
///
/// Agreeing are the auditors to be paid: who replayed a withheld or unavailable vote, who reproduced a vote that
/// stands, and of those who discredit a vote who agree with another of them.
pub fn conclude(
    specification: &DomainSpecification,
    vote: Option<VoteValues>,
    replays: &[Option<VoteValues>],
) -> (Finding, Vec<Standing>) {
    let measured = |values: &Option<VoteValues>| match values {
        Some(VoteValues::Measured(measurement)) => Some(*measurement),
        _ => None,
    };
    let replayed: Vec<Option<Measurement>> = replays.iter().map(measured).collect();
    let stand = |standing: &dyn Fn(&Measurement) -> Standing| -> Vec<Standing> {
        let of = |replay: &Option<Measurement>| replay.as_ref().map_or(Standing::Neutral, standing);
        replayed.iter().map(of).collect()
    };
    let nothing = |finding: Finding| (finding, stand(&|_| Standing::Neutral));
    if replays.is_empty() {
        return nothing(Finding::Lapsed);
    }
    let vote = match vote {
        Some(VoteValues::Measured(vote)) => vote,
        Some(VoteValues::Unavailable(_)) => return (Finding::Lapsed, stand(&|_| Standing::Agreeing)),
        None => return (Finding::Discredited, stand(&|_| Standing::Agreeing)),
    };
    let is_same = |replay: &Measurement| reproduces(specification, &vote, replay);
    let same = replayed.iter().flatten().filter(|replay| is_same(replay)).count();
    let other: Vec<&Measurement> = replayed.iter().flatten().filter(|replay| !is_same(replay)).collect();
    if same >= 2 || (same == 1 && other.is_empty()) {
        let standing = |replay: &Measurement| match is_same(replay) {
            true => Standing::Agreeing,
            false => Standing::Divergent,
        };
        return (Finding::Reproduced, stand(&standing));
    }
    if other.is_empty() {
        return nothing(Finding::Lapsed);
    }
    let is_confirmed = |replay: &Measurement| {
        let alike = other.iter().filter(|other| reproduces(specification, other, replay));
        alike.count() >= 2
    };
    if other.len() < MAX_AUDITORS as usize {
        return nothing(Finding::Disputed);
    }
    if !other.iter().any(|replay| is_confirmed(replay)) {
        return nothing(Finding::Lapsed);
    }
    let standing = |replay: &Measurement| match is_confirmed(replay) {
        true => Standing::Agreeing,
        false => Standing::Neutral,
    };
    (Finding::Discredited, stand(&standing))
}

#[cfg(test)]
mod tests;

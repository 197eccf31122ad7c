//! Quorums: their size, the weighted draw, and the decision over paired votes.

use crate::{
    commitment::Seed,
    domain::{DomainSpecification, QuorumSize},
    math, Metric, Reputation,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::U256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{
    traits::{CheckedDiv, Saturating},
    FixedI128, FixedPointNumber, FixedU128,
};

/// The largest quorum of any round (a second round of 2·15 + 1).
pub const MAX_EVALUATORS: u32 = 31;

/// Which parameters an evaluator could not get.
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
pub enum Missing {
    /// The optimum's own.
    Candidate,
    /// The current best's.
    Incumbent,
}

/// What an evaluator measured on its own data: the candidate and the incumbent on the same data.
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
pub struct Measurement {
    /// The candidate's metric.
    pub candidate: Metric,
    /// The incumbent's metric.
    pub incumbent: Metric,
    /// A seed-dependent statistic of the candidate's outputs: what makes a vote hard to guess.
    pub probe: FixedI128,
    /// The hash of the data.
    pub data_hash: [u8; 32],
}

/// A vote in clear.
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
pub enum VoteValues {
    /// Both were measured.
    Measured(Measurement),
    /// Parameters could not be had: neutral.
    Unavailable(Missing),
}

/// What a quorum decided, with the medians behind it.
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
pub enum Decision {
    /// A quorum agreed on the metric.
    Agreed {
        /// The lower median of the agreeing votes' candidate metrics.
        candidate: Metric,
        /// The lower median of the agreeing votes' incumbent metrics.
        incumbent: Metric,
        /// The lower median of d = φ(candidate) − φ(incumbent) in the domain's direction.
        improvement: FixedI128,
        /// What the improvement had to reach to be significant.
        required: FixedI128,
        /// Worse than claimed, significant, or neither.
        verdict: QuorumVerdict,
    },
    /// Two thirds could not get the candidate's parameters.
    CandidateAbsent,
    /// Two thirds could not get the incumbent's parameters.
    IncumbentAbsent,
    /// No quorum.
    Undecided,
}

/// The verdict of a quorum that agreed on the metric.
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
pub enum QuorumVerdict {
    /// The claim holds and the improvement is significant.
    Accepted,
    /// The claim holds, the improvement is not significant.
    Unproven,
    /// The median is worse than the claim by more than the tolerance.
    Refuted,
}

/// The reputation from which an account is eligible to judge.
pub const MINIMUM_REPUTATION: Reputation = FixedU128::from_u32(2);
/// The largest quorum of round one.
pub const MAX_FIRST_ROUND: u32 = 15;
/// From this many eligible evaluators on a quorum is larger than 3.
const SMALL_NETWORK: u32 = 10;

/// MAD of a normal sample to standard deviation: 1.4826.
const MAD_TO_DEVIATION: FixedU128 = FixedU128::from_inner(1_482_600_000_000_000_000);
/// 2.5 standard errors of a median of normal values: 2.5 · 1.2533.
const SIGNIFICANCE: FixedU128 = FixedU128::from_inner(3_133_250_000_000_000_000);
/// The small-sample correction b of the MAD: for samples of at least so many values it is this, in thousandths.
const SMALL_SAMPLE: [(u32, u128); 5] = [(15, 947), (9, 902), (7, 878), (5, 828), (0, 667)];

/// Which part of a round is in progress.
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
pub enum RoundPhase {
    /// Votes are committed; none may be revealed.
    Commit,
    /// Votes are revealed, and the replays of audits with them; none may be committed any more.
    Reveal,
    /// Between the two where votes are audited: auditors commit to their replays, and have seen no vote.
    AuditCommit,
    /// After the reveals where replays differ from votes: further auditors commit to replays.
    DisputeCommit,
    /// These are revealed.
    DisputeReveal,
}

/// Where a drawn evaluator stands after a decision, or an auditor after an audit (see [`crate::audit::conclude`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Its candidate metric is within the tolerance of the median of all.
    Agreeing,
    /// It is not, though a quorum agreed.
    Divergent,
    /// It has no revealed vote, could not get the parameters, or nothing was decided that it could diverge from.
    Neutral,
}

/// `number`, rounded down to odd; 0 stays 0.
const fn odd_floor(number: u32) -> u32 {
    if number.is_multiple_of(2) {
        number.saturating_sub(1)
    } else {
        number
    }
}

/// The quorum size K that n eligible evaluators call for: 3 while n < 10 (and then it must be unanimous), else
/// 3 + ⌊log₂ n⌋, rounded up to odd, between 5 and 15.
///
/// It may ask for more than there are (K = 3 of 0): [`first_round_size`] bounds it by who is there.
pub fn automatic_size(eligible: u32) -> u32 {
    if eligible < SMALL_NETWORK {
        return 3;
    }
    let size = eligible.checked_ilog2().unwrap_or(0).saturating_add(3);
    (size | 1).clamp(5, MAX_FIRST_ROUND)
}

/// How many evaluators round one draws: what the domain's rule asks for, but never more than are `registered` (the
/// optimizer not counted), and odd, so that a median is one of the values. With fewer than 3 that is 1, which must be
/// "unanimous"; with none it is 0.
pub fn first_round_size(rule: QuorumSize, eligible: u32, registered: u32) -> u32 {
    let wanted = match rule {
        QuorumSize::Automatic => automatic_size(eligible),
        QuorumSize::Fixed(size) => u32::from(size).min(MAX_FIRST_ROUND),
    };
    odd_floor(wanted.min(registered))
}

/// How many evaluators round two draws after a round one of `first`: min(2K + 1, available), rounded down to odd.
/// `None` when that were fewer than before: then no round can be drawn that would say more than the first.
pub fn second_round_size(first: u32, available: u32) -> Option<u32> {
    let size = odd_floor(
        first
            .saturating_mul(2)
            .saturating_add(1)
            .min(available)
            .min(MAX_EVALUATORS),
    );
    (size >= first && size > 0).then_some(size)
}

/// ⌈2K/3⌉.
pub fn two_thirds(drawn: u32) -> u32 {
    drawn.saturating_mul(2).div_ceil(3)
}

/// How many of K drawn evaluators must agree: ⌈2K/3⌉, but all where K is 3 or less (two of three are too easily one
/// person).
pub fn required_agreement(drawn: u32) -> u32 {
    if drawn <= 3 {
        drawn
    } else {
        two_thirds(drawn)
    }
}

/// An evaluator's weight in a draw: its reputation in thousandths of a point, at least 1. Linear, so that nothing is
/// won by splitting an identity.
pub fn evaluator_weight(reputation: Reputation) -> u64 {
    let thousandths = reputation.into_inner() / 1_000_000_000_000_000;
    u64::try_from(thousandths).unwrap_or(u64::MAX).max(1)
}

/// Draws up to `count` different positions of `weights`, without replacement, each draw with a chance in proportion
/// to the weight among those left; in the order drawn. A weight of 0 is never drawn.
///
/// Draw number i takes blake2_256(SCALE(seed, i)) as a 256-bit number modulo the weight left: its bias is below
/// 2⁻¹⁸⁰. Everybody can repeat it.
pub fn draw(weights: &[u64], count: u32, seed: &Seed) -> Vec<usize> {
    let mut left: Vec<(usize, u64)> = weights
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, weight)| *weight > 0)
        .collect();
    let mut drawn = Vec::new();
    for step in 0..count {
        let total = left
            .iter()
            .fold(0u128, |sum, (_, weight)| sum.saturating_add(u128::from(*weight)));
        let hash = U256::from_big_endian(&blake2_256(&(seed, step).encode()));
        let Some(ticket) = hash.checked_rem(U256::from(total)) else {
            break;
        };
        let mut ticket = ticket.low_u128();
        let place = left
            .iter()
            .position(|(_, weight)| match ticket.checked_sub(u128::from(*weight)) {
                Some(rest) => {
                    ticket = rest;
                    false
                }
                None => true,
            });
        let Some(place) = place else {
            break;
        };
        // Keeps the order of the others: the draw is defined by the order of the list.
        drawn.push(left.remove(place).0);
    }
    drawn
}

/// What `votes` decide: one entry for each evaluator drawn, `None` where nothing was revealed. Returns each
/// evaluator's standing too, in the same order.
///
/// 1. A measured vote agrees when its candidate metric is within the domain's tolerance of the lower median of *all*
///    measured candidate metrics. [`required_agreement`] of the drawn must agree; who is absent or says
///    [`VoteValues::Unavailable`] does not.
/// 2. With a quorum, over the agreeing votes (k of them): d = φ(candidate) − φ(incumbent) in the domain's direction,
///    s = max(1.4826 · MAD(d)/b, the declared paired noise), required = max(minimum step, 2.5 · 1.2533 · s/√k). k and
///    b are of the votes that the median is over, not of the drawn: with fewer agreeing the bar is higher. b between
///    the sizes that the table holds is the next lower size's, which is the stricter one too.
/// 3. Refuted, when the median is worse than the claim by more than the tolerance; else accepted, when the median of
///    d is positive and at least what is required; else unproven.
/// 4. Without a quorum: absent, when two thirds of the drawn say so; else undecided.
pub fn decide(
    specification: &DomainSpecification,
    reported: Metric,
    votes: &[Option<VoteValues>],
) -> (Decision, Vec<Standing>) {
    let drawn = u32::try_from(votes.len()).unwrap_or(u32::MAX);
    let measured = |vote: &Option<VoteValues>| match vote {
        Some(VoteValues::Measured(measurement)) => Some(*measurement),
        _ => None,
    };
    let median_of_all = math::lower_median(votes.iter().filter_map(measured).map(|vote| vote.candidate));
    let agrees = |metric: Metric| {
        median_of_all.is_some_and(|median| math::distance(metric, median) <= specification.tolerance(median))
    };
    let agreeing: Vec<Measurement> = votes
        .iter()
        .filter_map(measured)
        .filter(|vote| agrees(vote.candidate))
        .collect();
    if count(&agreeing) >= required_agreement(drawn) {
        if let Some(decision) = compare(specification, reported, &agreeing) {
            let standing = |vote: &Option<VoteValues>| match measured(vote) {
                Some(vote) if agrees(vote.candidate) => Standing::Agreeing,
                Some(_) => Standing::Divergent,
                None => Standing::Neutral,
            };
            return (decision, votes.iter().map(standing).collect());
        }
    }
    let absent = |missing: Missing| {
        let say_so = votes
            .iter()
            .filter(|vote| **vote == Some(VoteValues::Unavailable(missing)))
            .count();
        drawn > 0 && u32::try_from(say_so).unwrap_or(u32::MAX) >= required_agreement(drawn)
    };
    let decision = if absent(Missing::Candidate) {
        Decision::CandidateAbsent
    } else if absent(Missing::Incumbent) {
        Decision::IncumbentAbsent
    } else {
        Decision::Undecided
    };
    (decision, votes.iter().map(|_| Standing::Neutral).collect())
}

/// The paired decision over votes that agree; `None` over none.
fn compare(specification: &DomainSpecification, reported: Metric, votes: &[Measurement]) -> Option<Decision> {
    let candidate = math::lower_median(votes.iter().map(|vote| vote.candidate))?;
    let incumbent = math::lower_median(votes.iter().map(|vote| vote.incumbent))?;
    let oriented_phi = |metric: Metric| math::phi(specification.direction.oriented(metric), specification.metric_scale);
    let differences: Vec<FixedI128> = votes
        .iter()
        .map(|vote| oriented_phi(vote.candidate).saturating_sub(oriented_phi(vote.incumbent)))
        .collect();
    let improvement = math::lower_median(differences.iter().copied())?;
    let required = math::to_signed(required_improvement(specification, &differences, improvement));
    let claim = specification.direction.oriented(reported);
    let found = specification.direction.oriented(candidate);
    let verdict = if found < claim && math::distance(claim, found) > specification.tolerance(candidate) {
        QuorumVerdict::Refuted
    } else if improvement >= required && improvement.is_positive() {
        QuorumVerdict::Accepted
    } else {
        QuorumVerdict::Unproven
    };
    Some(Decision::Agreed {
        candidate,
        incumbent,
        improvement,
        required,
        verdict,
    })
}

/// max(minimum step, 2.5 · 1.2533 · s/√k), s = max(1.4826 · MAD/b, the declared paired noise).
fn required_improvement(
    specification: &DomainSpecification,
    differences: &[FixedI128],
    median: FixedI128,
) -> FixedU128 {
    let size = count(differences);
    let deviation = math::lower_median(differences.iter().map(|difference| math::distance(*difference, median)));
    let measured = deviation
        .unwrap_or_default()
        .saturating_mul(MAD_TO_DEVIATION)
        .checked_div(&small_sample_correction(size))
        .unwrap_or(FixedU128::from_inner(u128::MAX));
    let spread = measured.max(specification.paired_noise);
    let error = spread
        .saturating_mul(SIGNIFICANCE)
        .checked_div(&math::sqrt(FixedU128::from_u32(size)))
        .unwrap_or(FixedU128::from_inner(u128::MAX));
    error.max(specification.minimum_step)
}

/// b for a sample of `size`: see [`SMALL_SAMPLE`].
fn small_sample_correction(size: u32) -> FixedU128 {
    let thousandths = SMALL_SAMPLE
        .iter()
        .find(|(least, _)| size >= *least)
        .map_or(667, |(_, factor)| *factor);
    FixedU128::from_rational(thousandths, 1_000)
}

/// The length of a list.
fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

//! Challenges of accepted optimae: when an acceptance is overturned, who judges, and what is at stake.
//!
//! A challenge repeats the paired test of an accepted optimum against the incumbent that it replaced, with other
//! evaluators and other seeds, on data of its own season. The question is not whether the optimum would be accepted
//! *again*: the significance bar is there to keep noise out, and a true improvement close above it falls below it in
//! half of all repetitions. The question is whether the acceptance was *false*, and it takes positive evidence to say so.
//! See [`judge`].

use crate::{
    math,
    optimum::ChallengeOutcome,
    quorum::{Decision, QuorumVerdict, MAX_FIRST_ROUND},
    Balance, Increment,
};
use sp_runtime::{
    traits::{CheckedDiv, Saturating},
    FixedPointNumber, FixedU128, Permill,
};

/// How many evaluators judge a challenge, where there are as many. The challenger's escrow pays them, and their auditors.
pub const QUORUM: u32 = MAX_FIRST_ROUND;
/// What an evaluator loses of its bond whose vote a false acceptance stood on.
pub const EVALUATOR_SLASH: Permill = Permill::from_percent(50);

/// What an optimum was accepted with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acceptance {
    /// The median of d = φ(candidate) − φ(incumbent) that it was accepted with.
    pub increment: Increment,
    /// How many votes that median was over.
    pub voters: u32,
}

/// What a challenge's quorum makes of an acceptance. `decision` is [`crate::quorum::decide`] on the challenge's votes with
/// the *accepted value* of the candidate in the place of the claim; `agreeing` is how many votes its medians are over.
///
/// Overturned, when one of these holds:
///
/// 1. **No improvement at all**: the median of d is 0 or below. (Not: below the significance bar.) An optimum just above
///    the bar of 15 votes is 2.5 standard errors away from that, and 4.3 above the bar of 5; that an optimum that improves
///    by as much as the bar asks for is accepted *and* then overturned by bad luck has a chance below one in a hundred; one
///    that improves on next to nothing and was accepted by luck, of one in twenty with three voters, one in fifty with 15.
/// 2. **A false value**: the candidate is worse than its accepted value by more than the tolerance of the domain.
/// 3. **A false increment**: the accepted one is larger than the one found by more than the noise of both medians, each
///    taken at the 2.5 standard errors of the significance bar. Without this, voters could let the incumbent look
///    worse than it is and have a tiny improvement paid as a large one, with a candidate value that stands every test. The
///    noise is reckoned from the challenge's votes alone, scaled to the number of the voters: voters who make up their
///    votes cannot widen the margin by spreading them.
///
/// Upheld, when the quorum agrees and none of them does. Without the candidate's parameters nothing can be upheld: who
/// earned by an optimum keeps its parameters until nobody can challenge it any more. Without the incumbent's, or without
/// a quorum, nothing is decided.
pub fn judge(acceptance: Acceptance, decision: &Decision, agreeing: u32) -> ChallengeOutcome {
    match decision {
        Decision::Agreed {
            improvement,
            required,
            verdict,
            ..
        } => {
            let found = math::to_unsigned(*improvement);
            let noise = noise_of_both(math::to_unsigned(*required), agreeing, acceptance.voters);
            let is_false = !improvement.is_positive()
                || *verdict == QuorumVerdict::Refuted
                || acceptance.increment > found.saturating_add(noise);
            match is_false {
                true => ChallengeOutcome::Overturned,
                false => ChallengeOutcome::Upheld,
            }
        }
        Decision::CandidateAbsent => ChallengeOutcome::OverturnedByAbsence,
        Decision::IncumbentAbsent | Decision::Undecided => ChallengeOutcome::Undecided,
    }
}

/// `required` is 2.5 standard errors of a median over `agreeing` votes, or the minimum step. Returns it added to the same of
/// a median over `voters`: the error falls with the square root of their number. Theirs is never taken for smaller.
fn noise_of_both(required: FixedU128, agreeing: u32, voters: u32) -> FixedU128 {
    let root = |number: u32| math::sqrt(FixedU128::from_u32(number.max(1)));
    let theirs = required
        .saturating_mul(root(agreeing))
        .checked_div(&root(voters))
        .unwrap_or(required);
    required.saturating_add(theirs.max(required))
}

/// How many evaluators judge a challenge: as many of the `unbiased` (eligible, and not among those who voted for the
/// optimum) as are there, odd, at most 15, and no fewer than the `usual` number for the domain, which the others fill up.
pub fn quorum_size(usual: u32, unbiased: u32) -> u32 {
    let size = unbiased.min(QUORUM);
    let odd = if size.is_multiple_of(2) {
        size.saturating_sub(1)
    } else {
        size
    };
    odd.max(usual)
}

/// What a challenger loses when the acceptance stands: half of the optimum's bond, at least the `least` bond of the
/// domain. It stands beside the escrow of [`QUORUM`] prices, from which the evaluators are paid.
///
/// Half, because half of the optimum's bond is what a challenger may win ([`bounty`]): a challenge pays when the
/// acceptance is false with better than even odds, and to challenge what one has not measured loses the bond nearly
/// always. To stake more than can be won would leave optimae alone that were copied from the best: they improve on
/// nothing, and half of all tests find so much by noise.
pub fn deterrent(optimum_bond: Balance, least: Balance) -> Balance {
    optimum_bond.div_euclid(2).max(least)
}

/// What a challenger gets out of the bond of an overturned optimum: the prices that it has paid, and half of the rest. The
/// other half is burned, so that who challenges an optimum of his own to wash what it earned loses half of the bond, too.
pub fn bounty(optimum_bond: Balance, paid: Balance) -> Balance {
    let covered = paid.min(optimum_bond);
    covered.saturating_add(optimum_bond.saturating_sub(covered).div_euclid(2))
}

#[cfg(test)]
mod tests;

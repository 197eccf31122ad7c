//! Vectors, properties and statistics of the rules of challenges. Floats are used here only.

use super::*;
use crate::{
    domain::{Direction, DomainSpecification, QuorumSize},
    quorum::{decide, Measurement, VoteValues},
    Metric,
};
use proptest::prelude::*;
use sp_runtime::{FixedI128, Perquintill};

fn fixed(value: f64) -> FixedI128 {
    FixedI128::from_inner((value * 1e18) as i128)
}

fn unsigned(value: f64) -> FixedU128 {
    FixedU128::from_inner((value * 1e18) as u128)
}

fn acceptance(increment: f64, voters: u32) -> Acceptance {
    Acceptance {
        increment: unsigned(increment),
        voters,
    }
}

fn found(improvement: f64, required: f64, verdict: QuorumVerdict) -> Decision {
    Decision::Agreed {
        candidate: fixed(-1.0),
        incumbent: fixed(-2.0),
        improvement: fixed(improvement),
        required: fixed(required),
        verdict,
    }
}

#[test]
fn only_positive_evidence_overturns() {
    use ChallengeOutcome::{Overturned, Upheld};
    use QuorumVerdict::{Accepted, Refuted, Unproven};
    // Accepted by 15 votes with an increment of 1.
    for (improvement, required, verdict, outcome) in [
        (1.0, 0.2, Accepted, Upheld),
        // Not significant any more, and an improvement all the same.
        (0.19, 0.5, Unproven, Upheld),
        (0.0, 0.5, Unproven, Overturned),
        (-0.3, 2.0, Unproven, Overturned),
        // A better improvement than the accepted one, of a candidate that is not what it was accepted for.
        (3.0, 0.2, Refuted, Overturned),
        // The increment: 0.6 and twice 0.2 are 1, which is not less than 1; a hair more is.
        (0.6, 0.2, Accepted, Upheld),
        (0.599, 0.2, Accepted, Overturned),
    ] {
        let outcome_found = judge(acceptance(1.0, 15), &found(improvement, required, verdict), 15);
        assert_eq!(outcome_found, outcome, "{improvement} {required} {verdict:?}");
    }
}

#[test]
fn without_the_candidate_nothing_is_upheld_and_without_the_incumbent_nothing_is_decided() {
    for (decision, outcome) in [
        (Decision::CandidateAbsent, ChallengeOutcome::OverturnedByAbsence),
        (Decision::IncumbentAbsent, ChallengeOutcome::Undecided),
        (Decision::Undecided, ChallengeOutcome::Undecided),
    ] {
        assert_eq!(judge(acceptance(1.0, 3), &decision, 0), outcome);
    }
}

#[test]
fn the_error_of_three_voters_is_larger_than_that_of_fifteen() {
    // 0.2 for 15 votes are 0.447 for 3.
    let decision = found(0.36, 0.2, QuorumVerdict::Accepted);
    assert_eq!(judge(acceptance(1.0, 3), &decision, 15), ChallengeOutcome::Upheld);
    assert_eq!(judge(acceptance(1.0, 15), &decision, 15), ChallengeOutcome::Overturned);
    let decision = found(0.34, 0.2, QuorumVerdict::Accepted);
    assert_eq!(judge(acceptance(1.0, 3), &decision, 15), ChallengeOutcome::Overturned);
    // More voters than judges: the minimum step stays what it is.
    let decision = found(0.6, 0.2, QuorumVerdict::Accepted);
    assert_eq!(judge(acceptance(1.0, 31), &decision, 3), ChallengeOutcome::Upheld);
    // Numbers that nobody has cannot make it panic.
    judge(acceptance(1.0, 0), &decision, 0);
    judge(acceptance(1.0, u32::MAX), &decision, u32::MAX);
}

#[test]
fn as_many_unbiased_judges_as_there_are_but_never_fewer_than_usual() {
    for (usual, unbiased, size) in [
        (3, 0, 3),
        (3, 2, 3),
        (3, 4, 3),
        (3, 5, 5),
        (3, 14, 13),
        (3, 15, 15),
        (3, 200, 15),
        (7, 6, 7),
        (1, 0, 1),
        (0, 0, 0),
        (15, 3, 15),
    ] {
        assert_eq!(quorum_size(usual, unbiased), size, "{usual} {unbiased}");
    }
}

#[test]
fn the_stakes() {
    assert_eq!(deterrent(13, 2), 6);
    assert_eq!(deterrent(13, 9), 9);
    // The prices first, then half of the rest.
    assert_eq!(bounty(100, 20), 60);
    assert_eq!(bounty(101, 20), 60);
    assert_eq!(bounty(10, 20), 10);
    assert_eq!(bounty(0, 0), 0);
}

/// φ is linear up to here, and so is 1 of the metric this part of 1 of φ.
const SCALE: f64 = 1e3;

/// A domain whose noise is what the votes show.
fn specification() -> DomainSpecification {
    DomainSpecification {
        name: Default::default(),
        kind: Default::default(),
        model: Default::default(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: unsigned(SCALE),
        paired_noise: unsigned(1e-9),
        minimum_step: unsigned(1e-9),
        relative_tolerance: Perquintill::from_percent(0),
        absolute_tolerance: unsigned(1e3),
        price: 1,
        minimum_bond: 1,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1,
        deadlines: crate::domain::Deadlines {
            reveal: 1,
            vote_commit: 1,
            vote_reveal: 1,
        },
        season_length: 0,
        incentive: Default::default(),
    }
}

/// Normal values from a generator that is the same in every run.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform().max(1e-300), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (core::f64::consts::TAU * angle).cos()
    }

    /// What `count` honest evaluators decide on a candidate that is better by `truth` deviations of d.
    fn decision(&mut self, truth: f64, count: usize) -> Decision {
        let votes: Vec<_> = (0..count)
            .map(|_| {
                // The candidate's own value is the same for all; the incumbent's bears the noise of the pair.
                Some(VoteValues::Measured(Measurement {
                    candidate: fixed(0.0),
                    incumbent: fixed(-(truth + self.normal())),
                    probe: FixedI128::default(),
                    data_hash: [0; 32],
                }))
            })
            .collect();
        decide(&specification(), Metric::default(), &votes).0
    }
}

/// How often, of `trials` honest evaluations by `voters`, an optimum is accepted *and* overturned by 15 others.
fn wrongly_overturned(truth: f64, voters: usize, trials: u32) -> f64 {
    let mut noise = Noise(truth.to_bits() ^ voters as u64);
    let mut wrong = 0u32;
    for _ in 0..trials {
        let Decision::Agreed {
            improvement,
            verdict: QuorumVerdict::Accepted,
            ..
        } = noise.decision(truth, voters)
        else {
            continue;
        };
        let acceptance = Acceptance {
            increment: math::to_unsigned(improvement),
            voters: voters as u32,
        };
        let again = noise.decision(truth, 15);
        if judge(acceptance, &again, 15) == ChallengeOutcome::Overturned {
            wrong += 1;
        }
    }
    f64::from(wrong) / f64::from(trials)
}

#[test]
fn noise_hardly_ever_overturns_what_honest_voters_have_accepted() {
    // In standard errors of a median of 15: from next to nothing, which luck alone gets accepted, to far above the bar.
    let error = 1.2533 / 15f64.sqrt();
    for voters in [3, 5, 7, 9, 15] {
        for truth in [0.25, 0.5, 1.0, 1.25, 1.5, 2.0, 2.5, 4.0, 8.0] {
            let wrong = wrongly_overturned(truth * error, voters, 3_000);
            // Who has improved by what the bar asks for has next to nothing to fear; who was lucky at the bar, a little.
            let bound = if truth < 2.5 { 0.055 } else { 0.01 };
            assert!(wrong <= bound, "{voters} voters, {truth} errors: {wrong}");
        }
    }
}

#[test]
fn what_colluding_voters_made_up_is_overturned() {
    let mut noise = Noise(7);
    let mut overturned = |increment: f64, truth: f64, voters: u32| {
        let trials = 500;
        let hits = (0..trials).filter(|_| {
            let decision = noise.decision(truth, 15);
            judge(acceptance(increment / SCALE, voters), &decision, 15) == ChallengeOutcome::Overturned
        });
        f64::from(hits.count() as u32) / f64::from(trials)
    };
    // Worse parameters than the best: whatever was claimed for them.
    assert!(overturned(0.5, -1.0, 3) > 0.99);
    assert!(overturned(10.0, -2.0, 15) > 0.99);
    // The best itself under another name, as a small improvement: a toss-up. As a large one it is found out.
    let small = overturned(2.0, 0.0, 3);
    assert!((0.4..0.6).contains(&small), "{small}");
    assert!(overturned(6.0, 0.0, 3) > 0.99);
    // A true improvement that the incumbent's forged value makes ten times as large.
    assert!(overturned(10.0, 1.0, 3) > 0.99);
    assert!(overturned(10.0, 1.0, 15) > 0.99);
}

proptest! {
    /// What the same votes have accepted they uphold: nobody is overturned by a repetition that finds the same.
    #[test]
    fn the_same_finding_upholds(
        improvement in 1u128..=10u128.pow(24),
        required in 0u128..=10u128.pow(24),
        agreeing in 1u32..=31,
        voters in 1u32..=31,
    ) {
        prop_assume!(required <= improvement);
        let decision = Decision::Agreed {
            candidate: Metric::default(),
            incumbent: Metric::default(),
            improvement: FixedI128::from_inner(improvement as i128),
            required: FixedI128::from_inner(required as i128),
            verdict: QuorumVerdict::Accepted,
        };
        let acceptance = Acceptance { increment: FixedU128::from_inner(improvement), voters };
        prop_assert_eq!(judge(acceptance, &decision, agreeing), ChallengeOutcome::Upheld);
    }

    /// No finding of no improvement is upheld, and a better finding never turns an acceptance that stood.
    #[test]
    fn better_findings_never_hurt(
        increment in 0u128..=10u128.pow(24),
        improvement in -(10i128.pow(24))..=10i128.pow(24),
        better in 0i128..=10i128.pow(24),
        required in 0i128..=10i128.pow(24),
        agreeing in 1u32..=31,
        voters in 1u32..=31,
    ) {
        let acceptance = Acceptance { increment: FixedU128::from_inner(increment), voters };
        let outcome = |improvement: i128| {
            let decision = Decision::Agreed {
                candidate: Metric::default(),
                incumbent: Metric::default(),
                improvement: FixedI128::from_inner(improvement),
                required: FixedI128::from_inner(required),
                verdict: QuorumVerdict::Unproven,
            };
            judge(acceptance, &decision, agreeing)
        };
        let first = outcome(improvement);
        if improvement <= 0 {
            prop_assert_eq!(first, ChallengeOutcome::Overturned);
        }
        if first == ChallengeOutcome::Upheld {
            prop_assert_eq!(outcome(improvement + better), ChallengeOutcome::Upheld);
        }
    }

    /// A challenger never gets more than the bond, always at least its costs if the bond covers them, and a challenge of
    /// one's own loses at least half of what the costs leave.
    #[test]
    fn the_bounty_is_a_part_of_the_bond(bond in 0u128..=10u128.pow(24), paid in 0u128..=10u128.pow(24)) {
        let bounty = bounty(bond, paid);
        prop_assert!(bounty <= bond);
        prop_assert!(bounty >= paid.min(bond));
        prop_assert!(bond - bounty >= bond.saturating_sub(paid) / 2);
    }

    #[test]
    fn the_quorum_is_odd_where_the_usual_one_is(usual in 0u32..=7, unbiased in 0u32..1_000) {
        let usual = 2 * usual + 1;
        let size = quorum_size(usual, unbiased);
        prop_assert_eq!(size % 2, 1);
        prop_assert!(size >= usual && size <= QUORUM);
    }
}

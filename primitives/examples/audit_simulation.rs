//! What a lazy evaluator gains and loses: one that votes without having measured. Prints a Markdown table of what an
//! honest and a lazy one net per optimum, by the rate of audits, the size of the claim and the size of the quorum.
//!
//! `cargo run --release --example audit_simulation -p doin-primitives`
//!
//! The rules are those of `doin_primitives`, the very code the chain runs: who is audited, what a replay must reproduce,
//! what an audit concludes, what the quorum decides, and what reputation it earns. Floats are used for what evaluators
//! measure only. The lazy one is given all that can be had without running the model: the true claim, the best's stored
//! value, and the data (so that the data's hash is right). What it cannot have is the probe.

use doin_primitives::{
    audit::{self, Finding},
    commitment::{audit_seed, data_seed, Seed},
    domain::{Deadlines, Direction, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
    quorum::{decide, Decision, Measurement, QuorumVerdict, Standing, VoteValues},
    reputation, subsidy, DOIN,
};
use sp_runtime::{FixedI128, FixedU128, Perquintill};

/// An evaluator's bond for the domain, in DOIN.
const BOND: f64 = 20.0;
/// What an evaluation is paid, in DOIN.
const PRICE: f64 = 0.01;
/// The evaluators' part of the first pot, in DOIN: an optimum that fills the part c of an optimization block has c of it.
const POT: f64 = (subsidy::INITIAL_REWARD / DOIN * subsidy::EVALUATORS_PERCENT / 100) as f64;
/// The chance that an auditor does not come.
const ABSENT: f64 = 0.1;
/// T, in units of φ; the domain's metric scale is 10, so that φ is a tenth of the metric.
const THRESHOLD: f64 = 1.0;
/// The best's metric.
const BEST: f64 = -9.0;

/// SplitMix64: enough for noise, and the same everywhere.
struct Random(u64);

impl Random {
    fn from_seed(seed: &Seed) -> Self {
        let bytes = seed.first_chunk().copied().expect("a seed has 32 bytes");
        Random(u64::from_le_bytes(bytes))
    }

    /// Between 0 and 1, neither of them.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        ((mixed >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (2.0 * core::f64::consts::PI * self.uniform()).cos()
    }
}

/// How an evaluator comes by its vote.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Conduct {
    Honest,
    /// Votes the optimizer's claim.
    Claim,
    /// Votes the current best plus a little.
    BestAndALittle,
}

/// What is evaluated, and how closely it is looked at.
#[derive(Clone, Copy)]
struct Setting {
    /// The least part of votes that is audited.
    minimum: Perquintill,
    /// Claimed (and true) increment/T.
    claimed: f64,
    /// K.
    seats: u32,
}

/// What an evaluator has of an optimum, on average.
#[derive(Clone, Copy, Default, Debug)]
struct Net {
    /// In DOIN.
    coin: f64,
    /// In reputation.
    points: f64,
    /// How often its vote was discredited.
    caught: f64,
}

fn metric(value: f64) -> FixedI128 {
    FixedI128::from_inner((value * 1e18) as i128)
}

fn unsigned(value: f64) -> FixedU128 {
    FixedU128::from_inner((value * 1e18) as u128)
}

fn specification() -> DomainSpecification {
    DomainSpecification {
        name: Default::default(),
        kind: Default::default(),
        model: Default::default(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: unsigned(10.0),
        paired_noise: unsigned(0.0),
        minimum_step: unsigned(0.001),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: unsigned(1.0),
        price: DOIN / 100,
        minimum_bond: DOIN,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1,
        deadlines: Deadlines {
            reveal: 1,
            vote_commit: 1,
            vote_reveal: 1,
        },
        season_length: 0,
        incentive: IncentiveCurve::default(),
    }
}

/// What comes out for a seat's data: noise that both metrics share, and a probe that spreads by 1.
fn measured(candidate: f64, seed: &Seed) -> VoteValues {
    let mut random = Random::from_seed(seed);
    let noise = 0.1 * random.normal();
    VoteValues::Measured(Measurement {
        candidate: metric(candidate + noise),
        incumbent: metric(BEST + noise),
        probe: metric(random.normal()),
        data_hash: *seed,
    })
}

fn guessed(candidate: f64, seed: &Seed) -> VoteValues {
    VoteValues::Measured(Measurement {
        candidate: metric(candidate),
        incumbent: metric(BEST),
        // The likeliest value.
        probe: metric(0.0),
        data_hash: *seed,
    })
}

/// One optimum, as the evaluator in the first seat sees it; all others are honest.
fn play(setting: Setting, conduct: Conduct, number: u64) -> Net {
    let specification = specification();
    let candidate = BEST + 10.0 * setting.claimed * THRESHOLD;
    let randomness: Seed = audit_seed(&[1; 32], number, 0, 0, 0);
    let seed_of = |seat: u32| data_seed(&randomness, number, 1, seat);
    let votes: Vec<VoteValues> = (0..setting.seats)
        .map(|seat| match (seat, conduct) {
            (0, Conduct::Claim) => guessed(candidate, &seed_of(seat)),
            (0, Conduct::BestAndALittle) => guessed(BEST + 0.02, &seed_of(seat)),
            _ => measured(candidate, &seed_of(seat)),
        })
        .collect();

    let probability = audit::probability(setting.minimum, unsigned(setting.claimed));
    let mut random = Random::from_seed(&audit_seed(&randomness, number, 1, 0, 2));
    let (mut discredited, mut auditors) = (false, 0u32);
    for seat in 0..setting.seats {
        let seed = audit_seed(&randomness, number, 1, seat, 0);
        if !audit::is_audited(probability, &seed) {
            continue;
        }
        let vote = votes.get(seat as usize).copied();
        let replay = || Some(measured(candidate, &seed_of(seat)));
        let mut come = |count: u32| {
            (0..count)
                .filter(|_| random.uniform() >= ABSENT)
                .map(|_| replay())
                .collect()
        };
        let mut replays: Vec<Option<VoteValues>> = come(1);
        let mut found = audit::conclude(&specification, vote, &replays);
        if found.0 == Finding::Disputed {
            let further: Vec<_> = come(audit::DISPUTE_AUDITORS);
            replays.extend(further);
            found = audit::conclude(&specification, vote, &replays);
        }
        discredited |= seat == 0 && found.0 == Finding::Discredited;
        let earning = found.1.iter().filter(|standing| **standing == Standing::Agreeing);
        auditors += earning.count() as u32;
    }
    if discredited {
        return Net {
            coin: -BOND * audit::SLASH.deconstruct() as f64 / 1e6,
            points: -(reputation::DISCREDITED.into_inner() as f64) / 1e18,
            caught: 1.0,
        };
    }
    let revealed: Vec<Option<VoteValues>> = votes.into_iter().map(Some).collect();
    let (decision, standings) = decide(&specification, metric(candidate), &revealed);
    let accepted = matches!(
        decision,
        Decision::Agreed {
            verdict: QuorumVerdict::Accepted,
            ..
        }
    );
    if !accepted {
        return Net::default();
    }
    let (threshold, work) = (unsigned(THRESHOLD), unsigned(setting.claimed * THRESHOLD));
    if standings.first() != Some(&Standing::Agreeing) {
        let lost = reputation::fraction(work, threshold) * reputation::DIVERGED;
        return Net {
            points: -(lost.into_inner() as f64) / 1e18,
            ..Net::default()
        };
    }
    let agreeing = standings
        .iter()
        .filter(|standing| **standing == Standing::Agreeing)
        .count() as u32;
    let earned = reputation::AGREED * reputation::earned(unsigned(0.0), work, threshold);
    Net {
        coin: PRICE + POT * setting.claimed.min(1.0) / f64::from(agreeing + auditors),
        points: earned.into_inner() as f64 / 1e18,
        caught: 0.0,
    }
}

/// The mean over so many optimae.
fn average(setting: Setting, conduct: Conduct, optimae: u64) -> Net {
    let all = (0..optimae).map(|number| play(setting, conduct, number));
    let sum = all.fold(Net::default(), |sum, net| Net {
        coin: sum.coin + net.coin,
        points: sum.points + net.points,
        caught: sum.caught + net.caught,
    });
    let count = optimae as f64;
    Net {
        coin: sum.coin / count,
        points: sum.points / count,
        caught: sum.caught / count,
    }
}

fn main() {
    println!("| least rate | K | claim/T | honest: DOIN | points | lazy (claim): DOIN | points | caught | lazy (best): DOIN | points |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let row = |percent: u64, seats: u32, claimed: f64| {
        let setting = Setting {
            minimum: Perquintill::from_percent(percent),
            claimed,
            seats,
        };
        let [honest, claim, best] =
            [Conduct::Honest, Conduct::Claim, Conduct::BestAndALittle].map(|conduct| average(setting, conduct, 20_000));
        println!(
            "| {percent} % | {seats} | {claimed} | {:.3} | {:.2} | {:.3} | {:.2} | {:.1} % | {:.3} | {:.2} |",
            honest.coin,
            honest.points,
            claim.coin,
            claim.points,
            100.0 * claim.caught,
            best.coin,
            best.points
        );
    };
    for percent in [0, 2, 5, 10, 20, 50, 100] {
        for claimed in [0.02, 0.1, 0.3, 1.0] {
            row(percent, 5, claimed);
        }
    }
    for seats in [3, 15] {
        for claimed in [0.02, 0.1, 0.3, 1.0] {
            row(10, seats, claimed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIMS: [f64; 6] = [0.01, 0.05, 0.1, 0.2, 0.5, 1.0];

    /// At the default rate: an honest evaluator gains, a lazy one loses more coin than that, and loses authority, whatever
    /// it votes, however much is claimed and however large the quorum is; with a tenth of the auditors away.
    #[test]
    fn at_the_default_rate_laziness_costs_more_than_honesty_earns() {
        for seats in [3, 5, 15] {
            for claimed in CLAIMS {
                let setting = Setting {
                    minimum: audit::MINIMUM_RATE,
                    claimed,
                    seats,
                };
                let honest = average(setting, Conduct::Honest, 4_000);
                assert!(
                    honest.coin > 0.0 && honest.points > 0.0 && honest.caught == 0.0,
                    "{honest:?}"
                );
                for conduct in [Conduct::Claim, Conduct::BestAndALittle] {
                    let lazy = average(setting, conduct, 4_000);
                    assert!(
                        -lazy.coin > honest.coin && lazy.points < 0.0,
                        "K = {seats}, claim {claimed}, {conduct:?}: {lazy:?} against {honest:?}"
                    );
                }
            }
        }
    }

    /// The test can fail: without audits the lazy one earns what the honest one does.
    #[test]
    fn without_audits_laziness_pays() {
        let setting = Setting {
            minimum: Perquintill::zero(),
            claimed: 0.1,
            seats: 5,
        };
        let [honest, lazy] = [Conduct::Honest, Conduct::Claim].map(|conduct| average(setting, conduct, 500));
        assert!(lazy.coin >= honest.coin && lazy.points >= honest.points);
    }

    /// The probe cannot be guessed: nearly every audited vote of which all auditors come is found out.
    #[test]
    fn guesses_are_found_out() {
        let setting = Setting {
            minimum: Perquintill::one(),
            claimed: 0.1,
            seats: 5,
        };
        let caught = average(setting, Conduct::Claim, 4_000).caught;
        let all_come = (1.0 - ABSENT).powi(3);
        assert!((caught - all_come).abs() < 0.03, "{caught} {all_come}");
    }
}

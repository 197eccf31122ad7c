//! How fast a domain is on a machine: the hardware score.
//!
//! # The score, protocol 1
//!
//! A *round* is [`Domain::optimize`] from the baseline after [`Domain::forget`], in season 0, with no minimum gain; the
//! seed of round i is i in 32 bytes, little-endian, so that every machine does the same rounds. A round without
//! improvement counts like any other. Round 0 is not timed: kernels are compiled in it. The following rounds, with the
//! budget that the domain recommends, fill five stretches of a fifth of the duration each, a round at least. The
//! *score* is the median over the stretches of the evaluations a second, rounded down: the evaluations are those of the
//! budgets. Scores compare machines on the same domain with the same model, and nothing else.
//!
//! Beside it, for the same duration each: *generations* a second are rounds with a budget of one evaluation, which
//! evaluate one population; *measurements* a second are what an evaluator does for a seat: one synthesis of data, and
//! the baseline evaluated on them twice.

use std::time::{Duration, Instant};

use crate::{Budget, Cancellation, Domain, DomainError};

/// The protocol of the score. Scores of different protocols must not be compared.
pub const PROTOCOL: u32 = 1;

/// Model specifications to measure where none is given: one for each built-in kind that can do without files.
pub const EXAMPLES: &[(&str, &str)] = &[
    (
        "function",
        r#"{"function":"rastrigin","dimensions":20,"noise":0.01,"optimum_seed":1}"#,
    ),
    ("quadratic", r#"{"dimensions":10,"noise":0.1,"target_seed":1}"#),
    (
        "timeseries",
        r#"{"source":{"mackey-glass":{"length":3000,"delay":17,"seed":1}},"series":"levels","horizons":[6],"network":{"window":12,"hidden":[16],"seed":1,"most_window":48,"most_parameters":8192},"synthetic":{"generator":"process","length":1000}}"#,
    ),
];

const STRETCHES: usize = 5;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Speed {
    /// The hardware score.
    pub score: u64,
    /// Median of the stretches.
    pub evaluations_per_second: f64,
    /// The fastest stretch less the slowest one, as a share of the median: how far to trust the score.
    pub spread: f64,
    /// Rounds that were timed for the score.
    pub rounds: u64,
    /// Smallest rounds a second: one population each.
    pub generations_per_second: f64,
    /// Syntheses of data with two evaluations each, a second.
    pub measurements_per_second: f64,
}

/// Measures a domain, for three times `duration` or a little longer.
///
/// # Errors
///
/// Whatever the domain says, except that a round brought no improvement.
pub fn benchmark(domain: &dyn Domain, duration: Duration) -> Result<Speed, DomainError> {
    let baseline = domain.baseline();
    let evaluations = domain.metadata().round_evaluations;
    round(domain, &baseline, evaluations, 0)?;

    let mut rounds = 0;
    let mut rates = [0.0; STRETCHES];
    for rate in &mut rates {
        let (count, seconds) = repeat(duration / STRETCHES as u32, |_| {
            rounds += 1;
            round(domain, &baseline, evaluations, rounds)
        })?;
        *rate = (count * evaluations) as f64 / seconds;
    }
    rates.sort_by(f64::total_cmp);
    let median = rates[STRETCHES / 2];

    let (generations, generation_seconds) = repeat(duration, |number| round(domain, &baseline, 1, number))?;
    let (measurements, measurement_seconds) = repeat(duration, |number| {
        let data = domain.synthesize(seed(number), 0)?;
        domain.evaluate(&baseline, &data)?;
        domain.evaluate(&baseline, &data).map(|_| ())
    })?;
    Ok(Speed {
        score: median as u64,
        evaluations_per_second: median,
        spread: (rates[STRETCHES - 1] - rates[0]) / median,
        rounds,
        generations_per_second: generations as f64 / generation_seconds,
        measurements_per_second: measurements as f64 / measurement_seconds,
    })
}

fn round(domain: &dyn Domain, baseline: &[u8], evaluations: u64, number: u64) -> Result<(), DomainError> {
    domain.forget();
    let budget = Budget {
        evaluations,
        minimum_gain: 0.0,
    };
    match domain.optimize(baseline, &budget, seed(number), 0, &Cancellation::default()) {
        Ok(_) => Ok(()),
        Err(DomainError::NoImprovement { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Does it until `duration` is over, at least once: how often, and in how many seconds.
fn repeat(duration: Duration, mut work: impl FnMut(u64) -> Result<(), DomainError>) -> Result<(u64, f64), DomainError> {
    let start = Instant::now();
    let mut count = 0;
    loop {
        work(count)?;
        count += 1;
        let elapsed = start.elapsed();
        if elapsed >= duration {
            // A clock may be too coarse to see a single piece of work.
            return Ok((count, elapsed.as_secs_f64().max(1e-9)));
        }
    }
}

fn seed(number: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    seed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{instantiate, Candidate, Evaluation, Metadata, Options, SyntheticData, KINDS};
    use parking_lot::Mutex;

    #[test]
    fn every_example_can_be_measured() {
        for (kind, model) in EXAMPLES {
            assert!(KINDS.contains(kind), "{kind}");
            let domain = instantiate(kind, model.as_bytes(), &Options::default()).unwrap();
            let speed = benchmark(domain.as_ref(), Duration::ZERO).unwrap();
            assert_eq!(speed.rounds, STRETCHES as u64);
            assert_eq!(speed.score, speed.evaluations_per_second as u64);
            assert!(speed.generations_per_second > 0.0 && speed.measurements_per_second > 0.0);
        }
    }

    /// Writes down what it is asked for.
    struct Recorder {
        metadata: Metadata,
        calls: Mutex<Vec<String>>,
        failure: DomainError,
    }

    impl Domain for Recorder {
        fn metadata(&self) -> &Metadata {
            &self.metadata
        }
        fn baseline(&self) -> Vec<u8> {
            vec![7]
        }
        fn optimize(
            &self,
            best: &[u8],
            budget: &Budget,
            seed: [u8; 32],
            season: u64,
            _: &Cancellation,
        ) -> Result<Candidate, DomainError> {
            assert_eq!((best, season, budget.minimum_gain), (&[7u8][..], 0, 0.0));
            let number = u64::from_le_bytes(seed[..8].try_into().unwrap());
            self.calls.lock().push(format!("{}:{number}", budget.evaluations));
            Err(self.failure.clone())
        }
        fn forget(&self) {
            self.calls.lock().push("forget".into());
        }
        fn synthesize(&self, _: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
            Ok(SyntheticData { season, bytes: vec![] })
        }
        fn evaluate(&self, _: &[u8], _: &SyntheticData) -> Result<Evaluation, DomainError> {
            self.calls.lock().push("evaluate".into());
            Ok(Evaluation {
                metric: 0.0,
                probe: 0.0,
            })
        }
        fn infer(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, DomainError> {
            unreachable!("nothing is inferred")
        }
    }

    fn recorder(failure: DomainError) -> Recorder {
        let domain = instantiate(EXAMPLES[0].0, EXAMPLES[0].1.as_bytes(), &Options::default()).unwrap();
        let metadata = Metadata {
            round_evaluations: 48,
            ..domain.metadata().clone()
        };
        Recorder {
            metadata,
            calls: Mutex::new(Vec::new()),
            failure,
        }
    }

    #[test]
    fn the_rounds_are_those_of_the_protocol() {
        let no_improvement = DomainError::NoImprovement {
            gain: 0.0,
            required: 0.0,
        };
        let domain = recorder(no_improvement);
        benchmark(&domain, Duration::ZERO).unwrap();
        let calls = domain.calls.into_inner();
        let rounds: Vec<&str> = calls
            .iter()
            .map(String::as_str)
            .filter(|call| call.contains(':'))
            .collect();
        assert_eq!(rounds, ["48:0", "48:1", "48:2", "48:3", "48:4", "48:5", "1:0"]);
        assert_eq!(calls.iter().filter(|call| *call == "forget").count(), rounds.len());
        assert_eq!(calls.iter().filter(|call| *call == "evaluate").count(), 2);
    }

    #[test]
    fn a_domain_that_fails_has_no_score() {
        let failure = DomainError::Host("no such program".into());
        assert_eq!(benchmark(&recorder(failure.clone()), Duration::ZERO), Err(failure));
    }
}

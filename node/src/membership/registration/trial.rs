//! Tries a domain on this machine: what the chain is told of it is measured, and what evaluators would stumble over is
//! found before anybody has paid for it.

use doin_domains::{fixed_to_metric, metric_to_fixed, Budget, Cancellation, Domain, DomainError, SyntheticData};
use doin_primitives::{
    audit::reproduces,
    domain::DomainSpecification,
    math::{lower_median, phi},
    quorum::Measurement,
    Hash, Metric,
};
use sp_runtime::traits::Saturating;
use std::time::{Duration, Instant};

/// On how many data a domain is measured, and on how many at least where that takes long.
const SAMPLES: usize = 15;
const FEWEST_SAMPLES: usize = 5;
/// What takes long.
const LONG: Duration = Duration::from_secs(300);
/// How many rounds of search may pass without a gain.
const ROUNDS: usize = 10;

/// What a trial has shown.
#[derive(Debug)]
pub(super) struct Trial {
    /// The baseline's metric: the median over the samples.
    pub(super) metric: Metric,
    /// Four standard deviations of the metric over the samples: honest evaluators agree, whatever data they draw.
    pub(super) absolute_tolerance: f64,
    /// The spread of the difference of φ on the same data; `None`: no search has found anything better.
    pub(super) paired_noise: Option<f64>,
    /// The median of that difference: what a round of search gains.
    pub(super) gain: Option<f64>,
    /// How long one evaluation takes on average.
    pub(super) evaluation: Duration,
}

/// Measures the baseline, and something better where a search finds it, in pairs on the same data.
///
/// # Errors
///
/// What evaluators would stumble over, in words.
pub(super) fn try_out(
    domain: &dyn Domain,
    specification: &DomainSpecification,
    season: u64,
    say: impl Fn(String),
) -> Result<Trial, String> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: DomainError| format!("{what}: {error}")
    };
    let baseline = domain.baseline();
    let better = search(domain, &baseline, season, &say)?;
    let better = better.as_deref();
    let began = Instant::now();
    let (mut metrics, mut others, mut differences, mut probes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut spent = (Duration::ZERO, 0u32);
    while metrics.len() < SAMPLES && (metrics.len() < FEWEST_SAMPLES || began.elapsed() < LONG) {
        let seed = Hash::random().0;
        let data = domain.synthesize(seed, season).map_err(failed("making data"))?;
        let started = Instant::now();
        let vote = measure(domain, better.unwrap_or(&baseline), &baseline, &data)?;
        spent = (spent.0 + started.elapsed(), spent.1 + 2);
        if metrics.is_empty() {
            check_replay(
                domain,
                specification,
                better.unwrap_or(&baseline),
                &baseline,
                (seed, season),
                &vote,
            )?;
        }
        metrics.push(vote.incumbent);
        others.push(vote.candidate);
        probes.push(vote.probe);
        let scale = specification.metric_scale;
        let difference = phi(vote.candidate, scale).saturating_sub(phi(vote.incumbent, scale));
        differences.push(specification.direction.oriented(difference));
    }
    // The baseline alone may well answer the same to everything.
    let constant = || probes.iter().all(|probe| *probe == probes[0]);
    if specification.synthetic_data && better.is_some() && constant() {
        return Err(
            "the probe is the same on all data: votes could be guessed. It must be a statistic of the model's outputs that \
             depends on the seed"
                .into(),
        );
    }
    let gain = better.and_then(|_| lower_median(differences.iter().copied()));
    if let Some(gain) = gain.filter(|gain| *gain <= Metric::default()) {
        return Err(format!(
            "what the search has found is not better on unseen data (by {:.4} in units of the metric scale): evaluators would \
             accept nothing",
            fixed_to_metric(gain)
        ));
    }
    let spread = deviation(&metrics).max(deviation(&others));
    Ok(Trial {
        metric: lower_median(metrics).unwrap_or_default(),
        absolute_tolerance: (4.0 * spread).max(1e-6),
        paired_noise: better.map(|_| deviation(&differences)),
        gain: gain.map(fixed_to_metric),
        evaluation: spent.0 / spent.1.max(1),
    })
}

/// Something better than the baseline, if a few rounds find it.
fn search(domain: &dyn Domain, baseline: &[u8], season: u64, say: &impl Fn(String)) -> Result<Option<Vec<u8>>, String> {
    let budget = Budget {
        evaluations: domain.metadata().round_evaluations,
        minimum_gain: 0.0,
    };
    for round in 1..=ROUNDS {
        match domain.optimize(baseline, &budget, Hash::random().0, season, &Cancellation::default()) {
            Ok(found) => {
                say(format!(
                    "round {round} of search found {} bytes with the metric {:.6}, as the search sees it",
                    found.parameters.len(),
                    found.metric
                ));
                return Ok(Some(found.parameters));
            }
            Err(DomainError::NoImprovement { .. }) => {}
            Err(error) => return Err(format!("searching: {error}")),
        }
    }
    Ok(None)
}

/// What an evaluator would vote.
fn measure(
    domain: &dyn Domain,
    candidate: &[u8],
    incumbent: &[u8],
    data: &SyntheticData,
) -> Result<Measurement, String> {
    let failed = |error: DomainError| format!("measuring: {error}");
    let found = domain.evaluate(candidate, data).map_err(failed)?;
    let before = domain.evaluate(incumbent, data).map_err(failed)?;
    Ok(Measurement {
        candidate: metric_to_fixed(found.metric).map_err(failed)?,
        incumbent: metric_to_fixed(before.metric).map_err(failed)?,
        probe: metric_to_fixed(found.probe).map_err(failed)?,
        data_hash: domain.data_hash(data),
    })
}

/// An auditor repeats the vote from its seed, and must come to the same.
fn check_replay(
    domain: &dyn Domain,
    specification: &DomainSpecification,
    candidate: &[u8],
    incumbent: &[u8],
    (seed, season): ([u8; 32], u64),
    vote: &Measurement,
) -> Result<(), String> {
    let data = domain
        .synthesize(seed, season)
        .map_err(|error| format!("making data again: {error}"))?;
    let replay = measure(domain, candidate, incumbent, &data)?;
    if replay.data_hash != vote.data_hash {
        return Err("the same seed gives other data each time: data must follow from their seed alone".into());
    }
    if !reproduces(specification, vote, &replay) {
        return Err(format!(
            "the same parameters on the same data give another result each time: metric {} and {}, probe {} and {}. An audit \
             allows 0.001 of the metric scale",
            fixed_to_metric(vote.candidate),
            fixed_to_metric(replay.candidate),
            fixed_to_metric(vote.probe),
            fixed_to_metric(replay.probe)
        ));
    }
    Ok(())
}

/// The standard deviation, as far as floating point holds it.
fn deviation(values: &[Metric]) -> f64 {
    let values: Vec<f64> = values.iter().map(|value| fixed_to_metric(*value)).collect();
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

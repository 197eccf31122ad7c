//! What a trial finds out about good domains, and about those that evaluators would stumble over.

use super::trial::try_out;
use doin_domains::{
    instantiate, Budget, Cancellation, Candidate, Domain, DomainError, Evaluation, Metadata, Options, SyntheticData,
};
use doin_primitives::domain::DomainSpecification;
use std::sync::{
    atomic::{AtomicU32, Ordering},
    Arc,
};

fn specification() -> DomainSpecification {
    let preset = doin_runtime::genesis::preset(&sp_genesis_builder::DEV_RUNTIME_PRESET.into()).unwrap();
    let preset: serde_json::Value = serde_json::from_slice(&preset).unwrap();
    serde_json::from_value(preset["domains"]["domains"][0]["specification"].clone()).unwrap()
}

fn quadratic() -> Arc<dyn Domain> {
    instantiate("quadratic", &specification().model, &Options::default()).unwrap()
}

#[test]
fn a_good_domain_is_measured() {
    let trial = try_out(&*quadratic(), &specification(), 0, drop).unwrap();
    assert!(trial.gain.unwrap() > 0.0, "{trial:?}");
    // The data of the quadratic domain are noisy.
    assert!(
        trial.paired_noise.unwrap() > 0.0 && trial.absolute_tolerance > 1e-6,
        "{trial:?}"
    );
}

/// A quadratic domain with a fault.
struct Faulty {
    domain: Arc<dyn Domain>,
    fault: Fault,
    calls: AtomicU32,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    DataDoNotFollowFromTheSeed,
    MeasurementsDoNotRepeat,
    TheProbeIsConstant,
    TheSearchFindsNothing,
    TheSearchFindsWhatIsWorse,
    TheSearchFails,
}

impl Domain for Faulty {
    fn metadata(&self) -> &Metadata {
        self.domain.metadata()
    }

    fn baseline(&self) -> Vec<u8> {
        self.domain.baseline()
    }

    fn optimize(
        &self,
        best: &[u8],
        budget: &Budget,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Candidate, DomainError> {
        match self.fault {
            Fault::TheSearchFindsNothing => Err(DomainError::NoImprovement {
                gain: 0.0,
                required: 0.0,
            }),
            Fault::TheSearchFindsWhatIsWorse => Ok(Candidate {
                parameters: best.to_vec(),
                metric: 0.0,
            }),
            Fault::TheSearchFails => Err(DomainError::External("no such module".into())),
            _ => self.domain.optimize(best, budget, seed, season, cancellation),
        }
    }

    fn synthesize(&self, mut seed: [u8; 32], season: u64) -> Result<SyntheticData, DomainError> {
        if self.fault == Fault::DataDoNotFollowFromTheSeed {
            seed[0] = self.calls.fetch_add(1, Ordering::Relaxed) as u8;
        }
        self.domain.synthesize(seed, season)
    }

    fn evaluate(&self, parameters: &[u8], data: &SyntheticData) -> Result<Evaluation, DomainError> {
        let mut evaluation = self.domain.evaluate(parameters, data)?;
        match self.fault {
            Fault::MeasurementsDoNotRepeat => {
                evaluation.metric += f64::from(self.calls.fetch_add(1, Ordering::Relaxed));
            }
            Fault::TheProbeIsConstant => evaluation.probe = 1.0,
            _ => {}
        }
        Ok(evaluation)
    }

    fn infer(&self, parameters: &[u8], input: &[u8]) -> Result<Vec<u8>, DomainError> {
        self.domain.infer(parameters, input)
    }
}

#[test]
fn what_evaluators_would_stumble_over_is_said() {
    for (fault, words) in [
        (Fault::DataDoNotFollowFromTheSeed, "the same seed gives other data"),
        (Fault::MeasurementsDoNotRepeat, "give another result each time"),
        (Fault::TheProbeIsConstant, "the probe is the same on all data"),
        (Fault::TheSearchFindsWhatIsWorse, "is not better on unseen data"),
        (Fault::TheSearchFails, "searching: "),
    ] {
        let domain = Faulty {
            domain: quadratic(),
            fault,
            calls: AtomicU32::new(0),
        };
        let error = try_out(&domain, &specification(), 0, drop).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn without_a_gain_the_noise_of_pairs_is_unknown() {
    let domain = Faulty {
        domain: quadratic(),
        fault: Fault::TheSearchFindsNothing,
        calls: AtomicU32::new(0),
    };
    let trial = try_out(&domain, &specification(), 0, drop).unwrap();
    assert_eq!((trial.paired_noise, trial.gain), (None, None));
}

//! Figures for Prometheus, all prefixed `doin_population_`.

use crate::population::Offence;
use doin_primitives::domain::DomainId;
use substrate_prometheus_endpoint::{register, CounterVec, GaugeVec, Opts, PrometheusError, Registry, U64};

#[derive(Clone)]
struct Registered {
    requests: CounterVec<U64>,
    offences: CounterVec<U64>,
    generation: GaugeVec<U64>,
}

/// What goes over the protocol; without a registry it is counted by nobody.
#[derive(Clone, Default)]
pub struct PopulationMetrics(Option<Registered>);

impl PopulationMetrics {
    /// Registers the figures.
    ///
    /// # Errors
    ///
    /// When the registry has figures of these names already.
    pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let family = |name: &str, help: &str, labels: &[&str]| -> Result<CounterVec<U64>, PrometheusError> {
            register(CounterVec::new(Opts::new(name, help), labels)?, registry)
        };
        Ok(Self(Some(Registered {
            requests: family(
                "doin_population_requests_total",
                "Requests of the population protocol by what became of them",
                &["direction", "outcome"],
            )?,
            offences: family(
                "doin_population_offences_total",
                "What peers have done wrong in shared populations",
                &["kind"],
            )?,
            generation: register(
                GaugeVec::new(
                    Opts::new(
                        "doin_population_generation",
                        "The number of the open generation, by the domain's number",
                    ),
                    &["domain"],
                )?,
                registry,
            )?,
        })))
    }

    pub(crate) fn request(&self, direction: &str, outcome: &str) {
        if let Some(metrics) = &self.0 {
            metrics.requests.with_label_values(&[direction, outcome]).inc();
        }
    }

    pub(crate) fn generation(&self, domain: DomainId, number: u64) {
        if let Some(metrics) = &self.0 {
            metrics.generation.with_label_values(&[&domain.to_string()]).set(number);
        }
    }

    pub(crate) fn offence(&self, offence: Offence) {
        let kind = match offence {
            Offence::Forged => "forged",
            Offence::Stranger => "stranger",
            Offence::WrongResult => "wrong result",
            Offence::WrongGeneration => "wrong generation",
        };
        if let Some(metrics) = &self.0 {
            metrics.offences.with_label_values(&[kind]).inc();
        }
    }
}

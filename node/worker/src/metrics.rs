//! The worker's figures for Prometheus, prefixed `doin_worker_`, and those of its device, prefixed `doin_compute_`.

use doin_compute::{Compute, Counters};
use std::sync::Arc;
use substrate_prometheus_endpoint::{
    register, CounterVec, Gauge, GaugeVec, HistogramOpts, HistogramVec, MetricSource, Opts, PrometheusError, Registry,
    SourcedCounter, F64, U64,
};

#[derive(Clone)]
struct Registered {
    rounds: CounterVec<U64>,
    evaluations: CounterVec<U64>,
    round_seconds: HistogramVec,
    optimae: CounterVec<U64>,
    votes: CounterVec<U64>,
    measurement_seconds: HistogramVec,
    transactions: CounterVec<U64>,
    failures: CounterVec<U64>,
    queries: CounterVec<U64>,
    query_seconds: HistogramVec,
    best_metric: GaugeVec<F64>,
    converged: GaugeVec<U64>,
}

/// The worker's figures; without a registry they are counted by nobody.
#[derive(Clone, Default)]
pub struct Metrics(Option<Registered>);

impl Metrics {
    /// Registers the figures.
    ///
    /// # Errors
    ///
    /// When the registry has figures of these names already.
    pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let counter = |name: &str, help: &str, labels: &[&str]| -> Result<CounterVec<U64>, PrometheusError> {
            register(CounterVec::new(Opts::new(name, help), labels)?, registry)
        };
        let seconds = |name: &str, help: &str| -> Result<HistogramVec, PrometheusError> {
            let options = HistogramOpts::new(name, help).buckets(vec![0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0]);
            register(HistogramVec::new(options, &["domain"])?, registry)
        };
        Ok(Self(Some(Registered {
            rounds: counter(
                "doin_worker_rounds_total",
                "Rounds of optimization by result",
                &["domain", "result"],
            )?,
            evaluations: counter(
                "doin_worker_evaluations_total",
                "Evaluations that finished rounds of optimization were given",
                &["domain"],
            )?,
            round_seconds: seconds("doin_worker_round_seconds", "Duration of a round of optimization")?,
            optimae: counter(
                "doin_worker_optimae_total",
                "Own optimae by outcome",
                &["domain", "outcome"],
            )?,
            votes: counter(
                "doin_worker_votes_total",
                "Votes prepared, by kind",
                &["domain", "kind"],
            )?,
            measurement_seconds: seconds(
                "doin_worker_measurement_seconds",
                "Duration of measuring one candidate and its incumbent",
            )?,
            transactions: counter(
                "doin_worker_transactions_total",
                "Transactions by operation and what became of them",
                &["operation", "result"],
            )?,
            failures: counter(
                "doin_worker_failures_total",
                "Failures by domain and role",
                &["domain", "role"],
            )?,
            queries: counter(
                "doin_worker_queries_total",
                "Queries of served domains by result",
                &["domain", "result"],
            )?,
            query_seconds: seconds(
                "doin_worker_query_seconds",
                "Duration of a query, with its wait for others",
            )?,
            best_metric: register(
                GaugeVec::new(
                    Opts::new("doin_worker_best_metric", "The verified metric of the best"),
                    &["domain"],
                )?,
                registry,
            )?,
            converged: register(
                GaugeVec::new(
                    Opts::new(
                        "doin_worker_converged",
                        "1 while the best is as good as the operator's target",
                    ),
                    &["domain"],
                )?,
                registry,
            )?,
        })))
    }

    pub(crate) fn round(&self, domain: &str, result: &str, evaluations: u64, seconds: f64) {
        if let Some(metrics) = &self.0 {
            metrics.rounds.with_label_values(&[domain, result]).inc();
            metrics.evaluations.with_label_values(&[domain]).inc_by(evaluations);
            metrics.round_seconds.with_label_values(&[domain]).observe(seconds);
        }
    }

    pub(crate) fn optimum(&self, domain: &str, outcome: &str) {
        if let Some(metrics) = &self.0 {
            metrics.optimae.with_label_values(&[domain, outcome]).inc();
        }
    }

    pub(crate) fn vote(&self, domain: &str, kind: &str, seconds: f64) {
        if let Some(metrics) = &self.0 {
            metrics.votes.with_label_values(&[domain, kind]).inc();
            metrics
                .measurement_seconds
                .with_label_values(&[domain])
                .observe(seconds);
        }
    }

    pub(crate) fn transaction(&self, operation: &str, result: &str) {
        if let Some(metrics) = &self.0 {
            metrics.transactions.with_label_values(&[operation, result]).inc();
        }
    }

    pub(crate) fn failure(&self, domain: &str, role: &str) {
        if let Some(metrics) = &self.0 {
            metrics.failures.with_label_values(&[domain, role]).inc();
        }
    }

    pub(crate) fn query(&self, domain: &str, result: &str, seconds: f64) {
        if let Some(metrics) = &self.0 {
            metrics.queries.with_label_values(&[domain, result]).inc();
            metrics.query_seconds.with_label_values(&[domain]).observe(seconds);
        }
    }

    pub(crate) fn best_metric(&self, domain: &str, metric: f64) {
        if let Some(metrics) = &self.0 {
            metrics.best_metric.with_label_values(&[domain]).set(metric);
        }
    }

    pub(crate) fn converged(&self, domain: &str, converged: bool) {
        if let Some(metrics) = &self.0 {
            metrics.converged.with_label_values(&[domain]).set(u64::from(converged));
        }
    }
}

/// What went wrong with the device and was dealt with, whenever the figures are asked for.
#[derive(Clone)]
struct ComputeEvents(Arc<dyn Fn() -> Counters + Send + Sync>);

impl MetricSource for ComputeEvents {
    type N = u64;

    fn collect(&self, mut set: impl FnMut(&[&str], u64)) {
        let counters = (self.0)();
        set(&["device_lost"], counters.device_losses);
        set(&["computed_on_processor"], counters.cpu_fallbacks);
        set(&["population_shrunk"], counters.shrunk_populations);
    }
}

/// Registers the figures of the device.
///
/// # Errors
///
/// When the registry has figures of these names already.
pub(crate) fn register_compute(compute: Arc<Compute>, registry: &Registry) -> Result<(), PrometheusError> {
    let kind = match compute.adapter() {
        None => "processor",
        Some(adapter) if adapter.is_software => "software",
        Some(_) => "gpu",
    };
    let device = Opts::new("doin_compute_device", "1, with what populations are evaluated with")
        .const_label("kind", kind)
        .const_label("device", compute.description());
    register(Gauge::<U64>::with_opts(device)?, registry)?.set(1);
    register_compute_events(Arc::new(move || compute.counters()), registry)
}

fn register_compute_events(
    counters: Arc<dyn Fn() -> Counters + Send + Sync>,
    registry: &Registry,
) -> Result<(), PrometheusError> {
    let options = Opts::new(
        "doin_compute_events_total",
        "What went wrong with the compute device and was dealt with, by kind",
    )
    .variable_label("event");
    register(SourcedCounter::new(&options, ComputeEvents(counters))?, registry).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use substrate_prometheus_endpoint::prometheus::TextEncoder;

    fn text(registry: &Registry) -> String {
        TextEncoder::new().encode_to_string(&registry.gather()).unwrap()
    }

    #[test]
    fn the_devices_counters_are_shown_as_they_are_when_asked_for() {
        let registry = Registry::new();
        let counters = Arc::new(Mutex::new(Counters::default()));
        let source = counters.clone();
        register_compute_events(Arc::new(move || *source.lock()), &registry).unwrap();
        for event in ["device_lost", "computed_on_processor", "population_shrunk"] {
            let line = format!("doin_compute_events_total{{event=\"{event}\"}} 0\n");
            assert!(text(&registry).contains(&line), "{}", text(&registry));
        }
        *counters.lock() = Counters {
            device_losses: 1,
            cpu_fallbacks: 2,
            shrunk_populations: 3,
        };
        for (event, count) in [
            ("device_lost", 1),
            ("computed_on_processor", 2),
            ("population_shrunk", 3),
        ] {
            let line = format!("doin_compute_events_total{{event=\"{event}\"}} {count}\n");
            assert!(text(&registry).contains(&line), "{}", text(&registry));
        }
    }

    #[test]
    fn the_device_is_named() {
        let registry = Registry::new();
        let compute = Arc::new(Compute::cpu());
        register_compute(compute.clone(), &registry).unwrap();
        let text = text(&registry);
        let label = format!("device=\"{}\"", compute.description());
        assert!(text.contains(&label) && text.contains("kind=\"processor\""), "{text}");
        assert!(text.contains("doin_compute_events_total"), "{text}");
        assert!(register_compute(compute, &registry).is_err());
    }
}

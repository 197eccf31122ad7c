//! The worker's figures for Prometheus, all prefixed `doin_worker_`.

use substrate_prometheus_endpoint::{
    register, CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, PrometheusError, Registry, F64, U64,
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

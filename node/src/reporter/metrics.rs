//! The node's own Prometheus metrics, all prefixed `doin_`. The engine and the worker have more of their own.

use substrate_prometheus_endpoint::{
    register, Counter, CounterVec, Gauge, GaugeVec, Opts, PrometheusError, Registry, F64, U64,
};

/// What the reporter counts and shows.
#[derive(Clone)]
pub struct Metrics {
    /// T.
    pub threshold: Gauge<F64>,
    /// Σ.
    pub accumulated: Gauge<F64>,
    /// Optimization blocks seen since the start.
    pub optimization_blocks: Counter<U64>,
    /// The best metric, by domain.
    pub best_metric: GaugeVec<F64>,
    /// Ended optimae since the start, by outcome.
    pub outcomes: CounterVec<U64>,
}

impl Metrics {
    /// Registers the metrics.
    pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        Ok(Self {
            threshold: register(
                Gauge::<F64>::new("doin_threshold", "T, the work that an optimization block takes")?,
                registry,
            )?,
            accumulated: register(
                Gauge::<F64>::new(
                    "doin_accumulated_work",
                    "Verified work since the last optimization block",
                )?,
                registry,
            )?,
            optimization_blocks: register(
                Counter::new(
                    "doin_optimization_blocks_total",
                    "Optimization blocks seen since the start",
                )?,
                registry,
            )?,
            best_metric: register(
                GaugeVec::<F64>::new(
                    Opts::new("doin_best_metric", "The best verified metric of a domain"),
                    &["domain"],
                )?,
                registry,
            )?,
            outcomes: register(
                CounterVec::<U64>::new(
                    Opts::new(
                        "doin_optimae_ended_total",
                        "Optimae that ended since the start, by outcome",
                    ),
                    &["outcome"],
                )?,
                registry,
            )?,
        })
    }
}

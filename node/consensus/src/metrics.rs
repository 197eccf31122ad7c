//! What the engine counts: Prometheus metrics with the prefix `doin_`.

use crate::error::Error;
use doin_primitives::engine::{ClaimKind, OptimizationBlock};
use std::time::Duration;
use substrate_prometheus_endpoint::{
    register, Counter, CounterVec, Gauge, GaugeVec, Histogram, HistogramOpts, Opts, PrometheusError, Registry, F64, U64,
};

/// The engine's metrics.
#[derive(Clone)]
pub struct Metrics {
    imported: CounterVec<U64>,
    refused: CounterVec<U64>,
    authored: CounterVec<U64>,
    dropped: Counter<U64>,
    equivocations: Counter<U64>,
    skipped_epochs: Counter<U64>,
    weight: Gauge<U64>,
    epoch: Gauge<U64>,
    optimization_height: Gauge<U64>,
    optimization: GaugeVec<F64>,
    reward: Gauge<F64>,
    import_time: Histogram,
}

fn kind_label(kind: ClaimKind) -> &'static str {
    match kind {
        ClaimKind::Primary => "primary",
        ClaimKind::Secondary => "secondary",
    }
}

impl Metrics {
    /// Registers the metrics.
    pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let counters = |name: &str, help: &str, label: &str| {
            CounterVec::<U64>::new(Opts::new(name, help), &[label]).and_then(|counter| register(counter, registry))
        };
        let counter =
            |name: &str, help: &str| Counter::<U64>::new(name, help).and_then(|counter| register(counter, registry));
        let gauge = |name: &str, help: &str| Gauge::<U64>::new(name, help).and_then(|gauge| register(gauge, registry));
        Ok(Metrics {
            imported: counters("doin_blocks_imported_total", "Blocks imported, by kind of slot", "kind")?,
            refused: counters(
                "doin_blocks_refused_total",
                "Blocks refused, by the rule they broke",
                "error",
            )?,
            authored: counters(
                "doin_blocks_authored_total",
                "Blocks authored by this node, by kind of slot",
                "kind",
            )?,
            dropped: counter(
                "doin_proposals_dropped_total",
                "Secondary proposals that came out empty and were dropped",
            )?,
            equivocations: counter("doin_equivocations_total", "Double blocks that this node has seen")?,
            skipped_epochs: counter("doin_epochs_skipped_total", "Epochs in which no block was made")?,
            weight: gauge("doin_chain_weight", "Primary slots on the best chain")?,
            epoch: gauge("doin_epoch", "The epoch of the last block that began one")?,
            optimization_height: gauge("doin_optimization_height", "The number of the last optimization block")?,
            optimization: register(
                GaugeVec::<F64>::new(
                    Opts::new(
                        "doin_optimization_block",
                        "What the last optimization block says of itself",
                    ),
                    &["value"],
                )?,
                registry,
            )?,
            reward: register(
                Gauge::<F64>::new(
                    "doin_optimization_reward",
                    "Coin that the last optimization block mints, in DOIN",
                )?,
                registry,
            )?,
            import_time: register(
                Histogram::with_opts(HistogramOpts::new(
                    "doin_block_import_seconds",
                    "The time from verified header to imported block",
                ))?,
                registry,
            )?,
        })
    }

    /// A block was imported.
    pub fn on_imported(&self, kind: ClaimKind, took: Duration) {
        self.imported.with_label_values(&[kind_label(kind)]).inc();
        self.import_time.observe(took.as_secs_f64());
    }

    /// The best chain has grown to this weight.
    pub fn on_best(&self, weight: u64, optimization: Option<&OptimizationBlock>) {
        self.weight.set(weight);
        let Some(optimization) = optimization else { return };
        self.optimization_height.set(optimization.height);
        for (value, number) in [
            ("accumulated", optimization.accumulated),
            ("threshold", optimization.threshold),
            ("next_threshold", optimization.next_threshold),
        ] {
            self.optimization.with_label_values(&[value]).set(number.to_float());
        }
        self.reward
            .set(optimization.reward as f64 / doin_primitives::DOIN as f64);
    }

    /// A block was refused.
    pub fn on_refused(&self, error: &Error) {
        self.refused.with_label_values(&[&error.name()]).inc();
    }

    /// How many blocks were refused for breaking this rule.
    #[cfg(test)]
    pub fn refused(&self, rule: &str) -> u64 {
        self.refused.with_label_values(&[rule]).get()
    }

    /// This node made a block.
    pub fn on_authored(&self, kind: ClaimKind) {
        self.authored.with_label_values(&[kind_label(kind)]).inc();
    }

    /// A proposal was dropped, because it was empty and would not be valid.
    pub fn on_dropped(&self) {
        self.dropped.inc();
    }

    /// An authority made two blocks in a slot.
    pub fn on_equivocation(&self) {
        self.equivocations.inc();
    }

    /// An epoch began, after as many without a block.
    pub fn on_epoch(&self, index: u64, skipped: u64) {
        self.epoch.set(index);
        self.skipped_epochs.inc_by(skipped);
    }
}

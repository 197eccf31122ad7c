//! Figures for Prometheus, all prefixed `doin_artifacts_`.

use substrate_prometheus_endpoint::{register, Counter, CounterVec, Gauge, Opts, PrometheusError, Registry, U64};

#[derive(Clone)]
struct Registered {
    bytes: CounterVec<U64>,
    chunks: CounterVec<U64>,
    requests: CounterVec<U64>,
    bans: Counter<U64>,
    downloads: CounterVec<U64>,
    downloading: Gauge<U64>,
    stored: Gauge<U64>,
}

/// What goes over the protocol, and what becomes of it; without a registry it is counted by nobody.
#[derive(Clone, Default)]
pub struct ArtifactMetrics(Option<Registered>);

impl ArtifactMetrics {
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
            bytes: family(
                "doin_artifacts_bytes_total",
                "Bytes of messages of the artifacts protocol",
                &["direction"],
            )?,
            chunks: family(
                "doin_artifacts_chunks_total",
                "Chunks of parameters sent, or received and right",
                &["direction"],
            )?,
            requests: family(
                "doin_artifacts_requests_total",
                "Requests of the artifacts protocol by what became of them",
                &["direction", "outcome"],
            )?,
            bans: register(
                Counter::new(
                    "doin_artifacts_bans_total",
                    "Peers banned for wrong chunks or for messages that no node sends",
                )?,
                registry,
            )?,
            downloads: family(
                "doin_artifacts_downloads_total",
                "Attempts to fetch an artifact by their outcome",
                &["outcome"],
            )?,
            downloading: register(
                Gauge::new("doin_artifacts_downloading", "Artifacts that are being fetched")?,
                registry,
            )?,
            stored: register(
                Gauge::new("doin_artifacts_stored_bytes", "Bytes of artifacts in the store")?,
                registry,
            )?,
        })))
    }

    pub(crate) fn bytes(&self, direction: Direction, bytes: usize) {
        if let Some(metrics) = &self.0 {
            let counter = metrics.bytes.with_label_values(&[direction.name()]);
            counter.inc_by(bytes as u64);
        }
    }

    pub(crate) fn chunks(&self, direction: Direction, chunks: usize) {
        if let Some(metrics) = &self.0 {
            let counter = metrics.chunks.with_label_values(&[direction.name()]);
            counter.inc_by(chunks as u64);
        }
    }

    pub(crate) fn request(&self, direction: Direction, outcome: &str) {
        if let Some(metrics) = &self.0 {
            metrics.requests.with_label_values(&[direction.name(), outcome]).inc();
        }
    }

    pub(crate) fn ban(&self) {
        if let Some(metrics) = &self.0 {
            metrics.bans.inc();
        }
    }

    pub(crate) fn download(&self, outcome: &str) {
        if let Some(metrics) = &self.0 {
            metrics.downloads.with_label_values(&[outcome]).inc();
        }
    }

    pub(crate) fn state(&self, downloading: usize, stored: u64) {
        if let Some(metrics) = &self.0 {
            metrics.downloading.set(downloading as u64);
            metrics.stored.set(stored);
        }
    }
}

/// Which way a message goes.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    /// From a peer.
    In,
    /// To a peer.
    Out,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

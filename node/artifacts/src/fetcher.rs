//! Fetches artifacts from peers: those that are wanted in the background, and those that somebody waits for.

use crate::{
    download::{Download, Shared},
    incoming::Incoming,
    limits::Limits,
    metrics::ArtifactMetrics,
    standing::Standing,
    store::ArtifactStore,
    transport::Transport,
    ArtifactError, LOG_TARGET,
};
use doin_primitives::{artifact::ArtifactReference, Hash};
use futures::{
    channel::oneshot,
    future::{select, AbortHandle, Abortable, BoxFuture, Either},
    stream::FuturesUnordered,
    FutureExt, StreamExt,
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How many commands wait for the service.
const QUEUE: usize = 1_024;

/// Why an artifact could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
    /// The store cannot take it: too large, no room beside what is pinned, or the disk fails.
    #[error(transparent)]
    Store(Arc<ArtifactError>),
    /// No peer is connected that may be asked.
    #[error("there is no peer to ask")]
    NoPeers,
    /// None of the peers has it.
    #[error("none of the {asked} peers asked has it")]
    NotFound {
        /// How many were asked.
        asked: usize,
    },
    /// The peers that have it did not give all of it.
    #[error("{missing} of {chunks} chunks are still missing: the peers that have them failed")]
    Unfinished {
        /// How many chunks are missing.
        missing: usize,
        /// How many there are.
        chunks: u32,
    },
    /// It takes longer than the caller waits; it goes on in the background.
    #[error("it takes longer")]
    Timeout,
    /// Too many wait already.
    #[error("too many artifacts are being asked for")]
    Busy,
    /// The node is shutting down.
    #[error("the node is shutting down")]
    Cancelled,
}

impl From<ArtifactError> for FetchError {
    fn from(error: ArtifactError) -> Self {
        Self::Store(Arc::new(error))
    }
}

type Reply = oneshot::Sender<Result<(), FetchError>>;

enum Command {
    Fetch(ArtifactReference, Reply),
    Want(Vec<ArtifactReference>),
}

/// Has artifacts fetched. Clones share the downloads: an artifact is fetched once, whoever asks for it.
#[derive(Clone)]
pub struct Fetcher(async_channel::Sender<Command>);

impl Fetcher {
    /// Fetches an artifact into the store. Dropping the future does not end the download.
    ///
    /// # Errors
    ///
    /// See [`FetchError`].
    pub async fn fetch(&self, artifact: ArtifactReference) -> Result<(), FetchError> {
        let (reply, answer) = oneshot::channel();
        self.0
            .try_send(Command::Fetch(artifact, reply))
            .map_err(|error| match error {
                async_channel::TrySendError::Full(_) => FetchError::Busy,
                async_channel::TrySendError::Closed(_) => FetchError::Cancelled,
            })?;
        answer.await.unwrap_or(Err(FetchError::Cancelled))
    }

    /// The same for a thread that may block, for at most so long.
    ///
    /// # Errors
    ///
    /// See [`FetchError`].
    pub fn fetch_blocking(&self, artifact: ArtifactReference, patience: Duration) -> Result<(), FetchError> {
        let fetched = Box::pin(self.fetch(artifact));
        match futures::executor::block_on(select(fetched, futures_timer::Delay::new(patience))) {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(FetchError::Timeout),
        }
    }

    /// Replaces the artifacts that are fetched in the background, again and again until they are there: the first of the
    /// list first. What is in it no more, and nobody waits for, is dropped.
    ///
    /// # Errors
    ///
    /// [`FetchError::Busy`] and [`FetchError::Cancelled`].
    pub fn want(&self, artifacts: Vec<ArtifactReference>) -> Result<(), FetchError> {
        self.0.try_send(Command::Want(artifacts)).map_err(|error| match error {
            async_channel::TrySendError::Full(_) => FetchError::Busy,
            async_channel::TrySendError::Closed(_) => FetchError::Cancelled,
        })
    }
}

type Key = (Hash, u32);

fn key(artifact: &ArtifactReference) -> Key {
    (artifact.root, artifact.size)
}

/// An artifact that is wanted in the background.
struct Wanted {
    /// Its place in the list: those before it come first.
    rank: usize,
    failures: u32,
    not_before: Instant,
}

type Finished = (ArtifactReference, Outcome);

/// How a download has ended.
enum Outcome {
    /// The artifact is there.
    Fetched,
    /// It is not, for this reason; what has come of it.
    Failed(FetchError, Option<Arc<Incoming>>),
    /// Nobody wanted it any more.
    Dropped,
}

/// What [`Fetcher`]s talk to. Dropped, it ends all downloads.
pub struct FetchService {
    shared: Arc<Shared>,
    commands: async_channel::Receiver<Command>,
    wanted: HashMap<Key, Wanted>,
    /// Who waits for what.
    waiting: HashMap<Key, Vec<Reply>>,
    /// What is being fetched, and how to end that.
    running: HashMap<Key, AbortHandle>,
    downloads: FuturesUnordered<BoxFuture<'static, Finished>>,
    /// What attempts have left of artifacts that are still wanted.
    left: HashMap<Key, Arc<Incoming>>,
}

impl FetchService {
    /// A service that fetches into this store, and a handle to it.
    pub fn new(
        store: ArtifactStore,
        transport: Arc<dyn Transport>,
        limits: Limits,
        metrics: ArtifactMetrics,
    ) -> (Fetcher, Self) {
        let (sender, commands) = async_channel::bounded(QUEUE);
        let service = Self {
            shared: Arc::new(Shared {
                store,
                transport,
                standing: Standing::default(),
                limits,
                metrics,
            }),
            commands,
            wanted: HashMap::new(),
            waiting: HashMap::new(),
            running: HashMap::new(),
            downloads: FuturesUnordered::new(),
            left: HashMap::new(),
        };
        (Fetcher(sender), service)
    }

    /// Fetches until the last [`Fetcher`] is gone. Must be polled in a tokio runtime.
    pub async fn run(mut self) {
        loop {
            let pause = self.start_due();
            self.shared.metrics.state(self.running.len(), self.shared.store.used());
            futures::select! {
                command = Box::pin(self.commands.recv()).fuse() => match command {
                    Ok(command) => self.obey(command),
                    Err(_) => return,
                },
                finished = self.downloads.select_next_some() => self.finish(finished),
                _ = Box::pin(tokio::time::sleep(pause)).fuse() => {},
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Fetch(artifact, reply) => match self.shared.store.has(&artifact) {
                // Whoever waited is gone: nothing is lost.
                true => drop(reply.send(Ok(()))),
                false => self.waiting.entry(key(&artifact)).or_default().push(reply),
            },
            Command::Want(artifacts) => {
                let now = Instant::now();
                let mut before = std::mem::take(&mut self.wanted);
                for (rank, artifact) in artifacts.iter().enumerate() {
                    let key = key(artifact);
                    let (failures, not_before) = before
                        .remove(&key)
                        .map_or((0, now), |former| (former.failures, former.not_before));
                    self.wanted.entry(key).or_insert(Wanted {
                        rank,
                        failures,
                        not_before,
                    });
                }
                self.left.retain(|key, _| self.wanted.contains_key(key));
                for (key, download) in &self.running {
                    if !self.wanted.contains_key(key) && !self.waiting.contains_key(key) {
                        download.abort();
                    }
                }
            }
        }
    }

    /// Starts what is due, as far as there is room, and returns how long nothing more will be.
    fn start_due(&mut self) -> Duration {
        let now = Instant::now();
        // Replies whose receivers have given up do not start anything.
        for replies in self.waiting.values_mut() {
            replies.retain(|reply| !reply.is_canceled());
        }
        self.waiting.retain(|_, replies| !replies.is_empty());
        // A peer that is slow in the background must not hold up what somebody waits for.
        let urgent = self.waiting.keys().filter(|key| !self.running.contains_key(*key));
        for key in urgent.copied().collect::<Vec<_>>() {
            self.start(key);
        }
        let mut pause = self.shared.limits.longest_pause;
        let mut due = Vec::new();
        for (key, wanted) in &self.wanted {
            if self.running.contains_key(key) || self.shared.store.has(&reference(key)) {
                continue;
            }
            match wanted.not_before.saturating_duration_since(now) {
                Duration::ZERO => due.push((wanted.rank, *key)),
                rest => pause = pause.min(rest),
            }
        }
        due.sort_unstable_by_key(|(rank, _)| *rank);
        let room = self.shared.limits.downloads.saturating_sub(self.running.len());
        for (_, key) in due.into_iter().take(room) {
            self.start(key);
        }
        pause
    }

    fn start(&mut self, key: Key) {
        let artifact = reference(&key);
        let download = Download::new(self.shared.clone(), artifact, self.left.remove(&key));
        let (handle, registration) = AbortHandle::new_pair();
        self.running.insert(key, handle);
        let attempt = async move {
            match download.run().await {
                Ok(()) => Outcome::Fetched,
                Err(error) => Outcome::Failed(error, download.into_incoming()),
            }
        };
        let attempt = Abortable::new(attempt, registration);
        self.downloads.push(
            attempt
                .map(move |outcome| (artifact, outcome.unwrap_or(Outcome::Dropped)))
                .boxed(),
        );
    }

    fn finish(&mut self, (artifact, outcome): Finished) {
        let key = key(&artifact);
        self.running.remove(&key);
        let name = crate::file::name(&artifact);
        let result = match outcome {
            Outcome::Fetched => {
                self.shared.metrics.download("fetched");
                log::debug!(target: LOG_TARGET, "Fetched artifact {name}");
                Ok(())
            }
            Outcome::Failed(error, incoming) => {
                self.shared.metrics.download("failed");
                log::debug!(target: LOG_TARGET, "Artifact {name} could not be fetched: {error}");
                if let Some(wanted) = self.wanted.get_mut(&key) {
                    wanted.failures = wanted.failures.saturating_add(1);
                    wanted.not_before = Instant::now() + self.shared.limits.pause(wanted.failures);
                    if let Some(incoming) = incoming {
                        self.left.insert(key, incoming);
                    }
                }
                Err(error)
            }
            Outcome::Dropped => {
                self.shared.metrics.download("dropped");
                log::debug!(target: LOG_TARGET, "Artifact {name} is not wanted any more");
                // Whoever has come to wait for it meanwhile has it fetched anew.
                return;
            }
        };
        for reply in self.waiting.remove(&key).unwrap_or_default() {
            let _ = reply.send(result.clone());
        }
    }
}

fn reference(key: &Key) -> ArtifactReference {
    ArtifactReference {
        root: key.0,
        size: key.1,
    }
}

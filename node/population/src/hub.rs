//! The populations of a node: the one place where its worker and its network meet.

use crate::{
    disk::{Folder, Saved},
    messages::{Message, Sign},
    population::{Context, Finish, Identity, Offence, Population, Progress, Work},
    rules::Rules,
    types::{Head, Scope, Sealed, Summary},
    LOG_TARGET,
};
use doin_primitives::{domain::DomainId, AccountId, Hash};
use parking_lot::Mutex;
use sc_network_types::PeerId;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// So often at most a population is written to the disk.
const KEEP_PAUSE: Duration = Duration::from_secs(5);

/// The signer of a domain's operator.
pub type Signer = Arc<dyn Sign + Send + Sync>;

/// A worker that has not asked for work for so long does not work: it rests, or hangs.
const ABSENT: Duration = Duration::from_secs(30);

struct Shared {
    population: Population,
    signer: Signer,
    /// When the worker asked for work last.
    asked: Duration,
    /// The work that the worker was told of last.
    told: Option<u64>,
    /// What was kept last, and when.
    kept: (u64, Duration),
}

/// Where a node keeps its populations.
pub(crate) struct Keep {
    folder: Folder,
    scope: Scope,
    saved: Option<Saved>,
}

impl Keep {
    /// Writes it. Waits for the disk.
    pub(crate) fn write(&self) {
        let Scope { genesis, domain } = self.scope;
        if let Err(error) = self.folder.write(genesis, domain, self.saved.as_ref()) {
            log::warn!(
                target: LOG_TARGET,
                "The shared population of domain {domain} cannot be kept, and is lost when the node stops: {error}"
            );
        }
    }
}

struct Inner {
    began: Instant,
    folder: Option<Folder>,
    shared: Mutex<BTreeMap<DomainId, Shared>>,
    /// To the network: there may be something to send.
    poke: (async_channel::Sender<()>, async_channel::Receiver<()>),
    /// To the worker: there may be something to do.
    wake: (async_channel::Sender<()>, async_channel::Receiver<()>),
}

/// What is to be done after all populations have gone on.
pub(crate) struct Turn {
    /// What they have to say.
    pub(crate) said: Vec<(DomainId, Vec<Message>)>,
    /// What peers have done wrong.
    pub(crate) reports: Vec<(PeerId, Offence)>,
    /// How long there is nothing more to do.
    pub(crate) pause: Duration,
    /// What is to be written to the disk.
    pub(crate) keeps: Vec<Keep>,
}

/// The populations that this node shares. Clones are the same.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

impl Default for Hub {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Hub {
    /// No populations yet; those to come are kept in that folder.
    pub fn new(folder: Option<Folder>) -> Self {
        Self(Arc::new(Inner {
            began: Instant::now(),
            folder,
            shared: Mutex::new(BTreeMap::new()),
            poke: async_channel::bounded(1),
            wake: async_channel::bounded(1),
        }))
    }

    pub(crate) fn now(&self) -> Duration {
        self.0.began.elapsed()
    }

    // For the worker.

    /// Takes part in the population of a domain.
    pub fn join(&self, identity: Identity, rules: Rules, signer: Signer) {
        let Scope { genesis, domain } = identity.scope;
        let now = self.now();
        let mut population = Population::new(identity, rules, now);
        if let Some(saved) = self.0.folder.as_ref().and_then(|folder| folder.read(genesis, domain)) {
            population.restore(saved);
        }
        let shared = Shared {
            kept: (population.revision(), now),
            population,
            signer,
            asked: now,
            told: None,
        };
        self.0.shared.lock().insert(domain, shared);
        self.poke();
    }

    /// Whether this node takes part in the population of a domain.
    pub fn has_joined(&self, domain: DomainId) -> bool {
        self.0.shared.lock().contains_key(&domain)
    }

    /// Takes in what the chain says, and returns what is to be computed now.
    pub fn work(&self, domain: DomainId, context: Context) -> Option<(u64, Work)> {
        let now = self.now();
        let mut all = self.0.shared.lock();
        let shared = all.get_mut(&domain)?;
        shared.asked = now;
        shared.population.set_context(context, now);
        shared.population.step(now, &*shared.signer);
        let work = shared.population.work(now);
        shared.told = work.as_ref().map(|(id, _)| *id);
        drop(all);
        self.poke();
        work
    }

    /// Takes in what came of it.
    pub fn finished(&self, domain: DomainId, id: u64, finish: Finish) -> Progress {
        let now = self.now();
        let mut all = self.0.shared.lock();
        let progress = all.get_mut(&domain).map_or(Progress::None, |shared| {
            shared.population.finished(id, finish, now, &*shared.signer)
        });
        drop(all);
        self.poke();
        progress
    }

    /// Comes whenever the work of a domain may have become another one.
    pub fn wakes(&self) -> async_channel::Receiver<()> {
        self.0.wake.1.clone()
    }

    /// What this node has of a domain's population.
    pub fn summary(&self, domain: DomainId) -> Summary {
        let all = self.0.shared.lock();
        all.get(&domain)
            .map_or_else(Summary::default, |shared| shared.population.summary())
    }

    /// Whether results of that account count for nothing here at present.
    pub fn is_barred(&self, domain: DomainId, account: &AccountId) -> bool {
        let all = self.0.shared.lock();
        all.get(&domain)
            .is_some_and(|shared| shared.population.is_barred(account))
    }

    fn poke(&self) {
        // One that waits already is enough.
        let _ = self.0.poke.0.try_send(());
    }

    // For the network.

    pub(crate) fn pokes(&self) -> async_channel::Receiver<()> {
        self.0.poke.1.clone()
    }

    pub(crate) fn domains(&self) -> Vec<DomainId> {
        self.0.shared.lock().keys().copied().collect()
    }

    /// Lets all populations go on.
    pub(crate) fn turn(&self) -> Turn {
        let now = self.now();
        let mut pause = Duration::from_secs(1);
        let (mut said, mut reports) = (Vec::new(), Vec::new());
        let mut keeps = Vec::new();
        let mut wakes = false;
        for (domain, shared) in &mut *self.0.shared.lock() {
            let population = &mut shared.population;
            match now.saturating_sub(shared.asked) <= ABSENT {
                true => population.step(now, &*shared.signer),
                false => population.rest(now, &*shared.signer),
            }
            let ready = population.ready(now);
            wakes |= ready != shared.told;
            shared.told = ready;
            pause = pause.min(population.next_wake(now).saturating_sub(now));
            reports.extend(population.take_reports());
            if let Some(folder) = &self.0.folder {
                let (revision, due) = (population.revision(), shared.kept.1 + KEEP_PAUSE);
                if revision != shared.kept.0 && now >= due {
                    shared.kept = (revision, now);
                    keeps.push(Keep {
                        folder: folder.clone(),
                        scope: population.scope(),
                        saved: population.saved(),
                    });
                }
            }
            let outbox = population.take_outbox();
            if !outbox.is_empty() {
                said.push((*domain, outbox));
            }
        }
        if wakes {
            let _ = self.0.wake.0.try_send(());
        }
        Turn {
            said,
            reports,
            pause,
            keeps,
        }
    }

    /// What a peer has said; what is to be fetched from it.
    pub(crate) fn hear(&self, from: PeerId, domain: DomainId, summary: &Summary, messages: &[Message]) -> Option<Head> {
        let now = self.now();
        let mut all = self.0.shared.lock();
        let wanted = all.get_mut(&domain)?.population.hear(from, summary, messages, now);
        drop(all);
        self.poke();
        wanted
    }

    /// What a peer lacks that has said this; `None`: the domain is not shared here.
    pub(crate) fn answer(&self, domain: DomainId, theirs: &Summary) -> Option<(Summary, Vec<Message>)> {
        let all = self.0.shared.lock();
        let population = &all.get(&domain)?.population;
        Some((population.summary(), population.answer(theirs)))
    }

    pub(crate) fn sealed(&self, domain: DomainId, fingerprint: Hash) -> Option<Arc<Sealed>> {
        self.0.shared.lock().get(&domain)?.population.sealed(fingerprint)
    }

    pub(crate) fn offer(&self, from: PeerId, domain: DomainId, head: Head, sealed: Sealed) {
        let now = self.now();
        if let Some(shared) = self.0.shared.lock().get_mut(&domain) {
            shared.population.offer(from, head, sealed, now);
        }
        self.poke();
    }
}

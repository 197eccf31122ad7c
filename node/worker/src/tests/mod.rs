//! Tests of the roles against a chain that plays by DOIN's rules, without a node.

mod chain;
mod config;
mod crashes;
mod extrinsic;
mod inference;
mod island;
mod journal;
mod keeping;
mod measure;
mod models;
mod outbox;
mod preemption;
mod roles;
mod start;

use crate::{
    artifacts::{Artifacts, Kept},
    config::{EvaluateRole, OperatorAccount, OptimizeRole, WorkerConfiguration},
    inference::Inference,
    metrics::Metrics,
    runner::Worker,
    signer::OperatorKeys,
    start::{built_in_domains, DomainFactory, Ports, StartError},
    workbench::Executor,
};
use chain::MockChain;
use doin_domains::Compute;
use doin_primitives::{artifact::ArtifactReference, AccountId};
use parking_lot::Mutex;
use sp_core::{crypto::Pair, sr25519};
use sp_keystore::testing::MemoryKeystore;
use std::{collections::HashMap, sync::Arc};

/// A store of parameters in memory.
#[derive(Default)]
pub(crate) struct MemoryArtifacts(Mutex<HashMap<doin_primitives::Hash, Vec<u8>>>, Mutex<Kept>);

impl Artifacts for MemoryArtifacts {
    fn get(&self, artifact: ArtifactReference) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.lock().get(&artifact.root).cloned())
    }
    fn put(&self, parameters: &[u8]) -> Result<ArtifactReference, String> {
        let artifact = ArtifactReference::of(parameters);
        self.0.lock().insert(artifact.root, parameters.to_vec());
        Ok(artifact)
    }
    fn keep(&self, kept: &Kept) -> Result<bool, String> {
        *self.1.lock() = kept.clone();
        Ok(true)
    }
}

impl MemoryArtifacts {
    fn lose(&self, artifact: ArtifactReference) {
        self.0.lock().remove(&artifact.root);
    }

    /// What the worker has asked to keep.
    fn kept(&self) -> Vec<ArtifactReference> {
        let Kept { needed, useful } = self.1.lock().clone();
        needed.into_iter().chain(useful).collect()
    }

    /// What of it goes before the rest.
    fn needed(&self) -> Vec<ArtifactReference> {
        self.1.lock().needed.clone()
    }
}

pub(crate) fn account(path: &str) -> AccountId {
    AccountId::from(sr25519::Pair::from_string(path, None).unwrap().public().0)
}

fn development(path: &str) -> OperatorAccount {
    OperatorAccount::Development(path.into())
}

/// A chain, and a node on it that can be killed and started again.
pub(crate) struct World {
    chain: Arc<MockChain>,
    artifacts: Arc<MemoryArtifacts>,
    folder: tempfile::TempDir,
    configuration: WorkerConfiguration,
    factory: DomainFactory,
    inference: Inference,
    executor: Executor,
    worker: Option<Worker>,
}

impl World {
    /// //Alice optimizes, //Bob, //Charlie and //Dave evaluate.
    fn new() -> Self {
        let files = Arc::new(MemoryArtifacts::default());
        Self::with_factory(built_in_domains(Arc::new(Compute::cpu()), files))
    }

    fn with_factory(factory: DomainFactory) -> Self {
        let mut configuration = WorkerConfiguration::default();
        let roles = configuration.domains.entry("quadratic".into()).or_default();
        roles.optimize = Some(OptimizeRole::new(development("//Alice")));
        let accounts = ["//Bob", "//Charlie", "//Dave"].into_iter().map(development).collect();
        roles.evaluate = Some(EvaluateRole {
            accounts,
            register: false,
        });
        let mut world = Self {
            chain: Arc::new(MockChain::new()),
            artifacts: Arc::new(MemoryArtifacts::default()),
            folder: tempfile::tempdir().unwrap(),
            configuration,
            factory,
            inference: Inference::default(),
            // Work is done at once, in the thread of the test.
            executor: Arc::new(|work| work()),
            worker: None,
        };
        world.start().unwrap();
        world
    }

    fn start(&mut self) -> Result<(), StartError> {
        self.worker = Some(Worker::with_ports(Ports {
            configuration: self.configuration.clone(),
            chain: self.chain.clone(),
            keys: OperatorKeys::new(Arc::new(MemoryKeystore::new())),
            artifacts: self.artifacts.clone(),
            domains: self.factory.clone(),
            executor: self.executor.clone(),
            journal: self.folder.path().to_path_buf(),
            populations: Default::default(),
            metrics: Metrics::default(),
            inference: self.inference.clone(),
        })?);
        Ok(())
    }

    /// Kills the node: only what is on disk and on chain is left.
    fn kill(&mut self) {
        self.worker = None;
    }

    /// One look of the worker at the chain.
    fn step(&mut self) {
        futures::executor::block_on(self.worker.as_mut().unwrap().step());
    }

    /// The worker does all that it can, then a block is made.
    fn block(&mut self) {
        for _ in 0..8 {
            self.step();
        }
        self.chain.seal();
    }

    fn blocks(&mut self, count: usize) {
        for _ in 0..count {
            self.block();
        }
    }

    /// Blocks until `done`, at most `limit`.
    fn until(&mut self, limit: usize, done: impl Fn(&MockChain) -> bool) {
        for _ in 0..limit {
            if done(&self.chain) {
                return;
            }
            self.block();
        }
        panic!("not done within {limit} blocks; {:?}", self.chain.story());
    }

    fn journal_files(&self) -> Vec<String> {
        let mut names = Vec::new();
        for chain in std::fs::read_dir(self.folder.path()).unwrap() {
            for file in std::fs::read_dir(chain.unwrap().path()).unwrap() {
                names.push(file.unwrap().file_name().into_string().unwrap());
            }
        }
        names
    }
}

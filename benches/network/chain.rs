//! A long chain: how fast others get it, and how much room it takes.

use crate::{
    database::Solo,
    genesis::Genesis,
    harness::{
        judging::{commit_vote, measured, reveal_vote, salt_of, thousandths, vote_of, Claim, EVALUATORS},
        transactions::{signed, transfer},
        Node, FIRST_SLOT, SLOT_DURATION,
    },
    network::{configuration, specification, Address, FullNetwork, Part},
};
use doin_node::{configuration::NodeConfiguration, service};
use doin_primitives::{
    api::{DoinApi, RoundInfo},
    optimum::OptimumId,
    quorum::RoundPhase,
    Hash, Nonce, DOIN,
};
use doin_runtime::RuntimeCall;
use sc_network::config::{NetworkBackendType, SyncMode};
use sc_service::{BlocksPruning, PruningMode};
use serde_json::json;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_keyring::Sr25519Keyring::{self, Alice, Ferdie};
use std::{
    collections::BTreeMap,
    fs::File,
    io::BufWriter,
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Every so many blocks the chain is made final.
const FINAL: u32 = 50;
/// Transfers in each block of a chain with work.
const TRANSFERS: u32 = 2;

/// One authority that wins every slot, and a domain whose best can be matched for ever.
fn genesis() -> Genesis {
    Genesis::local()
        .authorities(&[Alice])
        .domain(|domain| {
            domain.baseline_metric = thousandths(-900);
            domain.specification.season_length = 0;
        })
        .with(json!({"proofOfOptimization": {"parameters": {
            "minimumAuthorities": 1, "primaryProbability": [1, 1], "epochLength": 600,
        }}}))
}

/// Who sends transactions: transfers, and one optimum after another, with its commit, reveal and the votes of three.
struct Senders {
    genesis: Hash,
    nonces: BTreeMap<Sr25519Keyring, Nonce>,
    stage: Stage,
    optimae: u32,
}

/// What the optimizer waits for.
enum Stage {
    Nothing,
    Commit(Claim),
    Decision { voted: Option<(OptimumId, RoundPhase)> },
}

impl Senders {
    fn send(&mut self, node: &Node, who: Sr25519Keyring, call: RuntimeCall) {
        let nonce = self.nonces.entry(who).or_default();
        let transaction = signed(call, who, *nonce, self.genesis);
        *nonce += 1;
        node.submit(transaction).expect("the pool takes it");
    }

    /// Sends what the next block is to have.
    fn act(&mut self, node: &Node) {
        let number = *self.nonces.get(&Ferdie).unwrap_or(&0);
        for ahead in 0..TRANSFERS {
            // A thousand receivers.
            let mut receiver = [9; 32];
            receiver[..4].copy_from_slice(&((number + ahead) % 1_000).to_le_bytes());
            self.send(node, Ferdie, transfer(receiver.into(), DOIN / 100));
        }
        let best = node.client.info().best_hash;
        let api = node.client.runtime_api();
        self.stage = match std::mem::replace(&mut self.stage, Stage::Nothing) {
            Stage::Nothing => {
                self.optimae += 1;
                let mut claim = Claim::new(Alice, 0, thousandths(-650));
                claim.artifact.root = Hash::from_low_u64_be(self.optimae.into());
                claim.nonce = claim.artifact.root.0;
                self.send(node, Alice, claim.commit(self.genesis));
                Stage::Commit(claim)
            }
            Stage::Commit(claim) => {
                self.send(node, Alice, claim.reveal(self.genesis));
                Stage::Decision { voted: None }
            }
            Stage::Decision { voted } => {
                let domain = api.domain(best, 0).expect("the runtime answers").expect("it exists");
                if domain.queue.is_empty() {
                    Stage::Nothing
                } else {
                    Stage::Decision {
                        voted: self.vote(node, best, voted),
                    }
                }
            }
        };
    }

    /// Those who are drawn commit or reveal, once a phase.
    fn vote(
        &mut self,
        node: &Node,
        best: Hash,
        voted: Option<(OptimumId, RoundPhase)>,
    ) -> Option<(OptimumId, RoundPhase)> {
        let values = measured(thousandths(-650), thousandths(-900));
        let mut now = voted;
        for who in EVALUATORS {
            let api = node.client.runtime_api();
            let duties = api.duties(best, who.to_account_id()).expect("the runtime answers");
            let Some(RoundInfo {
                assignment,
                round,
                phase,
                ..
            }) = duties.into_iter().next()
            else {
                continue;
            };
            let optimum = assignment.optimum;
            if voted == Some((optimum, phase)) {
                continue;
            }
            now = Some((optimum, phase));
            let call = match phase {
                RoundPhase::Commit => {
                    let commitment = vote_of(self.genesis, optimum, round, who, &values);
                    commit_vote(optimum, round, commitment)
                }
                _ => reveal_vote(optimum, values, salt_of(who)),
            };
            self.send(node, who, call);
        }
        now
    }
}

/// Makes a chain in a whole node's folder.
fn make(genesis: &Genesis, blocks: u32, with_work: bool) -> (TempDir, f64, u32) {
    let mut solo = Solo::begin(genesis, Alice, FIRST_SLOT, SLOT_DURATION);
    let mut senders = Senders {
        genesis: solo.node.client.info().genesis_hash,
        nonces: BTreeMap::new(),
        stage: Stage::Nothing,
        optimae: 0,
    };
    let begin = Instant::now();
    for number in 1..=blocks {
        if with_work {
            senders.act(&solo.node);
        }
        solo.make(1);
        if number % FINAL == 0 {
            solo.finalize(&[]);
        }
    }
    solo.finalize(&[]);
    let seconds = begin.elapsed().as_secs_f64();
    (solo.close(), seconds, senders.optimae)
}

fn follower() -> Part {
    Part {
        authority: None,
        worker: NodeConfiguration::default(),
        sync: SyncMode::Full,
        backend: NetworkBackendType::Litep2p,
    }
}

/// Bytes of all files in a folder.
fn size(folder: &Path) -> u64 {
    size_of(folder, &|_| true)
}

/// Bytes of some of the files in a folder.
fn size_of(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> u64 {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                size_of(&path, wanted)
            } else if !wanted(&path) {
                0
            } else {
                std::fs::metadata(&path).map_or(0, |data| data.len())
            }
        })
        .sum()
}

/// A follower fetches the chain of the node in `folder`. Returns the seconds from its first block to its last.
fn sync(genesis: &Genesis, folder: TempDir, blocks: u32) -> f64 {
    let mut network = FullNetwork::empty(genesis);
    network.join_with(follower(), folder, Vec::new());
    network.join(follower());
    let client = network.nodes[1].client.clone();
    let reached = |number: u32| {
        while client.info().best_number < number {
            std::thread::sleep(Duration::from_millis(5));
        }
        Instant::now()
    };
    let begin = reached(1);
    let seconds = reached(blocks).duration_since(begin).as_secs_f64();
    network.stop();
    seconds
}

/// How a node keeps what it has.
#[derive(Clone, Copy)]
struct Keeping {
    name: &'static str,
    state: fn() -> PruningMode,
    blocks: BlocksPruning,
}

const KEEPING: [Keeping; 2] = [
    Keeping {
        name: "pruned",
        state: || PruningMode::blocks_pruning(256),
        blocks: BlocksPruning::KeepFinalized,
    },
    Keeping {
        name: "archive",
        state: || PruningMode::ArchiveAll,
        blocks: BlocksPruning::KeepAll,
    },
];

/// A new node imports the blocks of a file, as `doin-node import-blocks` does. Returns seconds and bytes on disk.
fn import(
    runtime: &tokio::runtime::Runtime,
    specification: &[u8],
    file: Option<&Path>,
    keeping: Keeping,
) -> (f64, u64) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let seconds = runtime.block_on(async {
        let mut configuration = configuration(&follower(), &Address::new(1), vec![], specification, &folder);
        configuration.state_pruning = Some((keeping.state)());
        configuration.blocks_pruning = keeping.blocks;
        let partial = service::new_partial(&configuration).expect("the node opens");
        let begin = Instant::now();
        if let Some(file) = file {
            let file = File::open(file).expect("just written");
            let imported =
                sc_service::chain_ops::import_blocks(partial.client.clone(), partial.import_queue, file, false, true);
            imported.await.expect("the blocks are good");
        }
        let seconds = begin.elapsed().as_secs_f64();
        let info = partial.client.info();
        assert_eq!(info.best_number, info.finalized_number, "what is final is pruned");
        seconds
    });
    let logs = size_of(folder.path(), &|path| {
        path.extension().is_some_and(|extension| extension == "log")
    });
    eprintln!("{}: {} KiB of it are logs", keeping.name, logs >> 10);
    (seconds, size(folder.path()))
}

/// Writes the blocks of the node in `folder` to a file, as `doin-node export-blocks` does.
fn export(runtime: &tokio::runtime::Runtime, specification: &[u8], folder: &TempDir, file: &Path, blocks: u32) {
    runtime.block_on(async {
        let configuration = configuration(&follower(), &Address::new(1), vec![], specification, folder);
        let partial = service::new_partial(&configuration).expect("the node opens");
        let file = BufWriter::new(File::create(file).expect("a file can be made"));
        sc_service::chain_ops::export_blocks(partial.client.clone(), file, 1, Some(blocks), true)
            .await
            .expect("the file is written");
    });
}

/// Prints the figures of a chain of so many blocks, empty and with work.
pub fn run(blocks: u32) {
    let genesis = genesis();
    let specification = specification(&genesis);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    println!("\n{blocks} blocks\n");
    println!("| blocks with | made a second | synced a second | imported from a file a second: pruned, archive | bytes of the file a block | KiB on disk per 1 000 blocks: pruned, archive |");
    println!("|---|---|---|---|---|---|");
    for with_work in [false, true] {
        let (folder, seconds, optimae) = make(&genesis, blocks, with_work);
        let made = f64::from(blocks) / seconds;
        let exported = tempfile::NamedTempFile::new().expect("a file can be made");
        export(&runtime, &specification, &folder, exported.path(), blocks);
        let [(pruned, pruned_size), (archive, archive_size)] = KEEPING.map(|keeping| {
            let (_, empty) = import(&runtime, &specification, None, keeping);
            let (seconds, full) = import(&runtime, &specification, Some(exported.path()), keeping);
            eprintln!("{}: {} KiB before, {} KiB after", keeping.name, empty >> 10, full >> 10);
            let kibibytes = (full.saturating_sub(empty)) as f64 / 1_024.0 * 1_000.0 / f64::from(blocks);
            (f64::from(blocks) / seconds, kibibytes)
        });
        let bytes = std::fs::metadata(exported.path()).map_or(0, |data| data.len()) / u64::from(blocks);
        let synced = f64::from(blocks - 1) / sync(&genesis, folder, blocks);
        let what = if with_work {
            format!("{TRANSFERS} transfers each, {optimae} optimae")
        } else {
            "nothing".into()
        };
        println!("| {what} | {made:.0} | {synced:.0} | {pruned:.0}, {archive:.0} | {bytes} | {pruned_size:.0}, {archive_size:.0} |");
    }
}

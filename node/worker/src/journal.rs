//! What an operator has to remember to finish what it began: the nonces and salts of its commitments.
//!
//! An entry is on disk, and the disk has confirmed it, *before* the commitment is sent. So there is no moment at which
//! the process could be killed and leave a commitment on chain that nobody can open.
//!
//! Each entry is one small JSON file, written beside and renamed into place, so that it is there in whole or not at
//! all. Beyond that an entry checks itself: its commitment is computed again from its fields when it is read, so that
//! a damaged file is found (and put aside), whatever the damage.
//!
//! Nothing in here says how far the chain has got: that the chain knows, also after a change of forks. Entries are
//! deleted once what they opened is final.

use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{optimum_commitment, replay_commitment, vote_commitment},
    domain::DomainId,
    optimum::{Experiment, OptimumId},
    quorum::VoteValues,
    AccountId, BlockNumber, Hash, Metric, SlotNumber,
};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the worker's journal: {action} {path}: {source}")]
pub struct JournalError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// An optimum that an optimizer commits to, reveals and waits for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimumEntry {
    /// The commitment: the name of the entry.
    pub commitment: Hash,
    /// Whose it is.
    pub account: AccountId,
    /// Its domain.
    pub domain: DomainId,
    /// Its parameters.
    pub artifact: ArtifactReference,
    /// The claim.
    pub reported: Metric,
    /// What is published beside it.
    pub experiment: Experiment,
    /// What hides the commitment.
    pub nonce: Hash,
    /// The best that it improves on.
    pub incumbent: ArtifactReference,
    /// The season it was found in.
    pub season: u64,
    /// The slot in which it was found.
    pub found_at: SlotNumber,
    /// The last block that may include a commit which has been sent so far.
    pub sent_until: BlockNumber,
    /// Whether it is no longer worth committing: no further commit is sent. Should one that was sent before get into a
    /// block all the same, it is revealed, so that its bond is not lost.
    pub abandoned: bool,
    /// Once it is accepted for good: how it may be challenged. Its parameters, and those it was compared with, are kept
    /// until then, so that nobody can challenge it on their absence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contestable: Option<Contestable>,
}

/// An accepted optimum that may be challenged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contestable {
    /// Its number.
    pub optimum: OptimumId,
    /// The last slot in which somebody can begin to challenge it.
    pub window_ends: SlotNumber,
}

/// A vote that an evaluator commits to and reveals, or the replay of another's vote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteEntry {
    /// The commitment: the name of the entry.
    pub commitment: Hash,
    /// Whose vote it is.
    pub account: AccountId,
    /// What is voted on.
    pub optimum: OptimumId,
    /// In which round.
    pub round: u8,
    /// Whose vote was replayed, by its seat; `None` in an evaluator's own vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited_seat: Option<u32>,
    /// The seed of the seat: on another fork the same seat has another one, and the vote is worth nothing there.
    pub seed: Hash,
    /// The vote.
    pub vote: VoteValues,
    /// What hides the commitment.
    pub salt: Hash,
    /// The last slot in which it may be revealed.
    pub reveal_deadline: SlotNumber,
}

trait Entry: Serialize + DeserializeOwned {
    const KIND: &'static str;
    fn commitment(&self) -> Hash;
    fn computed_commitment(&self, genesis: Hash) -> Hash;
}

impl Entry for OptimumEntry {
    const KIND: &'static str = "optimum";
    fn commitment(&self) -> Hash {
        self.commitment
    }
    fn computed_commitment(&self, genesis: Hash) -> Hash {
        optimum_commitment(
            genesis,
            self.domain,
            &self.account,
            self.artifact,
            self.reported,
            &self.nonce.0,
        )
    }
}

impl Entry for VoteEntry {
    const KIND: &'static str = "vote";
    fn commitment(&self) -> Hash {
        self.commitment
    }
    fn computed_commitment(&self, genesis: Hash) -> Hash {
        self.commitment_on(genesis)
    }
}

impl VoteEntry {
    /// The commitment to it on the chain with this genesis.
    pub fn commitment_on(&self, genesis: Hash) -> Hash {
        let (vote, salt) = (&self.vote, &self.salt.0);
        match self.audited_seat {
            None => vote_commitment(genesis, self.optimum, self.round, &self.account, vote, salt),
            Some(seat) => replay_commitment(genesis, self.optimum, self.round, seat, &self.account, vote, salt),
        }
    }
}

/// The journal of all operators of this node on one chain.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    optima: BTreeMap<Hash, OptimumEntry>,
    votes: BTreeMap<Hash, VoteEntry>,
}

impl Journal {
    /// Opens the journal of the chain with this genesis under `folder`, and creates it where there is none.
    ///
    /// Damaged entries are renamed to `*.damaged` and reported; they do not keep the node from starting.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created or read.
    pub fn open(folder: &Path, genesis: Hash) -> Result<Self, JournalError> {
        let folder = folder.join(hex::encode(&genesis[..8]));
        create_private(&folder).map_err(|source| JournalError {
            action: "cannot create",
            path: folder.clone(),
            source,
        })?;
        let mut journal = Self {
            folder,
            optima: BTreeMap::new(),
            votes: BTreeMap::new(),
        };
        let failed = |path: &Path, source| JournalError {
            action: "cannot read",
            path: path.into(),
            source,
        };
        let files = fs::read_dir(&journal.folder).map_err(|source| failed(&journal.folder, source))?;
        for file in files {
            let path = file.map_err(|source| failed(&journal.folder, source))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.ends_with(".new") {
                // The process was killed while it wrote: what it would have committed to was never sent.
                fs::remove_file(&path).map_err(|source| failed(&path, source))?;
            } else if name.ends_with(".json") && name.starts_with(OptimumEntry::KIND) {
                if let Some(entry) = read::<OptimumEntry>(&path, genesis).map_err(|source| failed(&path, source))? {
                    journal.optima.insert(entry.commitment, entry);
                }
            } else if name.ends_with(".json") && name.starts_with(VoteEntry::KIND) {
                if let Some(entry) = read::<VoteEntry>(&path, genesis).map_err(|source| failed(&path, source))? {
                    journal.votes.insert(entry.commitment, entry);
                }
            }
        }
        Ok(journal)
    }

    /// All optima.
    pub fn optima(&self) -> impl Iterator<Item = &OptimumEntry> {
        self.optima.values()
    }

    /// The optimum behind this commitment.
    pub fn optimum(&self, commitment: Hash) -> Option<&OptimumEntry> {
        self.optima.get(&commitment)
    }

    /// The optima of an account in a domain.
    pub fn optima_of(&self, account: &AccountId, domain: DomainId) -> Vec<OptimumEntry> {
        self.optima
            .values()
            .filter(|entry| entry.account == *account && entry.domain == domain)
            .cloned()
            .collect()
    }

    /// All votes.
    pub fn votes(&self) -> impl Iterator<Item = &VoteEntry> {
        self.votes.values()
    }

    /// The vote behind this commitment.
    pub fn vote(&self, commitment: Hash) -> Option<&VoteEntry> {
        self.votes.get(&commitment)
    }

    /// The vote of an account in a seat, or its replay of the vote there: no account audits its own seat.
    pub fn vote_of(&self, account: &AccountId, optimum: OptimumId, round: u8, seed: Hash) -> Option<&VoteEntry> {
        self.votes.values().find(|entry| {
            entry.account == *account && entry.optimum == optimum && entry.round == round && entry.seed == seed
        })
    }

    /// Writes an optimum: new, or as it has become. When this returns it is on the disk.
    ///
    /// # Errors
    ///
    /// When the disk does not take it; then nothing may be sent that relies on it.
    pub fn put_optimum(&mut self, entry: OptimumEntry) -> Result<(), JournalError> {
        self.write(&entry)?;
        self.optima.insert(entry.commitment, entry);
        Ok(())
    }

    /// Writes a vote. When this returns it is on the disk.
    ///
    /// # Errors
    ///
    /// When the disk does not take it; then nothing may be sent that relies on it.
    pub fn put_vote(&mut self, entry: VoteEntry) -> Result<(), JournalError> {
        self.write(&entry)?;
        self.votes.insert(entry.commitment, entry);
        Ok(())
    }

    /// Forgets an optimum.
    ///
    /// # Errors
    ///
    /// When its file cannot be deleted.
    pub fn remove_optimum(&mut self, commitment: Hash) -> Result<(), JournalError> {
        match self.optima.remove(&commitment) {
            Some(entry) => self.delete(&entry),
            None => Ok(()),
        }
    }

    /// Forgets a vote.
    ///
    /// # Errors
    ///
    /// When its file cannot be deleted.
    pub fn remove_vote(&mut self, commitment: Hash) -> Result<(), JournalError> {
        match self.votes.remove(&commitment) {
            Some(entry) => self.delete(&entry),
            None => Ok(()),
        }
    }

    fn path<E: Entry>(&self, entry: &E) -> PathBuf {
        self.folder
            .join(format!("{}-{}.json", E::KIND, hex::encode(entry.commitment())))
    }

    fn write<E: Entry>(&self, entry: &E) -> Result<(), JournalError> {
        let path = self.path(entry);
        let beside = path.with_extension("new");
        let write = || -> io::Result<()> {
            let mut file = private_file(&beside)?;
            file.write_all(&serde_json::to_vec_pretty(entry)?)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            // The rename itself is on the disk only once the folder is.
            sync_folder(&self.folder)
        };
        write().map_err(|source| JournalError {
            action: "cannot write",
            path: path.clone(),
            source,
        })
    }

    fn delete<E: Entry>(&self, entry: &E) -> Result<(), JournalError> {
        let path = self.path(entry);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(JournalError {
                action: "cannot delete",
                path,
                source: error,
            }),
            _ => Ok(()),
        }
    }
}

/// The optimum in the bytes of an entry on the chain with this genesis.
///
/// # Errors
///
/// What is damaged.
pub fn parse_optimum(bytes: &[u8], genesis: Hash) -> Result<OptimumEntry, String> {
    parse(bytes, genesis)
}

/// The vote in the bytes of an entry on the chain with this genesis.
///
/// # Errors
///
/// What is damaged.
pub fn parse_vote(bytes: &[u8], genesis: Hash) -> Result<VoteEntry, String> {
    parse(bytes, genesis)
}

fn parse<E: Entry>(bytes: &[u8], genesis: Hash) -> Result<E, String> {
    match serde_json::from_slice::<E>(bytes) {
        Ok(entry) if entry.computed_commitment(genesis) == entry.commitment() => Ok(entry),
        Ok(_) => Err("its fields do not give its commitment".to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// The entry in this file; `None` when it is damaged, and is now put aside.
fn read<E: Entry>(path: &Path, genesis: Hash) -> io::Result<Option<E>> {
    let problem = match parse(&fs::read(path)?, genesis) {
        Ok(entry) => return Ok(Some(entry)),
        Err(problem) => problem,
    };
    let aside = path.with_extension("damaged");
    fs::rename(path, &aside)?;
    log::error!(
        target: crate::LOG_TARGET,
        "Entry {} of the worker's journal is damaged ({problem}): put aside as {}; what it committed to cannot be opened",
        path.display(),
        aside.display()
    );
    Ok(None)
}

/// Salts are secrets until they are revealed: the folder is the owner's alone.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Folders cannot be opened as files here; the rename is as durable as the system makes it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

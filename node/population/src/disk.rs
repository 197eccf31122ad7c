//! What a node keeps of its populations on disk, so that one that stops goes on where it was.
//!
//! One file a domain, written beside and renamed into place. It begins with a hash of what follows, so that a damaged file is
//! found, whatever the damage. It is the node's own: what is in it is believed, but for the signatures of results.

use crate::{
    messages::Finding,
    types::{Generation, Sealed, MOST_CANDIDATES, MOST_GENERATION_BYTES},
    LOG_TARGET,
};
use codec::{Decode, DecodeAll, Encode};
use doin_primitives::{domain::DomainId, Hash};
use sp_core::{Blake2Hasher, Hasher};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Of which version a file is: others are begun anew.
const VERSION: u32 = 1;
/// The most bytes of a file: two generations with results, proofs, and what frames them.
const MOST_BYTES: u64 = 2 * (MOST_GENERATION_BYTES as u64 + 64 * 1024);
/// The hash at the beginning.
const HASH: usize = 32;

/// What a node needs to go on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Saved {
    /// The open generation.
    pub generation: Generation,
    /// What it was made from; `None` for the first.
    pub sealed: Option<Sealed>,
    /// This node's own results, at most one for each candidate. Those of others they tell again.
    pub findings: Vec<Finding>,
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It could not be read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// It is longer than any that a node writes.
    #[error("it is too long")]
    TooLong,
    /// What is in it is not what was written.
    #[error("its hash is another one")]
    Hash,
    /// Another version has written it.
    #[error("it is of another version")]
    Version,
}

/// Where the populations of a node lie.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder of the node's own; it is made when there is something to keep.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn file(&self, genesis: Hash, domain: DomainId) -> PathBuf {
        self.0.join(format!("{}-{domain}.population", hex::encode(genesis)))
    }

    /// What was kept of a domain's population. What is damaged is put aside, and said in the log.
    pub fn read(&self, genesis: Hash, domain: DomainId) -> Option<Saved> {
        let path = self.file(genesis, domain);
        match read(&path) {
            Ok(saved) => saved,
            Err(damage) => {
                let aside = path.with_extension("damaged");
                log::warn!(
                    target: LOG_TARGET,
                    "{} is not taken, because {damage}: the shared population begins anew, or with what others have. \
                     It is kept as {}",
                    path.display(),
                    aside.display()
                );
                // If that fails, the next one that is written replaces it.
                let _ = fs::rename(&path, &aside);
                None
            }
        }
    }

    /// Keeps it, in place of what was kept before; `None`: there is nothing to go on with.
    ///
    /// # Errors
    ///
    /// What the file system says. What was kept before is still there then.
    pub fn write(&self, genesis: Hash, domain: DomainId, saved: Option<&Saved>) -> io::Result<()> {
        let path = self.file(genesis, domain);
        let Some(saved) = saved else {
            return match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        };
        fs::create_dir_all(&self.0)?;
        let bytes = (VERSION, saved).encode();
        let beside = path.with_extension("partial");
        let mut file = File::create(&beside)?;
        file.write_all(Blake2Hasher::hash(&bytes).as_bytes())?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    }
}

fn read(path: &Path) -> Result<Option<Saved>, Damage> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Damage::TooLong);
    }
    let (hash, content) = bytes.split_at_checked(HASH).ok_or(Damage::Hash)?;
    if Blake2Hasher::hash(content).as_bytes() != hash {
        return Err(Damage::Hash);
    }
    let mut content = content;
    if u32::decode(&mut content).ok() != Some(VERSION) {
        return Err(Damage::Version);
    }
    let saved = Saved::decode_all(&mut content).map_err(|_| Damage::Version)?;
    match saved.findings.len() <= MOST_CANDIDATES && saved.generation.check().is_ok() {
        true => Ok(Some(saved)),
        false => Err(Damage::Version),
    }
}

//! What the roles ask of the store of parameters: a port. The node's own store answers today; parameters from peers
//! come in behind the same two calls.

use doin_artifacts::{ArtifactError, ArtifactStore};
use doin_primitives::{artifact::ArtifactReference, Hash};
use parking_lot::Mutex;
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// Parameters by their address. Calls may block on a disk: roles make them from a worker's thread.
pub trait Artifacts: Send + Sync + 'static {
    /// The parameters, checked against their address; `None` when they cannot be had at present.
    ///
    /// # Errors
    ///
    /// When the store itself fails.
    fn get(&self, artifact: ArtifactReference) -> Result<Option<Vec<u8>>, String>;

    /// Keeps parameters and returns their address. When this returns they are on the disk.
    ///
    /// # Errors
    ///
    /// When the store is full or fails.
    fn put(&self, parameters: &[u8]) -> Result<ArtifactReference, String>;

    /// Replaces the set of artifacts that must not be evicted.
    ///
    /// # Errors
    ///
    /// When the store itself fails.
    fn keep(&self, artifacts: &[ArtifactReference]) -> Result<(), String>;
}

/// The node's own store behind the port.
struct LocalArtifacts {
    store: ArtifactStore,
    pinned: Mutex<BTreeSet<(Hash, u32)>>,
}

/// Opens the node's own store.
///
/// # Errors
///
/// When the folder cannot be read or written, or another process has it open.
pub(crate) fn open_store(folder: &Path, quota: u64) -> Result<Arc<dyn Artifacts>, String> {
    let store = ArtifactStore::open(folder, quota).map_err(|error| error.to_string())?;
    Ok(Arc::new(LocalArtifacts {
        store,
        pinned: Mutex::new(BTreeSet::new()),
    }))
}

impl Artifacts for LocalArtifacts {
    fn get(&self, artifact: ArtifactReference) -> Result<Option<Vec<u8>>, String> {
        match self.store.get(&artifact) {
            Ok(parameters) => Ok(Some(parameters)),
            Err(ArtifactError::Missing(_)) => Ok(None),
            Err(error @ ArtifactError::Corrupt(_)) => {
                log::error!(target: crate::LOG_TARGET, "{error}");
                Ok(None)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn put(&self, parameters: &[u8]) -> Result<ArtifactReference, String> {
        self.store.put(parameters).map_err(|error| error.to_string())
    }

    fn keep(&self, artifacts: &[ArtifactReference]) -> Result<(), String> {
        let wanted: BTreeSet<_> = artifacts
            .iter()
            .map(|artifact| (artifact.root, artifact.size))
            .collect();
        let mut pinned = self.pinned.lock();
        for (root, size) in wanted.difference(&pinned) {
            self.store.pin(&ArtifactReference {
                root: *root,
                size: *size,
            });
        }
        for (root, size) in pinned.difference(&wanted) {
            self.store.unpin(&ArtifactReference {
                root: *root,
                size: *size,
            });
        }
        *pinned = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_not_evicted_and_what_is_not_there_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path(), 10).unwrap();
        let first = store.put(&[1; 4]).unwrap();
        store.keep(&[first]).unwrap();
        let second = store.put(&[2; 4]).unwrap();
        store.put(&[3; 4]).unwrap();
        assert_eq!(store.get(first), Ok(Some(vec![1; 4])));
        assert_eq!(store.get(second), Ok(None));
        store.keep(&[]).unwrap();
        store.put(&[4; 8]).unwrap();
        assert_eq!(store.get(first), Ok(None));
        assert!(store.put(&[5; 11]).is_err());
        assert!(open_store(folder.path(), 10).is_err_and(|error| error.contains("in use")));
    }
}

//! What the roles ask of the parameters: a port. Behind it are the node's own store and its peers.

use doin_artifacts::{ArtifactError, ArtifactStore, FetchError, Fetcher};
use doin_domains::{FileReference, Files};
use doin_primitives::{artifact::ArtifactReference, Hash};
use parking_lot::Mutex;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// How long [`Artifacts::get`] waits for peers. What takes longer goes on in the background, and the roles ask again in
/// the next slot: so an evaluator has time left to vote, and its other seats are not kept waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// Parameters by their address. Calls may block on a disk, and `get` on the network: roles make them from a worker's
/// thread.
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

    /// Replaces the set of artifacts that must not be evicted, and begins to fetch those that are not there. Never waits
    /// for peers.
    ///
    /// # Errors
    ///
    /// When the store itself fails.
    fn keep(&self, artifacts: &[ArtifactReference]) -> Result<(), String>;
}

/// The node's own store, and its peers where the node has any.
pub struct NodeArtifacts {
    store: ArtifactStore,
    fetcher: Option<Fetcher>,
    pinned: Mutex<BTreeSet<(Hash, u32)>>,
}

impl NodeArtifacts {
    /// What the store has, and what the fetcher can get into it.
    pub fn new(store: ArtifactStore, fetcher: Option<Fetcher>) -> Self {
        Self {
            store,
            fetcher,
            pinned: Mutex::new(BTreeSet::new()),
        }
    }

    fn get_stored(&self, artifact: &ArtifactReference) -> Result<Option<Vec<u8>>, String> {
        match self.store.get(artifact) {
            Ok(parameters) => Ok(Some(parameters)),
            Err(ArtifactError::Missing(_)) => Ok(None),
            Err(error @ ArtifactError::Corrupt(_)) => {
                log::error!(target: crate::LOG_TARGET, "{error}");
                Ok(None)
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Artifacts for NodeArtifacts {
    fn get(&self, artifact: ArtifactReference) -> Result<Option<Vec<u8>>, String> {
        let stored = self.get_stored(&artifact)?;
        let (None, Some(fetcher)) = (&stored, &self.fetcher) else {
            return Ok(stored);
        };
        match fetcher.fetch_blocking(artifact, PATIENCE) {
            Ok(()) => self.get_stored(&artifact),
            // A full disk here says nothing of the parameters.
            Err(FetchError::Store(error)) => Err(error.to_string()),
            Err(error) => {
                log::debug!(target: crate::LOG_TARGET, "Parameters {:?} cannot be had now: {error}", artifact.root);
                Ok(None)
            }
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
        match &self.fetcher {
            Some(fetcher) => fetcher.want(artifacts.to_vec()).map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

/// The files that the specifications of domains name: they lie in the same store.
pub(crate) struct DomainFiles(pub(crate) Arc<dyn Artifacts>);

impl Files for DomainFiles {
    fn get(&self, file: FileReference) -> Result<Option<Vec<u8>>, String> {
        self.0.get(artifact(file))
    }
}

/// A file as an artifact.
pub(crate) fn artifact(FileReference { root, size }: FileReference) -> ArtifactReference {
    ArtifactReference { root, size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_domain_is_an_artifact_of_the_same_address() {
        let folder = tempfile::tempdir().unwrap();
        let store = ArtifactStore::open(folder.path(), 100).unwrap();
        let artifacts = Arc::new(NodeArtifacts::new(store, None));
        let ArtifactReference { root, size } = artifacts.put(b"a,b").unwrap();
        let files = DomainFiles(artifacts);
        assert_eq!(files.get(FileReference { root, size }), Ok(Some(b"a,b".to_vec())));
        let other = FileReference {
            root: Hash::repeat_byte(1),
            size,
        };
        assert_eq!(files.get(other), Ok(None));
    }

    #[test]
    fn what_is_kept_is_not_evicted_and_what_is_not_there_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let store = ArtifactStore::open(folder.path(), 10).unwrap();
        let artifacts = NodeArtifacts::new(store, None);
        let first = artifacts.put(&[1; 4]).unwrap();
        artifacts.keep(&[first]).unwrap();
        let second = artifacts.put(&[2; 4]).unwrap();
        artifacts.put(&[3; 4]).unwrap();
        assert_eq!(artifacts.get(first), Ok(Some(vec![1; 4])));
        assert_eq!(artifacts.get(second), Ok(None));
        artifacts.keep(&[]).unwrap();
        artifacts.put(&[4; 8]).unwrap();
        assert_eq!(artifacts.get(first), Ok(None));
        assert!(artifacts.put(&[5; 11]).is_err());
    }
}

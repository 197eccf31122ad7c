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

    /// Replaces the set of artifacts that must not be evicted, and begins to fetch those that are not there, the first
    /// first. Never waits for peers. Answers whether there is room for all of them: where there is not, what is needed goes
    /// before what is useful, and each list is in the order of importance.
    ///
    /// # Errors
    ///
    /// When the store itself fails.
    fn keep(&self, kept: &Kept) -> Result<bool, String>;
}

/// What a store should keep, the most important first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// What roles work with now. It may fill the store.
    pub needed: Vec<ArtifactReference>,
    /// What may be asked for later. It leaves an eighth of the store free for what is found or fetched next.
    pub useful: Vec<ArtifactReference>,
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

    fn keep(&self, kept: &Kept) -> Result<bool, String> {
        let quota = self.store.quota();
        let needed = kept.needed.iter().map(|artifact| (artifact, quota));
        let useful = kept.useful.iter().map(|artifact| (artifact, quota - quota / 8));
        let (mut wanted, mut fetched, mut taken, mut complete) = (BTreeSet::new(), Vec::new(), 0u64, true);
        for (artifact, limit) in needed.chain(useful) {
            let key = (artifact.root, artifact.size);
            let together = taken.saturating_add(u64::from(artifact.size));
            if wanted.contains(&key) {
                continue;
            }
            if together > limit {
                // What was pinned beyond the quota would be in the way of what comes first.
                complete = false;
                continue;
            }
            taken = together;
            wanted.insert(key);
            fetched.push(*artifact);
        }
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
        if let Some(fetcher) = &self.fetcher {
            fetcher.want(fetched).map_err(|error| error.to_string())?;
        }
        Ok(complete)
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
        let needed = |artifact| Kept {
            needed: vec![artifact],
            ..Kept::default()
        };
        assert_eq!(artifacts.keep(&needed(first)), Ok(true));
        let second = artifacts.put(&[2; 4]).unwrap();
        artifacts.put(&[3; 4]).unwrap();
        assert_eq!(artifacts.get(first), Ok(Some(vec![1; 4])));
        assert_eq!(artifacts.get(second), Ok(None));
        assert_eq!(artifacts.keep(&Kept::default()), Ok(true));
        artifacts.put(&[4; 8]).unwrap();
        assert_eq!(artifacts.get(first), Ok(None));
        assert!(artifacts.put(&[5; 11]).is_err());
    }

    #[test]
    fn what_is_merely_useful_leaves_room_for_what_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let store = ArtifactStore::open(folder.path(), 16).unwrap();
        let artifacts = NodeArtifacts::new(store.clone(), None);
        // A queue that somebody has filled with large optimae, all of them here already.
        let queued: Vec<_> = (0..4).map(|number| artifacts.put(&[number; 4]).unwrap()).collect();
        let judged = ArtifactReference::of(&[7; 8]);
        let kept = |needed: &[ArtifactReference]| Kept {
            needed: needed.to_vec(),
            useful: queued.clone(),
        };
        assert_eq!(artifacts.keep(&kept(&[])), Ok(false), "an eighth stays free");
        assert!(queued[..3].iter().all(|artifact| store.is_pinned(artifact)) && !store.is_pinned(&queued[3]));
        artifacts.put(&[6; 2]).unwrap();
        // The next one is drawn: its parameters can be received.
        assert_eq!(artifacts.keep(&kept(&[judged, judged])), Ok(false));
        drop(store.receive(&judged).unwrap());
        assert!(store.is_pinned(&judged) && store.is_pinned(&queued[0]));
        // What is needed may fill the store; what is larger than it does not keep out what comes behind it.
        let large = ArtifactReference::of(&[8; 17]);
        assert_eq!(artifacts.keep(&kept(&[judged, large, queued[2], queued[3]])), Ok(false));
        assert!(!store.is_pinned(&large) && store.is_pinned(&queued[3]) && !store.is_pinned(&queued[0]));
    }
}

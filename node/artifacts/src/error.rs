//! What can go wrong with artifacts.

use crate::file::name;
use doin_primitives::artifact::ArtifactReference;
use std::{io, path::PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// An artifact has at least one byte.
    #[error("an artifact of no bytes cannot be stored")]
    Empty,
    /// The artifact is larger than the whole store, or than any artifact may be (4 GiB).
    #[error("an artifact of {size} bytes cannot be stored: the limit is {limit} bytes")]
    TooLarge {
        /// Its length in bytes.
        size: u64,
        /// The smaller of the store's quota and 4 GiB − 1.
        limit: u64,
    },
    /// Everything that could be evicted would not make enough room.
    #[error(
        "no room for {size} bytes: {pinned} of the quota of {quota} bytes are pinned or being fetched; raise the quota or \
         unpin artifacts"
    )]
    NoRoom {
        /// The length of the artifact to be stored.
        size: u64,
        /// The length of all pinned artifacts in the store and of those on their way into it.
        pinned: u64,
        /// The quota of the store.
        quota: u64,
    },
    /// The store does not have the artifact.
    #[error("artifact {} is not in the store", name(.0))]
    Missing(ArtifactReference),
    /// The file did not match its address. It was removed: fetch or make the artifact again.
    #[error("artifact {} was damaged on disk and has been removed from the store", name(.0))]
    Corrupt(ArtifactReference),
    /// The bytes are not those of the artifact that was expected.
    #[error("these bytes are artifact {}, not {}", name(.found), name(.expected))]
    Mismatch {
        /// What was asked for.
        expected: ArtifactReference,
        /// What the bytes are.
        found: ArtifactReference,
    },
    /// The artifact has fewer chunks.
    #[error("artifact {} has {} chunks: there is no chunk {index}", name(.reference), .reference.chunk_count())]
    NoSuchChunk {
        /// The artifact.
        reference: ArtifactReference,
        /// The chunk asked for, counted from 0.
        index: u32,
    },
    /// The chunk is not that of this place in the artifact, as its proof should have shown.
    #[error("wrong chunk {index} of artifact {}", name(.reference))]
    WrongChunk {
        /// The artifact.
        reference: ArtifactReference,
        /// The place, counted from 0.
        index: u32,
    },
    /// Chunks are still missing.
    #[error("artifact {} is not complete yet", name(.0))]
    Incomplete(ArtifactReference),
    /// Another process (or another store in this one) has the folder open.
    #[error("the artifact store {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The file system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ArtifactError {
    /// For `map_err`: says what was tried with which path.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

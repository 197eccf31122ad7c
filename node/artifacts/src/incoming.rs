//! An artifact on its way into the store, chunk by chunk.

use crate::{
    file::partial_name,
    store::{ArtifactStore, Chunk},
    ArtifactError, LOG_TARGET,
};
use doin_primitives::{
    artifact::{leaves, ArtifactReference, CHUNK_SIZE},
    Hash,
};
use parking_lot::Mutex;
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::PathBuf,
};

/// An artifact that is being received. Its room in the store is reserved; nobody sees it before it is complete. Dropped
/// before that, it leaves nothing behind. All methods may be called from any thread; they use the disk.
pub struct Incoming {
    store: ArtifactStore,
    reference: ArtifactReference,
    path: PathBuf,
    file: File,
    progress: Mutex<Progress>,
}

struct Progress {
    /// The hashes of the chunks that are there.
    leaves: Vec<Option<Hash>>,
    complete: bool,
}

impl Incoming {
    /// Creates the file. The caller has reserved the room, which [`Drop`] and [`Incoming::complete`] give back.
    pub(crate) fn create(store: ArtifactStore, reference: ArtifactReference) -> Result<Self, ArtifactError> {
        let path = store.folder().join(partial_name(&reference));
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(ArtifactError::io("create", &path))?;
        let count = reference.chunk_count() as usize;
        Ok(Self {
            store,
            reference,
            path,
            file,
            progress: Mutex::new(Progress {
                leaves: vec![None; count],
                complete: false,
            }),
        })
    }

    /// What is being received.
    pub fn reference(&self) -> &ArtifactReference {
        &self.reference
    }

    /// The chunks that are not there yet.
    pub fn missing(&self) -> Vec<u32> {
        let progress = self.progress.lock();
        let missing = (0u32..).zip(&progress.leaves).filter(|(_, leaf)| leaf.is_none());
        missing.map(|(index, _)| index).collect()
    }

    /// Checks chunk `index` against its proof and writes it.
    ///
    /// # Errors
    ///
    /// [`ArtifactError::WrongChunk`] if it is not that chunk; what the disk fails at.
    pub fn accept(&self, index: u32, chunk: &Chunk) -> Result<(), ArtifactError> {
        if !self.reference.verify_chunk(index, &chunk.bytes, &chunk.proof) {
            return Err(ArtifactError::WrongChunk {
                reference: self.reference,
                index,
            });
        }
        let offset = u64::from(index) * u64::from(CHUNK_SIZE);
        self.file
            .write_all_at(&chunk.bytes, offset)
            .map_err(ArtifactError::io("write", &self.path))?;
        let mut progress = self.progress.lock();
        let leaf = leaves(&chunk.bytes).first().copied();
        if let Some(place) = progress.leaves.get_mut(index as usize) {
            *place = leaf;
        }
        Ok(())
    }

    /// Takes the artifact up into the store. On return it is durable.
    ///
    /// # Errors
    ///
    /// [`ArtifactError::Incomplete`] while chunks are missing; what the disk fails at.
    pub fn complete(&self) -> Result<(), ArtifactError> {
        let mut progress = self.progress.lock();
        if progress.complete {
            return Ok(());
        }
        let leaves: Option<Vec<Hash>> = progress.leaves.iter().copied().collect();
        // Each chunk has been checked: this is a last look at the whole before anybody is told that it is there.
        let Some(leaves) =
            leaves.filter(|leaves| ArtifactReference::from_leaves(leaves, self.reference.size) == self.reference)
        else {
            return Err(ArtifactError::Incomplete(self.reference));
        };
        self.file.sync_all().map_err(ArtifactError::io("sync", &self.path))?;
        self.store.take_up(&self.reference, &self.path, leaves)?;
        progress.complete = true;
        self.store.release(&self.reference);
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.progress.get_mut().complete {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path) {
            log::warn!(target: LOG_TARGET, "Cannot remove {}: {error}", self.path.display());
        }
        self.store.release(&self.reference);
    }
}

//! The store.

use crate::{
    file::{
        check_bytes, file_name, is_partial, leaves_of_file, lock, name, parse_file_name, sync_folder, write_atomically,
    },
    incoming::Incoming,
    ledger::{key, Key, Ledger},
    ArtifactError,
};
use codec::{Decode, Encode};
use doin_primitives::{
    artifact::{leaves, prove_chunk, ArtifactReference, CHUNK_SIZE},
    Hash,
};
use parking_lot::{Mutex, MutexGuard};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use crate::LOG_TARGET;

/// A chunk of an artifact with its proof, as it travels between nodes. [`ArtifactReference::verify_chunk`] checks it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Chunk {
    /// The bytes: 64 KiB, fewer in the last chunk.
    pub bytes: Vec<u8>,
    /// The inner hashes of the Merkle tree on its way to the root.
    pub proof: Vec<Hash>,
}

/// A content-addressed store in a folder of its own. Clones share it; all methods may be called from any thread.
#[derive(Clone)]
pub struct ArtifactStore(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    quota: u64,
    ledger: Mutex<Ledger>,
    /// Held by whoever changes files, for as long as that takes; `ledger` never is, so that readers do not wait for the
    /// disk. Taken before `ledger`.
    writing: Mutex<()>,
    /// Locked while the store is open; the system releases it when the process ends, however it ends.
    _lock: File,
}

impl ArtifactStore {
    /// Opens the store in `folder`, creating it if it is not there, and removes what a crash left in it.
    ///
    /// `quota` is the most bytes that all artifacts together may have. A store that holds more (the quota was lowered)
    /// shrinks when the next artifact is stored. Files of other names are left alone.
    pub fn open(folder: impl Into<PathBuf>, quota: u64) -> Result<Self, ArtifactError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(ArtifactError::io("create the artifact folder", &folder))?;
        let lock = lock(&folder)?;
        let mut found: Vec<(SystemTime, ArtifactReference)> = Vec::new();
        let action = "read the artifact folder";
        for item in fs::read_dir(&folder).map_err(ArtifactError::io(action, &folder))? {
            let item = item.map_err(ArtifactError::io(action, &folder))?;
            if item.file_name().to_str().is_some_and(is_partial) {
                fs::remove_file(item.path()).map_err(ArtifactError::io("remove", item.path()))?;
                log::info!(target: LOG_TARGET, "Removed an artifact that a crash had left unfinished");
                continue;
            }
            let Some(reference) = item.file_name().to_str().and_then(parse_file_name) else {
                continue;
            };
            let metadata = item
                .metadata()
                .map_err(ArtifactError::io("read the metadata of", item.path()))?;
            if metadata.is_file() && metadata.len() == u64::from(reference.size) {
                found.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), reference));
            } else if metadata.is_file() {
                log::warn!(
                    target: LOG_TARGET,
                    "Artifact {} has {} bytes on disk: damaged, removed",
                    name(&reference),
                    metadata.len(),
                );
                fs::remove_file(item.path()).map_err(ArtifactError::io("remove", item.path()))?;
            }
        }
        found.sort_by_key(|(stored, reference)| (*stored, key(reference)));
        let mut ledger = Ledger::default();
        for (stored, reference) in found {
            ledger.insert(key(&reference), stored, None);
        }
        log::debug!(
            target: LOG_TARGET,
            "{} artifacts, {} of {quota} bytes, in {}",
            ledger.keys().count(),
            ledger.used(),
            folder.display(),
        );
        Ok(Self(Arc::new(Inner {
            folder,
            quota,
            ledger: Mutex::new(ledger),
            writing: Mutex::new(()),
            _lock: lock,
        })))
    }

    /// The bytes of an artifact in the store of a folder, checked against its address: also while another process has the
    /// store open. Nothing is changed or locked.
    pub fn peek(folder: &Path, reference: &ArtifactReference) -> Result<Vec<u8>, ArtifactError> {
        let path = folder.join(file_name(reference));
        match fs::read(&path) {
            Ok(bytes) if check_bytes(reference, &bytes).is_some() => Ok(bytes),
            Ok(bytes) => Err(ArtifactError::Mismatch {
                expected: *reference,
                found: ArtifactReference::of(&bytes),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ArtifactError::Missing(*reference)),
            Err(error) => Err(ArtifactError::io("read", &path)(error)),
        }
    }

    /// Stores an artifact and returns its address. On return it is durable. Older unpinned artifacts make room.
    ///
    /// Storing what is there already makes it the youngest, and mends it should its file be damaged.
    pub fn put(&self, bytes: &[u8]) -> Result<ArtifactReference, ArtifactError> {
        let size = self.check_size(bytes.len() as u64)?;
        let leaves = leaves(bytes);
        let reference = ArtifactReference::from_leaves(&leaves, size);
        self.store(&reference, bytes, leaves)?;
        Ok(reference)
    }

    /// Stores the artifact that is expected to have this address: one that came from elsewhere.
    pub fn put_expected(&self, expected: &ArtifactReference, bytes: &[u8]) -> Result<(), ArtifactError> {
        let size = self.check_size(bytes.len() as u64)?;
        let leaves = leaves(bytes);
        let found = ArtifactReference::from_leaves(&leaves, size);
        if found != *expected {
            return Err(ArtifactError::Mismatch {
                expected: *expected,
                found,
            });
        }
        self.store(expected, bytes, leaves)
    }

    /// Begins to receive an artifact chunk by chunk. Older unpinned artifacts make room for the whole of it at once. It is
    /// not in the store before [`Incoming::complete`]; dropped before, nothing is left of it.
    pub fn receive(&self, reference: &ArtifactReference) -> Result<Incoming, ArtifactError> {
        self.check(reference)?;
        let turn = self.0.writing.lock();
        self.make_room(&turn, reference, true)?;
        let incoming = Incoming::create(self.clone(), *reference);
        if incoming.is_err() {
            self.release(reference);
        }
        incoming
    }

    /// The bytes of an artifact, checked against its address.
    ///
    /// A file that does not match is removed, which [`ArtifactError::Corrupt`] tells once; later the artifact is
    /// [`ArtifactError::Missing`] until it is stored again. A pin on it stays.
    pub fn get(&self, reference: &ArtifactReference) -> Result<Vec<u8>, ArtifactError> {
        self.read_checked(reference).map(|(bytes, _)| bytes)
    }

    /// Chunk `index` (counted from 0) of an artifact, with the proof that it is that.
    pub fn chunk(&self, reference: &ArtifactReference, index: u32) -> Result<Chunk, ArtifactError> {
        let no_such_chunk = ArtifactError::NoSuchChunk {
            reference: *reference,
            index,
        };
        let Some(length) = reference.chunk_length(index) else {
            return Err(no_such_chunk);
        };
        if !self.has(reference) {
            return Err(ArtifactError::Missing(*reference));
        }
        let cached = self.0.ledger.lock().leaves(&key(reference));
        let leaves = match cached {
            Some(leaves) => leaves,
            None => self.read_leaves(reference)?,
        };
        let Some(proof) = prove_chunk(&leaves, index) else {
            return Err(no_such_chunk);
        };
        match self.read_part(reference, u64::from(index) * u64::from(CHUNK_SIZE), u64::from(length)) {
            Ok(bytes) if reference.verify_chunk(index, &bytes, &proof) => Ok(Chunk { bytes, proof }),
            Ok(_) => Err(self.confirm_corruption(reference)),
            Err(error) => Err(error),
        }
    }

    /// Whether the store has the artifact. Its file is checked when it is read.
    pub fn has(&self, reference: &ArtifactReference) -> bool {
        self.0.ledger.lock().has(&key(reference))
    }

    /// Protects an artifact from eviction, until it is unpinned as often as it was pinned. It need not be in the store
    /// yet. Pins last as long as the store is open.
    pub fn pin(&self, reference: &ArtifactReference) {
        self.0.ledger.lock().pin(key(reference));
    }

    /// Takes one pin off. An artifact that is not pinned stays as it is.
    pub fn unpin(&self, reference: &ArtifactReference) {
        self.0.ledger.lock().unpin(&key(reference));
    }

    /// Whether the artifact is pinned.
    pub fn is_pinned(&self, reference: &ArtifactReference) -> bool {
        self.0.ledger.lock().is_pinned(&key(reference))
    }

    /// The artifacts in the store, those stored longest ago first.
    pub fn references(&self) -> Vec<ArtifactReference> {
        let ledger = self.0.ledger.lock();
        ledger
            .keys()
            .map(|(root, size)| ArtifactReference {
                root: *root,
                size: *size,
            })
            .collect()
    }

    /// How many bytes the artifacts in the store have together.
    pub fn used(&self) -> u64 {
        self.0.ledger.lock().used()
    }

    /// How many bytes they may have together.
    pub fn quota(&self) -> u64 {
        self.0.quota
    }

    /// The folder of the store.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Whether the store could take an artifact of this size at all.
    ///
    /// # Errors
    ///
    /// [`ArtifactError::Empty`] and [`ArtifactError::TooLarge`].
    pub fn check(&self, reference: &ArtifactReference) -> Result<(), ArtifactError> {
        self.check_size(u64::from(reference.size)).map(drop)
    }

    fn check_size(&self, size: u64) -> Result<u32, ArtifactError> {
        let limit = self.0.quota.min(u64::from(u32::MAX));
        match u32::try_from(size) {
            Ok(0) => Err(ArtifactError::Empty),
            Ok(short) if size <= limit => Ok(short),
            _ => Err(ArtifactError::TooLarge { size, limit }),
        }
    }

    fn path(&self, reference: &ArtifactReference) -> PathBuf {
        self.0.folder.join(file_name(reference))
    }

    /// Writes the artifact and enters it. Writers take turns; readers do not wait for the disk.
    fn store(&self, reference: &ArtifactReference, bytes: &[u8], leaves: Vec<Hash>) -> Result<(), ArtifactError> {
        let turn = self.0.writing.lock();
        self.make_room(&turn, reference, false)?;
        write_atomically(&self.0.folder, &file_name(reference), bytes)?;
        self.enter(reference, leaves);
        Ok(())
    }

    /// Enters an artifact whose file is there.
    fn enter(&self, reference: &ArtifactReference, leaves: Vec<Hash>) {
        let mut ledger = self.0.ledger.lock();
        ledger.insert(key(reference), SystemTime::now(), Some(leaves.into()));
    }

    /// Takes up an artifact that has been received as a whole, under a temporary name, and is on the disk.
    pub(crate) fn take_up(
        &self,
        reference: &ArtifactReference,
        partial: &Path,
        leaves: Vec<Hash>,
    ) -> Result<(), ArtifactError> {
        let _turn = self.0.writing.lock();
        let target = self.path(reference);
        fs::rename(partial, &target).map_err(ArtifactError::io("rename a new artifact to", &target))?;
        sync_folder(&self.0.folder)?;
        self.enter(reference, leaves);
        Ok(())
    }

    /// Gives back the room that was reserved for an artifact on its way.
    pub(crate) fn release(&self, reference: &ArtifactReference) {
        self.0.ledger.lock().release(key(reference));
    }

    /// Evicts the oldest artifacts that are not pinned, until this one fits, and reserves its room where asked to.
    /// Evicts nothing if it cannot fit.
    fn make_room(
        &self,
        _turn: &MutexGuard<'_, ()>,
        reference: &ArtifactReference,
        reserve: bool,
    ) -> Result<(), ArtifactError> {
        let victims = self.0.ledger.lock().make_room(key(reference), self.0.quota, reserve);
        let removed = victims.and_then(|victims| self.remove_victims(&victims));
        removed.inspect_err(|error| {
            // Without room nothing has been reserved.
            if reserve && !matches!(error, ArtifactError::NoRoom { .. }) {
                self.release(reference);
            }
        })
    }

    /// Removes the files of artifacts that are no longer entered; enters them again where that fails.
    fn remove_victims(&self, victims: &[(SystemTime, Key)]) -> Result<(), ArtifactError> {
        for (index, (_, (root, size))) in victims.iter().enumerate() {
            let victim = ArtifactReference {
                root: *root,
                size: *size,
            };
            if let Err(error) = self.remove_file(&victim) {
                let mut ledger = self.0.ledger.lock();
                for (stored, left) in victims.iter().skip(index) {
                    ledger.insert(*left, *stored, None);
                }
                return Err(error);
            }
            log::debug!(target: LOG_TARGET, "Evicted artifact {}", name(&victim));
        }
        match victims.is_empty() {
            true => Ok(()),
            false => sync_folder(&self.0.folder),
        }
    }

    fn remove_file(&self, reference: &ArtifactReference) -> Result<(), ArtifactError> {
        let path = self.path(reference);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ArtifactError::io("remove", path)(error)),
            _ => Ok(()),
        }
    }

    /// Reads and checks the whole artifact; keeps the hashes of its chunks for later.
    fn read_checked(&self, reference: &ArtifactReference) -> Result<(Vec<u8>, Arc<[Hash]>), ArtifactError> {
        if !self.has(reference) {
            return Err(ArtifactError::Missing(*reference));
        }
        let bytes = self.read_part(reference, 0, u64::from(reference.size))?;
        let Some(leaves) = check_bytes(reference, &bytes) else {
            return Err(self.confirm_corruption(reference));
        };
        let leaves: Arc<[Hash]> = leaves.into();
        self.0.ledger.lock().remember(&key(reference), &leaves);
        Ok((bytes, leaves))
    }

    /// Reads the artifact chunk by chunk and checks it, for the hashes of its chunks, which are kept for later.
    fn read_leaves(&self, reference: &ArtifactReference) -> Result<Arc<[Hash]>, ArtifactError> {
        let path = self.path(reference);
        match leaves_of_file(reference, &path) {
            Ok(Some(leaves)) => {
                let leaves: Arc<[Hash]> = leaves.into();
                self.0.ledger.lock().remember(&key(reference), &leaves);
                Ok(leaves)
            }
            Ok(None) => Err(self.confirm_corruption(reference)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.confirm_absence(reference)),
            Err(error) => Err(ArtifactError::io("read", path)(error)),
        }
    }

    /// Reads `length` bytes from `offset` on; fewer where the file ends before. A file that is gone is entered as such.
    fn read_part(&self, reference: &ArtifactReference, offset: u64, length: u64) -> Result<Vec<u8>, ArtifactError> {
        let path = self.path(reference);
        let read = File::open(&path).and_then(|mut file| {
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        match read {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.confirm_absence(reference)),
            Err(error) => Err(ArtifactError::io("read", path)(error)),
        }
    }

    /// Somebody removed the file: evicted by another thread (then the entry is gone already), or deleted by hand.
    fn confirm_absence(&self, reference: &ArtifactReference) -> ArtifactError {
        let _turn = self.0.writing.lock();
        if !self.path(reference).exists() {
            self.0.ledger.lock().remove(&key(reference));
        }
        ArtifactError::Missing(*reference)
    }

    /// The bytes read were not those of the artifact: removes it, unless somebody stored it anew meanwhile.
    fn confirm_corruption(&self, reference: &ArtifactReference) -> ArtifactError {
        let _turn = self.0.writing.lock();
        if leaves_of_file(reference, &self.path(reference)).is_ok_and(|leaves| leaves.is_none()) {
            log::warn!(target: LOG_TARGET, "Artifact {} is damaged on disk: removed", name(reference));
            if let Err(error) = self.remove_file(reference).and_then(|()| sync_folder(&self.0.folder)) {
                return error;
            }
            self.0.ledger.lock().remove(&key(reference));
        }
        ArtifactError::Corrupt(*reference)
    }
}

//! Names of files, checking what is in them, and writing them so that a crash leaves either the old state or the new one.

use crate::ArtifactError;
use doin_primitives::{
    artifact::{leaves, ArtifactReference, CHUNK_SIZE},
    Hash,
};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::Path,
};

/// The ending of artifacts' files.
const EXTENSION: &str = ".artifact";
/// The ending of files under construction.
const PARTIAL_EXTENSION: &str = ".partial";
/// The name of the file that is written in one go: the store writes one such at a time.
const PARTIAL: &str = "incoming.partial";
/// The name of the file that an open store holds locked.
const LOCK: &str = "lock";

/// An artifact's name: root in hexadecimal and size. It consists of digits, letters and a hyphen only.
pub fn name(reference: &ArtifactReference) -> String {
    format!("{}-{}", hex::encode(reference.root), reference.size)
}

/// The name of an artifact's file.
pub fn file_name(reference: &ArtifactReference) -> String {
    format!("{}{EXTENSION}", name(reference))
}

/// The artifact whose file has this name; `None` for every name that [`file_name`] does not give.
pub fn parse_file_name(file: &str) -> Option<ArtifactReference> {
    let (root, size) = file.strip_suffix(EXTENSION)?.split_once('-')?;
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(root, &mut bytes).ok()?;
    let reference = ArtifactReference {
        root: Hash::from(bytes),
        size: size.parse().ok()?,
    };
    // One spelling only: no capitals, signs or leading zeros.
    (file_name(&reference) == file && reference.size > 0).then_some(reference)
}

/// The name of the file in which an artifact is put together from its chunks.
pub fn partial_name(reference: &ArtifactReference) -> String {
    format!("{}{PARTIAL_EXTENSION}", name(reference))
}

/// Whether this is a file under construction of the store's own: what a crash leaves.
pub fn is_partial(file: &str) -> bool {
    let whole = file
        .strip_suffix(PARTIAL_EXTENSION)
        .map(|name| format!("{name}{EXTENSION}"));
    file == PARTIAL || whole.is_some_and(|name| parse_file_name(&name).is_some())
}

/// Writes `bytes` to `folder/file`, replacing what is there, in one step as seen after a crash.
pub fn write_atomically(folder: &Path, file: &str, bytes: &[u8]) -> Result<(), ArtifactError> {
    let partial = folder.join(PARTIAL);
    let target = folder.join(file);
    let written = (|| {
        let mut file = File::create(&partial).map_err(ArtifactError::io("create", &partial))?;
        file.write_all(bytes).map_err(ArtifactError::io("write", &partial))?;
        file.sync_all().map_err(ArtifactError::io("sync", &partial))?;
        fs::rename(&partial, &target).map_err(ArtifactError::io("rename a new artifact to", &target))
    })();
    if written.is_err() {
        // The disk may be full: do not keep what was written in part. The next opening would remove it, too.
        let _ = fs::remove_file(&partial);
        return written;
    }
    sync_folder(folder)
}

/// Makes renames and removals in the folder durable.
pub fn sync_folder(folder: &Path) -> Result<(), ArtifactError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(ArtifactError::io("sync the folder", folder))
}

/// The hashes of the chunks in a file, read one chunk at a time; `None` if it is not the file of this artifact.
pub fn leaves_of_file(reference: &ArtifactReference, path: &Path) -> io::Result<Option<Vec<Hash>>> {
    let mut file = File::open(path)?;
    let mut buffer = Vec::with_capacity(CHUNK_SIZE as usize);
    let mut hashes = Vec::new();
    for index in 0..reference.chunk_count() {
        let length = reference.chunk_length(index).unwrap_or(0);
        buffer.clear();
        (&mut file).take(u64::from(length)).read_to_end(&mut buffer)?;
        if u32::try_from(buffer.len()) != Ok(length) {
            return Ok(None);
        }
        hashes.extend(leaves(&buffer));
    }
    Ok((ArtifactReference::from_leaves(&hashes, reference.size) == *reference).then_some(hashes))
}

/// The hashes of the chunks if these are the bytes of the artifact.
pub fn check_bytes(reference: &ArtifactReference, bytes: &[u8]) -> Option<Vec<Hash>> {
    let size = u32::try_from(bytes.len()).ok()?;
    let leaves = leaves(bytes);
    (ArtifactReference::from_leaves(&leaves, size) == *reference).then_some(leaves)
}

/// Takes the lock of the folder: two stores on one folder would evict each other's artifacts.
pub fn lock(folder: &Path) -> Result<File, ArtifactError> {
    let path = folder.join(LOCK);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(ArtifactError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ArtifactError::InUse(folder.to_path_buf())),
        Err(TryLockError::Error(source)) => Err(ArtifactError::io("lock", &path)(source)),
    }
}

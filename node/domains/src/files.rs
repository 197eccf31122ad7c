//! Files that a domain's specification names: a table of data, say. They lie in the store of artifacts, and nodes get
//! them from one another as they get parameters.

use sp_core::H256;

/// A file by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// The Merkle root of its chunks.
    pub root: H256,
    /// Its size in bytes.
    pub size: u32,
}

/// Where files come from.
pub trait Files: Send + Sync {
    /// The file, checked against its address; `None` when it cannot be had at present. May block on peers.
    ///
    /// # Errors
    ///
    /// When the store itself fails.
    fn get(&self, file: FileReference) -> Result<Option<Vec<u8>>, String>;
}

/// No files at all: for domains that need none.
pub struct NoFiles;

impl Files for NoFiles {
    fn get(&self, _file: FileReference) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

//! The content-addressed store of model parameters: the chain holds the address of an artifact (the Merkle root over its
//! chunks, and its length), this store holds the bytes, one file an artifact.
//!
//! What comes out was checked: [`ArtifactStore::get`] recomputes the root, [`ArtifactStore::chunk`] gives a chunk with the
//! proof that [`ArtifactReference::verify_chunk`] checks on the other side of a wire. A file that does not match its
//! address is removed and reported; it is never served.
//!
//! The store keeps to a quota: to make room it evicts the artifacts that were stored longest ago, never a pinned one.
//! Pins (the current bests, what is under evaluation) live in memory: whoever needs artifacts kept pins them anew after
//! a restart, before it stores anything.
//!
//! A crash at any moment leaves no half-written artifact: files are written under a temporary name, synced and renamed,
//! and leftovers are removed when the store is opened.

mod error;
mod file;
mod store;

pub use doin_primitives::artifact::{ArtifactReference, CHUNK_SIZE};
pub use error::ArtifactError;
pub use store::{ArtifactStore, Chunk};

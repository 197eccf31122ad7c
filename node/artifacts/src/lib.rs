//! Model parameters, content-addressed: the chain holds the address of an artifact (the Merkle root over its chunks, and
//! its length), nodes hold the bytes and give them to one another.
//!
//! # The store
//!
//! One file an artifact. What comes out was checked: [`ArtifactStore::get`] recomputes the root, [`ArtifactStore::chunk`]
//! gives a chunk with the proof that [`ArtifactReference::verify_chunk`] checks on the other side of a wire. A file that
//! does not match its address is removed and reported; it is never served.
//!
//! The store keeps to a quota: to make room it evicts the artifacts that were stored longest ago, never a pinned one.
//! Pins (the current bests, what is under evaluation) live in memory: whoever needs artifacts kept pins them anew after
//! a restart, before it stores anything.
//!
//! A crash at any moment leaves no half-written artifact: files are written under a temporary name, synced and renamed,
//! and leftovers are removed when the store is opened.
//!
//! # Between nodes
//!
//! [`ArtifactServer`] answers what peers ask over a request-response protocol of sc-network ([`Protocol`]), and
//! [`Fetcher`] asks them: first several whether they have an artifact, then those that do for its chunks, several at a
//! time. Each chunk is checked before it is written. A peer that sends what no honest node sends is banned; one that is
//! slow or breaks off is asked for less, then not for a while. [`Limits`] has the figures, and `docs/network.md` why.
//! A node of which nothing is wanted transfers nothing, and one that only relays does not even speak the protocol.

mod download;
mod error;
mod fetcher;
mod file;
mod incoming;
mod ledger;
mod limiter;
mod limits;
mod metrics;
mod plan;
pub mod protocol;
mod server;
mod standing;
mod store;
mod transport;

pub use doin_primitives::artifact::{ArtifactReference, CHUNK_SIZE};
pub use error::ArtifactError;
pub use fetcher::{FetchError, FetchService, Fetcher};
pub use incoming::Incoming;
pub use limits::Limits;
pub use metrics::ArtifactMetrics;
pub use server::{answer, ArtifactServer};
pub use store::{ArtifactStore, Chunk};
pub use transport::{ConnectedPeers, NetworkTransport, Protocol, Transport};

/// The target of this crate's log lines.
const LOG_TARGET: &str = "doin-artifacts";

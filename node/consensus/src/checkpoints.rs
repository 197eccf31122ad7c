//! Checkpoints: blocks that the operator or the chain specification knows to be on the right chain.

use crate::error::Error;
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::{Block as BlockT, NumberFor};
use std::{
    collections::BTreeMap,
    fmt::{Debug, Display},
    str::FromStr,
};

/// One checkpoint, written NUMBER:HASH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint<Number = doin_primitives::BlockNumber, Hash = doin_primitives::Hash> {
    /// The number of the block.
    pub number: Number,
    /// Its hash.
    pub hash: Hash,
}

/// A checkpoint of a chain.
pub type CheckpointFor<Block> = Checkpoint<NumberFor<Block>, <Block as BlockT>::Hash>;

impl<Number: FromStr, Hash: FromStr> FromStr for Checkpoint<Number, Hash> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = |reason: &str| Error::MalformedCheckpoint {
            text: text.into(),
            reason: reason.into(),
        };
        let (number, hash) = text.split_once(':').ok_or_else(|| malformed("there is no colon"))?;
        Ok(Checkpoint {
            number: number
                .trim()
                .parse()
                .map_err(|_| malformed("before the colon is no block number"))?,
            hash: hash
                .trim()
                .parse()
                .map_err(|_| malformed("after the colon is no block hash"))?,
        })
    }
}

/// All checkpoints of a node: each names the one block that may stand at its number.
///
/// After a warp sync the blocks below its target arrive last; a checkpoint among them is compared then.
#[derive(Clone, Debug)]
pub struct Checkpoints<Block: BlockT>(BTreeMap<NumberFor<Block>, Block::Hash>);

impl<Block: BlockT> Default for Checkpoints<Block> {
    fn default() -> Self {
        Checkpoints(BTreeMap::new())
    }
}

impl<Block: BlockT> Checkpoints<Block> {
    /// Collects checkpoints. Errors when two of them contradict one another.
    pub fn new(checkpoints: impl IntoIterator<Item = CheckpointFor<Block>>) -> Result<Self, Error> {
        let mut all = BTreeMap::new();
        for Checkpoint { number, hash } in checkpoints {
            if all.insert(number, hash).is_some_and(|other| other != hash) {
                return Err(Error::ContradictoryCheckpoints(number.to_string()));
            }
        }
        Ok(Checkpoints(all))
    }

    /// Errors when another block than this one must stand at its number.
    pub fn check(&self, number: NumberFor<Block>, hash: Block::Hash) -> Result<(), Error> {
        match self.0.get(&number) {
            Some(expected) if *expected != hash => Err(contradiction(number, hash, *expected)),
            _ => Ok(()),
        }
    }

    /// Errors when the best chain in the database contradicts a checkpoint: the node must not start on it.
    pub fn check_database<Client: HeaderBackend<Block>>(&self, client: &Client) -> Result<(), Error> {
        self.0.iter().try_for_each(|(number, _)| match client.hash(*number)? {
            Some(found) => self.check(*number, found),
            None => Ok(()),
        })
    }
}

fn contradiction<Number: Display, Hash: Debug>(number: Number, found: Hash, expected: Hash) -> Error {
    Error::CheckpointContradiction {
        number: number.to_string(),
        found: format!("{found:?}"),
        expected: format!("{expected:?}"),
    }
}

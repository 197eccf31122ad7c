//! The errors of the `doin_*` methods: each says its cause in the message and its remedy in the data.

use doin_primitives::{domain::DomainId, optimum::OptimumId};
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use serde::Serialize;

/// The first code of this namespace: above those of the SDK (1000 to 8999).
pub const BASE: i32 = 20_000;

/// Characters of a message at most: what was asked stands in it, and that may be megabytes.
const LONGEST_MESSAGE: usize = 500;

/// Why a `doin_*` call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The runtime could not be asked at the block.
    #[error("the state of the block could not be read: {0}")]
    State(String),
    /// The database of the node failed.
    #[error("the chain could not be read: {0}")]
    Chain(String),
    /// No block with that hash.
    #[error("this node knows no block {0}")]
    UnknownBlock(String),
    /// No such domain.
    #[error("there is no domain \"{asked}\"")]
    UnknownDomain {
        /// What was asked for.
        asked: String,
        /// The domains there are.
        known: Vec<(DomainId, String)>,
    },
    /// No such optimum, or no longer.
    #[error("there is no optimum {0}, or it ended too long ago")]
    UnknownOptimum(OptimumId),
    /// The optimum cannot be challenged.
    #[error("optimum {0} cannot be challenged")]
    NotContestable(OptimumId),
    /// This node does not answer queries to the domain.
    #[error("this node does not serve the domain \"{domain}\"")]
    NotServed {
        /// What was asked for.
        domain: String,
        /// What it serves.
        served: Vec<String>,
    },
    /// The parameters of the best cannot be had at present.
    #[error("{0}")]
    MissingParameters(String),
    /// The model does not take such an input.
    #[error("the input is not what the model takes: {0}")]
    BadInput(String),
    /// Too many queries wait already.
    #[error("{0}")]
    Busy(String),
    /// The model has failed.
    #[error("the model has given no answer: {0}")]
    Inference(String),
    /// Not an account.
    #[error("\"{asked}\" is not an account: {reason}")]
    BadAccount {
        /// What was asked for.
        asked: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The catalogue of errors has no such entry.
    #[error("no error is known as {asked}")]
    UnknownError {
        /// What was asked for.
        asked: String,
        /// The pallets that have errors, by number.
        pallets: Vec<(u8, String)>,
    },
    /// The runtime's metadata could not be decoded.
    #[error("the metadata of the runtime could not be read: {0}")]
    Metadata(String),
}

/// What the `data` of an error object holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorData {
    /// The name of the error.
    pub name: &'static str,
    /// What to do about it.
    pub remedy: String,
}

impl Error {
    /// The code, the name, and what to do about it.
    pub fn describe(&self) -> (i32, &'static str, String) {
        match self {
            Error::State(_) => (
                BASE + 1,
                "State",
                "A node keeps the state of recent blocks only: leave `at` out, name a later block, or ask a node that \
                 runs with --state-pruning archive."
                    .into(),
            ),
            Error::Chain(_) => (
                BASE + 2,
                "Chain",
                "The node's database failed: see its log, check the disk, and start it again.".into(),
            ),
            Error::UnknownBlock(_) => (
                BASE + 3,
                "UnknownBlock",
                "Leave `at` out for the best block, or name a block that chain_getBlockHash returns.".into(),
            ),
            Error::UnknownDomain { known, .. } => {
                let known: Vec<String> = known.iter().map(|(id, name)| format!("{id} \"{name}\"")).collect();
                let remedy = match known.is_empty() {
                    true => "No domain is registered yet: register one with Domains::register.".into(),
                    false => format!("Use one of these: {}.", known.join(", ")),
                };
                (BASE + 4, "UnknownDomain", remedy)
            },
            Error::UnknownOptimum(_) => (
                BASE + 5,
                "UnknownOptimum",
                "doin_optimae lists those that are kept; older ones are found in the events of their blocks.".into(),
            ),
            Error::NotContestable(_) => (
                BASE + 9,
                "NotContestable",
                "It was not accepted, its challenge window is over, or a challenge of it was decided. doin_contests lists \
                 those of a domain that can be challenged."
                    .into(),
            ),
            Error::NotServed { served, .. } => {
                let served = match served.is_empty() {
                    true => "none".into(),
                    false => served.join(", "),
                };
                (
                    BASE + 10,
                    "NotServed",
                    format!(
                        "This node serves: {served}. Ask another, or set worker.domains.NAME.serve to true in the file \
                         of its --config and start it again."
                    ),
                )
            },
            Error::MissingParameters(_) => (
                BASE + 11,
                "MissingParameters",
                "Ask again in some seconds: the node fetches them from its peers. If it stays so, none of them has them."
                    .into(),
            ),
            Error::BadInput(_) => (
                BASE + 12,
                "BadInput",
                "What an input looks like is described with the domain's kind.".into(),
            ),
            Error::Busy(_) => (BASE + 13, "Busy", "Ask again later, or another node.".into()),
            Error::Inference(_) => (
                BASE + 14,
                "Inference",
                "Another input, or a better model once it is accepted, may do; the message says what this one met.".into(),
            ),
            Error::BadAccount { .. } => (
                BASE + 6,
                "BadAccount",
                "Give an SS58 address such as 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY, or 32 bytes as 0x and 64 \
                 hexadecimal digits."
                    .into(),
            ),
            Error::UnknownError { pallets, .. } => {
                let pallets: Vec<String> = pallets.iter().map(|(index, name)| format!("{index} {name}")).collect();
                (
                    BASE + 7,
                    "UnknownError",
                    format!(
                        "Give a pallet's number and the error's, a name such as Balances::InsufficientBalance, or the \
                         code or message of a refused transaction (such as 1010). Pallets with errors: {}.",
                        pallets.join(", ")
                    ),
                )
            },
            Error::Metadata(_) => (
                BASE + 8,
                "Metadata",
                "The runtime is newer than this node: update the node to a release that knows its metadata.".into(),
            ),
        }
    }
}

impl From<sp_api::ApiError> for Error {
    fn from(error: sp_api::ApiError) -> Self {
        Error::State(error.to_string())
    }
}

impl From<Error> for ErrorObjectOwned {
    fn from(error: Error) -> Self {
        let (code, name, remedy) = error.describe();
        let mut message = error.to_string();
        if let Some((end, _)) = message.char_indices().nth(LONGEST_MESSAGE) {
            message.truncate(end);
            message.push('…');
        }
        ErrorObject::owned(code, message, Some(ErrorData { name, remedy }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_domain_names_the_known_ones() {
        let error = Error::UnknownDomain {
            asked: "qadratic".into(),
            known: vec![(0, "quadratic".into())],
        };
        assert_eq!(error.to_string(), "there is no domain \"qadratic\"");
        assert_eq!(error.describe().2, "Use one of these: 0 \"quadratic\".");
        let object = ErrorObjectOwned::from(error);
        assert_eq!(object.code(), BASE + 4);
        assert!(object.data().is_some_and(|data| data.get().contains("remedy")));
    }

    #[test]
    fn a_megabyte_that_was_asked_for_is_not_sent_back() {
        let error = Error::UnknownDomain {
            asked: "ä".repeat(1_000_000),
            known: vec![],
        };
        let object = ErrorObjectOwned::from(error);
        assert!(object.message().starts_with("there is no domain \"ää"));
        assert_eq!(object.message().chars().count(), LONGEST_MESSAGE + 1);
    }
}

//! Why a transaction was not accepted: the errors of the transaction pool and of the validity check before it.

use super::{Explanation, Origin};
use sp_runtime::transaction_validity::{InvalidTransaction, UnknownTransaction};

/// The code of every error of the validity check that makes a transaction invalid.
pub const INVALID: i32 = 1010;
/// The code of every error of the validity check that leaves its validity open.
pub const UNKNOWN: i32 = 1011;

/// Code, name, cause and remedy of what `author_submitExtrinsic` and its like answer.
const POOL: &[(i32, &str, &str, &str)] = &[
    (
        1000,
        "ClientError",
        "The node failed while it handled the transaction.",
        "See the log of the node, and submit the transaction again.",
    ),
    (
        1001,
        "BadFormat",
        "The bytes are not a transaction of this chain.",
        "Encode the transaction with the metadata that the chain has now: connect again after a runtime upgrade.",
    ),
    (
        1002,
        "VerificationError",
        "The runtime could not check the transaction: its call does not decode, or the runtime failed on it.",
        "Encode the transaction with the metadata that the chain has now; if it fails still, report it with the bytes.",
    ),
    (
        1012,
        "TemporarilyBanned",
        "The same transaction was found invalid, or was in a block already, and is refused for a while (half an hour).",
        "Do not repeat it unchanged: look up the account's nonce with system_accountNextIndex, and sign anew.",
    ),
    (
        1013,
        "AlreadyImported",
        "The pool holds this very transaction already.",
        "Nothing is to be done: wait until it is in a block.",
    ),
    (
        1014,
        "TooLowPriority",
        "The pool holds another transaction of the account with the same nonce, and the new one does not pay more.",
        "Wait for the other one, take the next nonce (system_accountNextIndex), or give a higher tip to replace it.",
    ),
    (
        1015,
        "CycleDetected",
        "The transaction needs a transaction that needs it.",
        "Submit transactions whose nonces follow one another.",
    ),
    (
        1016,
        "ImmediatelyDropped",
        "The pool is full, and all others in it pay more.",
        "Give a tip, or wait until the pool is emptier (author_pendingExtrinsics); an operator can raise --pool-limit.",
    ),
    (
        1018,
        "Unactionable",
        "The transaction must not be passed on to other nodes, and this node makes no blocks.",
        "Submit it to a node that authors blocks.",
    ),
    (
        1019,
        "NoTagsProvided",
        "The runtime gave the transaction no mark by which the pool could tell it from others.",
        "Sign the transaction with an account; if it was signed, report it: the runtime is at fault.",
    ),
    (
        1020,
        "InvalidBlockId",
        "The block that the transaction was to be checked at is not known.",
        "Wait until the node has finished its synchronisation, and submit the transaction again.",
    ),
    (
        1021,
        "RejectedFutureTransaction",
        "The nonce is higher than the account's next one, and this pool takes no transactions for later.",
        "Submit the transactions before it first, or use the nonce that system_accountNextIndex returns.",
    ),
    (
        1040,
        "OtherError",
        "The node refused the request for another reason; the message says which.",
        "Follow the message; for keys: give four characters as key type, and keys that author_rotateKeysWithOwner returned.",
    ),
];

/// The errors of the transaction pool.
pub fn pool_errors() -> Vec<Explanation> {
    POOL.iter()
        .map(|(code, name, cause, remedy)| explanation(Origin::Pool, *code, (*name).into(), cause, remedy))
        .collect()
}

fn explanation(origin: Origin, code: i32, name: String, cause: &str, remedy: &str) -> Explanation {
    Explanation {
        origin,
        name,
        pallet_index: None,
        error_index: None,
        code: Some(code),
        cause: cause.into(),
        remedy: remedy.into(),
    }
}

/// Name, cause and remedy of an invalid transaction. Exhaustive: a variant that the SDK adds does not compile.
fn invalid(error: InvalidTransaction) -> (&'static str, &'static str, &'static str) {
    match error {
        InvalidTransaction::Call => (
            "Call",
            "The call may not be sent in this way: it needs a signature, or is for the runtime itself.",
            "Sign the transaction; calls of inherents (the timestamp) cannot be sent.",
        ),
        InvalidTransaction::Payment => (
            "Payment",
            "The account cannot pay the fee, or what would remain is less than the existential deposit.",
            "Ask payment_queryInfo for the fee and send coin to the account; what is on hold does not pay fees.",
        ),
        InvalidTransaction::Future => (
            "Future",
            "The nonce is higher than the account's next one.",
            "Submit the transactions before it first, or use the nonce that system_accountNextIndex returns.",
        ),
        InvalidTransaction::Stale => (
            "Stale",
            "The nonce was used already: this transaction, or another of the account, is in a block.",
            "Look whether it took effect; if not, sign anew with the nonce that system_accountNextIndex returns.",
        ),
        InvalidTransaction::BadProof => (
            "BadProof",
            "The signature does not fit: another key, another chain (genesis hash), or another runtime version was signed for.",
            "Sign with the account's key, against the genesis hash and the runtime version of this chain.",
        ),
        InvalidTransaction::AncientBirthBlock => (
            "AncientBirthBlock",
            "The block that the transaction's lifetime counts from is too old: its lifetime is over.",
            "Sign anew against a recent block.",
        ),
        InvalidTransaction::ExhaustsResources => (
            "ExhaustsResources",
            "The transaction does not fit into the block, by weight or by length.",
            "Wait for an emptier block; split a batch that is larger than a block.",
        ),
        InvalidTransaction::BadMandatory => (
            "BadMandatory",
            "A call that every block must carry failed: the author's block is invalid.",
            "Only authors can meet this: check the clock of the node and its version.",
        ),
        InvalidTransaction::MandatoryValidation => (
            "MandatoryValidation",
            "A call that only the author of a block may add was sent as a transaction.",
            "Do not send it: each block carries its own.",
        ),
        InvalidTransaction::BadSigner => (
            "BadSigner",
            "The sending account is the all-zero account, or may not send this.",
            "Sign with an account of your own.",
        ),
        InvalidTransaction::IndeterminateImplicit => (
            "IndeterminateImplicit",
            "What is signed beside the call could not be worked out, for example the block of the lifetime is unknown.",
            "Sign anew against a recent block of this chain.",
        ),
        InvalidTransaction::UnknownOrigin => (
            "UnknownOrigin",
            "No part of the transaction says who sends it.",
            "Sign the transaction.",
        ),
        InvalidTransaction::Custom(_) => (
            "Custom",
            "A rule of the runtime refused the transaction with a number of its own.",
            "This release has no such rule: the runtime is newer than the node, update the node.",
        ),
    }
}

/// The same for a transaction of unknown validity.
fn unknown(error: UnknownTransaction) -> (&'static str, &'static str, &'static str) {
    match error {
        UnknownTransaction::CannotLookup => (
            "CannotLookup",
            "The account that the transaction names could not be looked up.",
            "Name the account by its public key, not by an index.",
        ),
        UnknownTransaction::NoUnsignedValidator => (
            "NoUnsignedValidator",
            "The call was sent without a signature, and nothing checks it without one.",
            "Sign the transaction.",
        ),
        UnknownTransaction::Custom(_) => (
            "Custom",
            "A rule of the runtime could not decide on the transaction.",
            "This release has no such rule: the runtime is newer than the node, update the node.",
        ),
    }
}

const ALL_INVALID: [InvalidTransaction; 13] = [
    InvalidTransaction::Call,
    InvalidTransaction::Payment,
    InvalidTransaction::Future,
    InvalidTransaction::Stale,
    InvalidTransaction::BadProof,
    InvalidTransaction::AncientBirthBlock,
    InvalidTransaction::ExhaustsResources,
    InvalidTransaction::Custom(0),
    InvalidTransaction::BadMandatory,
    InvalidTransaction::MandatoryValidation,
    InvalidTransaction::BadSigner,
    InvalidTransaction::IndeterminateImplicit,
    InvalidTransaction::UnknownOrigin,
];

const ALL_UNKNOWN: [UnknownTransaction; 3] = [
    UnknownTransaction::CannotLookup,
    UnknownTransaction::NoUnsignedValidator,
    UnknownTransaction::Custom(0),
];

/// The errors of the validity check.
pub fn validity_errors() -> Vec<Explanation> {
    let invalid = ALL_INVALID.iter().map(|error| {
        let (name, cause, remedy) = invalid(*error);
        explanation(
            Origin::Validity,
            INVALID,
            format!("InvalidTransaction::{name}"),
            cause,
            remedy,
        )
    });
    let unknown = ALL_UNKNOWN.iter().map(|error| {
        let (name, cause, remedy) = unknown(*error);
        explanation(
            Origin::Validity,
            UNKNOWN,
            format!("UnknownTransaction::{name}"),
            cause,
            remedy,
        )
    });
    invalid.chain(unknown).collect()
}

/// The name behind the text that the SDK sends as the data of code 1010, such as `Transaction is outdated`.
pub fn by_message(message: &str) -> Option<&'static str> {
    let message = message.trim().trim_matches('"');
    if message.starts_with("Custom error") {
        return Some("InvalidTransaction::Custom");
    }
    ALL_INVALID
        .iter()
        .find(|error| <&'static str>::from(**error) == message)
        .map(|error| match error {
            InvalidTransaction::Call => "InvalidTransaction::Call",
            InvalidTransaction::Payment => "InvalidTransaction::Payment",
            InvalidTransaction::Future => "InvalidTransaction::Future",
            InvalidTransaction::Stale => "InvalidTransaction::Stale",
            InvalidTransaction::BadProof => "InvalidTransaction::BadProof",
            InvalidTransaction::AncientBirthBlock => "InvalidTransaction::AncientBirthBlock",
            InvalidTransaction::ExhaustsResources => "InvalidTransaction::ExhaustsResources",
            InvalidTransaction::Custom(_) => "InvalidTransaction::Custom",
            InvalidTransaction::BadMandatory => "InvalidTransaction::BadMandatory",
            InvalidTransaction::MandatoryValidation => "InvalidTransaction::MandatoryValidation",
            InvalidTransaction::BadSigner => "InvalidTransaction::BadSigner",
            InvalidTransaction::IndeterminateImplicit => "InvalidTransaction::IndeterminateImplicit",
            InvalidTransaction::UnknownOrigin => "InvalidTransaction::UnknownOrigin",
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_of_the_sdk_finds_its_own_error() {
        for error in ALL_INVALID {
            let name = by_message(error.into()).unwrap_or_default();
            assert_eq!(name, format!("InvalidTransaction::{}", invalid(error).0));
        }
        assert_eq!(by_message("Custom error: 7"), Some("InvalidTransaction::Custom"));
        assert_eq!(by_message("something else"), None);
    }

    #[test]
    fn codes_of_the_pool_are_distinct() {
        let mut codes: Vec<i32> = POOL.iter().map(|entry| entry.0).collect();
        codes.dedup();
        assert_eq!(codes.len(), POOL.len());
    }
}

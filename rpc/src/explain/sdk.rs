//! Remedies for the errors of the SDK's pallets, whose comments state a cause only, and the errors of dispatch.

use super::{Explanation, Origin};

/// What to do about an error of an SDK pallet, by its name in the runtime.
pub fn remedy(name: &str) -> Option<&'static str> {
    REMEDIES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, remedy)| *remedy)
}

const UPGRADE: &str = "Build the new runtime from this chain's sources with a higher spec_version, and submit that.";
const EQUIVOCATION: &str = "Nothing is lost: leave reports to the nodes, which make them by themselves.";

const REMEDIES: &[(&str, &str)] = &[
    ("System::InvalidSpecName", UPGRADE),
    ("System::SpecVersionNeedsToIncrease", UPGRADE),
    ("System::FailedToExtractRuntimeVersion", UPGRADE),
    (
        "System::NonDefaultComposite",
        "Empty the account's data in the other pallets first.",
    ),
    (
        "System::NonZeroRefCount",
        "Release what refers to the account first: bonds on hold and session keys.",
    ),
    (
        "System::CallFiltered",
        "The call is switched off on this chain; use another one.",
    ),
    (
        "System::MultiBlockMigrationsOngoing",
        "Wait until the migration has ended, then submit the code again.",
    ),
    ("System::InvalidTask", "Submit a task that the runtime lists."),
    ("System::FailedTask", "Try again once the task's conditions hold."),
    (
        "System::NothingAuthorized",
        "Authorize the upgrade first with System::authorize_upgrade.",
    ),
    (
        "System::Unauthorized",
        "Submit the very code whose hash was authorized.",
    ),
    ("Balances::VestingBalance", "Send less, or wait until more has vested."),
    (
        "Balances::LiquidityRestrictions",
        "Send less: what is on hold or frozen cannot be moved. End its cause first.",
    ),
    (
        "Balances::InsufficientBalance",
        "Send less, or send coin to the account first.",
    ),
    (
        "Balances::ExistentialDeposit",
        "Send at least the existential deposit to an account that is new.",
    ),
    (
        "Balances::Expendability",
        "Send less, so that the existential deposit remains, or use transfer_allow_death.",
    ),
    (
        "Balances::ExistingVestingSchedule",
        "Use an account without a vesting schedule.",
    ),
    (
        "Balances::DeadAccount",
        "Send the existential deposit to the beneficiary first.",
    ),
    (
        "Balances::TooManyReserves",
        "Release one of the account's reserves first.",
    ),
    ("Balances::TooManyHolds", "Release one of the account's holds first."),
    ("Balances::TooManyFreezes", "End one of the account's freezes first."),
    ("Balances::IssuanceDeactivated", "Activate the issuance first."),
    ("Balances::DeltaZero", "Give a difference other than zero."),
    (
        "Session::InvalidProof",
        "Make keys and their proof with author_rotateKeysWithOwner for the account that signs, and submit both.",
    ),
    (
        "Session::NoAssociatedValidatorId",
        "Use an account that may be an authority.",
    ),
    (
        "Session::DuplicatedKey",
        "Another account registered one of the keys: rotate the keys and submit the new ones.",
    ),
    (
        "Session::NoKeys",
        "Nothing is to be purged: set keys first with Session::set_keys.",
    ),
    (
        "Session::NoAccount",
        "Send the existential deposit and the key deposit to the account first.",
    ),
    ("Grandpa::PauseFailed", "Wait until the authority set is live."),
    (
        "Grandpa::ResumeFailed",
        "Nothing is to be resumed: the authority set is live.",
    ),
    (
        "Grandpa::ChangePending",
        "Wait until the pending change of authorities has taken effect.",
    ),
    (
        "Grandpa::TooSoon",
        "Wait for twice the delay of the last forced change.",
    ),
    ("Grandpa::InvalidKeyOwnershipProof", EQUIVOCATION),
    ("Grandpa::InvalidEquivocationProof", EQUIVOCATION),
    ("Grandpa::DuplicateOffenceReport", EQUIVOCATION),
    ("Utility::TooManyCalls", "Split the batch into several transactions."),
    (
        "Sudo::RequireSudo",
        "Sign with the sudo account; Sudo::key in the state names it.",
    ),
];

/// Name, cause and remedy of errors outside of any pallet.
const DISPATCH: &[(&str, &str, &str)] = &[
    (
        "Other",
        "The call failed for a reason that has no name.",
        "See the log of a node that executed the block.",
    ),
    (
        "CannotLookup",
        "An account could not be looked up.",
        "Name it by its public key, not by an index.",
    ),
    (
        "BadOrigin",
        "The caller may not make this call.",
        "Use the origin that the call's documentation names: a signed account, or root (through Sudo::sudo).",
    ),
    (
        "ConsumerRemaining",
        "The account cannot be removed: something still depends on it.",
        "Release the bonds on hold and purge the session keys first, or leave the existential deposit.",
    ),
    (
        "NoProviders",
        "The account does not exist.",
        "Send the existential deposit to it first.",
    ),
    (
        "TooManyConsumers",
        "Too many things depend on the account already.",
        "Release one of them (a hold, session keys), or use another account.",
    ),
    (
        "Exhausted",
        "The call is too large for the resources of a block.",
        "Make the call smaller.",
    ),
    (
        "Corruption",
        "The state is corrupt.",
        "Report it with the block's hash: this must not happen.",
    ),
    (
        "Unavailable",
        "Something that the call needs is not there now.",
        "Try again later.",
    ),
    (
        "RootNotAllowed",
        "Root may not make this call.",
        "Sign with an ordinary account.",
    ),
    (
        "Token::FundsUnavailable",
        "The account has less free coin than is needed.",
        "Send less, or send coin to the account first; what is on hold is not free.",
    ),
    (
        "Token::OnlyProvider",
        "The account must keep its existential deposit, since something depends on it.",
        "Leave the existential deposit, or release what depends on the account first.",
    ),
    (
        "Token::BelowMinimum",
        "The account would have less than the existential deposit.",
        "Send at least the existential deposit.",
    ),
    (
        "Token::CannotCreate",
        "The account cannot be created.",
        "Send the existential deposit to it first.",
    ),
    (
        "Token::UnknownAsset",
        "There is no such asset.",
        "Use the chain's own coin.",
    ),
    (
        "Token::Frozen",
        "The coin is frozen.",
        "Wait until the freeze has ended, or send less.",
    ),
    (
        "Token::Unsupported",
        "The operation is not possible with this coin.",
        "Use another operation.",
    ),
    (
        "Token::CannotCreateHold",
        "An account that does not exist cannot hold a bond.",
        "Send the existential deposit to it first.",
    ),
    (
        "Token::NotExpendable",
        "The account would be removed, and it must remain.",
        "Leave the existential deposit, or use transfer_allow_death.",
    ),
    (
        "Token::Blocked",
        "The account takes no coin.",
        "Send to another account.",
    ),
    (
        "Arithmetic::Underflow",
        "A number would fall below its smallest value.",
        "Give a smaller amount.",
    ),
    (
        "Arithmetic::Overflow",
        "A number would exceed its largest value.",
        "Give a smaller amount.",
    ),
    (
        "Arithmetic::DivisionByZero",
        "A division by zero.",
        "Give an amount other than zero.",
    ),
    (
        "Transactional::LimitReached",
        "Calls are nested too deeply.",
        "Nest fewer batches into one another.",
    ),
    (
        "Transactional::NoLayer",
        "A call ran outside of a transaction.",
        "Report it: this must not happen.",
    ),
    (
        "Trie",
        "A proof does not fit the state.",
        "Make the proof anew against the block that the call names.",
    ),
];

/// The errors of dispatch outside of any pallet.
pub fn dispatch_errors() -> Vec<Explanation> {
    DISPATCH
        .iter()
        .map(|(name, cause, remedy)| Explanation {
            origin: Origin::Dispatch,
            name: (*name).into(),
            pallet_index: None,
            error_index: None,
            code: None,
            cause: (*cause).into(),
            remedy: (*remedy).into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_runtime::{ArithmeticError, DispatchError, TokenError, TransactionalError};

    /// The name in the catalogue. Exhaustive: a variant that the SDK adds does not compile until it has one.
    fn name(error: DispatchError) -> Option<String> {
        Some(match error {
            DispatchError::Module(_) => return None,
            DispatchError::Other(_) => "Other".into(),
            DispatchError::CannotLookup => "CannotLookup".into(),
            DispatchError::BadOrigin => "BadOrigin".into(),
            DispatchError::ConsumerRemaining => "ConsumerRemaining".into(),
            DispatchError::NoProviders => "NoProviders".into(),
            DispatchError::TooManyConsumers => "TooManyConsumers".into(),
            DispatchError::Token(token) => format!("Token::{token:?}"),
            DispatchError::Arithmetic(arithmetic) => format!("Arithmetic::{arithmetic:?}"),
            DispatchError::Transactional(transactional) => format!("Transactional::{transactional:?}"),
            DispatchError::Exhausted => "Exhausted".into(),
            DispatchError::Corruption => "Corruption".into(),
            DispatchError::Unavailable => "Unavailable".into(),
            DispatchError::RootNotAllowed => "RootNotAllowed".into(),
            DispatchError::Trie(_) => "Trie".into(),
        })
    }

    #[test]
    fn each_error_of_dispatch_is_explained_once() {
        let tokens = [
            TokenError::FundsUnavailable,
            TokenError::OnlyProvider,
            TokenError::BelowMinimum,
            TokenError::CannotCreate,
            TokenError::UnknownAsset,
            TokenError::Frozen,
            TokenError::Unsupported,
            TokenError::CannotCreateHold,
            TokenError::NotExpendable,
            TokenError::Blocked,
        ];
        let arithmetic = [
            ArithmeticError::Underflow,
            ArithmeticError::Overflow,
            ArithmeticError::DivisionByZero,
        ];
        let errors = tokens
            .into_iter()
            .map(DispatchError::Token)
            .chain(arithmetic.into_iter().map(DispatchError::Arithmetic))
            .chain([TransactionalError::LimitReached, TransactionalError::NoLayer].map(DispatchError::Transactional))
            .chain([
                DispatchError::Other(""),
                DispatchError::CannotLookup,
                DispatchError::BadOrigin,
                DispatchError::ConsumerRemaining,
                DispatchError::NoProviders,
                DispatchError::TooManyConsumers,
                DispatchError::Exhausted,
                DispatchError::Corruption,
                DispatchError::Unavailable,
                DispatchError::RootNotAllowed,
            ]);
        for error in errors {
            let wanted = name(error);
            let found = dispatch_errors()
                .into_iter()
                .filter(|entry| Some(&entry.name) == wanted.as_ref())
                .count();
            assert_eq!(found, 1, "{error:?}");
        }
    }
}

//! From an operation to a signed transaction of the runtime, and from a failed transaction to words.

use crate::chain::Operation;
use codec::{Decode, Encode};
use doin_primitives::{AccountId, Hash, Nonce, Signature};
use doin_runtime::{Runtime, RuntimeCall, RuntimeError, RuntimeEvent, SignedPayload, TxExtension, UncheckedExtrinsic};
use frame_system::{EventRecord, Phase};
use sp_runtime::{generic::Era, DispatchError, MultiAddress, OpaqueExtrinsic};

/// What a transaction is bound to.
pub struct Binding {
    /// The chain.
    pub genesis: Hash,
    /// The block that the era begins at.
    pub birth: Hash,
    /// When it is valid.
    pub era: Era,
    /// The account's next.
    pub nonce: Nonce,
    /// The chain's, which may be newer than the one this node was built with.
    pub spec_version: u32,
    /// The version of the transactions' form.
    pub transaction_version: u32,
}

/// The call of an operation.
pub(crate) fn call(operation: &Operation) -> RuntimeCall {
    match operation.clone() {
        Operation::Commit { domain, commitment } => {
            RuntimeCall::Optimae(pallet_optimae::Call::commit { domain, commitment })
        }
        Operation::Reveal {
            commitment,
            artifact,
            reported,
            experiment,
            nonce,
        } => RuntimeCall::Optimae(pallet_optimae::Call::reveal {
            commitment,
            root: artifact.root,
            size: artifact.size,
            reported_metric: reported,
            experiment,
            nonce,
        }),
        Operation::CommitVote {
            optimum,
            round,
            commitment,
        } => RuntimeCall::Quorum(pallet_quorum::Call::commit_vote {
            optimum,
            round,
            commitment,
        }),
        Operation::RevealVote { optimum, vote, salt } => {
            RuntimeCall::Quorum(pallet_quorum::Call::reveal_vote { optimum, vote, salt })
        }
        Operation::CommitReplay {
            optimum,
            round,
            seat,
            commitment,
        } => RuntimeCall::Quorum(pallet_quorum::Call::commit_replay {
            optimum,
            round,
            seat,
            commitment,
        }),
        Operation::RevealReplay {
            optimum,
            seat,
            replay,
            salt,
        } => RuntimeCall::Quorum(pallet_quorum::Call::reveal_replay {
            optimum,
            seat,
            replay,
            salt,
        }),
        Operation::RegisterEvaluator { domain } => {
            RuntimeCall::Quorum(pallet_quorum::Call::register_evaluator { domain })
        }
        Operation::Claim { height, who } => RuntimeCall::Coin(pallet_coin::Call::claim { height, who }),
    }
}

/// The signed transaction.
///
/// # Errors
///
/// What `sign` says.
pub fn signed(
    call: RuntimeCall,
    account: &AccountId,
    binding: &Binding,
    sign: impl FnOnce(&[u8]) -> Result<Signature, String>,
) -> Result<OpaqueExtrinsic, String> {
    let extension: TxExtension = (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(binding.era),
        frame_system::CheckNonce::from(binding.nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_system::WeightReclaim::new(),
    );
    // In the order of the extensions: what is signed but not sent.
    let implicit = (
        (),
        (),
        binding.spec_version,
        binding.transaction_version,
        binding.genesis,
        binding.birth,
        (),
        (),
        (),
        (),
    );
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(sign)?;
    let extrinsic = UncheckedExtrinsic::new_signed(call, MultiAddress::Id(account.clone()), signature, extension);
    OpaqueExtrinsic::decode(&mut &extrinsic.encode()[..]).map_err(|error| error.to_string())
}

/// The key of the account's balance in the state, and how its value reads: what may be spent.
pub(crate) mod balance {
    use super::*;
    use doin_primitives::Balance;

    type Account = frame_system::AccountInfo<Nonce, <Runtime as frame_system::Config>::AccountData>;

    pub(crate) fn key(account: &AccountId) -> Vec<u8> {
        frame_system::Account::<Runtime>::hashed_key_for(account)
    }

    pub(crate) fn read(value: &[u8]) -> Result<Balance, String> {
        let account = Account::decode(&mut &value[..]).map_err(|error| error.to_string())?;
        Ok(account.data.free.saturating_sub(account.data.frozen))
    }
}

/// The key of a block's events in the state after it.
pub fn events_key() -> Vec<u8> {
    frame_support::storage::storage_prefix(b"System", b"Events").to_vec()
}

/// Why the transaction at `index` of a block failed, by the block's events; `None`: it did not.
pub fn failure(events: &[u8], index: u32) -> Option<String> {
    let events = Vec::<EventRecord<RuntimeEvent, Hash>>::decode(&mut &events[..]).ok()?;
    events
        .into_iter()
        .find_map(|record| match (record.phase, record.event) {
            (
                Phase::ApplyExtrinsic(position),
                RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { dispatch_error, .. }),
            ) if position == index => Some(words(dispatch_error)),
            _ => None,
        })
}

fn words(error: DispatchError) -> String {
    match RuntimeError::from_dispatch_error(error) {
        Some(named) => format!("{named:?}"),
        None => format!("{error:?}"),
    }
}

//! Transactions that tests send.

use codec::{Decode, Encode};
use doin_primitives::{AccountId, Balance, Hash, Nonce};
use doin_runtime::{RuntimeCall, SessionKeys, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION};
use sp_core::proof_of_possession::statement_of_ownership;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{generic::Era, MultiAddress, OpaqueExtrinsic};

/// A call signed by a development account, valid as long as the chain lives.
pub fn signed(call: RuntimeCall, who: Sr25519Keyring, nonce: Nonce, genesis: Hash) -> OpaqueExtrinsic {
    let extension: TxExtension = (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::immortal()),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_system::WeightReclaim::new(),
    );
    let implicit = (
        (),
        (),
        VERSION.spec_version,
        VERSION.transaction_version,
        genesis,
        genesis,
        (),
        (),
        (),
        (),
    );
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(|bytes| who.sign(bytes)).into();
    opaque(UncheckedExtrinsic::new_signed(
        call,
        MultiAddress::Id(who.to_account_id()),
        signature,
        extension,
    ))
}

/// The form in which blocks carry a transaction.
pub fn opaque(transaction: UncheckedExtrinsic) -> OpaqueExtrinsic {
    OpaqueExtrinsic::decode(&mut &transaction.encode()[..]).expect("an opaque transaction is any bytes; qed")
}

/// A transfer.
pub fn transfer(to: AccountId, value: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: MultiAddress::Id(to),
        value,
    })
}

/// A call with the rights of root, for the account that has them: Alice in the presets.
pub fn sudo(call: RuntimeCall) -> RuntimeCall {
    RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(call) })
}

/// Sets an account's reputation, by root, past all rules.
pub fn set_reputation(who: AccountId, points: u32) -> RuntimeCall {
    let key = pallet_reputation::Records::<doin_runtime::Runtime>::hashed_key_for(who);
    let record = pallet_reputation::Record {
        points: sp_runtime::FixedU128::from_u32(points),
        updated_at: 0,
    };
    sudo(RuntimeCall::System(frame_system::Call::set_storage {
        items: vec![(key, record.encode())],
    }))
}

/// Puts an account's session keys on the chain: those of the same name, with the proof that they are the account's.
pub fn session_keys(who: Sr25519Keyring) -> RuntimeCall {
    let grandpa = super::genesis::grandpa_key(who);
    let statement = who.to_account_id().using_encoded(statement_of_ownership);
    RuntimeCall::Session(pallet_session::Call::set_keys {
        keys: SessionKeys {
            doin: who.public().into(),
            grandpa: grandpa.public().into(),
        },
        proof: (who.sign(&statement), grandpa.sign(&statement)).encode(),
    })
}

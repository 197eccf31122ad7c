//! Who signs what is sent for no node: an account of a file, a development account, or the operator's.

use super::{files, options::Place, submission::Signer, target::Target};
use doin_primitives::Signature;
use doin_worker::{config::OperatorAccount, OperatorKeys};
use sp_core::{crypto::ExposeSecret, sr25519, Pair};
use std::path::Path;

/// The account whose secret is in the file, else the development account that `--operator` names, else the operator's.
pub(super) fn signer(place: &Place, suri_file: Option<&Path>, target: &Target) -> Result<Signer<'static>, String> {
    let pair = match (suri_file, &place.operator) {
        (Some(file), _) => Some(files::pair(files::read_secret(file)?.expose_secret(), None)?),
        (None, Some(operator)) => development(operator)?,
        (None, None) => None,
    };
    if let Some(pair) = pair {
        return Ok(Signer {
            account: pair.public().into(),
            sign: Box::new(move |payload| Ok(Signature::Sr25519(pair.sign(payload)))),
        });
    }
    let home = target.home(place)?;
    let (account, _) = home.operator(place.operator.as_ref(), None, false)?;
    let keys = OperatorKeys::new(home.keystore());
    let signs = account.clone();
    Ok(Signer {
        account,
        sign: Box::new(move |payload| keys.sign(&signs, payload)),
    })
}

/// The key pair of a development account; `None` for an address.
pub(super) fn development(account: &OperatorAccount) -> Result<Option<sr25519::Pair>, String> {
    match account {
        OperatorAccount::Development(path) => files::pair(path, None).map(Some),
        OperatorAccount::Address(_) => Ok(None),
    }
}

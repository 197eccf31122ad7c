//! What the chain says of itself and of the operator's account.

use super::connection::Connection;
use codec::Encode;
use doin_primitives::{
    api::{DomainInfo, NetworkStatus, Supply},
    domain::DomainId,
    AccountId, Balance, BlockNumber, Hash, Reputation, SlotNumber,
};
use doin_runtime::{Runtime, SessionKeys};
use frame_support::traits::Get;
use pallet_proof_of_optimization::{BondStatus, Parameters};
use std::collections::BTreeMap;

/// What the chain is like at a block.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The block.
    pub hash: Hash,
    /// Its number.
    pub number: BlockNumber,
    /// Its slot, and who has the right to author.
    pub status: NetworkStatus,
    /// The network's parameters.
    pub parameters: Parameters,
    /// The domains.
    pub domains: Vec<DomainInfo>,
    /// What a registration as an evaluator puts on hold.
    pub evaluator_bond: Balance,
    /// What an optimum may put on hold, and cost, at most.
    pub optimum_funds: Balance,
}

/// Where an account stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// What it can spend or put on hold.
    pub free: Balance,
    /// Its reputation.
    pub reputation: Reputation,
    /// Its session keys.
    pub session_keys: Option<SessionKeys>,
    /// Where it stands as an authority.
    pub bond_status: Option<BondStatus>,
    /// What it has on hold as one.
    pub bonded: Balance,
    /// Whether it is an authority of this epoch or the next.
    pub seated: bool,
    /// The domains in which it is registered as an evaluator; `Some`: it has left, and its bond is free from this slot.
    pub registrations: BTreeMap<DomainId, Option<SlotNumber>>,
}

/// What session keys put on hold.
pub fn key_deposit() -> Balance {
    <Runtime as pallet_session::Config>::KeyDeposit::get()
}

/// What must stay on an account.
pub fn existential_deposit() -> Balance {
    <Runtime as pallet_balances::Config>::ExistentialDeposit::get()
}

impl Chain {
    /// Reads it at the best block.
    ///
    /// # Errors
    ///
    /// The node does not answer, or its runtime is not one of this release.
    pub async fn read(node: &Connection) -> Result<Self, String> {
        let (hash, number) = node.best().await?;
        let status: NetworkStatus = node.call("DoinApi_status", Vec::new(), hash).await?;
        let supply: Supply = node.call("DoinApi_supply", Vec::new(), hash).await?;
        let parameters = pallet_proof_of_optimization::NetworkParameters::<Runtime>::hashed_key().to_vec();
        let bond = pallet_quorum::EvaluatorBond::<Runtime>::hashed_key().to_vec();
        Ok(Self {
            hash,
            number,
            status,
            parameters: node
                .storage(parameters, hash)
                .await?
                .ok_or("the chain has no proof of optimization: it is none of DOIN's")?,
            domains: node.call("DoinApi_domains", Vec::new(), hash).await?,
            evaluator_bond: node
                .storage(bond, hash)
                .await?
                .unwrap_or_else(pallet_quorum::DefaultBond::get),
            optimum_funds: doin_worker::largest_claim_bond(&supply),
        })
    }

    /// The domain of this name.
    ///
    /// # Errors
    ///
    /// There is none: with the names there are.
    pub fn domain(&self, name: &str) -> Result<&DomainInfo, String> {
        let found = self
            .domains
            .iter()
            .find(|info| info.specification.name[..] == *name.as_bytes());
        found.ok_or_else(|| {
            let names: Vec<_> = self.domains.iter().map(domain_name).collect();
            format!(
                "the chain has no domain `{name}`; it has: {}",
                if names.is_empty() {
                    "none".into()
                } else {
                    names.join(", ")
                }
            )
        })
    }

    /// So many slots in words.
    pub fn duration(&self, slots: u64) -> String {
        let seconds = slots.saturating_mul(self.parameters.slot_duration) / 1000;
        match seconds {
            0..=119 => format!("{seconds} s"),
            120..=7199 => format!("{} min", seconds / 60),
            7200..=172_799 => format!("{} h", seconds / 3600),
            _ => format!("{} days", seconds / 86400),
        }
    }
}

/// A domain's name.
pub fn domain_name(info: &DomainInfo) -> String {
    String::from_utf8_lossy(&info.specification.name).into_owned()
}

impl Standing {
    /// Reads it at the chain's block.
    ///
    /// # Errors
    ///
    /// The node does not answer.
    pub async fn read(node: &Connection, chain: &Chain, account: &AccountId) -> Result<Self, String> {
        let at = chain.hash;
        let balance = frame_system::Account::<Runtime>::hashed_key_for(account);
        let balance: Option<frame_system::AccountInfo<u32, pallet_balances::AccountData<Balance>>> =
            node.storage(balance, at).await?;
        let keys = pallet_session::NextKeys::<Runtime>::hashed_key_for(account);
        let bond = pallet_proof_of_optimization::Bonds::<Runtime>::hashed_key_for(account);
        let holds = pallet_balances::Holds::<Runtime>::hashed_key_for(account);
        let holds: Option<Vec<(doin_runtime::RuntimeHoldReason, Balance)>> = node.storage(holds, at).await?;
        let reason = pallet_proof_of_optimization::HoldReason::AuthorityBond.into();
        let seats = |key: Vec<u8>| node.storage::<Vec<pallet_proof_of_optimization::Seat<AccountId>>>(key, at);
        let now = seats(pallet_proof_of_optimization::Authorities::<Runtime>::hashed_key().to_vec()).await?;
        let next = seats(pallet_proof_of_optimization::NextAuthorities::<Runtime>::hashed_key().to_vec()).await?;
        let mut registrations = BTreeMap::new();
        for info in &chain.domains {
            let key = pallet_quorum::Registrations::<Runtime>::hashed_key_for(account, info.id);
            let found: Option<pallet_quorum::Registration> = node.storage(key, at).await?;
            if let Some(registration) = found {
                registrations.insert(info.id, registration.withdrawable_at);
            }
        }
        Ok(Self {
            free: balance.map_or(0, |account| account.data.free.saturating_sub(account.data.frozen)),
            reputation: node.call("DoinApi_reputation", account.encode(), at).await?,
            session_keys: node.storage(keys, at).await?,
            bond_status: node.storage(bond, at).await?,
            bonded: holds
                .unwrap_or_default()
                .into_iter()
                .filter_map(|(held_for, amount)| (held_for == reason).then_some(amount))
                .sum(),
            seated: now
                .into_iter()
                .chain(next)
                .flatten()
                .any(|seat| seat.account == *account),
            registrations,
        })
    }
}

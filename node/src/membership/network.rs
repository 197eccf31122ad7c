//! The chain file of a new network that begins with this machine.

use super::{
    files::{self, Home, Origin},
    options::{NewNetworkCommand, Preset},
    say,
    setup::{show_node_key, show_origin},
};
use crate::chain_specification;
use doin_primitives::AccountId;
use doin_runtime::{genesis, SessionKeys, DOIN};
use sc_chain_spec::ChainType;
use sc_network::config::MultiaddrWithPeerId;
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

/// What the founder has at the beginning: enough to bond, to work, and to give to all who join.
const FOUNDERS_COIN: u128 = 1_000_000 * DOIN;

/// Runs `doin-node new-network`.
///
/// # Errors
///
/// One line that says what is wrong, and what to do.
pub fn create(command: &NewNetworkCommand) -> Result<(), String> {
    if command.output.exists() {
        return Err(format!(
            "{} exists already: a network's chain file is never written anew, since that would be another network. Remove \
             it, or choose another --output",
            command.output.display()
        ));
    }
    let home = Home::open(command.base_path.as_deref(), &command.id, &command.keystore, false)?;
    let name = command.name.as_deref().unwrap_or(&command.id);
    say(format!("network        {name} ({})", command.id));
    show_node_key(&home, false)?;
    let secret = command.suri_file.as_deref().map(files::read_secret).transpose()?;
    let (founder, origin) = home.operator(command.operator.as_ref(), secret, true)?;
    show_origin(&founder, &origin, &home);
    let (keys, _) = home.make_session_keys(&founder)?;

    let (preset, kind) = match command.preset {
        Preset::Testnet => (genesis::TESTNET_PRESET, ChainType::Live),
        Preset::Local => (sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET, ChainType::Local),
    };
    let preset = genesis::preset(&preset.into()).ok_or("the runtime lacks this preset")?;
    let preset: Value = serde_json::from_slice(&preset).map_err(|error| error.to_string())?;
    let patch = founded_by(preset, &founder, &keys);
    let peer_id = home.peer_id()?;
    let boot_nodes = command.addresses.iter().map(|address| {
        format!("{address}/p2p/{peer_id}")
            .parse::<MultiaddrWithPeerId>()
            .map_err(|error| format!("--address {address}: {error}"))
    });
    let boot_nodes = boot_nodes.collect::<Result<Vec<_>, _>>()?;
    let specification = chain_specification::founded(name, &command.id, kind, patch, boot_nodes)?;
    // Raw: the genesis is fixed, whatever release reads it.
    let text = specification.as_json(true)?;
    std::fs::write(&command.output, text).map_err(|error| format!("{}: {error}", command.output.display()))?;

    say(format!("chain file     {}", command.output.display()));
    for address in &command.addresses {
        say(format!("boot node      {address}/p2p/{peer_id}"));
    }
    if command.addresses.is_empty() {
        say("boot node      none named (--address): those who join need --bootnodes ADDRESS, or mDNS on one LAN");
    }
    if matches!(origin, Origin::Found) {
        say("It begins with keys that were there. A key that is used in two networks signs in both.");
    }
    say("");
    say("Give the chain file to everybody who is to join. Start the network:");
    say("");
    let base = match &command.base_path {
        Some(path) => format!(" --base-path {}", path.display()),
        None => String::new(),
    };
    say(format!(
        "    doin-node --chain {}{base} --validator",
        command.output.display()
    ));
    Ok(())
}

/// The preset with this founder in the place of the development accounts.
fn founded_by(mut preset: Value, founder: &AccountId, keys: &SessionKeys) -> Value {
    let changes = json!({
        "balances": { "balances": [[founder, FOUNDERS_COIN]] },
        "session": { "keys": [[founder, founder, keys]] },
        "sudo": { "key": founder },
        "proofOfOptimization": { "parameters": { "minimumAuthorities": 1 } },
        "reputation": { "accounts": [[founder, "10000000000000000000"]] },
        "quorum": { "evaluators": [[0, founder]] },
    });
    sc_chain_spec::json_patch::merge(&mut preset, changes);
    if let Some(domains) = preset["domains"]["domains"].as_array_mut() {
        for domain in domains {
            domain["owner"] = json!(founder.to_ss58check());
        }
    }
    preset
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_core::{ed25519, sr25519};
    use sp_runtime::BuildStorage;

    #[test]
    fn the_founder_takes_the_place_of_every_development_account() {
        let founder = AccountId::new([5; 32]);
        let keys = SessionKeys {
            doin: sr25519::Public::from_raw([6; 32]).into(),
            grandpa: ed25519::Public::from_raw([7; 32]).into(),
        };
        for name in [
            genesis::TESTNET_PRESET,
            sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
        ] {
            let preset = serde_json::from_slice(&genesis::preset(&name.into()).unwrap()).unwrap();
            let patch = founded_by(preset, &founder, &keys);
            let text = patch.to_string();
            for who in sp_keyring::Sr25519Keyring::iter() {
                assert!(
                    !text.contains(&who.to_account_id().to_ss58check()),
                    "{who} has a part in {name}"
                );
            }
            let mut whole = serde_json::to_value(doin_runtime::RuntimeGenesisConfig::default()).unwrap();
            sc_chain_spec::json_patch::merge(&mut whole, patch);
            let configuration: doin_runtime::RuntimeGenesisConfig = serde_json::from_value(whole).unwrap();
            assert_eq!(
                configuration.session.keys,
                [(founder.clone(), founder.clone(), keys.clone())]
            );
            assert_eq!(configuration.sudo.key, Some(founder.clone()));
            assert_eq!(configuration.quorum.evaluators, [(0, founder.clone())]);
            configuration.build_storage().unwrap();
        }
    }
}

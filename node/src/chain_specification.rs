//! The chains a node can join: built-in ones by name, and files.

use doin_primitives::Block;
use sc_chain_spec::ChainSpecExtension;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a chain specification carries for the client beside genesis.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase", default)]
pub struct Extensions {
    /// Checkpoints: at these numbers only these blocks are accepted.
    pub fork_blocks: sc_client_api::ForkBlocks<Block>,
    /// Blocks that are never accepted.
    pub bad_blocks: sc_client_api::BadBlocks<Block>,
    /// Where the specification was read; no part of it.
    #[serde(skip)]
    pub origin: Origin,
}

/// Where a chain specification comes from.
#[derive(Default, Clone, Debug, PartialEq)]
pub enum Origin {
    /// From the preset of this binary's runtime: its genesis is another one after every change of the runtime.
    #[default]
    Preset,
    /// From a file, or from the one that is built in, with a fixed genesis: as `--chain` names it.
    File(String),
}

/// A chain specification.
pub type ChainSpecification = sc_service::GenericChainSpec<Extensions>;

/// The built-in chains, as `--chain` names them.
pub const BUILT_IN: [&str; 4] = ["dev", "local", "testnet", "new-testnet"];

/// The testnet: its genesis is the runtime that it began with, whatever runtime this binary is built with.
const TESTNET: &[u8] = include_bytes!("../../chain-specs/testnet.json");

/// What [`build`] begins with, before its genesis is named.
fn begin(
    name: &str,
    id: &str,
    kind: sc_chain_spec::ChainType,
) -> Result<sc_chain_spec::ChainSpecBuilder<Extensions>, String> {
    let code = doin_runtime::WASM_BINARY.ok_or(
        "this binary was built without the runtime (SKIP_WASM_BUILD was set); build it again without that, or give \
         --chain a raw chain specification file",
    )?;
    let mut properties = sc_chain_spec::Properties::new();
    properties.insert("tokenSymbol".into(), "DOIN".into());
    properties.insert("tokenDecimals".into(), 12.into());
    properties.insert("ss58Format".into(), 42.into());
    Ok(ChainSpecification::builder(code, Extensions::default())
        .with_name(name)
        .with_id(id)
        .with_chain_type(kind)
        .with_protocol_id("doin")
        .with_properties(properties))
}

fn build(name: &str, id: &str, preset: &str, kind: sc_chain_spec::ChainType) -> Result<ChainSpecification, String> {
    Ok(begin(name, id, kind)?.with_genesis_config_preset_name(preset).build())
}

/// A new network with this genesis, as changes to the runtime's default one.
///
/// # Errors
///
/// This binary has no runtime.
pub fn founded(
    name: &str,
    id: &str,
    kind: sc_chain_spec::ChainType,
    patch: serde_json::Value,
    boot_nodes: Vec<sc_network::config::MultiaddrWithPeerId>,
) -> Result<ChainSpecification, String> {
    let specification = begin(name, id, kind)?.with_genesis_config_patch(patch);
    Ok(specification.with_boot_nodes(boot_nodes).build())
}

/// The specification that `--chain` names: a built-in chain, or the path of a file. Nothing means the testnet;
/// `new-testnet` is a testnet that begins with this binary's runtime, from which `make chain-specs` writes the file.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
    use sc_chain_spec::ChainType;
    let from_file = |specification: Result<ChainSpecification, String>, name: &str| {
        specification.map(|mut specification| {
            specification.extensions_mut().origin = Origin::File(name.into());
            specification
        })
    };
    let specification = match id {
        "dev" => build(
            "DOIN development",
            "doin_dev",
            sp_genesis_builder::DEV_RUNTIME_PRESET,
            ChainType::Development,
        )?,
        "local" => build(
            "DOIN local testnet",
            "doin_local",
            sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
            ChainType::Local,
        )?,
        "" | "testnet" => {
            let testnet = ChainSpecification::from_json_bytes(TESTNET);
            from_file(
                testnet.map_err(|error| format!("chain-specs/testnet.json: {error}")),
                "testnet",
            )?
        }
        "new-testnet" => build(
            "DOIN testnet",
            "doin_testnet",
            doin_runtime::genesis::TESTNET_PRESET,
            ChainType::Live,
        )?,
        path => {
            let path = Path::new(path);
            if !path.exists() {
                return Err(format!(
                    "the chain specification `{}` does not exist: --chain takes a file or one of {}",
                    path.display(),
                    BUILT_IN.join(", ")
                ));
            }
            let read = ChainSpecification::from_json_file(path.to_path_buf())
                .map_err(|error| format!("the file `{}` is not a chain specification: {error}", path.display()));
            let specification = from_file(read, id)?;
            check(&specification).map_err(|problem| format!("the file `{}`: {problem}", path.display()))?;
            specification
        }
    };
    Ok(Box::new(specification))
}

/// Refuses names that would do something else than name: the chain's folder has its id for a name, and whoever wrote the
/// file could have this node write, and `purge-chain` remove, any other one.
fn check(specification: &ChainSpecification) -> Result<(), String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let id = sc_service::ChainSpec::id(specification);
    if id.is_empty() || id.len() > 64 || !id.chars().all(is_plain) {
        return Err(format!(
            "the chain's id {id:?} must be 1 to 64 letters, digits, `_` and `-`: a folder is named by it"
        ));
    }
    let name = sc_service::ChainSpec::name(specification);
    if name.chars().any(char::is_control) {
        return Err(format!("the chain's name {name:?} must not hold control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(id: &str, name: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("chain.json");
        let file = json!({
            "id": id, "name": name, "chainType": "Live", "bootNodes": [],
            "genesis": { "raw": { "top": {}, "childrenDefault": {} } },
        });
        std::fs::write(&path, file.to_string()).expect("it can be written");
        load(&path.to_string_lossy()).map(|specification| specification.id().into())
    }

    #[test]
    fn a_chain_file_leads_to_no_folder_but_its_own() {
        let long = "x".repeat(65);
        for id in [
            "../../evil",
            "/etc",
            "..",
            ".",
            "",
            "a/b",
            "a b",
            "a\\b",
            "ä",
            "a\n",
            &long,
        ] {
            let error = read(id, "Theirs").unwrap_err();
            assert!(
                error.contains("chain.json") && error.contains("the chain's id"),
                "{error}"
            );
            assert!(!error.contains('\n'), "{error}");
        }
        for id in ["example", "doin_dev", "Rococo-2"] {
            assert_eq!(read(id, "Größe 1 (test)"), Ok(id.into()));
        }
    }

    #[test]
    fn a_chain_file_does_not_write_on_the_terminal_as_it_likes() {
        let error = read("example", "\u{1b}[2Jnothing to see").unwrap_err();
        assert!(
            error.contains("control characters") && !error.contains('\u{1b}'),
            "{error}"
        );
    }

    #[test]
    fn the_built_in_chains_are_named_as_files_may_be() {
        for id in BUILT_IN {
            let specification = load(id).expect("built in");
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            assert!(specification.id().chars().all(is_plain), "{}", specification.id());
        }
    }
}

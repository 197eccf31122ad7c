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
            from_file(read, id)?
        }
    };
    Ok(Box::new(specification))
}

//! The chain that a command is about, and a node that runs it.

use super::{account::Chain, connection::Connection, files::Home, options::Place};
use crate::{chain_specification, command_line::CommandLine};
use doin_primitives::{Block, Hash};
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_cli::SubstrateCli;
use sc_service::{config::ExecutorConfiguration, BasePath};
use sp_runtime::traits::Block as _;
use std::{path::PathBuf, sync::Arc};

/// A node whose best block is so many times the longest pause between blocks old does not follow the network.
const STALE: u64 = 10;

/// The chain that a command is about.
pub(super) struct Target {
    /// As `--chain` names it.
    pub(super) argument: String,
    /// Its identifier, which its folder is called by.
    pub(super) id: String,
    pub(super) name: String,
    specification: Box<dyn sc_service::ChainSpec>,
}

impl Target {
    pub(super) fn of(place: &Place, line: &CommandLine) -> Result<Self, String> {
        let argument = place.shared.chain_id(place.shared.is_dev());
        let specification = line.load_spec(&argument)?;
        Ok(Self {
            id: specification.id().into(),
            name: specification.name().into(),
            argument: if argument.is_empty() {
                "testnet".into()
            } else {
                argument
            },
            specification,
        })
    }

    /// Where this machine has its files.
    pub(super) fn home(&self, place: &Place) -> Result<Home, String> {
        Home::open(
            place.shared.base_path.as_deref(),
            &self.id,
            &place.keystore,
            place.dry_run,
        )
    }

    /// The folder of this machine's node in this chain, which need not be there.
    pub(super) fn folder(&self, place: &Place) -> PathBuf {
        let base = match &place.shared.base_path {
            Some(path) => BasePath::new(path),
            None => BasePath::from_project("", "", &CommandLine::executable_name()),
        };
        base.config_dir(&self.id)
    }

    /// The hash of its first block.
    fn genesis(&self) -> Result<Hash, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("the genesis of `{}`: {error}", self.argument);
        let storage = self.specification.as_storage_builder().build_storage()?;
        let executor =
            sc_service::new_wasm_executor::<sp_io::SubstrateHostFunctions>(&ExecutorConfiguration::default());
        let backend = Arc::new(sc_client_api::in_mem::Backend::<Block>::new());
        GenesisBlockBuilder::<Block, _, _>::new_with_storage(storage, false, backend, executor)
            .and_then(|builder| builder.build_genesis_block())
            .map(|(block, _)| block.hash())
            .map_err(|error| wrong(&error))
    }

    /// Whether its genesis is fixed in a file, rather than that of this binary's runtime.
    fn is_fixed(&self) -> bool {
        let origin = sc_chain_spec::get_extension::<chain_specification::Origin>(self.specification.extensions());
        !matches!(origin, None | Some(chain_specification::Origin::Preset))
    }

    /// Connects to the node, which must run this chain and follow the network.
    pub(super) async fn connect(&self, url: &str) -> Result<(Connection, Chain), String> {
        let node = Connection::open(url)
            .await
            .map_err(|error| format!("no node answers at {url} ({error}): start it, or name its address with --rpc"))?;
        let wanted = self.genesis()?;
        let found = node.block_hash(0).await?;
        // A preset's chain may have begun with another release's runtime.
        let same = found == Some(wanted) || (!self.is_fixed() && node.chain().await? == self.name);
        if !same {
            return Err(format!(
                "the node at {url} runs another chain: {} with genesis {:?}, but `{}` has genesis {wanted:?}: give --chain \
                 what the node was started with, or --rpc the address of the right node",
                node.chain().await?,
                found.unwrap_or_default(),
                self.argument
            ));
        }
        let chain = Chain::read(&node).await?;
        check_synchronized(&node, &chain).await?;
        Ok((node, chain))
    }
}

/// What is read of a chain that is still being fetched is old.
async fn check_synchronized(node: &Connection, chain: &Chain) -> Result<(), String> {
    let health = node.health().await?;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let slot_duration = u128::from(chain.parameters.slot_duration.max(1));
    let slot = u64::try_from(now / slot_duration).unwrap_or(u64::MAX);
    let behind = slot.saturating_sub(chain.status.slot);
    if health.is_syncing || (behind > chain.parameters.idle_slots.saturating_mul(STALE) && chain.number > 0) {
        return Err(format!(
            "the node at {} is not synchronized: its best block is number {}, {} old, and it has {} peers. Wait until it has \
             caught up; without peers see --bootnodes",
            node.url(),
            chain.number,
            chain.duration(behind),
            health.peers
        ));
    }
    if chain.number == 0 {
        return Err(format!(
            "the chain of the node at {} has no block yet, and the node has {} peers: give it a boot node (--bootnodes), or, \
             where the network is new, start its first authority (--validator)",
            node.url(),
            health.peers
        ));
    }
    Ok(())
}

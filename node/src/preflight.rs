//! Checks that would otherwise fail deep inside the start, with a message that does not say what to do.

use crate::configuration::NodeConfiguration;
use codec::Decode;
use doin_runtime::Runtime;
use doin_worker::OperatorKeys;
use frame_support::storage::StoragePrefixedMap;
use sc_keystore::LocalKeystore;
use sc_service::{config::KeystoreConfig, Configuration};
use sp_core::storage::Storage;
use std::{
    fs::File,
    io,
    net::{SocketAddr, TcpListener},
    os::fd::AsRawFd,
    path::Path,
    sync::Arc,
};

/// Checks that the ports of the configuration are free. The SDK would take a random port for RPC instead of the
/// default one, and start without a listener where the network's port is taken: a person would look for the node at
/// the wrong place.
pub fn ports_are_free(configuration: &Configuration) -> Result<(), String> {
    for address in &configuration.network.listen_addresses {
        let parts: Vec<String> = address.to_string().split('/').map(str::to_owned).collect();
        if let [_, family, host, transport, port, ..] = parts.as_slice() {
            if (family == "ip4" || family == "ip6") && transport == "tcp" {
                let host = if family == "ip6" {
                    format!("[{host}]")
                } else {
                    host.clone()
                };
                if let Ok(address) = format!("{host}:{port}").parse::<SocketAddr>() {
                    is_free(address, "the network", "--port")?;
                }
            }
        }
    }
    if let Some(endpoints) = &configuration.rpc.addr {
        for endpoint in endpoints.iter().filter(|endpoint| !endpoint.is_optional) {
            is_free(endpoint.listen_addr, "RPC", "--rpc-port")?;
        }
    }
    if let Some(prometheus) = &configuration.prometheus_config {
        is_free(prometheus.port, "metrics", "--prometheus-port (or --no-prometheus)")?;
    }
    Ok(())
}

/// Checks that no node has the database open. To remove it would take the chain, and the worker's open commits, from under
/// the node, which goes on with files that nobody else sees.
///
/// # Errors
///
/// A process has it open.
pub fn nobody_has_it_open(database: &Path) -> Result<(), String> {
    // What cannot be opened here cannot be removed either, or is not there.
    let Ok(file) = File::options().read(true).write(true).open(database.join("LOCK")) else {
        return Ok(());
    };
    // As RocksDB takes it.
    let mut lock = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    // SAFETY: the descriptor is open, and the structure is the kernel's to read and write for the time of the call.
    let status = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETLK, &mut lock) };
    if status == 0 && lock.l_type != libc::F_UNLCK as libc::c_short {
        return Err(format!(
            "a node has the database {} open (process {}): stop it first",
            database.display(),
            lock.l_pid
        ));
    }
    Ok(())
}

/// Checks that the chain knows the roles' domains and that the keystore has their accounts, where that can be told before
/// a database is made: a start that is refused should leave nothing behind. Where there is a database already, the worker
/// finds out from the chain itself.
pub fn roles_can_be_played(configuration: &Configuration, node: &NodeConfiguration) -> Result<(), String> {
    let is_new = configuration.database.path().is_some_and(|path| !path.exists());
    if !node.worker.has_roles() || !is_new {
        return Ok(());
    }
    let names = domains_at_genesis(&configuration.chain_spec.as_storage_builder().build_storage()?);
    // A runtime whose storage is another one is asked later.
    if !names.is_empty() {
        doin_worker::check_domains(&node.worker, &names).map_err(|error| error.to_string())?;
    }
    let keystore = match &configuration.keystore {
        KeystoreConfig::Path { path, password } if path.exists() => LocalKeystore::open(path, password.clone())
            .map_err(|error| format!("the keystore {} cannot be opened: {error}", path.display()))?,
        _ => LocalKeystore::in_memory(),
    };
    doin_worker::check_accounts(&node.worker, &OperatorKeys::new(Arc::new(keystore))).map_err(|error| error.to_string())
}

/// The names of the domains in a genesis state.
fn domains_at_genesis(genesis: &Storage) -> Vec<Vec<u8>> {
    const HASH: usize = 16;
    let prefix = pallet_domains::Names::<Runtime>::final_prefix();
    let names = genesis.top.keys().filter_map(|key| key.strip_prefix(&prefix[..]));
    names
        .filter_map(|key| Vec::<u8>::decode(&mut key.get(HASH..)?).ok())
        .collect()
}

fn is_free(address: SocketAddr, purpose: &str, option: &str) -> Result<(), String> {
    if address.port() == 0 {
        return Ok(());
    }
    match TcpListener::bind(address) {
        Err(error) if is_about_the_port(&error) => Err(format!(
            "port {} for {purpose} cannot be used ({error}); choose another with {option}",
            address.port()
        )),
        _ => Ok(()),
    }
}

/// Whether another port would help. A machine without IPv6, for one, has nothing against the port: the node listens where
/// it can.
fn is_about_the_port(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    matches!(error.kind(), AddrInUse | AddrNotAvailable | PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_open_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(nobody_has_it_open(folder.path()), Ok(()), "there is none");
        let held = File::create(folder.path().join("LOCK")).unwrap();
        assert_eq!(nobody_has_it_open(folder.path()), Ok(()), "nobody holds it");
        let mut lock = libc::flock {
            l_type: libc::F_WRLCK as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: 0,
            l_len: 0,
            l_pid: 0,
        };
        // A lock of the file and not of the process, which is seen from this one, too.
        // SAFETY: as above.
        assert_eq!(
            unsafe { libc::fcntl(held.as_raw_fd(), libc::F_OFD_SETLK, &mut lock) },
            0
        );
        let error = nobody_has_it_open(folder.path()).unwrap_err();
        assert!(error.contains("stop it first"), "{error}");
        drop(held);
        assert_eq!(nobody_has_it_open(folder.path()), Ok(()), "it was let go");
    }

    #[test]
    fn the_domains_of_a_genesis_are_found() {
        let preset = doin_runtime::genesis::preset(&sp_genesis_builder::DEV_RUNTIME_PRESET.into()).unwrap();
        let mut whole = serde_json::to_value(doin_runtime::RuntimeGenesisConfig::default()).unwrap();
        sc_chain_spec::json_patch::merge(&mut whole, serde_json::from_slice(&preset).unwrap());
        let genesis: doin_runtime::RuntimeGenesisConfig = serde_json::from_value(whole).unwrap();
        let genesis = sp_runtime::BuildStorage::build_storage(&genesis).unwrap();
        assert_eq!(domains_at_genesis(&genesis), [b"quadratic".to_vec()]);
    }

    #[test]
    fn a_port_in_use_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = is_free(address, "RPC", "--rpc-port").unwrap_err();
        assert!(error.contains(&address.port().to_string()), "{error}");
        assert!(error.contains("--rpc-port"), "{error}");
        drop(taken);
        assert_eq!(is_free(address, "RPC", "--rpc-port"), Ok(()));
    }

    #[test]
    fn a_machine_without_ipv6_is_no_reason_to_stop() {
        // EAFNOSUPPORT, EADDRINUSE and EACCES of Linux.
        let blocks = |code| is_about_the_port(&io::Error::from_raw_os_error(code));
        assert!(!blocks(97));
        assert!(blocks(98) && blocks(13));
    }
}

//! Checks that would otherwise fail deep inside the start, with a message that does not say what to do.

use sc_service::Configuration;
use std::net::{SocketAddr, TcpListener};

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

fn is_free(address: SocketAddr, purpose: &str, option: &str) -> Result<(), String> {
    if address.port() == 0 {
        return Ok(());
    }
    TcpListener::bind(address).map(drop).map_err(|error| {
        format!(
            "port {} for {purpose} cannot be used ({error}); choose another with {option}",
            address.port()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

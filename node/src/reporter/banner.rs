//! The banner at the start: what this node is and where to reach it.

use super::LOG_TARGET;
use crate::configuration::NodeConfiguration;
use doin_primitives::Hash;
use sc_service::Configuration;

/// What the banner says, taken from the configuration before the service swallows it.
pub struct Banner {
    lines: Vec<String>,
}

impl Banner {
    /// Collects the lines.
    pub fn of(configuration: &Configuration, node: &NodeConfiguration, genesis: Hash) -> Self {
        let mut lines = vec![format!(
            "DOIN {} · {} ({}) · genesis {genesis:?}",
            env!("CARGO_PKG_VERSION"),
            configuration.chain_spec.name(),
            configuration.chain_spec.id(),
        )];
        let rpc = configuration
            .rpc
            .addr
            .as_ref()
            .and_then(|addresses| addresses.first())
            .map(|endpoint| endpoint.listen_addr);
        if let Some(address) = rpc {
            lines.push(format!("  RPC        ws://{address} and http://{address}"));
            lines.push(format!("  explorer   https://polkadot.js.org/apps/?rpc=ws://{address}"));
        }
        if let Some(prometheus) = &configuration.prometheus_config {
            lines.push(format!("  metrics    http://{}/metrics", prometheus.port));
        }
        lines.push(format!("  data       {}", configuration.base_path.path().display()));
        lines.push(format!(
            "  authoring  {}",
            if configuration.role.is_authority() {
                "yes, with the session keys of the keystore"
            } else {
                "no"
            }
        ));
        if node.worker.has_roles() {
            for (name, roles) in &node.worker.domains {
                let mut parts = Vec::new();
                if let Some(optimize) = &roles.optimize {
                    parts.push(format!("optimizes as {}", optimize.account));
                }
                if let Some(evaluate) = &roles.evaluate {
                    let accounts: Vec<String> = evaluate.accounts.iter().map(ToString::to_string).collect();
                    parts.push(format!("evaluates as {}", accounts.join(", ")));
                }
                if roles.serve {
                    parts.push("answers queries".into());
                }
                lines.push(format!("  domain     {name}: {}", parts.join("; ")));
            }
        } else {
            lines.push("  domains    none: this node only relays (see --config)".into());
        }
        Self { lines }
    }

    /// Logs the lines.
    pub fn print(&self) {
        for line in &self.lines {
            log::info!(target: LOG_TARGET, "{line}");
        }
    }
}

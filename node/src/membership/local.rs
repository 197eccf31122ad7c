//! A domain on this machine, as the node would run it, without the node.

use doin_domains::{Compute, Domain};
use doin_plugins::Launcher;
use doin_primitives::domain::DomainSpecification;
use doin_worker::{config::WorkerConfiguration, Artifacts};
use std::{path::Path, sync::Arc};

/// The domain of this specification as a node with this configuration would run it. `folder` is the node's, which plugins
/// never get to see.
pub(super) fn instantiate(
    worker: &WorkerConfiguration,
    specification: &DomainSpecification,
    folder: &Path,
    artifacts: Arc<dyn Artifacts>,
) -> Result<Arc<dyn Domain>, String> {
    // Without a configuration nobody has chosen a device.
    let compute = match worker == &WorkerConfiguration::default() {
        true => Compute::cpu(),
        false => doin_worker::open_compute(worker).map_err(|error| error.to_string())?,
    };
    let launcher = Launcher::this_program(vec![folder.to_path_buf()]);
    let factory = doin_worker::all_domains(Arc::new(compute), artifacts, worker, launcher);
    let name = String::from_utf8_lossy(&specification.name);
    let role = worker.domains.get(&*name).and_then(|roles| roles.optimize.as_ref());
    factory(specification, role).map_err(|error| error.to_string())
}

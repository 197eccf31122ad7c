//! `doin-node register-domain`: tries a domain on this machine first, so that what the chain is told of it is measured.

mod description;
#[cfg(test)]
mod tests;
mod trial;

use super::{
    account::{existential_deposit, Chain, Standing},
    block_on, coin,
    connection::Connection,
    local,
    options::{Place, RegisterDomainCommand, DEFAULT_RPC},
    say,
    signer::signer,
    submission::{self, Signer},
    target::Target,
};
use crate::{command_line::CommandLine, configuration::NodeConfiguration};
use codec::Encode;
use description::{unsigned, Description, NamedFiles};
use doin_artifacts::{ArtifactError, ArtifactStore};
use doin_domains::{fixed_to_metric, Domain};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{DomainId, DomainSpecification},
    math::to_signed,
    Balance, Metric,
};
use doin_runtime::{Runtime, RuntimeCall};
use doin_worker::{config::WorkerConfiguration, Artifacts, Kept};
use frame_support::traits::Get;
use pallet_transaction_payment::RuntimeDispatchInfo;
use sp_core::crypto::Ss58Codec;
use sp_runtime::FixedU128;
use std::{path::Path, sync::Arc};
use trial::{try_out, Trial};

/// What a signed transaction has beside its call, in bytes, about.
const SIGNATURE_BYTES: usize = 150;

/// Runs `doin-node register-domain`.
///
/// # Errors
///
/// One line that says what is wrong with the description, the domain, or the transaction.
pub fn run(command: &RegisterDomainCommand, line: &CommandLine) -> Result<(), String> {
    let place = &command.place;
    let target = Target::of(place, line)?;
    let at = |problem: String| format!("{}: {problem}", command.file.display());
    let (description, files) = Description::read(&command.file).map_err(at)?;
    let worker = match &command.config {
        Some(path) => NodeConfiguration::from_file(path)?.worker,
        None => WorkerConfiguration::default(),
    };
    let base_weight = command
        .approve
        .map(|weight| unsigned("--approve", weight))
        .transpose()?;
    let signer = signer(place, command.suri_file.as_deref(), &target)?;
    let folder = target.folder(place);
    block_on(async {
        let (node, chain) = target.connect(place.rpc.as_deref().unwrap_or(DEFAULT_RPC)).await?;
        if base_weight.is_some() {
            check_root(&node, &chain, &signer).await?;
        }
        let mut specification = description.specification(&chain).map_err(at)?;
        say(format!(
            "trying {} on this machine; nothing is sent yet",
            description.name
        ));
        let domain = instantiate(&worker, &specification, &folder, &files).map_err(at)?;
        let parameters_bytes = domain.metadata().parameters_bytes;
        specification.maximum_artifact_size = description.maximum_artifact_size(parameters_bytes).map_err(at)?;
        let bytes = domain.baseline();
        if instantiate(&worker, &specification, &folder, &files)
            .map_err(at)?
            .baseline()
            != bytes
        {
            return Err(at(
                "the baseline is another one each time: every node must come to the same".into(),
            ));
        }
        let season = specification.season(chain.status.slot);
        let trial = try_out(&*domain, &specification, season, say).map_err(at)?;
        drop(domain);
        let noise = description.paired_noise.or(trial.paired_noise).ok_or_else(|| {
            at("no round of search has improved on the baseline, so that the noise of pairs cannot be measured: let the \
                search find more, or say \"paired_noise\" yourself"
                .into())
        })?;
        specification.paired_noise = unsigned("paired_noise", noise).map_err(at)?;
        let tolerance = description.absolute_tolerance.unwrap_or(trial.absolute_tolerance);
        specification.absolute_tolerance = unsigned("absolute_tolerance", tolerance).map_err(at)?;
        let baseline = ArtifactReference::of(&bytes);
        tell(&specification, baseline, &trial, &chain);
        store(&folder, place, &bytes, &files)?;

        let deposit = <Runtime as pallet_domains::Config>::RegistrationDeposit::get();
        let register = registration(specification, baseline, trial.metric);
        let fee = fee(&node, &chain, &register).await?;
        let (owner, name) = (signer.account.to_ss58check(), &description.name);
        say(format!(
            "deposit        {}, on hold until the domain is closed",
            coin::words(deposit)
        ));
        say(format!("fee            {}", coin::words(fee)));
        if place.dry_run {
            say(format!("→ would register {name} for {owner}"));
            return Ok(());
        }
        check_funds(&node, &chain, &signer, deposit.saturating_add(fee)).await?;
        let sent = submission::include(&node, &signer, register).await?;
        let block = sent.block;
        let id = number_of(&node, name).await?;
        say(format!(
            "→ registered {name} as domain {id} of {owner}: in block {block:?}"
        ));
        let mut included = vec![sent];
        match base_weight {
            Some(base_weight) => {
                let sent = submission::include(&node, &signer, approval(id, base_weight)).await?;
                let block = sent.block;
                included.push(sent);
                let weight = weight_of(&node, name).await?;
                if weight != Some(base_weight) {
                    return Err(format!(
                        "the approval had no effect: the domain's weight is {}. A domain without synthetic data has none",
                        decimal(weight.unwrap_or_default())
                    ));
                }
                let weight = decimal(base_weight);
                say(format!("→ approved it with the weight {weight}: in block {block:?}"));
            }
            None => say(
                "It runs at once, but mints nothing and earns no reputation until root approves it (domains.approve; root: \
                 --approve WEIGHT)",
            ),
        }
        for sent in included {
            submission::finalize(sent).await?;
        }
        say("All of it is final. Nodes that have the domain in their configuration begin to work on it.");
        Ok(())
    })
}

/// The domain as a node with this configuration would run it.
fn instantiate(
    worker: &WorkerConfiguration,
    specification: &DomainSpecification,
    folder: &Path,
    files: &NamedFiles,
) -> Result<Arc<dyn Domain>, String> {
    let domain = local::instantiate(worker, specification, folder, Arc::new(FilesAtHand(files.clone())))?;
    match domain.files().iter().find(|file| !files.contains_key(&file.root)) {
        Some(file) => Err(format!(
            "the model names the data {:?} ({} bytes) by their address: name them by {{\"file\": \"PATH\"}} instead, so that \
             they can be tried",
            file.root, file.size
        )),
        None => Ok(domain),
    }
}

/// The files that the description names, in the place of a node's store.
struct FilesAtHand(NamedFiles);

impl Artifacts for FilesAtHand {
    fn get(&self, artifact: ArtifactReference) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(&artifact.root).map(|(_, bytes)| bytes.clone()))
    }

    fn put(&self, parameters: &[u8]) -> Result<ArtifactReference, String> {
        Ok(ArtifactReference::of(parameters))
    }

    fn keep(&self, _: &Kept) -> Result<bool, String> {
        Ok(true)
    }
}

/// What the trial has shown, for people.
fn tell(specification: &DomainSpecification, baseline: ArtifactReference, trial: &Trial, chain: &Chain) {
    say(format!(
        "baseline       {} bytes, metric {:.6}, address {:?}",
        baseline.size,
        fixed_to_metric(trial.metric),
        baseline.root
    ));
    if let Some(gain) = trial.gain {
        say(format!(
            "search         gains {gain:.4} in units of the metric scale, on unseen data"
        ));
    }
    say(format!("paired noise   {}", decimal(specification.paired_noise)));
    say(format!(
        "tolerance      {}, absolute, or {:?} of the metric",
        decimal(specification.absolute_tolerance),
        specification.relative_tolerance
    ));
    // An evaluator measures twice, and may have seats in other domains.
    let slots = u64::from(specification.deadlines.vote_commit);
    let allowed = slots.saturating_mul(chain.parameters.slot_duration);
    let takes = trial.evaluation.as_millis().saturating_mul(4);
    say(format!("evaluation     takes {:?} here", trial.evaluation));
    if takes > u128::from(allowed) {
        say(format!(
            "· evaluators have {} to measure twice: give the domain longer \"deadlines\"",
            chain.duration(slots)
        ));
    }
}

/// For people: the nearest floating-point number.
fn decimal(value: FixedU128) -> f64 {
    fixed_to_metric(to_signed(value))
}

/// Puts the baseline and the named files into this machine's store, where there is one that no node has open: other nodes
/// get them from there.
fn store(folder: &Path, place: &Place, baseline: &[u8], files: &NamedFiles) -> Result<(), String> {
    let folder = folder.join("worker").join("artifacts");
    let shown = folder.display();
    let running = format!(
        "store          {} puts the baseline there itself when it begins with the domain",
        match folder.exists() {
            true => "a node has it open, and",
            false => "the node",
        }
    );
    if place.dry_run || !folder.exists() {
        say(running);
    } else {
        // The quota is the running node's matter: nothing is thrown away here.
        match ArtifactStore::open(&folder, u64::MAX) {
            Err(ArtifactError::InUse(_)) => say(running),
            Err(error) => return Err(error.to_string()),
            Ok(store) => {
                for bytes in std::iter::once(baseline).chain(files.values().map(|(_, bytes)| &bytes[..])) {
                    store.put(bytes).map_err(|error| error.to_string())?;
                }
                say(format!(
                    "store          the baseline and {} files are in {shown}",
                    files.len()
                ));
            }
        }
    }
    for (root, (path, bytes)) in files {
        say(format!(
            "file           {}, {} bytes, address {root:?}: name it in \"files\" of one node's configuration",
            path.display(),
            bytes.len()
        ));
    }
    Ok(())
}

async fn check_root(node: &Connection, chain: &Chain, signer: &Signer<'_>) -> Result<(), String> {
    let key = pallet_sudo::Key::<Runtime>::hashed_key().to_vec();
    let root: Option<doin_primitives::AccountId> = node.storage(key, chain.hash).await?;
    match root {
        Some(root) if root == signer.account => Ok(()),
        Some(root) => Err(format!(
            "--approve: root of this chain is {}, not {}; leave --approve away, and ask root to approve the domain",
            root.to_ss58check(),
            signer.account.to_ss58check()
        )),
        None => Err("--approve: this chain has no root (sudo); leave --approve away".into()),
    }
}

async fn check_funds(node: &Connection, chain: &Chain, signer: &Signer<'_>, needed: Balance) -> Result<(), String> {
    let standing = Standing::read(node, chain, &signer.account).await?;
    let needed = needed.saturating_add(existential_deposit());
    if standing.free >= needed {
        return Ok(());
    }
    let (account, missing) = (
        signer.account.to_ss58check(),
        coin::words(needed.saturating_sub(standing.free)),
    );
    Err(format!(
        "account {account} has {} to spend, and needs {}: ask whoever gives coin on this network (doin-node fund {account} \
         {}), then run this again",
        coin::words(standing.free),
        coin::words(needed),
        missing.trim_end_matches(" DOIN")
    ))
}

fn registration(
    specification: DomainSpecification,
    baseline: ArtifactReference,
    baseline_metric: Metric,
) -> RuntimeCall {
    RuntimeCall::Domains(pallet_domains::Call::register {
        specification: Box::new(specification),
        baseline,
        baseline_metric,
    })
}

fn approval(domain: DomainId, base_weight: FixedU128) -> RuntimeCall {
    let approve = RuntimeCall::Domains(pallet_domains::Call::approve { domain, base_weight });
    RuntimeCall::Sudo(pallet_sudo::Call::sudo {
        call: Box::new(approve),
    })
}

/// What the transaction costs at present, beside a deposit.
async fn fee(node: &Connection, chain: &Chain, call: &RuntimeCall) -> Result<Balance, String> {
    let length = call.encoded_size().saturating_add(SIGNATURE_BYTES);
    let parameters = (call, u32::try_from(length).unwrap_or(u32::MAX)).encode();
    let info: RuntimeDispatchInfo<Balance> = node
        .call("TransactionPaymentCallApi_query_call_info", parameters, chain.hash)
        .await?;
    Ok(info.partial_fee)
}

async fn number_of(node: &Connection, name: &str) -> Result<DomainId, String> {
    Ok(Chain::read(node).await?.domain(name)?.id)
}

async fn weight_of(node: &Connection, name: &str) -> Result<Option<FixedU128>, String> {
    Ok(Chain::read(node).await?.domain(name).ok().map(|info| info.weight))
}

//! The lines: one for each stage of an optimum, one for each optimization block.

use super::{metrics::Metrics, LOG_TARGET};
use crate::service::FullClient;
use codec::Decode;
use doin_primitives::{
    api::DoinApi, domain::DomainId, engine::OptimizationBlock, optimum::Outcome, quorum::Decision, Balance, Hash,
    Metric, DOIN,
};
use doin_runtime::{Runtime, RuntimeEvent};
use frame_system::EventRecord;
use sc_client_api::{StorageKey, StorageProvider};
use sp_api::ProvideRuntimeApi;
use sp_core::crypto::Ss58Codec;
use sp_runtime::FixedU128;

/// A metric with four decimals.
fn metric(value: Metric) -> String {
    format!("{:.4}", value.to_float())
}

/// An amount of work with four decimals.
fn work(value: FixedU128) -> String {
    format!("{:.4}", value.to_float())
}

/// An amount of coin in DOIN.
fn coin(amount: Balance) -> String {
    let whole = amount / DOIN;
    let rest = (amount % DOIN) / (DOIN / 10_000);
    if rest == 0 {
        format!("{whole} DOIN")
    } else {
        format!("{whole}.{rest:04} DOIN")
    }
}

/// The beginning of an address: enough to tell accounts apart.
fn short(who: &doin_primitives::AccountId) -> String {
    let address = who.to_ss58check();
    address.get(..8).map(|start| format!("{start}…")).unwrap_or(address)
}

/// The name of a domain at a block.
fn name(client: &FullClient, at: Hash, domain: DomainId) -> String {
    match client.runtime_api().domain(at, domain) {
        Ok(Some(information)) => String::from_utf8_lossy(&information.specification.name).into_owned(),
        _ => format!("domain {domain}"),
    }
}

/// The events of a block, as far as this binary's runtime can read them: after an upgrade it may not.
fn events(client: &FullClient, at: Hash) -> Vec<RuntimeEvent> {
    let key = StorageKey(frame_support::storage::storage_prefix(b"System", b"Events").to_vec());
    let records = client
        .storage(at, &key)
        .ok()
        .flatten()
        .and_then(|data| Vec::<Box<EventRecord<RuntimeEvent, Hash>>>::decode(&mut data.0.as_slice()).ok());
    if records.is_none() {
        log::debug!(target: LOG_TARGET, "the events of {at:?} cannot be read");
    }
    records
        .unwrap_or_default()
        .into_iter()
        .map(|record| record.event)
        .collect()
}

/// Reports the stages that the block brought.
pub fn report(client: &FullClient, at: Hash, metrics: &Option<Metrics>) {
    for event in events(client, at) {
        match event {
            RuntimeEvent::Optimae(event) => report_optimum(client, at, event, metrics),
            RuntimeEvent::Quorum(event) => report_quorum(event),
            RuntimeEvent::Domains(pallet_domains::Event::BestChanged { domain, new_metric, .. }) => {
                let name = name(client, at, domain);
                if let Some(metrics) = metrics {
                    metrics
                        .best_metric
                        .with_label_values(&[&name])
                        .set(new_metric.to_float());
                }
                log::info!(target: LOG_TARGET, "★ {name}: new best {}", metric(new_metric));
            }
            _ => {}
        }
    }
    if let (Some(metrics), Ok(status)) = (metrics, client.runtime_api().status(at)) {
        metrics.threshold.set(status.threshold.to_float());
        metrics.accumulated.set(status.accumulated.to_float());
    }
}

fn report_quorum(event: pallet_quorum::Event<Runtime>) {
    use pallet_quorum::Event;
    match event {
        Event::Drawn {
            optimum,
            round,
            evaluators,
            ..
        } => {
            let names: Vec<String> = evaluators.iter().map(short).collect();
            log::info!(target: LOG_TARGET, "  optimum {optimum}: round {round} drawn, judged by {}", names.join(" "));
        }
        Event::RevealsOpened { optimum, committed, .. } => {
            log::info!(target: LOG_TARGET, "  optimum {optimum}: {committed} votes committed");
        }
        Event::NoShow { optimum, evaluator, .. } => {
            log::info!(target: LOG_TARGET, "  optimum {optimum}: {} did not vote in time", short(&evaluator));
        }
        Event::VoteWithheld { optimum, evaluator, .. } => {
            log::info!(target: LOG_TARGET, "  optimum {optimum}: {} committed and did not reveal", short(&evaluator));
        }
        Event::RoundUndecided { optimum, revealed, .. } => {
            log::info!(target: LOG_TARGET, "  optimum {optimum}: no quorum among {revealed} votes, a second round");
        }
        Event::Decided {
            optimum,
            decision,
            agreeing,
            divergent,
            ..
        } => {
            let votes = format!("{} agree, {} diverge", agreeing.len(), divergent.len());
            match decision {
                Decision::Agreed {
                    candidate,
                    incumbent,
                    improvement,
                    required,
                    verdict,
                } => log::info!(
                    target: LOG_TARGET,
                    "  optimum {optimum}: {verdict:?}: {votes}; measured {} against {}, improvement {} of {} needed",
                    metric(candidate), metric(incumbent), metric(improvement), metric(required)
                ),
                other => log::info!(target: LOG_TARGET, "  optimum {optimum}: {other:?}: {votes}"),
            }
        }
        _ => {}
    }
}

/// The outcome in one word, for logs and metrics.
pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Unproven => "unproven",
        Outcome::Refuted => "refuted",
        Outcome::RefutedByAbsence => "refuted-by-absence",
        Outcome::Expired => "expired",
        Outcome::Superseded => "superseded",
    }
}

fn report_optimum(client: &FullClient, at: Hash, event: pallet_optimae::Event<Runtime>, metrics: &Option<Metrics>) {
    use pallet_optimae::Event;
    match event {
        Event::OptimumCommitted { optimizer, domain, .. } => {
            log::info!(target: LOG_TARGET, "· {}: {} committed to an optimum", name(client, at, domain), short(&optimizer));
        }
        Event::OptimumRevealed {
            optimum,
            domain,
            reported,
            ..
        } => {
            log::info!(target: LOG_TARGET, "· {}: optimum {optimum} revealed, claims {}", name(client, at, domain), metric(reported));
        }
        Event::OptimumEnded { optimum, outcome, .. } => {
            if let Some(metrics) = metrics {
                metrics.outcomes.with_label_values(&[outcome_name(outcome)]).inc();
            }
            log::info!(target: LOG_TARGET, "  optimum {optimum}: {}", outcome_name(outcome));
        }
        _ => {}
    }
}

/// Reports an optimization block.
pub fn report_optimization_block(client: &FullClient, at: Hash, made: &OptimizationBlock, metrics: &Option<Metrics>) {
    if let Some(metrics) = metrics {
        metrics.optimization_blocks.inc();
    }
    let best: Vec<String> = client
        .runtime_api()
        .domains(at)
        .unwrap_or_default()
        .into_iter()
        .filter(|domain| domain.weight != FixedU128::default())
        .map(|domain| {
            let best = domain
                .best_metric
                .map_or_else(|| "not measured this season".into(), metric);
            format!("{} {best}", String::from_utf8_lossy(&domain.specification.name))
        })
        .collect();
    log::info!(
        target: LOG_TARGET,
        "⛏ optimization block {}: Σ {} ≥ T {}, next T {}, reward {}, best: {}",
        made.height, work(made.accumulated), work(made.threshold), work(made.next_threshold), coin(made.reward), best.join(", ")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short_and_exact_enough() {
        assert_eq!(coin(50 * DOIN), "50 DOIN");
        assert_eq!(coin(50 * DOIN + DOIN / 4), "50.2500 DOIN");
        assert_eq!(metric(-Metric::from_rational(1, 3)), "-0.3333");
    }
}

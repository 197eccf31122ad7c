//! What is there, what is missing and what to do about it: decided here, done elsewhere.

use super::{
    account::{domain_name, existential_deposit, key_deposit, Chain, Standing},
    coin,
};
use doin_primitives::{api::DomainInfo, domain::DomainId, quorum::MAX_FIRST_ROUND, Balance, Reputation, MILLI_DOIN};
use pallet_proof_of_optimization::BondStatus;

/// With this reputation an account may stand for the set of authorities.
pub const REQUIRED_REPUTATION: Reputation = Reputation::from_u32(2);
/// What is kept for the fee of each transaction: ten times what it costs on an idle chain.
const FEE: Balance = 20 * MILLI_DOIN;

/// What the operator asks for.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// To search in these domains.
    pub optimize: Vec<DomainInfo>,
    /// To judge in these domains.
    pub evaluate: Vec<DomainInfo>,
    /// To be an authority.
    pub authority: bool,
    /// To have new session keys.
    pub rotate: bool,
}

/// A transaction that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Session keys are made and set.
    SetKeys,
    /// The bond of an authority is put on hold.
    Bond,
    /// The account becomes an evaluator of the domain of this number and name.
    Register(DomainId, String),
    /// The account leaves the set of authorities.
    Unbond,
    /// The bond of an authority is released.
    WithdrawBond,
    /// The account is no longer drawn in the domain.
    Deregister(DomainId, String),
    /// The bond of an evaluator is released.
    WithdrawEvaluatorBond(DomainId, String),
    /// The session keys are removed, which releases their deposit.
    PurgeKeys,
}

impl Step {
    /// What it does, in words.
    pub fn words(&self) -> String {
        match self {
            Step::SetKeys => "set new session keys (session.setKeys)".into(),
            Step::Bond => "bond as an authority (proofOfOptimization.bondAuthority)".into(),
            Step::Register(_, name) => format!("register as an evaluator of {name} (quorum.registerEvaluator)"),
            Step::Unbond => "leave the set of authorities (proofOfOptimization.unbondAuthority)".into(),
            Step::WithdrawBond => "withdraw the authority's bond (proofOfOptimization.withdrawAuthorityBond)".into(),
            Step::Deregister(_, name) => format!("stop being drawn in {name} (quorum.deregisterEvaluator)"),
            Step::WithdrawEvaluatorBond(_, name) => {
                format!("withdraw the evaluator's bond in {name} (quorum.withdrawEvaluatorBond)")
            }
            Step::PurgeKeys => "remove the session keys (session.purgeKeys)".into(),
        }
    }
}

/// What to do, and what to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is there already, and what has to wait.
    pub notes: Vec<String>,
    /// What is to be sent, in this order.
    pub steps: Vec<Step>,
    /// What the account needs for the steps, beside what it has on hold.
    pub needed: Balance,
    /// What it needs beyond that to publish optimae.
    pub working_funds: Balance,
    /// Whether something is left that has to wait: for reputation to be earned, for a seat to end, for a bond to be free.
    pub is_unfinished: bool,
}

impl Plan {
    fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    fn waits(&mut self, text: impl Into<String>) {
        self.is_unfinished = true;
        self.note(text);
    }

    fn step(&mut self, step: Step, hold: Balance) {
        self.needed = self.needed.saturating_add(hold).saturating_add(FEE);
        self.steps.push(step);
    }

    /// Whether the account has enough for the steps.
    pub fn is_affordable(&self, standing: &Standing) -> bool {
        standing.free >= self.needed
    }

    /// What to say where the account has too little for the steps or for its work.
    pub fn lack(&self, standing: &Standing, account: &str) -> Option<String> {
        let needed = self.needed.saturating_add(self.working_funds);
        (standing.free < needed).then(|| {
            let (has, needs) = (coin::words(standing.free), coin::words(needed));
            let missing = coin::words(needed.saturating_sub(standing.free));
            format!(
                "account {account} has {has} to spend, and needs {needs}: ask whoever gives coin on this network \
                 (doin-node fund {account} {}), then run this again",
                missing.trim_end_matches(" DOIN"),
            )
        })
    }
}

/// How to become a member. `holds_keys`: whether the account's present session keys are on this machine.
pub fn join(chain: &Chain, standing: &Standing, wishes: &Wishes, holds_keys: bool) -> Plan {
    let mut plan = Plan {
        needed: existential_deposit(),
        ..Plan::default()
    };
    if wishes.authority || wishes.rotate {
        plan_keys(&mut plan, chain, standing, wishes, holds_keys);
    }
    for domain in &wishes.evaluate {
        let name = domain_name(domain);
        match standing.registrations.get(&domain.id) {
            Some(None) => plan.note(format!("evaluator of {name}: registered")),
            // The bond is still on hold.
            Some(Some(_)) => plan.step(Step::Register(domain.id, name), 0),
            None => plan.step(Step::Register(domain.id, name), chain.evaluator_bond),
        }
    }
    for domain in &wishes.optimize {
        let specification = &domain.specification;
        let prices = specification.price.saturating_mul(Balance::from(MAX_FIRST_ROUND));
        let funds = specification
            .minimum_bond
            .max(chain.optimum_funds)
            .saturating_add(prices);
        plan.working_funds = plan.working_funds.saturating_add(funds);
        plan.note(format!(
            "optimizer of {}: needs no registration; an optimum may put up to {} on hold until it has ended",
            domain_name(domain),
            coin::words(funds)
        ));
    }
    if wishes.authority {
        plan_bond(&mut plan, chain, standing);
    }
    plan
}

fn plan_keys(plan: &mut Plan, chain: &Chain, standing: &Standing, wishes: &Wishes, holds_keys: bool) {
    let deposit = if standing.session_keys.is_some() {
        0
    } else {
        key_deposit()
    };
    match &standing.session_keys {
        Some(_) if holds_keys && !wishes.rotate => plan.note("session keys: set, and in this node's keystore"),
        Some(_) if !holds_keys && !wishes.rotate => {
            plan.note("session keys: those that are set are not in this node's keystore; new ones take their place");
            plan.step(Step::SetKeys, deposit);
        }
        _ => plan.step(Step::SetKeys, deposit),
    }
    if wishes.rotate && standing.seated {
        plan.note(format!(
            "the new keys are in force at the session change after the next, in {} at the latest; until then the node \
             uses the old ones: keep it running, and keep the keystore",
            chain.duration(chain.parameters.epoch_length.saturating_mul(2))
        ));
    }
}

fn plan_bond(plan: &mut Plan, chain: &Chain, standing: &Standing) {
    let bond = chain.parameters.authority_bond;
    let missing = bond.saturating_sub(standing.bonded);
    let candidate = standing.bond_status == Some(BondStatus::Candidate);
    if candidate && missing == 0 {
        return plan.note(match standing.seated {
            true => "authority: yes, of this session or the next".to_string(),
            false => format!(
                "authority: bonded; takes a seat within two session changes, in {} at the latest, while its reputation \
                 is {} or more (it is {})",
                chain.duration(chain.parameters.epoch_length.saturating_mul(2)),
                rounded(REQUIRED_REPUTATION),
                rounded(standing.reputation)
            ),
        });
    }
    if standing.reputation < REQUIRED_REPUTATION {
        return plan.waits(format!(
            "authority: needs a reputation of {}, has {}. Accepted optimae and agreeing evaluations earn it; then run \
             this again, with {} on the account for the bond",
            rounded(REQUIRED_REPUTATION),
            rounded(standing.reputation),
            coin::words(missing)
        ));
    }
    plan.step(Step::Bond, missing);
}

/// Reputation with three digits after the point, rounded down.
fn rounded(reputation: Reputation) -> String {
    let thousandths = reputation.into_inner() / 1_000_000_000_000_000;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// How to leave: the domains, and the set of authorities unless only `domains` are to be left.
pub fn leave(chain: &Chain, standing: &Standing, domains: &[DomainInfo]) -> Plan {
    let mut plan = Plan::default();
    let slot = chain.status.slot;
    let wait = |until: u64| chain.duration(until.saturating_sub(slot));
    for domain in chain.domains.iter() {
        if !domains.is_empty() && domains.iter().all(|wanted| wanted.id != domain.id) {
            continue;
        }
        let name = domain_name(domain);
        match standing.registrations.get(&domain.id) {
            None => {}
            Some(None) => {
                plan.step(Step::Deregister(domain.id, name), 0);
            }
            Some(Some(until)) if *until <= slot => plan.step(Step::WithdrawEvaluatorBond(domain.id, name), 0),
            Some(Some(until)) => plan.waits(format!(
                "evaluator of {name}: has left; the bond is free in {} (slot {until}): run this again then",
                wait(*until)
            )),
        }
    }
    if !domains.is_empty() {
        return plan;
    }
    match standing.bond_status {
        Some(BondStatus::Candidate | BondStatus::Suspended) => plan.step(Step::Unbond, 0),
        Some(BondStatus::Unbonding { .. }) if standing.seated => plan.waits(
            "authority: leaves the set within two session changes, and the unbonding period begins then: keep the node \
             running, and run this again",
        ),
        Some(BondStatus::Unbonding { until }) if until <= slot => plan.step(Step::WithdrawBond, 0),
        Some(BondStatus::Unbonding { until }) => plan.waits(format!(
            "authority: has left; the bond is free in {} (slot {until}): run this again then",
            wait(until)
        )),
        None => {}
    }
    let bond_is_gone = matches!(
        (standing.bond_status, plan.steps.last()),
        (None, _) | (_, Some(Step::WithdrawBond))
    );
    if standing.session_keys.is_some() && !standing.seated && bond_is_gone {
        plan.step(Step::PurgeKeys, 0);
    }
    if plan.steps.is_empty() && plan.notes.is_empty() {
        plan.note("nothing is left to do: the account has no bonds and no session keys");
    }
    plan
}

#[cfg(test)]
mod tests;

//! An operator with a node that follows the chain: what carries out plans.

use super::{
    account::{Chain, Standing},
    connection::Connection,
    files::Home,
    plan::{self, Plan, Step, Wishes},
    say,
    submission::{self, Signer},
    target::Target,
};
use codec::Decode;
use doin_primitives::AccountId;
use doin_runtime::{RuntimeCall, SessionKeys};
use doin_worker::OperatorKeys;
use sp_core::crypto::Ss58Codec;
use std::time::Duration;

/// How often `--wait` looks again, at least.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// An operator with a node that follows the chain.
pub(super) struct Member {
    pub(super) node: Connection,
    pub(super) home: Home,
    pub(super) operator: AccountId,
    pub(super) dry_run: bool,
}

impl Member {
    /// Does what is missing of the wishes, and with `wait` goes on until the reputation for a bond is there.
    pub(super) async fn join(
        mut self,
        target: &Target,
        mut chain: Chain,
        mut wishes: Wishes,
        wait: bool,
    ) -> Result<(), String> {
        let mut standing = Standing::read(&self.node, &chain, &self.operator).await?;
        let mut told = Vec::new();
        loop {
            let holds_keys = standing.session_keys.as_ref().is_some_and(|keys| self.home.holds(keys));
            let mut plan = plan::join(&chain, &standing, &wishes, holds_keys);
            let lack = plan.lack(&standing, &self.operator.to_ss58check());
            let is_affordable = plan.is_affordable(&standing) || self.dry_run;
            if is_affordable {
                plan.notes.extend(lack.clone());
            }
            for note in plan.notes.iter().filter(|note| !told.contains(*note)) {
                say(format!("· {note}"));
            }
            if let (false, Some(lack)) = (is_affordable, lack) {
                return Err(lack);
            }
            self.carry_out(&plan).await?;
            // Once is enough.
            wishes.rotate = false;
            if !plan.is_unfinished || !wait || self.dry_run {
                return Ok(());
            }
            told = plan.notes;
            (chain, standing) = self.look_again(target).await;
        }
    }

    /// How things stand a while later. Reputation takes days: a node that is started again meanwhile is waited for.
    async fn look_again(&mut self, target: &Target) -> (Chain, Standing) {
        let mut told = None;
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let trouble = match self.look().await {
                Ok(found) => return found,
                Err(trouble) => trouble,
            };
            match target.connect(self.node.url()).await {
                Ok((node, _)) => self.node = node,
                Err(_) if told.as_ref() == Some(&trouble) => {}
                Err(_) => say(format!("· waiting for the node: {trouble}")),
            }
            told = Some(trouble);
        }
    }

    async fn look(&self) -> Result<(Chain, Standing), String> {
        let chain = Chain::read(&self.node).await?;
        let standing = Standing::read(&self.node, &chain, &self.operator).await?;
        Ok((chain, standing))
    }

    /// Sends the plan's transactions, one after the other, and waits until all are final.
    pub(super) async fn carry_out(&self, plan: &Plan) -> Result<(), String> {
        let keys = OperatorKeys::new(self.home.keystore());
        let signer = Signer {
            account: self.operator.clone(),
            sign: Box::new(move |payload| keys.sign(&self.operator, payload)),
        };
        let mut included = Vec::new();
        for step in &plan.steps {
            let words = step.words();
            if self.dry_run {
                say(format!("→ would {words}"));
                continue;
            }
            let call = self.call(step).await?;
            let sent = submission::include(&self.node, &signer, call)
                .await
                .map_err(|error| format!("to {words}: {error}"))?;
            say(format!("→ {words}: in block {:?}", sent.block));
            included.push(sent);
        }
        let any = !included.is_empty();
        for sent in included {
            submission::finalize(sent).await?;
        }
        if any {
            say("All of it is final.");
        } else if !self.dry_run && !plan.is_unfinished {
            say("Nothing is left to do.");
        }
        Ok(())
    }

    async fn call(&self, step: &Step) -> Result<RuntimeCall, String> {
        use pallet_proof_of_optimization::Call as Authority;
        use pallet_quorum::Call as Quorum;
        use pallet_session::Call as Session;
        Ok(match step {
            Step::SetKeys => {
                let (keys, proof) = self.new_session_keys().await?;
                RuntimeCall::Session(Session::set_keys { keys, proof })
            }
            Step::PurgeKeys => RuntimeCall::Session(Session::purge_keys {}),
            Step::Bond => RuntimeCall::ProofOfOptimization(Authority::bond_authority {}),
            Step::Unbond => RuntimeCall::ProofOfOptimization(Authority::unbond_authority {}),
            Step::WithdrawBond => RuntimeCall::ProofOfOptimization(Authority::withdraw_authority_bond {}),
            Step::Register(domain, _) => RuntimeCall::Quorum(Quorum::register_evaluator { domain: *domain }),
            Step::Deregister(domain, _) => RuntimeCall::Quorum(Quorum::deregister_evaluator { domain: *domain }),
            Step::WithdrawEvaluatorBond(domain, _) => {
                RuntimeCall::Quorum(Quorum::withdraw_evaluator_bond { domain: *domain })
            }
        })
    }

    /// New session keys in the node's keystore: made by the node, or where it does not allow that, in its folder.
    async fn new_session_keys(&self) -> Result<(SessionKeys, Vec<u8>), String> {
        let Some(rotated) = self.node.rotate_keys(&self.operator).await? else {
            return self.home.make_session_keys(&self.operator);
        };
        let keys = SessionKeys::decode(&mut &rotated.keys[..])
            .map_err(|error| format!("the node's session keys cannot be read by this doin-node: {error}"))?;
        let proof = rotated
            .proof
            .ok_or("the chain's runtime proves no ownership of session keys")?;
        if !self.home.holds(&keys) {
            return Err(format!(
                "the node at {} keeps its keys elsewhere than in {}: give this command the node's --base-path and --chain",
                self.node.url(),
                self.home.keystore_path().display()
            ));
        }
        Ok((keys, proof.0))
    }
}

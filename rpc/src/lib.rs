//! The `doin_*` JSON-RPC namespace: what the chain knows about optimization, for people and programs.
//!
//! Each method answers at the best block, or at the block that the optional last parameter `at` names by its hash.
//! What the answers look like is in [`views`]; the errors, each with its remedy, are in [`error`]; the catalogue behind
//! `doin_explainError` is in [`explain`]. `docs/rpc.md` describes each call.

mod error;
pub mod explain;
mod infer;
mod views;

pub use error::Error;
pub use infer::{InferView, Models};
pub use views::*;

use doin_primitives::{
    api::DoinApi as DoinRuntimeApi, api::DomainInfo, domain::DomainId, optimum::OptimumId, AccountId,
};
use explain::{Asked, Catalogue, Explanation};
use jsonrpsee::proc_macros::rpc;
use serde::Deserialize;
use serde_json::value::RawValue;
use sp_api::{Metadata, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::crypto::Ss58Codec;
use sp_runtime::{
    traits::{Block as BlockT, Header as HeaderT},
    SaturatedConversion,
};
use std::{marker::PhantomData, sync::Arc};

/// How many heights with unclaimed shares `doin_reputation` lists.
pub const CLAIMABLE_LIMIT: u32 = 100;

/// A domain, by number or by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum DomainSelector {
    /// Its number.
    Number(DomainId),
    /// Its name; digits that are no domain's name are taken for a number.
    Name(String),
}

/// The `doin_*` methods.
#[rpc(server, namespace = "doin")]
pub trait DoinApi<BlockHash> {
    /// The state of Proof of Optimization: heights, T, Σ, credits, authorities.
    #[method(name = "status", blocking)]
    fn status(&self, at: Option<BlockHash>) -> Result<StatusView, Error>;

    /// All domains with their specifications and bests, by number.
    #[method(name = "domains", blocking)]
    fn domains(&self, at: Option<BlockHash>) -> Result<Vec<DomainView>, Error>;

    /// The best verified parameters of a domain.
    #[method(name = "best", blocking)]
    fn best(&self, domain: DomainSelector, at: Option<BlockHash>) -> Result<BestView, Error>;

    /// One optimum: an open one, or one of the last of its domain.
    #[method(name = "optimum", blocking)]
    fn optimum(&self, optimum: OptimumId, at: Option<BlockHash>) -> Result<OptimumView, Error>;

    /// The optimae of a domain: the open ones in queue order, then the ended ones that are kept, newest first.
    #[method(name = "optimae", blocking)]
    fn optimae(&self, domain: DomainSelector, at: Option<BlockHash>) -> Result<Vec<OptimumView>, Error>;

    /// An accepted optimum that can be challenged, or is: until when, at which cost, and where its challenge stands. Answers
    /// also for those that `doin_optimum` has forgotten.
    #[method(name = "contest", blocking)]
    fn contest(&self, optimum: OptimumId, at: Option<BlockHash>) -> Result<ContestView, Error>;

    /// The accepted optimae of a domain that can be challenged: those with an open challenge, then the newest 64.
    #[method(name = "contests", blocking)]
    fn contests(&self, domain: DomainSelector, at: Option<BlockHash>) -> Result<Vec<ContestView>, Error>;

    /// An account's reputation, its open commits and duties, and the shares that it can claim.
    #[method(name = "reputation", blocking)]
    fn reputation(&self, account: String, at: Option<BlockHash>) -> Result<ReputationView, Error>;

    /// The state of issuance.
    #[method(name = "supply", blocking)]
    fn supply(&self, at: Option<BlockHash>) -> Result<SupplyView, Error>;

    /// The answer of a domain's best verified model to a query, if this node serves the domain. `input` is in the domain's own
    /// form: JSON, or `0x` and hexadecimal digits for bytes.
    #[method(name = "infer", blocking)]
    fn infer(&self, domain: DomainSelector, input: Box<RawValue>, at: Option<BlockHash>) -> Result<InferView, Error>;

    /// What an error means and what to do about it. `what` is a pallet's number (then `error` is the error's), the code
    /// or the message of a refused transaction, or a name such as `Balances::InsufficientBalance`.
    #[method(name = "explainError", blocking)]
    fn explain_error(
        &self,
        what: Asked,
        error: Option<Asked>,
        at: Option<BlockHash>,
    ) -> Result<Vec<Explanation>, Error>;
}

/// Serves the `doin_*` methods from a client: `Doin::new(client).into_rpc()`.
pub struct Doin<C, B> {
    client: Arc<C>,
    models: Option<Arc<dyn Models>>,
    block: PhantomData<B>,
}

impl<C, B> Doin<C, B> {
    /// A server of the methods over `client`.
    pub fn new(client: Arc<C>) -> Self {
        Self {
            client,
            models: None,
            block: PhantomData,
        }
    }

    /// The same, answering queries with `models`.
    pub fn with_models(self, models: Arc<dyn Models>) -> Self {
        Self {
            models: Some(models),
            ..self
        }
    }
}

impl<C, B> Doin<C, B>
where
    B: BlockT,
    C: ProvideRuntimeApi<B> + HeaderBackend<B>,
    C::Api: DoinRuntimeApi<B> + Metadata<B>,
{
    /// The block to answer at: the named one if it is known, else the best.
    fn block(&self, at: Option<B::Hash>) -> Result<B::Hash, Error> {
        let Some(hash) = at else {
            return Ok(self.client.info().best_hash);
        };
        match self.client.header(hash) {
            Ok(Some(_)) => Ok(hash),
            Ok(None) => Err(Error::UnknownBlock(format!("{hash:?}"))),
            Err(error) => Err(Error::Chain(error.to_string())),
        }
    }

    fn domain(&self, block: B::Hash, selector: &DomainSelector) -> Result<DomainInfo, Error> {
        let mut domains = self.client.runtime_api().domains(block)?;
        let position = match selector {
            DomainSelector::Number(number) => domains.iter().position(|domain| domain.id == *number),
            DomainSelector::Name(name) => domains
                .iter()
                .position(|domain| domain.specification.name.as_slice() == name.as_bytes())
                .or_else(|| {
                    let number: DomainId = name.parse().ok()?;
                    domains.iter().position(|domain| domain.id == number)
                }),
        };
        match position {
            Some(position) => Ok(domains.swap_remove(position)),
            None => Err(Error::UnknownDomain {
                asked: match selector {
                    DomainSelector::Number(number) => number.to_string(),
                    DomainSelector::Name(name) => name.clone(),
                },
                known: domains
                    .iter()
                    .map(|domain| (domain.id, views::text(&domain.specification.name)))
                    .collect(),
            }),
        }
    }
}

/// Reads an account from its SS58 address (of any network prefix) or from 32 bytes in hexadecimal.
///
/// # Errors
///
/// [`Error::BadAccount`], with what is wrong.
pub fn parse_account(text: &str) -> Result<AccountId, Error> {
    if let Some(digits) = text.strip_prefix("0x") {
        let mut bytes = [0u8; 32];
        return hex::decode_to_slice(digits, &mut bytes)
            .map(|()| AccountId::from(bytes))
            .map_err(|error| Error::BadAccount {
                asked: text.into(),
                reason: error.to_string(),
            });
    }
    AccountId::from_ss58check_with_version(text)
        .map(|(account, _)| account)
        .map_err(|error| Error::BadAccount {
            asked: text.into(),
            reason: format!("{error:?}"),
        })
}

impl<C, B> DoinApiServer<B::Hash> for Doin<C, B>
where
    B: BlockT,
    C: ProvideRuntimeApi<B> + HeaderBackend<B> + Send + Sync + 'static,
    C::Api: DoinRuntimeApi<B> + Metadata<B>,
{
    fn status(&self, at: Option<B::Hash>) -> Result<StatusView, Error> {
        let hash = self.block(at)?;
        let number = match self.client.header(hash) {
            Ok(Some(header)) => *header.number(),
            Ok(None) => return Err(Error::UnknownBlock(format!("{hash:?}"))),
            Err(error) => return Err(Error::Chain(error.to_string())),
        };
        let info = self.client.info();
        Ok(StatusView::new(
            self.client.runtime_api().status(hash)?,
            BlockView {
                hash: format!("{hash:?}"),
                number: number.saturated_into(),
            },
            BlockView {
                hash: format!("{:?}", info.finalized_hash),
                number: info.finalized_number.saturated_into(),
            },
        ))
    }

    fn domains(&self, at: Option<B::Hash>) -> Result<Vec<DomainView>, Error> {
        let domains = self.client.runtime_api().domains(self.block(at)?)?;
        Ok(domains.into_iter().map(DomainView::from).collect())
    }

    fn best(&self, domain: DomainSelector, at: Option<B::Hash>) -> Result<BestView, Error> {
        Ok(self.domain(self.block(at)?, &domain)?.into())
    }

    fn optimum(&self, optimum: OptimumId, at: Option<B::Hash>) -> Result<OptimumView, Error> {
        let info = self.client.runtime_api().optimum(self.block(at)?, optimum)?;
        info.map(OptimumView::from).ok_or(Error::UnknownOptimum(optimum))
    }

    fn optimae(&self, domain: DomainSelector, at: Option<B::Hash>) -> Result<Vec<OptimumView>, Error> {
        let hash = self.block(at)?;
        let id = self.domain(hash, &domain)?.id;
        Ok(self
            .client
            .runtime_api()
            .optimae(hash, id)?
            .into_iter()
            .map(OptimumView::from)
            .collect())
    }

    fn contest(&self, optimum: OptimumId, at: Option<B::Hash>) -> Result<ContestView, Error> {
        let info = self.client.runtime_api().contest(self.block(at)?, optimum)?;
        info.map(ContestView::from).ok_or(Error::NotContestable(optimum))
    }

    fn contests(&self, domain: DomainSelector, at: Option<B::Hash>) -> Result<Vec<ContestView>, Error> {
        let hash = self.block(at)?;
        let id = self.domain(hash, &domain)?.id;
        let contests = self.client.runtime_api().contests(hash, id)?;
        Ok(contests.into_iter().map(ContestView::from).collect())
    }

    fn reputation(&self, account: String, at: Option<B::Hash>) -> Result<ReputationView, Error> {
        let hash = self.block(at)?;
        let who = parse_account(&account)?;
        let api = self.client.runtime_api();
        Ok(ReputationView::new(
            &who,
            api.reputation(hash, who.clone())?,
            api.commits(hash, who.clone())?,
            api.duties(hash, who.clone())?,
            api.claimable(hash, who.clone(), CLAIMABLE_LIMIT)?,
        ))
    }

    fn supply(&self, at: Option<B::Hash>) -> Result<SupplyView, Error> {
        Ok(self.client.runtime_api().supply(self.block(at)?)?.into())
    }

    fn infer(&self, domain: DomainSelector, input: Box<RawValue>, at: Option<B::Hash>) -> Result<InferView, Error> {
        let hash = self.block(at)?;
        let best = self.domain(hash, &domain)?;
        let name = views::text(&best.specification.name);
        let input = infer::input(&input)?;
        let models = self.models.as_ref().ok_or_else(|| Error::NotServed {
            domain: name.clone(),
            served: Vec::new(),
        })?;
        let output = models.infer(&name, best.best_artifact, &input)?;
        Ok(InferView {
            block: format!("{hash:?}"),
            best: best.into(),
            output: infer::output(output)?,
        })
    }

    fn explain_error(&self, what: Asked, error: Option<Asked>, at: Option<B::Hash>) -> Result<Vec<Explanation>, Error> {
        let metadata = self.client.runtime_api().metadata(self.block(at)?)?;
        let catalogue = Catalogue::from_metadata(&metadata).map_err(Error::Metadata)?;
        let found = catalogue.explain(&what, error.as_ref());
        if found.is_empty() {
            return Err(Error::UnknownError {
                asked: explain::describe(&what, error.as_ref()),
                pallets: catalogue.pallets(),
            });
        }
        Ok(found)
    }
}

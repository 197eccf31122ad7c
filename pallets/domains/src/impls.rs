//! Registration, the wires to the other pallets, listings for the runtime API, and invariants.

use crate::{
    validation, BestHistory, BestRecord, Bests, Config, DomainRecord, Domains, Error, Event, HoldReason, Names,
    NextDomain, Pallet,
};
use alloc::{collections::BTreeMap, vec::Vec};
use doin_primitives::{
    api::DomainInfo,
    artifact::ArtifactReference,
    domain::{DomainId, DomainSpecification},
    optimum::OptimumId,
    traits::{DomainRegistry, Incumbent, SlotClock},
    Balance, Metric, SlotNumber,
};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_core::Get;
use sp_runtime::{DispatchResult, FixedU128, TryRuntimeError};

impl<T: Config> Pallet<T> {
    /// Checks a specification and stores the domain, without touching the owner's balance.
    pub(crate) fn insert(
        owner: T::AccountId,
        specification: DomainSpecification,
        baseline: ArtifactReference,
        metric: Metric,
        base_weight: FixedU128,
        deposit: Balance,
    ) -> Result<DomainId, Error<T>> {
        validation::validate::<T>(&specification, &baseline)?;
        ensure!(!Names::<T>::contains_key(&specification.name), Error::<T>::NameTaken);
        ensure!(Domains::<T>::count() < T::MaxDomains::get(), Error::<T>::TooManyDomains);
        let domain = NextDomain::<T>::get();
        NextDomain::<T>::put(domain.checked_add(1).ok_or(Error::<T>::TooManyDomains)?);

        let name = specification.name.clone();
        let season = specification.season(T::Clock::current_slot());
        let baseline = BestRecord {
            optimum: None,
            artifact: baseline,
            metric,
            season,
        };
        Names::<T>::insert(&name, domain);
        Bests::<T>::insert(domain, BestHistory::new(baseline));
        Domains::<T>::insert(
            domain,
            DomainRecord {
                owner: owner.clone(),
                specification,
                base_weight,
                deposit,
            },
        );
        Self::deposit_event(Event::DomainRegistered {
            domain,
            owner,
            name,
            deposit,
        });
        Ok(domain)
    }

    /// The numbers of all domains, in order.
    pub fn identifiers() -> Vec<DomainId> {
        let mut identifiers: Vec<DomainId> = Domains::<T>::iter_keys().collect();
        identifiers.sort_unstable();
        identifiers
    }

    /// The parameters of the best, of its predecessors and of the baseline.
    pub fn best_artifacts(domain: DomainId) -> Vec<ArtifactReference> {
        let records = Bests::<T>::get(domain).map(|history| (history.baseline, history.accepted));
        let records = records
            .into_iter()
            .flat_map(|(baseline, accepted)| accepted.into_iter().chain([baseline]));
        records.map(|best| best.artifact).collect()
    }

    /// The invariants of the storage. Read-only.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(
            Domains::<T>::count() <= T::MaxDomains::get(),
            "domains: more than MaxDomains"
        );
        let (mut domains, mut deposits) = (0u32, BTreeMap::<T::AccountId, Balance>::new());
        for (domain, record) in Domains::<T>::iter() {
            domains = domains.saturating_add(1);
            ensure!(
                domain < NextDomain::<T>::get(),
                "domains: a number that was not given yet"
            );
            let name = &record.specification.name;
            ensure!(
                Names::<T>::get(name) == Some(domain),
                "domains: a domain that its name does not lead to"
            );
            let history = Bests::<T>::get(domain).ok_or("domains: a domain without a best")?;
            ensure!(
                history.baseline.optimum.is_none(),
                "domains: a baseline that is an optimum"
            );
            ensure!(
                history.accepted.iter().all(|best| best.optimum.is_some()),
                "domains: an accepted best that is no optimum"
            );
            ensure!(
                validation::validate::<T>(&record.specification, &history.baseline.artifact).is_ok(),
                "domains: a specification that is not valid"
            );
            let sum = deposits.entry(record.owner).or_default();
            *sum = sum.saturating_add(record.deposit);
        }
        ensure!(Domains::<T>::count() == domains, "domains: the counter is wrong");
        ensure!(
            Names::<T>::iter_keys().count() == domains as usize,
            "domains: a name without a domain"
        );
        ensure!(
            Bests::<T>::iter_keys().count() == domains as usize,
            "domains: a best without a domain"
        );
        for who in frame_system::Account::<T>::iter_keys() {
            let held = T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &who);
            let recorded = deposits.remove(&who).unwrap_or_default();
            ensure!(held == recorded, "domains: deposits on hold differ from the records");
        }
        ensure!(
            deposits.values().all(|deposit| *deposit == 0),
            "domains: a deposit of an account that is gone"
        );
        Ok(())
    }
}

impl<T: Config<AccountId = doin_primitives::AccountId>> Pallet<T> {
    /// The domain as the runtime API gives it; evaluators and queue are other pallets' and left empty.
    pub fn information(domain: DomainId) -> Option<DomainInfo> {
        let slot = T::Clock::current_slot();
        let record = Domains::<T>::get(domain)?;
        let best = Self::incumbent(domain, slot)?;
        Some(DomainInfo {
            id: domain,
            weight: record.weight(),
            owner: record.owner,
            season: record.specification.season(slot),
            specification: record.specification,
            best_optimum: best.optimum,
            best_artifact: best.artifact,
            best_metric: best.metric,
            evaluators: Vec::new(),
            queue: Vec::new(),
        })
    }
}

impl<T: Config> DomainRegistry for Pallet<T> {
    fn specification(domain: DomainId) -> Option<DomainSpecification> {
        Domains::<T>::get(domain).map(|record| record.specification)
    }

    fn weight(domain: DomainId) -> FixedU128 {
        Domains::<T>::get(domain)
            .map(|record| record.weight())
            .unwrap_or_default()
    }

    fn incumbent(domain: DomainId, slot: SlotNumber) -> Option<Incumbent> {
        let season = Domains::<T>::get(domain)?.specification.season(slot);
        let best = *Bests::<T>::get(domain)?.current();
        let metric = (best.season == season).then_some(best.metric);
        Some(Incumbent {
            optimum: best.optimum,
            artifact: best.artifact,
            metric,
        })
    }

    fn set_best(
        domain: DomainId,
        optimum: OptimumId,
        artifact: ArtifactReference,
        metric: Metric,
        season: u64,
    ) -> DispatchResult {
        Bests::<T>::try_mutate(domain, |history| {
            let history = history.as_mut().ok_or(Error::<T>::UnknownDomain)?;
            let old = *history.current();
            history.advance(BestRecord {
                optimum: Some(optimum),
                artifact,
                metric,
                season,
            });
            Self::deposit_event(Event::BestChanged {
                domain,
                optimum,
                artifact,
                old_metric: old.metric,
                old_season: old.season,
                new_metric: metric,
                season,
            });
            Ok(())
        })
    }

    fn remeasure(domain: DomainId, artifact: ArtifactReference, metric: Metric, season: u64) {
        Bests::<T>::mutate(domain, |history| {
            let Some(best) = history.as_mut().map(BestHistory::current_mut) else {
                return;
            };
            if best.artifact != artifact {
                return;
            }
            let (old_metric, old_season) = (best.metric, best.season);
            (best.metric, best.season) = (metric, season);
            Self::deposit_event(Event::BestRemeasured {
                domain,
                old_metric,
                old_season,
                new_metric: metric,
                season,
            });
        });
    }

    fn fall_back(domain: DomainId, lost: ArtifactReference) {
        Bests::<T>::mutate(domain, |history| {
            let Some(history) = history.as_mut() else { return };
            if history.current().artifact != lost {
                return;
            }
            if history.accepted.is_empty() {
                Self::deposit_event(Event::BaselineLost { domain, artifact: lost });
                return;
            }
            history.fall_back(lost);
            let BestRecord {
                optimum,
                artifact,
                metric,
                ..
            } = *history.current();
            Self::deposit_event(Event::BestFellBack {
                domain,
                lost,
                optimum,
                artifact,
                metric,
            });
        });
    }

    fn revoke(domain: DomainId, revoked: OptimumId) {
        Bests::<T>::mutate(domain, |history| {
            let Some(history) = history.as_mut() else { return };
            if history.revoke(revoked) != Some(true) {
                return;
            }
            let BestRecord {
                optimum,
                artifact,
                metric,
                ..
            } = *history.current();
            Self::deposit_event(Event::BestRevoked {
                domain,
                revoked,
                optimum,
                artifact,
                metric,
            });
        });
    }
}

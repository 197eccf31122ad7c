//! Commits, their expiry, and reveals.

use crate::{
    money::Fault, Commits, Config, Error, Event, Expiries, Expiry, ExpiryRanges, HoldReason, NextExpiries, NextExpiry,
    NextOptimum, OpenCommit, OpenOptimum, Optimae, Pallet, Places, Queues, Stage, MAX_GAPS,
};
use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{optimum_commitment, Salt},
    domain::DomainId,
    optimum::Experiment,
    traits::{DomainRegistry, SlotClock},
    BlockNumber, Hash, Metric, SlotNumber,
};
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::Get;
use sp_runtime::{traits::Zero, DispatchError, DispatchResult, SaturatedConversion};

impl<T: Config> Pallet<T> {
    /// The hash of the genesis block, which system keeps for ever.
    pub(crate) fn genesis_hash() -> Hash {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        <[u8; 32]>::try_from(hash.as_ref()).map(Hash::from).unwrap_or_default()
    }

    pub(crate) fn block_number() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Commits, and returns how many expired commits were pruned before.
    pub(crate) fn do_commit(optimizer: T::AccountId, domain: DomainId, commitment: Hash) -> Result<u32, DispatchError> {
        let specification = T::Domains::specification(domain).ok_or(Error::<T>::UnknownDomain)?;
        let slot = T::Clock::current_slot();
        let pruned = Self::prune_expired(&optimizer, slot);

        let reveal_deadline = slot.saturating_add(specification.deadlines.reveal.into());
        let bond = Self::least_bond(&specification);
        Commits::<T>::try_mutate(&optimizer, |commits| {
            ensure!(
                commits.iter().all(|commit| commit.commitment != commitment),
                Error::<T>::AlreadyCommitted
            );
            ensure!(!commits.is_full(), Error::<T>::TooManyCommits);
            let entry = Expiry {
                who: optimizer.clone(),
                commitment,
                deadline: reveal_deadline,
            };
            let commit = OpenCommit {
                domain,
                commitment,
                bond,
                committed_at: slot,
                committed_in: Self::block_number(),
                reveal_deadline,
                expiry: Self::add_expiry(domain, entry)?,
            };
            commits.try_push(commit).map_err(|_| Error::<T>::TooManyCommits)
        })?;
        Self::hold(HoldReason::Bond, &optimizer, bond)?;
        Self::deposit_event(Event::OptimumCommitted {
            domain,
            optimizer,
            commitment,
            bond,
            reveal_deadline,
        });
        Ok(pruned)
    }

    fn prune_expired(who: &T::AccountId, slot: SlotNumber) -> u32 {
        let commits = Commits::<T>::get(who);
        let expired = commits.iter().filter(|commit| commit.reveal_deadline < slot);
        expired.fold(0, |pruned, commit| {
            Self::expire(who, commit.commitment);
            pruned.saturating_add(1)
        })
    }

    pub(crate) fn do_prune(who: &T::AccountId, commitment: Hash) -> DispatchResult {
        let commits = Commits::<T>::get(who);
        let commit = commits
            .iter()
            .find(|commit| commit.commitment == commitment)
            .ok_or(Error::<T>::NotCommitted)?;
        ensure!(
            commit.reveal_deadline < T::Clock::current_slot(),
            Error::<T>::NotExpired
        );
        Self::expire(who, commitment);
        Ok(())
    }

    /// Removes a commit that was not revealed in time. While its domain's queue is full it could not be revealed, so
    /// nothing is burned then.
    fn expire(who: &T::AccountId, commitment: Hash) {
        let Some(commit) = Self::take_commit(who, commitment) else {
            return;
        };
        let full = Queues::<T>::decode_len(commit.domain).unwrap_or(0) >= T::MaxQueue::get() as usize;
        let fault = if full { Fault::None } else { Fault::Unrevealed };
        let (burned, returned) = Self::settle_bond(who, commit.bond, fault);
        let (domain, optimizer) = (commit.domain, who.clone());
        Self::deposit_event(Event::CommitExpired {
            domain,
            optimizer,
            commitment,
            burned,
            returned,
        });
    }

    /// Removes a commit and its expiry. Its bond stays on hold.
    fn take_commit(who: &T::AccountId, commitment: Hash) -> Option<OpenCommit> {
        let commit = Commits::<T>::mutate_exists(who, |stored| {
            let commits = stored.as_mut()?;
            let position = commits.iter().position(|commit| commit.commitment == commitment)?;
            let commit = commits.remove(position);
            if commits.is_empty() {
                *stored = None;
            }
            Some(commit)
        })?;
        Expiries::<T>::remove(commit.domain, commit.expiry);
        Self::skip_gaps(commit.domain);
        Some(commit)
    }

    fn add_expiry(domain: DomainId, entry: Expiry<T::AccountId>) -> Result<u64, Error<T>> {
        let mut range = ExpiryRanges::<T>::get(domain);
        let place = range.next;
        if range.first == range.next {
            let next = NextExpiry {
                domain,
                deadline: entry.deadline,
            };
            NextExpiries::<T>::try_mutate(|list| list.try_push(next)).map_err(|_| Error::<T>::TooManyDomains)?;
        }
        range.next = range.next.saturating_add(1);
        ExpiryRanges::<T>::insert(domain, range);
        Expiries::<T>::insert(domain, place, entry);
        Ok(place)
    }

    /// Moves the domain's first expiry to the first one that is taken, over a bounded number of gaps.
    fn skip_gaps(domain: DomainId) {
        let mut range = ExpiryRanges::<T>::get(domain);
        let mut first = None;
        for _ in 0..MAX_GAPS {
            if range.first >= range.next {
                break;
            }
            first = Expiries::<T>::get(domain, range.first);
            if first.is_some() {
                break;
            }
            range.first = range.first.saturating_add(1);
        }
        if range.first >= range.next {
            ExpiryRanges::<T>::remove(domain);
            NextExpiries::<T>::mutate(|list| list.retain(|next| next.domain != domain));
            return;
        }
        ExpiryRanges::<T>::insert(domain, range);
        // Among more gaps the old deadline stays: it is no later than the true one, and the hook skips the rest.
        if let Some(first) = first {
            NextExpiries::<T>::mutate(|list| {
                if let Some(next) = list.iter_mut().find(|next| next.domain == domain) {
                    next.deadline = first.deadline;
                }
            });
        }
    }

    /// Works off expired commits, those that fell due first, first. Returns how many items it worked off.
    pub(crate) fn expire_due(slot: SlotNumber, budget: u32) -> u32 {
        for done in 0..budget {
            let list = NextExpiries::<T>::get();
            let due = list
                .iter()
                .filter(|next| next.deadline < slot)
                .min_by_key(|next| next.deadline);
            let Some(NextExpiry { domain, .. }) = due.copied() else {
                return done;
            };
            let first = ExpiryRanges::<T>::get(domain).first;
            match Expiries::<T>::get(domain, first) {
                Some(entry) => Self::expire(&entry.who, entry.commitment),
                None => Self::skip_gaps(domain),
            }
        }
        budget
    }

    pub(crate) fn has_expired(slot: SlotNumber) -> bool {
        NextExpiries::<T>::get().iter().any(|next| next.deadline < slot)
    }

    pub(crate) fn do_reveal(
        optimizer: T::AccountId,
        commitment: Hash,
        artifact: ArtifactReference,
        reported: Metric,
        experiment: Experiment,
        nonce: Salt,
    ) -> DispatchResult {
        let (slot, block) = (T::Clock::current_slot(), Self::block_number());
        let commit = Self::take_commit(&optimizer, commitment).ok_or(Error::<T>::NotCommitted)?;
        let domain = commit.domain;
        ensure!(block > commit.committed_in, Error::<T>::TooEarly);
        ensure!(slot <= commit.reveal_deadline, Error::<T>::TooLate);
        let genesis = Self::genesis_hash();
        let opened = optimum_commitment(genesis, domain, &optimizer, artifact, reported, &nonce);
        ensure!(opened == commitment, Error::<T>::CommitmentMismatch);
        let specification = T::Domains::specification(domain).ok_or(Error::<T>::UnknownDomain)?;
        ensure!(artifact.size > 0, Error::<T>::ArtifactEmpty);
        ensure!(
            artifact.size <= specification.maximum_artifact_size,
            Error::<T>::ArtifactTooLarge
        );
        ensure!(
            !Places::<T>::contains_key(domain, &optimizer),
            Error::<T>::AlreadyQueued
        );

        let best = T::Domains::incumbent(domain, slot).and_then(|best| best.metric);
        let claimed = Self::claimed_work(domain, &specification, reported, best);
        let bond = Self::bond_of_claim(&specification, claimed).max(commit.bond);
        let escrow = Self::escrow(domain, &specification, &optimizer);
        Self::hold(HoldReason::Bond, &optimizer, bond.saturating_sub(commit.bond))?;
        Self::hold(HoldReason::Escrow, &optimizer, escrow)?;

        let id = NextOptimum::<T>::mutate(|next| {
            let id = *next;
            *next = next.saturating_add(1);
            id
        });
        let position = Self::enqueue(domain, id)?;
        Places::<T>::insert(domain, &optimizer, id);
        let optimum = OpenOptimum {
            domain,
            optimizer: optimizer.clone(),
            artifact,
            reported,
            experiment,
            season: specification.season(commit.committed_at),
            revealed_at: slot,
            revealed_in: block,
            claimed,
            bond,
            escrow,
            stage: Stage::Queued,
        };
        Optimae::<T>::insert(id, optimum);
        Self::deposit_event(Event::OptimumRevealed {
            optimum: id,
            domain,
            optimizer,
            commitment,
            artifact,
            reported,
            bond,
            escrow,
            position,
        });
        Ok(())
    }
}

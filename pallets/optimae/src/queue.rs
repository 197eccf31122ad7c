//! The queues: who waits, when a head is drawn, and how an optimum leaves. A domain's challenges go before its optimae.

use crate::{
    money::Fault, Challenges, Config, ContestablesOf, Ended, EndedOptimum, Error, Event, ExpiryRanges, OpenOptimum,
    Optimae, Pallet, Places, Queues, RecentlyEnded, Reward, Stage, WaitingHead, WaitingHeads, DRAW_TIMEOUT,
    MAX_DISTINCT_AUTHORS,
};
use alloc::vec::Vec;
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{DomainId, DomainSpecification},
    math,
    optimum::{Assignment, OptimumId, Outcome},
    quorum::Decision,
    traits::{DomainActivity, DomainRegistry, DueWork, Incumbent, QuorumManager, RollingRandomness, SlotClock},
    BlockNumber, SlotNumber,
};
use frame_support::storage::with_storage_layer;

/// How an optimum ends.
pub(crate) struct Ending<'a, AccountId> {
    pub outcome: Outcome,
    pub decision: Option<Decision>,
    pub incumbent: Option<ArtifactReference>,
    pub reward: Reward,
    /// What the bond answers for.
    pub fault: Fault,
    /// Who is paid out of the escrow.
    pub paid: &'a [AccountId],
}

impl<AccountId> Ending<'_, AccountId> {
    /// The end of an optimum that nobody has judged: everything returns.
    fn unjudged(outcome: Outcome) -> Self {
        let reward = Reward::default();
        Self {
            outcome,
            decision: None,
            incumbent: None,
            reward,
            fault: Fault::None,
            paid: &[],
        }
    }
}

/// What has become of a draw.
pub(crate) enum Draw {
    /// Evaluators are drawn.
    Done,
    /// Nobody can be drawn; the head waits.
    Waits,
    /// It has waited long enough.
    GivenUp,
}

impl<T: Config> Pallet<T> {
    /// Appends an optimum to its domain's queue and returns its position there.
    pub(crate) fn enqueue(domain: DomainId, id: OptimumId) -> Result<u32, Error<T>> {
        let position = Queues::<T>::try_mutate(domain, |queue| {
            let position = queue.len();
            queue.try_push(id).map_err(|_| Error::<T>::QueueFull)?;
            Ok::<_, Error<T>>(u32::try_from(position).unwrap_or(u32::MAX))
        })?;
        // With a challenge open the domain waits already, or the challenge is judged.
        if position == 0 && !Challenges::<T>::contains_key(domain) {
            Self::wait(domain)?;
        }
        Ok(position)
    }

    /// Enters a domain in which nothing was queued among those whose head waits.
    pub(crate) fn wait(domain: DomainId) -> Result<(), Error<T>> {
        let head = WaitingHead { domain, expires: None };
        WaitingHeads::<T>::try_mutate(|heads| heads.try_push(head)).map_err(|_| Error::<T>::TooManyDomains)
    }

    /// Works off heads that are not drawn, each of the domains in turn. Returns how many items it worked off.
    pub(crate) fn work_off_heads(slot: SlotNumber, budget: u32) -> u32 {
        let heads: Vec<WaitingHead> = WaitingHeads::<T>::get().into_iter().take(budget as usize).collect();
        let mut done = 0u32;
        for head in heads {
            let mut next = Some(head);
            // What ends at once makes room for the next in its domain.
            while let Some(head) = next.filter(|_| done < budget) {
                done = done.saturating_add(1);
                next = Self::work_off_head(head, slot);
            }
        }
        done
    }

    /// Ends, draws or leaves waiting the head of a domain's queue. Returns the next head if this one has ended.
    fn work_off_head(head: WaitingHead, slot: SlotNumber) -> Option<WaitingHead> {
        let domain = head.domain;
        if let Some((id, record, challenge)) = Self::first_challenge(domain) {
            return Self::work_off_challenge(head, id, record, challenge, slot);
        }
        let Some((id, optimum)) = Self::head(domain) else {
            Self::set_waiting(domain, None);
            return None;
        };
        let context = T::Domains::specification(domain).zip(T::Domains::incumbent(domain, slot));
        let Some((specification, incumbent)) = context else {
            // The registry closes no domain in which an optimum is open; were there one, it would lose nothing.
            return Self::end(id, optimum, Ending::unjudged(Outcome::Expired), slot);
        };
        if Self::is_superseded(&optimum, &specification, &incumbent, slot) {
            return Self::end(id, optimum, Ending::unjudged(Outcome::Superseded), slot);
        }
        if !Self::is_drawable(optimum.revealed_at, optimum.revealed_in, slot) {
            Self::set_waiting(domain, Some(head));
            return None;
        }
        let season = specification.season(slot);
        let assignment = Assignment {
            optimum: id,
            domain,
            optimizer: optimum.optimizer.clone(),
            candidate: optimum.artifact,
            incumbent: incumbent.artifact,
            reported: optimum.reported,
            season,
            challenge: None,
        };
        match Self::try_draw(head, assignment, &specification, slot) {
            Draw::Done => {
                Optimae::<T>::insert(
                    id,
                    OpenOptimum {
                        stage: Stage::Judging,
                        ..optimum
                    },
                );
                let incumbent = incumbent.artifact;
                Self::deposit_event(Event::OptimumDrawn {
                    optimum: id,
                    domain,
                    incumbent,
                    season,
                });
                None
            }
            Draw::Waits => None,
            Draw::GivenUp => Self::end(id, optimum, Ending::unjudged(Outcome::Expired), slot),
        }
    }

    /// Has evaluators drawn for a head; while nobody can be drawn it waits for a time.
    pub(crate) fn try_draw(
        head: WaitingHead,
        assignment: Assignment<T::AccountId>,
        specification: &DomainSpecification,
        slot: SlotNumber,
    ) -> Draw {
        let (domain, optimum) = (head.domain, assignment.optimum);
        let Err(error) = with_storage_layer(|| T::Quorum::draw(assignment)) else {
            Self::set_waiting(domain, None);
            return Draw::Done;
        };
        if head.expires.is_some_and(|expires| slot > expires) {
            return Draw::GivenUp;
        }
        let expires = head.expires.unwrap_or_else(|| {
            let expires = slot.saturating_add(specification.deadlines.vote_commit.into());
            Self::deposit_event(Event::DrawFailed {
                optimum,
                domain,
                error,
                expires,
            });
            expires
        });
        let expires = Some(expires);
        Self::set_waiting(domain, Some(WaitingHead { domain, expires }));
        Draw::Waits
    }

    /// The domain's head, if it is open.
    fn head(domain: DomainId) -> Option<(OptimumId, OpenOptimum<T::AccountId>)> {
        let id = *Queues::<T>::get(domain).first()?;
        Optimae::<T>::get(id).map(|optimum| (id, optimum))
    }

    /// Whether the claim is worse than the best's value by more than the tolerance, or about the data of a season
    /// that is over: evaluators would measure something else than what was claimed.
    fn is_superseded(
        optimum: &OpenOptimum<T::AccountId>,
        specification: &DomainSpecification,
        incumbent: &Incumbent,
        slot: SlotNumber,
    ) -> bool {
        if optimum.season != specification.season(slot) {
            return true;
        }
        incumbent.metric.is_some_and(|best| {
            let (claim, value) = (
                specification.direction.oriented(optimum.reported),
                specification.direction.oriented(best),
            );
            claim < value && math::distance(claim, value) > specification.tolerance(best)
        })
    }

    /// Whether enough distinct authors have authored since the reveal or the challenge that none of them, nor who made it,
    /// could have foreseen the draw; or so much time has passed that there are no more.
    pub(crate) fn is_drawable(since: SlotNumber, block: BlockNumber, slot: SlotNumber) -> bool {
        let required = T::Randomness::authority_count()
            .div_ceil(2)
            .clamp(1, MAX_DISTINCT_AUTHORS);
        T::Randomness::distinct_authors_since(block) >= required || slot >= since.saturating_add(DRAW_TIMEOUT)
    }

    /// Moves the domain to the end of those whose head waits, or takes it out.
    pub(crate) fn set_waiting(domain: DomainId, head: Option<WaitingHead>) {
        WaitingHeads::<T>::mutate(|heads| {
            heads.retain(|head| head.domain != domain);
            if let Some(head) = head {
                // There is room: a domain has one entry, and was in before, or there are fewer domains than room.
                let _ = heads.try_push(head);
            }
        });
    }

    /// Ends the head of a queue: bond, escrow, record, event. Returns the next head of the domain.
    pub(crate) fn end(
        id: OptimumId,
        optimum: OpenOptimum<T::AccountId>,
        ending: Ending<T::AccountId>,
        slot: SlotNumber,
    ) -> Option<WaitingHead> {
        let (domain, optimizer) = (optimum.domain, optimum.optimizer.clone());
        let price = T::Domains::specification(domain)
            .map(|specification| specification.price)
            .unwrap_or(0);
        let (burned, bond_returned) = Self::settle_bond(&optimizer, optimum.bond, ending.fault);
        let (paid, escrow_returned) = Self::settle_escrow(&optimizer, optimum.escrow, price, ending.paid);

        Optimae::<T>::remove(id);
        Places::<T>::remove(domain, &optimizer);
        Queues::<T>::mutate_exists(domain, |stored| {
            if let Some(queue) = stored {
                queue.retain(|queued| *queued != id);
                if queue.is_empty() {
                    *stored = None;
                }
            }
        });
        let next = Self::turn_to_next(domain);

        let Ending {
            outcome,
            decision,
            incumbent,
            reward,
            ..
        } = ending;
        Self::deposit_event(Event::OptimumEnded {
            optimum: id,
            domain,
            optimizer,
            outcome,
            decision,
            reported: optimum.reported,
            reward,
            burned,
            paid,
            returned: bond_returned.saturating_add(escrow_returned),
            experiment: optimum.experiment.clone(),
        });
        Self::keep(
            id,
            domain,
            EndedOptimum {
                optimum,
                incumbent,
                ended_at: slot,
                outcome,
                decision,
                reward,
                challenge: None,
            },
        );
        next
    }

    /// After an optimum or a challenge has left its queue: what is queued next in the domain waits to be drawn.
    pub(crate) fn turn_to_next(domain: DomainId) -> Option<WaitingHead> {
        let queued = Challenges::<T>::contains_key(domain) || Queues::<T>::contains_key(domain);
        let next = queued.then_some(WaitingHead { domain, expires: None });
        Self::set_waiting(domain, next);
        next
    }

    /// Keeps an ended optimum in the place of the domain's oldest.
    fn keep(id: OptimumId, domain: DomainId, ended: EndedOptimum<T::AccountId>) {
        RecentlyEnded::<T>::mutate(domain, |recent| {
            if recent.is_full() {
                Ended::<T>::remove(recent.remove(0));
            }
            if recent.try_push(id).is_ok() {
                Ended::<T>::insert(id, ended);
            }
        });
    }
}

/// A head that waits for authors is due work: every block brings an author nearer. One that nobody can judge is due
/// when its wait is over; blocks that come anyway try again. Expired commits are due.
impl<T: Config> DueWork for Pallet<T> {
    fn has_due_work(slot: SlotNumber) -> bool {
        let due = |head: &WaitingHead| head.expires.is_none_or(|expires| slot > expires);
        WaitingHeads::<T>::get().iter().any(due) || Self::has_expired(slot)
    }
}

impl<T: Config> DomainActivity for Pallet<T> {
    fn is_active(domain: DomainId) -> bool {
        Queues::<T>::contains_key(domain)
            || ExpiryRanges::<T>::contains_key(domain)
            || ContestablesOf::<T>::iter_key_prefix(domain).next().is_some()
    }
}

impl<T: Config> Pallet<T> {
    /// The slot of the block in execution.
    pub(crate) fn now() -> SlotNumber {
        T::Clock::current_slot()
    }
}

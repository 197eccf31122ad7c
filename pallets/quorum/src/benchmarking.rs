//! Benchmarks of every call and of every item of the hook, at the largest domain, list and round.

use super::*;
use alloc::vec::Vec;
use doin_primitives::{
    artifact::ArtifactReference,
    audit::MAX_AUDITORS,
    commitment::{replay_commitment, vote_commitment},
    domain::DomainId,
    optimum::{Assignment, ChallengeBrief, OptimumId},
    quorum::{Measurement, RoundPhase, VoteValues, MAX_EVALUATORS, MAX_FIRST_ROUND},
    traits::{DomainRegistry, ReputationLedger, SlotClock},
    Hash, Metric, SlotNumber, DOIN,
};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{hold::Inspect as _, Mutate as _},
        Get,
    },
    BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::Perquintill;

/// What benchmarks need of other pallets. Implemented by the runtime.
pub trait BenchmarkHelper {
    /// Registers a domain whose quorums are `Fixed(15)`, with a specification as long as one can be.
    fn domain() -> DomainId;
    /// Opens as many challenges as the domain can have, of optimae that as many strangers as possible answer for.
    fn challenge_all(domain: DomainId);
}

/// An optimum that no other pallet knows: what a verdict causes elsewhere, the handler weighs itself.
const OPTIMUM: OptimumId = OptimumId::MAX;

/// How many replays of round one are remembered in round two at most.
const EARLIER_REPLAYS: u32 = MAX_FIRST_ROUND * MAX_AUDITORS;

const SALT: [u8; 32] = [7; 32];

fn vote() -> VoteValues {
    VoteValues::Measured(Measurement {
        candidate: Metric::from_inner(-1_000_000_000_000_000_000),
        incumbent: Metric::from_inner(-2_000_000_000_000_000_000),
        probe: Metric::from_inner(1),
        data_hash: [1; 32],
    })
}

/// An account with coin for a bond.
fn funded<T: Config>(name: &'static str, number: u32) -> T::AccountId {
    let who: T::AccountId = account(name, number, 0);
    T::Currency::set_balance(&who, EvaluatorBond::<T>::get().saturating_mul(4).saturating_add(DOIN));
    who
}

fn assignment<T: Config>(domain: DomainId) -> Assignment<T::AccountId> {
    Assignment {
        optimum: OPTIMUM,
        domain,
        optimizer: account("optimizer", 0, 0),
        candidate: ArtifactReference {
            root: Hash::repeat_byte(1),
            size: 1,
        },
        incumbent: ArtifactReference {
            root: Hash::repeat_byte(2),
            size: 1,
        },
        reported: Metric::from_inner(-1_000_000_000_000_000_000),
        season: 0,
        // Of as many voters as there can be: the largest round.
        challenge: Some(ChallengeBrief {
            challenger: account("challenger", 0, 0),
            voters: BoundedVec::truncate_from((0..MAX_EVALUATORS).map(|number| account("voter", number, 0)).collect()),
        }),
    }
}

/// Registers `count` eligible evaluators of the domain.
fn register<T: Config>(domain: DomainId, count: u32) -> Result<Vec<T::AccountId>, BenchmarkError> {
    (0..count)
        .map(|number| {
            let who = funded::<T>("evaluator", number);
            T::Reputation::on_genesis_member(&who);
            Pallet::<T>::do_register(domain, &who).map_err(|_| BenchmarkError::Stop("registration failed"))?;
            Ok(who)
        })
        .collect()
}

/// Lets an evaluator that has deregistered withdraw at once.
fn free_at_once<T: Config>(domain: DomainId, who: &T::AccountId) {
    Registrations::<T>::mutate(who, domain, |stored| {
        if let Some(registration) = stored {
            registration.withdrawable_at = Some(0);
        }
    });
}

/// Fills the list of rounds in progress but for `room` places. The entries are of domains and optimae far off.
fn crowd<T: Config>(room: u32) {
    Active::<T>::mutate(|active| {
        for number in 0..T::MaxActive::get().saturating_sub(room) {
            let far = u32::MAX.saturating_sub(number);
            let entry = ActiveRound {
                optimum: far.into(),
                domain: far,
                due: SlotNumber::MAX,
            };
            // A full list is as crowded as it gets.
            let _ = active.try_push(entry);
        }
    });
}

/// A round and its evaluators in the order of the seats.
type Drawn<T> = (
    Round<<T as frame_system::Config>::AccountId>,
    Vec<<T as frame_system::Config>::AccountId>,
);

/// Opens a second round of 31 seats in the phase, all but the last seat as far as `committed` and `revealed` say.
fn open<T: Config>(
    assignment: Assignment<T::AccountId>,
    phase: RoundPhase,
    committed: u32,
    revealed: u32,
) -> Result<Drawn<T>, BenchmarkError> {
    let evaluators: Vec<T::AccountId> = (0..MAX_EVALUATORS)
        .map(|number| funded::<T>("evaluator", number))
        .collect();
    // With something to lose.
    evaluators.iter().for_each(T::Reputation::on_genesis_member);
    let genesis = Pallet::<T>::genesis_hash();
    let seats: Vec<_> = (0u32..)
        .zip(evaluators.iter())
        .map(|(number, evaluator)| Seat {
            evaluator: evaluator.clone(),
            seed: [0; 32],
            commitment: (number < committed)
                .then(|| vote_commitment(genesis, assignment.optimum, 2, evaluator, &vote(), &SALT)),
            vote: (number < revealed).then(vote),
        })
        .collect();
    let first: Vec<_> = (0..MAX_FIRST_ROUND)
        .map(|number| (account("first", number, 0), Conduct::Withheld))
        .collect();
    let slot = T::Clock::current_slot();
    let (optimum, domain) = (assignment.optimum, assignment.domain);
    let round = Round {
        assignment,
        number: 2,
        phase,
        seats: BoundedVec::truncate_from(seats),
        commit_deadline: slot,
        reveal_deadline: slot,
        first: BoundedVec::truncate_from(first),
    };
    Rounds::<T>::insert(optimum, round.clone());
    Pallet::<T>::set_due(ActiveRound {
        optimum,
        domain,
        due: slot.saturating_add(1),
    })?;
    Ok((round, evaluators))
}

/// An account that audits the vote of a seat.
fn auditor_of<T: Config>(seat: u32, place: u32) -> T::AccountId {
    account("auditor", seat, place)
}

/// Has every vote of the round audited by accounts of its own, so many each, after a round one with all the replays that
/// it can have. The auditors of the first seats have acted as far as `committed` and `revealed` say. The replays differ
/// from the votes where `differing`.
fn audit<T: Config>(round: &Round<T::AccountId>, auditors: u32, committed: u32, revealed: u32, differing: bool) {
    let genesis = Pallet::<T>::genesis_hash();
    let replay = match (vote(), differing) {
        (VoteValues::Measured(measurement), true) => VoteValues::Measured(Measurement {
            data_hash: [2; 32],
            ..measurement
        }),
        (vote, _) => vote,
    };
    let open: Vec<_> = (0..MAX_EVALUATORS)
        .map(|seat| {
            let auditors = (0..auditors).map(|place| {
                let auditor = auditor_of::<T>(seat, place);
                T::Reputation::on_genesis_member(&auditor);
                let commitment = replay_commitment(genesis, OPTIMUM, round.number, seat, &auditor, &replay, &SALT);
                Auditor {
                    auditor,
                    commitment: (seat < committed).then_some(commitment),
                    replay: (seat < revealed).then_some(replay),
                }
            });
            Audit {
                seat,
                auditors: BoundedVec::truncate_from(auditors.collect()),
            }
        })
        .collect();
    let earned: Vec<_> = (0..EARLIER_REPLAYS)
        .map(|number| account("earlier", number, 0))
        .collect();
    let record = AuditRecord {
        deadline: T::Clock::current_slot(),
        open: BoundedVec::truncate_from(open),
        earned: BoundedVec::truncate_from(earned),
        divergent: Default::default(),
    };
    Audits::<T>::insert(OPTIMUM, record);
}

/// Has all auditors of the last seat act, but for the last of them.
fn all_but_one_act<T: Config>(act: impl Fn(&mut Auditor<T::AccountId>)) {
    Audits::<T>::mutate(OPTIMUM, |record| {
        let last = record.open.iter_mut().next_back();
        let auditors = last
            .into_iter()
            .flat_map(|audit| audit.auditors.iter_mut().rev().skip(1));
        auditors.for_each(act);
    });
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register_evaluator() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        register::<T>(domain, T::MaxEvaluatorsPerDomain::get().saturating_sub(1))?;
        let caller = funded::<T>("caller", 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), domain);

        assert!(Registrations::<T>::contains_key(&caller, domain));
        Ok(())
    }

    #[benchmark]
    fn deregister_evaluator() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        let evaluators = register::<T>(domain, T::MaxEvaluatorsPerDomain::get())?;
        let caller = evaluators
            .first()
            .cloned()
            .ok_or(BenchmarkError::Stop("nobody is registered"))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), domain);

        assert!(!Evaluators::<T>::get(domain).contains(&caller));
        Ok(())
    }

    #[benchmark]
    fn withdraw_evaluator_bond() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        let caller = funded::<T>("caller", 0);
        Pallet::<T>::do_register(domain, &caller)?;
        Pallet::<T>::do_deregister(domain, &caller)?;
        free_at_once::<T>(domain, &caller);
        crowd::<T>(1);
        // A round of the domain, of others; challenges of what others have voted for.
        let assignment = assignment::<T>(domain);
        let (round, _) = open::<T>(assignment, RoundPhase::DisputeCommit, MAX_EVALUATORS, MAX_EVALUATORS)?;
        audit::<T>(&round, MAX_AUDITORS, MAX_EVALUATORS, MAX_EVALUATORS, true);
        T::BenchmarkHelper::challenge_all(domain);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), domain);

        assert_eq!(
            T::Currency::balance_on_hold(&HoldReason::EvaluatorBond.into(), &caller),
            0
        );
        Ok(())
    }

    #[benchmark]
    fn commit_vote() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        // The last one: it ends the phase.
        let (_, evaluators) = open::<T>(assignment, RoundPhase::Commit, MAX_EVALUATORS.saturating_sub(1), 0)?;
        let caller = evaluators
            .last()
            .cloned()
            .ok_or(BenchmarkError::Stop("nobody is seated"))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), OPTIMUM, 2, Hash::repeat_byte(1));

        assert!(Rounds::<T>::get(OPTIMUM).is_some_and(|round| round.seats.iter().all(|seat| seat.commitment.is_some())));
        Ok(())
    }

    #[benchmark]
    fn reveal_vote() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let (round, evaluators) = open::<T>(
            assignment,
            RoundPhase::Reveal,
            MAX_EVALUATORS,
            MAX_EVALUATORS.saturating_sub(1),
        )?;
        audit::<T>(&round, 1, MAX_EVALUATORS, MAX_EVALUATORS, false);
        let caller = evaluators
            .last()
            .cloned()
            .ok_or(BenchmarkError::Stop("nobody is seated"))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), OPTIMUM, vote(), SALT);

        assert!(Rounds::<T>::get(OPTIMUM).is_some_and(|round| round.seats.iter().all(|seat| seat.vote.is_some())));
        Ok(())
    }

    /// The hook when nothing is due.
    #[benchmark]
    fn on_initialize() {
        crowd::<T>(0);

        #[block]
        {
            Pallet::<T>::work_off(T::Clock::current_slot());
        }

        assert!(Active::<T>::get().is_full());
    }

    /// The end of a commit phase in which `a` have not committed and one has. Without the draw of audits, which is weighed
    /// beside it.
    #[benchmark]
    fn close_commits(a: Linear<0, 30>) -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        MinimumAuditRate::<T>::put(Perquintill::zero());
        let assignment = assignment::<T>(domain);
        let (round, _) = open::<T>(assignment, RoundPhase::Commit, MAX_EVALUATORS.saturating_sub(a), 0)?;

        #[block]
        {
            Pallet::<T>::close_commits(round, T::Clock::current_slot());
        }

        assert!(Rounds::<T>::get(OPTIMUM).is_some_and(|round| round.phase == RoundPhase::Reveal));
        Ok(())
    }

    /// The end of reveals of 31 of whom `w` have withheld their votes, without disputes.
    #[benchmark]
    fn close_reveals(w: Linear<0, MAX_EVALUATORS>) -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let revealed = MAX_EVALUATORS.saturating_sub(w);
        let (round, _) = open::<T>(assignment, RoundPhase::Reveal, MAX_EVALUATORS, revealed)?;

        // With the decision, which is weighed beside it.
        #[block]
        {
            Pallet::<T>::close_reveals(round, T::Clock::current_slot());
        }

        assert!(!Rounds::<T>::contains_key(OPTIMUM));
        Ok(())
    }

    /// The decision of 31, of whom `s` have withheld their votes from their audits and are slashed; all other auditors have
    /// withheld their replays. And the verdict, but for what its handler does, in a domain with as many evaluators as one can
    /// have.
    #[benchmark]
    fn end_round(s: Linear<0, MAX_EVALUATORS>) -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let (mut round, _) = open::<T>(assignment, RoundPhase::Reveal, MAX_EVALUATORS, MAX_EVALUATORS)?;
        // Those who sit in the round are the first of them.
        register::<T>(domain, T::MaxEvaluatorsPerDomain::get())?;
        for seat in round.seats.iter_mut().take(s as usize) {
            seat.vote = None;
        }
        audit::<T>(&round, 1, MAX_EVALUATORS, 0, false);

        #[block]
        {
            Pallet::<T>::end_round(round);
        }

        assert!(!Rounds::<T>::contains_key(OPTIMUM));
        assert_eq!(
            Evaluators::<T>::get(domain).len() as u32,
            T::MaxEvaluatorsPerDomain::get().saturating_sub(s)
        );
        Ok(())
    }

    /// `a`: those on whose finding an optimum was accepted. All have deregistered, and their bonds stay longer.
    #[benchmark]
    fn extend_unbonding(a: Linear<0, { 2 * MAX_EVALUATORS }>) -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        let accountable: Vec<T::AccountId> = (0..a).map(|number| funded::<T>("evaluator", number)).collect();
        for who in &accountable {
            Pallet::<T>::do_register(domain, who)?;
            Pallet::<T>::do_deregister(domain, who)?;
            free_at_once::<T>(domain, who);
        }

        #[block]
        {
            Pallet::<T>::extend_unbonding(domain, accountable.iter());
        }

        let is_extended = |who: &T::AccountId| {
            Registrations::<T>::get(who, domain).is_some_and(|registration| registration.withdrawable_at > Some(0))
        };
        assert!(accountable.iter().all(is_extended));
        Ok(())
    }

    /// The draw of a second round of 31 from as many evaluators as a domain can have.
    #[benchmark]
    fn draw() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        let evaluators = register::<T>(domain, T::MaxEvaluatorsPerDomain::get())?;
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let specification = T::Domains::specification(domain).ok_or(BenchmarkError::Stop("the domain is not there"))?;
        let first = evaluators
            .into_iter()
            .take(MAX_FIRST_ROUND as usize)
            .map(|who| (who, Conduct::Revealed))
            .collect();
        let first = BoundedVec::truncate_from(first);

        #[block]
        {
            assert!(Pallet::<T>::draw_second(&assignment, &specification, first));
        }

        assert!(Rounds::<T>::get(OPTIMUM).is_some_and(|round| !round.seats.is_empty()));
        Ok(())
    }

    #[benchmark]
    fn commit_replay() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let (round, _) = open::<T>(assignment, RoundPhase::DisputeCommit, MAX_EVALUATORS, MAX_EVALUATORS)?;
        let last = MAX_EVALUATORS.saturating_sub(1);
        // The last one: it ends the phase.
        audit::<T>(&round, MAX_AUDITORS, last, 0, false);
        all_but_one_act::<T>(|auditor| auditor.commitment = Some(Hash::repeat_byte(1)));

        #[extrinsic_call]
        _(
            RawOrigin::Signed(auditor_of::<T>(last, MAX_AUDITORS.saturating_sub(1))),
            OPTIMUM,
            2,
            last,
            Hash::repeat_byte(1),
        );

        assert!(!Audits::<T>::get(OPTIMUM).open.iter().any(Audit::awaits_commitment));
        Ok(())
    }

    #[benchmark]
    fn reveal_replay() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let (round, _) = open::<T>(assignment, RoundPhase::DisputeReveal, MAX_EVALUATORS, MAX_EVALUATORS)?;
        let last = MAX_EVALUATORS.saturating_sub(1);
        audit::<T>(&round, MAX_AUDITORS, MAX_EVALUATORS, last, false);
        all_but_one_act::<T>(|auditor| auditor.replay = Some(vote()));
        let caller = auditor_of::<T>(last, MAX_AUDITORS.saturating_sub(1));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), OPTIMUM, last, vote(), SALT);

        assert!(round.is_phase_over(&Audits::<T>::get(OPTIMUM)));
        Ok(())
    }

    /// The draw of two further auditors for each of 31 disputed votes, from as many evaluators as a domain can have: more
    /// than the draw of their first ones.
    #[benchmark]
    fn draw_audits() -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        register::<T>(domain, T::MaxEvaluatorsPerDomain::get())?;
        crowd::<T>(1);
        MinimumAuditRate::<T>::put(Perquintill::one());
        let assignment = assignment::<T>(domain);
        let (round, _) = open::<T>(assignment, RoundPhase::Reveal, MAX_EVALUATORS, MAX_EVALUATORS)?;
        audit::<T>(&round, 1, MAX_EVALUATORS, MAX_EVALUATORS, true);

        #[block]
        {
            Pallet::<T>::close_reveals(round, T::Clock::current_slot());
        }

        assert!(Rounds::<T>::get(OPTIMUM).is_some_and(|round| round.phase == RoundPhase::DisputeCommit));
        Ok(())
    }

    /// The end of the auditors' commits, of whom `a` have not committed.
    #[benchmark]
    fn close_replay_commits(a: Linear<0, MAX_EVALUATORS>) -> Result<(), BenchmarkError> {
        let domain = T::BenchmarkHelper::domain();
        crowd::<T>(1);
        let assignment = assignment::<T>(domain);
        let (round, _) = open::<T>(assignment, RoundPhase::AuditCommit, MAX_EVALUATORS, 0)?;
        audit::<T>(&round, 1, MAX_EVALUATORS.saturating_sub(a), 0, false);

        #[block]
        {
            Pallet::<T>::end_phase(round, T::Clock::current_slot());
        }

        assert!(Rounds::<T>::get(OPTIMUM).is_some_and(|round| round.phase == RoundPhase::Reveal));
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::Builder::with_evaluators(0).build(),
        crate::mock::Test
    );
}

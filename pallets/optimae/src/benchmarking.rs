//! Benchmarks of the calls and of the hooks' units of work.

#![allow(clippy::arithmetic_side_effects)]

use super::*;
use alloc::vec::Vec;
use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{optimum_commitment, Salt},
    domain::DomainId,
    optimum::{Assignment, ChallengeBrief, Experiment, OptimumId},
    quorum::{Decision, QuorumVerdict, MAX_EVALUATORS},
    traits::{ReputationLedger, SlotClock, Verdict, VerdictHandler},
    Hash, Metric, SlotNumber, DOIN,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{
    fungible::{hold::Mutate as _, Mutate},
    Get,
};
use frame_system::RawOrigin;
use sp_runtime::{traits::One, BoundedVec, FixedI128, FixedU128};

/// What benchmarks need of other pallets.
pub trait BenchmarkHelper {
    /// A new domain with weight and the largest specification, in which so many accounts can judge: bonded,
    /// with reputation, `account("evaluator", i, 0)` from 0 on.
    fn domain(evaluators: u32) -> DomainId;
    /// Moves consensus time.
    fn set_slot(slot: SlotNumber);
    /// Mints the pot to come, so that its points are worth coin.
    fn mint_pot();
}

/// Evaluators of a domain in which a draw is as heavy as it gets.
const EVALUATORS: u32 = 256;
const NONCE: Salt = [7; 32];
const ARTIFACT: ArtifactReference = ArtifactReference {
    root: Hash::repeat_byte(1),
    size: 80,
};

fn funded<T: Config>(index: u32) -> T::AccountId {
    let who = account("optimizer", index, 0);
    let _ = T::Currency::mint_into(&who, DOIN.saturating_mul(1_000_000));
    who
}

/// A judge with a reputation.
fn member<T: Config>(index: u32) -> T::AccountId {
    let who = funded::<T>(1_000 + index);
    T::Reputation::on_genesis_member(&who);
    who
}

fn next_block<T: Config>() {
    let number = frame_system::Pallet::<T>::block_number();
    frame_system::Pallet::<T>::set_block_number(number + One::one());
}

fn experiment() -> Experiment {
    let name = |index: u8| BoundedVec::truncate_from([index; 32].to_vec());
    BoundedVec::truncate_from(
        (0..16u8)
            .map(|index| (name(index), Metric::from_inner(index.into())))
            .collect(),
    )
}

/// Fills the lists of domains, but for one place. The entries are of domains far off in which nothing is due.
fn crowd<T: Config>() {
    for index in 1..T::MaxDomains::get() {
        let domain = u32::MAX.saturating_sub(index);
        let deadline = SlotNumber::MAX;
        let _ = NextExpiries::<T>::try_mutate(|list| list.try_push(NextExpiry { domain, deadline }));
        let _ = WaitingHeads::<T>::try_mutate(|list| list.try_push(WaitingHead { domain, expires: None }));
    }
}

/// As if so many commits had been made in the domain after the last one, and revealed since, that with that one they are as
/// many gaps as can be skipped at a time to find the next commit.
fn gap<T: Config>(domain: DomainId) {
    ExpiryRanges::<T>::mutate(domain, |range| range.next += u64::from(MAX_GAPS) - 2);
}

/// Has a stranger commit after a gap, and fills the list of the account's own commits.
fn commit_behind<T: Config>(domain: DomainId, who: &T::AccountId) {
    gap::<T>(domain);
    assert!(Pallet::<T>::do_commit(funded::<T>(u32::MAX), domain, Hash::repeat_byte(255)).is_ok());
    for index in 1..T::MaxCommits::get() {
        assert!(Pallet::<T>::do_commit(who.clone(), domain, Hash::repeat_byte(index as u8)).is_ok());
    }
}

/// As many ended optimae as are kept of a domain: the next one takes the place of the oldest.
fn fill_ended<T: Config>(domain: DomainId) {
    let ended = (0..T::MaxEnded::get()).map(|index| OptimumId::MAX - OptimumId::from(index));
    RecentlyEnded::<T>::insert(domain, BoundedVec::truncate_from(ended.collect::<Vec<_>>()));
}

fn commitment<T: Config>(domain: DomainId, who: &T::AccountId) -> Hash {
    optimum_commitment(
        Pallet::<T>::genesis_hash(),
        domain,
        who,
        ARTIFACT,
        Metric::default(),
        &NONCE,
    )
}

fn committed<T: Config>(domain: DomainId, who: &T::AccountId) -> Hash {
    let commitment = commitment::<T>(domain, who);
    assert!(Pallet::<T>::do_commit(who.clone(), domain, commitment).is_ok());
    next_block::<T>();
    commitment
}

fn revealed<T: Config>(domain: DomainId, who: &T::AccountId) -> OptimumId {
    let commitment = committed::<T>(domain, who);
    let id = NextOptimum::<T>::get();
    let revealed = Pallet::<T>::do_reveal(
        who.clone(),
        commitment,
        ARTIFACT,
        Metric::default(),
        experiment(),
        NONCE,
    );
    assert!(revealed.is_ok());
    id
}

/// An optimum that the most evaluators have accepted, which a stranger may challenge.
fn accepted<T: Config>(domain: DomainId) -> (OptimumId, Vec<T::AccountId>) {
    let id = revealed::<T>(domain, &funded::<T>(0));
    let voters: Vec<T::AccountId> = (0..MAX_EVALUATORS)
        .map(|index| account("evaluator", index, 0))
        .collect();
    Optimae::<T>::mutate(id, |optimum| {
        if let Some(optimum) = optimum {
            optimum.stage = Stage::Judging;
        }
    });
    Pallet::<T>::set_waiting(domain, None);
    let one = FixedI128::from_u32(1);
    let accepted = Decision::Agreed {
        candidate: Metric::default(),
        incumbent: one,
        improvement: one,
        required: one,
        verdict: QuorumVerdict::Accepted,
    };
    Pallet::<T>::on_verdict(verdict::<T>(id, domain, accepted, voters.clone(), None));
    assert!(Contestables::<T>::contains_key(id));
    (id, voters)
}

fn verdict<T: Config>(
    optimum: OptimumId,
    domain: DomainId,
    decision: Decision,
    agreeing: Vec<T::AccountId>,
    challenge: Option<ChallengeBrief<T::AccountId>>,
) -> Verdict<T::AccountId> {
    Verdict {
        assignment: Assignment {
            optimum,
            domain,
            optimizer: funded::<T>(0),
            candidate: ARTIFACT,
            incumbent: ARTIFACT,
            reported: Metric::default(),
            season: 0,
            challenge,
        },
        decision,
        evaluators_drawn: u32::try_from(agreeing.len()).unwrap_or(u32::MAX),
        revealed: agreeing.clone(),
        divergent: Vec::new(),
        agreeing,
        auditors: Vec::new(),
        confirming: Vec::new(),
    }
}

/// The same challenged, and judged.
fn challenged<T: Config>(domain: DomainId) -> (OptimumId, Vec<T::AccountId>) {
    let (id, voters) = accepted::<T>(domain);
    assert!(Pallet::<T>::do_challenge(funded::<T>(1), id).is_ok());
    Contestables::<T>::mutate(id, |record| {
        if let Some(challenge) = record.as_mut().and_then(|record| record.challenge.as_mut()) {
            challenge.stage = Stage::Judging;
        }
    });
    Pallet::<T>::set_waiting(domain, None);
    (id, voters)
}

/// Beyond the window of what is accepted.
fn pass_window<T: Config>() {
    T::BenchmarkHelper::set_slot(Pallet::<T>::window_end() + 1);
}

/// Beyond every deadline of the domain.
fn wait<T: Config>(domain: DomainId) {
    use doin_primitives::traits::DomainRegistry;
    let deadline = T::Domains::specification(domain).map_or(0, |specification| specification.deadlines.reveal);
    T::BenchmarkHelper::set_slot(Pallet::<T>::now() + u64::from(deadline) + DRAW_TIMEOUT + 1);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// `e`: the signer's expired commits, which it prunes first.
    #[benchmark]
    fn commit(e: Linear<0, { T::MaxCommits::get() }>) {
        let domain = T::BenchmarkHelper::domain(1);
        let who = funded::<T>(0);
        crowd::<T>();
        for index in 0..e {
            let expired = Hash::repeat_byte(index as u8);
            assert!(Pallet::<T>::do_commit(who.clone(), domain, expired).is_ok());
            gap::<T>(domain);
        }
        if e > 0 {
            assert!(Pallet::<T>::do_commit(funded::<T>(1), domain, Hash::repeat_byte(255)).is_ok());
        }
        wait::<T>(domain);
        let commitment = commitment::<T>(domain, &who);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), domain, commitment);

        assert_eq!(Commits::<T>::get(&who).len(), 1);
    }

    #[benchmark]
    fn reveal() {
        // The first of its domain: it joins those that wait.
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        crowd::<T>();
        let who = funded::<T>(0);
        let commitment = committed::<T>(domain, &who);
        commit_behind::<T>(domain, &who);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(who.clone()),
            commitment,
            ARTIFACT.root,
            ARTIFACT.size,
            Metric::default(),
            experiment(),
            NONCE,
        );

        assert!(Places::<T>::contains_key(domain, &who));
    }

    #[benchmark]
    fn prune() {
        let domain = T::BenchmarkHelper::domain(1);
        crowd::<T>();
        let who = funded::<T>(0);
        let commitment = committed::<T>(domain, &who);
        commit_behind::<T>(domain, &who);
        wait::<T>(domain);
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), who.clone(), commitment);

        assert!(Commits::<T>::get(&who).iter().all(|open| open.commitment != commitment));
    }

    /// When nothing is due: commits are open in as many domains as there can be, and the first window ends later.
    #[benchmark]
    fn on_initialize() {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        accepted::<T>(domain);
        crowd::<T>();
        WaitingHeads::<T>::kill();

        #[block]
        {
            let slot = T::Clock::current_slot();
            Pallet::<T>::work_off_heads(slot, MAX_ITEMS_PER_BLOCK);
            Pallet::<T>::expire_due(slot, MAX_ITEMS_PER_BLOCK);
            Pallet::<T>::close_windows(slot, MAX_ITEMS_PER_BLOCK);
            VerdictWeight::<T>::take();
        }
    }

    #[benchmark]
    fn expire_commit() {
        let domain = T::BenchmarkHelper::domain(1);
        crowd::<T>();
        let who = funded::<T>(0);
        let commitment = committed::<T>(domain, &who);
        commit_behind::<T>(domain, &who);
        wait::<T>(domain);

        #[block]
        {
            Pallet::<T>::expire_due(Pallet::<T>::now(), 1);
        }

        assert!(Commits::<T>::get(&who).iter().all(|open| open.commitment != commitment));
    }

    /// The heaviest head: drawn from as many evaluators as a domain may have.
    #[benchmark]
    fn work_off_head() {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let id = revealed::<T>(domain, &funded::<T>(0));
        crowd::<T>();
        T::BenchmarkHelper::set_slot(Pallet::<T>::now() + DRAW_TIMEOUT);

        #[block]
        {
            Pallet::<T>::work_off_heads(Pallet::<T>::now(), 1);
        }

        assert_eq!(Optimae::<T>::get(id).map(|optimum| optimum.stage), Some(Stage::Judging));
    }

    /// The same of a challenge, for which those who voted for the optimum are told from the others.
    #[benchmark]
    fn work_off_challenge() {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let (id, _) = accepted::<T>(domain);
        assert!(Pallet::<T>::do_challenge(funded::<T>(1), id).is_ok());
        crowd::<T>();
        T::BenchmarkHelper::set_slot(Pallet::<T>::now() + DRAW_TIMEOUT);

        #[block]
        {
            Pallet::<T>::work_off_heads(Pallet::<T>::now(), 1);
        }

        let opened = Contestables::<T>::get(id).and_then(|record| record.challenge);
        assert_eq!(opened.map(|opened| opened.stage), Some(Stage::Judging));
    }

    /// `p`: the evaluators who agreed and are paid; auditors are no more work than they. The optimum is accepted, in a full queue.
    #[benchmark]
    fn on_verdict(p: Linear<1, MAX_EVALUATORS>) {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let optimizer = funded::<T>(0);
        let id = revealed::<T>(domain, &optimizer);
        for index in 1..T::MaxQueue::get() {
            revealed::<T>(domain, &funded::<T>(index));
        }
        // One price for each.
        let escrow = DOIN.saturating_mul(p.into());
        assert!(T::Currency::hold(&HoldReason::Escrow.into(), &optimizer, escrow).is_ok());
        Optimae::<T>::mutate(id, |optimum| {
            if let Some(optimum) = optimum {
                optimum.escrow = optimum.escrow.saturating_add(escrow);
                optimum.stage = Stage::Judging;
            }
        });
        WaitingHeads::<T>::kill();
        crowd::<T>();
        fill_ended::<T>(domain);
        let agreeing: Vec<T::AccountId> = (0..p).map(member::<T>).collect();
        let one = FixedI128::from_u32(1);
        let accepted = Decision::Agreed {
            candidate: Metric::default(),
            incumbent: one,
            improvement: one,
            required: one,
            verdict: QuorumVerdict::Accepted,
        };
        let verdict = verdict::<T>(id, domain, accepted, agreeing, None);

        #[block]
        {
            Pallet::<T>::on_verdict(verdict);
        }

        assert!(Ended::<T>::contains_key(id));
        assert!(SmallQuorumFactor::<T>::get() <= FixedU128::from_u32(1));
    }

    #[benchmark]
    fn challenge() {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let (id, _) = accepted::<T>(domain);
        crowd::<T>();
        let who = funded::<T>(1);

        #[extrinsic_call]
        _(RawOrigin::Signed(who), id);

        assert_eq!(Challenges::<T>::get(domain).len(), 1);
    }

    #[benchmark]
    fn release_bond() {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let (id, _) = accepted::<T>(domain);
        pass_window::<T>();
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id);

        assert!(!Contestables::<T>::contains_key(id));
    }

    #[benchmark]
    fn close_window() {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let (id, _) = accepted::<T>(domain);
        pass_window::<T>();

        #[block]
        {
            Pallet::<T>::close_windows(Pallet::<T>::now(), 1);
        }

        assert!(!Contestables::<T>::contains_key(id));
    }

    /// `p`: the evaluators of the challenge who agreed and are paid. They overturn what the most evaluators had accepted, and
    /// what it has earned is minted.
    #[benchmark]
    fn on_challenge_verdict(p: Linear<1, MAX_EVALUATORS>) {
        let domain = T::BenchmarkHelper::domain(EVALUATORS);
        let (id, voters) = challenged::<T>(domain);
        T::BenchmarkHelper::mint_pot();
        crowd::<T>();
        let agreeing: Vec<T::AccountId> = (0..p).map(member::<T>).collect();
        let none = FixedI128::default();
        let decision = Decision::Agreed {
            candidate: Metric::default(),
            incumbent: none,
            improvement: none,
            required: none,
            verdict: QuorumVerdict::Unproven,
        };
        let brief = ChallengeBrief {
            challenger: funded::<T>(1),
            voters: BoundedVec::truncate_from(voters),
        };
        let verdict = verdict::<T>(id, domain, decision, agreeing, Some(brief));

        #[block]
        {
            Pallet::<T>::on_verdict(verdict);
        }

        assert!(!Contestables::<T>::contains_key(id));
        assert!(!Challenges::<T>::contains_key(domain));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}

//! A runtime of this pallet, system and balances; the other pallets are plain state that the tests set and read.

use crate as pallet_optimae;
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    optimum::{Assignment, OptimumId},
    reputation,
    traits::{
        BaseFee, BurnCounter, DomainRegistry, EvaluatorBonds, Incumbent, OptimizerPool, QuorumManager,
        ReputationLedger, RewardLedger, RollingRandomness, SlotClock, WorkSink,
    },
    Balance, BlockNumber, Hash, Increment, Metric, OptimizationHeight, Reputation, SlotNumber, DOIN, MILLI_DOIN,
};
use frame_support::{derive_impl, parameter_types, traits::ConstU32};
use sp_runtime::{BoundedVec, BuildStorage, DispatchError, DispatchResult, FixedU128, Permill, Perquintill};
use std::collections::BTreeMap;

pub const ALICE: u64 = 1;
pub const BOB: u64 = 2;
/// Evaluators; none of them has coin beyond the existential deposit.
pub const EVA: u64 = 11;
pub const EVE: u64 = 12;
pub const EWA: u64 = 13;
/// An account with little coin.
pub const POOR: u64 = 50;
/// Accounts from here on have coin, for crowds.
pub const CROWD: u64 = 100;
pub const CROWD_SIZE: u64 = 80;

/// Domains 0 to 19 are registered, with one specification and a best each.
pub const DOMAINS: DomainId = 20;
pub const DOMAIN: DomainId = 0;
pub const PRICE: Balance = 100 * MILLI_DOIN;
pub const MINIMUM_BOND: Balance = DOIN;
pub const FIRST_SLOT: SlotNumber = 10_000;
pub const REVEAL: u64 = 100;
pub const VOTE_COMMIT: u64 = 30;
/// How long an accepted optimum can be challenged.
pub const WINDOW: u64 = 500;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Optima = pallet_optimae;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
}

parameter_types! {
    pub const ExistentialDeposit: Balance = 1_000;
    pub static CurrentSlot: SlotNumber = FIRST_SLOT;
    /// How many distinct authors have authored since any block.
    pub static Authors: u32 = 4;
    pub static Authorities: u32 = 10;
    pub static Specification: DomainSpecification = specification();
    pub static DomainWeight: FixedU128 = FixedU128::from_u32(1);
    pub static Bests: BTreeMap<DomainId, Incumbent> = BTreeMap::new();
    /// Bests that were measured again: domain, metric, season.
    pub static Remeasured: Vec<(DomainId, Metric, u64)> = Vec::new();
    /// Incumbents that fell back.
    pub static FellBack: Vec<(DomainId, ArtifactReference)> = Vec::new();
    /// What is judged now.
    pub static Judged: Vec<Assignment<u64>> = Vec::new();
    /// How many evaluators there are to draw.
    pub static Evaluators: u32 = 5;
    /// Whether votes are audited.
    pub static Audited: bool = false;
    pub static Points: BTreeMap<u64, Reputation> = BTreeMap::new();
    /// All work that was accepted.
    pub static Accepted: Increment = Increment::from_u32(0);
    pub static Standing: Vec<(u64, Step)> = Vec::new();
    pub static OptimizerShares: BTreeMap<u64, Increment> = BTreeMap::new();
    pub static EvaluatorShares: BTreeMap<u64, Increment> = BTreeMap::new();
    pub static Work: Increment = Increment::from_u32(0);
    pub static Burned: Balance = 0;
    /// Bests that were revoked.
    pub static Revoked: Vec<(DomainId, OptimumId)> = Vec::new();
    /// Bonds that were slashed.
    pub static Slashed: Vec<(DomainId, u64, Permill)> = Vec::new();
    /// The height of the pot to come.
    pub static PotHeight: OptimizationHeight = 1;
    /// The slot from which it can be claimed.
    pub static ClaimFrom: SlotNumber = 0;
    /// How often the shares of accounts are frozen, by height.
    pub static Frozen: BTreeMap<(OptimizationHeight, u64), u32> = BTreeMap::new();
    /// Points that were taken back: height, account, effective, verified.
    pub static Voided: Vec<(OptimizationHeight, u64, Increment, Increment)> = Vec::new();
    pub static Fee: Balance = 10 * MILLI_DOIN;
    pub static Pool: Balance = 32 * DOIN + DOIN / 2;
}

/// What the reputation ledger was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Accepted(Increment),
    Agreed(Increment),
    Diverged(Increment),
    Refuted,
    Overturned(Reputation, bool),
}

pub struct Clock;
impl SlotClock for Clock {
    fn current_slot() -> SlotNumber {
        CurrentSlot::get()
    }
}

pub struct Randomness;
impl RollingRandomness for Randomness {
    fn rolling_randomness() -> [u8; 32] {
        [9; 32]
    }
    fn distinct_authors_since(_: BlockNumber) -> u32 {
        Authors::get()
    }
    fn authority_count() -> u32 {
        Authorities::get()
    }
}

pub struct Registry;
impl DomainRegistry for Registry {
    fn specification(domain: DomainId) -> Option<DomainSpecification> {
        (domain < DOMAINS).then(Specification::get)
    }
    fn weight(_: DomainId) -> FixedU128 {
        DomainWeight::get()
    }
    fn incumbent(domain: DomainId, _: SlotNumber) -> Option<Incumbent> {
        Bests::get().get(&domain).cloned()
    }
    fn set_best(
        domain: DomainId,
        optimum: OptimumId,
        artifact: ArtifactReference,
        metric: Metric,
        _: u64,
    ) -> DispatchResult {
        let best = Incumbent {
            optimum: Some(optimum),
            artifact,
            metric: Some(metric),
        };
        Bests::mutate(|bests| bests.insert(domain, best));
        Ok(())
    }
    fn remeasure(domain: DomainId, _: ArtifactReference, metric: Metric, season: u64) {
        Remeasured::mutate(|list| list.push((domain, metric, season)));
    }
    fn fall_back(domain: DomainId, artifact: ArtifactReference) {
        FellBack::mutate(|list| list.push((domain, artifact)));
    }
    fn revoke(domain: DomainId, optimum: OptimumId) {
        Revoked::mutate(|list| list.push((domain, optimum)));
    }
}

pub struct Quorum;
impl QuorumManager<u64> for Quorum {
    fn quorum_size(_: DomainId, _: &u64) -> u32 {
        Evaluators::get()
    }
    fn draw(assignment: Assignment<u64>) -> DispatchResult {
        if Evaluators::get() == 0 {
            return Err(DispatchError::Other("nobody can judge"));
        }
        Judged::mutate(|judged| {
            assert!(
                judged.iter().all(|other| other.domain != assignment.domain),
                "two at a time in a domain"
            );
            judged.push(assignment);
        });
        Ok(())
    }
    fn is_judging(optimum: OptimumId) -> bool {
        Judged::get().iter().any(|assignment| assignment.optimum == optimum)
    }
    fn paid_evaluations(seats: u32) -> u32 {
        seats * if Audited::get() { 2 } else { 1 }
    }
}

pub struct Ledger;
impl ReputationLedger<u64> for Ledger {
    fn reputation(who: &u64) -> Reputation {
        Points::get().get(who).copied().unwrap_or_default()
    }
    fn on_accepted(who: &u64, agreeing: &[u64], work: Increment) -> Reputation {
        Standing::mutate(|steps| {
            steps.push((*who, Step::Accepted(work)));
            steps.extend(agreeing.iter().map(|evaluator| (*evaluator, Step::Agreed(work))));
        });
        let already = Accepted::mutate(|accepted| core::mem::replace(accepted, *accepted + work));
        let gain = reputation::earned(already, work, FixedU128::from_rational(2, 100));
        Points::mutate(|points| {
            let points = points.entry(*who).or_default();
            *points = *points + gain;
            *points
        })
    }
    fn on_diverged(who: &u64, work: Increment) {
        Standing::mutate(|steps| steps.push((*who, Step::Diverged(work))));
    }
    fn on_refuted(who: &u64) {
        Standing::mutate(|steps| steps.push((*who, Step::Refuted)));
    }
    fn on_overturned(who: &u64, earned: Reputation, at_fault: bool) {
        Standing::mutate(|steps| steps.push((*who, Step::Overturned(earned, at_fault))));
    }
    fn on_discredited(_: &u64) {}
    fn on_no_show(_: &u64) {}
    fn on_equivocation(_: &u64) {}
}

pub struct Rewards;
impl RewardLedger<u64> for Rewards {
    fn credit_optimizer(who: &u64, effective: Increment) {
        OptimizerShares::mutate(|shares| {
            let share = shares.entry(*who).or_default();
            *share = *share + effective;
        });
    }
    fn credit_evaluator(who: &u64, verified: Increment) {
        EvaluatorShares::mutate(|shares| {
            let share = shares.entry(*who).or_default();
            *share = *share + verified;
        });
    }
    fn pending_height() -> OptimizationHeight {
        PotHeight::get()
    }
    fn claim_from(slot: SlotNumber) {
        ClaimFrom::set(ClaimFrom::get().max(slot));
    }
    fn freeze(height: OptimizationHeight, who: &u64) {
        Frozen::mutate(|frozen| *frozen.entry((height, *who)).or_default() += 1);
    }
    fn unfreeze(height: OptimizationHeight, who: &u64) {
        Frozen::mutate(|frozen| {
            let count = frozen.get_mut(&(height, *who)).expect("it was frozen");
            *count -= 1;
            if *count == 0 {
                frozen.remove(&(height, *who));
            }
        });
    }
    fn void(height: OptimizationHeight, who: &u64, effective: Increment, verified: Increment) -> Balance {
        Voided::mutate(|list| list.push((height, *who, effective, verified)));
        0
    }
}

impl EvaluatorBonds<u64> for Quorum {
    fn slash(domain: DomainId, who: &u64, part: Permill) -> Balance {
        Slashed::mutate(|list| list.push((domain, *who, part)));
        0
    }
    fn unbonding_period() -> u32 {
        100_800
    }
}

pub struct Chain;
impl WorkSink for Chain {
    fn add_work(effective: Increment) {
        Work::set(Work::get() + effective);
    }
    fn threshold() -> FixedU128 {
        FixedU128::from_rational(2, 100)
    }
    fn mean_threshold() -> FixedU128 {
        FixedU128::from_rational(2, 100)
    }
    fn optimization_height() -> OptimizationHeight {
        0
    }
}
impl BurnCounter for Chain {
    fn note_burned(amount: Balance) {
        Burned::set(Burned::get() + amount);
    }
}
impl BaseFee for Chain {
    fn base_fee() -> Balance {
        Fee::get()
    }
}
impl OptimizerPool for Chain {
    fn next_optimizer_pool() -> Balance {
        Pool::get()
    }
}

impl pallet_optimae::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Domains = Registry;
    type Quorum = Quorum;
    type Evaluators = Quorum;
    type Reputation = Ledger;
    type Rewards = Rewards;
    type Work = Chain;
    type Burns = Chain;
    type BaseFee = Chain;
    type Pool = Chain;
    type Clock = Clock;
    type Randomness = Randomness;
    type MaxDomains = ConstU32<256>;
    type MaxCommits = ConstU32<10>;
    type MaxQueue = ConstU32<64>;
    type MaxChallenges = ConstU32<3>;
    type MaxEnded = ConstU32<32>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Helper;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for Helper {
    fn domain(_: u32) -> DomainId {
        DOMAIN
    }
    fn set_slot(slot: SlotNumber) {
        CurrentSlot::set(slot);
    }
    fn mint_pot() {}
}

/// What all domains of the mock agree on: larger is better, φ is linear up to ±1, no seasons.
pub fn specification() -> DomainSpecification {
    DomainSpecification {
        name: BoundedVec::truncate_from(b"mock".to_vec()),
        kind: BoundedVec::truncate_from(b"mock".to_vec()),
        model: Default::default(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        paired_noise: FixedU128::from_u32(0),
        minimum_step: FixedU128::from_rational(1, 1_000),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_rational(1, 100),
        price: PRICE,
        minimum_bond: MINIMUM_BOND,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1_000,
        deadlines: Deadlines {
            reveal: REVEAL as u32,
            vote_commit: VOTE_COMMIT as u32,
            vote_reveal: 20,
        },
        season_length: 0,
        incentive: Default::default(),
    }
}

pub fn artifact(number: u8) -> ArtifactReference {
    ArtifactReference {
        root: Hash::repeat_byte(number),
        size: 80,
    }
}

/// A metric in thousandths.
pub fn thousandths(value: i128) -> Metric {
    Metric::from_inner(value * 1_000_000_000_000_000)
}

pub fn externalities() -> sp_io::TestExternalities {
    CurrentSlot::set(FIRST_SLOT);
    Authors::set(4);
    Authorities::set(10);
    Specification::set(specification());
    DomainWeight::set(FixedU128::from_u32(1));
    let best = Incumbent {
        optimum: None,
        artifact: artifact(0),
        metric: Some(thousandths(-500)),
    };
    Bests::set((0..DOMAINS).map(|domain| (domain, best.clone())).collect());
    Remeasured::set(Vec::new());
    FellBack::set(Vec::new());
    Judged::set(Vec::new());
    Evaluators::set(5);
    Audited::set(false);
    Points::set(BTreeMap::new());
    Standing::set(Vec::new());
    OptimizerShares::set(BTreeMap::new());
    EvaluatorShares::set(BTreeMap::new());
    Work::set(Increment::from_u32(0));
    Burned::set(0);
    Revoked::set(Vec::new());
    Slashed::set(Vec::new());
    PotHeight::set(1);
    ClaimFrom::set(0);
    Frozen::set(BTreeMap::new());
    Voided::set(Vec::new());
    Fee::set(10 * MILLI_DOIN);
    Pool::set(32 * DOIN + DOIN / 2);

    let rich = [ALICE, BOB]
        .into_iter()
        .chain(CROWD..CROWD + CROWD_SIZE)
        .map(|who| (who, 10_000 * DOIN));
    let little = [EVA, EVE, EWA]
        .into_iter()
        .map(|who| (who, 1_000))
        .chain([(POOR, 2 * DOIN)]);
    let balances = rich.chain(little).collect();
    let genesis = RuntimeGenesisConfig {
        system: Default::default(),
        balances: pallet_balances::GenesisConfig {
            balances,
            ..Default::default()
        },
        optima: pallet_optimae::GenesisConfig {
            challenge_window: WINDOW as u32,
            ..Default::default()
        },
    };
    let mut externalities: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
    externalities.execute_with(|| System::set_block_number(1));
    externalities
}

/// Runs a test on a fresh chain and checks the invariants after it, issuance among them.
pub fn run(test: impl FnOnce()) {
    externalities().execute_with(|| {
        let issuance = Balances::total_issuance();
        test();
        Optima::do_try_state().unwrap();
        assert_eq!(
            Balances::total_issuance() + Burned::get(),
            issuance,
            "what left the issuance was counted"
        );
    });
}

//! A runtime with system, balances and quorum; slots, randomness, domains and reputation are set by the tests, and
//! verdicts are recorded.

use crate as pallet_quorum;
use crate::types::Conduct;
use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{vote_commitment, Salt, Seed},
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
    optimum::{Assignment, OptimumId},
    quorum::{Measurement, Missing, VoteValues},
    traits::{
        BurnCounter, Claims, DomainRegistry, DueWork, Incumbent, Liability, QuorumManager, ReputationLedger,
        RollingRandomness, SlotClock, Verdict, VerdictHandler,
    },
    AccountId, Balance, BlockNumber, Hash, Increment, Metric, Reputation, SlotNumber, DOIN,
};
use frame_support::{derive_impl, parameter_types, traits::Hooks};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult, FixedI128, FixedU128, Perquintill};
use std::{cell::RefCell, collections::BTreeMap};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeHoldReason,
        RuntimeFreezeReason,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Quorum = pallet_quorum;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
    pub const ExistentialDeposit: Balance = 1;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
}

/// The only domains there are.
pub const DOMAINS: DomainId = 30;
pub const COMMIT_SLOTS: u32 = 10;
pub const REVEAL_SLOTS: u32 = 20;
pub const BOND: Balance = 20 * DOIN;
pub const UNBONDING: u32 = 1_000;
pub const FUNDS: Balance = 100 * DOIN;

parameter_types! {
    /// The slot of the block in execution.
    pub storage Slot: SlotNumber = 1_000;
    /// R.
    pub storage Randomness: Seed = [1; 32];
    /// The size that every domain asks for.
    pub storage Size: QuorumSize = QuorumSize::Automatic;
    /// Reputation in milli-points.
    pub storage Points: BTreeMap<AccountId, u32> = BTreeMap::new();
    /// No-shows counted.
    pub storage NoShows: Vec<AccountId> = Vec::new();
    /// Whose votes were shown wrong.
    pub storage Discredited: Vec<AccountId> = Vec::new();
    /// What every optimum claims, as a part of T.
    pub storage ClaimedPart: FixedU128 = FixedU128::from_u32(0);
    /// For how many slots an acceptance can be challenged.
    pub storage ChallengeWindow: u32 = 0;
    /// Who answers for an optimum that is challenged, in which domain.
    pub storage Challenged: Vec<(DomainId, AccountId)> = Vec::new();
    /// The weight of every domain.
    pub storage DomainWeight: FixedU128 = FixedU128::from_u32(1);
    /// What was counted as burned.
    pub storage Burned: Balance = 0;
    pub const MaxEvaluatorsPerDomain: u32 = 40;
    pub const MaxActive: u32 = 25;
}

pub struct Chain;

impl SlotClock for Chain {
    fn current_slot() -> SlotNumber {
        Slot::get()
    }
}

impl RollingRandomness for Chain {
    fn rolling_randomness() -> Seed {
        Randomness::get()
    }
    fn distinct_authors_since(_: BlockNumber) -> u32 {
        4
    }
    fn authority_count() -> u32 {
        4
    }
}

impl DomainRegistry for Chain {
    fn specification(domain: DomainId) -> Option<DomainSpecification> {
        (domain < DOMAINS).then(specification)
    }
    fn weight(_: DomainId) -> FixedU128 {
        DomainWeight::get()
    }
    fn incumbent(_: DomainId, _: SlotNumber) -> Option<Incumbent> {
        None
    }
    fn set_best(_: DomainId, _: OptimumId, _: ArtifactReference, _: Metric, _: u64) -> DispatchResult {
        Ok(())
    }
    fn remeasure(_: DomainId, _: ArtifactReference, _: Metric, _: u64) {}
    fn fall_back(_: DomainId, _: ArtifactReference) {}
    fn revoke(_: DomainId, _: OptimumId) {}
}

impl Claims for Chain {
    fn claimed_part(_: OptimumId) -> FixedU128 {
        ClaimedPart::get()
    }
}

impl Liability<AccountId> for Chain {
    fn ends_at() -> SlotNumber {
        Slot::get() + u64::from(ChallengeWindow::get())
    }
    fn is_challenged(domain: DomainId, who: &AccountId) -> bool {
        Challenged::get().contains(&(domain, who.clone()))
    }
}

impl BurnCounter for Chain {
    fn note_burned(amount: Balance) {
        Burned::set(&(Burned::get() + amount));
    }
}

pub struct Ledger;

impl ReputationLedger<AccountId> for Ledger {
    fn reputation(who: &AccountId) -> Reputation {
        FixedU128::from_rational(Points::get().get(who).copied().unwrap_or(0).into(), 1_000)
    }
    fn on_accepted(who: &AccountId, _: &[AccountId], _: Increment) -> Reputation {
        Self::reputation(who)
    }
    fn on_genesis_member(who: &AccountId) {
        set_points(who, 10_000);
    }
    fn on_diverged(_: &AccountId, _: Increment) {}
    fn on_refuted(_: &AccountId) {}
    fn on_discredited(who: &AccountId) {
        let mut list = Discredited::get();
        list.push(who.clone());
        Discredited::set(&list);
    }
    fn on_overturned(_: &AccountId, _: Reputation, _: bool) {}
    fn on_no_show(who: &AccountId) {
        let mut list = NoShows::get();
        list.push(who.clone());
        NoShows::set(&list);
    }
    fn on_equivocation(_: &AccountId) {}
}

thread_local! {
    static VERDICTS: RefCell<Vec<Verdict<AccountId>>> = const { RefCell::new(Vec::new()) };
}

pub struct Verdicts;

impl VerdictHandler<AccountId> for Verdicts {
    fn on_verdict(verdict: Verdict<AccountId>) {
        assert!(
            !Quorum::is_judging(verdict.assignment.optimum),
            "the round is removed before the verdict"
        );
        VERDICTS.with_borrow_mut(|list| list.push(verdict));
    }
}

impl pallet_quorum::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = Chain;
    type Randomness = Chain;
    type Domains = Chain;
    type Reputation = Ledger;
    type Claims = Chain;
    type Liability = Chain;
    type Burns = Chain;
    type Verdicts = Verdicts;
    type MaxEvaluatorsPerDomain = MaxEvaluatorsPerDomain;
    type MaxActive = MaxActive;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Chain;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_quorum::BenchmarkHelper for Chain {
    fn domain() -> DomainId {
        Size::set(&QuorumSize::Fixed(15));
        1
    }
    fn challenge_all(_: DomainId) {}
}

/// What every domain demands.
pub fn specification() -> DomainSpecification {
    DomainSpecification {
        name: Default::default(),
        kind: Default::default(),
        model: Default::default(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        paired_noise: FixedU128::from_u32(0),
        minimum_step: FixedU128::from_rational(1, 100),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_rational(5, 100),
        price: DOIN,
        minimum_bond: DOIN,
        quorum: Size::get(),
        maximum_artifact_size: 1_000_000,
        deadlines: Deadlines {
            reveal: 100,
            vote_commit: COMMIT_SLOTS,
            vote_reveal: REVEAL_SLOTS,
        },
        season_length: 0,
        incentive: IncentiveCurve::default(),
    }
}

/// The account of that number.
pub fn account(number: u8) -> AccountId {
    AccountId::new([number; 32])
}

/// Whose optimae are judged; a registered evaluator too.
pub fn optimizer() -> AccountId {
    account(99)
}

pub fn artifact(number: u8) -> ArtifactReference {
    ArtifactReference {
        root: Hash::repeat_byte(number),
        size: 100,
    }
}

/// An optimum that claims −1 against a best of −2.
pub fn assignment(optimum: OptimumId, domain: DomainId) -> Assignment<AccountId> {
    Assignment {
        optimum,
        domain,
        optimizer: optimizer(),
        candidate: artifact(1),
        incumbent: artifact(2),
        reported: metric(-1_000),
        season: 0,
        challenge: None,
    }
}

/// Thousandths.
pub fn metric(thousandths: i128) -> Metric {
    Metric::from_inner(thousandths * 1_000_000_000_000_000)
}

pub fn measured(candidate: i128, incumbent: i128) -> VoteValues {
    VoteValues::Measured(Measurement {
        candidate: metric(candidate),
        incumbent: metric(incumbent),
        probe: FixedI128::from_inner(candidate),
        data_hash: [3; 32],
    })
}

/// The vote of one who bears the claim out.
pub fn good() -> VoteValues {
    measured(-1_000, -2_000)
}

pub fn absent(missing: Missing) -> VoteValues {
    VoteValues::Unavailable(missing)
}

/// The salt that the account uses.
pub fn salt(who: &AccountId) -> Salt {
    sp_io::hashing::blake2_256(who.as_ref())
}

/// The commitment of the account to the vote.
pub fn commitment(optimum: OptimumId, round: u8, who: &AccountId, vote: &VoteValues) -> Hash {
    vote_commitment(System::block_hash(0), optimum, round, who, vote, &salt(who))
}

pub fn set_points(who: &AccountId, points: u32) {
    let mut all = Points::get();
    all.insert(who.clone(), points);
    Points::set(&all);
}

/// Makes a block in the slot, checks the hook against what it was announced to do, and the invariants.
pub fn block_in(slot: SlotNumber) {
    assert!(slot > Slot::get());
    Slot::set(&slot);
    System::set_block_number(System::block_number() + 1);
    let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
    let announced = Quorum::has_due_work(slot);
    let before = root();
    Quorum::on_initialize(System::block_number());
    assert_eq!(announced, before != root(), "the hook works exactly when work is due");
    Quorum::do_try_state().expect("the invariants hold");
}

/// Makes a block in the next slot.
pub fn next_block() {
    block_in(Slot::get() + 1);
}

/// All verdicts so far.
pub fn verdicts() -> Vec<Verdict<AccountId>> {
    VERDICTS.with_borrow(|list| list.clone())
}

/// This pallet's events since the last call.
pub fn take_events() -> Vec<pallet_quorum::Event<Test>> {
    let events = System::events().into_iter().filter_map(|record| match record.event {
        RuntimeEvent::Quorum(event) => Some(event),
        _ => None,
    });
    let events = events.collect();
    System::reset_events();
    events
}

/// The seats' accounts of the open round.
pub fn seated(optimum: OptimumId) -> Vec<AccountId> {
    let round = pallet_quorum::Rounds::<Test>::get(optimum).expect("a round is open");
    round.seats.into_iter().map(|seat| seat.evaluator).collect()
}

/// How each seat has behaved so far.
pub fn conducts(optimum: OptimumId) -> Vec<Conduct> {
    let round = pallet_quorum::Rounds::<Test>::get(optimum).expect("a round is open");
    round.seats.iter().map(|seat| seat.conduct()).collect()
}

/// Builds the state that a test starts from and checks the invariants after it.
pub struct Builder {
    /// Evaluators 1 to n of domain 0, each with its reputation in milli-points.
    pub evaluators: Vec<u32>,
}

impl Builder {
    /// `count` evaluators of domain 0 with reputation 10, and the optimizer, who is one too.
    pub fn with_evaluators(count: u8) -> Self {
        Self {
            evaluators: vec![10_000; count.into()],
        }
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let numbers: Vec<AccountId> = (1u8..).take(self.evaluators.len()).map(account).collect();
        let mut registered: Vec<_> = numbers.iter().map(|who| (0, who.clone())).collect();
        registered.push((0, optimizer()));
        let genesis = RuntimeGenesisConfig {
            system: Default::default(),
            balances: pallet_balances::GenesisConfig {
                balances: (1..=255).map(|number| (account(number), FUNDS)).collect(),
                ..Default::default()
            },
            quorum: pallet_quorum::GenesisConfig {
                bond: BOND,
                unbonding_period: UNBONDING,
                // Tests of audits switch them on.
                minimum_audit_rate: Perquintill::zero(),
                evaluators: registered,
            },
        };
        let mut externalities = sp_io::TestExternalities::new(genesis.build_storage().expect("genesis builds"));
        externalities.execute_with(|| {
            VERDICTS.with_borrow_mut(Vec::clear);
            System::set_block_number(1);
            for (who, points) in numbers.iter().zip(self.evaluators) {
                set_points(who, points);
            }
            set_points(&optimizer(), 10_000);
        });
        externalities
    }

    pub fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
        self.build().execute_with(|| {
            let result = test();
            Quorum::do_try_state().expect("the invariants hold");
            result
        })
    }
}

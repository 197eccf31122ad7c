//! Optimae, quorum, domains, reputation and coin together: honest and dishonest optimizers, evaluators, auditors and
//! challengers act at random. After every block the invariants of all pallets hold, coin is counted to the last unit, and in
//! the end nothing is left on hold, frozen or stored that has no owner any more.

use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{optimum_commitment, replay_commitment, vote_commitment, Salt, Seed},
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    optimum::{Assignment, OptimumId},
    quorum::{Measurement, Missing, RoundPhase, VoteValues},
    traits::{
        BaseFee, DomainActivity, DomainRegistry, DueWork, OptimizationBlockHandler, RollingRandomness, SlotClock,
        WorkSink,
    },
    Balance, BlockNumber, Hash, Increment, Metric, OptimizationHeight, SlotNumber, DOIN, MILLI_DOIN,
};
use frame_support::{
    assert_ok, derive_impl, parameter_types,
    traits::{fungible::InspectHold, ConstU128, ConstU32, Hooks},
    PalletId,
};
use pallet_optimae::{Challenges, Contestables, HoldReason, Queues, Windows};
use pallet_quorum::{Active, Audits, Registrations, Rounds};
use sp_runtime::{BoundedVec, BuildStorage, FixedI128, FixedU128, Perquintill};
use std::collections::{BTreeMap, BTreeSet};

const DOMAIN: DomainId = 0;
const OPTIMIZERS: [u64; 3] = [1, 2, 3];
const EVALUATORS: core::ops::RangeInclusive<u64> = 11..=26;
const CHALLENGERS: [u64; 2] = [31, 32];
const AUTHOR: u64 = 41;
const SALT: Salt = [7; 32];
const WINDOW: u32 = 60;

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
    pub type Coin = pallet_coin;
    #[runtime::pallet_index(3)]
    pub type Reputation = pallet_reputation;
    #[runtime::pallet_index(4)]
    pub type Domains = pallet_domains;
    #[runtime::pallet_index(5)]
    pub type Quorum = pallet_quorum;
    #[runtime::pallet_index(6)]
    pub type Optimae = pallet_optimae;
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
    type ExistentialDeposit = ConstU128<MILLI_DOIN>;
    type DustRemoval = pallet_coin::BurnImbalance<Test>;
}

parameter_types! {
    pub storage Slot: SlotNumber = 1_000;
    pub storage Height: OptimizationHeight = 0;
    pub const PotId: PalletId = PalletId(*b"doin/pot");
}

/// The consensus that these pallets see.
pub struct Chain;

impl SlotClock for Chain {
    fn current_slot() -> SlotNumber {
        Slot::get()
    }
}

impl RollingRandomness for Chain {
    fn rolling_randomness() -> Seed {
        sp_io::hashing::blake2_256(&System::block_number().to_le_bytes())
    }
    fn distinct_authors_since(_: BlockNumber) -> u32 {
        4
    }
    fn authority_count() -> u32 {
        4
    }
}

impl WorkSink for Chain {
    fn add_work(_: Increment) {}
    fn threshold() -> FixedU128 {
        FixedU128::from_rational(5, 10)
    }
    fn mean_threshold() -> FixedU128 {
        Self::threshold()
    }
    fn optimization_height() -> OptimizationHeight {
        Height::get()
    }
}

impl BaseFee for Chain {
    fn base_fee() -> Balance {
        MILLI_DOIN
    }
}

impl pallet_coin::Config for Test {
    type Currency = Balances;
    type Clock = Chain;
    type PotId = PotId;
    type WeightInfo = ();
}

impl pallet_reputation::Config for Test {
    type Work = Chain;
    type WeightInfo = ();
}

impl pallet_domains::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type ApproveOrigin = frame_system::EnsureRoot<u64>;
    type Activity = Optimae;
    type Clock = Chain;
    type RegistrationDeposit = ConstU128<DOIN>;
    type MaxDomains = ConstU32<16>;
    type MaximumArtifactSize = ConstU32<1_000>;
    type MaximumDeadline = ConstU32<1_000>;
    type MinimumPrice = ConstU128<MILLI_DOIN>;
    type MaximumPrice = ConstU128<DOIN>;
    type MaximumBond = ConstU128<DOIN>;
    type WeightInfo = ();
}

impl pallet_quorum::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clock = Chain;
    type Randomness = Chain;
    type Domains = Domains;
    type Reputation = Reputation;
    type Claims = Optimae;
    type Liability = Optimae;
    type Burns = Coin;
    type Verdicts = Optimae;
    type MaxEvaluatorsPerDomain = ConstU32<64>;
    type MaxActive = ConstU32<16>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Chain;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_quorum::BenchmarkHelper for Chain {
    fn domain() -> DomainId {
        DOMAIN
    }
    fn challenge_all(_: DomainId) {}
}

impl pallet_optimae::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Domains = Domains;
    type Quorum = Quorum;
    type Evaluators = Quorum;
    type Reputation = Reputation;
    type Rewards = Coin;
    type Work = Chain;
    type Burns = Coin;
    type BaseFee = Chain;
    type Pool = Coin;
    type Clock = Chain;
    type Randomness = Chain;
    type MaxDomains = ConstU32<16>;
    type MaxCommits = ConstU32<10>;
    type MaxQueue = ConstU32<64>;
    type MaxChallenges = ConstU32<3>;
    type MaxEnded = ConstU32<8>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Chain;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_optimae::BenchmarkHelper for Chain {
    fn domain(_: u32) -> DomainId {
        DOMAIN
    }
    fn set_slot(slot: SlotNumber) {
        Slot::set(&slot);
    }
    fn mint_pot() {}
}

fn thousandths(value: i128) -> Metric {
    Metric::from_inner(value * 1_000_000_000_000_000)
}

fn artifact(number: u64) -> ArtifactReference {
    let root = Hash::from_low_u64_be(number);
    ArtifactReference { root, size: 80 }
}

fn specification(season_length: u32) -> DomainSpecification {
    DomainSpecification {
        name: BoundedVec::truncate_from(b"all".to_vec()),
        kind: BoundedVec::truncate_from(b"all".to_vec()),
        model: Default::default(),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        paired_noise: FixedU128::from_u32(0),
        minimum_step: FixedU128::from_rational(1, 1_000),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_rational(1, 100),
        price: 10 * MILLI_DOIN,
        minimum_bond: DOIN,
        quorum: QuorumSize::Fixed(3),
        maximum_artifact_size: 1_000,
        deadlines: Deadlines {
            reveal: 20,
            vote_commit: 5,
            vote_reveal: 5,
        },
        season_length,
        incentive: Default::default(),
    }
}

fn genesis(season_length: u32) -> sp_io::TestExternalities {
    let rich = OPTIMIZERS.into_iter().chain(EVALUATORS).chain(CHALLENGERS);
    let genesis = RuntimeGenesisConfig {
        system: Default::default(),
        balances: pallet_balances::GenesisConfig {
            balances: rich.chain([AUTHOR]).map(|who| (who, 10_000 * DOIN)).collect(),
            ..Default::default()
        },
        coin: Default::default(),
        reputation: pallet_reputation::GenesisConfig {
            accounts: EVALUATORS.map(|who| (who, FixedU128::from_u32(20))).collect(),
        },
        domains: pallet_domains::GenesisConfig {
            domains: vec![pallet_domains::GenesisDomain {
                owner: AUTHOR,
                specification: specification(season_length),
                baseline: artifact(0),
                baseline_metric: thousandths(-1_000),
                base_weight: FixedU128::from_u32(1),
            }],
        },
        quorum: pallet_quorum::GenesisConfig {
            bond: 20 * DOIN,
            unbonding_period: 2 * WINDOW,
            minimum_audit_rate: Perquintill::from_percent(50),
            evaluators: EVALUATORS.map(|who| (DOMAIN, who)).collect(),
        },
        optimae: pallet_optimae::GenesisConfig {
            challenge_window: WINDOW,
            ..Default::default()
        },
    };
    sp_io::TestExternalities::new(genesis.build_storage().expect("genesis builds"))
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// What the actors know, and how they behave.
struct World {
    random: Random,
    /// In percent: how often each act is dishonest.
    lies: u64,
    /// In percent: how often each act is left out.
    silence: u64,
    /// The true metric of each artifact, by its root, in thousandths.
    truth: BTreeMap<Hash, i128>,
    /// What has been committed and not revealed: who, what, with which claim.
    commits: Vec<(u64, ArtifactReference, Metric)>,
    /// Votes and replays by optimum, round, seat and account.
    votes: BTreeMap<(OptimumId, u8, u32, u64), VoteValues>,
    /// How often each thing has happened that the test is about.
    seen: BTreeSet<&'static str>,
}

fn genesis_hash() -> Hash {
    Hash::from(<[u8; 32]>::from(System::block_hash(0)))
}

fn signed(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let (lies, silence) = (random.below(70), random.below(30));
        Self {
            random,
            lies,
            silence,
            truth: [(artifact(0).root, -1_000)].into(),
            commits: vec![],
            votes: BTreeMap::new(),
            seen: BTreeSet::new(),
        }
    }

    /// What one measures on the data of a seed, or makes up.
    fn values(&mut self, assignment: &Assignment<u64>, seed: &Seed) -> VoteValues {
        let mut measurement = Measurement {
            candidate: thousandths(self.truth[&assignment.candidate.root]),
            incumbent: thousandths(self.truth[&assignment.incumbent.root]),
            probe: FixedI128::from_inner(i128::from(seed[0]) << 64),
            data_hash: *seed,
        };
        if !self.random.percent(self.lies) {
            return VoteValues::Measured(measurement);
        }
        match self.random.below(8) {
            0 => return VoteValues::Unavailable(Missing::Candidate),
            1 => return VoteValues::Unavailable(Missing::Incumbent),
            2 => measurement.candidate = thousandths(-5_000),
            // All liars agree on it: an acceptance can be false.
            _ => measurement.candidate = assignment.reported,
        }
        measurement.incumbent = thousandths(-1_200);
        measurement.probe = FixedI128::from_u32(0);
        VoteValues::Measured(measurement)
    }

    fn optimize(&mut self) {
        let who = OPTIMIZERS[self.random.below(3) as usize];
        if self.random.percent(60) {
            let best = Domains::incumbent(DOMAIN, Slot::get()).expect("the domain is there");
            let best = self.truth[&best.artifact.root];
            let found = artifact(self.truth.len() as u64);
            let truth = best + self.random.below(200) as i128 - 60;
            self.truth.insert(found.root, truth);
            let claim = match self.random.percent(self.lies) {
                true => truth + self.random.below(300) as i128,
                false => truth,
            };
            let claim = thousandths(claim);
            let hash = optimum_commitment(genesis_hash(), DOMAIN, &who, found, claim, &SALT);
            if Optimae::commit(signed(who), DOMAIN, hash).is_ok() {
                self.commits.push((who, found, claim));
            }
        }
        let commits = std::mem::take(&mut self.commits);
        for (who, found, claim) in commits {
            let hash = optimum_commitment(genesis_hash(), DOMAIN, &who, found, claim, &SALT);
            let ArtifactReference { root, size } = found;
            let reveal = Optimae::reveal(signed(who), hash, root, size, claim, Default::default(), SALT);
            if reveal.is_err() && !self.random.percent(self.silence) {
                self.commits.push((who, found, claim));
            }
        }
    }

    fn vote(&mut self) {
        for (id, round) in Rounds::<Test>::iter().collect::<Vec<_>>() {
            if round.assignment.challenge.is_some() {
                self.seen.insert("a challenge is judged");
            }
            for (place, seat) in (0u32..).zip(&round.seats) {
                if self.random.percent(self.silence) {
                    continue;
                }
                let key = (id, round.number, u32::MAX, seat.evaluator);
                match (round.phase, seat.commitment) {
                    (RoundPhase::Commit, None) => {
                        let vote = self.values(&round.assignment, &seat.seed);
                        let hash = vote_commitment(genesis_hash(), id, round.number, &seat.evaluator, &vote, &SALT);
                        self.votes.insert(key, vote);
                        assert_ok!(Quorum::commit_vote(signed(seat.evaluator), id, round.number, hash));
                    }
                    (RoundPhase::Reveal, Some(_)) if seat.vote.is_none() => {
                        let vote = self.votes[&key];
                        assert_ok!(Quorum::reveal_vote(signed(seat.evaluator), id, vote, SALT));
                    }
                    _ => {}
                }
                self.audit(id, place, &round.assignment, round.number, &seat.seed);
            }
        }
    }

    fn audit(&mut self, id: OptimumId, place: u32, assignment: &Assignment<u64>, number: u8, seed: &Seed) {
        let Some(phase) = Rounds::<Test>::get(id).map(|round| round.phase) else {
            return;
        };
        let record = Audits::<Test>::get(id);
        for audit in record.open.iter().filter(|audit| audit.seat == place) {
            for auditor in &audit.auditors {
                if self.random.percent(self.silence) {
                    continue;
                }
                let who = auditor.auditor;
                let key = (id, number, place, who);
                match (phase, auditor.commitment) {
                    (RoundPhase::AuditCommit | RoundPhase::DisputeCommit, None) => {
                        let replay = self.values(assignment, seed);
                        let hash = replay_commitment(genesis_hash(), id, number, place, &who, &replay, &SALT);
                        self.votes.insert(key, replay);
                        assert_ok!(Quorum::commit_replay(signed(who), id, number, place, hash));
                        if assignment.challenge.is_some() {
                            self.seen.insert("votes on a challenge are audited");
                        }
                    }
                    (_, Some(_)) if auditor.replay.is_none() && phase == audit.reveal_phase() => {
                        assert_ok!(Quorum::reveal_replay(signed(who), id, place, self.votes[&key], SALT));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Challenges, claims, releases, bonds that come and go, and optimization blocks.
    fn interfere(&mut self) {
        let contestable: Vec<OptimumId> = Contestables::<Test>::iter_keys().collect();
        if !contestable.is_empty() && self.random.percent(15) {
            let id = contestable[self.random.below(contestable.len() as u64) as usize];
            // Voters and optimizers may, too.
            let anybody = 1 + self.random.below(32);
            let _ = Optimae::challenge(signed(anybody), id);
        }
        if !contestable.is_empty() && self.random.percent(30) {
            let id = contestable[self.random.below(contestable.len() as u64) as usize];
            let _ = Optimae::release_bond(signed(AUTHOR), id);
        }
        if self.random.percent(10) {
            let height = Height::get() + 1;
            Height::set(&height);
            Coin::on_optimization_block(height, &AUTHOR);
        }
        self.claim();
        let who = 11 + self.random.below(16);
        let _ = match self.random.below(12) {
            0 => Quorum::deregister_evaluator(signed(who), DOMAIN),
            1 => Quorum::withdraw_evaluator_bond(signed(who), DOMAIN),
            2..=6 => Quorum::register_evaluator(signed(who), DOMAIN),
            _ => Ok(()),
        };
    }

    fn claim(&mut self) {
        for (who, height, _) in pallet_coin::Shares::<Test>::iter().collect::<Vec<_>>() {
            let _ = Coin::claim(signed(AUTHOR), height, who);
        }
    }

    fn block(&mut self, slots: u64) {
        Slot::set(&(Slot::get() + slots));
        let number = System::block_number() + 1;
        System::set_block_number(number);
        System::reset_events();
        Quorum::on_initialize(number);
        Optimae::on_initialize(number);
        for record in System::events() {
            if let RuntimeEvent::Optimae(pallet_optimae::Event::ChallengeEnded { outcome, .. }) = record.event {
                use doin_primitives::optimum::ChallengeOutcome::*;
                self.seen.insert(match outcome {
                    Upheld => "upheld",
                    Overturned => "overturned",
                    OverturnedByAbsence => "overturned by absence",
                    Undecided => "undecided",
                });
            }
        }
        self.check();
    }

    fn check(&self) {
        Optimae::do_try_state().expect("optimae's invariants hold");
        Quorum::do_try_state().expect("quorum's invariants hold");
        Coin::do_try_state().expect("coin's invariants hold");
        Domains::do_try_state().expect("domains' invariants hold");
        Reputation::do_try_state().expect("reputation's invariants hold");
        // What is frozen is what is challenged: each open challenge once.
        let mut frozen: BTreeMap<(u64, OptimizationHeight), u32> = BTreeMap::new();
        let open = Contestables::<Test>::iter_values().filter(|record| record.challenge.is_some());
        for record in open.filter(|record| record.reward.work > FixedU128::default()) {
            for who in record.voters.iter().chain([&record.optimizer]) {
                *frozen.entry((*who, record.height)).or_default() += 1;
            }
        }
        let stored: BTreeMap<_, _> = pallet_coin::Shares::<Test>::iter()
            .filter(|(_, _, share)| share.challenges > 0)
            .map(|(who, height, share)| ((who, height), share.challenges))
            .collect();
        assert_eq!(
            stored, frozen,
            "shares are frozen by open challenges and by nothing else"
        );
    }
}

fn play(seed: u64) -> BTreeSet<&'static str> {
    let season_length = if seed.is_multiple_of(3) { 120 } else { 0 };
    genesis(season_length).execute_with(|| {
        System::set_block_number(1);
        let mut world = World::new(seed);
        for _ in 0..150 {
            let slots = match world.random.percent(3) {
                true => 100,
                false => 1 + world.random.below(2),
            };
            world.block(slots);
            world.optimize();
            world.vote();
            world.interfere();
            world.check();
        }
        // Nobody begins anything any more: all that is open comes to its end, without anybody's help.
        for _ in 0..400 {
            world.block(7);
        }
        world.block(u64::from(WINDOW) + 1);
        assert!(!Optimae::has_due_work(Slot::get() + 1_000) && !Quorum::has_due_work(Slot::get() + 1_000));
        assert_eq!(Queues::<Test>::iter().count() + Challenges::<Test>::iter().count(), 0);
        assert_eq!(
            Contestables::<Test>::iter().count() + Windows::<Test>::iter().count(),
            0
        );
        assert_eq!(Rounds::<Test>::iter().count() + Audits::<Test>::iter().count(), 0);
        assert!(Active::<Test>::get().is_empty() && !Optimae::is_active(DOMAIN));
        let everybody = OPTIMIZERS
            .into_iter()
            .chain(EVALUATORS)
            .chain(CHALLENGERS)
            .chain([AUTHOR]);
        for who in everybody {
            for reason in [HoldReason::Bond, HoldReason::Escrow, HoldReason::Challenge] {
                assert_eq!(Balances::balance_on_hold(&reason.into(), &who), 0, "{who} {reason:?}");
            }
            let bond = Registrations::<Test>::get(who, DOMAIN).map_or(0, |registration| registration.bond);
            let held = Balances::balance_on_hold(&pallet_quorum::HoldReason::EvaluatorBond.into(), &who);
            assert_eq!(held, bond);
        }
        // Every pot is paid out in the end.
        Height::set(&(Height::get() + 1));
        Coin::on_optimization_block(Height::get(), &AUTHOR);
        world.claim();
        assert_eq!(pallet_coin::Shares::<Test>::iter().count(), 0);
        assert_eq!(pallet_coin::Pots::<Test>::iter().count(), 0);
        assert_eq!(pallet_coin::Unclaimed::<Test>::get(), 0);
        world.check();
        world.seen
    })
}

#[test]
fn whatever_everybody_does_all_comes_to_an_end_and_all_coin_is_counted() {
    let mut seen = BTreeSet::new();
    for seed in 0..30 {
        println!("seed {seed}");
        seen.extend(play(seed));
    }
    // It has been about what it should be about.
    for what in [
        "a challenge is judged",
        "votes on a challenge are audited",
        "upheld",
        "overturned",
        "undecided",
    ] {
        assert!(seen.contains(what), "never: {what}");
    }
}

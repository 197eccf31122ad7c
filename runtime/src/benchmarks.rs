//! Benchmarks of our pallets on the real runtime: `make weights` runs them.

use crate::{
    AccountId, AllPalletsWithSystem, Balances, Coin, Domains, Optimae, ProofOfOptimization, Quorum, Reputation,
    Runtime, RuntimeOrigin, Session, SessionKeys, DOIN,
};
use alloc::{boxed::Box, string::String, vec::Vec};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    engine::AuthorityId,
    incentive::IncentiveCurve,
    optimum::OptimumId,
    quorum::MAX_EVALUATORS,
    traits::{EvaluatorRegistry, OptimizationBlockHandler, RewardLedger, WorkSink},
    Hash, Metric, SlotNumber,
};
use frame_benchmarking::{account, define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{fungible::Mutate, Get, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use pallet_session::SessionInterface;
use sp_runtime::{FixedU128, Perquintill};

define_benchmarks!(
    [pallet_proof_of_optimization, ProofOfOptimization]
    [pallet_reputation, Reputation]
    [pallet_coin, Coin]
    [pallet_domains, Domains]
    [pallet_quorum, Quorum]
    [pallet_optimae, Optimae]
);

/// What can be measured.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::<BenchmarkList>::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Measures.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::<BenchmarkBatch>::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}

/// Prepares what the benchmarks of a pallet need of the others.
pub struct Helper;

/// Registers and approves a domain with the longest specification.
fn register_domain(quorum: QuorumSize) -> DomainId {
    let number = Domains::identifiers().len();
    let owner: AccountId = account("owner", number as u32, 0);
    Balances::set_balance(&owner, 1_000_000 * DOIN);
    let mut name = alloc::format!("benchmark {number} ").into_bytes();
    name.resize(64, b'x');
    let specification = DomainSpecification {
        name: name.try_into().expect("64 bytes; qed"),
        kind: alloc::vec![b'k'; 32].try_into().expect("32 bytes; qed"),
        model: alloc::vec![b'm'; 2048].try_into().expect("2048 bytes; qed"),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        paired_noise: FixedU128::from_rational(5, 100),
        minimum_step: FixedU128::from_rational(1, 100),
        relative_tolerance: Perquintill::from_percent(5),
        absolute_tolerance: FixedU128::from_u32(1),
        price: DOIN,
        minimum_bond: DOIN,
        quorum,
        maximum_artifact_size: 1024 * 1024,
        deadlines: Deadlines {
            reveal: 100,
            vote_commit: 100,
            vote_reveal: 100,
        },
        season_length: 0,
        incentive: IncentiveCurve::default(),
    };
    let baseline = ArtifactReference {
        root: Hash::repeat_byte(1),
        size: 80,
    };
    Domains::register(
        RuntimeOrigin::signed(owner),
        Box::new(specification),
        baseline,
        Metric::from_inner(-100_000_000_000_000_000_000),
    )
    .expect("the specification is valid; qed");
    let domain = Domains::identifiers()
        .into_iter()
        .max()
        .expect("one was just registered; qed");
    Domains::approve(RuntimeOrigin::root(), domain, FixedU128::from_u32(1)).expect("root approves; qed");
    domain
}

impl pallet_proof_of_optimization::BenchmarkHelper<AccountId> for Helper {
    fn prepare_authority(who: &AccountId, key: AuthorityId, milli_points: u32) {
        // Any 32 bytes will do as a GRANDPA key that nobody signs with.
        let grandpa = sp_core::ed25519::Public::from_raw(sp_io::hashing::blake2_256(key.as_ref())).into();
        <Session as SessionInterface>::set_keys(who, SessionKeys { doin: key, grandpa })
            .expect("the keys are new; qed");
        let record = pallet_reputation::Record {
            points: FixedU128::from_rational(milli_points.into(), 1_000),
            updated_at: ProofOfOptimization::optimization_height(),
        };
        pallet_reputation::Records::<Runtime>::insert(who, record);
    }

    fn seat_session(accounts: &[AccountId]) {
        pallet_session::Validators::<Runtime>::put(accounts.to_vec());
    }

    fn fill_pot() {
        let (honest, overturned): (AccountId, AccountId) = (account("optimizer", 0, 0), account("optimizer", 1, 0));
        let one = FixedU128::from_u32(1);
        let height = <Coin as RewardLedger<AccountId>>::pending_height();
        for who in [&honest, &overturned] {
            Coin::credit_optimizer(who, one);
            Coin::credit_evaluator(who, one);
        }
        <Coin as RewardLedger<AccountId>>::void(height, &overturned, one, one);
    }
}

impl pallet_quorum::BenchmarkHelper for Helper {
    fn domain() -> DomainId {
        register_domain(QuorumSize::Fixed(15))
    }

    fn challenge_all(domain: DomainId) {
        let artifact = ArtifactReference {
            root: Hash::repeat_byte(1),
            size: 80,
        };
        let voters: Vec<AccountId> = (0..MAX_EVALUATORS).map(|index| account("voter", index, 0)).collect();
        let most = <Runtime as pallet_optimae::Config>::MaxChallenges::get();
        for number in 0..most {
            let id = OptimumId::MAX - 1 - OptimumId::from(number);
            let challenge = pallet_optimae::OpenChallenge {
                challenger: account("challenger", number, 0),
                challenged_at: 0,
                challenged_in: 0,
                deterrent: DOIN,
                escrow: DOIN,
                stage: pallet_optimae::Stage::Queued,
            };
            let record = pallet_optimae::Contestable {
                domain,
                optimizer: account("optimizer", number, 0),
                candidate: artifact,
                incumbent: artifact,
                season: 0,
                value: Metric::default(),
                votes: MAX_EVALUATORS,
                voters: voters.clone().try_into().expect("as many as fit; qed"),
                answerable: MAX_EVALUATORS,
                reward: Default::default(),
                reputation: FixedU128::from_u32(1),
                height: 1,
                bond: DOIN,
                window_ends: 0,
                challenge: Some(challenge),
            };
            pallet_optimae::Contestables::<Runtime>::insert(id, record);
            pallet_optimae::Challenges::<Runtime>::try_append(domain, id).expect("as many as fit; qed");
        }
    }
}

impl pallet_optimae::BenchmarkHelper for Helper {
    fn domain(evaluators: u32) -> DomainId {
        let domain = register_domain(QuorumSize::Fixed(15));
        for index in 0..evaluators {
            let evaluator: AccountId = account("evaluator", index, 0);
            Balances::set_balance(&evaluator, 1_000_000 * DOIN);
            Reputation::initialize_member(&evaluator);
            <Quorum as EvaluatorRegistry<AccountId>>::register(domain, &evaluator).expect("it can pay its bond; qed");
        }
        domain
    }

    fn set_slot(slot: SlotNumber) {
        pallet_proof_of_optimization::CurrentSlot::<Runtime>::put(slot);
    }

    fn mint_pot() {
        let height = <Coin as RewardLedger<AccountId>>::pending_height();
        <Coin as OptimizationBlockHandler<AccountId>>::on_optimization_block(height, &account("author", 0, 0));
    }
}

//! The methods as a client calls them, over a chain that is made up here.

use doin_primitives::{
    api::{
        ChallengeInfo, CommitInfo, ContestInfo, DoinApi, DomainInfo, NetworkStatus, OptimumInfo, RoundInfo, Stage,
        Supply,
    },
    artifact::ArtifactReference,
    domain::{Deadlines, Direction, DomainId, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
    optimum::{ChallengeOutcome, OptimumId, Outcome},
    quorum::{Decision, QuorumVerdict},
    AccountId, Block, Hash, Header, Metric, OptimizationHeight, Reputation, DOIN,
};
use doin_rpc::{Doin, DoinApiServer, Error, Models};
use jsonrpsee::{core::server::MethodsError, types::ErrorObjectOwned, RpcModule};
use serde_json::{json, value::RawValue, Value};
use sp_api::{ApiRef, Metadata, ProvideRuntimeApi};
use sp_blockchain::{BlockStatus, HeaderBackend, Info};
use sp_core::{crypto::Ss58Codec, OpaqueMetadata};
use sp_runtime::{traits::Header as HeaderT, FixedI128, FixedPointNumber, FixedU128, Perquintill};
use std::sync::Arc;

const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

fn alice() -> AccountId {
    AccountId::from_ss58check(ALICE).expect("a valid address")
}

fn artifact() -> ArtifactReference {
    ArtifactReference {
        root: Hash::repeat_byte(7),
        size: 40,
    }
}

fn domain() -> DomainInfo {
    let bytes = |text: &str| text.as_bytes().to_vec().try_into().expect("short enough");
    DomainInfo {
        id: 0,
        owner: alice(),
        specification: DomainSpecification {
            name: "quadratic".as_bytes().to_vec().try_into().expect("short enough"),
            kind: bytes("quadratic"),
            model: r#"{"dimensions":10}"#.as_bytes().to_vec().try_into().expect("short enough"),
            direction: Direction::Maximize,
            synthetic_data: true,
            metric_scale: FixedU128::from_u32(1),
            paired_noise: FixedU128::from_rational(1, 100),
            minimum_step: FixedU128::from_rational(1, 20),
            relative_tolerance: Perquintill::from_percent(5),
            absolute_tolerance: FixedU128::from_rational(3, 10),
            price: DOIN / 100,
            minimum_bond: DOIN,
            quorum: QuorumSize::Fixed(3),
            maximum_artifact_size: 1024,
            deadlines: Deadlines {
                reveal: 20,
                vote_commit: 10,
                vote_reveal: 10,
            },
            season_length: 200,
            incentive: IncentiveCurve::default(),
        },
        weight: FixedU128::from_u32(1),
        season: 3,
        best_optimum: Some(4),
        best_artifact: artifact(),
        best_metric: Some(Metric::saturating_from_rational(-1, 2)),
        evaluators: vec![alice()],
        queue: vec![5],
    }
}

fn optimum(id: OptimumId) -> OptimumInfo {
    OptimumInfo {
        id,
        domain: 0,
        optimizer: alice(),
        artifact: artifact(),
        reported: Metric::saturating_from_rational(-4, 10),
        experiment: Default::default(),
        revealed_at: 77,
        bond: DOIN,
        stage: Stage::Ended(Outcome::RefutedByAbsence),
        round: None,
        decision: Some(Decision::Agreed {
            candidate: Metric::saturating_from_rational(-1, 2),
            incumbent: Metric::saturating_from_rational(-3, 2),
            improvement: FixedI128::from_u32(1),
            required: FixedI128::from_rational(1, 4),
            verdict: QuorumVerdict::Accepted,
        }),
        contest: Some(contest(id)),
        challenge: Some(ChallengeOutcome::Undecided),
    }
}

fn contest(optimum: OptimumId) -> ContestInfo {
    ContestInfo {
        optimum,
        domain: 0,
        optimizer: alice(),
        candidate: artifact(),
        incumbent: artifact(),
        season: 3,
        value: Metric::saturating_from_rational(-1, 2),
        increment: FixedU128::from_u32(1),
        voters: vec![alice()],
        height: 2,
        bond: 6 * DOIN,
        window_ends: 14_500,
        deterrent: 3 * DOIN,
        escrow: 15 * DOIN / 100,
        challenge: Some(ChallengeInfo {
            challenger: alice(),
            challenged_at: 120,
            deterrent: 3 * DOIN,
            escrow: 15 * DOIN / 100,
            stage: Stage::VoteReveal,
        }),
    }
}

#[derive(Clone)]
struct RuntimeApi;

sp_api::mock_impl_runtime_apis! {
    impl DoinApi<Block> for RuntimeApi {
        fn status() -> NetworkStatus {
            NetworkStatus {
                slot: 100,
                optimization_height: 2,
                threshold: FixedU128::from_rational(1, 50),
                effective_threshold: FixedU128::from_rational(1, 100),
                accumulated: FixedU128::from_inner(1),
                credits: FixedU128::from_u32(1),
                last_optimization_block: 1_700_000_000_000,
                target_interval: 600_000,
                epoch: 1,
                authorities: vec![(alice(), 2_000)],
            }
        }
        fn domains() -> Vec<DomainInfo> { vec![domain()] }
        fn domain(id: DomainId) -> Option<DomainInfo> { (id == 0).then(domain) }
        fn optimum(id: OptimumId) -> Option<OptimumInfo> { (id < 6).then(|| optimum(id)) }
        fn optimae(_: DomainId) -> Vec<OptimumInfo> { vec![optimum(5), optimum(4)] }
        fn contest(id: OptimumId) -> Option<ContestInfo> { (id < 6).then(|| contest(id)) }
        fn contests(_: DomainId) -> Vec<ContestInfo> { vec![contest(5)] }
        fn kept_artifacts(_: DomainId) -> Vec<ArtifactReference> { vec![artifact()] }
        fn duties(_: AccountId) -> Vec<RoundInfo> { Vec::new() }
        fn commits(_: AccountId) -> Vec<CommitInfo> { Vec::new() }
        fn reputation(_: AccountId) -> Reputation { Reputation::from_rational(5, 2) }
        fn claimable(_: AccountId, limit: u32) -> Vec<OptimizationHeight> { vec![u64::from(limit)] }
        fn supply() -> Supply {
            Supply { issuance: 149, genesis: 100, minted: 50, burned: 1, unclaimed: 5, next_reward: 50 * DOIN }
        }
    }

    impl Metadata<Block> for RuntimeApi {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(codec::Encode::encode(&doin_runtime::Runtime::metadata()))
        }
        fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> { None }
        fn metadata_versions() -> Vec<u32> { vec![14] }
    }
}

/// A chain of genesis only.
struct Client;

fn genesis() -> Header {
    Header::new(
        0,
        Default::default(),
        Default::default(),
        Default::default(),
        Default::default(),
    )
}

impl ProvideRuntimeApi<Block> for Client {
    type Api = RuntimeApi;
    fn runtime_api(&self) -> ApiRef<'_, RuntimeApi> {
        RuntimeApi.into()
    }
}

impl HeaderBackend<Block> for Client {
    fn header(&self, hash: Hash) -> sp_blockchain::Result<Option<Header>> {
        Ok((hash == genesis().hash()).then(genesis))
    }
    fn info(&self) -> Info<Block> {
        Info {
            best_hash: genesis().hash(),
            best_number: 0,
            genesis_hash: genesis().hash(),
            finalized_hash: genesis().hash(),
            finalized_number: 0,
            finalized_state: None,
            number_leaves: 1,
            block_gap: None,
        }
    }
    fn status(&self, _: Hash) -> sp_blockchain::Result<BlockStatus> {
        Ok(BlockStatus::Unknown)
    }
    fn number(&self, _: Hash) -> sp_blockchain::Result<Option<u32>> {
        Ok(None)
    }
    fn hash(&self, _: u32) -> sp_blockchain::Result<Option<Hash>> {
        Ok(None)
    }
}

fn module() -> RpcModule<Doin<Client, Block>> {
    Doin::<_, Block>::new(Arc::new(Client)).into_rpc()
}

/// A model that repeats what it is told.
struct Echo;

impl Models for Echo {
    fn infer(&self, domain: &str, parameters: ArtifactReference, input: &[u8]) -> Result<Vec<u8>, Error> {
        assert_eq!((domain, parameters), ("quadratic", artifact()));
        match input {
            [] => Err(Error::BadInput("nothing".into())),
            input => Ok(input.into()),
        }
    }
}

async fn call(method: &str, parameters: Value) -> Result<Value, ErrorObjectOwned> {
    call_of(module(), method, parameters).await
}

async fn call_of(
    module: RpcModule<Doin<Client, Block>>,
    method: &str,
    parameters: Value,
) -> Result<Value, ErrorObjectOwned> {
    let parameters: Vec<Box<RawValue>> = parameters
        .as_array()
        .expect("parameters are a list")
        .iter()
        .map(|value| RawValue::from_string(value.to_string()).expect("JSON"))
        .collect();
    match module.call(method, parameters).await {
        Ok(value) => Ok(value),
        Err(MethodsError::JsonRpc(error)) => Err(error),
        Err(other) => panic!("{method}: {other}"),
    }
}

#[tokio::test]
async fn status_has_exact_decimals_and_both_blocks() {
    let status = call("doin_status", json!([])).await.expect("an answer");
    assert_eq!(status["block"]["number"], 0);
    assert_eq!(status["block"]["hash"], format!("{:?}", genesis().hash()));
    assert_eq!(status["optimizationHeight"], 2);
    assert_eq!(status["threshold"], "0.02");
    assert_eq!(status["accumulated"], "0.000000000000000001");
    assert_eq!(status["authorities"], json!([{ "account": ALICE, "weight": 2000 }]));
    let named = call("doin_status", json!([format!("{:?}", genesis().hash())]))
        .await
        .expect("an answer");
    assert_eq!(named, status);
}

#[tokio::test]
async fn a_block_that_is_not_known_is_an_error_with_a_remedy() {
    let error = call("doin_status", json!([Hash::repeat_byte(1)]))
        .await
        .expect_err("no such block");
    assert_eq!(error.code(), 20_003);
    assert!(error.data().expect("data").get().contains("chain_getBlockHash"));
}

#[tokio::test]
async fn a_domain_is_found_by_number_and_by_name() {
    for selector in [json!(0), json!("0"), json!("quadratic")] {
        let best = call("doin_best", json!([selector])).await.expect("an answer");
        assert_eq!(best["name"], "quadratic");
        assert_eq!(best["metric"], "-0.5");
        assert_eq!(best["direction"], "maximize");
        assert_eq!(
            best["artifact"],
            json!({ "root": format!("0x{}", "07".repeat(32)), "size": 40 })
        );
    }
    for selector in [json!(9), json!("qadratic")] {
        let error = call("doin_best", json!([selector])).await.expect_err("no such domain");
        assert_eq!(error.code(), 20_004);
        assert!(
            error.data().expect("data").get().contains("quadratic"),
            "the known domains are listed"
        );
    }
}

#[tokio::test]
async fn domains_carry_their_specification_as_text() {
    let domains = call("doin_domains", json!([])).await.expect("an answer");
    let specification = &domains[0]["specification"];
    assert_eq!(specification["model"], r#"{"dimensions":10}"#);
    assert_eq!(specification["relativeTolerance"], "0.05");
    assert_eq!(specification["price"], "10000000000");
    assert_eq!(specification["quorum"], 3);
    assert_eq!(
        specification["deadlines"],
        json!({ "reveal": 20, "voteCommit": 10, "voteReveal": 10 })
    );
    assert_eq!(domains[0]["queue"], json!([5]));
}

#[tokio::test]
async fn an_optimum_says_its_stage_outcome_and_decision() {
    let optimum = call("doin_optimum", json!([5])).await.expect("an answer");
    assert_eq!(optimum["stage"], "ended");
    assert_eq!(optimum["outcome"], "refutedByAbsence");
    assert_eq!(optimum["decision"]["kind"], "agreed");
    assert_eq!(optimum["decision"]["improvement"], "1");
    assert_eq!(optimum["decision"]["verdict"], "accepted");
    assert_eq!(optimum["challengeOutcome"], "undecided");
    assert_eq!(optimum["contest"]["windowEnds"], 14_500);
    assert_eq!(optimum["contest"]["deterrent"], "3000000000000");
    assert_eq!(optimum["contest"]["escrow"], "150000000000");
    assert_eq!(optimum["contest"]["challenge"]["challenger"], ALICE);
    assert_eq!(optimum["contest"]["challenge"]["stage"], "voteReveal");
    assert_eq!(
        call("doin_contest", json!([5])).await.expect("an answer"),
        optimum["contest"]
    );
    assert_eq!(
        call("doin_contests", json!(["quadratic"])).await.expect("an answer"),
        json!([optimum["contest"]])
    );
    assert_eq!(
        call("doin_contest", json!([6]))
            .await
            .expect_err("no such contest")
            .code(),
        20_009
    );
    let all = call("doin_optimae", json!(["quadratic"])).await.expect("an answer");
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(
        call("doin_optimum", json!([6]))
            .await
            .expect_err("no such optimum")
            .code(),
        20_005
    );
}

#[tokio::test]
async fn an_account_is_read_from_an_address_or_its_bytes() {
    let by_address = call("doin_reputation", json!([ALICE])).await.expect("an answer");
    assert_eq!(by_address["reputation"], "2.5");
    assert_eq!(by_address["claimable"], json!([100]));
    let bytes: [u8; 32] = alice().into();
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let by_bytes = call("doin_reputation", json!([format!("0x{hexadecimal}")]))
        .await
        .expect("an answer");
    assert_eq!(by_bytes, by_address);
    for bad in ["", "alice", "0x12", "//Alice"] {
        assert_eq!(
            call("doin_reputation", json!([bad]))
                .await
                .expect_err("not an account")
                .code(),
            20_006,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn supply_is_in_whole_smallest_units() {
    let supply = call("doin_supply", json!([])).await.expect("an answer");
    assert_eq!(supply["nextReward"], "50000000000000");
    assert_eq!(supply["decimals"], 12);
    assert_eq!(supply["issuance"], "149");
}

#[tokio::test]
async fn errors_are_explained() {
    let found = call("doin_explainError", json!(["Balances::InsufficientBalance"]))
        .await
        .expect("an answer");
    assert_eq!(found[0]["origin"], "pallet");
    assert!(found[0]["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()));
    let found = call("doin_explainError", json!([1014])).await.expect("an answer");
    assert_eq!(found[0]["name"], "TooLowPriority");
    let error = call("doin_explainError", json!(["NoSuchError"]))
        .await
        .expect_err("no such error");
    assert_eq!(error.code(), 20_007);
    assert!(
        error.data().expect("data").get().contains("Balances"),
        "the pallets are listed"
    );
}

#[tokio::test]
async fn the_best_model_answers_queries() {
    let serving = || {
        Doin::<_, Block>::new(Arc::new(Client))
            .with_models(Arc::new(Echo))
            .into_rpc()
    };
    let query = json!({ "windows": [[1.5, 2]] });
    let answer = call_of(serving(), "doin_infer", json!(["quadratic", query]))
        .await
        .expect("an answer");
    assert_eq!(answer["output"], query);
    assert_eq!(answer["best"], call("doin_best", json!([0])).await.expect("an answer"));
    assert_eq!(answer["block"], format!("{:?}", genesis().hash()));
    let bytes = call_of(serving(), "doin_infer", json!([0, "0x00ff"]))
        .await
        .expect("an answer");
    assert_eq!(bytes["output"], "0x00ff");
    for (input, word) in [("0x", "nothing"), ("0xz", "hexadecimal")] {
        let error = call_of(serving(), "doin_infer", json!([0, input]))
            .await
            .expect_err("no input");
        assert_eq!(error.code(), 20_012);
        assert!(error.message().contains(word), "{}", error.message());
    }
    let error = call("doin_infer", json!([0, 1]))
        .await
        .expect_err("this node serves nothing");
    assert_eq!(error.code(), 20_010);
    assert!(error.data().expect("data").get().contains("worker.domains.NAME.serve"));
    let error = call_of(serving(), "doin_infer", json!(["cubic", 1]))
        .await
        .expect_err("no such domain");
    assert_eq!(error.code(), 20_004);
}

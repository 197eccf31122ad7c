//! The genesis presets: what differs between a development chain, a local network and the testnet.

use crate::{
    AccountId, Balance, BalancesConfig, DomainsConfig, OptimaeConfig, ProofOfOptimizationConfig, QuorumConfig,
    ReputationConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, SudoConfig, DOIN, MILLI_DOIN,
};
use alloc::{vec, vec::Vec};
use doin_primitives::{
    artifact::ArtifactReference,
    audit,
    domain::{Deadlines, Direction, DomainSpecification, QuorumSize},
    incentive::IncentiveCurve,
    Metric,
};
use frame_support::build_struct_json_patch;
use pallet_domains::GenesisDomain;
use pallet_proof_of_optimization::Parameters;
use serde_json::Value;
use sp_core::H256;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{FixedU128, Perquintill};

/// The name of the testnet's preset.
pub const TESTNET_PRESET: &str = "testnet";

/// The `model` of the built-in quadratic domain: what its implementation reads.
pub const QUADRATIC_MODEL: &[u8] = br#"{"dimensions":10,"noise":0.1,"target_seed":1}"#;

/// The parameters that the quadratic domain starts from. They follow from [`QUADRATIC_MODEL`]; a test of the node
/// works them out again.
pub const QUADRATIC_BASELINE: ArtifactReference = ArtifactReference {
    root: H256(hex_literal(
        b"a602178bd81796cbd68060ad63a22548a4ec99fca3e03607d9393ebeacf1fa76",
    )),
    size: 80,
};
/// Their metric in season 0, without noise: 18 decimals.
pub const QUADRATIC_BASELINE_METRIC: Metric = Metric::from_inner(-430_583_139_400_918_526_007);

/// What the presets endow an account with.
const ENDOWMENT: Balance = 100_000 * DOIN;
/// What the faucet has to give away.
const FAUCET: Balance = 1_000_000 * DOIN;

const fn hex_literal(text: &[u8; 64]) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("not a hexadecimal digit"),
        }
    }
    let mut bytes = [0; 32];
    let mut index = 0;
    while index < 32 {
        bytes[index] = digit(text[2 * index]) * 16 + digit(text[2 * index + 1]);
        index += 1;
    }
    bytes
}

/// What a preset decides.
struct Network {
    parameters: Parameters,
    /// Authorities, operators and the faucet are development keys: their secrets are public.
    authorities: Vec<Sr25519Keyring>,
    evaluators: Vec<Sr25519Keyring>,
    sudo: Sr25519Keyring,
    evaluator_bond: Balance,
    evaluator_unbonding: u32,
    minimum_audit_rate: Perquintill,
    small_quorum_factor: FixedU128,
    /// In slots: shorter than the unbonding period of evaluators, so that nobody votes falsely and leaves with the bond.
    challenge_window: u32,
    domain: DomainSpecification,
}

/// The quadratic domain with its season length and deadlines in slots.
fn quadratic(season_length: u32, deadlines: Deadlines) -> DomainSpecification {
    let text = |bytes: &[u8]| bytes.to_vec();
    DomainSpecification {
        name: text(b"quadratic").try_into().expect("shorter than 64 bytes; qed"),
        kind: text(b"quadratic").try_into().expect("shorter than 32 bytes; qed"),
        model: text(QUADRATIC_MODEL).try_into().expect("shorter than 2048 bytes; qed"),
        direction: Direction::Maximize,
        synthetic_data: true,
        metric_scale: FixedU128::from_u32(1),
        // d of two parameter sets at distance δ spreads by 2 · noise · δ: this is δ = 1/4, where steps still matter.
        paired_noise: FixedU128::from_rational(5, 100),
        minimum_step: FixedU128::from_rational(2, 100),
        relative_tolerance: Perquintill::from_percent(5),
        // Metrics spread by 2 · noise · distance between evaluators: at −40, where 5 % take over, by 1.3.
        absolute_tolerance: FixedU128::from_u32(2),
        price: 10 * MILLI_DOIN,
        minimum_bond: DOIN,
        quorum: QuorumSize::Automatic,
        maximum_artifact_size: 1024 * 1024,
        deadlines,
        season_length,
        incentive: IncentiveCurve::default(),
    }
}

fn development() -> Network {
    Network {
        parameters: Parameters {
            slot_duration: 2_000,
            epoch_length: 50,
            target_interval: 20_000,
            minimum_authorities: 1,
            authority_bond: 10 * DOIN,
            unbonding_period: 500,
            ..Parameters::default()
        },
        authorities: vec![Sr25519Keyring::Alice],
        evaluators: vec![
            Sr25519Keyring::Bob,
            Sr25519Keyring::Charlie,
            Sr25519Keyring::Dave,
            Sr25519Keyring::Eve,
        ],
        sudo: Sr25519Keyring::Alice,
        evaluator_bond: DOIN,
        evaluator_unbonding: 500,
        // One of the four evaluators is spare where the optimizer is none of them: it audits.
        minimum_audit_rate: audit::MINIMUM_RATE,
        small_quorum_factor: FixedU128::from_u32(1),
        // A minute, so that rewards of a development chain can be seen to arrive.
        challenge_window: 30,
        domain: quadratic(
            200,
            Deadlines {
                reveal: 60,
                vote_commit: 15,
                vote_reveal: 15,
            },
        ),
    }
}

fn local() -> Network {
    Network {
        parameters: Parameters {
            minimum_authorities: 2,
            ..development().parameters
        },
        authorities: vec![Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie],
        challenge_window: 150,
        ..development()
    }
}

fn testnet() -> Network {
    Network {
        parameters: Parameters {
            target_interval: 60_000,
            ..Parameters::default()
        },
        authorities: vec![
            Sr25519Keyring::Alice,
            Sr25519Keyring::Bob,
            Sr25519Keyring::Charlie,
            Sr25519Keyring::Dave,
        ],
        evaluator_bond: 20 * DOIN,
        evaluator_unbonding: 100_800,
        small_quorum_factor: FixedU128::from_rational(1, 4),
        challenge_window: 14_400,
        domain: quadratic(
            2_400,
            Deadlines {
                reveal: 100,
                vote_commit: 50,
                vote_reveal: 50,
            },
        ),
        ..development()
    }
}

/// The session keys of a development account.
fn session_keys(who: Sr25519Keyring) -> SessionKeys {
    let grandpa = match who {
        Sr25519Keyring::Alice => Ed25519Keyring::Alice,
        Sr25519Keyring::Bob => Ed25519Keyring::Bob,
        Sr25519Keyring::Charlie => Ed25519Keyring::Charlie,
        Sr25519Keyring::Dave => Ed25519Keyring::Dave,
        _ => Ed25519Keyring::Eve,
    };
    SessionKeys {
        doin: who.public().into(),
        grandpa: grandpa.public().into(),
    }
}

fn build(network: Network) -> Value {
    let account = |who: &Sr25519Keyring| -> AccountId { who.to_account_id() };
    let operators = [
        Sr25519Keyring::Alice,
        Sr25519Keyring::Bob,
        Sr25519Keyring::Charlie,
        Sr25519Keyring::Dave,
        Sr25519Keyring::Eve,
    ];
    let mut balances: Vec<(AccountId, Balance)> = operators.iter().map(|who| (account(who), ENDOWMENT)).collect();
    balances.push((account(&Sr25519Keyring::Ferdie), FAUCET));
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig { balances },
        session: SessionConfig {
            keys: network
                .authorities
                .iter()
                .map(|who| (account(who), account(who), session_keys(*who)))
                .collect::<Vec<_>>(),
        },
        sudo: SudoConfig {
            key: Some(account(&network.sudo))
        },
        proof_of_optimization: ProofOfOptimizationConfig {
            parameters: network.parameters,
            initial_threshold: FixedU128::from_rational(2, 100),
        },
        reputation: ReputationConfig {
            accounts: operators
                .iter()
                .map(|who| (account(who), FixedU128::from_u32(10)))
                .collect::<Vec<_>>(),
        },
        domains: DomainsConfig {
            domains: vec![GenesisDomain {
                owner: account(&network.sudo),
                specification: network.domain,
                baseline: QUADRATIC_BASELINE,
                baseline_metric: QUADRATIC_BASELINE_METRIC,
                base_weight: FixedU128::from_u32(1),
            }],
        },
        quorum: QuorumConfig {
            bond: network.evaluator_bond,
            unbonding_period: network.evaluator_unbonding,
            minimum_audit_rate: network.minimum_audit_rate,
            evaluators: network
                .evaluators
                .iter()
                .map(|who| (0, account(who)))
                .collect::<Vec<_>>(),
        },
        optimae: OptimaeConfig {
            small_quorum_factor: network.small_quorum_factor,
            challenge_window: network.challenge_window,
        },
    })
}

/// The preset of that name, as JSON.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let network = match id.as_ref() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => development(),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => local(),
        TESTNET_PRESET => testnet(),
        _ => return None,
    };
    Some(serde_json::to_vec(&build(network)).expect("a JSON value can always be written; qed"))
}

use crate::config::{OperatorAccount, OptimizeRole, SearchFrom, WorkerConfiguration};
use doin_compute::{Backend, OptimizerKind};
use doin_domains::Training;
use serde_json::json;

fn read(value: serde_json::Value) -> Result<WorkerConfiguration, String> {
    WorkerConfiguration::from_value(value, "worker").map_err(|error| error.to_string())
}

#[test]
fn nothing_is_a_configuration() {
    let configuration = read(json!({})).unwrap();
    assert_eq!(configuration, WorkerConfiguration::default());
    assert!(!configuration.has_roles());
}

#[test]
fn everything_can_be_set() {
    let configuration = read(json!({
        "domains": {
            "quadratic": {
                "optimize": {
                    "account": "//Alice",
                    "optimizer": "random-step",
                    "training": "evolution",
                    "evaluations_per_round": 100,
                    "population": 64,
                    "interval_slots": 3,
                    "rehearsals": 7,
                    "search_from": "revealed",
                    "target_performance": -0.5,
                    "models": "my/models",
                    "shared_population": true,
                },
                "evaluate": {
                    "accounts": ["//Bob", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"],
                    "register": true,
                },
                "wait_for_registration": true,
                "files": ["data.safetensors"],
            },
        },
        "compute": { "backend": "cpu" },
        "artifacts": { "quota_mebibytes": 5, "upload_mebibytes_per_second": 2, "parallel_peers": 3 },
        "claim_interval_slots": 9,
    }))
    .unwrap();
    assert!(configuration.has_roles());
    let roles = &configuration.domains["quadratic"];
    let optimize = roles.optimize.clone().unwrap();
    assert_eq!(optimize.account, OperatorAccount::Development("//Alice".into()));
    assert_eq!(optimize.optimizer, OptimizerKind::RandomStep);
    assert_eq!(optimize.training, Training::Evolution);
    assert_eq!(
        (optimize.evaluations_per_round, optimize.population),
        (Some(100), Some(64))
    );
    assert_eq!((optimize.interval_slots, optimize.rehearsals), (3, 7));
    assert_eq!(
        (optimize.search_from, optimize.target_performance),
        (SearchFrom::Revealed, Some(-0.5))
    );
    assert_eq!(optimize.models, Some("my/models".into()));
    assert!(optimize.shared_population);
    assert_eq!(roles.files, [std::path::PathBuf::from("data.safetensors")]);
    let evaluate = roles.evaluate.clone().unwrap();
    assert_eq!(
        evaluate.accounts[1],
        OperatorAccount::Address(super::account("//Alice"))
    );
    assert!(evaluate.register && roles.wait_for_registration);
    assert_eq!(configuration.compute.backend, Backend::Cpu);
    assert_eq!(configuration.artifacts.quota_mebibytes, 5);
    assert_eq!(configuration.artifacts.upload_mebibytes_per_second, 2);
    assert_eq!(configuration.artifacts.parallel_peers, 3);
    assert_eq!(configuration.claim_interval_slots, 9);
    // What is written is read again.
    assert_eq!(
        read(serde_json::to_value(&configuration).unwrap()).unwrap(),
        configuration
    );
    assert_eq!(
        serde_json::from_value::<WorkerConfiguration>(serde_json::to_value(&configuration).unwrap()).unwrap(),
        configuration
    );
}

#[test]
fn the_plugins_of_a_domain_are_configured_beside_its_roles() {
    let python = |value: serde_json::Value| read(json!({ "domains": { "q": { "python": value } } }));
    let all = json!({
        "interpreter": "/opt/venv/bin/python",
        "path": ["/srv/mine"],
        "read": ["/srv/data"],
        "write": ["/srv/out"],
        "network": true,
        "environment": { "OMP_NUM_THREADS": "1" },
        "limits": { "memory_mebibytes": 512, "silence_seconds": 9 },
        "user": 4321,
        "unprotected": true,
    });
    let configuration = python(all).unwrap();
    assert!(!configuration.has_roles(), "it is no role by itself");
    let found = configuration.domains["q"].python.clone().unwrap();
    assert_eq!(found.interpreter, std::path::Path::new("/opt/venv/bin/python"));
    assert_eq!(found.path, [std::path::PathBuf::from("/srv/mine")]);
    assert_eq!((found.user, found.network, found.unprotected), (Some(4321), true, true));
    assert_eq!((found.limits.memory_mebibytes, found.limits.silence_seconds), (512, 9));
    assert_eq!(found.limits.processes, 256, "what is not said has its default");
    assert_eq!(
        read(serde_json::to_value(&configuration).unwrap()).unwrap(),
        configuration,
        "what is written is read again"
    );
    assert_eq!(
        read(json!({ "domains": { "q": {} } })).unwrap().domains["q"].python,
        None
    );
    for (value, words) in [
        (json!([]), "worker.domains.q.python:"),
        (json!({ "interpeter": "python3" }), "interpeter"),
        (json!({ "limits": { "memory": 1 } }), "memory"),
        (
            json!({ "limits": { "memory_mebibytes": 1 } }),
            "limits.memory_mebibytes must be 64 to",
        ),
        (json!({ "path": ["mine"] }), "path: mine must be an absolute path"),
        (json!({ "write": ["./out"] }), "write: ./out must be an absolute path"),
        (json!({ "user": -1 }), "worker.domains.q.python:"),
    ] {
        let error = python(value.clone()).unwrap_err().to_string();
        assert!(error.starts_with("worker.domains.q.python: "), "{value}: {error}");
        assert!(error.contains(words), "{value}: {error}");
    }
}

#[test]
fn defaults_are_the_documented_ones() {
    let configuration = read(json!({ "domains": { "q": { "optimize": { "account": "//Alice" } } } })).unwrap();
    let role = configuration.domains["q"].optimize.clone().unwrap();
    assert_eq!(role, OptimizeRole::new(OperatorAccount::Development("//Alice".into())));
    assert_eq!(
        (role.optimizer, role.rehearsals, role.interval_slots),
        (OptimizerKind::SepCmaEs, 5, 0)
    );
    assert_eq!(
        (role.search_from, role.target_performance),
        (SearchFrom::Accepted, None)
    );
    assert_eq!(configuration.claim_interval_slots, 50);
    assert_eq!(configuration.artifacts.quota_mebibytes, 1024);
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let optimize = |extra: serde_json::Value| json!({ "domains": { "q": { "optimize": extra } } });
    let evaluate = |extra: serde_json::Value| json!({ "domains": { "q": { "evaluate": extra } } });
    for (value, words) in [
        (json!([]), vec!["worker:", "an object", "a list"]),
        (
            json!({ "domain": {} }),
            vec!["worker:", "unknown key \"domain\"", "known are domains, compute"],
        ),
        (json!({ "domains": [] }), vec!["worker.domains:", "an object"]),
        (json!({ "domains": { "q": 1 } }), vec!["worker.domains.q:", "a number"]),
        (
            json!({ "domains": { "q": { "optimise": {} } } }),
            vec!["worker.domains.q:", "\"optimise\"", "optimize"],
        ),
        (
            optimize(json!({})),
            vec!["worker.domains.q.optimize:", "\"account\" is missing"],
        ),
        (
            optimize(json!({ "acount": "//Alice" })),
            vec!["worker.domains.q.optimize:", "unknown key \"acount\""],
        ),
        (
            optimize(json!({ "account": 1 })),
            vec!["worker.domains.q.optimize.account:", "expected a string"],
        ),
        (
            optimize(json!({ "account": "Alice" })),
            vec!["optimize.account:", "neither an SS58 address", "//Alice"],
        ),
        (
            optimize(json!({ "account": "//" })),
            vec!["optimize.account:", "derivation path"],
        ),
        (
            optimize(json!({ "account": "one two three" })),
            vec!["optimize.account:", "key insert --key-type oper"],
        ),
        (
            optimize(json!({ "account": "//A", "optimizer": "adam" })),
            vec!["optimize.optimizer:", "adam", "sep-cma-es", "random-step"],
        ),
        (
            optimize(json!({ "account": "//A", "evaluations_per_round": 0 })),
            vec!["optimize.evaluations_per_round:", "above 0"],
        ),
        (
            optimize(json!({ "account": "//A", "evaluations_per_round": -5 })),
            vec!["optimize.evaluations_per_round:", "-5"],
        ),
        (
            optimize(json!({ "account": "//A", "population": 1 })),
            vec!["optimize.population:", "at least 2"],
        ),
        (
            optimize(json!({ "account": "//A", "search_from": "all" })),
            vec!["optimize.search_from:", "`accepted`, `own`, `revealed`"],
        ),
        (
            optimize(json!({ "account": "//A", "target_performance": 1e30 })),
            vec!["optimize.target_performance:"],
        ),
        (
            optimize(json!({ "account": "//A", "rehearsals": 0 })),
            vec!["optimize.rehearsals:", "between 1 and 100"],
        ),
        (
            optimize(json!({ "account": "//A", "interval_slots": "soon" })),
            vec!["optimize.interval_slots:", "soon"],
        ),
        (
            evaluate(json!({})),
            vec!["worker.domains.q.evaluate:", "\"accounts\" is missing"],
        ),
        (
            evaluate(json!({ "accounts": [] })),
            vec!["evaluate.accounts:", "at least one"],
        ),
        (
            evaluate(json!({ "accounts": "//Bob" })),
            vec!["evaluate.accounts:", "expected a sequence"],
        ),
        (
            evaluate(json!({ "accounts": ["//Bob", "//Bob"] })),
            vec!["evaluate.accounts:", "//Bob twice"],
        ),
        (
            evaluate(json!({ "accounts": ["//Bob"], "register": "yes" })),
            vec!["evaluate.register:", "boolean"],
        ),
        (
            json!({ "compute": { "backend": "cuda" } }),
            vec!["worker.compute.backend:", "cuda", "auto"],
        ),
        (
            json!({ "compute": { "device": 1 } }),
            vec!["worker.compute:", "unknown key \"device\""],
        ),
        (
            json!({ "artifacts": { "quota_mebibytes": 0 } }),
            vec!["worker.artifacts.quota_mebibytes:", "above 0"],
        ),
        (
            json!({ "artifacts": { "upload_mebibytes_per_second": 0 } }),
            vec!["worker.artifacts.upload_mebibytes_per_second:", "above 0"],
        ),
        (
            json!({ "artifacts": { "parallel_peers": 17 } }),
            vec!["worker.artifacts.parallel_peers:", "between 1 and 16"],
        ),
        (
            json!({ "claim_interval_slots": 1.5 }),
            vec!["worker.claim_interval_slots:", "1.5"],
        ),
    ] {
        let error = read(value.clone()).unwrap_err();
        for word in words {
            assert!(error.contains(word), "{value}: {error}");
        }
        assert!(!error.contains('\n'), "{error}");
    }
}

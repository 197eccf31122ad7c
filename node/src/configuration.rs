//! The node's configuration file.
//!
//! One JSON object; every key is optional and an unknown key is an error that names it:
//!
//! ```json
//! { "worker": { "domains": { "quadratic": { "optimize": { "account": "5Grwva..." } } } } }
//! ```
//!
//! The same object may stand under `doin` in the `properties` of a chain specification: it is the default of nodes
//! that are started without a file.

use doin_worker::config::{
    ConfigurationError, DomainRoles, EvaluateRole, OperatorAccount, OptimizeRole, WorkerConfiguration,
};
use serde_json::{Map, Value};
use std::path::Path;

/// The node's configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeConfiguration {
    /// The roles that this node plays. None by default: it only relays.
    pub worker: WorkerConfiguration,
}

/// The operator accounts of `--dev`: the first optimizes, the others evaluate.
pub const DEVELOPMENT_OPERATORS: [&str; 5] = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve"];

impl NodeConfiguration {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// One line that names the file, the key and what would be right.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let at = |problem: String| format!("the configuration file `{}`: {problem}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| at(format!("cannot be read: {error}")))?;
        let value: Value = serde_json::from_str(&text).map_err(|error| at(format!("is not JSON: {error}")))?;
        Self::from_value(value).map_err(|error| at(error.to_string()))
    }

    /// The defaults that a chain specification gives, if any.
    ///
    /// # Errors
    ///
    /// One line that names the key and what would be right. So are keys that name programs and files of this machine: the
    /// specification comes from whoever began the network, and the machine is the operator's.
    pub fn from_properties(properties: &Map<String, Value>) -> Result<Option<Self>, String> {
        properties
            .get("doin")
            .map(|value| {
                Self::from_value(value.clone())
                    .and_then(Self::of_any_machine)
                    .map_err(|error| format!("the chain specification's properties: doin: {error}"))
            })
            .transpose()
    }

    /// Refuses what names programs, files or permissions of the machine that it is read on.
    fn of_any_machine(self) -> Result<Self, ConfigurationError> {
        for (name, roles) in &self.worker.domains {
            let models = roles.optimize.as_ref().is_some_and(|role| role.models.is_some());
            let own = [
                ("python", roles.python.is_some()),
                ("files", !roles.files.is_empty()),
                ("optimize.models", models),
            ];
            if let Some((key, _)) = own.into_iter().find(|(_, is_given)| *is_given) {
                return Err(ConfigurationError {
                    place: format!("{}.domains.{name}.{key}", doin_worker::config::PLACE),
                    problem: "programs and files of this machine are named in a file of its own (--config), never by \
                              a chain specification"
                        .into(),
                });
            }
        }
        Ok(self)
    }

    fn from_value(value: Value) -> Result<Self, ConfigurationError> {
        let problem = |place: &str, problem: String| ConfigurationError {
            place: place.into(),
            problem,
        };
        let Value::Object(mut object) = value else {
            return Err(problem(
                "the whole file",
                "must be a JSON object, like {\"worker\": {...}}".into(),
            ));
        };
        let worker = match object.remove(doin_worker::config::PLACE) {
            Some(value) => WorkerConfiguration::from_value(value, doin_worker::config::PLACE)?,
            None => WorkerConfiguration::default(),
        };
        match object.keys().next() {
            Some(unknown) => Err(problem(unknown, "unknown key; known are worker".into())),
            None => Ok(Self { worker }),
        }
    }

    /// What `--dev` does without a file: one optimizer and four evaluators of the quadratic domain, which is also served.
    pub fn development() -> Self {
        let account = |path: &str| OperatorAccount::Development(path.into());
        let (optimizer, evaluators) = DEVELOPMENT_OPERATORS.split_first().expect("five operators; qed");
        let roles = DomainRoles {
            optimize: Some(OptimizeRole::new(account(optimizer))),
            evaluate: Some(EvaluateRole {
                accounts: evaluators.iter().map(|path| account(path)).collect(),
                register: false,
            }),
            serve: true,
            ..DomainRoles::default()
        };
        let mut worker = WorkerConfiguration::default();
        worker.domains.insert("quadratic".into(), roles);
        Self { worker }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<NodeConfiguration, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.json");
        std::fs::write(&path, text).unwrap();
        NodeConfiguration::from_file(&path)
    }

    #[test]
    fn an_empty_file_relays_only() {
        assert!(!read("{}").unwrap().worker.has_roles());
    }

    #[test]
    fn development_plays_both_roles() {
        assert!(NodeConfiguration::development().worker.has_roles());
    }

    #[test]
    fn errors_name_file_and_key() {
        for (text, words) in [
            ("{", vec!["node.json", "not JSON"]),
            ("[]", vec!["node.json", "object"]),
            (r#"{"wroker": {}}"#, vec!["wroker", "unknown key", "worker"]),
            (r#"{"worker": {"domain": {}}}"#, vec!["domain", "unknown key"]),
            (r#"{"worker": {"compute": {"backend": 1}}}"#, vec!["worker.compute"]),
            (
                r#"{"worker": {"domains": {"quadratic": {"optimize": {}}}}}"#,
                vec!["quadratic.optimize", "account"],
            ),
        ] {
            let error = read(text).unwrap_err();
            for word in words {
                assert!(error.contains(word), "{text}: {error}");
            }
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = NodeConfiguration::from_file(Path::new("no/such.json")).unwrap_err();
        assert!(error.contains("no/such.json"), "{error}");
    }

    #[test]
    fn chain_properties_give_defaults() {
        let properties = json!({"tokenSymbol": "DOIN", "doin": {"worker": {"claim_interval_slots": 7}}});
        let configuration = NodeConfiguration::from_properties(properties.as_object().unwrap())
            .unwrap()
            .unwrap();
        assert_eq!(configuration.worker.claim_interval_slots, 7);
        let wrong = json!({"doin": {"wroker": 1}});
        assert!(NodeConfiguration::from_properties(wrong.as_object().unwrap())
            .unwrap_err()
            .contains("wroker"));
    }

    #[test]
    fn chain_properties_name_nothing_of_this_machine() {
        for (key, roles) in [
            (
                "python",
                json!({"python": {"interpreter": "/tmp/theirs", "unprotected": true}}),
            ),
            ("python", json!({"python": {}})),
            ("files", json!({"serve": true, "files": ["/home/me/.ssh/id_ed25519"]})),
            (
                "optimize.models",
                json!({"optimize": {"account": "//Alice", "models": "/home/me"}}),
            ),
        ] {
            let properties = json!({"doin": {"worker": {"domains": {"theirs": roles}}}});
            let error = NodeConfiguration::from_properties(properties.as_object().unwrap()).unwrap_err();
            assert!(error.contains(&format!("worker.domains.theirs.{key}: ")), "{error}");
            assert!(error.contains("--config") && !error.contains('\n'), "{error}");
            // The operator's own file may.
            assert!(read(&properties["doin"].to_string()).is_ok());
        }
        let roles = json!({"serve": true, "wait_for_registration": true, "optimize": {"account": "//Alice"}});
        let properties = json!({"doin": {"worker": {"domains": {"theirs": roles}}}});
        assert!(NodeConfiguration::from_properties(properties.as_object().unwrap()).is_ok());
    }
}

//! The worker's part of the configuration file: which roles this node plays in which domain, and with which keys.
//!
//! Every error names the key and its place, as in
//! `worker.domains.quadratic.optimize: unknown key "evals"; known are account, optimizer, ...`.

use doin_compute::{Backend, OptimizerKind};
use doin_domains::{metric_to_fixed, Training};
use doin_plugins::PythonConfiguration;
use doin_primitives::AccountId;
use serde::{de::DeserializeOwned, Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use sp_core::crypto::Ss58Codec;
use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

/// Where the worker's part stands in the node's configuration file.
pub const PLACE: &str = "worker";

/// A part of the configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigurationError {
    /// The key, with all the keys it stands under.
    pub place: String,
    /// What is wrong there, and what would be right.
    pub problem: String,
}

impl ConfigurationError {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// An operator's account, as written in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperatorAccount {
    /// A development account such as `//Alice`. Its secret is known to everybody: for test networks only.
    Development(String),
    /// An address. Its secret must lie in the keystore under the key type `oper`.
    Address(AccountId),
}

impl FromStr for OperatorAccount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("//") {
            if path.is_empty() || path.contains(char::is_whitespace) {
                return Err(format!(
                    "{text:?} is no derivation path; a development account reads like \"//Alice\""
                ));
            }
            return Ok(Self::Development(text.into()));
        }
        if text.contains(char::is_whitespace) {
            return Err(
                "this looks like a secret phrase, which does not belong into a configuration file: put it into \
                 the keystore with `doin-node key insert --key-type oper --scheme sr25519` and write the address here"
                    .into(),
            );
        }
        AccountId::from_ss58check(text).map(Self::Address).map_err(|error| {
            format!("{text:?} is neither an SS58 address ({error:?}) nor a development account such as \"//Alice\"")
        })
    }
}

impl fmt::Display for OperatorAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Development(path) => formatter.write_str(path),
            Self::Address(account) => formatter.write_str(&account.to_ss58check()),
        }
    }
}

impl Serialize for OperatorAccount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OperatorAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// What the worker does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkerConfiguration {
    /// The roles in each domain, by the domain's name on the chain. Empty: this node only relays.
    pub domains: BTreeMap<String, DomainRoles>,
    /// What to compute with.
    pub compute: ComputeConfiguration,
    /// The store of parameters.
    pub artifacts: ArtifactConfiguration,
    /// How often rewards of this node's accounts are claimed, in slots; 0: never. 50 by default.
    pub claim_interval_slots: u32,
}

impl Default for WorkerConfiguration {
    fn default() -> Self {
        Self {
            domains: BTreeMap::new(),
            compute: ComputeConfiguration::default(),
            artifacts: ArtifactConfiguration::default(),
            claim_interval_slots: 50,
        }
    }
}

/// The roles in one domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DomainRoles {
    /// Searching for better parameters.
    pub optimize: Option<OptimizeRole>,
    /// Judging the optimae of others.
    pub evaluate: Option<EvaluateRole>,
    /// Whether this node answers `doin_infer` with the domain's best verified model, to whoever reaches its RPC. `false` by
    /// default.
    pub serve: bool,
    /// Whether to wait for a domain that the chain does not know yet. Otherwise that is an error at the start.
    pub wait_for_registration: bool,
    /// How the plugins of a domain of the kind `python` are run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<PythonConfiguration>,
    /// Files that this node puts into its store at the start, such as the data that the domain's specification names.
    pub files: Vec<PathBuf>,
}

/// Searching for better parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptimizeRole {
    /// Who signs commits and reveals, and earns.
    pub account: OperatorAccount,
    /// The method of search.
    pub optimizer: OptimizerKind,
    /// How networks of a forecasting domain find their weights: `"gradient"` or `"evolution"`.
    pub training: Training,
    /// How many evaluations one round of search may take; above 0. By default what the domain recommends.
    pub evaluations_per_round: Option<u64>,
    /// How many individuals are evaluated at a time; at least 2. By default what the domain recommends.
    pub population: Option<usize>,
    /// The least number of slots from the end of one round to the beginning of the next; 0 by default.
    pub interval_slots: u32,
    /// How many quorums the optimizer plays through with data of its own before it claims an improvement, of which
    /// four in five must accept: 1 to 100, 5 by default.
    pub rehearsals: u32,
    /// What the search goes on from.
    pub search_from: SearchFrom,
    /// The metric at which the search rests and leaves the compute to other domains, for as long as the verified best is
    /// as good; none by default.
    pub target_performance: Option<f64>,
    /// A model file, or a folder of them, that this node offers, in a domain of model files; none by default.
    pub models: Option<PathBuf>,
    /// Whether to search with the other nodes of the domain in one population; `false` by default.
    pub shared_population: bool,
}

/// What a search goes on from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchFrom {
    /// The accepted best. While an own optimum is being judged, nothing is searched.
    #[default]
    Accepted,
    /// Also an own optimum that is still being judged.
    Own,
    /// Also that of others, once its parameters are here and were measured to be better than the best.
    Revealed,
}

/// Judging the optimae of others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvaluateRole {
    /// The evaluators that this node runs: at least one.
    pub accounts: Vec<OperatorAccount>,
    /// Whether to register those that are not registered yet, which puts their bonds on hold. `false` by default.
    pub register: bool,
}

/// What to compute with.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ComputeConfiguration {
    /// `"auto"`, `"gpu"` or `"cpu"`.
    pub backend: Backend,
}

/// The store of parameters, and their way from and to peers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArtifactConfiguration {
    /// How much it may hold; above 0. 1024 by default.
    pub quota_mebibytes: u64,
    /// How much is sent to peers, all together, in the long run; above 0. 16 by default.
    pub upload_mebibytes_per_second: u32,
    /// From how many peers parameters are fetched at a time: 1 to 16, 4 by default.
    pub parallel_peers: u32,
}

impl Default for ArtifactConfiguration {
    fn default() -> Self {
        Self {
            quota_mebibytes: 1024,
            upload_mebibytes_per_second: 16,
            parallel_peers: 4,
        }
    }
}

impl WorkerConfiguration {
    /// Reads the worker's part from JSON that stands at `place` of the file.
    ///
    /// # Errors
    ///
    /// The first key that is unknown, missing, of the wrong type or out of range, with its place.
    pub fn from_value(value: Value, place: &str) -> Result<Self, ConfigurationError> {
        let defaults = Self::default();
        let mut section = Section::new(value, place)?;
        let domains = section.sections("domains", DomainRoles::from_section)?;
        let compute = section
            .section("compute", ComputeConfiguration::from_section)?
            .unwrap_or_default();
        let artifacts = section
            .section("artifacts", ArtifactConfiguration::from_section)?
            .unwrap_or_default();
        let claim_interval_slots = section
            .whole_number("claim_interval_slots")?
            .unwrap_or(defaults.claim_interval_slots);
        section.finish()?;
        Ok(Self {
            domains,
            compute,
            artifacts,
            claim_interval_slots,
        })
    }

    /// Whether any role is switched on.
    pub fn has_roles(&self) -> bool {
        self.domains
            .values()
            .any(|roles| roles.optimize.is_some() || roles.evaluate.is_some() || roles.serve)
    }
}

impl<'de> Deserialize<'de> for WorkerConfiguration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(value, PLACE).map_err(serde::de::Error::custom)
    }
}

impl DomainRoles {
    fn from_section(section: &mut Section) -> Result<Self, ConfigurationError> {
        let roles = Self {
            optimize: section.section("optimize", OptimizeRole::from_section)?,
            evaluate: section.section("evaluate", EvaluateRole::from_section)?,
            serve: section.optional("serve")?.unwrap_or(false),
            wait_for_registration: section.optional("wait_for_registration")?.unwrap_or(false),
            python: section.object("python")?,
            files: section.optional("files")?.unwrap_or_default(),
        };
        match roles.python.as_ref().map(PythonConfiguration::check) {
            Some(Err(error)) => Err(section.error("python", error)),
            _ => Ok(roles),
        }
    }
}

impl OptimizeRole {
    /// The role with everything but the account by default.
    pub fn new(account: OperatorAccount) -> Self {
        Self {
            account,
            optimizer: OptimizerKind::default(),
            training: Training::default(),
            evaluations_per_round: None,
            population: None,
            interval_slots: 0,
            rehearsals: 5,
            search_from: SearchFrom::default(),
            target_performance: None,
            models: None,
            shared_population: false,
        }
    }

    fn from_section(section: &mut Section) -> Result<Self, ConfigurationError> {
        let defaults = Self::new(section.required("account")?);
        let role = Self {
            account: defaults.account,
            optimizer: section.optional("optimizer")?.unwrap_or(defaults.optimizer),
            training: section.optional("training")?.unwrap_or(defaults.training),
            evaluations_per_round: section.whole_number("evaluations_per_round")?,
            population: section.whole_number("population")?,
            interval_slots: section
                .whole_number("interval_slots")?
                .unwrap_or(defaults.interval_slots),
            rehearsals: section.whole_number("rehearsals")?.unwrap_or(defaults.rehearsals),
            search_from: section.optional("search_from")?.unwrap_or(defaults.search_from),
            target_performance: section.optional("target_performance")?,
            models: section.optional("models")?,
            shared_population: section.optional("shared_population")?.unwrap_or(false),
        };
        if role.evaluations_per_round == Some(0) {
            return Err(section.error("evaluations_per_round", "must be above 0"));
        }
        if role.population.is_some_and(|population| population < 2) {
            return Err(section.error("population", "must be at least 2"));
        }
        if !(1..=100).contains(&role.rehearsals) {
            return Err(section.error("rehearsals", "must lie between 1 and 100"));
        }
        if let Some(Err(error)) = role.target_performance.map(metric_to_fixed) {
            return Err(section.error("target_performance", error.to_string()));
        }
        Ok(role)
    }
}

impl EvaluateRole {
    fn from_section(section: &mut Section) -> Result<Self, ConfigurationError> {
        let accounts: Vec<OperatorAccount> = section.required("accounts")?;
        let register = section.optional("register")?.unwrap_or(false);
        if accounts.is_empty() {
            return Err(section.error("accounts", "must name at least one account"));
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = accounts.iter().find(|account| !seen.insert(*account)) {
            return Err(section.error("accounts", format!("names {twice} twice")));
        }
        Ok(Self { accounts, register })
    }
}

impl ComputeConfiguration {
    fn from_section(section: &mut Section) -> Result<Self, ConfigurationError> {
        Ok(Self {
            backend: section.optional("backend")?.unwrap_or_default(),
        })
    }
}

impl ArtifactConfiguration {
    fn from_section(section: &mut Section) -> Result<Self, ConfigurationError> {
        let defaults = Self::default();
        let artifacts = Self {
            quota_mebibytes: section
                .whole_number("quota_mebibytes")?
                .unwrap_or(defaults.quota_mebibytes),
            upload_mebibytes_per_second: section
                .whole_number("upload_mebibytes_per_second")?
                .unwrap_or(defaults.upload_mebibytes_per_second),
            parallel_peers: section
                .whole_number("parallel_peers")?
                .unwrap_or(defaults.parallel_peers),
        };
        if artifacts.quota_mebibytes == 0 {
            return Err(section.error("quota_mebibytes", "must be above 0"));
        }
        if artifacts.upload_mebibytes_per_second == 0 {
            return Err(section.error("upload_mebibytes_per_second", "must be above 0"));
        }
        if !(1..=16).contains(&artifacts.parallel_peers) {
            return Err(section.error("parallel_peers", "must lie between 1 and 16"));
        }
        Ok(artifacts)
    }
}

/// A JSON object that is being read key by key.
struct Section {
    place: String,
    object: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Section {
    fn new(value: Value, place: &str) -> Result<Self, ConfigurationError> {
        match value {
            Value::Object(object) => Ok(Self {
                place: place.into(),
                object,
                known: Vec::new(),
            }),
            other => Err(ConfigurationError::new(
                place,
                format!("must be an object, not {}", describe(&other)),
            )),
        }
    }

    fn error(&self, key: &str, problem: impl Into<String>) -> ConfigurationError {
        ConfigurationError::new(format!("{}.{key}", self.place), problem)
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        // `null` is a usual way to switch something off in JSON.
        self.object.remove(key).filter(|value| !value.is_null())
    }

    fn optional<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<Option<T>, ConfigurationError> {
        self.take(key)
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| self.error(key, error.to_string()))
    }

    /// The same for a structure, which serde would also take from a list.
    fn object<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<Option<T>, ConfigurationError> {
        match self.object.get(key) {
            None | Some(Value::Null | Value::Object(_)) => self.optional(key),
            Some(other) => Err(self.error(key, format!("must be an object, not {}", describe(other)))),
        }
    }

    fn whole_number<T: TryFrom<u64>>(&mut self, key: &'static str) -> Result<Option<T>, ConfigurationError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value.as_u64().and_then(|number| T::try_from(number).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.error(
                key,
                format!("must be a whole number, and not negative or too large: not {value}"),
            )),
        }
    }

    fn required<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<T, ConfigurationError> {
        self.optional(key)?
            .ok_or_else(|| ConfigurationError::new(&self.place, format!("key {key:?} is missing")))
    }

    fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section) -> Result<T, ConfigurationError>,
    ) -> Result<Option<T>, ConfigurationError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let mut inner = Section::new(value, &format!("{}.{key}", self.place))?;
        let result = read(&mut inner);
        // An unknown key is often why another one is missing: it is the better thing to say.
        match &result {
            Ok(_) => inner.finish()?,
            Err(error) if error.problem.ends_with("is missing") => inner.finish()?,
            Err(_) => {}
        }
        result.map(Some)
    }

    fn sections<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&mut Section) -> Result<T, ConfigurationError>,
    ) -> Result<BTreeMap<String, T>, ConfigurationError> {
        let Some(value) = self.take(key) else {
            return Ok(BTreeMap::new());
        };
        let all = Section::new(value, &format!("{}.{key}", self.place))?;
        all.object
            .into_iter()
            .map(|(name, value)| {
                let mut inner = Section::new(value, &format!("{}.{name}", all.place))?;
                let item = read(&mut inner)?;
                inner.finish()?;
                Ok((name, item))
            })
            .collect()
    }

    /// Refuses keys that nobody has asked for.
    fn finish(&self) -> Result<(), ConfigurationError> {
        match self.object.keys().next() {
            None => Ok(()),
            Some(key) => {
                let known = self.known.join(", ");
                Err(ConfigurationError::new(
                    &self.place,
                    format!("unknown key {key:?}; known are {known}"),
                ))
            }
        }
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

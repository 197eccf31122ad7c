//! A domain as people describe it, and what the chain is told of it.

use crate::membership::{account::Chain, coin};
use doin_domains::{instantiate, metric_to_fixed, Options};
use doin_primitives::{
    artifact::ArtifactReference,
    domain::{Deadlines, Direction, DomainSpecification},
    Hash,
};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_core::Get;
use sp_runtime::{BoundedVec, FixedU128, Perquintill};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A domain as people describe it. What is not said is as in the chain's first domain, or measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) kind: String,
    /// Every `{"file": "data.csv", …}` in it becomes the file's address: `{"root": …, "size": …, …}`.
    pub(super) model: Value,
    /// A change of the metric that matters; by default 1.
    #[serde(default = "one")]
    metric_scale: f64,
    /// In units of the metric scale; by default 0.02.
    #[serde(default = "step")]
    minimum_step: f64,
    /// By default what is measured.
    pub(super) paired_noise: Option<f64>,
    /// Relative to the median; by default 0.05.
    #[serde(default = "tolerance")]
    relative_tolerance: f64,
    /// In units of the metric; by default what is measured.
    pub(super) absolute_tolerance: Option<f64>,
    /// What an evaluation is paid, in DOIN.
    price: Option<String>,
    /// The least bond of an optimum, in DOIN.
    minimum_bond: Option<String>,
    /// In slots.
    deadlines: Option<Deadlines>,
    /// The largest parameters in bytes; by default what the domain says of itself.
    maximum_artifact_size: Option<u32>,
    /// In slots; by default 0: the data never change.
    #[serde(default)]
    season_length: u32,
}

fn one() -> f64 {
    1.0
}

fn step() -> f64 {
    0.02
}

fn tolerance() -> f64 {
    0.05
}

/// The files that a description names, by their Merkle roots.
pub(super) type NamedFiles = BTreeMap<Hash, (PathBuf, Vec<u8>)>;

impl Description {
    /// Reads a description, and the files that it names, which lie beside it.
    ///
    /// # Errors
    ///
    /// It is no JSON, has unknown keys or lacks some, or a file cannot be read.
    pub(super) fn read(path: &Path) -> Result<(Self, NamedFiles), String> {
        let text = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        let mut description: Self = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        if !description.model.is_object() {
            return Err("`model` must be an object: what the domain's kind reads".into());
        }
        let mut files = NamedFiles::new();
        let folder = path.parent().unwrap_or(Path::new(""));
        address_files(&mut description.model, folder, &mut files)?;
        Ok((description, files))
    }

    /// What the chain is to be told, with the noise and the tolerance still to be measured.
    ///
    /// # Errors
    ///
    /// A value that the chain would refuse, with its key; or the name is taken.
    pub(super) fn specification(&self, chain: &Chain) -> Result<DomainSpecification, String> {
        let first = chain
            .domains
            .first()
            .ok_or("the chain has no domain to take defaults from")?;
        if chain.domain(&self.name).is_ok() {
            return Err(format!(
                "the chain has a domain `{}` already: choose another name",
                self.name
            ));
        }
        let mut specification = first.specification.clone();
        specification.name = bounded("name", self.name.as_bytes())?;
        specification.kind = bounded("kind", self.kind.as_bytes())?;
        specification.model = bounded("model", self.model.to_string().as_bytes())?;
        specification.direction = self.direction()?;
        specification.synthetic_data =
            self.kind != doin_plugins::KIND || self.model.pointer("/plugins/synthetic_data").is_some();
        specification.metric_scale = positive("metric_scale", self.metric_scale)?;
        specification.minimum_step = positive("minimum_step", self.minimum_step)?;
        if !(0.0..=0.5).contains(&self.relative_tolerance) {
            return Err(format!(
                "relative_tolerance must be 0 to 0.5, not {}",
                self.relative_tolerance
            ));
        }
        specification.relative_tolerance = Perquintill::from_float(self.relative_tolerance);
        specification.season_length = self.season_length;
        let coin = |key: &str, text: &str| coin::parse(text).map_err(|error| format!("{key}: {error}"));
        if let Some(price) = &self.price {
            specification.price = coin("price", price)?;
        }
        if let Some(bond) = &self.minimum_bond {
            specification.minimum_bond = coin("minimum_bond", bond)?;
        }
        if let Some(deadlines) = self.deadlines {
            specification.deadlines = deadlines;
        }
        Ok(specification)
    }

    /// The limit on artifacts, where the domain allows parameters of so many bytes.
    pub(super) fn maximum_artifact_size(&self, parameters_bytes: u64) -> Result<u32, String> {
        let most = <doin_runtime::Runtime as pallet_domains::Config>::MaximumArtifactSize::get();
        let wanted = self.maximum_artifact_size.map_or(parameters_bytes, u64::from);
        u32::try_from(wanted)
            .ok()
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(|| format!("maximum_artifact_size must be 1 to {most}, not {wanted}"))
    }

    fn direction(&self) -> Result<Direction, String> {
        let higher_is_better = match self.kind.as_str() {
            // Plugins are not started for it.
            doin_plugins::KIND => self
                .model
                .get("higher_is_better")
                .and_then(Value::as_bool)
                .ok_or("model: `higher_is_better` must say true or false")?,
            kind => {
                let model = self.model.to_string();
                instantiate(kind, model.as_bytes(), &Options::default())
                    .map_err(|error| match error {
                        doin_domains::DomainError::UnknownKind { .. } => format!(
                            "kind: unknown kind `{kind}`; known are {}, {}",
                            doin_domains::KINDS.join(", "),
                            doin_plugins::KIND
                        ),
                        other => format!("model: {other}"),
                    })?
                    .metadata()
                    .higher_is_better
            }
        };
        Ok(match higher_is_better {
            true => Direction::Maximize,
            false => Direction::Minimize,
        })
    }
}

/// Puts addresses in the place of file names, wherever in the model they stand.
fn address_files(value: &mut Value, folder: &Path, files: &mut NamedFiles) -> Result<(), String> {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(name)) = object.get("file") {
                let path = folder.join(name);
                let bytes = fs::read(&path).map_err(|error| format!("the file {}: {error}", path.display()))?;
                let address = ArtifactReference::of(&bytes);
                object.remove("file");
                object.insert("root".into(), json!(address.root));
                object.insert("size".into(), json!(address.size));
                files.insert(address.root, (path, bytes));
            }
            object
                .values_mut()
                .try_for_each(|value| address_files(value, folder, files))
        }
        Value::Array(list) => list
            .iter_mut()
            .try_for_each(|value| address_files(value, folder, files)),
        _ => Ok(()),
    }
}

fn bounded<S: Get<u32>>(key: &str, bytes: &[u8]) -> Result<BoundedVec<u8, S>, String> {
    let length = bytes.len();
    match BoundedVec::try_from(bytes.to_vec()) {
        Ok(bounded) if length > 0 => Ok(bounded),
        _ => Err(format!("{key} must have 1 to {} bytes, not {length}", S::get())),
    }
}

/// A number that is not negative, as the chain's.
pub(super) fn unsigned(key: &str, value: f64) -> Result<FixedU128, String> {
    let fixed = metric_to_fixed(value).map_err(|error| format!("{key}: {error}"))?;
    u128::try_from(fixed.into_inner())
        .map(FixedU128::from_inner)
        .map_err(|_| format!("{key} must not be negative, but is {value}"))
}

fn positive(key: &str, value: f64) -> Result<FixedU128, String> {
    match unsigned(key, value)? {
        fixed if fixed == FixedU128::default() => Err(format!("{key} must be above 0, not {value}")),
        fixed => Ok(fixed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Description, NamedFiles), String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("data.csv"), "a,b\n1,2\n").unwrap();
        let path = folder.path().join("domain.json");
        fs::write(&path, text).unwrap();
        Description::read(&path)
    }

    #[test]
    fn files_are_named_by_their_addresses() {
        let text = r#"{"name":"n","kind":"timeseries","model":{"data":{"csv":{"file":"data.csv","columns":["a"]}}}}"#;
        let (description, files) = read(text).unwrap();
        let address = ArtifactReference::of(b"a,b\n1,2\n");
        let csv = &description.model["data"]["csv"];
        assert_eq!(
            *csv,
            json!({"columns": ["a"], "root": address.root, "size": address.size})
        );
        assert_eq!(files[&address.root].1, b"a,b\n1,2\n");
        let missing = read(r#"{"name":"n","kind":"k","model":{"data":{"file":"none.csv"}}}"#);
        assert!(missing.unwrap_err().contains("none.csv"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_key() {
        for (text, words) in [
            ("{", "line 1"),
            (r#"{"name":"n","kind":"k"}"#, "missing field `model`"),
            (r#"{"name":"n","kind":"k","model":"m"}"#, "`model` must be an object"),
            (
                r#"{"name":"n","kind":"k","model":{},"prize":"1"}"#,
                "unknown field `prize`",
            ),
        ] {
            let error = read(text).map(|_| ()).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        let direction = |kind: &str, model: &str| {
            let text = format!(r#"{{"name":"n","kind":"{kind}","model":{model}}}"#);
            read(&text).unwrap().0.direction()
        };
        assert!(direction("qadratic", "{}")
            .unwrap_err()
            .contains("known are function, onnx, quadratic, timeseries, python"));
        assert!(direction("quadratic", "{}").unwrap_err().contains("missing field"));
        assert!(direction("python", "{}").unwrap_err().contains("higher_is_better"));
        assert_eq!(
            direction("python", r#"{"higher_is_better":false}"#),
            Ok(Direction::Minimize)
        );
        assert!(unsigned("paired_noise", -1.0)
            .unwrap_err()
            .contains("paired_noise must not be negative"));
        assert!(positive("metric_scale", 0.0)
            .unwrap_err()
            .contains("metric_scale must be above 0"));
    }
}

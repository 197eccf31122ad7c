//! What the tests of plugins share: folders that a sandboxed user can reach, and domains of the hostile plugins.

#![allow(dead_code)]

use doin_domains::{Domain, DomainError, Evaluation, SyntheticData};
use doin_plugins::{
    sandbox::{Limits, Mechanism},
    Launcher, PythonConfiguration, PythonDomain,
};
use serde_json::{json, Value};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A folder with the SDK and the hostile plugins, readable for everybody as an installed package is.
pub struct Ground {
    pub folder: TempDir,
    /// What is in force is reduced by these.
    pub without: Vec<Mechanism>,
    pub limits: Limits,
    pub network: bool,
    pub evaluation_seconds: u32,
    pub search: &'static str,
    /// By which callback a long run is alive.
    pub says: &'static str,
}

pub fn repository() -> PathBuf {
    std::env::var_os("DOIN_TEST_REPOSITORY")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), PathBuf::from)
}

pub fn launcher_program() -> PathBuf {
    std::env::var_os("DOIN_TEST_LAUNCHER")
        .map_or_else(|| env!("CARGO_BIN_EXE_doin-plugin-launcher").into(), PathBuf::from)
}

/// An interpreter that an unprivileged user can run.
pub fn interpreter() -> PathBuf {
    let system = Path::new("/usr/bin/python3");
    match std::env::var_os("DOIN_TEST_PYTHON") {
        Some(path) => path.into(),
        None if system.exists() => system.into(),
        None => "python3".into(),
    }
}

pub fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "__pycache__" {
                copy(&entry.path(), &to.join(entry.file_name()));
            }
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

impl Ground {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("doin-test-").tempdir().unwrap();
        set_mode(folder.path(), 0o755);
        copy(
            &repository().join("sdk/python/doin_sdk"),
            &folder.path().join("sdk/doin_sdk"),
        );
        copy(
            &repository().join("node/plugins/tests/plugins"),
            &folder.path().join("plugins"),
        );
        for (name, mode) in [("open", 0o777), ("private", 0o755)] {
            fs::create_dir(folder.path().join(name)).unwrap();
            set_mode(&folder.path().join(name), mode);
        }
        fs::write(folder.path().join("open/canary"), "sings").unwrap();
        set_mode(&folder.path().join("open/canary"), 0o666);
        fs::write(folder.path().join("private/secret"), "a key").unwrap();
        Self {
            folder,
            without: Vec::new(),
            limits: Limits {
                memory_mebibytes: 256,
                processes: 64,
                scratch_mebibytes: 16,
                output_mebibytes: 1,
                start_seconds: 60,
                ..Limits::default()
            },
            network: false,
            evaluation_seconds: 60,
            search: "step",
            says: "nothing",
        }
    }

    pub fn without(mut self, without: &[Mechanism]) -> Self {
        self.without = without.to_vec();
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn launcher(&self) -> Launcher {
        Launcher {
            program: launcher_program(),
            private: vec![self.path().join("private")],
            without: self.without.clone(),
        }
    }

    pub fn configuration(&self) -> PythonConfiguration {
        PythonConfiguration {
            interpreter: interpreter(),
            path: vec![self.path().join("sdk"), self.path().join("plugins")],
            network: self.network,
            limits: self.limits.clone(),
            ..Default::default()
        }
    }

    pub fn model(&self) -> Value {
        json!({
            "plugins": {
                "optimization": "hostile:Optimizer",
                "inference": "hostile:Inferencer",
                "synthetic_data": "hostile:Synthetic",
            },
            "config": {"search": self.search, "says": self.says},
            "baseline": {"attack": "nothing"},
            "higher_is_better": true,
            "evaluation_seconds": self.evaluation_seconds,
        })
    }

    pub fn try_domain(&self) -> Result<PythonDomain, DomainError> {
        let model = self.model().to_string();
        PythonDomain::new("hostile", model.as_bytes(), &self.configuration(), &self.launcher())
    }

    pub fn domain(&self) -> PythonDomain {
        self.try_domain().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The processes that were started from this folder, and are still there.
    pub fn processes(&self) -> Vec<String> {
        let marker = self.path().to_string_lossy().into_owned();
        let mine = std::process::id();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            if pid != mine && String::from_utf8_lossy(&environment).contains(&marker) {
                found.push(format!("{pid}"));
            }
        }
        found
    }
}

pub fn data() -> SyntheticData {
    SyntheticData {
        season: 0,
        bytes: b"null".to_vec(),
    }
}

/// Measures parameters that make the plugin attack.
pub fn attack(domain: &PythonDomain, name: &str, with: Value) -> Result<Evaluation, DomainError> {
    let parameters = json!({"attack": name, "with": with}).to_string();
    domain.evaluate(parameters.as_bytes(), &data())
}

/// The plugin still does what a good one does.
pub fn still_works(domain: &PythonDomain) {
    // The repetition of a measurement has no pause, but what follows it has one.
    for _ in 0..100 {
        match attack(domain, "nothing", json!({})) {
            Ok(evaluation) => return assert_eq!(evaluation.metric, 1.0),
            Err(DomainError::External(error)) if error.contains("started again in") => {
                std::thread::sleep(std::time::Duration::from_millis(200))
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the plugin was not started again");
}

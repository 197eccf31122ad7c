//! What the node's operator decides about a Python domain.

use crate::{
    sandbox::{Limits, Mechanism, Policy},
    PluginError,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Which interpreter runs the plugins of a domain, and what they may do. Everything has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PythonConfiguration {
    /// The interpreter: a path, or a name that is looked up in `PATH`. `"python3"` by default.
    pub interpreter: PathBuf,
    /// Folders to import from, beside what is installed for the interpreter.
    pub path: Vec<PathBuf>,
    /// What plugins may read beside that.
    pub read: Vec<PathBuf>,
    /// What plugins may write, beside a scratch folder that is thrown away.
    pub write: Vec<PathBuf>,
    /// Whether plugins may use the network. `false` by default.
    pub network: bool,
    /// Additional environment variables.
    pub environment: BTreeMap<String, String>,
    /// What plugins may use.
    pub limits: Limits,
    /// The user number that plugins run as when the node is root; by default one that is nobody's.
    pub user: Option<u32>,
    /// Run plugins even where the kernel cannot keep them from files or the network. `false` by default.
    pub unprotected: bool,
}

impl Default for PythonConfiguration {
    fn default() -> Self {
        Self {
            interpreter: "python3".into(),
            path: Vec::new(),
            read: Vec::new(),
            write: Vec::new(),
            network: false,
            environment: BTreeMap::new(),
            limits: Limits::default(),
            user: None,
            unprotected: false,
        }
    }
}

/// How this program starts plugins.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The program that calls [`crate::launcher`]; a node's own binary.
    pub program: PathBuf,
    /// What no plugin may be granted: the node's data, with its keys.
    pub private: Vec<PathBuf>,
    /// Mechanisms to do without, for tests.
    pub without: Vec<Mechanism>,
}

impl Launcher {
    /// This very program starts plugins; `private` is its data.
    pub fn this_program(private: Vec<PathBuf>) -> Self {
        Self {
            program: "/proc/self/exe".into(),
            private,
            without: Vec::new(),
        }
    }
}

/// An interpreter that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    pub(crate) program: PathBuf,
    /// The folders that it is made of.
    pub(crate) folders: Vec<PathBuf>,
}

impl PythonConfiguration {
    /// Checks what can be checked without a plugin. The error names the key.
    pub fn check(&self) -> Result<(), String> {
        self.limits.check().map_err(|error| format!("limits.{error}"))?;
        for (key, paths) in [("path", &self.path), ("read", &self.read), ("write", &self.write)] {
            if let Some(path) = paths.iter().find(|path| !path.is_absolute()) {
                return Err(format!("{key}: {} must be an absolute path", path.display()));
            }
        }
        Ok(())
    }

    /// Asks the interpreter where it lies. It runs outside of the sandbox, without any package: it is the operator's.
    pub(crate) fn find_interpreter(&self) -> Result<Interpreter, PluginError> {
        let name = self.interpreter.display();
        let failed = |problem: String| PluginError::Start(format!("the interpreter {name}: {problem}"));
        let script = "import sys; print(sys.executable); print(sys.base_prefix); assert sys.version_info >= (3, 9)";
        let output = Command::new(&self.interpreter)
            .args(["-I", "-S", "-c", script])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                failed(format!(
                    "{error}; set \"interpreter\" to the path of Python 3.9 or later"
                ))
            })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines().map(PathBuf::from);
        let (Some(program), Some(base), true) = (lines.next(), lines.next(), output.status.success()) else {
            return Err(failed("is no Python 3.9 or later".into()));
        };
        let mut folders = vec![base];
        // A virtual environment; nothing else that happens to have a folder `bin`, such as ~/.local.
        if let Some(folder) = program.parent().and_then(Path::parent) {
            if folder.join("pyvenv.cfg").is_file() {
                folders.push(folder.to_path_buf());
            }
        }
        if let Ok(real) = program.canonicalize() {
            folders.extend(real.parent().map(Path::to_path_buf));
        }
        Ok(Interpreter { program, folders })
    }

    /// What runs the plugins in this scratch folder.
    pub(crate) fn policy(
        &self,
        launcher: &Launcher,
        interpreter: &Interpreter,
        scratch: PathBuf,
    ) -> Result<Policy, PluginError> {
        let readable: Vec<PathBuf> = interpreter
            .folders
            .iter()
            .chain(&self.path)
            .chain(&self.read)
            .cloned()
            .collect();
        for granted in readable.iter().chain(&self.write) {
            let granted = granted.canonicalize().unwrap_or_else(|_| granted.clone());
            for private in &launcher.private {
                let private = private.canonicalize().unwrap_or_else(|_| private.clone());
                if private.starts_with(&granted) || granted.starts_with(&private) {
                    return Err(PluginError::Start(format!(
                        "{} must not be granted to a plugin: the node's data and keys lie in {}",
                        granted.display(),
                        private.display()
                    )));
                }
            }
        }
        let joined = std::env::join_paths(&self.path)
            .map_err(|error| PluginError::Start(format!("path: {error}")))?
            .to_string_lossy()
            .into_owned();
        let bin = interpreter.program.parent().unwrap_or(Path::new("/usr/bin")).display();
        let mut environment = BTreeMap::from([
            ("PATH".to_owned(), format!("{bin}:/usr/local/bin:/usr/bin:/bin")),
            ("LANG".into(), "C.UTF-8".into()),
            // The order of sets is the same on every node.
            ("PYTHONHASHSEED".into(), "0".into()),
            ("PYTHONDONTWRITEBYTECODE".into(), "1".into()),
            ("PYTHONUNBUFFERED".into(), "1".into()),
            ("PYTHONPATH".into(), joined),
        ]);
        environment.extend(self.environment.clone());
        Ok(Policy {
            program: interpreter.program.clone(),
            arguments: ["-m", "doin_sdk.host"].map(Into::into).into(),
            environment: environment.into_iter().collect(),
            limits: self.limits.clone(),
            readable,
            writable: self.write.clone(),
            scratch,
            network: self.network,
            user: self.user,
            unprotected: self.unprotected,
            without: launcher.without.clone(),
            only_report: false,
            in_force: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_and_bad_values_are_named() {
        let read = |text: &str| serde_json::from_str::<PythonConfiguration>(text).map_err(|error| error.to_string());
        assert_eq!(read("{}").unwrap(), PythonConfiguration::default());
        assert!(read(r#"{"netwrok":true}"#).unwrap_err().contains("netwrok"));
        assert!(read(r#"{"limits":{"memory":1}}"#).unwrap_err().contains("memory"));
        let check = |text: &str| read(text).unwrap().check().unwrap_err();
        assert!(check(r#"{"limits":{"processes":1}}"#).contains("limits.processes must be 8 to"));
        assert!(check(r#"{"path":["mine"]}"#).contains("absolute"));
    }

    #[test]
    fn the_nodes_data_are_never_granted() {
        let launcher = Launcher::this_program(vec!["/var/lib/doin".into()]);
        let interpreter = Interpreter {
            program: "/usr/bin/python3".into(),
            folders: vec!["/usr".into()],
        };
        for path in ["/", "/var", "/var/lib/doin", "/var/lib/doin/keystore"] {
            let configuration = PythonConfiguration {
                read: vec![path.into()],
                ..Default::default()
            };
            let error = configuration
                .policy(&launcher, &interpreter, "/tmp".into())
                .unwrap_err();
            assert!(error.to_string().contains("must not be granted"), "{error}");
        }
        let configuration = PythonConfiguration {
            read: vec!["/var/lib/data".into()],
            ..Default::default()
        };
        assert!(configuration.policy(&launcher, &interpreter, "/tmp".into()).is_ok());
    }

    #[test]
    fn what_is_no_interpreter_is_said() {
        for path in ["/no/such/python", "/bin/true"] {
            let configuration = PythonConfiguration {
                interpreter: path.into(),
                ..Default::default()
            };
            let error = configuration.find_interpreter().unwrap_err().to_string();
            assert!(error.contains(path), "{error}");
        }
    }
}

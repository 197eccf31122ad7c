//! Plugins that attack: each attack fails, is told as what it is, and harms nothing.
//!
//! All of it holds for a node that runs as root and for one that does not: as root, the last test runs all the others
//! again as an unprivileged user.

mod common;

use common::{attack, copy, data, launcher_program, repository, set_mode, still_works, Ground};
use doin_domains::{Domain, DomainError};
use doin_onnx::{ElementType, Job, ModelError, Port, RunError, Runner, Values};
use doin_plugins::{
    sandbox::{model_report, Mechanism},
    PythonConfiguration, PythonDomain,
};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use serde_json::json;
use std::{fs, net::TcpListener, os::unix::net::UnixListener, path::Path, process::Command, time::Duration};

const NAMESPACES: &[Mechanism] = &[
    Mechanism::UserNamespace,
    Mechanism::ProcessNamespace,
    Mechanism::NetworkNamespace,
    Mechanism::PrivateScratch,
];

/// What kernels lack: nothing; namespaces (forbidden in containers); the newer parts of Landlock; the filter.
const KERNELS: &[&[Mechanism]] = &[
    &[],
    NAMESPACES,
    &[Mechanism::LandlockNetwork, Mechanism::LandlockScopes],
    &[Mechanism::SystemCallFilter],
    &[
        Mechanism::UserNamespace,
        Mechanism::ProcessNamespace,
        Mechanism::NetworkNamespace,
        Mechanism::PrivateScratch,
        Mechanism::LandlockNetwork,
        Mechanism::LandlockScopes,
    ],
];

/// Runs an attack on every kind of kernel.
fn on_every_kernel(attack: impl Fn(Ground)) {
    for without in KERNELS {
        println!("without {without:?}");
        attack(Ground::new().without(without));
    }
}

fn assert_broken(result: Result<doin_domains::Evaluation, DomainError>, named: &str) {
    match result {
        Err(DomainError::BadParameters(error)) => assert!(error.contains(named), "{error}"),
        other => panic!("{other:?}"),
    }
}

/// Nothing that the plugin has started is left.
fn assert_gone(ground: &Ground) {
    for _ in 0..100 {
        if ground.processes().is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("still there: {:?}", ground.processes());
}

#[test]
fn what_a_good_plugin_needs_works() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        assert_eq!(attack(&domain, "scratch", json!({})).unwrap().metric, 1.0);
        assert_eq!(domain.infer(b"{}", b"{\"a\":[1,2]}").unwrap(), b"{\"a\":[1,2]}");
        drop(domain);
        assert_gone(&ground);
    });
}

#[test]
fn queries_that_hang_or_kill_keep_nobody_from_judging() {
    for query in [&b"{\"attack\":\"hang\"}"[..], b"{\"attack\":\"eat_memory\"}"] {
        let ground = Ground {
            evaluation_seconds: 2,
            ..Ground::new()
        };
        let domain = ground.domain();
        let judge = || assert_eq!(attack(&domain, "nothing", json!({})).unwrap().metric, 1.0);
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| domain.infer(b"{}", query));
            // The judge's child neither waits for the query nor rests with the one that it has killed.
            judge();
            while !asked.is_finished() {
                judge();
            }
            asked.join().unwrap().unwrap_err();
        });
        judge();
        drop(domain);
        assert_gone(&ground);
    }
}

#[test]
fn what_is_in_force_is_said() {
    for without in KERNELS {
        let ground = Ground::new().without(without);
        let report = PythonDomain::sandbox_report(&ground.configuration(), &ground.launcher()).unwrap();
        for mechanism in *without {
            assert!(!report.has(*mechanism), "{report}");
        }
        assert!(
            report.has(Mechanism::ResourceLimits) && report.has(Mechanism::NoNewPrivileges),
            "{report}"
        );
        assert!(report.gaps().is_empty(), "{report}");
        assert!(report.to_string().contains("network denied"), "{report}");
        println!("{report}");
    }
}

#[test]
fn a_kernel_that_cannot_protect_files_or_network_runs_no_plugins() {
    for (without, named) in [
        (&[Mechanism::LandlockFiles][..], "files (needs Landlock"),
        (
            &[
                Mechanism::NetworkNamespace,
                Mechanism::UserNamespace,
                Mechanism::SystemCallFilter,
            ],
            "the network",
        ),
        (
            &[Mechanism::ProcessNamespace, Mechanism::SystemCallFilter],
            "other processes",
        ),
    ] {
        let ground = Ground::new().without(without);
        let error = ground.try_domain().map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(named) && error.contains("unprotected"), "{error}");
        // The operator may decide otherwise.
        let configuration = PythonConfiguration {
            unprotected: true,
            ..ground.configuration()
        };
        let model = ground.model().to_string();
        let domain = PythonDomain::new("unprotected", model.as_bytes(), &configuration, &ground.launcher());
        still_works(&domain.unwrap());
    }
}

#[test]
fn a_plugin_that_eats_memory() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        // Python is told that there is none; the plugin goes on.
        assert_broken(attack(&domain, "eat_memory", json!({})), "MemoryError");
        still_works(&domain);
    });
}

#[test]
fn processes_that_eat_memory_together() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        assert_broken(
            attack(&domain, "eat_memory_in_many_processes", json!({})),
            "memory_mebibytes",
        );
        assert_broken(attack(&domain, "eat_shared_memory", json!({})), "memory");
        still_works(&domain);
        drop(domain);
        assert_gone(&ground);
    });
}

#[test]
fn processes_that_hide_and_eat_memory() {
    let hide = |ground: &Ground| {
        let domain = ground.domain();
        let result = attack(&domain, "eat_memory_where_nobody_sees", json!({}));
        assert_broken(result, "memory_mebibytes");
        still_works(&domain);
    };
    on_every_kernel(|ground| hide(&ground));
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    // Again where /proc hides what a user may not look at, as an unprivileged user.
    let place = Unprivileged::new();
    let script = "mount -t proc -o hidepid=invisible proc /proc || { echo no such proc; exit 0; }; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"]);
    let test = ["--exact", "where_processes_are_hidden", "--ignored"];
    let text = place.run(command, &test);
    assert!(text.contains("no such proc") || text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "started by processes_that_hide_and_eat_memory, where /proc hides processes"]
fn where_processes_are_hidden() {
    assert!(fs::metadata("/proc/1").is_err());
    let ground = Ground::new();
    let report = PythonDomain::sandbox_report(&ground.configuration(), &ground.launcher()).unwrap();
    if report.has(Mechanism::UserNamespace) {
        let domain = ground.domain();
        assert_broken(
            attack(&domain, "eat_memory_where_nobody_sees", json!({})),
            "memory_mebibytes",
        );
    }
    // Nothing sees them all: no plugin is run.
    let ground = Ground::new().without(NAMESPACES);
    let error = ground.try_domain().map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("hidepid") && error.contains("unprotected"), "{error}");
}

#[test]
fn a_plugin_that_forks_without_end() {
    on_every_kernel(|mut ground| {
        ground.evaluation_seconds = 2;
        let domain = ground.domain();
        let result = attack(&domain, "fork_without_end", json!({}));
        assert!(matches!(result, Err(DomainError::BadParameters(_))), "{result:?}");
        still_works(&domain);
        drop(domain);
        assert_gone(&ground);
    });
}

#[test]
fn processes_that_are_left_behind() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        assert_eq!(
            attack(&domain, "leave_processes_behind", json!({})).unwrap().metric,
            0.0
        );
        drop(domain);
        assert_gone(&ground);
    });
}

#[test]
fn a_plugin_that_hangs() {
    on_every_kernel(|mut ground| {
        ground.evaluation_seconds = 1;
        let domain = ground.domain();
        assert_broken(attack(&domain, "hang", json!({})), "did not answer within 1 s");
        still_works(&domain);
        drop(domain);
        assert_gone(&ground);
    });
}

#[test]
fn a_plugin_that_uses_up_its_cpu_time() {
    on_every_kernel(|mut ground| {
        ground.limits.cpu_seconds = 2;
        let domain = ground.domain();
        assert_broken(attack(&domain, "spin", json!({})), "cpu_seconds");
        still_works(&domain);
    });
}

#[test]
fn a_plugin_that_prints_without_end() {
    let ground = Ground::new();
    let domain = ground.domain();
    for name in ["print_without_end", "print_one_line_without_end"] {
        assert_broken(attack(&domain, name, json!({})), "output_mebibytes");
        still_works(&domain);
    }
}

#[test]
fn a_plugin_that_writes_outside() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        let result = attack(&domain, "write_outside", json!({ "folder": ground.path() }));
        assert_eq!(result.unwrap().metric, 0.0);
        assert_eq!(fs::read_to_string(ground.path().join("open/canary")).unwrap(), "sings");
        assert_eq!(fs::read_dir(ground.path().join("open")).unwrap().count(), 1);
        assert!(!ground.path().join("sdk/doin_sdk/evil.py").exists());
    });
}

#[test]
fn a_plugin_that_reads_secrets() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        let with = json!({ "folder": ground.path(), "node": std::process::id() });
        assert_eq!(attack(&domain, "read_secrets", with).unwrap().metric, 0.0);
    });
}

#[test]
fn a_plugin_that_fills_its_scratch_folder() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        let result = attack(&domain, "fill_scratch", json!({}));
        match result {
            // A folder of fixed size is full: an OSError, which says nothing of the parameters.
            Err(DomainError::External(error)) => assert!(error.contains("No space left"), "{error}"),
            other => assert_broken(other, "scratch_mebibytes"),
        }
        still_works(&domain);
    });
}

#[test]
fn a_plugin_that_opens_sockets() {
    on_every_kernel(|ground| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let local = ground.path().join("open/socket");
        let unix = UnixListener::bind(&local).unwrap();
        set_mode(&local, 0o777);
        unix.set_nonblocking(true).unwrap();
        let domain = ground.domain();
        let result = attack(&domain, "open_sockets", json!({ "port": port, "local": local })).unwrap();
        // Without the filter there are sockets, but they lead nowhere: only what a namespace of its own gives is there.
        if !ground.without.contains(&Mechanism::SystemCallFilter) {
            assert_eq!(result.metric, 0.0);
        }
        assert!(listener.accept().is_err());
        if !ground.without.contains(&Mechanism::SystemCallFilter) {
            assert!(unix.accept().is_err());
        }
    });
}

#[test]
fn the_network_is_there_when_it_is_granted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut ground = Ground::new();
    ground.network = true;
    let domain = ground.domain();
    let result = attack(&domain, "use_the_network", json!({ "port": port })).unwrap();
    assert_eq!(result.metric, 1.0);
    listener.accept().unwrap();
}

#[test]
fn a_plugin_that_kills() {
    on_every_kernel(|ground| {
        let domain = ground.domain();
        let node = json!({ "node": std::process::id() });
        let result = attack(&domain, "kill_others", node).unwrap();
        // Where it sees the node's number at all, it may open a handle to it, but not use that.
        assert!(result.metric <= 1.0, "{result:?}");
        for name in ["kill_all", "kill_parents"] {
            // It may end itself.
            let _ = attack(&domain, name, json!({}));
            still_works(&domain);
        }
        drop(domain);
        assert_gone(&ground);
    });
}

#[test]
fn a_plugin_that_wants_privileges() {
    on_every_kernel(|ground| {
        if ground.without.contains(&Mechanism::SystemCallFilter) {
            return;
        }
        let result = attack(&ground.domain(), "gain_privileges", json!({})).unwrap();
        assert_eq!(result.metric, 0.0);
    });
}

#[test]
fn a_plugin_that_ends() {
    let ground = Ground::new();
    let domain = ground.domain();
    assert_broken(attack(&domain, "crash", json!({})), "SIGSEGV");
    still_works(&domain);
    assert_broken(attack(&domain, "exit_at_once", json!({})), "ended with status 0");
    still_works(&domain);
    let result = attack(&domain, "exit", json!({}));
    assert!(
        matches!(result, Err(DomainError::External(_) | DomainError::BadParameters(_))),
        "{result:?}"
    );
    still_works(&domain);
}

#[test]
fn a_plugin_that_returns_garbage() {
    let mut ground = Ground::new();
    ground.evaluation_seconds = 10;
    let frame = |header: &str, payload: u32| {
        let mut bytes = (header.len() as u32).to_le_bytes().to_vec();
        bytes.extend(payload.to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let domain = ground.domain();
    for (text, named) in [
        ("00".repeat(64), "a header of 0 bytes"),
        ("ff".repeat(64), "a header of 4294967295 bytes"),
        (frame("{}", u32::MAX), "a payload of 4294967295 bytes"),
        (frame("[1]", 0), "a header that is"),
        (frame(r#"{"type":"result","id":99999}"#, 0), "an answer to 99999"),
        (frame(r#"{"type":"gossip","id":2}"#, 0), ""),
    ] {
        let result = attack(&domain, "garbage", json!({ "text": text }));
        match result {
            Err(DomainError::External(error)) => assert!(error.contains(named), "{error}"),
            other => panic!("{other:?}"),
        }
        still_works(&domain);
    }
    for (name, named) in [
        ("not_a_number", "nan"),
        ("a_lie", "many"),
        ("no_such_attack", "no_such_attack"),
    ] {
        assert_broken(attack(&domain, name, json!({})), named);
    }
    for parameters in [&b""[..], b"[]", b"{", b"\xff\xff", b"{\"attack\":1}"] {
        let result = domain.evaluate(parameters, &data());
        assert!(matches!(result, Err(DomainError::BadParameters(_))), "{result:?}");
    }
    let result = domain.evaluate(&vec![b' '; (1 << 20) + 1], &data());
    assert!(matches!(result, Err(DomainError::BadParameters(_))), "{result:?}");
    still_works(&domain);
}

#[test]
fn pauses_grow_while_a_plugin_does_not_start() {
    let ground = Ground::new();
    let domain = ground.domain();
    // The SDK is gone: no child starts any more.
    fs::remove_dir_all(ground.path().join("sdk/doin_sdk")).unwrap();
    let result = attack(&domain, "exit_at_once", json!({}));
    // Not the fault of the parameters: the baseline could not be measured either.
    assert!(matches!(result, Err(DomainError::External(_))), "{result:?}");
    let error = attack(&domain, "nothing", json!({})).unwrap_err().to_string();
    assert!(
        error.contains("has failed 3 times and is started again in 4 s"),
        "{error}"
    );
    assert!(error.contains("doin_sdk"), "{error}");
}

/// What a process that has shut itself in as the one for models succeeds in, or one that has not.
fn attack_as_model(walls: &str) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let output = Command::new(launcher_program())
        .args(["attack-as-model", &port, walls])
        .env_clear()
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_model_that_executes_code_reaches_nothing() {
    assert_eq!(attack_as_model("with-walls"), Vec::<String>::new());
    let through = attack_as_model("without");
    // Two need root.
    let least = if nix::unistd::geteuid().is_root() { 11 } else { 9 };
    assert!(
        through.len() >= least,
        "without the walls the attacks are attacks: {through:?}"
    );
}

#[test]
fn what_keeps_models_in_is_said() {
    let report = model_report(&launcher_program()).unwrap();
    for mechanism in [
        Mechanism::NoNewPrivileges,
        Mechanism::LandlockFiles,
        Mechanism::SystemCallFilter,
    ] {
        assert!(report.has(mechanism), "{report}");
    }
    assert_eq!(
        report.has(Mechanism::UnprivilegedUser),
        nix::unistd::geteuid().is_root()
    );
    let text = report.to_string();
    assert!(
        text.contains("Landlock for files") && text.contains("network denied"),
        "{text}"
    );
    assert!(!text.contains("scratch"), "{text}");
    println!("{report}");
    assert!(model_report(Path::new("/bin/true")).is_err());
}

fn node(operator: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        op_type: Some(operator.into()),
        input: inputs.iter().map(|name| name.to_string()).collect(),
        output: vec![output.into()],
        ..Default::default()
    }
}

/// A model from two numbers a row, `x`, to two, `y`.
fn model(nodes: Vec<NodeProto>) -> Vec<u8> {
    let value = |name: &str| ValueInfoProto {
        name: Some(name.into()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(DataType::FLOAT),
                shape: Some(TensorShapeProto {
                    dim: [None, Some(2)]
                        .map(|size: Option<i64>| Dimension {
                            dim_value: size,
                            dim_param: size.is_none().then(|| "rows".into()),
                        })
                        .into(),
                }),
            }),
            ..Default::default()
        }),
    };
    let model = ModelProto {
        ir_version: Some(8),
        opset_import: vec![OperatorSetIdProto {
            domain: None,
            version: Some(17),
        }],
        graph: Some(GraphProto {
            node: nodes,
            input: vec![value("x")],
            output: vec![value("y")],
            ..Default::default()
        }),
        ..Default::default()
    };
    model.write_buf().unwrap()
}

#[test]
fn a_model_runs_within_its_walls_and_its_limits() {
    let port = |name: &str| Port {
        name: name.into(),
        element: ElementType::Float32,
        shape: vec![2],
    };
    let job = Job {
        limits: doin_onnx::Limits {
            bytes: 1 << 20,
            nodes: 100,
            memory_mebibytes: 64,
            seconds: 5,
        },
        inputs: vec![(port("x"), Values::Float32(vec![1.0, 2.0, 3.0, 4.0]))],
        output: port("y"),
        rows: 2,
        batch: 2,
    };
    let runner = Runner::Process {
        program: launcher_program(),
        arguments: vec![doin_onnx::SUBCOMMAND.into()],
    };
    let good = model(vec![node("Add", &["x", "x"], "y")]);
    assert_eq!(runner.run(&good, &job), Ok(vec![2.0, 4.0, 6.0, 8.0]));
    // A tensor that doubles until the memory is full: how it ends is told as without the walls.
    let mut nodes = vec![node("Identity", &["x"], "double0")];
    for step in 0..40 {
        let last = format!("double{step}");
        let mut double = node("Concat", &[&last, &last], &format!("double{}", step + 1));
        double.attribute.push(AttributeProto {
            name: Some("axis".into()),
            r#type: Some(AttributeType::INT),
            i: Some(0),
            ..Default::default()
        });
        nodes.push(double);
    }
    nodes.push(node("ReduceMax", &["double40"], "most"));
    nodes.push(node("Add", &["x", "most"], "y"));
    match runner.run(&model(nodes), &job) {
        Err(RunError::Model(ModelError::Stopped(text))) => assert!(text.contains("64 MiB"), "{text}"),
        other => panic!("{other:?}"),
    }
}

/// What the walls are for: without them the same attacks go through.
#[test]
fn attacks_are_attacks() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ground = Ground::new().without(&[
        Mechanism::LandlockFiles,
        Mechanism::NetworkNamespace,
        Mechanism::SystemCallFilter,
    ]);
    let configuration = PythonConfiguration {
        unprotected: true,
        ..ground.configuration()
    };
    let model = ground.model().to_string();
    let domain = PythonDomain::new("unprotected", model.as_bytes(), &configuration, &ground.launcher()).unwrap();
    let through = |name: &str, with| attack(&domain, name, with).unwrap().metric;
    let sockets = json!({ "port": port, "local": ground.path().join("open/socket") });
    assert!(through("open_sockets", sockets) >= 3.0);
    listener.accept().unwrap();
    let secrets = json!({ "folder": ground.path(), "node": std::process::id() });
    assert!(through("read_secrets", secrets) >= 2.0);
    assert!(through("write_outside", json!({ "folder": ground.path() })) >= 5.0);
    assert!(!ground.path().join("open/canary").exists());
    for folder in ["/tmp", "/var/tmp"] {
        let _ = fs::remove_file(format!("{folder}/doin-plugin-was-here"));
    }
}

/// The other tests, as a user without privileges.
#[test]
fn the_same_for_an_unprivileged_node() {
    if !nix::unistd::geteuid().is_root() {
        println!("this is already an unprivileged user");
        return;
    }
    let text = Unprivileged::new().run(Command::new("env"), &["--test-threads=2"]);
    // All of them ran.
    assert!(text.contains("a_plugin_that_returns_garbage ... ok"));
}

/// These tests where an unprivileged user can run them.
struct Unprivileged(tempfile::TempDir);

impl Unprivileged {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("doin-test-").tempdir().unwrap();
        let path = folder.path();
        set_mode(path, 0o755);
        copy(&std::env::current_exe().unwrap(), &path.join("tests"));
        copy(&launcher_program(), &path.join("launcher"));
        for part in ["sdk/python/doin_sdk", "node/plugins/tests/plugins"] {
            copy(&repository().join(part), &path.join(part));
        }
        Self(folder)
    }

    /// Runs them, started by `command` as root, and returns what they have said.
    fn run(&self, mut command: Command, arguments: &[&str]) -> String {
        let path = self.0.path();
        let output = command
            .args(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(path.join("tests"))
            .args(arguments)
            .env("DOIN_TEST_LAUNCHER", path.join("launcher"))
            .env("DOIN_TEST_REPOSITORY", path)
            .env("TMPDIR", "/tmp")
            .current_dir("/")
            .output()
            .expect("setpriv and unshare of util-linux");
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        println!("{text}");
        assert!(output.status.success(), "as the user 65534");
        text
    }
}

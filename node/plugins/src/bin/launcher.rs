//! Starts sandboxed programs for the tests of this crate.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    process::{Command, ExitCode},
};

/// The first argument of a process that shuts itself in as the one that runs models, and attacks.
const ATTACK: &str = "attack-as-model";

fn main() -> ExitCode {
    if let Some(code) = doin_plugins::launcher() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [attack, port, walls] if attack == ATTACK => attack_as_model(port, walls == "with-walls"),
        _ => {
            eprintln!("doin-plugin-launcher: started by tests, not by hand");
            ExitCode::FAILURE
        }
    }
}

/// Does what code would do that a model has smuggled in, and prints what succeeded.
fn attack_as_model(port: &str, walls: bool) -> ExitCode {
    let parent = nix::unistd::getppid();
    if walls {
        doin_plugins::sandbox::shut_in();
    }
    let this = nix::unistd::getpid();
    let tests: [(&str, bool); 12] = [
        (
            "read a file",
            fs::read("/etc/hostname").or(fs::read("/etc/passwd")).is_ok(),
        ),
        ("list a folder", fs::read_dir("/").is_ok()),
        ("write a file", write_somewhere()),
        ("see the node", fs::read(format!("/proc/{parent}/environ")).is_ok()),
        ("use a device", File::open("/dev/zero").is_ok()),
        ("connect", TcpStream::connect(format!("127.0.0.1:{port}")).is_ok()),
        ("listen", TcpListener::bind("127.0.0.1:0").is_ok()),
        ("make a pair of sockets", UnixStream::pair().is_ok()),
        ("run a program", Command::new("/bin/true").status().is_ok()),
        ("signal the node", nix::sys::signal::kill(parent, None).is_ok()),
        (
            "make a namespace",
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUTS).is_ok(),
        ),
        ("keep root", nix::unistd::geteuid().is_root()),
    ];
    for (what, _) in tests.iter().filter(|(_, succeeded)| *succeeded) {
        println!("{what}");
    }
    // What a runtime needs.
    let thread = std::thread::spawn(|| vec![1u8; 1 << 22].iter().map(|byte| u64::from(*byte)).sum::<u64>());
    assert_eq!(thread.join().ok(), Some(1 << 22));
    assert!(nix::sys::signal::kill(this, None).is_ok(), "it may signal itself");
    ExitCode::SUCCESS
}

fn write_somewhere() -> bool {
    ["/tmp", "/var/tmp", "/dev/shm"].iter().any(|folder| {
        let path = format!("{folder}/doin-model-was-here-{}", std::process::id());
        let written = fs::write(&path, "x").is_ok();
        let _ = fs::remove_file(path);
        written
    })
}

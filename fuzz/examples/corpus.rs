//! Writes the corpus into a folder, a file each, and prints the names of the targets: what `scripts/fuzz.sh` begins with.

use doin_fuzz::{corpus, TARGETS};
use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: corpus FOLDER");
        return ExitCode::from(2);
    };
    let folder = Path::new(&folder);
    let written = fs::create_dir_all(folder).and_then(|()| {
        corpus::good_input()
            .iter()
            .enumerate()
            .try_for_each(|(number, input)| fs::write(folder.join(format!("good-{number:02}")), input))
    });
    if let Err(error) = written {
        eprintln!("the corpus cannot be written into {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    for (name, _) in TARGETS {
        println!("{name}");
    }
    ExitCode::SUCCESS
}

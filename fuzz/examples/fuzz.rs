//! The fuzzer: libFuzzer on the target that `DOIN_FUZZ_TARGET` names. `scripts/fuzz.sh` builds and runs it.

#![no_main]

use doin_fuzz::{Body, TARGETS};
use std::sync::OnceLock;

static BODY: OnceLock<Body> = OnceLock::new();

fn choose() {
    let names = || TARGETS.map(|(name, _)| name).join(", ");
    let Ok(chosen) = std::env::var("DOIN_FUZZ_TARGET") else {
        eprintln!("set DOIN_FUZZ_TARGET to one of: {}", names());
        std::process::exit(2);
    };
    let Some((_, body)) = TARGETS.iter().find(|(name, _)| *name == chosen) else {
        eprintln!("there is no fuzz target {chosen:?}; there are: {}", names());
        std::process::exit(2);
    };
    BODY.get_or_init(|| *body);
}

libfuzzer_sys::fuzz_target!(init: choose(), |data: &[u8]| {
    if let Some(body) = BODY.get() {
        body(data);
    }
});

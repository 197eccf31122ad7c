#!/usr/bin/env bash
# Formatting and clippy. Clippy runs as the compiler of our own crates only, so that the dependencies of the release
# build are used as they are: `cargo clippy` would check all of them once more. Our crates are compiled without
# optimization, since only the messages are wanted.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage lint

claim_target_folder
say "cargo fmt --check"
failed=
cargo fmt --all --check || { say "formatting differs: run cargo fmt --all"; failed="formatting "; }

say "clippy on all targets"
unoptimized=()
while read -r member; do
    unoptimized+=(--config "profile.release.package.$member.opt-level=0")
done < <(cargo metadata --locked --no-deps --format-version 1 | grep -o '"name":"[^"]*","version":"[^"]*","id":"path+' | sed 's/"name":"\([^"]*\)".*/\1/')
[ ${#unoptimized[@]} -gt 0 ] || die "cargo metadata lists no members"

progress() { echo "clippy is at: $(grep -aE 'Compiling|Checking' "$cache/lint.log" | tail -1 | sed 's/^ *//; s/ (.*//')"; }
clippy() {
    # The runtime is not built to WASM for this. The arguments are separated in clippy-driver's own way.
    SKIP_WASM_BUILD=1 CLIPPY_ARGS='-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__' \
        RUSTC_WORKSPACE_WRAPPER=$(rustc --print sysroot)/bin/clippy-driver \
        cargo build --release --locked --workspace --all-targets --keep-going "${unoptimized[@]}" </dev/null >"$cache/lint.log" 2>&1
}
status=0
with_heartbeat progress clippy || status=$?
grep -vE '^ *(Compiling|Checking|Blocking|Fresh|Finished)' "$cache/lint.log" >&2 || true
[ "$status" = 0 ] || failed+="clippy (status $status)"
[ -z "$failed" ] || die "failed: $failed"
say "done"

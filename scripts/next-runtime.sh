#!/usr/bin/env bash
# Compiles this checkout's runtime once more, as it would be after an upgrade: with a spec_version that is one higher.
# Prints the path of the WASM file, which the zombienet scenario `upgrade` puts on a running chain. What the build has
# compiled of the dependencies is used, so that this takes a minute or two, once for each state of the sources.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage next-runtime

built=$CARGO_TARGET_DIR/release/wbuild/doin-runtime
[ -f "$built/Cargo.toml" ] || die "the runtime was not built yet: run scripts/build.sh first"
work=$CARGO_TARGET_DIR/next-runtime
wasm=$work/doin_runtime.wasm
mkdir -p "$work"

# The sources of this checkout, with the version changed in the copy only. Cargo wants all members of the workspace.
sources=$work/source
rm -rf "$sources"
mkdir -p "$sources"
git ls-files -z --cached --others --exclude-standard -- '*.rs' '*.wgsl' '*.toml' '*.json' Cargo.lock \
    | while IFS= read -r -d '' file; do [ -f "$file" ] && printf '%s\0' "$file"; done \
    | tar --null --files-from - --create | tar --extract --directory "$sources"
rm -f "$sources/rust-toolchain.toml"
library=$sources/runtime/src/lib.rs
version=$(sed -n 's/^ *spec_version: \([0-9]*\),$/\1/p' "$library")
[[ $version =~ ^[0-9]+$ ]] || die "runtime/src/lib.rs does not say \`spec_version: NUMBER,\` exactly once"
sed -i "s/^\( *spec_version: \)$version,$/\1$((version + 1)),/" "$library"

stamp=$(cd "$sources" && find runtime pallets primitives Cargo.lock -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [ "$(cat "$work/stamp" 2>/dev/null)" = "$stamp" ] && [ -f "$wasm" ]; then
    say "unchanged: version $((version + 1))" >&2
    echo "$wasm"
    exit
fi

# The project that substrate-wasm-builder has made, with its flags, on the copy.
mkdir -p "$work/blob"
cp -r "$built/Cargo.toml" "$built/Cargo.lock" "$built/src" "$work/blob/"
sed -i "s|^path = \".*/runtime\"|path = \"$sources/runtime\"|" "$work/blob/Cargo.toml"
grep -qF "path = \"$sources/runtime\"" "$work/blob/Cargo.toml" || die "$built/Cargo.toml names no runtime"
# A copy of what is compiled already: a WASM library has the same file name in both, and the build must not find ours.
[ -d "$work/target" ] || { mkdir "$work/target" && cp -a "$built/target/." "$work/target/"; }
say "compiling the runtime as version $((version + 1)); the messages are in $work/build.log" >&2
RUSTFLAGS="-C link-arg=--export-table -Clink-arg=--export=__heap_base -C link-arg=--import-memory  --cfg substrate_runtime " \
    CARGO_TARGET_DIR=$work/target SKIP_WASM_BUILD='' \
    cargo ${WASM_BUILD_TOOLCHAIN:+"+$WASM_BUILD_TOOLCHAIN"} rustc --target=wasm32v1-none \
    --manifest-path="$work/blob/Cargo.toml" --profile release </dev/null >"$work/build.log" 2>&1 \
    || { tail -30 "$work/build.log" >&2; die "the runtime did not compile; the messages are above"; }
cp "$work/target/wasm32v1-none/release/doin_runtime.wasm" "$wasm"
echo "$stamp" >"$work/stamp"
say "done: version $((version + 1)), $(stat -c %s "$wasm") bytes" >&2
echo "$wasm"

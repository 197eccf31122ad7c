#!/usr/bin/env bash
# Measures the weights of our pallets' calls and hooks on the compiled runtime, and writes them into the pallets.
# `scripts/weights.sh coin quorum` does some pallets only. Nothing else should run on the machine meanwhile.
#
# The runtime with benchmarks is a second set of features: it has a target folder of its own, and takes a quarter of an
# hour from cold. The tool that runs them, frame-omni-bencher, is installed once, which takes about as long again as the
# node. DOIN_WEIGHT_STEPS and DOIN_WEIGHT_REPEATS lower the effort, for trying out.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage weights

# The release that belongs to the pinned set of the SDK.
version=0.28.0
bencher=$cache/tools/bin/frame-omni-bencher
if ! "$bencher" --version 2>/dev/null | grep -q " $version"; then
    say "installing frame-omni-bencher $version"
    # cargo install does not read .cargo/config.toml of this folder.
    CARGO_TARGET_DIR=$cache/tools-target OPENSSL_NO_VENDOR=1 RUSTFLAGS="-C linker=clang -C link-arg=-fuse-ld=mold" \
        cargo install frame-omni-bencher --version "$version" --locked --root "$cache/tools" </dev/null
fi

say "building the runtime with benchmarks"
export CARGO_TARGET_DIR=$cache/target-benchmarks
claim_target_folder
cargo build --release --locked -p doin-runtime --features runtime-benchmarks </dev/null
runtime=$CARGO_TARGET_DIR/release/wbuild/doin-runtime/doin_runtime.compact.compressed.wasm

pallets=("$@")
[ ${#pallets[@]} -gt 0 ] || pallets=(coin domains optimae proof-of-optimization quorum reputation)
for pallet in "${pallets[@]}"; do
    say "measuring $pallet"
    "$bencher" v1 benchmark pallet \
        --runtime "$runtime" --genesis-builder runtime --genesis-builder-preset development \
        --pallet "pallet_${pallet//-/_}" --extrinsic '*' \
        --steps "${DOIN_WEIGHT_STEPS:-50}" --repeat "${DOIN_WEIGHT_REPEATS:-20}" \
        --template scripts/weights.hbs --output "pallets/$pallet/src/weights.rs" </dev/null
done
cargo fmt --all
say "done: see git diff pallets/*/src/weights.rs"

#!/usr/bin/env bash
# Writes chain-specs/testnet.json anew, from the preset and the runtime of this checkout: a new chain with another
# genesis, which nodes of the old one cannot join. The node has the file built in; it is built once more afterwards.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
# The runtime keeps the names of source files for its panics: those of a chain must not tell of the machine it was built on.
remap="--remap-path-prefix=$root=/doin"
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    remap+=" --remap-path-prefix=$registry=/crates"
done
WASM_BUILD_RUSTFLAGS="-C overflow-checks=on $remap" scripts/build.sh
stage chain-specs
new=$(mktemp)
trap 'rm -f "$new"' EXIT
target/doin-node export-chain-spec --chain new-testnet --raw >"$new" 2>/dev/null || die "the node could not export the chain specification"
mkdir -p chain-specs
for place in "$root" "$HOME"; do
    # The code lies compressed in the file; its uncompressed form lies beside what was built.
    ! grep -qF "$place/" "$CARGO_TARGET_DIR/release/wbuild/doin-runtime/doin_runtime.compact.wasm" || die "the runtime names $place"
done
cp "$new" chain-specs/testnet.json
say "wrote chain-specs/testnet.json"
scripts/build.sh

#!/usr/bin/env bash
# Writes chain-specs/testnet.json anew, from the preset and the runtime of this checkout: a new chain with another
# genesis, which nodes of the old one cannot join. The node has the file built in; it is built once more afterwards.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
scripts/build.sh
stage chain-specs
new=$(mktemp)
trap 'rm -f "$new"' EXIT
target/doin-node export-chain-spec --chain new-testnet --raw >"$new" 2>/dev/null || die "the node could not export the chain specification"
mkdir -p chain-specs
cp "$new" chain-specs/testnet.json
say "wrote chain-specs/testnet.json"
scripts/build.sh

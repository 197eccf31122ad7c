#!/usr/bin/env bash
# Runs the benchmarks of speed. Nothing else should run on the machine meanwhile.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage bench
claim_target_folder
say "running the benchmarks"
# Built with the profile and the selection of the release build.
cargo bench --locked --workspace --profile release --benches "$@"
say "done"

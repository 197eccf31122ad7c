#!/usr/bin/env bash
# The compiler of our own crates for scripts/fuzz.sh, which names it as RUSTC_WORKSPACE_WRAPPER: rustc with the counters
# and comparisons that libFuzzer looks at (the flags of cargo-fuzz), and with overflow checks. Build scripts run without
# libFuzzer and stay as they are.
for argument in "$@"; do
    [ "$argument" != build_script_build ] || exec "$@"
done
exec "$@" --cfg fuzzing -C overflow-checks=on -C codegen-units=1 -C passes=sancov-module \
    -C llvm-args=-sanitizer-coverage-level=4 -C llvm-args=-sanitizer-coverage-inline-8bit-counters \
    -C llvm-args=-sanitizer-coverage-pc-table -C llvm-args=-sanitizer-coverage-trace-compares

#!/usr/bin/env bash
# Runs the fuzz targets (fuzz/README.md): `scripts/fuzz.sh [--seconds N] [TARGET...]`, all of them for 60 seconds each
# unless told otherwise. Ends with an error when an input fails, and says where it lies.
#
# Only our own crates are compiled for the fuzzer; the dependencies are those of the build.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage fuzz

seconds=60
targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
        -*) die "unknown option $1; usage: scripts/fuzz.sh [--seconds N] [TARGET...]" ;;
        *) targets+=("$1"); shift ;;
    esac
done
case $seconds in '' | *[!0-9]*) die "--seconds needs a number, not \"$seconds\"" ;; esac

claim_target_folder
say "building the corpus and the fuzzer"
cargo build --release --locked --workspace --example corpus </dev/null
# The runtime is not built to WASM for this.
SKIP_WASM_BUILD=1 RUSTC_WORKSPACE_WRAPPER=$root/scripts/rustc-fuzz.sh \
    cargo build --release --locked --workspace --features doin-fuzz/libfuzzer --example fuzz </dev/null

mkdir -p "$cache/fuzz/failures"
known=$("$CARGO_TARGET_DIR/release/examples/corpus" "$cache/fuzz/corpus")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets <<<"$known"
for target in "${targets[@]}"; do
    grep -qx "$target" <<<"$known" || die "there is no target \"$target\"; there are: $(paste -sd' ' <<<"$known")"
done

failed=()
for target in "${targets[@]}"; do
    say "$target for $seconds s"
    mkdir -p "$cache/fuzz/$target"
    log=$cache/fuzz/$target.log
    # Long input as peers may send it; a second is more than any decoder may take.
    if DOIN_FUZZ_TARGET=$target "$CARGO_TARGET_DIR/release/examples/fuzz" -max_total_time="$seconds" -max_len=80000 -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$cache/fuzz/failures/$target-" \
        "$cache/fuzz/$target" "$cache/fuzz/corpus" </dev/null >"$log" 2>&1; then
        say "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, none failed;$(grep -aoE ' cov: [0-9]+ ft: [0-9]+' "$log" | tail -1)"
    else
        grep -aE 'panicked|ERROR|SUMMARY|Test unit written' -A 2 "$log" | tail -20 >&2
        failed+=("$target")
    fi
done
[ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}; the inputs are in $cache/fuzz/failures, the logs in $cache/fuzz"
say "done"

#!/usr/bin/env bash
# Runs all tests of a finished build: Rust and the Python SDK first, then one node end to end over its public interfaces,
# then several nodes. `scripts/test.sh rust`, `scripts/test.sh e2e` or `scripts/test.sh network` runs one part.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
what=${1:-all}

summary() { grep --line-buffered -aE '^ +(Running|Doc-tests)|^test result|^test .*(FAILED|failed)|^error|panicked at|^# (tests|pass|fail)|^. (tests|pass|fail|cancelled|skipped|duration_ms) ' || true; }

if [ "$what" = all ] || [ "$what" = rust ]; then
    stage test
    claim_target_folder
    log=$cache/test.log
    say "running the Rust tests; the whole output is in $log"
    still() { echo "still running: $(grep -aE '^ +Running' "$log" | tail -1 | sed 's/^ *//; s/ (.*//')"; }
    run_tests() {
        # The same selection of packages as the build; benchmarks are built but not run.
        cargo test --release --locked --workspace --lib --bins --tests --no-fail-fast </dev/null 2>&1 | tee "$log" | summary
    }
    status=0
    with_heartbeat still run_tests || status=$?
    if [ "$status" != 0 ]; then
        sed -n '/^failures:/,/^test result/p' "$log" | tail -300 >&2
        grep -aE '^error' -A 20 "$log" | tail -60 >&2 || true
        die "Rust tests failed; the whole output is in $log"
    fi
    passed=$(grep -a '^test result: ok' "$log" | sed 's/.*ok\. \([0-9]*\) passed.*/\1/' | paste -sd+ | sed 's/^$/0/')
    say "done: $((passed)) Rust tests passed"
fi

if [ "$what" = all ] || [ "$what" = rust ]; then
    stage sdk
    say "running the tests of the Python SDK; examples whose libraries are not installed are skipped"
    (cd "$root/sdk/python" && python3 -m unittest discover -s tests -t . </dev/null) || die "tests of the Python SDK failed; see above"
    say "done"
fi

if [ "$what" = all ] || [ "$what" = e2e ]; then
    stage e2e
    [ -x target/doin-node ] || die "target/doin-node is missing: run scripts/build.sh first"
    cd tests/e2e
    # Installed once for each state of the lock file.
    if ! cmp -s package-lock.json node_modules/.installed-from; then
        say "installing the npm packages of the end-to-end tests"
        npm ci --no-audit --no-fund --loglevel=error </dev/null || die "npm could not install the packages; check the network"
        cp package-lock.json node_modules/.installed-from
    fi
    say "running a node end to end"
    DOIN_NODE=$root/target/doin-node node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs </dev/null \
        || die "end-to-end tests failed; the log of the node is above"
    say "done"
fi

if [ "$what" = all ] || [ "$what" = network ]; then
    stage network
    cd "$root"
    [ -x target/doin-node ] || die "target/doin-node is missing: run scripts/build.sh first"
    say "running local networks of several nodes (devnet/)"
    DOIN_NODE=$root/target/doin-node node --test --test-concurrency=1 --test-reporter=spec devnet/test/*.test.mjs </dev/null \
        || die "the tests of devnet/ failed; what its nodes have said is above"
    say "running one network scenario; make zombienet runs all of them"
    DOIN_NODE=$root/target/doin-node scripts/zombienet.sh blocks || die "the network scenario failed; see above"
    say "done"
fi

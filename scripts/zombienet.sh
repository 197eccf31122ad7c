#!/usr/bin/env bash
# Runs the network scenarios of zombienet/ one after another, each with real processes and from clean.
# `scripts/zombienet.sh` runs all; `scripts/zombienet.sh blocks restarts` runs some; `--times 3` repeats them.
# Ends with one line a scenario. What a failed one has logged stays in its folder; Ctrl-C stops everything.
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage zombienet

all=(blocks restarts joiners dishonest upgrade domains partition partition-majority)
times=1
scenarios=()
while [ $# -gt 0 ]; do
    case $1 in
        --times) times=${2:?--times takes a number}; shift ;;
        -*) die "unknown option $1; usage: $0 [--times N] [SCENARIO...]" ;;
        *) scenarios+=("$1") ;;
    esac
    shift
done
[ ${#scenarios[@]} -gt 0 ] || scenarios=("${all[@]}")
for scenario in "${scenarios[@]}"; do
    [[ " ${all[*]} " = *" $scenario "* ]] || die "no scenario is called $scenario; there are ${all[*]}"
done

# Absolute: the scenarios run in another folder.
DOIN_NODE=$(realpath -m "${DOIN_NODE:-$root/target/doin-node}")
[ -x "$DOIN_NODE" ] || die "$DOIN_NODE is missing: run scripts/build.sh first"
export DOIN_NODE ZOMBIENET=$root/zombienet CONFIGS=${CONFIGS:-$root/zombienet/configs} POLKADOTJS_DISABLE_ESM_CJS_WARNING=1
if [[ " ${scenarios[*]} " = *" upgrade "* ]]; then
    NEXT_RUNTIME=${NEXT_RUNTIME:-$("$root/scripts/next-runtime.sh")}
    export NEXT_RUNTIME
fi

cd "$root/zombienet"
# Installed once for each state of the lock file.
if ! cmp -s package-lock.json node_modules/.installed-from; then
    say "installing the npm packages"
    npm ci --no-audit --no-fund --loglevel=error </dev/null || die "npm could not install the packages; check the network"
    cp package-lock.json node_modules/.installed-from
fi

# The command that ends all that it has started when it ends, and gives it ports of its own: namespaces, where the system
# lets us have some. Otherwise a process group must do, which is ended as a whole.
isolate=(unshare --net --pid --mount --mount-proc --fork --kill-child)
[ "$(id -u)" = 0 ] || isolate=(unshare --user --map-root-user "${isolate[@]:1}")
if ! "${isolate[@]}" ip link set lo up 2>/dev/null; then isolate=(); fi
[ ${#isolate[@]} = 0 ] || export DOIN_ISOLATED=1

child=
stop_child() {
    [ -n "$child" ] || return 0
    kill -TERM -- "-$child" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 -- "-$child" 2>/dev/null || break; sleep 0.1; done
    kill -KILL -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
    child=
}
trap stop_child EXIT
trap 'say "interrupted: stopping all nodes"; stop_child; exit 130' INT TERM HUP

# The commands of a scenario; they run within the isolation.
scenario_command() { # SCENARIO FOLDER
    local up=
    [ ${#isolate[@]} = 0 ] || up='ip link set lo up; '
    if [[ $1 = partition* ]]; then
        local weights=${1#partition}
        weights=${weights#-}
        echo "${up}exec node ./partition.mjs '$2/network' ${weights:-equal}"
    else
        echo "${up}exec ./node_modules/.bin/zombienet --provider native --logType text --force --dir '$2/network' test './$1.zndsl'"
    fi
}

# What of a scenario's output is progress: assertions that passed or failed, and what the checks say.
progress() {
    local line
    while IFS= read -r line; do
        case $line in
            *✅* | *❌*) say "  $(sed 's/\x1b\[[0-9;]*m//g' <<<"${line#*: }")" ;;
            agreement:* | restarts:* | joiner:* | upgrade:* | domains:* | dishonest:* | partition:*) say "  $line" ;;
        esac
    done
}

run_scenario() { # SCENARIO FOLDER
    local log=$2/output.log status=0 started=$SECONDS reader
    : >"$log"
    setsid "${isolate[@]}" bash -c "$(scenario_command "$1" "$2")" >"$log" 2>&1 </dev/null &
    child=$!
    tail --pid="$child" -n +1 -f "$log" 2>/dev/null | progress &
    reader=$!
    while kill -0 "$child" 2>/dev/null; do
        # A scenario that has failed once is not going to pass: the assertions after it would only wait in vain.
        if grep -q ❌ "$log"; then
            sleep 2
            status=1
            break
        fi
        if [ $((SECONDS - started)) -gt 1800 ]; then
            say "  not done after 30 minutes"
            status=1
            break
        fi
        sleep 1
    done
    if [ "$status" = 0 ]; then wait "$child" || status=$?; fi
    stop_child
    wait "$reader" 2>/dev/null || true
    return "$status"
}

summary=()
failed=0
for scenario in "${scenarios[@]}"; do
    for run in $(seq "$times"); do
        name=$scenario
        [ "$times" = 1 ] || name="$scenario ($run of $times)"
        if [[ $scenario = partition* ]] && [ ${#isolate[@]} = 0 ]; then
            summary+=("skipped  $name: needs network namespaces, which this user may not make here (root may)")
            continue
        fi
        folder=$(mktemp -d "${TMPDIR:-/tmp}/doin-zombienet-$scenario-XXXX")
        say "$name: output and logs in $folder"
        began=$SECONDS
        if run_scenario "$scenario" "$folder"; then
            summary+=("passed   $name: $((SECONDS - began)) s")
            rm -rf "$folder"
        else
            failed=1
            summary+=("FAILED   $name: $((SECONDS - began)) s; all is kept in $folder")
            grep -aE 'Error|error' "$folder/output.log" | tail -5 >&2 || true
        fi
        say "${summary[-1]}"
    done
done

say "summary"
for line in "${summary[@]}"; do say "  $line"; done
exit "$failed"

# Sourced by the other scripts: where things are, and how they report progress.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# What set-up and builds keep between runs, shared by all checkouts of this user.
cache=${DOIN_CACHE:-$HOME/.cache/doin}
mkdir -p "$cache"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
[ -d "$HOME/.cargo/bin" ] && PATH=$HOME/.cargo/bin:$PATH
# Written by set-up: which toolchain builds the runtime.
# shellcheck disable=SC1091
[ -f "$cache/build.env" ] && . "$cache/build.env"
cd "$root"

stage_name=doin
stage_started=$SECONDS
# stage NAME: what follows belongs to this stage.
stage() {
    stage_name=$1
    stage_started=$SECONDS
}
say() { printf '[%s %5ds] %s\n' "$stage_name" "$((SECONDS - stage_started))" "$*"; }
die() {
    printf '[%s] error: %s\n' "$stage_name" "$*" >&2
    exit 1
}

# with_heartbeat MESSAGE-COMMAND COMMAND...: runs COMMAND, and says every 30 seconds that it is still running, with what
# MESSAGE-COMMAND prints. Returns COMMAND's exit status.
with_heartbeat() {
    local message=$1 status=0 watcher
    shift
    (
        # The wait is for a job in the background, so that the signal ends both at once.
        trap 'kill "$sleeper" 2>/dev/null; exit 0' TERM
        while :; do
            sleep 30 &
            sleeper=$!
            wait "$sleeper"
            say "$($message)"
        done
    ) &
    watcher=$!
    "$@" || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    return "$status"
}

# The target folder is shared by checkouts, for the sake of the dependencies. Cargo gives our own crates the same file
# names in each checkout and compares times only, so that it could take another checkout's crates for ours. Whoever
# builds after another checkout therefore makes its sources look changed. Holds the folder until the script ends.
claim_target_folder() {
    mkdir -p "$CARGO_TARGET_DIR"
    exec 9>"$CARGO_TARGET_DIR/.doin-lock"
    flock -n 9 || { say "waiting for another build in $CARGO_TARGET_DIR"; flock 9; }
    if [ "$(cat "$CARGO_TARGET_DIR/.doin-checkout" 2>/dev/null)" != "$root" ]; then
        find . -path ./target -prune -o -path ./tests/e2e -prune -o -type f \( -name '*.rs' -o -name '*.wgsl' -o -name Cargo.toml \) \
            -exec touch {} +
        echo "$root" >"$CARGO_TARGET_DIR/.doin-checkout"
    fi
}

#!/usr/bin/env bash
# Builds everything once: the node, the runtime, all tests and benchmarks, with one set of features, so that nothing is
# compiled twice. The node is then at target/doin-node of this checkout (the cargo target folder is shared by checkouts).
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
stage build

claim_target_folder
messages=$(mktemp)
log=$cache/build.log
trap 'rm -f "$messages"' EXIT

total=$(cargo tree --locked --workspace --edges normal,build,dev --prefix none --format '{p}' 2>/dev/null | sed 's/ (\*)$//' | sort -u | wc -l)
say "building $total packages in release mode into $CARGO_TARGET_DIR"
say "from cold this takes about half an hour on two cores; afterwards only what has changed is compiled"

progress() {
    local done current
    done=$(grep '"reason":"compiler-artifact"' "$messages" | grep -v '"custom-build"' \
        | grep -o '"package_id":"[^"]*"' | sort -u | wc -l)
    if tail -1 "$log" 2>/dev/null | grep -q Blocking; then
        echo "waiting for another cargo in the same target folder"
        return
    fi
    current=$(grep -a 'Compiling' "$log" 2>/dev/null | tail -1 | sed 's/^ *Compiling //; s/ (.*//')
    echo "$done of $total packages${current:+; last begun: $current}"
}

command=(cargo build --release --locked --workspace --all-targets --message-format json-render-diagnostics)
status=0
if [ -t 2 ]; then
    # A terminal: cargo's own progress bar says more.
    : >"$log"
    "${command[@]}" >"$messages" </dev/null || status=$?
else
    # The redirections stand inside: the heartbeat keeps this script's output.
    quietly() { "${command[@]}" >"$messages" 2>"$log" </dev/null; }
    with_heartbeat progress quietly || status=$?
    grep -vE '^ *(Compiling|Downloading|Downloaded|Updating|Locking|Blocking|Fresh|Finished)' "$log" >&2 || true
fi
[ "$status" = 0 ] || die "the build failed; the messages are above"

# The binary that cargo made from this checkout, not one that another checkout put into the shared folder.
executable=$(grep '"reason":"compiler-artifact"' "$messages" | grep '"kind":\["bin"\]' | grep '"name":"doin-node"' \
    | grep '"test":false' | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -1)
[ -x "$executable" ] || die "cargo reported no binary doin-node"
mkdir -p "$root/target"
cp "$executable" "$root/target/doin-node.new"
mv "$root/target/doin-node.new" "$root/target/doin-node"
say "done: target/doin-node"

#!/usr/bin/env bash
# Runs a development node for MINUTES (60) and prints, each minute, its resident memory, its processor time, the size
# of its data, and how many blocks, optimization blocks and ended optimae its log has; at the end, every line of the log
# that is a warning, an error or a panic.
#
#   benches/soak.sh [MINUTES] [BINARY]
set -euo pipefail
minutes=${1:-60}
binary=${2:-target/doin-node}
folder=$(mktemp -d)
log=$folder/node.log
"$binary" --dev --base-path "$folder/data" --rpc-port 0 --port 0 --no-prometheus >"$log" 2>&1 &
node=$!
trap 'kill "$node" 2>/dev/null || true; rm -rf "$folder"' EXIT
count() { grep -cE "$1" "$log" || true; }
echo '| minute | resident MiB | processor s | data MiB | blocks | optimization blocks | optimae ended |'
echo '|---|---|---|---|---|---|---|'
for ((minute = 1; minute <= minutes; minute++)); do
    sleep 60
    kill -0 "$node" || { echo "the node ended:"; tail -20 "$log"; exit 1; }
    echo "| $minute | $(($(awk '/VmRSS/ { print $2 }' "/proc/$node/status") / 1024)) | $(ps -o cputimes= -p "$node" | tr -d ' ') \
| $(($(du -sk "$folder/data" | cut -f1) / 1024)) | $(count '🏆 Imported') | $(count 'optimization block [0-9]') \
| $(count 'optimum [0-9]+: (accepted|unproven|refuted|expired|superseded)') |"
done
echo "warnings, errors and panics in the log:"
grep -iE 'warn|error|panic|exceeded' "$log" | sort | uniq -c || echo "none"

#!/usr/bin/env bash
# Measures this machine and prints Markdown tables: speed, cold start, latency, memory.
#   bench/run.sh target/debug/atalaya
# BENCH_SECONDS  length of the rendered world (default 60)
# BENCH_ALERTS   samples for the latency table (default 200); a world shorter than a minute has few
# BENCH_MINUTES  length of the live feed whose memory is watched (default 60; 0 leaves it out)
# Results, plot and samples are left in out/bench.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly atalaya=$(realpath "${1:-target/debug/atalaya}")
readonly python=${PYTHON:-python3}
readonly out=out/bench
readonly seconds=${BENCH_SECONDS:-60} alerts=${BENCH_ALERTS:-200} minutes=${BENCH_MINUTES:-60}
readonly seed=7
mkdir -p "$out"
readonly world=$out/demo/world-$seed-$seconds

demo=
trap '[[ -z $demo ]] || kill -KILL $demo 2>/dev/null || true' EXIT

# The demonstration's world, with and without the thermal feed: frames are the same.
prepare() {
  "$atalaya" demo --prepare --dir "$out/demo" --seed $seed --duration "$seconds"
}

# Starts the demonstration and waits for its address; sets `demo` and `started_s`.
start_demo() {
  rm -rf "$out/demo/store" "$out/said.log"
  local begin now
  begin=$(date +%s.%N)
  "$atalaya" demo --dir "$out/demo" --seed $seed --duration "$seconds" --bind 127.0.0.1:0 \
    >"$out/said.log" 2>"$out/errors.log" &
  demo=$!
  until grep -q 'http://' "$out/said.log" 2>/dev/null; do
    kill -0 $demo 2>/dev/null || { cat "$out/errors.log" >&2; return 1; }
    sleep 0.05
  done
  # The page itself, not only the address.
  until curl -sf -o "$out/page.html" "$(grep -om1 'http://[^ ]*' "$out/said.log")"; do sleep 0.05; done
  now=$(date +%s.%N)
  started_s=$(awk "BEGIN { printf \"%.2f\", $now - $begin }")
}

stop_demo() {
  kill -INT $demo
  wait $demo || true
  demo=
}

speed() {
  # One core, the EO feed only: 1280x720.
  awk '/^\[\[feed\]\]/ { f = 1; b = "" } f { b = b $0 "\n"; if ($0 == "") { if (b !~ /id = "ir"/) printf "%s", b; f = 0 } next } { print }' \
    "$world/operation.toml" >"$world/eo.toml"
  taskset -c 0 "$atalaya" run "$world/eo.toml" --out "$out/run" 2>"$out/run.log"
  taskset -c 0 "$atalaya" detect "$world/eo.ts" --out "$out/det.txt" 2>"$out/detect.log"
  local chain vision
  chain=$(grep -o '[0-9.]* a second' "$out/run.log" | cut -d' ' -f1)
  vision=$(grep -o '[0-9.]* frames/s' "$out/detect.log" | cut -d' ' -f1)
  echo "| what, one core, 1280x720 | frames/s |"
  echo "|---|---|"
  echo "| whole chain: demultiplex, decode, metadata, vision, tracking, gate, activity, files | $chain |"
  echo "| vision alone, without decoding | $vision |"
  echo
}

cold_start() {
  local times=()
  for _ in 1 2 3; do
    start_demo
    times+=("$started_s")
    stop_demo
  done
  echo "| start of the demonstration, world there, until the page is served | s |"
  echo "|---|---|"
  echo "| three times | ${times[*]} |"
  echo
}

latency() {
  if ! "$atalaya" bench live --help >/dev/null 2>&1; then
    echo "(latency left out: this build has no \`atalaya bench live\`)"
    echo
    return
  fi
  rm -rf "$out/latency"
  echo "Wall time from the datagram in which the picture begins that completes an alert to the alert being stored:"
  echo
  # Too few samples are said, and the rest is measured all the same.
  "$atalaya" bench live --world "$world" --dir "$out/latency" --alerts "$alerts" 2>"$out/latency.log" ||
    { echo; echo "**$(tail -n 1 "$out/latency.log")**"; }
  echo
}

memory() {
  if [[ $minutes == 0 ]]; then
    echo "(memory left out: BENCH_MINUTES=0)"
    return
  fi
  start_demo
  "$python" bench/memory.py $demo "$minutes" "$out/memory.csv" "$out/memory.png"
  stop_demo
}

prepare >&2
{
  echo "## Bench"
  echo
  echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | xargs), $(nproc) cores; commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown); world compound, seed $seed, $seconds s; load average $(cut -d' ' -f1 /proc/loadavg) at the start"
  echo
  speed
  echo "settings $(sed -n 's/.*"settings": "\([0-9a-f]*\)".*/\1/p' "$out/run/summary.json")"
  echo
  cold_start
  latency
  memory
} | tee "$out/bench.md"

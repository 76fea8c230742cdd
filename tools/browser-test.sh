#!/usr/bin/env bash
# The page in a real Chromium against a running demonstration, whose truth is known.
#   tools/browser-test.sh target/debug/atalaya [name of a test file]
# The world is rendered once and kept in out/e2e; the store is new every time.
set -euo pipefail
readonly atalaya=$1
readonly dir=out/e2e
# In this world a vehicle comes to the yard half a minute after the start and stays.
readonly seed=25 seconds=75

mkdir -p "$dir"
rm -rf "$dir/store" "$dir/partner" "$dir/story" "$dir"/*.log
"$atalaya" demo --prepare --dir "$dir" --seed $seed --duration $seconds

# Port 0: the system picks one that is free.
"$atalaya" demo --dir "$dir" --seed $seed --duration $seconds --bind 127.0.0.1:0 --story hand \
  >"$dir/said.log" 2>"$dir/errors.log" &
readonly demo=$!
trap 'kill -KILL $demo 2>/dev/null || true' EXIT

url=
for _ in {1..300}; do
  url=$(grep -om1 'http://[^ ]*' "$dir/said.log" || true)
  [[ -n $url ]] && break
  kill -0 $demo 2>/dev/null || break
  sleep 0.1
done
if [[ -z $url ]]; then
  echo "browser test: the demonstration did not start:" >&2
  cat "$dir/errors.log" >&2
  exit 1
fi

# The partner agency's instance, which the demonstration starts beside its own.
partner_url=
for _ in {1..50}; do
  partner_url=$(sed -n 's/.*partner agency at \(http:[^ ]*\).*/\1/p' "$dir/said.log")
  [[ -n $partner_url ]] && break
  sleep 0.1
done
[[ -n $partner_url ]] || { echo "browser test: the demonstration named no partner" >&2; exit 1; }

status=0
ATALAYA_URL=$url ATALAYA_PARTNER_URL=$partner_url ATALAYA_TRUTH=$PWD/$dir/world-$seed-$seconds/truth/boxes.csv \
  npm --prefix web run e2e -- "${@:2}" || status=$?

# As Ctrl-C does; it must stop by itself, soon, and without complaint.
kill -INT $demo
for _ in {1..150}; do
  kill -0 $demo 2>/dev/null || break
  sleep 0.1
done
if kill -0 $demo 2>/dev/null; then
  echo "browser test: the demonstration did not stop within 15 s of Ctrl-C" >&2
  exit 1
fi
wait $demo || {
  echo "browser test: the demonstration ended with an error:" >&2
  cat "$dir/errors.log" >&2
  exit 1
}
exit $status

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
rm -rf "$dir/store" "$dir/partner" "$dir"/*.log
"$atalaya" demo --prepare --dir "$dir" --seed $seed --duration $seconds

# A partner agency with an instance of its own, and each other's cards.
cat >"$dir/partner.toml" <<'END'
schema = "operation/1"
id = "partner"
name = "Unidad de frontera"
simulated = true
[authority]
issuer = "Juzgado de guardia"
legal_basis = "Art. 1"
reference = "9/2026"
purpose = "Recibir comunicaciones"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2036-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01]]
partners = ["Atalaya (demo)"]
retention = { bystander_hours = 1, evidence_days = 30 }
[site]
id = "post"
name = "Puesto"
END
"$atalaya" partner key --name "Atalaya (demo)" --dir "$dir/store" --out "$dir/ours.card" 2>/dev/null
"$atalaya" partner key --name "Unidad de frontera" --dir "$dir/partner" --out "$dir/theirs.card" 2>/dev/null
"$atalaya" partner add "$dir/theirs.card" --dir "$dir/store" >/dev/null
"$atalaya" partner add "$dir/ours.card" --dir "$dir/partner" >/dev/null
"$atalaya" serve "$dir/partner.toml" --dir "$dir/partner" --bind 127.0.0.1:0 \
  >"$dir/partner.log" 2>"$dir/partner-errors.log" &
readonly partner=$!

# Port 0: the system picks one that is free.
"$atalaya" demo --dir "$dir" --seed $seed --duration $seconds --bind 127.0.0.1:0 \
  >"$dir/said.log" 2>"$dir/errors.log" &
readonly demo=$!
trap 'kill -KILL $demo $partner 2>/dev/null || true' EXIT

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

partner_url=$(grep -om1 'http://[^; ]*' "$dir/partner.log" || true)
if [[ -z $partner_url ]]; then
  echo "browser test: the partner's server did not start:" >&2
  cat "$dir/partner-errors.log" >&2
  exit 1
fi

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

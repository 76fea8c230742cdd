#!/usr/bin/env bash
# Adds up what cargo and vitest said in the logs of a folder: one line, exit 1 when a test failed.
set -euo pipefail
sed 's/\x1b\[[0-9;]*m//g' "$1"/*.log | awk '
  # cargo:  test result: ok. 12 passed; 0 failed; 3 ignored; …
  /^test result:/ { for (i = 1; i <= NF; i++) {
    if ($i ~ /^passed/) passed += $(i - 1)
    if ($i ~ /^failed/) failed += $(i - 1)
    if ($i ~ /^ignored/) ignored += $(i - 1) } }
  # vitest:  Tests  2 failed | 9 passed | 1 skipped (12)
  /^ *Tests +/ { for (i = 2; i <= NF; i++) {
    if ($i == "passed") passed += $(i - 1)
    if ($i == "failed") failed += $(i - 1)
    if ($i == "skipped") ignored += $(i - 1) } }
  END {
    printf "%d ignored (they need recordings that are not here: make test-data)\n", ignored
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0 || passed == 0 }'

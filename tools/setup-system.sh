#!/usr/bin/env bash
# Installs the Debian packages that are missing, and nothing when none is.
#   tools/setup-system.sh build          what building and running needs
#   tools/setup-system.sh build test     and what the tests of browser and broker need
#   tools/setup-system.sh translate      what translating (and PDF) needs: optional, for the page, `atalaya translate` and its tests
set -euo pipefail

build=(
  ca-certificates
  # Rust links with lld; bindgen reads FFmpeg's headers with libclang; SQLite is compiled.
  gcc lld clang libclang-dev pkg-config
  libavcodec-dev libavformat-dev libavutil-dev libavfilter-dev libavdevice-dev
  libswscale-dev libswresample-dev
  # Node and the scoring scripts come as Python packages.
  python3 python3-venv
)
# Fonts: without any, Chromium draws no text.
# Mosquitto is the broker of the tests of MQTT feeds.
test=(chromium fonts-dejavu-core mosquitto)
translate=(apertium apertium-eng-spa poppler-utils)

wanted=()
for group in "$@"; do
  declare -n names=$group
  wanted+=("${names[@]}")
done

if ! command -v dpkg-query >/dev/null; then
  echo "setup: not a Debian system; please install what these packages hold: ${wanted[*]}" >&2
  exit 0
fi

installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
  awk '$2 == "installed" { print $1 }' || true)
missing=()
for name in "${wanted[@]}"; do
  grep -qxF -- "$name" <<<"$installed" || missing+=("$name")
done
if ((${#missing[@]} > 0)); then
  echo "setup: installing ${missing[*]}"
  root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "setup: these packages are missing and this account is not root; ask for: apt-get install ${missing[*]}" >&2
      exit 1
    }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -q
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

command -v cargo >/dev/null || {
  echo "setup: there is no cargo; install a Rust toolchain (the version is rust-version in Cargo.toml)" >&2
  exit 1
}

#!/usr/bin/env bash
# Compares the components of actors/rust with what their sources give. The components are committed, so that a machine
# without Rust has them; actors/rust/SHA256SUMS has the hashes of components and sources, and says what compiled them.
#
#   build_rust_actors.sh            builds where it can and compares; else checks the hashes, and says why
#   build_rust_actors.sh --update   builds, and takes what comes out as the new components
#
# The last line says which of the two it did. Bytes are compared where compiler and standard library are the same:
# others give other bytes. Needs scripts/setup.sh to have run.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C CARGO_TARGET_DIR=$PWD/.cache/cargo-target

readonly TARGET=wasm32-unknown-unknown
readonly SUMS=actors/rust/SHA256SUMS
readonly BUILT=.cache/rust-actors
readonly NODE=node_modules/.bin/node

main() {
  local update=${1:-} reason
  [[ -x $NODE ]] || fail "expected Node 24 at $NODE, found none: run scripts/setup.sh"
  if reason=$(why_not); then
    [[ -z $update ]] || fail "cannot build: $reason"
    check_sums
    echo "rust actors: $reason: committed components used, hashes checked"
  else
    build_all
    if [[ $update == --update ]]; then take_over; else compare; fi
  fi
}

# Succeeds, and prints the reason, where nothing can be built here.
why_not() {
  local log
  command -v cargo >/dev/null || { echo 'cargo missing'; return; }
  compgen -G "$(libraries)/libstd-*.rlib" >/dev/null || { echo "target missing ($TARGET)"; return; }
  log=$(cargo fetch --quiet --locked --target "$TARGET" 2>&1) && return 1
  # A lock file that does not fit the manifests is a fault of the tree, an unreachable registry is none.
  [[ $log != *--locked* ]] || { echo "$log" >&2; return 1; }
  echo "crates not to be had (${log##*$'\n'})"
}

build_all() {
  local application
  mkdir -p "$BUILT"
  for application in $(applications); do
    "$NODE" packages/cli/bin/plexspaces.js build "actors/rust/$application" -o "$BUILT/$application.wasm" 2>"$BUILT/log" |
      head -n 1 || { cat "$BUILT/log" >&2; fail "$application does not build"; }
  done
}

take_over() {
  local application
  for application in $(applications); do cp "$BUILT/$application.wasm" "actors/rust/$application/"; done
  { toolchain; sums; } >"$SUMS"
  echo "rust actors: $(applications | wc -l) components and $SUMS written"
}

compare() {
  local application equal=0 all=0
  for application in $(applications); do
    all=$((all + 1))
    if cmp "$BUILT/$application.wasm" "actors/rust/$application/$application.wasm"; then equal=$((equal + 1)); fi
  done
  check_sums
  if [[ $(toolchain) == "$(head -n 1 "$SUMS")" ]]; then
    ((equal == all)) || fail "rebuilt from source, $equal of $all equal: run scripts/build_rust_actors.sh --update"
    echo "rust actors: rebuilt from source, $equal of $all equal"
  else
    echo "rust actors: rebuilt from source by another toolchain than the committed ones, $equal of $all equal, hashes checked"
  fi
}

# Sources that changed since their components were built are found without a compiler, too.
check_sums() {
  diff <(tail -n +2 "$SUMS") <(sums) ||
    fail "components and sources differ from $SUMS: run scripts/build_rust_actors.sh --update where Rust is"
}

sums() {
  {
    for application in $(applications); do echo "actors/rust/$application/$application.wasm"; done
    printf '%s\n' Cargo.toml Cargo.lock sdk/rust/Cargo.toml actors/rust/*/Cargo.toml
    find sdk/rust/src sdk/rust/wit actors/rust/*/src -type f
  } | sort | xargs sha256sum
}

applications() {
  local manifest
  for manifest in actors/rust/*/plexspaces.json; do basename "$(dirname "$manifest")"; done
}

# As a comment, which sha256sum --check passes over. The names of the library's files hold hashes of what they are.
toolchain() {
  echo "# $(rustc --version), standard library $(basename -a "$(libraries)"/*.rlib | sha256sum | cut -c 1-12)"
}

libraries() { rustc --print target-libdir --target "$TARGET" 2>/dev/null || true; }

fail() {
  echo "rust actors: $1" >&2
  exit 1
}

main "$@"

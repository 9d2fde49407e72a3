#!/usr/bin/env bash
# Compares the components in Rust, the actors' and the tests', with what their sources give. They are committed, so that
# a machine without Rust has them; actors/rust/SHA256SUMS has the hashes of components and sources, and what compiled them.
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
  local component
  for component in $(components); do
    mkdir -p "$BUILT/$(dirname "$component")"
    "$NODE" packages/cli/bin/plexspaces.js build "$(dirname "$component")" -o "$BUILT/$component" 2>"$BUILT/log" |
      head -n 1 || { cat "$BUILT/log" >&2; fail "$component does not build"; }
  done
}

take_over() {
  local component
  for component in $(components); do cp "$BUILT/$component" "$component"; done
  { toolchain; sums; } >"$SUMS"
  echo "rust actors: $(components | wc -l) components and $SUMS written"
}

compare() {
  local component equal=0 all=0
  for component in $(components); do
    all=$((all + 1))
    if cmp "$BUILT/$component" "$component"; then equal=$((equal + 1)); fi
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
    components
    printf '%s\n' Cargo.toml Cargo.lock sdk/rust/Cargo.toml actors/rust/*/Cargo.toml test/fixtures/rust/Cargo.toml
    find sdk/rust/src sdk/rust/wit actors/rust/*/src test/fixtures/rust/src -type f
  } | sort | xargs sha256sum
}

# As the applications' manifests name them, in their own directories.
components() {
  local manifest
  for manifest in actors/rust/*/plexspaces.json test/fixtures/rust/plexspaces.json; do
    echo "$(dirname "$manifest")/$(sed -n 's/^  "component": "\(.*\)",\{0,1\}$/\1/p' "$manifest")"
  done
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

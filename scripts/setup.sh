#!/usr/bin/env bash
# All the set-up of a fresh machine: the npm packages (Node 24 among them) and a Python virtual environment
# with componentize-py. Touches nothing outside the project's folder; does nothing where nothing changed.
# Needs npm, and Python 3.10 or later.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"

stamps=.cache/setup
venv=.venv
requirements=sdk/python/requirements-build.txt
checkers=.cache/python-check
check_requirements=sdk/python/requirements-check.txt
node=node_modules/.bin/node

main() {
  mkdir -p "$stamps"
  command -v npm >/dev/null || fail "expected npm on the PATH, found none: install Node.js (any version that has npm 10)"
  step "npm packages" "$node" "$(digest package-lock.json)" install_npm_packages
  check_node
  check_python
  step "Python tools" "$venv/bin/componentize-py" "$(python_inputs "$requirements")" install_python_tools
  step "Python checkers" "$checkers/bin/mypy" "$(python_inputs "$check_requirements")" install_python_checkers
}

# step NAME PRODUCT INPUTS COMMAND: runs the command unless its product was made of these inputs.
step() {
  local name=$1 product=$2 inputs=$3 command=$4
  local stamp="$stamps/${name// /-}" started=$SECONDS status=0
  if [[ -e $product && -f $stamp && $(<"$stamp") == "$inputs" ]]; then
    echo "setup: $name … unchanged"
    return
  fi
  rm -f "$stamp"
  "$command" >"$stamp.log" 2>&1 &
  show_progress $! "$name" "$started"
  wait $! || status=$?
  if ((status != 0)); then
    cat "$stamp.log" >&2
    fail "$name could not be set up; the reason is above"
  fi
  printf '%s' "$inputs" >"$stamp"
  echo "setup: $name … $((SECONDS - started)) s"
}

# On a terminal a line that counts, elsewhere a line every 15 seconds.
show_progress() {
  local pid=$1 name=$2 started=$3 shown=0
  while kill -0 "$pid" 2>/dev/null; do
    local elapsed=$((SECONDS - started))
    if [[ -t 1 ]]; then
      printf '\rsetup: %s … %d s' "$name" "$elapsed"
    elif ((elapsed - shown >= 15)); then
      echo "setup: $name … $elapsed s so far"
      shown=$elapsed
    fi
    sleep 0.2
  done
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

install_npm_packages() {
  # Not npm ci: npm 11 refuses a lock file that lacks the platform packages of other machines, which not every
  # registry has. Versions and hashes come from the lock file, which --no-save leaves as it is. Only errors are
  # shown: the machine's own Node may be older than what the packages ask for; they run under npm's node@24.
  npm install --no-save --no-audit --no-fund --loglevel=error
}

install_python_tools() { install_python "$venv" "$requirements"; }

install_python_checkers() { install_python "$checkers" "$check_requirements"; }

# install_python DIRECTORY REQUIREMENTS: a virtual environment with these packages and no others.
install_python() {
  python3 -c 'import ensurepip' ||
    fail "python3 cannot make virtual environments here: on Debian and Ubuntu, apt install python3-venv"
  rm -rf "$1"
  python3 -m venv "$1"
  "$1/bin/python" -m pip install --disable-pip-version-check --quiet --only-binary=:all: \
    --require-hashes --requirement "$2"
}

# python_inputs REQUIREMENTS: the folder is one of them, for a virtual environment does not survive being moved.
python_inputs() { echo "$project $(python_version) $(digest "$1")"; }

check_node() {
  local version major
  version=$("$node" --version 2>/dev/null) || fail "expected Node 24 or later at $node, found none; delete node_modules and try again"
  major=${version#v}
  major=${major%%.*}
  ((major >= 24)) || fail "expected Node 24 or later at $node, found $version; delete node_modules and try again"
}

check_python() {
  local version=none
  command -v python3 >/dev/null && version=$(python_version)
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    fail "expected python3 3.10 or later on the PATH, found $version"
}

python_version() { python3 -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null || echo none; }

# Tells a change, no more: npm and pip check what they install against hashes of their own.
digest() { cksum <"$1" | tr ' ' -; }

fail() {
  echo "setup: $1" >&2
  exit 1
}

main "$@"

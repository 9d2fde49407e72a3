#!/usr/bin/env bash
# Checks the types of the Python SDK, its tests' support and every Python actor, as strictly as mypy can.
# The interface's own types are generated from wit/ each time. Needs scripts/setup.sh to have run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mypy=.cache/python-check/bin/mypy
typings=.cache/python-typings

for tool in .venv/bin/componentize-py $mypy; do
  if [[ ! -x $tool ]]; then
    echo "check_python_types: expected $tool, found none: run scripts/setup.sh" >&2
    exit 1
  fi
done

rm -rf "$typings"
.venv/bin/componentize-py -d wit/plexspaces-actor -w plexspaces-actor bindings "$typings"

# The Python of the components, whatever the machine's own is.
check() { MYPYPATH=$typings:sdk/python $mypy --strict --python-version 3.14 --cache-dir .cache/mypy "$@"; }

check sdk/python/plexspaces
check actors/python/*/*.py
check packages/cli/templates/python/*.py

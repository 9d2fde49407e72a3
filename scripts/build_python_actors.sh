#!/usr/bin/env bash
# Builds the components of actors/python with componentize-py, those only whose sources changed.
# Needs scripts/setup.sh to have run.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node=$project/node_modules/.bin/node

if [[ ! -x $node ]]; then
  echo "build_python_actors: expected Node 24 at $node, found none: run scripts/setup.sh" >&2
  exit 1
fi

echo "build: Python actors, some seconds for each that changed"
exec "$node" --conditions=@plexspaces/source "$project/packages/cli/src/build/build-all.ts" "$project/actors/python"

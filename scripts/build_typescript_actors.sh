#!/usr/bin/env bash
# Builds the components of actors/typescript with esbuild and componentize-qjs, those only whose sources changed.
# Needs scripts/setup.sh to have run.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node=$project/node_modules/.bin/node

if [[ ! -x $node ]]; then
  echo "build_typescript_actors: expected Node 24 at $node, found none: run scripts/setup.sh" >&2
  exit 1
fi

echo "build: TypeScript actors, a second or two for each that changed"
exec "$node" --conditions=@plexspaces/source "$project/packages/cli/src/build/build-all.ts" "$project/actors/typescript"

#!/usr/bin/env bash
# Builds the components of actors/LANGUAGE, those only whose sources changed: `build_actors.sh LANGUAGE`, with
# componentize-py for python, with esbuild and componentize-qjs for typescript. Those in Rust are committed: see
# build_rust_actors.sh. Needs scripts/setup.sh to have run.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node=$project/node_modules/.bin/node
language=${1:-}

case $language in
  python) effort='some seconds' ;;
  typescript) effort='a second or two' ;;
  *)
    echo "build_actors: expected python or typescript, found '$language'" >&2
    exit 2
    ;;
esac
if [[ ! -x $node ]]; then
  echo "build_actors: expected Node 24 at $node, found none: run scripts/setup.sh" >&2
  exit 1
fi

echo "build: actors in $language, $effort for each that changed"
exec "$node" --conditions=@plexspaces/source "$project/packages/cli/src/build/build-all.ts" "$project/actors/$language"

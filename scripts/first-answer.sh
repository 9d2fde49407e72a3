#!/usr/bin/env bash
# Prints, for each language, how long it takes from `plexspaces new` to the first answer: writing the application,
# running its tests, building it, deploying it on a fresh node, calling it. Exits non-zero if an answer is not right.
# Needs scripts/setup.sh to have run. A language whose tools are missing is said to be, and counts as no failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
exec node --conditions=@plexspaces/source --disable-warning=ExperimentalWarning scripts/first-answer.ts "$@"

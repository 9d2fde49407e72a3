#!/usr/bin/env bash
# The main job, from nothing: builds the Python actors, starts a node, deploys them, calls them, kills the
# node with -9 and shows that they go on where they were. Exits non-zero if any answer is not what it must be.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
export PATH="$PWD/node_modules/.bin:$PATH"
scripts/build_actors.sh python

work=$(mktemp -d "${TMPDIR:-/tmp}/plexspaces-demo.XXXXXX")
node_pid=
finish() {
  [ -z "$node_pid" ] || kill -9 "$node_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; tail -n 20 "$work/log" >&2; exit 1; }

# Runs a command, shows it with its answer, and compares the answer.
expect() {
  local wanted=$1 found
  shift
  printf '$ %s\n' "$*"
  found=$("$@") || fail "exit code $? of: $*"
  printf '%s\n' "$found"
  [ "$found" = "$wanted" ] || fail "expected $wanted, found $found"
}
# The same, where the answer has to contain something.
expect_part() {
  local wanted=$1 found
  shift
  printf '$ %s\n' "$*"
  found=$("$@") || fail "exit code $? of: $*"
  printf '%s\n' "$found"
  case $found in *"$wanted"*) ;; *) fail "expected $wanted in the answer, found $found" ;; esac
}
# A command that has to fail, and to say why.
expect_refusal() {
  local wanted=$1 found
  shift
  printf '$ %s\n' "$*"
  ! found=$("$@" 2>&1) || fail "expected a refusal of: $*"
  printf '%s\n' "$found"
  case $found in *"$wanted"*) ;; *) fail "expected $wanted in the refusal, found $found" ;; esac
}

start_node() {
  : > "$work/ready"
  plexspaces serve --data "$work/data" --grpc 127.0.0.1:0 --http 127.0.0.1:0 > "$work/ready" 2>> "$work/log" &
  node_pid=$!
  for _ in $(seq 300); do
    [ ! -s "$work/ready" ] || break
    kill -0 "$node_pid" 2>/dev/null || fail 'the node did not start'
    sleep 0.1
  done
  [ -s "$work/ready" ] || fail 'the node was not ready within 30 s'
  cat "$work/ready"
  PLEXSPACES_NODE=$(sed 's/.*"grpc":"\([^"]*\)".*/\1/' "$work/ready")
  export PLEXSPACES_NODE
}

results='["calculator_result",{"?":"any"},{"?":"any"},{"?":"any"},{"?":"any"}]'

step 'A node starts'
start_node

step 'Two Python actors are deployed over gRPC'
expect_part 'RUNNING' plexspaces deploy actors/python/durable_calculator
expect_part 'RUNNING' plexspaces deploy actors/python/tuplespace_calculator

step 'They are called'
expect '{"result":6,"operation":"add","operation_count":1,"durable":true}' \
  plexspaces invoke demo.DurableCalculator.v1 add '{"operands":[1,2,3]}'
expect '{"count":0}' plexspaces tuples count "$results" --json
expect '{"result":6,"operation":"add","tuplespace_used":true}' \
  plexspaces invoke demo.TupleSpaceCalculator.v1 add '{"operands":[1,2,3]}'
expect '{"count":1}' plexspaces tuples count "$results" --json

step 'A third one comes while the node runs'
expect_part 'RUNNING' plexspaces deploy actors/python/advanced_calculator
expect '{"result":1.2909944487358056,"operation":"stdev"}' \
  plexspaces invoke demo.AdvancedCalculator.v1 stdev '{"operands":[1,2,3,4]}'

step 'It has a description: what that does not say reaches no actor'
expect_part 'quantiles(operands: [Float!]!, n: Int = 4): CutPoints!' plexspaces describe demo.AdvancedCalculator.v1
expect_refusal '$.operands[1]: expected Float, found String' \
  plexspaces invoke demo.AdvancedCalculator.v1 stdev '{"operands":[1,"2"]}'

step 'The same module as another application, this one durable: stored and translated once'
expect_part '"cache":"hit"' plexspaces deploy actors/python/tuplespace_calculator \
  --name tuplespace_reader --service demo.TupleSpaceReader.v1 --kind durable --json

step 'One actor reads what the other wrote, and takes it once'
expect_part '"result":6' plexspaces invoke demo.TupleSpaceReader.v1 read_result '{"operation":"add"}'
expect_part '"result":6' plexspaces invoke demo.TupleSpaceReader.v1 take_result '{"operation":"add"}'
expect 'null' plexspaces invoke demo.TupleSpaceReader.v1 take_result '{"operation":"add"}'
expect '{"count":0}' plexspaces tuples count "$results" --json

step 'The durable calculator is called until it has counted 25'
for count in $(seq 2 25); do
  found=$(plexspaces invoke demo.DurableCalculator.v1 add "[$count, 1]") || fail "exit code $? of call $count"
  case $found in *"\"operation_count\":$count,"*) ;; *) fail "expected operation_count $count, found $found" ;; esac
done
printf '%s\n' "$found"

step 'The node is killed with -9 and started again'
expect '{"result":42,"operation":"multiply","tuplespace_used":true}' \
  plexspaces invoke demo.TupleSpaceReader.v1 multiply '{"operands":[6,7]}'
expect '{"count":1}' plexspaces tuples count "$results" --json
kill -9 "$node_pid"
wait "$node_pid" 2>/dev/null || true
start_node

step 'Call 26 goes on'
expect '{"result":5,"operation":"add","operation_count":26,"durable":true}' \
  plexspaces invoke demo.DurableCalculator.v1 add '{"operands":[2,3]}'
expect_part '"replayed":25,' plexspaces actors durable_calculator --json

step 'What wrote the tuple is replayed, and writes and takes nothing again'
expect_part '"result":42' plexspaces invoke demo.TupleSpaceReader.v1 read_result '{"operation":"multiply"}'
expect_part '"replayed":4,' plexspaces actors tuplespace_reader --json
expect '{"count":1}' plexspaces tuples count "$results" --json
expect '["calculator_result","multiply","[6, 7]",{"float":42},"client"]' plexspaces tuples read "$results"
plexspaces list

step 'The node stops'
kill -TERM "$node_pid"
code=0
wait "$node_pid" || code=$?
node_pid=
[ "$code" = 0 ] || fail "expected exit code 0 of the stopped node, found $code"
printf '\ndemo: all answers were right\n'

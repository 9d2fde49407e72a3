#!/usr/bin/env bash
# Sets the machine up, builds the Python and TypeScript actors and runs every check and every test, from any working directory.
#
# A step that is no test runner (set-up, build, format, lint, types) counts as one check. A test runner that ends
# with an error without naming a failed test counts as one failure. Later steps run although an earlier one failed,
# except that nothing can run without the set-up. The last line printed is `N passed, N failed`.
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

readonly REPORTS=.cache/test-reports
passed=0
failed=0
skipped=0
failures=()

main() {
  check 'set-up' scripts/setup.sh || finish
  export PATH="$PWD/node_modules/.bin:$PATH"
  rm -rf -- "$REPORTS" && mkdir -p -- "$REPORTS"
  check 'Python actors' scripts/build_actors.sh python
  check 'TypeScript actors' scripts/build_actors.sh typescript
  check 'Rust actors' scripts/build_rust_actors.sh
  check 'format' npm run --silent format:check
  check 'lint' npm run --silent lint
  check 'types' npm run --silent types
  check 'Python types' scripts/check_python_types.sh
  vitest_tests 'unit and integration tests' test
  python_tests 'Python SDK tests'
  rust_tests 'Rust SDK and actors tests'
  vitest_tests 'end-to-end tests' test:e2e
  finish
}

# check NAME COMMAND…: one check.
check() {
  local name=$1
  shift
  begin "$name"
  if "$@"; then
    count "$name" 1 0 0
  else
    count "$name" 0 1 0
    return 1
  fi
}

# vitest_tests NAME SCRIPT: the tests of an npm script, counted from vitest's own JSON report.
vitest_tests() {
  local name=$1 script=$2 report="$REPORTS/${2//:/-}.json" status=0 numbers
  begin "$name"
  npm run --silent "$script" -- --reporter=default --reporter=json --outputFile.json="$report" || status=$?
  numbers=$(node -e '
    const report = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
    console.log(numPassedTests, numFailedTests, numPendingTests + numTodoTests);
  ' "$report" 2>/dev/null) || numbers='0 0 0'
  # shellcheck disable=SC2086 # three numbers
  count_runner "$name" "$status" $numbers
}

# python_tests NAME: the tests of sdk/python, counted from what unittest prints.
python_tests() {
  local name=$1 log status=0 ran bad good omitted
  log="$PWD/$REPORTS/python.log"
  begin "$name"
  (cd sdk/python && ../../.venv/bin/python -m unittest discover -s tests) 2>&1 | tee -- "$log" || status=$?
  ran=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$log" | tail -n 1)
  bad=$(sum_of 'failures errors' "$log")
  omitted=$(sum_of 'skipped' "$log")
  # Nothing found is not a pass: the tests are there.
  [[ ${ran:-0} -gt 0 ]] || status=1
  # Subtests fail one by one and count as one test run.
  good=$((${ran:-0} - bad - omitted))
  count_runner "$name" "$status" "$((good > 0 ? good : 0))" "$bad" "$omitted"
}

# rust_tests NAME: the tests of the Cargo workspace, counted from what each test program prints; skipped without Rust.
rust_tests() {
  local name=$1 log status=0 good bad omitted
  log="$PWD/$REPORTS/rust.log"
  begin "$name"
  if ! why_no_rust >"$log"; then
    CARGO_TARGET_DIR=.cache/cargo-target cargo test --quiet --workspace --locked --no-fail-fast 2>&1 | tee -- "$log" || status=$?
    good=$(sum_of_results 'passed' "$log")
    bad=$(sum_of_results 'failed' "$log")
    omitted=$(sum_of_results 'ignored' "$log")
    # Nothing found is not a pass: the tests are there.
    [[ $good -gt 0 ]] || status=1
    count_runner "$name" "$status" "$good" "$bad" "$omitted"
  else
    printf 'skipped: %s\n' "$(<"$log")"
    count "$name" 0 0 1
  fi
}

# Succeeds, and prints the reason, where Rust tests cannot run: a lock file that does not fit is not among the reasons.
why_no_rust() {
  local log host
  command -v cargo >/dev/null || { echo 'no cargo on the PATH'; return; }
  host=$(rustc --version --verbose | sed -n 's/^host: //p')
  log=$(cargo fetch --quiet --locked --target "$host" 2>&1) && return 1
  [[ $log != *--locked* ]] || return 1
  echo "cargo cannot fetch the crates: ${log##*$'\n'}"
}

# sum_of_results WORD LOG: the sum over lines such as `test result: ok. 8 passed; 0 failed; …`.
sum_of_results() {
  sed -n "s/^test result: .*[. ]\([0-9][0-9]*\) $1;.*/\1/p" "$2" | awk '{ sum += $1 } END { print sum + 0 }'
}

# sum_of WORDS LOG: the sum of `word=N` on unittest's closing line.
sum_of() {
  local word sum=0 number
  for word in $1; do
    number=$(tail -n 1 -- "$2" | sed -n "s/.*[( ]$word=\([0-9]*\).*/\1/p")
    sum=$((sum + ${number:-0}))
  done
  echo "$sum"
}

# count_runner NAME STATUS PASSED FAILED SKIPPED
count_runner() {
  local bad=$4
  [[ $2 -eq 0 || $bad -gt 0 ]] || bad=1
  count "$1" "$3" "$bad" "$5"
}

begin() {
  printf '\n== %s\n' "$1"
  started=$SECONDS
}

count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  skipped=$((skipped + $4))
  [[ $3 -eq 0 ]] || failures+=("$1")
  printf -- '-- %s: %d passed, %d failed, %d skipped, %d s\n' "$1" "$2" "$3" "$4" "$((SECONDS - started))"
}

finish() {
  local name
  printf '\n'
  for name in ${failures[@]+"${failures[@]}"}; do printf 'failed: %s\n' "$name"; done
  [[ $skipped -eq 0 ]] || printf 'skipped: %d\n' "$skipped"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [[ $failed -eq 0 ]]
  exit
}

main

#!/usr/bin/env bash
# Everything CI runs, in an order that fails early where it is cheap. A step that fails does not stop the ones that do
# not need it, so one run shows all that is wrong. Nothing is skipped: what is missing is a failure.
#
# The last line is the sum over all steps, "N passed, N failed". A step counts the tests it reports, or itself as one.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

passed=0
failed=0
broken=()
rows=()
# Lines of the list at the end that one step can fill.
WHY_LINES_MAX=12
began_all=$SECONDS
log=''

finish() {
  local status=$?
  rm -f "$log"
  if [ "$status" -ne 0 ]; then
    # Reached by die or a signal: the run is not whole, and must not look so.
    failed=$((failed + 1))
    broken+=("the run stopped early")
  fi
  printf '\n%s\n' "${BOLD}Steps${OFF}"
  if [ "${#rows[@]}" -gt 0 ]; then printf '%s\n' "${rows[@]}"; fi
  printf '  %-58s %5d s\n' "all" $((SECONDS - began_all))
  local one
  if [ "${#broken[@]}" -gt 0 ]; then
    printf '\n%s\n' "${RED}Failed${OFF}"
    for one in "${broken[@]}"; do printf '  %s\n' "${one//$'\n'/$'\n'    }"; done
  fi
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  if [ "$failed" -gt 0 ]; then exit 1; fi
}
trap finish EXIT

# Reads the summary lines of the runners in use (nextest, libtest, Node's, Vitest) and prints "passed failed skipped".
tally() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    /Summary \[/ && /tests? run:/ { p += before("passed"); f += before("failed") + before("timed out"); s += before("skipped") }
    /^test result:/ { p += before("passed;"); f += before("failed;"); s += before("ignored;") }
    /^(# |ℹ )pass [0-9]+$/ { p += $NF }
    /^(# |ℹ )fail [0-9]+$/ { f += $NF }
    /^(# |ℹ )(skipped|todo) [0-9]+$/ { s += $NF }
    /^ +Tests +.*\([0-9]+\)$/ { p += before("passed"); f += before("failed"); s += before("skipped") + before("todo") }
    # The number that stands before a word of this line; 0 when the word is not there.
    function before(word,   head, parts, n, at) {
      at = index($0, " " word); if (!at) return 0
      head = substr($0, 1, at - 1); n = split(head, parts, " "); return parts[n] + 0
    }
    END { print p + 0, f + 0, s + 0 }'
}

# Which tests failed and at what, so that the end of a long output says it; the last words of a step that has no tests.
why() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk -v most="$WHY_LINES_MAX" '
    /^npm (warn|notice)/ { next }
    { sub(/ +$/, ""); if ($0 != "") last[++lines % 4] = $0 }
    # What follows a name: the fault of Vitest and Node, and where; what a panic says.
    wanted > 0 && $0 != "" { wanted--; say("  " $0); next }
    /^ +❯ (tests|src)\// && places > 0 { places--; say("  " $0); next }
    /^ FAIL / || /^(FAIL|ERROR): / || /^✖ / || /Unhandled (Rejection|Error) |Uncaught Exception / { gsub(/⎯+/, ""); if (say($0)) wanted = places = 1; next }
    /^ +(FAIL|TIMEOUT|SIGABRT|SIGSEGV|LEAK-FAIL) \[/ || /^test .* FAILED$/ || /^error(\[E[0-9]+\])?: / { say($0); next }
    /panicked at / { if (say($0)) wanted = 1 }
    function say(text) {
      gsub(/^ +| *\[ *[0-9.]+s\] *(\([ 0-9\/]+\))?/, "", text); text = substr(text, 1, 200)
      if (text in said || count >= most) return 0
      said[text]; count++; print text; return 1
    }
    END { if (count == 0) for (at = lines - 3; at <= lines; at++) if (at > 0) print substr(last[at % 4], 1, 200) }'
}

# step "name" command…: runs it, shows it, counts it.
step() {
  local name=$1 began=$SECONDS status=0 p f s verdict
  shift
  printf '\n%s\n' "${BOLD}── $name ──${OFF}"
  log=$(mktemp)
  ("$@") 2>&1 | tee "$log" || status=$?
  read -r p f s < <(tally "$log")
  if [ "$status" -eq 0 ] && [ "$f" -eq 0 ] && [ "$s" -eq 0 ]; then
    if [ "$p" -eq 0 ]; then p=1; fi
    verdict="$p passed"
  else
    if [ "$status" -eq 0 ] && [ "$s" -gt 0 ]; then printf '%s\n' "${RED}$s tests were skipped; a test that does not run is a failure${OFF}"; fi
    f=$((f + s))
    if [ "$f" -eq 0 ]; then f=1; fi
    broken+=("$name"$'\n'"$(why "$log")")
    verdict="$p passed, $f failed"
    status=1
  fi
  rm -f "$log"
  passed=$((passed + p))
  failed=$((failed + f))
  rows+=("$(printf '  %-34s %-23s %5d s' "$name" "$verdict" $((SECONDS - began)))")
  printf '%s\n' "${DIM}── $name: $verdict, $((SECONDS - began)) s${OFF}"
  return "$status"
}

# A step whose failure stops nothing else.
try() { step "$@" || true; }

page_script() { npm --prefix web run --silent "$@"; }

step "setup" scripts/setup.sh test
hash -r
CHROMIUM=$(command -v chromium)
export CHROMIUM
freshen_sources

try "format" cargo fmt --all --check
try "scripts" shellcheck --external-sources scripts/*.sh .ci/run
try "tidy" cargo run --quiet --locked -p tidy
try "dependencies and licences" cargo deny --locked --log-level error check -A duplicate bans licenses sources

if step "pages: packages" scripts/packages.sh; then
  try "pages: format, types, unit tests" page_script test
fi

# One set of release binaries serves every test that needs a real process.
built=yes
step "build: pages and release binaries" scripts/build.sh || built=no
# With the same packages as before in one build, so that nothing of them is built anew.
studio() { cargo build --release --locked -p longhouse -p swarm -p studio && cp "$CARGO_TARGET_DIR/release/studio" bin/studio; }
if [ "$built" = yes ]; then step "build: the example of a studio's server" studio || built=no; fi

try "clippy" cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
try "tests" cargo nextest run --workspace --locked --no-fail-fast --profile "$([ "${CI:-}" = true ] && echo ci || echo default)"
# A war's hash is the same in both builds: this one has the optimizer's and the other one has not.
try "a golden war in a release build" cargo test --release --locked --quiet -p sovereign --lib golden
try "documentation's examples" cargo test --workspace --doc --locked --quiet

if [ "$built" = yes ]; then
  try "API: generated requests" scripts/fuzz-api.sh
  try "settings are documented" scripts/check-settings.sh
  try "acceptance: official SDK, Node" page_script acceptance
  try "acceptance: official SDK, Chromium" page_script acceptance:chromium
  try "browser" page_script browser
  try "outside worker, Python" scripts/test-worker.sh
  try "crash: 20 kills" bin/swarm crash --kills 20
else
  failed=$((failed + 7))
  broken+=("API, settings, acceptance (twice), browser, outside worker and crash: no binaries to test")
fi

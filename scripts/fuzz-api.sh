#!/usr/bin/env bash
# Throws generated requests at every described route of a server of its own, for a bounded time: whatever comes in, no
# route fails inside, and every answer is one that the description allows. The report says how to repeat a finding.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

# Both bounds: requests for each route, and seconds over all.
EXAMPLES_MAX="${FUZZ_EXAMPLES_MAX:-30}"
SECONDS_MAX="${FUZZ_SECONDS_MAX:-200}"
READY_SECONDS_MAX=20
SERVER="${LONGHOUSE_BIN:-bin/longhouse}"
FUZZER="$TOOLS/schemathesis/bin/schemathesis"

[ -x "$SERVER" ] || die "no server to fuzz: $SERVER" "Run: make build"
[ -x "$FUZZER" ] || die "the fuzzer is missing" "Run: scripts/setup.sh test"

folder=$(mktemp -d)
server=''
finish() {
  local status=$?
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT

# Settings of whoever runs this are not the server's.
mapfile -t mine < <(compgen -e | grep '^LONGHOUSE_' || true)
for name in "${mine[@]}"; do unset "$name"; done
# There before the server is, because it is read at once.
: >"$folder/out"
"$SERVER" serve --data "$folder/data" --listen 127.0.0.1:0 >"$folder/out" 2>"$folder/log" &
server=$!
url=''
for ((tenth = 0; tenth < READY_SECONDS_MAX * 10; tenth++)); do
  url=$(sed -n 's/^longhouse ready \(http:[^ ]*\).*/\1/p' "$folder/out")
  if [ -n "$url" ]; then break; fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
if [ -z "$url" ]; then
  tail -n 20 "$folder/log" >&2
  die "the server was not ready in $READY_SECONDS_MAX s"
fi

status=0
SCHEMATHESIS_HOOKS=hooks PYTHONPATH="$ROOT/scripts/fuzz" PYTHONDONTWRITEBYTECODE=1 \
  timeout --kill-after=10 $((SECONDS_MAX + 60)) "$FUZZER" --config-file "$ROOT/scripts/fuzz/schemathesis.toml" \
  run "$url/openapi.json" --max-examples "$EXAMPLES_MAX" --max-time "$SECONDS_MAX" || status=$?

kill -0 "$server" 2>/dev/null || die "the server ended while it was fuzzed: $(tail -n 5 "$folder/log")"
if grep -q 'panicked at' "$folder/log"; then
  grep -A 3 'panicked at' "$folder/log" >&2
  die "the server panicked while it was fuzzed"
fi
[ "$status" -eq 0 ] || die "the API's answers are not what its description says (or the fuzzer failed: $status)"
say "fuzzed every route of $url for at most $SECONDS_MAX s"

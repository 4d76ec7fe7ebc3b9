#!/usr/bin/env bash
# The long form of what `make test` does briefly: KILLS kills under load, then properties with many more cases.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kills=${KILLS:-1000}
cases=${CASES:-20000}

"$ROOT/scripts/setup.sh" build test
"$ROOT/scripts/build.sh"
cd "$ROOT"
say "killing the server $kills times under load …"
bin/swarm crash --kills "$kills"
say "properties with $cases cases each …"
PROPTEST_CASES=$cases cargo nextest run --workspace --locked --release --profile soak
say "soak: $kills kills and all properties with $cases cases passed"

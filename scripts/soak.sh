#!/usr/bin/env bash
# The long form of what `make test` does briefly: KILLS kills under load, then every test ROUNDS times. Properties draw
# new cases in each round, so rounds are how they run longer; and what fails once in a hundred shows itself.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kills=${KILLS:-1000}
rounds=${ROUNDS:-100}

"$ROOT/scripts/setup.sh" build test
"$ROOT/scripts/build.sh"
cd "$ROOT"
say "killing the server $kills times under load …"
bin/swarm crash --kills "$kills"
say "all tests and properties, $rounds rounds …"
cargo nextest run --workspace --locked --release --stress-count "$rounds" --status-level fail --final-status-level fail
say "soak: $kills kills and $rounds rounds of all tests passed"

#!/usr/bin/env bash
# Measures this machine against the goals and writes docs/benchmarks.md. A quarter of an hour; keep the machine otherwise idle.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/build.sh"
cd "$ROOT"
# Fifty thousand sockets are as many open files. Where the limit may not be raised, the report says how many were held.
ulimit -n 120000 2>/dev/null || true
target=()
if [ -n "${TARGET:-}" ]; then target=(--target "$TARGET"); fi
bin/swarm bench all "${target[@]}" --report docs/benchmarks.md
say "wrote docs/benchmarks.md"

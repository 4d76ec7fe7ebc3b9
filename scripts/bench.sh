#!/usr/bin/env bash
# Measures this machine against the goals and writes docs/benchmarks.md. Half an hour; keep the machine otherwise idle.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/build.sh"
cd "$ROOT"
target=()
if [ -n "${TARGET:-}" ]; then target=(--target "$TARGET"); fi
bin/swarm bench all "${target[@]}" --report docs/benchmarks.md
say "wrote docs/benchmarks.md"

#!/usr/bin/env bash
# Measures this machine against the goals and writes docs/benchmarks.md. Twenty minutes; keep the machine otherwise idle.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/build.sh"
cd "$ROOT"
# The peer that moving players are compared with. Without it the report leaves that out.
if command -v npm >/dev/null; then (cd bench/colyseus && long "installing the peer" npm ci --ignore-scripts --no-audit --no-fund); fi
# Fifty thousand sockets are as many open files. Where the limit may not be raised, the report says how many were held.
ulimit -n 120000 2>/dev/null || true
target=()
if [ -n "${TARGET:-}" ]; then target=(--target "$TARGET"); fi
bin/swarm bench all "${target[@]}" --report docs/benchmarks.md
say "wrote docs/benchmarks.md"

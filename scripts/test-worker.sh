#!/usr/bin/env bash
# The example of an outside worker, run for real: a server, a war, workers that come and go.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

SECONDS_MAX=240
PYTHON="$TOOLS/worker-python/bin/python"
LONGHOUSE_BIN=$(realpath "${LONGHOUSE_BIN:-bin/longhouse}")
export LONGHOUSE_BIN

[ -x "$LONGHOUSE_BIN" ] || die "no server to work for: $LONGHOUSE_BIN" "Run: make build"
[ -x "$PYTHON" ] || die "what the worker is made of is missing" "Run: scripts/setup.sh test"

PYTHONDONTWRITEBYTECODE=1 timeout --kill-after=10 "$SECONDS_MAX" "$PYTHON" -W error::ResourceWarning examples/worker-python/test_worker.py

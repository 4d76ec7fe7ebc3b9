#!/usr/bin/env bash
# Everything cargo-deny knows, known weaknesses included. That database comes from the network, so `make test`,
# which must also pass without one, leaves this part out.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" audit
cd "$ROOT"
cargo deny check -A duplicate

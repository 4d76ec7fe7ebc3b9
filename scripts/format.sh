#!/usr/bin/env bash
# Formats everything that has a formatter.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" build
"$ROOT/scripts/packages.sh"
cd "$ROOT"
cargo fmt --all
npm --prefix web run format

#!/usr/bin/env bash
# Server and pages, rebuilt on change. The pages' own server stands in front and passes requests on.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" dev
"$ROOT/scripts/packages.sh"
cd "$ROOT"
exec node scripts/dev.mjs

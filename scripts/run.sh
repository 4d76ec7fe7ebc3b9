#!/usr/bin/env bash
# Builds and starts the server with its embedded store. LISTEN and DATA change where.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

listen=${LISTEN:-127.0.0.1:7350}
data=${DATA:-$ROOT/data}

"$ROOT/scripts/build.sh"

# The server says its addresses itself, when it answers there.
exec "$ROOT/bin/longhouse" serve --data "$data" --listen "$listen"

#!/usr/bin/env bash
# Installs the pages' packages and builds web/dist, which the server carries inside its binary.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/packages.sh"
cd "$ROOT/web"
long "building the pages" npm run build

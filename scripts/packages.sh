#!/usr/bin/env bash
# Installs exactly the packages of web/package-lock.json, and only when it has changed since the last time.
# No package may run a script of its own while it is installed: none of ours needs to, and one would count us.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT/web"
stamp=node_modules/.longhouse-lock
if ! cmp -s package-lock.json "$stamp"; then
  long "installing the pages' packages" npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json "$stamp"
fi

#!/usr/bin/env bash
# Installs exactly the packages of web/package-lock.json, and only when it has changed since the last time.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT/web"
stamp=node_modules/.longhouse-lock
if ! cmp -s package-lock.json "$stamp"; then
  long "installing the pages' packages" npm ci --no-audit --no-fund
  cp package-lock.json "$stamp"
fi

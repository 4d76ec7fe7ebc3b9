#!/usr/bin/env bash
# Pages, then release binaries, left as bin/longhouse and bin/swarm.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" build
"$ROOT/scripts/pages.sh"

cd "$ROOT"
freshen_sources
say "building the server and swarm (release) …"
cargo build --release --locked -p longhouse -p swarm
mkdir -p bin
# Replaced, not overwritten: a server that runs from the old file keeps it.
for name in longhouse swarm; do
  cp "$CARGO_TARGET_DIR/release/$name" "bin/.$name.new"
  mv "bin/.$name.new" "bin/$name"
done
say "built bin/longhouse and bin/swarm"

#!/usr/bin/env bash
# Pages, then release binaries, left as bin/longhouse and bin/swarm.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/scripts/setup.sh" build
"$ROOT/scripts/pages.sh"

cd "$ROOT"
freshen_sources
# The server embeds the pages when it is compiled, and Cargo does not see a file that is new among them.
pages=$(cd web/dist && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
embedded="$CARGO_TARGET_DIR/release/.pages"
if [ ! -e "$embedded" ] || [ "$(cat "$embedded")" != "$pages" ]; then
  touch crates/server/src/routes/pages.rs
fi
say "building the server and swarm (release) …"
cargo build --release --locked -p longhouse -p swarm
printf '%s' "$pages" >"$embedded"
mkdir -p bin
# Replaced, not overwritten: a server that runs from the old file keeps it.
for name in longhouse swarm; do
  cp "$CARGO_TARGET_DIR/release/$name" "bin/.$name.new"
  mv "bin/.$name.new" "bin/$name"
done
say "built bin/longhouse and bin/swarm"

#!/usr/bin/env bash
# Installs what a command needs and this machine lacks. Says nothing when all is there.
#
#   setup.sh build    a C compiler for the embedded store, Node.js and npm for the pages
#   setup.sh test     and Chromium, PostgreSQL 15 (server binaries), ShellCheck, Python, cargo-nextest, cargo-deny, schemathesis, gRPC for Python
#   setup.sh dev      the same as build
#   setup.sh audit    cargo-deny
#
# Works as root, and as a user with sudo. Changes nothing outside apt's packages and the cache directory.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

apt_wanted=()
# apt_want package: why. Gathered first, so that apt runs once.
apt_want() {
  say "needs $1: $2"
  apt_wanted+=("$1")
}

apt_run() {
  if [ "${#apt_wanted[@]}" -eq 0 ]; then return; fi
  local list="${apt_wanted[*]}"
  if ! has apt-get; then
    die "this machine has no apt-get" "Install these by its own means, then run the command again: $list"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || die "installing packages needs root" "Run as root: apt-get install --no-install-recommends $list"
    # Asks for the password now, while somebody looks, and not behind the progress line.
    sudo -v || die "sudo was refused" "Run as root: apt-get install --no-install-recommends $list"
  fi
  long "reading Debian's package lists" as_root apt-get update -q
  long "installing $list" as_root apt-get install -q -y --no-install-recommends "${apt_wanted[@]}"
  apt_wanted=()
}

need_rust() {
  if ! has cargo || ! has rustc; then
    die "Rust is missing" "Install it with rustup (https://rustup.rs), then run this again."
  fi
  local have
  have=$(rustc --version | awk '{print $2}')
  version_ge "$have" "$RUST_MIN" || die "Rust $have is too old, $RUST_MIN is needed" "Run: rustup update stable"
}

need_compiler() {
  # SQLite and the allocator are C; crates link with cc.
  has cc || apt_want build-essential "a C compiler and linker"
}

node_serves() {
  has node && has npm || return 1
  local have
  have=$(node --version 2>/dev/null) || return 1
  have=${have#v}
  # Vite's own condition: 20.19 or later, or 22.12 or later.
  case "$have" in
    21.*) return 1 ;;
    22.*) version_ge "$have" 22.12 ;;
    *) version_ge "$have" "$NODE_MIN" ;;
  esac
}

need_npm_for_node() {
  if node_serves; then return; fi
  has npm || apt_want npm "it fetches Node.js, and Debian's own is too old for the pages' tools"
}

# The npm registry carries Node's binaries as plain packages, one for each processor.
fetch_node() {
  if node_serves; then return; fi
  local machine
  case "$(uname -m)" in
    x86_64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) die "no ready Node.js for $(uname -m)" "Install Node.js $NODE_MIN or later yourself, then run this again." ;;
  esac
  mkdir -p "$TOOLS/node"
  printf '{ "private": true }\n' >"$TOOLS/node/package.json"
  long "fetching Node.js $NODE_FETCHED (this machine has $(node --version 2>/dev/null || echo none))" \
    npm install --prefix "$TOOLS/node" --no-audit --no-fund --no-update-notifier \
    "node-linux-$machine@$NODE_FETCHED" "npm@$NPM_FETCHED"
  mkdir -p "$TOOLS/node/bin"
  ln -sfn "../node_modules/node-linux-$machine/bin/node" "$TOOLS/node/bin/node"
  ln -sfn ../node_modules/npm/bin/npm-cli.js "$TOOLS/node/bin/npm"
  ln -sfn ../node_modules/npm/bin/npx-cli.js "$TOOLS/node/bin/npx"
  hash -r
  node_serves || die "the fetched Node.js does not run" "Install Node.js $NODE_MIN or later yourself, then run this again."
}

need_chromium() {
  has chromium || apt_want chromium "the browser tests"
}

need_shellcheck() {
  has shellcheck || apt_want shellcheck "these scripts are checked as well"
}

need_postgres() {
  if [ -x /usr/lib/postgresql/15/bin/postgres ]; then return; fi
  apt_want postgresql-15 "the second engine of the store's tests"
  # The tests start their own server. Without this line Debian would also make and start one for the machine.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    no_default_cluster=yes
  fi
}

keep_postgres_quiet() {
  if [ "${no_default_cluster:-}" != yes ] || ! has apt-get; then return; fi
  as_root mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/longhouse.conf >/dev/null
}

need_python() {
  if has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; then return; fi
  apt_want python3-venv "the API's fuzzer and an example are written in Python"
}

# fetch_python name requirements what: in a folder of its own, which is made again when what it is made of changes.
fetch_python() {
  local home="$TOOLS/$1" parts="$ROOT/$2"
  if cmp -s "$parts" "$home/installed.txt"; then return; fi
  rm -rf "$home"
  python3 -m venv "$home"
  long "fetching $3" \
    "$home/bin/pip" install --quiet --no-input --disable-pip-version-check --no-deps --requirement "$parts"
  cp "$parts" "$home/installed.txt"
}

# cargo_tool name version: built once into the cache. Low optimisation: it is compiled in a fraction of the time and runs
# for seconds.
cargo_tool() {
  long "building $1 $2 from crates.io (once, some minutes)" \
    env CARGO_TARGET_DIR="$CACHE/tools-target" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=true \
    cargo install "$1" --version "$2" --locked --root "$TOOLS"
  rm -rf "$CACHE/tools-target"
}

build_nextest() {
  cargo nextest --version >/dev/null 2>&1 || cargo_tool cargo-nextest "$NEXTEST_VERSION"
}

build_deny() {
  cargo deny --version >/dev/null 2>&1 || cargo_tool cargo-deny "$DENY_VERSION"
}

[ "$#" -gt 0 ] || die "say what to set up" "One or more of: build test dev audit"

for target in "$@"; do
  case "$target" in
    build | dev | test | audit) ;;
    *) die "unknown target: $target" "One or more of: build test dev audit" ;;
  esac
done

wants() {
  local one
  for one in "${targets[@]}"; do
    if [ "$one" = "$1" ]; then return 0; fi
  done
  return 1
}

targets=("$@")
need_rust
need_compiler
if wants build || wants dev || wants test; then need_npm_for_node; fi
if wants test; then
  need_chromium
  need_shellcheck
  need_python
  need_postgres
  keep_postgres_quiet
fi
apt_run
if wants build || wants dev || wants test; then fetch_node; fi
if wants test; then
  build_nextest
  fetch_python schemathesis scripts/fuzz/requirements.txt "schemathesis, the API's fuzzer"
  fetch_python worker-python examples/worker-python/requirements-test.txt "what the example of an outside worker is made of"
fi
if wants test || wants audit; then build_deny; fi

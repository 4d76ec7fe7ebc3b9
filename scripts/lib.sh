# shellcheck shell=bash
# What every script here shares: where things are, how a step is shown, and how a failure ends.
# Sourced, never run.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE="${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/longhouse"
# Tools outlive a clone: the next clone on this machine finds them built.
TOOLS="$CACHE/tools"
LOGS="$CACHE/logs"
export ROOT CACHE TOOLS LOGS

# Lowest versions of what the machine brings, and versions of what is fetched.
RUST_MIN=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")
NODE_MIN=20.19
NODE_FETCHED=22.23.3
NPM_FETCHED=10.9.4
NEXTEST_VERSION=0.9.143
DENY_VERSION=0.20.2
export RUST_MIN NODE_MIN NODE_FETCHED NPM_FETCHED NEXTEST_VERSION DENY_VERSION

# rustup writes here; a login shell may not have read it yet.
PATH="$TOOLS/node/bin:$TOOLS/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
export PATH

# CI clones anew each time, so its build goes where the next clone finds it. A developer's stays in the tree.
if [ -z "${CARGO_TARGET_DIR:-}" ]; then
  if [ "${CI:-}" = true ]; then
    CARGO_TARGET_DIR="$CACHE/target"
  else
    CARGO_TARGET_DIR="$ROOT/target"
  fi
fi
export CARGO_TARGET_DIR
# Incremental files are large, and a fresh clone cannot use them.
if [ "${CI:-}" = true ]; then export CARGO_INCREMENTAL=0; fi

if [ -t 1 ]; then BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' OFF=$'\e[0m'; else BOLD='' DIM='' RED='' OFF=''; fi
export BOLD DIM RED OFF

say() { printf '%s\n' "${BOLD}longhouse:${OFF} $*"; }

# Ends the script with what is wrong and, in the second argument, what to do about it.
die() {
  printf '%s\n' "${RED}longhouse: $1${OFF}" >&2
  if [ -n "${2:-}" ]; then printf '%s\n' "  $2" >&2; fi
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# version_ge A B: A is B or newer.
version_ge() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# long "what is done" command…: runs it quietly, shows that it lives, and shows its log only when it fails.
long() {
  local what=$1 log began pid status=0 waited=0
  shift
  mkdir -p "$LOGS"
  log=$(mktemp "$LOGS/step.XXXXXX")
  began=$SECONDS
  say "$what …"
  "$@" >"$log" 2>&1 &
  pid=$!
  # What runs in the background does not hear Ctrl-C.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    if [ -t 1 ]; then
      printf '\r\e[K%s  %4d s  %.90s%s' "$DIM" "$waited" "$(tail -n 1 "$log" | tr -cd '[:print:]')" "$OFF"
    elif [ $((waited % 20)) -eq 0 ]; then
      printf '  %4d s  %.90s\n' "$waited" "$(tail -n 1 "$log" | tr -cd '[:print:]')"
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if [ -t 1 ]; then printf '\r\e[K'; fi
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    die "failed: $what" "The whole log: $log"
  fi
  rm -f "$log"
  say "$what: done in $((SECONDS - began)) s"
}

# A shared target directory sees files of several clones under the same names, and Cargo compares times only:
# a clone that is older than another's build would be taken for built. New times make it look.
freshen_sources() {
  case "$CARGO_TARGET_DIR" in
    "$ROOT"/*) ;;
    *) find "$ROOT/crates" "$ROOT/games" -type f \( -name '*.rs' -o -name '*.toml' -o -name '*.sql' \) -exec touch {} + ;;
  esac
}

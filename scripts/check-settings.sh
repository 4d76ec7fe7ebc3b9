#!/usr/bin/env bash
# Every setting that the server knows stands in docs/configuration.md, and every one that stands there is known.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

known=$(bin/longhouse check-config | awk '
  /^\[/ { section = $0; gsub(/[][]/, "", section); section = section "."; next }
  / = / { print section $1 }' | sort)
# shellcheck disable=SC2016 # the backticks are the table's
told=$(sed -n 's/^| `\([a-z_.]*\)` |.*/\1/p' docs/configuration.md | sort)
[ -n "$known" ] || die "bin/longhouse check-config shows no settings"

missing=$(comm -23 <(echo "$known") <(echo "$told"))
gone=$(comm -13 <(echo "$known") <(echo "$told"))
if [ -n "$missing" ]; then die "not in docs/configuration.md: ${missing//$'\n'/, }" "Add a row that says what each is."; fi
if [ -n "$gone" ]; then die "in docs/configuration.md, but the server knows nothing of it: ${gone//$'\n'/, }"; fi
echo "$(wc -l <<<"$known") settings, each in docs/configuration.md"

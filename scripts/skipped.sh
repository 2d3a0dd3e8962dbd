#!/usr/bin/env bash
# Says which tests were left out, and why; where the real data is beside this checkout, none may be.
set -euo pipefail
. "$(dirname "$0")/env.sh"
[ -s "${SKIPPED:?}" ] || { echo "no test was skipped"; exit; }
echo "skipped, $(wc -l <"$SKIPPED") times:"
sort "$SKIPPED" | uniq -c
[ ! -e "$root/../shared" ] || { echo "make: nothing may be skipped where the real data is there" >&2; exit 1; }

#!/usr/bin/env bash
# Holds every lock file to deny.toml: `deny.sh` looks at where crates come from, under which licences they stand and
# which are banned; `deny.sh advisories` at known faults, where the database of them can be reached.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cd "$root"
# Not linted: cargo only describes the packages.
unset RUSTC_WORKSPACE_WRAPPER
checks=(bans licenses sources) fetched=()
if [ "${1:-}" = advisories ]; then
    if ! timeout 120 cargo deny --config deny.toml fetch db >"$tools/advisories.log" 2>&1; then
        echo "audit: advisories were NOT checked: their database cannot be reached here"
        echo "       ($tools/advisories.log has the reason)"
        exit
    fi
    checks=(advisories) fetched=(--disable-fetch)
fi
# Each package with a lock file of its own.
failed=()
while read -r lock; do
    cargo deny --workspace --locked --config deny.toml --manifest-path "$(dirname "$lock")/Cargo.toml" \
        check --hide-inclusion-graph --allow license-exception-not-encountered "${fetched[@]}" "${checks[@]}" ||
        failed+=("$lock")
done < <(find . \( -name target -o -name node_modules \) -prune -o -name Cargo.lock -print | sort)
[ ${#failed[@]} = 0 ] || { echo "deny.toml allows not all of ${failed[*]}" >&2; exit 1; }

#!/usr/bin/env bash
# `cargo xtask`, out of the same compilation as the server's: `cargo run` would compile for it alone.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cd "$root"
programs
exec "$programs/xtask" "$@"

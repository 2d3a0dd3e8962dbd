#!/usr/bin/env bash
# Trunk's last step: the icons, and the service worker with the list of everything else.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cd "$root"
host ${XTASK:-cargo xtask} precache "$TRUNK_STAGING_DIR"

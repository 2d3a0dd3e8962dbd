#!/usr/bin/env bash
# Trunk's last step: the service worker with the list of everything else.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cd "$root"
build_page precache "$TRUNK_STAGING_DIR"

#!/usr/bin/env bash
# What `cargo test` calls for each library as its `rustdoc`: before the examples in its documentation are
# run, the documentation itself is written, with no warning. `cargo doc` would check all dependencies
# once more for that.
set -euo pipefail
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
others=()
for argument in "$@"; do
    [ "$argument" = --test ] || others+=("$argument")
done
rustdoc "${others[@]}" --deny warnings --out-dir "$pages"
rustdoc "$@"

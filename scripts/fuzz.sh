#!/usr/bin/env bash
# Lets cargo-fuzz damage files for every parser and feed them to it: fuzz.sh RUNS, files for each.
# Says how many each got. Without a sanitizer, stable Rust will do; memory is counted by tests/parsers.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cd "$root"
runs=$1 sum=0
mkdir -p target/fuzz
cargo run --quiet --package parsers -- fuzz/corpus >target/fuzz/names
cargo fuzz build --sanitizer none >target/fuzz/build.log 2>&1 ||
    { echo "fuzz: the targets could not be built; target/fuzz/build.log says why" >&2; exit 1; }
while read -r name; do
    log=target/fuzz/$name.log
    # What takes too long is a fault too; what takes too much memory is told by the target itself.
    cargo fuzz run --sanitizer none "$name" -- -runs="$runs" -timeout=60 -rss_limit_mb=4096 \
        -print_final_stats=1 >"$log" 2>&1 </dev/null ||
        { echo "fuzz: $name failed; $log ends with the file that it was and how to feed it again" >&2; exit 1; }
    fed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    seconds=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")
    printf '%-16s %9d files %6d s\n' "$name" "$fed" "$seconds"
    sum=$((sum + fed))
done <target/fuzz/names
printf '%-16s %9d files\n' "all" "$sum"

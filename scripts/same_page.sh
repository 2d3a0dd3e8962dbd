#!/usr/bin/env bash
# Holds two built pages to be the same: same_page.sh FOLDER FOLDER. Hashes stand in names of files, and what
# names those files differs with them (Trunk leaves a leading zero out); Trunk notes each file's sum beside its name.
set -euo pipefail
list() (
    cd "$1"
    for file in *; do
        name=$(sed -E 's/-[0-9a-f]{15,16}([._])/-HASH\1/' <<<"$file")
        case $file in
            service-worker.js) sum=lists-the-others ;;
            index.html) sum=$(sed -E 's/-[0-9a-f]{15,16}/-HASH/g; s/ integrity="[^"]*"//g; s/(name="version") content="[^"]*"/\1/
                s/crossorigin="anonymous"//g; s/^ +//; /^$/d; s/ +>/>/g; s/ +/ /g' "$file" | sha256sum) ;;
            *) sum=$(sha256sum <"$file") ;;
        esac
        printf '%s %s\n' "$name" "${sum%% *}"
    done
)
diff <(list "$1") <(list "$2") || { echo "$2 is not the page in $1" >&2; exit 1; }
echo "both pages are the same"

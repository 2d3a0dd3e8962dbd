# shellcheck shell=bash
# Sourced by the Makefile's recipes: where the tools are, and how wasm32 is built here.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Beside the checkouts, not in one: a second clone builds no tool again.
tools=${XDG_CACHE_HOME:-$HOME/.cache}/bottleneck
export PATH="$tools/bin:$PATH"

# What `wasm COMMAND…` runs builds for wasm32: with rustup's target where it is installed, else
# with Debian's compiler, which builds the standard library from its source.
wasm() (
    export HOST_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
    export CARGO_TARGET_DIR="$root/target/wasm"
    unset RUSTFLAGS
    if ! rustup target list --installed 2>/dev/null | grep -q wasm32-unknown-unknown; then
        RUST_LLD=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld
        export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$RUST_LLD"
        export RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo PATH="$tools/debian:$PATH"
        [ -z "${RUSTC_WORKSPACE_WRAPPER:-}" ] || export RUSTC_WORKSPACE_WRAPPER=/usr/bin/clippy-driver
        export RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort
    fi
    "$@"
)

# What `host COMMAND…` runs builds for this machine, within `wasm` too.
host() (
    [ -z "${HOST_TARGET_DIR:-}" ] || export CARGO_TARGET_DIR=$HOST_TARGET_DIR
    unset RUSTC CARGO RUSTC_BOOTSTRAP CARGO_UNSTABLE_BUILD_STD
    [ -z "${RUSTC_WORKSPACE_WRAPPER:-}" ] || export RUSTC_WORKSPACE_WRAPPER=clippy-driver
    PATH=${PATH//"$tools/debian:"/}
    "$@"
)

# Compiles what is needed besides the page, all in one go, with no more than that: for other machines of a room
# the server is built with more (README).
programs() {
    host cargo build --quiet --profile setup --no-default-features \
        --package build-page --package serve --package xtask
    programs=${HOST_TARGET_DIR:-${CARGO_TARGET_DIR:-$root/target}}/setup
}

# `build_page INDEX.html FOLDER` builds a page, and adds its service worker where it is the product's;
# `build_page precache FOLDER` does that alone. `make test` has compiled the program already.
build_page() {
    local program=${BUILD_PAGE:-}
    [ -n "$program" ] || { programs && program=$programs/build-page; }
    if [ "$1" = precache ]; then
        "$program" precache "$2"
    else
        # Where the caller asks what came of it, a failure does not end this by itself.
        wasm "$program" "$1" "$2" || return
        [ "$2" != dist ] || "$program" precache "$2"
    fi
}

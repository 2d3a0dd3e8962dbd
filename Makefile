# `make run` opens the page's server, `make test` runs every test; both install what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.NOTPARALLEL:

PORT ?= 8080
RUNS ?= 100000
# Browsers that are tested in beside each other: a good part of each test is waiting.
BROWSERS ?= 2
export XTASK := scripts/xtask.sh
TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
PROGRAMS := $(TARGET)/setup
SOURCES := $(shell find src head convnet projection www engines/wonnx onnx-prepare build-page/src -name target -prune -o -type f -print) \
	Cargo.toml Cargo.lock .cargo/config.toml
HERE := . scripts/env.sh;
BACKBONES := inception_v3 efficientnet_lite0

.PHONY: help run test test-all bench demo shots bundle site data programs setup setup-browser setup-python setup-fuzz setup-tensorflow setup-peers setup-trunk setup-deny audit deny fuzz $(BACKBONES) format tests lint native e2e trunk clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The networks are made beside the page: most of that is waiting for a registry.
run: programs ## Serve the page at http://127.0.0.1:8080 (PORT=8080)
	@mkdir -p target
	models() { local status=0; for which in --light ""; do $(PROGRAMS)/xtask model $$which || status=1; done; return $$status; }
	echo "making the networks meanwhile (target/models.log)"
	models >target/models.log 2>&1 & models=$$!
	$(MAKE) --no-print-directory dist/index.html
	wait $$models || echo "make: a network could not be made; target/models.log says why"
	exec $(PROGRAMS)/serve --port $(PORT)

test: lint native e2e ## Run every test, native and in a browser
	@scripts/skipped.sh

test-all: test trunk ## The same, and what takes too long for every change

demo: setup-browser dist/index.html $(BACKBONES) ## Do the main job once without a window (DATA=FILE TRAIN=N TEST=M EPOCHS=N SEEDS=1,2,3 BACKBONE=models/NAME.json)
	@cargo run --quiet --package e2e --bin demo

shots: setup-browser dist/index.html $(BACKBONES) ## Take pictures of every view, to be looked at, into target/shots
	@cargo run --quiet --package e2e --bin shots

bundle: setup dist/index.html $(BACKBONES) ## Pack page, backbones and server into a zip file for a USB stick
	@$(XTASK) bundle

site: setup dist/index.html $(BACKBONES) ## Put the page, its backbones and licences into target/site, for any host of files
	@$(XTASK) bundle --site

fuzz: setup-fuzz ## Feed damaged files to every parser with cargo-fuzz (RUNS=N for each)
	@scripts/fuzz.sh $(RUNS)

data: ## Bring CIFAR-10 into data/, which the page then offers
	@$(XTASK) data

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

setup-peers:
	@scripts/setup.sh peers

setup-trunk:
	@scripts/setup.sh trunk

setup-deny:
	@scripts/setup.sh deny

programs: setup
	@$(HERE) echo "compiling the server and the tools (about 2 minutes the first time)"
	programs

# The task itself sees what is there already, and whether this version of the page can read it.
inception_v3:
	@$(XTASK) model

efficientnet_lite0:
	@$(XTASK) model --light

dist/index.html: $(SOURCES) | setup
	@$(HERE) echo "building the page (about 5 minutes the first time)"
	build_page www/index.html dist || { echo "make: the page could not be built" >&2; exit 1; }

# All that the tests need is compiled once, with the same features of the crates for all, and Clippy looks at
# it in that very compilation: passes of its own over the dependencies would cost a cold machine several
# minutes. The arguments are what `cargo clippy -- -D warnings` hands on.
CHECKED := test lint native e2e
$(CHECKED): export RUSTC_WORKSPACE_WRAPPER := clippy-driver
$(CHECKED): export CLIPPY_ARGS := -D__CLIPPY_HACKERY__warnings
$(CHECKED): export XTASK := $(TARGET)/debug/xtask
$(CHECKED): export BUILD_PAGE := $(TARGET)/debug/build-page
# What is left out for want of something says so there.
$(CHECKED): export SKIPPED := $(TARGET)/skipped.txt
TESTS = $(addprefix --test ,$(basename $(notdir $(wildcard $(1)))))

format:
	@cargo fmt --all --check
	cargo fmt --manifest-path engines/wonnx/Cargo.toml --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo fmt --manifest-path scripts/wasm-bindgen/Cargo.toml --check

deny: setup-deny
	@scripts/deny.sh

audit: setup-deny ## Ask for known faults of the crates, where their database can be reached
	@scripts/deny.sh advisories

# What the tests need besides is installed meanwhile: neither keeps two processors busy all the time.
tests:
	@rm -f "$$SKIPPED"
	{ scripts/setup.sh browser; scripts/setup.sh python; scripts/setup.sh deny; } & installs=$$!
	echo "compiling the tests (some minutes the first time)"
	cargo test --quiet --workspace --all-targets --no-run
	cargo build --quiet --workspace --bins
	wait $$installs

lint: format tests deny ## Look at the formatting, for what Clippy finds, at the documentation and at the crates
	@$(HERE) wasm cargo build --quiet --release --target wasm32-unknown-unknown
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps

native: tests $(BACKBONES)
	@cargo test --workspace --no-fail-fast --lib --bins $(call TESTS,tests/*.rs tests/parsers/tests/*.rs serve/tests/*.rs xtask/tests/*.rs convnet/tests/*.rs projection/tests/*.rs)
	cargo test --quiet --workspace --doc

target/bench/index.html: $(SOURCES) $(wildcard benches/page/*/* benches/page/Cargo.toml) | dist/index.html
	@$(HERE) build_page benches/page/site/index.html target/bench \
		|| { echo "make: the measuring page could not be built" >&2; exit 1; }

e2e: tests dist/index.html $(BACKBONES) target/bench/index.html
	@$(TARGET)/debug/bundle --dev
	left_out=()
	if ! command -v WebKitWebDriver >/dev/null || ! command -v Xvfb >/dev/null; then
		echo "skipped: the tests in WebKit, which is not here (below they are counted as filtered out)"
		left_out=(--skip webkit)
	fi
	cargo test --workspace --no-fail-fast --test browser -- --test-threads=$(BROWSERS) "$${left_out[@]}"

# Trunk builds the page from the same index.html: who develops with it gets the page that everybody else gets.
# Both are built here by the same compiler: what the tests have compiled has Clippy in between, and other names.
trunk: setup-trunk
	@$(HERE) echo "building the page with Trunk, and without"
	build_page www/index.html target/page && build_page precache target/page \
		|| { echo "make: the page could not be built" >&2; exit 1; }
	NO_COLOR=true wasm trunk build --release --dist target/trunk >target/trunk.log 2>&1 \
		|| { echo "make: Trunk could not build the page; target/trunk.log says why" >&2; exit 1; }
	scripts/same_page.sh target/page target/trunk

bench: setup-browser setup-tensorflow setup-peers dist/index.html target/bench/index.html inception_v3 ## Measure the store, the training of a head, its memory, the engines and the map in Chromium, beside Keras and other engines
	@$(XTASK) bench store
	$(XTASK) bench head
	$(XTASK) bench scale
	$(XTASK) bench engines
	$(XTASK) bench map

clean: ## Remove everything that was built
	rm -rf target dist engines/wonnx/target

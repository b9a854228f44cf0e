# One command each. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RECORDS ?= 2000000
# The benches in Rust are a crate outside the workspace. OpenSSL stands beside ours where its headers are.
CORE_BENCHES := --manifest-path benches/core/Cargo.toml --target-dir target \
	$(shell pkg-config --exists openssl 2>/dev/null && echo --features openssl)

.PHONY: help setup demo build test test-all lint house deny test-rust test-python test-cpython test-long test-libraries test-programs \
	test-stdlib test-windows fuzz-smoke mutants stress duplex soak bench bench-core bench-rust bench-latency bench-scale performance \
	fmt clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ferrossl needs CPython 3.11 or newer; set PYTHON=")'
	@echo "setting up $(VENV): pip, and the tools that pyproject.toml lists for development"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --group dev
	@touch $@

build: $(VENV)/.ready ## set up .venv and build ferrossl into it
	$(BIN)/maturin develop --release

demo: build ## the main job: HTTPS with Python's own server and clients over ferrossl
	$(BIN)/python examples/demo.py

setup: $(VENV)/.ready ## install what the tests need (.venv, and packages of the system's), and say what
	@scripts/setup

test: setup lint test-rust test-python test-cpython ## what every change must pass: formatting, lints, and all tests that are not long

test-all: test test-long fuzz-smoke test-programs test-libraries ## that, and what takes long: what CI runs

lint: build house ## formatting, clippy, ruff, mypy, the house's rules
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --package ferrossl --lib -- -D warnings # without the feature legacy
	cargo fmt --manifest-path benches/core/Cargo.toml --check
	cargo clippy $(CORE_BENCHES) --all-targets -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin
	$(BIN)/mypy scripts/house/*.py
	MYPYPATH=tests:python $(BIN)/mypy benches/*.py

house: $(VENV)/.ready ## do the house's rules hold? arrows, circles, sizes
	$(BIN)/python scripts/house

deny: ## licences, sources and advisories of the Rust packages (cargo-deny; the advisories need the network)
	@scripts/deny

test-rust: ## the core's tests, its documentation's examples among them
	cargo test --workspace
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

test-python: setup build ## the Python package's tests, interop included, without the long ones
	$(BIN)/pytest -m "not long" -n auto

test-long: setup build ## the Python tests that take long: gigabytes, and large samples of OpenSSL's verdicts
	$(BIN)/pytest -m long

test-cpython: build ## CPython's own test.test_ssl with ferrossl in place of ssl
	$(BIN)/python tests/stdlib/run.py

test-programs: build ## libraries and servers of PyPI over ferrossl: stood in, and side by side
	@scripts/programs-venv
	.venv-programs/bin/python tests/programs/run.py

test-libraries: build ## aiohttp's, uvicorn's and httpx' own TLS tests over ferrossl, from their sources on PyPI
	@scripts/library-suites

test-stdlib: build ## the standard library's other tests that use TLS, on every CPython found here
	@scripts/stdlib-suites

test-windows: $(VENV)/.ready ## compile for Windows and run the tests under Wine (WINDOWS_PYTHON= for Python's)
	@scripts/test-windows

stress: build ## 20,000 handshakes by 16 threads on contexts that change meanwhile
	$(BIN)/python tests/stress.py

fuzz-smoke: setup $(VENV)/.ready ## every fuzz target for a few seconds (CI); cargo-fuzz is for longer runs
	@scripts/fuzz-smoke

duplex: build ## 100 runs of full duplex under load, on ferrossl and then on ssl
	$(BIN)/python tests/duplex.py --runs 100
	-$(BIN)/python tests/duplex.py --runs 24 --module ssl

SEED ?= $(shell date +%s)
COUNT ?= 60
mutants: $(VENV)/.ready ## can the tests fail? changes COUNT= places of the core (SEED=), and counts who notices (half an hour)
	$(BIN)/python scripts/mutants --seed $(SEED) --count $(COUNT)

soak: build ## millions of records on one connection, against the scripted peer and OpenSSL (RECORDS=)
	cargo run --release --quiet -p ferrossl-testkit --example soak -- $(RECORDS)
	$(BIN)/python tests/soak.py --records $(RECORDS)

BENCH ?=
SCALE ?=
bench: build bench-core ## ferrossl beside ssl, with the limits beside both (BENCH=--quick, BENCH="--only WORD --rounds N")
	$(BIN)/python benches $(BENCH)

bench-core:
	cargo build --release --quiet $(CORE_BENCHES)

bench-rust: ## the core's benches under criterion, with throughput: beside the raw AEAD, plain rustls, OpenSSL
	cargo bench $(CORE_BENCHES)

bench-latency: build ## small exchanges over fresh connections: no cell with our end may stall
	$(BIN)/python benches/latency.py

bench-scale: build bench-core ## 1 to 16 threads in Rust and in Python, and 10,000 connections to an asyncio server (SCALE=--quick)
	$(BIN)/python benches/scale.py $(SCALE)

performance: bench bench-scale ## these two, and docs/performance.md, its JSON and its chart from their figures
	$(BIN)/python benches/page.py target/benches/bench.json target/benches/scale.json

fmt: $(VENV)/.ready ## format everything
	cargo fmt --all
	cargo fmt --manifest-path benches/core/Cargo.toml
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

clean: ## remove what was built
	cargo clean
	rm -rf fuzz/target
	rm -rf $(VENV) .venv-programs .venv-libraries .mypy_cache .ruff_cache .pytest_cache

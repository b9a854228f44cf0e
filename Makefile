# One command each. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RECORDS ?= 2000000

.PHONY: help demo test bench build peers fmt lint test-rust test-python test-cpython test-stdlib test-windows stress duplex fuzz-smoke mutants soak test-programs clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ferrossl needs CPython 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --group dev
	@touch $@

build: $(VENV)/.ready ## set up .venv and build ferrossl into it
	$(BIN)/maturin develop --release

demo: build ## the main job: HTTPS with Python's own server and clients over ferrossl
	$(BIN)/python examples/demo.py

test: lint test-rust test-python test-cpython fuzz-smoke ## everything that must pass

lint: build ## formatting, clippy, ruff, mypy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin

test-rust: ## the core's tests, its documentation's examples among them
	cargo test --workspace
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

peers: ## install the other TLS stacks that the tests talk to
	@scripts/install-peers

test-python: build peers ## the Python package's tests, interop included
	$(BIN)/pytest

test-cpython: build ## CPython's own test.test_ssl with ferrossl in place of ssl
	$(BIN)/python tests/stdlib/run.py

test-programs: build ## libraries and servers of PyPI over ferrossl: stood in, and side by side
	@scripts/programs-venv
	.venv-programs/bin/python tests/programs/run.py

test-stdlib: build ## the standard library's other tests that use TLS, on every CPython found here
	@scripts/stdlib-suites

test-windows: $(VENV)/.ready ## compile for Windows and run the tests under Wine (WINDOWS_PYTHON= for Python's)
	@scripts/test-windows

stress: build ## 20,000 handshakes by 16 threads on contexts that change meanwhile
	$(BIN)/python tests/stress.py

fuzz-smoke: $(VENV)/.ready ## every fuzz target for a few seconds (CI); cargo-fuzz is for longer runs
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

bench: build ## ferrossl beside the standard library's ssl
	$(BIN)/python benches/compare.py
	$(BIN)/python benches/latency.py
	$(BIN)/python benches/idle.py

fmt: $(VENV)/.ready ## format everything
	cargo fmt --all
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

clean: ## remove what was built
	cargo clean
	rm -rf $(VENV) .venv-programs .mypy_cache .ruff_cache .pytest_cache
